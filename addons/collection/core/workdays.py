# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Working days as a country counts them."""

from datetime import timedelta
from functools import cache

from babel import Locale, UnknownLocaleError

SATURDAY, SUNDAY = 5, 6


@cache
def weekend_of(country_code: str | None) -> frozenset[int]:
    """Return the days of the weekend in a country, Monday being 0.

    >>> sorted(weekend_of("GR")), sorted(weekend_of("IL")), sorted(weekend_of(None))
    ([5, 6], [4, 5], [5, 6])
    """
    try:
        locale = Locale.parse(f"und_{country_code}") if country_code else None
    except (UnknownLocaleError, ValueError):
        locale = None
    if locale is None:
        return frozenset((SATURDAY, SUNDAY))
    day, last = locale.weekend_start, locale.weekend_end
    days = {day}
    while day != last:
        day = (day + 1) % 7
        days.add(day)
    return frozenset(days)


def add_working_days(day, count: int, weekend: frozenset[int]):
    """Return the day that many working days after ``day``.

    With a count of zero a day of the weekend gives the first working day after it.

    >>> from datetime import date
    >>> friday = date(2026, 1, 2)
    >>> add_working_days(friday, 1, weekend_of("GR"))
    datetime.date(2026, 1, 5)
    >>> add_working_days(friday, 1, weekend_of("IL"))
    datetime.date(2026, 1, 4)
    >>> add_working_days(date(2026, 1, 3), 0, weekend_of("GR"))
    datetime.date(2026, 1, 5)
    """
    if count <= 0:
        while day.weekday() in weekend:
            day += timedelta(days=1)
        return day
    while count:
        day += timedelta(days=1)
        if day.weekday() not in weekend:
            count -= 1
    return day
