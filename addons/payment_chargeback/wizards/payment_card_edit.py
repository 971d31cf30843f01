# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..core.cards import Card, full_year


class PaymentCardEdit(models.TransientModel):
    """Type what a provider does not tell of a saved card: never its number."""

    _name = "payment.card.edit"
    _description = "Expiry of a Saved Card"
    _rec_name = "token_id"

    token_id = fields.Many2one("payment.token", "Saved Card", required=True, readonly=True)
    month = fields.Integer("Expiry Month", compute="_compute_card", store=True, readonly=False)
    year = fields.Integer("Expiry Year", compute="_compute_card", store=True, readonly=False)
    network = fields.Char("Network", compute="_compute_card", store=True, readonly=False)
    last4 = fields.Char(
        "Last Digits",
        compute="_compute_card",
        store=True,
        readonly=False,
        help="The last four digits, and no more.",
    )

    @api.constrains("month", "year", "last4")
    def _check_card(self):
        for wizard in self:
            if wizard.month and not 1 <= wizard.month <= 12:
                raise ValidationError(
                    self.env._("Expiry month: a month from 1 to 12, not %s.", wizard.month)
                )
            if wizard.year and not 2000 <= full_year(wizard.year) <= 2099:
                raise ValidationError(
                    self.env._("Expiry year: a year as on the card, not %s.", wizard.year)
                )
            if wizard.last4 and not (len(wizard.last4) == 4 and wizard.last4.isdecimal()):
                raise ValidationError(self.env._("Last digits: four digits, not %s.", wizard.last4))

    @api.depends("token_id")
    def _compute_card(self):
        for wizard in self:
            card = wizard.token_id._card() if wizard.token_id else Card()
            wizard.update({
                "month": card.month,
                "year": card.year,
                "network": card.network,
                "last4": card.last4,
            })

    def action_save(self):
        """Note what was typed."""
        self.ensure_one()
        self.env["payment.charge.attempt"]._check_operator()
        self.token_id.check_access("read")
        self.token_id._card_write(
            Card(self.month, full_year(self.year), self.network or "", self.last4 or "")
        )
        return {"type": "ir.actions.act_window_close"}
