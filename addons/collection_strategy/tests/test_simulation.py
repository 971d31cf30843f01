# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The simulation says what a run would do, with texts and stops, and does nothing."""

from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged

from ..wizards import collection_strategy_simulation
from .strategy_common import StrategyCommon

# what a simulation must leave as it is
TABLES = (
    "collection_action",
    "collection_action_item",
    "collection_case",
    "collection_contact_log",
    "collection_gate_log",
    "collection_message",
    "collection_strategy_version",
    "mail_activity",
    "mail_mail",
    "mail_message",
    "sms_sms",
)


@tagged("post_install", "-at_install")
class TestSimulation(StrategyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("el_GR")
        cls.standard = cls.env.ref("collection_strategy.strategy_standard")
        cls.late = cls.invoice(amount=1500, due=-5)
        cls.later = cls.invoice(cls.other_customer, amount=700, due=-25)
        cls.run_cycle(cls.customer, cls.other_customer)
        cls.Simulation = cls.env["collection.strategy.simulation"]

    def simulate(self, user=None, **vals):
        """Return a simulation as somebody makes it on the screen."""
        simulation = self.Simulation.with_user(user or self.env.user).create({
            "company_id": self.company.id,
            **vals,
        })
        simulation.action_run()
        return simulation

    def counts(self):
        """Return how many rows there are, and how often rows were written."""
        self.env.flush_all()
        found = {}
        for table in (*TABLES, "collection_profile", "res_partner"):
            self.env.cr.execute(
                f'SELECT count(*), max(write_date), max(xmin::text::bigint) FROM "{table}"'
                if table not in ("collection_action_item",)
                else f'SELECT count(*) FROM "{table}"'
            )
            found[table] = self.env.cr.fetchone()
        return found

    def line_of(self, simulation, partner, kind):
        return simulation.line_ids.filtered(
            lambda line: line.partner_id == partner and line.kind == kind
        )

    def test_tonight_is_told_and_nothing_is_done(self):
        before = self.counts()
        simulation = self.simulate(strategy_id=self.standard.id)
        self.assertEqual(self.counts(), before)
        first = self.line_of(simulation, self.customer, "email")
        self.assertEqual(first.rule_id, self.env.ref("collection_strategy.rule_standard_first"))
        self.assertEqual((first.amount, first.days, first.reason), (1500, 5, "5 days late"))
        self.assertIn(self.late.name, first.items)
        self.assertIn(self.late.name, first.body)
        self.assertIn("payment reminder", first.subject)
        self.assertTrue(first.allowed)
        call = self.line_of(simulation, self.other_customer, "call")
        self.assertEqual(call.script_id, self.env.ref("collection_strategy.script_first_call"))
        self.assertEqual(simulation.total, len(simulation.line_ids))
        self.assertEqual(simulation.customers, 2)
        self.assertEqual(
            {row.kind: row.count for row in simulation.kind_ids}, {"email": 2, "call": 1}
        )
        self.assertIn(first.rule_id, simulation.rule_ids.rule_id)
        # and tonight does what was told
        self.profile().strategy_override_id = self.standard
        self.profile(self.other_customer).strategy_override_id = self.standard
        self.night()
        done = self.actions() | self.actions(self.other_customer)
        self.assertEqual(
            {(action.partner_id, action.kind) for action in done},
            {(line.partner_id, line.kind) for line in simulation.line_ids},
        )

    def test_texts_tell_how_things_stand_on_the_day_simulated(self):
        for days in (0, 10, 40):
            simulation = self.simulate(
                strategy_id=self.ten_days().id,
                business_date=fields.Date.add(self.day(), days=days),
            )
            line = self.line_of(simulation, self.customer, "email")
            self.assertEqual(line.days, 5 + days)
            self.assertEqual(line.subject, f"{5 + days} days late")
            self.assertIn(f">{5 + days}<", line.body, "in the table of items too")
        # and nothing of it stays
        self.assertEqual(self.items(self.late).days_late, 5)

    def ten_days(self):
        """Return the strategy with one rule whose message says how late the customer is."""
        if not self.strategy.rule_ids:
            template = self.template.copy({
                "subject": "{{ object.days_late }} days late",
                "body_html": '<p><t t-out="object.days_late"/></p><t t-out="object.items_html"/>',
            })
            self.rule(template_id=template.id)
        return self.strategy

    def test_no_client_moves_the_day(self):
        moved = self.company.with_context(collection_day="2030-01-01")
        self.assertEqual(moved._collection_today(), self.company._collection_today())

    def test_texts_are_in_the_language_of_the_person(self):
        self.customer.lang = "el_GR"
        self.maria.lang = "el_GR"
        template = self.env.ref("collection_message.mail_template_first")
        template.update_field_translations("subject", {"el_GR": "Υπενθύμιση πληρωμής"})
        simulation = self.simulate(strategy_id=self.standard.id)
        line = self.line_of(simulation, self.customer, "email")
        self.assertEqual((line.lang, line.subject), ("el_GR", "Υπενθύμιση πληρωμής"))

    def test_what_the_gate_would_stop_is_told(self):
        self.other_customer.write({"phone": "+972 4 8123456", "collection_no_email": True})
        before = self.counts()
        simulation = self.simulate(strategy_id=self.standard.id)
        self.assertEqual(self.counts(), before, "not even the gate's log is written")
        line = self.line_of(simulation, self.other_customer, "email")
        self.assertFalse(line.allowed)
        self.assertIn("does not want to be contacted", line.stopped)
        self.assertIn(line, simulation.stopped_line_ids)
        self.assertEqual(simulation.stopped_count, 1)
        self.assertTrue(self.line_of(simulation, self.customer, "email").allowed)

    def test_a_template_that_cannot_be_written_is_told(self):
        self.env.ref("collection_message.mail_template_first").subject = "{{ object.nothing }}"
        simulation = self.simulate(strategy_id=self.standard.id)
        line = self.line_of(simulation, self.customer, "email")
        self.assertIn("nothing", line.error)
        self.assertEqual(simulation.error_count, 1)

    def test_after_the_run_of_today_the_next_one_is_told(self):
        self.profile().strategy_override_id = self.standard
        self.assertEqual(self.simulate().told_date, self.day())
        self.night()
        self.assertEqual(self.simulate().told_date, self.day(1))

    def test_one_customer_from_their_form(self):
        self.profile().strategy_override_id = self.standard
        action = self.profile().action_simulate()
        simulation = self.Simulation.browse(action["res_id"])
        self.assertTrue(simulation.is_done)
        self.assertEqual(simulation.line_ids.partner_id, self.customer)

    def test_a_strategy_from_its_form(self):
        action = self.standard.action_simulate()
        simulation = self.Simulation.browse(action["res_id"])
        self.assertEqual(simulation.strategy_id, self.standard)
        self.assertEqual(simulation.line_ids.strategy_id, self.standard)

    def test_a_large_answer_comes_in_parts(self):
        with patch.object(collection_strategy_simulation, "CHUNK", 1):
            simulation = self.simulate(strategy_id=self.standard.id)
            self.assertEqual((simulation.told, simulation.total), (1, 3))
            self.assertTrue(simulation.truncated)
            simulation.action_tell_more()
            simulation.action_tell_more()
        self.assertEqual(simulation.told, 3)
        self.assertFalse(simulation.truncated)
        self.assertEqual(len(simulation.line_ids), 3)
        self.assertEqual(simulation.told_share, 100)
        scores = simulation.line_ids.mapped("score")
        self.assertEqual(scores, sorted(scores, reverse=True))

    def test_replay_counts_days_and_rules(self):
        before = self.counts()
        simulation = self.simulate(strategy_id=self.standard.id, mode="replay", days=10)
        self.assertEqual(self.counts(), before)
        # the first reminder was due once the invoice was three days late
        first = self.env.ref("collection_strategy.rule_standard_first")
        days = simulation.day_ids.filtered(lambda day: day.rule_id == first)
        self.assertEqual(min(days.mapped("date")), self.day(-2))
        self.assertEqual(simulation.total, sum(simulation.day_ids.mapped("count")))
        self.assertEqual(
            sum(simulation.rule_ids.mapped("count")), sum(simulation.kind_ids.mapped("count"))
        )
        action = simulation.action_open_days()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), simulation.day_ids)
        with self.assertRaises(UserError):
            self.simulate(mode="replay", days=100000)

    def test_again_with_another_question(self):
        simulation = self.simulate(strategy_id=self.standard.id)
        self.assertTrue(simulation.line_ids)
        with Form(simulation) as form:
            form.mode = "replay"
            form.days = 5
        simulation.action_run()
        self.assertFalse(simulation.line_ids)
        self.assertTrue(simulation.day_ids)

    def test_a_debt_manager_is_told_of_their_own_customers(self):
        person = new_test_user(
            self.env,
            "simulating",
            groups="collection.group_debt_manager",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.profile().debt_manager_id = person
        simulation = self.simulate(user=person, strategy_id=self.standard.id)
        self.assertEqual(simulation.line_ids.sudo().partner_id, self.customer)
        self.assertEqual(
            self.line_of(simulation, self.customer, "email").action_open_customer()["tag"],
            self.profile().action_open_customer_screen()["tag"],
        )
