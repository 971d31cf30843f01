# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    collection_extension_days_debt_manager = fields.Integer(
        related="company_id.collection_extension_days_debt_manager", readonly=False
    )
    collection_extension_amount_debt_manager = fields.Monetary(
        related="company_id.collection_extension_amount_debt_manager",
        readonly=False,
        currency_field="currency_id",
    )
    collection_extension_days_team_leader = fields.Integer(
        related="company_id.collection_extension_days_team_leader", readonly=False
    )
    collection_extension_amount_team_leader = fields.Monetary(
        related="company_id.collection_extension_amount_team_leader",
        readonly=False,
        currency_field="currency_id",
    )
    collection_extension_days_collection_manager = fields.Integer(
        related="company_id.collection_extension_days_collection_manager", readonly=False
    )
    collection_extension_amount_collection_manager = fields.Monetary(
        related="company_id.collection_extension_amount_collection_manager",
        readonly=False,
        currency_field="currency_id",
    )
    collection_extension_days_credit_manager = fields.Integer(
        related="company_id.collection_extension_days_credit_manager", readonly=False
    )
    collection_extension_amount_credit_manager = fields.Monetary(
        related="company_id.collection_extension_amount_credit_manager",
        readonly=False,
        currency_field="currency_id",
    )
