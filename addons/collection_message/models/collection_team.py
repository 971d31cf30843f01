# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class CollectionTeam(models.Model):
    _inherit = "collection.team"

    def _write_debt_managers(self, given):
        result = super()._write_debt_managers(given)
        if given:
            # written by SQL: the mail of these cases gets somebody to look at it, too
            cases = self.env["collection.case"].sudo().browse(given)  # sudo: given by the system
            self.env["collection.incoming"]._refresh_users([
                ("user_id", "=", False),
                ("profile_id", "in", cases.profile_id.ids),
            ])
        return result
