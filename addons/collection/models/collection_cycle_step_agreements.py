# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What came in → the payments customers agreed to."""

from odoo import models
from odoo.tools import SQL

from .collection_cycle_step import CycleScope


class CollectionCycleStepAgreements(models.AbstractModel):
    _name = "collection.cycle.step.agreements"
    _inherit = "collection.cycle.step"
    _description = "Cycle: Receipts to Agreed Payments"

    def _select(self, scope: CycleScope) -> SQL:
        """List the pending agreed payments with what came in on their case since.

        Only money counts: an amount matched with a credit note or a write-off was not paid.
        """
        return SQL(
            """
            SELECT log.id, COALESCE(received.amount, 0) AS amount,
                   COALESCE(received.amount, 0) >= log.agreed_amount
                       OR collection_case.state = 'completed' AS is_over,
                   COALESCE(received.amount, 0) >= log.agreed_amount AS is_received
              FROM collection_contact_log log
              JOIN collection_case ON collection_case.id = log.case_id
              JOIN collection_profile profile ON profile.id = log.profile_id
         LEFT JOIN LATERAL (
                SELECT sum(part.amount) AS amount
                  FROM (
                    SELECT CASE WHEN line.currency_id = log.currency_id
                                THEN partial.debit_amount_currency
                                WHEN credit.currency_id = log.currency_id
                                THEN partial.credit_amount_currency
                                ELSE partial.amount END AS amount
                      FROM collection_case_item membership
                      JOIN collection_item item ON item.id = membership.item_id
                      JOIN account_move_line line ON line.id = item.move_line_id
                      JOIN account_partial_reconcile partial ON partial.debit_move_id = line.id
                      JOIN account_move_line credit ON credit.id = partial.credit_move_id
                      JOIN account_move counterpart ON counterpart.id = credit.move_id
                      JOIN account_journal journal ON journal.id = counterpart.journal_id
                     WHERE membership.case_id = log.case_id
                       AND partial.create_date >= log.date
                       AND journal.type IN ('bank', 'cash', 'credit')
                     UNION ALL
                    -- what was paid for an amount without a document is matched with nothing yet
                    SELECT CASE WHEN payment.currency_id = log.currency_id THEN payment.amount
                                ELSE abs(payment.amount_company_currency_signed) END
                      FROM collection_case_item membership
                      JOIN account_payment payment
                        ON payment.collection_item_id = membership.item_id
                     WHERE membership.case_id = log.case_id
                       AND payment.create_date >= log.date
                       AND payment.payment_type = 'inbound'
                       AND payment.state IN ('in_process', 'paid')
                  ) AS part
               ) AS received ON TRUE
             WHERE log.company_id = %(company)s
               AND log.agreed_state = 'pending'
               AND %(in_scope)s
            """,
            company=scope.company_id,
            in_scope=scope.filter(SQL.identifier("profile", "commercial_partner_id")),
        )

    def _apply(self, scope: CycleScope) -> int:
        changed = self._judge(scope)
        self._clear_cases(scope)
        return changed

    def _judge(self, scope: CycleScope) -> int:
        """Say of the pending agreed payments what came in, and which are over."""
        return self._execute(
            SQL(
                """
                UPDATE collection_contact_log log
                   SET received_amount = now_is.amount,
                       agreed_state = CASE WHEN now_is.is_received THEN 'received'
                                           WHEN now_is.is_over THEN 'cancelled'
                                           ELSE 'pending' END
                  FROM (%(pending)s) AS now_is
                 WHERE now_is.id = log.id
                   AND (log.received_amount IS DISTINCT FROM now_is.amount OR now_is.is_over)
                """,
                pending=self._select(scope),
            )
        )

    def _clear_cases(self, scope: CycleScope):
        """Show no agreed payment on cases that await none, and take them back to work.

        What is left of a case whose agreed part came in was not promised.
        """
        nothing = SQL("agreed_date = NULL, agreed_amount = 0, agreed_way_id = NULL")
        self.env.cr.execute(
            SQL(
                """
                UPDATE collection_case
                   SET %(nothing)s
                  FROM collection_profile profile
                 WHERE profile.id = collection_case.profile_id
                   AND collection_case.company_id = %(company)s
                   AND collection_case.agreed_date IS NOT NULL
                   AND NOT EXISTS (SELECT FROM collection_contact_log log
                                    WHERE log.case_id = collection_case.id
                                      AND log.agreed_state = 'pending')
                   AND %(in_scope)s
             RETURNING collection_case.id, collection_case.state
                """,
                nothing=nothing,
                company=scope.company_id,
                in_scope=scope.filter(SQL.identifier("profile", "commercial_partner_id")),
            )
        )
        self.env["collection.case"]._move_by_ledger(
            [case_id for case_id, state in self.env.cr.fetchall() if state == "promise"],
            "in_progress",
            self.env._("The agreed payment came in"),
            nothing,
        )
