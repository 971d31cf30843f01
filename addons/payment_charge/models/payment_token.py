# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models


class PaymentToken(models.Model):
    _inherit = "payment.token"

    @api.model_create_multi
    def create(self, vals_list):
        tokens = super().create(vals_list)
        for token in tokens:
            self.env["payment.charge.way"]._of_token(token)
        return tokens

    def _handle_archiving(self):
        """A card that its owner or the provider took away is charged no more."""
        # sudo: the customer who removes a card in the portal ends its use everywhere
        self.env["payment.charge.way"].sudo().search([("token_id", "in", self.ids)]).active = False
        return super()._handle_archiving()

    def get_linked_records_info(self):
        """Tell the portal what is charged to the card."""
        info = super().get_linked_records_info()
        # sudo: the owner of a card may know what it is used for
        ways = (
            self
            .env["payment.charge.way"]
            .sudo()
            .search([
                ("token_id", "=", self.id),
                ("res_model", "!=", False),
            ])
        )
        for way in ways:
            source = self.env[way.res_model].sudo().browse(way.res_id).exists()
            if source:
                info.append({
                    "description": source._description,
                    "id": source.id,
                    "name": source.display_name,
                    "url": "",
                })
        return info
