# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Charges without a document that brought nothing → items: the customer owes their amounts."""

from collections import defaultdict

from odoo import models
from odoo.tools import SQL

from odoo.addons.collection.models.collection_cycle_step import CycleScope

# why an item is not owed any more: see ``charge_ended``
ENDED = ("document", "source", "handled")


class CollectionCycleStepChargeDebts(models.AbstractModel):
    """Keeps one item per amount without a document that was charged in vain.

    The item is known by the first charge of the amount. Payments that later charges bring are
    collected for it, so that it is settled as any amount without a document is. It ends without
    money when the amount gets a document, which is owed instead; when whatever asked for the
    charge asks for nothing any more; or when a person has dealt with the charge. Add-ons whose
    records ask for charges say so in the statements of ``payment.charge.attempt``.
    """

    _name = "collection.cycle.step.charge.debts"
    _inherit = "collection.cycle.step"
    _description = "Cycle: Failed Charges Without a Document to Items"

    # ------------------------------------------------------------
    # SELECT
    # ------------------------------------------------------------

    def _select(self, scope: CycleScope) -> SQL:
        """List the amounts that were charged in vain, each with how it stands.

        Looked at are outcomes that no case knows yet, and the items there are; at night only
        open ones, because whatever brings another back notes its customer.

        Columns: ``first_id`` (the first charge), ``item_id`` (if there is one), ``last_id`` (the
        charge that decides), ``day`` (of the first charge), ``partner_id`` (who owes it),
        ``amount`` (in the currency of the charge), ``move_ids`` (its documents) and ``standing``:
        ``owed``, ``under_way``, ``paid``, or why it ended.
        """
        Attempt = self.env["payment.charge.attempt"]
        company = self.env["res.company"].browse(scope.company_id)
        first = SQL("first.id")
        return SQL(
            """
            WITH known AS (
                SELECT item.charge_attempt_id AS first_id
                  FROM collection_item item
                  JOIN collection_profile profile ON profile.id = item.profile_id
                 WHERE item.charge_attempt_id IS NOT NULL
                   AND item.company_id = %(company)s
                   AND (item.state = 'open' OR %(at_once)s)
                   AND %(profile_in_scope)s
            ),
            candidate AS MATERIALIZED (
                SELECT first_id FROM known
                 UNION
                SELECT %(first_of)s
                  FROM payment_charge_transition transition
                  JOIN payment_charge_attempt attempt ON attempt.id = transition.attempt_id
                 WHERE transition.collection_pending
                   AND attempt.operation = 'charge'
                   AND attempt.company_id = %(company)s
                   AND NOT EXISTS (SELECT FROM payment_charge_document document
                                    WHERE document.attempt_id = attempt.id)
                   AND %(attempt_in_scope)s
            ),
            debt AS (
                SELECT first.id AS first_id, last.id AS last_id, last.amount,
                       (%(whole)s) AS whole, (%(owed)s) AS owed,
                       LEAST(COALESCE(first.planned_on,
                                      (first.create_date AT TIME ZONE 'UTC'
                                                         AT TIME ZONE %(tz)s)::date),
                             %(today)s) AS day,
                       (%(partner)s) AS partner_id,
                       ARRAY(%(documents)s) AS move_ids,
                       %(first_of_first)s <> first.id AS is_merged,
                       history.under_way, history.paid, last.brought_nothing, last.dealt_with
                  FROM candidate
                  JOIN payment_charge_attempt first ON first.id = candidate.first_id
            CROSS JOIN LATERAL (
                        SELECT bool_or(%(blocking)s) AS under_way,
                               bool_or(attempt.state = 'succeeded') AS paid
                          FROM (%(same)s) AS same
                          JOIN payment_charge_attempt attempt ON attempt.id = same.id
                         WHERE attempt.operation = 'charge'
                       ) AS history
            CROSS JOIN LATERAL (
                        SELECT attempt.id, attempt.amount,
                               attempt.finished IS TRUE
                               AND (attempt.state IN ('needs_customer', 'cancelled')
                                    OR attempt.state IN ('failed', 'returned')
                                       AND COALESCE(attempt.next_step, 'stop')
                                           NOT IN ('retry', 'next_way')) AS brought_nothing,
                               attempt.handled IS TRUE
                               OR attempt.state = 'cancelled'
                                  AND previous.handled IS TRUE AS dealt_with
                          FROM (%(same)s) AS same
                          JOIN payment_charge_attempt attempt ON attempt.id = same.id
                     LEFT JOIN payment_charge_attempt previous ON previous.id = attempt.previous_id
                         WHERE attempt.operation = 'charge'
                           -- a page that was only sent asks, and what was never tried did not fail
                           AND NOT (attempt.by_link IS TRUE AND attempt.way_id IS NULL
                                    AND attempt.state NOT IN ('succeeded', 'returned'))
                           AND NOT (attempt.state = 'cancelled' AND attempt.previous_id IS NULL)
                      ORDER BY attempt.id DESC
                         LIMIT 1
                       ) AS last
            )
            SELECT debt.first_id, item.id AS item_id, debt.last_id, debt.day, debt.partner_id,
                   COALESCE(debt.whole, debt.amount) AS amount, debt.move_ids,
                   CASE WHEN debt.move_ids <> '{}' THEN 'document'
                        WHEN debt.is_merged OR debt.owed <= 0 THEN 'source'
                        WHEN debt.under_way THEN 'under_way'
                        WHEN debt.paid THEN 'paid'
                        WHEN debt.dealt_with THEN 'handled'
                        WHEN debt.brought_nothing THEN 'owed'
                        END AS standing
              FROM debt
         LEFT JOIN collection_item item ON item.charge_attempt_id = debt.first_id
          ORDER BY debt.first_id
            """,
            company=scope.company_id,
            at_once=scope.partner_ids is not None,
            today=scope.business_date,
            tz=company.collection_tz or "UTC",
            first_of=Attempt._debt_first_sql("attempt"),
            first_of_first=Attempt._debt_first_sql("first"),
            whole=Attempt._debt_amount_sql(first),
            owed=Attempt._debt_owed_sql(first),
            partner=Attempt._debt_partner_sql(first),
            documents=Attempt._debt_documents_sql(first),
            same=Attempt._same_debt_sql(first),
            blocking=Attempt._blocking_sql(),
            profile_in_scope=scope.filter(SQL.identifier("profile", "commercial_partner_id")),
            attempt_in_scope=scope.filter(SQL.identifier("attempt", "partner_id")),
        )

    # ------------------------------------------------------------
    # APPLY
    # ------------------------------------------------------------

    def _apply(self, scope: CycleScope) -> int:
        debts = self.env.execute_query_dict(self._select(scope))
        if not debts:
            return 0
        # the steps before have written by SQL
        self.env.invalidate_all()
        # the customers are being computed: no need to note them once more
        self = self.with_context(collection_no_touch=True)
        made = self._make_items(
            [debt for debt in debts if not debt["item_id"] and debt["standing"] == "owed"], scope
        )
        debts = [debt for debt in debts if debt["item_id"]]
        linked = self._link_payments([debt["item_id"] for debt in debts])
        if made or linked:
            self._settle(scope)
        return made + linked + self._follow(debts, scope)

    def _settle(self, scope: CycleScope):
        """Have the items count what was collected for them."""
        self.env.flush_all()
        self.env["collection.cycle.step.items"]._settle_manual(scope)
        self.env["collection.item"].invalidate_model()

    def _make_items(self, debts: list[dict], scope: CycleScope) -> int:
        """Write the items of amounts that are owed from now on, and the profiles they need."""
        if not debts:
            return 0
        company = self.env["res.company"].browse(scope.company_id)
        parties = self._parties({debt["partner_id"] for debt in debts}, scope)
        profiles = self.env["collection.profile"]._get_or_create(
            company, self.env["res.partner"].browse(set(parties.values()))
        )
        # sudo: the cycle works for the company, whoever charges
        profile_of = {profile.partner_id.id: profile for profile in profiles.sudo()}
        attempts = self.env["payment.charge.attempt"].browse(debt["last_id"] for debt in debts)
        names = attempts._debt_names()
        values = []
        for debt, attempt in zip(debts, attempts, strict=True):
            amount = attempt.currency_id.round(debt["amount"])
            values.append({
                "company_id": company.id,
                "profile_id": profile_of[parties[debt["partner_id"]]].id,
                "kind": "manual",
                "charge_attempt_id": debt["first_id"],
                "description": names[attempt],
                "document_ref": attempt.name,
                "document_date": debt["day"],
                "date_maturity": debt["day"],
                "currency_id": attempt.currency_id.id,
                "amount": amount,
                # what is next to nothing in company currency is owed all the same
                "amount_company": max(
                    attempt.currency_id._convert(amount, company.currency_id, company, debt["day"]),
                    company.currency_id.rounding,
                ),
            })
        items = self.env["collection.item"].create(values)
        for debt, item in zip(debts, items, strict=True):
            debt["item_id"] = item.id
        return len(items)

    def _parties(self, partner_ids, scope: CycleScope) -> dict:
        """Return {partner id: id of who is chased for it}: the customer, or its branch."""
        rows = self.env.execute_query(
            SQL(
                """
                WITH RECURSIVE %(party)s
                SELECT partner.id, COALESCE(branch.party_id, partner.commercial_partner_id)
                  FROM res_partner partner
             LEFT JOIN branch_party branch ON branch.partner_id = partner.id
                 WHERE partner.id = ANY(%(partners)s)
                """,
                party=self.env["collection.cycle.step.items"]._party_cte(scope),
                partners=list(partner_ids),
            )
        )
        return dict(rows)

    def _link_payments(self, item_ids: list[int]) -> int:
        """Have what charges of the amounts brought be collected for their items."""
        if not item_ids:
            return 0
        self.env.flush_all()
        return self._execute(
            SQL(
                """
                UPDATE account_payment payment
                   SET collection_item_id = item.id
                  FROM collection_item item
            CROSS JOIN LATERAL (%(payments)s) AS brought
                 WHERE item.id = ANY(%(items)s)
                   AND payment.id = brought.payment_id
                   AND payment.company_id = item.company_id
                   AND payment.collection_item_id IS NULL
                """,
                payments=self.env["payment.charge.attempt"]._debt_payments_sql(
                    SQL("item.charge_attempt_id")
                ),
                items=item_ids,
            )
        )

    def _follow(self, debts: list[dict], scope: CycleScope) -> int:
        """Have the items end, come back and change with the charges.

        What a person has cancelled stays cancelled.
        """
        items = self.env["collection.item"].browse(debt["item_id"] for debt in debts)
        ended, back, changed = defaultdict(items.browse), items.browse(), items.browse()
        debt_of = {}
        for debt, item in zip(debts, items, strict=True):
            debt_of[item] = debt
            standing, now_ended = debt["standing"], item.charge_ended
            if item.state == "cancelled" and not now_ended:
                continue
            if standing in ENDED:
                # what is settled was paid
                if item.state == "open" or item.state == "cancelled" and now_ended != standing:
                    ended[standing] += item
                continue
            if item.state == "cancelled" and standing == "owed":
                back += item
            compare = item.currency_id.compare_amounts
            if standing == "owed" and compare(item.amount, debt["amount"]):
                item.amount = debt["amount"]
                changed += item
        for why, these in ended.items():
            self._end(these, why, debt_of)
        back.write({"state": "open", "charge_ended": False})
        if back or changed:
            self._settle(scope)
        self.env.flush_all()
        return len(items.browse().union(back, changed, *ended.values()))

    def _end(self, items, why, debt_of):
        """Have items end without money; the case is told, and gets the document instead."""
        fresh = items.filtered(lambda item: item.state == "open")
        case_of = {item: item.case_id for item in fresh if item.case_id}
        items.write({"state": "cancelled", "charge_ended": why})
        documents = self.env["account.move"].browse({
            move_id for item in fresh for move_id in debt_of[item]["move_ids"]
        })
        if why == "document":
            self._join_documents(case_of, documents, debt_of)
        texts = defaultdict(list)
        for item, case in case_of.items():
            own = documents.filtered(lambda move, item=item: move.id in debt_of[item]["move_ids"])
            texts[case].append(item._charge_ended_text(own))
        self.env["collection.case"]._tell(texts)

    def _join_documents(self, case_of, documents, debt_of):
        """Put the documents of amounts that were in a case in that case: the debt is the same."""
        owed = (
            self
            .env["collection.item"]
            .search([
                ("move_id", "in", documents.ids),
                ("state", "=", "open"),
                ("side", "=", "debit"),
            ])
            .filtered(lambda item: item.amount_residual > 0 and not item.case_id)
            .grouped("move_id")
        )
        joining = {
            joined: case
            for item, case in case_of.items()
            for move in documents
            if move.id in debt_of[item]["move_ids"]
            for joined in owed.get(move, ())
            if joined.profile_id == case.profile_id
        }
        self.env["collection.case.item"]._join(
            [item.id for item in joining], [case.id for case in joining.values()]
        )
        self.env["collection.case.item"].invalidate_model()
        self.env["collection.item"].invalidate_model(["case_id", "case_item_ids"])
