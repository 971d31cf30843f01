# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models


class CollectionAbsence(models.Model):
    _inherit = "collection.absence"

    @api.model_create_multi
    def create(self, vals_list):
        absences = super().create(vals_list)
        absences._hand_over_mail(absences.user_id)
        return absences

    def write(self, vals):
        users = self.user_id
        result = super().write(vals)
        if not {"user_id", "substitute_id", "date_from", "date_to"}.isdisjoint(vals):
            self._hand_over_mail(users | self.user_id)
        return result

    def unlink(self):
        users = self.user_id
        result = super().unlink()
        self._hand_over_mail(users)
        return result

    @api.model
    def _hand_over_mail(self, users):
        """Give the unread mail of these debt managers to whoever looks at it today."""
        self.env["collection.incoming"]._refresh_users([
            "|",
            ("case_id.debt_manager_id", "in", users.ids),
            ("profile_id.debt_manager_id", "in", users.ids),
        ])
