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
        "res.users", "Whose Work", help="The debt manager whose work is handed over."
    )
    user_id = fields.Many2one(
        "res.users",
        "To",
        domain=[("is_debt_manager", "=", True)],
        help="The debt manager who gets the cases.",
    )
    team_id = fields.Many2one(
        "collection.team",
        "Team",
        help="The team that gets the cases. With a debt manager: empty means this person's team.",
    )
    case_ids = fields.Many2many(
        "collection.case",
        "collection_case_assign_wizard_case_rel",
        "wizard_id",
        "case_id",
        "Cases",
        compute="_compute_case_ids",
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
        "To Collect", compute="_compute_totals", help="What these cases come to."
    )

    # ------------------------------------------------------------
    # DEFAULTS AND COMPUTES
    # ------------------------------------------------------------

    @api.model
    def _context_cases(self):
        """Return the open cases the dialog was opened on, in the list of cases or customers."""
        active_model = self.env.context.get("active_model")
        ids = self.env.context.get("active_ids") or [self.env.context.get("active_id")]
        if active_model == "collection.case":
            cases = self.env["collection.case"].browse(ids)
            return cases.filtered(lambda case: case.state != "completed")
        if active_model == "collection.profile":
            return self.env["collection.profile"].browse(ids).open_case_ids
        return self.env["collection.case"]

    @api.model
    def _context_profiles(self):
        """Return the customers the dialog was opened on."""
        if self.env.context.get("active_model") == "collection.profile":
            return self.env["collection.profile"].browse(self.env.context.get("active_ids"))
        return self.env["collection.profile"]

    @api.model
    def _default_company_id(self):
        companies = self._context_cases().company_id | self._context_profiles().company_id
        if len(companies) > 1:
            raise UserError(self.env._("Choose cases of one company at a time."))
        return companies or self.env.company

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
        if self.mode == "team" and not self.team_id:
            raise UserError(self.env._("Choose the team."))
        if self.mode != "team" and not self.user_id:
            raise UserError(self.env._("Choose the debt manager who gets the cases."))
        if self.mode == "hand_over" and self.user_id == self.from_user_id:
            raise UserError(self.env._("Choose somebody else to hand the work over to."))
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
        if self.mode != "team":
            team = self.team_id or self.user_id.collection_team_ids[:1]
            return [(self.user_id, team, cases, profiles)] if self.user_id else []
        if not self.team_id:
            return []
        return self._shares_of_team(cases, profiles)

    def _shares_of_team(self, cases, profiles):
        """Spread the cases over the members of the team, in the way the team is set."""
        team = self.team_id
        members = team._available_members()
        if not members or team.spread == "hand":
            # they wait in the team for somebody to take them
            return [(self.env["res.users"], team, cases, profiles)]
        # what moves is counted where it goes, not where it comes from
        staying = self.env["collection.case"].sudo()._read_group(  # sudo: how much, not which
            [
                ("company_id", "=", self.company_id.id),
                ("state", "!=", "completed"),
                ("debt_manager_id", "in", members.ids),
                ("id", "not in", cases.ids),
            ],
            ["debt_manager_id"],
            ["__count", "amount_open:sum", "profile_id:count_distinct"],
        )
        figures = {user.id: values for user, *values in staying}
        target = spread(
            [
                NewCase(case.id, case.profile_id.id, case.amount_open)
                for case in cases.sorted("amount_open", reverse=True)
            ],
            [Load(user_id, *figures.get(user_id, (0, 0.0, 0))) for user_id in members.ids],
            team.spread,
        )
        given = cases.grouped(lambda case: target[case.id])
        owners = {}
        for case in cases:
            owners.setdefault(case.profile_id, target[case.id])
        customers = profiles.filtered(lambda profile: profile in owners).grouped(
            lambda profile: owners[profile]
        )
        empty = self.env["collection.profile"]
        return [
            (user, team, given.get(user.id, cases.browse()), customers.get(user.id, empty))
            for user in members
        ]

    def _loads(self, moving):
        """Return {user: (open cases, amount)} of everybody concerned."""
        users = self.env["res.users"].union(
            *(case.debt_manager_id for case in moving),
            *(user for user in moving.values() if user),
        )
        # sudo: how much everybody has, not which cases
        groups = self.env["collection.case"].sudo()._read_group(
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
    cases_before = fields.Integer("Cases Now", help="Open cases before.")
    amount_before = fields.Monetary("To Collect Now", help="What they come to.")
    cases_after = fields.Integer("Cases After", help="Open cases afterwards.")
    amount_after = fields.Monetary("To Collect After", help="What they come to.")
