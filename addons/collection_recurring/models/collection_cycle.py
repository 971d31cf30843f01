# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models


class CollectionCycle(models.AbstractModel):
    _inherit = "collection.cycle"

    @api.model
    def _joined_models(self):
        return [
            *super()._joined_models(),
            "payment.request",
            "payment.request.payment",
            "recurring.document",
            "recurring.period",
        ]
