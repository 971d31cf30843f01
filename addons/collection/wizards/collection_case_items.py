# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class CollectionCaseItemsWizard(models.TransientModel):
    """Add open items to a case: the customer's unpaid documents, instalment by instalment."""

    _name = "collection.case.items.wizard"
    _description = "Add Open Items to a Case"

    case_id = fields.Many2one(
        "collection.case",
        "Case",
        required=True,
        default=lambda self: self._default_case_id(),
        help="The case the items go into.",
    )
    profile_id = fields.Many2one(related="case_id.profile_id", string="Customer")
    company_currency_id = fields.Many2one(
        related="case_id.company_id.currency_id", string="Company Currency"
    )
    line_ids = fields.One2many(
        "collection.case.items.line",
        "wizard_id",
        "Open Items",
        compute="_compute_line_ids",
        compute_sudo=False,
        store=True,
        readonly=False,
        help="Unpaid documents of the customer that are in no open case.",
    )
    all_selected = fields.Boolean(
        "All",
        compute="_compute_all_selected",
        inverse="_inverse_all_selected",
        help="Ticks every item, or none.",
    )
    elsewhere_count = fields.Integer(
        "Items in Other Cases",
        compute="_compute_elsewhere_count",
        help="Open items of the customer that are in another open case.",
    )
    item_count = fields.Integer("Items", compute="_compute_totals", help="Items that are ticked.")
    amount = fields.Monetary(
        "Open Amount",
        compute="_compute_totals",
        currency_field="company_currency_id",
        help="What the ticked items come to, in company currency.",
    )

    # ------------------------------------------------------------
    # DEFAULTS AND COMPUTES
    # ------------------------------------------------------------

    @api.model
    def _default_case_id(self):
        if self.env.context.get("active_model") == "collection.case":
            return self.env.context.get("active_id")
        return False

    def _free_items_domain(self):
        """Return the domain of what is owed by the case's customer."""
        self.ensure_one()
        return [
            ("profile_id", "=", self.case_id.profile_id.id),
            ("state", "=", "open"),
            ("side", "=", "debit"),
        ]

    @api.depends("case_id")
    def _compute_line_ids(self):
        for wizard in self:
            items = self.env["collection.item"].search([
                *wizard._free_items_domain(),
                ("case_id", "=", False),
            ])
            today = wizard.case_id.company_id._collection_today()
            wizard.line_ids = [
                Command.clear(),
                *(
                    Command.create({
                        "item_id": item.id,
                        "selected": bool(item.date_due and item.date_due < today)
                        and not (item.keep_out_until and item.keep_out_until >= today)
                        and item.amount_residual > item.amount_blocked,
                    })
                    for item in items
                ),
            ]

    @api.depends("case_id")
    def _compute_elsewhere_count(self):
        for wizard in self:
            wizard.elsewhere_count = self.env["collection.item"].search_count([
                *wizard._free_items_domain(),
                ("case_id", "not in", (False, wizard.case_id.id)),
            ])

    @api.depends("line_ids.selected")
    def _compute_all_selected(self):
        for wizard in self:
            wizard.all_selected = bool(wizard.line_ids) and all(wizard.line_ids.mapped("selected"))

    @api.onchange("all_selected")
    def _inverse_all_selected(self):
        for wizard in self:
            if wizard.all_selected or all(wizard.line_ids.mapped("selected")):
                wizard.line_ids.selected = wizard.all_selected

    @api.depends("line_ids.selected")
    def _compute_totals(self):
        for wizard in self:
            lines = wizard.line_ids.filtered("selected")
            wizard.item_count = len(lines)
            wizard.amount = sum(lines.mapped("amount_residual"))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_add(self):
        """Put the ticked items in the case."""
        self.ensure_one()
        items = self.line_ids.filtered("selected").item_id
        if not items:
            raise UserError(self.env._("Tick the items to add."))
        # whoever adds an item by hand wants it in
        items.filtered("keep_out_until")._keep_out(False)
        self.case_id._add_items(items)
        return {"type": "ir.actions.act_window_close"}


class CollectionCaseItemsLine(models.TransientModel):
    """An open item that may be added to a case."""

    _name = "collection.case.items.line"
    _inherit = "collection.item.line.mixin"
    _description = "Open Item to Add to a Case"

    wizard_id = fields.Many2one(
        "collection.case.items.wizard",
        "Wizard",
        required=True,
        ondelete="cascade",
        help="The dialog the line is in.",
    )
    selected = fields.Boolean("Add", help="Whether the item goes into the case.")
    document_date = fields.Date(related="item_id.document_date")
    document_ref = fields.Char(related="item_id.document_ref")
    document_partner_id = fields.Many2one(related="item_id.document_partner_id")
    amount_blocked = fields.Monetary(
        related="item_id.amount_blocked", currency_field="company_currency_id"
    )
    keep_out_until = fields.Date(related="item_id.keep_out_until")
