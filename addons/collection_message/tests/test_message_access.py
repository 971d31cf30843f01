# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Who may do what with messages, stopped contacts and policies, in two companies."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.collection.tests.common_access import OUTSIDERS, ROLES, AccessCommon, TableOfRights

RIGHTS = """
model                    debt_manager team_leader manager accountant credit_manager auditor
collection.message       rcw/-        rcw/-       rcwu    rcw        rcw            r
collection.incoming      rw/-         rw/-        rwu     rw         rw             r
collection.gate.log      r/-          r/-         r       r          r              r
collection.gate.policy   r            r           rcwu    r          r              r
collection.gate.window   r            r           rcwu    r          r              r
collection.gate.cap      r            r           rcwu    r          r              r
"""
WRITERS = {"debt_manager", "team_leader", "manager", "accountant", "credit_manager"}


@tagged("post_install", "-at_install")
class TestMessageRights(TableOfRights, AccessCommon):
    rights = RIGHTS

    @classmethod
    def records_of(cls, case):
        """Return {model: a record of it} around a case."""
        env = case.sudo().env
        case = case.sudo()
        message = env["collection.message"].create({
            "profile_id": case.profile_id.id,
            "case_id": case.id,
            "person_id": case.partner_id.id,
        })
        policy = env["collection.gate.policy"].create({
            "name": "Once a day",
            "company_id": case.company_id.id,
            "cap_ids": [(0, 0, {"count": 1, "days": 1})],
            "window_ids": [(0, 0, {"weekday": "0", "hour_from": 9, "hour_to": 10})],
        })
        log = env["collection.gate.log"].create({
            "company_id": case.company_id.id,
            "profile_id": case.profile_id.id,
            "channel": "email",
            "code": "hold",
            "reason": "On hold",
        })
        incoming = env["collection.incoming"].create({
            "company_id": case.company_id.id,
            "profile_id": case.profile_id.id,
            "case_id": case.id,
            "subject": "Paid",
        })
        env.flush_all()
        return {
            "collection.message": message,
            "collection.incoming": incoming,
            "collection.gate.log": log,
            "collection.gate.policy": policy,
            "collection.gate.window": policy.window_ids,
            "collection.gate.cap": policy.cap_ids,
        }

    def test_who_may_write(self):
        for role in (*ROLES, *OUTSIDERS, "public"):
            with self.subTest(role=role):
                dialog = self.as_user(self.env["collection.message.compose"], role)
                self.assertEqual(dialog.has_access("create"), role in WRITERS)

    def test_nobody_says_sent_or_automatic_of_their_own(self):
        message = self.own["collection.message"]
        for name, value in (
            ("state", "sent"),
            ("automatic", True),
            ("override_reason", "I want to"),
            ("sent_on", "2026-01-01 00:00:00"),
            ("claim", 5),
            ("user_id", self.colleague.id),
        ):
            for role in ("debt_manager", "manager"):
                with self.subTest(field=name, role=role), self.assertRaises(AccessError):
                    self.as_user(message, role).write({name: value})

    def test_the_screen_of_the_gate_opens_for_every_role(self):
        for role in ROLES:
            with self.subTest(role=role):
                screen = self.as_user(self.own_case.profile_id, role).get_customer_screen(["gate"])
                self.assertEqual(len(screen["data"]["gate"]["channels"]), 4)
                self.assertEqual(screen["data"]["gate"]["may_write"], role in WRITERS)
