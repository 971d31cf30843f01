# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The document file of an invoice."""

from odoo import api, fields, models

from odoo.addons.collection.models.res_partner import COLLECTION_GROUPS


class AccountMove(models.Model):
    _inherit = "account.move"

    collection_document_ids = fields.One2many(
        "collection.document", "move_id", "Document File", groups=COLLECTION_GROUPS
    )
    collection_document_count = fields.Integer(
        "Documents in the File",
        compute="_compute_collection_document_count",
        groups=COLLECTION_GROUPS,
    )

    @api.depends("collection_document_ids")
    def _compute_collection_document_count(self):
        counts = dict(
            self.env["collection.document"]._read_group(
                [("move_id", "in", self.ids)], ["move_id"], ["__count"]
            )
        )
        for move in self:
            move.collection_document_count = counts.get(move._origin, 0)

    def action_open_collection_documents(self):
        """List the document file of the invoice."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("collection_message.action_document")
        action["domain"] = [("move_id", "=", self.id)]
        action["context"] = {"active_model": self._name, "active_id": self.id}
        return action
