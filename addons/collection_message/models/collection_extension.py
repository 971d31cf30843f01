# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""More time for a customer: asked for, decided by who may, and from then on the due date."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_amount, format_date

STATES = [
    ("requested", "Requested"),
    ("approved", "Approved"),
    ("refused", "Refused"),
    ("cancelled", "Cancelled"),
    ("revoked", "Revoked"),
]
# from each state, the states a request may go to
TRANSITIONS = {
    "requested": {"approved", "refused", "cancelled"},
    "approved": {"revoked"},
    "refused": set(),
    "cancelled": set(),
    "revoked": set(),
}
# who decides, the smallest first, with the groups they are known by
ROLES = [
    ("debt_manager", "Debt Manager"),
    ("team_leader", "Team Leader"),
    ("collection_manager", "Collection Manager"),
    ("credit_manager", "Credit Manager"),
]
ROLE_GROUPS = {role: f"collection.group_{role}" for role, _label in ROLES}


class CollectionExtension(models.Model):
    """A request for a later due date of some open items, and what was decided on it."""

    _name = "collection.extension"
    _description = "Extension of Terms"
    _inherit = [
        "collection.guard.mixin",
        "collection.profile.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "requested_on desc, id desc"
    _rec_names_search = ["partner_id.complete_name", "reason"]
    _check_company_auto = True

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    profile_id = fields.Many2one(readonly=True, check_company=True)
    debt_manager_id = fields.Many2one(related="profile_id.debt_manager_id")
    currency_id = fields.Many2one(related="company_id.currency_id", string="Currency")
    case_id = fields.Many2one(
        "collection.case",
        "Case",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
    )
    line_ids = fields.One2many("collection.extension.line", "extension_id", "Items", readonly=True)
    item_ids = fields.Many2many(
        "collection.item",
        string="Open Items",
        compute="_compute_item_ids",
        search="_search_item_ids",
    )
    new_date = fields.Date(
        "New Due Date", readonly=True, help="The latest of the due dates that are asked for."
    )
    days = fields.Integer(
        "Days",
        readonly=True,
        help="The longest time between the due date of a document and the one asked for: several "
        "small extensions count together.",
    )
    amount = fields.Monetary(
        "Amount", readonly=True, help="What was open on the items, in company currency."
    )
    reason = fields.Text("Reason", required=True, readonly=True, help="Why more time is needed.")
    state = fields.Selection(
        STATES, "State", required=True, default="requested", readonly=True, tracking=True
    )
    requested_by = fields.Many2one("res.users", "Requested by", required=True, readonly=True)
    requested_on = fields.Datetime("Requested on", required=True, readonly=True)
    decided_by = fields.Many2one("res.users", "Decided by", readonly=True, tracking=True)
    decided_on = fields.Datetime("Decided on", readonly=True)
    decision_note = fields.Text(
        "Note on the Decision",
        tracking=True,
        help="Why it is approved or refused; whoever asked reads it.",
    )
    revoked_by = fields.Many2one("res.users", "Revoked by", readonly=True, tracking=True)
    revoked_on = fields.Datetime("Revoked on", readonly=True)
    role_needed = fields.Selection(
        ROLES,
        "Decided by Role",
        compute="_compute_role_needed",
        help="The smallest role whose limits allow so many days and so much money.",
    )
    may_decide = fields.Boolean(
        "I May Decide", compute="_compute_may_decide", search="_search_may_decide"
    )
    is_outcome_kept = fields.Selection(
        [("running", "Not Due Yet"), ("kept", "Kept"), ("broken", "Not Kept")],
        "Outcome",
        compute="_compute_outcome",
        help="Kept: everything was paid by the granted date.",
    )
    earlier_count = fields.Integer("Earlier Extensions", compute="_compute_earlier")
    earlier_kept = fields.Integer(
        "Kept", compute="_compute_earlier", help="Earlier extensions paid by the granted date."
    )
    earlier_broken = fields.Integer(
        "Not Kept", compute="_compute_earlier", help="Earlier extensions not paid by then."
    )
    profile_amount_open = fields.Monetary(related="profile_id.amount_open", string="Owes in All")
    profile_amount_overdue = fields.Monetary(
        related="profile_id.amount_overdue", string="Overdue in All"
    )
    profile_days_late = fields.Integer(
        related="profile_id.days_late", string="Days Late of the Customer"
    )

    _requested_index = models.Index("(profile_id) WHERE state = 'requested'")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("line_ids.item_id")
    def _compute_item_ids(self):
        for extension in self:
            extension.item_ids = extension.line_ids.item_id

    @api.model
    def _search_item_ids(self, operator, value):
        return [("line_ids.item_id", operator, value)]

    @api.depends("partner_id", "new_date")
    def _compute_display_name(self):
        for extension in self:
            extension.display_name = self.env._(
                "%(customer)s until %(day)s",
                customer=extension.partner_id.display_name or "",
                day=format_date(self.env, extension.new_date),
            )

    def _now_asked(self):
        """Return days and amount that are decided on: of what is still open."""
        self.ensure_one()
        lines = self._open_lines() if self.state == "requested" else self.line_ids
        return (
            max(lines.mapped("days"), default=0),
            sum(lines.item_id.mapped("amount_residual"))
            if self.state == "requested"
            else self.amount,
        )

    @api.depends("line_ids.item_id.amount_residual", "state", "days", "amount", "company_id")
    def _compute_role_needed(self):
        for extension in self:
            days, amount = extension._now_asked()
            extension.role_needed = extension.company_id._collection_extension_role(days, amount)

    @api.depends("role_needed", "profile_id")
    @api.depends_context("uid")
    def _compute_may_decide(self):
        writable = self._filtered_access("write")
        for extension in self:
            extension.may_decide = (
                extension in writable
                and extension.state in ("requested", "approved")
                and self.env.user._collection_may_extend(
                    extension.company_id, *extension._now_asked()
                )
            )

    @api.model
    def _search_may_decide(self, operator, value):
        if operator != "in" or len(value) != 1:
            return NotImplemented
        waiting = self.search([("state", "=", "requested")])
        mine = waiting.filtered("may_decide")
        return [("id", "in" if next(iter(value)) else "not in", mine.ids)]

    @api.depends("line_ids.outcome", "state")
    def _compute_outcome(self):
        for extension in self:
            outcomes = set(extension.line_ids.mapped("outcome"))
            if extension.state != "approved":
                extension.is_outcome_kept = False
            elif "broken" in outcomes:
                extension.is_outcome_kept = "broken"
            else:
                extension.is_outcome_kept = "running" if "running" in outcomes else "kept"

    @api.depends("profile_id")
    def _compute_earlier(self):
        by_profile = self.search([
            ("profile_id", "in", self.profile_id.ids),
            ("state", "=", "approved"),
        ]).grouped("profile_id")
        for extension in self:
            earlier = by_profile.get(extension.profile_id, self.browse()) - extension
            outcomes = earlier.mapped("is_outcome_kept")
            extension.earlier_count = len(earlier)
            extension.earlier_kept = outcomes.count("kept")
            extension.earlier_broken = outcomes.count("broken")

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def _has_field_access(self, field, operation):
        if (
            operation == "write"
            and field.name == "decision_note"
            and not self.env.su
            # sudo: only whether they are decided, which refuses more, never less
            and any(extension.state != "requested" for extension in self.sudo())
        ):
            # what was decided stays as it was told
            return False
        return super()._has_field_access(field, operation)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_approve(self):
        """Grant the time: from now on the new due dates rule."""
        for extension in self:
            extension._approve()

    def action_refuse(self):
        """Refuse the request; nothing changes."""
        for extension in self:
            extension._check_may_decide()
            if not (extension.decision_note or "").strip():
                raise UserError(self.env._("Say in the note on the decision why it is refused."))
            extension._set_state("refused", **extension._decision())
            extension._tell_requester()

    def action_cancel(self):
        """Take the request back; nothing changes."""
        for extension in self:
            extension.check_access("write")
            if self.env.user != extension.requested_by:
                extension._check_may_decide()
            extension._set_state("cancelled", **extension._decision())

    def action_revoke(self):
        """Take back time that was granted: the due dates before it rule again."""
        for extension in self:
            extension._check_may_decide()
            extension._set_state(
                "revoked", revoked_by=self.env.uid, revoked_on=fields.Datetime.now()
            )
            extension._take_back()
            extension._tell_requester()

    def action_open_earlier(self):
        """List the earlier extensions of the customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "collection_message.action_extension"
        )
        action["domain"] = [("profile_id", "=", self.profile_id.id), ("id", "!=", self.id)]
        action["context"] = {}
        return action

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    @api.model
    def _request(self, items, new_date=None, days=None, reason=None, case=None):
        """Ask for more time for items of one customer; who may decide on it gets an activity.

        :param date new_date: the due date asked for, the same for all items
        :param int days: else days more, from the due date of each item, or from today where that
            has passed
        :return: the request
        """
        items.check_access("write")
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the customer needs more time."))
        profile = items.profile_id
        if len(profile) != 1:
            raise UserError(self.env._("Choose open items of one customer."))
        dates = self._dates_asked(items, new_date, days)
        most_days = max(self._days_asked(item, day) for item, day in dates.items())
        amount = sum(items.mapped("amount_residual"))
        self._check_somebody_may(profile.company_id, most_days, amount)
        # sudo: whoever may write the items may ask; nobody writes requests otherwise
        extension = self.sudo().create({
            "profile_id": profile.id,
            "case_id": (case or items.case_id[:1]).id,
            "new_date": max(dates.values()),
            "days": most_days,
            "amount": amount,
            "reason": reason.strip(),
            "requested_by": self.env.uid,
            "requested_on": fields.Datetime.now(),
            "line_ids": [
                (
                    0,
                    0,
                    {
                        "item_id": item.id,
                        "date_before": item.date_due,
                        "granted_before": item.granted_date,
                        "new_date": day,
                        "days": self._days_asked(item, day),
                        "amount": item.amount_residual,
                    },
                )
                for item, day in dates.items()
            ],
        })
        extension._ask_decider()
        return extension.sudo(False)

    @api.model
    def _check_somebody_may(self, company, days, amount):
        if not company._collection_extension_role(days, amount):
            raise UserError(
                self.env._(
                    "Nobody may grant %(days)s days and %(amount)s: ask for less, or have the "
                    "limits of the roles raised in the settings.",
                    days=days,
                    amount=format_amount(self.env, amount, company.currency_id),
                )
            )

    @api.model
    def _dates_asked(self, items, new_date, days):
        """Return {item: the due date asked for}.

        :raise UserError: where an item cannot have more time, or the date is no later one
        """
        dates = {}
        waiting = self.env["collection.extension.line"].search([
            ("item_id", "in", items.ids),
            ("extension_id.state", "=", "requested"),
        ])
        if waiting:
            raise UserError(
                self.env._(
                    "More time has been asked for %s already, and nobody has decided yet.",
                    waiting[0].item_id.display_name,
                )
            )
        for item in items:
            today = item.company_id._collection_today()
            if item.state != "open" or item.side != "debit" or not item.date_due:
                raise UserError(self.env._("Nothing is owed on %s.", item.display_name))
            day = new_date or fields.Date.add(max(today, item.date_due), days=days or 0)
            if day <= item.date_due or day < today:
                raise UserError(
                    self.env._(
                        "%(item)s is due on %(due)s: choose a later day, and none in the past.",
                        item=item.display_name,
                        due=format_date(self.env, item.date_due),
                    )
                )
            dates[item] = day
        if not dates:
            raise UserError(self.env._("Choose the open items that need more time."))
        return dates

    @api.model
    def _days_asked(self, item, day):
        return (day - (item.date_maturity or item.date_due)).days

    def _open_lines(self):
        """Return the lines whose item is still owed and not due later anyway."""
        return self.line_ids.filtered(
            lambda line: (
                line.item_id.state == "open"
                and not line.item_id.company_currency_id.is_zero(line.item_id.amount_residual)
                and line.item_id.date_due < line.new_date
            )
        )

    def _approve(self):
        self.ensure_one()
        self._check_may_decide()
        lines = self.sudo()._open_lines()  # sudo: asked just now whether the user may decide
        if not lines:
            self._fall_away()
            return
        days, amount = self._now_asked()
        self._set_state("approved", **self._decision(), days=days, amount=amount)
        for day, same_day in lines.grouped("new_date").items():
            for line in same_day:
                line.granted_before = line.item_id.granted_date
            same_day.item_id.write({"granted_date": day})
        lines.granted = True
        self._tell_requester()

    def _take_back(self):
        """Give the items the due date back that they had, unless they have got another since."""
        # sudo: asked before whether the user may decide
        lines = self.sudo().line_ids.filtered(
            lambda line: line.granted and line.item_id.granted_date == line.new_date
        )
        for day, same_day in lines.grouped("granted_before").items():
            same_day.item_id.write({"granted_date": day})

    def _fall_away(self):
        """Close requests on items that are paid meanwhile."""
        for extension in self:
            extension._set_state(
                "cancelled",
                decided_on=fields.Datetime.now(),
                decision_note=self.env._("Nothing is left to decide: the items are paid."),
            )

    def _set_state(self, state, **vals):
        """Take a request to another state, once.

        :raise UserError: where somebody else has decided before
        """
        self.ensure_one()
        # sudo: the callers check who may; people do not write states otherwise
        extension = self.sudo()
        extension.lock_for_update()
        extension.invalidate_recordset(["state"])
        if state not in TRANSITIONS[extension.state]:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(extension)s is %(state)s already.",
                    extension=self.display_name,
                    state=labels[extension.state].lower(),
                )
            )
        extension.write({"state": state, **vals})
        extension.activity_ids.filtered(
            lambda activity: activity.activity_type_id == self._activity_type()
        ).action_feedback(feedback=vals.get("decision_note") or extension.decision_note or "")

    def _decision(self):
        return {"decided_by": self.env.uid, "decided_on": fields.Datetime.now()}

    def _check_may_decide(self):
        """Check that the user may decide on so many days and so much money.

        :raise AccessError: naming the role that may
        """
        self.ensure_one()
        self.check_access("write")
        if self.env.su or self.may_decide or self.state not in ("requested", "approved"):
            return
        roles = dict(self._fields["role_needed"]._description_selection(self.env))
        days, amount = self._now_asked()
        raise AccessError(
            self.env._(
                "%(days)s days and %(amount)s are beyond what you may grant: the role %(role)s "
                "decides.",
                days=days,
                amount=format_amount(self.env, amount, self.currency_id),
                role=roles.get(self.role_needed, "-"),
            )
        )

    # ------------------------------------------------------------
    # WHO DECIDES
    # ------------------------------------------------------------

    @api.model
    def _activity_type(self):
        return self.env.ref("collection_message.activity_type_extension", raise_if_not_found=False)

    def _ask_decider(self):
        """Give the request to somebody who may decide on it, as an activity."""
        self.ensure_one()
        decider = self._find_decider()
        if not decider:
            # nobody with the role: whoever has it later finds it under "to decide"
            return
        self.activity_schedule(
            "collection_message.activity_type_extension",
            user_id=decider.id,
            summary=self.env._("Decide: more time for %s", self.partner_id.display_name),
            note=self.reason,
        )

    def _find_decider(self):
        """Return a colleague who may decide: of the smallest role that may, close to the case."""
        self.ensure_one()
        company = self.company_id
        days, amount = self._now_asked()
        chosen = self.env["res.users"]
        for role, _label in ROLES:
            if not company._collection_extension_allows(role, days, amount):
                continue
            people = self._people_of_role(role)
            chosen = (people - self.requested_by)[:1] or people[:1]
            if chosen:
                break
        return chosen

    def _people_of_role(self, role):
        """Return who has a role for this customer, the closest first."""
        # sudo: who works with whom
        profile = self.profile_id.sudo()
        group = self.env.ref(ROLE_GROUPS[role])
        if role == "debt_manager":
            people = self.case_id.sudo().debt_manager_id | profile.debt_manager_id
        elif role == "team_leader":
            teams = (
                self.case_id.sudo().team_id
                | profile.team_id
                | profile.debt_manager_id.collection_team_ids
            )
            people = self.env["res.users"]
            for team in teams:
                while team:
                    people |= team.leader_id
                    team = team.parent_id
        else:
            people = (
                self
                .env["res.users"]
                .sudo()
                .search(  # sudo: as above
                    [
                        ("all_group_ids", "in", group.ids),
                        ("company_ids", "in", self.company_id.ids),
                        ("share", "=", False),
                    ],
                    order="id",
                )
            )
        company = self.company_id
        return people.filtered(
            lambda user: user.active and group in user.all_group_ids and company in user.company_ids
        )

    def _tell_requester(self):
        """Tell whoever asked what was decided, and leave it in the case."""
        self.ensure_one()
        labels = dict(self._fields["state"]._description_selection(self.env))
        # sudo: what was decided is told to whoever asked, and in the correspondence of the case
        extension = self.sudo()
        text = self.env._(
            "More time until %(day)s: %(state)s. %(note)s",
            day=format_date(self.env, extension.new_date),
            state=labels[extension.state],
            note=extension.decision_note or "",
        ).strip()
        if extension.requested_by != self.env.user:
            extension.message_notify(
                partner_ids=extension.requested_by.partner_id.ids,
                subject=extension.display_name,
                body=text,
            )
        (extension.case_id or extension.profile_id)._message_log(body=text)
