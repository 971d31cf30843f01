# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

from ..gateway import Gateway


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    code = fields.Selection(
        selection_add=[("charge_test", "Test of Charging")],
        ondelete={"charge_test": "set default"},
    )
    charge_test_can_say = fields.Boolean(
        "Can Be Asked", default=True, help="Whether the gateway tells what became of a charge."
    )
    charge_test_refund = fields.Selection(
        [("none", "Not at All"), ("full_only", "The Whole Only"), ("partial", "In Part")],
        "Refunds",
        default="partial",
    )

    def _compute_feature_support_fields(self):
        res = super()._compute_feature_support_fields()
        for provider in self.filtered(lambda one: one.code == "charge_test"):
            provider.support_refund = provider.charge_test_refund
            provider.support_tokenization = True
            provider.support_manual_capture = "partial"
        return res

    def _get_default_payment_method_codes(self):
        if self.code != "charge_test":
            return super()._get_default_payment_method_codes()
        return {"card", "visa", "mastercard"}

    def _charge_gateway(self):
        return Gateway(self.env.cr.dbname)

    def _charge_query(self, transaction):
        if self.code != "charge_test":
            return super()._charge_query(transaction)
        gateway = self._charge_gateway()
        gateway.note("queried", transaction.reference)
        return gateway.outcome(transaction.reference) if self.charge_test_can_say else None
