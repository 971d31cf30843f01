# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Statements of account: what a customer owes, or what moved between two days.

One section per currency. Plain Python: whoever reads the ledger hands over rows, and gets sections
that a report or a spreadsheet shows as they are. Amounts are in the currency of the section; its
``rounding`` keeps sums exact in it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from odoo.addons.collection.core.ageing import Ageing, Bucket

Rounding = Callable[[int, float], float]

# reasons why an amount is not asked for that the customer knows of
AGREED_KINDS = ("promise", "dispute", "plan", "charge", "cheque")


@dataclass(frozen=True)
class OpenRow:
    """One open item as the ledger has it; ``residual`` is negative for a credit."""

    currency: int
    name: str
    residual: float
    ref: str = ""
    kind: str = ""
    issued: date | None = None
    due: date | None = None
    original: float = 0.0
    is_credit: bool = False
    # {reason: part of the residual}: promised, disputed …
    blocked: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class OpenLine:
    """One line of an open-item statement; ``reason`` is empty for what is simply owed."""

    row: OpenRow
    amount: float
    days_late: int
    reason: str = ""


@dataclass(frozen=True)
class OpenSection:
    """What is open in one currency."""

    currency: int
    lines: tuple[OpenLine, ...]
    agreed: tuple[OpenLine, ...]
    credits: tuple[OpenLine, ...]
    ageing: tuple[tuple[Bucket, float], ...]
    total: float
    overdue: float
    total_agreed: float
    total_credits: float
    balance: float


@dataclass(frozen=True)
class Movement:
    """One posted document or payment: what it adds to the balance, or takes off."""

    currency: int
    day: date
    name: str
    amount: float
    ref: str = ""
    kind: str = ""
    due: date | None = None


@dataclass(frozen=True)
class ActivityLine:
    """A movement and the balance after it."""

    movement: Movement
    balance: float

    @property
    def debit(self) -> float:
        """What it adds to the balance."""
        return max(self.movement.amount, 0.0)

    @property
    def credit(self) -> float:
        """What it takes off the balance."""
        return max(-self.movement.amount, 0.0)


@dataclass(frozen=True)
class ActivitySection:
    """What moved in one currency between two days."""

    currency: int
    opening: float
    lines: tuple[ActivityLine, ...]
    debits: float
    credits: float
    closing: float
    # how old what is owed at the end is, and what is paid but not applied
    ageing: tuple[tuple[Bucket, float], ...]
    total_credits: float


def _per_currency(rows: Iterable) -> dict[int, list]:
    sections: dict[int, list] = {}
    for row in rows:
        sections.setdefault(row.currency, []).append(row)
    return sections


def _ordered(currencies: Iterable[int], first: int | None) -> list[int]:
    return sorted(set(currencies), key=lambda currency: (currency != first, currency))


def _days_late(row: OpenRow, today: date) -> int:
    return (today - row.due).days if row.due else 0


def _age(
    rows: Iterable[OpenRow], today: date, ageing: Ageing, rounded: Callable[[float], float]
) -> tuple[tuple[Bucket, float], ...]:
    sums = ageing.spread((_days_late(row, today), row.residual) for row in rows)
    return tuple(
        (bucket, rounded(amount)) for bucket, amount in zip(ageing.buckets, sums, strict=True)
    )


def _split(row: OpenRow, today: date, rounded: Callable[[float], float]) -> list[OpenLine]:
    """Part what is owed of an item: what is agreed on, reason by reason, and the rest."""
    late = _days_late(row, today)
    left = row.residual
    lines = []
    for reason in AGREED_KINDS:
        part = rounded(min(row.blocked.get(reason, 0.0), left))
        if part > 0:
            lines.append(OpenLine(row=row, amount=part, days_late=late, reason=reason))
            left = rounded(left - part)
    if left > 0 or not lines:
        lines.append(OpenLine(row=row, amount=left, days_late=late))
    return lines


def open_item_sections(
    rows: Iterable[OpenRow],
    today: date,
    rounding: Rounding,
    ageing: Ageing | None = None,
    first_currency: int | None = None,
) -> list[OpenSection]:
    """Return what is open, per currency, the oldest first.

    Amounts promised, disputed or otherwise agreed on stand apart, and so do credits that are not
    applied; the balance counts all.

    :param rounding: rounds an amount in a currency
    :param first_currency: the currency whose section comes first
    """
    ageing = ageing or Ageing()
    grouped = _per_currency(rows)
    sections = []
    for currency in _ordered(grouped, first_currency):
        rounded = partial(rounding, currency)
        own = sorted(grouped[currency], key=lambda row: (row.due or date.max, row.name))
        owed = [row for row in own if not row.is_credit]
        parts = [line for row in owed for line in _split(row, today, rounded)]
        lines = tuple(line for line in parts if not line.reason)
        agreed = tuple(line for line in parts if line.reason)
        credit_lines = tuple(
            OpenLine(row=row, amount=row.residual, days_late=0) for row in own if row.is_credit
        )
        total = rounded(sum(line.amount for line in lines))
        total_agreed = rounded(sum(line.amount for line in agreed))
        total_credits = rounded(sum(line.amount for line in credit_lines))
        sections.append(
            OpenSection(
                currency=currency,
                lines=lines,
                agreed=agreed,
                credits=credit_lines,
                ageing=_age(owed, today, ageing, rounded),
                total=total,
                overdue=rounded(sum(line.amount for line in lines if line.days_late > 0)),
                total_agreed=total_agreed,
                total_credits=total_credits,
                balance=rounded(total + total_agreed + total_credits),
            )
        )
    return sections


def activity_sections(
    opening: Mapping[int, float],
    movements: Iterable[Movement],
    rounding: Rounding,
    closing_rows: Iterable[OpenRow] = (),
    last_day: date | None = None,
    ageing: Ageing | None = None,
    first_currency: int | None = None,
) -> list[ActivitySection]:
    """Return what moved, per currency, with the balance after each movement.

    A currency in which nothing moved and nothing is owed has no section.

    :param opening: balance per currency before the first day
    :param closing_rows: what is open at the end of ``last_day``, for the ageing
    """
    ageing = ageing or Ageing()
    grouped = _per_currency(movements)
    closing_grouped = _per_currency(closing_rows)
    carried = [currency for currency, amount in opening.items() if rounding(currency, amount)]
    sections = []
    for currency in _ordered([*grouped, *carried], first_currency):
        rounded = partial(rounding, currency)
        start = balance = rounded(opening.get(currency, 0.0))
        lines = []
        # stable: the same day keeps the order of the ledger
        for movement in sorted(grouped.get(currency, ()), key=lambda movement: movement.day):
            balance = rounded(balance + movement.amount)
            lines.append(ActivityLine(movement=movement, balance=balance))
        open_rows = closing_grouped.get(currency, ())
        sections.append(
            ActivitySection(
                currency=currency,
                opening=start,
                lines=tuple(lines),
                debits=rounded(sum(line.debit for line in lines)),
                credits=rounded(sum(line.credit for line in lines)),
                closing=balance,
                ageing=_age(
                    [row for row in open_rows if not row.is_credit],
                    last_day or date.max,
                    ageing,
                    rounded,
                )
                if last_day
                else (),
                total_credits=rounded(sum(row.residual for row in open_rows if row.is_credit)),
            )
        )
    return sections
