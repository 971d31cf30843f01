# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import Command
from odoo.tests import new_test_user

OPERATIONS = {"r": "read", "c": "create", "w": "write", "u": "unlink"}


class TableOfRights:
    """What each role may do with each model of an add-on.

    To be mixed into tests: they say ``rights``, a table of models and roles whose cells are
    r(ead), c(reate), w(rite), u(nlink), or - for nothing.
    """

    rights = ""
    groups = {
        "operator": "payment_charge.group_charge_operator",
        "manager": "payment_charge.group_charge_manager",
        "auditor": "payment_charge.group_charge_auditor",
        "invoicing": "account.group_account_invoice",
        "internal": "base.group_user",
        "portal": "base.group_portal",
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            role: new_test_user(
                cls.env,
                f"access_{role}",
                groups=group,
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            for role, group in cls.groups.items()
        }

    def test_what_each_role_may_do(self):
        head, *rows = [row.split() for row in self.rights.strip().splitlines()]
        for model, *cells in rows:
            for role, allowed in zip(head[1:], cells, strict=True):
                for letter, operation in OPERATIONS.items():
                    with self.subTest(model=model, role=role, operation=operation):
                        self.assertEqual(
                            self.env[model].with_user(self.users[role]).has_access(operation),
                            letter in allowed,
                        )
