# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import pytz
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_amount, format_date

from . import collection_profile_mixin  # noqa: F401

CHANNELS = [
    ("phone", "Phone"),
    ("email", "E-mail"),
    ("sms", "SMS"),
    ("letter", "Letter"),
    ("meeting", "Meeting"),
    ("portal", "Portal"),
    ("chat", "Chat"),
    ("other", "Other"),
]
DIRECTIONS = [("out", "Outgoing"), ("in", "Incoming")]
# corrections of these are kept: what limits on contacts go by, and what was said and agreed
TRACKED = (
    "date",
    "user_id",
    "contact_id",
    "channel",
    "direction",
    "case_id",
    "profile_id",
    "outcome_id",
    "duration",
    "note",
    "agreed_date",
    "agreed_amount",
    "currency_id",
    "agreed_way_id",
    "agreed_note",
)


class CollectionContactLog(models.Model):
    """One contact with a customer: when, who, with whom, how, what came of it, what is next."""

    _name = "collection.contact.log"
    _description = "Contact with a Customer"
    _inherit = ["collection.profile.mixin"]
    _order = "date desc, id desc"
    _rec_names_search = ["partner_id.complete_name", "contact_id.complete_name", "note"]
    _check_company_auto = True

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    profile_id = fields.Many2one(
        compute="_compute_profile_id", store=True, readonly=False, precompute=True
    )
    case_id = fields.Many2one(
        "collection.case",
        "Case",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
        help="The case it was about. Empty: a contact with the customer that belongs to none.",
    )
    date = fields.Datetime(
        "Date", required=True, default=fields.Datetime.now, help="When the contact took place."
    )
    user_id = fields.Many2one(
        "res.users",
        "Made by",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        help="The colleague who spoke or wrote, or who took the call.",
    )
    contact_id = fields.Many2one(
        "res.partner", "Person", index=True, help="The person on the customer's side."
    )
    channel = fields.Selection(CHANNELS, "Channel", required=True, default="phone")
    direction = fields.Selection(
        DIRECTIONS,
        "Direction",
        required=True,
        default="out",
        help="Outgoing: we approached the customer. Incoming: the customer approached us.",
    )
    activity_id = fields.Many2one(
        "mail.activity",
        "Activity",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The planned activity that was done with this contact.",
    )
    activity_type_id = fields.Many2one(
        "mail.activity.type", "Activity Type", ondelete="set null", index="btree_not_null"
    )
    outcome_id = fields.Many2one(
        "collection.outcome",
        "Outcome",
        index="btree_not_null",
        ondelete="restrict",
        help="What the contact came to.",
    )
    duration = fields.Float("Duration (min)", help="How long it took, in minutes.")
    note = fields.Text("Note", help="What was said.")
    agreed_note = fields.Text("What Was Agreed")
    agreed_date = fields.Date("Agreed Payment Date", help="The day the customer agreed to pay.")
    currency_id = fields.Many2one(
        "res.currency",
        "Currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    agreed_amount = fields.Monetary("Agreed Amount", help="What the customer agreed to pay.")
    agreed_way_id = fields.Many2one(
        "collection.payment.way",
        "Agreed Way of Payment",
        ondelete="restrict",
        help="How the customer agreed to pay.",
    )
    agreed_state = fields.Selection(
        [
            ("pending", "Awaited"),
            ("received", "Received"),
            ("replaced", "Replaced"),
            ("cancelled", "Cancelled"),
        ],
        "Agreed Payment",
        copy=False,
        help="Awaited: not in yet. Received: what came in on the case since covers it. Replaced: "
        "something else was agreed later. Cancelled: taken back, or the case ended otherwise.",
    )
    received_amount = fields.Monetary(
        "Received",
        readonly=True,
        copy=False,
        help="What came in on the case since the contact.",
    )
    agreed_late = fields.Boolean(
        "Agreed Payment Is Late",
        compute="_compute_agreed_late",
        search="_search_agreed_late",
        help="The agreed day has passed and the money is not in.",
    )
    next_activity_type_id = fields.Many2one(
        "mail.activity.type", "Next Step", ondelete="set null", help="What is done next."
    )
    next_date = fields.Date("Next Step on")
    next_summary = fields.Char("Summary of the Next Step")
    next_user_id = fields.Many2one("res.users", "Next Step Is For", help="Who does it.")
    next_activity_id = fields.Many2one(
        "mail.activity",
        "Planned Activity",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The activity that was planned for the next step.",
    )

    change_ids = fields.One2many(
        "collection.contact.change",
        "log_id",
        "Corrections",
        readonly=True,
        copy=False,
        help="Who changed what of this record after it was made.",
    )

    _date_index = models.Index("(date DESC, id DESC)")
    _pending_index = models.Index("(agreed_date) WHERE agreed_state = 'pending'")
    _duration_positive = models.Constraint(
        "CHECK (duration >= 0)", "A contact cannot take less than no time."
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("case_id")
    def _compute_profile_id(self):
        for log in self:
            log.profile_id = log.case_id.profile_id or log.profile_id

    @api.depends("profile_id")
    def _compute_currency_id(self):
        for log in self:
            log.currency_id = (
                log.currency_id or (log.profile_id.company_id or self.env.company).currency_id
            )

    @api.depends("agreed_state", "agreed_date", "company_id")
    def _compute_agreed_late(self):
        for log in self:
            log.agreed_late = bool(
                log.agreed_state == "pending"
                and log.agreed_date
                and log.agreed_date < log.company_id._collection_today()
            )

    @api.model
    def _search_agreed_late(self, operator, value):
        if operator != "in" or len(value) != 1:
            return NotImplemented
        domain = fields.Domain("agreed_state", "=", "pending") & fields.Domain(
            "agreed_date", "<", self.env.company._collection_today()
        )
        return domain if next(iter(value)) else ~domain

    @api.depends("date", "channel", "contact_id", "partner_id")
    def _compute_display_name(self):
        channels = dict(self._fields["channel"]._description_selection(self.env))
        for log in self:
            # sudo: the name of the person spoken to
            person = log.contact_id.sudo().name or log.partner_id.sudo().display_name or ""
            log.display_name = ", ".join(
                part
                for part in (
                    channels.get(log.channel, ""),
                    person,
                    format_date(self.env, log._collection_day()) if log.date else "",
                )
                if part
            )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("agreed_date", "agreed_amount", "agreed_way_id", "currency_id")
    def _check_agreed_payment(self):
        for log in self:
            if not (log.agreed_date or log.agreed_amount or log.agreed_way_id):
                continue
            if not log.agreed_date:
                raise ValidationError(
                    self.env._("An agreed payment needs the day the customer will pay.")
                )
            if log.agreed_date < log._collection_day():
                raise ValidationError(
                    self.env._(
                        "The agreed payment date %(date)s lies before the contact of %(day)s.",
                        date=format_date(self.env, log.agreed_date),
                        day=format_date(self.env, log._collection_day()),
                    )
                )
            if log.currency_id.compare_amounts(log.agreed_amount, 0) <= 0:
                raise ValidationError(
                    self.env._("An agreed payment needs an amount greater than zero.")
                )
            if not log.agreed_way_id:
                raise ValidationError(
                    self.env._("An agreed payment needs the way in which the customer will pay.")
                )
            if not log.case_id:
                raise ValidationError(
                    self.env._(
                        "An agreed payment belongs to a case: choose the case it is for, or open "
                        "one for %s first.",
                        log.partner_id.display_name,
                    )
                )

    @api.constrains("case_id", "profile_id")
    def _check_case_of_customer(self):
        for log in self:
            if log.case_id and log.case_id.profile_id != log.profile_id:
                raise ValidationError(
                    self.env._(
                        "Case %(case)s is not a case of %(customer)s.",
                        case=log.case_id.name,
                        customer=log.partner_id.display_name,
                    )
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("agreed_date") and not vals.get("agreed_state"):
                vals["agreed_state"] = "pending"
        logs = super().create(vals_list)
        cases = logs.case_id
        cases._sync_last_contact()
        logs.filtered("agreed_state").case_id._sync_agreement()
        return logs

    def write(self, vals):
        agreement = not {
            "agreed_state",
            "agreed_date",
            "agreed_amount",
            "agreed_way_id",
            "currency_id",
            "case_id",
        }.isdisjoint(vals)
        cases = self.case_id
        tracked = [name for name in TRACKED if name in vals]
        before = {log: log._tracked_values(tracked) for log in self} if tracked else {}
        result = super().write(vals)
        self._keep_changes(tracked, before)
        if agreement and not self.env.context.get("agreement_synced"):
            for log in self:
                # what is agreed on an older record after all is awaited from now on
                if log.agreed_date and not log.agreed_state:
                    log.agreed_state = "pending"
                elif log.agreed_state and not log.agreed_date:
                    log.agreed_state = False
            (cases | self.case_id)._sync_agreement()
        if not {"date", "case_id"}.isdisjoint(vals):
            (cases | self.case_id)._sync_last_contact()
        return result

    def unlink(self):
        cases = self.case_id
        result = super().unlink()
        cases._sync_agreement()
        cases._sync_last_contact()
        return result

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_cancel_agreement(self):
        """Take back agreed payments that are still awaited; their cases go back to work."""
        for log in self:
            if log.agreed_state != "pending":
                raise UserError(self.env._("%s: no agreed payment is awaited.", log.display_name))
        self.write({"agreed_state": "cancelled"})
        nothing_awaited = self.case_id.filtered(
            lambda case: case.state == "promise" and not case.agreed_date
        )
        nothing_awaited._advance(
            "in_progress", self.env._("The agreed payment was taken back"), cause="outcome"
        )

    def action_open_case(self):
        """Open the case of the contact."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "collection.case",
            "res_id": self.case_id.id,
            "views": [(False, "form")],
        }

    # ------------------------------------------------------------
    # CORRECTIONS
    # ------------------------------------------------------------

    def _tracked_values(self, names):
        """Return {field: (value, the value in words)}."""
        self.ensure_one()
        # sudo: the names of people, whoever corrects
        log = self.sudo()
        return {
            name: (log[name], self._tracked_text(log._fields[name], log[name])) for name in names
        }

    def _tracked_text(self, field, value):
        """Return a value as it is kept in the history, dates and times in UTC."""
        if field.type == "many2one":
            return value.display_name or ""
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, "")
        if field.type == "datetime":
            return f"{value:%Y-%m-%d %H:%M:%S} UTC" if value else ""
        return str(value) if value else ""

    def _keep_changes(self, names, before):
        """Keep what differs from before, one row per field: who changed it, from what to what."""
        rows = []
        for log, old in before.items():
            new = log._tracked_values(names)
            rows += [
                {
                    "log_id": log.id,
                    "user_id": self.env.uid,
                    "field_name": name,
                    "old_value": old[name][1],
                    "new_value": new[name][1],
                }
                for name in names
                if old[name][0] != new[name][0]
            ]
        if rows:
            # sudo: the history is written by the system for whoever may correct the record
            self.env["collection.contact.change"].sudo().create(rows)

    # ------------------------------------------------------------
    # RECORDING
    # ------------------------------------------------------------

    @api.model
    def _record(self, vals):
        """Record a contact and do what follows from it.

        The case moves to the state of the outcome, else of an agreed payment, else of the
        activity type; an agreed payment is shown on the case and replaces earlier ones; the next
        step becomes an activity of the case. Where ``vals`` says nothing of the next step, the
        outcome decides on it.

        :param dict vals: values of this model
        :return: the new record
        """
        vals = dict(vals)
        case = self.env["collection.case"].browse(vals.get("case_id"))
        outcome = self.env["collection.outcome"].browse(vals.get("outcome_id"))
        if outcome and {"next_activity_type_id", "next_date", "next_summary"}.isdisjoint(vals):
            vals.update(self._next_step_of(outcome, case, vals))
        log = self.create(vals)
        log._move_case()
        log._plan_next_step()
        if not log.activity_id:
            log._log_on_case()
        return log

    @api.model
    def _next_step_of(self, outcome, case, vals):
        """Return the values of the next step that an outcome asks for."""
        if not outcome.next_activity_type_id or not case:
            return {}
        contact = self.new({
            "case_id": case.id,
            "profile_id": case.profile_id.id,
            "date": vals.get("date") or fields.Datetime.now(),
        })
        return {
            "next_activity_type_id": outcome.next_activity_type_id.id,
            "next_summary": outcome.next_summary,
            "next_date": outcome._next_date(
                case.company_id,
                contact._collection_day(),
                fields.Date.to_date(vals.get("agreed_date")),
            ),
            "next_user_id": outcome._next_user(case).id,
        }

    def _collection_day(self):
        """Return the day of the contact where the company collects."""
        self.ensure_one()
        company = self.company_id or self.env.company
        zone = pytz.timezone(company.collection_tz or "UTC")
        return pytz.utc.localize(self.date).astimezone(zone).date()

    def _move_case(self):
        """Move the case to the state the contact asks for."""
        for log in self.filtered("case_id"):
            kind = log.activity_type_id
            if log.outcome_id.target_state:
                log.case_id._advance(
                    log.outcome_id.target_state, log.outcome_id.name, cause="outcome"
                )
            elif log.agreed_state == "pending":
                log.case_id._advance("promise", self.env._("A payment was agreed"), cause="outcome")
            elif kind.collection and kind.collection_target_state:
                log.case_id._advance(kind.collection_target_state, kind.name)
            elif log.case_id.state == "not_started":
                log.case_id._advance("in_progress", log.outcome_id.name or log.display_name)

    def _plan_next_step(self):
        """Plan the next step as an activity of the case, without an e-mail to its user."""
        Activity = self.env["mail.activity"].with_context(mail_activity_quick_update=True)
        for log in self.filtered("next_date"):
            case = log.case_id
            if not case or case.state == "completed":
                continue
            kind = log.next_activity_type_id or self.env.ref(
                "collection.activity_type_call", raise_if_not_found=False
            )
            user = log.next_user_id or case.debt_manager_id or self.env.user
            log.next_activity_id = Activity.create({
                "res_model_id": self.env["ir.model"]._get_id(case._name),
                "res_id": case.id,
                "activity_type_id": kind.id,
                "summary": log.next_summary or kind.summary,
                "date_deadline": log.next_date,
                "user_id": user.id,
            })
            log.write({"next_user_id": user.id, "next_activity_type_id": kind.id})

    def _log_on_case(self):
        """Leave a line in the history of the case; a done activity leaves the host's own."""
        channels = dict(self._fields["channel"]._description_selection(self.env))
        directions = dict(self._fields["direction"]._description_selection(self.env))
        for log in self.filtered("case_id"):
            lines = [
                " · ".join(
                    part
                    for part in (
                        channels[log.channel],
                        directions[log.direction],
                        log.contact_id.name,
                        log.outcome_id.name,
                    )
                    if part
                ),
                log._agreed_text(),
                log.note,
            ]
            log.case_id._message_log(
                body=Markup("<br/>").join(line for line in lines if line),
            )

    def _agreed_text(self):
        """Return the agreed payment in words, an empty text where there is none."""
        self.ensure_one()
        if not self.agreed_date:
            return ""
        return self.env._(
            "Agreed: %(amount)s on %(date)s, %(way)s",
            amount=format_amount(self.env, self.agreed_amount, self.currency_id),
            date=format_date(self.env, self.agreed_date),
            way=self.agreed_way_id.name,
        )
