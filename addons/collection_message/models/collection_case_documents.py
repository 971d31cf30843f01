# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The document file and the statement of account, from a case."""

from odoo import fields, models
from odoo.fields import Domain


class CollectionCase(models.Model):
    _inherit = "collection.case"

    document_count = fields.Integer(
        "Documents",
        compute="_compute_document_count",
        help="Documents of the invoices in the case, and of the customer as such.",
    )

    def _document_domain(self):
        """Return which documents belong to the case: of its invoices, and of the customer."""
        self.ensure_one()
        return Domain("profile_id", "=", self.profile_id.id) & (
            Domain("move_id", "=", False)
            | Domain("move_id.collection_item_ids.case_item_ids.case_id", "=", self.id)
        )

    def _compute_document_count(self):
        Document = self.env["collection.document"]
        documents = Document.search([("profile_id", "in", self.profile_id.ids)])
        by_profile = documents.grouped("profile_id")
        for case in self:
            # sudo: only which invoices the case has
            moves = case.sudo().case_item_ids.item_id.move_id
            case.document_count = len(
                by_profile.get(case.profile_id, Document).filtered(
                    lambda document, moves=moves: (
                        not document.move_id or document.sudo().move_id in moves  # sudo: as above
                    )
                )
            )

    def action_open_documents(self):
        """List the documents of the case."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("collection_message.action_document")
        action["domain"] = list(self._document_domain())
        action["context"] = {"active_model": self._name, "active_id": self.id}
        return action

    def action_statement(self):
        """Open the dialog that makes a statement of account."""
        self.ensure_one()
        return self.env["collection.statement.wizard"]._open(self)
