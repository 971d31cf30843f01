# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Planned actions follow the messages they have become."""

from odoo import models


class CollectionMessage(models.Model):
    _inherit = "collection.message"

    def _set_state(self, state, **vals):  # pylint: disable=missing-return
        super()._set_state(state, **vals)
        self.env["collection.action"]._follow_messages(self)

    def _leave_contacts(self):  # pylint: disable=missing-return
        # e-mails are marked as sent in SQL; all that was sent comes by here
        super()._leave_contacts()
        self.env["collection.action"]._follow_messages(self)
