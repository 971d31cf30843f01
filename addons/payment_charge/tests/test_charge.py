# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""A charge from the plan to the books, whatever the provider does."""

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ChargeCommon


@tagged("post_install", "-at_install")
class TestCharge(ChargeCommon):
    def test_a_charge_that_succeeds_is_booked_and_matched_once(self):
        way = self.card("done")
        invoice = self.invoice_of(100)
        attempt = self.charge(invoice)
        self.assertEqual(attempt.state, "succeeded")
        self.assertEqual(self.states(attempt), ["planned", "submitted", "succeeded"])
        self.assertEqual(self.asked(), 1)
        self.assertEqual(invoice.payment_state, invoice._get_invoice_in_payment_state())
        self.assertEqual(self.payments_of(), attempt.payment_id)
        self.assertEqual(attempt.payment_id.amount, 100)
        self.assertEqual(way.last_result, "succeeded")
        self.assertTrue(attempt.finished)
        # carried out again, followed up again: nothing more happens
        attempt._submit()
        self.follow_up()
        attempt.transaction_id.sudo()._post_process()
        self.assertEqual(self.asked(), 1)
        self.assertEqual(len(self.payments_of()), 1)

    def test_one_charge_pays_several_documents_the_oldest_first(self):
        self.card("done")
        old, young = self.invoice_of(60, due=-20), self.invoice_of(60, due=-1)
        attempt = self.charge(old | young, amount=80)
        self.assertEqual(attempt.state, "succeeded")
        self.assertTrue(self.currency.is_zero(old.amount_residual))
        self.assertEqual(young.amount_residual, 40)

    def test_an_amount_on_account_stays_open_for_what_comes(self):
        self.card("done")
        attempt = self.charge(partner_id=self.customer.id, amount=50)
        self.assertEqual(attempt.state, "succeeded")
        self.assertEqual(attempt.payment_id.amount, 50)
        self.assertFalse(attempt.payment_id.reconciled_invoice_ids)

    def test_the_customer_and_the_document_tell_what_happened(self):
        self.card("insufficient_funds")
        invoice = self.invoice_of(100)
        attempt = self.charge(invoice)
        for record in (self.customer, invoice):
            bodies = " ".join(record.message_ids.mapped("body"))
            self.assertIn(attempt.name, bodies)
            self.assertIn("Not Enough Money", bodies)

    def test_more_than_is_owed_is_not_charged(self):
        self.card("done")
        invoice = self.invoice_of(100)
        with self.assertRaises(ValidationError):
            self.plan(invoice, amount=100.01)
        attempt = self.plan(invoice)
        self._pay(invoice, 70)
        attempt._submit()
        self.assertEqual(attempt.state, "succeeded")
        self.assertEqual(attempt.amount, 30)
        self.assertEqual(self.line.asked[0][2], 30)

    def test_what_was_paid_meanwhile_is_not_charged(self):
        self.card("done")
        invoice = self.invoice_of(100)
        attempt = self.plan(invoice)
        self._pay(invoice, 100)
        attempt._submit()
        self.assertEqual(attempt.state, "cancelled")
        self.assertEqual(self.asked(), 0)

    def test_planning_twice_by_one_key_is_once(self):
        self.card("done")
        invoice = self.invoice_of(100)
        first = self.plan(invoice, key="order 7, May")
        again = self.plan(invoice, key="order 7, May")
        self.assertEqual(first, again)
        first._submit()
        self.plan(invoice, key="order 7, May")._submit()
        self.assertEqual(self.asked(), 1)

    def test_a_document_has_one_charge_at_a_time(self):
        self.card("pending", "done")
        invoice = self.invoice_of(100)
        attempt = self.plan(invoice)
        with self.assertRaises(ValidationError):
            self.plan(invoice)
        attempt._submit()
        self.assertEqual(attempt.state, "pending")
        with self.assertRaises(ValidationError):
            self.plan(invoice)
        self.env.flush_all()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            # past all courtesy, the database itself says no
            self.env["payment.charge.document"].sudo().create({
                "attempt_id": attempt.copy({"key": "other", "name": "other"}).id,
                "move_id": invoice.id,
                "live": True,
            })

    def test_two_charges_of_a_document_planned_together_are_refused(self):
        self.card("done")
        invoice, other = self.invoice_of(100), self.invoice_of(50)
        with self.assertRaisesRegex(ValidationError, "is not over yet"):
            self.Attempt._plan([{"invoice_ids": some} for some in (other, invoice, invoice)])

    def test_charges_planned_together_that_share_a_key_are_one(self):
        self.card("done")
        vals = {"partner_id": self.customer.id, "amount": 10, "key": "once"}
        self.assertEqual(len(self.Attempt._plan([vals, vals])), 1)

    def test_one_that_cannot_be_planned_keeps_none_of_the_others_from_it(self):
        self.card("done")
        invoices = [self.invoice_of(amount) for amount in (10, 20, 30, 40, 50)]
        busy = self.plan(invoices[3])
        planned = self.Attempt._plan_each([{"invoice_ids": invoice} for invoice in invoices])
        for invoice, (attempt, error) in zip(invoices, planned, strict=True):
            if invoice == invoices[3]:
                self.assertFalse(attempt)
                self.assertIn(busy.name, str(error))
            else:
                self.assertFalse(error)
                self.assertEqual(attempt.invoice_ids, invoice)
                self.assertEqual(attempt.amount, invoice.amount_total)

    def test_planning_many_charges_asks_the_database_no_more_than_planning_few(self):
        statements = {}
        for number in (2, 20):
            partners = self.env["res.partner"].create([
                {"name": f"Customer {place} of {number}"} for place in range(number)
            ])
            for partner in partners:
                self.card("done", partner=partner)
            invoices = self.env["account.move"].union(*map(self._invoice, partners))
            values = [{"invoice_ids": invoice} for invoice in invoices]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.Attempt._plan(values)
            statements[number] = self.cr.sql_log_count - before
        # a number is drawn for each
        self.assertLessEqual(statements[20] - statements[2], 18 * 2, statements)

    def _invoice(self, partner):
        return self.invoice_of(10, partner=partner)

    def test_the_portal_waits_for_a_charge_and_a_charge_for_the_portal(self):
        self.env["ir.config_parameter"].sudo().set_param(
            "account_payment.enable_portal_payment", True
        )
        self.card("pending")
        invoice = self.invoice_of(100)
        self.assertTrue(invoice._has_to_be_paid())
        attempt = self.charge(invoice)
        self.assertFalse(invoice._has_to_be_paid())
        self.assertIn("under way", invoice._get_online_payment_error())
        with self.assertRaises(ValidationError):
            self._create_transaction(
                "redirect", reference="portal", invoice_ids=[fields.Command.set(invoice.ids)]
            )
        attempt.transaction_id.sudo()._set_error("Refused")
        self.follow_up()
        self.assertEqual(attempt.state, "failed")
        attempt.next_ids._set_state("cancelled", cause="user")
        payment = self._create_transaction(
            "redirect", reference="portal", invoice_ids=[fields.Command.set(invoice.ids)]
        )
        payment._set_pending()
        with self.assertRaises(ValidationError):
            self.plan(invoice)

    def test_a_retry_for_a_later_day_does_not_keep_the_customer_from_paying(self):
        self.env["ir.config_parameter"].sudo().set_param(
            "account_payment.enable_portal_payment", True
        )
        self.card("insufficient_funds", "done")
        invoice = self.invoice_of(100)
        attempt = self.charge(invoice)
        retry = attempt.next_ids
        self.assertEqual(retry.state, "planned")
        self.assertGreater(retry.planned_on, self.today)
        self.assertTrue(invoice._has_to_be_paid())
        payment = self._create_transaction(
            "redirect",
            reference="portal",
            amount=100,
            partner_id=self.customer.id,
            invoice_ids=[fields.Command.set(invoice.ids)],
        )
        payment._set_done()
        payment._post_process()
        self.follow_up()
        self.assertEqual(retry.state, "cancelled")
        self.assertEqual(self.asked(), 1)

    def test_a_planned_charge_waits_while_the_customer_is_paying(self):
        self.card("done")
        invoice = self.invoice_of(100)
        attempt = self.plan(invoice, planned_on=fields.Date.add(self.today, days=3))
        payment = self._create_transaction(
            "redirect", reference="portal", invoice_ids=[fields.Command.set(invoice.ids)]
        )
        attempt._submit()
        self.assertEqual(attempt.state, "planned")
        self.assertIn(payment.reference, attempt.trouble)
        self.assertEqual(self.asked(), 0)

    def test_a_document_that_is_being_charged_keeps_its_contents(self):
        self.card("pending")
        invoice = self.invoice_of(100)
        self.charge(invoice)
        with self.assertRaises(UserError):
            invoice.button_draft()

    def test_a_document_that_is_being_corrected_is_not_charged(self):
        self.card("done")
        invoice = self.invoice_of(100)
        attempt = self.plan(invoice)
        invoice.button_draft()
        attempt._submit()
        self.assertEqual(attempt.state, "planned")
        self.assertIn("draft", attempt.trouble)
        self.assertEqual(self.asked(), 0)
        with self.assertRaises(ValidationError):
            self.plan(self.invoice_of(50, post=False))

    def test_the_job_carries_out_what_is_due_and_nothing_else(self):
        self.card("done")
        due = self.plan(self.invoice_of(10))
        later = self.plan(self.invoice_of(20), planned_on=fields.Date.add(self.today, days=2))
        self.run_cron("cron_submit")
        self.assertEqual(due.state, "succeeded")
        self.assertEqual(later.state, "planned")

    def test_one_bad_charge_does_not_stop_the_others(self):
        bad = self.card("broken", partner=self.other_customer)
        self.card("done")
        first = self.plan(self.invoice_of(10, partner=self.other_customer), way_id=bad.id)
        second = self.plan(self.invoice_of(20))
        self.line.can_say = False
        self.run_cron("cron_submit")
        self.assertEqual(first.state, "unknown")
        self.assertIn("nonsense", first.error)
        self.assertEqual(second.state, "succeeded")

    def test_a_customer_on_hold_is_not_charged(self):
        self.card("done")
        attempt = self.plan(self.invoice_of(100))
        self.customer.with_company(self.company).charge_hold = True
        attempt._submit()
        self.assertEqual(attempt.state, "cancelled")
        self.assertEqual(self.asked(), 0)

    def test_a_copy_of_a_database_charges_nothing(self):
        self.card("done")
        attempt = self.plan(self.invoice_of(100))
        self.env["ir.config_parameter"].sudo().set_param("database.is_neutralized", True)
        with self.assertRaises(UserError):
            attempt._submit()
        self.assertEqual(self.asked(), 0)

    def test_a_state_changes_in_one_place_and_one_direction(self):
        self.card("done")
        attempt = self.charge(self.invoice_of(100))
        with self.assertRaises(UserError):
            attempt._set_state("planned", cause="user")
        with self.assertRaises(UserError):
            attempt.action_cancel()
        with self.assertRaises(UserError):
            attempt.unlink()

    def _pay(self, invoice, amount):
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        return wizard.create({"amount": amount})._create_payments()
