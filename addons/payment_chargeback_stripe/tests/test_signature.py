# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Signatures and Stripe's objects: without a database."""

import hashlib
import hmac

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..core import stripe

NOW = 1_790_000_000
BODY = b'{"id": "evt_1"}'


def sign(payload=BODY, secret="s", moment=NOW):
    signature = hmac.new(secret.encode(), b"%d." % moment + payload, hashlib.sha256).hexdigest()
    return f"t={moment},v1={signature}"


@tagged("post_install", "-at_install")
class TestSignature(BaseCase):
    def check(self, header, payload=BODY, secret="s"):
        stripe.check_signature(payload, header, secret, NOW, 600)

    def fits(self, header):
        try:
            self.check(header)
        except stripe.BadSignature:
            return False
        return True

    def test_what_fits(self):
        self.assertTrue(self.fits(sign()))
        moment, good = sign().split(",")
        # while the secret is being changed there are two, and schemes of other versions
        self.assertTrue(self.fits(f"{moment},v1={'0' * 64},{good},v0=abc"))
        self.assertTrue(self.fits(sign(moment=NOW - 599)))

    def test_what_does_not(self):
        for name, header in (
            ("none", None),
            ("empty", ""),
            ("nonsense", "v1"),
            ("no time", sign().split(",")[1]),
            ("no signature", f"t={NOW}"),
            ("too old", sign(moment=NOW - 601)),
            ("from the future", sign(moment=NOW + 601)),
            ("another secret", sign(secret="other")),
            ("another body", sign(payload=b"{}")),
            ("letters of another alphabet", f"t={NOW},v1=é"),
            ("digits of another alphabet", "t=١٢٣,v1=0"),
        ):
            with self.subTest(name), self.assertRaises(stripe.BadSignature):
                self.check(header)

    def test_no_secret_fits_nothing(self):
        for secret in (None, "", False):
            with self.assertRaises(stripe.BadSignature):
                self.check(sign(secret=""), secret=secret)

    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.text())
    def test_any_header_is_refused_and_breaks_nothing(self, header):
        with self.assertRaises(stripe.BadSignature):
            self.check(header)


@tagged("post_install", "-at_install")
class TestObjects(BaseCase):
    def report(self, **vals):
        return stripe.dispute_report(
            {
                "id": "dp_1",
                "amount": 10000,
                "currency": "eur",
                "status": "needs_response",
                **vals,
            },
            NOW,
            lambda amount, _currency: amount / 100,
        )

    def test_every_status_of_a_dispute(self):
        for status, (kind, state) in stripe.STATUSES.items():
            report = self.report(status=status)
            self.assertEqual((report.kind, report.status, report.amount), (kind, state, 100))
        with self.assertRaises(stripe.UnknownStatus):
            self.report(status="never heard of")

    def test_money_that_moved(self):
        rows = [
            {"amount": -10000, "fee": 1500, "currency": "eur"},
            {"amount": 3000, "fee": -500, "currency": "eur"},
        ]
        report = self.report(balance_transactions=rows)
        self.assertEqual((report.withdrawn, report.reinstated, report.fee), (100, 30, 10))
        abroad = [{"amount": -11000, "fee": 1500, "currency": "usd"}]
        report = self.report(balance_transactions=abroad)
        self.assertIsNone(report.withdrawn)
        self.assertEqual((report.fee, report.fee_currency), (15, "USD"))

    def test_objects_that_come_as_a_whole(self):
        report = self.report(payment_intent={"id": "pi_1", "object": "payment_intent"})
        self.assertEqual(report.payment_reference, "pi_1")

    def test_a_bank_account_is_no_card(self):
        event = {
            "id": "evt_1",
            "type": "payment_method.updated",
            "created": NOW,
            "data": {"object": {"id": "pm_1", "type": "sepa_debit"}},
        }
        self.assertIsNone(stripe.card_update(event))
