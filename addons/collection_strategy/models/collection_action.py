# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from .collection_rule import ACTIONS

KINDS = [kind for kind in ACTIONS if kind[0] != "none"] + [
    ("read", "Read a Message"),
    ("check_message", "Check a Message"),
    ("address", "Correct an Address"),
    ("failed_step", "Failed Step"),
]
# the kinds that wait for a person; the others are done by the run
WORK_KINDS = (
    "call",
    "activity",
    "escalate",
    "suggest_writeoff",
    "read",
    "check_message",
    "address",
    "failed_step",
)
# work for a role rather than for the debt manager
ESCALATION = "escalate"
WRITE_OFF = "suggest_writeoff"
ROLE_KINDS = (ESCALATION, WRITE_OFF)
STATES = [
    ("planned", "To Do"),
    ("done", "Done"),
    ("skipped", "Skipped"),
    ("stopped", "Stopped"),
    ("gone", "Reason Gone"),
    ("failed", "Failed"),
]
# from each state, the states an action may go to
TRANSITIONS = {
    "planned": {"done", "skipped", "stopped", "gone", "failed"},
    "done": {"planned"},
    "skipped": {"planned"},
    "stopped": {"planned", "done", "gone"},
    "failed": {"planned", "done", "gone"},
    "gone": {"planned"},
}
# how long work takes where neither rule nor script says it
DEFAULT_MINUTES = 5
# when it is to be done: moving it is a resubmission
MOVED = frozenset({"planned_for", "planned_at"})
REOPENERS = "collection.group_team_leader"


class CollectionAction(models.Model):
    """A planned step with a customer, and a row of the worklist where a person has to do it."""

    _name = "collection.action"
    _description = "Planned Action"
    _inherit = ["collection.guard.mixin"]
    _order = "score desc, planned_for, planned_at, id"
    _rec_names_search = ["partner_id.complete_name", "reason", "rule_name"]
    _check_company_auto = True

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    profile_id = fields.Many2one(
        "collection.profile",
        "Customer Profile",
        index=True,
        ondelete="cascade",
        help="Empty only for a message from somebody whom nobody knows.",
    )
    company_id = fields.Many2one(
        "res.company",
        "Company",
        compute="_compute_company_id",
        store=True,
        # few companies: an index would find nothing sooner, and planning would fill it
        precompute=True,
    )
    partner_id = fields.Many2one(
        related="profile_id.partner_id", store=True, index=True, precompute=True, string="Customer"
    )
    case_id = fields.Many2one(
        "collection.case", "Case", index="btree_not_null", ondelete="cascade", check_company=True
    )
    kind = fields.Selection(KINDS, "Action", required=True, default="call")
    source = fields.Selection(
        [
            ("rule", "Rule"),
            ("incoming", "Incoming Message"),
            ("message", "Message to Check"),
            ("activity", "Activity"),
            ("failed", "Failed Step of a Rule"),
            ("manual", "By Hand"),
        ],
        "Comes from",
        required=True,
        default="rule",
    )
    state = fields.Selection(
        STATES, "Status", required=True, default="planned", readonly=True, copy=False
    )
    planned_for = fields.Date(
        "Planned for",
        required=True,
        default=lambda self: self.env.company._collection_today(),
        help="On the worklist from this day on.",
    )
    planned_at = fields.Float("Time of Day", help="When to call, in the user's time zone. 0: any.")
    resubmit_count = fields.Integer("Times Resubmitted", readonly=True, default=0, copy=False)
    rule_id = fields.Many2one(
        "collection.rule", "Rule", index="btree_not_null", ondelete="set null", readonly=True
    )
    version_id = fields.Many2one(
        "collection.strategy.version",
        "Version of the Strategy",
        ondelete="set null",
        readonly=True,
    )
    rule_name = fields.Char(
        "Rule in Words", readonly=True, help="What the rule was called when it planned this."
    )
    reason = fields.Char("Why", help="Why this is to be done, in words.")
    score = fields.Integer(
        "Score", readonly=True, aggregator="max", help="The customer's score, kept up by the cycle."
    )
    action_item_ids = fields.One2many("collection.action.item", "action_id", "Items of the Action")
    item_ids = fields.Many2many(
        "collection.item",
        string="Items",
        compute="_compute_item_ids",
        compute_sudo=True,
        help="The open items it is about. None: all that are due.",
    )
    script_id = fields.Many2one("collection.script", "Call Script")
    minutes = fields.Integer(
        "Expected Minutes", default=DEFAULT_MINUTES, help="How long it takes, to plan the day."
    )
    user_id = fields.Many2one(
        "res.users",
        "For",
        index="btree_not_null",
        domain=[("share", "=", False)],
        help="Who does it. Empty: the debt manager of case or customer; for an escalation the "
        "team leader, for a suggested write-off the accountant or the credit manager.",
    )
    responsible_id = fields.Many2one(
        "res.users",
        "Responsible",
        compute="_compute_responsible_id",
        search="_search_responsible_id",
        compute_sudo=True,
        help="Who does it: the person it is for, else who looks after case or customer.",
    )
    is_mine = fields.Boolean(
        "On My Worklist",
        compute="_compute_is_mine",
        search="_search_is_mine",
        help="It is for me, or for somebody I stand in for today, or for a role that I have.",
    )
    is_led = fields.Boolean("Of a Team I Lead", compute="_compute_is_mine", search="_search_is_led")
    message_id = fields.Many2one(
        "collection.message",
        "Message",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
    )
    incoming_id = fields.Many2one(
        "collection.incoming",
        "Incoming Message",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
    )
    activity_id = fields.Many2one(
        "mail.activity", "Activity", index="btree_not_null", ondelete="set null", readonly=True
    )
    contact_log_id = fields.Many2one(
        "collection.contact.log",
        "Contact",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The recorded contact by which it was done.",
    )
    closed_on = fields.Datetime("Closed on", readonly=True, copy=False)
    closed_by_id = fields.Many2one("res.users", "Closed by", readonly=True, copy=False)
    close_reason = fields.Char(
        "What Came of It",
        readonly=True,
        copy=False,
        help="What came of it, or why it was skipped, stopped or has gone.",
    )
    transition_ids = fields.One2many("collection.action.transition", "action_id", "History")
    currency_id = fields.Many2one(related="company_id.currency_id", string="Currency")
    amount_to_collect = fields.Monetary(
        "To Collect",
        compute="_compute_amounts",
        help="Due by today on the case, else by the customer, less what is blocked.",
    )
    days_late = fields.Integer("Days Late", compute="_compute_amounts")

    _customer_known = models.Constraint(
        "CHECK (profile_id IS NOT NULL OR source = 'incoming')",
        "Say which customer it is about.",
    )
    _minutes_positive = models.Constraint(
        "CHECK (minutes IS NULL OR minutes >= 0)", "Work cannot take less than no time."
    )
    _time_of_day = models.Constraint(
        "CHECK (planned_at IS NULL OR planned_at >= 0 AND planned_at < 24)",
        "A time of day lies between 0:00 and 23:59.",
    )
    # a hundred thousand rows are counted by it without reading the table
    _worklist_index = models.Index(
        "(score DESC, planned_for, planned_at, id)"
        " INCLUDE (kind, minutes, case_id, profile_id, user_id, company_id)"
        f" WHERE state = 'planned' AND kind IN {WORK_KINDS}"
    )
    _closed_index = models.Index("(closed_on, closed_by_id) WHERE state <> 'planned'")
    _incoming_uniq = models.UniqueIndex(
        "(incoming_id) WHERE incoming_id IS NOT NULL AND state = 'planned'",
        "This message is on the worklist already.",
    )
    _activity_uniq = models.UniqueIndex(
        "(activity_id) WHERE activity_id IS NOT NULL AND state = 'planned'",
        "This activity is on the worklist already.",
    )
    _message_uniq = models.UniqueIndex(
        "(message_id) WHERE kind = 'check_message' AND state = 'planned'",
        "This message is on the worklist already.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("profile_id", "incoming_id")
    def _compute_company_id(self):
        for action in self:
            source = action.profile_id or action.incoming_id
            action.company_id = source.company_id or action.company_id or self.env.company

    @api.depends("action_item_ids.item_id")
    def _compute_item_ids(self):
        for action in self:
            action.item_ids = action.action_item_ids.item_id

    @api.depends("case_id", "profile_id")
    def _compute_amounts(self):
        for action in self:
            # sudo: what the customer of an action owes is no secret to those who see the action
            source = (action.case_id or action.profile_id).sudo()
            action.amount_to_collect = source.amount_to_collect
            action.days_late = source.days_late

    @api.depends("kind", "partner_id", "reason", "rule_name")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for action in self:
            parts = (
                kinds.get(action.kind),
                # sudo: the name of the customer
                action.partner_id.sudo().display_name or action.sudo().incoming_id.email_from,
            )
            action.display_name = ": ".join(part for part in parts if part)

    # ------------------------------------------------------------
    # WHO DOES IT
    # ------------------------------------------------------------

    @api.depends(
        "kind",
        "user_id",
        "case_id.debt_manager_id",
        "case_id.team_id",
        "profile_id.debt_manager_id",
        "profile_id.team_id",
    )
    def _compute_responsible_id(self):
        for action in self:
            source = action.case_id or action.profile_id
            if action.user_id or action.kind == WRITE_OFF:
                action.responsible_id = action.user_id
            elif action.kind == ESCALATION:
                team = source.team_id
                while team and not team.leader_id:
                    team = team.parent_id
                action.responsible_id = team.leader_id
            else:
                action.responsible_id = source.debt_manager_id

    @api.model
    def _search_responsible_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        people = [user_id for user_id in value if user_id]
        nobody = len(people) < len(value)
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "(%(responsible)s = ANY(%(people)s) OR %(nobody)s AND %(responsible)s IS NULL)",
                responsible=self._responsible_sql(alias),
                people=people,
                nobody=nobody,
            )
        )

    def _field_to_sql(self, alias, field_expr, query=None):
        # lists and pivots group the work by who does it
        if field_expr == "responsible_id":
            return self._responsible_sql(alias)
        return super()._field_to_sql(alias, field_expr, query)

    def _responsible_sql(self, alias):
        """Return who does it as SQL; the same as ``responsible_id`` computes."""
        return SQL(
            """(CASE
                WHEN %(alias)s.user_id IS NOT NULL OR %(alias)s.kind = %(write_off)s
                THEN %(alias)s.user_id
                WHEN %(alias)s.kind = %(escalation)s THEN (
                    WITH RECURSIVE above AS (
                        SELECT team.id, team.leader_id, team.parent_id, 0 AS height
                          FROM collection_team team
                         WHERE team.id = CASE WHEN %(alias)s.case_id IS NOT NULL
                               THEN (SELECT team_id FROM collection_case
                                      WHERE id = %(alias)s.case_id)
                               ELSE (SELECT team_id FROM collection_profile
                                      WHERE id = %(alias)s.profile_id) END
                         UNION ALL
                        SELECT team.id, team.leader_id, team.parent_id, above.height + 1
                          FROM collection_team team
                          JOIN above ON team.id = above.parent_id
                         WHERE above.leader_id IS NULL)
                    SELECT leader_id FROM above
                     WHERE leader_id IS NOT NULL ORDER BY height LIMIT 1)
                WHEN %(alias)s.case_id IS NOT NULL THEN (
                    SELECT debt_manager_id FROM collection_case WHERE id = %(alias)s.case_id)
                ELSE (
                    SELECT debt_manager_id FROM collection_profile
                     WHERE id = %(alias)s.profile_id)
            END)""",
            alias=SQL.identifier(alias),
            escalation=ESCALATION,
            write_off=WRITE_OFF,
        )

    @api.depends("responsible_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        mine = self.search([("id", "in", self.ids), ("is_mine", "=", True)])
        led = self.search([("id", "in", self.ids), ("is_led", "=", True)])
        for action in self:
            action.is_mine = action._origin in mine
            action.is_led = action._origin in led

    @api.model
    def _search_is_mine(self, operator, value):
        if operator != "in" or len(value) != 1:
            return NotImplemented
        domain = Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s IN (SELECT mine.id FROM (%s) AS mine)",
                SQL.identifier(alias, "id"),
                self._mine_sql(self.env.user, SQL("TRUE")),
            )
        )
        return domain if next(iter(value)) else ~domain

    @api.model
    def _search_is_led(self, operator, value):
        if operator != "in" or len(value) != 1:
            return NotImplemented
        domain = self.env.user._collection_action_domain(led=True)
        return domain if next(iter(value)) else ~domain

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        by_hand = not self.env.su
        values = []
        for vals in vals_list:
            if vals.get("state", "planned") != "planned":
                raise UserError(self.env._("A new action is planned; it is done later."))
            if by_hand and vals.get("source", "manual") != "manual":
                raise UserError(self.env._("What people plan is planned by hand."))
            values.append({"source": "manual", **vals} if by_hand else vals)
        if by_hand:
            # a step with a customer of one's own shows the customer
            self.env["collection.profile"].browse({
                vals["profile_id"] for vals in values if vals.get("profile_id")
            }).check_access("read")
        actions = super().create(values)
        for action in actions.filtered(lambda action: action.source == "manual").sudo():
            # sudo: what the cycle decides is written by the system
            action.score = action.profile_id.score
        return actions

    def write(self, vals):
        if "state" in vals:
            self._check_field_access(self._fields["state"], "write")
            vals = dict(vals)
            self._set_state(vals.pop("state"))
        if not self.env.su and not MOVED.isdisjoint(vals):
            vals = dict(vals)
            # a person drags it to another day of the calendar
            self._move_by_hand({name: vals.pop(name) for name in MOVED & vals.keys()})
        return super().write(vals) if vals else True

    def _move_by_hand(self, vals):
        """Put the actions off to another day, or another time of it."""
        for action in self:
            day = fields.Date.to_date(vals.get("planned_for")) or action.planned_for
            time = vals.get("planned_at", action.planned_at)
            if (day, time) != (action.planned_for, action.planned_at):
                action._resubmit(day, self.env._("Moved by hand"), time)

    def _fixed_fields(self):
        return super()._fixed_fields() | {"profile_id", "kind", "source"}

    # ------------------------------------------------------------
    # STATES
    # ------------------------------------------------------------

    def _set_state(self, state, reason=None, cause="user", **vals):  # pylint: disable=missing-return
        """Move the actions to ``state``: what writes it, beside the statements of the cycle.

        :param str state: one of :data:`STATES`
        :param str reason: what came of it, or why, in words a person reads
        :param str cause: what asked for it, see ``collection.action.transition``
        :param vals: further values that come with the state
        :raise UserError: when an action may not go there from where it is
        """
        moving = self.filtered(lambda action: action.state != state)
        labels = dict(self._fields["state"]._description_selection(self.env))
        for action in moving:
            if state not in TRANSITIONS[action.state]:
                raise UserError(
                    self.env._(
                        "“%(action)s” is %(current)s and cannot become %(wanted)s.",
                        action=action.display_name,
                        current=labels[action.state],
                        wanted=labels[state],
                    )
                )
        moving.check_access("write")
        for from_state, actions in moving.grouped("state").items():
            actions._log_transitions(from_state, state, reason, cause)
        closed = state != "planned"
        # sudo: states are written by this method only, for whoever may write the action
        writing = moving.sudo()
        # past this model's own write(), which comes here
        super(CollectionAction, writing).write({  # pylint: disable=super-method-mismatch
            "state": state,
            "closed_on": closed and fields.Datetime.now(),
            "closed_by_id": closed and self.env.uid,
            "close_reason": closed and reason,
            **vals,
        })
        # the partial unique indexes must see the new state before another row is created
        writing.flush_recordset(["state"])

    def _log_transitions(self, from_state, to_state, reason=None, cause="user"):
        """Write one row of history per action."""
        # sudo: history is written by the system for whoever may move the action
        self.env["collection.action.transition"].sudo().create([
            {
                "action_id": action.id,
                "from_state": from_state,
                "to_state": to_state,
                "planned_for": action.planned_for,
                "reason": reason,
                "cause": cause,
                "user_id": self.env.uid,
            }
            for action in self
        ])

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _check_planned(self):
        """Check that nobody has closed the actions meanwhile."""
        labels = dict(self._fields["state"]._description_selection(self.env))
        for action in self:
            if action.state != "planned":
                raise UserError(
                    self.env._(
                        "“%(action)s” is not to be done any more: %(state)s.",
                        action=action.display_name,
                        state=labels[action.state],
                    )
                )

    def _done(self, reason=None, **vals):
        """Mark the actions as done, and what they come from: the message, the activity."""
        self._check_planned()
        self._check_messages_decided()
        self._set_state("done", reason, **vals)
        self._do_sources(reason)

    def _skip(self, reason):
        """Decide that the actions are not done; the run does not plan them again at once.

        :param str reason: why; asked for
        """
        if not (reason or "").strip():
            raise UserError(self.env._("Say why it is skipped."))
        self._check_planned()
        self._check_messages_decided()
        self._set_state("skipped", reason)
        self._skip_sources(reason)

    def _resubmit(self, day, reason, time=0.0):
        """Put the actions off: they return to the worklist on a day.

        :param date day: when; not before tomorrow unless a time of today is given
        :param str reason: why; asked for
        :param float time: the hour of an appointment; 0: any
        """
        self._check_planned()
        if not (reason or "").strip():
            raise UserError(self.env._("Say why it is put off."))
        self.check_access("write")
        for action in self:
            today = action.company_id._collection_today()
            if day < today or (day == today and not time):
                raise UserError(
                    self.env._(
                        "Choose a day after %s, or a time of today.", format_date(self.env, today)
                    )
                )
        for action in self.sudo():  # sudo: the count is kept by this method
            action.write({
                "planned_for": day,
                "planned_at": time,
                "resubmit_count": action.resubmit_count + 1,
            })
        self._log_transitions("planned", "planned", reason, cause="resubmission")
        self._resubmit_sources(day)

    def _reopen(self, reason):
        """Put closed actions back on the worklist.

        :param str reason: why
        :raise AccessError: when somebody else than a leader wants to
        """
        if not self.env.su and not self.env.user.has_group(REOPENERS):
            raise AccessError(self.env._("Only team leaders and managers reopen what was closed."))
        closed = self.filtered(lambda action: action.state != "planned")
        closed._set_state("planned", reason, contact_log_id=False)
        closed._reopen_sources()

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_done(self):
        """Ask what came of it, then mark it as done."""
        return self._close_wizard("done")

    def action_skip(self):
        """Ask why it is skipped."""
        return self._close_wizard("skipped")

    def action_resubmit(self):
        """Ask until when and why it is put off."""
        self._check_planned()
        return self._wizard("collection.action.resubmit.wizard", self.env._("Resubmit"))

    def action_reopen(self):
        """Put it back on the worklist."""
        self._reopen(self.env._("Reopened by hand"))

    def action_open_customer_screen(self):
        """Open the customer screen of the customer."""
        self.ensure_one()
        if not self.profile_id:
            raise UserError(self.env._("Nobody knows yet which customer this is."))
        return self.profile_id.action_open_customer_screen()

    def _close_wizard(self, state):
        self._check_planned()
        titles = {"done": self.env._("Done"), "skipped": self.env._("Skip")}
        return self._wizard("collection.action.close.wizard", titles[state], default_state=state)

    def _wizard(self, model, title, **context):
        """Return a dialog about these actions."""
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": model,
            "views": [(False, "form")],
            "target": "new",
            "context": {**context, "default_action_ids": self.ids},
        }
