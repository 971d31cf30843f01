# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""From the first try of a charge to the case: what is blocked, what is opened, what is told."""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CollectionChargeCommon


@tagged("post_install", "-at_install")
class TestUnderWay(CollectionChargeCommon):
    """While a charge is under way nobody asks for its documents."""

    def test_a_planned_charge_blocks_its_documents_and_its_end_frees_them(self):
        self.card("done")
        invoice = self.invoice(amount=1000)
        case = self.cases()
        self.assertEqual(case.amount_to_collect, 1000)
        attempt = self.plan(invoice, planned_on=self.days(3))
        self.assertEqual(self.blocked(invoice), [1000])
        self.assertEqual((case.amount_to_collect, case.amount_overdue), (0, 1000))
        attempt.action_cancel()
        self.at_once()
        self.assertEqual(self.blocked(invoice), [0])
        self.assertEqual(case.amount_to_collect, 1000)
        self.assertFalse(self.told(case, attempt), "nothing was tried, so nothing failed")

    def test_a_document_that_falls_late_while_it_is_charged_is_put_in_no_case(self):
        self.card("pending")
        invoice = self.invoice(due=-5)
        self.charge(invoice)
        self.company.collection_days_late = 1
        self.run_cycle(self.customer)
        self.assertFalse(self.cases())

    def test_success_ends_the_block_and_closes_the_case(self):
        self.card("done")
        invoice = self.invoice(amount=1000)
        case = self.cases()
        self.charge(invoice)
        self.assertEqual((case.state, case.result), ("completed", "paid"))
        self.assertFalse(self.item(invoice).block_ids)

    def test_what_has_no_outcome_stays_blocked(self):
        for word in ("pending", "lost_taken"):
            with self.subTest(word):
                self.line.can_say = False
                card = self.card(word)
                invoice = self.invoice(amount=300)
                attempt = self.charge(invoice, way_id=card.id)
                self.assertIn(attempt.state, {"pending", "unknown"})
                self.assertEqual(self.blocked(invoice), [300])

    def test_money_that_was_taken_and_not_booked_is_not_asked_for(self):
        self.card("done")
        invoice = self.invoice(amount=1000)
        case = self.cases()
        Attempt = type(self.env["payment.charge.attempt"])
        with patch.object(Attempt, "_book_success", side_effect=UserError("The year is closed.")):
            attempt = self.charge(invoice)
        self.assertEqual((attempt.state, attempt.finished), ("succeeded", False))
        self.assertEqual(self.blocked(invoice), [1000])
        self.assertEqual(case.amount_to_collect, 0)
        attempt.action_finish()
        self.at_once()
        self.assertEqual(case.state, "completed")

    def test_a_part_covers_what_is_due_first(self):
        self.card("pending")
        later, first = self.invoice(amount=500, due=-8), self.invoice(amount=1000, due=-20)
        self.charge(later | first, amount=1200)
        self.assertEqual(self.blocked(first, later), [1000, 200])
        self.assertEqual(self.cases().amount_to_collect, 300)

    def test_a_charge_in_another_currency_blocks_in_that_of_the_company(self):
        currency = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        self.card("pending")
        invoice = self.invoice(amount=500, currency_id=currency.id)
        self.charge(invoice, amount=200)
        self.assertEqual(self.blocked(invoice), [100])
        self.assertEqual(self.item(invoice).amount_to_collect, 150)

    def test_what_is_paid_otherwise_meanwhile_is_blocked_no_more(self):
        self.card("pending")
        invoice = self.invoice(amount=1000)
        self.charge(invoice)
        self.pay(invoice, amount=400)
        self.assertEqual(self.blocked(invoice), [600])
        self.pay(invoice)
        self.assertEqual(self.blocked(invoice), [0])

    def test_a_block_lifted_by_hand_stays_lifted(self):
        self.card("pending")
        invoice = self.invoice(amount=1000)
        case = self.cases()
        self.charge(invoice)
        self.item(invoice).block_ids.action_lift()
        self.at_once()
        self.run_cycle(self.customer)
        self.assertEqual(case.amount_to_collect, 1000)

    def test_an_amount_on_account_blocks_nothing(self):
        self.card("pending")
        self.invoice(amount=1000)
        self.charge(partner_id=self.customer.id, amount=70)
        self.assertEqual(self.cases().amount_to_collect, 1000)


@tagged("post_install", "-at_install")
class TestBroughtNothing(CollectionChargeCommon):
    """What was refused, returned or waits for the customer goes to the case, and says why."""

    def test_a_refusal_feeds_the_case_and_opens_up_when_all_tries_are_used_up(self):
        """The story of two invoices: one is chased already, the card for the other is empty."""
        self.card("insufficient_funds")
        self.invoice(amount=500, due=-20)
        case = self.cases()
        invoice = self.invoice(amount=1000, due=-2)
        first = self.charge(invoice)
        self.assertEqual(first.next_step, "retry")
        self.assertEqual(self.item(invoice).case_id, case, "the case is fed")
        self.assertEqual(case.amount_to_collect, 500, "and nobody asks for what is tried again")
        [told] = self.told(case, first)
        self.assertIn(first.reason_id.name, told.body)
        self.assertIn("Tried Again", told.body)
        self.next_day()
        last = first.next_ids
        self.assertEqual((last.state, last.next_why), ("failed", "exhausted"))
        self.assertEqual(case.amount_to_collect, 1500)
        self.assertEqual(len(self.told(case, last)), 1)
        self.assertEqual(self.cases(), case)

    def test_without_a_case_one_is_opened_only_when_all_tries_are_used_up(self):
        self.card("insufficient_funds")
        invoice = self.invoice(amount=1000, due=-2)
        attempt = self.charge(invoice)
        self.assertFalse(self.cases())
        self.assertEqual(self.blocked(invoice), [1000])
        self.next_day()
        case = self.cases()
        self.assertEqual(self.item(invoice).case_id, case)
        self.assertEqual((case.state, case.amount_to_collect), ("not_started", 1000))
        self.assertEqual(self.blocked(invoice), [0])
        [told] = self.told(case, attempt.next_ids)
        self.assertIn(attempt.advice, told.body)

    def test_a_try_that_succeeds_leaves_no_case_behind(self):
        self.card("insufficient_funds", "done")
        invoice = self.invoice(amount=1000, due=-2)
        self.charge(invoice)
        self.next_day()
        self.assertEqual(invoice.amount_residual, 0)
        self.assertFalse(self.cases())
        self.assertFalse(self.item(invoice).block_ids)

    def test_a_barred_card_and_one_that_needs_a_person_open_a_case_at_once(self):
        for reason in ("lost_or_stolen", "call_issuer"):
            with self.subTest(reason):
                partner = self.env["res.partner"].create({"name": f"Customer {reason}"})
                self.card(reason, partner=partner)
                attempt = self.charge(self.invoice(partner, due=-1))
                case = self.cases(partner)
                self.assertEqual(case.state, "not_started")
                self.assertIn(attempt.reason_id.name, self.told(case, attempt).body)

    def test_what_waits_for_the_customer_is_chased(self):
        self.card("authentication_required")
        attempt = self.charge(self.invoice(amount=1000, due=-1))
        self.assertEqual(attempt.state, "needs_customer")
        self.assertEqual(self.cases().amount_to_collect, 1000)

    def test_a_payment_page_that_was_only_sent_is_no_failure(self):
        attempt = self.plan(self.invoice(due=-1), by_link=True)
        attempt._wait_for_customer()
        self.at_once()
        self.assertFalse(self.cases())

    def test_another_try_that_a_person_gives_up_opens_the_case(self):
        self.card("insufficient_funds")
        attempt = self.charge(self.invoice(amount=1000, due=-1))
        self.assertFalse(self.cases())
        attempt.next_ids.action_cancel()
        self.at_once()
        self.assertEqual(self.cases().amount_to_collect, 1000)

    def test_a_return_reopens_the_case(self):
        self.card("done")
        invoice = self.invoice(amount=1000)
        case = self.cases()
        attempt = self.charge(invoice)
        self.assertEqual(case.state, "completed")
        self.give_back(attempt, "account_closed")
        self.assertEqual(attempt.state, "returned")
        self.assertEqual((case.state, case.amount_to_collect), ("in_progress", 1000))
        self.assertIn(attempt.reason_id.name, self.told(case, attempt).body)

    def test_a_return_that_is_tried_again_reopens_the_case_after_the_last_try(self):
        self.card("done", "insufficient_funds")
        invoice = self.invoice(amount=1000)
        case = self.cases()
        attempt = self.charge(invoice)
        self.give_back(attempt)
        self.assertEqual(attempt.next_ids.state, "planned")
        self.assertEqual(case.state, "completed", "it may come yet")
        self.assertEqual(self.blocked(invoice), [1000])
        for _try in range(2):
            self.next_day()
        self.assertEqual((case.state, case.amount_to_collect), ("in_progress", 1000))

    def test_a_return_of_what_was_in_no_case_opens_one(self):
        self.card("done")
        invoice = self.invoice(amount=1000, due=-1)
        attempt = self.charge(invoice)
        self.assertFalse(self.cases())
        self.give_back(attempt, "account_closed")
        self.assertEqual(self.cases().open_item_ids, self.item(invoice))

    def test_what_keeps_items_out_of_cases_does_so_here(self):
        def hold(profile):
            profile.write({"hold": True, "hold_reason": "Being merged"})

        def go_away(profile):
            profile.participation = "no"

        def keep_out(profile):
            profile.item_ids._keep_out(self.days(30), "Agreed")

        for obstacle in (hold, go_away, keep_out):
            with self.subTest(obstacle.__name__):
                partner = self.env["res.partner"].create({"name": obstacle.__name__})
                self.card("lost_or_stolen", partner=partner)
                invoice = self.invoice(partner, due=-1)
                obstacle(self.profile(partner))
                self.charge(invoice)
                self.assertFalse(self.cases(partner))

    def test_before_collections_are_confirmed_no_case_is_opened(self):
        self.company.collection_live = False
        self.card("lost_or_stolen")
        self.charge(self.invoice(due=-1))
        self.assertFalse(self.cases())

    def test_the_case_hears_of_it_once(self):
        self.card("lost_or_stolen")
        attempt = self.charge(self.invoice(due=-1))
        for _night in range(2):
            self.run_cycle(self.customer)
        self.assertEqual(len(self.told(self.cases(), attempt)), 1)

    def test_trouble_in_collections_never_hurts_a_charge(self):
        self.card("lost_or_stolen")
        invoice = self.invoice(amount=1000, due=-1)
        Case = type(self.env["collection.case"])
        with (
            mute_logger("odoo.addons.collection.models.collection_cycle"),
            patch.object(Case, "_follow_charges", side_effect=ZeroDivisionError("a bug")),
        ):
            attempt = self.charge(invoice)
        self.assertEqual((attempt.state, attempt.finished), ("failed", True))
        self.assertFalse(self.cases())
        with self.enter_registry_test_mode():
            self.env.ref("collection.cron_cycle").sudo().method_direct_trigger()
        self.env.invalidate_all()
        case = self.cases()
        self.assertEqual(case.amount_to_collect, 1000)
        self.assertEqual(len(self.told(case, attempt)), 1)

    def test_a_refund_is_none_of_collections_business(self):
        self.card("done")
        Attempt = type(self.env["payment.charge.attempt"])
        self.patch(Attempt, "_refund_support", lambda _charge: "partial")
        invoice = self.invoice(amount=1000, due=-1)
        charge = self.charge(invoice)
        refund = charge._refund()
        self.at_once()
        self.assertFalse(self.item(invoice).block_ids)
        refund.action_cancel()
        self.at_once()
        self.assertFalse(self.cases())


@tagged("post_install", "-at_install")
class TestTwoCompanies(CollectionChargeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.setup_other_company(name="Rival Ltd")["company"]
        cls.other_company.write({"collection_tz": "UTC", "collection_live": True})

    def test_a_charge_in_one_company_changes_nothing_in_the_other(self):
        """The same customer owes both."""
        Elsewhere = type(
            "Elsewhere",
            (type(self),),
            {"env": self.env(context={"allowed_company_ids": self.other_company.ids})},
        )
        other_invoice = Elsewhere.invoice(self.customer, amount=700)
        invoice = self.invoice(amount=1000)
        self.card("lost_or_stolen")
        self.charge(invoice)
        cases = {
            case.company_id: case
            for case in self
            .env["collection.case"]
            .sudo()
            .search([("partner_id", "=", self.customer.id)])
        }
        self.assertEqual(set(cases), {self.company, self.other_company})
        self.assertEqual(cases[self.company].charge_state, "failed")
        self.assertFalse(cases[self.other_company].charge_state)
        self.assertEqual(cases[self.other_company].amount_to_collect, 700)
        self.assertFalse(self.item(other_invoice).block_ids)
