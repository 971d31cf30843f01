# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The screens in a browser."""

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged

from .common import RecurringCommon


@tagged("post_install", "-at_install")
class TestTours(RecurringCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        new_test_user(
            cls.env,
            "billing_desk",
            password="billing_desk",
            groups="payment_charge.group_charge_operator",
            company_id=cls.company.id,
            company_ids=[fields.Command.set(cls.company.ids)],
        )

    def test_a_run_from_the_preview_to_the_go_ahead(self):
        self.card("done")
        first = self.recurring(100, date_start=self.today)
        second = self.recurring(50, date_start=self.today, partner_id=self.other_customer.id)
        self.start_tour("/odoo/recurring-runs", "recurring_document_run", login="billing_desk")
        self.env.ref("recurring_document.cron_run").sudo().method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(first.period_ids.state, "generated")
        self.assertTrue(second.period_ids.left_out)

    def test_a_new_one_is_entered_and_started(self):
        self.start_tour("/odoo/recurring-documents", "recurring_document_new", login="billing_desk")
        document = self.Document.search([("partner_id", "=", self.customer.id)])
        self.assertEqual(document.state, "running")
        self.assertEqual(document.line_ids.price_unit, 80)

    def test_resuming_with_a_preview(self):
        start = fields.Date.subtract(self.today, months=3)
        document = self.recurring(100, date_start=start, charge=False)
        self.pause(document)
        self.start_tour(
            "/odoo/recurring-documents", "recurring_document_resume", login="billing_desk"
        )
        self.env.invalidate_all()
        states = self.rows(document).mapped("state")
        self.assertEqual(states, ["skipped"] * 3 + ["planned"])
