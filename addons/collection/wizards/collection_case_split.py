# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class CollectionCaseSplitWizard(models.TransientModel):
    """Split a case: some of its items move to a new case of the same customer."""

    _name = "collection.case.split.wizard"
    _description = "Split a Case"

    case_id = fields.Many2one(
        "collection.case",
        "Case",
        required=True,
        default=lambda self: self._default_case_id(),
        help="The case to split.",
    )
    company_currency_id = fields.Many2one(
        related="case_id.company_id.currency_id", string="Company Currency"
    )
    company_id = fields.Many2one(related="case_id.company_id", string="Company")
    auto_number = fields.Boolean(related="company_id.collection_auto_number")
    name = fields.Char(
        "Number", help="The number of the new case, where cases are not numbered automatically."
    )
    user_id = fields.Many2one(
        "res.users",
        "Debt Manager of the New Case",
        compute="_compute_user_id",
        store=True,
        readonly=False,
        domain="[('is_debt_manager', '=', True), ('company_ids', 'in', company_id)]",
        help="Who works on the new case.",
    )
    line_ids = fields.One2many(
        "collection.case.split.line",
        "wizard_id",
        "Items",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
        help="The items of the case; the ticked ones move.",
    )
    item_count = fields.Integer(
        "Items That Move", compute="_compute_totals", help="How many items are ticked."
    )
    amount_moving = fields.Monetary(
        "Moves",
        compute="_compute_totals",
        currency_field="company_currency_id",
        help="What the new case comes to.",
    )
    amount_staying = fields.Monetary(
        "Stays",
        compute="_compute_totals",
        currency_field="company_currency_id",
        help="What is left in this case.",
    )

    @api.model
    def _default_case_id(self):
        if self.env.context.get("active_model") == "collection.case":
            return self.env.context.get("active_id")
        return False

    @api.depends("case_id")
    def _compute_user_id(self):
        for wizard in self:
            wizard.user_id = wizard.case_id.debt_manager_id

    @api.depends("case_id")
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = [
                Command.clear(),
                *(
                    Command.create({"item_id": item.id})
                    for item in wizard.case_id.open_item_ids.sorted("date_due")
                ),
            ]

    @api.depends("line_ids.selected")
    def _compute_totals(self):
        for wizard in self:
            moving = wizard.line_ids.filtered("selected")
            wizard.item_count = len(moving)
            wizard.amount_moving = sum(moving.mapped("amount_residual"))
            wizard.amount_staying = sum((wizard.line_ids - moving).mapped("amount_residual"))

    def action_split(self):
        """Move the ticked items to a new case and show it."""
        self.ensure_one()
        if not self.auto_number and not (self.name or "").strip():
            raise UserError(self.env._("Type the number of the new case."))
        new_case = self.case_id._split(
            self.line_ids.filtered("selected").item_id,
            name=None if self.auto_number else self.name.strip(),
        )
        may_assign = self.env["collection.case.assign.wizard"].has_access("create")
        if may_assign and self.user_id and self.user_id != new_case.debt_manager_id:
            new_case._assign(self.user_id)
        return {
            "type": "ir.actions.act_window",
            "res_model": "collection.case",
            "res_id": new_case.id,
            "views": [(False, "form")],
        }


class CollectionCaseSplitLine(models.TransientModel):
    """An item of the case that is split."""

    _name = "collection.case.split.line"
    _inherit = "collection.item.line.mixin"
    _description = "Item of a Case to Split"

    wizard_id = fields.Many2one(
        "collection.case.split.wizard",
        "Wizard",
        required=True,
        ondelete="cascade",
        help="The dialog the line is in.",
    )
    selected = fields.Boolean("Move", help="Whether the item moves to the new case.")
