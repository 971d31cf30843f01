# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class CollectionContactChange(models.Model):
    """One correction of a contact record: who changed what, from what to what. Never changed."""

    _name = "collection.contact.change"
    _description = "Correction of a Contact Record"
    _order = "date desc, id desc"
    _rec_name = "label"

    log_id = fields.Many2one(
        "collection.contact.log",
        "Contact",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    company_id = fields.Many2one(related="log_id.company_id", string="Company")
    date = fields.Datetime(
        "Corrected on", required=True, default=fields.Datetime.now, readonly=True
    )
    user_id = fields.Many2one("res.users", "By", required=True, readonly=True)
    field_name = fields.Char("Technical Name", required=True, readonly=True)
    label = fields.Char("What", compute="_compute_label")
    old_value = fields.Char("Before", readonly=True)
    new_value = fields.Char("After", readonly=True)

    def _compute_label(self):
        known = self.env["collection.contact.log"].fields_get(attributes=["string"])
        for change in self:
            change.label = known.get(change.field_name, {}).get("string") or change.field_name
