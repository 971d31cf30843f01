# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Items → cases: what is paid leaves, what is late joins, opens or reopens, what is empty closes."""

from datetime import timedelta

from odoo import models
from odoo.tools import SQL

from .collection_cycle_step import CycleScope


class CollectionCycleStepCases(models.AbstractModel):
    _name = "collection.cycle.step.cases"
    _inherit = "collection.cycle.step"
    _description = "Cycle: Items to Cases"

    # ------------------------------------------------------------
    # SELECT
    # ------------------------------------------------------------

    def _select(self, scope: CycleScope) -> SQL:
        """List the items that belong in a case tonight.

        One row per item: ``profile_id``, ``item_id``, ``amount`` (company currency, blocks
        deducted), ``case_id`` (the open automatic case it joins, if any), ``past_case_id``
        (the case it was settled in before, to be reopened; the rule's days do not count for it),
        ``past_is_own`` (a person had opened that case, so it reopens for its items only),
        ``to_open`` (the customer's total reaches the company's minimum, so a new case may open
        for it).
        """
        company = self.env["res.company"].browse(scope.company_id)
        Profile = self.env["collection.profile"]
        return SQL(
            """
            SELECT candidate.*,
                   sum(candidate.amount) FILTER (WHERE candidate.past_is_own IS NOT TRUE)
                       OVER (PARTITION BY candidate.profile_id) >= %(minimum)s AS to_open
              FROM (
                SELECT profile.id AS profile_id, open_item.item_id,
                       open_item.residual - LEAST(open_item.blocked, open_item.residual) AS amount,
                       open_case.id AS case_id,
                       past.case_id AS past_case_id, past.is_own AS past_is_own
                  FROM (%(open_items)s) AS open_item
                  JOIN collection_profile profile ON profile.id = open_item.profile_id
             LEFT JOIN collection_profile root
                    ON root.company_id = profile.company_id
                   AND root.partner_id = profile.commercial_partner_id
             LEFT JOIN collection_case open_case
                    ON open_case.profile_id = profile.id
                   AND open_case.origin = 'auto'
                   AND open_case.kind = 'overdue'
                   AND open_case.state <> 'completed'
             LEFT JOIN LATERAL (
                        SELECT past_case.id AS case_id,
                               past_case.origin <> 'auto' OR past_case.kind <> 'overdue' AS is_own
                          FROM collection_case_item membership
                          JOIN collection_case past_case ON past_case.id = membership.case_id
                         WHERE membership.item_id = open_item.item_id
                           AND membership.reason = 'settled'
                           AND past_case.profile_id = profile.id
                           AND past_case.state = 'completed'
                           AND past_case.result IN ('paid', 'credited', 'written_off')
                      ORDER BY membership.id DESC
                         LIMIT 1
                       ) AS past ON TRUE
                 WHERE open_item.side = 'debit'
                   -- first what tells most items off without a look at the ledger
                   AND (open_item.date_due <= %(late_by)s
                        OR EXISTS (SELECT FROM collection_case_item membership
                                    WHERE membership.item_id = open_item.item_id
                                      AND membership.reason = 'settled'))
                   AND NOT open_item.in_case
                   AND open_item.residual > LEAST(open_item.blocked, open_item.residual)
                   AND (open_item.date_due <= %(late_by)s OR past.case_id IS NOT NULL)
                   AND (open_item.keep_out_until IS NULL OR open_item.keep_out_until < %(today)s)
                   AND %(takes_part)s
                   AND NOT %(held)s
                   AND %(customers)s
              ) AS candidate
            """,
            minimum=company.collection_min_amount,
            late_by=scope.business_date - timedelta(days=company.collection_days_late),
            today=scope.business_date,
            open_items=self.env["collection.item"]._open_items_sql(scope, with_cases=True),
            takes_part=Profile._takes_part_sql(company.collection_takes_part_default),
            held=Profile._held_sql(scope.business_date),
            customers=company._collection_customers_sql(
                SQL.identifier("profile", "commercial_partner_id")
            ),
        )

    # ------------------------------------------------------------
    # APPLY
    # ------------------------------------------------------------

    def _apply(self, scope: CycleScope) -> int:
        left = self._release_settled(scope)
        changed = len(left)
        if self.env["res.company"].browse(scope.company_id).collection_live:
            changed += self._take_in(scope)
        return changed + self._complete_emptied(scope, list(set(left)))

    def _release_settled(self, scope: CycleScope) -> list[int]:
        """End the membership of items that are settled, gone, or another customer's now.

        :return: the id of the case, for each item that left
        """
        self.env.cr.execute(
            SQL(
                """
                UPDATE collection_case_item membership
                   SET open = FALSE, removed_on = %(now)s, reason = released.reason
                  FROM (
                    SELECT membership.id,
                           CASE WHEN collection_case.state = 'completed' THEN 'closed'
                                WHEN item.profile_id <> collection_case.profile_id THEN 'moved'
                                WHEN item.state = 'settled' THEN 'settled'
                                ELSE 'document_gone' END AS reason
                      FROM collection_case_item membership
                      JOIN collection_case ON collection_case.id = membership.case_id
                      JOIN collection_item item ON item.id = membership.item_id
                      JOIN collection_profile profile ON profile.id = collection_case.profile_id
                     WHERE membership.open
                       AND collection_case.company_id = %(company)s
                       AND %(in_scope)s
                       AND (item.state IN ('settled', 'cancelled')
                            OR item.profile_id <> collection_case.profile_id
                            -- closed by a person while the item was on its way into it
                            OR collection_case.state = 'completed')
                  ) AS released
                 WHERE released.id = membership.id
             RETURNING membership.case_id
                """,
                company=scope.company_id,
                now=self.env["collection.case"]._now(),
                in_scope=scope.filter(SQL.identifier("profile", "commercial_partner_id")),
            )
        )
        return [case_id for (case_id,) in self.env.cr.fetchall()]

    def _take_in(self, scope: CycleScope) -> int:
        """Put late items in the customer's open case, in the case they came from, or a new one."""
        Case = self.env["collection.case"]
        rows = self.env.execute_query_dict(self._select(scope))
        own, case_of, to_reopen = {}, {}, {}
        for row in rows:
            profile_id, past_case_id = row["profile_id"], row["past_case_id"]
            if row["past_is_own"]:
                own[row["item_id"]] = past_case_id
            elif row["case_id"]:
                case_of[profile_id] = row["case_id"]
            elif past_case_id:
                to_reopen[profile_id] = max(past_case_id, to_reopen.get(profile_id, 0))
        Case._reopen_by_ledger(sorted({*to_reopen.values(), *own.values()}))
        case_of.update(to_reopen)
        case_of.update(
            Case._open_by_rule(
                list({
                    row["profile_id"]: None
                    for row in rows
                    if row["to_open"]
                    and row["profile_id"] not in case_of
                    and row["item_id"] not in own
                }),
                scope,
            )
        )
        joining = {
            row["item_id"]: own.get(row["item_id"]) or case_of[row["profile_id"]]
            for row in rows
            if row["item_id"] in own or row["profile_id"] in case_of
        }
        customers = {row["profile_id"] for row in rows if row["item_id"] in joining}
        self.env["collection.profile"]._claim(SQL("id = ANY(%s)", sorted(customers)))
        return self.env["collection.case.item"]._join(list(joining), list(joining.values()))

    def _complete_emptied(self, scope: CycleScope, case_ids: list[int]) -> int:
        """Complete the cases whose last item was settled, with the result the ledger tells.

        A case that a person has emptied, or reopened although nothing is left in it, stays open
        until the person closes it.

        :param case_ids: the cases that items have just left
        """
        if not case_ids:
            return 0
        self.env.cr.execute(
            SQL(
                """
                SELECT collection_case.id, collection_case.state,
                       COALESCE(outcome.result, 'cancelled') AS result
                  FROM collection_case
             LEFT JOIN LATERAL (%(result)s) AS outcome ON TRUE
                 WHERE collection_case.id = ANY(%(cases)s)
                   AND collection_case.state <> 'completed'
                   AND NOT EXISTS (SELECT FROM collection_case_item membership
                                    WHERE membership.case_id = collection_case.id
                                      AND membership.open)
                """,
                cases=case_ids,
                result=self._result_sql(),
            )
        )
        emptied = self.env.cr.fetchall()
        if emptied:
            self.env["collection.case"]._complete_by_ledger(emptied, scope.business_date)
        return len(emptied)

    def _result_sql(self) -> SQL:
        """Return the sub-select of the result of ``collection_case``: how most of it was settled.

        Every amount matched with a settled item counts for what it was matched with: a credit
        note or reversal, a payment (or bank line), or anything else, which is a write-off.
        """
        return SQL(
            """
            SELECT matched.result
              FROM (
                SELECT CASE WHEN counterpart.move_type = 'out_refund'
                                 OR counterpart.reversed_entry_id = item.move_id THEN 'credited'
                            WHEN counterpart.origin_payment_id IS NOT NULL
                                 OR counterpart.statement_line_id IS NOT NULL
                                 OR journal.type IN ('bank', 'cash', 'credit') THEN 'paid'
                            ELSE 'written_off' END AS result,
                       partial.amount
                  FROM collection_case_item membership
                  JOIN collection_item item ON item.id = membership.item_id
                  JOIN account_partial_reconcile partial
                    ON partial.debit_move_id = item.move_line_id
                  JOIN account_move_line line ON line.id = partial.credit_move_id
                  JOIN account_move counterpart ON counterpart.id = line.move_id
                  JOIN account_journal journal ON journal.id = counterpart.journal_id
                 WHERE membership.case_id = collection_case.id
                   AND membership.reason = 'settled'
                 UNION ALL
                SELECT 'paid', item.amount_company
                  FROM collection_case_item membership
                  JOIN collection_item item ON item.id = membership.item_id
                 WHERE membership.case_id = collection_case.id
                   AND membership.reason = 'settled'
                   AND item.kind = 'manual'
              ) AS matched
          GROUP BY matched.result
          ORDER BY sum(matched.amount) DESC, matched.result
             LIMIT 1
            """
        )
