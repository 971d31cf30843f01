# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models


class CollectionCycle(models.AbstractModel):
    _inherit = "collection.cycle"

    @api.model
    def _get_steps(self):
        return [
            *super()._get_steps(),
            "collection.cycle.step.strategy",
            "collection.cycle.step.score",
            "collection.cycle.step.actions",
            "collection.cycle.step.sources",
        ]

    @api.model
    def _joined_models(self):
        return [
            *super()._joined_models(),
            "collection.action",
            "collection.action.item",
            "collection.action.transition",
        ]

    @api.model
    def _tune_transaction(self):  # pylint: disable=missing-return
        super()._tune_transaction()
        # the hash tables that rules are answered from
        self.env.cr.execute("SET LOCAL work_mem = '64MB'")
