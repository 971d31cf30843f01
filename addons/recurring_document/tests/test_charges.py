# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""Direct charge and debt management: what is charged when, and what follows."""

from datetime import date
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import RecurringCommon


@tagged("post_install", "-at_install")
class TestCharges(RecurringCommon):
    def direct(self, price=100.0, **vals):
        return self.recurring(price, method="direct", **vals)

    def reason(self, code):
        return self.env["payment.reason"]._of(code)

    # ------------------------------------------------------------
    # DIRECT CHARGE
    # ------------------------------------------------------------

    def test_direct_charge_issues_the_invoice_once_the_money_is_there(self):
        self.card("done")
        self.day("2027-01-01")
        document = self.direct(100)
        self.bill()
        row = document.period_ids
        self.assertEqual((row.state, row.result), ("charging", "charging"))
        self.assertFalse(row.move_id)
        self.carry_out_charges()
        self.assertEqual(row.state, "generated")
        self.assertEqual(row.move_id.payment_state, "paid")
        self.assertEqual(row.move_id.amount_total, 100)
        self.assertEqual(row.move_id.charge_count, 1, "the invoice shows its charge")
        self.assertEqual(row.last_attempt_id.payment_id.reconciled_invoice_ids, row.move_id)
        self.run_job("cron_run")
        self.carry_out_charges()
        self.assertEqual(self.asked(), 1)

    def test_a_receipt_only(self):
        self.card("done")
        self.day("2027-01-01")
        document = self.direct(100, document_kind="none")
        self.bill()
        self.carry_out_charges()
        row = document.period_ids
        self.assertEqual((row.state, row.result), ("generated", "paid"))
        self.assertFalse(row.move_id)
        self.assertEqual(self.payments_of(self.customer).amount, 100)

    def test_what_was_charged_is_what_is_invoiced(self):
        """A price that changes between the charge and its success does not change the invoice."""
        self.card("pending")
        self.day("2027-01-01")
        document = self.direct(100)
        self.bill()
        self.carry_out_charges()
        document.line_ids.price_unit = 150
        transaction = document.period_ids.attempt_ids.transaction_id
        transaction._set_done()
        transaction._post_process()
        self.assertEqual(document.period_ids.move_id.amount_total, 100)
        self.assertEqual(document.period_ids.result, "paid")

    def test_decline_retry_fallback_success(self):
        first = self.card("insufficient_funds", "insufficient_funds", "expired_card")
        second = self.card("done")
        self.day("2027-01-01")
        document = self.direct(100)
        self.bill()
        self.carry_out_charges()
        row = document.period_ids
        self.assertEqual(row.state, "charging", "another try follows")
        for text in ("2027-01-02", "2027-01-05", "2027-01-10", "2027-01-20"):
            self.day(text)
            self.carry_out_charges()
        self.assertEqual(row.state, "generated")
        self.assertEqual(row.attempt_ids.way_id, first | second)
        self.assertEqual(row.attempt_ids.recurring_period_id, row)
        self.assertEqual(row.move_id.payment_state, "paid")
        self.assertFalse(row.gave_up)
        self.assertEqual(len(self.payments_of(self.customer)), 1)

    def test_a_refusal_for_good_leaves_the_period_to_a_person(self):
        self.card("expired_card", "done")
        self.day("2027-01-01")
        document = self.direct(100)
        run = self.bill()
        self.carry_out_charges()
        row = document.period_ids
        self.assertEqual((row.state, row.gave_up, row.result), ("unpaid", True, "unpaid"))
        self.assertIn("expired", row.error.lower())
        self.assertFalse(row.move_id)
        self.assertEqual(run.unpaid_count, 1)
        self.assertEqual(self.customer.recurring_trouble_count, 1)
        self.assertEqual(document.state, "running")
        # again for what failed
        run.action_again()
        self.carry_out_charges()
        self.assertEqual(row.state, "generated")
        self.assertFalse(row.gave_up)
        self.assertEqual(row.attempt_ids.mapped("number"), [1, 1])
        self.assertEqual(len(set(row.attempt_ids.mapped("key"))), 2)

    def test_the_document_is_issued_unpaid_where_that_is_wanted(self):
        self.card("expired_card")
        self.day("2027-01-01")
        anyway = self.direct(100, document_anyway=True)
        by_hand = self.direct(70)
        self.bill()
        self.carry_out_charges()
        self.assertEqual(anyway.period_ids.move_id.amount_residual, 100)
        self.assertEqual(anyway.period_ids.state, "generated")
        by_hand.period_ids.action_issue_unpaid()
        self.assertEqual(by_hand.period_ids.move_id.amount_residual, 70)
        self.assertEqual(anyway.unpaid_count, 1)

    def test_a_success_that_comes_late_is_invoiced(self):
        self.card("lost_taken")
        self.line.can_say = False
        self.day("2027-01-01")
        document = self.direct(100)
        self.bill()
        self.carry_out_charges()
        self.assertEqual(document.period_ids.state, "charging")
        attempt = document.period_ids.attempt_ids
        self.assertEqual(attempt.state, "unknown")
        self.run_job("cron_run")
        self.assertEqual(len(document.period_ids.attempt_ids), 1)
        self.line.can_say = True
        attempt._ask_provider()
        self.assertEqual(document.period_ids.state, "generated")
        self.assertEqual(self.asked(), 1)

    def test_money_without_an_invoice_is_not_charged_again(self):
        """The invoice cannot be issued: the money stays, and the release issues it."""
        self.card("done")
        self.day("2027-01-01")
        document = self.direct(100)
        self.bill()
        moves = type(self.env["account.move"])
        post = moves._post

        def refuse(records, soft=True):
            if any(move.move_type == "out_invoice" for move in records):
                raise UserError(self.env._("Closed."))
            return post(records, soft)

        with patch.object(moves, "_post", refuse):
            self.carry_out_charges()
        row = document.period_ids
        self.assertEqual((row.state, row.attempt_ids.state), ("failed", "succeeded"))
        self.assertEqual(document.trouble, "Closed.")
        with self.assertRaises(UserError):
            row.action_skip()
        row.action_bill()
        self.assertEqual(row.state, "generated")
        self.assertEqual(row.move_id.payment_state, "paid")
        self.run_job("cron_run")
        self.carry_out_charges()
        self.assertEqual(self.asked(), 1)

    def test_a_charge_given_up_by_a_person(self):
        self.card("done")
        self.day("2027-01-01")
        document = self.direct(100)
        self.bill()
        document.period_ids.attempt_ids.action_cancel()
        self.assertEqual(document.period_ids.state, "unpaid")
        document.period_ids.action_skip()
        self.assertEqual(document.period_ids.state, "skipped")

    def test_nothing_to_charge_is_invoiced_at_once(self):
        self.day("2027-01-01")
        document = self.direct(0.0)
        self.bill()
        self.assertEqual(document.period_ids.move_id.amount_total, 0)
        self.assertFalse(document.period_ids.attempt_id)

    def test_a_way_of_its_own(self):
        self.card("expired_card")
        own = self.card("done")
        self.day("2027-01-01")
        document = self.direct(100)
        own.write({"res_model": "recurring.document", "res_id": document.id})
        self.assertIn(own.display_name, document.way_text)
        self.bill()
        self.carry_out_charges()
        self.assertEqual(document.period_ids.last_attempt_id.way_id, own)
        self.assertEqual(document.period_ids.result, "paid")

    # ------------------------------------------------------------
    # RETURNS
    # ------------------------------------------------------------

    def test_a_return_is_owed_again_and_tried_again(self):
        self.card("done", "done")
        self.day("2027-01-01")
        document = self.direct(100)
        self.bill()
        self.carry_out_charges()
        row = document.period_ids
        row.last_attempt_id._set_returned(self.reason("insufficient_funds"), date(2027, 1, 8))
        self.assertEqual(row.move_id.amount_residual, 100)
        self.assertEqual(
            row.result, "overdue" if row.move_id.invoice_date_due < date(2027, 1, 1) else "owed"
        )
        for text in ("2027-01-09", "2027-01-15", "2027-01-25"):
            self.day(text)
            self.carry_out_charges()
        self.assertEqual(row.result, "paid")
        self.assertEqual(row.move_id.amount_residual, 0)
        self.assertEqual(row.attempt_ids.sorted("id").mapped("state"), ["returned", "succeeded"])
        self.assertEqual(len(document.period_ids.move_id), 1)

    def test_a_returned_receipt_is_charged_again(self):
        self.card("done", "done")
        self.day("2027-01-01")
        document = self.direct(100, document_kind="none")
        self.bill()
        self.carry_out_charges()
        row = document.period_ids
        row.last_attempt_id._set_returned(self.reason("insufficient_funds"), date(2027, 1, 8))
        self.assertEqual(row.state, "charging")
        for text in ("2027-01-09", "2027-01-15", "2027-01-25"):
            self.day(text)
            self.carry_out_charges()
        self.assertEqual(row.result, "paid")

    def test_a_return_for_good_stops_by_the_rule(self):
        self.card("done")
        self.day("2027-01-01")
        document = self.recurring(100, on_failure="stop")
        self.bill()
        self.carry_out_charges()
        document.period_ids.last_attempt_id._set_returned(self.reason("lost_or_stolen"))
        self.assertEqual(document.state, "stopped")
        self.assertEqual(document.period_ids.move_id.amount_residual, 100)
        self.assertTrue(document.activity_ids)
        self.assertIn("could not be collected", document.why)

    # ------------------------------------------------------------
    # DEBT MANAGEMENT
    # ------------------------------------------------------------

    def test_the_document_first_then_the_charge(self):
        self.card("done")
        self.day("2027-01-01")
        document = self.recurring(100, charge_offset=5)
        self.bill()
        row = document.period_ids
        self.assertEqual((row.state, row.result), ("generated", "owed"))
        self.assertEqual(row.charge_on, date(2027, 1, 6))
        self.carry_out_charges()
        self.assertEqual(self.asked(), 0)
        self.day("2027-01-06")
        self.run_job("cron_run")
        self.carry_out_charges()
        self.assertEqual(row.result, "paid")

    def test_what_the_customer_paid_before_is_not_charged(self):
        self.card("done")
        self.day("2027-01-01")
        document = self.recurring(100, charge_offset=5)
        self.bill()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=document.period_ids.move_id.ids
        ).create({})._create_payments()
        self.day("2027-01-06")
        self.run_job("cron_run")
        self.carry_out_charges()
        self.assertFalse(document.period_ids.attempt_id)
        self.assertEqual(self.asked(), 0)

    def test_the_rule_pauses_after_two_unpaid_periods(self):
        self.card("expired_card")
        self.day("2027-01-01")
        document = self.recurring(100, on_failure="pause", failures_allowed=1)
        self.bill()
        self.carry_out_charges()
        self.assertEqual(document.state, "running")
        self.day("2027-02-01")
        self.bill()
        self.carry_out_charges()
        self.assertEqual(document.state, "paused")
        self.day("2027-03-01")
        self.company.recurring_auto = True
        self.run_job("cron_run")
        self.assertEqual(len(document.period_ids), 2)
        self.assertEqual(sum(document.period_ids.move_id.mapped("amount_residual")), 200)

    def test_without_a_charge_the_customer_pays(self):
        self.card("done")
        self.day("2027-01-01")
        document = self.recurring(100, charge=False)
        self.bill()
        self.carry_out_charges()
        self.assertEqual(self.asked(), 0)
        self.assertEqual(document.way_text, "The customer pays")
        self.assertEqual(document.amount_open, 100)

    def test_every_failure_is_told_at_the_customer_and_the_document(self):
        self.card("expired_card")
        self.day("2027-01-01")
        document = self.recurring(100)
        self.bill()
        self.carry_out_charges()
        for record in (self.customer, document.period_ids.move_id):
            self.assertIn("Failed", "".join(record.message_ids.mapped("body")))

    def test_what_was_paid_in_another_way_counts_as_collected(self):
        self.card("expired_card")
        self.day("2027-01-01")
        document = self.recurring(100, on_failure="stop", failures_allowed=1)
        self.bill()
        self.carry_out_charges()
        self.assertTrue(document.period_ids.gave_up)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=document.period_ids.move_id.ids
        ).create({})._create_payments()
        self.assertFalse(document.period_ids.gave_up)
        self.day("2027-02-01")
        self.bill()
        self.carry_out_charges()
        self.assertEqual(document.state, "running", "only one period is unpaid")

    def test_a_way_is_added_for_the_document_only(self):
        token = self._create_token(partner_id=self.customer.id, provider_ref="another card")
        self.day("2027-01-01")
        document = self.recurring(100)
        context = document.action_open_ways()["context"]
        way = self.env["payment.charge.way"].with_context(**context).create({"token_id": token.id})
        self.assertEqual(document.way_ids, way)
        self.assertEqual(document._ways(), way)

    def late_success(self, attempt):
        """The provider says that a charge which failed has succeeded after all."""
        attempt.transaction_id._set_done(extra_allowed_states=("error",))
        attempt.transaction_id._post_process()

    def test_a_late_success_of_a_period_left_out_is_invoiced(self):
        self.card("expired_card")
        self.day("2027-01-01")
        document = self.direct(100)
        self.bill()
        self.carry_out_charges()
        row = document.period_ids
        row.action_skip()
        self.late_success(row.attempt_ids)
        self.assertEqual((row.state, row.move_id.payment_state), ("generated", "paid"))

    def test_money_that_came_twice_is_given_to_a_person(self):
        """The first charge succeeds after all, when the second one has paid already."""
        self.card("expired_card", "done")
        self.day("2027-01-01")
        for kind in ("invoice", "none"):
            document = self.direct(100, document_kind=kind)
            self.line.asked.clear()
            self.bill()
            self.carry_out_charges()
            row = document.period_ids
            row.action_charge_again()
            self.carry_out_charges()
            first, second = row.attempt_ids.sorted("id")
            self.assertEqual((first.state, second.state), ("failed", "succeeded"))
            self.late_success(first)
            self.assertEqual(first.state, "succeeded")
            self.assertTrue(first.surplus and first.needs_attention, kind)
            self.assertFalse(second.surplus)
            self.assertEqual(len(document.period_ids), 1)
            self.assertEqual(row.result, "paid")
