# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


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

    def _collection_warm_up(self):
        """Read at once what the host reads mail by mail when it sends."""
        self.fetch(["state", "mail_message_id"])
        self.mail_message_id.fetch(["message_id", "mail_ids", "attachment_ids"])
        self.recipient_ids.fetch(["email", "name", "partner_share"])
