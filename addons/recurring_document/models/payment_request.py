# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class PaymentRequest(models.Model):
    _inherit = "payment.request"

    recurring_period_ids = fields.One2many(
        "recurring.period", "request_id", "Periods of Recurring Documents", readonly=True
    )

    def _pending_transactions_but(self, own):
        """Return the payments under way, without those of a charge itself."""
        pending = self.env["payment.transaction"].sudo()  # sudo: see _pending_transactions
        for request in self:
            pending |= request._pending_transactions()
        return pending - own

    def _state_changed(self, before, after):
        result = super()._state_changed(before, after)
        if after == "paid":
            # sudo: periods follow, whoever enters the payment
            self.sudo().recurring_period_ids._was_paid()
        return result

    def _has_to_be_paid(self):
        """The portal does not pay what a charge is paying."""
        # sudo: customers see no charges
        attempts = self.sudo().recurring_period_ids.attempt_ids
        running = attempts.filtered(
            lambda one: one.operation == "charge" and not one.by_link and one._is_running()
        )
        return super()._has_to_be_paid() and not running

    def action_open_recurring(self):
        """Open the recurring document that issued the request."""
        self.ensure_one()
        return self.recurring_period_ids.document_id._get_records_action()
