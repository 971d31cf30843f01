# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    collection_live = fields.Boolean(related="company_id.collection_live")
    collection_live_date = fields.Date(related="company_id.collection_live_date")
    collection_days_late = fields.Integer(related="company_id.collection_days_late", readonly=False)
    collection_min_amount = fields.Monetary(
        related="company_id.collection_min_amount",
        readonly=False,
        currency_field="currency_id",
    )
    collection_takes_part_default = fields.Boolean(
        related="company_id.collection_takes_part_default", readonly=False
    )
    collection_partner_domain = fields.Char(
        related="company_id.collection_partner_domain", readonly=False
    )
    collection_auto_number = fields.Boolean(
        related="company_id.collection_auto_number", readonly=False
    )
    collection_tz = fields.Selection(related="company_id.collection_tz", readonly=False)
    collection_night_hour = fields.Float(related="company_id.collection_night_hour", readonly=False)
    collection_default_team_id = fields.Many2one(
        related="company_id.collection_default_team_id", readonly=False
    )
    collection_keep_out_days = fields.Integer(
        related="company_id.collection_keep_out_days", readonly=False
    )
