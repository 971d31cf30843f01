# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import hashlib
import hmac
import json
import time
from itertools import count
from urllib.parse import urlsplit

from odoo.tests import HttpCase
from odoo.tests.common import _super_send
from odoo.tools import mute_logger

from odoo.addons.payment_chargeback.tests.common import ChargebackCommon

from .fake_stripe import FakeStripe

SECRET = "whsec_test"  # noqa: S105


class StripeCommon(ChargebackCommon, HttpCase):
    """A Stripe of our own, its webhook, and a charge that it took."""

    fake = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stripe = cls._prepare_provider(
            "stripe",
            update_values={
                "stripe_secret_key": "sk_test_1",
                "stripe_publishable_key": "pk_test_1",
                "stripe_webhook_secret": SECRET,
            },
        )
        cls.stripe.write({"state": "test", "capture_manually": False})
        cls.provider = cls.stripe
        cls.payment_method = cls.env.ref("payment.payment_method_card")
        cls.payment_method.active = True
        cls.payment_method_id = cls.payment_method.id
        cls.payment_method_code = cls.payment_method.code
        # others, of other databases, have no secret that would fit
        cls.events = count(1)

    def setUp(self):
        super().setUp()
        self.fake = FakeStripe()
        self.fake.start()
        self.addCleanup(self.fake.stop)
        type(self)._fake_url = self.fake.url

    @classmethod
    def _request_handler(cls, s, r, /, **kw):
        """Let what goes to Stripe go to ours: the code asks under Stripe's own address."""
        host = urlsplit(r.url).hostname
        if host in {"api.stripe.com", "files.stripe.com"}:
            r.url = f"{cls._fake_url}{urlsplit(r.url).path}"
            return _super_send(s, r, **kw)
        return super()._request_handler(s, r, **kw)

    # ------------------------------------------------------------
    # WORDS TO TELL STORIES WITH
    # ------------------------------------------------------------

    def dispute(self, attempt, status="needs_response", **vals):
        """Return Stripe's dispute of a charge."""
        return {
            "id": f"dp_{attempt.id}",
            "object": "dispute",
            "amount": int(attempt.amount * 100),
            "currency": attempt.currency_id.name.lower(),
            "charge": "ch_1",
            "payment_intent": attempt.transaction_id.sudo().provider_reference,
            "reason": "product_not_received",
            "status": status,
            "evidence_details": {"due_by": int(time.time()) + 8 * 86400},
            "balance_transactions": [],
            **vals,
        }

    def money(self, attempt, amount, fee=0):
        """Return a row of money that Stripe moved, in units."""
        return {
            "amount": int(amount * 100),
            "fee": int(fee * 100),
            "currency": attempt.currency_id.name.lower(),
        }

    def event(self, kind, stripe_object, minute=0):
        """Return an event of Stripe, some minutes after the story began."""
        return {
            "id": f"evt_{next(self.events)}",
            "object": "event",
            "type": kind,
            "created": int(time.time()) - 3600 + 60 * minute,
            "data": {"object": stripe_object},
        }

    def post(self, event, secret=SECRET, header=None, age=0):
        """Send an event to the webhook as Stripe does, and return the status of the answer."""
        payload = event if isinstance(event, bytes) else json.dumps(event).encode()
        moment = int(time.time()) - age
        signature = hmac.new(
            (secret or "").encode(), b"%d." % moment + payload, hashlib.sha256
        ).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "Stripe-Signature": f"t={moment},v1={signature}" if header is None else header,
        }
        if not headers["Stripe-Signature"]:
            del headers["Stripe-Signature"]
        loggers = (
            "odoo.addons.payment_chargeback_stripe.controllers.main",
            "odoo.http",
        )
        with mute_logger(*loggers):
            answer = self.url_open("/payment/stripe/webhook", data=payload, headers=headers)
        self.env.invalidate_all()
        return answer.status_code

    def stripe_says(self, attempt, *steps):
        """Have Stripe tell of a dispute, step by step, and return the chargeback."""
        for minute, (kind, status, vals) in enumerate(steps):
            event = self.event(
                f"charge.dispute.{kind}", self.dispute(attempt, status, **vals), minute
            )
            self.assertEqual(self.post(event), 200)
        return self.Chargeback.search([("attempt_id", "=", attempt.id)])
