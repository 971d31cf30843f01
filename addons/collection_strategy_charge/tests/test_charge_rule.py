# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""A rule charges: once, what it is about, or says why it cannot."""

from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.collection_charge.tests.common import Charging
from odoo.addons.collection_strategy.tests.strategy_common import StrategyCommon


@tagged("post_install", "-at_install")
class TestChargeRule(StrategyCommon, Charging):
    def charges(self, partner=None):
        partner = partner or self.customer
        return self.env["payment.charge.attempt"].search([("partner_id", "=", partner.id)])

    def test_what_a_rule_is_about_is_charged_once(self):
        way = self.card("done")
        self.rule(action="charge")
        late, not_yet = self.invoice(due=-5), self.invoice(due=5)
        self.night()
        action = self.actions()
        self.assertEqual(action.state, "done")
        charge = self.charges()
        self.assertEqual((charge.invoice_ids, charge.way_id), (late, way))
        self.assertEqual(charge._charge_source(), action)
        self.run_cron("cron_submit")
        self.assertEqual((late.amount_residual, not_yet.amount_residual), (0, 1000))
        self.night()
        self.assertEqual(self.asked(), 1)

    def test_while_it_is_tried_again_nobody_writes_and_then_somebody_does(self):
        self.card("insufficient_funds")
        self.rule(name="Charge first", action="charge", sequence=1)
        self.rule(name="Then write", action="email", days_from=6)
        self.invoice(due=-5)
        self.night()
        self.run_cron("cron_submit")
        self.at_once()
        self.assertEqual(self.charges().mapped("state"), ["planned", "failed"])
        self.wait(3)
        self.night()
        self.assertFalse(self.messages())
        self.charges().filtered(lambda charge: charge.state == "planned").action_cancel()
        self.at_once()
        self.wait(1)
        self.night()
        self.assertEqual(len(self.messages()), 1)

    def test_what_cannot_be_charged_says_why(self):
        self.rule(action="charge")
        self.invoice(due=-5)
        self.card("done", partner=self.other_customer)
        self.other_customer.with_company(self.company).charge_hold = True
        self.invoice(self.other_customer, due=-5)
        self.night()
        self.assertFalse(self.charges() | self.charges(self.other_customer))
        for partner, words in ((self.customer, "no way"), (self.other_customer, "not charged now")):
            action = self.actions(partner)
            self.assertEqual(action.state, "failed")
            self.assertIn(words, action.close_reason)

    def failed_row(self):
        return self.env["collection.action"].search([
            ("failed_id.partner_id", "=", self.customer.id),
            ("state", "=", "planned"),
        ])

    def detail(self, row):
        return self.env["collection.worklist"].get_detail(row.id)

    def test_a_charge_that_failed_is_work_and_is_tried_again_once_there_is_a_card(self):
        self.rule(action="charge")
        invoice = self.invoice(due=-5)
        self.night()
        row = self.failed_row()
        self.assertEqual(row.kind, "failed_step")
        detail = self.detail(row)
        self.assertEqual(detail["mail"]["kind"], "Charge")
        self.assertIn("no way", detail["mail"]["error"])
        self.assertIn("Ask the customer for a card", detail["mail"]["text"])
        self.assertIn("ways", [button["name"] for button in detail["buttons"]])
        opened = self.env["collection.worklist"].run(row.id, "ways")
        self.assertEqual(opened["res_model"], "payment.charge.way")

        self.card("done")
        self.assertIn("Nothing stands in the way", self.detail(row)["mail"]["text"])
        self.env["collection.worklist"].run(row.id, "try_step")
        self.assertFalse(self.failed_row())
        with self.enter_registry_test_mode():
            self.execute_cron.method_direct_trigger()
        self.assertEqual(self.charges().invoice_ids, invoice)
        self.assertEqual(self.actions().state, "done")

    def test_no_charges_at_the_customer_says_who_can_help(self):
        self.rule(action="charge")
        self.invoice(due=-5)
        self.card("done")
        self.customer.with_company(self.company).charge_hold = True
        self.night()
        self.assertIn("No Charges", self.detail(self.failed_row())["mail"]["text"])

    def test_what_is_being_charged_already_is_nobodys_work(self):
        self.card("done")
        rule = self.rule(action="charge", applies_to="profile")
        invoice = self.invoice(due=-5)
        self.run_cycle()
        self.env["payment.charge.attempt"]._plan([{"invoice_ids": invoice}])
        step = (
            self
            .env["collection.action"]
            .sudo()
            .create({
                "profile_id": self.profile().id,
                "kind": "charge",
                "source": "rule",
                "rule_id": rule.id,
                "planned_for": self.day(),
            })
        )
        step._execute()
        self.assertEqual(step.state, "gone")
        self.assertFalse(self.failed_row())

    def test_the_ways_of_many_customers_are_found_in_one_go(self):
        self.card("done")
        self.card("done", partner=self.other_customer)
        self.rule(action="charge")
        self.invoice(due=-5)
        self.invoice(self.other_customer, due=-5)
        Way = self.env.registry["payment.charge.way"]
        calls = []
        lists_of = Way._lists_of

        def counted(records, partners):
            calls.append(partners)
            return lists_of(records, partners)

        with patch.object(Way, "_lists_of", counted):
            self.night()
        self.assertEqual(len(self.charges() | self.charges(self.other_customer)), 2)
        # once for the chunk; once where all its charges are planned
        self.assertLessEqual(len(calls), 2)

    def test_each_currency_is_a_charge_of_its_own(self):
        currency = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        self.card("done")
        self.rule(action="charge", applies_to="profile")
        own = self.invoice(due=-5)
        foreign = self.invoice(due=-6, currency_id=currency.id)
        self.night()
        self.assertEqual(set(self.charges().mapped("invoice_ids")), {own, foreign})
        self.assertEqual(len(self.charges()), 2)

    def test_work_that_was_undone_and_begun_anew_charges_once(self):
        self.card("done")
        self.rule(action="charge")
        self.invoice(due=-5)
        self.night()
        action = self.actions()
        known = self.charges()
        again = known._plan(action._charge_values(known.invoice_ids))
        self.assertEqual(again, known)

    def test_a_rule_can_ask_for_the_last_charge(self):
        self.card("lost_or_stolen")
        self.rule(
            action="call",
            applies_to="profile",
            domain="[('charge_state', '=', 'failed')]",
            use_days="any",
        )
        self.invoice(self.other_customer, due=-5)
        invoice = self.invoice(due=-5)
        self.env["payment.charge.attempt"]._plan([{"invoice_ids": invoice}])._submit()
        self.at_once()
        self.night()
        self.assertTrue(self.actions(kind="call"))
        self.assertFalse(self.actions(self.other_customer))

    def test_the_simulation_tells_what_would_be_charged(self):
        self.card("done")
        self.rule(action="charge")
        self.invoice(due=-5)
        self.run_cycle()
        wizard = self.env["collection.strategy.simulation"].create({})
        wizard.action_run()
        self.assertIn("charge", wizard.line_ids.mapped("kind"))
        self.assertFalse(self.charges())
