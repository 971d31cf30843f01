# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The arithmetic of periods: where one begins, how long it is, and on which day it is billed.

Plain dates in, plain dates out. A rhythm is anchored at a day, so that a month-end never drifts:
what begins on 31 January goes on on 28 February and on 31 March.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from odoo.addons.payment_charge.core.workdays import is_working_day, next_working_day

DAY, WEEK, MONTH = "day", "week", "month"
DAYS_OF = {DAY: 1, WEEK: 7}
ONE_DAY = timedelta(days=1)


def month_end(day: date) -> date:
    """Return the last day of the month that a day is in.

    >>> month_end(date(2028, 2, 10))
    datetime.date(2028, 2, 29)
    """
    return day.replace(day=monthrange(day.year, day.month)[1])


@dataclass(frozen=True)
class Rhythm:
    """Every so many days, weeks or months, counted from an anchor on which a period begins."""

    anchor: date
    unit: str = MONTH
    every: int = 1
    month_day: int = 0  # begin on that day of the month, 31 being its last; 0: the anchor's

    def __post_init__(self):
        if self.unit not in {DAY, WEEK, MONTH}:
            raise ValueError(f"unknown unit {self.unit!r}")
        if self.every < 1:
            raise ValueError("a period is at least one unit long")

    def boundary(self, place: int) -> date:
        """Return the first day of a period; the one that begins at the anchor has the place 0.

        >>> [Rhythm(date(2027, 1, 31)).boundary(n).isoformat() for n in range(3)]
        ['2027-01-31', '2027-02-28', '2027-03-31']
        >>> Rhythm(date(2027, 2, 28), month_day=31).boundary(1)
        datetime.date(2027, 3, 31)
        """
        if self.unit != MONTH:
            return self.anchor + timedelta(days=DAYS_OF[self.unit] * self.every * place)
        months = self.anchor.year * 12 + self.anchor.month - 1 + place * self.every
        year, month = divmod(months, 12)
        longest = monthrange(year, month + 1)[1]
        return date(year, month + 1, min(self.month_day or self.anchor.day, longest))

    def place_of(self, day: date) -> int:
        """Return the place of the period that a day is in.

        >>> Rhythm(date(2027, 1, 31)).place_of(date(2027, 2, 27))
        0
        """
        if self.unit != MONTH:
            return (day - self.anchor).days // (DAYS_OF[self.unit] * self.every)
        months = (day.year - self.anchor.year) * 12 + day.month - self.anchor.month
        place = months // self.every
        if self.boundary(place) > day:
            place -= 1
        elif self.boundary(place + 1) <= day:
            place += 1
        return place


@dataclass(frozen=True)
class Period:
    """Days from ``first`` to ``last``, both of them in it, within a whole period of the rhythm."""

    number: int  # the how many-th, from 1
    first: date
    last: date
    whole_first: date
    whole_last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def share(self) -> Fraction:
        """How much of the whole period it is, by days; 1 unless it is cut."""
        return Fraction(self.days, (self.whole_last - self.whole_first).days + 1)

    @property
    def is_whole(self) -> bool:
        return self.first == self.whole_first and self.last == self.whole_last

    def share_billed(
        self, *, prorate_first: bool = True, prorate_last: bool = True, since: date | None = None
    ) -> Fraction:
        """Return which share of the whole period's price is billed.

        :param prorate_first: whether a period that is cut at its beginning costs less
        :param prorate_last: the same for its end
        :param since: only from that day on, whatever is prorated; the days before were billed
        """
        begin, end = self.first, self.last
        if not prorate_first:
            begin = self.whole_first
        if not prorate_last:
            end = self.whole_last
        if since and since > self.first:
            begin = since
        if end < begin:
            return Fraction(0)
        return Fraction((end - begin).days + 1, (self.whole_last - self.whole_first).days + 1)


def periods(
    rhythm: Rhythm,
    start: date,
    end: date | None = None,
    count: int = 0,
    *,
    done: int = 0,
    until: date | None = None,
) -> Iterator[Period]:
    """Yield the periods from ``start`` on, without a gap and without an overlap.

    The first one is cut at ``start`` and the last one at ``end``, unless they begin or end there.

    :param date start: the first day to be in a period
    :param date end: the last day to be in one; none: without an end
    :param int count: so many periods at most, those that are done among them; 0: no limit
    :param int done: so many were there already
    :param date until: the last day of the last one that was there; they go on the day after
    """
    begin = max(start, until + ONE_DAY) if until else start
    place = rhythm.place_of(begin)
    number = done
    while (end is None or begin <= end) and (not count or number < count):
        number += 1
        whole_first = rhythm.boundary(place)
        whole_last = rhythm.boundary(place + 1) - ONE_DAY
        last = min(whole_last, end) if end else whole_last
        yield Period(number, begin, last, whole_first, whole_last)
        place += 1
        begin = last + ONE_DAY


def whole_of(rhythm: Rhythm, first: date, last: date, number: int = 0) -> Period:
    """Return days that were planned as a period, within the whole one that they are a part of."""
    place = rhythm.place_of(first)
    whole_first = rhythm.boundary(place)
    whole_last = rhythm.boundary(place + 1) - ONE_DAY
    return Period(number, first, last, whole_first, max(whole_last, last))


# ----------------------------------------------------------------
# THE DAY OF BILLING
# ----------------------------------------------------------------

FIRST_DAY, LAST_DAY, DAY_AFTER = "first", "last", "after"
NO_SHIFT, NEXT, PREVIOUS, NEXT_IN_MONTH = "none", "next", "previous", "next_in_month"


@dataclass(frozen=True)
class Billing:
    """On which day of a period it is billed."""

    on: str = FIRST_DAY
    offset: int = 0
    shift: str = NO_SHIFT
    weekend: frozenset[int] = frozenset((5, 6))
    target: bool = False  # closing days of the euro's payment system count as well

    def day_of(self, period: Period) -> date:
        """Return the day on which a period is billed.

        >>> june = Period(1, date(2027, 6, 1), date(2027, 6, 30), date(2027, 6, 1), date(2027, 6, 30))
        >>> Billing(offset=4, shift=NEXT).day_of(june)  # 5 June 2027 is a Saturday
        datetime.date(2027, 6, 7)
        """
        day = {
            FIRST_DAY: period.first,
            LAST_DAY: period.last,
            DAY_AFTER: period.last + ONE_DAY,
        }[self.on]
        return shifted(
            day + timedelta(days=self.offset), self.shift, self.weekend, target=self.target
        )


def shifted(day: date, shift: str, weekend: frozenset[int], *, target: bool = False) -> date:
    """Return the day itself, or the working day that stands in for it.

    >>> shifted(date(2027, 7, 31), NEXT_IN_MONTH, frozenset((5, 6)))
    datetime.date(2027, 7, 30)
    """
    if shift == NO_SHIFT or len(weekend) == 7:
        return day
    if shift in {NEXT, NEXT_IN_MONTH}:
        later = next_working_day(day, weekend, target=target)
        if shift == NEXT or later.month == day.month:
            return later
    while not is_working_day(day, weekend, target=target):
        day -= ONE_DAY
    return day
