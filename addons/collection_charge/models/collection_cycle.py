# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models


class CollectionCycle(models.AbstractModel):
    _inherit = "collection.cycle"

    @api.model
    def _get_steps(self):
        steps = super()._get_steps()
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
