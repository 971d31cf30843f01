# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from email.message import EmailMessage
from email.utils import make_msgid

from odoo import SUPERUSER_ID, Command
from odoo.tests import new_test_user

from odoo.addons.collection.tests.common_access import ROLES

from .message_common import MessageCommon


class IncomingCommon(MessageCommon):
    """A company with an e-mail domain, and customers who write to it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.domain = cls.env["mail.alias.domain"].create({
            "name": "company.example.com",
            "bounce_alias": "bounce",
            "catchall_alias": "catchall",
        })
        cls.company.alias_domain_id = cls.domain
        cls.alias = cls.company.sudo()._collection_alias_email()
        cls.nikos = cls.person("nikos", "debt_manager")
        cls.dana = cls.person("dana", "debt_manager")
        cls.customer.collection_debt_manager_id = cls.nikos
        cls.other_customer.collection_debt_manager_id = cls.dana
        cls.moves = cls.invoice(amount=1000) | cls.invoice(cls.other_customer, amount=500)
        cls.case = cls.cases()
        cls.other_case = cls.cases(cls.other_customer)
        cls.Incoming = cls.env["collection.incoming"]

    @classmethod
    def person(cls, login, role):
        return new_test_user(
            cls.env,
            f"incoming_{login}",
            groups=ROLES[role],
            name=login.title(),
            email=f"{login}@company.example.com",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def mail(cls, sender, subject="About your invoice", to=None, text="We paid it.", **headers):
        """Return a mail as it stands on the wire, before anybody has taken it."""
        message = EmailMessage()
        message["From"] = sender
        message["To"] = to or cls.alias
        message["Subject"] = subject
        message["Message-Id"] = headers.pop("message_id", None) or make_msgid(domain="mail.test")
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(text)
        return message

    def receive(self, message):
        """Hand a mail to the host's gateway; return the rows it has become."""
        known = self.Incoming.search([])
        self.env.flush_all()
        with self.mock_mail_gateway():
            gateway = self.env["mail.thread"].with_user(SUPERUSER_ID)
            gateway.message_process(False, message.as_bytes())
            self.answers = list(self._mails)
        self.env.invalidate_all()
        return self.Incoming.search([]) - known

    def sent(self, **vals):
        """Send a message to Maria; return it and its mail as it left."""
        vals = {"case_id": self.case.id, "person_id": self.maria.id, **vals}
        message = self.plan(self.items(self.moves[0]), **vals)
        [mail] = self.send()
        self.assertEqual(message.state, "sent")
        return message, mail

    def reply_to(self, message, sender="Maria Pappa <maria@aegean.example.com>", **vals):
        """Return the answer to a message we have sent."""
        answered = message.mail_message_id.message_id
        return self.mail(sender, References=answered, In_Reply_To=answered, **vals)

    def bounce_of(self, message, action="failed", status="5.1.1", **vals):
        """Return what a mail server says about a message it could not deliver."""
        report = self.mail(
            "MAILER-DAEMON@mail.test",
            "Undelivered Mail Returned to Sender",
            to=f"bounce@{self.domain.name}",
            **vals,
        )
        report.clear_content()
        address = message.person_id.email
        body = (
            "--XX\r\nContent-Type: text/plain\r\n\r\nI could not deliver your message.\r\n"
            "--XX\r\nContent-Type: message/delivery-status\r\n\r\n"
            "Reporting-MTA: dns; mail.test\r\n\r\n"
            f"Final-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}\r\n"
            "Diagnostic-Code: smtp; 550 5.1.1 No such mailbox here\r\n\r\n"
            "--XX\r\nContent-Type: text/rfc822-headers\r\n\r\n"
            f"Message-ID: {message.mail_message_id.message_id}\r\nTo: {address}\r\n\r\n--XX--\r\n"
        )
        head = report.as_string().rstrip()
        head += '\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="XX"'
        return _Raw(f"{head}\r\n\r\n{body}")


class _Raw(str):
    __slots__ = ()

    def as_bytes(self):
        return "\r\n".join(self.splitlines()).encode()
