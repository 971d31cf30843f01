# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Why an open item is not in a case: the rule of the cases step, said in plain Python.

The nightly step asks the same questions in one SQL statement; a test holds the two together.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from math import fsum


@dataclass(frozen=True)
class Rule:
    """The company's rule for opening cases.

    ``minimum`` and all amounts are in company currency.
    """

    live: bool
    today: date
    days_late: int
    minimum: float


@dataclass(frozen=True)
class ItemFacts:
    """What the rule looks at, of one item that is in no case, and of its customer.

    ``returns``: the item was settled in a case that is completed, and is owed again; ``alone``:
    a person had opened that case, so it reopens for its own items only.
    """

    state: str
    side: str
    date_due: date
    residual: float
    blocked: float
    keep_out_until: date | None
    takes_part: bool
    held: bool
    in_scope: bool
    returns: bool = False
    alone: bool = False


def reasons_against(
    item: ItemFacts, items: Iterable[ItemFacts], rule: Rule, *, has_open_case: bool
) -> list[str]:
    """Return the codes of everything that keeps the item out of a case, gravest first.

    Codes: ``not_live``, ``settled``, ``draft``, ``cancelled``, ``credit``, ``not_participating``,
    ``out_of_scope``, ``on_hold``, ``not_late``, ``kept_out``, ``blocked``, ``below_minimum``.
    An empty list means that the next run takes the item in.

    :param items: all of the customer's items that are in no case, this one included
    :param has_open_case: the customer has an open automatic case, which needs no minimum
    """
    reasons = own_reasons_against(item, rule)
    if reasons or item.returns or has_open_case:
        return reasons
    joining = [other for other in items if not other.alone and not own_reasons_against(other, rule)]
    if any(other.returns for other in joining):
        return []
    total = fsum(other.residual - min(other.blocked, other.residual) for other in joining)
    # what binary fractions add up wrongly is far smaller than any coin
    return ["below_minimum"] if round(total, 6) < rule.minimum else []


def own_reasons_against(item: ItemFacts, rule: Rule) -> list[str]:
    """Return the codes of what keeps the item out whatever else the customer owes."""
    if item.state != "open":
        return [item.state]
    if item.side != "debit":
        return ["credit"]
    against = {
        "not_live": not rule.live,
        "not_participating": not item.takes_part,
        "out_of_scope": not item.in_scope,
        "on_hold": item.held,
        "not_late": item.date_due + timedelta(days=rule.days_late) > rule.today
        and not item.returns,
        "kept_out": bool(item.keep_out_until) and item.keep_out_until >= rule.today,
        "blocked": item.residual <= min(item.blocked, item.residual),
    }
    return [code for code, holds in against.items() if holds]
