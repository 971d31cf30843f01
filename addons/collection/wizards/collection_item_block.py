# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount


class CollectionItemBlockWizard(models.TransientModel):
    """Block open items by hand: a cheque in the drawer, or a hold for a reason."""

    _name = "collection.item.block.wizard"
    _description = "Block Open Items"

    item_ids = fields.Many2many(
        "collection.item",
        "collection_item_block_wizard_item_rel",
        "wizard_id",
        "item_id",
        "Open Items",
        default=lambda self: self._default_item_ids(),
        help="The items nobody is to ask for.",
    )
    item_count = fields.Integer("Items", compute="_compute_totals", help="How many items.")
    company_currency_id = fields.Many2one(
        "res.currency", "Currency", compute="_compute_totals", help="The company's currency."
    )
    amount_residual = fields.Monetary(
        "Open Amount",
        compute="_compute_totals",
        currency_field="company_currency_id",
        help="What the items come to, in company currency.",
    )
    amount_blocked = fields.Monetary(
        "Blocked Already",
        compute="_compute_totals",
        currency_field="company_currency_id",
        help="What is blocked on them now, for whatever reason.",
    )
    company_id = fields.Many2one(
        "res.company", "Company", compute="_compute_totals", help="The company of the items."
    )
    kind = fields.Selection(
        [("hold", "Hold"), ("cheque", "Post-dated Payment")],
        "Kind",
        required=True,
        default="hold",
        help="Why the items are not to be asked for.",
    )
    whole = fields.Boolean(
        "The Whole Open Amount", default=True, help="Off: only a part of the item is blocked."
    )
    amount = fields.Monetary(
        "Blocked Amount",
        currency_field="company_currency_id",
        compute="_compute_amount",
        store=True,
        readonly=False,
        precompute=True,
        help="In company currency; only for a single item.",
    )
    until = fields.Date(
        "Until", help="Last day the block counts. Without a date it counts until lifted."
    )
    reason = fields.Char("Reason", help="Why; shown with the item.")

    # ------------------------------------------------------------
    # DEFAULTS AND COMPUTES
    # ------------------------------------------------------------

    @api.model
    def _default_item_ids(self):
        return self.env["collection.item.keep.out.wizard"]._default_item_ids()

    @api.depends("item_ids")
    def _compute_totals(self):
        for wizard in self:
            items = wizard.item_ids._origin
            wizard.company_id = items.company_id[:1] or self.env.company
            wizard.company_currency_id = wizard.company_id.currency_id
            wizard.item_count = len(items)
            wizard.amount_residual = sum(items.mapped("amount_residual"))
            wizard.amount_blocked = sum(items.mapped("amount_blocked"))

    @api.depends("item_ids", "whole")
    def _compute_amount(self):
        for wizard in self:
            free = wizard.amount_residual - wizard.amount_blocked
            wizard.amount = free if wizard.item_count == 1 else 0.0

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_block(self):
        """Block the items."""
        self.ensure_one()
        items = self.item_ids.filtered(
            lambda item: item.side == "debit" and item.amount_residual > 0
        )
        if not items:
            raise UserError(self.env._("Nothing is owed on these items."))
        if self.until and self.until < self.company_id._collection_today():
            raise UserError(self.env._("A block until a day in the past blocks nothing."))
        if self.kind == "cheque" and not self.until:
            raise UserError(self.env._("A post-dated payment needs its date."))
        if self.kind == "hold" and not (self.reason or "").strip():
            raise UserError(self.env._("Say why nobody is to ask for these items."))
        if not self.whole:
            self._check_part(items)
        items._block(
            self.kind,
            amount=None if self.whole else self.amount,
            until=self.until,
            reason=self.reason,
        )
        return {"type": "ir.actions.act_window_close"}

    def _check_part(self, items):
        """Check the part of an item that is blocked.

        :raise UserError: saying what cannot be
        """
        currency = self.company_currency_id
        if len(items) > 1 or currency.compare_amounts(self.amount, 0) <= 0:
            raise UserError(
                self.env._("To block a part, choose a single item and a positive amount.")
            )
        if currency.compare_amounts(self.amount, items.amount_residual) > 0:
            raise UserError(
                self.env._(
                    "Only %(open)s is open on %(item)s: no more than that can be blocked.",
                    open=format_amount(self.env, items.amount_residual, currency),
                    item=items.display_name,
                )
            )
