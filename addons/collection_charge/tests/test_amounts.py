# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""A charge without a document that brings nothing: the customer owes its amount, once."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.collection.models.collection_cycle_step import CycleScope

from .common import CollectionChargeCommon


class AmountsCommon(CollectionChargeCommon):
    def charge_amount(self, amount=70, partner=None, **vals):
        """Charge an amount on the account of a customer."""
        partner = partner or self.customer
        return self.charge(partner_id=partner.id, amount=amount, **vals)

    def amounts(self, partner=None):
        """Return the items of charged amounts of a customer, the oldest first."""
        self.env.invalidate_all()
        return self.env["collection.item"].search(
            [
                ("commercial_partner_id", "=", (partner or self.customer).id),
                ("charge_attempt_id", "!=", False),
            ],
            order="id",
        )


@tagged("post_install", "-at_install")
class TestAmounts(AmountsCommon):
    # ------------------------------------------------------------
    # WHAT IS OWED
    # ------------------------------------------------------------

    def test_a_customer_that_owes_nothing_else_gets_a_screen_and_a_case(self):
        self.card("lost_or_stolen")
        self.assertFalse(self.profile())
        attempt = self.charge_amount(70)
        [item] = self.amounts()
        case = self.cases()
        self.assertEqual((item.kind, item.state, item.case_id), ("manual", "open", case))
        self.assertEqual((item.date_due, item.document_ref), (self.today, attempt.name))
        self.assertIn(attempt.name, item.description)
        self.assertEqual((case.state, case.amount_to_collect), ("not_started", 70))
        self.assertEqual(case.charge_state, "failed")
        [told] = self.told(case, attempt)
        self.assertIn(attempt.reason_id.name, told.body)
        data = self.profile().get_customer_screen()["data"]
        self.assertEqual(data["charges"]["charges"][0]["id"], attempt.id)
        self.assertIn("charge", [alert["key"] for alert in data["alerts"]])

    def test_it_joins_the_case_there_is(self):
        self.invoice(amount=500, due=-20)
        case = self.cases()
        self.card("lost_or_stolen")
        self.charge_amount(70)
        self.assertEqual(self.amounts().case_id, case)
        self.assertEqual(case.amount_to_collect, 570)

    def test_what_is_tried_again_is_not_owed_before_the_last_try(self):
        self.card("insufficient_funds")
        self.charge_amount(70)
        self.assertFalse(self.amounts())
        self.next_day()
        self.assertEqual(len(self.amounts()), 1)
        self.assertEqual(self.cases().amount_to_collect, 70)

    def test_what_comes_at_the_second_try_was_never_owed(self):
        self.card("insufficient_funds", "done")
        self.charge_amount(70)
        self.next_day()
        self.assertFalse(self.amounts() or self.cases())

    def test_a_try_that_a_person_gives_up_is_owed(self):
        self.card("insufficient_funds")
        attempt = self.charge_amount(70)
        attempt.next_ids.action_cancel()
        self.at_once()
        self.assertEqual(self.cases().amount_to_collect, 70)

    def test_what_was_never_tried_or_only_asked_for_by_a_page_is_not_owed(self):
        planned = self.plan(partner_id=self.customer.id, amount=70)
        planned.action_cancel()
        page = self.plan(partner_id=self.customer.id, amount=70, by_link=True)
        page._wait_for_customer()
        self.at_once()
        self.assertFalse(self.amounts() or self.cases())

    def test_what_the_bank_wants_the_customer_for_is_owed(self):
        self.card("authentication_required")
        self.assertEqual(self.charge_amount(70).state, "needs_customer")
        self.assertEqual(self.cases().amount_to_collect, 70)

    def test_another_currency_is_owed_in_that_of_the_company_too(self):
        currency = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        self.card("lost_or_stolen")
        self.charge_amount(70, currency_id=currency.id)
        item = self.amounts()
        self.assertEqual((item.amount, item.currency_id, item.amount_residual), (70, currency, 35))

    # ------------------------------------------------------------
    # HOW IT ENDS
    # ------------------------------------------------------------

    def test_another_try_blocks_it_and_its_success_closes_the_case(self):
        self.card("lost_or_stolen")
        attempt = self.charge_amount(70)
        case = self.cases()
        card = self.card("pending")
        attempt.way_id._block(attempt.reason_id)
        attempt.action_try_again()
        self.at_once()
        again = attempt.next_ids
        self.assertEqual((again.way_id, again.state), (card, "pending"))
        self.assertEqual(self.amounts().amount_blocked, 70)
        self.assertEqual(case.amount_to_collect, 0)
        again.transaction_id._set_done()
        self.run_cron("cron_resolve")
        self.at_once()
        [item] = self.amounts()
        self.assertEqual((item.state, item.amount_paid, item.block_ids.ids), ("settled", 70, []))
        self.assertEqual(again.payment_id.collection_item_id, item)
        self.assertEqual((case.state, case.result), ("completed", "paid"))
        self.assertEqual(self.profile().amount_open, 0)

    def test_another_try_that_fails_makes_no_second_item(self):
        self.card("lost_or_stolen")
        attempt = self.charge_amount(70)
        attempt.action_try_again()
        self.at_once()
        self.assertEqual(len(self.amounts()), 1)
        self.assertEqual(self.cases().amount_to_collect, 70)
        self.assertTrue(self.told(self.cases(), attempt.next_ids))

    def test_a_return_is_owed_once_and_paid_by_the_next_charge(self):
        self.card("done")
        attempt = self.charge_amount(70)
        self.assertFalse(self.amounts())
        self.give_back(attempt, "account_closed")
        [item] = self.amounts()
        case = self.cases()
        self.assertEqual(case.amount_to_collect, 70)
        self.assertEqual((self.profile().amount_open, self.profile().amount_credit), (70, 0))
        self.assertEqual(item.amount_residual, 70)

    def test_a_second_return_opens_the_case_again(self):
        self.card("lost_or_stolen")
        attempt = self.charge_amount(70)
        case = self.cases()
        self.card("done")
        attempt.way_id._block(attempt.reason_id)
        attempt.action_try_again()
        self.at_once()
        self.assertEqual(case.state, "completed")
        self.give_back(attempt.next_ids, "account_closed")
        self.assertEqual((case.state, case.amount_to_collect), ("in_progress", 70))
        self.assertEqual(len(self.amounts()), 1)

    def test_dealt_with_by_a_person_it_is_not_asked_for_any_more(self):
        self.card("lost_or_stolen")
        attempt = self.charge_amount(70)
        case = self.cases()
        attempt.action_mark_handled()
        self.at_once()
        [item] = self.amounts()
        self.assertEqual((item.state, item.charge_ended), ("cancelled", "handled"))
        self.assertEqual(case.state, "completed")
        self.assertTrue(case.message_ids.filtered(lambda one: "dealt with" in (one.body or "")))

    def test_what_a_person_cancels_stays_cancelled(self):
        self.card("lost_or_stolen")
        self.charge_amount(70)
        item = self.amounts()
        item.action_cancel_manual()
        self.at_once()
        self.run_cycle(self.customer)
        self.assertEqual((item.state, item.charge_ended), ("cancelled", False))

    def test_what_the_charge_was_for_is_not_changed_by_hand(self):
        self.card("lost_or_stolen")
        self.charge_amount(70)
        item = self.amounts()
        item.date_maturity = self.days(5)
        with self.assertRaises(AccessError):
            item.amount = 50
        self.assertEqual(item.amount, 70)

    def test_a_payment_for_it_counts(self):
        self.card("lost_or_stolen")
        self.charge_amount(70)
        item, case = self.amounts(), self.cases()
        context = item.action_register_payment()["context"]
        payment = self.env["account.payment"].with_context(**context).create({})
        payment.action_post()
        self.at_once()
        self.assertEqual((item.state, case.result), ("settled", "paid"))

    # ------------------------------------------------------------
    # TWICE, TWO COMPANIES, MANY
    # ------------------------------------------------------------

    def test_the_cycle_makes_one_item_however_often_it_runs(self):
        self.card("lost_or_stolen")
        attempt = self.charge_amount(70)
        attempt.transition_ids.collection_pending = True
        for _night in range(2):
            self.run_cycle(self.customer)
        self.run_cycle()
        self.assertEqual(len(self.amounts()), 1)
        self.assertEqual(self.cases().amount_to_collect, 70)

    def test_the_night_finds_what_the_day_has_missed(self):
        """A customer with nothing in the ledger, no profile, and nobody who noted it."""
        self.card("lost_or_stolen")
        untold = self.Attempt.with_context(collection_no_touch=True)
        attempt = untold._plan([{"partner_id": self.customer.id, "amount": 70}])
        attempt._submit()
        self.assertFalse(self.profile())
        night = CycleScope(self.company.id, self.today)
        for _run in range(2):
            self.env.flush_all()
            self.cycle._run_scope(night)
        self.assertEqual(self.amounts().case_id, self.cases())
        self.assertEqual(self.cases().amount_to_collect, 70)
        self.assertEqual(len(self.told(self.cases(), attempt)), 1)
        attempt.with_context(collection_no_touch=True).handled = True
        self.env.flush_all()
        self.cycle._run_scope(night)
        self.assertEqual(self.amounts().charge_ended, "handled")
        self.assertEqual(self.cases().state, "completed")

    def test_whoever_charges_needs_no_role_in_collections(self):
        self.invoice(amount=500, due=-20)
        operator = new_test_user(
            self.env,
            "operator",
            groups="payment_charge.group_charge_operator",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.card("lost_or_stolen")
        vals = {"partner_id": self.customer.id, "company_id": self.company.id, "amount": 70}
        self.Attempt.with_user(operator)._plan([vals])._submit()
        self.at_once()
        self.assertEqual(self.cases().amount_to_collect, 570)

    def test_it_is_owed_in_the_company_that_charged(self):
        other = self.setup_other_company(name="Rival Ltd")["company"]
        other.write({"collection_tz": "UTC", "collection_live": True})
        self.card("lost_or_stolen")
        self.charge_amount(70)
        self.cycle._run_for(other, self.customer)
        item = self.amounts()
        self.assertEqual(item.company_id, self.company)
        profiles = self.env["collection.profile"].sudo()
        self.assertFalse(profiles.search([("company_id", "=", other.id)]))

    def test_before_collections_are_confirmed_it_is_owed_but_in_no_case(self):
        self.company.collection_live = False
        self.card("lost_or_stolen")
        self.charge_amount(70)
        self.assertEqual(self.amounts().amount_residual, 70)
        self.assertFalse(self.cases())

    def test_many_failures_cost_no_more_queries_than_few(self):
        def queries(count):
            partners = self.env["res.partner"].create([
                {"name": f"Customer {count}-{number}"} for number in range(count)
            ])
            for partner in partners:
                self.card("lost_or_stolen", partner=partner)
                vals = {"partner_id": partner.id, "amount": 70}
                # as if the customers were computed at night only
                self.Attempt.with_context(collection_no_touch=True)._plan([vals])._submit()
            self.env.flush_all()
            self.env.invalidate_all()
            step = self.env["collection.cycle.step.charge.debts"].sudo()
            scope = CycleScope(self.company.id, self.today, tuple(partners.ids))
            before = self.env.cr.sql_log_count
            step._apply(scope)
            self.env.flush_all()
            spent = self.env.cr.sql_log_count - before
            made = self.env["collection.item"].search_count([
                ("profile_id.partner_id", "in", partners.ids)
            ])
            self.assertEqual(made, count)
            return spent

        queries(1)
        few = queries(2)
        self.assertLessEqual(queries(12), few)

    # ------------------------------------------------------------
    # CHARGING AGAIN FROM THE CASE
    # ------------------------------------------------------------

    def test_charging_from_the_case_charges_the_same_amount(self):
        self.card("lost_or_stolen")
        attempt = self.charge_amount(70)
        case, item = self.cases(), self.amounts()
        action = case.action_charge()
        self.assertEqual((action["res_model"], action["res_id"]), (item._name, item.id))
        attempt.way_id._block(attempt.reason_id)
        self.card("done")
        item.action_charge_again()
        self.at_once()
        self.assertEqual((item.state, case.result), ("settled", "paid"))
        listed = self.env[attempt._name].search(item.action_open_charges()["domain"])
        self.assertEqual(listed, attempt | attempt.next_ids)
        with self.assertRaises(UserError):
            item.action_charge_again()

    def test_what_was_returned_is_charged_again_for_the_same_amount(self):
        self.card("done")
        attempt = self.charge_amount(70)
        self.give_back(attempt, "account_closed")
        item, case = self.amounts(), self.cases()
        attempt.way_id._block(attempt.reason_id)
        self.card("pending")
        item.action_charge_again()
        self.at_once()
        self.assertEqual(case.amount_to_collect, 0)
        with self.assertRaises(UserError, msg="it is under way already"):
            item.action_charge_again()
        attempt.next_ids.transaction_id._set_done()
        self.run_cron("cron_resolve")
        self.at_once()
        self.assertEqual((item.state, item.amount_paid), ("settled", 70))
        self.assertEqual(len(self.amounts()), 1)

    def test_charging_again_needs_the_role_of_charging(self):
        self.card("lost_or_stolen")
        self.charge_amount(70)
        collector = new_test_user(
            self.env,
            "collector",
            groups="collection.group_collection_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        with self.assertRaises(AccessError):
            self.amounts().with_user(collector).action_charge_again()
