# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.collection_case import RESULTS

# what is given up, or handed on for good, does not come back by itself within the year
FOR_GOOD = ("uncollectable", "legal", "written_off")
# how the money came in needs no reason
SETTLED = ("paid", "credited")


class CollectionCaseCloseWizard(models.TransientModel):
    """Close cases by hand: with a result, a reason, and a day until which items stay out."""

    _name = "collection.case.close.wizard"
    _description = "Close Cases"

    case_ids = fields.Many2many(
        "collection.case",
        "collection_case_close_wizard_case_rel",
        "wizard_id",
        "case_id",
        "Cases",
        default=lambda self: self._default_case_ids(),
        help="The cases to close; remove those that shall stay open.",
    )
    company_id = fields.Many2one(
        "res.company", "Company", compute="_compute_totals", help="The company of the cases."
    )
    case_count = fields.Integer("Number of Cases", compute="_compute_totals", help="How many.")
    item_count = fields.Integer(
        "Items", compute="_compute_totals", help="Items that leave with the cases."
    )
    activity_count = fields.Integer(
        "Planned Next Steps",
        compute="_compute_totals",
        help="Planned steps that are dropped with the cases.",
    )
    currency_id = fields.Many2one(
        "res.currency", "Currency", compute="_compute_totals", help="The company's currency."
    )
    amount_open = fields.Monetary(
        "Still Open", compute="_compute_totals", help="What is still owed on these cases."
    )
    result = fields.Selection(
        selection=[result for result in RESULTS if result[0] != "merged"],
        required=True,
        default="cancelled",
        string="Result",
        help="How the case ended. What is paid in full closes by itself.",
    )
    reason = fields.Char("Reason", help="Why the case is closed; shown in the history of the case.")
    keep_out = fields.Boolean(
        "Keep Items Out of Cases",
        default=True,
        help="Off: the rule opens a new case at once for what is still late.",
    )
    keep_out_until = fields.Date(
        "Until",
        compute="_compute_keep_out_until",
        store=True,
        readonly=False,
        precompute=True,
        help="Until this day, inclusive, no rule puts the items in a case.",
    )

    # ------------------------------------------------------------
    # DEFAULTS AND COMPUTES
    # ------------------------------------------------------------

    @api.model
    def _default_case_ids(self):
        if self.env.context.get("active_model") != "collection.case":
            return self.env["collection.case"]
        ids = self.env.context.get("active_ids") or [self.env.context.get("active_id")]
        cases = self.env["collection.case"].browse(ids)
        cases = cases.filtered(lambda case: case.state != "completed")
        if not cases:
            raise UserError(self.env._("These cases are completed already."))
        if len(cases.company_id) > 1:
            raise UserError(self.env._("Choose cases of one company at a time."))
        return cases

    @api.depends("case_ids")
    def _compute_totals(self):
        for wizard in self:
            cases = wizard.case_ids
            wizard.company_id = cases.company_id[:1] or self.env.company
            wizard.case_count = len(cases)
            wizard.item_count = sum(cases.mapped("item_count"))
            wizard.activity_count = len(cases.activity_ids)
            wizard.amount_open = sum(cases.mapped("amount_open"))
            wizard.currency_id = wizard.company_id.currency_id

    @api.depends("result")
    def _compute_keep_out_until(self):
        for wizard in self:
            company = wizard.company_id
            until = {"days": company.collection_keep_out_days}
            if wizard.result in FOR_GOOD:
                until = {"years": 1}
            wizard.keep_out_until = fields.Date.add(company._collection_today(), **until)

    @api.onchange("result")
    def _onchange_result(self):
        if self.result in FOR_GOOD:
            self.keep_out = True

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_close(self):
        """Close the cases."""
        self.ensure_one()
        cases = self.case_ids.filtered(lambda case: case.state != "completed")
        if not cases:
            raise UserError(self.env._("These cases are completed already."))
        if self.result not in SETTLED and not (self.reason or "").strip():
            raise UserError(self.env._("Say why the case is closed with this result."))
        if self.keep_out and not self.keep_out_until:
            raise UserError(self.env._("Say until when the items stay out of cases."))
        if self.keep_out and self.keep_out_until < self.company_id._collection_today():
            raise UserError(self.env._("The day until which items stay out lies in the past."))
        cases._close(
            self.result,
            reason=self.reason,
            keep_out_until=self.keep_out_until if self.keep_out else None,
        )
        return {"type": "ir.actions.act_window_close"}
