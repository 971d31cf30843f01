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
    emptied_case_ids = fields.Many2many(
        "collection.case",
        compute="_compute_totals",
        string="Cases Left Empty",
        help="Nothing would be left in these cases; they stay open without items.",
    )
    emptied_case_count = fields.Integer(
        "Number of Cases Left Empty", compute="_compute_totals", help="How many they are."
    )
    company_id = fields.Many2one(
        "res.company", "Company", compute="_compute_totals", help="The company of the items."
    )
    until = fields.Date(
        "Until",
        required=True,
        compute="_compute_until",
        store=True,
        readonly=False,
        precompute=True,
        help="Until this day, inclusive, no rule puts the items in a case.",
    )
    reason = fields.Char("Reason", help="Why; shown on the item and on the invoice.")

    # ------------------------------------------------------------
    # DEFAULTS AND COMPUTES
    # ------------------------------------------------------------

    @api.model
    def _context_items(self):
        """Return the items chosen: as such, as rows of a case, or all of an invoice.

        Only what is owed: credits and what is settled are left out.
        """
        active_id = self.env.context.get("active_id")
        ids = self.env.context.get("active_ids") or ([active_id] if active_id else [])
        active_model = self.env.context.get("active_model")
        items = self.env["collection.item"]
        if active_model == "collection.item":
            items = items.browse(ids)
        elif active_model == "collection.case.item":
            items = self.env["collection.case.item"].browse(ids).item_id
        elif active_model == "account.move":
            items = items.search([("move_id", "in", ids)])
        return items.filtered(lambda item: item.side == "debit" and item.state == "open")

    @api.model
    def _default_item_ids(self):
        items = self._context_items()
        if self.env.context.get("active_model") and not items:
            raise UserError(self.env._("Nothing is owed on what you have chosen."))
        if len(items.company_id) > 1:
            raise UserError(self.env._("Choose items of one company at a time."))
        return items

    @api.depends("item_ids")
    def _compute_totals(self):
        for wizard in self:
            items = wizard.item_ids._origin
            wizard.company_id = items.company_id[:1] or self.env.company
            wizard.company_currency_id = wizard.company_id.currency_id
            wizard.item_count = len(items)
            wizard.in_case_count = len(items.filtered("case_id"))
            wizard.amount = sum(items.mapped("amount_residual"))
            wizard.emptied_case_ids = items.case_id.filtered(
                lambda case, items=items: not case.open_item_ids - items
            )
            wizard.emptied_case_count = len(wizard.emptied_case_ids)

    @api.depends("item_ids")
    def _compute_until(self):
        for wizard in self:
            company = wizard.company_id
            wizard.until = wizard.until or fields.Date.add(
                company._collection_today(), days=company.collection_keep_out_days
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_keep_out(self):
        """Take the items out of their cases and keep them out."""
        self.ensure_one()
        if not self.item_ids:
            raise UserError(self.env._("Choose the items to keep out of cases."))
        if self.until < self.company_id._collection_today():
            raise UserError(self.env._("The day until which items stay out lies in the past."))
        for case, items in self.item_ids.grouped("case_id").items():
            if case:
                case._remove_items(items, keep_out_until=self.until, reason=self.reason)
            else:
                items._keep_out(self.until, self.reason)
        return {"type": "ir.actions.act_window_close"}
