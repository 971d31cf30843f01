"""The suite in databases: installing it, and idle templates that spare tests and benchmarks the wait.

As a command: `suite.py template` installs the suite without demo data, unless that was done for
this version already, and `suite.py copy NAME` makes a copy of that database.
"""

import contextlib
import fcntl
import hashlib
import shutil
import sys

import databases
from checks.addons import REPOSITORY, find_addons
from checks.server_log import complaints

# Work trees may share one server, so the names of their databases differ.
TREE = hashlib.sha256(str(REPOSITORY).encode()).hexdigest()[:12]


def database_name(purpose):
    return f"collection_suite_{purpose}_{TREE}"


def fingerprint():
    """Changes whenever anything that an installation reads changes."""
    digest = hashlib.sha256(str((databases.WORK / "host").resolve()).encode())
    for addon in find_addons():
        for name in sorted(addon.files("**/*")):
            if "tests" not in name.split("/") and not name.endswith((".pyc", ".pyo")):
                digest.update(name.encode())
                digest.update((addon.path / name).read_bytes())
    return digest.hexdigest()[:16]


def install(database, addons, log_path, demo=False):
    """Install add-ons into a new database; the names of those that did not get installed."""
    databases.drop_database(database)
    databases.create_database(database)
    names = [addon.name for addon in addons]
    options = [f"--init={','.join(names)}", *(["--with-demo"] if demo else [])]
    databases.run_odoo(database, log_path, *options)
    return sorted(set(names) - databases.installed_modules(database))


def template_name(demo=False):
    return database_name("template_demo" if demo else "template")


def publish_template(database, version, demo=False):
    """Turn a database into the template of a version of the suite."""
    name = template_name(demo)
    databases.drop_database(name)
    databases.query("postgres", f'ALTER DATABASE "{database}" RENAME TO "{name}"')
    if databases.filestore(database).is_dir():
        shutil.move(databases.filestore(database), databases.filestore(name))
    databases.query("postgres", f"COMMENT ON DATABASE \"{name}\" IS '{version}'")
    return name


@contextlib.contextmanager
def _one_at_a_time():
    with open(databases.WORK / "template.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def template(demo=False):
    """The name of an idle database with the suite as it is now, to be copied."""
    name = template_name(demo)
    with _one_at_a_time():
        version = fingerprint()
        note = databases.query(
            "postgres",
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            name,
        )
        if note == [(version,)]:
            return name
        new = f"{name}_new"
        log_path = databases.WORK / "log" / f"{name}.log"
        if missing := install(new, find_addons(), log_path, demo):
            print(*complaints(log_path), sep="\n")
            sys.exit(f"Not installed: {', '.join(missing)}; the log: {log_path}")
        return publish_template(new, version, demo)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["template"]:
            print(template())
        case ["copy", name]:
            databases.copy_database(template(), name)
        case _:
            sys.exit(__doc__)
