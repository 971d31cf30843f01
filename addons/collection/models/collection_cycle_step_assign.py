# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""New cases → people, as each team spreads its work."""

from odoo import models
from odoo.tools import SQL

from .collection_cycle_step import CycleScope


class CollectionCycleStepAssign(models.AbstractModel):
    _name = "collection.cycle.step.assign"
    _inherit = "collection.cycle.step"
    _description = "Cycle: Cases to Debt Managers"
    _step_by_customers = False

    def _select(self, scope: CycleScope) -> SQL:
        """List the open cases without a debt manager whose team spreads work by itself."""
        return SQL(
            """
            SELECT collection_case.id
              FROM collection_case
              JOIN collection_team team ON team.id = collection_case.team_id
              JOIN collection_profile profile ON profile.id = collection_case.profile_id
             WHERE collection_case.company_id = %(company)s
               AND collection_case.state <> 'completed'
               AND collection_case.debt_manager_id IS NULL
               AND team.spread <> 'hand'
               AND %(in_scope)s
             ORDER BY collection_case.amount_to_collect DESC, collection_case.id
            """,
            company=scope.company_id,
            in_scope=scope.filter(SQL.identifier("profile", "commercial_partner_id")),
        )

    def _apply(self, scope: CycleScope) -> int:
        case_ids = [case_id for (case_id,) in self.env.execute_query(self._select(scope))]
        cases = self.env["collection.case"].browse(case_ids)
        for team, team_cases in cases.grouped("team_id").items():
            team._spread_cases(team_cases)
        return len(case_ids)
