# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What rules look at: open items, customers and cases of a scope, each read once."""

from dataclasses import dataclass

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.collection.models.collection_cycle_step import CycleScope


@dataclass(frozen=True)
class FactsView:
    """How the facts are looked at, where it is not as a run does.

    :param strategies: statement of ``profile_id`` and ``strategy_id`` to be followed instead of
        the strategy each customer follows
    :param customers: condition on the alias ``profile``: only these customers
    :param as_of: the ledger as it stood on the business date, as far as items tell
    """

    strategies: SQL | None = None
    customers: SQL | None = None
    as_of: bool = False


class CollectionRuleFacts(models.AbstractModel):
    """The part of a statement that every rule of it reads.

    Computing what is open is the dear part. It is done once for a scope, whatever the number of
    rules: each rule becomes one sub-select over these.

    The database cannot guess how many rows fulfil a rule. What reads these expressions therefore
    never joins two of them where a wrong guess would compare every row with every other: it asks
    ``(x IN (SELECT …)) IS TRUE``, which is answered from a hash table, or groups.
    """

    _name = "collection.rule.facts"
    _description = "What Rules Look at"

    @api.model
    def _facts_sql(self, scope: CycleScope, rules, view: FactsView | None = None) -> SQL:
        """Return the common table expressions ``base``, ``open_item``, ``open_case``, ``customer``.

        ``open_item`` holds what is owed: ``free`` is the part that is not blocked, ``days`` the
        days since the due date, negative before it. ``customer`` and ``open_case`` hold the sums.

        :param rules: ``collection.rule`` records that read them
        """
        view = view or FactsView()
        return SQL(
            """
            base AS MATERIALIZED (%(base)s),
            open_item AS MATERIALIZED (%(open_items)s),
            open_case AS MATERIALIZED (%(open_cases)s),
            customer AS MATERIALIZED (%(customers)s)
            """,
            base=self._base_sql(scope, view),
            open_items=self._items_sql(scope, view),
            open_cases=self._cases_sql(scope, rules),
            customers=self._customers_sql(rules),
        )

    def _base_sql(self, scope, view) -> SQL:
        """Return the customers of the scope with the strategy each follows."""
        strategy = SQL("chosen.strategy_id") if view.strategies else SQL("profile.strategy_id")
        return SQL(
            """
            SELECT profile.id AS profile_id, profile.partner_id, profile.commercial_partner_id,
                   profile.debt_manager_id, profile.score, profile.credit_class,
                   %(strategy)s AS strategy_id, %(held)s AS held
              FROM collection_profile profile
              %(chosen)s
             WHERE profile.company_id = %(company)s
               AND %(in_scope)s
               AND %(customers)s
            """,
            strategy=strategy,
            held=self.env["collection.profile"]._held_sql(scope.business_date),
            chosen=SQL("JOIN (%s) AS chosen ON chosen.profile_id = profile.id", view.strategies)
            if view.strategies
            else SQL(),
            company=scope.company_id,
            in_scope=scope.filter(SQL.identifier("profile", "commercial_partner_id")),
            customers=view.customers or SQL("TRUE"),
        )

    def _items_sql(self, scope, view) -> SQL:
        """Return what the customers owe, item by item."""
        Item = self.env["collection.item"]
        return SQL(
            """
            SELECT owed.item_id, owed.profile_id, base.strategy_id, base.held, owed.date_due,
                   owed.document_date, %(today)s - owed.date_due AS days, owed.residual,
                   owed.residual - LEAST(owed.blocked, owed.residual) AS free,
                   owed.is_due, owed.is_overdue,
                   owed.keep_out_until IS NOT NULL AND owed.keep_out_until >= %(today)s AS kept_out
              FROM (%(open_items)s) AS owed
              JOIN base ON base.profile_id = owed.profile_id
             WHERE owed.side = 'debit' AND owed.residual > 0
            """,
            today=scope.business_date,
            open_items=self._past_items_sql(scope) if view.as_of else Item._open_items_sql(scope),
        )

    def _past_items_sql(self, scope) -> SQL:
        """Return the items that were open at the end of the business date.

        What was paid on an item in part, and what was blocked, is not known for a past day.
        """
        return SQL(
            """
            SELECT item.id AS item_id, item.profile_id, item.side, item.document_date,
                   item.date_due, NULL::date AS keep_out_until, 0 AS blocked,
                   CASE WHEN item.state = 'open' AND item.kind <> 'manual'
                        THEN line.amount_residual ELSE item.amount_company END AS residual,
                   item.date_due <= %(today)s AS is_due, item.date_due < %(today)s AS is_overdue
              FROM collection_item item
              JOIN collection_profile owner ON owner.id = item.profile_id
         LEFT JOIN account_move_line line ON line.id = item.move_line_id
             WHERE item.company_id = %(company)s
               AND %(in_scope)s
               AND item.side = 'debit'
               AND (item.document_date IS NULL OR item.document_date <= %(today)s)
               AND (item.state = 'open'
                    OR item.state = 'settled' AND item.settled_date > %(today)s)
            """,
            today=scope.business_date,
            company=scope.company_id,
            in_scope=scope.filter(SQL.identifier("owner", "commercial_partner_id")),
        )

    def _cases_sql(self, scope, rules) -> SQL:
        """Return the open cases, with what their items come to where a rule asks for it."""
        asked = any(rule._looks_at_case() for rule in rules)
        sums = SQL(
            """
            SELECT membership.case_id, sum(item.residual) AS amount_open,
                   sum(item.residual) FILTER (WHERE item.is_overdue) AS amount_overdue,
                   sum(item.free) FILTER (WHERE item.is_due) AS amount_to_collect,
                   max(item.days) AS days, count(*) AS item_count, %s AS items
              FROM collection_case_item membership
              JOIN open_item item ON item.item_id = membership.item_id
             WHERE membership.open
          GROUP BY membership.case_id
            """,
            self._spoken_of_sql(),
        )
        nothing = SQL(
            "SELECT NULL::int AS case_id, NULL::numeric AS amount_open,"
            " NULL::numeric AS amount_overdue, NULL::numeric AS amount_to_collect,"
            " NULL::int AS days, NULL::bigint AS item_count, NULL::int[] AS items WHERE FALSE"
        )
        return SQL(
            """
            SELECT the_case.id AS case_id, the_case.profile_id, base.strategy_id, base.held,
                   the_case.state, the_case.team_id, the_case.debt_manager_id,
                   row_number() OVER (PARTITION BY the_case.profile_id
                                      ORDER BY the_case.origin = 'auto' DESC, the_case.id) = 1
                       AS is_main,
                   COALESCE(item.amount_open, 0) AS amount_open,
                   COALESCE(item.amount_overdue, 0) AS amount_overdue,
                   COALESCE(item.amount_to_collect, 0) AS amount_to_collect,
                   item.days, COALESCE(item.item_count, 0) AS item_count, item.items
              FROM collection_case the_case
              JOIN base ON base.profile_id = the_case.profile_id
         LEFT JOIN (%(sums)s) AS item ON item.case_id = the_case.id
             WHERE the_case.company_id = %(company)s AND the_case.state <> 'completed'
            """,
            sums=sums if asked else nothing,
            company=scope.company_id,
        )

    def _spoken_of_sql(self) -> SQL:
        """Return the aggregate of the items that a message or call is about, over ``item``.

        What is overdue, or everything where nothing is; not what nobody is to be asked for.
        """
        return SQL(
            """
            COALESCE(array_agg(item.item_id ORDER BY item.date_due, item.item_id)
                         FILTER (WHERE item.free > 0 AND NOT item.kept_out AND item.is_overdue),
                     array_agg(item.item_id ORDER BY item.date_due, item.item_id)
                         FILTER (WHERE item.free > 0 AND NOT item.kept_out))
            """
        )

    def _customers_sql(self, rules) -> SQL:
        """Return the customers with the sums of their items, and the case they are worked in."""
        acting = any(rule.applies_to == "profile" and rule.action != "none" for rule in rules)
        return SQL(
            """
            SELECT base.*,
                   COALESCE(item.amount_open, 0) AS amount_open,
                   COALESCE(item.amount_overdue, 0) AS amount_overdue,
                   COALESCE(item.amount_to_collect, 0) AS amount_to_collect,
                   item.days, COALESCE(item.item_count, 0) AS item_count, item.items,
                   the_case.case_id, the_case.state AS case_state,
                   the_case.debt_manager_id AS case_manager_id,
                   COALESCE(the_case.amount_open, 0) AS case_amount_open,
                   COALESCE(the_case.amount_overdue, 0) AS case_amount_overdue,
                   COALESCE(the_case.amount_to_collect, 0) AS case_amount_to_collect
              FROM base
         LEFT JOIN (
                SELECT item.profile_id, sum(item.residual) AS amount_open,
                       sum(item.residual) FILTER (WHERE item.is_overdue) AS amount_overdue,
                       sum(item.free) FILTER (WHERE item.is_due) AS amount_to_collect,
                       max(item.days) AS days, count(*) AS item_count, %(items)s AS items
                  FROM open_item item
              GROUP BY item.profile_id
              ) AS item ON item.profile_id = base.profile_id
         LEFT JOIN open_case the_case
                ON the_case.profile_id = base.profile_id AND the_case.is_main
            """,
            items=self._spoken_of_sql() if acting else SQL("NULL::int[]"),
        )
