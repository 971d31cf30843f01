# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""A worker in a process of its own, to be killed anywhere or raced with.

Each kind of worker is a module of this package with two ends. A test uses its subclass of
:class:`Worker`; that runs the module as a command, which calls :func:`serve`: it loads Odoo once
and waits, and for each request it forks a process that connects to the database and does the work.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

TESTS = Path(__file__).parents[1]


def moments(first, step, of=100):
    """Return the moments at which a test kills: a handful spread over the work, or all of them.

    :param int first: the first one, where not `setup/test --long` asked for all
    :param int step: from one to the next, likewise
    """
    return range(of) if os.environ.get("COLLECTION_SUITE_LONG") == "1" else range(first, of, step)


class Outcome(NamedTuple):
    """How a piece of work ended."""

    said: list  # what the process told by `tell`, in that order
    well: bool  # whether it ended by itself, and without an error
    seconds: float  # how long it took


class Worker:
    """What a test holds of a worker; use it as a context manager.

    :param options: what :func:`serve` gets beside the name of the database
    """

    def __init__(self, database, *options):
        self.process = subprocess.Popen(
            [sys.executable, "-m", type(self).__module__, database, *map(str, options)],
            cwd=TESTS,
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

    def start(self, work="work", *, times=1, **request):
        """Begin a piece of work, and return once the process is at it.

        :param str work: which one, of those the worker knows
        :param int times: so many processes do the same at once
        :param request: what the work is given
        """
        self.process.stdin.write(json.dumps([work, times, request]) + "\n")
        self.process.stdin.flush()
        self.pid = int(self._read())
        self.started = time.monotonic()

    def kill(self):
        """Kill it as a power cut does, wherever it is."""
        with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
            os.kill(self.pid, signal.SIGKILL)
        return self.wait()

    def wait(self):
        """Return the outcome, once there is one."""
        said = []
        while not (line := self._read()).startswith("ended"):
            if line.startswith("told "):
                said.append(json.loads(line.removeprefix("told ")))
        return Outcome(said, line == "ended 0", time.monotonic() - self.started)

    def run(self, work="work", **request):
        """Do a piece of work to its end, and return the outcome."""
        self.start(work, **request)
        outcome = self.wait()
        assert outcome.well, f"{type(self).__name__}: {work} failed"
        return outcome

    def run_counted(self, work="work", **request):
        """Do a piece of work to its end, which tells last how many lines of code it ran."""
        return self.run(work, line=0, **request)

    def ask(self, work, **request):
        """Do a piece of work to its end, and return what it told last."""
        return self.run(work, **request).said[-1]

    def kill_somewhere(self, moment, undisturbed, work="work", of=100, **request):
        """Kill the work at a moment: an even one by the clock, an odd one at a line of its code.

        :param int moment: one of `of`, from the beginning to the end
        :param Outcome undisturbed: how it went by :meth:`run_counted`
        :return: when that was, in words
        """
        share = (moment + random.random()) / of
        if moment % 2:
            lines = undisturbed.said[-1]
            line = max(int(share * lines), 1)
            self.start(work, line=line, **request)
            assert not self.wait().well, "it was to be killed, and was not"
            return f"killed at line {line} of {lines}"
        # counted too: it takes as long as the undisturbed one
        self.start(work, line=0, **request)
        time.sleep(share * undisturbed.seconds)
        self.kill()
        return f"killed {share * undisturbed.seconds:.3f} s after its start"

    def kill_at(self, share, seconds, *, unfinished=lambda: True, reset=lambda: None):
        """Kill the work at a share of its time, before it ends.

        :param float share: between nothing and one
        :param float seconds: how long the work takes when nothing disturbs it
        :param unfinished: asked afterwards whether something was left to do
        :param reset: called before each try: the work may be quicker than the last time
        :return: the outcome, and when that was in words
        """
        while True:
            reset()
            self.start()
            time.sleep(share * seconds)
            outcome = self.kill()
            if not outcome.well and unfinished():
                return outcome, f"killed {share * seconds:.3f} s after its start"
            share *= 0.9  # it was quicker this time: kill it earlier


# ----------------------------------------------------------------
# THE PROCESS ITSELF
# ----------------------------------------------------------------


def say(text):
    # one system call each: lines of parent and child do not mix
    os.write(1, f"{text}\n".encode())


def tell(value):
    """Have the test know something, at once."""
    say(f"told {json.dumps(value)}")


def serve(database, works, prepare=None):
    """Be the worker: do what is asked until nobody asks any more.

    :param works: {name: function}, or the only function; gets the registry and the request
    :param prepare: called with the registry before the first request
    """
    from odoo import sql_db

    from support import host

    works = works if isinstance(works, dict) else {"work": works}
    registry = host.load(database)
    if prepare:
        prepare(registry)
    say("ready")
    while line := sys.stdin.readline():
        work, times, request = json.loads(line)
        # a connection cannot be shared by two processes
        sql_db.close_all()
        processes = [_begin(works[work], registry, request) for _one in range(times)]
        statuses = [os.waitpid(pid, 0)[1] for pid in processes]
        say(f"ended {max(statuses)}")


def _begin(work, registry, request):
    """Do a piece of work in a process of its own, and return its number."""
    pid = os.fork()
    if not pid:
        status = 1
        try:
            say(os.getpid())
            work(registry, **request)
            status = 0
        finally:
            # nothing of the parent's is to be cleaned up here
            os._exit(status)
    return pid


@contextlib.contextmanager
def environment(registry):
    """The superuser's environment in a transaction; whoever uses it commits."""
    from odoo import SUPERUSER_ID, api

    with registry.cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {})


def until(seconds, pause=0.0):
    """Yield again and again, with a pause, until the time is up.

    :raise TimeoutError: when whoever goes through it has not left by then
    """
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        yield
        time.sleep(pause)
    raise TimeoutError("the work did not end")


def count_lines(parts, fatal=None):
    """Count the lines that run in files whose path has one of these parts, and die at one of them.

    :param int fatal: the number of the line at which the process kills itself; never if 0; where
        ``None``, nothing is counted, which would make everything slower
    :return: a list whose only element is the number of lines so far
    """
    lines = [0]
    if fatal is None:
        return lines

    def on_line(_frame, event, _argument):
        if event == "line":
            lines[0] += 1
            if lines[0] == fatal:
                os.kill(os.getpid(), signal.SIGKILL)
        return on_line

    def on_call(frame, _event, _argument):
        name = frame.f_code.co_filename
        return on_line if any(part in name for part in parts) else None

    sys.settrace(on_call)
    return lines
