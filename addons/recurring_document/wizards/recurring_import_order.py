# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class RecurringImportOrder(models.TransientModel):
    """An order of the file, and what is or would be made of it."""

    _name = "recurring.import.order"
    _description = "Order in an Import of Recurring Documents"
    _order = "sequence, id"

    wizard_id = fields.Many2one("recurring.import", "Import", required=True, ondelete="cascade")
    sequence = fields.Integer("Line")
    reference = fields.Char("Reference")
    state = fields.Selection(
        [
            ("new", "New"),
            ("made", "Imported"),
            ("known", "There Already"),
            ("bad", "Not Imported"),
        ],
        "What",
        required=True,
    )
    partner_id = fields.Many2one("res.partner", "Customer")
    title = fields.Char("Title")
    rhythm = fields.Char("Rhythm")
    first_on = fields.Date("First Billed On")
    line_count = fields.Integer("Lines")
    currency_id = fields.Many2one("res.currency", "Currency")
    amount = fields.Monetary("Per Period", help="Taxes included, at today's prices.")
    way = fields.Char("Charged by")
    document_id = fields.Many2one("recurring.document", "Recurring Document")
