# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

from ..core import prices


class RecurringIndex(models.Model):
    """An index, such as that of consumer prices, that agreed prices follow."""

    _name = "recurring.index"
    _description = "Price Index"
    _order = "name"

    name = fields.Char("Index", required=True, translate=True)
    active = fields.Boolean("Active", default=True)
    company_id = fields.Many2one("res.company", "Company", help="Empty: all companies.")
    value_ids = fields.One2many("recurring.index.value", "index_id", "Values", copy=True)
    value = fields.Float("Last Value", compute="_compute_value", digits=(16, 4))

    def _compute_value(self):
        for index in self:
            index.value = index.value_ids.sorted("date")[-1:].value

    def _factor(self, base, day):
        """Return by what the index multiplies a price of the base day on another day."""
        self.ensure_one()
        rows = [(value.date, value.value) for value in self.value_ids]
        return prices.index_factor(rows, base, day)
