# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What follows a failed charge: another try on a day, another way to charge, or a stop with reason.

Plain facts in, one decision out; nothing here knows a database.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from .workdays import next_working_day

SOFT, HARD, NEVER, PERSON = "soft", "hard", "never", "person"
REASON_CLASSES = (SOFT, HARD, NEVER, PERSON)
# classes after which the same way is not tried again for the same document
ENDING = frozenset((HARD, NEVER))

AT_ONCE, AT_THE_END, NOT_AT_ALL = "at_once", "at_the_end", "not_at_all"


@dataclass(frozen=True)
class Schedule:
    """How a class of reasons is tried again: so many days after one failure the next try."""

    gaps: tuple[int, ...] = ()
    window_days: int = 0  # counted from the first try of the chain; 0: no limit
    working_days: bool = False
    target: bool = False  # closing days of the euro's payment system
    next_way: str = AT_THE_END


@dataclass(frozen=True)
class Cap:
    """A network's or bank scheme's own limit: so many failed tries within so many hours."""

    tries: int
    hours: int


@dataclass(frozen=True)
class Try:
    """One failed try of the chain."""

    when: datetime
    way: Hashable


@dataclass(frozen=True)
class Situation:
    """Everything that decides what follows a failure."""

    today: date
    reason_class: str
    tries: Sequence[Try]  # of this chain, the latest last
    ways: Sequence[Hashable] = ()  # in force today, in order of preference
    barred: frozenset = frozenset()  # ways that ended earlier in this chain
    schedule: Schedule = field(default_factory=Schedule)
    caps: Sequence[Cap] = ()
    # failed tries on the same card or account, for whichever document
    same_card: Sequence[datetime] = ()
    weekend: frozenset[int] = frozenset((5, 6))
    stop: str = ""  # what makes any further try pointless: paid, cancelled, held, by_hand


@dataclass(frozen=True)
class Decision:
    """What to do: ``retry`` the way, take the ``next_way``, ask a ``person``, or ``stop``."""

    step: str
    why: str
    on: date | None = None
    way: Hashable = None


def first_free_moment(
    caps: Sequence[Cap], failures: Sequence[datetime], moment: datetime
) -> datetime:
    """Return the earliest moment, not before ``moment``, at which no cap forbids another try.

    >>> noon = datetime(2026, 1, 1, 12)
    >>> first_free_moment([Cap(2, 24)], [noon, noon + timedelta(hours=1)], noon)
    datetime.datetime(2026, 1, 2, 12, 0)
    """
    free = moment
    settled = False
    while not settled:
        settled = True
        for cap in caps:
            since = free - timedelta(hours=cap.hours)
            within = sorted(when for when in failures if when > since)
            if len(within) >= max(cap.tries, 1):
                # as soon as the oldest ones that are too many have left the window
                leaving = within[len(within) - max(cap.tries, 1)]
                free = leaving + timedelta(hours=cap.hours)
                settled = False
    return free


def first_free_day(caps: Sequence[Cap], failures: Sequence[datetime], day: date) -> date:
    """Return the first day, not before ``day``, on which no cap forbids a try at any hour."""
    start = datetime.combine(day, datetime.min.time())
    free = first_free_moment(caps, failures, start)
    if free > start and free.time() != datetime.min.time():
        return free.date() + timedelta(days=1)
    return free.date()


def decide(situation: Situation) -> Decision:
    """Return what follows the latest failure of the chain."""
    if situation.stop:
        return Decision("stop", situation.stop)
    if situation.reason_class == PERSON:
        return Decision("person", "needs_person")
    latest = situation.tries[-1]
    barred = set(situation.barred)
    if situation.reason_class in ENDING:
        barred.add(latest.way)
        return _next_way(situation, barred) or Decision("stop", situation.reason_class)
    return _after_soft(situation, latest, barred)


def _after_soft(situation, latest, barred):
    if situation.schedule.next_way == AT_ONCE:
        untried = _next_way(situation, barred | {one.way for one in situation.tries})
        if untried:
            return untried
    decision, why = _same_way(situation, latest, barred)
    if decision:
        return decision
    if situation.schedule.next_way == NOT_AT_ALL:
        return Decision("stop", why)
    # a way that had its tries does not get them again
    return _next_way(situation, barred | {one.way for one in situation.tries}) or Decision(
        "stop", why
    )


def _same_way(situation, latest, barred):
    """Return the next try by the same way, or why there is none."""
    schedule = situation.schedule
    if latest.way in barred or latest.way not in situation.ways:
        return None, "way_ended"
    on_this_way = [one for one in situation.tries if one.way == latest.way]
    if len(on_this_way) > len(schedule.gaps):
        return None, "exhausted" if schedule.gaps else "no_schedule"
    day = latest.when.date() + timedelta(days=schedule.gaps[len(on_this_way) - 1])
    day = _open_day(situation, max(day, situation.today))
    day = _open_day(situation, first_free_day(situation.caps, situation.same_card, day))
    last = situation.tries[0].when.date() + timedelta(days=schedule.window_days)
    if schedule.window_days and day > last:
        return None, "window"
    return Decision("retry", "schedule", day, latest.way), ""


def _next_way(situation, barred):
    if situation.schedule.next_way == NOT_AT_ALL:
        return None
    for way in situation.ways:
        if way not in barred:
            return Decision("next_way", "fallback", _open_day(situation, situation.today), way)
    return None


def _open_day(situation, day):
    schedule = situation.schedule
    if not schedule.working_days:
        return day
    return next_working_day(day, situation.weekend, target=schedule.target)
