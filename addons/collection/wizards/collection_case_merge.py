# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class CollectionCaseMergeWizard(models.TransientModel):
    """Merge open cases of one customer into one of them."""

    _name = "collection.case.merge.wizard"
    _description = "Merge Cases"

    profile_id = fields.Many2one(
        "collection.profile",
        "Customer",
        required=True,
        default=lambda self: self._default_cases().profile_id[:1],
        help="The customer whose cases are merged.",
    )
    currency_id = fields.Many2one(related="profile_id.currency_id", string="Currency")
    case_ids = fields.Many2many(
        "collection.case",
        "collection_case_merge_wizard_case_rel",
        "wizard_id",
        "case_id",
        "Cases",
        default=lambda self: self._default_cases(),
        domain="[('profile_id', '=', profile_id), ('state', '!=', 'completed')]",
        help="The cases to merge: items, contacts and next steps move to the one that stays.",
    )
    target_id = fields.Many2one(
        "collection.case",
        "Stays Open",
        required=True,
        compute="_compute_target_id",
        store=True,
        readonly=False,
        domain="[('id', 'in', case_ids)]",
        help="The case that takes everything; the others are completed as merged.",
    )
    target_by_hand = fields.Boolean(
        "Rule's Case Is Merged Away",
        compute="_compute_target_by_hand",
        help="New late items join the case the rule opened; merged away, they get a new case.",
    )
    item_count = fields.Integer(
        "Items", compute="_compute_totals", help="Items in the merged case."
    )
    amount_to_collect = fields.Monetary(
        "Amount to Collect", compute="_compute_totals", help="What the merged case comes to."
    )

    @api.model
    def _default_cases(self):
        """Return the cases chosen; for a single one, all open cases of its customer."""
        if self.env.context.get("active_model") != "collection.case":
            return self.env["collection.case"]
        ids = self.env.context.get("active_ids") or [self.env.context.get("active_id")]
        cases = self.env["collection.case"].browse(ids)
        cases = cases.filtered(lambda case: case.state != "completed")
        if len(cases.profile_id) > 1:
            raise UserError(self.env._("Only cases of one customer can be merged."))
        if len(cases) == 1:
            cases = cases.profile_id.open_case_ids
        if len(cases) < 2:
            raise UserError(
                self.env._("There is nothing to merge: choose two open cases of one customer.")
            )
        return cases

    @api.depends("case_ids")
    def _compute_target_id(self):
        for wizard in self:
            cases = wizard.case_ids._origin
            active = self.env["collection.case"].browse(self.env.context.get("active_id"))
            if wizard.target_id not in cases:
                # the case a person works on, else the rule's own case, which others would join
                by_rule = cases.filtered(lambda case: case.origin == "auto")
                wizard.target_id = active if active in cases else (by_rule or cases)[:1]

    @api.depends("case_ids", "target_id")
    def _compute_target_by_hand(self):
        for wizard in self:
            merged = wizard.case_ids._origin - wizard.target_id
            wizard.target_by_hand = any(
                case.origin == "auto" and case.kind == "overdue" for case in merged
            )

    @api.depends("case_ids")
    def _compute_totals(self):
        for wizard in self:
            wizard.item_count = sum(wizard.case_ids.mapped("item_count"))
            wizard.amount_to_collect = sum(wizard.case_ids.mapped("amount_to_collect"))

    def action_merge(self):
        """Merge the cases and show the one that stays."""
        self.ensure_one()
        if len(self.case_ids) < 2:
            raise UserError(self.env._("Choose at least two open cases of the customer."))
        if self.target_id not in self.case_ids:
            raise UserError(self.env._("Choose which of these cases stays open."))
        self.target_id._merge(self.case_ids)
        return {
            "type": "ir.actions.act_window",
            "res_model": "collection.case",
            "res_id": self.target_id.id,
            "views": [(False, "form")],
        }
