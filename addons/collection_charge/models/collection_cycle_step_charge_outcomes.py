# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Charges that brought nothing → cases: the items join or open one, and its history says why."""

from odoo import models
from odoo.tools import SQL

from odoo.addons.collection.models.collection_cycle_step import CycleScope


class CollectionCycleStepChargeOutcomes(models.AbstractModel):
    _name = "collection.cycle.step.charge.outcomes"
    _inherit = "collection.cycle.step"
    _description = "Cycle: Failed Charges to Cases"

    def _select(self, scope: CycleScope) -> SQL:
        """List the outcomes that no case knows yet, of charges of which all else is done."""
        return SQL(
            """
            SELECT transition.id
              FROM payment_charge_transition transition
              JOIN payment_charge_attempt attempt ON attempt.id = transition.attempt_id
             WHERE transition.collection_pending
               AND attempt.finished IS TRUE
               AND attempt.company_id = %(company)s
               AND %(in_scope)s
          ORDER BY transition.id
            """,
            company=scope.company_id,
            in_scope=scope.filter(SQL.identifier("attempt", "partner_id")),
        )

    def _apply(self, scope: CycleScope) -> int:
        rows = self.env.execute_query(self._select(scope))
        if not rows:
            return 0
        # the steps before have written by SQL
        self.env.invalidate_all()
        outcomes = self.env["payment.charge.transition"].browse([row_id for (row_id,) in rows])
        # the customers are being computed: no need to note them once more
        Case = self.env["collection.case"].with_context(collection_no_touch=True)
        Case._follow_charges(outcomes.attempt_id)
        outcomes.collection_pending = False
        self.env.flush_all()
        return len(outcomes)
