# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What a line costs on a day: by dated prices, by an index, by a yearly increase."""

from collections.abc import Sequence
from datetime import date


def dated(rows: Sequence[tuple[date, float]], day: date, default: float) -> float:
    """Return the price in force on a day: the latest that is not later.

    >>> dated([(date(2027, 7, 1), 12.0), (date(2027, 1, 1), 10.0)], date(2027, 8, 1), 9.0)
    12.0
    >>> dated([(date(2027, 7, 1), 12.0)], date(2027, 6, 30), 9.0)
    9.0
    """
    valid = [row for row in rows if row[0] <= day]
    return max(valid)[1] if valid else default


def index_factor(rows: Sequence[tuple[date, float]], base: date, day: date) -> float:
    """Return by what an index multiplies a price that was agreed on a base day.

    Before the first value known there is no change.

    >>> index_factor([(date(2027, 1, 1), 100.0), (date(2027, 7, 1), 103.0)], date(2027, 2, 1),
    ...              date(2027, 9, 1))
    1.03
    """
    before, now = dated(rows, base, 0.0), dated(rows, day, 0.0)
    return now / before if before and now else 1.0


def increase_factor(percent: float, months: int, start: date, day: date) -> float:
    """Return by what a regular increase has multiplied a price since the start.

    >>> increase_factor(10.0, 12, date(2027, 3, 1), date(2029, 2, 28))
    1.1
    """
    if not percent or months < 1 or day < start:
        return 1.0
    gone = (day.year - start.year) * 12 + day.month - start.month - (day.day < start.day)
    return (1 + percent / 100.0) ** (max(gone, 0) // months)
