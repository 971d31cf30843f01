# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The provider of the tests, and what its gateway has really done by its own record."""

import contextlib
import json
from collections import Counter

import pytest

import databases


@contextlib.contextmanager
def counting_database(source, name, records):
    """Have a copy of a database with the provider that counts what it is really asked.

    :param str source: the database to copy
    :param str name: the copy
    :param records: the folder in which the gateways keep their records
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHARGE_TEST_RECORDS", str(records))
        with databases.database_copy(source, name):
            assert databases.run_odoo(name, records / "install.log", "--init=payment_charge_test")
            yield


def taken(records, name):
    """Return how often each reference was really charged.

    :param records: the folder in which the gateways keep their records
    :param str name: the database
    """
    path = records / f"charge_test_{name}.jsonl"
    events = [json.loads(line) for line in path.read_text().splitlines()]
    return Counter(event["reference"] for event in events if event["event"] == "taken")
