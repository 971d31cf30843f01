# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What the gateway of the test provider has really done, by its own record."""

import json
from collections import Counter


def taken(records, name):
    """Return how often each reference was really charged.

    :param records: the folder in which the gateways keep their records
    :param str name: the database
    """
    path = records / f"charge_test_{name}.jsonl"
    events = [json.loads(line) for line in path.read_text().splitlines()]
    return Counter(event["reference"] for event in events if event["event"] == "taken")
