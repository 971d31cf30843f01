# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    @api.model
    def _collection_touching_fields(self):
        """Return the names of the fields whose change is followed at once."""
        return {"date_maturity", "partner_id", "account_id", "balance", "amount_currency"}

    def write(self, vals):
        touching = not self._collection_touching_fields().isdisjoint(vals)
        if touching:
            # sudo: which customers have to be computed again, not shown to anybody
            posted = self.sudo().filtered(lambda line: line.parent_state == "posted")
            self.env["collection.cycle"]._touch_partners(posted.partner_id.ids)
        result = super().write(vals)
        if touching:
            self.env["collection.cycle"]._touch_moves(self.sudo().move_id)
        return result
