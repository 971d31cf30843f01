# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Who may do what: accounting roles, portal users, others, and other companies."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import RequestCommon

ROLES = {
    "billing": "account.group_account_invoice",
    "manager": "account.group_account_manager",
    "auditor": "account.group_account_readonly",
    "internal": "base.group_user",
    "portal": "base.group_portal",
}


@tagged("post_install", "-at_install")
class TestAccess(RequestCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            role: new_test_user(
                cls.env,
                f"request_{role}",
                groups=group,
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            for role, group in ROLES.items()
        }
        cls.users["portal"].partner_id.parent_id = cls.customer
        cls.document = cls.request()
        cls.draft = cls.request(sent=False)
        cls.others = cls.request(partner_id=cls.partner_b.id)
        cls.other_company = cls.setup_other_company()["company"]
        cls.abroad = (
            cls
            .env["payment.request"]
            .with_context(allowed_company_ids=cls.other_company.ids)
            .create({
                "company_id": cls.other_company.id,
                "partner_id": cls.customer.id,
                "line_ids": [Command.create({"name": "Abroad", "price_unit": 10})],
            })
        )
        cls.abroad.action_confirm()
        cls.pay(cls.others, 10.0)

    def seen(self, role, model="payment.request"):
        return self.env[model].with_user(self.users[role]).search([])

    def test_billing_does_the_work(self):
        for role in ("billing", "manager"):
            user = self.users[role]
            request = (
                self
                .env["payment.request"]
                .with_user(user)
                .create({
                    "partner_id": self.customer.id,
                    "line_ids": [Command.create({"name": "Work", "price_unit": 100})],
                })
            )
            request.action_confirm()
            wizard = (
                self
                .env["payment.request.pay"]
                .with_user(user)
                .create({
                    "request_id": request.id,
                })
            )
            wizard.action_register()
            self.assertEqual(request.state, "paid")
            self.assertEqual(request.invoice_ids.with_user(user).payment_state, "paid")
            request.payment_ids.action_take_back()
            take_back = (
                self
                .env["payment.request.take.back"]
                .with_user(user)
                .create({
                    "row_id": request.payment_ids.id,
                })
            )
            take_back.action_take_back()
            self.assertEqual(request.state, "sent")
            self.assertEqual(len(request.transition_ids), 3)

    def test_nobody_writes_payments_and_history_by_hand(self):
        for role in ("billing", "manager"):
            row = self.others.payment_ids.with_user(self.users[role])
            history = self.others.transition_ids.with_user(self.users[role])[:1]
            self.assertTrue(row.applied_amount and history.to_state)
            for record, vals in ((row, {"applied_amount": 1}), (history, {"reason": "x"})):
                with self.assertRaises(AccessError):
                    record.write(vals)
                with self.assertRaises(AccessError):
                    record.unlink()
                with self.assertRaises(AccessError):
                    record.copy()

    def test_an_auditor_reads_all_and_changes_nothing(self):
        user = self.users["auditor"]
        self.assertLessEqual(self.document | self.draft | self.others, self.seen("auditor"))
        request = self.document.with_user(user)
        self.assertEqual(request.amount_total, 1170.0)
        self.assertTrue(self.others.with_user(user).payment_ids.invoice_id)
        for step in (request.action_cancel, request.action_draft, request.action_send):
            with self.assertRaises(AccessError):
                step()
        with self.assertRaises(AccessError):
            request.write({"note": "x"})
        with self.assertRaises(AccessError):
            self.env["payment.request.pay"].with_user(user).create({"request_id": request.id})

    def test_others_inside_see_nothing(self):
        for model in (
            "payment.request",
            "payment.request.line",
            "payment.request.payment",
            "payment.request.transition",
        ):
            with self.assertRaises(AccessError):
                self.seen("internal", model)
        self.assertFalse(
            self.env["payment.request"].with_user(self.users["internal"]).has_access("read")
        )

    def test_a_portal_user_sees_ones_own_company_only(self):
        self.assertEqual(self.seen("portal"), self.document)
        self.assertEqual(self.seen("portal", "payment.request.line"), self.document.line_ids)
        request = self.document.with_user(self.users["portal"])
        self.assertEqual(request.amount_total, 1170.0)
        for vals in ({"note": "x"}, {"state": "paid"}):
            with self.assertRaises(AccessError):
                request.write(vals)
        for step in (request.action_confirm, request.action_cancel, request.action_book_again):
            with self.assertRaises(AccessError):
                step()
        for hidden in (self.others, self.draft, self.abroad):
            with self.assertRaises(AccessError):
                hidden.with_user(self.users["portal"]).read(["name"])
        for model in ("payment.request.payment", "payment.request.transition"):
            with self.assertRaises(AccessError):
                self.seen("portal", model)

    def test_companies_are_apart(self):
        for role in ("billing", "manager", "auditor"):
            for model in ("payment.request", "payment.request.line", "payment.request.transition"):
                companies = self.seen(role, model).company_id
                self.assertEqual(companies, self.company, f"{role} {model}")
            with self.assertRaises(AccessError):
                self.abroad.with_user(self.users[role]).read(["name"])
