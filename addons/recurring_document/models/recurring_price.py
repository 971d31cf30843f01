# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.tools import format_date


class RecurringPrice(models.Model):
    """The price of a line from a day on."""

    _name = "recurring.price"
    _description = "Dated Price of a Recurring Document"
    _order = "line_id, date"
    _rec_name = "date"

    line_id = fields.Many2one(
        "recurring.document.line", "Line", required=True, index=True, ondelete="cascade"
    )
    document_id = fields.Many2one(
        related="line_id.document_id", string="Recurring Document", store=True, index=True
    )
    company_id = fields.Many2one(related="line_id.company_id", string="Company", store=True)
    date = fields.Date(
        "From", required=True, help="Periods that begin on that day or later cost this."
    )
    price_unit = fields.Float("Unit Price", required=True, min_display_digits="Product Price")
    note = fields.Char("Why")

    _date_unique = models.UniqueIndex("(line_id, date)", "A line has one price on a day.")

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows.line_id._log_change({
            row.line_id.id: self.env._(
                "%(price)s from %(day)s on",
                price=row.line_id.currency_id.format(row.price_unit),
                day=format_date(self.env, row.date),
            )
            for row in rows
        })
        return rows

    def write(self, vals):
        result = super().write(vals)
        self.line_id._log_change({
            row.line_id.id: self.env._(
                "%(price)s from %(day)s on",
                price=row.line_id.currency_id.format(row.price_unit),
                day=format_date(self.env, row.date),
            )
            for row in self
        })
        return result
