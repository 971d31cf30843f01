# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.collection_case import RESULTS


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
        help="The cases to close; completed ones are left out.",
    )
    case_count = fields.Integer("Number of Cases", compute="_compute_totals", help="How many.")
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
    reason = fields.Char(
        "Reason", help="Why the case is closed; shown in the history of the case."
    )
    keep_out = fields.Boolean(
        "Keep Items Out of Cases",
        default=True,
        help="Off: the next run opens a new case for what is still late.",
    )
    keep_out_until = fields.Date(
        "Until",
        default=lambda self: fields.Date.add(
            self.env.company._collection_today(), days=self.env.company.collection_keep_out_days
        ),
        help="Until this day, inclusive, no rule puts the items in a case.",
    )

    @api.model
    def _default_case_ids(self):
        if self.env.context.get("active_model") != "collection.case":
            return False
        ids = self.env.context.get("active_ids") or [self.env.context.get("active_id")]
        cases = self.env["collection.case"].browse(ids)
        return cases.filtered(lambda case: case.state != "completed")

    @api.depends("case_ids")
    def _compute_totals(self):
        for wizard in self:
            wizard.case_count = len(wizard.case_ids)
            wizard.amount_open = sum(wizard.case_ids.mapped("amount_open"))
            wizard.currency_id = (
                wizard.case_ids.company_id[:1] or self.env.company
            ).currency_id

    @api.onchange("result")
    def _onchange_result(self):
        # what is given up or handed on for good does not come back by itself
        if self.result in ("uncollectable", "legal", "written_off"):
            self.keep_out = True
            self.keep_out_until = fields.Date.add(
                self.env.company._collection_today(), years=1
            )

    def action_close(self):
        """Close the cases."""
        self.ensure_one()
        if not self.case_ids:
            raise UserError(self.env._("These cases are completed already."))
        today = self.env.company._collection_today()
        if self.keep_out and self.keep_out_until and self.keep_out_until < today:
            raise UserError(self.env._("The day until which items stay out lies in the past."))
        self.case_ids._close(
            self.result,
            reason=self.reason,
            keep_out_until=self.keep_out_until if self.keep_out else None,
        )
        return {"type": "ir.actions.act_window_close"}
