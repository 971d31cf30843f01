# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    payment_request_payment_ids = fields.One2many(
        "payment.request.payment", "payment_id", "Payments of Requests", readonly=True
    )
    payment_request_count = fields.Integer(
        "Payment Requests", compute="_compute_payment_request_count"
    )

    def _compute_payment_request_count(self):
        for payment in self:
            # sudo: only a number, for whoever sees the payment
            payment.payment_request_count = len(
                payment.sudo().payment_request_payment_ids.request_id
            )

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") in ("canceled", "rejected"):
            self._reverse_payment_requests(
                self.env._("The payment was rejected.")
                if vals["state"] == "rejected"
                else self.env._("The payment was cancelled.")
            )
        return result

    def unlink(self):
        self._reverse_payment_requests(self.env._("The payment was deleted."))
        return super().unlink()

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_post(self):
        result = super().action_post()
        # sudo: what requests a payment belongs to is theirs to keep
        self.sudo().payment_request_payment_ids._payment_posted_again()
        return result

    def action_view_payment_requests(self):
        """Show the requests that this payment pays."""
        requests = self.payment_request_payment_ids.request_id
        return requests._get_records_action(name=self.env._("Payment Requests"))

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _reverse_payment_requests(self, reason, date=None):
        """Reopen the requests that these payments paid, with a credit note for what was invoiced."""
        # sudo: what requests a payment belongs to is theirs to keep
        for row in self.sudo().payment_request_payment_ids:
            row._reverse(reason, date=date)
