# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What a chargeback does to the books."""

from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..core.dispute import Report
from .common import ChargebackCommon


@tagged("post_install", "-at_install")
class TestBooks(ChargebackCommon):
    def test_the_money_leaves_the_account_on_which_it_came(self):
        attempt, _invoice = self.charged()
        outstanding = self.outstanding(attempt)
        self.assertEqual(self.balance(outstanding), 100)
        chargeback = self.write_down(attempt, fee_amount=15)
        self.assertEqual(self.balance(outstanding), -15, "the fee was taken from it too")
        self.decide(chargeback, "won")
        self.assertEqual(self.balance(outstanding), 85)
        self.assertEqual(len(chargeback.move_ids), 3)
        self.assertEqual(set(chargeback.move_ids.mapped("state")), {"posted"})

    def test_a_part_is_disputed_and_the_rest_still_pays(self):
        attempt, invoice = self.charged()
        chargeback = self.write_down(attempt, amount=40)
        self.assertEqual((invoice.amount_residual, self.balance()), (40, 40))
        self.assertEqual(attempt.state, "succeeded")
        self.assertNotEqual(attempt.payment_id.state, "rejected")
        self.decide(chargeback, "won")
        self.assertEqual((invoice.amount_residual, self.balance()), (0, 0))

    def test_two_disputes_of_one_charge(self):
        attempt, invoice = self.charged()
        first = self.write_down(attempt, amount=40)
        second = self.write_down(attempt, amount=60)
        self.assertEqual((invoice.amount_residual, self.balance()), (100, 100))
        self.decide(first, "won")
        self.decide(second, "lost")
        self.assertEqual((invoice.amount_residual, self.balance()), (60, 60))

    def test_what_was_refunded_is_not_owed_because_of_a_dispute(self):
        self.allow_refunds("partial")
        attempt, invoice = self.charged()
        attempt._refund(30, "reopen")._submit()
        self.assertEqual(invoice.amount_residual, 30)
        self.write_down(attempt, amount=70)
        self.assertEqual((invoice.amount_residual, self.balance()), (100, 100))

    def test_a_foreign_currency_goes_out_at_the_rate_at_which_it_came(self):
        currency = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        self.provider.available_currency_ids = False
        invoice = self.invoice_of(100, currency_id=currency.id)
        attempt = self.charge(invoice, way_id=self.card("done").id)
        self.assertEqual((attempt.state, self.balance()), ("succeeded", 0))
        self.env["res.currency.rate"].create({
            "currency_id": currency.id,
            "company_id": self.company.id,
            "name": self.today,
            "rate": 4.0,
        })
        self.write_down(attempt, amount=40)
        self.assertEqual((invoice.amount_residual, self.balance()), (40, 20))

    def test_a_fee_without_an_account_waits_for_one(self):
        self.company.chargeback_fee_account_id = False
        attempt, invoice = self.charged()
        chargeback = self.write_down(attempt, fee_amount=15)
        self.assertFalse(chargeback.finished)
        self.assertIn("fee", chargeback.trouble)
        self.assertEqual(invoice.amount_residual, 0, "what follows is done as a whole")
        self.company.chargeback_fee_account_id = self.fee_account
        self.run_job("cron_follow_up")
        self.assertTrue(chargeback.finished and not chargeback.trouble)
        self.assertEqual(self.balance(self.fee_account), 15)
        self.assertEqual((invoice.amount_residual, attempt.state), (100, "returned"))

    def test_closed_books_take_it_on_an_open_day(self):
        attempt, _invoice = self.charged()
        day = fields.Date.subtract(self.today, days=3)
        self.company.fiscalyear_lock_date = fields.Date.subtract(self.today, days=1)
        chargeback = self.write_down(attempt, opened_on=day)
        self.assertTrue(chargeback.finished, chargeback.trouble)
        self.assertEqual(chargeback.move_ids.date, self.today)

    def test_a_booking_that_fails_is_kept_for_a_person_and_done_again(self):
        attempt, invoice = self.charged()
        Payment = type(self.env["account.move"])
        logger = "odoo.addons.payment_chargeback.models.payment_chargeback_booking"
        with (
            patch.object(Payment, "_reverse_moves", side_effect=ZeroDivisionError("broken")),
            mute_logger(logger),
        ):
            chargeback = self.write_down(attempt)
        self.assertEqual((chargeback.state, chargeback.finished), ("open", False))
        self.assertEqual((attempt.state, invoice.amount_residual), ("succeeded", 0))
        self.assertTrue(chargeback.activity_ids)
        chargeback.action_finish()
        self.assertEqual((attempt.state, invoice.amount_residual), ("returned", 100))
        chargeback.action_finish()
        self.assertEqual(self.balance(), 100)

    def test_more_than_was_paid_is_booked_by_a_person(self):
        attempt, invoice = self.charged()
        chargeback = self.tell(self.report(attempt, amount=130.0))
        self.assertIn("more than", chargeback.trouble)
        self.assertEqual(invoice.amount_residual, 0)

    def test_another_currency_is_looked_at_by_a_person(self):
        attempt, _invoice = self.charged()
        self.tell(self.report(attempt, currency="JPY"))
        event = self.Event.search([], limit=1)
        self.assertEqual((event.state, event.chargeback_id.ids), ("failed", []))
        self.assertIn("JPY", event.note)

    def test_a_payment_on_the_portal_is_disputed(self):
        invoice = self.invoice_of(100)
        transaction = self._create_transaction(
            "redirect",
            amount=100,
            currency_id=self.currency.id,
            partner_id=self.customer.id,
            invoice_ids=[fields.Command.set(invoice.ids)],
            provider_reference="portal 1",
            reference="portal 1",
        )
        transaction._set_done()
        transaction._post_process()
        self.assertEqual(invoice.amount_residual, 0)
        facts = {"reference": "d1", "payment_reference": "portal 1", "kind": "chargeback"}
        now = fields.Datetime.now()
        chargeback = self.tell(Report(happened=now, status="open", amount=100.0, **facts))
        self.assertEqual((chargeback.attempt_id.ids, chargeback.invoice_ids), ([], invoice))
        self.assertEqual((invoice.amount_residual, self.balance()), (100, 100))
        self.assertEqual(transaction.payment_id.state, "rejected")
        later = fields.Datetime.add(now, minutes=1)
        self.tell(Report(happened=later, status="won", **facts))
        self.assertEqual((chargeback.state, invoice.amount_residual), ("won", 0))
        self.assertEqual(self.balance(), 0)

    def test_a_dispute_that_comes_before_the_booking(self):
        self.card("done")
        invoice = self.invoice_of(100)
        attempt = self.plan(invoice)
        Attempt = type(attempt)
        with patch.object(Attempt, "_settle", lambda _self, *_args, **_kwargs: None):
            attempt._submit()
        self.assertEqual((attempt.state, attempt.payment_id.ids), ("submitted", []))
        chargeback = self.tell(self.report(attempt))
        self.assertEqual((attempt.state, invoice.amount_residual), ("returned", 100))
        self.assertTrue(chargeback.finished and chargeback.payment_id)

    def test_nobody_can_say_won_of_a_refused_transition(self):
        attempt, _invoice = self.charged()
        chargeback = self.write_down(attempt)
        with self.assertRaises(UserError):
            chargeback.sudo()._set_state("warning", cause="user")
