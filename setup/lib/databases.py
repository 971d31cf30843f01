"""Databases and their files: make, copy, drop. Needs the variables of setup/env."""

import contextlib
import os
import pathlib
import shutil
import subprocess

import psycopg2

WORK = pathlib.Path(os.environ["ODOO_CONF"]).parent


def filestore(name):
    return WORK / "data" / "filestore" / name


def connect(name="postgres"):
    connection = psycopg2.connect(dbname=name)
    connection.autocommit = True
    return connection


def query(name, sql, *params):
    """The rows of one statement on a database."""
    with contextlib.closing(connect(name)) as connection, connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def database_names():
    return {name for (name,) in query("postgres", "SELECT datname FROM pg_database")}


def create_database(name):
    """An empty database as Odoo makes them: the trigram extension comes before any table."""
    query(
        "postgres",
        f"""CREATE DATABASE "{name}" TEMPLATE template0 ENCODING 'utf8' LC_COLLATE 'C'""",
    )
    query(name, "CREATE EXTENSION IF NOT EXISTS pg_trgm")


def copy_database(source, name):
    """A copy with its files. Nobody may be connected to the source meanwhile."""
    drop_database(name)
    query("postgres", f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
    if filestore(source).is_dir():
        shutil.copytree(filestore(source), filestore(name))


def drop_database(name):
    query("postgres", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    shutil.rmtree(filestore(name), ignore_errors=True)


@contextlib.contextmanager
def database_copy(source, name):
    """A copy for as long as the block runs."""
    copy_database(source, name)
    try:
        yield name
    finally:
        drop_database(name)


def run_odoo(name, log_path, *options):
    """Run `odoo` on a database until it ends; False when it failed. Its log is in log_path."""
    command = [
        os.environ["ODOO_BIN"],
        f"--config={os.environ['ODOO_CONF']}",
        f"--database={name}",
        f"--logfile={log_path}",
        "--no-http",
        "--stop-after-init",
        *options,
    ]
    with open(f"{log_path}.out", "w") as output:
        return subprocess.run(command, stdout=output, stderr=output, check=False).returncode == 0


def installed_modules(name):
    rows = query(name, "SELECT name FROM ir_module_module WHERE state = 'installed'")
    return {module for (module,) in rows}
