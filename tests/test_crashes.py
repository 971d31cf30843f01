# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The night run is killed at any moment and started again: nothing is lost, nothing is twice."""

import random

import pytest

import databases
from support import state
from support.cycle_worker import CycleWorker
from support.worker import moments

MOMENTS = 50


@pytest.fixture(scope="module")
def night(evening, name_for):
    """A worker on a copy of the evening, and the night as it goes when nothing disturbs it."""
    source, day = evening
    name = name_for("crashes")
    with databases.database_copy(source, name), CycleWorker(name, day, by_cron=True) as worker:
        worker.run()  # the first one takes longer than those that follow
        databases.copy_database(source, name)
        seconds = worker.run().seconds
        with connected(name) as cursor:
            undisturbed = state.dump(cursor)
            assert not state.faults(cursor)
        assert is_over(name, day)
        yield evening, name, worker, seconds, undisturbed


def connected(name):
    return databases.connect(name).cursor()


def is_over(name, day):
    found = databases.query(
        name, "SELECT state FROM collection_cycle_run WHERE business_date = %s", day
    )
    return found == [("done",)]


@pytest.mark.parametrize("moment", moments(first=4, step=10, of=MOMENTS))
def test_a_killed_night_run_ends_as_an_undisturbed_one(night, moment):
    (source, day), name, worker, seconds, undisturbed = night
    killed, where = worker.kill_at(
        (moment + random.random()) / MOMENTS,
        seconds,
        unfinished=lambda: not is_over(name, day),
        reset=lambda: databases.copy_database(source, name),
    )
    worker.run()
    with connected(name) as cursor:
        where += f", with {len(killed.said)} chunks done"
        assert not state.faults(cursor), where
        assert not state.differences(state.dump(cursor), undisturbed), where
