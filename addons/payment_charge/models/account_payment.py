# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    charge_attempt_id = fields.Many2one(
        "payment.charge.attempt",
        "Charge",
        compute="_compute_charge_attempt_id",
        help="The charge or refund that the payment books.",
    )

    def _compute_charge_attempt_id(self):
        attempts = self.env["payment.charge.attempt"]
        if attempts.has_access("read"):
            attempts = attempts.search([("payment_id", "in", self.ids)])
        by_payment = {attempt.payment_id.id: attempt.id for attempt in attempts}
        for payment in self:
            payment.charge_attempt_id = by_payment.get(payment.id)

    def action_open_charge(self):
        """Open the charge that the payment books."""
        self.ensure_one()
        return self.charge_attempt_id._get_records_action()
