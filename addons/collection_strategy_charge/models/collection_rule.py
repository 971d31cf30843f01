# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class CollectionRule(models.Model):
    _inherit = "collection.rule"

    action = fields.Selection(
        selection_add=[("charge", "Charge"), ("escalate",)], ondelete={"charge": "set default"}
    )
