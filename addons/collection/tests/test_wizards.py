# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .wizard_common import WizardCommon


@tagged("post_install", "-at_install")
class TestContactDialog(WizardCommon):
    """A contact is logged in one dialog, wherever it is opened from."""

    def test_a_promise_on_the_phone_moves_the_case_and_plans_the_next_step(self):
        case = self.case_of(700)
        with self.open("action_contact_log_wizard", case) as dialog:
            self.assertEqual(dialog.partner_id, self.customer)
            self.assertEqual(dialog.case_id, case)
            self.assertEqual(dialog.channel, "phone")
            dialog.outcome_id = self.env.ref("collection.outcome_promised")
            self.assertEqual(dialog.agreed_amount, 700, "all there is to collect is suggested")
            dialog.agreed_date = self.days(3)
            dialog.agreed_way_id = self.env.ref("collection.way_bank_transfer")
            self.assertTrue(dialog.next_activity_type_id)
            self.assertGreater(dialog.next_date, self.days(3), "after the money is due")
            next_date = dialog.next_date
        self.do(dialog, "action_log")
        self.assertEqual(case.state, "promise")
        self.assertEqual(case.agreed_date, self.days(3))
        self.assertEqual(case.agreed_amount, 700)
        self.assertEqual(case.activity_ids.date_deadline, next_date)
        self.assertEqual(case.contact_log_ids.outcome_id.code, "promised")

    def test_a_promise_needs_day_amount_and_way(self):
        case = self.case_of()
        Wizard = self.env["collection.contact.log.wizard"].with_context(
            active_model=case._name, active_id=case.id
        )
        wizard = Wizard.create({"outcome_id": self.env.ref("collection.outcome_promised").id})
        wizard.agreed_date = self.days(3)
        with self.assertRaisesRegex(UserError, "when, how much and in which way"):
            wizard.action_log()

    def test_doing_a_planned_call_is_logged_and_takes_over_its_note(self):
        case = self.case_of()
        call = case.activity_schedule(
            "collection.activity_type_call",
            note="<p>Ask about the order</p>",
            user_id=self.env.uid,
        )
        action = call.action_log_contact()
        dialog = Form(self.env[action["res_model"]].with_context(**action["context"]))
        self.assertEqual(dialog.note, "Ask about the order")
        self.assertEqual(dialog.case_id, case)
        dialog.outcome_id = self.env.ref("collection.outcome_no_answer")
        self.do(dialog, "action_log")
        self.assertFalse(call.active, "the call is done")
        self.assertEqual(case.contact_log_ids.activity_id, call)

    def test_a_contact_with_a_customer_without_case_agrees_no_payment(self):
        self.invoice(due=20)
        profile = self.profile()
        dialog = self.open("action_contact_log_wizard", profile)
        self.assertFalse(dialog.case_id)
        dialog.outcome_id = self.env.ref("collection.outcome_no_answer")
        self.do(dialog, "action_log")
        self.assertEqual(profile.contact_log_ids.outcome_id.code, "no_answer")
        Wizard = self.env["collection.contact.log.wizard"].with_context(
            active_model=profile._name, active_id=profile.id
        )
        wizard = Wizard.create({
            "agreed_date": self.days(1),
            "agreed_amount": 5,
            "agreed_way_id": self.env.ref("collection.way_bank_transfer").id,
        })
        with self.assertRaisesRegex(ValidationError, "belongs to a case"):
            wizard.action_log()

    def test_from_a_person_of_the_customer_that_person_was_spoken_to(self):
        case = self.case_of()
        person = self.env["res.partner"].create({"name": "Dana", "parent_id": self.customer.id})
        dialog = self.open("action_contact_log_wizard_partner", person)
        self.assertEqual(dialog.contact_id, person)
        self.assertEqual(dialog.case_id, case)
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        with self.assertRaisesRegex(UserError, "Stranger is not in collections"):
            self.open("action_contact_log_wizard_partner", stranger)

    def test_a_debt_manager_logs_on_their_own_case_only(self):
        case = self.case_of(user=self.ann)
        dialog = self.open("action_contact_log_wizard", case, user=self.ann)
        dialog.outcome_id = self.env.ref("collection.outcome_no_answer")
        self.do(dialog, "action_log")
        self.assertEqual(case.contact_log_ids.user_id, self.ann)
        with self.assertRaises(AccessError):
            self.open("action_contact_log_wizard", case, user=self.bob)


@tagged("post_install", "-at_install")
class TestAmountDialog(WizardCommon):
    """An amount no document asks for yet gets a case of its own."""

    def fill(self, dialog, amount=300.0):
        dialog.description = "Advance on project Harbour"
        dialog.amount = amount
        return dialog

    def test_an_advance_from_the_customer_opens_a_case_with_its_amount(self):
        self.invoice(due=30)
        dialog = self.fill(self.open("action_case_amount_wizard", self.profile()))
        self.assertEqual(dialog.partner_id, self.customer)
        self.assertEqual(dialog.currency_id, self.company.currency_id)
        action = self.do(dialog, "action_open")
        case = self.env["collection.case"].browse(action["res_id"])
        self.assertEqual(case.kind, "amount")
        self.assertEqual(case.partner_id, self.customer)
        self.assertEqual(case.amount_to_collect, 300)
        self.assertEqual(case.open_item_ids.description, "Advance on project Harbour")

    def test_a_contact_person_stands_for_the_customer(self):
        person = self.env["res.partner"].create({"name": "Dana", "parent_id": self.customer.id})
        dialog = self.fill(self.open("action_case_amount_wizard_partner", person))
        action = self.do(dialog, "action_open")
        case = self.env["collection.case"].browse(action["res_id"])
        self.assertEqual(case.partner_id, self.customer)

    def test_a_branch_gets_the_case_where_the_customer_takes_part_per_branch(self):
        branch = self.env["res.partner"].create({
            "name": "Haifa",
            "parent_id": self.customer.id,
            "type": "delivery",
        })
        for participation, party in (("yes", self.customer), ("branch", branch)):
            profile = self.env["collection.profile"]._get_or_create(self.company, self.customer)
            profile.participation = participation
            dialog = self.fill(self.open("action_case_amount_wizard_partner", branch))
            action = self.do(dialog, "action_open")
            case = self.env["collection.case"].browse(action["res_id"])
            self.assertEqual(case.partner_id, party, participation)

    def test_foreign_currency_counts_in_company_currency(self):
        currency = self.setup_other_currency("EUR", rates=[("2000-01-01", 2.0)])
        dialog = self.open("action_case_amount_wizard", self.customer)
        dialog.currency_id = currency
        self.fill(dialog, 300)
        self.assertEqual(dialog.amount_company, 150)
        action = self.do(dialog, "action_open")
        case = self.env["collection.case"].browse(action["res_id"])
        self.assertEqual(case.amount_to_collect, 150)

    def test_nothing_is_opened_for_nothing(self):
        dialog = self.fill(self.open("action_case_amount_wizard", self.customer), 0)
        with self.assertRaisesRegex(UserError, "must be positive"):
            self.do(dialog, "action_open")

    def test_where_people_number_the_cases_the_number_is_typed(self):
        self.company.collection_auto_number = False
        dialog = self.fill(self.open("action_case_amount_wizard", self.customer))
        with self.assertRaisesRegex(AssertionError, "name is a required field"):
            dialog.save()
        dialog.name = "A-17"
        action = self.do(dialog, "action_open")
        self.assertEqual(self.env["collection.case"].browse(action["res_id"]).name, "A-17")

    def test_a_debt_manager_opens_it_for_new_customers_but_not_for_a_colleagues(self):
        dialog = self.open("action_case_amount_wizard", self.customer, user=self.ann)
        action = self.do(self.fill(dialog), "action_open")
        case = self.env["collection.case"].browse(action["res_id"])
        self.assertEqual(case.debt_manager_id, self.ann)
        self.assertEqual(case.profile_id.debt_manager_id, self.ann)
        dialog = self.open("action_case_amount_wizard", self.customer, user=self.bob)
        with self.assertRaisesRegex(UserError, "Aegean Trading is looked after by Ann"):
            self.do(self.fill(dialog), "action_open")

    def test_the_dialog_warns_of_a_hold(self):
        self.case_of()
        self.profile().write({"hold": True, "hold_reason": "Insolvency"})
        dialog = self.open("action_case_amount_wizard", self.cases())
        self.assertTrue(dialog.is_held)
        self.assertEqual(dialog.hold_reason, "Insolvency")
        self.assertEqual(dialog.open_case_count, 1)


@tagged("post_install", "-at_install")
class TestItemsDialog(WizardCommon):
    """Open items are picked into a case from a list."""

    def test_overdue_items_are_ticked_and_others_can_be_added(self):
        case = self.case_of(1000)
        late = self.invoice(amount=200)
        item = late.collection_item_ids
        case._remove_items(item, keep_out_until=self.days(5))
        early = self.invoice(amount=300, due=20).collection_item_ids
        dialog = self.open("action_case_items_wizard", case)
        self.assertEqual(len(dialog.line_ids), 2, "what is in the case is not offered")
        self.assertEqual(dialog.item_count, 0, "neither what is kept out nor what is not due")
        dialog.all_selected = True
        self.assertEqual((dialog.item_count, dialog.amount), (2, 500))
        dialog.all_selected = False
        self.assertEqual(dialog.item_count, 0)
        for position in range(2):
            with dialog.line_ids.edit(position) as line:
                line.selected = line.item_id == item
        self.assertEqual(dialog.amount, 200)
        self.do(dialog, "action_add")
        self.assertIn(item, case.open_item_ids)
        self.assertNotIn(early, case.open_item_ids)
        self.assertFalse(item.keep_out_until, "whoever adds it wants it in")

    def test_each_instalment_is_offered_by_itself(self):
        terms = self.env["account.payment.term"].create({
            "name": "Half now, half later",
            "line_ids": [
                Command.create({"value": "percent", "value_amount": 50, "nb_days": 0}),
                Command.create({"value": "percent", "value_amount": 50, "nb_days": 60}),
            ],
        })
        self.invoice(amount=1000, due=-10, terms=terms)
        case = self.cases()
        self.assertEqual(case.amount_open, 500)
        dialog = self.open("action_case_items_wizard", case)
        self.assertEqual(len(dialog.line_ids), 1)
        dialog.all_selected = True
        self.do(dialog, "action_add")
        self.assertEqual(case.amount_open, 1000)

    def test_items_in_another_case_are_told_but_not_offered(self):
        case = self.case_of(1000)
        other = case._split(self.invoice(amount=50).collection_item_ids)
        self.at_once()
        dialog = self.open("action_case_items_wizard", case)
        self.assertEqual(len(dialog.line_ids), 0)
        self.assertEqual(dialog.elsewhere_count, len(other.open_item_ids))

    def test_ticking_nothing_is_refused(self):
        case = self.case_of()
        self.invoice(due=20)
        dialog = self.open("action_case_items_wizard", case)
        with self.assertRaisesRegex(UserError, "Tick the items"):
            self.do(dialog, "action_add")


@tagged("post_install", "-at_install")
class TestSplitAndMergeDialogs(WizardCommon):
    """Cases of one customer come apart and together again."""

    def test_ticked_items_move_to_a_new_case_and_back_by_merging(self):
        case = self.case_of(1000)
        small = self.invoice(amount=200).collection_item_ids
        dialog = self.open("action_case_split_wizard", case)
        self.assertEqual(dialog.amount_staying, 1200)
        for position in range(2):
            with dialog.line_ids.edit(position) as line:
                line.selected = line.item_id == small
        self.assertEqual((dialog.amount_moving, dialog.amount_staying), (200, 1000))
        dialog.user_id = self.bob
        new_case = self.env["collection.case"].browse(self.do(dialog, "action_split")["res_id"])
        self.assertEqual(new_case.open_item_ids, small)
        self.assertEqual(new_case.debt_manager_id, self.bob)
        self.assertEqual(case.amount_open, 1000)

        dialog = self.open("action_case_merge_wizard", case)
        self.assertEqual(dialog.target_id, case, "the case one stands on stays")
        self.assertEqual(dialog.amount_to_collect, 1200)
        self.assertFalse(dialog.target_by_hand)
        action = self.do(dialog, "action_merge")
        self.assertEqual(action["res_id"], case.id)
        self.assertEqual(case.amount_open, 1200)
        self.assertEqual(new_case.result, "merged")
        self.assertEqual(new_case.merged_into_id, case)

    def test_all_or_nothing_is_no_split(self):
        case = self.case_of()
        self.invoice(amount=200)
        dialog = self.open("action_case_split_wizard", case)
        with self.assertRaisesRegex(UserError, "leave at least one"):
            self.do(dialog, "action_split")

    def test_where_people_number_the_cases_a_split_asks_for_the_number(self):
        case = self.case_of()
        self.invoice(amount=200)
        self.company.collection_auto_number = False
        dialog = self.open("action_case_split_wizard", case)
        with dialog.line_ids.edit(0) as line:
            line.selected = True
        dialog.name = "B-1"
        new_case = self.env["collection.case"].browse(self.do(dialog, "action_split")["res_id"])
        self.assertEqual(new_case.name, "B-1")

    def test_a_debt_manager_who_splits_keeps_both_cases(self):
        case = self.case_of(user=self.ann)
        item = self.invoice(amount=200).collection_item_ids
        dialog = self.open("action_case_split_wizard", case, user=self.ann)
        with dialog.line_ids.edit(0) as line:
            line.selected = True
        new_case = self.env["collection.case"].browse(self.do(dialog, "action_split")["res_id"])
        self.assertEqual(new_case.debt_manager_id, self.ann)
        self.assertEqual(len(case.open_item_ids | new_case.open_item_ids), 2)
        self.assertIn(item, case.open_item_ids | new_case.open_item_ids)

    def test_merging_from_the_list(self):
        case = self.case_of()
        other = self.case_of(partner=self.other_customer)
        with self.assertRaisesRegex(UserError, "Only cases of one customer"):
            self.open("action_case_merge_wizard", case | other)
        with self.assertRaisesRegex(UserError, "nothing to merge"):
            self.open("action_case_merge_wizard", case)
        small = self.invoice(amount=200).collection_item_ids
        new_case = case._split(small)
        dialog = self.open("action_case_merge_wizard", case | new_case)
        self.assertEqual(dialog.target_id, case, "new late items join the rule's own case")
        dialog.target_id = new_case
        self.assertTrue(dialog.target_by_hand, "the dialog says what that means")
        self.do(dialog, "action_merge")
        self.assertEqual(case.result, "merged")
        self.assertEqual(len(new_case.open_item_ids), 2)


@tagged("post_install", "-at_install")
class TestCloseDialog(WizardCommon):
    """A case is closed by hand, with a result and a reason."""

    def test_giving_up_keeps_the_items_out_for_a_year(self):
        case = self.case_of()
        item = case.open_item_ids
        dialog = self.open("action_case_close_wizard", case)
        self.assertEqual(dialog.amount_open, 1000)
        self.assertEqual(dialog.keep_out_until, self.days(30))
        dialog.result = "uncollectable"
        self.assertEqual(dialog.keep_out_until, fields.Date.add(self.today, years=1))
        dialog.reason = "Struck off the register"
        self.do(dialog, "action_close")
        self.assertEqual(case.state, "completed")
        self.assertEqual(case.result, "uncollectable")
        self.assertEqual(case.close_reason, "Struck off the register")
        self.assertEqual(item.keep_out_until, fields.Date.add(self.today, years=1))
        self.assertEqual(len(self.cases()), 1, "no new case opens")

    def test_without_keeping_out_the_rule_opens_a_new_case_at_once(self):
        case = self.case_of()
        dialog = self.open("action_case_close_wizard", case)
        dialog.reason = "Opened by mistake"
        dialog.keep_out = False
        self.do(dialog, "action_close")
        self.assertEqual(len(self.cases()), 2)

    def test_planned_steps_go_with_the_case(self):
        case = self.case_of()
        case.activity_schedule("collection.activity_type_call", user_id=self.env.uid)
        dialog = self.open("action_case_close_wizard", case)
        self.assertEqual(dialog.activity_count, 1)
        dialog.reason = "Settled elsewhere"
        self.do(dialog, "action_close")
        self.assertFalse(case.activity_ids)

    def test_bad_input_is_refused_in_words(self):
        case = self.case_of()
        Wizard = self.env["collection.case.close.wizard"].with_context(
            active_model=case._name, active_ids=case.ids
        )
        with self.assertRaisesRegex(UserError, "Say why"):
            Wizard.create({"result": "legal"}).action_close()
        with self.assertRaisesRegex(UserError, "lies in the past"):
            Wizard.create({"result": "paid", "keep_out_until": self.days(-1)}).action_close()
        Wizard.create({"result": "paid"}).action_close()
        self.assertEqual(case.result, "paid")
        with self.assertRaisesRegex(UserError, "completed already"):
            self.open("action_case_close_wizard", case)

    def test_many_at_once_from_the_list_and_one_taken_out(self):
        first = self.case_of()
        second = self.case_of(partner=self.other_customer)
        dialog = self.open("action_case_close_wizard", first | second)
        self.assertEqual(dialog.case_count, 2)
        dialog.case_ids.remove(second.id)
        dialog.reason = "Bought by another company"
        self.do(dialog, "action_close")
        self.assertEqual(first.state, "completed")
        self.assertEqual(second.state, "not_started")

    def test_a_debt_manager_closes_their_own_only(self):
        case = self.case_of(user=self.ann)
        with self.assertRaises(AccessError):
            self.open("action_case_close_wizard", case, user=self.bob)
        dialog = self.open("action_case_close_wizard", case, user=self.ann)
        dialog.reason = "Paid in cash at the counter"
        self.do(dialog, "action_close")
        self.assertEqual(case.state, "completed")


@tagged("post_install", "-at_install")
class TestItemDialogs(WizardCommon):
    """Items are blocked, or kept out of cases, from the list, the case or the invoice."""

    def test_an_item_leaves_its_case_until_a_day(self):
        case = self.case_of(1000)
        move = self.invoice(amount=200)
        item = move.collection_item_ids
        row = case.open_case_item_ids.filtered(lambda row: row.item_id == item)
        dialog = self.open("action_item_keep_out_wizard", row)
        self.assertEqual(dialog.until, self.days(30))
        self.assertEqual((dialog.item_count, dialog.in_case_count), (1, 1))
        self.assertFalse(dialog.emptied_case_ids)
        dialog.until = self.days(7)
        dialog.reason = "Waits for the delivery note"
        self.do(dialog, "action_keep_out")
        self.assertFalse(item.case_id)
        self.assertEqual(item.keep_out_until, self.days(7))
        self.assertEqual(case.amount_open, 1000)

    def test_all_of_an_invoice_and_the_dialog_tells_which_case_would_be_empty(self):
        move = self.invoice(amount=200)
        case = self.cases()
        dialog = self.open("action_item_keep_out_wizard_move", move)
        self.assertEqual(dialog.emptied_case_ids[:], case)
        self.assertEqual(dialog.amount, 200)
        self.do(dialog, "action_keep_out")
        self.assertFalse(move.collection_item_ids.case_id)

    def test_what_is_not_owed_is_refused(self):
        move = self.invoice()
        self.pay(move)
        with self.assertRaisesRegex(UserError, "Nothing is owed"):
            self.open("action_item_keep_out_wizard_move", move)
        with self.assertRaisesRegex(UserError, "Nothing is owed"):
            self.open("action_item_block_wizard", move.collection_item_ids)

    def test_a_day_in_the_past_keeps_nothing_out(self):
        item = self.invoice().collection_item_ids
        dialog = self.open("action_item_keep_out_wizard", item)
        dialog.until = self.days(-1)
        with self.assertRaisesRegex(UserError, "lies in the past"):
            self.do(dialog, "action_keep_out")

    def test_a_hold_blocks_the_whole_item(self):
        case = self.case_of(1000)
        dialog = self.open("action_item_block_wizard", case.open_item_ids)
        dialog.reason = "Goods under inspection"
        self.do(dialog, "action_block")
        self.assertEqual(case.open_item_ids.amount_blocked, 1000)
        self.assertEqual(case.amount_to_collect, 0)
        self.assertEqual(case.amount_open, 1000, "it stays owed, and in its case")

    def test_a_part_of_one_item_is_blocked_by_a_cheque_until_its_date(self):
        case = self.case_of(1000)
        dialog = self.open("action_item_block_wizard", case.open_item_ids)
        dialog.kind = "cheque"
        dialog.until = self.days(20)
        dialog.whole = False
        self.assertEqual(dialog.amount, 1000)
        dialog.amount = 400
        self.do(dialog, "action_block")
        self.assertEqual(case.amount_to_collect, 600)
        self.assertEqual(case.open_item_ids.block_ids.date_until, self.days(20))

    def test_blocks_that_make_no_sense_are_refused_in_words(self):
        item = self.invoice().collection_item_ids
        other = self.invoice().collection_item_ids
        Wizard = self.env["collection.item.block.wizard"]
        values = {"item_ids": [Command.set(item.ids)], "reason": "Later"}
        for changed, message in (
            ({"reason": False}, "Say why"),
            ({"kind": "cheque"}, "needs its date"),
            ({"until": self.days(-1)}, "blocks nothing"),
            ({"whole": False, "amount": 0}, "positive amount"),
            ({"whole": False, "amount": 1000.01}, "is open on INV"),
            (
                {"whole": False, "amount": 10, "item_ids": [Command.set((item | other).ids)]},
                "single item",
            ),
        ):
            with self.assertRaisesRegex(UserError, message):
                Wizard.create(values | changed).action_block()

    def test_a_debt_manager_blocks_their_own_only(self):
        case = self.case_of(user=self.ann)
        dialog = self.open("action_item_block_wizard", case.open_item_ids, user=self.ann)
        dialog.reason = "Cheque in the drawer"
        self.do(dialog, "action_block")
        self.assertEqual(case.amount_to_collect, 0)
        with self.assertRaises(AccessError):
            self.open("action_item_block_wizard", case.open_item_ids, user=self.bob)


@tagged("post_install", "-at_install")
class TestHoldDialog(WizardCommon):
    """Customers are put on hold with a reason and a last day."""

    def test_nobody_asks_a_held_customer_until_the_last_day(self):
        case = self.case_of(900)
        dialog = self.open("action_profile_hold_wizard", case)
        self.assertEqual((dialog.amount_to_collect, dialog.case_count), (900, 1))
        dialog.reason = "New contract under way"
        dialog.until = self.days(14)
        self.do(dialog, "action_hold")
        profile = self.profile()
        self.assertTrue(profile.is_held)
        self.assertEqual(profile.hold_until, self.days(14))
        self.assertEqual(profile.amount_to_collect, 0)
        self.assertEqual(case.state, "not_started", "the case stays open")

    def test_many_customers_from_the_list(self):
        self.case_of()
        self.case_of(partner=self.other_customer)
        profiles = self.profile() | self.profile(self.other_customer)
        dialog = self.open("action_profile_hold_wizard", profiles)
        self.assertEqual(dialog.customer_count, 2)
        dialog.reason = "Merger"
        self.do(dialog, "action_hold")
        self.assertTrue(all(profiles.mapped("is_held")))

    def test_a_hold_needs_a_reason_and_a_day_to_come(self):
        self.invoice()
        dialog = self.open("action_profile_hold_wizard", self.profile())
        with self.assertRaisesRegex(AssertionError, "reason is a required field"):
            dialog.save()
        dialog.reason = "Merger"
        dialog.until = self.days(-1)
        with self.assertRaisesRegex(UserError, "holds nothing"):
            self.do(dialog, "action_hold")


@tagged("post_install", "-at_install")
class TestWhyNotDialog(WizardCommon):
    """The invoice answers why it is, or is not, in a case."""

    def answer(self, move, user=None):
        return self.open("action_why_not_wizard", move, user=user).save()

    def test_an_invoice_in_a_case_says_in_which(self):
        move = self.invoice()
        answer = self.answer(move)
        self.assertEqual((answer.line_count, answer.in_case_count), (1, 1))
        self.assertEqual(answer.line_ids.case_id, self.cases())
        self.assertEqual(answer.line_ids.action_open_case()["res_id"], self.cases().id)
        self.assertEqual(answer.profile_id, self.profile())

    def test_everything_that_stands_against_it_is_told(self):
        move = self.invoice(due=5)
        self.profile().write({"hold": True, "hold_reason": "Merger"})
        answer = self.answer(move)
        self.assertEqual(answer.in_case_count, 0)
        self.assertIn("It is due on", answer.line_ids.reasons)
        self.assertIn("on hold: Merger", answer.line_ids.reasons)

    def test_who_reads_the_invoice_learns_why_even_if_the_customer_is_a_colleagues(self):
        move = self.invoice(due=5)
        self.profile().debt_manager_id = self.ann
        self.bob.group_ids += self.env.ref("account.group_account_invoice")
        answer = self.answer(move, user=self.bob)
        self.assertIn("It is due on", answer.line_ids.reasons)
        self.assertFalse(answer.profile_id, "but the customer's screen is not offered")


@tagged("post_install", "-at_install")
class TestOpenDialog(WizardCommon):
    """Cases are opened for one or many customers, after a look at what would be in them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # no rule opens anything: people do
        cls.company.collection_live = False

    def test_a_debt_manager_opens_the_case_of_their_own_customer(self):
        self.invoice(amount=500)
        self.profile().debt_manager_id = self.ann
        dialog = self.open("action_case_open_wizard", self.profile(), user=self.ann)
        self.assertEqual((dialog.case_count, dialog.item_count, dialog.amount), (1, 1, 500))
        action = self.do(dialog, "action_open_cases")
        self.assertEqual(action["res_model"], "collection.case")
        self.assertEqual(action["res_id"], self.cases().id)
        self.assertEqual(self.cases().debt_manager_id, self.ann)

    def test_the_preview_tells_for_whom_nothing_opens_and_why(self):
        self.invoice(amount=500)
        self.invoice(self.other_customer, amount=70, due=3)
        held = self.env["res.partner"].create({"name": "Held", "is_company": True})
        self.invoice(held, amount=90)
        self.profile(held).write({"hold": True, "hold_reason": "Merger"})
        profiles = self.profile() | self.profile(self.other_customer) | self.profile(held)
        dialog = self.open("action_case_open_wizard", profiles)
        self.assertEqual((dialog.case_count, dialog.skipped_count), (1, 2))
        notes = {}
        for position in range(3):
            with dialog.line_ids.edit(position) as line:
                notes[line.profile_id.partner_id] = (line.selected, line.note)
        self.assertTrue(notes[self.customer][0])
        self.assertEqual(notes[self.other_customer], (False, "Items not late enough: 1"))
        self.assertEqual(notes[held], (False, "On hold: Merger"))
        dialog.days_late = 11
        self.assertEqual(dialog.case_count, 0, "ten days late is not late enough")
        dialog.days_late = 1
        self.assertEqual(dialog.case_count, 1)

    def test_kept_out_items_are_taken_when_asked_for(self):
        item = self.invoice(amount=500).collection_item_ids
        item._keep_out(self.days(20), "Later")
        self.at_once()
        dialog = self.open("action_case_open_wizard", self.profile())
        self.assertEqual(dialog.case_count, 0)
        with self.assertRaisesRegex(UserError, "Nothing to open"):
            self.do(dialog, "action_open_cases")
        dialog = self.open("action_case_open_wizard", self.profile())
        dialog.with_kept_out = True
        self.assertEqual(dialog.case_count, 1)
        self.do(dialog, "action_open_cases")
        self.assertEqual(item.case_id, self.cases())
        self.assertFalse(item.keep_out_until)

    def test_items_join_the_customers_open_case(self):
        self.invoice(amount=500)
        dialog = self.open("action_case_open_wizard", self.profile())
        self.do(dialog, "action_open_cases")
        self.invoice(amount=80)
        dialog = self.open("action_case_open_wizard", self.profile())
        self.assertEqual((dialog.case_count, dialog.joining_count), (0, 1))
        self.do(dialog, "action_open_cases")
        self.assertEqual(self.cases().amount_open, 580)
        dialog = self.open("action_case_open_wizard", self.profile())
        with dialog.line_ids.edit(0) as line:
            self.assertEqual(line.note, "Items in a case: 2")

    def test_from_the_host_list_of_customers(self):
        self.invoice(amount=500)
        person = self.env["res.partner"].create({"name": "Dana", "parent_id": self.customer.id})
        nobody = self.env["res.partner"].create({"name": "Owes Nothing"})
        dialog = self.open("action_case_open_wizard_partner", person | nobody)
        self.assertEqual(dialog.profile_ids[:], self.profile())
        self.assertFalse(self.profile(nobody), "looking makes no profile")

    def test_negative_lateness_is_refused(self):
        self.invoice(amount=500)
        dialog = self.open("action_case_open_wizard", self.profile())
        dialog.days_late = -5
        with self.assertRaisesRegex(UserError, "cannot be negative"):
            self.do(dialog, "action_open_cases")


@tagged("post_install", "-at_install")
class TestDialogsAndCompanies(WizardCommon):
    """Every dialog works in the company of what it was opened on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.setup_other_company()["company"]
        cls.other_company.write({
            "collection_live": True,
            "collection_tz": "UTC",
            "collection_keep_out_days": 5,
        })
        cls.env.user.company_ids |= cls.other_company
        other = cls.other_company
        move = (
            cls
            .env["account.move"]
            .with_company(other)
            .create({
                "move_type": "out_invoice",
                "partner_id": cls.customer.id,
                "invoice_date": cls.days(-10),
                "invoice_date_due": cls.days(-10),
                "invoice_line_ids": [
                    Command.create({
                        "name": "Service",
                        "quantity": 1,
                        "price_unit": 400,
                        "tax_ids": [Command.clear()],
                    })
                ],
            })
        )
        move.action_post()
        cls.at_once()
        cls.other_case = cls.env["collection.case"].search([("company_id", "=", other.id)])
        cls.both = {"allowed_company_ids": [cls.company.id, cls.other_company.id]}

    def test_days_and_currency_are_the_companys(self):
        dialog = self.open("action_case_close_wizard", self.other_case, **self.both)
        self.assertEqual(dialog.keep_out_until, self.days(5))
        dialog = self.open(
            "action_item_keep_out_wizard", self.other_case.open_item_ids, **self.both
        )
        self.assertEqual(dialog.until, self.days(5))
        dialog = self.open("action_case_amount_wizard", self.other_case, **self.both)
        self.assertEqual(dialog.company_id, self.other_company)
        dialog = self.open("action_case_open_wizard", self.other_case.profile_id, **self.both)
        self.assertEqual(dialog.company_id, self.other_company)

    def test_companies_are_not_mixed(self):
        case = self.case_of()
        for xmlid, records in (
            ("action_case_close_wizard", case | self.other_case),
            ("action_case_assign_wizard", case | self.other_case),
            ("action_item_block_wizard", (case | self.other_case).open_item_ids),
            ("action_item_keep_out_wizard", (case | self.other_case).open_item_ids),
            ("action_profile_hold_wizard", (case | self.other_case).profile_id),
        ):
            with self.assertRaisesRegex(UserError, "of one company at a time"):
                self.open(xmlid, records, **self.both)
