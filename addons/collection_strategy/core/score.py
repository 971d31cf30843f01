# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The reasons of a score: what is stored of them, and how they are told."""

import re
from dataclasses import dataclass
from datetime import date

PLACEHOLDER = re.compile(r"\{(days|amount|count)\}")


@dataclass(frozen=True)
class Facts:
    """What made a rule hold: since when, how much, how many.

    :param since: the due date of the oldest item it holds for
    """

    since: date | None = None
    amount: float = 0.0
    count: int = 0

    @classmethod
    def of(cls, stored):
        """Return the facts that a row stores as JSON."""
        stored = stored or {}
        since = stored.get("since")
        return cls(
            since=date.fromisoformat(since) if since else None,
            amount=float(stored.get("amount") or 0.0),
            count=int(stored.get("count") or 0),
        )

    def days(self, today):
        """Return the days since the oldest due date, negative before it."""
        return (today - self.since).days if self.since else 0


def fill(text, days, amount, count):
    """Return the words of a rule with what they hold places for.

    Anything else in braces stays as it is: the text is written by people.

    :param amount: as it is to be shown
    """
    values = {"days": str(abs(days)), "amount": str(amount), "count": str(count)}
    return PLACEHOLDER.sub(lambda match: values[match[1]], text or "")


def points_text(points):
    """Return points with their sign."""
    return f"+{points}" if points >= 0 else f"−{-points}"


def score_text(score, lines):
    """Return a score with its reasons on one line.

    :param lines: pairs of words and points
    """
    reasons = ", ".join(f"{words} {points_text(points)}" for words, points in lines)
    return f"{score}: {reasons}" if reasons else str(score)
