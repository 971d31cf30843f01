# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""A payment issues the invoice: once, over what was paid, dated when it was paid."""

import os
import random
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import BOOKING, RequestCommon

# each is a document paid at once and once more in parts, in both ways to round taxes
DOCUMENTS = 40 if os.environ.get("COLLECTION_SUITE_LONG") == "1" else 3


@tagged("post_install", "-at_install")
class TestPayments(RequestCommon):
    def test_paid_at_once(self):
        request = self.request(1000.0, 200.0, note="Thank you", reference="PO-7")
        row = self.pay(request, days=-2)
        invoice, payment = row.invoice_id, row.payment_id
        self.assertEqual(request.state, "paid")
        self.assertEqual((request.amount_paid, request.amount_residual), (1404.0, 0.0))
        self.assertEqual(invoice.state, "posted")
        self.assertEqual(invoice.invoice_date, self.days(-2))
        self.assertEqual(invoice.amount_total, 1404.0)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(invoice.invoice_origin, request.name)
        self.assertEqual(invoice.ref, "PO-7")
        self.assertEqual(len(invoice.invoice_line_ids), 2)
        self.assertEqual(invoice.invoice_line_ids.mapped("name"), ["Service 1", "Service 2"])
        self.assertEqual(payment.amount, 1404.0)
        self.assertEqual(payment.reconciled_invoice_ids, invoice)
        # both ends show it
        self.assertEqual(invoice.payment_request_ids, request)
        self.assertEqual(payment.payment_request_count, 1)
        self.assertEqual(request.invoice_ids, invoice)
        self.assertEqual(request.action_view_invoices()["res_id"], invoice.id)
        self.assertEqual(invoice.action_view_payment_requests()["res_id"], request.id)

    def test_paid_in_parts(self):
        request = self.request(1000.0, 200.0)
        first = self.pay(request, 500.0, days=-3)
        self.assertEqual(request.state, "partly_paid")
        self.assertEqual(request.amount_residual, 904.0)
        second = self.pay(request, 333.33, days=-1)
        last = self.pay(request)
        self.assertEqual(request.state, "paid")
        invoices = (first | second | last).invoice_id
        self.assertEqual(invoices.mapped("amount_total"), [500.0, 333.33, 570.67])
        self.assertEqual(set(invoices.mapped("payment_state")), {"paid"})
        self.assertEqual(
            [str(invoice.invoice_date) for invoice in invoices],
            [str(self.days(days)) for days in (-3, -1, 0)],
        )
        self.assertAlmostEqual(sum(invoices.mapped("amount_tax")), 204.0)
        for invoice in invoices:
            self.assertAlmostEqual(invoice.amount_tax, invoice.amount_untaxed * 0.17, delta=0.011)
        note = invoices[0].invoice_line_ids.filtered(lambda line: line.display_type == "line_note")
        self.assertIn(request.name, note.name)

    def test_any_parts_sum_to_the_whole_line_by_line(self):
        """The tax authority sees the same net and taxes as for a payment at once."""
        taxes = {
            "vat": self.vat,
            "included": self.percent_tax(24, price_include_override="tax_included"),
            "levied": self.vat | self.percent_tax(3),
            "compound": self.percent_tax(10, include_base_amount=True, sequence=1)
            | self.percent_tax(5, sequence=2),
            "fixed": self.env["account.tax"].create({
                "name": "Bottle",
                "amount_type": "fixed",
                "amount": 0.25,
                "type_tax_use": "sale",
                "company_id": self.company.id,
            }),
            "group": self.env["account.tax"].create({
                "name": "Group",
                "amount_type": "group",
                "type_tax_use": "sale",
                "company_id": self.company.id,
                "children_tax_ids": [Command.set((self.percent_tax(6) | self.percent_tax(7)).ids)],
            }),
            "none": self.env["account.tax"],
        }
        for seed in range(DOCUMENTS):
            for rounding in ("round_globally", "round_per_line"):
                self.company.tax_calculation_rounding_method = rounding
                rng = random.Random(seed)
                lines = [
                    Command.create({
                        "name": f"Line {number}",
                        "quantity": rng.choice([1, 2, 3.5, 12]),
                        "price_unit": rng.randint(100, 99999) / 100,
                        "discount": rng.choice([0, 0, 12.5]),
                        "tax_ids": [Command.set(taxes[rng.choice(list(taxes))].ids)],
                    })
                    for number in range(rng.randint(1, 7))
                ]
                whole = self.request(line_ids=lines)
                parts = whole.copy({"date": whole.date})
                parts.action_confirm()
                self.assertEqual(parts.amount_total, whole.amount_total)
                at_once = self.pay(whole).invoice_id
                while parts.state != "paid":
                    left = parts.amount_residual
                    amount = round(rng.uniform(0.01, left), 2) if rng.random() < 0.7 else left
                    row = self.pay(parts, max(amount, 0.01))
                    self.assertEqual(row.state, "booked", f"{seed} {rounding}: {row.error}")
                    self.assertEqual(row.invoice_id.amount_total, row.amount)
                    self.assertEqual(row.invoice_id.payment_state, "paid")
                invoices = parts.invoice_ids
                self.assertAlmostEqual(
                    sum(invoices.mapped("amount_untaxed")), at_once.amount_untaxed, 2
                )
                summed = {}
                for invoice in invoices:
                    for tax, amount in self.taxes_of(invoice).items():
                        summed[tax] = summed.get(tax, 0) + amount
                for tax, amount in self.taxes_of(at_once).items():
                    self.assertAlmostEqual(summed[tax], amount, 2, f"{seed} {rounding} {tax.name}")

    def test_reverse_charge_in_parts(self):
        reverse = self.env["account.tax"].create({
            "name": "Reverse charge",
            "amount_type": "percent",
            "amount": 20,
            "type_tax_use": "sale",
            "company_id": self.company.id,
            "invoice_repartition_line_ids": [
                Command.create({"repartition_type": "base"}),
                Command.create({"repartition_type": "tax", "factor_percent": 100}),
                Command.create({"repartition_type": "tax", "factor_percent": -100}),
            ],
            "refund_repartition_line_ids": [
                Command.create({"repartition_type": "base"}),
                Command.create({"repartition_type": "tax", "factor_percent": 100}),
                Command.create({"repartition_type": "tax", "factor_percent": -100}),
            ],
        })
        request = self.request(1000.0, taxes=reverse)
        self.assertEqual(request.amount_total, 1000.0)
        invoice = self.pay(request, 400.0).invoice_id
        taxes = invoice.line_ids.filtered("tax_line_id")
        self.assertEqual(invoice.amount_total, 400.0)
        self.assertEqual(sorted(taxes.mapped("balance")), [-80.0, 80.0])

    def test_the_same_money_twice_is_once(self):
        request = self.request()
        row = self.pay(request, 400.0)
        again = request._register_payment(
            400.0, request.currency_id, self.today, payment=row.payment_id
        )
        self.assertEqual(again, row)
        self.assertEqual(len(request.payment_ids), 1)
        self.assertEqual(len(request.invoice_ids), 1)
        with self.assertRaises(UserError):
            self.pay(request, source="existing", payment_id=row.payment_id.id)
        self.assertEqual(request.amount_residual, 770.0)

    def test_a_payment_in_the_books_already(self):
        request = self.request()
        payment = self.env["account.payment"].create({
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": self.customer.id,
            "amount": 1170.0,
            "date": self.days(-5),
            "journal_id": self.bank.id,
        })
        payment.action_post()
        row = self.pay(request, source="existing", payment_id=payment.id)
        self.assertEqual(row.payment_id, payment)
        self.assertEqual(row.invoice_id.invoice_date, self.days(-5))
        self.assertEqual(row.invoice_id.payment_state, "paid")
        self.assertEqual(request.state, "paid")

    def test_more_than_was_due_is_a_credit_and_a_person_hears_of_it(self):
        request = self.request()
        row = self.pay(request, 1500.0)
        self.assertEqual(row.invoice_id.amount_total, 1170.0)
        self.assertEqual(row.invoice_id.payment_state, "paid")
        self.assertEqual(row.excess_amount, 330.0)
        self.assertEqual(request.state, "paid")
        credit = self.receivable(row.payment_id.move_id)
        self.assertEqual(credit.amount_residual, -330.0)
        self.assertEqual(request.activity_ids.user_id, request.user_id)
        self.assertIn("330", request.attention)

    def test_a_second_payment_of_a_paid_request_is_a_credit(self):
        request = self.request()
        self.pay(request)
        row = self.pay(request, 1170.0)
        self.assertEqual(row.state, "unmatched")
        self.assertFalse(row.invoice_id)
        self.assertEqual(len(request.invoice_ids), 1)
        self.assertEqual(self.receivable(row.payment_id.move_id).amount_residual, -1170.0)
        self.assertTrue(request.activity_ids)

    def test_a_payment_after_cancellation_is_a_credit(self):
        request = self.request()
        request.action_cancel()
        row = self.pay(request, 1170.0)
        self.assertEqual((row.state, request.state), ("unmatched", "cancelled"))
        self.assertFalse(request.invoice_ids)
        self.assertTrue(request.activity_ids)

    def test_the_rest_is_cancelled(self):
        request = self.request()
        self.pay(request, 500.0)
        request.action_cancel()
        self.assertEqual(request.state, "cancelled")
        self.assertEqual(len(request.invoice_ids), 1)
        request.action_reopen()
        self.assertEqual(request.state, "partly_paid")
        self.pay(request)
        self.assertEqual(request.state, "paid")

    def test_what_cannot_be_invoiced_stays_money_and_is_tried_again(self):
        request = self.request()
        with (
            mute_logger(BOOKING),
            patch.object(
                self.env.registry["payment.request"],
                "_issue_invoice",
                side_effect=UserError("The period is locked."),
            ),
        ):
            row = self.pay(request)
        self.assertEqual(row.state, "failed")
        self.assertIn("The period is locked.", row.error)
        self.assertTrue(row.payment_id.move_id)
        self.assertEqual(request.state, "sent")
        self.assertIn("The period is locked.", request.attention)
        self.assertTrue(request.activity_ids)
        # the money is there: the portal does not ask for it again
        self.assertFalse(request._has_to_be_paid())
        self.assertFalse(self.env["account.move"].search([("invoice_origin", "=", request.name)]))
        request.action_book_again()
        self.assertEqual((row.state, request.state), ("booked", "paid"))
        self.assertFalse(row.error or request.attention)
        request.action_book_again()
        self.assertEqual(len(request.invoice_ids), 1)

    def test_taxes_that_changed_since_are_not_invoiced_silently(self):
        request = self.request()
        self.vat.amount = 18
        with mute_logger(BOOKING):
            row = self.pay(request)
        self.assertEqual(row.state, "failed")
        self.assertIn("taxes", row.error)
        self.assertEqual(request.amount_total, 1170.0)

    def test_other_currencies(self):
        foreign = self.setup_other_currency("EUR", rates=[("2020-01-01", 0.5)])
        request = self.request(currency_id=foreign.id)
        self.assertEqual(request.amount_total, 1170.0)
        self.assertEqual(request.amount_total_company, 2340.0)
        # half of it in the request's own currency
        first = self.pay(request, 585.0)
        self.assertEqual(first.invoice_id.currency_id, foreign)
        self.assertEqual(first.invoice_id.amount_total, 585.0)
        self.assertEqual(first.invoice_id.payment_state, "paid")
        # the other half in the company's
        second = self.pay(request, 1170.0, currency_id=self.company.currency_id.id)
        self.assertEqual(second.applied_amount, 585.0)
        self.assertEqual(second.invoice_id.payment_state, "paid")
        self.assertEqual(request.state, "paid")

    def test_a_request_for_the_company_currency_paid_in_another(self):
        foreign = self.setup_other_currency("EUR", rates=[("2020-01-01", 0.37)])
        request = self.request()
        wizard = self.env["payment.request.pay"].create({
            "request_id": request.id,
            "currency_id": foreign.id,
        })
        # 1,170.00 at 0.37 is 432.90, which is 1,170.00 again
        self.assertEqual(wizard.amount, 432.9)
        wizard.action_register()
        self.assertEqual(request.state, "paid")
        self.assertEqual(request.invoice_ids.payment_state, "paid")

    def test_money_on_account_is_used_when_the_request_is_reopened(self):
        request = self.request()
        request.action_cancel()
        row = self.pay(request, 1170.0)
        self.assertEqual(row.state, "unmatched")
        request.action_reopen()
        self.assertEqual((row.state, request.state), ("booked", "paid"))
        self.assertEqual(row.invoice_id.payment_state, "paid")
        self.assertFalse(request.attention)

    def test_the_customer_gets_the_invoice_by_email_once(self):
        request = self.request()
        row = self.pay(request)
        self.assertEqual(row.send_state, "waiting")
        cron = self.env.ref("payment_request.ir_cron_send_invoices")
        for _time in range(2):
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
        self.assertEqual(row.send_state, "sent")
        self.assertTrue(row.invoice_id.is_move_sent)
        sent = row.invoice_id.message_ids.filtered(
            lambda message: self.customer in message.partner_ids
        )
        self.assertEqual(len(sent), 1)

    def test_an_invoice_that_was_possibly_sent_is_left_to_a_person(self):
        request, other = self.request(), self.request()
        row = self.pay(request)
        row.sudo().send_state = "sending"
        failing = self.pay(other)
        cron = self.env.ref("payment_request.ir_cron_send_invoices")
        with (
            mute_logger(BOOKING),
            self.enter_registry_test_mode(),
            patch.object(
                self.env.registry["account.move.send"],
                "_generate_and_send_invoices",
                side_effect=UserError("No mail server."),
            ),
        ):
            cron.method_direct_trigger()
        self.assertEqual((row.send_state, failing.send_state), ("unsure", "failed"))
        self.assertIn(row.invoice_id.name, request.attention)
        self.assertIn("No mail server.", other.attention)

    def test_no_invoice_by_email_where_nobody_wants_it(self):
        self.company.payment_request_send_invoice = False
        self.assertFalse(self.pay(self.request()).send_state)
        self.company.payment_request_send_invoice = True
        self.customer.with_company(self.company).invoice_sending_method = "manual"
        self.assertFalse(self.pay(self.request()).send_state)

    def test_what_the_form_refuses_and_warns_of(self):
        request = self.request()
        with self.assertRaises(ValidationError):
            self.pay(request, 0.0)
        with self.assertRaises(ValidationError):
            self.pay(request, 10.0, days=1)
        wizard = self.env["payment.request.pay"].create({
            "request_id": request.id,
            "amount": 1200.0,
        })
        self.assertIn("30", wizard.warning)
        wizard.amount = 1170.0
        self.assertFalse(wizard.warning)

    def test_a_draft_that_is_paid_gets_its_number(self):
        request = self.request(sent=False)
        request._register_payment(1170.0, request.currency_id, self.today, journal=self.bank)
        self.assertNotEqual(request.name, "/")
        self.assertEqual(request.state, "paid")
