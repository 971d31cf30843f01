# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Whose work a planned action is, as statements that stay fast among a hundred thousand cases.

Each statement is put together from arms that find their actions by an index of their own: one for
what is for somebody by name, one for what is found by its case, and so on.
"""

from odoo import api, models
from odoo.tools import SQL

from .collection_action import ESCALATION, ROLE_KINDS, WRITE_OFF

SEES_ALL = (
    "collection.group_collection_manager",
    "collection.group_accountant",
    "collection.group_credit_manager",
    "collection.group_auditor",
)
# what the arms give of an action
COLUMNS = SQL(
    "action.id, action.kind, action.minutes, action.score, action.planned_for, action.planned_at"
)


class CollectionAction(models.Model):
    _inherit = "collection.action"

    _case_waiting_index = models.Index(
        "(case_id) WHERE state = 'planned' AND user_id IS NULL AND case_id IS NOT NULL"
    )
    _profile_waiting_index = models.Index(
        "(profile_id) WHERE state = 'planned' AND user_id IS NULL AND case_id IS NULL"
    )
    _role_waiting_index = models.Index(
        "(kind) WHERE state = 'planned' AND user_id IS NULL"
        " AND kind IN ('escalate', 'suggest_writeoff')"
    )

    @api.model
    def _mine_sql(self, user, condition):
        """Return the statement of the actions that are a person's to do.

        What is for them by name, or for somebody they stand in for today; what is for nobody by
        name on the cases and customers they work; escalations of teams they lead; what waits for
        a role that they have. An action may come twice.

        :param SQL condition: over the table ``action``
        """
        people = user._collection_people()
        arms = [self._arm(condition, SQL("action.user_id = ANY(%s)", people))]
        for worked in self._worked_sql(user, people):
            arms += [self._case_arm(condition, worked), self._profile_arm(condition, worked)]
        arms += [
            self._arm(condition, SQL("action.user_id IS NULL AND %s", waits))
            for waits in self._roles_sql(user, people)
        ]
        return SQL(" UNION ALL ").join(arms)

    @api.model
    def _led_sql(self, user, condition):
        """Return the statement of the actions of everybody whose work a person oversees, each
        once: of the teams they lead and of those below, or of all of collections.

        :param SQL condition: over the table ``action``
        """
        unnamed = SQL("action.user_id IS NULL")
        named = self._arm(
            SQL("%s AND %s", condition, self._overseen_sql(user)),
            SQL("action.user_id IS NOT NULL"),
            responsible=SQL("action.user_id"),
        )
        roles = self._arm(
            SQL("%s AND %s", condition, self._overseen_sql(user)),
            SQL("%s AND action.kind IN %s", unnamed, ROLE_KINDS),
            responsible=SQL(
                "CASE WHEN action.kind = %s THEN %s END",
                ESCALATION,
                self._responsible_sql("action"),
            ),
        )
        worked = self._overseen_work_sql(user)
        unknown = self._arm(
            condition,
            SQL(
                "%s AND action.profile_id IS NULL AND action.kind <> ALL(%s)",
                unnamed,
                list(ROLE_KINDS),
            ),
        )
        return SQL(" UNION ALL ").join([
            named,
            roles,
            self._case_arm(condition, worked),
            self._profile_arm(condition, worked),
            unknown,
        ])

    # ------------------------------------------------------------
    # ARMS
    # ------------------------------------------------------------

    @api.model
    def _arm(self, condition, found_by, responsible=None):
        return SQL(
            """
            (SELECT %(columns)s, %(responsible)s AS responsible
               FROM collection_action action
              WHERE %(found_by)s AND %(condition)s)
            """,
            columns=COLUMNS,
            responsible=responsible or SQL("NULL::int"),
            found_by=found_by,
            condition=condition,
        )

    @api.model
    def _case_arm(self, condition, worked):
        """Return what is for nobody by name, on the cases ``work`` that are worked."""
        return self._work_arm("collection_case", SQL("action.case_id = work.id"), condition, worked)

    @api.model
    def _profile_arm(self, condition, worked):
        """Return what is for nobody by name and on no case, with the customers ``work``."""
        link = SQL("action.profile_id = work.id AND action.case_id IS NULL")
        return self._work_arm("collection_profile", link, condition, worked)

    @api.model
    def _work_arm(self, table, link, condition, worked):
        return SQL(
            """
            (SELECT %(columns)s, work.debt_manager_id AS responsible
               FROM %(table)s work
               JOIN collection_action action ON %(link)s
              WHERE action.user_id IS NULL AND action.kind <> ALL(%(roles)s)
                AND %(worked)s AND %(condition)s)
            """,
            columns=COLUMNS,
            table=SQL.identifier(table),
            link=link,
            roles=list(ROLE_KINDS),
            worked=worked,
            condition=condition,
        )

    # ------------------------------------------------------------
    # WHO WORKS WHAT
    # ------------------------------------------------------------

    @api.model
    def _worked_sql(self, user, people):
        """Yield which cases, or customers, people work: the same as their record rules say."""
        yield SQL("work.debt_manager_id = ANY(%s)", people)
        # sudo: which teams the user is a member of
        teams = self.env["collection.team"].sudo().search([("member_ids", "in", user.ids)])
        if teams:
            yield SQL("work.debt_manager_id IS NULL AND work.team_id = ANY(%s)", list(teams.ids))
        shared = teams.filtered("share_cases")
        if shared:
            yield SQL(
                "work.team_id = ANY(%s) AND work.debt_manager_id <> ALL(%s)",
                list(shared.ids),
                people,
            )

    @api.model
    def _roles_sql(self, user, people):
        """Yield the conditions of what waits for a role that the user has."""
        escalated = SQL("action.kind = %s", ESCALATION)
        leader = self._responsible_sql("action")
        if user.has_group("collection.group_team_leader"):
            yield SQL("%s AND %s = ANY(%s)", escalated, leader, people)
            # mail of an unknown sender: who leads gives it to somebody
            yield SQL("action.profile_id IS NULL")
        if user.has_group("collection.group_collection_manager"):
            # nobody leads the team, or there is none
            yield SQL("%s AND %s IS NULL", escalated, leader)
        if user.has_group("collection.group_accountant") or user.has_group(
            "collection.group_credit_manager"
        ):
            yield SQL("action.kind = %s", WRITE_OFF)

    # ------------------------------------------------------------
    # WHO OVERSEES WHAT
    # ------------------------------------------------------------

    @api.model
    def _sees_all(self, user):
        """Return whether a person sees all of collections."""
        return any(user.has_group(group) for group in SEES_ALL)

    @api.model
    def _led_teams(self, user):
        """Return the teams that a person leads, and those below."""
        # sudo: which teams the user leads, and who is in them
        return self.env["collection.team"].sudo().search([("leader_ids", "in", user.ids)])

    @api.model
    def _overseen_work_sql(self, user):
        """Return which cases, or customers, ``work`` a person oversees."""
        if self._sees_all(user):
            return SQL("TRUE")
        teams = self._led_teams(user)
        return SQL(
            "(work.team_id = ANY(%s) OR work.debt_manager_id = ANY(%s))",
            list(teams.ids),
            list(teams.member_ids.ids),
        )

    @api.model
    def _overseen_sql(self, user):
        """Return which actions that are for somebody by name, or a role, a person oversees."""
        if self._sees_all(user):
            return SQL("TRUE")
        worked = self._overseen_work_sql(user)
        return SQL(
            """
            (action.user_id = %(uid)s
             OR EXISTS (SELECT FROM collection_case work
                         WHERE work.id = action.case_id AND %(worked)s)
             OR EXISTS (SELECT FROM collection_profile work
                         WHERE work.id = action.profile_id AND %(worked)s)
             OR action.profile_id IS NULL)
            """,
            uid=user.id,
            worked=worked,
        )
