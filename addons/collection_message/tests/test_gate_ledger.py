# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The gate on customers, people and the ledger."""

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from ..models.collection_gate import GateRequest
from .message_common import MessageCommon


def wednesday():
    """Return a Wednesday to come, around noon in Athens."""
    today = fields.Datetime.now().replace(hour=9, minute=30, second=0)
    return fields.Datetime.add(today, days=1 + (1 - today.weekday()) % 7)


@tagged("post_install", "-at_install")
class TestGate(MessageCommon):
    def ask(self, channel="email", person=None, items=None, **vals):
        """Return what the gate says now to a contact with the customer."""
        request = GateRequest(
            profile=self.profile(),
            channel=channel,
            person=person or self.maria,
            items=self.profile()._messageable_items() if items is None else items,
            **vals,
        )
        [verdict] = self.Gate._check([request])
        return verdict

    def codes(self, *args, **kwargs):
        return sorted(reason.code for reason in self.ask(*args, **kwargs).reasons)

    def policy(self, **vals):
        return self.env["collection.gate.policy"].create({"name": "House rules", **vals})

    # ------------------------------------------------------------
    # PEOPLE
    # ------------------------------------------------------------

    def test_without_limits_everything_passes(self):
        self.invoice()
        for channel in ("phone", "email", "sms", "letter"):
            with self.subTest(channel=channel):
                self.assertTrue(self.ask(channel).allowed)

    def test_an_opt_out_counts_for_its_channel_and_for_the_people_of_a_company(self):
        self.invoice()
        for channel in ("phone", "email", "sms", "letter"):
            for whose in (self.maria, self.customer):
                with self.subTest(channel=channel, whose=whose.name):
                    whose[f"collection_no_{channel}"] = True
                    self.assertEqual(self.codes(channel), ["opt_out"])
                    others = {"phone", "email", "sms", "letter"} - {channel}
                    self.assertFalse(any(self.codes(other) for other in others))
                    whose[f"collection_no_{channel}"] = False

    def test_an_address_that_is_missing_or_bad_stops(self):
        self.invoice()
        nikos = self.env["res.partner"].create({"name": "Nikos", "is_company": False})
        for channel in ("phone", "email", "sms", "letter"):
            with self.subTest(channel=channel):
                self.assertEqual(self.codes(channel, nikos), ["no_address"])
        self.maria.collection_email_bounced = True
        self.assertEqual(self.codes(), ["bad_address"])
        self.maria.email = "maria.pappa@aegean.example.com"
        self.assertEqual(self.codes(), [])

    def test_the_blacklists_of_the_host_count(self):
        self.invoice()
        self.env["mail.blacklist"]._add("maria@aegean.example.com")
        self.assertEqual(self.codes(), ["opt_out"])
        self.assertEqual(self.codes("phone"), [])

    # ------------------------------------------------------------
    # CUSTOMER AND LEDGER
    # ------------------------------------------------------------

    def test_a_hold_stops_every_contact_and_says_why(self):
        self.invoice()
        self.profile().write({"hold": True, "hold_reason": "Insolvency"})
        verdict = self.ask()
        self.assertEqual(verdict.reasons[0].code, "hold")
        self.assertIn("Insolvency", verdict.text)

    def test_who_does_not_take_part_gets_no_automatic_message(self):
        self.invoice()
        self.profile().participation = "no"
        self.assertEqual(self.codes(automatic=True), ["not_participating"])
        self.assertEqual(self.codes(), [])

    def test_what_is_paid_falls_out_and_nothing_left_stops(self):
        one, two = self.invoice(amount=100.0), self.invoice(amount=200.0)
        items = self.items(one | two)
        self.pay(one)
        verdict = self.ask(items=items)
        self.assertTrue(verdict.allowed)
        self.assertEqual(verdict.items, self.items(two))
        self.assertEqual([reason.code for reason in verdict.dropped], ["paid"])
        self.pay(two)
        self.assertEqual(self.codes(items=items), ["paid", "paid"])

    def test_a_block_names_its_kind(self):
        item = self.items(self.invoice())
        for kind in ("promise", "dispute", "plan", "charge", "cheque", "hold"):
            with self.subTest(kind=kind):
                block = item._block(kind, amount=item.amount_residual)
                self.assertEqual(self.codes(items=item), [kind])
                block.action_lift()
        item._block("dispute", amount=10.0)
        self.assertTrue(self.ask(items=item).allowed, "a part is still to be asked for")

    # ------------------------------------------------------------
    # POLICIES
    # ------------------------------------------------------------

    def test_the_presets_limit_nothing_until_activated(self):
        greece = self.env.ref("collection_message.gate_policy_greece")
        self.assertFalse(greece.active)
        self.assertFalse(self.env.ref("collection_message.gate_policy_reg_f").active)

    def test_the_greek_preset(self):
        greece = self.env.ref("collection_message.gate_policy_greece")
        greece.action_unarchive()
        self.maria.write({"tz": "Europe/Athens", "country_id": self.env.ref("base.gr").id})
        fresh, old = self.items(self.invoice(due=-5)), self.items(self.invoice(due=-40))
        noon = wednesday()
        self.assertEqual(self.codes(items=fresh, when=noon), ["first_days"])
        self.assertEqual(self.codes(items=old, when=noon), [])
        self.assertEqual(
            self.codes(items=old, when=fields.Datetime.add(noon, days=3)), ["quiet_hours"]
        )
        self.log_call(1, "no_answer", now=noon)
        self.assertEqual(self.codes(items=old, when=noon), ["cap"])
        # people elsewhere are not meant
        self.maria.country_id = self.env.ref("base.il")
        self.assertEqual(self.codes(items=old, when=noon), [])

    def test_regulation_f_rests_after_a_conversation(self):
        self.env.ref("collection_message.gate_policy_reg_f").action_unarchive()
        self.maria.write({"tz": "Europe/Athens", "country_id": self.env.ref("base.us").id})
        self.invoice()
        noon = wednesday()
        for outcome in ("no_answer", "left_message", "wrong_number"):
            self.log_call(1, outcome, now=noon)
        self.assertEqual(self.codes("phone", when=noon), [])
        # they called us: a conversation all the same
        self.log_call(3, "other", now=noon, direction="in")
        self.assertEqual(self.codes("phone", when=noon), ["rest"])

    def test_quiet_hours_on_the_clock_of_the_person(self):
        self.invoice()
        self.policy(
            window_ids=[
                Command.create({"weekday": str(day), "hour_from": 9, "hour_to": 20})
                for day in range(5)
            ]
        )
        # 21:00 in Athens, 14:00 in New York
        when = self.utc("2026-07-15 18:00:00")
        self.maria.tz = "Europe/Athens"
        verdict = self.ask(when=when)
        self.assertEqual(verdict.reasons[0].code, "quiet_hours")
        self.assertEqual(verdict.retry_at, self.utc("2026-07-16 06:00:00"))
        self.maria.tz = "America/New_York"
        self.assertTrue(self.ask(when=when).allowed)

    def test_quiet_hours_over_a_clock_change(self):
        self.invoice()
        self.policy(
            window_ids=[
                Command.create({"weekday": str(day), "hour_from": 9, "hour_to": 20})
                for day in range(7)
            ]
        )
        self.maria.tz = "Europe/Athens"
        # the night in which clocks go back: nine o'clock is an hour later in UTC
        self.assertEqual(
            self.ask(when=self.utc("2026-10-23 18:00:00")).retry_at, self.utc("2026-10-24 06:00:00")
        )
        self.assertEqual(
            self.ask(when=self.utc("2026-10-24 18:00:00")).retry_at, self.utc("2026-10-25 07:00:00")
        )

    def test_caps_per_customer_and_per_person(self):
        self.invoice()
        per_customer = self.policy(
            cap_ids=[Command.create({"count": 1, "days": 1, "per": "customer"})]
        )
        self.log_call()
        self.assertEqual(self.codes(person=self.customer), ["cap"])
        per_customer.cap_ids.per = "person"
        self.assertEqual(self.codes(person=self.customer), [])
        self.assertEqual(self.codes(person=self.maria), ["cap"])

    def test_contacts_made_one_after_the_other_count_for_those_behind_them(self):
        self.invoice()
        self.policy(cap_ids=[Command.create({"count": 1, "days": 1})])
        requests = [
            GateRequest(self.profile(), channel, self.maria, self.profile()._messageable_items())
            for channel in ("email", "sms")
        ]
        one, two = self.Gate._check(requests, one_by_one=True)
        self.assertTrue(one.allowed)
        self.assertEqual(two.reasons[0].code, "cap")
        # asking only makes no contact
        self.assertTrue(all(verdict.allowed for verdict in self.Gate._check(requests)))

    def test_a_policy_of_another_company_does_not_count(self):
        self.invoice()
        other = self.env["res.company"].create({"name": "Elsewhere"})
        policy = self.policy(company_id=other.id, cap_ids=[Command.create({"count": 1, "days": 1})])
        self.log_call()
        self.assertEqual(self.codes(), [])
        policy.company_id = self.company
        self.assertEqual(self.codes(), ["cap"])

    def test_a_policy_limits_something(self):
        with self.assertRaises(ValidationError):
            self.policy()

    # ------------------------------------------------------------
    # OVERRIDING
    # ------------------------------------------------------------

    def check_as(self, group, reason):
        user = new_test_user(self.env, f"gate_{group}", groups=f"collection.{group}")
        self.profile().debt_manager_id = user
        request = GateRequest(
            self.profile(), "email", self.maria, self.profile()._messageable_items()
        )
        gate = self.Gate.with_user(user)
        [verdict] = gate._check([request], override_reason=reason)
        gate._log([verdict])
        return verdict

    def test_a_team_leader_overrides_with_a_reason_that_is_kept(self):
        self.invoice()
        self.profile().write({"hold": True, "hold_reason": "New contract"})
        verdict = self.check_as("group_team_leader", "She asked for the amount on the phone")
        self.assertTrue(verdict.allowed)
        log = self.env["collection.gate.log"].search([("profile_id", "=", self.profile().id)])
        self.assertEqual(log.code, "hold")
        self.assertEqual(log.override_reason, "She asked for the amount on the phone")
        self.assertEqual(log.user_id.login, "gate_group_team_leader")

    def test_a_debt_manager_may_not_override(self):
        self.invoice()
        self.profile().hold = True
        with self.assertRaises(AccessError):
            self.check_as("group_debt_manager", "I want to")

    def test_an_override_needs_words(self):
        self.invoice()
        self.profile().hold = True
        with self.assertRaises(UserError):
            self.check_as("group_team_leader", "   ")

    def test_nobody_overrides_a_paid_invoice_or_an_opt_out(self):
        move = self.invoice()
        items = self.items(move)
        self.pay(move)
        request = GateRequest(self.profile(), "email", self.maria, items)
        [verdict] = self.Gate._check([request], override_reason="All the same")
        self.assertFalse(verdict.allowed)
        self.invoice()
        self.maria.collection_no_email = True
        request = GateRequest(
            self.profile(), "email", self.maria, self.profile()._messageable_items()
        )
        [verdict] = self.Gate._check([request], override_reason="All the same")
        self.assertFalse(verdict.allowed)

    def test_the_gate_asks_no_more_for_a_thousand_than_for_ten(self):
        self.invoice()
        self.policy(cap_ids=[Command.create({"count": 100, "days": 7})])
        request = GateRequest(
            self.profile(), "email", self.maria, self.profile()._messageable_items()
        )
        self.Gate._check([request])

        def queries(count):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Gate._check([request] * count)
            return self.env.cr.sql_log_count - before

        self.assertEqual(queries(10), queries(1000))

    def test_changing_an_address_does_not_need_a_role(self):
        self.maria.collection_email_bounced = True
        user = new_test_user(
            self.env, "address_user", groups="base.group_user,base.group_partner_manager"
        )
        self.maria.with_user(user).email = "maria.p@aegean.example.com"
        self.assertFalse(self.maria.collection_email_bounced)
