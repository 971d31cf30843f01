# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Who sees what a customer pays for by standing order, and who may open it."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.collection.tests.common_access import ROLES, AccessCommon

from .common import Standing

OPERATOR = "payment_charge.group_charge_operator"


@tagged("post_install", "-at_install")
class TestAccess(AccessCommon, Standing):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        both = f"{ROLES['debt_manager']},{OPERATOR}"
        cls.users["collector_who_charges"] = cls.person("access_both", both)
        cls.users["operator"] = cls.person("access_operator", OPERATOR)
        cls.own_case.profile_id.debt_manager_id = cls.users["debt_manager"]

    def setUp(self):
        super().setUp()
        self.card("expired_card", payment_details="4242")
        self.document = self.refused()
        self.other = self.recurring()

    def panel(self, role):
        profile = self.as_user(self.own_case.profile_id, role)
        data = profile.get_customer_screen(["recurring", "alerts"])["data"]
        alerts = [one for one in data["alerts"] if one["key"].startswith("recurring")]
        return data["recurring"], alerts

    def test_whoever_sees_the_customer_sees_what_it_pays_for(self):
        for role in ROLES:
            with self.subTest(role):
                panel, [alert] = self.panel(role)
                failed, running = panel["documents"]
                self.assertEqual(failed["last"]["label"], "Not Collected")
                self.assertEqual((failed["state"], running["state"]), ("paused", "running"))
                self.assertTrue(running["way"] or running["hindrance"])
                self.assertIn("Data line", alert["title"])

    def test_opening_one_needs_a_role_that_reads_it(self):
        for role in ROLES:
            with self.subTest(role):
                panel, [alert] = self.panel(role)
                may = self.sees(role, self.document)
                self.assertEqual(panel["may_open"], may)
                self.assertEqual("action" in alert, may)
        self.assertFalse(self.sees("debt_manager", self.document))
        with self.assertRaises(AccessError):
            self.as_user(self.document, "debt_manager").read(["title"])

    def test_a_collector_who_charges_opens_it(self):
        self.own_case.profile_id.debt_manager_id = self.users["collector_who_charges"]
        panel, [alert] = self.panel("collector_who_charges")
        self.assertTrue(panel["may_open"])
        self.assertEqual(alert["action"]["res_id"], self.document.id)

    def test_charging_alone_opens_no_customer_screen(self):
        with self.assertRaises(AccessError):
            self.panel("operator")

    def test_another_company_sees_nothing(self):
        self.assertFalse(self.sees(self.stranger, self.document))
        with self.assertRaises(AccessError):
            self.panel(self.stranger)
