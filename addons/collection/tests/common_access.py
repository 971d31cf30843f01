# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import Command
from odoo.tests import new_test_user

from .common import CollectionCommon

ROLES = {
    "debt_manager": "collection.group_debt_manager",
    "team_leader": "collection.group_team_leader",
    "manager": "collection.group_collection_manager",
    "accountant": "collection.group_accountant",
    "credit_manager": "collection.group_credit_manager",
    "auditor": "collection.group_auditor",
}
OUTSIDERS = {
    "internal": "base.group_user",
    "invoicing": "account.group_account_invoice",
    "portal": "base.group_portal",
}


class AccessCommon(CollectionCommon):
    """Two companies, three customers, and one user of every role.

    In the company at hand the debt manager works ``customer`` in a team that the team leader
    leads; a colleague works ``other_customer`` in a team of somebody else. The third customer is
    one of another company, which none of the users may see.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            role: cls.person(f"access_{role}", groups)
            for role, groups in {**ROLES, **OUTSIDERS}.items()
        }
        cls.users["public"] = cls.quick_ref("base.public_user")
        cls.colleague = cls.person("access_colleague", ROLES["debt_manager"])
        Team = cls.env["collection.team"]
        cls.top = Team.create({"name": "Receivables", "company_id": cls.company.id})
        cls.team = Team.create({
            "name": "Harbour",
            "company_id": cls.company.id,
            "parent_id": cls.top.id,
            "leader_id": cls.users["team_leader"].id,
            "member_ids": [Command.set(cls.users["debt_manager"].ids)],
        })
        cls.other_team = Team.create({
            "name": "Hills",
            "company_id": cls.company.id,
            "parent_id": cls.top.id,
            "member_ids": [Command.set(cls.colleague.ids)],
        })
        cls.customer.collection_debt_manager_id = cls.users["debt_manager"]
        cls.customer.collection_team_id = cls.team
        cls.other_customer.collection_debt_manager_id = cls.colleague
        cls.other_customer.collection_team_id = cls.other_team
        cls.own_invoice = cls.invoice(cls.customer, amount=1000.0)
        cls.other_invoice = cls.invoice(cls.other_customer, amount=500.0)

        cls.foreign_company = cls.setup_other_company(name="Rival Ltd")["company"]
        cls.foreign_company.sudo().write({"collection_tz": "UTC", "collection_live": True})
        cls.stranger = new_test_user(
            cls.env,
            "access_stranger",
            groups=ROLES["manager"],
            company_id=cls.foreign_company.id,
            company_ids=[Command.set(cls.foreign_company.ids)],
        )
        cls.foreign_customer = cls.env["res.partner"].create({
            "name": "Rival's Customer",
            "is_company": True,
            "company_id": cls.foreign_company.id,
        })
        cls.foreign_invoice = cls.in_company(cls.foreign_company).invoice(cls.foreign_customer)
        cls.own_case = cls.case_of(cls.customer)
        cls.other_case = cls.case_of(cls.other_customer)
        cls.foreign_case = cls.case_of(cls.foreign_customer)

    @classmethod
    def person(cls, login, groups):
        """Return a user of the company at hand, and of no other."""
        return new_test_user(
            cls.env,
            login,
            groups=groups,
            name=login.removeprefix("access_").replace("_", " ").title(),
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def in_company(cls, company):
        """Return these helpers working in another company."""
        return type(
            f"{cls.__name__}Elsewhere",
            (cls,),
            {
                "env": cls.env(context={**cls.env.context, "allowed_company_ids": company.ids}),
            },
        )

    @classmethod
    def case_of(cls, partner):
        """Return the customer's case, whoever may see it."""
        case = cls.env["collection.case"].sudo().search([("partner_id", "=", partner.id)])
        case.ensure_one()
        return case

    def as_user(self, record, role):
        """Return the record as the user of a role sees it, in the user's own companies.

        :param role: the name of a role, or a user
        """
        user = (self.users[role] if isinstance(role, str) else role).sudo()
        self.env.flush_all()
        self.env.invalidate_all()
        companies = user.company_ids.ids
        return record.with_user(user.id).with_context(allowed_company_ids=companies)

    def sees(self, role, record):
        """Return whether the user of a role finds the record and may read it."""
        own = self.as_user(record, role)
        if not own.browse().has_access("read"):
            return False
        found = bool(own.search([("id", "in", own.ids)]))
        self.assertEqual(found, own.has_access("read"))
        return found
