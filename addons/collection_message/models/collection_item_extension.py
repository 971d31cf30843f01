# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class CollectionItem(models.Model):
    _inherit = "collection.item"

    def action_ask_extension(self):
        """Open the dialog that asks for more time for these items, all of one customer."""
        return self.env["collection.extension.wizard"]._open(self)
