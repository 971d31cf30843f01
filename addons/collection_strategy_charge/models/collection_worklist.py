# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The row of a charge that failed leads to the cards and accounts of the customer."""

from odoo import api, models


class CollectionWorklist(models.AbstractModel):
    _inherit = "collection.worklist"

    @api.model
    def _buttons_failed_step(self, action):
        buttons = super()._buttons_failed_step(action)
        if (
            action.sudo().failed_id.kind == "charge"  # sudo: what the row is about
            and self.env["payment.charge.way"].has_access("read")
        ):
            buttons.insert(
                1, self._button("ways", self.env._("Cards and accounts"), "w", "fa-credit-card")
            )
        return buttons

    def _run_ways(self, action):
        return action.partner_id.commercial_partner_id.action_open_charge_ways()
