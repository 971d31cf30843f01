# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Ageing: how long amounts have been due, in buckets of days.

A bucket is told by the days since the due date. The boundaries are the **last** day of every
bucket but the open-ended one: ``(0, 30, 60)`` makes "not due yet" (up to and on the due date),
1 to 30, 31 to 60 and "over 60".
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

DEFAULT_BOUNDARIES = (0, 30, 60, 90, 120)


@dataclass(frozen=True)
class Bucket:
    """One bucket: days from ``low`` to ``high``, both inclusive; ``None`` is open-ended."""

    index: int
    low: int | None
    high: int | None

    @property
    def key(self) -> str:
        """A name that stays the same in every language, such as ``1_30``."""
        if self.low is None:
            return "current" if self.high == 0 else f"upto_{self.high}"
        if self.high is None:
            return f"over_{self.low - 1}"
        return f"{self.low}_{self.high}"

    def dates(self, today: date) -> tuple[date | None, date | None]:
        """Return the first and the last due date that fall in this bucket on ``today``."""
        first = None if self.high is None else date.fromordinal(today.toordinal() - self.high)
        last = None if self.low is None else date.fromordinal(today.toordinal() - self.low)
        return first, last


class Ageing:
    """Buckets between given boundaries."""

    def __init__(self, boundaries: Sequence[int] = DEFAULT_BOUNDARIES):
        """
        :param boundaries: last day of each bucket but the last, strictly increasing
        :raise ValueError: when there is no boundary or they do not increase
        """
        boundaries = tuple(boundaries)
        if not boundaries:
            raise ValueError("Ageing needs at least one boundary.")
        if any(low >= high for low, high in pairwise(boundaries)):
            raise ValueError(f"Boundaries must increase: {boundaries}")
        self.boundaries = boundaries
        lows = (None, *(boundary + 1 for boundary in boundaries))
        highs = (*boundaries, None)
        self.buckets = tuple(
            Bucket(index, low, high)
            for index, (low, high) in enumerate(zip(lows, highs, strict=True))
        )

    @property
    def thresholds(self) -> list[int]:
        """The first day of every bucket but the first, as SQL's ``width_bucket`` wants them."""
        return [boundary + 1 for boundary in self.boundaries]

    def bucket_of(self, days: int) -> Bucket:
        """Return the bucket of an amount due ``days`` ago (negative: due in the future)."""
        return self.buckets[bisect_left(self.boundaries, days)]

    def get(self, key: str) -> Bucket | None:
        """Return the bucket named ``key``."""
        return next((bucket for bucket in self.buckets if bucket.key == key), None)

    def spread(self, rows: Iterable[tuple[int, float]]) -> list[float]:
        """Sum amounts per bucket.

        :param rows: pairs of days since the due date and amount
        :return: one sum per bucket, in the order of :attr:`buckets`
        """
        sums = [0.0] * len(self.buckets)
        for days, amount in rows:
            sums[self.bucket_of(days).index] += amount
        return sums
