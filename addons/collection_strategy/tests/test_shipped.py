# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The strategies that come with the add-on work at once, in three languages."""

import re

from odoo.tests import Form, tagged
from odoo.tools import html2plaintext

from .strategy_common import StrategyCommon

STRATEGIES = ("standard", "gentle", "strict")
LANGUAGES = ("en_US", "he_IL", "el_GR")
# what a text must not hold once it is filled in
LEFTOVERS = re.compile(r"\{|\}|object\.|t-out|t-if|\bFalse\b|\bNone\b")
# which field each action needs to be complete
NEEDED = {
    "email": "template_id",
    "letter": "template_id",
    "sms": "sms_template_id",
    "call": "script_id",
    "escalate": "script_id",
    "hold": "hold_reason",
}


@tagged("post_install", "-at_install")
class TestShipped(StrategyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for lang in LANGUAGES:
            cls.env["res.lang"]._activate_lang(lang)
        cls.strategies = {
            code: cls.env.ref(f"collection_strategy.strategy_{code}") for code in STRATEGIES
        }
        cls.rules = cls.env["collection.rule"].union(
            *(
                strategy.with_context(active_test=False).rule_ids
                for strategy in cls.strategies.values()
            )
        )

    def follow(self, code):
        """Have the customer follow one of the strategies."""
        self.profile().strategy_override_id = self.strategies[code]

    def test_every_action_has_what_it_needs(self):
        for rule in self.rules:
            needed = NEEDED.get(rule.action)
            with self.subTest(rule=rule.name, strategy=rule.strategy_id.code):
                self.assertTrue(not needed or rule[needed])
                self.assertTrue(rule.reason, "whoever reads the worklist is told why")
                self.assertTrue(rule.points or rule.action != "none")
                if rule.action in ("email", "letter"):
                    self.assertIn(rule.template_id.collection_channel, (rule.action, False))

    def test_each_strategy_goes_from_before_the_due_date_to_the_write_off(self):
        for code, strategy in self.strategies.items():
            with self.subTest(strategy=code):
                acting = strategy.rule_ids.filtered(lambda rule: rule.action != "none")
                self.assertLess(acting[0].days_to, 0, "a friendly reminder comes first")
                self.assertTrue(acting[0].attach_invoices)
                self.assertEqual(acting[-1].action, "suggest_writeoff")
                self.assertIn(
                    self.env.ref("collection_message.mail_template_letter_final"),
                    acting.template_id,
                )
                self.assertLessEqual(
                    {"email", "letter", "call", "escalate"}, set(acting.mapped("action"))
                )
                starts = [rule.days_from for rule in acting if rule.use_days != "any"]
                self.assertEqual(starts, sorted(starts), "the rules stand in the order of time")

    def test_strict_asks_before_standard_and_gentle_after_it(self):
        first = {
            code: min(
                rule.days_from
                for rule in strategy.rule_ids
                if rule.action == "email" and rule.days_from >= 0
            )
            for code, strategy in self.strategies.items()
        }
        self.assertLess(first["strict"], first["standard"])
        self.assertLess(first["standard"], first["gentle"])

    def test_points_are_told_in_words(self):
        for strategy in self.strategies.values():
            scoring = strategy.rule_ids.filtered("points")
            self.assertGreater(len(scoring), 8)
            self.assertTrue(all(scoring.mapped("reason")))
            self.assertTrue(
                scoring.filtered(lambda rule: rule.first_late and rule.points < 0),
                "who is late for the first time is treated kindly",
            )

    def test_rules_compile_and_list_what_they_hold_for(self):
        self.invoice(due=-40)
        self.run_cycle(self.customer)
        for rule in self.rules:
            with self.subTest(rule=rule.name, strategy=rule.strategy_id.code):
                action = rule.action_show_matches()
                found = self.env[action["res_model"]].search(action["domain"])
                late = rule.use_days == "range" and rule.days_from <= 40 <= rule.days_to
                if late and rule.action == "email":
                    self.assertEqual(found, self.items(self.customer.invoice_ids))

    def test_rules_read_as_sentences(self):
        first = self.env.ref("collection_strategy.rule_standard_first")
        self.assertEqual(first.when_text, "3 to 13 days late")
        self.assertEqual(first.then_text, "E-mail: Collections: First Reminder")
        self.assertEqual(first.often_text, "once for every item")
        upcoming = self.env.ref("collection_strategy.rule_standard_upcoming")
        self.assertEqual(upcoming.when_text, "5 to 2 days before the due date")
        call = self.env.ref("collection_strategy.rule_standard_call")
        self.assertEqual(call.often_text, "every 7 days, at most 2 times")
        promise = self.env.ref("collection_strategy.rule_standard_promise")
        self.assertEqual(promise.when_text, "Agreed Payment Is Late")
        broken = self.env.ref("collection_strategy.rule_strict_broken_2")
        self.assertEqual(broken.when_text, "at least 1 days late, broken promises: at least 2")
        self.assertEqual(broken.then_text, "+20 points")

    def test_texts_render_in_all_languages(self):
        invoices = self.invoice(amount=1200, due=-30) | self.invoice(amount=300, due=-3)
        self.run_cycle(self.customer)
        items = self.items(invoices)
        templates = self.rules.template_id
        texts = [*templates, *self.rules.sms_template_id]
        texts.append(self.env.ref("collection_strategy.sms_template_gentle"))
        texts.append(self.env.ref("collection_strategy.sms_template_promise_broken"))
        self.assertGreater(len(texts), 12)
        for lang in LANGUAGES:
            message = self.plan(items, lang=lang, person_id=self.maria.id)
            for template in texts:
                with self.subTest(template=template.name, lang=lang):
                    made = message._preview(template, lang)
                    for text in made.values():
                        plain = html2plaintext(text or "")
                        self.assertTrue(plain.strip())
                        self.assertIsNone(LEFTOVERS.search(plain), plain)
                    if "body" in made:
                        self.assertIn(items[0].display_name, made["body"])
            message._set_state("cancelled")

    def test_scripts_are_read_in_all_languages(self):
        self.invoice(amount=1200, due=-30)
        self.run_cycle(self.customer)
        scripts = self.env["collection.script"].search([])
        self.assertGreaterEqual(len(scripts), 7)
        self.assertLessEqual(self.rules.script_id, scripts)
        for lang in LANGUAGES:
            values = scripts._values_for(self.profile(), lang=lang)
            for script in scripts:
                with self.subTest(script=script.name, lang=lang):
                    text = html2plaintext(script._render(values))
                    self.assertIsNone(LEFTOVERS.search(text), text)
                    self.assertTrue(text.strip())

    def test_a_customer_follows_the_strategy_that_is_for_them(self):
        self.invoice(due=-5)
        # the one of this company fits everybody too
        self.strategy.active = False
        self.run_cycle(self.customer)
        profile = self.profile()
        self.assertEqual(profile.strategy_id, self.strategies["standard"])
        self.customer.category_id = self.env.ref("collection_strategy.category_premium")
        self.run_cycle(self.customer)
        self.assertEqual(profile.strategy_id, self.strategies["gentle"])
        self.customer.category_id = False
        self.customer.collection_credit_class = "d"
        self.run_cycle(self.customer)
        self.assertEqual(profile.strategy_id, self.strategies["strict"])
        self.assertEqual(self.customer.collection_strategy_id, self.strategies["strict"])
        self.customer.collection_strategy_override_id = self.strategies["gentle"]
        self.run_cycle(self.customer)
        self.assertEqual(profile.strategy_id, self.strategies["gentle"])
        self.assertEqual(self.strategies["gentle"].hand_count, 1)
        self.assertIn(
            profile,
            profile.search(self.strategies["gentle"].action_open_customers()["domain"]),
        )

    def test_a_strategy_is_built_without_code(self):
        with Form(self.env["collection.strategy"]) as form:
            form.name = "Winter"
            form.code = "winter"
            with form.all_rule_ids.new() as rule:
                rule.name = "Write when large and late"
                rule.use_days = "range"
                rule.days_from = 5
                rule.days_to = 9
                rule.amount_kind = "overdue"
                rule.amount_min = 500
                rule.reason = "{days} days late"
                rule.action = "email"
                rule.template_id = self.template
                sentence = rule.when_text
            with form.all_rule_ids.new() as rule:
                rule.name = "Points"
                rule.applies_to = "profile"
                rule.points = 7
                rule.reason = "{amount} overdue"
        winter = form.record
        self.assertEqual(len(winter.rule_ids), 2)
        self.assertIn("5 to 9 days late", sentence)
        self.assertIn("500", sentence)
        first = winter.rule_ids.filtered(lambda rule: rule.action == "email")
        self.invoice(amount=600, due=-6)
        self.run_cycle(self.customer)
        # nobody follows it yet: of all customers
        action = first.action_show_matches()
        self.assertEqual(
            self.env["collection.item"].search(action["domain"]),
            self.items(self.customer.invoice_ids),
        )
        first.days_from = 7
        self.assertFalse(first.action_show_matches()["domain"][0][2])

    def test_versions_tell_what_changed(self):
        self.invoice(due=-5)
        self.follow("standard")
        self.night()
        standard = self.strategies["standard"]
        # add-ons above give it rules of theirs: one demo night may have made a version before
        first, used = standard.version_ids.sorted("number")[0], len(standard.version_ids)
        self.assertEqual(first.changes_text, "The first version")
        self.assertIn("First Reminder", first.rules_html)
        self.wait()
        self.env.ref("collection_strategy.rule_standard_first").days_from = 4
        self.night()
        newest = standard.version_ids.sorted("number")[-1]
        self.assertEqual(newest.number, used + 1)
        self.assertEqual(newest.changes_text, "Changed: First Reminder")
