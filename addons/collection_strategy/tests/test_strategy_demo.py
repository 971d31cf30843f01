# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The demo company follows the shipped strategies, and its worklist is half done."""

import csv
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools.misc import file_open

from ..demo import strategies
from .strategy_common import StrategyCommon


@tagged("post_install", "-at_install")
class TestStrategyDemo(StrategyCommon):
    def chosen(self, _env, names):
        """Return the customers of this test in place of those of the demo."""
        found = self.env["collection.profile"]
        if "il_carmel" in names:
            found |= self.profile()
        if "il_negev" in names:
            found |= self.profile(self.other_customer)
        return found

    def load(self):
        with patch.object(strategies, "_profiles", self.chosen):
            # as the installation does
            strategies.load(self.company.sudo())

    def test_names_are_those_of_the_demo_data(self):
        with file_open("collection/demo/collection.profile.csv") as stream:
            known = {row["id"].removeprefix("demo_profile_") for row in csv.DictReader(stream)}
        named = {*strategies.PREMIUM}.union(
            *strategies.CLASSES.values(), *strategies.BY_HAND.values()
        )
        self.assertLessEqual(named, known)

    def test_without_demo_customers_nothing_is_done(self):
        self.invoice(due=-30)
        self.run_cycle(self.customer)
        strategies.load(self.company.sudo())
        self.assertFalse(self.actions())

    def test_customers_follow_strategies_and_the_day_is_half_done(self):
        self.strategy.active = False
        self.invoice(due=-25)
        self.invoice(due=3)
        self.invoice(self.other_customer, due=-30)
        more = self.env["res.partner"].create([
            {"name": f"Customer {number}", "email": f"c{number}@example.com", "phone": "+30 210 1"}
            for number in range(10)
        ])
        for partner in more:
            self.invoice(partner, due=-25)
        self.run_cycle(self.customer, self.other_customer, *more)
        self.load()
        self.assertEqual(
            self.profile().strategy_id, self.env.ref("collection_strategy.strategy_gentle")
        )
        self.assertEqual(
            self.profile(self.other_customer).strategy_id,
            self.env.ref("collection_strategy.strategy_strict"),
        )
        actions = self.Action.search([("company_id", "=", self.company.id)])
        self.assertLessEqual({"call", "email", "escalate"}, set(actions.mapped("kind")))
        states = set(actions.mapped("state"))
        self.assertLessEqual({"planned", "done", "skipped"}, states)
        self.assertTrue(actions.filtered("resubmit_count"))
        messages = self.Message.search([
            ("company_id", "=", self.company.id),
            ("channel", "=", "email"),
        ])
        self.assertTrue(messages)
        self.assertEqual(set(messages.mapped("state")), {"planned"}, "nothing leaves the demo")
        self.assertEqual({message.planned_on.date() for message in messages}, {self.day(1)})
        # a second time nothing is added
        self.load()
        again = self.Action.search([("company_id", "=", self.company.id)])
        self.assertEqual(again, actions)
