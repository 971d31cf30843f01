# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _message_reset_bounce(self, email):
        result = super()._message_reset_bounce(email)
        # sudo: the gateway's work; who writes from an address can be written to
        marked = self.sudo().filtered("collection_email_bounced")
        marked.collection_email_bounced = False
        return result
