# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

CASE_MODEL = "collection.case"


class MailActivity(models.Model):
    _inherit = "mail.activity"

    is_collection = fields.Boolean(
        related="activity_type_id.collection", string="Takes Part in Collection Cases"
    )
    collection_status_id = fields.Many2one(
        "collection.activity.status",
        "Status",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('type_status_ids.activity_type_id', '=', activity_type_id)]",
        help="How far the activity is, from the list of its activity type.",
    )
    collection_past_status_ids = fields.Many2many(
        "collection.activity.status",
        "collection_activity_past_status_rel",
        "activity_id",
        "status_id",
        "Earlier Statuses",
        readonly=True,
        copy=False,
    )
    collection_asks = fields.Boolean(
        "Asks for the Contact",
        compute="_compute_collection_asks",
        help="Marking the activity as done asks with whom one spoke and what was agreed.",
    )

    @api.model
    def _default_activity_type_for_model(self, model):
        if model == CASE_MODEL:
            own = self.env["mail.activity.type"].search(
                [("collection", "=", True), ("res_model", "in", (CASE_MODEL, False))], limit=1
            )
            if own:
                return own
        return super()._default_activity_type_for_model(model)

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("res_model", "activity_type_id")
    def _compute_collection_asks(self):
        for activity in self:
            activity_type = activity.activity_type_id
            activity.collection_asks = (
                activity.res_model == CASE_MODEL
                and activity_type.collection
                and bool(activity_type._collection_channel())
            )

    @api.onchange("activity_type_id")
    def _onchange_activity_type_id(self):
        result = super()._onchange_activity_type_id()
        if self.res_model == CASE_MODEL and self.activity_type_id.collection:
            self.collection_status_id = self.activity_type_id._collection_default_status(
                "not_started"
            )
        else:
            self.collection_status_id = False
        return result

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        activities = super().create(vals_list)
        on_cases = activities._on_collection_cases()
        without = on_cases.filtered(lambda activity: not activity.collection_status_id)
        without._set_default_collection_status("not_started")
        for activity in on_cases - without:
            activity._check_collection_status(activity.collection_status_id, first=True)
        return activities

    def write(self, vals):
        if self.env.context.get("collection_status_set"):
            return super().write(vals)
        if "collection_status_id" not in vals:
            result = super().write(vals)
            if "activity_type_id" in vals:
                self._follow_collection_type()
            if vals.get("active"):
                self._on_collection_cases()._set_default_collection_status("not_started")
            return result
        status = self.env["collection.activity.status"].browse(vals["collection_status_id"])
        moving = self.filtered(lambda activity: activity.collection_status_id != status)
        before = {activity: activity.collection_status_id for activity in moving}
        others = {name: value for name, value in vals.items() if name != "collection_status_id"}
        if others:
            super().write(others)
        for activity in moving._on_collection_cases():
            activity._check_collection_status(status)
        super(MailActivity, moving).write({"collection_status_id": status.id})
        moving._remember_collection_status(before)
        if status.kind == "completed":
            moving.filtered("active")._action_done()
        elif status.kind == "cancelled":
            moving.filtered("active")._cancel_by_status()
        return True

    def _to_store_defaults(self, target):
        return [*super()._to_store_defaults(target), "collection_asks"]

    # ------------------------------------------------------------
    # STATUSES
    # ------------------------------------------------------------

    def _on_collection_cases(self):
        """Return those of the activities that work a collection case."""
        return self.filtered(
            lambda activity: (
                activity.res_model == CASE_MODEL and activity.activity_type_id.collection
            )
        )

    def _check_collection_status(self, status, *, first=False):
        """Check that the activity may get a status: in its type's list, and in order.

        :param bool first: the activity is being planned and has had no status yet
        :raise UserError: naming both statuses
        """
        self.ensure_one()
        activity_type = self.activity_type_id
        line = activity_type.collection_status_ids.filtered(lambda line: line.status_id == status)
        if not line:
            allowed = activity_type.collection_status_ids.status_id.mapped("name")
            raise UserError(
                self.env._(
                    "%(type)s cannot be “%(status)s”; it may be: %(allowed)s.",
                    type=activity_type.name,
                    status=status.name or "",
                    allowed=", ".join(allowed),
                )
            )
        required = line.required_status_id
        had = self.collection_past_status_ids
        if not first:
            had |= self.collection_status_id
        if required and required not in had:
            raise UserError(
                self.env._(
                    "%(type)s is not “%(required)s” yet and cannot become “%(status)s”: "
                    "“%(required)s” must come first.",
                    type=self.summary or activity_type.name,
                    required=required.name,
                    status=status.name,
                )
            )

    def _set_default_collection_status(self, kind):
        """Give the activities the default status of a kind."""
        for activity_type, activities in self.grouped("activity_type_id").items():
            status = activity_type._collection_default_status(kind)
            activities._set_collection_status(status)

    def _set_collection_status(self, status):
        """Write a status without asking whether it may be, and remember the one before."""
        before = {activity: activity.collection_status_id for activity in self}
        self.with_context(collection_status_set=True).write({"collection_status_id": status.id})
        self._remember_collection_status(before)

    def _remember_collection_status(self, before):
        """Keep the statuses the activities had; the order of statuses asks for them."""
        for activity, status in before.items():
            if status and status not in activity.collection_past_status_ids:
                activity.with_context(collection_status_set=True).write({
                    "collection_past_status_ids": [(4, status.id)]
                })

    def _follow_collection_type(self):
        """Give activities whose type changed a status of the new type's list."""
        on_cases = self._on_collection_cases()
        strangers = on_cases.filtered(
            lambda activity: (
                activity.collection_status_id
                not in activity.activity_type_id.collection_status_ids.status_id
            )
        )
        strangers._set_default_collection_status("not_started")
        (self - on_cases).filtered("collection_status_id")._set_collection_status(
            self.env["collection.activity.status"]
        )

    def _complete_collection_status(self):
        """Give the activities the completed status of their type, in order only."""
        for activity in self:
            if activity.collection_status_id.kind == "completed":
                continue
            status = activity.activity_type_id._collection_default_status("completed")
            activity._check_collection_status(status)
            activity._set_collection_status(status)

    def _cancel_by_status(self):
        """Archive activities that were given up; they stay in the history of their case."""
        for activity in self:
            record = self.env[activity.res_model].browse(activity.res_id)
            record._message_log(
                body=self.env._(
                    "%(activity)s: %(status)s",
                    activity=activity.display_name,
                    status=activity.collection_status_id.name,
                )
            )
        self.action_archive()

    # ------------------------------------------------------------
    # DOING
    # ------------------------------------------------------------

    def _action_done(self, feedback=False, attachment_ids=None):
        on_cases = self._on_collection_cases()
        on_cases._complete_collection_status()
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        if not self.env.context.get("collection_contact_recorded"):
            for activity in on_cases.exists():
                activity._follow_up_collection(feedback)
        return result

    def _follow_up_collection(self, feedback):
        """Move the case and leave a contact record, as the type of the done activity says."""
        self.ensure_one()
        # sudo: the host lets people mark activities given to them as done on any record
        case = self.env[CASE_MODEL].sudo().browse(self.res_id).exists()
        if not case:
            return
        channel = self.activity_type_id._collection_channel()
        if not channel:
            case._advance(self.activity_type_id.collection_target_state, self.activity_type_id.name)
            return
        self.env["collection.contact.log"].sudo()._record({  # sudo: as above
            "case_id": case.id,
            "profile_id": case.profile_id.id,
            "activity_id": self.id,
            "activity_type_id": self.activity_type_id.id,
            "channel": channel,
            "contact_id": case._collection_contact().id,
            "note": feedback or False,
        })

    def action_log_contact(self):
        """Ask for the contact that doing this activity is, then mark it as done."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "collection.action_contact_log_wizard"
        )
        action["context"] = {"active_model": self._name, "active_id": self.id}
        return action
