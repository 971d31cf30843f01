# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""A worker in a process of its own that sends planned messages, to be killed or raced with.

As a command: `sending_worker.py DATABASE` loads Odoo once and waits; for each line it reads it
forks a process that sends what is planned, as the host's scheduler would have it done.
"""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path


class SendingWorker:
    """What a test holds of a worker; use it as a context manager."""

    def __init__(self, database):
        self.process = subprocess.Popen(
            [sys.executable, __file__, database],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self):
        assert self._read() == "ready"
        return self

    def __exit__(self, *_error):
        self.process.stdin.close()
        self.process.wait()

    def _read(self):
        line = self.process.stdout.readline().strip()
        assert line, "the worker has ended"
        return line

    def start(self):
        """Begin to send, and return once the process works."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.pid = int(self._read())

    def kill(self):
        """Kill it as a power cut does, wherever it is."""
        with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
            os.kill(self.pid, signal.SIGKILL)
        return self.wait()

    def wait(self):
        """Return whether it ended by itself and well."""
        return self._read() == "ended 0"

    def run(self):
        """Send everything that is planned."""
        self.start()
        assert self.wait(), "the sending failed"


# ----------------------------------------------------------------
# THE PROCESS ITSELF
# ----------------------------------------------------------------


def say(text):
    # one system call each: lines of parent and child do not mix
    os.write(1, f"{text}\n".encode())


def serve(database):
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from odoo import SUPERUSER_ID, api, sql_db

    from support import host

    registry = host.load(database)
    say("ready")
    while sys.stdin.readline():
        # a connection cannot be shared by two processes
        sql_db.close_all()
        pid = os.fork()
        if not pid:
            status = 1
            try:
                say(os.getpid())
                with registry.cursor() as cr:
                    api.Environment(cr, SUPERUSER_ID, {})["collection.message"]._cron_send()
                status = 0
            finally:
                # nothing of the parent's is to be cleaned up here
                os._exit(status)
        _pid, status = os.waitpid(pid, 0)
        say(f"ended {status}")


if __name__ == "__main__":
    serve(*sys.argv[1:])
