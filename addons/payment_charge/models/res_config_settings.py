# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    charge_send_receipt = fields.Boolean(
        related="company_id.charge_send_receipt", readonly=False, string="Send the Receipt"
    )
    charge_alert_user_id = fields.Many2one(
        related="company_id.charge_alert_user_id", readonly=False, string="Alerts Go to"
    )
    charge_pending_days = fields.Integer(
        related="company_id.charge_pending_days", readonly=False, string="Days Pending"
    )
