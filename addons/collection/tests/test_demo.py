# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import csv
import re
from collections import Counter
from datetime import date, timedelta

from odoo import fields
from odoo.tests import BaseCase, new_test_user, tagged
from odoo.tools.misc import file_open

from odoo.addons.collection.demo.buyers import BUYERS, CATALOGUE, CONTRACT, Buyer
from odoo.addons.collection.demo.letters import LETTERS, NOTES
from odoo.addons.collection.demo.loader import load
from odoo.addons.collection.demo.plan import make_plan
from odoo.addons.collection.demo.records import working_day

from .common import CollectionCommon

# any day may be the one on which somebody looks at the demo
DAYS = [date(2026, 1, 5) + timedelta(days=37 * number) for number in range(10)]


def demo_rows(name):
    """Return the rows of a file of demo data."""
    with file_open(f"collection/demo/{name}") as stream:
        return list(csv.DictReader(stream))


@tagged("post_install", "-at_install")
class TestDemoPlan(BaseCase):
    """The story of the demo company, on whichever day it is told."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plans = [make_plan(day) for day in DAYS]

    def test_the_same_day_tells_the_same_story(self):
        again = make_plan(DAYS[0])
        self.assertEqual(again.documents, self.plans[0].documents)
        self.assertEqual(again.payments, self.plans[0].payments)
        self.assertEqual(again.episodes, self.plans[0].episodes)

    def test_sixty_customers_in_three_countries_and_currencies(self):
        self.assertGreaterEqual(len(BUYERS), 60)
        self.assertEqual({buyer.key[:2] for buyer in BUYERS}, {"il", "gr", "cy"})
        self.assertEqual({buyer.currency for buyer in BUYERS}, {"ILS", "EUR", "USD"})

    def test_every_customer_and_contact_of_the_story_is_in_the_data(self):
        known = {
            row["id"].removeprefix("demo_")
            for name in ("customers", "branches", "contacts")
            for row in demo_rows(f"res.partner-{name}.csv")
        }
        profiles = {
            row["partner_id:id"].removeprefix("demo_")
            for row in demo_rows("collection.profile.csv")
        }
        for plan in self.plans:
            self.assertLessEqual({document.party for document in plan.documents}, profiles)
        self.assertLessEqual({buyer.key for buyer in BUYERS}, known & profiles)
        for letter in LETTERS:
            self.assertIn(f"{letter.party}_contact_{letter.contact}", known)
        self.assertLessEqual({note.party for note in NOTES}, profiles)

    def test_every_product_of_the_story_is_in_the_data(self):
        with file_open("collection/demo/account_demo.xml") as stream:
            known = set(re.findall(r'id="demo_product_(\w+)"', stream.read()))
        self.assertEqual(known, {*CATALOGUE, *CONTRACT})

    def test_nobody_real_can_be_written_to(self):
        for name in ("customers", "branches", "contacts"):
            for row in demo_rows(f"res.partner-{name}.csv"):
                self.assertRegex(row["email"] or "@example.com", r"[@.]example\.com$", row["id"])

    def test_nothing_lies_in_the_future_but_cheques_in_hand(self):
        for plan in self.plans:
            self.assertLessEqual(max(document.date for document in plan.documents), plan.today)
            ahead = [payment for payment in plan.payments if payment.date >= plan.today]
            self.assertEqual({payment.way for payment in ahead}, {"cheque"})
            self.assertFalse([payment for payment in ahead if payment.covers])
            for episode in plan.episodes:
                for contact in episode.contacts:
                    self.assertLess(contact.day, plan.today, episode.party)

    def test_contacts_are_made_while_the_case_is_open_and_on_working_days(self):
        for plan in self.plans:
            for episode in plan.episodes:
                days = [contact.day for contact in episode.contacts]
                self.assertEqual(days, sorted(days), episode.party)
                for contact in episode.contacts:
                    self.assertGreaterEqual(contact.day, episode.opened, episode.party)
                    self.assertLessEqual(contact.day, episode.closed or plan.today, episode.party)
                    if contact.agreed:
                        self.assertGreaterEqual(contact.agreed[0], contact.day, episode.party)
                    if contact.following:
                        day = contact.following[1]
                        self.assertGreaterEqual(day, contact.day, episode.party)

    def test_there_is_work_of_every_kind_on_any_day(self):
        for plan in self.plans:
            cases = plan.open_episodes()
            last = [episode.contacts[-1] for episode in cases if episode.contacts]
            steps = Counter(
                (contact.following[1] > plan.today) - (contact.following[1] < plan.today)
                for contact in last
                if contact.following
            )
            self.assertGreaterEqual(len(cases), 25, plan.today)
            self.assertTrue([episode for episode in cases if not episode.contacts], plan.today)
            self.assertGreaterEqual(len([contact for contact in last if contact.agreed]), 5)
            self.assertEqual(set(steps), {-1, 0, 1}, plan.today)

    def test_every_story_is_told_on_any_day(self):
        for plan in self.plans:
            with self.subTest(day=plan.today):
                covers = [cover for payment in plan.payments for cover in payment.covers]
                self.assertTrue([cover for cover in covers if cover.share], "paid in part")
                self.assertTrue([cover for cover in covers if cover.instalment == 3], "instalments")
                self.assertTrue([one for one in plan.payments if one.bounced_on], "bounced")
                self.assertTrue([one for one in plan.payments if one.date > plan.today], "cheques")
                on_account = [
                    one for one in plan.payments if not one.covers and one.date < plan.today
                ]
                self.assertTrue(on_account, "unapplied")
                shares = {credit.share is None for credit in plan.credits}
                self.assertEqual(shares, {True, False}, "credited in full and in part")
                self.assertGreaterEqual(len(plan.write_offs), 2, "written off")
                openings = [one for one in plan.documents if one.opening_amount]
                self.assertGreaterEqual(len(openings), 2, "opening balances")
                self.assertLessEqual(
                    {"legal", "uncollectable"}, {episode.result for episode in plan.episodes}
                )
                parties = {document.party for document in plan.documents}
                for buyer in BUYERS:
                    self.assertLessEqual(set(buyer.branches), parties, "branches")

    def test_weekends_are_those_of_the_country(self):
        friday = date(2026, 3, 6)
        self.assertEqual(working_day(friday, "il_kfar"), date(2026, 3, 8))
        self.assertEqual(working_day(friday, "gr_papad"), friday)
        self.assertEqual(working_day(date(2026, 3, 7), "gr_papad"), date(2026, 3, 9))


@tagged("post_install", "-at_install")
class TestDemoLedger(CollectionCommon):
    """The loader, with a handful of customers."""

    BUYERS = (
        Buyer("gr_late", "EUR", "30", "late", orders=4, months=8, recent=(41, 34)),
        Buyer("il_part", "ILS", "30", "late", orders=3, months=8, recent=(72, 40), story="part"),
        Buyer(
            "cy_cheque", "USD", "30", "late", months=8, stopped=36, recent=(65,), story="bounced"
        ),
        Buyer(
            "cy_gone",
            "USD",
            "30",
            "late",
            orders=2,
            months=14,
            stopped=330,
            until=290,
            story="written_off",
        ),
        Buyer(
            "cy_lawyer",
            "USD",
            "30",
            "late",
            orders=2,
            months=14,
            stopped=300,
            until=250,
            story="legal",
        ),
        Buyer(
            "il_chain",
            "USD",
            "15",
            "late",
            orders=2,
            months=6,
            recent=(46, 45),
            branches=("il_chain_north", "il_chain_south"),
        ),
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("base.EUR").active = True
        cls.env.ref("base.ILS").active = True
        cls.known = {}
        cls.collector = cls.find("user_collector")
        for buyer in cls.BUYERS:
            cls.env["collection.profile"].create([
                {
                    "company_id": cls.company.id,
                    "partner_id": cls.find(key).id,
                    "debt_manager_id": cls.collector.id,
                    "participation": "branch" if key == buyer.key and buyer.branches else "default",
                }
                for key in (buyer.key, *buyer.branches)
            ])
        cls.at_once()
        cls.history = load(cls.company.sudo(), cls.BUYERS, cls.find)

    @classmethod
    def find(cls, name):
        """Return a customer, branch, contact, product or user of that name."""
        if name not in cls.known:
            cls.known[name] = cls.make(name)
        return cls.known[name]

    @classmethod
    def make(cls, name):
        if name.startswith("product_"):
            return cls.env["product.product"].create({"name": name})
        if name.startswith("user_"):
            return new_test_user(
                cls.env,
                f"demo_{name}",
                groups="collection.group_debt_manager",
                company_id=cls.company.id,
            )
        parent = next((buyer.key for buyer in cls.BUYERS if name in buyer.branches), None)
        return cls.env["res.partner"].create({
            "name": name,
            "is_company": not parent,
            "parent_id": cls.find(parent).id if parent else False,
            "type": "other" if parent else "contact",
        })

    def cases_of(self, party):
        """Return the episodes of a party with their cases."""
        return [
            (episode, case)
            for episode, case in self.history.case_of.items()
            if episode.party == party
        ]

    def test_cases_opened_and_closed_on_the_days_of_the_story(self):
        self.assertTrue(self.history.case_of)
        for episode, case in self.history.case_of.items():
            self.assertEqual(case.opened_on, episode.opened)
            self.assertEqual(case.closed_on, episode.closed or False)
            self.assertEqual(case.state == "completed", bool(episode.closed))
            changes = case.transition_ids.sorted("id")
            self.assertEqual(changes.mapped("date"), sorted(changes.mapped("date")))
            self.assertEqual(changes[0].date.date(), episode.opened)
            self.assertEqual(len(case.contact_log_ids), len(episode.contacts))
            for membership in case.case_item_ids.filtered("removed_on"):
                self.assertGreaterEqual(membership.removed_on, membership.added_on)

    def test_what_was_paid_late_counts_for_its_case_and_person(self):
        rows = self.env["collection.report.collected"].search([
            ("partner_id", "=", self.find("gr_late").id),
            ("kind", "=", "payment"),
        ])
        paid = {
            case
            for episode, case in self.cases_of("gr_late")
            if episode.closed and not episode.result
        }
        self.assertTrue(paid)
        self.assertLessEqual(paid, set(rows.case_id))
        self.assertEqual({case.result for case in paid}, {"paid"})
        self.assertEqual(rows.user_id, self.collector)
        self.assertLess(max(rows.mapped("date")), self.today)

    def test_debts_end_as_the_story_says(self):
        results = {
            party: {case.result for _episode, case in self.cases_of(party)}
            for party in ("cy_gone", "cy_lawyer")
        }
        self.assertIn("written_off", results["cy_gone"])
        self.assertIn("legal", results["cy_lawyer"])

    def test_a_returned_cheque_opens_the_case_again(self):
        [(_episode, case)] = [pair for pair in self.cases_of("cy_cheque") if not pair[0].closed]
        self.assertEqual(
            case.transition_ids
            .sorted("id")
            .filtered(lambda change: change.cause == "ledger")
            .mapped("to_state"),
            ["completed", "in_progress"],
        )
        failed = self.env["collection.report.failed.payment"].search([
            ("partner_id", "=", case.partner_id.id)
        ])
        self.assertEqual(failed.state, "rejected")
        self.assertEqual(failed.amount, case.amount_open)

    def test_branches_are_chased_apart(self):
        branches = self.find("il_chain_north") | self.find("il_chain_south")
        cases = self.env["collection.case"].search([
            ("commercial_partner_id", "=", self.find("il_chain").id)
        ])
        self.assertEqual(cases.partner_id, branches)

    def test_the_last_contact_plans_the_next_step(self):
        for episode, case in self.history.case_of.items():
            if episode.contacts and not episode.closed:
                step, day, summary = episode.contacts[-1].following
                activity = case.activity_ids
                self.assertEqual(activity.activity_type_id.collection_code, step)
                self.assertEqual(activity.date_deadline, day)
                self.assertEqual(activity.summary, summary)
                self.assertEqual(activity.user_id, self.collector)

    def test_cases_are_numbered_in_the_order_they_opened(self):
        cases = self.env["collection.case"].search(
            [("company_id", "=", self.company.id)], order="name"
        )
        self.assertEqual(cases.mapped("opened_on"), sorted(cases.mapped("opened_on")))
        for activity in cases.activity_ids:
            case = self.env["collection.case"].browse(activity.res_id)
            self.assertEqual(activity.res_name, case.display_name)

    def test_the_history_of_a_case_reads_in_order(self):
        for case in self.history.case_of.values():
            dates = case.message_ids.sorted("id").mapped("date")
            self.assertEqual(dates, sorted(dates), case.display_name)

    def test_the_cycle_finds_nothing_to_change(self):
        before = self.figures()
        self.run_cycle()
        self.assertEqual(self.figures(), before)

    def figures(self):
        """Return everything the cycle computes."""
        self.env.flush_all()
        self.env.invalidate_all()
        company = [("company_id", "=", self.company.id)]
        names = {
            "collection.profile": [
                "amount_open",
                "amount_overdue",
                "amount_to_collect",
                "amount_credit",
                "oldest_due_date",
                "debt_manager_id",
            ],
            "collection.item": ["state", "profile_id", "date_due", "case_id"],
            "collection.case": ["state", "result", "closed_on", "amount_open", "agreed_date"],
            "collection.contact.log": ["agreed_state", "received_amount"],
        }
        return {
            model: self.env[model].search_read(company, fields_, order="id")
            for model, fields_ in names.items()
        }

    def test_no_mail_leaves(self):
        self.assertFalse(
            self.env["mail.mail"].search_count([
                ("model", "in", ["collection.case", "collection.profile", "account.move"]),
                ("create_date", ">=", fields.Datetime.to_string(self.env.cr.now())),
            ])
        )

    def test_loading_twice_writes_nothing_twice(self):
        count = self.env["account.move"].search_count([("company_id", "=", self.company.id)])
        self.assertIsNone(load(self.company.sudo(), self.BUYERS, self.find))
        self.assertEqual(
            self.env["account.move"].search_count([("company_id", "=", self.company.id)]), count
        )

    def test_a_company_without_accounts_gets_no_ledger(self):
        company = self.env["res.company"].sudo().create({"name": "No books"})
        self.assertIsNone(load(company, self.BUYERS, self.find))
