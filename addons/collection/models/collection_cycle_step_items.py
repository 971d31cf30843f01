# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Ledger → items: one row per open trade receivable journal item."""

from odoo import models
from odoo.tools import SQL

from .collection_cycle_step import CycleScope


class CollectionCycleStepItems(models.AbstractModel):
    _name = "collection.cycle.step.items"
    _inherit = "collection.cycle.step"
    _description = "Cycle: Ledger to Items"

    # ------------------------------------------------------------
    # SELECT
    # ------------------------------------------------------------

    def _party_cte(self, scope: CycleScope) -> SQL:
        """Return the CTEs ``branch_party(partner_id, party_id)``.

        A document's party is the nearest ancestor-or-self of its partner that is flagged as
        a branch, where the commercial partner takes part *per branch*; every partner not in
        this CTE belongs to its commercial partner.
        """
        return SQL(
            """
            walk AS (
                SELECT p.id AS partner_id, p.id AS node_id, p.parent_id, root.partner_id AS root_id,
                       p.is_collection_branch AND p.id <> root.partner_id AS is_branch
                  FROM collection_profile root
                  JOIN res_partner p ON p.commercial_partner_id = root.partner_id
                 WHERE root.company_id = %(company)s
                   AND root.participation = 'branch'
                   AND root.partner_id = root.commercial_partner_id
                   AND %(in_scope)s
                 UNION ALL
                SELECT walk.partner_id, p.id, p.parent_id, walk.root_id,
                       p.is_collection_branch AND p.id <> walk.root_id
                  FROM walk
                  JOIN res_partner p ON p.id = walk.parent_id
                 WHERE walk.is_branch IS NOT TRUE AND walk.node_id <> walk.root_id
            ),
            branch_party AS (
                SELECT partner_id, node_id AS party_id FROM walk WHERE is_branch
            )
            """,
            company=scope.company_id,
            in_scope=scope.filter(SQL.identifier("root", "partner_id")),
        )

    def _ledger_cte(self, scope: CycleScope) -> SQL:
        """Return the CTE ``ledger``: every open trade receivable line of the scope.

        What was paid back to a customer stands on the side of the credits and lessens them:
        nobody is to be asked for it.
        """
        return SQL(
            """
            ledger AS (
                SELECT line.id AS move_line_id, line.move_id, line.currency_id,
                       CASE WHEN move.move_type = 'entry' THEN 'entry' ELSE 'document' END AS kind,
                       CASE WHEN move.origin_payment_id IS NULL
                             AND (line.balance > 0
                                  OR line.balance = 0 AND line.amount_currency > 0)
                            THEN 'debit' ELSE 'credit' END AS side,
                       move.name AS document_number,
                       COALESCE(NULLIF(move.ref, ''),
                                CASE WHEN move.move_type = 'entry' THEN line.name END)
                           AS document_ref,
                       COALESCE(move.invoice_date, move.date) AS document_date,
                       COALESCE(line.date_maturity, line.date) AS date_maturity,
                       line.amount_currency AS amount, line.balance AS amount_company,
                       abs(line.amount_currency) = move.amount_total AS is_whole,
                       COALESCE(branch.party_id, owner.commercial_partner_id) AS party_id,
                       owner.commercial_partner_id
                  FROM res_partner owner
                  JOIN account_move_line line ON line.partner_id = owner.id
                  JOIN account_move move ON move.id = line.move_id
             LEFT JOIN res_partner document_partner
                    ON move.move_type <> 'entry'
                   AND document_partner.id = move.partner_id
                   AND document_partner.commercial_partner_id = owner.commercial_partner_id
             LEFT JOIN branch_party branch
                    ON branch.partner_id = COALESCE(document_partner.id, owner.id)
                 WHERE line.account_id = ANY(%(accounts)s)
                   AND line.company_id = %(company)s
                   AND line.reconciled IS NOT TRUE
                   AND line.parent_state = 'posted'
                   AND %(in_scope)s
            )
            """,
            accounts=self._accounts(scope),
            company=scope.company_id,
            in_scope=scope.filter(SQL.identifier("owner", "commercial_partner_id")),
        )

    def _select(self, scope: CycleScope) -> SQL:
        """List the open ledger lines that have no item yet or whose item says otherwise."""
        return SQL(
            """
            WITH RECURSIVE %(party)s, %(ledger)s
            SELECT ledger.*
              FROM ledger
         LEFT JOIN collection_item item ON item.move_line_id = ledger.move_line_id
         LEFT JOIN collection_profile profile
                ON profile.id = item.profile_id AND %(in_scope)s
             WHERE item.id IS NULL
                OR item.state <> 'open'
                OR profile.partner_id IS DISTINCT FROM ledger.party_id
                OR item.date_maturity <> ledger.date_maturity
                OR item.amount <> ledger.amount
                OR item.amount_company <> ledger.amount_company
                OR item.currency_id <> ledger.currency_id
                OR item.side <> ledger.side
                OR item.document_number IS DISTINCT FROM ledger.document_number
                OR item.document_ref IS DISTINCT FROM ledger.document_ref
                OR item.document_date IS DISTINCT FROM ledger.document_date
            """,
            party=self._party_cte(scope),
            ledger=self._ledger_cte(scope),
            # an item of a customer outside the scope has the wrong one
            in_scope=scope.filter(SQL.identifier("profile", "commercial_partner_id")),
        )

    # ------------------------------------------------------------
    # APPLY
    # ------------------------------------------------------------

    def _apply(self, scope: CycleScope) -> int:
        suspects = self._suspects(scope)
        edited = {move_id for _item_id, move_id in suspects if move_id}
        rematched = self._match_edited_documents(scope, list(edited))
        written, instalments = self._upsert_from_ledger(scope)
        return (
            rematched
            + written
            + self._number_instalments(scope, list(edited.union(instalments)))
            + self._settle_gone(scope, [item_id for item_id, _move_id in suspects])
            + self._settle_manual(scope)
        )

    def _suspects(self, scope: CycleScope) -> list[tuple]:
        """Return (item id, document id) of items whose journal item is no longer as it was.

        The document is given only where its lines may have to be matched with items again: a
        line is gone or has another amount, or the document is or was in draft. Another date on a
        line of a posted document does not make it another instalment.

        Settled and cancelled items are looked at for given customers only, because whatever
        brings such an item back goes through the ORM; the night need not read them all.
        """
        return self.env.execute_query(
            SQL(
                """
                SELECT item.id,
                       CASE WHEN item.kind = 'document'
                             AND (line.id IS NULL
                                  OR line.amount_currency <> item.amount
                                  OR line.parent_state = 'draft'
                                  OR item.state = 'draft')
                            THEN item.move_id END AS move_id
                  FROM collection_item item
                  JOIN collection_profile profile ON profile.id = item.profile_id
             LEFT JOIN account_move_line line ON line.id = item.move_line_id
                 WHERE item.company_id = %(company)s
                   AND item.kind <> 'manual'
                   AND %(in_scope)s
                   AND (item.state IN ('open', 'draft')
                            AND (line.id IS NULL
                                 OR line.reconciled
                                 OR line.parent_state <> 'posted'
                                 OR line.partner_id IS NULL
                                 OR line.account_id <> ALL(%(accounts)s)
                                 OR line.amount_currency <> item.amount
                                 OR item.state = 'draft')
                        OR %(at_once)s
                            AND (item.state = 'settled'
                                     AND (line.reconciled IS NOT TRUE
                                          OR line.parent_state <> 'posted')
                                 OR item.state = 'cancelled'
                                     AND (line.id IS NULL OR line.parent_state = 'draft')))
                """,
                company=scope.company_id,
                accounts=self._accounts(scope),
                at_once=scope.partner_ids is not None,
                in_scope=scope.filter(SQL.identifier("profile", "commercial_partner_id")),
            )
        )

    def _accounts(self, scope: CycleScope) -> list[int]:
        """Return the ids of the company's trade receivable accounts."""
        company = self.env["res.company"].browse(scope.company_id)
        return company._collection_receivable_accounts().ids

    def _match_edited_documents(self, scope: CycleScope, move_ids: list[int]) -> int:
        """Give the items of edited documents the journal items they have now.

        Resetting a document to draft may delete its receivable lines, or use a line again for
        another instalment. An item is instalment *n* of its document, so lines in order of
        maturity are given to items in order of instalment; items that had fallen away come last.
        """
        if not move_ids:
            return 0
        self.env.cr.execute(
            SQL(
                """
                WITH line AS (%(instalments)s),
                item AS (
                    SELECT item.id, item.move_id, item.move_line_id,
                           row_number() OVER (PARTITION BY item.move_id
                                              ORDER BY item.state = 'cancelled',
                                                       item.instalment, item.id) AS place
                      FROM collection_item item
                     WHERE item.move_id = ANY(%(moves)s)
                       AND item.kind = 'document'
                )
                SELECT item.id, line.id
                  FROM item
             LEFT JOIN line ON line.move_id = item.move_id AND line.instalment = item.place
                 WHERE item.move_line_id IS DISTINCT FROM line.id
                """,
                moves=move_ids,
                instalments=self._instalments_sql(scope, SQL("= ANY(%s)", move_ids)),
            )
        )
        pairs = self.env.cr.fetchall()
        if not pairs:
            return 0
        item_ids, line_ids = (list(ids) for ids in zip(*pairs, strict=True))
        # two statements: a line may pass from one item to another, and a line has one item
        self._execute(
            SQL(
                "UPDATE collection_item SET move_line_id = NULL"
                " WHERE id = ANY(%s) OR move_line_id = ANY(%s::int[])",
                item_ids,
                line_ids,
            )
        )
        return self._execute(
            SQL(
                """
                UPDATE collection_item item
                   SET move_line_id = pair.line_id
                  FROM unnest(%s::int[], %s::int[]) AS pair(item_id, line_id)
                 WHERE item.id = pair.item_id AND pair.line_id IS NOT NULL
                """,
                item_ids,
                line_ids,
            )
        )

    def _upsert_from_ledger(self, scope: CycleScope) -> tuple[int, list[int]]:
        """Write the profiles and items that the ledger asks for, in one statement.

        :return: the number of items written, and the documents among them with instalments
        """
        [(count, move_ids)] = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE changed AS MATERIALIZED (%(changed)s),
                -- materialized, as is what follows from it: a load that is not committed yet
                -- counts as no rows for the planner, and each would be read anew for every row
                party AS MATERIALIZED (
                    SELECT DISTINCT party_id, commercial_partner_id FROM changed
                ),
                new_profile AS (
                    INSERT INTO collection_profile (
                        company_id, partner_id, commercial_partner_id, participation,
                        debt_manager_id, team_id, salesperson_id,
                        create_uid, create_date, write_uid, write_date)
                    SELECT %(company)s, party.party_id, party.commercial_partner_id, 'default',
                           category.debt_manager_id, category.team_id, partner.user_id,
                           %(uid)s, %(now)s, %(uid)s, %(now)s
                      FROM party
                      JOIN res_partner partner ON partner.id = party.party_id
                 LEFT JOIN LATERAL (%(category)s) AS category ON TRUE
                     WHERE NOT EXISTS (
                               SELECT FROM collection_profile known
                                WHERE known.company_id = %(company)s
                                  AND known.partner_id = party.party_id)
                        ON CONFLICT (company_id, partner_id) DO NOTHING
                 RETURNING id, partner_id
                ),
                profile AS MATERIALIZED (
                    SELECT id, partner_id FROM new_profile
                     UNION ALL
                    SELECT known.id, known.partner_id
                      FROM party
                      JOIN collection_profile known
                        ON known.company_id = %(company)s AND known.partner_id = party.party_id
                ),
                -- a document whose only receivable line is all of it has one instalment
                numbered AS MATERIALIZED (%(instalments)s),
                written AS (
                    INSERT INTO collection_item AS item (
                        company_id, profile_id, kind, side, state, move_id, move_line_id,
                        document_number, document_ref, document_date,
                        instalment, instalment_count, date_maturity, date_due,
                        currency_id, amount, amount_company)
                    SELECT %(company)s, profile.id, changed.kind, changed.side, 'open',
                           changed.move_id, changed.move_line_id,
                           changed.document_number, changed.document_ref, changed.document_date,
                           COALESCE(numbered.instalment, 1), COALESCE(numbered.instalment_count, 1),
                           changed.date_maturity, changed.date_maturity,
                           changed.currency_id, changed.amount, changed.amount_company
                      FROM changed
                      JOIN profile ON profile.partner_id = changed.party_id
                 LEFT JOIN numbered ON numbered.id = changed.move_line_id
                        ON CONFLICT (move_line_id) WHERE move_line_id IS NOT NULL DO UPDATE
                       SET profile_id = EXCLUDED.profile_id,
                           side = EXCLUDED.side,
                           state = 'open',
                           settled_date = NULL,
                           move_id = EXCLUDED.move_id,
                           document_number = EXCLUDED.document_number,
                           document_ref = EXCLUDED.document_ref,
                           document_date = EXCLUDED.document_date,
                           instalment = EXCLUDED.instalment,
                           instalment_count = EXCLUDED.instalment_count,
                           date_maturity = EXCLUDED.date_maturity,
                           date_due = GREATEST(item.granted_date, EXCLUDED.date_maturity),
                           currency_id = EXCLUDED.currency_id,
                           amount = EXCLUDED.amount,
                           amount_company = EXCLUDED.amount_company
                 RETURNING item.move_id, item.instalment_count
                )
                SELECT count(*), array_agg(DISTINCT move_id) FILTER (WHERE instalment_count > 1)
                  FROM written
                """,
                changed=self._select(scope),
                category=self._category_defaults_sql(),
                company=scope.company_id,
                instalments=self._instalments_sql(
                    scope,
                    SQL(
                        "IN (SELECT move_id FROM changed WHERE kind = 'document' AND NOT is_whole)"
                    ),
                ),
                uid=self.env.uid,
                now=self.env.cr.now(),
            )
        )
        return count, move_ids or []

    def _number_instalments(self, scope: CycleScope, move_ids: list[int]) -> int:
        """Tell all items of a document which instalment they are, also those that stayed as is."""
        if not move_ids:
            return 0
        return self._execute(
            SQL(
                """
                UPDATE collection_item item
                   SET instalment = numbered.instalment,
                       instalment_count = numbered.instalment_count
                  FROM (%(instalments)s) AS numbered
                 WHERE numbered.id = item.move_line_id
                   AND item.kind = 'document'
                   AND (item.instalment <> numbered.instalment
                        OR item.instalment_count <> numbered.instalment_count)
                """,
                instalments=self._instalments_sql(scope, SQL("= ANY(%s)", move_ids)),
            )
        )

    def _instalments_sql(self, scope: CycleScope, moves: SQL) -> SQL:
        """Return the statement that numbers the instalments of documents in order of maturity.

        :param moves: the condition on the document's id, after the column
        """
        return SQL(
            """
            SELECT line.id, line.move_id,
                   row_number() OVER (PARTITION BY line.move_id
                                      ORDER BY line.date_maturity, line.id) AS instalment,
                   count(*) OVER (PARTITION BY line.move_id) AS instalment_count
              FROM account_move_line line
             WHERE line.move_id %(moves)s
               AND line.account_id = ANY(%(accounts)s)
               -- a cent is not split; what was nothing from the start is no instalment
               AND (line.balance <> 0 OR line.amount_currency <> 0)
            """,
            moves=moves,
            accounts=self._accounts(scope),
        )

    def _category_defaults_sql(self) -> SQL:
        """Return the sub-select of debt manager and team by the partner's category.

        Correlated with ``party.commercial_partner_id``; the category with the lowest id that
        names either wins.
        """
        return SQL(
            """
            SELECT category.collection_debt_manager_id AS debt_manager_id,
                   category.collection_team_id AS team_id
              FROM res_partner_res_partner_category_rel rel
              JOIN res_partner_category category ON category.id = rel.category_id
             WHERE rel.partner_id = party.commercial_partner_id
               AND (category.collection_debt_manager_id IS NOT NULL
                    OR category.collection_team_id IS NOT NULL)
             ORDER BY category.id
             LIMIT 1
            """
        )

    def _settle_gone(self, scope: CycleScope, item_ids: list[int]) -> int:
        """Take items out of the open state whose journal item is no longer open."""
        if not item_ids:
            return 0
        return self._execute(
            SQL(
                """
                UPDATE collection_item item
                   SET state = now_is.state,
                       settled_date = CASE WHEN now_is.state = 'settled' THEN now_is.day END
                  FROM (
                    SELECT item.id,
                           CASE WHEN line.id IS NULL OR line.parent_state = 'cancel'
                                     OR line.account_id <> ALL(%(accounts)s)
                                     OR line.partner_id IS NULL THEN 'cancelled'
                                WHEN line.parent_state = 'draft' THEN 'draft'
                                WHEN line.reconciled THEN 'settled'
                                ELSE 'open' END AS state,
                           COALESCE((SELECT max(partial.max_date)
                                       FROM account_partial_reconcile partial
                                      WHERE partial.debit_move_id = line.id
                                         OR partial.credit_move_id = line.id),
                                    %(today)s) AS day
                      FROM collection_item item
                 LEFT JOIN account_move_line line ON line.id = item.move_line_id
                     WHERE item.id = ANY(%(items)s)
                  ) AS now_is
                 WHERE now_is.id = item.id AND now_is.state <> item.state
                """,
                items=item_ids,
                today=scope.business_date,
                accounts=self._accounts(scope),
            )
        )

    def _settle_manual(self, scope: CycleScope) -> int:
        """Bring amounts without a document up to date with the payments collected for them."""
        return self._execute(
            SQL(
                """
                UPDATE collection_item item
                   SET amount_paid = now_is.paid,
                       state = CASE WHEN now_is.settled THEN 'settled' ELSE 'open' END,
                       settled_date = CASE WHEN now_is.settled THEN now_is.day END
                  FROM (
                    SELECT item.id, COALESCE(paid.amount, 0) AS paid,
                           COALESCE(paid.amount, 0) >= item.amount AS settled,
                           COALESCE(paid.day, %(today)s) AS day
                      FROM collection_item item
                      JOIN collection_profile profile ON profile.id = item.profile_id
                      JOIN res_currency currency ON currency.id = item.currency_id
                 LEFT JOIN LATERAL (
                        SELECT sum(CASE WHEN payment.payment_type = 'inbound' THEN 1 ELSE -1 END
                                   * CASE WHEN payment.currency_id = item.currency_id
                                          THEN payment.amount
                                          ELSE round(abs(payment.amount_company_currency_signed)
                                                     * item.amount / item.amount_company,
                                                     currency.decimal_places)
                                     END) AS amount,
                               max(payment.date) AS day
                          FROM account_payment payment
                         WHERE payment.collection_item_id = item.id
                           AND payment.state IN ('in_process', 'paid')
                       ) AS paid ON TRUE
                     WHERE item.company_id = %(company)s
                       AND item.kind = 'manual'
                       AND item.state IN ('open', 'settled')
                       AND %(in_scope)s
                  ) AS now_is
                 WHERE now_is.id = item.id
                   AND (item.amount_paid <> now_is.paid
                        OR (item.state = 'settled') <> now_is.settled)
                """,
                company=scope.company_id,
                today=scope.business_date,
                in_scope=scope.filter(SQL.identifier("profile", "commercial_partner_id")),
            )
        )
