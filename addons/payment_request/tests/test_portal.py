# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The customer's pages: only one's own, and paid there."""

from odoo import Command
from odoo.tests import JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.payment.tests.http_common import PaymentHttpCommon

from .common import RequestCommon


@tagged("post_install", "-at_install")
class TestPortal(RequestCommon, PaymentHttpCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employee = cls.env["res.partner"].create({
            "name": "Eleni",
            "email": "eleni@aegean.example",
            "parent_id": cls.customer.id,
        })
        cls.buyer = new_test_user(
            cls.env,
            "request_buyer",
            groups="base.group_portal",
            partner_id=cls.employee.id,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.stranger = new_test_user(
            cls.env,
            "request_stranger",
            groups="base.group_portal",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.own = cls.request()
        cls.paid = cls.request(50.0)
        cls.draft = cls.request(60.0, sent=False)
        cls.others = cls.request(70.0, partner_id=cls.partner_b.id)

    def pay_route(self, request, amount, **vals):
        """Do what the payment form does, and return the transaction."""
        values = self.make_jsonrpc_request(
            f"/payment-request/transaction/{request.id}",
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.payment_method_id,
                "token_id": None,
                "amount": amount,
                "flow": "direct",
                "tokenization_requested": False,
                "landing_route": request.access_url,
                "is_validation": False,
                "access_token": request._portal_ensure_token(),
                **vals,
            },
        )
        return self._get_tx(values["reference"])

    def test_the_list_has_ones_own(self):
        self.pay(self.paid)
        self.authenticate("request_buyer", "request_buyer")
        page = self.url_open("/my/payment-requests").text
        self.assertIn(self.own.name, page)
        self.assertIn(self.paid.name, page)
        self.assertNotIn(self.others.name, page)
        self.assertNotIn(f"/my/payment-requests/{self.draft.id}?", page)
        to_pay = self.url_open("/my/payment-requests?filterby=open&sortby=due").text
        self.assertIn(self.own.name, to_pay)
        self.assertNotIn(self.paid.name, to_pay)

    def test_the_home_page_counts_what_is_to_pay(self):
        self.authenticate("request_buyer", "request_buyer")
        counters = self.make_jsonrpc_request(
            "/my/counters",
            {"counters": ["payment_request_count", "payment_request_open_count"]},
        )
        self.assertEqual(counters["payment_request_open_count"], 2)
        self.assertTrue(counters["payment_request_count"])
        self.authenticate("request_stranger", "request_stranger")
        counters = self.make_jsonrpc_request(
            "/my/counters",
            {"counters": ["payment_request_count", "payment_request_open_count"]},
        )
        self.assertEqual(counters["payment_request_open_count"], 0)

    def test_one_request_by_login_or_token(self):
        url = f"/my/payment-requests/{self.own.id}"
        token = self.own._portal_ensure_token()
        # nobody, without or with a wrong token
        for query in ("", "?access_token=wrong"):
            response = self.url_open(url + query)
            self.assertNotIn(self.own.name, response.text)
        self.assertIn(self.own.name, self.url_open(f"{url}?access_token={token}").text)
        self.authenticate("request_buyer", "request_buyer")
        page = self.url_open(url).text
        self.assertIn(self.own.name, page)
        self.assertIn("Pay Now", page)
        self.authenticate("request_stranger", "request_stranger")
        self.assertNotIn(self.own.name, self.url_open(url).text)

    def test_a_draft_is_for_nobody_outside(self):
        token = self.draft._portal_ensure_token()
        for login in (None, "request_buyer"):
            self.authenticate(login, login)
            response = self.url_open(f"/my/payment-requests/{self.draft.id}?access_token={token}")
            self.assertNotIn("o_portal_invoice_sidebar", response.text)

    def test_the_document_itself(self):
        token = self.own._portal_ensure_token()
        url = f"/my/payment-requests/{self.own.id}?access_token={token}"
        html = self.url_open(f"{url}&report_type=html")
        self.assertEqual(html.status_code, 200)
        self.assertIn(self.own.name, html.text)
        self.assertIn("Service 1", html.text)

    def test_paid_in_the_portal(self):
        self.authenticate("request_buyer", "request_buyer")
        with mute_logger("odoo.addons.payment.models.payment_transaction"):
            transaction = self.pay_route(self.own, 1170.0)
        self.assertEqual(transaction.payment_request_id, self.own)
        self.assertEqual(transaction.partner_id, self.employee)
        self.assertTrue(transaction.reference.startswith(self.own.name))
        transaction._set_done()
        self.make_jsonrpc_request("/payment/status/poll", {})
        self.own.invalidate_recordset()
        self.assertEqual(self.own.state, "paid")
        self.assertEqual(self.own.invoice_ids.payment_state, "paid")
        page = self.url_open(self.own.get_portal_url()).text
        self.assertNotIn("Pay Now", page)
        self.assertIn(self.own.invoice_ids.name, page)

    def test_a_part_by_a_signed_link_without_login(self):
        wizard = (
            self
            .env["payment.link.wizard"]
            .with_context(active_id=self.own.id, active_model="payment.request")
            .create({})
        )
        wizard.amount = 400.0
        path = wizard.link.split("/my/", 1)[1]
        page = self.url_open(f"/my/{path}").text
        self.assertIn('data-amount="400.0"', page)
        forged = self.url_open("/my/" + path.replace("amount=400.0", "amount=4.0"))
        self.assertNotIn("o_payment_form", forged.text)
        with mute_logger("odoo.addons.payment.models.payment_transaction"):
            transaction = self.pay_route(self.own, 400.0)
        self.assertEqual(transaction.partner_id, self.customer)
        transaction._set_done()
        transaction._post_process()
        self.assertEqual(self.own.amount_residual, 770.0)

    def test_what_cannot_be_paid(self):
        own, token = self.own, self.own._portal_ensure_token()
        for amount, access_token in ((1170.01, token), (0, token), (-5, token), (10, "wrong")):
            with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
                self.pay_route(own, amount, access_token=access_token)
        with mute_logger("odoo.addons.payment.models.payment_transaction"):
            transaction = self.pay_route(own, 1170.0)
        transaction.provider_id.code = "none"
        own.action_cancel()
        with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
            self.pay_route(own, 1170.0)
        own.action_reopen()
        self.env["ir.config_parameter"].set_param("account_payment.enable_portal_payment", "False")
        with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
            self.pay_route(own, 1170.0)
        self.assertEqual(own.transaction_ids, transaction)
