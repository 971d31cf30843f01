# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""Who may do what: roles and companies, in a table."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import RecurringCommon

ROLES = {
    "operator": "payment_charge.group_charge_operator",
    "manager": "payment_charge.group_charge_manager",
    "auditor": "payment_charge.group_charge_auditor",
    "billing": "account.group_account_invoice",
    "internal": "base.group_user",
    "portal": "base.group_portal",
}
# model: who reads, who writes and creates
MODELS = {
    "recurring.document": ("operator manager auditor billing", "operator manager"),
    "recurring.document.line": ("operator manager auditor billing", "operator manager"),
    "recurring.price": ("operator manager auditor billing", "operator manager"),
    "recurring.period": ("operator manager auditor billing", ""),
    "recurring.transition": ("operator manager auditor billing", ""),
    "recurring.run": ("operator manager auditor billing", "operator manager"),
    "recurring.run.line": ("operator manager auditor billing", "operator manager"),
    "recurring.template": ("operator manager auditor billing", "manager"),
    "recurring.template.line": ("operator manager auditor billing", "manager"),
    "recurring.index": ("operator manager auditor billing", "manager"),
    "recurring.index.value": ("operator manager auditor billing", "manager"),
    "recurring.pause": ("operator manager", "operator manager"),
    "recurring.resume": ("operator manager", "operator manager"),
    "recurring.stop": ("operator manager", "operator manager"),
    "recurring.apply": ("operator manager", "operator manager"),
}


@tagged("post_install", "-at_install")
class TestAccess(RecurringCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            role: new_test_user(
                cls.env,
                f"recurring_{role}",
                groups=group,
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            for role, group in ROLES.items()
        }

    def test_the_table_of_roles(self):
        for model, (readers, writers) in MODELS.items():
            for role, user in self.users.items():
                records = self.env[model].with_user(user)
                with self.subTest(model=model, role=role):
                    self.assertEqual(records.has_access("read"), role in readers.split())
                    for right in ("write", "create"):
                        self.assertEqual(records.has_access(right), role in writers.split())

    def test_an_operator_does_the_whole_work(self):
        """From the recurring document to what was charged, without any accounting role."""
        self.card("done")
        self.day("2027-01-01")
        operator = self.users["operator"]
        document = self.Document.with_user(operator).create({
            "partner_id": self.customer.id,
            "date_start": "2027-01-01",
            "send_when": "never",
            "line_ids": [self.line_of("Service", 40)],
        })
        document.action_start()
        run = self.Run.with_user(operator).create({"until": "2027-01-01"})
        run.action_fill()
        run.action_confirm()
        self.run_job("cron_run")
        self.carry_out_charges()
        document = document.with_user(operator)
        self.assertEqual(document.period_ids.result, "paid")
        self.assertEqual(document.period_ids.move_id.amount_total, 40)
        self.assertTrue(document.way_text and document.last_result)
        self.assertEqual(run.generated_count, 1)
        wizard = (
            self
            .env["recurring.pause"]
            .with_user(operator)
            .create({
                "document_ids": document.ids,
                "reason": "Away",
            })
        )
        wizard.action_pause()
        self.day("2027-03-01")
        wizard = (
            self
            .env["recurring.resume"]
            .with_user(operator)
            .create({
                "document_ids": document.ids,
                "how": "all",
            })
        )
        self.assertEqual(len(wizard.line_ids), 2)
        wizard.action_resume()
        self.run_job("cron_run")
        self.assertEqual(len(document.period_ids), 3)

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_who_only_reads_does_nothing(self):
        self.day("2027-01-01")
        document = self.recurring(charge=False)
        document._plan_periods(self.day("2027-01-01"))
        for role in ("auditor", "billing", "internal", "portal"):
            user = self.users[role]
            own = document.with_user(user)
            steps = [
                own.action_pause,
                own.action_stop,
                own.action_release,
                own.action_start,
                own.action_what_comes,
                own.sudo().period_ids.with_user(user).action_skip,
                own.sudo().period_ids.with_user(user).action_bill,
            ]
            for step in steps:
                with self.assertRaises(AccessError, msg=f"{role} {step}"):
                    step()

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_nobody_writes_periods_by_hand(self):
        self.day("2027-01-01")
        document = self.recurring(charge=False)
        self.bill()
        for role in ("operator", "manager"):
            row = document.period_ids.with_user(self.users[role])
            for vals in ({"state": "skipped"}, {"move_id": False}, {"attempt_id": False}):
                with self.assertRaises(AccessError):
                    row.write(vals)
            with self.assertRaises(AccessError):
                row.unlink()

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_companies_are_apart(self):
        other = self.setup_other_company()["company"]
        there = self.Document.with_context(allowed_company_ids=other.ids).create({
            "company_id": other.id,
            "partner_id": self.customer.id,
            "date_start": "2027-01-01",
            "charge": False,
            "line_ids": [self.line_of("There", 70)],
        })
        there.action_start()
        self.day("2027-01-01")
        there._plan_periods(self.day("2027-01-01"))
        for role in ("operator", "manager", "auditor", "billing"):
            user = self.users[role]
            for model in (
                "recurring.document",
                "recurring.document.line",
                "recurring.period",
                "recurring.transition",
            ):
                found = self.env[model].with_user(user).search([])
                self.assertLessEqual(found.company_id, self.company, f"{role} {model}")
            with self.assertRaises(AccessError):
                there.with_user(user).read(["name"])
        self.assertEqual(self.customer.with_user(self.users["operator"]).recurring_count, 0)
