# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class RecurringTemplateLine(models.Model):
    """A line of a template."""

    _name = "recurring.template.line"
    _description = "Line of a Template"
    _inherit = ["recurring.line.terms"]
    _order = "template_id, sequence, id"
    _check_company_auto = True

    template_id = fields.Many2one(
        "recurring.template", "Template", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="template_id.company_id", string="Company", store=True, precompute=True
    )
    currency_id = fields.Many2one(related="template_id.currency_id", string="Currency")

    def _terms(self):
        return self.template_id

    def _document_line_values(self):
        """Return the values of the line of a recurring document; its taxes follow the customer."""
        self.ensure_one()
        vals = {
            name: self._fields[name].convert_to_write(self[name], self)
            for name in self._line_terms_fields()
        }
        if self.product_id:
            vals.pop("tax_ids")
        return vals
