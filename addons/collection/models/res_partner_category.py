# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ResPartnerCategory(models.Model):
    _inherit = "res.partner.category"

    collection_debt_manager_id = fields.Many2one(
        "res.users",
        "Debt Manager",
        domain=[("is_debt_manager", "=", True)],
        help="Looks after the customers of this category. Taken over when collections first "
        "meets a customer; what is set on the customer wins.",
    )
    collection_team_id = fields.Many2one(
        "collection.team",
        "Collection Team",
        help="Takes the customers of this category, unless the customer says otherwise.",
    )
