# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What a customer writes is a contact; what machines write is none."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .incoming_common import IncomingCommon


@tagged("post_install", "-at_install")
class TestIncomingContacts(IncomingCommon):
    def contacts(self, profile=None, **equal):
        """Return the contacts of a customer that came in."""
        domain = [("profile_id", "=", (profile or self.profile()).id), ("direction", "=", "in")]
        return self.env["collection.contact.log"].search(domain)

    def test_a_reply_is_a_contact_at_the_time_of_the_mail(self):
        message, _mail = self.sent()
        row = self.receive(self.reply_to(message, subject="Re: reminder"))
        contact = self.contacts()
        self.assertEqual(contact.received_id, row)
        self.assertEqual((contact.channel, contact.direction), ("email", "in"))
        self.assertEqual((contact.case_id, contact.contact_id), (self.case, self.maria))
        self.assertEqual((contact.user_id, contact.note), (self.nikos, "Re: reminder"))
        self.assertEqual(contact.date, row.message_id.date)
        self.assertEqual(self.case.last_contact_id, contact)

    def test_mail_dated_in_the_future_is_a_contact_of_now(self):
        moment = fields.Datetime.now() + timedelta(days=30)
        self.receive(
            self.mail(
                "maria@aegean.example.com", Date=moment.strftime("%a, %d %b %Y %H:%M:%S +0000")
            )
        )
        self.assertLessEqual(self.contacts().date, fields.Datetime.now())

    def test_what_came_back_is_no_contact(self):
        message, _mail = self.sent()
        row = self.receive(self.bounce_of(message))
        self.assertEqual(row.kind, "bounce")
        self.assertFalse(self.contacts())

    def test_an_out_of_office_note_is_no_contact(self):
        message, _mail = self.sent()
        reply = self.reply_to(message)
        reply["Auto-Submitted"] = "auto-replied"
        row = self.receive(reply)
        self.assertEqual(row.kind, "auto")
        self.assertFalse(self.contacts())

    def test_mail_of_an_unknown_sender_is_a_contact_once_the_customer_is_chosen(self):
        row = self.receive(self.mail("Ari Levi <ari@carmel.example.com>"))
        self.assertFalse(row.contact_log_ids)
        action = row.action_choose_customer()
        wizard = self.env[action["res_model"]].with_context(**action["context"]).create({})
        wizard.action_choose()
        contact = self.contacts(self.profile(self.other_customer))
        self.assertEqual(contact.received_id, row)

    def test_mail_that_moves_to_another_customer_takes_its_contact_along(self):
        row = self.receive(self.mail("maria@aegean.example.com"))
        row._give_to(self.profile(self.other_customer), self.other_case)
        self.assertFalse(self.contacts())
        [contact] = self.contacts(self.profile(self.other_customer))
        self.assertEqual((contact.received_id, contact.case_id), (row, self.other_case))
        self.assertNotEqual(self.case.last_contact_id, contact)

    def test_what_came_in_uses_up_no_limit(self):
        self.env["collection.gate.policy"].search([]).action_archive()
        self.env["collection.gate.policy"].create({
            "name": "One a week",
            "cap_ids": [(0, 0, {"channel": "email", "count": 1, "days": 7})],
        })
        self.receive(self.mail("maria@aegean.example.com"))
        self.assertEqual(len(self.contacts()), 1)
        message, _mail = self.sent()
        self.assertEqual(message.state, "sent")

    def test_the_stream_of_the_customer_shows_the_mail_once(self):
        self.receive(self.mail("maria@aegean.example.com", "About your invoice"))
        self.assertFalse(
            self.env["collection.contact.log"].search(self.profile()._screen_log_domain())
            & self.contacts()
        )

    def test_what_was_sent_or_came_in_cannot_be_redated(self):
        message, _mail = self.sent()
        row = self.receive(self.reply_to(message))
        for contact in (message.contact_log_id, row.contact_log_ids):
            for vals in (
                {"date": "2020-01-01 08:00:00"},
                {"direction": "in"},
                {"channel": "other"},
            ):
                with self.assertRaisesRegex(UserError, "stay as they are"):
                    contact.with_user(self.nikos).write(vals)
        for contact in (message.contact_log_id, self.log_call()):
            with self.assertRaisesRegex(UserError, "by the sending alone"):
                contact.with_user(self.nikos).message_id = False
        message.contact_log_id.with_user(self.nikos).note = "Wrote about the open invoices"
        self.assertTrue(message.contact_log_id.change_ids)
