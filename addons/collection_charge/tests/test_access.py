# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Who sees what became of a charge, and who may charge."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.collection.tests.common_access import ROLES, AccessCommon

from .common import Charging

CHARGING = {
    "operator": "payment_charge.group_charge_operator",
    "charging_auditor": "payment_charge.group_charge_auditor",
}


@tagged("post_install", "-at_install")
class TestAccess(AccessCommon, Charging):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for role, group in CHARGING.items():
            cls.users[role] = cls.person(f"access_{role}", group)
        both = f"{ROLES['debt_manager']},{CHARGING['operator']}"
        cls.users["collector_who_charges"] = cls.person("access_both", both)
        cls.own_case.profile_id.debt_manager_id = cls.users["debt_manager"]

    def setUp(self):
        super().setUp()
        self.card("lost_or_stolen", payment_details="4242")
        self.attempt = self.charge(self.own_invoice)
        self.at_once()

    def test_whoever_sees_the_case_sees_why_the_charge_failed(self):
        for role in ROLES:
            with self.subTest(role):
                case = self.as_user(self.own_case, role)
                self.assertEqual(case.charge_state, "failed")
                self.assertEqual(case.charge_reason, self.attempt.reason_id.name)

    def test_whoever_sees_the_case_sees_which_card_it_was_by_its_last_digits(self):
        for role in ROLES:
            with self.subTest(role):
                profile = self.as_user(self.own_case.profile_id, role)
                [charge] = profile._screen_panel_charges()["charges"]
                self.assertIn("4242", charge["way"])
                self.assertIn("4242", self.as_user(self.own_case, role).charge_way)

    def test_the_charge_itself_is_for_the_roles_of_charging(self):
        for role in ROLES:
            with self.subTest(role):
                self.assertFalse(self.sees(role, self.attempt))
                profile = self.as_user(self.own_case.profile_id, role)
                self.assertFalse(profile._screen_panel_charges()["may_open"])
        for role in CHARGING:
            with self.subTest(role):
                self.assertTrue(self.sees(role, self.attempt))

    def test_charging_from_a_case_needs_the_role_of_charging(self):
        for role in ROLES:
            with self.subTest(role), self.assertRaises(AccessError):
                self.as_user(self.own_case, role).action_charge()

    def test_a_collector_who_charges_does_both(self):
        self.own_case.profile_id.debt_manager_id = self.users["collector_who_charges"]
        self.own_case.debt_manager_id = self.users["collector_who_charges"]
        case = self.as_user(self.own_case, "collector_who_charges")
        action = case.action_charge()
        screen = case.env["payment.charge.screen"].browse(action["res_id"])
        self.assertEqual(screen.line_ids.filtered("picked").move_id, self.own_invoice)
        self.assertTrue(case.profile_id._screen_panel_charges()["may_open"])

    def test_charging_alone_opens_no_case(self):
        for role in CHARGING:
            with self.subTest(role):
                self.assertFalse(self.sees(role, self.own_case))

    def test_another_company_sees_nothing(self):
        for record in (self.own_case, self.attempt):
            with self.subTest(record._name):
                self.assertFalse(self.sees(self.stranger, record))
