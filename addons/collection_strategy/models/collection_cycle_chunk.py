# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class CollectionCycleChunk(models.Model):
    _inherit = "collection.cycle.chunk"

    def _work(self):
        # at night new actions are planned; a payment during the day only withdraws some
        return super(CollectionCycleChunk, self.with_context(collection_plan=True))._work()
