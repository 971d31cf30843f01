# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class CollectionProfile(models.Model):
    _inherit = "collection.profile"

    def action_lift_hold(self):
        """Lift the hold: cases may open again and the customer may be asked for money."""
        self.write({"hold": False, "hold_reason": False, "hold_until": False})

    def action_open_cases(self):
        """List the customer's cases, open ones first."""
        return self._action_of_customer("collection.action_case", {"search_default_open": 1})

    def action_open_items(self):
        """List the customer's open items."""
        return self._action_of_customer("collection.action_item", {"search_default_open": 1})

    def _action_of_customer(self, xmlid, context):
        """Return an action narrowed to what belongs to the customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = [("profile_id", "=", self.id)]
        action["context"] = {**context, "default_profile_id": self.id}
        return action
