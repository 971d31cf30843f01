# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What goes over the host's own line to a provider: a refusal is one, silence is none."""

import json
from unittest.mock import patch

import requests

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ChargeCommon

REQUEST = "odoo.addons.payment.models.payment_provider.requests.request"


def answer(status, body):
    """Return an answer as the provider gives it."""
    response = requests.Response()
    response.status_code = status
    response._content = json.dumps(body).encode()
    return response


@tagged("post_install", "-at_install")
class TestLine(ChargeCommon):
    def setUp(self):
        super().setUp()
        self.line.can_say = False
        Provider = type(self.env["payment.provider"])
        self.patch(Provider, "_build_request_url", lambda *_args, **_kwargs: "https://example.com")
        self.patch(Provider, "_parse_response_error", lambda _self, response: response.text)
        self.patch(
            type(self.env["payment.transaction"]), "_send_payment_request", self.ask_like_stripe
        )

    @staticmethod
    def ask_like_stripe(transaction):
        """Ask as some of the host's providers do: they keep what is raised to themselves."""
        try:
            content = transaction._send_api_request("POST", "charge")
        except ValidationError as error:
            transaction._set_error(str(error))
        else:
            transaction.provider_reference = content["id"]
            transaction._set_done()

    def charge_while(self, happens):
        self.card("done")
        with (
            patch(REQUEST, **happens),
            mute_logger("odoo.addons.payment.models.payment_provider"),
        ):
            return self.charge(self.invoice_of(100), retry=False)

    def test_an_answer_is_a_success(self):
        attempt = self.charge_while({"return_value": answer(200, {"id": "ch_1"})})
        self.assertEqual((attempt.state, attempt.provider_reference), ("succeeded", "ch_1"))

    def test_silence_is_no_refusal(self):
        for error in (
            requests.exceptions.ConnectTimeout("a"),
            requests.exceptions.ReadTimeout("b"),
            requests.exceptions.ConnectionError("c"),
        ):
            with self.subTest(type(error).__name__):
                attempt = self.charge_while({"side_effect": error})
                self.assertEqual(attempt.state, "unknown")
                self.assertEqual(attempt.transaction_id.sudo().state, "draft")
                self.assertIn("connection", attempt.error)

    def test_a_provider_in_trouble_says_nothing_about_the_charge(self):
        for status, body in (
            (500, {}),
            (503, {"error": {"code": "lock_timeout"}}),
            (409, {"error": {"code": "idempotency_key_in_use"}}),
            (400, {"error": {"type": "idempotency_error"}}),
        ):
            with self.subTest(status):
                attempt = self.charge_while({"return_value": answer(status, body)})
                self.assertEqual(attempt.state, "unknown")

    def test_a_refusal_is_one_with_its_code(self):
        body = {"error": {"code": "card_declined", "decline_code": "expired_card"}}
        attempt = self.charge_while({"return_value": answer(402, body)})
        self.assertEqual((attempt.state, attempt.reason_id.code), ("failed", "expired_card"))
