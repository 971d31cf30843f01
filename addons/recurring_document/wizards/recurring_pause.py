# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class RecurringPause(models.TransientModel):
    """Pauses recurring documents, until a day or until somebody resumes them."""

    _name = "recurring.pause"
    _description = "Pause Recurring Documents"

    document_ids = fields.Many2many("recurring.document", string="Recurring Documents")
    reason = fields.Char("Why", required=True)
    resume_on = fields.Date("Resumes On", help="Empty: when somebody resumes it.")
    resume_how = fields.Selection(
        selection=lambda self: (
            self.env["recurring.document"]._fields["resume_how"]._description_selection(self.env)
        ),
        string="Then",
        required=True,
        default="skip",
    )
    waiting_count = fields.Integer("Written Down, Not Billed Yet", compute="_compute_waiting_count")

    @api.depends("document_ids")
    def _compute_waiting_count(self):
        for wizard in self:
            wizard.waiting_count = len(
                wizard.document_ids.period_ids.filtered(
                    lambda row: row.state in {"planned", "charging"}
                )
            )

    def action_pause(self):
        """Pause the documents."""
        self.ensure_one()
        self.document_ids._check_operator()
        if self.resume_on and any(
            self.resume_on <= document.company_id._charge_today() for document in self.document_ids
        ):
            raise UserError(self.env._("A pause ends on a day to come."))
        if not self.document_ids.filtered(lambda one: one.state == "running"):
            raise UserError(self.env._("Only running documents can be paused."))
        # sudo: checked above; states are written by the system only
        self.document_ids.sudo()._pause(
            note=self.reason, resume_on=self.resume_on, resume_how=self.resume_how
        )
        return {"type": "ir.actions.act_window_close"}
