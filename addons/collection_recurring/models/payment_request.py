# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class PaymentRequest(models.Model):
    _inherit = "payment.request"

    def _state_changed(self, before, after):
        """What was charged in vain is paid otherwise, or not asked for any more."""
        result = super()._state_changed(before, after)
        # sudo: collections follow, whoever changes the request
        self.sudo().recurring_period_ids._touch_collection()
        return result
