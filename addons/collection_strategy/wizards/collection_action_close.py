# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class CollectionActionCloseWizard(models.TransientModel):
    """Say what came of planned actions, or why they are skipped."""

    _name = "collection.action.close.wizard"
    _description = "Close Planned Actions"

    action_ids = fields.Many2many(
        "collection.action",
        "collection_action_close_wizard_action_rel",
        "wizard_id",
        "action_id",
        "Actions",
        required=True,
    )
    action_count = fields.Integer("Number of Actions", compute="_compute_action_count")
    state = fields.Selection(
        [("done", "Done"), ("skipped", "Skipped")], "Result", required=True, default="done"
    )
    reason = fields.Char("What Came of It", help="Shown in the history of the customer.")
    skip_reason = fields.Char("Why It Is Skipped")

    @api.depends("action_ids")
    def _compute_action_count(self):
        for wizard in self:
            wizard.action_count = len(wizard.action_ids)

    def action_close(self):
        """Close the actions and the dialog."""
        self.ensure_one()
        if self.state == "done":
            self.action_ids._done(self.reason)
        else:
            self.action_ids._skip(self.skip_reason)
        return {"type": "ir.actions.act_window_close"}
