# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models

from ..core import cards


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _tokenize(self, payment_data):
        """Keep the expiry of the card, which the host leaves out."""
        before = self.token_id
        res = super()._tokenize(payment_data)
        token = self.token_id
        if token and token != before:
            token._card_write(cards.from_answer(self.provider_code, payment_data))
        return res
