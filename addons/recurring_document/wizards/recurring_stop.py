# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models
from odoo.exceptions import UserError


class RecurringStop(models.TransientModel):
    """Stops recurring documents for good, and says why."""

    _name = "recurring.stop"
    _description = "Stop Recurring Documents"

    document_ids = fields.Many2many("recurring.document", string="Recurring Documents")
    reason = fields.Char("Why", required=True)

    def action_stop(self):
        """Stop the documents."""
        self.ensure_one()
        self.document_ids._check_operator()
        going = self.document_ids.filtered(lambda one: one.state not in {"draft", "stopped"})
        if not going:
            raise UserError(self.env._("Nothing to stop: all are in draft or stopped already."))
        # sudo: checked above; states are written by the system only
        going.sudo()._stop(note=self.reason)
        return {"type": "ir.actions.act_window_close"}
