# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class CollectionOutcome(models.Model):
    _inherit = "collection.outcome"

    spoke = fields.Boolean(
        "One Has Spoken",
        default=True,
        help="With such an outcome of a call or visit one has spoken with the person. Contact "
        "policies can ask for a rest after a conversation.",
    )
