# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What the benchmarks share: phases in processes of their own, and other add-ons beside ours."""

import configparser
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import zipfile
from contextlib import contextmanager
from pathlib import Path

# what a phase says that waits for others: before each chunk, or before it begins
NEXT = "next"


def say(text):
    print(text, file=sys.stderr, flush=True)


def open_environment(database):
    """Return a cursor and an environment of ``database``, like a server process has."""
    import odoo
    from odoo import api
    from odoo.modules.registry import Registry

    odoo.tools.config.parse_config([
        "-c",
        os.environ["ODOO_CONF"],
        "-d",
        database,
        "--log-level",
        "warn",
    ])
    # the host counts statements where it is asked to
    threading.current_thread().query_count = 0
    threading.current_thread().query_time = 0
    cr = Registry(database).cursor()
    return cr, api.Environment(cr, api.SUPERUSER_ID, {})


def peak_memory_mb():
    """Return the most that the process has held of memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def resident_mb():
    """Return what the process holds of memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1024**2


# ----------------------------------------------------------------
# PHASES, EACH IN A PROCESS OF ITS OWN SO THAT MEMORY IS ITS OWN
# ----------------------------------------------------------------


class Phases:
    """Runs the phases of a benchmark: the file itself as a command, with ``--phase``.

    :param str file: the benchmark
    :param str scale: what it is run at
    """

    def __init__(self, file, scale):
        self.file, self.scale = file, scale

    def start(self, name, database, settings=None):
        """Start a phase, and return its process.

        :param dict settings: the environment, unless that of this process
        """
        say(f"{name} …")
        options = ["--database", database, "--scale", self.scale, "--phase", name]
        return subprocess.Popen(
            [sys.executable, self.file, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=settings,
        )

    def run(self, name, database, settings=None):
        """Run a phase to its end and return its figures."""
        return self.take_turns({name: self.start(name, database, settings)})[name]

    def run_together(self, name, number, database, settings=None):
        """Run so many processes of a phase at once and return the figures of each.

        They begin together, when each has said that it is ready.
        """
        processes = [self.start(name, database, settings) for _number in range(number)]
        for process in processes:
            if process.stdout.readline().strip() != NEXT:
                sys.exit(f"the phase {name} failed")
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        return [self._figures(name, process, list(process.stdout)) for process in processes]

    @staticmethod
    def _figures(name, process, said):
        """Wait until a process has ended, and return its figures, which it has said last."""
        if process.wait():
            sys.exit(f"the phase {name} failed")
        figures = json.loads(said[-1])
        say(f"{name}: {json.dumps(figures)}")
        return figures

    def take_turns(self, running):
        """Let started phases do a chunk each in turn until all have ended; return their figures.

        :param dict running: processes by the name of their phase
        """
        said = {name: [] for name in running}

        def goes_on(name):
            """Wait until a process is at the beginning of a chunk, or has ended."""
            for line in running[name].stdout:
                if line.strip() == NEXT:
                    return True
                said[name].append(line)
            return False

        waiting = [name for name in running if goes_on(name)]
        while waiting:
            # nobody always follows the same one
            waiting.append(waiting.pop(0))
            for name in list(waiting):
                running[name].stdin.write("go\n")
                running[name].stdin.flush()
                if not goes_on(name):
                    waiting.remove(name)
        return {name: self._figures(name, process, said[name]) for name, process in running.items()}


@contextmanager
def copy_of(database, purpose):
    """The name of a copy of a database, for as long as the block runs."""
    name = f"{database}_{purpose}"
    subprocess.run(["createdb", "-T", database, name], check=True)
    try:
        yield name
    finally:
        subprocess.run(["dropdb", "--if-exists", name], check=True)


# ----------------------------------------------------------------
# ANOTHER ADD-ON
# ----------------------------------------------------------------


@contextmanager
def with_other(module, package, database):
    """Another add-on, installed in a copy of a database for as long as the block runs.

    Yields the name of the copy and the environment that finds the add-on; ``(None, None)`` where
    the package cannot be had.

    :param str package: what pip downloads
    """
    with tempfile.TemporaryDirectory(prefix="collection-benchmark-") as folder:
        addons = _fetch(module, package, folder)
        if not addons:
            yield None, None
            return
        settings = {**os.environ, "ODOO_CONF": _configuration_with(addons, folder)}
        install = ["--no-http", "--stop-after-init", "--log-level", "error", "-i", module]
        with copy_of(database, "other") as copy:
            subprocess.run(
                [os.environ["ODOO_BIN"], "-c", settings["ODOO_CONF"], "-d", copy, *install],
                check=True,
                stdout=sys.stderr,
            )
            yield copy, settings


def _fetch(module, package, folder):
    """Download an add-on into a folder; return the path of add-ons there, or nothing."""
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--dest", folder]
    got = subprocess.run(
        [sys.executable, "-m", "pip", "download", *options, package],
        check=False,
        capture_output=True,
        text=True,
    )
    wheels = list(Path(folder).glob("*.whl"))
    if got.returncode or not wheels:
        say(f"{module} cannot be had, the comparison is left out: {got.stderr.strip()}")
        return None
    with zipfile.ZipFile(wheels[0]) as wheel:
        wheel.extractall(folder)
    return str(Path(folder) / "odoo" / "addons")


def _configuration_with(addons, folder):
    """Write a copy of the server's configuration that finds further add-ons."""
    config = configparser.ConfigParser(interpolation=None)
    config.read(os.environ["ODOO_CONF"])
    config["options"]["addons_path"] += f",{addons}"
    path = Path(folder) / "odoo.conf"
    with path.open("w") as file:
        config.write(file)
    return str(path)
