# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Databases for the tests across add-ons: copies of one that has the suite installed."""

import os
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "setup" / "lib"))

import databases  # noqa: E402
import suite  # noqa: E402
from support import host  # noqa: E402


@pytest.fixture(scope="session")
def long_run():
    """Whether `setup/test --long` asked for the tests that take long."""
    return os.environ.get("COLLECTION_SUITE_LONG") == "1"


@pytest.fixture(scope="session")
def suite_database():
    """The name of an idle database with the suite installed: to be copied, never changed."""
    return suite.template()


@pytest.fixture(scope="session")
def demo_database():
    """The same with the demo company."""
    return suite.template(demo=True)


def _copy(request, source):
    name = re.sub(r"\W+", "_", request.node.name)[:24].lower()
    # setup/test drops whatever begins like this
    return databases.database_copy(source, f"{suite.database_name('test')}_x_{name}")


@pytest.fixture
def database(request, suite_database):
    """The name of a copy for one test."""
    with _copy(request, suite_database) as name:
        yield name


@pytest.fixture
def demo_copy(request, demo_database):
    """The name of a copy with the demo company, for one test."""
    with _copy(request, demo_database) as name:
        yield name


@pytest.fixture
def environment(database):
    """The superuser's environment in a copy; whoever uses it may commit."""
    with host.environment(database) as env:
        yield env


@pytest.fixture(scope="session")
def name_for():
    """What to call databases that tests make themselves: setup/test drops those that are left."""
    return lambda purpose: f"{suite.database_name('test')}_x_{purpose}"


@pytest.fixture(scope="session")
def evening(suite_database, name_for):
    """An idle database on the evening before a busy night run, and the date of that night."""
    from support.evening import prepare

    with databases.database_copy(suite_database, name_for("evening")) as name:
        yield name, prepare(name)
