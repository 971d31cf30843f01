# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The score: what is added up, when, and how it is told."""

from odoo import fields
from odoo.tests import tagged

from ..core.score import fill, points_text, score_text
from .strategy_common import StrategyCommon


@tagged("post_install", "-at_install")
class TestScore(StrategyCommon):
    def lines(self, partner=None):
        profile = self.profile(partner)
        return [(line["text"], line["points"]) for line in profile._score_lines()[profile.id]]

    def test_the_sum_of_all_rules_told_one_by_one(self):
        self.points(20, reason="{days} days late", use_days="from", days_from=30)
        self.points(
            12,
            reason="largest invoice",
            applies_to="profile",
            amount_kind="open",
            amount_level="item",
            amount_min=5000,
        )
        self.points(-5, reason="small", applies_to="profile", amount_kind="open", amount_max=10)
        self.invoice(amount=6000, due=-45)
        self.invoice(amount=100, due=-40)
        self.night()
        profile = self.profile()
        self.assertEqual(profile.score, 32)
        self.assertEqual(profile.score_text, "32: 45 days late +20, largest invoice +12")
        self.assertEqual(self.cases().score, 32)
        self.assertEqual(self.cases().score_text, profile.score_text)

    def test_points_are_given_once_however_many_items(self):
        self.points(20, reason="{count} items, {amount}", use_days="from", days_from=1)
        for number in range(3):
            self.invoice(amount=100, due=-5 - number)
        self.night()
        self.assertEqual(self.profile().score, 20)
        [(text, points)] = self.lines()
        self.assertEqual(points, 20)
        self.assertIn("3 items", text)
        self.assertIn("300", text)

    def test_the_same_rule_twice_with_different_conditions(self):
        for days in (10, 20, 30):
            self.points(5, reason=f"more than {days}", use_days="from", days_from=days)
        self.invoice(due=-25)
        self.night()
        self.assertEqual(self.profile().score, 10)

    def test_broken_promises_are_counted_in_words(self):
        self.points(
            30, reason="broke {count} promises", applies_to="profile", broken_promises_min=2
        )
        self.invoice(due=-40)
        case = self.cases()
        self.night()
        self.assertEqual(self.profile().score, 0)
        way = self.env.ref("collection.way_bank_transfer")
        for days in (30, 20):
            self.env["collection.contact.log"]._record({
                "case_id": case.id,
                "channel": "phone",
                "date": fields.Datetime.subtract(fields.Datetime.now(), days=days),
                "agreed_date": self.day(-days + 3),
                "agreed_amount": 100,
                "agreed_way_id": way.id,
            })
        self.night()
        self.assertEqual(self.profile().score_text, "30: broke 2 promises +30")

    def test_a_payment_lowers_the_score_at_once_everywhere(self):
        self.points(15, use_days="from", days_from=10)
        self.rule(action="call", days_from=1)
        self.invoice(due=-3)
        old = self.invoice(due=-15)
        self.night()
        self.assertEqual(self.planned().score, 15)
        self.pay(old)
        self.assertEqual(self.profile().score, 0)
        self.assertFalse(self.profile().score_reasons)
        self.assertEqual(self.cases().score, 0)
        self.assertEqual(self.planned().score, 0)

    def test_a_customer_on_hold_is_scored_all_the_same(self):
        self.points(15, use_days="from", days_from=1)
        self.rule(action="call")
        self.invoice(due=-15)
        self.profile().write({"hold": True, "hold_reason": "in talks"})
        self.night()
        self.assertEqual(self.profile().score, 15)
        self.assertFalse(self.planned())

    def test_days_are_told_as_of_today(self):
        self.points(15, reason="{days} days late", use_days="from", days_from=1)
        self.invoice(due=-15)
        self.night()
        self.wait(2)
        self.assertEqual(self.profile().score_text, "15: 17 days late +15")

    def test_the_reader_s_language(self):
        self.env["res.lang"]._activate_lang("he_IL")
        rule = self.points(15, reason="{days} days late", use_days="from", days_from=1)
        rule.with_context(lang="he_IL").reason = "איחור של {days} ימים"
        self.invoice(due=-15)
        self.night()
        profile = self.profile()
        self.assertEqual(profile.score_text, "15: 15 days late +15")
        self.assertEqual(profile.with_context(lang="he_IL").score_text, "15: איחור של 15 ימים +15")

    def test_a_rule_without_a_reason_is_told_by_its_name(self):
        self.points(7, name="Watch", use_days="from", days_from=1)
        self.invoice(due=-2)
        self.night()
        self.assertEqual(self.lines(), [("Watch", 7)])

    def test_words_without_figures(self):
        self.assertEqual(fill("{days} of {Days} {x}", 3, "1", 2), "3 of {Days} {x}")
        self.assertEqual(points_text(-5), "−5")
        self.assertEqual(score_text(0, []), "0")
