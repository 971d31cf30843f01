# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models

# what the row of the worklist shows of a mail
SHOWN = {"state", "profile_id", "case_id", "user_id", "kind", "subject", "email_from"}


class CollectionIncoming(models.Model):
    _inherit = "collection.incoming"

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._show_as_work()
        return rows

    def write(self, vals):
        result = super().write(vals)
        if not SHOWN.isdisjoint(vals):
            self._show_as_work()
        return result

    def _set_state(self, state):  # pylint: disable=missing-return
        super()._set_state(state)
        self._show_as_work()

    def _show_as_work(self):
        """Bring the worklist in step with these mails."""
        self.env["collection.action"]._sync_sources("incoming", self.ids)
