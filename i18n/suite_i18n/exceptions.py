# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Messages for which a rule does not hold, each with its reason."""

import pathlib
import tomllib

from .rules import RULES

EXCEPTIONS_FILE = pathlib.Path(__file__).resolve().parents[1] / "exceptions.toml"
REQUIRED = {"language", "rule", "msgid", "reason"}
OPTIONAL = {"addon", "term"}


class Exceptions:
    """Remembers which of them were needed."""

    def __init__(self, rows):
        self.rows = list(rows)
        self._used = set()

    @classmethod
    def load(cls, path=EXCEPTIONS_FILE):
        return cls(tomllib.loads(path.read_text(encoding="utf-8")).get("exception", []))

    def problems(self):
        for row in self.rows:
            if missing := REQUIRED - set(row):
                yield f"an exception lacks {', '.join(sorted(missing))}: {row}"
            if unknown := set(row) - REQUIRED - OPTIONAL:
                yield f"an exception has the unknown key {', '.join(sorted(unknown))}: {row}"
            if row.get("rule") not in {*RULES, "glossary"}:
                yield f"an exception has an unknown rule: {row}"
            if not row.get("reason", "").strip():
                yield f"an exception has no reason: {row}"

    def allows(self, addon, language, rule, msgid, term=None):
        allowed = False
        for number, row in enumerate(self.rows):
            if (
                row.get("addon") in (None, addon)
                and row.get("language") in ("*", language)
                and row.get("rule") == rule
                and row.get("msgid") == msgid
                and row.get("term") in (None, term)
            ):
                self._used.add(number)
                allowed = True
        return allowed

    def unused(self):
        return [row for number, row in enumerate(self.rows) if number not in self._used]
