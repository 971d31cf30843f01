# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class PaymentChargeDocument(models.Model):
    """A document that a charge pays. While the charge lives, no other may have the document."""

    _name = "payment.charge.document"
    _description = "Document of a Charge"
    _order = "attempt_id, id"
    _rec_name = "move_id"

    attempt_id = fields.Many2one(
        "payment.charge.attempt",
        "Charge",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    move_id = fields.Many2one(
        "account.move", "Document", required=True, index=True, ondelete="restrict", readonly=True
    )
    company_id = fields.Many2one(related="attempt_id.company_id", string="Company")
    live = fields.Boolean(
        "Live", readonly=True, help="The charge is not over: no other may pay the document."
    )

    _one_live = models.UniqueIndex(
        "(move_id) WHERE live", "Another charge of this document is not over yet."
    )
    _once = models.UniqueIndex("(attempt_id, move_id)", "A charge pays a document once.")
