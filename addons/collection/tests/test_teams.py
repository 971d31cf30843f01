# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from .common import CollectionCommon


class TeamsCommon(CollectionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.maria = cls.person("maria")
        cls.yannis = cls.person("yannis")
        cls.leader = cls.person("leonidas", "collection.group_team_leader")
        Team = cls.env["collection.team"]
        cls.receivables = Team.create({"name": "Receivables", "leader_id": cls.leader.id})
        cls.islands = Team.create({
            "name": "Islands",
            "parent_id": cls.receivables.id,
            "member_ids": [Command.set((cls.maria | cls.yannis).ids)],
        })
        cls.company.collection_default_team_id = cls.islands

    @classmethod
    def person(cls, login, group="collection.group_debt_manager"):
        return new_test_user(
            cls.env,
            login,
            groups=group,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def owing(cls, name, *amounts, manager=None, **vals):
        """Return a customer with overdue invoices of these amounts."""
        partner = cls.env["res.partner"].create({"name": name, "is_company": True, **vals})
        if manager:
            partner.collection_debt_manager_id = manager
        for amount in amounts:
            cls.invoice(partner=partner, amount=amount)
        return partner

    def seen_by(self, user):
        """Return the customers whose cases the person sees."""
        cases = (
            self
            .env["collection.case"]
            .with_user(user)
            .search([("company_id", "=", self.company.id)])
        )
        return set(cases.sudo().partner_id.mapped("name"))


@tagged("post_install", "-at_install")
class TestTeams(TeamsCommon):
    """Who works with whom, who sees what, and how new cases find their people."""

    # ------------------------------------------------------------
    # THE TREE
    # ------------------------------------------------------------

    def test_teams_are_named_by_their_place_in_the_tree(self):
        crete = self.env["collection.team"].create({"name": "Crete", "parent_id": self.islands.id})
        self.assertEqual(crete.complete_name, "Receivables / Islands / Crete")
        self.receivables.name = "Debtors"
        self.assertEqual(crete.display_name, "Debtors / Islands / Crete")
        with self.assertRaises(UserError):
            self.receivables.parent_id = crete

    def test_two_teams_of_one_name_stand_at_different_places(self):
        self.env["collection.team"].create({"name": "Islands"})
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.env["collection.team"].create({"name": "Islands"})

    def test_a_leader_sees_the_work_of_the_teams_below(self):
        crete = self.env["collection.team"].create({"name": "Crete", "parent_id": self.islands.id})
        self.owing("Minoan Foods", 100).collection_profile_id.team_id = crete
        self.cases(self.env["res.partner"].search([("name", "=", "Minoan Foods")])).team_id = crete
        self.owing("Maria's", 200, manager=self.maria)
        self.owing("Foreign", 300).collection_profile_id.team_id = False
        foreign = self.env["res.partner"].search([("name", "=", "Foreign")])
        self.cases(foreign).team_id = self.env["collection.team"].create({"name": "Mainland"})
        self.assertEqual(crete.leader_ids, self.leader)
        self.assertEqual(self.seen_by(self.leader), {"Minoan Foods", "Maria's"})

    def test_a_debt_manager_sees_own_cases_and_those_nobody_has_taken(self):
        self.owing("Maria's", 200, manager=self.maria)
        self.owing("Yannis's", 100, manager=self.yannis)
        self.owing("Nobody's", 100)
        self.assertEqual(self.seen_by(self.maria), {"Maria's", "Nobody's"})
        self.islands.share_cases = True
        self.assertEqual(self.seen_by(self.maria), {"Maria's", "Yannis's", "Nobody's"})

    def test_workload_counts_own_cases_and_those_below(self):
        self.owing("A", 100, manager=self.maria)
        self.owing("B", 250)
        islands, above = self.islands, self.receivables
        self.assertEqual(
            (islands.open_case_count, islands.open_case_amount, islands.unassigned_case_count),
            (2, 350, 1),
        )
        self.assertEqual((above.open_case_count, above.total_case_count), (0, 2))
        self.assertEqual(above.total_case_amount, 350)
        self.assertEqual(self.maria.collection_case_count, 1)
        self.assertEqual(self.maria.collection_case_amount, 100)
        found = self.env["collection.case"].search(above.action_open_cases()["domain"])
        self.assertEqual(len(found), 2)
        found = self.env["collection.case"].search(islands.action_open_unassigned_cases()["domain"])
        self.assertEqual(found.partner_id.name, "B")

    # ------------------------------------------------------------
    # SPREADING
    # ------------------------------------------------------------

    def managers(self, *partners):
        return [self.cases(partner).debt_manager_id for partner in partners]

    def test_by_hand_cases_wait_for_somebody_to_assign_them(self):
        self.islands.spread = "hand"
        partner = self.owing("A", 100)
        self.assertEqual(self.cases(partner).team_id, self.islands)
        self.run_cycle(partner)
        self.assertFalse(self.cases(partner).debt_manager_id)
        with self.assertRaisesRegex(UserError, "by hand"):
            self.islands.action_spread_cases()

    def test_evenly_by_number(self):
        self.owing("Old", 10, manager=self.maria)
        self.islands.spread = "count"
        first, second, third = (self.owing(name, 100) for name in "ABC")
        self.run_cycle(first, second, third)
        self.assertEqual(self.maria.collection_case_count, 2)
        self.assertEqual(self.yannis.collection_case_count, 2)
        self.assertEqual(self.cases(first).debt_manager_id, self.yannis, "she had one already")

    def test_evenly_by_amount(self):
        large = self.owing("Large", 900)
        small, tiny = self.owing("Small", 300), self.owing("Tiny", 200)
        self.islands.spread = "amount"
        self.run_cycle(large, small, tiny)
        one, *others = self.managers(large, small, tiny)
        self.assertTrue(one)
        self.assertEqual(others[0], others[1])
        self.assertNotEqual(one, others[0])

    def test_by_customer_later_cases_stay_with_the_same_person(self):
        self.islands.spread = "customer"
        first, second = self.owing("A", 900), self.owing("B", 100)
        self.run_cycle(first, second)
        one, two = self.managers(first, second)
        self.assertEqual({one, two}, {self.maria, self.yannis})
        self.assertEqual(first.collection_debt_manager_id, one, "the customer has its person")
        self.pay(self.env["account.move"].search([("partner_id", "=", first.id)]))
        self.invoice(partner=first, amount=50)
        self.assertEqual(self.cases(first)[0].state, "not_started")
        self.assertEqual(self.cases(first)[0].debt_manager_id, one)

    def test_whoever_is_away_gets_no_new_cases(self):
        self.islands.spread = "count"
        self.absent(self.maria, self.yannis, 0, 5)
        partners = [self.owing(name, 100) for name in "AB"]
        self.run_cycle(*partners)
        self.assertEqual(set(self.managers(*partners)), {self.yannis})

    def test_a_team_without_members_says_so(self):
        self.islands.write({"spread": "count", "member_ids": [Command.clear()]})
        self.owing("A", 100)
        with self.assertRaisesRegex(UserError, "no member"):
            self.islands.action_spread_cases()

    def test_waiting_cases_are_spread_at_a_click(self):
        partner = self.owing("A", 100)
        self.islands.spread = "count"
        self.islands.with_user(self.leader).action_spread_cases()
        self.assertIn(self.cases(partner).debt_manager_id, self.maria | self.yannis)

    def test_an_auditor_spreads_nothing(self):
        partner = self.owing("A", 100)
        self.islands.spread = "count"
        auditor = self.person("audit", "collection.group_auditor")
        with self.assertRaises(AccessError):
            self.islands.with_user(auditor).action_spread_cases()
        self.assertFalse(self.cases(partner).debt_manager_id)

    def test_the_form_of_a_team(self):
        with Form(self.env["collection.team"]) as form:
            form.name = "Key accounts"
            form.parent_id = self.receivables
            form.leader_id = self.leader
            form.spread = "customer"
            form.member_ids.add(self.maria)
        team = self.env["collection.team"].search([("name", "=", "Key accounts")])
        self.assertEqual(team.member_ids, self.maria)
        self.assertIn(team, self.maria.collection_team_ids)

    # ------------------------------------------------------------
    # CATEGORIES
    # ------------------------------------------------------------

    def test_a_category_gives_its_customers_debt_manager_and_team(self):
        category = self.env["res.partner.category"].create({
            "name": "Hotels",
            "collection_debt_manager_id": self.maria.id,
            "collection_team_id": self.receivables.id,
        })
        partner = self.owing("Hotel Thira", 100, category_id=[Command.link(category.id)])
        self.assertEqual(partner.collection_debt_manager_id, self.maria)
        self.assertEqual(self.cases(partner).debt_manager_id, self.maria)
        self.assertEqual(self.cases(partner).team_id, self.receivables)

    def test_what_is_set_on_the_customer_wins(self):
        category = self.env["res.partner.category"].create({
            "name": "Hotels",
            "collection_debt_manager_id": self.maria.id,
        })
        partner = self.owing(
            "Hotel Thira", manager=self.yannis, category_id=[Command.link(category.id)]
        )
        self.invoice(partner=partner)
        self.assertEqual(self.cases(partner).debt_manager_id, self.yannis)
        category.collection_debt_manager_id = self.leader
        self.assertEqual(partner.collection_debt_manager_id, self.yannis)

    def test_a_customer_set_up_before_its_first_invoice_takes_over_the_category(self):
        category = self.env["res.partner.category"].create({
            "name": "Hotels",
            "collection_debt_manager_id": self.maria.id,
        })
        partner = self.owing("Hotel Thira", category_id=[Command.link(category.id)])
        partner.collection_participation = "yes"
        self.assertEqual(self.profile(partner).debt_manager_id, self.maria)

    def test_customers_nobody_looks_after_follow_their_category(self):
        category = self.env["res.partner.category"].create({"name": "Hotels"})
        partner = self.owing("Hotel Thira", 100, category_id=[Command.link(category.id)])
        tagged_later = self.owing("Hotel Ios", 100)
        self.assertFalse(self.profile(partner).debt_manager_id)
        category.collection_debt_manager_id = self.maria
        self.assertEqual(self.profile(partner).debt_manager_id, self.maria)
        tagged_later.category_id = category
        self.assertEqual(self.profile(tagged_later).debt_manager_id, self.maria)

    # ------------------------------------------------------------
    # ABSENCES
    # ------------------------------------------------------------

    def absent(self, user, substitute, first, last):
        # the tests' own context keeps mail silent
        return (
            self
            .env["collection.absence"]
            .with_context(tracking_disable=False)
            .create({
                "user_id": user.id,
                "substitute_id": substitute.id,
                "date_from": self.days(first),
                "date_to": self.days(last),
            })
        )

    def test_the_substitute_sees_and_works_the_cases_in_these_days_only(self):
        partner = self.owing("Maria's", 200, manager=self.maria)
        case = self.cases(partner)
        self.assertFalse(self.seen_by(self.yannis))
        absence = self.absent(self.maria, self.yannis, 1, 8)
        self.assertEqual(absence.state, "planned")
        self.assertFalse(self.seen_by(self.yannis), "not before the first day")
        absence.date_from = self.days(0)
        self.assertEqual(absence.state, "current")
        self.assertEqual(self.seen_by(self.yannis), {"Maria's"})
        self.assertEqual(case.substitute_id, self.yannis)
        case = case.with_user(self.yannis)
        self.assertIn(case, case.search([("is_substituted_by_me", "=", True)]))
        form = Form(
            self
            .env["collection.contact.log.wizard"]
            .with_user(self.yannis)
            .with_context(**case.action_log_contact()["context"])
        )
        form.outcome_id = self.quick_ref("collection.outcome_call_back")
        form.save().action_log()
        self.assertEqual(case.state, "in_progress")
        self.assertEqual(case.debt_manager_id, self.maria, "it stays her case")
        self.assertEqual(case.activity_ids.user_id, self.maria, "and her next step")
        absence.write({"date_from": self.days(-5), "date_to": self.days(-1)})
        self.assertEqual(absence.state, "past")
        self.assertFalse(self.seen_by(self.yannis), "not after the last day")
        self.assertFalse(self.maria.collection_substitute_id)

    def test_both_are_told_who_stands_in(self):
        absence = self.absent(self.maria, self.yannis, 2, 4)
        message = self.env["mail.message"].search([
            ("partner_ids", "in", self.yannis.partner_id.ids),
            ("subject", "ilike", "stands in for"),
        ])
        self.assertIn("yannis", message.subject)
        self.assertIn(self.maria.partner_id, message.partner_ids)
        self.assertIn("maria", absence.display_name)

    def test_absences_that_leave_nobody_are_refused(self):
        self.absent(self.maria, self.yannis, 2, 6)
        with self.assertRaisesRegex(ValidationError, "is away from"), self.cr.savepoint():
            self.absent(self.maria, self.leader, 6, 9)
        with self.assertRaisesRegex(ValidationError, "cannot stand in"), self.cr.savepoint():
            self.absent(self.leader, self.maria, 5, 5)
        with self.assertRaisesRegex(ValidationError, "choose another"), self.cr.savepoint():
            self.absent(self.yannis, self.leader, 4, 10)
        self.absent(self.yannis, self.leader, 7, 10)

    def test_nobody_stands_in_for_themselves_and_days_are_in_order(self):
        for user, substitute, first, last in (
            (self.maria, self.maria, 1, 2),
            (self.maria, self.yannis, 2, 1),
        ):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.cr.savepoint(),
            ):
                self.absent(user, substitute, first, last)

    def test_one_notes_ones_own_absence_and_a_leader_those_of_the_team(self):
        Absence = self.env["collection.absence"]
        form = Form(Absence.with_user(self.maria))
        self.assertEqual(form.user_id, self.maria)
        form.substitute_id = self.yannis
        form.date_from = self.days(3)
        form.date_to = self.days(4)
        absence = form.save()
        with self.assertRaises(AccessError):
            absence.with_user(self.yannis).reason = "Hers"
        absence.with_user(self.leader).reason = "Annual leave"
        self.assertEqual(absence.reason, "Annual leave")
