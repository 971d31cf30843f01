# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class RecurringImportError(models.TransientModel):
    """Something wrong in the file, and where."""

    _name = "recurring.import.error"
    _description = "Error in an Import of Recurring Documents"
    _order = "line, id"

    wizard_id = fields.Many2one("recurring.import", "Import", required=True, ondelete="cascade")
    file_name = fields.Char("File")
    line = fields.Integer("Line", help="As a spreadsheet counts them: the header is line 1.")
    column = fields.Char("Column")
    text = fields.Char("What Is Wrong")
    value = fields.Char("In the File")
