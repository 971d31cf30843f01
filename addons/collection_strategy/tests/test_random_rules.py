# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Random rules over random debts: the statement finds what a loop in Python finds."""

import random

from odoo.tests import tagged

from .strategy_common import StrategyCommon

CUSTOMERS = 12
RULES = 10


@tagged("post_install", "-at_install")
class TestRandomRules(StrategyCommon):
    def random_debts(self, dice):
        """Return {profile: its items}, with blocks on some and some kept out."""
        debts = {}
        for number in range(CUSTOMERS):
            partner = self.env["res.partner"].create({"name": f"Debtor {number}"})
            profile = self.env["collection.profile"]._get_or_create(self.company, partner)
            items = (
                self
                .env["collection.item"]
                .sudo()
                .create([
                    {
                        "company_id": self.company.id,
                        "profile_id": profile.id,
                        "kind": "manual",
                        "description": f"Advance {number}",
                        "amount": amount,
                        "amount_company": amount,
                        "date_maturity": self.day(-dice.randint(-20, 60)),
                    }
                    for amount in (dice.choice((20, 100, 500, 2000)) for _item in range(3))
                ])
            )
            for item in items:
                if dice.random() < 0.2:
                    item._block("dispute", amount=dice.choice((item.amount, item.amount / 2)))
                elif dice.random() < 0.1:
                    item._keep_out(self.day(5), "asked for")
            debts[profile] = items
        self.at_once()
        return debts

    def random_rule(self, dice):
        """Return the values of a rule on items or customers."""
        vals = {
            "applies_to": dice.choice(("item", "item", "profile")),
            "points": dice.choice((5, 10, 20)),
            "use_days": dice.choice(("any", "from", "range", "upto")),
            "days_from": dice.randint(-10, 20),
            "amount_kind": dice.choice(("any", "any", "open", "overdue", "to_collect")),
            "amount_level": dice.choice(("item", "profile")),
            "amount_min": dice.choice((0, 100, 600)),
            "action": dice.choice(("none", "escalate")),
        }
        vals["days_to"] = vals["days_from"] + dice.randint(0, 40)
        if dice.random() < 0.3:
            vals["amount_max"] = vals["amount_min"] + 1000
        return vals

    # ------------------------------------------------------------
    # THE SAME, ONE BY ONE
    # ------------------------------------------------------------

    def late(self, item):
        return (self.day() - item.date_due).days

    def free(self, item):
        return item.amount_residual - item.amount_blocked

    def in_days(self, rule, days):
        return {
            "any": True,
            "from": days >= rule.days_from,
            "upto": days <= rule.days_to,
            "range": rule.days_from <= days <= rule.days_to,
        }[rule.use_days]

    def in_amount(self, rule, amount):
        if rule.amount_min or rule.amount_max:
            return amount >= rule.amount_min and (not rule.amount_max or amount < rule.amount_max)
        return amount > 0

    def amount_of(self, rule, item):
        late = self.late(item)
        return {
            "open": item.amount_residual,
            "overdue": item.amount_residual if late > 0 else 0,
            "to_collect": self.free(item) if late >= 0 else 0,
        }[rule.amount_kind]

    def item_holds(self, rule, item):
        return rule.amount_kind == "any" or self.in_amount(rule, self.amount_of(rule, item))

    def found_by_hand(self, rule, items):
        """Return the items a rule holds for, or whether it holds for the customer."""
        total = (
            sum(self.amount_of(rule, item) for item in items) if rule.amount_kind != "any" else 0
        )
        of_customer = (
            rule.amount_kind == "any" or rule.amount_level == "item" or self.in_amount(rule, total)
        )
        if rule.applies_to == "item":
            return items.filtered(
                lambda item: (
                    of_customer
                    and self.free(item) > 0
                    and not item.keep_out_until
                    and self.in_days(rule, self.late(item))
                    and (rule.amount_level != "item" or self.item_holds(rule, item))
                )
            )
        some_item = rule.amount_level != "item" or any(
            self.item_holds(rule, item) for item in items
        )
        oldest = max(self.late(item) for item in items)
        return of_customer and some_item and self.in_days(rule, oldest)

    def check(self, seed):
        dice = random.Random(seed)
        debts = self.random_debts(dice)
        rules = self.env["collection.rule"].concat(
            *(self.rule(name=f"Rule {number}", **self.random_rule(dice)) for number in range(RULES))
        )
        self.env["collection.profile"].union(*debts).action_plan_now()
        self.env.invalidate_all()
        for profile, items in debts.items():
            found = {rule: self.found_by_hand(rule, items) for rule in rules}
            self.assertEqual(
                profile.score,
                sum(rule.points for rule in rules if found[rule]),
                f"seed {seed}, {profile.display_name}, {profile.score_text}",
            )
            planned = {
                action.rule_id: action.item_ids for action in self.planned(profile.partner_id)
            }
            acting = [rule for rule in rules if rule.action != "none" and found[rule]]
            self.assertEqual(set(planned), set(acting), f"seed {seed}, {profile.display_name}")
            for rule in acting:
                if rule.applies_to == "item":
                    self.assertEqual(planned[rule], found[rule].sorted("id"), f"seed {seed}")

    def test_random_rules(self):
        for seed in range(6):
            with self.subTest(seed=seed):
                self.check(seed)
                self.strategy.rule_ids.active = False
                self.assertFalse(self.strategy.rule_ids)
