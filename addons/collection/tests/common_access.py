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
OPERATIONS = (("r", "read"), ("c", "create"), ("w", "write"), ("u", "unlink"))
OUTSIDERS = {
    "internal": "base.group_user",
    "invoicing": "account.group_account_invoice",
    "portal": "base.group_portal",
}


def read_table(text):
    """Return {(model, role): (rights on own records, rights on others')} of a table.

    A cell says what a role may do with records of its own customers / with those of others:
    r(ead), c(reate), w(rite), u(nlink), - for nothing; one entry where it makes no difference.
    "Own" are a debt manager's customers, a team leader's team, and what one did oneself.
    """
    header, *rows = [line.split() for line in text.strip().splitlines()]
    rights = {}
    for model, *cells in rows:
        for role, cell in zip(header[1:], cells, strict=True):
            own, _slash, others = cell.partition("/")
            rights[model, role] = tuple(
                part.strip("-") for part in (own, others if _slash else own)
            )
    return rights


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

    def rights_on(self, record, role):
        """Return the letters of what the user of a role may do with a record."""
        record.ensure_one()
        own = self.as_user(record, role)
        letters = "".join(letter for letter, name in OPERATIONS if own.has_access(name))
        if own.browse().has_access("read"):
            found = own.search([("id", "=", own.id)])
            self.assertEqual(bool(found), "r" in letters, "Search and read disagree")
        return letters


class TableOfRights:
    """Every role, every model of an add-on, every operation, on real records of two companies.

    To be mixed into tests: they say ``rights``, a table as in :func:`read_table`, and
    ``records_of``, which returns {model: a record of it} around a case.
    """

    rights = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = cls.records_of(cls.own_case)
        cls.others = cls.records_of(cls.other_case)
        cls.foreign = cls.records_of(cls.foreign_case)

    def test_roles_on_own_records_and_those_of_others(self):
        for (model, role), (on_own, on_others) in read_table(self.rights).items():
            with self.subTest(model=model, role=role, whose="own"):
                self.assertEqual(self.rights_on(self.own[model], role), on_own)
            with self.subTest(model=model, role=role, whose="others'"):
                self.assertEqual(self.rights_on(self.others[model], role), on_others)

    def test_nobody_sees_another_company(self):
        for model, record in self.foreign.items():
            for role in ROLES:
                with self.subTest(model=model, role=role):
                    self.assertEqual(self.rights_on(record, role), "")
            with self.subTest(model=model, role="manager of the other company"):
                self.assertIn("r", self.rights_on(record, self.stranger))
                self.assertEqual(self.rights_on(self.own[model], self.stranger), "")

    def test_people_without_a_role_see_nothing(self):
        for role in (*OUTSIDERS, "public"):
            for model, record in self.own.items():
                with self.subTest(model=model, role=role):
                    self.assertEqual(self.rights_on(record, role), "")
