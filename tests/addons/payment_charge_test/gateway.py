# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""The gateway behind the test provider: it keeps its own books, beside and outside the database.

Each line of its record is one event, written at once: what is killed later was recorded before.
"""

import fcntl
import json
import os
import tempfile
from collections import Counter
from pathlib import Path


class Gateway:
    """What the gateway of one database knows."""

    def __init__(self, database):
        folder = os.environ.get("CHARGE_TEST_RECORDS") or tempfile.gettempdir()
        self.path = Path(folder) / f"charge_test_{database}.jsonl"

    def forget(self):
        """Begin with empty books."""
        self.path.unlink(missing_ok=True)

    def note(self, event, reference, **facts):
        """Write an event down so that it is there whatever happens next."""
        line = json.dumps({"event": event, "reference": reference, **facts})
        record = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(record, f"{line}\n".encode())
        finally:
            os.close(record)

    def note_once(self, event, reference, **facts):
        """Write an event down unless it is there: of processes at once, one of them does."""
        with self.path.open("a") as record:
            fcntl.flock(record, fcntl.LOCK_EX)
            if not self.events(event, reference=reference):
                self.note(event, reference, **facts)

    def events(self, *kinds, **facts):
        """Return the events of some kinds that agree with some facts, in their order."""
        if not self.path.exists():
            return []
        events = [json.loads(line) for line in self.path.read_text().splitlines() if line]
        return [
            event
            for event in events
            if (not kinds or event["event"] in kinds)
            and all(event.get(key) == value for key, value in facts.items())
        ]

    def taken(self):
        """Return how often each reference was really charged."""
        return Counter(event["reference"] for event in self.events("taken"))

    def outcome(self, reference):
        """Return what became of a reference, as the gateway's own list shows it."""
        kinds = {event["event"] for event in self.events(reference=reference)}
        if kinds & {"taken", "refunded"}:
            return "done"
        if "declined" in kinds:
            return "error"
        if "pending" in kinds:
            return "pending"
        return "not_found"
