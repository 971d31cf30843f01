# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class RecurringIndexValue(models.Model):
    """The value of an index from a day on."""

    _name = "recurring.index.value"
    _description = "Value of a Price Index"
    _order = "date desc"
    _rec_name = "date"

    index_id = fields.Many2one(
        "recurring.index", "Index", required=True, index=True, ondelete="cascade"
    )
    date = fields.Date("From", required=True, help="The value counts from that day on.")
    value = fields.Float("Value", required=True, digits=(16, 4))

    _date_unique = models.UniqueIndex("(index_id, date)", "An index has one value on a day.")
    _value_positive = models.Constraint("CHECK (value > 0)", "An index is more than nothing.")
