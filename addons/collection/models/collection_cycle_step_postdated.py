# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Post-dated payments → blocks, so that nobody is called about money already in hand."""

from odoo import models
from odoo.tools import SQL

from .collection_cycle_step import CycleScope


class CollectionCycleStepPostdated(models.AbstractModel):
    _name = "collection.cycle.step.postdated"
    _inherit = "collection.cycle.step"
    _description = "Cycle: Post-dated Payments to Blocks"

    def _select(self, scope: CycleScope) -> SQL:
        """List what each post-dated payment covers, oldest item first.

        Payments of a customer are laid end to end in order of date, items in order of due
        date; a payment covers an item by the length of their overlap.
        """
        return SQL(
            """
            WITH payment AS (
                SELECT payment.id, payment.date, profile.id AS profile_id,
                       abs(payment.amount_company_currency_signed) AS amount,
                       sum(abs(payment.amount_company_currency_signed))
                           OVER (PARTITION BY profile.id ORDER BY payment.date, payment.id) AS upto
                  FROM account_payment payment
                  JOIN res_partner partner ON partner.id = payment.partner_id
                  JOIN collection_profile profile
                    ON profile.company_id = payment.company_id
                   AND profile.partner_id = partner.commercial_partner_id
                 WHERE payment.company_id = %(company)s
                   AND payment.payment_type = 'inbound'
                   AND payment.partner_type = 'customer'
                   AND payment.state IN ('draft', 'in_process')
                   AND payment.is_reconciled IS NOT TRUE
                   AND payment.collection_item_id IS NULL
                   AND payment.date > %(today)s
                   AND %(in_scope)s
            ),
            item AS (
                SELECT open_item.item_id AS id, open_item.profile_id, open_item.residual AS amount,
                       sum(open_item.residual)
                           OVER (PARTITION BY open_item.profile_id
                                 ORDER BY open_item.date_due, open_item.item_id) AS upto
                  FROM (%(open_items)s) AS open_item
                 WHERE open_item.side = 'debit'
                   AND open_item.residual > 0
                   AND open_item.profile_id IN (SELECT profile_id FROM payment)
            )
            SELECT item.id AS item_id, payment.id AS payment_id, payment.date AS date_until,
                   LEAST(item.upto, payment.upto)
                   - GREATEST(item.upto - item.amount, payment.upto - payment.amount) AS amount
              FROM payment
              JOIN item ON item.profile_id = payment.profile_id
               AND item.upto > payment.upto - payment.amount
               AND item.upto - item.amount < payment.upto
            """,
            company=scope.company_id,
            today=scope.business_date,
            open_items=self.env["collection.item"]._open_items_sql(scope),
            in_scope=scope.filter(SQL.identifier("partner", "commercial_partner_id")),
        )

    def _apply(self, scope: CycleScope) -> int:
        return self._execute(
            SQL(
                """
                WITH covered AS MATERIALIZED (%(covered)s),
                dropped AS (
                    DELETE FROM collection_item_block block
                     USING collection_item item, collection_profile profile
                     WHERE item.id = block.item_id
                       AND profile.id = item.profile_id
                       AND block.company_id = %(company)s
                       AND block.source_model = 'account.payment'
                       AND %(in_scope)s
                       AND NOT EXISTS (SELECT FROM covered
                                        WHERE covered.item_id = block.item_id
                                          AND covered.payment_id = block.source_id)
                )
                INSERT INTO collection_item_block AS block (
                    item_id, company_id, kind, amount, date_until,
                    source_model, source_id, active,
                    create_uid, create_date, write_uid, write_date)
                SELECT item_id, %(company)s, 'cheque', amount, date_until,
                       'account.payment', payment_id, TRUE, %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM covered
                    ON CONFLICT (item_id, source_model, source_id)
                       WHERE source_id IS NOT NULL DO UPDATE
                   SET amount = EXCLUDED.amount, date_until = EXCLUDED.date_until
                 WHERE block.amount <> EXCLUDED.amount
                    OR block.date_until <> EXCLUDED.date_until
                """,
                covered=self._select(scope),
                company=scope.company_id,
                uid=self.env.uid,
                now=self.env.cr.now(),
                in_scope=scope.filter(SQL.identifier("profile", "commercial_partner_id")),
            )
        )
