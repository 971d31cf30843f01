# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    payment_request_id = fields.Many2one(
        "payment.request",
        "Payment Request",
        index="btree_not_null",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="The pro-forma or payment request that this transaction pays.",
    )

    def _compute_reference_prefix(self, separator, **values):
        """The number of the request is the reference of a transaction that pays it."""
        if values.get("payment_request_id"):
            request = self.env["payment.request"].browse(values["payment_request_id"]).exists()
            if request:
                return request.name
        return super()._compute_reference_prefix(separator, **values)

    def _create_child_transaction(self, amount, is_refund=False, **custom_create_values):
        if self.payment_request_id:
            custom_create_values.setdefault("payment_request_id", self.payment_request_id.id)
        return super()._create_child_transaction(
            amount, is_refund=is_refund, **custom_create_values
        )

    def _post_process(self):
        """Issue the invoice of what was paid; give back what was refunded."""
        result = super()._post_process()
        for transaction in self:
            request = transaction.payment_request_id
            if request and transaction.state == "done" and transaction.payment_id:
                request._register_transaction(transaction)
        return result

    def _log_message_on_linked_documents(self, message):
        result = super()._log_message_on_linked_documents(message)
        if self.payment_request_id:
            by_provider = self.env.su and self.env.user._is_superuser()
            author = self.env.user.partner_id if by_provider else self.partner_id
            self.payment_request_id.message_post(body=message, author_id=author.id)
        return result
