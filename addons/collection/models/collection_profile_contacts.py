# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Logging a contact at the customer."""

from odoo import models


class CollectionProfile(models.Model):
    _inherit = "collection.profile"

    def action_log_contact(self):
        """Ask for a contact with the customer and record it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "collection.action_contact_log_wizard"
        )
        action["context"] = {"active_model": self._name, "active_id": self.id}
        return action
