# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models
from odoo.tools import SQL


class CollectionCycle(models.AbstractModel):
    _inherit = "collection.cycle"

    @api.model
    def _get_steps(self):
        steps = super()._get_steps()
        # what an amount without a document turned into is in the ledger
        debts = steps.index("collection.cycle.step.items") + 1
        steps.insert(debts, "collection.cycle.step.charge.debts")
        # what is blocked is not put in a case by a rule
        blocks = steps.index("collection.cycle.step.postdated") + 1
        steps.insert(blocks, "collection.cycle.step.charges")
        # cases that the rule has just reopened are told; the totals follow
        outcomes = steps.index("collection.cycle.step.cases") + 1
        steps.insert(outcomes, "collection.cycle.step.charge.outcomes")
        return steps

    @api.model
    def _joined_models(self):
        return [
            *super()._joined_models(),
            "payment.charge.attempt",
            "payment.charge.document",
            "payment.charge.transition",
        ]

    def _touched_customers(self, touched):
        """A charge without a document may have failed for a customer with nothing in the ledger."""
        customers = super()._touched_customers(touched)
        if not touched["partners"]:
            return customers
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT attempt.company_id, attempt.partner_id
                  FROM payment_charge_transition transition
                  JOIN payment_charge_attempt attempt ON attempt.id = transition.attempt_id
                  JOIN res_partner partner ON partner.id = ANY(%s)
                   AND partner.commercial_partner_id = attempt.partner_id
                 WHERE transition.collection_pending
                """,
                list(touched["partners"]),
            )
        )
        for company_id, partner_id in rows:
            known = customers.setdefault(company_id, [])
            if partner_id not in known:
                known.append(partner_id)
        return customers
