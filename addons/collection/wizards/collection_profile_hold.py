# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


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
    customer_count = fields.Integer(
        "Number of Customers", compute="_compute_totals", help="How many customers."
    )
    currency_id = fields.Many2one(
        "res.currency", "Currency", compute="_compute_totals", help="The company's currency."
    )
    amount_to_collect = fields.Monetary(
        "To Collect",
        compute="_compute_totals",
        help="What nobody will ask for while the hold lasts.",
    )
    reason = fields.Char("Reason", required=True, help="Why; shown on the customer and its cases.")
    until = fields.Date(
        "Until", help="Last day of the hold. Without a date it lasts until lifted."
    )

    @api.model
    def _default_profile_ids(self):
        active_model = self.env.context.get("active_model")
        ids = self.env.context.get("active_ids") or [self.env.context.get("active_id")]
        if active_model == "collection.profile":
            return self.env["collection.profile"].browse(ids)
        if active_model == "collection.case":
            return self.env["collection.case"].browse(ids).profile_id
        if active_model == "res.partner":
            return self.env["collection.profile"]._get_or_create(
                self.env.company, self.env["res.partner"].browse(ids)
            )
        return self.env["collection.profile"]

    @api.depends("profile_ids")
    def _compute_totals(self):
        for wizard in self:
            wizard.customer_count = len(wizard.profile_ids)
            wizard.amount_to_collect = sum(wizard.profile_ids.mapped("amount_to_collect"))
            wizard.currency_id = (
                wizard.profile_ids.company_id[:1] or self.env.company
            ).currency_id

    def action_hold(self):
        """Put the customers on hold."""
        self.ensure_one()
        self.profile_ids.write({
            "hold": True,
            "hold_reason": self.reason,
            "hold_until": self.until,
        })
        return {"type": "ir.actions.act_window_close"}
