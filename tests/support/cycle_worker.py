# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""A worker in a process of its own that runs the nightly cycle, to be killed or raced with.

As a command: `cycle_worker.py DATABASE DATE CHUNK [--cron]` loads Odoo once and waits; for each
line it reads it forks a process that connects to the database and runs the cycle of that date in
chunks of so many customers, until the run has ended. With `--cron` the host's scheduler runs it,
which allows one worker at a time; without, it is called directly, and workers share the work.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

GIVE_UP_SECONDS = 120
CRON_SECONDS = 0.2


class CycleWorker:
    """What a test holds of a worker; use it as a context manager."""

    def __init__(self, database, day, chunk=20, *, by_cron=False):
        options = ["--cron"] if by_cron else []
        self.process = subprocess.Popen(
            [sys.executable, __file__, database, str(day), str(chunk), *options],
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
        """Begin to run the cycle, and return once the process works."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.pid = int(self._read())

    def kill(self):
        """Kill it as a power cut does, wherever it is."""
        with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
            os.kill(self.pid, signal.SIGKILL)
        return self.wait()

    def wait(self):
        """Return the chunks it has done and whether it ended by itself."""
        done = []
        while (line := self._read()).startswith("chunk"):
            done.append(int(line.split()[1]))
        return done, line == "ended 0"

    def run(self):
        """Run the cycle to its end, and return the seconds it took."""
        self.start()
        started = time.monotonic()
        _done, well = self.wait()
        assert well, "the cycle failed"
        return time.monotonic() - started


# ----------------------------------------------------------------
# THE PROCESS ITSELF
# ----------------------------------------------------------------


def say(text):
    # one system call each: lines of parent and child do not mix
    os.write(1, f"{text}\n".encode())


def serve(database, day, chunk, *options):
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from odoo import sql_db

    from support import host

    registry = host.load(database)
    prepare(registry, date.fromisoformat(day), int(chunk))
    run = run_by_cron if "--cron" in options else run_directly
    say("ready")
    while sys.stdin.readline():
        # a connection cannot be shared by two processes
        sql_db.close_all()
        pid = os.fork()
        if not pid:
            status = 1
            try:
                say(os.getpid())
                run(registry)
                status = 0
            finally:
                # nothing of the parent's is to be cleaned up here
                os._exit(status)
        _pid, status = os.waitpid(pid, 0)
        say(f"ended {status}")


def prepare(registry, day, chunk):
    """Set the company's date and the size of chunks, and have done chunks told."""
    registry["res.company"]._collection_today = lambda self: day
    registry["collection.cycle.run"]._chunk_customers = lambda self: chunk
    work = registry["collection.cycle.chunk"]._work

    def told(self):
        done = work(self)
        if done:
            self.env.cr.postcommit.add(lambda number=self.id: say(f"chunk {number}"))
        return done

    registry["collection.cycle.chunk"]._work = told


def run_by_cron(registry):
    """What the host's scheduler does as long as the server is up."""
    from odoo.addons.base.models import ir_cron

    # a night is longer than the time the host gives a job: so is this one
    ir_cron.MIN_TIME_PER_JOB = CRON_SECONDS
    for _turn in until_ended(registry):
        ir_cron.IrCron._process_jobs(registry.db_name)


def run_directly(registry):
    from odoo import SUPERUSER_ID, api

    for _turn in until_ended(registry):
        with registry.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})["collection.cycle"]._cron_run()


def until_ended(registry):
    give_up = time.monotonic() + GIVE_UP_SECONDS
    while time.monotonic() < give_up:
        yield
        with registry.cursor() as cr:
            cr.execute("SELECT state FROM collection_cycle_run ORDER BY business_date DESC LIMIT 1")
            [state] = cr.fetchone() or ["none"]
        if state == "done":
            return
        assert state != "failed", "a chunk of the cycle failed"
        time.sleep(0.02)  # the server polls too; another worker, or a dead one's locks, go first
    raise TimeoutError("the cycle did not end")


if __name__ == "__main__":
    serve(*sys.argv[1:])
