# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Why an open item is not in a case: the rule of the cases step, said in plain Python.

The nightly step asks the same questions in one SQL statement; a test holds the two together.
"""

from dataclasses import dataclass
from datetime import date, timedelta


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
    """What the rule looks at, of one item and its customer."""

    state: str
    side: str
    date_due: date
    residual: float
    blocked: float
    keep_out_until: date | None
    takes_part: bool
    held: bool
    in_scope: bool
    has_open_case: bool
    customer_total: float


def reasons_against(facts: ItemFacts, rule: Rule) -> list[str]:
    """Return the codes of everything that keeps the item out of a case, gravest first.

    Codes: ``not_live``, ``settled``, ``draft``, ``cancelled``, ``credit``, ``not_participating``,
    ``out_of_scope``, ``on_hold``, ``not_late``, ``kept_out``, ``blocked``, ``below_minimum``.
    An empty list means that the next run takes the item in.
    """
    if facts.state != "open":
        return [facts.state]
    if facts.side != "debit":
        return ["credit"]
    reasons = []
    if not rule.live:
        reasons.append("not_live")
    if not facts.takes_part:
        reasons.append("not_participating")
    if not facts.in_scope:
        reasons.append("out_of_scope")
    if facts.held:
        reasons.append("on_hold")
    if facts.date_due + timedelta(days=rule.days_late) > rule.today:
        reasons.append("not_late")
    if facts.keep_out_until and facts.keep_out_until >= rule.today:
        reasons.append("kept_out")
    if facts.residual <= facts.blocked:
        reasons.append("blocked")
    if not reasons and not facts.has_open_case and facts.customer_total < rule.minimum:
        reasons.append("below_minimum")
    return reasons
