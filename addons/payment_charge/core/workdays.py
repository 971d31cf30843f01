# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Days on which a charge may go out, as a country and the euro's payment system count them."""

from datetime import date, timedelta
from functools import cache

from babel import Locale, UnknownLocaleError
from dateutil.easter import easter

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


@cache
def target_holidays(year: int) -> frozenset[date]:
    """Return the days besides weekends on which the euro's payment system is closed.

    >>> date(2026, 4, 3) in target_holidays(2026), date(2026, 12, 26) in target_holidays(2026)
    (True, True)
    """
    sunday = easter(year)
    return frozenset((
        date(year, 1, 1),
        sunday - timedelta(days=2),
        sunday + timedelta(days=1),
        date(year, 5, 1),
        date(year, 12, 25),
        date(year, 12, 26),
    ))


def is_working_day(day: date, weekend: frozenset[int], *, target: bool = False) -> bool:
    """Return whether money moves on that day.

    :param target: whether the closing days of the euro's payment system count
    """
    return day.weekday() not in weekend and not (target and day in target_holidays(day.year))


def next_working_day(day: date, weekend: frozenset[int], *, target: bool = False) -> date:
    """Return the day itself, or the first working day after it.

    >>> next_working_day(date(2026, 4, 3), weekend_of("GR"), target=True)
    datetime.date(2026, 4, 7)
    >>> next_working_day(date(2026, 1, 2), weekend_of("IL"))
    datetime.date(2026, 1, 4)
    """
    while not is_working_day(day, weekend, target=target):
        day += timedelta(days=1)
    return day
