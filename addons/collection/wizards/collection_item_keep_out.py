# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class CollectionItemKeepOutWizard(models.TransientModel):
    """Keep open items out of cases until a day; items that are in a case leave it."""

    _name = "collection.item.keep.out.wizard"
    _description = "Keep Items Out of Cases"

    item_ids = fields.Many2many(
        "collection.item",
        "collection_item_keep_out_wizard_item_rel",
        "wizard_id",
        "item_id",
        "Open Items",
        default=lambda self: self._default_item_ids(),
        help="The items that are kept out.",
    )
    item_count = fields.Integer("Items", compute="_compute_totals", help="How many items.")
    in_case_count = fields.Integer(
        "Items in a Case", compute="_compute_totals", help="These leave their case."
    )
    company_currency_id = fields.Many2one(
        "res.currency", "Currency", compute="_compute_totals", help="The company's currency."
    )
    amount = fields.Monetary(
        "Open Amount",
        compute="_compute_totals",
        currency_field="company_currency_id",
        help="What the items come to, in company currency.",
    )
    until = fields.Date(
        "Until",
        required=True,
        default=lambda self: fields.Date.add(
            self.env.company._collection_today(), days=self.env.company.collection_keep_out_days
        ),
        help="Until this day, inclusive, no rule puts the items in a case.",
    )
    reason = fields.Char("Reason", help="Why; shown on the item and on the invoice.")

    @api.model
    def _default_item_ids(self):
        """Return the items chosen: as such, as rows of a case, or all of an invoice."""
        active_model = self.env.context.get("active_model")
        ids = self.env.context.get("active_ids") or [self.env.context.get("active_id")]
        if active_model == "collection.item":
            return self.env["collection.item"].browse(ids)
        if active_model == "collection.case.item":
            return self.env["collection.case.item"].browse(ids).item_id
        if active_model == "account.move":
            moves = self.env["account.move"].browse(ids)
            return moves.collection_item_ids.filtered(lambda item: item.state == "open")
        return self.env["collection.item"]

    @api.depends("item_ids")
    def _compute_totals(self):
        for wizard in self:
            wizard.item_count = len(wizard.item_ids)
            wizard.in_case_count = len(wizard.item_ids.filtered("case_id"))
            wizard.amount = sum(wizard.item_ids.mapped("amount_residual"))
            wizard.company_currency_id = (
                wizard.item_ids.company_id[:1] or self.env.company
            ).currency_id

    def action_keep_out(self):
        """Take the items out of their cases and keep them out."""
        self.ensure_one()
        if not self.item_ids:
            raise UserError(self.env._("Choose the items to keep out of cases."))
        if self.until < self.env.company._collection_today():
            raise UserError(self.env._("The day until which items stay out lies in the past."))
        for case, items in self.item_ids.grouped("case_id").items():
            if case:
                case._remove_items(items, keep_out_until=self.until, reason=self.reason)
            else:
                items._keep_out(self.until, self.reason)
        return {"type": "ir.actions.act_window_close"}
