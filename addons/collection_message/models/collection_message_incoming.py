# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

# longest words of a mail server that are kept
REASON_LENGTH = 500


class CollectionMessage(models.Model):
    _inherit = "collection.message"

    incoming_id = fields.Many2one(
        "collection.incoming",
        "Answer to",
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        help="The mail from the customer that this message answers.",
    )
    bounced_on = fields.Datetime(
        "Came Back on",
        readonly=True,
        copy=False,
        help="It was sent, but a mail server could not deliver it.",
    )
    bounce_reason = fields.Text("Why It Came Back", readonly=True, copy=False)

    def _came_back(self, reason):
        """Note that sent messages did not arrive: they stay sent, which they were."""
        # sudo: the gateway tells
        self.sudo().filtered(lambda message: message.state == "sent").write({
            "bounced_on": fields.Datetime.now(),
            "bounce_reason": (reason or "")[:REASON_LENGTH],
        })

    def _mail_values(self, attachments, reply_to):
        values = super()._mail_values(attachments, reply_to)
        answered = self.sudo().incoming_id.message_id  # sudo: the mail that is answered
        if answered.message_id:
            # the other side's programs show both as one conversation
            values["references"] = answered.message_id
            values["parent_id"] = answered.id
        return values

    def _leave_contacts(self):
        result = super()._leave_contacts()
        # sudo: what is answered is done, whoever sends the answer
        answered = self.sudo().incoming_id.filtered(lambda row: row.state == "unread")
        answered._set_state("done")
        return result

    def _send_copy(self):
        """Send a message once more, as a new one: what was sent stays as it was.

        :return: the new message
        """
        self.ensure_one()
        case = self.case_id
        again = self._plan([
            {
                "profile_id": self.profile_id.id,
                "case_id": case.id if case.state != "completed" else False,
                "channel": self.channel,
                "kind": self.kind,
                "person_id": self.person_id.id,
                "sender": self.sender,
                "lang": self.lang,
                "template_id": self.template_id.id,
                "sms_template_id": self.sms_template_id.id,
                "own_text": self.own_text,
                **(
                    {"subject": self.subject, "body": self.body, "sms_text": self.sms_text}
                    if self.own_text
                    else {"subject": self.subject}
                ),
                "item_ids": [(6, 0, self.item_ids.ids)],
                "attachment_ids": [(6, 0, self.attachment_ids.ids)],
                "attach_invoices": self.attach_invoices,
                "attach_statement": self.attach_statement,
                "earlier_id": self.earlier_id.id,
            }
        ])
        again._send_soon()
        return again
