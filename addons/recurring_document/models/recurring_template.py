# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import Command, fields, models


class RecurringTemplate(models.Model):
    """Terms and lines from which recurring documents of many customers are made at once."""

    _name = "recurring.template"
    _description = "Template of Recurring Documents"
    _inherit = ["recurring.terms"]
    _order = "sequence, name"
    _check_company_auto = True

    name = fields.Char("Template", required=True, translate=True)
    sequence = fields.Integer("Sequence", default=10)
    active = fields.Boolean("Active", default=True)
    count = fields.Integer("Number of Periods", help="0: without an end.")
    line_ids = fields.One2many("recurring.template.line", "template_id", "Lines", copy=True)
    document_ids = fields.One2many(
        "recurring.document", "template_id", "Recurring Documents", readonly=True
    )
    document_count = fields.Integer(
        "Number of Recurring Documents", compute="_compute_document_count"
    )

    def _compute_document_count(self):
        counts = dict(
            self.env["recurring.document"]._read_group(
                [("template_id", "in", self.ids)], ["template_id"], ["__count"]
            )
        )
        for template in self:
            template.document_count = counts.get(template, 0)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_apply(self):
        """Open the dialogue that makes recurring documents of many customers."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Recurring Documents from a Template"),
            "res_model": "recurring.apply",
            "view_mode": "form",
            "target": "new",
            "context": {"default_template_id": self.id},
        }

    def action_open_documents(self):
        """List the recurring documents made from the template."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("recurring_document.action_document")
        action["domain"] = [("template_id", "=", self.id)]
        action["context"] = {"default_template_id": self.id}
        return action

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _document_values(self, partner, start, **vals):
        """Return the values of a customer's recurring document, for ``create``.

        :param partner: the customer
        :param date start: the first day that is billed
        :param vals: what is different from the template
        """
        self.ensure_one()
        return {
            **self._copied_terms(),
            "template_id": self.id,
            "company_id": self.company_id.id,
            "partner_id": partner.id,
            "date_start": start,
            "count": self.count,
            "line_ids": [Command.create(line._document_line_values()) for line in self.line_ids],
            **vals,
        }

    def _copied_terms(self):
        """Return the values of the terms, as a document takes them over."""
        self.ensure_one()
        return {
            name: self._fields[name].convert_to_write(self[name], self)
            for name in self._terms_fields()
        }
