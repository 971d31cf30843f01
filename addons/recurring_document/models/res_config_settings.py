# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    recurring_auto = fields.Boolean(
        related="company_id.recurring_auto", readonly=False, string="Run by Itself"
    )
    recurring_days_ahead = fields.Integer(
        related="company_id.recurring_days_ahead", readonly=False, string="Days Ahead"
    )
