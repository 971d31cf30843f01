# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Whose worklist is changed by what happens to planned actions, told at once."""

from contextlib import contextmanager

from odoo import api, models
from odoo.tools import SQL

from .collection_action import ESCALATION, WORK_KINDS, WRITE_OFF
from .collection_action_source import LINKS

# what moves a row to another place of the list, or to the list of somebody else
PLACED = frozenset({"planned_for", "planned_at", "user_id", "case_id", "profile_id", "kind"})

# what gives all that waits at a case or customer to somebody else
HANDS = frozenset({"debt_manager_id", "team_id"})

# whose work a row is, with the tables that _placed joins
WHOSE = SQL(
    "action.user_id,"
    " CASE WHEN action.case_id IS NULL THEN owner.debt_manager_id ELSE work.debt_manager_id END,"
    " CASE WHEN action.case_id IS NULL THEN owner.team_id ELSE work.team_id END,"
    " action.kind, action.profile_id IS NOT NULL, action.company_id"
)


class CollectionAction(models.Model):
    _inherit = "collection.action"

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        actions = super().create(vals_list)
        actions._look_again()
        return actions

    def write(self, vals):
        if PLACED.isdisjoint(vals):
            return super().write(vals)
        self._look_again()
        result = super().write(vals)
        self._look_again()
        return result

    def _set_state(self, state, reason=None, cause="user", **vals):  # pylint: disable=missing-return
        moving = self.filtered(lambda action: action.state != state)
        super()._set_state(state, reason, cause, **vals)
        moving._look_again()

    @api.model
    def _sync_sources(self, source, ids=None, company=None):
        before = self._places(source, ids)
        changed = super()._sync_sources(source, ids, company)
        if changed and ids is None:
            self._look_again_at(SQL("action.write_date = %s", self.env.cr.now()))
        elif changed:
            after = self._places(source, ids)
            self._look_again_of({
                whose
                for action_id in before.keys() | after.keys()
                if before.get(action_id) != after.get(action_id)
                for _place, whose in filter(None, (before.get(action_id), after.get(action_id)))
            })
        return changed

    # ------------------------------------------------------------
    # WHO LOOKS AGAIN
    # ------------------------------------------------------------

    @api.model
    def _places(self, source, ids):
        """Return {id: (where its row stands, whose it is)} of what comes from these sources."""
        if not ids:
            return {}
        rows = self._placed(
            SQL("action.id, action.state, action.planned_for, action.case_id, %s", WHOSE),
            SQL("action.%s = ANY(%s)", SQL.identifier(LINKS[source]), list(ids)),
        )
        return {row[0]: (row[:4], row[4:]) for row in rows}

    @api.model
    def _placed(self, columns, condition):
        """Return what the worklist goes by, of actions that people do.

        :param SQL condition: over the table ``action``
        """
        for name in ("collection.action", "collection.case", "collection.profile"):
            self.env[name].flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT %(columns)s
                  FROM collection_action action
             LEFT JOIN collection_case work ON work.id = action.case_id
             LEFT JOIN collection_profile owner ON owner.id = action.profile_id
                 WHERE action.kind = ANY(%(kinds)s) AND %(condition)s
                """,
                columns=columns,
                kinds=list(WORK_KINDS),
                condition=condition,
            )
        )

    def _look_again(self):
        """Have whoever has these actions on their worklist look at it again."""
        work = self.filtered(lambda action: action.kind in WORK_KINDS)
        if work:
            self._look_again_at(SQL("action.id = ANY(%s)", work.ids))

    @api.model
    @contextmanager
    def _changing_hands(self, link, records):
        """Have those look again whose work was there before the block, and whose it is after.

        :param str link: the field by which actions belong to the records
        """
        waiting = SQL(
            "action.state = 'planned' AND action.%s = ANY(%s)", SQL.identifier(link), records.ids
        )
        self._look_again_at(waiting)
        yield
        self._look_again_at(waiting)

    @api.model
    def _look_again_at(self, condition):
        self._look_again_of(self._placed(WHOSE, condition))

    @api.model
    def _look_again_of(self, rows):
        """Have the people look again whose work the rows are, each row as :data:`WHOSE` says.

        What nobody has by name is for the team; what waits for a role, for those who have it.
        """
        people, roles = set(), set()
        teams = self.env["collection.team"].sudo()  # sudo: who leads a team, and who is in it
        for user_id, manager_id, team_id, kind, known, company_id in rows:
            if user_id:
                people.add(user_id)
            elif kind == WRITE_OFF:
                roles.add((company_id, "collection.group_accountant"))
                roles.add((company_id, "collection.group_credit_manager"))
            elif kind == ESCALATION:
                leader = self._leader_above(teams.browse(team_id))
                people.update(leader.ids)
                if not leader:
                    roles.add((company_id, "collection.group_collection_manager"))
            elif not known:
                roles.add((company_id, "collection.group_team_leader"))
            elif manager_id:
                people.add(manager_id)
            elif team_id:
                people.update(teams.browse(team_id).member_ids.ids)
        for company_id, xmlid in roles:
            users = self.env.ref(xmlid).sudo().all_user_ids  # sudo: who has a role
            people.update(users.filtered(lambda user, c=company_id: c in user.company_ids.ids).ids)
        self.env["collection.worklist"]._look_again(people)

    @api.model
    def _leader_above(self, team):
        while team and not team.leader_id:
            team = team.parent_id
        return team.leader_id
