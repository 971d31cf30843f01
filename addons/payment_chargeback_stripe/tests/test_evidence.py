# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Evidence sent to Stripe: once, whatever the line does."""

import base64
import logging

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.payment_chargeback.tests.test_evidence import PDF

from .common import StripeCommon


@tagged("post_install", "-at_install")
class TestEvidence(StripeCommon):
    def setUp(self):
        super().setUp()
        self.attempt, self.invoice = self.charged()
        self.chargeback = self.stripe_says(self.attempt, ("created", "needs_response", {}))
        self.fake.disputes[self.chargeback.reference] = self.dispute(self.attempt)
        self.chargeback.evidence_text = "It was delivered on time."

    def add(self, kind, name="file.pdf", content=PDF):
        return self.env["payment.chargeback.evidence"].create({
            "chargeback_id": self.chargeback.id,
            "kind": kind,
            "name": name,
            "datas": base64.b64encode(content),
        })

    def submit(self):
        with mute_logger("odoo.addons.payment.models.payment_provider"):
            self.chargeback.action_submit()

    def at_stripe(self):
        return self.fake.disputes[self.chargeback.reference].get("evidence")

    def test_texts_and_files_are_sent(self):
        self.add("delivery", "note 1.pdf")
        self.add("delivery", "note 2.pdf")
        self.add("consent")
        self.submit()
        sent = self.at_stripe()
        self.assertEqual(sent["submit"], "true")
        self.assertEqual(sent["evidence[customer_name]"], self.customer.name)
        self.assertEqual(sent["evidence[uncategorized_text]"], "It was delivered on time.")
        self.assertEqual(sent["evidence[product_description]"], "Service")
        delivered = self.fake.files[sent["evidence[service_documentation]"]]
        self.assertEqual(
            (delivered["purpose"], delivered["type"]), ("dispute_evidence", "application/pdf")
        )
        self.assertTrue(delivered["content"].startswith(b"%PDF"))
        signed = self.fake.files[sent["evidence[customer_signature]"]]
        self.assertEqual(signed["content"], PDF)
        self.assertEqual(
            (self.chargeback.state, self.chargeback.submit_state), ("submitted", "sent")
        )
        self.assertTrue(self.chargeback.submitted_on)

    def test_a_refusal_is_shown_and_may_be_tried_again_without_uploading_twice(self):
        self.add("consent")
        self.fake.behaviours = ["", "refuse"]
        self.submit()
        self.assertEqual((self.chargeback.state, self.chargeback.submit_state), ("open", "failed"))
        self.assertIn("The dispute is closed.", self.chargeback.trouble)
        self.assertFalse(self.at_stripe())
        self.submit()
        self.assertEqual(self.chargeback.submit_state, "sent")
        self.assertEqual(self.fake.asked("POST", "/files"), 1)

    def test_an_answer_that_never_came_is_asked_for_and_nothing_sent_again(self):
        self.fake.behaviours = ["drop"]
        self.submit()
        self.assertEqual((self.chargeback.state, self.chargeback.submit_state), ("open", "sending"))
        self.assertTrue(self.chargeback.needs_attention)
        with self.assertRaises(UserError):
            self.submit()
        self.chargeback.action_ask()
        self.assertEqual(
            (self.chargeback.state, self.chargeback.submit_state), ("submitted", "sent")
        )
        self.assertEqual(self.fake.asked("POST", self.chargeback.reference), 1)

    def test_evidence_that_never_arrived_is_sent_after_asking(self):
        self.fake.behaviours = ["drop_before"]
        self.submit()
        self.assertEqual(self.chargeback.submit_state, "sending")
        self.chargeback.action_ask()
        self.assertEqual((self.chargeback.state, self.chargeback.submit_state), ("open", "none"))
        self.submit()
        self.assertEqual(self.chargeback.state, "submitted")

    def test_stripe_is_asked_where_it_stands(self):
        dispute = self.fake.disputes[self.chargeback.reference]
        dispute["status"] = "lost"
        self.chargeback.action_ask()
        self.assertEqual((self.chargeback.state, self.chargeback.amount_lost), ("lost", 100))

    def test_files_and_keys_stay_out_of_the_log(self):
        self.add("consent")
        written = []
        logger = logging.getLogger("odoo.addons.payment.models.payment_provider")
        handler = logging.Handler()
        handler.emit = lambda record: written.append(record.getMessage())
        logger.addHandler(handler)
        self.addCleanup(logger.removeHandler, handler)
        self.chargeback.action_submit()
        text = "\n".join(written)
        self.assertIn("files.stripe.com", text)
        self.assertNotIn("%PDF", text)
        self.assertNotIn("sk_test_1", text)
