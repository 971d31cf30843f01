# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class CollectionItem(models.Model):
    _inherit = "collection.item"

    def action_write_message(self):
        """Write a message about these items, all of one customer."""
        return self.env["collection.message.compose"]._open(self)
