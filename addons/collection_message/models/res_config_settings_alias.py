# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    collection_alias_name = fields.Char(related="company_id.collection_alias_name", readonly=False)
    collection_alias_domain = fields.Char(related="company_id.collection_alias_domain")
