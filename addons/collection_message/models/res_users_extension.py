# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models

from .collection_extension import ROLE_GROUPS


class ResUsers(models.Model):
    _inherit = "res.users"

    def _collection_may_extend(self, company, days, amount):
        """Return whether the user may grant so many more days for so much money."""
        self.ensure_one()
        return any(
            self.has_group(group) and company._collection_extension_allows(role, days, amount)
            for role, group in ROLE_GROUPS.items()
        )
