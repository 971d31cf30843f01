# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What a person does in the browser."""

from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .common import RequestCommon


@tagged("post_install", "-at_install", "collection_browser")
class TestTours(RequestCommon, HttpCase):
    def test_asked_for_and_paid_in_part(self):
        self.company.account_sale_tax_id = self.vat
        new_test_user(
            self.env,
            "tour_billing",
            groups="account.group_account_invoice,base.group_partner_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.start_tour("/odoo/payment-requests", "payment_request_work", login="tour_billing")
        request = self.env["payment.request"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(request.kind, "request")
        self.assertEqual(request.amount_total, 468.0)
        self.assertEqual(request.amount_residual, 318.0)
        self.assertEqual(request.invoice_ids.amount_total, 150.0)

    def test_the_customer_opens_the_payment_form(self):
        buyer = new_test_user(
            self.env,
            "tour_buyer",
            groups="base.group_portal",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        buyer.partner_id.parent_id = self.customer
        request = self.request()
        self.start_tour("/my/payment-requests", "payment_request_portal", login="tour_buyer")
        self.assertTrue(request._has_to_be_paid())
