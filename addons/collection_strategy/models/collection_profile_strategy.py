# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What the customer's own screens show of their strategy."""

from odoo import models


class CollectionProfile(models.Model):
    _inherit = "collection.profile"

    def _screen_rights(self):
        return {
            **super()._screen_rights(),
            "simulate": self.env["collection.strategy.simulation"].has_access("create"),
        }

    def action_simulate(self):
        """Tell what tonight's run would do with these customers."""
        self.check_access("read")
        return self.env["collection.strategy.simulation"]._open(profiles=self)
