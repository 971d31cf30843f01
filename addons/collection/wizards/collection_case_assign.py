# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..core.spread import Load, NewCase, spread


class CollectionCaseAssignWizard(models.TransientModel):
    """Assign, reassign or hand over cases, after a look at who would have how much."""

    _name = "collection.case.assign.wizard"
    _description = "Assign Cases"

    company_id = fields.Many2one(
        "res.company",
        "Company",
        required=True,
        default=lambda self: self._default_company_id(),
        help="The company whose cases change hands.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id", string="Currency")
    mode = fields.Selection(
        [
            ("person", "To One Debt Manager"),
            ("team", "Spread over a Team"),
            ("hand_over", "Hand Over All of a Person's Work"),
        ],
        "How",
        required=True,
        default="person",
        help="Hand over: every open case, every customer and every next step of the person.",
    )
    from_user_id = fields.Many2one(
        "res.users",
        "Whose Work",
        compute="_compute_from_user_id",
        compute_sudo=False,
        store=True,
        readonly=False,
        context={"active_test": False},
        domain="[('id', 'in', from_user_choice_ids)]",
        help="The person whose work is handed over, also one who has left.",
    )
    from_user_choice_ids = fields.Many2many(
        "res.users",
        compute="_compute_from_user_choice_ids",
        context={"active_test": False},
        string="People with Work",
        help="Everybody who has open cases or customers.",
    )
    user_id = fields.Many2one(
        "res.users",
        "To",
        domain="[('is_debt_manager', '=', True), ('company_ids', 'in', company_id)]",
        help="The debt manager who gets the cases.",
    )
    user_absent_until = fields.Date(related="user_id.collection_absent_until")
    user_substitute_id = fields.Many2one(related="user_id.collection_substitute_id")
    team_id = fields.Many2one(
        "collection.team",
        "Team",
        domain="[('company_id', 'in', (False, company_id))]",
        help="The team that gets the cases. With a debt manager: empty means this person's team.",
    )
    team_spread = fields.Selection(related="team_id.spread")
    case_ids = fields.Many2many(
        "collection.case",
        "collection_case_assign_wizard_case_rel",
        "wizard_id",
        "case_id",
        "Cases",
        compute="_compute_case_ids",
        compute_sudo=False,
        store=True,
        readonly=False,
        domain="[('state', '!=', 'completed'), ('company_id', '=', company_id)]",
        help="The cases that change hands; remove those that shall stay.",
    )
    with_customers = fields.Boolean(
        "Customers Too",
        default=True,
        help="Later cases of these customers go to the new debt manager as well.",
    )
    with_activities = fields.Boolean(
        "Planned Next Steps Too",
        default=True,
        help="What the former debt manager had planned on the cases goes along.",
    )
    reason = fields.Char("Reason", help="Shown on the cases and in the list of bulk operations.")
    line_ids = fields.One2many(
        "collection.case.assign.line",
        "wizard_id",
        "Preview",
        compute="_compute_line_ids",
        compute_sudo=False,
        store=True,
        help="Open cases of everybody concerned, before and after.",
    )
    case_count = fields.Integer(
        "Number of Cases", compute="_compute_totals", help="Cases that change hands."
    )
    customer_count = fields.Integer(
        "Number of Customers", compute="_compute_totals", help="Customers who change hands."
    )
    amount_to_collect = fields.Monetary(
        "Amount to Collect", compute="_compute_totals", help="What these cases come to."
    )

    # ------------------------------------------------------------
    # DEFAULTS AND COMPUTES
    # ------------------------------------------------------------

    @api.model
    def _context_ids(self):
        """Return the ids of the records the dialog was opened on."""
        active_id = self.env.context.get("active_id")
        return self.env.context.get("active_ids") or ([active_id] if active_id else [])

    @api.model
    def _context_cases(self):
        """Return the open cases the dialog was opened on, in the list of cases or customers."""
        if self.env.context.get("active_model") == "collection.case":
            cases = self.env["collection.case"].browse(self._context_ids())
            return cases.filtered(lambda case: case.state != "completed")
        return self._context_profiles().open_case_ids

    @api.model
    def _context_profiles(self):
        """Return the customers the dialog was opened on."""
        if self.env.context.get("active_model") == "collection.profile":
            return self.env["collection.profile"].browse(self._context_ids())
        return self.env["collection.profile"]

    @api.model
    def _default_company_id(self):
        companies = self._context_cases().company_id | self._context_profiles().company_id
        if len(companies) > 1:
            raise UserError(self.env._("Choose cases of one company at a time."))
        return companies or self.env.company

    @api.depends("company_id")
    def _compute_from_user_choice_ids(self):
        for wizard in self:
            # only people of whose work the user sees something
            owners = Domain("company_id", "=", wizard.company_id.id) & Domain(
                "debt_manager_id", "!=", False
            )
            wizard.from_user_choice_ids = self.env["res.users"].union(
                *(
                    user
                    for model, domain in (
                        ("collection.case", owners & Domain("state", "!=", "completed")),
                        ("collection.profile", owners),
                    )
                    for (user,) in self.env[model]._read_group(domain, ["debt_manager_id"])
                )
            )

    @api.depends("mode", "company_id")
    def _compute_from_user_id(self):
        for wizard in self:
            user = wizard.from_user_id
            if wizard.mode == "hand_over" and not user:
                if self.env.context.get("active_model") == "res.users":
                    user = user.browse(self.env.context.get("active_id"))
                else:
                    # of the cases the dialog was opened on, where they are one person's
                    owners = wizard._context_cases().debt_manager_id
                    user = owners if len(owners) == 1 else user
            wizard.from_user_id = user

    @api.depends("mode", "from_user_id", "company_id")
    def _compute_case_ids(self):
        for wizard in self:
            if wizard.mode == "hand_over":
                wizard.case_ids = self.env["collection.case"].search(
                    wizard._domain_of(wizard.from_user_id) & Domain("state", "!=", "completed")
                )
            else:
                wizard.case_ids = wizard._context_cases()

    @api.depends("case_ids", "mode", "from_user_id", "user_id", "team_id")
    def _compute_line_ids(self):
        for wizard in self:
            moving = {}
            for user, _team, cases, _profiles in wizard._shares():
                for case in cases:
                    moving[case] = user
            loads = wizard._loads(moving)
            after = {user: list(load) for user, load in loads.items()}
            for case, user in moving.items():
                after[case.debt_manager_id][0] -= 1
                after[case.debt_manager_id][1] -= case.amount_to_collect
                after[user][0] += 1
                after[user][1] += case.amount_to_collect
            wizard.line_ids = [
                Command.clear(),
                *(
                    Command.create({
                        "user_id": user.id,
                        "cases_before": count,
                        "amount_before": amount,
                        "cases_after": after[user][0],
                        "amount_after": after[user][1],
                    })
                    for user, (count, amount) in loads.items()
                ),
            ]

    @api.depends("case_ids", "with_customers", "mode", "from_user_id")
    def _compute_totals(self):
        for wizard in self:
            wizard.case_count = len(wizard.case_ids)
            wizard.customer_count = len(wizard._profiles())
            wizard.amount_to_collect = sum(wizard.case_ids.mapped("amount_to_collect"))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_assign(self):
        """Do it, and show the operation."""
        self.ensure_one()
        if self.mode == "hand_over" and not self.from_user_id:
            raise UserError(self.env._("Choose whose work is handed over."))
        if self.mode == "hand_over" and not (self.user_id or self.team_id):
            raise UserError(self.env._("Choose who gets the work: a debt manager or a team."))
        if self.mode == "hand_over" and self.user_id == self.from_user_id:
            raise UserError(self.env._("Choose somebody else to hand the work over to."))
        if self.mode == "team" and not self.team_id:
            raise UserError(self.env._("Choose the team."))
        if self.mode == "person" and not self.user_id:
            raise UserError(self.env._("Choose the debt manager who gets the cases."))
        shares = [share for share in self._shares() if share[2] or share[3]]
        if not shares:
            raise UserError(self.env._("There is nothing to assign."))
        batch = self.env["collection.batch"]._assign(
            self.company_id,
            shares,
            kind="hand_over" if self.mode == "hand_over" else "assign",
            reason=self.reason,
            activities=self.with_activities,
            from_user_id=self.from_user_id.id if self.mode == "hand_over" else False,
            to_user_id=self.user_id.id if self.mode != "team" else False,
            to_team_id=self.team_id.id,
        )
        return batch.action_open_batch()

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _domain_of(self, user):
        """Return the domain of what a debt manager has in the company."""
        return Domain("company_id", "=", self.company_id.id) & Domain(
            "debt_manager_id", "=", user.id if user else -1
        )

    def _profiles(self):
        """Return the customers that change hands too."""
        self.ensure_one()
        if self.mode == "hand_over":
            return self.env["collection.profile"].search(self._domain_of(self.from_user_id))
        if self.with_customers:
            return self.case_ids.profile_id._origin | self._context_profiles()
        return self.env["collection.profile"]

    def _shares(self):
        """Return who gets what: list of (user, team, cases, profiles)."""
        self.ensure_one()
        cases = self.case_ids._origin
        profiles = self._profiles()
        user = self.user_id if self.mode != "team" else self.user_id.browse()
        if not user:
            return self._shares_of_team(cases, profiles) if self._to_team() else []
        team = self.team_id or user.collection_team_ids[:1]
        if team:
            return [(user, team, cases, profiles)]
        # in no team: the work stays in the teams it is in, whose leaders go on seeing it
        own_cases = cases.grouped("team_id")
        own_profiles = profiles.grouped("team_id")
        return [
            (
                user,
                known,
                own_cases.get(known, cases.browse()),
                own_profiles.get(known, profiles.browse()),
            )
            for known in {**own_cases, **own_profiles}
        ]

    def _to_team(self):
        """Return the team that gets the work where no single person does."""
        self.ensure_one()
        if self.mode == "team" or (self.mode == "hand_over" and not self.user_id):
            return self.team_id
        return self.env["collection.team"]

    def _shares_of_team(self, cases, profiles):
        """Spread the cases over the members of the team, in the way the team is set."""
        nobody = self.env["res.users"]
        team = self.team_id
        members = team._available_members()
        if self.mode == "hand_over":
            members -= self.from_user_id
        if not members or team.spread == "hand":
            # they wait in the team for somebody to take them
            return [(nobody, team, cases, profiles)]
        target = spread(
            [
                NewCase(case.id, case.profile_id.id, case.amount_open)
                for case in cases.sorted("amount_open", reverse=True)
            ],
            self._loads_of_team(members, cases),
            team.spread,
        )
        given = cases.grouped(lambda case: target[case.id])
        owners = {}
        for case in cases:
            owners.setdefault(case.profile_id, target[case.id])
        customers = profiles.grouped(lambda profile: owners.get(profile, False))
        shares = [
            (
                user,
                team,
                given.get(user.id, cases.browse()),
                customers.get(user.id, profiles.browse()),
            )
            for user in members.sudo(False)
        ]
        # customers without a case find their debt manager in the team when one opens
        return [*shares, (nobody, team, cases.browse(), customers.get(False, profiles.browse()))]

    def _loads_of_team(self, members, moving):
        """Return the open work of the members, without the cases that are being spread."""
        # sudo: how much they have, not which cases
        Case = self.env["collection.case"].sudo()
        # what moves is counted where it goes, not where it comes from
        staying = Case._read_group(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "!=", "completed"),
                ("debt_manager_id", "in", members.ids),
                ("id", "not in", moving.ids),
            ],
            ["debt_manager_id"],
            ["__count", "amount_open:sum", "profile_id:count_distinct"],
        )
        loads = {user.id: values for user, *values in staying}
        return [Load(user_id, *loads.get(user_id, (0, 0.0, 0))) for user_id in members.ids]

    def _loads(self, moving):
        """Return {user: (open cases, amount)} of everybody concerned."""
        users = self.env["res.users"].union(
            *(case.debt_manager_id for case in moving),
            *(user for user in moving.values() if user),
        )
        # sudo: how much everybody has, not which cases
        Case = self.env["collection.case"].sudo()
        groups = Case._read_group(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "!=", "completed"),
                ("debt_manager_id", "in", [False, *users.ids]),
            ],
            ["debt_manager_id"],
            ["__count", "amount_to_collect:sum"],
        )
        loads = {user.sudo(False): (count, amount) for user, count, amount in groups}
        concerned = list(users)
        if any(not case.debt_manager_id or not user for case, user in moving.items()):
            concerned.append(self.env["res.users"])
        return {user: loads.get(user, (0, 0.0)) for user in concerned}


class CollectionCaseAssignLine(models.TransientModel):
    """What one debt manager has before and after."""

    _name = "collection.case.assign.line"
    _description = "Work of a Debt Manager Before and After"

    wizard_id = fields.Many2one(
        "collection.case.assign.wizard",
        "Wizard",
        required=True,
        ondelete="cascade",
        help="The dialog the line is in.",
    )
    currency_id = fields.Many2one(related="wizard_id.currency_id", string="Currency")
    user_id = fields.Many2one(
        "res.users", "Debt Manager", help="Empty: cases without a debt manager."
    )
    who = fields.Char("Name", compute="_compute_who", help="The debt manager, or nobody yet.")
    cases_before = fields.Integer("Cases Now", help="Open cases before.")
    amount_before = fields.Monetary("To Collect Now", help="What they come to.")
    cases_after = fields.Integer("Cases After", help="Open cases afterwards.")
    amount_after = fields.Monetary("To Collect After", help="What they come to.")

    @api.depends("user_id")
    def _compute_who(self):
        for line in self:
            line.who = line.user_id.name or self.env._("Without debt manager")
