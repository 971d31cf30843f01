# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models

# states in which a person has to decide what becomes of a message
UNDECIDED = ("possibly_sent", "failed")


class CollectionMessage(models.Model):
    _inherit = "collection.message"

    def _set_state(self, state, **vals):  # pylint: disable=missing-return
        decided = self.filtered(lambda message: message.state in UNDECIDED)
        super()._set_state(state, **vals)
        shown = self if state in UNDECIDED else decided
        self.env["collection.action"]._sync_sources("message", shown.ids)
