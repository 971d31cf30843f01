# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import logging

import psycopg2
from psycopg2.extensions import TransactionRollbackError

from odoo import api, models
from odoo.tools import SQL

from .collection_cycle_step import CycleScope

_logger = logging.getLogger(__name__)

TOUCHED = "collection.cycle.touched"
# a change that touches more customers than this is left to the cron, a payment must not wait
AT_ONCE_LIMIT = 2000
# so often in one call the cron begins anew after another transaction was first
MAX_CONFLICTS = 100


class CollectionCycle(models.AbstractModel):
    """The way of data: ledger → items → customers → cases, always by the same steps.

    At night :meth:`_cron_run` takes every company through all steps, in chunks of customers;
    during the day :meth:`_run_for` takes the few customers something happened to.
    """

    _name = "collection.cycle"
    _description = "Collection Cycle"

    @api.model
    def _get_steps(self):
        """Return the names of the step models in the order they run.

        Add-ons override this and insert their own; a step may rely on all that stand before it.
        """
        return [
            "collection.cycle.step.items",
            "collection.cycle.step.postdated",
            "collection.cycle.step.profiles",
            "collection.cycle.step.cases",
            "collection.cycle.step.totals",
            "collection.cycle.step.assign",
            "collection.cycle.step.agreements",
        ]

    # ------------------------------------------------------------
    # SOME CUSTOMERS, NOW
    # ------------------------------------------------------------

    @api.model
    def _run_for(self, company, partners):
        """Take some customers through all steps now.

        :param partners: ``res.partner`` records; their commercial partners are computed
        """
        scope = CycleScope(
            company_id=company.id,
            business_date=company._collection_today(),
            partner_ids=tuple(partners.commercial_partner_id.ids),
        )
        self.env["collection.profile"]._claim(
            SQL(
                "company_id = %s AND %s",
                scope.company_id,
                scope.filter(SQL.identifier("commercial_partner_id")),
            )
        )
        self._run_scope(scope)

    def _run_scope(self, scope):
        """Run every step on ``scope`` in this transaction."""
        # sudo: totals and cases are the company's, whoever's payment changed them
        cycle = self.sudo().with_company(scope.company_id)
        cycle.env.flush_all()
        cycle._tune_transaction()
        for step_name in cycle._get_steps():
            # the step before may have filled a table
            cycle._refresh_statistics()
            cycle.env[step_name]._apply(scope)
        cycle.env.invalidate_all()

    @api.model
    def _joined_models(self):
        """Return the names of the models whose tables the steps read and fill."""
        return [
            "account.move",
            "account.move.line",
            "collection.profile",
            "collection.item",
            "collection.item.block",
            "collection.case",
            "collection.case.item",
            "collection.case.transition",
        ]

    @api.model
    def _refresh_statistics(self):
        """Have the database look at tables it knows too little of; return whether there were any.

        These are tables that have doubled since it last looked, as on a first night, and tables
        it looked at while all of their rows belonged to a load not committed yet: it believes
        them empty, and what it plans for no rows takes minutes on a few thousand.
        """
        unknown = self.env.execute_query(
            SQL(
                """
                SELECT relname FROM pg_class
                 WHERE oid IN (SELECT to_regclass(name) FROM unnest(%s) AS name)
                   AND pg_relation_size(oid) / current_setting('block_size')::int
                       > CASE WHEN reltuples = 0 THEN 10 ELSE 2 * relpages + 10 END
                 ORDER BY relname
                """,
                [self.env[name]._table for name in self._joined_models()],
            )
        )
        for (table,) in unknown:
            # somebody else may be at it, until the end of their transaction
            self.env.cr.execute(SQL("ANALYZE (SKIP_LOCKED) %s", SQL.identifier(table)))
        return bool(unknown)

    @api.model
    def _tune_transaction(self):
        """Set the database up for the statements of the steps, in this transaction only.

        They are large and run for a fraction of a second: compiling them costs more than it saves.
        """
        self.env.cr.execute("SET LOCAL jit = off")

    # ------------------------------------------------------------
    # AT ONCE: WHAT A TRANSACTION TOUCHED
    # ------------------------------------------------------------

    @api.model
    def _touch_partners(self, commercial_partner_ids):
        """Note customers (commercial partner ids) to be computed again before the commit."""
        self._note("partners", commercial_partner_ids)

    @api.model
    def _touch_moves(self, moves):
        """Note the customers of documents, before and after the change, likewise."""
        self._note("moves", moves.ids)

    def _note(self, kind, ids):
        if not ids or self.env.context.get("collection_no_touch"):
            return
        precommit = self.env.cr.precommit
        if TOUCHED not in precommit.data:
            precommit.data[TOUCHED] = {"partners": set(), "moves": set()}
            precommit.add(self.env["collection.cycle"].sudo()._run_touched)
        precommit.data[TOUCHED][kind].update(ids)

    def _run_touched(self):
        """Compute the customers this transaction touched.

        Nothing here may make the transaction fail: what cannot be computed now is noted in the
        database and computed by the cron.
        """
        touched = self.env.cr.precommit.data.pop(TOUCHED, None)
        if not touched:
            return
        self.env.flush_all()
        try:
            with self.env.cr.savepoint(flush=False):
                customers = self._touched_customers(touched)
        except Exception:
            _logger.exception(
                "Finding the customers of %s failed, the night run sees them", touched
            )
            return
        for company_id, partner_ids in customers.items():
            company = self.env["res.company"].browse(company_id)
            if len(partner_ids) > AT_ONCE_LIMIT:
                self._postpone(company_id, partner_ids)
                continue
            try:
                with self.env.cr.savepoint(flush=False):
                    self.env.cr.execute("SET LOCAL lock_timeout = '3s'")
                    self._run_for(company, self.env["res.partner"].browse(partner_ids))
                    self.env.cr.execute("SET LOCAL lock_timeout TO DEFAULT")
            except psycopg2.OperationalError as error:
                self.env.transaction.clear()
                # another transaction works on the same customer: its numbers follow in a moment
                _logger.info("Customers %s are computed later: %s", partner_ids, error)
                self._postpone(company_id, partner_ids)
            except Exception:
                # what the steps had in mind to write is not to be written any more
                self.env.transaction.clear()
                _logger.exception("Computing customers %s failed, the cron retries", partner_ids)
                self._postpone(company_id, partner_ids)
        # a step may have touched records through the ORM; their customers are computed already
        self.env.cr.precommit.data.pop(TOUCHED, None)

    def _touched_customers(self, touched):
        """Return {company id: [commercial partner ids]} of what was noted.

        A document in draft concerns nobody, unless it was posted before and has items.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.company_id, partner.commercial_partner_id
                  FROM account_move_line line
                  JOIN res_partner partner ON partner.id = line.partner_id
                 WHERE line.move_id = ANY(%(moves)s) AND line.account_id = ANY(%(accounts)s)
                   AND line.parent_state = 'posted'
                 UNION
                SELECT profile.company_id, profile.commercial_partner_id
                  FROM collection_item item
                  JOIN collection_profile profile ON profile.id = item.profile_id
                 WHERE item.move_id = ANY(%(moves)s)
                 UNION
                SELECT company.id, partner.commercial_partner_id
                  FROM res_partner partner
            CROSS JOIN res_company company
                 WHERE partner.id = ANY(%(partners)s)
                   AND (EXISTS (SELECT FROM collection_profile profile
                                 WHERE profile.company_id = company.id
                                   AND profile.commercial_partner_id
                                       = partner.commercial_partner_id)
                        OR EXISTS (SELECT FROM account_move_line line
                                    WHERE line.partner_id = partner.id
                                      AND line.company_id = company.id
                                      AND line.account_id = ANY(%(accounts)s)))
                """,
                moves=list(touched["moves"]),
                partners=list(touched["partners"]),
                accounts=self._companies()._collection_receivable_accounts().ids,
            )
        )
        customers = {}
        for company_id, partner_id in rows:
            if partner_id:
                customers.setdefault(company_id, []).append(partner_id)
        return customers

    @api.model
    def _companies(self):
        """Return all companies; a database has few."""
        return self.env["res.company"].search([])  # pylint: disable=no-search-all

    def _postpone(self, company_id, partner_ids):
        """Leave customers to the cron, and wake it."""
        self.env["collection.cycle.touched"].create([
            {"company_id": company_id, "partner_id": partner_id} for partner_id in partner_ids
        ])
        cron = self.env.ref("collection.cron_cycle", raise_if_not_found=False)
        if cron:
            cron._trigger()

    # ------------------------------------------------------------
    # EVERY CUSTOMER, AT NIGHT
    # ------------------------------------------------------------

    @api.model
    def _cron_run(self):
        """Go on with what is due: postponed customers, then the night run of each company.

        Takes as many chunks as the host's cron allows and commits after each; called again, it
        goes on where it stopped, whatever stopped it.
        """
        for _attempt in range(MAX_CONFLICTS):
            try:
                self._run_due()
                return
            except TransactionRollbackError:
                # another worker or a payment was first: a new transaction sees what it did
                self.env.cr.rollback()
        self._run_due()

    def _run_due(self):
        """Do what :meth:`_cron_run` says; a conflict with another transaction is raised."""
        if not self.env["collection.cycle.touched"]._run_postponed():
            return
        waiting = False
        for company in self._companies():
            run = self.env["collection.cycle.run"]._current(company)
            if not run:
                continue
            if not run._advance():
                return
            # another worker has its last chunks
            waiting = waiting or run.state == "running"
        if not waiting:
            self.env["ir.cron"]._commit_progress(remaining=0)

    # ------------------------------------------------------------
    # PREVIEW
    # ------------------------------------------------------------

    @api.model
    def _preview(self, company):
        """Tell what the rules would do with the ledger as it is; changes nothing.

        :return: dict of the figures the start page shows; amounts in company currency.
            ``ready`` is false as long as the ledger has not been read once.
        """
        company.ensure_one()
        self.env.flush_all()
        scope = CycleScope(company.id, company._collection_today())
        done = self.env["collection.cycle.run"].search_count(
            [("company_id", "=", company.id), ("state", "=", "done")], limit=1
        )
        cases_step = self.env["collection.cycle.step.cases"]
        groups = self.env.execute_query_dict(
            SQL(
                """
                SELECT owner.debt_manager_id,
                       count(DISTINCT wanted.profile_id) FILTER (WHERE opens) AS cases,
                       count(DISTINCT owner.commercial_partner_id) FILTER (WHERE opens)
                           AS customers,
                       count(*) FILTER (WHERE opens) AS items,
                       COALESCE(sum(wanted.amount) FILTER (WHERE opens), 0) AS amount,
                       count(*) FILTER (WHERE wanted.case_id IS NOT NULL) AS joining_items,
                       count(DISTINCT wanted.profile_id) FILTER (WHERE NOT opens
                           AND wanted.case_id IS NULL) AS below_minimum
                  FROM (SELECT taken.*, taken.case_id IS NULL
                                        AND (taken.to_open OR taken.past_case_id IS NOT NULL)
                                        AS opens
                          FROM (%(wanted)s) AS taken) AS wanted
                  JOIN collection_profile owner ON owner.id = wanted.profile_id
              GROUP BY owner.debt_manager_id
              ORDER BY amount DESC
                """,
                wanted=cases_step._select(scope),
            )
        )
        users = self.env["res.users"].browse([
            group["debt_manager_id"] for group in groups if group["debt_manager_id"]
        ])
        names = {user.id: user.name for user in users}
        totals = {
            key: sum(group[key] for group in groups)
            for key in ("cases", "customers", "items", "amount", "joining_items", "below_minimum")
        }
        return {
            "ready": bool(done),
            **totals,
            "per_manager": [
                {
                    "user_id": group["debt_manager_id"],
                    "name": names.get(group["debt_manager_id"]),
                    "cases": group["cases"],
                    "amount": group["amount"],
                }
                for group in groups
                if group["cases"]
            ],
            **self._preview_beside(company, scope),
        }

    def _preview_beside(self, company, scope):
        """Return the figures of the preview that no rule acts on but a person should see."""
        Profile = self.env["collection.profile"]
        [profiles] = self.env.execute_query_dict(
            SQL(
                """
                SELECT COALESCE(sum(profile.amount_credit), 0) AS credit_amount,
                       count(*) FILTER (WHERE profile.amount_credit > 0) AS credit_customers,
                       count(*) FILTER (WHERE profile.amount_overdue > 0
                                          AND NOT %(takes_part)s) AS not_participating,
                       count(*) FILTER (WHERE profile.amount_overdue > 0
                                          AND %(held)s) AS on_hold
                  FROM collection_profile profile
             LEFT JOIN collection_profile root
                    ON root.company_id = profile.company_id
                   AND root.partner_id = profile.commercial_partner_id
                 WHERE profile.company_id = %(company)s
                """,
                takes_part=Profile._takes_part_sql(company.collection_takes_part_default),
                held=Profile._held_sql(scope.business_date),
                company=company.id,
            )
        )
        [postdated] = self.env.execute_query_dict(
            SQL(
                """
                SELECT count(*) AS postdated_count,
                       COALESCE(sum(abs(amount_company_currency_signed)), 0) AS postdated_amount
                  FROM account_payment payment
                 WHERE company_id = %s AND %s
                """,
                company.id,
                self.env["collection.cycle.step.postdated"]._postdated_sql(scope.business_date),
            )
        )
        [no_partner] = self.env.execute_query_dict(
            SQL(
                """
                SELECT count(*) AS no_partner_count,
                       COALESCE(sum(amount_residual), 0) AS no_partner_amount
                  FROM account_move_line
                 WHERE company_id = %s AND account_id = ANY(%s) AND partner_id IS NULL
                   AND reconciled IS NOT TRUE AND parent_state = 'posted'
                """,
                company.id,
                company._collection_receivable_accounts().ids,
            )
        )
        return {**profiles, **postdated, **no_partner}
