# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Money that goes back credits the invoice it issued and reopens the request."""

from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import BOOKING, RequestCommon


@tagged("post_install", "-at_install")
class TestReversals(RequestCommon):
    def take_back(self, row, **vals):
        """Give money back by hand, as a person does, and return the row of it."""
        known = row.reversal_ids
        wizard = self.env["payment.request.take.back"].create({"row_id": row.id, **vals})
        wizard.action_take_back()
        return row.reversal_ids - known

    def assert_reopened(self, request, invoice, residual=1170.0):
        self.assertEqual(request.amount_residual, residual)
        self.assertEqual(self.receivable(invoice).amount_residual, 0.0)
        credit_note = request.invoice_ids - invoice
        self.assertEqual(credit_note.move_type, "out_refund")
        self.assertEqual(credit_note.state, "posted")
        self.assertEqual(self.receivable(credit_note).amount_residual, 0.0)

    def test_a_cancelled_payment(self):
        request = self.request()
        row = self.pay(request)
        row.payment_id.action_draft()
        row.payment_id.action_cancel()
        self.assertEqual(request.state, "sent")
        self.assertEqual(row.state, "reversed")
        self.assert_reopened(request, row.invoice_id)
        self.assertEqual(request.transition_ids[0].reason, "The payment was cancelled.")
        # it is paid again, with an invoice of its own
        again = self.pay(request)
        self.assertEqual(request.state, "paid")
        self.assertEqual(again.invoice_id.amount_total, 1170.0)
        self.assertEqual(again.invoice_id.payment_state, "paid")

    def test_a_posted_payment_is_cancelled_at_once(self):
        request = self.request()
        row = self.pay(request, 500.0)
        row.payment_id.action_cancel()
        self.assertEqual(request.state, "sent")
        self.assert_reopened(request, row.invoice_id)

    def test_a_rejected_payment(self):
        request = self.request()
        first, second = self.pay(request, 500.0), self.pay(request)
        second.payment_id.action_reject()
        self.assertEqual(request.state, "partly_paid")
        self.assertEqual(request.amount_residual, 670.0)
        self.assertEqual(first.invoice_id.payment_state, "paid")
        self.assertEqual(self.receivable(second.invoice_id).amount_residual, 0.0)

    def test_the_entry_of_a_payment_is_reversed(self):
        request = self.request()
        row = self.pay(request)
        self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=row.payment_id.move_id.ids
        ).create({
            "journal_id": row.payment_id.journal_id.id,
            "date": self.today,
        }).modify_moves()
        self.assertEqual(request.state, "sent")
        self.assert_reopened(request, row.invoice_id)

    def test_a_deleted_payment(self):
        request = self.request()
        row = self.pay(request)
        row.payment_id.action_draft()
        row.payment_id.unlink()
        self.assertEqual(request.state, "sent")
        self.assertEqual(row.state, "reversed")
        self.assertFalse(row.payment_id)
        self.assert_reopened(request, row.invoice_id)

    def test_a_payment_set_to_draft_and_posted_again_is_matched_again(self):
        request = self.request()
        row = self.pay(request)
        row.payment_id.action_draft()
        row.invoice_id.line_ids.remove_move_reconcile()
        self.assertEqual(row.invoice_id.payment_state, "not_paid")
        row.payment_id.action_post()
        self.assertEqual(row.invoice_id.payment_state, "paid")
        self.assertEqual(len(request.invoice_ids), 1)
        self.assertEqual(request.state, "paid")

    def test_a_cancelled_payment_that_comes_after_all(self):
        request = self.request()
        row = self.pay(request)
        payment = row.payment_id
        payment.action_draft()
        payment.action_cancel()
        payment.action_draft()
        payment.action_post()
        self.assertEqual(request.state, "paid")
        rows = request.payment_ids.filtered(lambda row: row.kind == "payment")
        self.assertEqual(len(rows), 2)
        self.assertEqual((rows - row).invoice_id.payment_state, "paid")

    def test_a_changed_amount_is_told(self):
        request = self.request()
        row = self.pay(request)
        row.payment_id.action_draft()
        row.payment_id.amount = 1000.0
        row.payment_id.action_post()
        self.assertEqual(row.invoice_id.amount_residual, 170.0)
        self.assertTrue(request.activity_ids)

    def test_what_was_on_account_goes_back_first(self):
        request = self.request()
        row = self.pay(request, 1500.0)
        given_back = self.take_back(row, amount=330.0)
        self.assertEqual(request.state, "paid")
        self.assertEqual(len(request.invoice_ids), 1)
        self.assertFalse(request.attention)
        self.assertEqual(self.receivable(given_back.payment_id.move_id).amount_residual, 0.0)
        self.take_back(row, amount=1170.0)
        self.assertEqual((request.state, row.state), ("sent", "reversed"))
        self.assert_reopened(request, row.invoice_id)

    def test_taken_back_because_it_failed(self):
        request = self.request()
        row = self.pay(request)
        with self.assertRaises(ValidationError):
            self.take_back(row, amount=1200.0)
        reversal = self.take_back(row, how="failed", reason="Cheque returned")
        self.assertEqual(request.state, "sent")
        self.assertEqual(row.payment_id.state, "rejected")
        self.assertFalse(reversal.payment_id)
        self.assertEqual(request.transition_ids[0].reason, "Cheque returned")
        self.assert_reopened(request, row.invoice_id)
        with self.assertRaises(UserError):
            self.take_back(row)

    def test_an_invoice_credited_by_hand_is_not_credited_again(self):
        request = self.request()
        row = self.pay(request)
        credit_note = row.invoice_id._reverse_moves([{"invoice_date": self.today}])
        credit_note.action_post()
        reversal = self.take_back(row)
        self.assertEqual((reversal.state, request.state), ("booked", "sent"))
        self.assertFalse(reversal.invoice_id)
        self.assertEqual(row.invoice_id.reversal_move_ids, credit_note)
        self.assertEqual(self.receivable(credit_note).amount_residual, 0.0)
        self.assertEqual(self.receivable(reversal.payment_id.move_id).amount_residual, 0.0)

    def test_an_invoice_credited_in_part_by_hand_is_left_to_a_person(self):
        request = self.request()
        row = self.pay(request)
        part = row.invoice_id._reverse_moves([{"invoice_date": self.today}])
        part.invoice_line_ids.price_unit = 100.0
        part.action_post()
        with mute_logger(BOOKING):
            reversal = self.take_back(row)
        self.assertEqual((reversal.state, request.state), ("failed", "paid"))
        self.assertIn("went back", request.attention)
        rest = row.invoice_id._reverse_moves([{"invoice_date": self.today}])
        rest.invoice_line_ids.price_unit = 900.0
        rest.action_post()
        request.action_book_again()
        self.assertEqual((reversal.state, request.state), ("booked", "sent"))
        self.assertEqual(self.receivable(reversal.payment_id.move_id).amount_residual, 0.0)

    def test_reversed_in_parts_to_the_cent(self):
        request = self.request(333.33, 77.77, 0.05)
        row = self.pay(request, 311.11)
        for amount in (100.01, 0.01, 111.11):
            reversal = self.take_back(row, amount=amount)
            self.assertEqual(reversal.state, "booked", reversal.error)
            self.assertEqual(reversal.invoice_id.amount_total, amount)
            self.assertEqual(self.receivable(reversal.invoice_id).amount_residual, 0.0)
            paid_out = self.receivable(reversal.payment_id.move_id)
            self.assertEqual(paid_out.amount_residual, 0.0)
        self.assertAlmostEqual(request.amount_paid, 99.98)
        self.assertEqual(request.state, "partly_paid")
        rest = self.pay(request)
        self.assertEqual(rest.state, "booked", rest.error)
        self.assertEqual(request.state, "paid")
        refunds = request.invoice_ids.filtered(lambda move: move.move_type == "out_refund")
        invoices = request.invoice_ids - refunds
        self.assertAlmostEqual(
            sum(invoices.mapped("amount_tax")) - sum(refunds.mapped("amount_tax")),
            request.amount_tax,
        )

    def test_a_failed_reversal_does_not_stop_the_payment(self):
        request = self.request()
        row = self.pay(request)
        with (
            mute_logger(BOOKING),
            patch.object(
                self.env.registry["payment.request"],
                "_issue_credit_note",
                side_effect=UserError("The period is locked."),
            ),
        ):
            row.payment_id.action_reject()
        self.assertEqual(row.payment_id.state, "rejected")
        self.assertEqual(request.state, "paid")
        self.assertIn("The period is locked.", request.attention)
        request.action_book_again()
        self.assertEqual(request.state, "sent")
        self.assert_reopened(request, row.invoice_id)
