# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Items → profiles: what each customer owes."""

from odoo import models
from odoo.tools import SQL

from .collection_cycle_step import CycleScope


class CollectionCycleStepProfiles(models.AbstractModel):
    _name = "collection.cycle.step.profiles"
    _inherit = "collection.cycle.step"
    _description = "Cycle: Items to Customer Totals"

    def _select(self, scope: CycleScope) -> SQL:
        """List the profiles whose stored totals differ from the ledger, with the right ones."""
        return SQL(
            """
            SELECT profile.id,
                   COALESCE(total.amount_open, 0) AS amount_open,
                   COALESCE(total.amount_overdue, 0) AS amount_overdue,
                   CASE WHEN %(held)s THEN COALESCE(total.amount_due, 0)
                        ELSE COALESCE(total.amount_blocked, 0) END AS amount_blocked,
                   CASE WHEN %(held)s THEN 0
                        ELSE COALESCE(total.amount_due - total.amount_blocked, 0)
                        END AS amount_to_collect,
                   COALESCE(total.amount_credit, 0) AS amount_credit,
                   COALESCE(total.item_count, 0) AS item_count,
                   COALESCE(total.overdue_count, 0) AS overdue_count,
                   total.oldest_due_date
              FROM collection_profile profile
         LEFT JOIN (
                SELECT profile_id,
                       sum(residual) FILTER (WHERE side = 'debit') AS amount_open,
                       sum(residual) FILTER (WHERE is_overdue) AS amount_overdue,
                       sum(residual) FILTER (WHERE is_due) AS amount_due,
                       sum(LEAST(blocked, residual)) FILTER (WHERE is_due) AS amount_blocked,
                       -sum(residual) FILTER (WHERE side = 'credit'
                                                AND document_date <= %(today)s) AS amount_credit,
                       count(*) FILTER (WHERE side = 'debit') AS item_count,
                       count(*) FILTER (WHERE is_overdue) AS overdue_count,
                       min(date_due) FILTER (WHERE side = 'debit') AS oldest_due_date
                  FROM (%(open_items)s) AS open_item
              GROUP BY profile_id
              ) AS total ON total.profile_id = profile.id
             WHERE profile.company_id = %(company)s AND %(in_scope)s
            """,
            held=self.env["collection.profile"]._held_sql(scope.business_date),
            today=scope.business_date,
            open_items=self.env["collection.item"]._open_items_sql(scope),
            company=scope.company_id,
            in_scope=scope.filter(SQL.identifier("profile", "commercial_partner_id")),
        )

    def _apply(self, scope: CycleScope) -> int:
        return self._execute(
            SQL(
                """
                UPDATE collection_profile profile
                   SET amount_open = total.amount_open,
                       amount_overdue = total.amount_overdue,
                       amount_blocked = total.amount_blocked,
                       amount_to_collect = total.amount_to_collect,
                       amount_credit = total.amount_credit,
                       item_count = total.item_count,
                       overdue_count = total.overdue_count,
                       oldest_due_date = total.oldest_due_date,
                       computed_on = %(today)s
                  FROM (%(totals)s) AS total
                 WHERE total.id = profile.id
                   AND (profile.amount_open, profile.amount_overdue, profile.amount_blocked,
                        profile.amount_to_collect, profile.amount_credit, profile.item_count,
                        profile.overdue_count, profile.oldest_due_date)
                       IS DISTINCT FROM
                       (total.amount_open, total.amount_overdue, total.amount_blocked,
                        total.amount_to_collect, total.amount_credit, total.item_count,
                        total.overdue_count, total.oldest_due_date)
                """,
                totals=self._select(scope),
                today=scope.business_date,
            )
        )
