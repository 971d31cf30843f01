# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

RELATION_KINDS = [
    ("employment", "Employment"),
    ("ownership", "Ownership"),
    ("representation", "Representation"),
    ("family", "Family"),
    ("other", "Other"),
]


class CollectionRelationType(models.Model):
    """What a person is to a customer: employee, owner, accountant …"""

    _name = "collection.relation.type"
    _description = "Relation"
    _order = "sequence, id"

    name = fields.Char("Name", required=True, translate=True)
    kind = fields.Selection(
        RELATION_KINDS,
        "Kind of Relation",
        required=True,
        default="employment",
        help="Groups relations in lists and filters.",
    )
    sequence = fields.Integer("Sequence", default=10)
    active = fields.Boolean("Active", default=True)
