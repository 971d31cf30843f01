# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class RecurringResumeLine(models.TransientModel):
    """A period that was missed while a recurring document slept."""

    _name = "recurring.resume.line"
    _description = "Missed Period"
    _order = "document_id, bill_on"
    _rec_name = "document_id"

    wizard_id = fields.Many2one("recurring.resume", "Dialogue", required=True, ondelete="cascade")
    document_id = fields.Many2one("recurring.document", "Recurring Document", readonly=True)
    date_from = fields.Date("From", readonly=True)
    date_to = fields.Date("To", readonly=True)
    bill_on = fields.Date("Billed On", readonly=True)
    amount = fields.Monetary("Amount", readonly=True)
    currency_id = fields.Many2one("res.currency", "Currency", readonly=True)
    billed = fields.Boolean("Will Be Billed", readonly=True)
