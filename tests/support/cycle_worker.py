# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""A worker that runs the nightly cycle of a date, in chunks of so many customers.

By cron, the host's scheduler runs it, which allows one worker at a time; else it is called
directly, and workers share the work.
"""

import sys
from datetime import date
from functools import partial

from support.worker import Worker, environment, serve, tell, until

GIVE_UP_SECONDS = 120
CRON_SECONDS = 0.2


class CycleWorker(Worker):
    """Runs the cycle until the run has ended; tells the number of each chunk it has done."""

    def __init__(self, database, day, chunk=20, *, by_cron=False):
        super().__init__(database, day, chunk, "cron" if by_cron else "direct")


def prepare(registry, day, chunk):
    """Set the company's date and the size of chunks, and have done chunks told."""
    registry["res.company"]._collection_today = lambda self: day
    registry["collection.cycle.run"]._chunk_customers = lambda self: chunk
    work = registry["collection.cycle.chunk"]._work

    def told(self):
        done = work(self)
        if done:
            self.env.cr.postcommit.add(partial(tell, self.id))
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
    for _turn in until_ended(registry):
        with environment(registry) as env:
            env["collection.cycle"]._cron_run()


def until_ended(registry):
    """Yield until the newest run has ended."""
    # the server polls too; another worker, or a dead one's locks, go first
    for _turn in until(GIVE_UP_SECONDS, pause=0.02):
        yield
        with registry.cursor() as cr:
            cr.execute("SELECT state FROM collection_cycle_run ORDER BY business_date DESC LIMIT 1")
            [state] = cr.fetchone() or ["none"]
        if state == "done":
            return
        assert state != "failed", "a chunk of the cycle failed"


if __name__ == "__main__":
    database, day, chunk, way = sys.argv[1:]
    serve(
        database,
        run_by_cron if way == "cron" else run_directly,
        partial(prepare, day=date.fromisoformat(day), chunk=int(chunk)),
    )
