# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import requests

from odoo import models
from odoo.exceptions import ValidationError


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _send_payment_request(self):
        """Ask the gateway for a charge, and have happen what the card says."""
        if self.provider_code != "charge_test":
            return super()._send_payment_request()
        gateway = self.provider_id._charge_gateway()
        asked = len(gateway.events("asked", token=self.token_id.id))
        script = [word.strip() for word in (self.token_id.charge_test_script or "done").split(",")]
        word = script[min(asked, len(script) - 1)]
        gateway.note("asked", self.reference, token=self.token_id.id, amount=self.amount)
        if word == "lost_before":
            self._charge_test_lose()
        if word == "silent_before":
            raise requests.exceptions.ReadTimeout("no answer from the gateway")
        if word in {"done", "lost_after", "silent_after", "broken"}:
            gateway.note("taken", self.reference, amount=self.amount)
        if word == "lost_after":
            self._charge_test_lose()
        if word == "silent_after":
            raise requests.exceptions.ReadTimeout("no answer from the gateway")
        if word == "broken":
            raise ZeroDivisionError("the gateway's answer made no sense")
        if word == "pending":
            gateway.note("pending", self.reference)
        status = word if word in {"done", "pending"} else "refused"
        if status == "refused":
            gateway.note("declined", self.reference)
        self._process(
            "charge_test",
            {
                "reference": self.reference,
                "status": status,
                **({"decline_code": word} if status == "refused" else {}),
            },
        )
        return None

    def _charge_test_lose(self):
        """End as a request does in the host when the line breaks."""
        try:
            raise requests.exceptions.ConnectionError("the line broke")
        except requests.exceptions.ConnectionError:
            raise ValidationError(self.env._("Could not establish the connection."))  # noqa: B904

    def _send_refund_request(self):
        if self.provider_code != "charge_test":
            return super()._send_refund_request()
        gateway = self.provider_id._charge_gateway()
        gateway.note("refund_asked", self.reference, amount=self.amount)
        word = (self.token_id.charge_test_script or "").split(",")[-1].strip()
        if word == "refund_lost_before":
            self._charge_test_lose()
        if word == "refund_refused":
            gateway.note("declined", self.reference)
            self._process(
                "charge_test",
                {"reference": self.reference, "status": "refused", "decline_code": "refund_failed"},
            )
            return None
        gateway.note("refunded", self.reference, amount=self.amount)
        if word == "refund_lost_after":
            self._charge_test_lose()
        self._process("charge_test", {"reference": self.reference, "status": "done"})
        return None

    def _extract_amount_data(self, payment_data):
        if self.provider_code != "charge_test":
            return super()._extract_amount_data(payment_data)
        return None

    def _apply_updates(self, payment_data):
        if self.provider_code != "charge_test":
            return super()._apply_updates(payment_data)
        self.provider_reference = f"gateway-{self.reference}"
        status = payment_data["status"]
        if status == "done":
            self._set_done()
        elif status == "pending":
            self._set_pending()
        elif status == "cancelled":
            self._set_canceled(state_message="Cancelled")
        else:
            self._set_error(f"Refused: {payment_data.get('decline_code')}")
        return None

    def _extract_token_values(self, payment_data):
        if self.provider_code != "charge_test":
            return super()._extract_token_values(payment_data)
        return {"provider_ref": f"card-of-{self.reference}", "payment_details": "4242"}
