# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class CollectionProfileHoldWizard(models.TransientModel):
    """Put customers on hold, with a reason and a last day: no case opens, nothing is asked for."""

    _name = "collection.profile.hold.wizard"
    _description = "Put Customers on Hold"

    profile_ids = fields.Many2many(
        "collection.profile",
        "collection_profile_hold_wizard_profile_rel",
        "wizard_id",
        "profile_id",
        "Customers",
        default=lambda self: self._default_profile_ids(),
        help="The customers to put on hold.",
    )
    company_id = fields.Many2one(
        "res.company", "Company", compute="_compute_totals", help="The customers' company."
    )
    customer_count = fields.Integer(
        "Number of Customers", compute="_compute_totals", help="How many customers."
    )
    case_count = fields.Integer(
        "Open Cases", compute="_compute_totals", help="Their open cases; they stay open."
    )
    currency_id = fields.Many2one(
        "res.currency", "Currency", compute="_compute_totals", help="The company's currency."
    )
    amount_to_collect = fields.Monetary(
        "Amount to Collect",
        compute="_compute_totals",
        help="What nobody will ask for while the hold lasts.",
    )
    reason = fields.Char("Reason", required=True, help="Why; shown on the customer and its cases.")
    until = fields.Date("Until", help="Last day of the hold. Without a date it lasts until lifted.")

    # ------------------------------------------------------------
    # DEFAULTS AND COMPUTES
    # ------------------------------------------------------------

    @api.model
    def _default_profile_ids(self):
        active_id = self.env.context.get("active_id")
        ids = self.env.context.get("active_ids") or ([active_id] if active_id else [])
        active_model = self.env.context.get("active_model")
        profiles = self.env["collection.profile"]
        if active_model == "collection.profile":
            profiles = profiles.browse(ids)
        elif active_model == "collection.case":
            profiles = self.env["collection.case"].browse(ids).profile_id
        if len(profiles.company_id) > 1:
            raise UserError(self.env._("Choose customers of one company at a time."))
        return profiles

    @api.depends("profile_ids")
    def _compute_totals(self):
        for wizard in self:
            profiles = wizard.profile_ids._origin
            wizard.company_id = profiles.company_id[:1] or self.env.company
            wizard.currency_id = wizard.company_id.currency_id
            wizard.customer_count = len(profiles)
            wizard.case_count = sum(profiles.mapped("open_case_count"))
            wizard.amount_to_collect = sum(profiles.mapped("amount_to_collect"))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_hold(self):
        """Put the customers on hold."""
        self.ensure_one()
        if not self.profile_ids:
            raise UserError(self.env._("Choose the customers to put on hold."))
        if self.until and self.until < self.company_id._collection_today():
            raise UserError(self.env._("A hold until a day in the past holds nothing."))
        self.profile_ids.write({
            "hold": True,
            "hold_reason": self.reason,
            "hold_until": self.until,
        })
        return {"type": "ir.actions.act_window_close"}
