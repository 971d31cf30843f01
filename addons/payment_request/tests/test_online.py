# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Paid by a payment provider: by link, by token, late, twice, refunded."""

from urllib.parse import parse_qs, urlsplit

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.payment import utils as payment_utils

from .common import RequestCommon


@tagged("post_install", "-at_install")
class TestOnline(RequestCommon):
    def transaction(self, request, amount=None, state="done", **vals):
        """Return a transaction on a request, as the portal makes it, with its result."""
        transaction = self._create_transaction(
            "direct",
            reference=f"{request.name}-{len(request.transaction_ids) + 1}",
            amount=request.amount_residual if amount is None else amount,
            currency_id=request.currency_id.id,
            partner_id=self.customer.id,
            payment_request_id=request.id,
            **vals,
        )
        if state == "done":
            transaction._set_done()
            transaction._post_process()
        elif state == "pending":
            transaction._set_pending()
        return transaction

    def test_a_done_transaction_issues_the_invoice(self):
        request = self.request()
        transaction = self.transaction(request)
        invoice = request.invoice_ids
        self.assertEqual(request.state, "paid")
        self.assertEqual(invoice.amount_total, 1170.0)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(transaction.payment_id.reconciled_invoice_ids, invoice)
        self.assertEqual(transaction.invoice_ids, invoice)
        self.assertEqual(request.payment_ids.transaction_id, transaction)
        self.assertTrue(transaction.is_post_processed)

    def test_post_processed_twice_is_booked_once(self):
        request = self.request()
        transaction = self.transaction(request, 500.0)
        transaction._post_process()
        request._register_payment(500.0, request.currency_id, self.today, transaction=transaction)
        self.assertEqual(len(request.invoice_ids), 1)
        self.assertEqual(request.amount_residual, 670.0)

    def test_by_the_hosts_cron(self):
        request = self.request()
        transaction = self.transaction(request, state="pending")
        transaction._set_done()
        # the money is there but not booked yet: nobody is asked for it again
        self.assertFalse(request.invoice_ids)
        self.assertFalse(request._has_to_be_paid())
        with self.enter_registry_test_mode():
            self.env.ref("payment.cron_post_process_payment_tx").method_direct_trigger()
        self.assertEqual(request.invoice_ids.payment_state, "paid")

    def test_a_transaction_noted_before_its_payment_is_booked(self):
        request = self.request()
        transaction = self.transaction(request, state="draft")
        transaction._set_done()
        row = request._register_payment(
            1170.0, request.currency_id, self.today, transaction=transaction
        )
        self.assertEqual((row.state, request.state), ("waiting", "sent"))
        transaction._post_process()
        self.assertEqual((row.state, request.state), ("booked", "paid"))
        self.assertEqual(len(request.payment_ids), 1)

    def test_late_and_twice(self):
        request = self.request()
        self.transaction(request)
        with mute_logger("odoo.addons.payment.models.payment_transaction"):
            late = self.transaction(request, 1170.0)
        self.assertEqual(len(request.invoice_ids), 1)
        self.assertEqual(self.receivable(late.payment_id.move_id).amount_residual, -1170.0)
        self.assertTrue(request.activity_ids)

    def test_error_pending_and_cancelled_issue_nothing(self):
        request = self.request()
        for state in ("pending", "draft"):
            self.transaction(request, state=state)
        failed = self.transaction(request, state="draft")
        failed._set_error("Declined")
        failed._post_process()
        cancelled = self.transaction(request, state="draft")
        cancelled._set_canceled()
        cancelled._post_process()
        self.assertFalse(request.payment_ids)
        self.assertEqual(request.state, "sent")

    def test_refunded_whole_and_in_part(self):
        self.provider.support_refund = "partial"
        request = self.request()
        transaction = self.transaction(request)
        for amount, state, residual in ((170.0, "partly_paid", 170.0), (1000.0, "sent", 1170.0)):
            refund = transaction._create_child_transaction(amount, is_refund=True)
            refund._set_done()
            refund._post_process()
            self.assertEqual(request.state, state)
            self.assertEqual(request.amount_residual, residual)
            paid_out = self.receivable(refund.payment_id.move_id)
            self.assertEqual(paid_out.amount_residual, 0.0)
            refund._post_process()
        self.assertEqual(len(request.invoice_ids), 3)
        self.assertEqual(sum(request.invoice_ids.mapped("amount_total_signed")), 0.0)
        self.transaction(request)
        self.assertEqual(request.state, "paid")

    def test_captured_in_parts(self):
        self.provider.write({"support_manual_capture": "partial", "capture_manually": True})
        request = self.request()
        source = self.transaction(request, state="draft")
        source._set_authorized()
        for amount in (700.0, 470.0):
            child = source._create_child_transaction(amount)
            child._set_done()
            child._post_process()
        source._post_process()
        self.assertEqual(request.state, "paid")
        self.assertEqual(sorted(request.invoice_ids.mapped("amount_total")), [470.0, 700.0])
        self.assertEqual(set(request.invoice_ids.mapped("payment_state")), {"paid"})
        self.assertEqual(len(request.payment_ids), 2)

    def test_the_payment_link(self):
        request = self.request()
        action = request.action_payment_link()
        wizard = self.env["payment.link.wizard"].with_context(**action["context"]).create({})
        self.assertEqual((wizard.amount, wizard.amount_max), (1170.0, 1170.0))
        wizard.amount = 500.0
        url = urlsplit(wizard.link)
        query = {key: value[0] for key, value in parse_qs(url.query).items()}
        self.assertEqual(url.path, f"/my/payment-requests/{request.id}")
        self.assertEqual(query["access_token"], request.access_token)
        self.assertEqual(float(query["amount"]), 500.0)
        signed = payment_utils.generate_access_token(
            "payment.request", request.id, 500.0, env=self.env
        )
        self.assertEqual(query["payment_token"], signed)
        wizard.amount = 1200.0
        self.assertTrue(wizard.warning_message)
