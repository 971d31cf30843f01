# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class RecurringDocument(models.Model):
    """Remembers which order of an imported file it was made from."""

    _inherit = "recurring.document"

    import_reference = fields.Char(
        "Reference in the Import",
        readonly=True,
        copy=False,
        help="An order with this reference is not imported into the company again.",
    )

    _import_once = models.UniqueIndex(
        "(company_id, import_reference) WHERE import_reference IS NOT NULL",
        "An order with this reference was imported already.",
    )
