# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Extension of terms: asked for, decided within limits, and then the due date everywhere."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from odoo.addons.collection.tests.common_access import AccessCommon

from .message_common import MessageCommon


class ExtensionCommon(AccessCommon, MessageCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.item = cls.own_invoice.collection_item_ids
        cls.company.sudo().write({
            "collection_extension_days_debt_manager": 0,
            "collection_extension_amount_debt_manager": 0,
            "collection_extension_days_team_leader": 30,
            "collection_extension_amount_team_leader": 2000,
            "collection_extension_days_collection_manager": 90,
            "collection_extension_amount_collection_manager": 5000,
            "collection_extension_days_credit_manager": 365,
            "collection_extension_amount_credit_manager": 100000,
        })

    def ask(self, items=None, role="debt_manager", until=10, days=None, **vals):
        """Ask for more time as a user would, and return the request."""
        items = self.as_user(self.item if items is None else items, role)
        extension = items.env["collection.extension"]._request(
            items,
            new_date=None if days else self.days(until),
            days=days,
            reason=vals.pop("reason", "Waits for a payment of their own"),
            **vals,
        )
        self.env.invalidate_all()
        return extension.with_env(self.env)

    def decide(self, extension, action="approve", role="team_leader", note=None):
        own = self.as_user(extension, role)
        if note:
            own.decision_note = note
        getattr(own, f"action_{action}")()
        self.at_once()
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestExtension(ExtensionCommon):
    # ------------------------------------------------------------
    # THE NEW DATE RULES
    # ------------------------------------------------------------

    def test_an_approved_extension_rules_everywhere(self):
        profile, case = self.profile(), self.own_case
        self.assertEqual((self.item.days_late, profile.amount_overdue), (10, 1000.0))
        extension = self.ask(case=case)
        self.assertEqual(extension.state, "requested")
        self.assertEqual(self.item.days_late, 10, "nothing changes before the decision")
        self.decide(extension)
        self.assertEqual(extension.state, "approved")
        self.assertEqual(extension.decided_by, self.users["team_leader"])
        self.assertTrue(extension.decided_on)
        self.assertEqual(self.item.date_due, self.days(10))
        self.assertEqual(self.item.days_late, -10)
        self.assertEqual(self.item.amount_to_collect, 0)
        self.assertEqual((profile.amount_overdue, profile.amount_to_collect), (0, 0))
        self.assertEqual(profile.days_late, 0)
        self.assertEqual((case.days_late, case.amount_to_collect), (0, 0))
        money = profile.get_customer_screen(["money"])["data"]["money"]
        aged = {bucket["key"]: bucket["amount"] for bucket in money["ageing"]}
        self.assertEqual((aged["current"], aged["1_30"]), (1000.0, 0))
        [section] = profile._statements("open_item")[profile].sections
        self.assertEqual(section.overdue, 0)
        self.assertEqual(section.lines[0].row.due, self.days(10))

    def test_it_stays_so_after_the_night(self):
        self.decide(self.ask())
        self.run_cycle()
        self.assertEqual(self.item.date_due, self.days(10))
        self.assertEqual(self.profile().amount_overdue, 0)

    def test_no_case_opens_for_it(self):
        move = self.invoice(self.customer, amount=300.0, due=0)
        item = move.collection_item_ids
        self.decide(self.ask(item, until=20))
        self.own_case._remove_items(self.item)
        self.run_cycle(self.customer)
        self.assertFalse(item.case_id)

    def test_a_planned_reminder_does_not_speak_of_it(self):
        other = self.invoice(self.customer, amount=70.0, due=-5)
        message = self.plan(self.item | other.collection_item_ids)
        self.decide(self.ask())
        [mail] = self.send()
        self.assertNotIn(self.own_invoice.name, mail["body"])
        self.assertIn(other.name, mail["body"])
        self.assertEqual(message.item_ids, other.collection_item_ids)
        self.assertEqual(message.gate_log_ids.code, "extended")

    def test_a_reminder_about_nothing_else_is_stopped(self):
        message = self.plan(self.item)
        self.decide(self.ask())
        self.assertFalse(self.send())
        self.assertEqual(message.state, "stopped")
        self.assertIn("extended until", message.error)

    def test_a_reminder_before_the_new_date_may_speak_of_it(self):
        message = self.plan(self.item, kind="upcoming")
        self.decide(self.ask())
        self.send()
        self.assertEqual(message.state, "sent")

    def test_instalments_are_extended_one_by_one_or_together(self):
        move = self.invoice(self.customer, amount=1000.0, due=-20, terms=self.pay_terms_b)
        first, second = move.collection_item_ids.sorted("date_due")
        before = second.date_due
        self.decide(self.ask(first, until=4))
        self.assertEqual((first.date_due, second.date_due), (self.days(4), before))
        later = max(before, self.today)
        self.decide(self.ask(first | second, days=7), role="manager")
        self.assertEqual(first.date_due, self.days(11))
        self.assertEqual((second.date_due - later).days, 7)
        self.assertEqual((first.date_maturity, first.granted_date), (self.days(-20), self.days(11)))

    def test_days_count_from_today_where_the_date_has_passed(self):
        extension = self.ask(days=14)
        self.assertEqual(extension.new_date, self.days(14))
        self.assertEqual(extension.days, 24)

    # ------------------------------------------------------------
    # WHO DECIDES
    # ------------------------------------------------------------

    def test_the_leader_of_the_team_gets_what_is_within_their_limit(self):
        extension = self.ask()
        self.assertEqual((extension.days, extension.amount), (20, 1000.0))
        self.assertEqual(extension.role_needed, "team_leader")
        self.assertEqual(extension.activity_ids.user_id, self.users["team_leader"])
        self.decide(extension)
        self.assertFalse(extension.activity_ids)

    def test_beyond_the_limit_the_next_role_decides(self):
        extension = self.ask(until=50)
        self.assertEqual(extension.role_needed, "collection_manager")
        self.assertTrue(
            extension.activity_ids.user_id.has_group("collection.group_collection_manager")
        )
        with self.assertRaisesRegex(AccessError, "Collection Manager"):
            self.decide(extension)
        self.assertEqual(extension.state, "requested")
        self.decide(extension, role="manager")
        self.assertEqual(extension.state, "approved")

    def test_the_amount_counts_as_the_days_do(self):
        move = self.invoice(self.customer, amount=20000.0, due=-3)
        extension = self.ask(move.collection_item_ids, until=3)
        self.assertEqual(extension.role_needed, "credit_manager")
        for role in ("debt_manager", "team_leader", "manager"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.decide(extension, role=role)
        self.decide(extension, role="credit_manager")
        self.assertEqual(extension.state, "approved")

    def test_several_small_extensions_count_together(self):
        self.decide(self.ask(until=15))
        extension = self.ask(until=40)
        self.assertEqual(extension.days, 50)
        self.assertEqual(extension.role_needed, "collection_manager")

    def test_what_nobody_may_grant_is_not_asked_for(self):
        with self.assertRaisesRegex(UserError, "Nobody may grant"):
            self.ask(until=1000)
        self.assertFalse(self.env["collection.extension"].search([]))

    def test_zero_means_that_the_role_may_not(self):
        self.company.sudo().collection_extension_amount_team_leader = 0
        extension = self.ask()
        self.assertEqual(extension.role_needed, "collection_manager")
        with self.assertRaises(AccessError):
            self.decide(extension)

    def test_a_debt_manager_with_a_limit_grants_it_at_once(self):
        self.company.sudo().write({
            "collection_extension_days_debt_manager": 30,
            "collection_extension_amount_debt_manager": 1500,
        })
        form = self.dialog("debt_manager")
        self.assertTrue(form.may_grant)
        wizard = form.save()
        wizard.action_grant()
        self.at_once()
        extension = self.env["collection.extension"].search([])
        self.assertEqual(
            (extension.state, extension.decided_by), ("approved", self.users["debt_manager"])
        )
        self.assertEqual(self.item.granted_date, self.days(10))

    def test_the_limits_are_asked_for_again_on_the_decision(self):
        extension = self.ask()
        self.company.sudo().collection_extension_days_team_leader = 5
        with self.assertRaises(AccessError):
            self.decide(extension)
        self.assertFalse(self.item.granted_date)

    def test_somebody_elses_customer_is_not_decided_on(self):
        item = self.other_invoice.collection_item_ids
        extension = self.ask(item, role="accountant", until=5)
        with self.assertRaises(AccessError):
            self.decide(extension, role="team_leader")
        with self.assertRaises(AccessError):
            self.ask(item, role="debt_manager")

    # ------------------------------------------------------------
    # OTHER ENDS
    # ------------------------------------------------------------

    def test_a_refused_one_changes_nothing_and_says_why(self):
        extension = self.ask()
        with self.assertRaisesRegex(UserError, "why it is refused"):
            self.decide(extension, "refuse")
        self.decide(extension, "refuse", note="The third time this year")
        self.assertEqual(extension.state, "refused")
        self.assertFalse(self.item.granted_date)
        self.assertEqual(self.item.days_late, 10)
        told = (
            self
            .env["mail.message"]
            .sudo()
            .search([
                ("model", "=", "collection.extension"),
                ("res_id", "=", extension.id),
                ("partner_ids", "in", self.users["debt_manager"].partner_id.ids),
            ])
        )
        self.assertIn("third time", str(told.mapped("body")))

    def test_a_cancelled_one_changes_nothing(self):
        extension = self.ask()
        self.decide(extension, "cancel", role="debt_manager")
        self.assertEqual(extension.state, "cancelled")
        self.assertFalse(self.own_case.extension_text)
        self.assertFalse(self.item.granted_date)
        self.assertFalse(extension.activity_ids)

    def test_who_did_not_ask_and_may_not_decide_cannot_cancel(self):
        extension = self.ask(role="accountant")
        with self.assertRaises(AccessError):
            self.decide(extension, "cancel", role="debt_manager")

    def test_it_is_decided_once(self):
        extension = self.ask()
        self.decide(extension, "refuse", note="No")
        for action in ("approve", "refuse", "cancel", "revoke"):
            with self.subTest(action=action), self.assertRaises(UserError):
                self.decide(extension, action, role="manager")
        self.assertFalse(self.item.granted_date)

    def test_revoking_gives_the_date_before_back(self):
        self.decide(self.ask(until=5))
        extension = self.ask(until=12)
        self.decide(extension)
        self.assertEqual(self.item.date_due, self.days(12))
        with self.assertRaises(AccessError):
            self.decide(extension, "revoke", role="debt_manager")
        self.decide(extension, "revoke")
        self.assertEqual(extension.state, "revoked")
        self.assertEqual(extension.revoked_by, self.users["team_leader"])
        self.assertEqual(self.item.date_due, self.days(5))

    def test_revoking_leaves_what_was_granted_since(self):
        first = self.ask(until=5)
        self.decide(first)
        self.decide(self.ask(until=12))
        self.decide(first, "revoke")
        self.assertEqual(self.item.date_due, self.days(12))

    def test_a_request_on_a_paid_item_falls_away(self):
        extension = self.ask()
        self.pay(self.own_invoice)
        self.env.invalidate_all()
        self.assertEqual(extension.state, "cancelled")
        self.assertIn("paid", extension.decision_note)
        self.assertFalse(extension.activity_ids)

    def test_of_several_items_the_paid_one_falls_out(self):
        other = self.invoice(self.customer, amount=300.0, due=-4)
        extension = self.ask(self.item | other.collection_item_ids)
        self.assertEqual(extension.amount, 1300.0)
        self.pay(other)
        self.decide(extension)
        self.assertEqual((extension.state, extension.amount), ("approved", 1000.0))
        self.assertFalse(other.collection_item_ids.granted_date)
        self.assertEqual(self.item.granted_date, self.days(10))

    # ------------------------------------------------------------
    # ASKING
    # ------------------------------------------------------------

    def dialog(self, role="debt_manager", record=None, until=10):
        record = self.as_user(record or self.own_case, role)
        action = record.action_ask_extension()
        form = Form(record.env["collection.extension.wizard"].with_context(**action["context"]))
        form.reason = "Waits for a subsidy"
        form.new_date = self.days(until)
        return form

    def test_the_dialog_asks_and_says_who_decides(self):
        form = self.dialog()
        self.assertEqual((form.amount, form.days_asked), (1000.0, 20))
        self.assertEqual(form.role_needed, "team_leader")
        self.assertFalse(form.may_grant)
        answer = form.save().action_ask()
        extension = self.own_case.extension_ids
        self.assertEqual(extension.item_ids, self.item)
        self.assertEqual(extension.reason, "Waits for a subsidy")
        self.assertEqual(extension.requested_by, self.users["debt_manager"])
        self.assertIn("Team Leader", answer["params"]["message"])
        self.env.invalidate_all()
        self.assertIn("Waits for a subsidy", self.own_case.extension_text)

    def test_the_dialog_opens_from_customer_and_items(self):
        for record in (self.own_case.profile_id, self.item):
            with self.subTest(model=record._name):
                self.assertEqual(self.dialog(record=record).save().item_ids, self.item)

    def test_the_dialog_tells_what_cannot_be(self):
        form = self.dialog(until=-20)
        self.assertIn("choose a later day", form.problem)
        with self.assertRaises(UserError):
            form.save().action_ask()

    def test_nobody_asks_twice(self):
        self.ask()
        with self.assertRaisesRegex(UserError, "already"):
            self.ask(until=20)

    def test_a_reason_is_needed(self):
        with self.assertRaisesRegex(UserError, "why"):
            self.ask(reason=" ")

    # ------------------------------------------------------------
    # TO DECIDE ON
    # ------------------------------------------------------------

    def test_earlier_extensions_are_counted_kept_or_not(self):
        kept = self.invoice(self.customer, amount=100.0, due=-2)
        self.decide(self.ask(kept.collection_item_ids, until=3))
        self.pay(kept)
        broken = self.invoice(self.customer, amount=120.0, due=-2)
        promised = self.ask(broken.collection_item_ids, until=3)
        self.decide(promised)
        promised.line_ids.sudo().new_date = self.days(-1)
        extension = self.ask(until=5)
        self.assertEqual(
            (extension.earlier_count, extension.earlier_kept, extension.earlier_broken), (2, 1, 1)
        )

    def test_the_list_to_decide_shows_what_one_may(self):
        small = self.ask()
        large = self.ask(self.other_invoice.collection_item_ids, role="accountant", until=60)
        found = {
            role: self.as_user(self.env["collection.extension"], role).search([
                ("state", "=", "requested"),
                ("may_decide", "=", True),
            ])
            for role in ("debt_manager", "team_leader", "manager", "auditor")
        }
        self.assertFalse(found["debt_manager"])
        self.assertEqual(found["team_leader"].ids, small.ids)
        self.assertEqual(set(found["manager"].ids), {small.id, large.id})
        self.assertFalse(found["auditor"])

    def test_the_customer_screen_tells_of_a_request(self):
        self.ask()
        alerts = self.profile().get_customer_screen(["alerts"])["data"]["alerts"]
        [alert] = [alert for alert in alerts if alert["key"] == "extension"]
        self.assertIn("Waits for a payment", alert["text"])
