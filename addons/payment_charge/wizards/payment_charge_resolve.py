# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class PaymentChargeResolve(models.TransientModel):
    """A person looked at the provider's own list and says what happened to a charge."""

    _name = "payment.charge.resolve"
    _description = "What Really Happened to a Charge"
    _rec_name = "attempt_id"

    attempt_id = fields.Many2one("payment.charge.attempt", "Charge", required=True, readonly=True)
    partner_id = fields.Many2one(related="attempt_id.partner_id", string="Customer")
    currency_id = fields.Many2one(related="attempt_id.currency_id", string="Currency")
    amount = fields.Monetary(related="attempt_id.amount", string="Amount")
    submitted_on = fields.Datetime(related="attempt_id.submitted_on", string="Submitted On")
    reference = fields.Char(
        "Our Reference", related="attempt_id.transaction_id.reference", related_sudo=True
    )
    outcome = fields.Selection(
        [("done", "It Was Charged"), ("error", "It Was Not Charged")],
        "What Happened",
        required=True,
    )
    provider_reference = fields.Char(
        "Provider's Reference", help="As the provider's own list shows it."
    )
    note = fields.Char("How It Is Known", required=True)

    def action_resolve(self):
        """Take the person's word, and do what follows from it."""
        self.ensure_one()
        self.env["payment.charge.attempt"]._check_operator()
        attempt = self.attempt_id.sudo()  # sudo: checked above
        attempt._resolve_by_person(self.outcome, self.note, self.provider_reference)
        return {"type": "ir.actions.act_window_close"}
