# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    chargeback_fee_account_id = fields.Many2one(
        related="company_id.chargeback_fee_account_id",
        readonly=False,
        string="Account for Chargeback Fees",
    )
    chargeback_block = fields.Selection(
        related="company_id.chargeback_block", readonly=False, string="Bar the Card"
    )
    chargeback_alert_days = fields.Integer(
        related="company_id.chargeback_alert_days",
        readonly=False,
        string="Days before the Deadline",
    )
    card_expiry_days = fields.Integer(
        related="company_id.card_expiry_days",
        readonly=False,
        string="Days before a Card Expires",
    )
    card_charge_expired = fields.Boolean(
        related="company_id.card_charge_expired", readonly=False, string="Charge Expired Cards"
    )
