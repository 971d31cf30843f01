# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The customer screen: what is owed, in which cases, and what was paid.

Figures are summed by the database and lists are read a page at a time, so that a customer with
thousands of items opens as fast as one with ten.
"""

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..core.ageing import Ageing
from .collection_cycle_step import CycleScope

ITEMS_PAGE = 100
LAST_PAYMENTS = 10
LAST_CASES = 10


class CollectionProfile(models.Model):
    _inherit = "collection.profile"

    @api.model
    def _screen_ageing(self):
        """Return the ageing the screen shows."""
        return Ageing()

    def _screen_open_items_sql(self) -> SQL:
        """Return the statement that lists this customer's open items, as totals see them."""
        scope = CycleScope(
            company_id=self.company_id.id,
            business_date=self.company_id._collection_today(),
            partner_ids=(self.commercial_partner_id.id,),
        )
        return SQL(
            """
            SELECT open_item.*, LEAST(open_item.blocked, open_item.residual) AS held_back,
                   width_bucket(%(today)s - open_item.date_due, %(thresholds)s) AS bucket
              FROM (%(open_items)s) AS open_item
             WHERE open_item.profile_id = %(profile)s
            """,
            today=scope.business_date,
            thresholds=self._screen_ageing().thresholds,
            open_items=self.env["collection.item"]._open_items_sql(scope),
            profile=self.id,
        )

    def _screen_partner_ids(self):
        """Return the ids of the customer and everybody below it that is not chased apart."""
        per_branch = self._screen_is_per_branch()
        return [
            partner_id
            for (partner_id,) in self.env.execute_query(
                SQL(
                    """
                    WITH RECURSIVE below AS (
                        SELECT id FROM res_partner WHERE id = %(party)s
                         UNION
                        SELECT child.id
                          FROM res_partner child
                          JOIN below ON child.parent_id = below.id
                         WHERE child.commercial_partner_id = %(entity)s
                           AND (child.company_id IS NULL OR child.company_id = %(company)s)
                           AND NOT (%(per_branch)s AND child.is_collection_branch IS TRUE)
                    )
                    SELECT id FROM below
                    """,
                    party=self.partner_id.id,
                    entity=self.commercial_partner_id.id,
                    company=self.company_id.id,
                    per_branch=per_branch,
                )
            )
        ]

    def _screen_is_per_branch(self):
        """Return whether branches below this customer are chased apart."""
        if self.partner_id != self.commercial_partner_id:
            return True
        return self.participation == "branch"

    # ------------------------------------------------------------
    # MONEY
    # ------------------------------------------------------------

    def _screen_panel_money(self):
        """Return what is owed: totals, ageing, and the same per document currency."""
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT side, currency_id, bucket,
                       count(*) AS count,
                       sum(residual) AS residual,
                       sum(residual_currency) AS residual_currency,
                       COALESCE(sum(residual) FILTER (WHERE is_overdue), 0) AS overdue,
                       COALESCE(sum(residual_currency) FILTER (WHERE is_overdue), 0)
                           AS overdue_currency,
                       COALESCE(sum(residual) FILTER (WHERE is_due), 0) AS due,
                       COALESCE(sum(held_back) FILTER (WHERE is_due), 0) AS blocked
                  FROM (%s) AS open_item
              GROUP BY side, currency_id, bucket
                """,
                self._screen_open_items_sql(),
            )
        )
        debits = [row for row in rows if row["side"] == "debit"]
        due = sum(row["due"] for row in debits)
        blocked = due if self.is_held else sum(row["blocked"] for row in debits)
        return {
            "currency_id": self.currency_id.id,
            "open": self._screen_sum(debits, "residual"),
            "overdue": self._screen_sum(debits, "overdue"),
            "blocked": self.currency_id.round(blocked),
            "to_collect": self.currency_id.round(due - blocked),
            "credits": self.amount_credit,
            "item_count": sum(row["count"] for row in debits),
            "days_late": self.days_late,
            "ageing": self._screen_ageing_buckets(debits),
            "currencies": self._screen_per_currency(debits),
        }

    def _screen_sum(self, rows, name):
        return self.currency_id.round(sum(row[name] for row in rows))

    def _screen_ageing_buckets(self, rows):
        """Return the buckets of the ageing bar with what each holds."""
        return [
            {
                "key": bucket.key,
                "low": bucket.low,
                "high": bucket.high,
                "amount": self._screen_sum(
                    [row for row in rows if row["bucket"] == bucket.index], "residual"
                ),
                "count": sum(row["count"] for row in rows if row["bucket"] == bucket.index),
            }
            for bucket in self._screen_ageing().buckets
        ]

    def _screen_per_currency(self, rows):
        """Return the totals per currency of the documents, where there is more than one."""
        currencies = {row["currency_id"] for row in rows}
        if currencies <= {self.currency_id.id}:
            return []
        totals = []
        for currency in self.env["res.currency"].browse(sorted(currencies)):
            own = [row for row in rows if row["currency_id"] == currency.id]
            totals.append({
                "currency_id": currency.id,
                "name": currency.name,
                "open": currency.round(sum(row["residual_currency"] for row in own)),
                "overdue": currency.round(sum(row["overdue_currency"] for row in own)),
                "open_company": self._screen_sum(own, "residual"),
            })
        return sorted(totals, key=lambda total: -total["open_company"])

    # ------------------------------------------------------------
    # OPEN ITEMS
    # ------------------------------------------------------------

    def _screen_panel_items(self):
        """Return the first page of open items, oldest due date first."""
        return self._screen_items_page()

    @api.readonly
    def get_screen_items(self, filter_key=None, order="due", offset=0, limit=ITEMS_PAGE):
        """Return a page of the customer's open items.

        :param str filter_key: ``credits``, ``free`` (in no case), ``blocked``, or the key of an
            ageing bucket; all that is owed when ``None``
        :param str order: ``due``, ``document`` or ``amount``
        """
        self.ensure_one()
        self.check_access("read")
        profile = self.with_company(self.company_id)
        return profile._screen_items_page(filter_key, order, offset, limit)

    def _screen_items_page(self, filter_key=None, order="due", offset=0, limit=ITEMS_PAGE):
        self.env.flush_all()
        shown = SQL(
            "SELECT * FROM (%s) AS open_item WHERE %s",
            self._screen_open_items_sql(),
            self._screen_items_filter(filter_key),
        )
        [(count, amount)] = self.env.execute_query(
            SQL("SELECT count(*), COALESCE(sum(residual), 0) FROM (%s) AS shown", shown)
        )
        ids = [
            item_id
            for (item_id,) in self.env.execute_query(
                SQL(
                    "SELECT item_id FROM (%s) AS shown ORDER BY %s LIMIT %s OFFSET %s",
                    shown,
                    self._screen_items_order(order),
                    limit,
                    offset,
                )
            )
        ]
        items = self.env["collection.item"].browse(ids)
        return {
            "filter": filter_key or False,
            "order": order,
            "offset": offset,
            "count": count,
            "amount": self.currency_id.round(amount),
            "currency_id": self.currency_id.id,
            "items": self._screen_item_rows(items),
        }

    def _screen_items_filter(self, filter_key) -> SQL:
        """Return the condition of a filter over the columns of the open items."""
        if filter_key == "credits":
            return SQL("side = 'credit'")
        bucket = self._screen_ageing().get(filter_key) if filter_key else None
        if bucket:
            return SQL("side = 'debit' AND bucket = %s", bucket.index)
        if filter_key == "blocked":
            return SQL("side = 'debit' AND blocked > 0")
        if filter_key == "free":
            return SQL(
                """side = 'debit' AND NOT EXISTS (
                    SELECT FROM collection_case_item membership
                     WHERE membership.item_id = open_item.item_id AND membership.open)"""
            )
        return SQL("side = 'debit'")

    @api.model
    def _screen_items_order(self, order) -> SQL:
        if order == "amount":
            return SQL("residual DESC, date_due, item_id")
        if order == "document":
            return SQL("document_date DESC, item_id DESC")
        return SQL("date_due, item_id")

    @api.model
    def _screen_item_rows(self, items):
        """Return what the list shows of each item."""
        kinds = dict(
            self.env["collection.item.block"]._fields["kind"]._description_selection(self.env)
        )
        today = self.company_id._collection_today()
        return [
            {
                "id": item.id,
                "name": item.display_name,
                "document": item.document_number or item.description or item.display_name,
                "ref": item.document_ref or "",
                "kind": item.kind,
                "side": item.side,
                "move_id": item.move_id.id,
                "document_date": item.document_date,
                "instalment": item.instalment,
                "instalment_count": item.instalment_count,
                "date_due": item.date_due,
                "granted": bool(item.granted_date),
                "days_late": item.days_late,
                "amount": item.amount_residual_currency,
                "currency_id": item.currency_id.id,
                "amount_company": item.amount_residual,
                "company_currency_id": item.company_currency_id.id,
                "blocked": item.amount_blocked,
                "blocks": [
                    {
                        "kind": block.kind,
                        "label": kinds[block.kind],
                        "amount": block.amount,
                        "until": block.date_until,
                        "reason": block.reason or "",
                    }
                    for block in item.block_ids
                    if block.active and (not block.date_until or block.date_until >= today)
                ],
                "kept_out": item.keep_out_until
                if item.keep_out_until and item.keep_out_until >= today
                else False,
                "kept_out_reason": item.keep_out_reason or "",
                "case": {"id": item.case_id.id, "name": item.case_id.name}
                if item.case_id
                else False,
            }
            for item in items
        ]

    # ------------------------------------------------------------
    # CASES
    # ------------------------------------------------------------

    def _screen_panel_cases(self):
        """Return the open cases, then the last completed ones."""
        Case = self.env["collection.case"]
        own = Domain("profile_id", "=", self.id)
        is_open = Domain("state", "!=", "completed")
        open_cases = Case.search(own & is_open)
        completed = Case.search(own & ~is_open, limit=LAST_CASES, order="closed_on desc, id desc")
        return {
            "count": Case.search_count(own),
            "open_count": len(open_cases),
            "cases": self._screen_case_rows(open_cases | completed),
        }

    @api.model
    def _screen_case_rows(self, cases):
        """Return what the list shows of each case."""
        labels = {
            name: dict(cases._fields[name]._description_selection(self.env))
            for name in ("state", "result", "kind")
        }
        return [
            {
                "id": case.id,
                "name": case.name,
                "kind": case.kind,
                "kind_label": labels["kind"][case.kind],
                "state": case.state,
                "state_label": labels["state"][case.state],
                "result_label": labels["result"].get(case.result, ""),
                "close_reason": case.close_reason or "",
                "important": case.priority == "1",
                "debt_manager": self._screen_ref(case.debt_manager_id),
                "opened_on": case.opened_on,
                "closed_on": case.closed_on,
                "currency_id": case.currency_id.id,
                "amount_open": case.amount_open,
                "amount_to_collect": case.amount_to_collect,
                "item_count": case.item_count,
                "days_late": case.days_late,
                "last_contact_on": case.last_contact_on,
                "next_step": self._screen_next_step(case),
            }
            for case in cases
        ]

    @api.model
    def _screen_next_step(self, case):
        """Return the next activity planned on a case."""
        # sudo: what is planned on a case the user may read; the host finds activities only for
        # whoever may also write there
        activity = case.sudo().activity_ids[:1]
        if not activity:
            return False
        return {
            "id": activity.id,
            "name": activity.summary or activity.sudo().activity_type_id.name,  # sudo: a label
            "date": activity.date_deadline,
            "state": activity.state,
            "user": self._screen_ref(activity.user_id),
        }

    # ------------------------------------------------------------
    # PAYMENTS
    # ------------------------------------------------------------

    def _screen_panel_payments(self):
        """Return what is still to come in, the last receipts, and the attempts that failed.

        A receipt is every bank or cash entry on the customer's receivable account, with or
        without a payment document; days are told against the due dates of what it settled.
        """
        partner_ids = self._screen_partner_ids()
        rows = self._screen_receipts(partner_ids) + self._screen_failed_payments(partner_ids)
        booked = {row["payment_id"] for row in rows if row["payment_id"]}
        coming = [row for row in rows if row["status"] == "postdated"] + [
            row
            for row in self._screen_postdated_payments(partner_ids)
            if row["payment_id"] not in booked
        ]
        past = [row for row in rows if row["status"] != "postdated"]
        return {
            "payments": [
                *sorted(coming, key=lambda row: (row["date"], row["key"])),
                *sorted(past, key=lambda row: (row["date"], row["key"]), reverse=True)[
                    :LAST_PAYMENTS
                ],
            ],
        }

    def _screen_postdated_sql(self, partner_ids=None) -> SQL:
        """Return the condition on ``account_payment`` of what is in hand but not due yet."""
        return SQL(
            """account_payment.company_id = %s
               AND account_payment.payment_type = 'inbound'
               AND account_payment.partner_type = 'customer'
               AND account_payment.state IN ('draft', 'in_process')
               AND account_payment.is_reconciled IS NOT TRUE
               AND account_payment.date > %s
               AND account_payment.partner_id = ANY(%s)""",
            self.company_id.id,
            self.company_id._collection_today(),
            self._screen_partner_ids() if partner_ids is None else partner_ids,
        )

    def _screen_postdated_payments(self, partner_ids):
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT 'payment-' || id AS key, 'postdated' AS status, date, amount, currency_id,
                       payment_method_line_id, id AS payment_id, move_id, memo AS reference,
                       NULL AS days
                  FROM account_payment
                 WHERE %s
              ORDER BY date LIMIT %s
                """,
                self._screen_postdated_sql(partner_ids),
                LAST_PAYMENTS,
            )
        )
        return self._screen_payment_rows(rows)

    def _screen_receipts(self, partner_ids):
        rows = self.env.execute_query_dict(
            SQL(
                """
                WITH candidate AS (
                    SELECT id FROM account_move_line
                     WHERE partner_id = ANY(%(partners)s)
                       AND account_id = ANY(%(accounts)s)
                       AND balance < 0
                     UNION
                    -- the payment of a branch's invoice often bears the name above it
                    SELECT partial.credit_move_id
                      FROM collection_item item
                      JOIN account_partial_reconcile partial
                        ON partial.debit_move_id = item.move_line_id
                     WHERE item.profile_id = %(profile)s
                ),
                receipt AS (
                    SELECT line.id, line.date, line.move_id, line.move_name, line.ref,
                           line.currency_id, -line.amount_currency AS amount, line.payment_id,
                           line.journal_id
                      FROM candidate
                      JOIN account_move_line line ON line.id = candidate.id
                      JOIN account_journal journal ON journal.id = line.journal_id
                     WHERE line.company_id = %(company)s
                       AND line.parent_state = 'posted'
                       AND journal.type IN ('bank', 'cash', 'credit')
                  ORDER BY line.date DESC, line.id DESC
                     LIMIT %(limit)s
                )
                SELECT 'line-' || receipt.id AS key,
                       CASE WHEN payment.state = 'rejected' THEN 'failed'
                            WHEN receipt.date > %(today)s THEN 'postdated'
                            ELSE 'received' END AS status,
                       receipt.date, receipt.amount, receipt.currency_id, receipt.move_id,
                       payment.id AS payment_id, payment.payment_method_line_id,
                       receipt.journal_id,
                       COALESCE(NULLIF(payment.memo, ''), receipt.ref, receipt.move_name)
                           AS reference,
                       settled.days
                  FROM receipt
             LEFT JOIN account_payment payment ON payment.id = receipt.payment_id
             LEFT JOIN LATERAL (
                    SELECT round(sum((receipt.date - item.date_due) * partial.amount)
                                 / NULLIF(sum(partial.amount), 0)) AS days
                      FROM account_partial_reconcile partial
                      JOIN collection_item item ON item.move_line_id = partial.debit_move_id
                     WHERE partial.credit_move_id = receipt.id AND item.date_due IS NOT NULL
                   ) AS settled ON TRUE
              ORDER BY receipt.date DESC, receipt.id DESC
                """,
                company=self.company_id.id,
                accounts=self.company_id._collection_receivable_accounts().ids,
                partners=partner_ids,
                today=self.company_id._collection_today(),
                profile=self.id,
                limit=LAST_PAYMENTS,
            )
        )
        return self._screen_payment_rows(rows)

    def _screen_failed_payments(self, partner_ids):
        """Return payments that were rejected or cancelled, and online attempts that failed."""
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT 'payment-' || payment.id AS key, 'failed' AS status, payment.date,
                       payment.amount, payment.currency_id, payment.payment_method_line_id,
                       payment.id AS payment_id, payment.move_id, payment.memo AS reference,
                       NULL AS message, NULL AS days
                  FROM account_payment payment
                 WHERE payment.company_id = %(company)s
                   AND payment.payment_type = 'inbound'
                   AND payment.partner_type = 'customer'
                   AND payment.state IN ('rejected', 'canceled')
                   AND payment.partner_id = ANY(%(partners)s)
                   AND NOT EXISTS (SELECT FROM account_move move
                                    WHERE move.id = payment.move_id AND move.state = 'posted')
                 UNION ALL
                SELECT 'transaction-' || tx.id, 'failed', COALESCE(tx.last_state_change,
                       tx.create_date)::date, tx.amount, tx.currency_id, NULL,
                       tx.payment_id, NULL, tx.reference, tx.state_message, NULL
                  FROM payment_transaction tx
                 WHERE tx.company_id = %(company)s
                   AND tx.state = 'error'
                   AND tx.operation <> 'refund'
                   AND tx.partner_id = ANY(%(partners)s)
              ORDER BY date DESC
                 LIMIT %(limit)s
                """,
                company=self.company_id.id,
                partners=partner_ids,
                limit=LAST_PAYMENTS,
            )
        )
        return self._screen_payment_rows(rows)

    def _screen_payment_rows(self, rows):
        """Complete rows of payments with the name of the way they came in."""
        # sudo: the name of the way a payment came in, for who may see the customer
        lines = self.env["account.payment.method.line"].sudo()
        lines = lines.browse({row["payment_method_line_id"] for row in rows} - {None})
        ways = {line.id: line.name or line.payment_method_id.name for line in lines}
        journals = self.env["account.journal"].sudo()  # sudo: likewise
        journals = journals.browse({row.get("journal_id") for row in rows} - {None})
        names = {journal.id: journal.name for journal in journals}
        return [
            {
                "key": row["key"],
                "status": row["status"],
                "date": row["date"],
                "amount": row["amount"],
                "currency_id": row["currency_id"],
                "way": ways.get(row["payment_method_line_id"])
                or names.get(row.get("journal_id"))
                or "",
                "reference": row["reference"] or "",
                "message": row.get("message") or "",
                "days": None if row["days"] is None else int(row["days"]),
                "payment_id": row["payment_id"] or False,
                "move_id": row["move_id"] or False,
            }
            for row in rows
        ]
