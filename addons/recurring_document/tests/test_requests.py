# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""Pro-formas and payment requests: their payment issues the tax invoice."""

from datetime import date

from odoo.tests import tagged

from .common import RecurringCommon


@tagged("post_install", "-at_install")
class TestRequests(RecurringCommon):
    def test_a_charged_pro_forma_issues_the_tax_invoice(self):
        self.card("done")
        self.day("2027-01-01")
        document = self.recurring(100, document_kind="proforma")
        self.bill()
        row = document.period_ids
        self.assertEqual((row.state, row.amount), ("generated", 100))
        self.assertFalse(row.move_id)
        request = row.request_id
        self.assertEqual((request.kind, request.state), ("proforma", "sent"))
        self.assertEqual(request.line_ids.name, "Service January 2027")
        self.assertEqual(request.origin, document.name)
        self.carry_out_charges()
        self.assertEqual(request.state, "paid")
        self.assertEqual(request.invoice_ids.amount_total, 100)
        self.assertEqual(request.invoice_ids.payment_state, "paid")
        self.assertEqual(row.result, "paid")
        self.assertEqual(len(request.payment_ids), 1)
        self.run_job("cron_run")
        self.carry_out_charges()
        self.assertEqual(self.asked(), 1)

    def test_a_request_paid_in_the_meantime_is_not_charged(self):
        self.card("done")
        self.day("2027-01-01")
        document = self.recurring(100, document_kind="request")
        self.bill()
        request = document.period_ids.request_id
        request._register_payment(60.0, self.currency, date(2027, 1, 1))
        self.carry_out_charges()
        self.assertEqual(request.state, "paid")
        self.assertEqual(document.period_ids.attempt_ids.amount, 40, "only what is left")
        self.day("2027-02-01")
        self.bill()
        second = self.rows(document)[-1]
        second.request_id._register_payment(100.0, self.currency, date(2027, 2, 1))
        self.carry_out_charges()
        self.assertEqual(second.attempt_ids.state, "cancelled")
        self.assertEqual(self.asked(), 1)

    def test_a_returned_charge_opens_the_request_again(self):
        self.card("done", "done")
        self.day("2027-01-01")
        document = self.recurring(100, document_kind="proforma")
        self.bill()
        self.carry_out_charges()
        row = document.period_ids
        soft = self.env["payment.reason"]._of("insufficient_funds")
        row.last_attempt_id._set_returned(soft, date(2027, 1, 9))
        self.assertEqual(row.request_id.state, "sent")
        self.assertEqual(row.residual, 100)
        for text in ("2027-01-10", "2027-01-15", "2027-01-25"):
            self.day(text)
            self.carry_out_charges()
        self.assertEqual(row.request_id.state, "paid")
        self.assertEqual(row.result, "paid")

    def test_the_portal_waits_while_a_charge_runs(self):
        self.card("pending")
        self.day("2027-01-01")
        document = self.recurring(100, document_kind="proforma")
        self.bill()
        request = document.period_ids.request_id
        self.assertFalse(request._has_to_be_paid(), "its charge is due today")
        self.carry_out_charges()
        self.assertFalse(request._has_to_be_paid())

    def test_a_request_without_a_charge_waits_for_the_customer(self):
        self.day("2027-01-01")
        document = self.recurring(100, document_kind="request", charge=False)
        self.bill()
        self.assertTrue(document.period_ids.request_id._has_to_be_paid())
        self.assertEqual(document.period_ids.result, "owed")
        document.period_ids.request_id.action_cancel()
        self.assertEqual(document.period_ids.result, "reversed")
        self.run_job("cron_run")
        self.assertEqual(len(document.period_ids), 1)
