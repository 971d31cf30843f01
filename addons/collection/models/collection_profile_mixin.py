# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class CollectionProfileMixin(models.AbstractModel):
    """Something that is kept at a customer in collections, and by that at a company."""

    _name = "collection.profile.mixin"
    _description = "Kept at a Customer"

    profile_id = fields.Many2one(
        "collection.profile", "Customer Profile", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="profile_id.company_id", store=True, index=True, precompute=True, string="Company"
    )
    partner_id = fields.Many2one(
        related="profile_id.partner_id", store=True, index=True, precompute=True, string="Customer"
    )
