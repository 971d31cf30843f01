# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""A few mails to the demo company: answers, a stranger, a message that came back."""

from datetime import timedelta

from markupsafe import Markup

from odoo import fields

STRANGER = "We have taken over the company. Whom do I talk to about your reminder?"
RETURNED_SUBJECT = "Undelivered Mail Returned to Sender"
RETURNED = "I'm sorry to have to inform you that your message could not be delivered."


def load(company):
    """Write the samples, once, where the demo company has sent messages."""
    env = company.env
    Incoming = env["collection.incoming"].with_company(company)
    sent = env["collection.message"].search(
        [
            ("company_id", "=", company.id),
            ("state", "=", "sent"),
            ("channel", "=", "email"),
            ("case_id", "!=", False),
        ],
        order="id",
        limit=3,
    )
    if len(sent) < 3 or Incoming.search_count([("company_id", "=", company.id)], limit=1):
        return
    first, second, third = sent
    _receive(
        second,
        f"Re: {second.subject}",
        "<p>Hello,</p><p>the invoice was paid last Monday; please look at your account and "
        "confirm.</p><p>Kind regards</p>",
        hours=5,
        reply=True,
    )
    _receive(
        third,
        "Which account?",
        "<p>To which bank account do you want the payment?</p>",
        hours=3,
    )
    _receive(
        first,
        "Automatic reply",
        "<p>I am out of the office until Sunday.</p>",
        hours=130,
        automatic=True,
    )
    row = Incoming.create({
        "company_id": company.id,
        "email_from": "Petros Galanis <petros@new-owner.example.com>",
        "subject": "Your reminder",
        "kind": "unknown",
    })
    message = row.message_post(
        body=STRANGER,
        subject=row.subject,
        message_type="email",
        email_from=row.email_from,
        author_id=False,
        subtype_xmlid="mail.mt_comment",
    )
    Incoming._file(message)
    _come_back(Incoming, sent[-1])


def _receive(message, subject, body, hours, reply=False, automatic=False):
    """Let the person a message was sent to write to us."""
    moment = fields.Datetime.now() - timedelta(hours=hours)
    mail = message.case_id.message_post(
        body=Markup(body),
        subject=subject,
        message_type="email",
        author_id=message.person_id.id,
        email_from=message.person_id.email_formatted,
        subtype_xmlid="mail.mt_comment",
    )
    mail.date = moment
    Incoming = message.env["collection.incoming"]
    Incoming._file(mail, automatic, reply)
    Incoming.search([("message_id", "=", mail.id)]).received_on = moment


def _come_back(Incoming, message):
    """Let a mail server say that a message could not be delivered."""
    reason = "550 5.1.1 The mailbox does not exist"
    mail = message.case_id.message_post(
        body=RETURNED,
        subject=RETURNED_SUBJECT,
        message_type="email",
        author_id=False,
        email_from="MAILER-DAEMON@mail.example.com",
        subtype_xmlid="mail.mt_note",
    )
    message._came_back(reason)
    Incoming.create({
        **Incoming._values_of_message(mail),
        **Incoming._values_of_thread(message.case_id),
        "person_id": message.person_id.id,
        "bounced_email": message.person_id.email_normalized,
        "kind": "bounce",
        "preview": reason,
        "sent_message_id": message.id,
        "temporary": True,
    })
