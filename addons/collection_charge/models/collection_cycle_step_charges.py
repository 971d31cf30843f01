# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Charges under way → blocks, so that nobody is called about money that is being taken."""

from odoo import models
from odoo.tools import SQL

from odoo.addons.collection.models.collection_cycle_step import CycleScope


class CollectionCycleStepCharges(models.AbstractModel):
    _name = "collection.cycle.step.charges"
    _inherit = "collection.cycle.step"
    _description = "Cycle: Charges to Blocks"

    def _select(self, scope: CycleScope) -> SQL:
        """List what each charge under way covers of the items it is for, oldest first.

        A charge of less than they come to covers the items that are due first. Charge
        and item are in the same currency; what is covered is told in the company's.
        """
        company = self.env["res.company"].browse(scope.company_id)
        return SQL(
            """
            SELECT * FROM (
                SELECT laid.item_id, laid.attempt_id AS source_id, NULL::date AS date_until,
                       CASE WHEN laid.charged >= laid.upto THEN laid.residual
                            ELSE round(laid.residual
                                       * (laid.charged - laid.upto + laid.residual_currency)
                                       / laid.residual_currency, %(digits)s)
                       END AS amount
                  FROM (
                    SELECT attempt.id AS attempt_id, attempt.amount AS charged,
                           open_item.item_id, open_item.residual, open_item.residual_currency,
                           sum(open_item.residual_currency)
                               OVER (PARTITION BY attempt.id
                                         ORDER BY open_item.date_due, open_item.item_id) AS upto
                      FROM (%(open_items)s) AS open_item
                      JOIN (%(charged)s) AS charged ON charged.item_id = open_item.item_id
                      JOIN payment_charge_attempt attempt ON attempt.id = charged.attempt_id
                     WHERE open_item.side = 'debit'
                       AND open_item.residual > 0
                       AND open_item.residual_currency > 0
                  ) AS laid
                 WHERE laid.charged > laid.upto - laid.residual_currency
              ) AS covered
             WHERE covered.amount > 0
            """,
            digits=company.currency_id.decimal_places,
            open_items=self.env["collection.item"]._open_items_sql(scope),
            charged=self.env["collection.item"]._charged_sql(
                SQL(
                    """
                    %s AND attempt.company_id = %s
                    AND attempt.partner_id IN (SELECT id FROM res_partner WHERE %s)
                    """,
                    self.env["payment.charge.attempt"]._blocking_sql(),
                    scope.company_id,
                    scope.filter(SQL.identifier("commercial_partner_id")),
                )
            ),
        )

    def _apply(self, scope: CycleScope) -> int:
        return self.env["collection.item.block"]._sync_source(
            "payment.charge.attempt", "charge", self._select(scope), scope
        )
