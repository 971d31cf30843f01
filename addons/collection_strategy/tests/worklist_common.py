# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import Command

from odoo.addons.collection.tests.common_access import AccessCommon


class WorklistCommon(AccessCommon):
    """The people and customers of the access tests, with work to do."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Action = cls.env["collection.action"]
        # what the shipped strategies have planned is not what these stories tell
        cls.Action.sudo().search([]).unlink()
        cls.env["collection.strategy"].search([]).action_archive()
        cls.script = cls.env["collection.script"].create({
            "name": "Second call",
            "minutes": 7,
            "body": "<p>Good day {person}, this is {user}. {customer} owes us {amount}, "
            "{days} days late.</p>",
        })
        cls.maria = cls.env["res.partner"].create({
            "name": "Maria Pappa",
            "parent_id": cls.customer.id,
            "email": "maria@aegean.example.com",
            "phone": "+30 210 7654321",
        })
        cls.customer.phone = "+30 210 1234567"
        cls.profile().payment_contact_id = cls.maria
        cls.own_case.payment_contact_id = cls.maria

    @classmethod
    def planned(cls, partner=None, kind="call", case=None, items=None, **vals):
        """Return an action as the run plans it."""
        partner = partner or cls.customer
        profile = cls.env["collection.profile"].sudo().search([("partner_id", "=", partner.id)])
        case = profile.open_case_ids[:1] if case is None else case
        return (
            cls
            .env["collection.action"]
            .sudo()
            .create({
                "profile_id": profile.id,
                "case_id": case.id,
                "kind": kind,
                "source": "rule",
                "planned_for": cls.today,
                "reason": "10 days late",
                "score": 40,
                "minutes": 7,
                "script_id": cls.script.id if kind == "call" else False,
                "action_item_ids": [
                    Command.create({"item_id": item.id})
                    for item in items or profile.item_ids.filtered(lambda i: i.state == "open")
                ],
                **vals,
            })
            .with_env(cls.env)
        )

    def worklist(self, role="debt_manager", **kwargs):
        """Return the page of the worklist that the user of a role sees."""
        return self.as_user(self.env["collection.worklist"], role).get_worklist(**kwargs)

    def listed(self, role="debt_manager", **kwargs):
        """Return the actions on the worklist of the user of a role, in order."""
        rows = self.worklist(role, **kwargs)["rows"]
        return self.Action.browse([row["id"] for row in rows])

    def run_button(self, action, name, role="debt_manager"):
        """Press a button beside a row."""
        return self.as_user(self.env["collection.worklist"], role).run(action.id, name)

    def dialog(self, action, role="debt_manager"):
        """Return the wizard that an action opens, with what it fills in by itself."""
        model = self.env[action["res_model"]].with_context(**action.get("context", {}))
        return self.as_user_with(model, role)

    def as_user_with(self, model, role):
        """As :meth:`as_user`, keeping the context of the action."""
        context = model.env.context
        own = self.as_user(model, role)
        return own.with_context(**{**context, **own.env.context})

    def incoming(self, partner=None, **vals):
        """Return an unread mail of a customer, or of somebody whom nobody knows."""
        profile = self.profile(partner) if partner else self.env["collection.profile"]
        return (
            self
            .env["collection.incoming"]
            .sudo()
            .create({
                "company_id": self.company.id,
                "profile_id": profile.id,
                "case_id": profile.open_case_ids[:1].id,
                "person_id": self.maria.id if partner else False,
                "email_from": "Maria Pappa <maria@aegean.example.com>",
                "subject": "About your invoice",
                "kind": "mail" if partner else "unknown",
                **vals,
            })
            .with_env(self.env)
        )

    def message(self, state="possibly_sent", **vals):
        """Return a message of which nobody knows what became of it."""
        profile = self.profile()
        message = (
            self
            .env["collection.message"]
            .sudo()
            ._plan([
                {
                    "profile_id": profile.id,
                    "case_id": profile.open_case_ids[:1].id,
                    "subject": "Reminder",
                    "body": "<p>Please pay</p>",
                    "own_text": True,
                    "person_id": self.maria.id,
                    **vals,
                }
            ])
        )
        message._set_state("sending")
        message._set_state(state)
        return message.with_env(self.env)
