# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""When a customer may be contacted: quiet hours, caps, rest after a conversation, first days.

Instants are aware datetimes; hours and days are those of the place where the contacted person is.
Results are in UTC. Caps and rests count calendar days there, so that an hour more or less (a clock change, a run that
starts later) never shifts them: "one in two days" means today and the day before.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

# a policy whose windows leave no hour within this many days lets nobody be contacted
HORIZON_DAYS = 15


@dataclass(frozen=True)
class Window:
    """Hours of a weekday (Monday is 0) in which contacts are allowed; 9.5 is half past nine."""

    weekday: int
    hour_from: float
    hour_to: float


@dataclass(frozen=True)
class Cap:
    """At most ``count`` contacts within ``days`` days, today included.

    :param channel: contacts of this channel only; ``None`` counts all
    :param per_person: counts contacts with the person alone, else with the whole customer
    """

    count: int
    days: int
    channel: str | None = None
    per_person: bool = False


@dataclass(frozen=True)
class Policy:
    """One set of limits; where several apply, all of them must be kept.

    :param windows: allowed hours; empty allows every hour
    :param first_days: no contact while the oldest overdue item is at most so many days late
    :param rest_days: no contact for so many days after a conversation
    """

    name: str
    windows: tuple[Window, ...] = ()
    caps: tuple[Cap, ...] = ()
    first_days: int = 0
    rest_days: int = 0


@dataclass(frozen=True)
class PastContact:
    """A contact that was made: when, how, with whom, and whether one really spoke.

    :param ours: we began it; others count for the rest after a conversation, not for caps
    """

    at: datetime
    channel: str
    person: Hashable = None
    conversation: bool = False
    ours: bool = True


@dataclass(frozen=True)
class Stop:
    """Why a contact may not be made now.

    :param code: ``quiet_hours``, ``cap``, ``rest`` or ``first_days``
    :param until: the first instant at which this reason is gone; ``None`` where only the ledger
        tells
    """

    code: str
    policy: Policy
    until: datetime | None
    cap: Cap | None = None


def stops(
    policies: Sequence[Policy],
    when: datetime,
    zone: tzinfo,
    channel: str,
    person: Hashable = None,
    contacts: Iterable[PastContact] = (),
    days_late: int | None = None,
) -> list[Stop]:
    """Return everything that stands against contacting a person at an instant.

    :param contacts: the contacts with the customer so far
    :param days_late: days the customer's oldest overdue item is late; ``None`` when nothing is
    """
    # in one zone, datetimes compare by what clocks show; in UTC, by when they are
    when = when.astimezone(UTC)
    contacts = list(contacts)
    found = []
    for policy in policies:
        if policy.first_days and days_late is not None and 0 < days_late <= policy.first_days:
            until = _start_of_day(when, zone, policy.first_days + 1 - days_late)
            found.append(Stop("first_days", policy, until))
        found.extend(_rest(policy, when, zone, person, contacts))
        for cap in policy.caps:
            found.extend(_capped(policy, cap, when, zone, channel, person, contacts))
        opens = next_allowed([policy], when, zone)
        if opens != when:
            found.append(Stop("quiet_hours", policy, opens))
    return found


def next_allowed(policies: Sequence[Policy], when: datetime, zone: tzinfo) -> datetime | None:
    """Return the first instant from ``when`` on that lies in the windows of every policy.

    ``None`` where there is none within :data:`HORIZON_DAYS` days.
    """
    instant = when.astimezone(UTC)
    limit = instant + timedelta(days=HORIZON_DAYS)
    while instant <= limit:
        latest = instant
        for policy in policies:
            opens = _opens(policy, instant, zone)
            if opens is None:
                return None
            latest = max(latest, opens)
        if latest == instant:
            return instant
        instant = latest
    return None


def retry_at(
    found: Sequence[Stop], policies: Sequence[Policy], when: datetime, zone: tzinfo
) -> datetime | None:
    """Return the first instant at which none of the stops stands, in allowed hours.

    ``None`` when nothing stands against it now, or no instant can be told.
    """
    if not found or any(stop.until is None for stop in found):
        return None
    return next_allowed(policies, max(stop.until for stop in found), zone)


# ----------------------------------------------------------------
# DETAILS
# ----------------------------------------------------------------


def _opens(policy, when, zone):
    """Return ``when`` if a window of the policy is open then, else when the next one opens."""
    if not policy.windows:
        return when
    local_day = when.astimezone(zone).date()
    for offset in range(HORIZON_DAYS + 1):
        day = local_day + timedelta(days=offset)
        todays = sorted(
            (window for window in policy.windows if window.weekday == day.weekday()),
            key=lambda window: window.hour_from,
        )
        for window in todays:
            begins, ends = (
                _instant(day, window.hour_from, zone),
                _instant(day, window.hour_to, zone),
            )
            if when < begins:
                return begins
            if when < ends:
                return when
    return None


def _capped(policy, cap, when, zone, channel, person, contacts):
    if cap.channel and cap.channel != channel:
        return
    today = when.astimezone(zone).date()
    first_day = today - timedelta(days=cap.days - 1)
    days = sorted(
        day
        for contact in contacts
        if contact.ours
        and (not cap.channel or contact.channel == cap.channel)
        and (not cap.per_person or contact.person == person)
        and (day := contact.at.astimezone(zone).date()) >= first_day
        and contact.at <= when
    )
    if len(days) >= cap.count:
        # with the day of the last but `count` contacts out of sight, one more fits in
        leaving = days[len(days) - cap.count]
        offset = (leaving - today).days + cap.days
        yield Stop("cap", policy, _start_of_day(when, zone, offset), cap)


def _rest(policy, when, zone, person, contacts):
    if not policy.rest_days:
        return
    spoken = [
        contact.at.astimezone(zone).date()
        for contact in contacts
        if contact.conversation and contact.person == person and contact.at <= when
    ]
    if spoken:
        offset = (max(spoken) - when.astimezone(zone).date()).days + policy.rest_days + 1
        if offset > 0:
            yield Stop("rest", policy, _start_of_day(when, zone, offset))


def _start_of_day(when, zone, offset):
    """Return midnight of the local day ``offset`` days after that of ``when``."""
    return _instant(when.astimezone(zone).date() + timedelta(days=offset), 0, zone)


def _instant(day, hour, zone):
    """Return the instant at which clocks in ``zone`` show an hour of a day; 24 is midnight."""
    minutes = round(hour * 60)
    day += timedelta(days=minutes // 1440)
    clock = time(minutes % 1440 // 60, minutes % 60)
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)
