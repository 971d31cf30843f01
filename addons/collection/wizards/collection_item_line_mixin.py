# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class CollectionItemLineMixin(models.AbstractModel):
    """A line of a dialog that shows an open item to tick."""

    _name = "collection.item.line.mixin"
    _description = "Open Item to Tick"

    item_id = fields.Many2one(
        "collection.item", "Open Item", required=True, readonly=True, help="Document, instalment."
    )
    date_due = fields.Date(related="item_id.date_due")
    days_late = fields.Integer(related="item_id.days_late")
    currency_id = fields.Many2one(related="item_id.currency_id")
    company_currency_id = fields.Many2one(related="item_id.company_currency_id")
    amount_residual_currency = fields.Monetary(
        related="item_id.amount_residual_currency", currency_field="currency_id"
    )
    amount_residual = fields.Monetary(
        related="item_id.amount_residual", currency_field="company_currency_id"
    )
