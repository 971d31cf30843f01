# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_amount

from . import collection_guard_mixin  # noqa: F401

STATES = [
    ("not_started", "Not Started"),
    ("in_progress", "In Progress"),
    ("promise", "Promise"),
    ("completed", "Completed"),
]
# from each state, the states a case may go to
TRANSITIONS = {
    "not_started": {"in_progress", "promise", "completed"},
    "in_progress": {"not_started", "promise", "completed"},
    "promise": {"in_progress", "completed"},
    "completed": {"in_progress"},
}
RESULTS = [
    ("paid", "Paid"),
    ("credited", "Credited"),
    ("written_off", "Written Off"),
    ("uncollectable", "Uncollectable"),
    ("legal", "Handed to Legal"),
    ("cancelled", "Cancelled"),
    ("merged", "Merged"),
]


class CollectionCase(models.Model):
    """The collection of a customer's open items, from the first overdue day to the result."""

    _name = "collection.case"
    _description = "Collection Case"
    _inherit = ["collection.guard.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "priority desc, amount_to_collect desc, id desc"
    _rec_names_search = ["name", "partner_id.complete_name"]
    _check_company_auto = True

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    name = fields.Char(
        "Number",
        required=True,
        copy=False,
        default="/",
        help="Given by the sequence, or typed by hand where automatic numbering is off.",
    )
    company_id = fields.Many2one(
        "res.company",
        "Company",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    profile_id = fields.Many2one(
        "collection.profile",
        "Customer Profile",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        related="profile_id.partner_id",
        store=True,
        index=True,
        ondelete="restrict",
        help="The customer or branch that is chased.",
    )
    commercial_partner_id = fields.Many2one(
        related="profile_id.commercial_partner_id", string="Commercial Entity"
    )
    kind = fields.Selection(
        [("overdue", "Overdue Items"), ("amount", "Amount Without Document")],
        "Kind",
        required=True,
        default="overdue",
        help="An amount without a document is, for instance, an advance not invoiced yet.",
    )
    origin = fields.Selection(
        [("auto", "Opened by Rule"), ("manual", "Opened by Hand")],
        "Origin",
        required=True,
        default="manual",
        readonly=True,
        copy=False,
    )
    state = fields.Selection(
        STATES,
        "State",
        required=True,
        default="not_started",
        copy=False,
        group_expand=True,
    )
    debt_manager_id = fields.Many2one(
        "res.users",
        "Debt Manager",
        tracking=True,
        index="btree_not_null",
        domain=[("is_debt_manager", "=", True)],
        compute="_compute_from_profile",
        store=True,
        readonly=False,
        precompute=True,
    )
    team_id = fields.Many2one(
        "collection.team",
        "Team",
        tracking=True,
        index="btree_not_null",
        check_company=True,
        compute="_compute_from_profile",
        store=True,
        readonly=False,
        precompute=True,
    )
    payment_contact_id = fields.Many2one(
        "res.partner",
        "Payment Contact",
        tracking=True,
        compute="_compute_from_profile",
        store=True,
        readonly=False,
        precompute=True,
        help="The person on the customer's side who pays.",
    )
    salesperson_id = fields.Many2one(
        "res.users", related="profile_id.salesperson_id", store=True, string="Salesperson"
    )
    priority = fields.Selection(
        [("0", "Normal"), ("1", "Important")], "Priority", default="0", copy=False
    )
    opened_on = fields.Date(
        "Opened on",
        required=True,
        copy=False,
        default=lambda self: self.env.company._collection_today(),
    )
    closed_on = fields.Date("Closed on", readonly=True, copy=False)
    result = fields.Selection(RESULTS, "Result", readonly=True, copy=False, tracking=True)
    close_reason = fields.Char("Closing Reason", readonly=True, copy=False)
    merged_into_id = fields.Many2one(
        "collection.case", "Merged Into", readonly=True, copy=False, index="btree_not_null"
    )
    currency_id = fields.Many2one(related="company_id.currency_id", string="Currency")
    amount_open = fields.Monetary("Open", readonly=True, default=0, copy=False)
    amount_overdue = fields.Monetary("Overdue", readonly=True, default=0, copy=False)
    amount_to_collect = fields.Monetary(
        "To Collect",
        readonly=True,
        default=0,
        copy=False,
        help="Due by today, less what is blocked, in company currency.",
    )
    item_count = fields.Integer("Items", readonly=True, default=0, copy=False)
    oldest_due_date = fields.Date("Oldest Due Date", readonly=True, copy=False)
    days_late = fields.Integer(
        "Days Late", compute="_compute_days_late", search="_search_days_late"
    )
    amounts_by_currency = fields.Char(
        "Open by Currency",
        compute="_compute_amounts_by_currency",
        help="What is open, in the currencies of the documents.",
    )
    case_item_ids = fields.One2many("collection.case.item", "case_id", "Items and Past Items")
    open_case_item_ids = fields.One2many(
        "collection.case.item", "case_id", "Items in the Case", domain=[("open", "=", True)]
    )
    open_item_ids = fields.Many2many(
        "collection.item",
        string="Open Items",
        compute="_compute_open_item_ids",
    )
    contact_log_ids = fields.One2many("collection.contact.log", "case_id", "Contacts Made")
    transition_ids = fields.One2many("collection.case.transition", "case_id", "State History")
    last_contact_on = fields.Datetime("Last Contact", readonly=True, copy=False)
    last_contact_id = fields.Many2one(
        "collection.contact.log", "Last Contact Record", readonly=True, copy=False
    )
    agreed_date = fields.Date("Agreed Payment Date", readonly=True, copy=False)
    agreed_amount = fields.Monetary("Agreed Amount", readonly=True, copy=False)
    agreed_way_id = fields.Many2one(
        "collection.payment.way", "Agreed Way of Payment", readonly=True, copy=False
    )

    _auto_case_uniq = models.UniqueIndex(
        "(company_id, profile_id)"
        " WHERE origin = 'auto' AND kind = 'overdue' AND state <> 'completed'",
        "The customer has an open case already.",
    )
    _name_uniq = models.UniqueIndex("(company_id, name)", "Another case has this number already.")
    _worklist_index = models.Index("(priority DESC, amount_to_collect DESC, id DESC)")
    _amount_index = models.Index("(amount_to_collect DESC, id DESC)")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("profile_id")
    def _compute_from_profile(self):
        for case in self:
            profile = case.profile_id
            case.debt_manager_id = case.debt_manager_id or profile.debt_manager_id
            case.team_id = (
                case.team_id
                or profile.team_id
                or profile.debt_manager_id.collection_team_ids[:1]
                or profile.company_id.collection_default_team_id
            )
            case.payment_contact_id = case.payment_contact_id or profile.payment_contact_id

    @api.depends("oldest_due_date", "company_id")
    @api.depends_context("collection_day")
    def _compute_days_late(self):
        for case in self:
            today = case.company_id._collection_today()
            oldest = case.oldest_due_date
            case.days_late = max((today - oldest).days, 0) if oldest else 0

    @api.model
    def _search_days_late(self, operator, value):
        return self.env["collection.profile"]._search_days_late(operator, value)

    @api.depends("case_item_ids.open", "amount_open")
    def _compute_amounts_by_currency(self):
        # set-based: a list of cases asks once
        self.env["collection.case.item"].flush_model()
        rows = (
            self.env.execute_query(
                SQL(
                    """
                    SELECT membership.case_id, open_item.currency_id,
                           sum(open_item.residual_currency)
                      FROM collection_case_item membership
                      JOIN (%s) AS open_item ON open_item.item_id = membership.item_id
                     WHERE membership.open AND membership.case_id = ANY(%s)
                  GROUP BY membership.case_id, open_item.currency_id
                  ORDER BY membership.case_id, sum(open_item.residual) DESC
                    """,
                    self.env["collection.item"]._open_items_sql(only_in_case=True),
                    self.ids,
                )
            )
            if self.ids
            else []
        )
        texts = {}
        for case_id, currency_id, amount in rows:
            currency = self.env["res.currency"].browse(currency_id)
            texts.setdefault(case_id, []).append(format_amount(self.env, amount, currency))
        for case in self:
            case.amounts_by_currency = " · ".join(texts.get(case.id, []))

    @api.depends("case_item_ids.open", "case_item_ids.item_id")
    def _compute_open_item_ids(self):
        for case in self:
            case.open_item_ids = case.case_item_ids.filtered("open").item_id

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("payment_contact_id", "profile_id")
    def _check_payment_contact(self):
        for case in self:
            contact = case.payment_contact_id
            known = case.commercial_partner_id | case.partner_id.collection_contact_ids.contact_id
            known |= case.commercial_partner_id.collection_contact_ids.contact_id
            if contact and contact not in known and contact.commercial_partner_id not in known:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is no contact of %(customer)s. Add the person to the "
                        "customer's contacts first.",
                        contact=contact.display_name,
                        customer=case.partner_id.display_name,
                    )
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._check_customers(vals.get("profile_id") for vals in vals_list)
        for vals in vals_list:
            if vals.get("state", "not_started") != "not_started":
                raise UserError(self.env._("A new case has not been started."))
            if vals.get("name", "/") in (False, "", "/"):
                company = self.env["res.company"].browse(
                    vals.get("company_id") or self.env.company.id
                )
                vals["name"] = company._collection_case_numbers(1)[0]
            if vals.get("company_id"):
                company = self.env["res.company"].browse(vals["company_id"])
                vals.setdefault("opened_on", company._collection_today())
        cases = super().create(vals_list)
        cases._log_transitions(False, "not_started", cause="user")
        cases.profile_id._touch()
        return cases

    def _fixed_fields(self):
        return super()._fixed_fields() | {"company_id", "profile_id", "kind", "opened_on"}

    def write(self, vals):
        if "state" in vals:
            vals = dict(vals)
            # a person drags a card in the kanban, or an import sets the state
            self._set_state(vals.pop("state"), reason=self.env._("Set by hand"))
        return super().write(vals) if vals else True

    def _check_customers(self, profile_ids):
        """Check that the user sees the customers of cases: a case of one's own shows its customer.

        :raise AccessError: when one of them is somebody else's
        """
        profiles = self.env["collection.profile"].browse({
            profile_id for profile_id in profile_ids if profile_id
        })
        profiles.check_access("read")

    @api.ondelete(at_uninstall=False)
    def _unlink_never_with_history(self):
        for case in self:
            if case.case_item_ids or case.contact_log_ids:
                raise UserError(
                    self.env._(
                        "Case %s has items or contacts and stays as history. "
                        "Close it as cancelled instead.",
                        case.name,
                    )
                )

    @api.depends("name", "partner_id.display_name")
    def _compute_display_name(self):
        for case in self:
            case.display_name = f"{case.name} {case.partner_id.display_name or ''}".strip()

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_customer_screen(self):
        """Open the customer screen of the case's customer."""
        self.ensure_one()
        return self.profile_id.action_open_customer_screen()

    def action_reopen(self):
        """Reopen completed cases by hand."""
        self._reopen(self.env._("Reopened by hand"))

    # ------------------------------------------------------------
    # STATES
    # ------------------------------------------------------------

    def _set_state(self, state, reason=None, cause="user"):  # pylint: disable=missing-return
        """Move the cases to ``state``: the only place that writes it.

        :param str state: one of :data:`STATES`
        :param str reason: why, in words a person reads in the history
        :param str cause: what asked for it, see ``collection.case.transition``
        :raise UserError: when a case may not go there from where it is
        """
        moving = self.filtered(lambda case: case.state != state)
        labels = dict(self._fields["state"]._description_selection(self.env))
        for case in moving:
            if state not in TRANSITIONS[case.state]:
                raise UserError(
                    self.env._(
                        "Case %(case)s is %(current)s and cannot become %(wanted)s.",
                        case=case.name,
                        current=labels[case.state],
                        wanted=labels[state],
                    )
                )
            if state == "completed" and not case.result:
                raise UserError(self.env._("Close case %s with its result instead.", case.name))
        for from_state, cases in moving.grouped("state").items():
            cases._log_transitions(from_state, state, reason, cause)
        # past this model's own write(), which comes here
        super(CollectionCase, moving).write({"state": state})  # pylint: disable=super-method-mismatch
        # the partial unique index must see the new state before another case is created
        moving.flush_recordset(["state"])

    def _may_become(self, state):
        """Return whether the case may go to ``state`` from where it is."""
        self.ensure_one()
        return state in TRANSITIONS[self.state]

    def _log_transitions(self, from_state, to_state, reason=None, cause="user"):
        """Write one row of history per case."""
        # sudo: history is written by the system for whoever may move the case
        self.env["collection.case.transition"].sudo().create([
            {
                "case_id": case.id,
                "from_state": from_state,
                "to_state": to_state,
                "reason": reason,
                "cause": cause,
                "user_id": self.env.uid,
            }
            for case in self
        ])

    def _close(self, result, reason=None, keep_out_until=None, cause="user"):
        """Complete the cases with a result; their items leave, and stay out until a day.

        :param date keep_out_until: no rule takes the items in before the day after
        """
        open_cases = self.filtered(lambda case: case.state != "completed")
        items = open_cases.open_item_ids
        if keep_out_until:
            items._keep_out(keep_out_until, reason)
        open_cases.case_item_ids.filtered("open")._leave("closed")
        for company, cases in open_cases.grouped("company_id").items():
            cases._write_result({
                "result": result,
                "close_reason": reason,
                "closed_on": company._collection_today(),
            })
        open_cases._set_state("completed", reason, cause)
        # nothing is left to do on a completed case
        open_cases.activity_ids.unlink()
        open_cases.profile_id._touch()

    def _write_result(self, vals):
        """Write how the cases ended, or that they go on."""
        self.check_access("write")
        self.sudo().write(vals)  # sudo: results are written by closing and reopening only

    def _reopen(self, reason, cause="user"):
        """Take completed cases up again, with those of their items that are still open and free."""
        completed = self.filtered(lambda case: case.state == "completed")
        if completed.filtered(lambda case: case.result == "merged"):
            raise UserError(
                self.env._("A merged case cannot be reopened; its items are in the other case.")
            )
        for case in completed:
            other = case.profile_id.open_case_ids.filtered(
                lambda known: known.origin == "auto" and known.kind == "overdue"
            )
            if case.origin == "auto" and case.kind == "overdue" and other:
                raise UserError(
                    self.env._(
                        "%(customer)s has the open case %(case)s already: work on that one, or "
                        "merge.",
                        customer=case.partner_id.display_name,
                        case=other[:1].name,
                    )
                )
        completed._set_state("in_progress", reason, cause)
        completed._write_result({"result": False, "close_reason": False, "closed_on": False})
        for case in completed:
            left = case.case_item_ids.item_id.filtered(
                lambda item, case=case: (
                    item.state == "open" and not item.case_id and item.profile_id == case.profile_id
                )
            )
            left._keep_out(False)
            case._add_items(left)
        completed.profile_id._touch()

    # ------------------------------------------------------------
    # ITEMS
    # ------------------------------------------------------------

    def _add_items(self, items):
        """Put open items of the customer in the case.

        :raise UserError: naming the item that is another customer's, settled, or in another case
        """
        self.ensure_one()
        if self.state == "completed":
            raise UserError(self.env._("Case %s is completed.", self.name))
        for item in items:
            if item.profile_id != self.profile_id:
                raise UserError(
                    self.env._(
                        "%(item)s belongs to %(customer)s, not to the customer of case %(case)s.",
                        item=item.display_name,
                        customer=item.partner_id.display_name,
                        case=self.name,
                    )
                )
            if item.state not in ("open", "draft") or item.side != "debit":
                raise UserError(
                    self.env._("%s is not owed and cannot be collected.", item.display_name)
                )
            if item.case_id and item.case_id != self:
                raise UserError(
                    self.env._(
                        "%(item)s is in case %(case)s already.",
                        item=item.display_name,
                        case=item.case_id.name,
                    )
                )
        self._join_items(dict.fromkeys(items - self.open_item_ids, self))

    @api.model
    def _join_items(self, cases):
        """Put items in cases and have the customers computed again.

        :param dict cases: item → case
        """
        items = self.env["collection.item"].union(*cases)
        joined = self.union(*cases.values())
        items.check_access("read")
        joined.check_access("write")
        # sudo: items join cases by this method only
        self.env["collection.case.item"].sudo().create([
            {"case_id": case.id, "item_id": item.id} for item, case in cases.items()
        ])
        joined.profile_id._touch()

    def _remove_items(self, items, keep_out_until=None, reason=None):
        """Take items out of the case, and keep them out of every case until a day, inclusive."""
        self.ensure_one()
        until = keep_out_until or fields.Date.add(
            self.company_id._collection_today(), days=self.company_id.collection_keep_out_days
        )
        self.case_item_ids.filtered(
            lambda membership: membership.open and membership.item_id in items
        )._leave("removed")
        items._keep_out(until, reason)
        self.profile_id._touch()

    def _merge(self, others):
        """Move everything of ``others`` into this case and complete them as merged."""
        self.ensure_one()
        others = (others - self).filtered(lambda case: case.state != "completed")
        if self.state == "completed":
            raise UserError(self.env._("Case %s is completed.", self.name))
        if others.profile_id - self.profile_id:
            raise UserError(
                self.env._(
                    "Only cases of one customer can be merged; %s is of another.",
                    others.filtered(lambda case: case.profile_id != self.profile_id)[
                        0
                    ].display_name,
                )
            )
        items = others.open_item_ids
        others.case_item_ids.filtered("open")._leave("merged")
        # sudo: the records of a case the user may merge, whoever wrote them
        others.contact_log_ids.sudo().write({"case_id": self.id})
        others.activity_ids.sudo().write({"res_id": self.id})
        others._write_result({
            "result": "merged",
            "merged_into_id": self.id,
            "closed_on": self.company_id._collection_today(),
        })
        others._set_state("completed", self.env._("Merged into %s", self.name), "merge")
        self._add_items(items)
        for case in others:
            self.message_post(
                body=self.env._("Case %s was merged into this one.", case._get_html_link())
            )

    def _split(self, items, name=None):
        """Move ``items`` to a new case of their own, worked by the same people.

        :param str name: the number of the new case, where people type it
        """
        self.ensure_one()
        items &= self.open_item_ids
        if not items or items == self.open_item_ids:
            raise UserError(
                self.env._("Choose some of the case's items, and leave at least one in it.")
            )
        self.case_item_ids.filtered(
            lambda membership: membership.open and membership.item_id in items
        )._leave("split")
        new_case = self.copy({
            "kind": self.kind,
            "debt_manager_id": self.debt_manager_id.id,
            "team_id": self.team_id.id,
            "payment_contact_id": self.payment_contact_id.id,
            **({"name": name} if name else {}),
        })
        new_case._add_items(items)
        new_case.message_post(body=self.env._("Split from case %s.", self._get_html_link()))
        return new_case

    def _assign(self, user, team=None):
        """Give the cases to a debt manager; whoever takes over sees everything so far."""
        vals = {"debt_manager_id": user.id}
        if team:
            vals["team_id"] = team.id
        elif user.collection_team_ids:
            vals["team_id"] = user.collection_team_ids[:1].id
        self.write(vals)

    # ------------------------------------------------------------
    # OPENING
    # ------------------------------------------------------------

    @api.model
    def _open_for(self, profiles, items=None):
        """Open one case by hand for each profile, with the items given or all that are overdue.

        A customer who has an open automatic case gets the items in that one.

        :return: the cases, one per profile that has something to collect
        """
        if items is None:
            items = self.env["collection.item"].search(
                Domain.OR(
                    Domain("profile_id", "in", own.ids)
                    & Domain("date_due", "<", company._collection_today())
                    for company, own in profiles.grouped("company_id").items()
                )
            )
        items = items.filtered(
            lambda item: item.state == "open" and item.side == "debit" and not item.case_id
        )
        case_of = {
            case.profile_id: case
            for case in self.search([
                ("profile_id", "in", items.profile_id.ids),
                ("origin", "=", "auto"),
                ("kind", "=", "overdue"),
                ("state", "!=", "completed"),
            ])
        }
        without = items.profile_id.filtered(lambda profile: profile not in case_of)
        for company, own in without.grouped("company_id").items():
            # many at once are numbered by the sequence even where people type numbers
            names = company._collection_case_numbers(len(own), automatic=True)
            opened = self.create([
                {
                    "company_id": company.id,
                    "profile_id": profile.id,
                    "name": name,
                }
                for profile, name in zip(own, names, strict=True)
            ])
            # sudo: from now on rules put items in the case, as in one they have opened
            opened.sudo().origin = "auto"
            case_of.update({case.profile_id: case for case in opened})
        cases = self.union(*(case_of[profile] for profile in items.profile_id))
        self._join_items({item: case_of[item.profile_id] for item in items})
        return cases

    @api.model
    def _open_amount_case(self, profile, amount, currency, description, date_due, **vals):
        """Open a case for an amount that no document asks for yet, such as an advance.

        :param vals: further values of the case
        """
        company = profile.company_id
        today = company._collection_today()
        # sudo: items are written by the system; the user may open a case for this customer
        item = (
            self
            .env["collection.item"]
            .sudo()
            .create({
                "company_id": company.id,
                "profile_id": profile.id,
                "kind": "manual",
                "description": description,
                "document_date": today,
                "date_maturity": date_due,
                "currency_id": currency.id,
                "amount": amount,
                "amount_company": currency._convert(amount, company.currency_id, company, today),
            })
        )
        case = self.create({
            "company_id": company.id,
            "profile_id": profile.id,
            "kind": "amount",
            **vals,
        })
        case._add_items(item.sudo(False))
        return case

    # ------------------------------------------------------------
    # THE CYCLE
    # ------------------------------------------------------------

    @api.model
    def _now(self):
        """Return the time of this transaction for rows that SQL writes, microseconds cut."""
        return fields.Datetime.now()

    @api.model
    def _open_by_rule(self, profile_ids, scope):
        """Open one automatic case for each profile, in one statement.

        :return: dict of profile id → case id
        """
        if not profile_ids:
            return {}
        company = self.env["res.company"].browse(scope.company_id)
        names = company._collection_case_numbers(len(profile_ids), automatic=True)
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    WITH opened AS (
                        INSERT INTO collection_case (
                            name, company_id, profile_id, partner_id, kind, origin, state,
                            debt_manager_id, team_id, payment_contact_id, salesperson_id,
                            priority, opened_on, amount_open, amount_overdue,
                            amount_to_collect, item_count,
                            create_uid, create_date, write_uid, write_date)
                        SELECT wanted.name, profile.company_id, profile.id, profile.partner_id,
                               'overdue', 'auto', 'not_started',
                               profile.debt_manager_id,
                               COALESCE(profile.team_id, member.team_id, %(team)s),
                               profile.payment_contact_id, profile.salesperson_id,
                               '0', %(today)s, 0, 0, 0, 0, %(uid)s, %(now)s, %(uid)s, %(now)s
                          FROM unnest(%(profiles)s::int[], %(names)s::varchar[])
                               AS wanted(profile_id, name)
                          JOIN collection_profile profile ON profile.id = wanted.profile_id
                     LEFT JOIN LATERAL (%(member_team)s) AS member ON TRUE
                            ON CONFLICT (company_id, profile_id)
                               WHERE origin = 'auto' AND kind = 'overdue' AND state <> 'completed'
                               DO NOTHING
                     RETURNING id, profile_id
                    ),
                    history AS (
                        INSERT INTO collection_case_transition (
                            case_id, date, user_id, to_state, cause, reason,
                            create_uid, create_date, write_uid, write_date)
                        SELECT id, %(now)s, %(uid)s, 'not_started', 'rule', %(reason)s,
                               %(uid)s, %(now)s, %(uid)s, %(now)s
                          FROM opened
                    )
                    SELECT profile_id, id FROM opened
                    """,
                    profiles=profile_ids,
                    names=names,
                    team=company.collection_default_team_id.id or None,
                    member_team=self.env["collection.team"]._team_of_user_sql(
                        SQL.identifier("profile", "debt_manager_id")
                    ),
                    today=scope.business_date,
                    reason=self.env._("Overdue by %s days or more", company.collection_days_late),
                    uid=self.env.uid,
                    now=self._now(),
                )
            )
        )

    @api.model
    def _reopen_by_ledger(self, case_ids):
        """Reopen cases whose settled items are owed again: a payment bounced or was undone."""
        self._move_by_ledger(
            case_ids,
            "in_progress",
            self.env._("A payment was undone: the item is owed again"),
            SQL("result = NULL, close_reason = NULL, closed_on = NULL"),
        )

    @api.model
    def _complete_by_ledger(self, emptied, today):
        """Complete cases whose items are all settled.

        :param emptied: list of (case id, state, result)
        """
        by_result = {}
        for case_id, _state, result in emptied:
            by_result.setdefault(result, []).append(case_id)
        for result, case_ids in by_result.items():
            self._move_by_ledger(
                case_ids,
                "completed",
                self.env._("Nothing is left to collect"),
                SQL("result = %s, closed_on = %s", result, today),
            )
        # open activities have lost their reason
        self.env["mail.activity"].sudo().search([  # sudo: whoever they were planned for
            ("res_model", "=", self._name),
            ("res_id", "in", [case_id for case_id, _state, _result in emptied]),
        ]).unlink()

    @api.model
    def _move_by_ledger(self, case_ids, to_state, reason, assignments):
        """Move cases to a state because the ledger says so, one history row each."""
        if not case_ids:
            return
        self.env.cr.execute(
            SQL(
                """
                WITH moved AS (
                    SELECT id, state FROM collection_case
                     WHERE id = ANY(%(cases)s) AND state <> %(to_state)s
                       FOR NO KEY UPDATE
                ),
                history AS (
                    INSERT INTO collection_case_transition (
                        case_id, date, user_id, from_state, to_state, cause, reason,
                        create_uid, create_date, write_uid, write_date)
                    SELECT id, %(now)s, %(uid)s, state, %(to_state)s, 'ledger', %(reason)s,
                           %(uid)s, %(now)s, %(uid)s, %(now)s
                      FROM moved
                )
                UPDATE collection_case SET state = %(to_state)s, %(assignments)s
                  FROM moved WHERE moved.id = collection_case.id
                """,
                cases=list(case_ids),
                to_state=to_state,
                reason=reason,
                assignments=assignments,
                uid=self.env.uid,
                now=self._now(),
            )
        )
