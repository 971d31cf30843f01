# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    chargeback_count = fields.Integer("Number of Chargebacks", compute="_compute_chargeback_count")

    @api.depends_context("company")
    def _compute_chargeback_count(self):
        self.chargeback_count = 0
        Chargeback = self.env["payment.chargeback"]
        if not Chargeback.has_access("read"):
            return
        counts = dict(
            Chargeback._read_group(
                [
                    ("partner_id", "in", self.commercial_partner_id.ids),
                    ("company_id", "in", self.env.companies.ids),
                ],
                ["partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.chargeback_count = counts.get(partner.commercial_partner_id, 0)

    def action_open_chargebacks(self):
        """List the chargebacks of the customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "payment_chargeback.action_chargeback_all"
        )
        action["domain"] = [("partner_id", "=", self.commercial_partner_id.id)]
        return action
