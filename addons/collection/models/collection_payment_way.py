# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class CollectionPaymentWay(models.Model):
    """A way in which customers agree to pay: transfer, cheque, messenger …"""

    _name = "collection.payment.way"
    _description = "Way of Payment"
    _order = "sequence, id"

    name = fields.Char("Name", required=True, translate=True)
    code = fields.Char("Code", required=True, help="A short code, for imports and reports.")
    sequence = fields.Integer("Sequence", default=10)
    active = fields.Boolean("Active", default=True)

    _code_uniq = models.UniqueIndex("(code)", "Another way of payment has this code already.")
