# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    payment_request_count = fields.Integer(
        "Payment Requests",
        compute="_compute_payment_request_count",
        groups="account.group_account_invoice,account.group_account_readonly",
        help="Pro-formas and payment requests that are neither paid in full nor cancelled.",
    )

    def _compute_payment_request_count(self):
        counts = dict(
            self.env["payment.request"]._read_group(
                [
                    ("commercial_partner_id", "in", self.commercial_partner_id.ids),
                    ("state", "in", ("draft", "sent", "partly_paid")),
                ],
                ["commercial_partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.payment_request_count = counts.get(partner.commercial_partner_id, 0)

    def action_view_payment_requests(self):
        """Show the pro-formas and payment requests of the customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("payment_request.action_requests")
        action["domain"] = [("commercial_partner_id", "=", self.commercial_partner_id.id)]
        action["context"] = {"default_partner_id": self.id, "search_default_open": 1}
        return action
