# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import Command
from odoo.tests import Form, new_test_user
from odoo.tools.safe_eval import safe_eval

from .common import CollectionCommon


class WizardCommon(CollectionCommon):
    """People of every role, and a way to open a dialog as its button does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann = cls.person("ann", "collection.group_debt_manager")
        cls.bob = cls.person("bob", "collection.group_debt_manager")
        cls.leader = cls.person("leader", "collection.group_team_leader")
        cls.bookkeeper = cls.person("bookkeeper", "collection.group_accountant")
        cls.team = cls.env["collection.team"].create({
            "name": "North",
            "leader_id": cls.leader.id,
            "member_ids": [Command.set([cls.ann.id, cls.bob.id])],
        })
        cls.at_once()

    @classmethod
    def person(cls, login, groups):
        return new_test_user(
            cls.env,
            login=f"collection_{login}",
            name=login.capitalize(),
            groups=groups,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def open(self, xmlid, records=None, user=None, **context):
        """Return the dialog that a button on ``records`` opens."""
        action = self.env["ir.actions.act_window"]._for_xml_id(f"collection.{xmlid}")
        env = self.env(user=user) if user else self.env
        # a browser's request begins with an empty cache
        env.invalidate_all()
        opened = safe_eval(action["context"] or "{}") | context
        if records:
            opened |= {"active_model": records._name, "active_ids": records.ids}
            if len(records) == 1:
                opened["active_id"] = records.id
        return Form(env[action["res_model"]].with_context(**opened))

    def case_of(self, amount=1000.0, partner=None, user=None, due=-10):
        """Return the case that an overdue invoice opened, given to a debt manager."""
        partner = partner or self.customer
        self.invoice(partner, amount=amount, due=due)
        case = self.cases(partner)[:1]
        if user:
            case.write({"debt_manager_id": user.id, "team_id": self.team.id})
            case.profile_id.write({"debt_manager_id": user.id, "team_id": self.team.id})
            self.at_once()
        return case

    def do(self, dialog, method):
        """Press a button of the dialog and return the action it answers with."""
        record = dialog.save()
        action = getattr(record, method)()
        self.at_once()
        return action
