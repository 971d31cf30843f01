# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The last charge on case and customer screen, and the way to charge."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import CollectionChargeCommon


@tagged("post_install", "-at_install")
class TestScreen(CollectionChargeCommon):
    def picked(self, action):
        screen = self.env["payment.charge.screen"].browse(action["res_id"])
        return screen.line_ids.filtered("picked").move_id

    def test_the_case_shows_why_it_failed_and_what_follows(self):
        self.card("insufficient_funds")
        invoice = self.invoice(amount=1000)
        case = self.cases()
        attempt = self.charge(invoice)
        self.env.invalidate_all()
        self.assertEqual((case.charge_count, case.charge_state), (2, "planned"))
        self.assertEqual(case.charge_reason, attempt.reason_id.name)
        self.assertEqual(case.charge_advice, attempt.advice)
        self.assertIn("Tried Again on", case.charge_next)
        self.next_day()
        self.assertEqual((case.charge_count, case.charge_state), (2, "failed"))
        self.assertEqual(case.charge_amount, 1000)
        listed = self.env["payment.charge.attempt"].search(case.action_open_charges()["domain"])
        self.assertEqual(listed, attempt | attempt.next_ids)

    def test_cases_are_found_by_their_last_charge(self):
        self.card("lost_or_stolen")
        self.charge(self.invoice(amount=1000))
        self.invoice(self.other_customer)
        Case = self.env["collection.case"]
        ours = [("company_id", "=", self.company.id)]
        failed = Case.search([*ours, ("charge_state", "=", "failed")])
        self.assertEqual(failed.partner_id, self.customer)
        never = Case.search([*ours, ("charge_state", "=", False)])
        self.assertEqual(never.partner_id, self.other_customer)
        profiles = self.env["collection.profile"].search([
            *ours,
            ("charge_state", "in", ["failed", "returned"]),
        ])
        self.assertEqual(profiles.partner_id, self.customer)

    def test_what_is_due_is_picked_on_the_charging_screen(self):
        due, later = self.invoice(due=-10), self.invoice(due=20)
        running = self.invoice(due=-15)
        self.charge(running, way_id=self.card("pending").id)
        action = self.profile().action_charge()
        self.assertEqual(self.picked(action), due)
        self.assertNotIn(later, self.picked(action))

    def test_from_a_case_it_is_what_is_in_the_case(self):
        one, other = self.invoice(due=-10), self.invoice(due=-20)
        case = self.cases()
        split = case._split(self.item(other))
        self.assertEqual(self.picked(split.action_charge()), other)
        self.assertEqual(self.picked(case.action_charge()), one)

    def test_several_cases_are_charged_in_a_batch(self):
        own, other = self.invoice(due=-10), self.invoice(self.other_customer, due=-20)
        cases = self.cases() | self.cases(self.other_customer)
        action = cases.action_charge()
        batch = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(batch._name, "payment.charge.batch")
        self.assertEqual(batch.line_ids.move_ids, own | other)
        self.pay(own)
        self.pay(other)
        with self.assertRaises(UserError):
            cases.action_charge()

    def test_one_charge_is_in_one_currency(self):
        currency = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        self.card("done")
        foreign = self.invoice(due=-30, currency_id=currency.id)
        own = self.invoice(due=-10)
        action = self.profile().action_charge()
        self.assertEqual(self.picked(action), own)
        self.charge(own)
        action = self.profile().action_charge()
        self.assertEqual(self.picked(action), foreign)

    def test_the_customer_screen_shows_the_last_charges(self):
        self.card("insufficient_funds")
        invoice = self.invoice(amount=1000)
        data = self.profile().get_customer_screen()["data"]
        self.assertFalse(data["charges"], "nothing was charged yet")
        self.assertTrue(data["header"]["rights"]["charge"])
        attempt = self.charge(invoice)
        data = self.profile().get_customer_screen()["data"]
        retry, first = data["charges"]["charges"]
        self.assertEqual((retry["state"], first["state"]), ("planned", "failed"))
        self.assertEqual(first["reason"], attempt.reason_id.name)
        self.assertEqual(retry["day"], self.days(1))
        self.assertIn("charging", [alert["key"] for alert in data["alerts"]])
        self.next_day()
        data = self.profile().get_customer_screen()["data"]
        [alert] = [alert for alert in data["alerts"] if alert["key"] == "charge"]
        self.assertIn(attempt.reason_id.name, alert["text"])
        self.assertNotIn("charging", [alert["key"] for alert in data["alerts"]])
