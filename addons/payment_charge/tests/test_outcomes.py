# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""Successes that come late, answers that never come, bookings that fail: nothing is lost or twice."""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ChargeCommon


@tagged("post_install", "-at_install")
class TestOutcomes(ChargeCommon):
    def test_the_host_loses_a_late_success_of_a_payment_that_charges(self):
        """Why charges do not go through the host's payment: a fact about the host."""
        way = self.card("pending")
        payment = self.env["account.payment"].create({
            "payment_type": "inbound",
            "partner_type": "customer",
            "amount": 100,
            "partner_id": self.customer.id,
            "journal_id": self.provider.journal_id.id,
            "payment_method_line_id": self.provider.journal_id.inbound_payment_method_line_ids.filtered(
                lambda line: line.payment_provider_id == self.provider
            ).id,
            "payment_token_id": way.token_id.id,
        })
        payment.action_post()
        self.assertEqual(payment.state, "canceled")
        transaction = payment.payment_transaction_id.sudo()
        transaction._set_done()
        transaction._post_process()
        self.assertEqual(payment.state, "canceled")

    def test_a_success_after_pending_is_booked_once(self):
        self.card("pending")
        invoice = self.invoice_of(100)
        attempt = self.charge(invoice)
        self.assertEqual(attempt.state, "pending")
        self.assertFalse(self.payments_of())
        attempt.transaction_id.sudo()._set_done()
        self.follow_up()
        self.assertEqual(attempt.state, "succeeded")
        self.assertTrue(self.currency.is_zero(invoice.amount_residual))
        self.follow_up()
        self.assertEqual(len(self.payments_of()), 1)

    def test_a_success_that_the_host_books_first_is_followed_at_once(self):
        self.card("pending")
        invoice = self.invoice_of(100)
        attempt = self.charge(invoice)
        transaction = attempt.transaction_id.sudo()
        transaction._set_done()
        transaction._post_process()
        self.assertEqual(attempt.state, "succeeded")
        self.assertEqual(attempt.payment_id, transaction.payment_id)
        self.follow_up()
        self.assertEqual(len(self.payments_of()), 1)

    def test_a_success_after_a_refusal_is_booked_and_ends_the_retry(self):
        self.card("insufficient_funds", "done")
        invoice = self.invoice_of(100)
        attempt = self.charge(invoice)
        retry = attempt.next_ids
        self.assertEqual((attempt.state, retry.state), ("failed", "planned"))
        attempt.transaction_id.sudo()._set_done()
        self.follow_up()
        self.assertEqual(attempt.state, "succeeded")
        self.assertEqual(retry.state, "cancelled")
        self.assertTrue(self.currency.is_zero(invoice.amount_residual))
        retry._submit()
        self.assertEqual(self.asked(), 1)

    def test_a_success_after_a_cancellation_at_the_provider_is_booked(self):
        self.card("pending")
        invoice = self.invoice_of(100)
        attempt = self.charge(invoice)
        transaction = attempt.transaction_id.sudo()
        transaction._set_canceled()
        self.follow_up()
        self.assertEqual(attempt.state, "failed")
        transaction._set_done()
        self.assertEqual(transaction.state, "done")
        self.follow_up()
        self.assertEqual(attempt.state, "succeeded")
        self.assertTrue(self.currency.is_zero(invoice.amount_residual))

    def test_a_success_after_the_document_was_paid_is_credit_on_account(self):
        self.card("insufficient_funds", "done")
        invoice = self.invoice_of(100)
        first = self.charge(invoice)
        second = first.next_ids
        second._submit()
        self.assertEqual(second.state, "succeeded")
        first.transaction_id.sudo()._set_done()
        self.follow_up()
        self.assertEqual(first.state, "succeeded")
        self.assertEqual(len(self.payments_of()), 2)
        late = first._receivable(first.payment_id.move_id)
        self.assertEqual(late.amount_residual, -100, "it is the customer's credit")
        self.assertTrue(first._receivable(second.payment_id.move_id).reconciled)
        self.assertTrue(first.surplus and first.needs_attention, "a person gives it back or not")
        self.assertFalse(second.surplus)

    def test_an_answer_that_never_came_is_asked_for_and_never_sent_again(self):
        for word in ("lost_taken", "broken"):
            with self.subTest(word):
                partner = self.env["res.partner"].create({"name": word})
                self.card(word, partner=partner)
                invoice = self.invoice_of(100, partner=partner)
                asked = self.asked()
                attempt = self.charge(invoice)
                self.assertEqual(attempt.state, "succeeded")
                self.assertIn("unknown", self.states(attempt))
                self.assertEqual(self.asked(), asked + 1)
                self.assertEqual(len(self.payments_of(partner)), 1)
                self.assertTrue(self.currency.is_zero(invoice.amount_residual))

    def test_a_request_that_never_arrived_is_tried_again_after_a_while_only(self):
        self.card("lost", "done")
        invoice = self.invoice_of(100)
        attempt = self.charge(invoice)
        self.assertEqual(attempt.state, "unknown")
        self.follow_up()
        self.assertEqual(attempt.state, "unknown", "the request may still be on its way")
        with self.later(minutes=40):
            self.follow_up()
        self.assertEqual(attempt.state, "failed")
        self.assertEqual(attempt.reason_id.code, "not_received")
        self.assertEqual(attempt.next_ids.state, "planned")
        self.assertEqual(self.asked(), 1)

    def test_where_the_provider_cannot_say_a_person_does(self):
        self.line.can_say = False
        self.card("lost_taken")
        invoice = self.invoice_of(100)
        attempt = self.charge(invoice)
        self.assertEqual(attempt.state, "unknown")
        with self.later(days=2):
            self.follow_up()
        self.assertEqual(attempt.state, "unknown")
        self.assertTrue(attempt.needs_attention)
        self.assertTrue(attempt.activity_ids)
        wizard = self.env["payment.charge.resolve"].create({
            "attempt_id": attempt.id,
            "outcome": "done",
            "provider_reference": "seen 77",
            "note": "seen in the list",
        })
        wizard.action_resolve()
        self.assertEqual(attempt.state, "succeeded")
        self.assertEqual(attempt.provider_reference, "seen 77")
        self.assertTrue(self.currency.is_zero(invoice.amount_residual))
        with self.assertRaises(UserError):
            attempt._take_word("done", "again", None)

    def test_a_person_may_say_that_nothing_was_charged_and_be_wrong(self):
        self.line.can_say = False
        self.card("lost_taken")
        invoice = self.invoice_of(100)
        attempt = self.charge(invoice)
        self.env["payment.charge.resolve"].create({
            "attempt_id": attempt.id,
            "outcome": "error",
            "note": "the bank says no",
        }).action_resolve()
        self.assertEqual(attempt.state, "failed")
        attempt.transaction_id.sudo()._set_done()
        self.follow_up()
        self.assertEqual(attempt.state, "succeeded")
        self.assertTrue(self.currency.is_zero(invoice.amount_residual))

    def test_the_same_request_is_repeated_only_where_that_is_no_second_charge(self):
        self.line.can_say = False
        self.card("lost", "done")
        invoice = self.invoice_of(100)
        Provider = type(self.env["payment.provider"])
        with patch.object(Provider, "_charge_can_repeat", lambda _self, _tx: True):
            attempt = self.charge(invoice)
        self.assertEqual(attempt.state, "succeeded")
        references = {reference for _token, reference, _amount in self.line.asked}
        self.assertEqual(len(references), 1, "the same transaction, so the same key")

    def test_a_success_whose_booking_fails_is_kept_and_booked_later(self):
        self.card("done")
        invoice = self.invoice_of(100)
        attempt = self.plan(invoice)
        Transaction = type(self.env["payment.transaction"])

        def refuse(_self, **_vals):
            raise ValueError("The journal is locked.")

        with patch.object(Transaction, "_create_payment", refuse):
            attempt._submit()
            self.assertEqual(attempt.state, "succeeded")
            self.assertFalse(attempt.finished)
            self.assertIn("locked", attempt.trouble)
            self.assertTrue(attempt.needs_attention)
            self.assertFalse(self.payments_of())
        self.follow_up()
        self.assertTrue(attempt.finished)
        self.assertFalse(attempt.needs_attention)
        self.assertEqual(len(self.payments_of()), 1)
        self.assertTrue(self.currency.is_zero(invoice.amount_residual))
        self.assertEqual(self.asked(), 1)

    def test_a_process_that_died_after_submitting_never_sends_again(self):
        self.card("done")
        invoice = self.invoice_of(100)
        attempt = self.plan(invoice)
        attempt._prepare()
        self.assertEqual(attempt.state, "submitted")
        # the process is gone; another one finds the charge
        self.follow_up()
        self.assertEqual(attempt.state, "unknown")
        with self.later(minutes=40):
            self.follow_up()
        self.assertEqual(attempt.state, "failed")
        self.assertEqual(self.asked(), 0)
        attempt.next_ids._submit()
        self.assertEqual(attempt.next_ids.state, "succeeded")
        self.assertEqual(self.asked(), 1)

    def test_what_comes_of_a_charge_reaches_who_asked_for_it_once(self):
        self.card("insufficient_funds", "done")
        told = []
        source = self.env["res.partner.category"].create({"name": "Standing Order 7"})
        Source = type(source)
        with patch.object(
            Source,
            "_charge_changed",
            lambda self, attempt: told.append((self.name, attempt.state)),
            create=True,
        ):
            attempt = self.charge(self.invoice_of(100), source=source)
            attempt.next_ids._submit()
            self.follow_up()
        self.assertEqual(told, [("Standing Order 7", "failed"), ("Standing Order 7", "succeeded")])

    def test_an_error_of_who_asked_for_it_loses_no_success(self):
        self.card("done")
        source = self.env["res.partner.category"].create({"name": "Standing Order 7"})

        def fail(_self, _attempt):
            raise ValueError("No such period.")

        with patch.object(type(source), "_charge_changed", fail, create=True):
            attempt = self.charge(self.invoice_of(100), source=source)
        self.assertEqual(attempt.state, "succeeded")
        self.assertIn("No such period", attempt.trouble)
        self.follow_up()
        self.assertTrue(attempt.finished)
        self.assertEqual(len(self.payments_of()), 1)

    def test_a_charge_pending_for_too_long_is_looked_at(self):
        self.line.can_say = False
        self.card("pending")
        attempt = self.charge(self.invoice_of(100))
        with self.later(days=6):
            self.follow_up()
        self.assertTrue(attempt.overdue)
        self.assertTrue(attempt.needs_attention)
        self.assertTrue(attempt.activity_ids)

    @mute_logger("odoo.addons.payment_charge.models.payment_transaction")
    def test_trouble_of_ours_does_not_keep_the_host_from_booking(self):
        self.card("pending")
        attempt = self.charge(self.invoice_of(100))
        transaction = attempt.transaction_id.sudo()

        def fail(_self, *_args, **_kwargs):
            raise ValueError("trouble")

        with patch.object(type(attempt), "_settle", fail):
            transaction._set_done()
            transaction._post_process()
        self.assertTrue(transaction.payment_id)
        self.follow_up()
        self.assertEqual(attempt.state, "succeeded")
        self.assertEqual(len(self.payments_of()), 1)
