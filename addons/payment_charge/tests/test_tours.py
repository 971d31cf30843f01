# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The screens in a browser."""

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged

from .common import ChargeCommon


@tagged("post_install", "-at_install")
class TestTours(ChargeCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        new_test_user(
            cls.env,
            "front_desk",
            password="front_desk",
            groups="payment_charge.group_charge_operator",
            company_id=cls.company.id,
            company_ids=[fields.Command.set(cls.company.ids)],
        )

    def test_charging_at_the_front_desk(self):
        self.card("done")
        due, later = self.invoice_of(100, due=-3), self.invoice_of(70, due=20)
        self.start_tour("/odoo/charge", "payment_charge_screen", login="front_desk")
        self.assertEqual(self.asked(), 1)
        self.env.invalidate_all()
        self.assertEqual((due | later).mapped("amount_residual"), [0, 0])

    def test_what_failed_is_tried_again(self):
        self.card("call_issuer", "done")
        invoice = self.invoice_of(100)
        self.charge(invoice)
        self.start_tour("/odoo/failed-charges", "payment_charge_failed", login="front_desk")
        self.env.invalidate_all()
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(self.asked(), 2)

    def test_a_batch_from_the_preview_to_the_go_ahead(self):
        self.card("done")
        invoice = self.invoice_of(100)
        self.start_tour("/odoo/charge-batches", "payment_charge_batch", login="front_desk")
        self.run_cron("cron_submit")
        self.assertEqual(invoice.amount_residual, 0)
