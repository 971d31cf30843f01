# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models


class PaymentToken(models.Model):
    _inherit = "payment.token"

    @api.model
    def _card_find(self, provider, ref):
        """Override of `payment_chargeback`: Stripe names the card, the token's reference is the
        customer's."""
        if provider.code != "stripe":
            return super()._card_find(provider, ref)
        # sudo: as in the method overridden
        Token = self.sudo().with_context(active_test=False)
        return Token.search([
            ("provider_id", "=", provider.id),
            ("stripe_payment_method", "=", ref),
        ])

    def _card_new_values(self, update):
        """Override of `payment_chargeback`: the customer stays, the card is another."""
        if self.provider_code != "stripe":
            return super()._card_new_values(update)
        return {"stripe_payment_method": update.new_ref, "stripe_mandate": False}
