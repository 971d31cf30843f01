# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class RecurringApply(models.TransientModel):
    """Makes recurring documents of many customers from a template."""

    _name = "recurring.apply"
    _description = "Recurring Documents from a Template"

    template_id = fields.Many2one("recurring.template", "Template", required=True)
    company_id = fields.Many2one(related="template_id.company_id", string="Company")
    partner_ids = fields.Many2many("res.partner", string="Customers")
    category_ids = fields.Many2many("res.partner.category", string="Customer Tags")
    date_start = fields.Date("Start", required=True, default=fields.Date.context_today)
    date_end = fields.Date("End")
    skip_known = fields.Boolean(
        "Leave Out Those Who Have One",
        default=True,
        help="Customers with a recurring document from this template that is not stopped.",
    )
    start = fields.Boolean("Start Them", help="Otherwise they are made in draft.")
    found_count = fields.Integer("Customers Found", compute="_compute_found_count")
    known_count = fields.Integer("Have One Already", compute="_compute_found_count")

    @api.depends("template_id", "partner_ids", "category_ids", "skip_known")
    def _compute_found_count(self):
        for wizard in self:
            partners, known = wizard._partners()
            wizard.found_count = len(partners)
            wizard.known_count = len(known)

    def _partners(self):
        """Return the customers that get one, and those who have one already."""
        self.ensure_one()
        partners = self.partner_ids._origin
        if self.category_ids:
            partners |= self.env["res.partner"].search([
                ("category_id", "in", self.category_ids._origin.ids),
                ("parent_id", "=", False),
                ("company_id", "in", (False, *self.template_id.company_id.parent_ids.ids)),
            ])
        known = (
            self
            .env["recurring.document"]
            .search([
                ("template_id", "=", self.template_id.id),
                ("state", "not in", ("stopped", "ended")),
                ("commercial_partner_id", "in", partners.commercial_partner_id.ids),
            ])
            .commercial_partner_id
        )
        known_partners = partners.filtered(lambda one: one.commercial_partner_id in known)
        return (partners - known_partners if self.skip_known else partners), known_partners

    def action_apply(self):
        """Make the recurring documents and show them."""
        self.ensure_one()
        Document = self.env["recurring.document"]
        Document._check_operator()
        partners, _known = self._partners()
        if not partners:
            raise UserError(self.env._("Choose at least one customer who has none yet."))
        documents = Document.create([
            self.template_id._document_values(partner, self.date_start, date_end=self.date_end)
            for partner in partners
        ])
        if self.start:
            documents.action_start()
        return documents._get_records_action(name=self.env._("Recurring Documents"))
