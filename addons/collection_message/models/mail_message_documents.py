# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class MailMessage(models.Model):
    _inherit = "mail.message"

    def action_collection_save_documents(self):
        """Open the dialog that saves what a mail brought to the document file."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "collection_message.action_document_save"
        )
        action["context"] = {"default_message_id": self.id}
        return action
