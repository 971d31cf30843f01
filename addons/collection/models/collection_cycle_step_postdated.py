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

        A payment collected for an amount without a document covers that; the payment of a branch
        that is chased apart covers the branch's items; any other covers what these leave open of
        all the customer's items, because a head office pays for its branches too.
        """
        return SQL(
            """
            WITH RECURSIVE %(party)s,
            payment AS (
                SELECT payment.id, payment.date, partner.commercial_partner_id,
                       branch.party_id, payment.collection_item_id,
                       abs(payment.amount_company_currency_signed) AS amount
                  FROM account_payment payment
                  JOIN res_partner partner ON partner.id = payment.partner_id
             LEFT JOIN branch_party branch ON branch.partner_id = partner.id
                 WHERE payment.company_id = %(company)s
                   AND %(postdated)s
                   -- a posted one counts for its amount without a document already
                   AND (payment.collection_item_id IS NULL OR payment.state = 'draft')
                   AND %(in_scope)s
            ),
            item AS (
                SELECT open_item.item_id AS id, profile.partner_id AS party_id,
                       profile.commercial_partner_id, open_item.date_due,
                       open_item.document_date, open_item.move_line_id,
                       open_item.residual AS amount
                  FROM (%(open_items)s) AS open_item
                  JOIN collection_profile profile ON profile.id = open_item.profile_id
                 WHERE open_item.side = 'debit'
                   AND open_item.residual > 0
                   AND profile.commercial_partner_id IN (SELECT commercial_partner_id FROM payment)
            ),
            of_item AS (%(of_item)s),
            left_by_item AS (%(left_by_item)s),
            of_branch AS (%(of_branch)s),
            left_by_branch AS (%(left_by_branch)s),
            of_customer AS (%(of_customer)s)
            SELECT * FROM of_item
             UNION ALL
            SELECT * FROM of_branch
             UNION ALL
            SELECT * FROM of_customer
            """,
            party=self.env["collection.cycle.step.items"]._party_cte(scope),
            company=scope.company_id,
            postdated=self._postdated_sql(scope.business_date),
            in_scope=scope.filter(SQL.identifier("partner", "commercial_partner_id")),
            open_items=self.env["collection.item"]._open_items_sql(scope),
            of_item=self._covered_sql(
                "item",
                SQL("collection_item_id IS NOT NULL"),
                payment_key=SQL("collection_item_id"),
                item_key=SQL("id"),
            ),
            left_by_item=self._left_sql("item", "of_item"),
            of_branch=self._covered_sql(
                "left_by_item",
                SQL("collection_item_id IS NULL AND party_id IS NOT NULL"),
                payment_key=SQL("party_id"),
                item_key=SQL("party_id"),
            ),
            left_by_branch=self._left_sql("left_by_item", "of_branch"),
            of_customer=self._covered_sql(
                "left_by_branch",
                SQL("collection_item_id IS NULL AND party_id IS NULL"),
                payment_key=SQL("commercial_partner_id"),
                item_key=SQL("commercial_partner_id"),
            ),
        )

    def _postdated_sql(self, today) -> SQL:
        """Return the condition "received, dated later than ``today`` and not matched yet"."""
        return SQL(
            """
            (payment.payment_type = 'inbound'
             AND payment.partner_type = 'customer'
             AND payment.state IN ('draft', 'in_process', 'paid')
             AND payment.is_reconciled IS NOT TRUE
             AND payment.date > %s)
            """,
            today,
        )

    def _covered_sql(self, items: str, payments: SQL, payment_key: SQL, item_key: SQL) -> SQL:
        """Return the statement of what some payments cover of some items of the same key.

        Payments of a key are laid end to end in order of date, items in order of due date; a
        payment covers an item by the length of their overlap.
        """
        return SQL(
            """
            SELECT item.id AS item_id, payment.id AS source_id, payment.date AS date_until,
                   LEAST(item.upto, payment.upto)
                   - GREATEST(item.upto - item.amount, payment.upto - payment.amount) AS amount
              FROM (
                SELECT id, date, amount, %(payment_key)s AS key,
                       sum(amount) OVER (PARTITION BY %(payment_key)s
                                         ORDER BY date, id) AS upto
                  FROM payment
                 WHERE %(payments)s
              ) AS payment
              JOIN (
                SELECT id, amount, %(item_key)s AS key,
                       sum(amount) OVER (PARTITION BY %(item_key)s
                                         ORDER BY date_due, document_date, move_line_id, id)
                           AS upto
                  FROM %(items)s
              ) AS item
                ON item.key = payment.key
               AND item.upto > payment.upto - payment.amount
               AND item.upto - item.amount < payment.upto
            """,
            payment_key=payment_key,
            payments=payments,
            item_key=item_key,
            items=SQL.identifier(items),
        )

    def _left_sql(self, items: str, covered: str) -> SQL:
        """Return the statement of what is left of the items by what is covered."""
        return SQL(
            """
            SELECT item.id, item.party_id, item.commercial_partner_id, item.date_due,
                   item.document_date, item.move_line_id,
                   item.amount - COALESCE(covered.amount, 0) AS amount
              FROM %(items)s AS item
         LEFT JOIN (SELECT item_id, sum(amount) AS amount
                      FROM %(covered)s
                  GROUP BY item_id) AS covered ON covered.item_id = item.id
             WHERE item.amount > COALESCE(covered.amount, 0)
            """,
            items=SQL.identifier(items),
            covered=SQL.identifier(covered),
        )

    def _apply(self, scope: CycleScope) -> int:
        return self.env["collection.item.block"]._sync_source(
            "account.payment", "cheque", self._select(scope), scope
        )
