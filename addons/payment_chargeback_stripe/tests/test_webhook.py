# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What Stripe reports, over its webhook."""

from unittest.mock import patch

from lxml import etree

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.payment_stripe.controllers.main import StripeController as HostController

from .common import SECRET, StripeCommon


@tagged("post_install", "-at_install")
class TestWebhook(StripeCommon):
    def test_from_the_first_report_to_the_loss(self):
        attempt, invoice = self.charged()
        gone = {"balance_transactions": [self.money(attempt, -100, 15)]}
        chargeback = self.stripe_says(
            attempt,
            ("created", "needs_response", {}),
            ("funds_withdrawn", "needs_response", gone),
            ("updated", "under_review", gone),
            ("closed", "lost", gone),
        )
        self.assertEqual(
            chargeback.transition_ids.sorted("id").mapped("to_state"),
            ["open", "submitted", "lost"],
        )
        self.assertEqual(chargeback.reason_id.code, "chargeback_not_received")
        self.assertEqual(
            (chargeback.company_id, chargeback.partner_id), (self.company, self.customer)
        )
        self.assertTrue(chargeback.due_by)
        self.assertEqual((attempt.state, invoice.amount_residual), ("returned", 100))
        self.assertEqual((self.balance(), self.balance(self.fee_account)), (100, 15))
        self.assertTrue(chargeback.finished, chargeback.trouble)

    def test_a_dispute_that_is_won(self):
        attempt, invoice = self.charged()
        gone = [self.money(attempt, -100, 15)]
        back = [*gone, self.money(attempt, 100, -15)]
        chargeback = self.stripe_says(
            attempt,
            ("created", "needs_response", {"balance_transactions": gone}),
            ("funds_reinstated", "won", {"balance_transactions": back}),
            ("closed", "won", {"balance_transactions": back}),
        )
        self.assertEqual((chargeback.state, chargeback.amount_lost), ("won", 0))
        self.assertEqual((attempt.state, invoice.amount_residual), ("succeeded", 0))
        self.assertEqual((self.balance(), self.balance(self.fee_account)), (0, 0))
        self.assertEqual(len(self.payments_of().filtered(lambda one: one.state != "rejected")), 1)

    def test_a_dispute_of_which_a_part_comes_back(self):
        attempt, invoice = self.charged()
        back = [self.money(attempt, -100, 15), self.money(attempt, 30)]
        chargeback = self.stripe_says(
            attempt,
            ("created", "needs_response", {}),
            ("closed", "won", {"balance_transactions": back}),
        )
        self.assertEqual((chargeback.state, chargeback.amount_lost), ("partly", 70))
        self.assertEqual((invoice.amount_residual, self.balance()), (70, 70))

    def test_an_inquiry_that_becomes_a_dispute(self):
        attempt, invoice = self.charged()
        chargeback = self.stripe_says(attempt, ("created", "warning_needs_response", {}))
        self.assertEqual((chargeback.kind, invoice.amount_residual), ("inquiry", 0))
        self.post(
            self.event("charge.dispute.updated", self.dispute(attempt, "needs_response"), minute=9)
        )
        self.assertEqual((chargeback.kind, chargeback.state), ("chargeback", "open"))
        self.assertEqual(invoice.amount_residual, 100)

    def test_what_comes_again_and_late_changes_nothing_twice(self):
        attempt, invoice = self.charged()
        created = self.event("charge.dispute.created", self.dispute(attempt), 0)
        lost = self.event("charge.dispute.closed", self.dispute(attempt, "lost"), 5)
        for event in (lost, created, lost, created, created):
            self.assertEqual(self.post(event), 200)
        chargeback = self.Chargeback.search([("attempt_id", "=", attempt.id)])
        self.assertEqual((chargeback.state, len(chargeback.event_ids)), ("lost", 2))
        self.assertEqual((invoice.amount_residual, self.balance()), (100, 100))
        self.assertEqual(len(chargeback.move_ids), 1)

    def test_a_wrong_signature_is_refused_and_changes_nothing(self):
        attempt, invoice = self.charged()
        event = self.event("charge.dispute.created", self.dispute(attempt))
        for name, vals in (
            ("another secret", {"secret": "whsec_other"}),
            ("no signature", {"header": ""}),
            ("nonsense", {"header": "t=1,v1=é".encode().decode("latin-1")}),
            ("too old", {"age": 3600}),
        ):
            with self.subTest(name):
                self.assertEqual(self.post(event, **vals), 403)
        self.assertFalse(self.Chargeback.search([]))
        self.assertFalse(self.Event.search([]))
        self.assertEqual((attempt.state, invoice.amount_residual), ("succeeded", 0))
        self.assertEqual(self.post(event), 200, "the same one, well signed")

    def test_without_a_secret_nothing_is_taken_in(self):
        attempt, _invoice = self.charged()
        for secret in (False, ""):
            self.stripe.stripe_webhook_secret = secret
            event = self.event("charge.dispute.created", self.dispute(attempt))
            for signed_with in ("", SECRET):
                self.assertEqual(self.post(event, secret=signed_with), 403)
            self.assertEqual(self.post(event, header=""), 403)
        self.assertFalse(self.Event.search([]))

    def test_the_terminal_says_what_is_missing_without_a_secret(self):
        arch = self.env["payment.provider"].get_view(view_type="form")["arch"]
        [warning] = etree.fromstring(arch).xpath("//div[@name='chargeback_without_secret']")
        self.assertIn("no chargeback", warning.text)
        self.assertIn("stripe_webhook_secret", warning.get("invisible"))

    def test_a_payment_that_nobody_knows_waits_for_a_person(self):
        attempt, _invoice = self.charged()
        event = self.event(
            "charge.dispute.created", self.dispute(attempt, payment_intent="pi_unheard_of")
        )
        self.assertEqual(self.post(event), 200)
        row = self.Event.search([])
        self.assertEqual((row.state, row.payment_ref), ("unknown", "pi_unheard_of"))
        self.assertEqual((row.company_id, self.Chargeback.search([]).ids), (self.company, []))

    def test_a_dispute_of_another_terminals_payment_is_not_taken(self):
        attempt, _invoice = self.charged()
        company = self.setup_other_company(name="Rival Ltd")["company"]
        other = self._prepare_provider(
            "stripe",
            company=company,
            update_values={
                "stripe_secret_key": "sk_test_2",
                "stripe_publishable_key": "pk_test_2",
                "stripe_webhook_secret": "whsec_two",
            },
        )
        event = self.event("charge.dispute.created", self.dispute(attempt))
        self.assertEqual(self.post(event, secret="whsec_two"), 200)
        row = self.Event.sudo().search([("payment_ref", "!=", "pi_demo_1")])
        self.assertEqual((row.provider_id, row.state), (other, "unknown"))
        self.assertEqual(row.company_id, company)

    def test_a_report_that_names_the_charge_only(self):
        attempt, invoice = self.charged()
        reference = attempt.transaction_id.sudo().provider_reference
        self.fake.charges["ch_1"] = {"id": "ch_1", "payment_intent": reference}
        event = self.event("charge.dispute.created", self.dispute(attempt, payment_intent=None))
        self.assertEqual(self.post(event), 200)
        self.assertEqual(invoice.amount_residual, 100)

    def test_a_fraud_warning_alerts_and_moves_nothing(self):
        attempt, invoice = self.charged()
        warning = {
            "id": "issfr_1",
            "object": "radar.early_fraud_warning",
            "actionable": True,
            "charge": "ch_1",
            "fraud_type": "made_with_stolen_card",
            "payment_intent": attempt.transaction_id.sudo().provider_reference,
        }
        self.post(self.event("radar.early_fraud_warning.created", warning))
        alert = self.Chargeback.search([("attempt_id", "=", attempt.id)])
        self.assertEqual((alert.kind, alert.state, alert.amount), ("alert", "warning", 100))
        self.assertEqual(alert.reason_id.code, "chargeback_fraud")
        self.assertTrue(alert.activity_ids)
        self.assertEqual(invoice.amount_residual, 0)
        self.stripe_says(attempt, ("created", "needs_response", {}))
        self.assertEqual(alert.state, "closed", "it became a chargeback")

    def test_a_signed_report_that_makes_no_sense_is_refused(self):
        for event in (
            {"type": "charge.dispute.created"},
            self.event("charge.dispute.created", {"id": "dp_1", "status": "lost"}),
            self.event("charge.dispute.created", None),
            self.event("payment_method.updated", []),
        ):
            with self.subTest(event):
                self.assertEqual(self.post(event), 400)
        self.assertFalse(self.Event.search([]))

    def test_a_status_that_is_not_known_waits_for_a_person(self):
        attempt, invoice = self.charged()
        event = self.event("charge.dispute.updated", self.dispute(attempt, "unheard_of"))
        self.assertEqual((self.post(event), self.post(event)), (200, 200))
        row = self.Event.search([])
        self.assertEqual((len(row), row.state, invoice.amount_residual), (1, "failed", 0))
        self.assertIn("unheard_of", row.note)
        self.assertTrue(row.activity_ids)

    def test_the_hosts_own_reports_stay_the_hosts(self):
        attempt, _invoice = self.charged()
        with (
            patch.object(HostController, "_verify_signature", autospec=True) as checked,
            mute_logger("odoo.addons.payment_stripe.controllers.main"),
        ):
            transaction = attempt.transaction_id.sudo()
            event = self.event(
                "payment_intent.succeeded",
                {
                    "id": transaction.provider_reference,
                    "description": transaction.reference,
                    "amount": 10000,
                    "currency": self.currency.name.lower(),
                    "status": "succeeded",
                },
            )
            self.assertEqual(self.post(event), 200)
        self.assertEqual(checked.call_count, 1)
        self.assertFalse(self.Event.search([]))

    def test_a_webhook_that_is_made_from_here_asks_for_these_reports(self):
        self.stripe.stripe_webhook_secret = False
        self.stripe.action_stripe_create_webhook()
        asked = self.fake.webhooks[0]["enabled_events[]"]
        for kind in (
            "charge.dispute.created",
            "radar.early_fraud_warning.created",
            "payment_method.automatically_updated",
            "payment_intent.succeeded",
        ):
            self.assertIn(kind, asked)
        self.assertEqual(self.stripe.stripe_webhook_secret, "whsec_new")
