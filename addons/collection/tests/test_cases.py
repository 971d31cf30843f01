# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CollectionCommon


@tagged("post_install", "-at_install")
class TestCases(CollectionCommon):
    """Cases open, grow, close and reopen as the ledger says."""

    def test_overdue_invoice_opens_a_case_and_not_due_ones_stay_out(self):
        late = self.invoice(amount=800)
        early = self.invoice(amount=300, due=10)
        case = self.cases()
        self.assertEqual(len(case), 1)
        self.assertEqual(case.state, "not_started")
        self.assertEqual(case.origin, "auto")
        self.assertEqual(case.open_item_ids, late.collection_item_ids)
        self.assertFalse(early.collection_item_ids.case_id)
        self.assertEqual(case.amount_open, 800)
        self.assertEqual(case.amount_to_collect, 800)
        self.assertEqual(case.days_late, 10)
        self.assertEqual(case.transition_ids.mapped("to_state"), ["not_started"])
        self.assertEqual(case.transition_ids.cause, "rule")

    def test_new_late_invoice_joins_the_open_case(self):
        self.invoice(amount=800)
        self.invoice(amount=200)
        self.assertEqual(len(self.cases()), 1)
        self.assertEqual(self.cases().amount_open, 1000)

    def test_payment_updates_and_closes_the_case_at_once(self):
        move = self.invoice(amount=800)
        case = self.cases()
        self.pay(move, amount=300)
        self.assertEqual(case.amount_open, 500)
        self.assertEqual(case.state, "not_started")
        self.pay(move)
        self.assertEqual(case.state, "completed")
        self.assertEqual(case.result, "paid")
        self.assertEqual(case.closed_on, self.today)
        self.assertEqual(case.amount_open, 0)
        self.assertFalse(case.open_item_ids)

    def test_credited_case_says_so(self):
        self.credit(self.invoice())
        self.assertEqual(self.cases().result, "credited")

    def test_written_off_case_says_so(self):
        move = self.invoice()
        entry = self.entry(self.customer, -1000, due=0)
        self.match(move, entry)
        self.assertEqual(self.cases().result, "written_off")

    def test_bounced_payment_reopens_the_case(self):
        move = self.invoice()
        payment = self.pay(move)
        case = self.cases()
        self.assertEqual(case.state, "completed")
        self.receivable(payment.move_id).remove_move_reconcile()
        payment.move_id._reverse_moves(cancel=True)
        self.at_once()
        self.assertEqual(case.state, "in_progress")
        self.assertFalse(case.result)
        self.assertEqual(case.open_item_ids, move.collection_item_ids)
        self.assertEqual(self.cases(), case, "no second case")
        self.assertEqual(case.transition_ids[0].cause, "ledger")

    def test_small_debts_wait_for_the_minimum(self):
        self.company.collection_min_amount = 500
        self.invoice(amount=300)
        self.assertFalse(self.cases())
        self.invoice(amount=300)
        self.assertEqual(self.cases().amount_open, 600)

    def test_customer_who_does_not_take_part_has_no_case(self):
        self.customer.collection_participation = "no"
        self.invoice()
        self.assertFalse(self.cases())
        self.customer.collection_participation = "yes"
        self.at_once()
        self.assertTrue(self.cases())

    def test_company_default_decides_for_the_rest(self):
        self.company.collection_takes_part_default = False
        self.invoice()
        self.invoice(partner=self.other_customer)
        self.assertFalse(self.cases())
        self.other_customer.collection_participation = "yes"
        self.at_once()
        self.assertTrue(self.cases(self.other_customer))
        self.assertFalse(self.cases())

    def test_only_customers_in_scope(self):
        self.company.collection_partner_domain = "[('name', 'ilike', 'carmel')]"
        self.invoice()
        self.invoice(partner=self.other_customer)
        self.assertFalse(self.cases())
        self.assertTrue(self.cases(self.other_customer))

    def test_hold_keeps_new_cases_away_until_its_last_day(self):
        self.customer.write({"collection_hold": True, "collection_hold_until": self.days(0)})
        self.invoice()
        self.assertFalse(self.cases())
        self.assertEqual(self.profile().amount_to_collect, 0)
        self.customer.collection_hold_until = self.days(-1)
        self.at_once()
        self.assertEqual(self.cases().amount_to_collect, 1000)

    def test_nothing_opens_before_going_live(self):
        self.company.collection_live = False
        move = self.invoice()
        self.assertEqual(move.collection_item_ids.state, "open", "the ledger is read")
        self.assertFalse(self.cases())

    def test_preview_tells_what_would_open_and_opens_nothing(self):
        self.company.collection_live = False
        self.invoice(amount=700)
        self.invoice(partner=self.other_customer, amount=300)
        preview = self.cycle._preview(self.company)
        self.assertEqual(preview["cases"], 2)
        self.assertEqual(preview["items"], 2)
        self.assertEqual(preview["amount"], 1000)
        self.assertFalse(self.cases())

    def test_removed_item_stays_out_until_the_given_day(self):
        move = self.invoice()
        self.invoice(amount=50)
        case = self.cases()
        item = move.collection_item_ids
        case._remove_items(item, keep_out_until=self.days(7), reason="Goods on the way")
        self.run_cycle(self.customer)
        self.assertFalse(item.case_id)
        self.assertEqual(case.amount_open, 50)
        item.keep_out_until = self.days(-1)
        self.run_cycle(self.customer)
        self.assertEqual(item.case_id, case)

    def test_closing_by_hand_keeps_items_out(self):
        self.invoice()
        case = self.cases()
        case._close("legal", "Handed to the lawyers", keep_out_until=self.days(30))
        self.run_cycle(self.customer)
        self.assertEqual(case.state, "completed")
        self.assertEqual(case.result, "legal")
        self.assertEqual(self.cases(), case, "no new case")
        self.assertEqual(case.transition_ids[0].reason, "Handed to the lawyers")

    def test_case_closed_by_hand_can_be_reopened(self):
        move = self.invoice()
        case = self.cases()
        case._close("uncollectable", keep_out_until=self.days(30))
        case._reopen("New address found")
        self.at_once()
        self.assertEqual(case.state, "in_progress")
        self.assertEqual(case.open_item_ids, move.collection_item_ids)

    def test_item_is_in_one_open_case_only(self):
        move = self.invoice()
        case = self.cases()
        second = self.env["collection.case"].create({"profile_id": case.profile_id.id})
        with self.assertRaises(UserError):
            second._add_items(move.collection_item_ids)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.env["collection.case.item"].sudo().create({
                "case_id": second.id,
                "item_id": move.collection_item_ids.id,
            })

    def test_another_customers_item_is_refused_by_name(self):
        self.invoice()
        foreign = self.invoice(partner=self.other_customer, due=30)
        with self.assertRaisesRegex(UserError, "Carmel Systems"):
            self.cases()._add_items(foreign.collection_item_ids)

    def test_merge_moves_everything_and_completes_the_other(self):
        self.invoice(amount=100)
        early = self.invoice(amount=40, due=15)
        case = self.cases()
        second = self.env["collection.case"].create({"profile_id": case.profile_id.id})
        second._add_items(early.collection_item_ids)
        case._merge(second)
        self.at_once()
        self.assertEqual(second.state, "completed")
        self.assertEqual(second.result, "merged")
        self.assertEqual(second.merged_into_id, case)
        self.assertEqual(case.amount_open, 140)
        with self.assertRaises(UserError):
            second._reopen("by mistake")

    def test_split_gives_items_a_case_of_their_own(self):
        first = self.invoice(amount=100)
        self.invoice(amount=40)
        case = self.cases()
        new_case = case._split(first.collection_item_ids)
        self.at_once()
        self.assertEqual(new_case.amount_open, 100)
        self.assertEqual(case.amount_open, 40)
        self.assertNotEqual(new_case.name, case.name)
        with self.assertRaises(UserError):
            case._split(case.open_item_ids)

    def test_advance_without_document_is_collected(self):
        profile = self.env["collection.profile"]._get_or_create(self.company, self.customer)
        case = self.env["collection.case"]._open_amount_case(
            profile, 5000, self.company.currency_id, "Advance for the new project", self.days(-1)
        )
        self.at_once()
        self.assertEqual(case.amount_to_collect, 5000)
        item = case.open_item_ids
        action = item.action_register_payment()
        payment = (
            self.env["account.payment"].with_context(**action["context"]).create({"amount": 2000})
        )
        payment.action_post()
        self.at_once()
        self.assertEqual(item.amount_residual, 3000)
        self.assertEqual(case.amount_open, 3000)
        rest = (
            self.env["account.payment"].with_context(**action["context"]).create({"amount": 3000})
        )
        rest.action_post()
        self.at_once()
        self.assertEqual(item.state, "settled")
        self.assertEqual(case.state, "completed")
        self.assertEqual(case.result, "paid")

    def test_state_moves_only_where_it_may(self):
        self.invoice()
        case = self.cases()
        case._set_state("in_progress", "Called")
        case.state = "promise"
        self.assertEqual(case.transition_ids[0].from_state, "in_progress")
        with self.assertRaises(UserError):
            case.state = "not_started"
        with self.assertRaisesRegex(UserError, "result"):
            case.state = "completed"
        self.assertEqual(case.state, "promise")

    def test_number_typed_by_hand_where_automatic_numbering_is_off(self):
        self.company.collection_auto_number = False
        profile = self.env["collection.profile"]._get_or_create(self.company, self.customer)
        with self.assertRaisesRegex(UserError, "by hand"):
            self.env["collection.case"].create({"profile_id": profile.id})
        case = self.env["collection.case"].create({"profile_id": profile.id, "name": "A-17"})
        self.assertEqual(case.name, "A-17")
        self.invoice(partner=self.other_customer)
        self.assertTrue(self.cases(self.other_customer).name.startswith("COL/"))

    def test_case_with_history_cannot_be_deleted(self):
        self.invoice()
        with self.assertRaises(UserError):
            self.cases().unlink()

    def test_block_takes_the_item_off_what_is_to_be_collected(self):
        move = self.invoice(amount=1000)
        block = move.collection_item_ids._block("hold", amount=400, until=self.days(3))
        self.at_once()
        self.assertEqual(self.cases().amount_to_collect, 600)
        self.assertEqual(self.profile().amount_blocked, 400)
        block.action_lift()
        self.at_once()
        self.assertEqual(self.cases().amount_to_collect, 1000)

    def test_invoice_explains_why_it_is_in_no_case(self):
        self.company.collection_min_amount = 5000
        move = self.invoice(amount=100, due=-10)
        [row] = move._explain_collection()
        self.assertIn("minimum", row["reasons"][0])
        early = self.invoice(amount=100, due=30)
        [row] = early._explain_collection()
        self.assertIn(str(self.days(30)), row["reasons"][0])
        draft = self.invoice(post=False)
        self.assertIn("not posted", draft._explain_collection()[0]["reasons"][0])
        self.company.collection_min_amount = 0
        self.run_cycle(self.customer)
        [row] = move._explain_collection()
        self.assertEqual(row["case"], self.cases())
        self.assertFalse(row["reasons"])

    def test_moved_case_leaves_no_stray_items_when_a_branch_takes_over(self):
        haifa = self.env["res.partner"].create({
            "name": "Haifa",
            "type": "invoice",
            "parent_id": self.customer.id,
        })
        self.invoice(partner=haifa)
        case = self.cases()
        self.customer.collection_participation = "branch"
        self.at_once()
        self.assertEqual(case.state, "completed")
        self.assertEqual(case.case_item_ids.reason, "moved")
        self.assertEqual(self.cases(haifa).amount_open, 1000)

    def test_reversed_opening_balance_is_credited(self):
        move = self.entry(self.customer, 700)
        move._reverse_moves(cancel=True)
        self.at_once()
        self.assertEqual(self.cases().result, "credited")

    def test_what_bounces_goes_back_to_its_case_before_the_rule_would_take_it(self):
        self.company.collection_days_late = 30
        self.company.collection_min_amount = 5000
        move = self.invoice(due=-3)
        self.assertFalse(self.cases())
        case = self.env["collection.case"]._open_for(self.profile())
        payment = self.pay(move)
        self.assertEqual(case.state, "completed")
        self.receivable(payment.move_id).remove_move_reconcile()
        payment.move_id._reverse_moves(cancel=True)
        self.at_once()
        self.assertEqual(
            (case.state, case.open_item_ids), ("in_progress", move.collection_item_ids)
        )

    def test_a_bounced_advance_takes_no_invoice_into_its_case(self):
        profile = self.env["collection.profile"]._get_or_create(self.company, self.customer)
        advance = self.env["collection.case"]._open_amount_case(
            profile, 500, self.company.currency_id, "Advance", self.days(-1)
        )
        action = advance.open_item_ids.action_register_payment()
        payment = self.env["account.payment"].with_context(**action["context"]).create({})
        payment.action_post()
        self.at_once()
        self.assertEqual(advance.result, "paid")
        self.company.collection_min_amount = 2000
        late = self.invoice(amount=900)
        self.assertFalse(self.cases() - advance)
        payment.action_draft()
        payment.action_cancel()
        self.at_once()
        self.assertEqual((advance.state, advance.amount_open), ("in_progress", 500))
        self.assertFalse(late.collection_item_ids.case_id)
        self.assertFalse(self.cases() - advance, "the minimum counts what would enter together")
        self.company.collection_min_amount = 900
        self.run_cycle(self.customer)
        self.assertEqual(late.collection_item_ids.case_id, self.cases() - advance)

    def test_a_case_of_ones_own_reopens_beside_the_automatic_one(self):
        early = self.invoice(amount=40, due=15)
        own = self.env["collection.case"].create({"profile_id": self.profile().id})
        own._add_items(early.collection_item_ids)
        self.at_once()
        payment = self.pay(early)
        self.assertEqual(own.result, "paid")
        self.invoice(amount=100)
        automatic = self.cases() - own
        self.receivable(payment.move_id).remove_move_reconcile()
        payment.move_id._reverse_moves(cancel=True)
        self.at_once()
        self.assertEqual((own.state, own.amount_open), ("in_progress", 40))
        self.assertEqual(automatic.amount_open, 100)

    def test_reopening_by_hand_leaves_what_is_another_customers_now(self):
        move = self.invoice()
        early = self.invoice(amount=10, due=-5)
        case = self.cases()
        case._close("uncollectable", keep_out_until=self.days(30))
        move.button_draft()
        move.partner_id = self.other_customer
        move.action_post()
        self.at_once()
        case.action_reopen()
        self.at_once()
        self.assertEqual(case.open_item_ids, early.collection_item_ids)

    def test_a_case_emptied_by_a_person_waits_for_the_person(self):
        paid, removed = self.invoice(amount=100), self.invoice(amount=40)
        case = self.cases()
        self.pay(paid)
        case._remove_items(removed.collection_item_ids)
        self.at_once()
        self.run_cycle(self.customer)
        self.assertEqual((case.state, case.item_count), ("not_started", 0))
        case._close("cancelled", "Nothing left")
        self.assertEqual(case.state, "completed")

    def test_why_not_is_answered_for_what_is_settled_before_anybody_looked(self):
        nothing = self.invoice(amount=0)
        self.assertEqual(nothing._explain_collection()[0]["reasons"], ["It is settled."])
        paid = self.invoice()
        self.pay(paid)
        self.assertEqual(paid._explain_collection()[0]["reasons"], ["It is settled."])
        bill = self.env["account.move"].create({
            "move_type": "in_invoice",
            "partner_id": self.customer.id,
            "invoice_date": self.today,
            "invoice_line_ids": [
                Command.create({"name": "Paper", "price_unit": 9, "tax_ids": [Command.clear()]})
            ],
        })
        bill.action_post()
        [row] = bill._explain_collection()
        self.assertIn("no line on a trade receivable account", row["reasons"][0])

    def test_cases_opened_by_hand_in_two_time_zones_look_at_their_own_day(self):
        self.company.collection_days_late = 30
        move = self.invoice(due=0)
        self.company.collection_tz = "Pacific/Kiritimati"
        tomorrow = self.company._collection_today()
        case = self.env["collection.case"]._open_for(self.profile())
        self.assertEqual(bool(case), tomorrow > move.invoice_date_due)
