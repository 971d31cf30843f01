# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..core.spread import Load, NewCase, spread


class CollectionTeam(models.Model):
    """A node in the tree of people who collect: who leads, who works, how work is spread."""

    _name = "collection.team"
    _description = "Collection Team"
    _parent_store = True
    _order = "complete_name, id"
    _rec_name = "complete_name"
    _rec_names_search = ["complete_name", "code"]
    _check_company_auto = True

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    name = fields.Char("Name", required=True)
    complete_name = fields.Char(
        "Full Name", compute="_compute_complete_name", store=True, recursive=True
    )
    code = fields.Char("Code", help="A short code of the department, for lists and imports.")
    active = fields.Boolean("Active", default=True)
    company_id = fields.Many2one(
        "res.company",
        "Company",
        index=True,
        ondelete="cascade",
        help="Empty: the team works for all companies.",
    )
    parent_id = fields.Many2one(
        "collection.team",
        "Part of",
        index=True,
        ondelete="restrict",
        check_company=True,
        help="The team above. Its leader sees the work of this team too.",
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("collection.team", "parent_id", "Teams Below")
    leader_id = fields.Many2one(
        "res.users",
        "Leader",
        index="btree_not_null",
        domain=[("share", "=", False)],
        help="Sees the work of this team and of all teams below it, given the role of a team "
        "leader.",
    )
    leader_ids = fields.Many2many(
        "res.users",
        "collection_team_leader_rel",
        "team_id",
        "user_id",
        "Leaders, Teams Above Included",
        compute="_compute_leader_ids",
        store=True,
        recursive=True,
    )
    member_ids = fields.Many2many(
        "res.users",
        "collection_team_member_rel",
        "team_id",
        "user_id",
        "Members",
        domain=[("is_debt_manager", "=", True)],
        help="The debt managers who work in the team.",
    )
    share_cases = fields.Boolean(
        "Members See Each Other's Cases",
        help="On: every member sees and works the cases and customers of the whole team. "
        "Off: a member sees those of others only as their substitute.",
    )
    spread = fields.Selection(
        [
            ("hand", "By Hand"),
            ("customer", "By Customer"),
            ("count", "Evenly by Number of Cases"),
            ("amount", "Evenly by Amount"),
        ],
        "New Cases Are Spread",
        required=True,
        default="hand",
        help="How new cases of the team that nobody looks after get their debt manager. "
        "By hand: a person assigns them. By customer: customers are dealt out evenly, and a "
        "customer's later cases stay with the same person. Evenly: the member with the least "
        "open work gets the next case. People who are absent are passed over.",
    )
    member_count = fields.Integer("Number of Members", compute="_compute_member_count")
    open_case_count = fields.Integer("Open Cases", compute="_compute_workload")
    unassigned_case_count = fields.Integer(
        "Cases without Debt Manager", compute="_compute_workload"
    )
    open_case_amount = fields.Monetary(
        "Open Amount",
        compute="_compute_workload",
        help="What the team's open cases come to in the current company.",
    )
    total_case_count = fields.Integer(
        "All Open Cases",
        compute="_compute_total_workload",
        help="Open cases of the team and of the teams below it.",
    )
    total_case_amount = fields.Monetary(
        "Amount of All Open Cases",
        compute="_compute_total_workload",
        help="What the open cases of the team and of the teams below it come to in the current "
        "company.",
    )
    currency_id = fields.Many2one("res.currency", "Currency", compute="_compute_currency_id")

    _name_uniq = models.UniqueIndex(
        "(COALESCE(parent_id, 0), COALESCE(company_id, 0), name) WHERE active",
        "There is a team of this name at this place already.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("name", "parent_id.complete_name")
    def _compute_complete_name(self):
        for team in self:
            above = team.parent_id.complete_name
            team.complete_name = f"{above} / {team.name}" if above else team.name

    @api.depends("leader_id", "parent_id.leader_ids")
    def _compute_leader_ids(self):
        for team in self:
            team.leader_ids = team.leader_id | team.parent_id.leader_ids

    @api.depends("member_ids")
    def _compute_member_count(self):
        for team in self:
            team.member_count = len(team.member_ids)

    @api.depends_context("company")
    def _compute_currency_id(self):
        self.currency_id = self.env.company.currency_id

    @api.depends_context("company")
    def _compute_workload(self):
        groups = self.env["collection.case"]._read_group(
            [
                ("company_id", "=", self.env.company.id),
                ("team_id", "in", self.ids),
                ("state", "!=", "completed"),
            ],
            ["team_id"],
            ["__count", "debt_manager_id:count", "amount_open:sum"],
        )
        figures = {team.id: values for team, *values in groups}
        for team in self:
            count, assigned, amount = figures.get(team._origin.id, (0, 0, 0.0))
            team.open_case_count = count
            team.unassigned_case_count = count - assigned
            team.open_case_amount = amount

    @api.depends("parent_path")
    @api.depends_context("company")
    def _compute_total_workload(self):
        groups = self.env["collection.case"]._read_group(
            [
                ("company_id", "=", self.env.company.id),
                ("team_id", "child_of", self.ids),
                ("state", "!=", "completed"),
            ],
            ["team_id"],
            ["__count", "amount_open:sum"],
        )
        totals = {}
        for team, count, amount in groups:
            # sudo: the place of a team in the tree
            for team_id in map(int, team.sudo().parent_path.split("/")[:-1]):
                total_count, total_amount = totals.get(team_id, (0, 0.0))
                totals[team_id] = (total_count + count, total_amount + amount)
        for team in self:
            team.total_case_count, team.total_case_amount = totals.get(team._origin.id, (0, 0.0))

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("parent_id")
    def _check_hierarchy(self):
        if self._has_cycle():
            raise ValidationError(self.env._("A team cannot be part of itself."))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_cases(self):
        """Show the open cases of the team and of the teams below it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("collection.action_case")
        action["domain"] = [("team_id", "child_of", self.ids), ("state", "!=", "completed")]
        action["context"] = {}
        action["display_name"] = self.display_name
        return action

    def action_open_unassigned_cases(self):
        """Show the open cases of the team that have no debt manager."""
        action = self.action_open_cases()
        action["domain"] = [
            ("team_id", "=", self.id),
            ("debt_manager_id", "=", False),
            ("state", "!=", "completed"),
        ]
        return action

    def action_spread_cases(self):
        """Give the team's cases without a debt manager to its members, as the team is set."""
        self.ensure_one()
        if self.spread == "hand":
            raise UserError(
                self.env._(
                    "%s spreads its cases by hand. Choose another way first, or assign them in "
                    "the list of cases.",
                    self.display_name,
                )
            )
        cases = self.env["collection.case"].search([
            ("team_id", "=", self.id),
            ("debt_manager_id", "=", False),
            ("state", "!=", "completed"),
        ])
        # they are written by SQL
        cases.check_access("write")
        if cases and not self._spread_cases(cases):
            raise UserError(self.env._("%s has no member who can take cases.", self.display_name))
        return True

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _available_members(self):
        """Return the members who can take new cases today.

        Whoever is absent is passed over, unless everybody is.
        """
        self.ensure_one()
        # sudo: the cycle spreads work for whoever runs it
        members = self.sudo().member_ids.filtered(lambda user: user.active and user.is_debt_manager)
        return members.filtered(lambda user: not user.collection_substitute_id) or members

    def _spread_cases(self, cases):
        """Give the team's cases without a debt manager to its members.

        Does in three statements what a hundred thousand cases need, and posts no messages.

        :param cases: ``collection.case`` records; those with a debt manager stay as they are
        :return: number of cases that found one
        """
        self.ensure_one()
        if self.spread == "hand" or not cases:
            return 0
        members = self._available_members()
        if not members:
            return 0
        Case = self.env["collection.case"]
        Case.flush_model(["company_id", "profile_id", "amount_open", "debt_manager_id", "state"])
        self.env["collection.profile"].flush_model(["debt_manager_id", "team_id"])
        given = {}
        for company_id, new in self._new_cases(cases.ids).items():
            given.update(spread(new, self._loads(members, company_id), self.spread))
        self._write_debt_managers(given)
        return len(given)

    def _new_cases(self, case_ids):
        """Return {company id: cases to give out}, the largest first."""
        by_company = {}
        for company_id, *values in self.env.execute_query(
            SQL(
                """
                SELECT collection_case.company_id, collection_case.id, profile.id,
                       collection_case.amount_open, profile.debt_manager_id
                  FROM collection_case
                  JOIN collection_profile profile ON profile.id = collection_case.profile_id
                 WHERE collection_case.id = ANY(%s)
                   AND collection_case.debt_manager_id IS NULL
                   AND collection_case.state <> 'completed'
                 ORDER BY collection_case.amount_open DESC, collection_case.id
                """,
                list(case_ids),
            )
        ):
            case_id, profile_id, amount, owner_id = values
            by_company.setdefault(company_id, []).append(
                NewCase(case_id, profile_id, float(amount or 0), owner_id)
            )
        return by_company

    def _loads(self, members, company_id):
        """Return the open work of the members in a company, whichever team it is of."""
        figures = {
            user_id: (cases, float(amount or 0), customers)
            for user_id, cases, amount, customers in self.env.execute_query(
                SQL(
                    """
                    SELECT debt_manager_id, count(*), sum(amount_open),
                           count(DISTINCT profile_id)
                      FROM collection_case
                     WHERE company_id = %s AND state <> 'completed'
                       AND debt_manager_id = ANY(%s)
                  GROUP BY debt_manager_id
                    """,
                    company_id,
                    members.ids,
                )
            )
        }
        return [Load(user_id, *figures.get(user_id, (0, 0.0, 0))) for user_id in members.ids]

    def _write_debt_managers(self, given):
        """Write what ``spread`` decided, on the cases and where it lasts on the customers."""
        if not given:
            return
        values = {
            "cases": list(given),
            "users": list(given.values()),
            "uid": self.env.uid,
            "now": self.env.cr.now(),
            "team": self.id,
        }
        self.env.cr.execute(
            SQL(
                """
                UPDATE collection_case
                   SET debt_manager_id = chosen.user_id, write_uid = %(uid)s,
                       write_date = %(now)s
                  FROM unnest(%(cases)s::int[], %(users)s::int[]) AS chosen(case_id, user_id)
                 WHERE collection_case.id = chosen.case_id
                   AND collection_case.debt_manager_id IS NULL
                """,
                **values,
            )
        )
        if self.spread == "customer":
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE collection_profile
                       SET debt_manager_id = owner.user_id,
                           team_id = COALESCE(collection_profile.team_id, %(team)s),
                           write_uid = %(uid)s, write_date = %(now)s
                      FROM (SELECT DISTINCT ON (collection_case.profile_id)
                                   collection_case.profile_id, chosen.user_id
                              FROM unnest(%(cases)s::int[], %(users)s::int[])
                                   AS chosen(case_id, user_id)
                              JOIN collection_case ON collection_case.id = chosen.case_id
                             ORDER BY collection_case.profile_id, chosen.case_id) AS owner
                     WHERE collection_profile.id = owner.profile_id
                       AND collection_profile.debt_manager_id IS NULL
                    """,
                    **values,
                )
            )
        self.env.invalidate_all()

    @api.model
    def _team_of_user_sql(self, user_id, company_id=None) -> SQL:
        """Return the statement that selects as ``team_id`` the first team a user works in.

        :param SQL user_id: the expression of the user's id
        :param SQL company_id: leave out teams of other companies than this expression's
        """
        return SQL(
            """
            SELECT member.team_id
              FROM collection_team_member_rel member
              JOIN collection_team ON collection_team.id = member.team_id
             WHERE member.user_id = %(user)s AND collection_team.active
               AND %(company)s
             ORDER BY collection_team.complete_name, collection_team.id
             LIMIT 1
            """,
            user=user_id,
            company=SQL(
                "(collection_team.company_id IS NULL OR collection_team.company_id = %s)",
                company_id,
            )
            if company_id
            else SQL("TRUE"),
        )
