# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .wizard_common import WizardCommon


class BatchCommon(WizardCommon):
    """Three overdue customers, and words for what is done to many at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.third_customer = cls.env["res.partner"].create({
            "name": "Delta Foods",
            "is_company": True,
        })
        cls.customers = cls.customer | cls.other_customer | cls.third_customer
        cls.manager = cls.env.user

    def three_cases(self, *users):
        """Return a case of each customer (500, 300, 200), given to the users in turn."""
        cases = self.env["collection.case"]
        for number, (partner, amount) in enumerate(
            zip(self.customers, (500, 300, 200), strict=True)
        ):
            user = users[number % len(users)] if users else None
            cases |= self.case_of(amount, partner, user)
        return cases

    def batch_of(self, action):
        self.assertEqual(action["res_model"], "collection.batch")
        return self.env["collection.batch"].browse(action["res_id"])

    def loads(self, dialog):
        """Return {user: (cases before, after)} of the preview."""
        loads = {}
        for line in dialog.line_ids._records:
            user = self.env["res.users"].browse(line["user_id"] or [])
            loads[user] = (line["cases_before"], line["cases_after"])
        return loads


@tagged("post_install", "-at_install")
class TestOpenMany(BatchCommon):
    """A manager opens cases for many customers at once, and may undo it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # no rule opens anything: people do
        cls.company.collection_live = False
        for partner, amount in zip(cls.customers, (500, 300, 200), strict=True):
            cls.invoice(partner, amount)

    def open_all(self, **values):
        profiles = self.profile() | self.profile(self.other_customer)
        profiles |= self.profile(self.third_customer)
        dialog = self.open("action_case_open_wizard", profiles)
        for name, value in values.items():
            dialog[name] = value
        return self.batch_of(self.do(dialog, "action_open_cases"))

    def test_cases_open_for_a_debt_manager_and_the_operation_is_kept(self):
        batch = self.open_all(user_id=self.ann, reason="Backlog of spring")
        self.assertEqual(batch.kind, "open")
        self.assertEqual(batch.case_count, 3)
        cases = batch.line_ids.case_id
        self.assertEqual(cases.debt_manager_id, self.ann)
        self.assertEqual(cases.team_id, self.team)
        self.assertEqual(sum(cases.mapped("amount_open")), 1000)
        self.assertEqual(sum(batch.line_ids.mapped("amount")), 1000)
        self.assertIn("Backlog of spring", cases[0].message_ids.mapped("body")[0])
        action = batch.action_open_cases()
        self.assertEqual(self.env["collection.case"].search(action["domain"]), cases)

    def test_undoing_closes_what_it_opened_except_what_somebody_worked_on(self):
        batch = self.open_all(user_id=self.ann)
        worked = self.cases(self.other_customer)
        log = self.open("action_contact_log_wizard", worked, user=self.ann)
        log.outcome_id = self.env.ref("collection.outcome_no_answer")
        self.do(log, "action_log")
        batch.action_undo()
        self.at_once()
        self.assertEqual(batch.state, "partly")
        self.assertEqual(worked.state, "in_progress")
        self.assertEqual(batch.left_count, 1)
        left = batch.line_ids.filtered(lambda line: line.state == "left")
        self.assertEqual(left.case_id, worked)
        self.assertEqual(left.left_reason, "Worked on since")
        self.assertIn("Carmel Systems", batch.undo_message)
        closed = self.cases() | self.cases(self.third_customer)
        self.assertEqual(set(closed.mapped("result")), {"cancelled"})
        self.assertTrue(all(closed.case_item_ids.item_id.mapped("keep_out_until")))
        with self.assertRaisesRegex(UserError, "undone already"):
            batch.action_undo()

    def test_undoing_leaves_what_was_paid_or_given_away_since(self):
        batch = self.open_all(user_id=self.ann)
        self.pay(self.cases().open_item_ids.move_id)
        self.cases(self.other_customer)._assign(self.bob)
        batch.action_undo()
        reasons = {line.profile_id.partner_id: line.left_reason for line in batch.line_ids}
        self.assertEqual(reasons[self.customer], "Completed since")
        self.assertEqual(reasons[self.other_customer], "Assigned to somebody else since")
        self.assertFalse(reasons[self.third_customer])
        self.assertEqual(self.cases().result, "paid")

    def test_undoing_takes_out_only_what_joined_an_open_case(self):
        first = self.open("action_case_open_wizard", self.profile())
        self.do(first, "action_open_cases")
        self.invoice(amount=80)
        batch = self.open_all()
        self.assertEqual(self.cases().amount_open, 580)
        self.assertIn("joined", batch.line_ids.mapped("kind"))
        batch.action_undo()
        self.at_once()
        self.assertEqual(batch.state, "undone")
        self.assertEqual(self.cases().state, "not_started")
        self.assertEqual(self.cases().amount_open, 500)

    def test_a_debt_manager_does_not_undo_a_managers_operation(self):
        batch = self.open_all(user_id=self.ann)
        with self.assertRaises(AccessError):
            batch.with_user(self.ann).action_undo()


@tagged("post_install", "-at_install")
class TestAssignMany(BatchCommon):
    """Cases change hands after a look at who would have how much, and back again."""

    def test_the_preview_shows_everybody_before_and_after(self):
        cases = self.three_cases(self.ann)
        dialog = self.open("action_case_assign_wizard", cases)
        self.assertFalse(dialog.line_ids, "nobody gets anything yet")
        self.assertEqual((dialog.case_count, dialog.customer_count), (3, 3))
        dialog.user_id = self.bob
        self.assertEqual(self.loads(dialog), {self.ann: (3, 0), self.bob: (0, 3)})
        dialog.case_ids.remove(cases[0].id)
        self.assertEqual(self.loads(dialog), {self.ann: (3, 1), self.bob: (0, 2)})
        self.do(dialog, "action_assign")
        self.assertEqual(cases.mapped("debt_manager_id.name"), ["Ann", "Bob"])
        self.assertEqual(cases[0].debt_manager_id, self.ann)

    def test_customers_and_planned_steps_go_along_and_come_back(self):
        cases = self.three_cases(self.ann)
        step = cases[0].activity_schedule("collection.activity_type_call", user_id=self.ann.id)
        mine = cases[0].activity_schedule("collection.activity_type_call", user_id=self.manager.id)
        dialog = self.open("action_case_assign_wizard", cases)
        dialog.user_id = self.bob
        dialog.reason = "Ann is on leave"
        batch = self.batch_of(self.do(dialog, "action_assign"))
        self.assertEqual(cases.debt_manager_id, self.bob)
        self.assertEqual(cases.profile_id.debt_manager_id, self.bob)
        self.assertEqual(step.user_id, self.bob)
        self.assertEqual(mine.user_id, self.manager, "what others had planned stays theirs")
        self.assertEqual(batch.customer_count, 3)
        batch.action_undo()
        self.assertEqual(batch.state, "undone")
        self.assertEqual(cases.debt_manager_id, self.ann)
        self.assertEqual(cases.profile_id.debt_manager_id, self.ann)
        self.assertEqual(step.user_id, self.ann)

    def test_customers_and_steps_stay_when_told_so(self):
        cases = self.three_cases(self.ann)
        step = cases[0].activity_schedule("collection.activity_type_call", user_id=self.ann.id)
        dialog = self.open("action_case_assign_wizard", cases)
        dialog.user_id = self.bob
        dialog.with_customers = False
        dialog.with_activities = False
        self.do(dialog, "action_assign")
        self.assertEqual(cases.debt_manager_id, self.bob)
        self.assertEqual(cases.profile_id.debt_manager_id, self.ann)
        self.assertEqual(step.user_id, self.ann)

    def test_a_team_shares_the_work_evenly(self):
        self.team.spread = "count"
        cases = self.three_cases()
        dialog = self.open("action_case_assign_wizard", cases)
        dialog.mode = "team"
        dialog.team_id = self.team
        loads = self.loads(dialog)
        self.assertEqual(sorted(loads[user][1] for user in self.ann | self.bob), [1, 2])
        self.assertEqual(loads[self.env["res.users"]], (3, 0))
        self.do(dialog, "action_assign")
        given = [
            len(cases.filtered(lambda case, user=user: case.debt_manager_id == user))
            for user in self.ann | self.bob
        ]
        self.assertEqual(sorted(given), [1, 2])
        self.assertEqual(cases.team_id, self.team)
        for case in cases:
            self.assertEqual(case.profile_id.debt_manager_id, case.debt_manager_id)

    def test_a_team_that_spreads_by_hand_keeps_the_cases_for_whoever_takes_them(self):
        cases = self.three_cases(self.ann)
        dialog = self.open("action_case_assign_wizard", cases)
        dialog.mode = "team"
        dialog.team_id = self.team
        batch = self.batch_of(self.do(dialog, "action_assign"))
        self.assertFalse(cases.debt_manager_id)
        self.assertEqual(cases.team_id, self.team)
        self.assertIn("North", batch.name)

    def test_customers_are_assigned_with_or_without_a_case(self):
        self.case_of()
        self.invoice(self.other_customer, due=20)
        profiles = self.profile() | self.profile(self.other_customer)
        dialog = self.open("action_case_assign_wizard", profiles)
        self.assertEqual((dialog.case_count, dialog.customer_count), (1, 2))
        dialog.user_id = self.bob
        self.do(dialog, "action_assign")
        self.assertEqual(profiles.debt_manager_id, self.bob)
        self.assertEqual(self.cases().debt_manager_id, self.bob)

    def test_to_somebody_in_no_team_the_cases_stay_in_theirs(self):
        cases = self.three_cases(self.ann)
        carl = self.person("carl", "collection.group_debt_manager")
        dialog = self.open("action_case_assign_wizard", cases)
        dialog.user_id = carl
        batch = self.batch_of(self.do(dialog, "action_assign"))
        self.assertEqual(cases.debt_manager_id, carl)
        self.assertEqual(cases.team_id, self.team, "the leader goes on seeing them")
        batch.action_undo()
        self.assertEqual(batch.state, "undone")

    def test_what_somebody_did_since_stays(self):
        cases = self.three_cases(self.ann)
        dialog = self.open("action_case_assign_wizard", cases)
        dialog.user_id = self.bob
        dialog.with_customers = False
        batch = self.batch_of(self.do(dialog, "action_assign"))
        log = self.open("action_contact_log_wizard", cases[0], user=self.bob)
        log.outcome_id = self.env.ref("collection.outcome_no_answer")
        self.do(log, "action_log")
        cases[1]._assign(self.leader)
        batch.action_undo()
        self.assertEqual(batch.state, "partly")
        self.assertEqual(cases[0].debt_manager_id, self.bob)
        self.assertEqual(cases[1].debt_manager_id, self.leader)
        self.assertEqual(cases[2].debt_manager_id, self.ann)
        self.assertIn("1 of 3 put back", batch.undo_message)

    def test_a_leader_gives_the_teams_work_to_others_and_takes_it_back(self):
        cases = self.three_cases(self.ann)
        south = self.env["collection.team"].create({"name": "South"})
        carl = self.person("carl", "collection.group_debt_manager")
        south.member_ids = carl
        dialog = self.open("action_case_assign_wizard", cases, user=self.leader)
        dialog.user_id = carl
        batch = self.batch_of(self.do(dialog, "action_assign")).with_user(self.leader)
        self.assertEqual(cases.debt_manager_id, carl)
        self.assertEqual(cases.team_id, south)
        self.env.invalidate_all()
        self.assertFalse(
            self.env["collection.case"].with_user(self.leader).search([("id", "in", cases.ids)]),
            "they are another team's now",
        )
        self.assertEqual(Form(batch).case_count, 3, "but the operation is the leader's to see")
        batch.action_undo()
        self.assertEqual(cases.debt_manager_id, self.ann)
        self.assertEqual(cases.team_id, self.team)

    def test_only_leaders_managers_and_accountants_assign(self):
        cases = self.three_cases(self.ann)
        with self.assertRaises(AccessError):
            self.open("action_case_assign_wizard", cases, user=self.ann)
        dialog = self.open("action_case_assign_wizard", cases, user=self.bookkeeper)
        dialog.user_id = self.bob
        self.do(dialog, "action_assign")
        self.assertEqual(cases.debt_manager_id, self.bob)

    def test_bad_input_is_refused_in_words(self):
        cases = self.three_cases(self.ann)
        Wizard = self.env["collection.case.assign.wizard"].with_context(
            active_model=cases._name, active_ids=cases.ids
        )
        with self.assertRaisesRegex(UserError, "Choose the debt manager"):
            Wizard.create({}).action_assign()
        with self.assertRaisesRegex(UserError, "Choose the team"):
            Wizard.create({"mode": "team"}).action_assign()
        with self.assertRaisesRegex(UserError, "nothing to assign"):
            Wizard.create({
                "user_id": self.bob.id,
                "case_ids": [Command.clear()],
                "with_customers": False,
            }).action_assign()


@tagged("post_install", "-at_install")
class TestHandOver(BatchCommon):
    """All of a person's work goes to somebody else."""

    def test_cases_customers_and_steps_everywhere_are_handed_over(self):
        cases = self.three_cases(self.ann, self.ann, self.bob)
        mine, others = cases[:2], cases[2]
        self.profile(self.third_customer).debt_manager_id = self.ann
        step = mine[0].activity_schedule("collection.activity_type_call", user_id=self.ann.id)
        elsewhere = others.activity_schedule("collection.activity_type_call", user_id=self.ann.id)
        dialog = self.open("action_hand_over")
        self.assertIn(self.ann, dialog.from_user_choice_ids[:])
        self.assertNotIn(self.leader, dialog.from_user_choice_ids[:])
        dialog.from_user_id = self.ann
        self.assertEqual((dialog.case_count, dialog.customer_count), (2, 3))
        dialog.user_id = self.bob
        self.assertEqual(self.loads(dialog), {self.ann: (2, 0), self.bob: (1, 3)})
        batch = self.batch_of(self.do(dialog, "action_assign"))
        self.assertEqual(cases.debt_manager_id, self.bob)
        self.assertEqual(cases.profile_id.debt_manager_id, self.bob)
        self.assertEqual((step | elsewhere).user_id, self.bob)
        self.assertIn("Hand over the work of Ann to Bob", batch.name)
        batch.action_undo()
        self.assertEqual(batch.state, "undone")
        self.assertEqual(mine.debt_manager_id, self.ann)
        self.assertEqual(others.debt_manager_id, self.bob)
        self.assertEqual((step | elsewhere).user_id, self.ann)
        self.assertEqual(self.profile(self.third_customer).debt_manager_id, self.ann)

    def test_somebody_who_has_left_hands_over_too(self):
        cases = self.three_cases(self.ann)
        self.ann.active = False
        dialog = self.open("action_hand_over")
        self.assertIn(self.ann, dialog.from_user_choice_ids[:])
        dialog.from_user_id = self.ann
        dialog.user_id = self.bob
        self.do(dialog, "action_assign")
        self.assertEqual(cases.debt_manager_id, self.bob)

    def test_to_the_team_without_the_one_who_leaves(self):
        self.team.spread = "count"
        carl = self.person("carl", "collection.group_debt_manager")
        self.team.member_ids |= carl
        cases = self.three_cases(self.ann)
        sleeping = self.env["res.partner"].create({"name": "Sleeping", "is_company": True})
        self.invoice(sleeping, due=20)
        self.profile(sleeping).debt_manager_id = self.ann
        dialog = self.open("action_hand_over")
        dialog.from_user_id = self.ann
        dialog.team_id = self.team
        self.do(dialog, "action_assign")
        self.assertEqual(cases.debt_manager_id, self.bob | carl)
        self.assertFalse(
            self.profile(sleeping).debt_manager_id, "whoever gets its next case looks after it"
        )
        self.assertEqual(self.profile(sleeping).team_id, self.team)

    def test_steps_go_to_the_leader_where_the_team_spreads_by_hand(self):
        [case] = self.three_cases(self.ann)[0]
        step = case.activity_schedule("collection.activity_type_call", user_id=self.ann.id)
        dialog = self.open("action_hand_over")
        dialog.from_user_id = self.ann
        dialog.team_id = self.team
        self.do(dialog, "action_assign")
        self.assertFalse(case.debt_manager_id)
        self.assertEqual(step.user_id, self.leader)

    def test_bad_input_is_refused_in_words(self):
        self.three_cases(self.ann)
        Wizard = self.env["collection.case.assign.wizard"]
        for values, message in (
            ({}, "Choose whose work"),
            ({"from_user_id": self.ann.id}, "Choose who gets the work"),
            ({"from_user_id": self.ann.id, "user_id": self.ann.id}, "Choose somebody else"),
            ({"from_user_id": self.leader.id, "user_id": self.bob.id}, "nothing to assign"),
        ):
            with self.assertRaisesRegex(UserError, message):
                Wizard.create({"mode": "hand_over", **values}).action_assign()
