# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class CollectionActivityTypeStatus(models.Model):
    """One status in the ordered list of those that activities of a type may have."""

    _name = "collection.activity.type.status"
    _description = "Status of an Activity Type"
    _order = "activity_type_id, sequence, id"
    _rec_name = "status_id"

    activity_type_id = fields.Many2one(
        "mail.activity.type", "Activity Type", required=True, index=True, ondelete="cascade"
    )
    status_id = fields.Many2one(
        "collection.activity.status", "Status", required=True, index=True, ondelete="restrict"
    )
    kind = fields.Selection(related="status_id.kind", store=True, string="Kind of Status")
    sequence = fields.Integer("Sequence", default=10)
    is_default = fields.Boolean(
        "Default",
        help="The status an activity gets when it becomes of this kind: the default of Not "
        "Started when it is planned, of Completed when it is marked as done. Without a mark the "
        "first of the kind is taken.",
    )
    required_status_id = fields.Many2one(
        "collection.activity.status",
        "Must Be Preceded By",
        ondelete="restrict",
        help="An activity gets this status only after it has had that one.",
    )

    _status_uniq = models.UniqueIndex(
        "(activity_type_id, status_id)", "The status is in the list of the activity type already."
    )
    _default_uniq = models.UniqueIndex(
        "(activity_type_id, kind) WHERE is_default",
        "An activity type has one default for each kind of status.",
    )

    @api.constrains("required_status_id", "status_id", "activity_type_id")
    def _check_required_status(self):
        for line in self:
            lines = line.activity_type_id.collection_status_ids
            required = {other.status_id: other.required_status_id for other in lines}
            seen = line.status_id
            step = line.required_status_id
            while step:
                if step not in required:
                    raise ValidationError(
                        self.env._(
                            "%(status)s must be preceded by %(required)s, which is not in the "
                            "list of %(type)s.",
                            status=line.status_id.name,
                            required=step.name,
                            type=line.activity_type_id.name,
                        )
                    )
                if step in seen:
                    raise ValidationError(
                        self.env._(
                            "%(status)s cannot be preceded by %(required)s: each would wait for "
                            "the other.",
                            status=line.status_id.name,
                            required=line.required_status_id.name,
                        )
                    )
                seen |= step
                step = required[step]

    @api.ondelete(at_uninstall=False)
    def _unlink_except_required(self):
        for line in self:
            waiting = (line.activity_type_id.collection_status_ids - self).filtered(
                lambda other, line=line: other.required_status_id == line.status_id
            )
            if waiting:
                raise ValidationError(
                    self.env._(
                        "%(status)s must precede %(other)s in %(type)s and cannot leave the list.",
                        status=line.status_id.name,
                        other=waiting[:1].status_id.name,
                        type=line.activity_type_id.name,
                    )
                )
