# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Items → case totals."""

from odoo import models
from odoo.tools import SQL

from .collection_cycle_step import CycleScope


class CollectionCycleStepTotals(models.AbstractModel):
    _name = "collection.cycle.step.totals"
    _inherit = "collection.cycle.step"
    _description = "Cycle: Case Totals"

    def _select(self, scope: CycleScope) -> SQL:
        """List the totals of every case that is open or still carries an amount."""
        return SQL(
            """
            SELECT collection_case.id,
                   COALESCE(sum(open_item.residual), 0) AS amount_open,
                   COALESCE(sum(open_item.residual) FILTER (WHERE open_item.is_overdue), 0)
                       AS amount_overdue,
                   CASE WHEN bool_or(%(held)s) THEN 0
                        ELSE COALESCE(sum(open_item.residual
                                          - LEAST(open_item.blocked, open_item.residual))
                                      FILTER (WHERE open_item.is_due), 0)
                        END AS amount_to_collect,
                   count(open_item.item_id) AS item_count,
                   min(open_item.date_due) AS oldest_due_date
              FROM collection_case
              JOIN collection_profile profile ON profile.id = collection_case.profile_id
         LEFT JOIN (%(open_items)s) AS open_item ON open_item.case_id = collection_case.id
             WHERE collection_case.company_id = %(company)s
               AND (collection_case.state <> 'completed' OR collection_case.item_count > 0)
               AND %(in_scope)s
          GROUP BY collection_case.id
            """,
            held=self.env["collection.profile"]._held_sql(scope.business_date),
            open_items=self.env["collection.item"]._open_items_sql(scope, only_in_case=True),
            company=scope.company_id,
            in_scope=scope.filter(SQL.identifier("profile", "commercial_partner_id")),
        )

    def _apply(self, scope: CycleScope) -> int:
        return self._execute(
            SQL(
                """
                UPDATE collection_case
                   SET amount_open = total.amount_open,
                       amount_overdue = total.amount_overdue,
                       amount_to_collect = total.amount_to_collect,
                       item_count = total.item_count,
                       oldest_due_date = total.oldest_due_date
                  FROM (%(totals)s) AS total
                 WHERE total.id = collection_case.id
                   AND (collection_case.amount_open, collection_case.amount_overdue,
                        collection_case.amount_to_collect, collection_case.item_count,
                        collection_case.oldest_due_date)
                       IS DISTINCT FROM
                       (total.amount_open, total.amount_overdue, total.amount_to_collect,
                        total.item_count, total.oldest_due_date)
                """,
                totals=self._select(scope),
            )
        )
