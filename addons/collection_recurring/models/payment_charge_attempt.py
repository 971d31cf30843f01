# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models
from odoo.tools import SQL


class PaymentChargeAttempt(models.Model):
    """Says what a period of a recurring document owes whose charge brought nothing.

    All charges of a period are for the same amount. Its invoice is the debt as soon as there is
    one; of a payment request, what is left of it is owed.
    """

    _inherit = "payment.charge.attempt"

    # ------------------------------------------------------------
    # AMOUNTS WITHOUT A DOCUMENT
    # ------------------------------------------------------------

    @api.model
    def _debt_period_sql(self, first: SQL, columns: SQL) -> SQL:
        """Return the statement of columns of the ``period`` of a charge, and of what is tied to it.

        Aliases: ``period``, ``request`` and ``recurring``.
        """
        return SQL(
            """
            SELECT %(columns)s
              FROM payment_charge_attempt start
              JOIN recurring_period period ON period.id = start.recurring_period_id
              JOIN recurring_document recurring ON recurring.id = period.document_id
         LEFT JOIN payment_request request ON request.id = period.request_id
             WHERE start.id = %(first)s
            """,
            first=first,
            columns=columns,
        )

    @api.model
    def _debt_first_sql(self, alias) -> SQL:
        return SQL(
            """
            COALESCE((SELECT min(other.id)
                        FROM payment_charge_attempt other
                       WHERE other.recurring_period_id = %s
                         AND other.operation = 'charge'), %s)
            """,
            SQL.identifier(alias, "recurring_period_id"),
            super()._debt_first_sql(alias),
        )

    @api.model
    def _same_debt_sql(self, first: SQL) -> SQL:
        return SQL(
            """
            %s
             UNION
            SELECT other.id
              FROM payment_charge_attempt start
              JOIN payment_charge_attempt other
                ON other.recurring_period_id = start.recurring_period_id
             WHERE start.id = %s
            """,
            super()._same_debt_sql(first),
            first,
        )

    @api.model
    def _debt_documents_sql(self, first: SQL) -> SQL:
        return SQL(
            "%s UNION SELECT invoice.move_id FROM (%s) AS invoice WHERE invoice.move_id IS NOT NULL",
            super()._debt_documents_sql(first),
            self._debt_period_sql(first, SQL("period.move_id")),
        )

    @api.model
    def _debt_payments_sql(self, first: SQL) -> SQL:
        """What was paid on the payment request, or paid back, counts, whichever way it went."""
        return SQL(
            """
            %s
             UNION
            SELECT booked.payment_id
              FROM (%s) AS asked
              JOIN payment_request_payment booked ON booked.request_id = asked.request_id
             WHERE booked.payment_id IS NOT NULL
            """,
            super()._debt_payments_sql(first),
            self._debt_period_sql(first, SQL("period.request_id")),
        )

    @api.model
    def _debt_amount_sql(self, first: SQL) -> SQL:
        """Of a payment request all of it: what was paid of it counts as collected."""
        return self._debt_period_sql(first, SQL("request.amount_total"))

    @api.model
    def _debt_owed_sql(self, first: SQL) -> SQL:
        """A period left out or yet to be billed owes nothing; a payment request what is left."""
        return self._debt_period_sql(
            first,
            SQL(
                """
                CASE WHEN period.state IN ('planned', 'skipped') OR period.main_id <> period.id
                     THEN 0
                     WHEN request.state IN ('sent', 'partly_paid') THEN request.amount_residual
                     WHEN request.id IS NOT NULL THEN 0
                     END
                """
            ),
        )

    @api.model
    def _debt_partner_sql(self, first: SQL) -> SQL:
        """A branch that is chased apart owes what is addressed to it."""
        return SQL(
            "SELECT COALESCE((%s), (%s))",
            self._debt_period_sql(first, SQL("recurring.partner_id")),
            super()._debt_partner_sql(first),
        )

    def _debt_names(self):
        of_periods = self.filtered("recurring_period_id")
        names = super(PaymentChargeAttempt, self - of_periods)._debt_names()
        for attempt in of_periods:
            lang = attempt.partner_id.lang or self.env.lang
            # sudo: what the customer is charged for is told to whoever asks for it
            period = attempt.sudo().recurring_period_id.with_context(lang=lang)
            title = period.document_id.title
            names[attempt] = f"{title}: {period.display_name}" if title else period.display_name
        return names
