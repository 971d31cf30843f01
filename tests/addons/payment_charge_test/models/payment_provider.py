# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import time

import requests

from odoo import fields, models
from odoo.exceptions import ValidationError

from ..gateway import Gateway

# how long the gateway thinks over evidence where it is slow: others can ask meanwhile
SLOW_SECONDS = 0.3


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

    # ------------------------------------------------------------
    # CHARGEBACKS, where that add-on is installed
    # ------------------------------------------------------------

    def _chargeback_takes_evidence(self):
        return self.code == "charge_test"

    def _chargeback_submit(self, chargeback):
        """Take evidence, and have happen what the number of the dispute begins with."""
        gateway, reference = self._charge_gateway(), chargeback.reference
        script = reference.split("/")[0].split(",")
        word = script[
            min(len(gateway.events("evidence_asked", reference=reference)), len(script) - 1)
        ]
        gateway.note("evidence_asked", reference)
        if word == "refused":
            raise ValidationError(self.env._("The gateway takes no such evidence."))
        if word == "slow":
            time.sleep(SLOW_SECONDS)
        if word != "lost_before":
            gateway.note("evidence", reference)
        if word == "broken":
            raise ZeroDivisionError("the gateway's answer made no sense")
        if word in {"lost_before", "lost_after"}:
            self._charge_test_hang_up()

    def _charge_test_hang_up(self):
        """End as a request does in the host when the line breaks."""
        try:
            raise requests.exceptions.ConnectionError("the line broke")
        except requests.exceptions.ConnectionError as cause:
            self.env.context["charge_probe"].note(cause)
            raise ValidationError(self.env._("Could not establish the connection."))  # noqa: B904

    def _chargeback_fetch(self, chargeback):
        """Say where a dispute stands: whether the evidence is there."""
        from odoo.addons.payment_chargeback.core.dispute import Report

        has_it = self._charge_gateway().events("evidence", reference=chargeback.reference)
        return Report(
            reference=chargeback.reference,
            happened=fields.Datetime.now(),
            kind="chargeback",
            status="submitted" if has_it else "open",
        )
