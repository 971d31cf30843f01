# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Document file and extensions of a customer, also on the customer screen."""

from odoo import fields, models
from odoo.tools import format_date

# documents the customer screen shows
DOCUMENTS_SHOWN = 20


class CollectionProfile(models.Model):
    _inherit = "collection.profile"

    document_ids = fields.One2many("collection.document", "profile_id", "Document File")
    document_count = fields.Integer("Documents", compute="_compute_document_count")
    extension_ids = fields.One2many("collection.extension", "profile_id", "Extensions of Terms")
    extension_count = fields.Integer("Number of Extensions", compute="_compute_extension_count")

    def _compute_document_count(self):
        counts = dict(
            self.env["collection.document"]._read_group(
                [("profile_id", "in", self.ids)], ["profile_id"], ["__count"]
            )
        )
        for profile in self:
            profile.document_count = counts.get(profile, 0)

    def _compute_extension_count(self):
        counts = dict(
            self.env["collection.extension"]._read_group(
                [("profile_id", "in", self.ids)], ["profile_id"], ["__count"]
            )
        )
        for profile in self:
            profile.extension_count = counts.get(profile, 0)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_documents(self):
        """List the document file of the customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("collection_message.action_document")
        action["domain"] = [("profile_id", "=", self.id)]
        action["context"] = {"active_model": self._name, "active_id": self.id}
        return action

    def action_open_extensions(self):
        """List the extensions of terms of the customer."""
        return self._action_of_customer("collection_message.action_extension", {})

    def action_ask_extension(self):
        """Open the dialog that asks for more time for open items of the customer."""
        self.ensure_one()
        return self.env["collection.extension.wizard"]._open(self)

    # ------------------------------------------------------------
    # CUSTOMER SCREEN
    # ------------------------------------------------------------

    def _get_screen_panels(self):
        return [*super()._get_screen_panels(), ("documents", 75)]

    def _screen_rights(self):
        return {
            **super()._screen_rights(),
            "documents": self.env["collection.document"].has_access("create"),
            "statement": self.env["collection.statement.wizard"].has_access("create"),
            "extension": self.env["collection.extension.wizard"].has_access("create"),
        }

    def _screen_panel_documents(self):
        """Return the newest documents of the customer and its invoices."""
        Document = self.env["collection.document"]
        domain = [("profile_id", "=", self.id)]
        documents = Document.search_fetch(
            domain,
            [
                "name",
                "kind_id",
                "move_id",
                "attachment_id",
                "send_along",
                "share_portal",
                "valid_until",
                "create_date",
            ],
            limit=DOCUMENTS_SHOWN,
        )
        return {
            "count": Document.search_count(domain),
            "documents": [
                {
                    "id": document.id,
                    "name": document.name,
                    "kind": document.kind_id.name or "",
                    "move": self._screen_ref(document.move_id),
                    "attachment_id": document.attachment_id.id,
                    "mimetype": document.mimetype or "",
                    "send_along": document.send_along,
                    "shared": document.share_portal,
                    "valid_until": document.valid_until,
                    "expired": document.is_expired,
                    "date": document.create_date.date(),
                }
                for document in documents
            ],
        }

    def _screen_panel_alerts(self):
        alerts = super()._screen_panel_alerts()
        waiting = self.env["collection.extension"].search([
            ("profile_id", "=", self.id),
            ("state", "=", "requested"),
        ])
        if waiting:
            alerts.append({
                "key": "extension",
                "level": "info",
                "icon": "fa-calendar-plus-o",
                "title": self.env._(
                    "More time asked for until %s", format_date(self.env, waiting[0].new_date)
                ),
                "text": waiting[0].reason,
                "action": {
                    "type": "ir.actions.act_window",
                    "name": self.env._("Extension of Terms"),
                    "res_model": "collection.extension",
                    "res_id": waiting[0].id,
                    "views": [(False, "form")],
                },
            })
        return alerts
