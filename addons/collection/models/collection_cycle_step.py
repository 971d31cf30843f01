# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The contract of one step of the cycle, and the scope a step works in."""

from dataclasses import dataclass
from datetime import date

from odoo import models
from odoo.tools import SQL


@dataclass(frozen=True)
class CycleScope:
    """Which customers a step looks at, in which company, on which day.

    Customers are always given as *commercial partners*, because a branch never leaves its
    commercial partner, while the party of a document may change when branch handling does.
    Either ``partner_ids`` names them, or ``first``/``last`` bound their ids (both inclusive);
    with neither, the scope is the whole company.
    """

    company_id: int
    business_date: date
    partner_ids: tuple[int, ...] | None = None
    first: int | None = None
    last: int | None = None

    def filter(self, column: SQL) -> SQL:
        """Return a condition that restricts ``column`` (a commercial partner id) to the scope."""
        if self.partner_ids is not None:
            return SQL("%s = ANY(%s)", column, list(self.partner_ids))
        if self.first is not None:
            return SQL("%s BETWEEN %s AND %s", column, self.first, self.last)
        return SQL("TRUE")


class CollectionCycleStep(models.AbstractModel):
    """One step of the cycle.

    A step reads with :meth:`_select`, pure SQL that changes nothing (a simulation runs only
    this), and writes with :meth:`_apply`, which may be run again on the same scope without
    further effect.
    """

    _name = "collection.cycle.step"
    _description = "Step of the Collection Cycle"

    # False for a step that needs the whole company at once (balancing work over people)
    _step_by_customers = True
    # True for a step that waits until the manager has confirmed the start page
    _step_needs_live = False

    def _select(self, scope: CycleScope) -> SQL:
        """Return the statement that lists what the step would change in ``scope``."""
        raise NotImplementedError

    def _apply(self, scope: CycleScope) -> int:
        """Bring the step's tables up to date for ``scope``; return the number of rows changed."""
        raise NotImplementedError

    def _execute(self, query: SQL) -> int:
        """Run a statement that writes and return the number of rows it touched."""
        self.env.cr.execute(query)
        return self.env.cr.rowcount
