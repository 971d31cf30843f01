# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models

STATUS_KINDS = [
    ("not_started", "Not Started"),
    ("in_progress", "In Progress"),
    ("completed", "Completed"),
    ("cancelled", "Cancelled"),
]


class CollectionActivityStatus(models.Model):
    """A status that activities of collection cases may have, in the company's own words."""

    _name = "collection.activity.status"
    _description = "Activity Status"
    _order = "sequence, id"

    name = fields.Char("Name", required=True, translate=True)
    code = fields.Char("Code", required=True, help="A short code, for imports and reports.")
    kind = fields.Selection(
        STATUS_KINDS,
        "Kind of Status",
        required=True,
        default="in_progress",
        help="What the status means: an activity whose status is of the kind Completed is done, "
        "of the kind Cancelled is given up.",
    )
    sequence = fields.Integer("Sequence", default=10)
    active = fields.Boolean("Active", default=True)
    type_status_ids = fields.One2many(
        "collection.activity.type.status", "status_id", "Activity Types"
    )

    _code_uniq = models.UniqueIndex("(code)", "Another status has this code already.")

    @api.constrains("kind")
    def _check_kind(self):
        # every type of collection cases still needs one to begin with and one to end with
        self.type_status_ids.activity_type_id._check_collection_statuses()
