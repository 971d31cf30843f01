# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""A worker in a process of its own that books paid requests, to be killed or raced with.

As a command: `request_worker.py DATABASE` loads Odoo once and waits; for each line it reads it
forks a process that does what the host's job for confirmed transactions does, until none is left.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

GIVE_UP_SECONDS = 120


class RequestWorker:
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
        """Begin to book, and return once the process works."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.pid = int(self._read())

    def kill(self):
        """Kill it as a power cut does, wherever it is; return whether it had ended by itself."""
        with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
            os.kill(self.pid, signal.SIGKILL)
        return self.wait()

    def wait(self):
        """Return whether it ended by itself and well."""
        return self._read() == "ended 0"

    def run(self):
        """Book to the end, and return the seconds it took."""
        self.start()
        started = time.monotonic()
        assert self.wait(), "booking failed"
        return time.monotonic() - started


# ----------------------------------------------------------------
# THE PROCESS ITSELF
# ----------------------------------------------------------------


def say(text):
    # one system call each: lines of parent and child do not mix
    os.write(1, f"{text}\n".encode())


def serve(database):
    sys.path.append(str(Path(__file__).parents[1]))
    from odoo import sql_db

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
                book(registry)
                status = 0
            finally:
                # nothing of the parent's is to be cleaned up here
                os._exit(status)
        _pid, status = os.waitpid(pid, 0)
        say(f"ended {status}")


def book(registry):
    """What the host's job does, again and again until every confirmed transaction is booked."""
    from odoo import SUPERUSER_ID, api

    give_up = time.monotonic() + GIVE_UP_SECONDS
    while time.monotonic() < give_up:
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            left = env["payment.transaction"].search([
                ("payment_request_id", "!=", False),
                ("state", "=", "done"),
                ("is_post_processed", "=", False),
            ])
            if not left:
                return
            left._cron_post_process()
    raise TimeoutError("booking did not end")


if __name__ == "__main__":
    serve(*sys.argv[1:])
