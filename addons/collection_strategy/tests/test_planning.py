# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What the night plans, and what vanishes when its reason has gone."""

from odoo.tests import tagged

from .strategy_common import StrategyCommon


@tagged("post_install", "-at_install")
class TestPlanning(StrategyCommon):
    def test_a_late_invoice_is_planned_with_its_reason(self):
        rule = self.rule(
            name="First call", action="call", reason="{days} days late, {count} item(s)"
        )
        move = self.invoice(amount=1200, due=-12)
        self.night()
        action = self.planned()
        self.assertEqual(len(action), 1)
        self.assertEqual(
            (action.kind, action.rule_id, action.rule_name), ("call", rule, "First call")
        )
        self.assertEqual(action.reason, "12 days late, 1 item(s)")
        self.assertEqual(action.reason_text, "12 days late, 1 item(s)")
        self.assertEqual(action.item_ids, self.items(move))
        self.assertEqual(action.planned_for, self.today)
        self.assertEqual(action.case_id, self.cases())
        self.assertEqual(action.version_id.strategy_id, self.strategy)
        self.assertEqual(action.company_id, self.company)

    def test_every_item_has_its_own_due_date(self):
        self.rule(name="Friendly", action="call", use_days="range", days_from=1, days_to=9)
        self.rule(name="Firm", action="escalate", use_days="from", days_from=10)
        young, old = self.invoice(due=-2), self.invoice(due=-30)
        self.night()
        self.assertEqual(self.planned(kind="call").item_ids, self.items(young))
        self.assertEqual(self.planned(kind="escalate").item_ids, self.items(old))

    def test_one_message_for_all_items_with_the_text_of_the_highest_priority(self):
        first = self.rule(name="First", use_days="range", days_from=1, days_to=9, priority=10)
        last = self.rule(name="Last", days_from=10, priority=40)
        young, old = self.invoice(due=-2), self.invoice(due=-30)
        self.night()
        action = self.planned()
        self.assertEqual(len(action), 1)
        self.assertEqual(action.rule_id, last)
        self.assertEqual(action.item_ids, self.items(young | old))
        by_item = {link.item_id: link.rule_id or action.rule_id for link in action.action_item_ids}
        self.assertEqual(by_item, {self.items(young): first, self.items(old): last})
        message = self.messages()
        self.assertEqual(len(message), 1)
        self.assertEqual(message.item_ids, self.items(young | old))
        self.assertEqual(message.kind, "overdue")

    def test_one_upcoming_and_one_overdue_message_a_day(self):
        self.rule(use_days="range", days_from=-5, days_to=60)
        upcoming, overdue = self.invoice(due=3), self.invoice(due=-3)
        self.night()
        self.night()
        self.plan_now()
        messages = self.messages()
        self.assertEqual(sorted(messages.mapped("kind")), ["overdue", "upcoming"])
        by_kind = {message.kind: message.item_ids for message in messages}
        self.assertEqual(by_kind["upcoming"], self.items(upcoming))
        self.assertEqual(by_kind["overdue"], self.items(overdue))

    def test_once_means_once(self):
        self.rule(action="call")
        self.invoice(due=-5)
        self.night()
        self.planned()._done("spoke to them")
        for _night in range(3):
            self.wait(10)
            self.night()
        self.assertEqual(len(self.actions()), 1)

    def test_a_repeated_rule_waits_its_days_and_ends_at_its_limit(self):
        self.rule(action="call", repeat_days=7, repeat_limit=2)
        self.invoice(due=-5)
        self.night()
        self.planned()._done("nobody there")
        self.wait(6)
        self.night()
        self.assertFalse(self.planned(), "the seven days are not over")
        self.wait(1)
        self.night()
        self.assertEqual(len(self.planned()), 1)
        self.planned()._done("nobody there")
        self.wait(30)
        self.night()
        self.assertFalse(self.planned(), "twice at most")

    def test_what_waits_is_not_planned_twice_and_takes_new_items_in(self):
        self.rule(action="call", repeat_days=3)
        first = self.invoice(due=-5)
        self.night()
        self.wait(5)
        second = self.invoice(due=-2)
        self.night()
        action = self.planned()
        self.assertEqual(len(action), 1)
        self.assertEqual(action.item_ids, self.items(first | second))

    def test_a_payment_takes_the_action_away_in_the_same_transaction(self):
        self.rule(action="call")
        move = self.invoice(due=-5)
        self.night()
        action = self.planned()
        self.pay(move)
        self.assertEqual(action.state, "gone")
        self.assertEqual(action.close_reason, "Nothing of it is open any more.")
        self.assertEqual(action.transition_ids.mapped("to_state"), ["gone"])

    def test_a_paid_item_leaves_an_action_that_goes_on(self):
        self.rule(action="call")
        paid, left = self.invoice(due=-5), self.invoice(due=-6)
        self.night()
        action = self.planned()
        self.pay(paid)
        self.assertEqual(action.state, "planned")
        self.assertEqual(action.item_ids, self.items(left))

    def test_a_payment_plans_nothing(self):
        self.rule(action="call")
        paid = self.invoice(due=-5)
        self.invoice(due=-6)
        self.pay(paid)
        self.assertFalse(self.actions())

    def test_blocked_held_and_kept_out_vanish_and_come_back(self):
        self.rule(action="call")
        move = self.invoice(due=-5)
        item, profile = self.items(move), self.profile()
        self.night()
        block = item._block("promise", until=self.day(5), reason="on Friday")
        self.at_once()
        self.assertFalse(self.planned())
        self.assertEqual(
            self.actions().close_reason, "It is promised, disputed or blocked otherwise."
        )
        self.night()
        self.assertFalse(self.planned())
        block.action_lift()
        self.night()
        self.assertEqual(len(self.planned()), 1, "what has gone was never done")
        profile.write({"hold": True, "hold_reason": "in talks"})
        self.at_once()
        self.assertEqual(self.actions()[-1].close_reason, "The customer is on hold.")
        self.night()
        self.assertFalse(self.planned())
        profile.hold = False
        item._keep_out(self.day(3), "asked for by sales")
        self.night()
        self.assertFalse(self.planned())
        self.wait(4)
        self.night()
        self.assertEqual(len(self.planned()), 1)

    def test_who_does_not_take_part_is_left_alone(self):
        self.rule(action="call")
        self.points()
        self.invoice(due=-5)
        self.profile().participation = "no"
        self.night()
        self.assertFalse(self.actions())
        self.assertFalse(self.profile().strategy_id)
        self.assertEqual(self.profile().score, 0)

    def test_nothing_is_planned_before_the_start_page_is_confirmed(self):
        self.rule(action="call")
        self.points(7, use_days="from", days_from=1)
        self.invoice(due=-5)
        self.company.collection_live = False
        self.night()
        self.assertFalse(self.actions())
        self.assertEqual(self.profile().score, 7)
        self.company.collection_live = True
        self.night()
        self.assertEqual(len(self.planned()), 1)

    def test_an_archived_rule_takes_its_actions_along_but_not_what_was_put_off(self):
        rule = self.rule(action="call")
        self.invoice(due=-5)
        other = self.invoice(self.other_customer, due=-5)
        self.night()
        put_off = self.planned(self.other_customer)
        put_off._resubmit(self.day(3), "call back on Thursday")
        rule.active = False
        self.night()
        self.assertEqual(self.actions().state, "gone")
        self.assertEqual(self.actions().close_reason, "The rule is not used any more.")
        self.assertEqual(put_off.state, "planned")
        self.pay(other)
        self.assertEqual(put_off.state, "gone", "what is paid is not called about")

    def test_a_closed_case_takes_its_actions_along(self):
        self.rule(action="call")
        self.invoice(due=-5)
        self.night()
        self.cases()._close("uncollectable", "bankrupt", keep_out_until=self.day(400))
        self.at_once()
        self.assertEqual(self.actions().state, "gone")
        self.assertEqual(self.actions().close_reason, "The case is closed.")
        self.night()
        self.assertFalse(self.planned())

    def test_a_call_is_not_off_because_it_was_not_made_in_time(self):
        self.rule(action="call", use_days="range", days_from=5, days_to=7)
        self.invoice(due=-5)
        self.night()
        self.wait(10)
        self.night()
        self.assertEqual(len(self.planned()), 1)

    def test_a_contact_takes_away_what_was_planned_because_there_was_none(self):
        self.rule(action="call", applies_to="profile", use_days="any", no_contact_days=14)
        self.invoice(due=-5)
        self.night()
        self.assertEqual(len(self.planned()), 1)
        self.log_call()
        self.run_cycle(self.customer)
        self.assertEqual(
            self.actions().close_reason, "The conditions of the rule are no longer met."
        )

    def test_a_rule_is_used_within_its_days_only(self):
        self.rule(action="call", valid_from=self.day(2), valid_to=self.day(4))
        self.invoice(due=-5)
        self.night()
        self.assertFalse(self.actions())
        self.wait(5)
        self.night()
        self.assertFalse(self.actions())
        self.rule(action="escalate", valid_from=self.day(0), valid_to=self.day(0))
        self.night()
        self.assertEqual(self.planned().kind, "escalate")

    def test_versions_keep_what_a_run_went_by(self):
        rule = self.rule(action="call", name="Call")
        self.invoice(due=-5)
        self.night()
        old = self.planned()
        self.wait(1)
        self.night()
        self.assertEqual(self.strategy.version_ids.mapped("number"), [1], "nothing was changed")
        rule.write({"name": "Call at once", "days_from": 2})
        self.invoice(self.other_customer, due=-5)
        self.night()
        self.assertEqual(sorted(self.strategy.version_ids.mapped("number")), [1, 2])
        self.assertEqual((old.version_id.number, old.rule_name), (1, "Call"))
        new = self.planned(self.other_customer)
        self.assertEqual((new.version_id.number, new.rule_name), (2, "Call at once"))
        [told] = old.version_id.definition["rules"]
        self.assertEqual((told["name"], told["days_from"]), ("Call", 1))

    def test_two_companies_each_by_its_own_strategy(self):
        other = self.setup_other_company()["company"]
        other.write({"collection_live": True, "collection_tz": "UTC"})
        self.rule(action="call")
        self.invoice(due=-5)
        elsewhere = self.strategy.with_company(other).create({
            "name": "Theirs",
            "code": "theirs",
            "company_id": other.id,
            "rule_ids": [
                (0, 0, {"name": "Up", "action": "escalate", "use_days": "from", "days_from": 1})
            ],
        })
        move = (
            self
            .env["account.move"]
            .with_company(other)
            .create({
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": self.days(-5),
                "invoice_date_due": self.days(-5),
                "invoice_payment_term_id": False,
                "company_id": other.id,
                "invoice_line_ids": [
                    (0, 0, {"name": "Service", "price_unit": 10, "tax_ids": False})
                ],
            })
        )
        move.action_post()
        self.at_once()
        profiles = self.env["collection.profile"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(len(profiles), 2)
        profiles.action_plan_now()
        found = {action.company_id: action.kind for action in self.planned()}
        self.assertEqual(found, {self.company: "call", other: "escalate"})
        self.assertEqual(
            {profile.company_id: profile.strategy_id for profile in profiles},
            {self.company: self.strategy, other: elsewhere},
        )
