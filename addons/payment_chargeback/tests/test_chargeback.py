# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Chargebacks written down by hand: stories from the letter to the outcome."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.payment_charge.models.res_company import ResCompany

from .common import ChargebackCommon


@tagged("post_install", "-at_install")
class TestByHand(ChargebackCommon):
    def test_a_chargeback_is_lost_and_the_document_stays_owed(self):
        attempt, invoice = self.charged()
        chargeback = self.write_down(attempt, fee_amount=15)
        self.assertEqual((chargeback.state, chargeback.partner_id), ("open", self.customer))
        self.assertEqual(chargeback.invoice_ids, invoice)
        self.assertEqual(attempt.state, "returned")
        self.assertEqual(invoice.amount_residual, 100)
        self.assertTrue(chargeback.activity_ids, "somebody has to answer it")
        self.assertFalse(attempt.activity_ids, "it is the chargeback that is looked at")
        chargeback.action_mark_submitted()
        self.assertEqual(chargeback.state, "submitted")
        self.assertFalse(chargeback.activity_ids)
        self.decide(chargeback, "lost")
        self.assertEqual(self.history(chargeback), ["open", "submitted", "lost"])
        self.assertEqual((chargeback.amount_lost, chargeback.finished), (100, True))
        self.assertEqual((invoice.amount_residual, self.balance()), (100, 100))
        self.assertEqual(self.balance(self.fee_account), 15)
        self.assertTrue(attempt.needs_attention, "it is owed again, and by another way")

    def test_a_chargeback_is_won_and_the_charge_stands_again(self):
        attempt, invoice = self.charged()
        chargeback = self.write_down(attempt)
        self.decide(chargeback, "won", note="Read on the site")
        self.assertEqual((chargeback.state, chargeback.amount_lost), ("won", 0))
        self.assertEqual((attempt.state, invoice.amount_residual), ("succeeded", 0))
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self.balance(), 0)
        self.assertNotEqual(attempt.payment_id, chargeback.payment_id)
        self.assertFalse(attempt.needs_attention)
        self.assertEqual(self.asked(), 1, "nothing was charged again")

    def test_money_comes_back_after_the_customer_paid_in_another_way(self):
        attempt, invoice = self.charged()
        chargeback = self.write_down(attempt)
        self._register_payment(invoice)
        self.assertEqual(invoice.amount_residual, 0)
        self.decide(chargeback, "won")
        self.assertEqual(self.balance(), -100, "on the customer's account")
        self.assertTrue(attempt.surplus and attempt.needs_attention)

    def test_a_chargeback_is_partly_won(self):
        attempt, invoice = self.charged()
        chargeback = self.write_down(attempt, fee_amount=15)
        with self.assertRaises(ValidationError):
            self.decide(chargeback, "partly", reinstated=100)
        self.decide(chargeback, "partly", reinstated=30, fee_amount=0)
        self.assertEqual((chargeback.state, chargeback.amount_lost), ("partly", 70))
        self.assertEqual((invoice.amount_residual, self.balance()), (70, 70))
        self.assertEqual(attempt.state, "returned")
        self.assertEqual(self.balance(self.fee_account), 0, "the fee came back")

    def test_what_was_said_by_mistake_is_corrected(self):
        attempt, invoice = self.charged()
        chargeback = self.write_down(attempt)
        self.decide(chargeback, "won")
        self.decide(chargeback, "lost")
        self.assertEqual((attempt.state, invoice.amount_residual), ("returned", 100))
        self.assertEqual((self.balance(), chargeback.amount_lost), (100, 100))
        self.decide(chargeback, "won")
        self.assertEqual((attempt.state, invoice.amount_residual), ("succeeded", 0))
        self.assertEqual(self.balance(), 0)

    def test_nothing_is_charged_for_the_document_while_it_is_not_decided(self):
        attempt, invoice = self.charged()
        other_card = self.card("done")
        chargeback = self.write_down(attempt)
        with self.assertRaises(ValidationError):
            self.plan(invoice, way_id=other_card.id)
        self.assertFalse(attempt.next_ids)
        self.decide(chargeback, "lost")
        again = self.charge(invoice, way_id=other_card.id)
        self.assertEqual((again.state, invoice.amount_residual), ("succeeded", 0))

    def test_the_standing_order_waits_until_it_is_decided(self):
        source = self.env["res.partner.category"].create({"name": "Monthly fee"})
        attempt, _invoice = self.charged(source=source)
        next_invoice = self.invoice_of(40)
        planned = self.plan(next_invoice, source=source)
        chargeback = self.write_down(attempt)
        planned._submit()
        self.assertEqual((planned.state, self.asked()), ("planned", 1))
        self.assertEqual(planned.planned_on, fields.Date.add(self.today, days=1))
        self.assertIn(chargeback.name, planned.trouble)
        self.decide(chargeback, "won")
        planned._submit()
        self.assertEqual((planned.state, self.asked()), ("succeeded", 2))

    def test_no_failed_charge_of_the_standing_order_is_tried_again(self):
        source = self.env["res.partner.category"].create({"name": "Monthly fee"})
        attempt, _invoice = self.charged(source=source)
        self.card("insufficient_funds")
        declined = self.env["payment.charge.way"].search([], order="id desc", limit=1)
        slow = self.charge(self.invoice_of(40), source=source, way_id=declined.id)
        self.assertEqual(slow.next_step, "retry")
        self.write_down(attempt)
        slow.next_ids._submit()
        self.assertEqual(slow.next_ids.state, "planned")
        self.assertEqual(slow.next_ids._stop_reason(), "dispute")

    def test_whatever_asked_for_the_charge_is_told(self):
        source = self.env["res.partner.category"].create({"name": "Monthly fee"})
        told = []
        Source = type(source)
        with patch.object(
            Source,
            "_chargeback_changed",
            lambda _self, chargeback: told.append(chargeback.state),
            create=True,
        ):
            attempt, _invoice = self.charged(source=source)
            chargeback = self.write_down(attempt)
            self.decide(chargeback, "lost")
        self.assertEqual(told, ["open", "lost"])

    def test_the_card_is_barred_when_fraud_is_claimed_and_not_otherwise(self):
        for rule, reason, barred in (
            ("never", "chargeback_fraud", False),
            ("fraud", "chargeback_not_received", False),
            ("fraud", "chargeback_fraud", True),
            ("always", "chargeback_not_received", True),
        ):
            with self.subTest(rule=rule, reason=reason):
                self.company.chargeback_block = rule
                attempt, _invoice = self.charged()
                self.write_down(attempt, reason=reason)
                self.assertEqual(bool(attempt.way_id.blocked_on), barred)
                self.assertEqual(attempt.way_id.in_force, not barred)

    def test_a_dispute_number_is_written_down_once(self):
        attempt, _invoice = self.charged()
        self.write_down(attempt, reference="ARN 77", amount=20)
        with self.assertRaises(UserError):
            self.write_down(attempt, reference="ARN 77", amount=20)

    def test_only_what_was_charged_is_disputed(self):
        attempt, _invoice = self.charged()
        for amount in (0, 100.01):
            with self.assertRaises(ValidationError):
                self.write_down(attempt, amount=amount)
        self.card("insufficient_funds")
        failed = self.charge(self.invoice_of(10), retry=False)
        if failed.state == "failed":
            with self.assertRaises(UserError):
                self.write_down(failed)

    def test_a_chargeback_stays_as_history(self):
        attempt, _invoice = self.charged()
        chargeback = self.write_down(attempt)
        with self.assertRaises(UserError):
            chargeback.unlink()
        with self.assertRaises(UserError):
            chargeback.action_dismiss()


@tagged("post_install", "-at_install")
class TestWarning(ChargebackCommon):
    def setUp(self):
        super().setUp()
        self.allow_refunds("partial")

    def test_a_warned_charge_is_refunded_with_one_click_and_once(self):
        attempt, invoice = self.charged()
        chargeback = self.write_down(attempt, kind="alert", reason="chargeback_fraud")
        self.assertEqual((chargeback.state, attempt.state), ("warning", "succeeded"))
        self.assertEqual((invoice.amount_residual, chargeback.amount_lost), (0, 0))
        self.assertTrue(chargeback.activity_ids)
        action = chargeback.action_refund()
        refund = self.env["payment.charge.attempt"].browse(action["res_id"])
        self.assertEqual((refund.state, refund.amount), ("succeeded", 100))
        self.assertEqual((chargeback.state, invoice.amount_residual), ("closed", 100))
        self.assertFalse(chargeback.activity_ids)
        with self.assertRaises(UserError):
            chargeback.action_refund()
        self.assertEqual(len(self.line.refunded), 1)

    def test_a_warned_charge_is_refunded_from_the_charge_itself(self):
        attempt, _invoice = self.charged()
        chargeback = self.write_down(attempt, kind="alert")
        refund = attempt._refund(40)
        refund._submit()
        self.assertEqual(chargeback.state, "warning", "part of it may still be disputed")
        attempt._refund()._submit()
        self.assertEqual(chargeback.state, "closed")

    def test_what_a_chargeback_took_is_not_refunded_as_well(self):
        attempt, _invoice = self.charged()
        self.write_down(attempt, amount=40)
        self.assertEqual((attempt.state, attempt.amount_refundable), ("succeeded", 60))
        with self.assertRaises(ValidationError):
            attempt._refund(61)

    def test_a_person_looks_at_a_warning_and_leaves_it(self):
        attempt, _invoice = self.charged()
        chargeback = self.write_down(attempt, kind="alert")
        chargeback.action_dismiss()
        self.assertEqual((chargeback.state, chargeback.activity_ids.ids), ("closed", []))

    def test_a_warning_that_becomes_a_chargeback_is_closed(self):
        attempt, invoice = self.charged()
        warning = self.write_down(attempt, kind="alert")
        chargeback = self.write_down(attempt)
        self.assertEqual((warning.state, chargeback.state), ("closed", "open"))
        self.assertEqual(invoice.amount_residual, 100)

    def test_an_inquiry_moves_no_money_until_it_is_lost(self):
        attempt, invoice = self.charged()
        inquiry = self.write_down(attempt, kind="inquiry")
        self.assertEqual((inquiry.state, invoice.amount_residual), ("warning", 0))
        self.decide(inquiry, "lost")
        self.assertEqual((invoice.amount_residual, inquiry.amount_lost), (100, 100))


@tagged("post_install", "-at_install")
class TestDeadline(ChargebackCommon):
    def test_a_person_is_reminded_before_the_deadline_once(self):
        attempt, _invoice = self.charged()
        due = fields.Datetime.now() + timedelta(days=10)
        chargeback = self.write_down(attempt, due_by=due)
        first = chargeback.activity_ids
        self.assertEqual(first.date_deadline, fields.Date.subtract(due.date(), days=3))
        self.run_job("cron_follow_up")
        self.assertEqual(chargeback.activity_ids, first)
        chargeback.sudo().due_by = fields.Datetime.now() + timedelta(days=2)
        self.run_job("cron_follow_up")
        second = chargeback.activity_ids
        self.assertIn("due", second.summary)
        self.assertNotEqual(second, first)
        self.run_job("cron_follow_up")
        self.assertEqual(chargeback.activity_ids, second)

    def test_a_missed_deadline_alone_loses_nothing(self):
        attempt, _invoice = self.charged()
        due = fields.Datetime.now() - timedelta(days=2)
        chargeback = self.write_down(attempt, due_by=due)
        self.run_job("cron_follow_up")
        self.assertEqual(chargeback.state, "open")
        self.assertTrue(chargeback.reminded and chargeback.activity_ids)
        self.assertLess(chargeback.days_left, 0)

    def test_days_left_are_counted_by_the_companys_clock(self):
        self.company.partner_id.tz = "Pacific/Kiritimati"  # 14 hours ahead
        attempt, _invoice = self.charged()
        with patch.object(
            ResCompany, "_charge_today", lambda _self: fields.Date.to_date("2026-03-10")
        ):
            chargeback = self.write_down(attempt, due_by="2026-03-12 12:00:00")
            chargeback.invalidate_recordset()
            self.assertEqual(chargeback.days_left, 3)

    def test_evidence_that_was_sent_needs_no_reminder(self):
        attempt, _invoice = self.charged()
        chargeback = self.write_down(attempt, due_by=fields.Datetime.now() + timedelta(days=1))
        chargeback.action_mark_submitted()
        self.run_job("cron_follow_up")
        self.assertFalse(chargeback.activity_ids)
