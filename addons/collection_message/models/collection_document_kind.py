# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class CollectionDocumentKind(models.Model):
    """What a document of the document file is: order confirmation, proof of delivery …"""

    _name = "collection.document.kind"
    _description = "Kind of Document"
    _order = "sequence, id"

    name = fields.Char("Name", required=True, translate=True)
    sequence = fields.Integer("Sequence", default=10)
    active = fields.Boolean("Active", default=True)
    send_along = fields.Boolean(
        "Goes Along",
        help="New documents of this kind go along with reminders about their invoice.",
    )
    share_portal = fields.Boolean(
        "Shared in the Portal", help="New documents of this kind are shown to the customer."
    )

    _name_uniq = models.UniqueIndex("(name)", "There is such a kind already.")
