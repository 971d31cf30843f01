# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class CollectionExtensionLine(models.Model):
    """One open item of a request for more time: the due date before, and the one asked for."""

    _name = "collection.extension.line"
    _description = "Item of an Extension of Terms"
    _inherit = ["collection.guard.mixin"]
    _order = "date_before, id"

    extension_id = fields.Many2one(
        "collection.extension", "Extension", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="extension_id.company_id", store=True, precompute=True, string="Company"
    )
    profile_id = fields.Many2one(
        related="extension_id.profile_id",
        store=True,
        index=True,
        precompute=True,
        string="Customer Profile",
    )
    item_id = fields.Many2one(
        "collection.item", "Item", required=True, readonly=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id", string="Currency")
    date_maturity = fields.Date(related="item_id.date_maturity", string="Due by the Document")
    date_before = fields.Date("Due Before", readonly=True, help="The due date when it was asked.")
    granted_before = fields.Date(
        "Granted Before", readonly=True, help="The date granted earlier, which this one replaced."
    )
    new_date = fields.Date("New Due Date", required=True, readonly=True)
    days = fields.Integer("Days", readonly=True, help="From the due date of the document.")
    amount = fields.Monetary("Amount", readonly=True, help="What was open when it was asked for.")
    amount_residual = fields.Monetary(
        related="item_id.amount_residual", string="Open Now", currency_field="currency_id"
    )
    granted = fields.Boolean("Granted", readonly=True, help="The item got this due date.")
    outcome = fields.Selection(
        [("running", "Not Due Yet"), ("kept", "Kept"), ("broken", "Not Kept")],
        "Outcome",
        compute="_compute_outcome",
        help="Kept: paid by the granted date.",
    )

    @api.depends("granted", "new_date", "item_id.state", "item_id.settled_date")
    def _compute_outcome(self):
        for line in self:
            item = line.item_id
            paid_on = item.settled_date if item.state == "settled" else None
            today = line.company_id._collection_today()
            if not line.granted:
                line.outcome = False
            elif (paid_on or today) > line.new_date:
                line.outcome = "broken"
            else:
                line.outcome = "kept" if paid_on else "running"
