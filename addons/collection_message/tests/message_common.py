# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from contextlib import contextmanager
from unittest.mock import patch

from odoo import fields
from odoo.tools import mute_logger

from odoo.addons.collection.tests.common import CollectionCommon
from odoo.addons.mail.tests.common import MailCase


class MessageCommon(CollectionCommon, MailCase):
    """A customer with people who can be written to, and a mail server that can fail."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.email = "collections@company.example.com"
        cls.customer.write({
            "email": "office@aegean.example.com",
            "phone": "+30 210 1234567",
            "street": "Akti Miaouli 1",
            "city": "Piraeus",
        })
        cls.other_customer.email = "office@carmel.example.com"
        cls.maria = cls.env["res.partner"].create({
            "name": "Maria Pappa",
            "parent_id": cls.customer.id,
            "email": "maria@aegean.example.com",
            "phone": "+30 210 7654321",
        })
        cls.Message = cls.env["collection.message"]
        cls.Gate = cls.env["collection.gate"]

    @classmethod
    def plan(cls, items=None, **vals):
        """Return a planned message about the customer's items."""
        profile = (items and items.profile_id) or cls.profile()
        # rules plan as the superuser
        messages = cls.Message.sudo()._plan([
            {
                "profile_id": profile.id,
                "template_id": cls.env.ref("collection_message.mail_template_second").id,
                "attach_statement": False,
                "kind": "overdue",
                "item_ids": [(6, 0, (items or profile._messageable_items()).ids)],
                "user_id": cls.env.uid,
                **vals,
            }
        ])
        return messages.sudo(False)

    @staticmethod
    def utc(text):
        """Return a moment as the database keeps it."""
        return fields.Datetime.to_datetime(text)

    @classmethod
    def items(cls, moves):
        """Return the items of documents."""
        return moves.collection_item_ids

    def send(self):
        """Let the cron send what is planned for now; return the mails that left."""
        self.env.flush_all()
        with self.mock_mail_gateway(), self.mock_mail_app():
            self.Message.sudo()._cron_send()
            mails = list(self._mails)
        self.env.invalidate_all()
        return mails

    @contextmanager
    def broken_server(self, error):
        """Have the mail server answer with an error."""

        def refuse(*_args, **_kwargs):
            raise error

        with (
            self.mock_mail_gateway(),
            patch.object(type(self.env["ir.mail_server"]), "send_email", refuse),
            mute_logger("odoo.addons.mail.models.mail_mail"),
        ):
            yield

    def log_call(self, days_ago=0, outcome=None, now=None, **vals):
        """Record a call with the customer some days ago."""
        return self.env["collection.contact.log"].create({
            "profile_id": self.profile().id,
            "contact_id": self.maria.id,
            "channel": "phone",
            "date": fields.Datetime.subtract(now or fields.Datetime.now(), days=days_ago),
            "outcome_id": outcome and self.env.ref(f"collection.outcome_{outcome}").id,
            **vals,
        })
