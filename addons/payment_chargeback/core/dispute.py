# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""What a provider says of a disputed charge, and what is true when several reports are put together.

Reports come twice, late and in any order. Whatever the order, the same reports make the same truth.
"""

from dataclasses import asdict, dataclass, replace
from datetime import datetime

# an alert says that a dispute may come, an inquiry asks before any money moves
KINDS = ("alert", "inquiry", "chargeback")
# of two reports of the same second, the one further on is the later one
RANK = {"warning": 0, "open": 1, "submitted": 2, "closed": 3, "won": 3, "partly": 3, "lost": 3}
LIVE = ("warning", "open", "submitted")
FINAL = ("closed", "won", "partly", "lost")
_TIES = ("warning", "open", "submitted", "closed", "won", "partly", "lost")


@dataclass(frozen=True)
class Report:
    """One report of a provider about one dispute.

    Amounts are in units of ``currency`` (the fee in units of ``fee_currency``), all of them totals
    since the dispute began; ``None`` where the report does not say.
    """

    reference: str
    happened: datetime
    kind: str
    status: str
    payment_reference: str = ""
    amount: float | None = None
    currency: str = ""
    reason: str = ""
    reason_text: str = ""
    due_by: datetime | None = None
    withdrawn: float | None = None
    reinstated: float | None = None
    fee: float | None = None
    fee_currency: str = ""
    # how much the report contains: of two reports alike the fuller one is the later one
    weight: int = 0

    def as_json(self):
        """Return the report as a dictionary that can be stored."""
        return _plain(asdict(self))

    @classmethod
    def from_json(cls, values):
        """Return the report that :meth:`as_json` stored."""
        return cls(**_rich(values))


@dataclass(frozen=True)
class Truth:
    """What all reports of a dispute so far come to."""

    kind: str = "alert"
    status: str = ""
    happened: datetime | None = None
    weight: int = 0
    due_by: datetime | None = None
    withdrawn: float | None = None
    reinstated: float | None = None
    fee: float | None = None
    fee_currency: str = ""
    fee_said: datetime | None = None
    fee_weight: int = 0

    def as_json(self):
        """Return it as a dictionary that can be stored."""
        return _plain(asdict(self))

    @classmethod
    def from_json(cls, values):
        """Return what :meth:`as_json` stored; nothing is known where nothing was."""
        return cls(**_rich(values or {}))


def is_newer(truth, report):
    """Tell whether a report is at least as new as all that is known."""
    if truth.happened is None:
        return True
    return _key(report) >= _key(truth)


def merge(truth, report):
    """Return what is true with one more report.

    The newest report says the status and the deadline, the newest that tells of a fee the fee.
    Money that went or came stays so, whichever report told of it, and a chargeback never becomes a
    mere inquiry again.
    """
    merged = replace(
        truth,
        kind=max(truth.kind, report.kind, key=KINDS.index),
        withdrawn=_most(truth.withdrawn, report.withdrawn),
        reinstated=_most(truth.reinstated, report.reinstated),
    )
    if report.fee is not None and (
        truth.fee_said is None
        or (report.happened, report.weight, report.fee)
        >= (truth.fee_said, truth.fee_weight, truth.fee)
    ):
        merged = replace(
            merged,
            fee=report.fee,
            fee_currency=report.fee_currency,
            fee_said=report.happened,
            fee_weight=report.weight,
        )
    if not is_newer(truth, report):
        return merged
    return replace(
        merged,
        status=report.status,
        happened=report.happened,
        weight=report.weight,
        due_by=report.due_by,
    )


def targets(kind, state, amount, withdrawn, reinstated):
    """Return how much should be booked as taken away, and as given back.

    :param str state: where the dispute stands, one of :data:`RANK`
    :param float amount: what is disputed
    :param withdrawn: what the provider took so far, ``None`` where it did not say
    :param reinstated: what it gave back so far, likewise
    """
    if withdrawn is None or (state == "lost" and not withdrawn):
        # a chargeback takes the money when it opens, an inquiry only when it is lost
        withdrawn = amount if kind == "chargeback" or state == "lost" else 0.0
    if state == "won" and not reinstated:
        reinstated = withdrawn
    return withdrawn, min(reinstated or 0.0, withdrawn)


def outcome(status, amount, withdrawn, reinstated, compare):
    """Return the state that a status stands for, given the money: part of it back is a part won.

    :param compare: compares two amounts, giving a negative number, zero or a positive one
    """
    if status not in {"won", "lost"} or not withdrawn or not reinstated:
        return status
    missing = withdrawn - reinstated
    if compare(missing, 0.0) <= 0:
        return "won"
    return "lost" if compare(missing, amount) >= 0 else "partly"


def _key(one):
    return (one.happened, RANK[one.status], one.weight, _TIES.index(one.status))


def _most(*amounts):
    known = [amount for amount in amounts if amount is not None]
    return max(known) if known else None


def _plain(values):
    return {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key, value in values.items()
    }


def _rich(values):
    return {
        key: datetime.fromisoformat(value)
        if key in {"happened", "due_by", "fee_said"} and value is not None
        else value
        for key, value in values.items()
    }
