# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""Money back: refunds as the provider supports them, and returns by the bank."""

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import ChargeCommon


@tagged("post_install", "-at_install")
class TestRefund(ChargeCommon):
    def setUp(self):
        super().setUp()
        self.allow_refunds("partial")
        self.way = self.card("done")
        self.invoice = self.invoice_of(100)
        self.attempt = self.charge(self.invoice)

    def refund(self, amount=None, **vals):
        wizard = self.env["payment.charge.refund"].create({
            "attempt_id": self.attempt.id,
            **({"amount": amount} if amount else {}),
            **vals,
        })
        return self.env["payment.charge.attempt"].browse(wizard.action_refund()["res_id"])

    def test_part_of_a_charge_is_refunded_and_no_more_than_is_left(self):
        refund = self.refund(30)
        self.assertEqual((refund.operation, refund.state), ("refund", "succeeded"))
        self.assertEqual(refund.payment_id.payment_type, "outbound")
        self.assertEqual(self.attempt.amount_refundable, 70)
        self.assertEqual(self.invoice.amount_residual, 0, "left on the customer's account")
        with self.assertRaises(ValidationError):
            self.refund(70.01)
        self.refund(70)
        self.assertEqual(self.attempt.amount_refundable, 0)
        self.assertEqual(len(self.line.refunded), 2)

    def test_a_double_click_refunds_once(self):
        wizard = self.env["payment.charge.refund"].create({
            "attempt_id": self.attempt.id,
            "amount": 30,
        })
        wizard.action_refund()
        wizard.action_refund()
        self.assertEqual(len(self.line.refunded), 1)
        self.assertEqual(self.attempt.amount_refundable, 70)

    def test_a_refund_opens_the_document_again_by_its_amount(self):
        refund = self.refund(30, match="reopen")
        self.assertEqual(refund.state, "succeeded")
        self.assertEqual(self.invoice.amount_residual, 30)
        self.assertTrue(refund._receivable(refund.payment_id.move_id).reconciled)

    def test_a_refund_is_matched_with_a_credit_note(self):
        self.attempt.payment_id.move_id.line_ids.remove_move_reconcile()
        note = self.invoice_of(100, move_type="out_refund")
        refund = self.refund(match="credit", credit_note_ids=[fields.Command.set(note.ids)])
        self.assertEqual(refund.state, "succeeded")
        self.assertEqual(note.amount_residual, 0)

    def test_a_provider_that_refunds_the_whole_only(self):
        self.allow_refunds("full_only")
        with self.assertRaises(ValidationError):
            self.refund(30)
        self.assertEqual(self.refund(100).state, "succeeded")

    def test_a_provider_that_refunds_nothing(self):
        self.allow_refunds("none")
        with self.assertRaises(UserError):
            self.refund(100)

    def test_a_refund_without_an_answer_is_asked_for_and_not_sent_again(self):
        self.line.script["refund", self.way.token_id.id] = ["lost_taken"]
        refund = self.refund(40)
        self.assertEqual(refund.state, "succeeded")
        self.assertIn("unknown", self.states(refund))
        self.assertEqual(len(self.line.refunded), 1)

    def test_a_refund_under_way_counts(self):
        self.line.script["refund", self.way.token_id.id] = ["pending"]
        refund = self.refund(60)
        self.assertEqual(refund.state, "pending")
        self.assertEqual(self.attempt.amount_refundable, 40)
        with self.assertRaises(UserError):
            self.refund(40)

    def test_a_refused_refund_goes_to_a_person(self):
        self.line.script["refund", self.way.token_id.id] = ["refund_failed"]
        refund = self.refund(60)
        self.assertEqual((refund.state, refund.next_step), ("failed", "person"))
        self.assertTrue(refund.needs_attention)
        self.assertEqual(self.attempt.amount_refundable, 100)

    def test_a_return_opens_the_document_and_is_tried_again_by_its_reason(self):
        reason = self.env["payment.reason"]._of("bank_insufficient_funds")
        self.attempt._set_returned(reason, self.today)
        self.assertEqual(self.attempt.state, "returned")
        self.assertEqual(self.invoice.amount_residual, 100)
        self.assertEqual(self.attempt.payment_id.state, "rejected")
        self.assertEqual(self.attempt.next_ids.state, "planned")
        self.assertEqual(self.way.last_result, "returned")
        balance = sum(
            self
            .env["account.move.line"]
            .search([
                ("partner_id", "=", self.customer.id),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
            ])
            .mapped("balance")
        )
        self.assertEqual(balance, 100)
        # read in a second time: nothing more
        self.attempt._set_returned(reason, self.today)
        self.assertEqual(self.states(self.attempt).count("returned"), 1)

    def test_a_return_without_hope_is_looked_at(self):
        reason = self.env["payment.reason"]._of("bank_account_closed")
        self.attempt._set_returned(reason)
        self.assertFalse(self.attempt.next_ids)
        self.assertFalse(self.way.in_force)
        self.assertTrue(self.attempt.needs_attention)
