# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models

ROLES = (
    "payment_charge.group_charge_operator,payment_charge.group_charge_auditor,"
    "account.group_account_invoice"
)


class ResPartner(models.Model):
    _inherit = "res.partner"

    recurring_document_ids = fields.One2many(
        "recurring.document",
        "commercial_partner_id",
        "Recurring Documents",
        readonly=True,
        groups=ROLES,
    )
    recurring_count = fields.Integer(
        "Number of Recurring Documents", compute="_compute_recurring_count"
    )
    recurring_trouble_count = fields.Integer(
        "Recurring Documents to Look at", compute="_compute_recurring_count"
    )

    @api.depends_context("company")
    def _compute_recurring_count(self):
        Document = self.env["recurring.document"]
        if not Document.has_access("read"):
            self.recurring_count = self.recurring_trouble_count = 0
            return
        domain = [
            ("commercial_partner_id", "in", self.commercial_partner_id.ids),
            ("company_id", "in", self.env.companies.ids),
        ]
        counts = dict(Document._read_group(domain, ["commercial_partner_id"], ["__count"]))
        flagged = [*domain, "|", ("trouble", "!=", False), ("period_ids.gave_up", "=", True)]
        trouble = dict(Document._read_group(flagged, ["commercial_partner_id"], ["__count"]))
        for partner in self:
            partner.recurring_count = counts.get(partner.commercial_partner_id, 0)
            partner.recurring_trouble_count = trouble.get(partner.commercial_partner_id, 0)

    def action_open_recurring(self):
        """List the recurring documents of the customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("recurring_document.action_document")
        action["domain"] = [("commercial_partner_id", "=", self.commercial_partner_id.id)]
        action["context"] = {"default_partner_id": self.id}
        return action
