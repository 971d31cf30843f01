# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class CollectionActionCallWizard(models.TransientModel):
    """Say why a customer should not be called now, and let who may call them all the same."""

    _name = "collection.action.call.wizard"
    _description = "Call All the Same"

    action_id = fields.Many2one("collection.action", "Action", required=True, readonly=True)
    partner_id = fields.Many2one(related="action_id.partner_id")
    gate_text = fields.Text("Why Not", compute="_compute_gate")
    retry_at = fields.Datetime("Possible Again from", compute="_compute_gate")
    may_override = fields.Boolean(
        "May Be Called All the Same",
        compute="_compute_gate",
        help="The user has the right to, and no reason stands that nobody can override.",
    )
    reason = fields.Char(
        "Call All the Same Because", help="Recorded with the reasons that stood against it."
    )

    @api.depends("action_id")
    def _compute_gate(self):
        for wizard in self:
            verdict = wizard.action_id._call_verdict()
            wizard.gate_text = verdict.text
            wizard.retry_at = verdict.retry_at
            wizard.may_override = wizard.action_id._may_call_all_the_same(verdict)

    def action_call(self):
        """Have the phone dial, and record why."""
        self.ensure_one()
        return self.action_id._call(self.reason or " ")
