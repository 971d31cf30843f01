# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

from .collection_message import KINDS, STATEMENTS


class MailTemplate(models.Model):
    _inherit = "mail.template"

    collection_channel = fields.Selection(
        [("email", "E-mail"), ("letter", "Letter")],
        "Used For",
        help="Of templates of messages to customers: whether it is written for e-mails or letters. "
        "Empty: for both.",
    )
    collection_kind = fields.Selection(
        KINDS, "Kind of Message", help="What a message to a customer made from it is about."
    )
    collection_attach_invoices = fields.Boolean(
        "Attach the Invoices",
        help="The PDFs of the documents that the message is about go along, unless the sender "
        "decides otherwise.",
    )
    collection_attach_statement = fields.Selection(
        STATEMENTS, "Attach a Statement", help="A statement of account goes along likewise."
    )

    def _collection_values(self):
        """Return the values that a message takes over from its template."""
        return {
            "kind": self.collection_kind or "other",
            "attach_invoices": self.collection_attach_invoices,
            "attach_statement": self.collection_attach_statement,
        }
