# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What the demo ledger is made of, and the calendar it follows."""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta

# days of the month on which customers who pay late send out payments
PAYMENT_RUNS = (5, 12, 20, 27)
# term → parts: (share of the amount in percent, days, counted from the end of the month)
TERMS = {
    "15": ((100.0, 15, False),),
    "30": ((100.0, 30, False),),
    "60": ((100.0, 60, False),),
    "eom60": ((100.0, 60, True),),
    "thirds": ((33.33, 30, False), (33.33, 60, False), (33.34, 90, False)),
}


@dataclass(frozen=True)
class Line:
    product: str
    text: str
    quantity: int
    price: float


@dataclass(frozen=True)
class Document:
    """An invoice, or an opening balance where it has no lines but an amount."""

    key: str
    buyer: str
    party: str
    date: date
    term: str
    currency: str
    dues: tuple[tuple[date, float], ...]
    lines: tuple[Line, ...] = ()
    opening_amount: float = 0.0
    order_number: str = ""

    @property
    def amount(self):
        return self.opening_amount or round(
            sum(line.quantity * line.price for line in self.lines), 2
        )

    def share(self, instalment):
        """Return the part of the amount that an instalment (1, 2 …) is, 0 to 1."""
        return self.dues[instalment - 1][1] / 100


@dataclass(frozen=True)
class Cover:
    """What a payment or credit settles: an instalment, a share of it or (None) what is left."""

    document: str
    instalment: int
    share: float | None = None


@dataclass(frozen=True)
class Payment:
    party: str
    date: date
    currency: str
    way: str
    covers: tuple[Cover, ...] = ()
    amount: float = 0.0  # where nothing is covered: on account, or not yet due to the bank
    memo: str = ""
    bounced_on: date | None = None


@dataclass(frozen=True)
class Credit:
    document: str
    date: date
    share: float | None
    reason: str


@dataclass(frozen=True)
class WriteOff:
    party: str
    date: date
    covers: tuple[Cover, ...]
    reason: str


@dataclass(frozen=True)
class Contact:
    """Something said between us and the customer, and what follows from it.

    ``agreed`` is (date, share of what is open, way); ``following`` (activity, date, summary).
    """

    day: date
    time: tuple[int, int]
    channel: str
    direction: str
    outcome: str | None
    note: str
    minutes: int = 0
    agreed: tuple[date, float, str] | None = None
    agreed_note: str = ""
    following: tuple[str, date, str] | None = None


@dataclass(frozen=True)
class Episode:
    """A stretch of time in which a party was late: a collection case."""

    party: str
    opened: date
    closed: date | None
    covers: tuple[tuple[str, int, date], ...]  # document, instalment, the day it joined
    result: str = ""  # given by hand; empty where the ledger tells
    reason: str = ""
    contacts: tuple[Contact, ...] = ()


@dataclass
class Plan:
    today: date
    documents: list[Document] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    credits: list[Credit] = field(default_factory=list)
    write_offs: list[WriteOff] = field(default_factory=list)
    episodes: list[Episode] = field(default_factory=list)

    def closed_episodes(self):
        """Return the episodes that are over, in rounds: one per party in each round."""
        rounds = []
        nth = {}
        for episode in sorted(self.episodes, key=lambda one: (one.opened, one.party)):
            if episode.closed:
                number = nth[episode.party] = nth.get(episode.party, -1) + 1
                if number == len(rounds):
                    rounds.append([])
                rounds[number].append(episode)
        return rounds

    def open_episodes(self):
        return [episode for episode in self.episodes if not episode.closed]


# ------------------------------------------------------------
# DATES
# ------------------------------------------------------------


def months_before(day, months):
    """Return the first of the month ``months`` months before ``day``."""
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def dues_of(day, term):
    """Return the instalments of a document of ``day``: (due date, share in percent)."""
    end_of_month = day.replace(day=monthrange(day.year, day.month)[1])
    return tuple(
        ((end_of_month if from_end else day) + timedelta(days=days), share)
        for share, days, from_end in TERMS[term]
    )


def working_day(day, party):
    """Return ``day`` or the first working day after it, as the country of the party counts."""
    weekend = (4, 5) if party.startswith("il_") else (5, 6)
    while day.weekday() in weekend:
        day += timedelta(days=1)
    return day


def payment_run(day):
    """Return the first day on or after ``day`` on which payments are sent out."""
    while day.day not in PAYMENT_RUNS:
        day += timedelta(days=1)
    return day
