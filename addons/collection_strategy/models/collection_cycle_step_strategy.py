# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Customers → the strategy that fits each of them best."""

from odoo import models
from odoo.tools import SQL

from odoo.addons.collection.models.collection_cycle_step import CycleScope


class CollectionCycleStepStrategy(models.AbstractModel):
    _name = "collection.cycle.step.strategy"
    _inherit = "collection.cycle.step"
    _description = "Cycle: Customers to Strategies"

    def _select(self, scope: CycleScope, everybody=False) -> SQL:
        """List the customers of the scope with the strategy each is to follow.

        Customers who do not take part, or are outside the company's scope, follow none.

        :param everybody: tell only who follows one at all, by ``strategy_id`` being 0
        """
        company = self.env["res.company"].browse(scope.company_id)
        Profile = self.env["collection.profile"]
        strategies = self.env["collection.strategy"]._usable(company)
        return SQL(
            """
            SELECT profile.id AS profile_id,
                   CASE WHEN %(takes_part)s AND %(customers)s THEN %(choice)s END AS strategy_id
              FROM collection_profile profile
              JOIN res_partner party ON party.id = profile.partner_id
              JOIN res_partner commercial ON commercial.id = profile.commercial_partner_id
         LEFT JOIN collection_profile root
                ON root.company_id = profile.company_id
               AND root.partner_id = profile.commercial_partner_id
             WHERE profile.company_id = %(company)s AND %(in_scope)s
            """,
            takes_part=Profile._takes_part_sql(company.collection_takes_part_default),
            customers=company._collection_customers_sql(
                SQL.identifier("profile", "commercial_partner_id")
            ),
            choice=SQL("0") if everybody else strategies._choice_sql(),
            company=company.id,
            in_scope=scope.filter(SQL.identifier("profile", "commercial_partner_id")),
        )

    def _apply(self, scope: CycleScope) -> int:
        return self._execute(
            SQL(
                """
                UPDATE collection_profile profile
                   SET strategy_id = chosen.strategy_id
                  FROM (%s) AS chosen
                 WHERE chosen.profile_id = profile.id
                   AND profile.strategy_id IS DISTINCT FROM chosen.strategy_id
                """,
                self._select(scope),
            )
        )

    def _followed(self, scope: CycleScope):
        """Return the strategies that somebody of the scope follows."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT profile.strategy_id FROM collection_profile profile
                 WHERE profile.company_id = %s AND profile.strategy_id IS NOT NULL AND %s
                """,
                scope.company_id,
                scope.filter(SQL.identifier("profile", "commercial_partner_id")),
            )
        )
        # sudo: as in collection.strategy._usable
        found = self.env["collection.strategy"].sudo().browse(sorted(one for (one,) in rows))
        return found.filtered("active")
