# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError

# kind of an activity → channel of the contact that doing it was; a task is no contact
CHANNELS = {
    "call": "phone",
    "meeting": "meeting",
    "email": "email",
    "sms": "sms",
    "letter": "letter",
    "other": "other",
}


class MailActivityType(models.Model):
    _inherit = "mail.activity.type"

    collection = fields.Boolean(
        "Takes Part in Collection Cases",
        help="Doing an activity of this type on a collection case moves the case and leaves a "
        "contact record.",
    )
    collection_code = fields.Char("Code", help="A short code, for imports and reports.")
    collection_description = fields.Char(
        "Description", translate=True, help="What activities of this type are for."
    )
    collection_kind = fields.Selection(
        [
            ("task", "Task"),
            ("call", "Call"),
            ("meeting", "Meeting"),
            ("email", "E-mail"),
            ("sms", "SMS"),
            ("letter", "Letter"),
            ("other", "Other"),
        ],
        "Kind",
        default="task",
        help="A task is done without speaking to the customer and leaves no contact record; "
        "every other kind does.",
    )
    collection_target_state = fields.Selection(
        [("not_started", "Not Started"), ("in_progress", "In Progress"), ("promise", "Promise")],
        "Moves the Case To",
        help="The state of the case once an activity of this type is done. Empty: the case stays "
        "as it is.",
    )
    collection_status_ids = fields.One2many(
        "collection.activity.type.status",
        "activity_type_id",
        "Statuses",
        help="The statuses an activity of this type may have, in their order.",
    )

    _collection_code_uniq = models.UniqueIndex(
        "(collection_code) WHERE collection_code IS NOT NULL AND collection_code <> ''",
        "Another activity type has this code already.",
    )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("collection", "collection_status_ids")
    def _check_collection_statuses(self):
        kinds = dict(
            self.env["collection.activity.status"]._fields["kind"]._description_selection(self.env)
        )
        for activity_type in self.filtered("collection"):
            present = set(activity_type.collection_status_ids.mapped("kind"))
            for kind in ("not_started", "completed"):
                if kind not in present:
                    raise ValidationError(
                        self.env._(
                            "%(type)s takes part in collection cases and needs a status of the "
                            "kind %(kind)s.",
                            type=activity_type.name,
                            kind=kinds[kind],
                        )
                    )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("collection") and not vals.get("collection_status_ids"):
                vals["collection_status_ids"] = self._standard_collection_statuses()
        return super().create(vals_list)

    def write(self, vals):
        if vals.get("collection") and "collection_status_ids" not in vals:
            bare = self.filtered(lambda activity_type: not activity_type.collection_status_ids)
            if bare:
                statuses = self._standard_collection_statuses()
                super(MailActivityType, bare).write({**vals, "collection_status_ids": statuses})
                return super(MailActivityType, self - bare).write(vals)
        return super().write(vals)

    @api.model
    def _standard_collection_statuses(self):
        """Return the commands that give a type the statuses the suite ships."""
        names = ("collection.status_not_started", "collection.status_completed")
        statuses = [self.env.ref(name, raise_if_not_found=False) for name in names]
        return [
            Command.create({"status_id": status.id, "sequence": number, "is_default": True})
            for number, status in enumerate(statuses, start=1)
            if status
        ]

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _collection_default_status(self, kind):
        """Return the status an activity of this type gets when it becomes of a kind."""
        self.ensure_one()
        lines = self.collection_status_ids.filtered(lambda line: line.kind == kind)
        return (lines.filtered("is_default") or lines)[:1].status_id

    def _collection_channel(self):
        """Return the channel of the contact that doing such an activity is; ``False``: none."""
        self.ensure_one()
        return CHANNELS.get(self.collection_kind, False)
