# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models
from odoo.exceptions import UserError
from odoo.tools.mail import email_split_and_format_normalize

# what an outgoing e-mail is built of, as the host names it
BUILT_OF = (
    "email_to",
    "email_cc",
    "reply_to",
    "subject",
    "body",
    "body_alternative",
    "attachments",
    "message_id",
    "references",
    "object_id",
    "headers",
)


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _collection_mark_sent(self):
        """Show mails of messages to customers as sent."""
        self.filtered(lambda mail: mail.state != "sent").write({
            "state": "sent",
            "failure_type": False,
            "failure_reason": False,
        })
        self._collection_notify("sent")

    def _collection_mark_failed(self, reason):
        """Show mails of messages to customers as not sent; the host's queue leaves them alone."""
        # not "exception": from there one click in the host's list would send them unmarked
        self.write({"state": "cancel", "failure_reason": reason})
        self._collection_notify("exception", reason)

    def _collection_notify(self, status, reason=False):
        """Note on the messages in the correspondence whether they arrived, as the host does.

        On these rows the host notes bounces too.
        """
        Notification = self.env["mail.notification"]
        # the correspondence stays when the host cleans up its mails
        self.filtered(lambda mail: not mail.is_notification).is_notification = True
        known = Notification.search([("mail_mail_id", "in", self.ids)])
        values = {
            "notification_status": status,
            "failure_type": "mail_smtp" if reason else False,
            "failure_reason": reason,
        }
        known.write(values)
        Notification.create([
            {
                "mail_message_id": mail.mail_message_id.id,
                "mail_mail_id": mail.id,
                "author_id": mail.author_id.id,
                "res_partner_id": person.id,
                "notification_type": "email",
                "is_read": True,
                **values,
            }
            for mail in self - known.mail_mail_id
            for person in mail.recipient_ids
        ])

    def _collection_hand_over(self, session, domain_id):
        """Build the e-mails of the mail and hand them to the server of a session.

        As the host's :meth:`_send`, with what add-ons extend of it, but without what that keeps
        on each mail meanwhile: where the message stands is marked by whoever calls.

        :raise UserError: nobody is there to write to
        :raise smtplib.SMTPServerDisconnected: the connection broke
        """
        self.ensure_one()
        servers = self.env["ir.mail_server"]
        if servers._disable_send():
            return
        [sender] = email_split_and_format_normalize(self.email_from)[:1] or [self.email_from]
        emails = self._prepare_outgoing_list(mail_server=session.server)
        if not emails:
            raise UserError(self.env._("There is no address to write to."))
        domain = self.env["mail.alias.domain"].browse(domain_id or ())
        for email in emails:
            context = {"send_validated_to": email["email_to_normalized"]}
            if domain:
                context["domain_notifications_email"] = domain.default_from_email
                context["domain_bounce_address"] = (
                    email["headers"].get("Return-Path") or domain.bounce_email
                )
            servers = servers.with_context(**context)
            built = servers._build_email__(
                email_from=sender,
                subtype="html",
                subtype_alternative="plain",
                **{name: email[name] for name in BUILT_OF},
            )
            servers.send_email(
                built, mail_server_id=self.mail_server_id.id, smtp_session=session.connection
            )
