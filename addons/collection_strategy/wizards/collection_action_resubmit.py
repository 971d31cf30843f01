# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models

# the days that are one click away
SHORTCUTS = {"tomorrow": 1, "three_days": 3, "week": 7, "two_weeks": 14}


class CollectionActionResubmitWizard(models.TransientModel):
    """Put planned actions off until a day, with a reason."""

    _name = "collection.action.resubmit.wizard"
    _description = "Resubmit Planned Actions"

    action_ids = fields.Many2many(
        "collection.action",
        "collection_action_resubmit_wizard_action_rel",
        "wizard_id",
        "action_id",
        "Actions",
        required=True,
    )
    action_count = fields.Integer("Number of Actions", compute="_compute_action_count")
    shortcut = fields.Selection(
        [
            ("tomorrow", "Tomorrow"),
            ("three_days", "In 3 Days"),
            ("week", "In a Week"),
            ("two_weeks", "In 2 Weeks"),
        ],
        "Return",
        default="tomorrow",
    )
    day = fields.Date(
        "On",
        required=True,
        compute="_compute_day",
        store=True,
        readonly=False,
        precompute=True,
        help="It returns to the worklist on this day.",
    )
    time = fields.Float("At", help="The hour of an appointment; 0:00: any.")
    reason = fields.Char("Reason", required=True, help="Why it is put off.")

    @api.depends("action_ids")
    def _compute_action_count(self):
        for wizard in self:
            wizard.action_count = len(wizard.action_ids)

    @api.depends("shortcut")
    def _compute_day(self):
        for wizard in self:
            company = wizard.action_ids.company_id[:1] or self.env.company
            days = SHORTCUTS.get(wizard.shortcut)
            if days:
                wizard.day = fields.Date.add(company._collection_today(), days=days)

    def action_resubmit(self):
        """Put the actions off and close the dialog."""
        self.ensure_one()
        self.action_ids._resubmit(self.day, self.reason, self.time)
        return {"type": "ir.actions.act_window_close"}
