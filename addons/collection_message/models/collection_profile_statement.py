# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Statements of account: read from the ledger for many customers at once, shown as PDF or Excel."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date, get_lang

from odoo.addons.collection.models.collection_cycle_step import CycleScope

from ..core.statement import (
    ActivitySection,
    Movement,
    OpenRow,
    OpenSection,
    activity_sections,
    open_item_sections,
)
from ..tools.statement_xlsx import statement_workbook

STATEMENT_REPORT = "collection_message.report_statement"
# an activity statement goes back to the first day of the month so many months ago
ACTIVITY_MONTHS = 3


@dataclass(frozen=True)
class Statement:
    """A statement of one customer: its kind, its days, and a section per currency."""

    kind: str
    date_from: date | None
    date_to: date
    sections: tuple[OpenSection, ...] | tuple[ActivitySection, ...]


class CollectionProfile(models.Model):
    _inherit = "collection.profile"

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_statement(self):
        """Open the dialog that makes a statement of account."""
        self.ensure_one()
        return self.env["collection.statement.wizard"]._open(self)

    # ------------------------------------------------------------
    # FILES
    # ------------------------------------------------------------

    def _statement_attachment(
        self, kind, lang=None, format="pdf", statement=None, owner=None, **options
    ):
        """Return a statement of account as a new attachment.

        :param str kind: ``open_item`` or ``activity``
        :param str lang: language of the statement; the customer's when ``None``
        :param str format: ``pdf`` or ``xlsx``
        :param Statement statement: what it shows, where that was read for many customers at once
        :param owner: the record the file belongs to; the customer when ``None``
        :param options: see :meth:`_statements`
        """
        self.ensure_one()
        name, content, mimetype = self._statement_file(kind, lang, format, statement, **options)
        owner = owner or self
        return self.env["ir.attachment"].create({
            "name": name,
            "raw": content,
            "mimetype": mimetype,
            "res_model": owner._name,
            "res_id": owner.id,
        })

    def _statement_file(self, kind, lang=None, format="pdf", statement=None, **options):
        """Return name, content and type of the file of a statement; see ``_statement_attachment``."""
        self.ensure_one()
        statement = statement or self._statements(kind, **options)[self]
        profile = self.with_context(lang=self._statement_lang(lang))
        name = profile.env._(
            "Statement %(customer)s %(day)s",
            customer=profile.partner_id.name or profile.partner_id.display_name,
            day=statement.date_to,
        ).replace("/", "-")
        if format == "xlsx":
            return (
                f"{name}.xlsx",
                profile._statement_xlsx(statement),
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            )
        return f"{name}.pdf", profile._statement_pdf(statement), "application/pdf"

    def _statement_lang(self, lang=None):
        """Return the language of a statement: the one asked for, the customer's, the user's."""
        known = {code for code, _name in self.env["res.lang"].get_installed()}
        for code in (lang, self.partner_id.lang, self.env.lang):
            if code in known:
                return code
        return get_lang(self.env).code

    def _statement_pdf(self, statement):
        # each alone: more than one per call trips the host's renderer
        content, _kind = (
            self
            .env["ir.actions.report"]
            .sudo()  # sudo: the report reads the address of company and customer
            ._render_qweb_pdf(STATEMENT_REPORT, res_ids=self.ids, data={"statement": statement})
        )
        return content

    def _statement_xlsx(self, statement):
        return statement_workbook(
            statement,
            title=self._statement_title(statement),
            labels=self._statement_labels(),
            currencies={
                currency.id: currency for currency in self._statement_currencies(statement)
            },
            right_to_left=self._statement_is_rtl(),
        )

    @api.model
    def _statement_is_rtl(self):
        return self.env["res.lang"]._lang_get(self.env.lang).direction == "rtl"

    @api.model
    def _statement_address(self, partner):
        """Return the lines of an address, without empty ones."""
        lines = partner._display_address(without_company=True).splitlines()
        return [line.strip() for line in lines if line.strip()]

    def _statement_currencies(self, statement):
        return self.env["res.currency"].browse([section.currency for section in statement.sections])

    def _statement_title(self, statement):
        """Return the lines at the head of a statement: who, of what company, of which days."""
        # sudo: the name of the company
        company = self.company_id.sudo()
        lines = [
            self.env._("Statement of account"),
            self.partner_id.display_name,
            company.name,
        ]
        day = partial(format_date, self.env)
        if statement.kind == "activity":
            lines.append(
                self.env._(
                    "%(first)s to %(last)s",
                    first=day(statement.date_from),
                    last=day(statement.date_to),
                )
            )
        else:
            lines.append(self.env._("As of %s", day(statement.date_to)))
        return lines

    @api.model
    def _statement_labels(self):
        """Return the words of a statement in the language of the context."""
        return {
            "document": self.env._("Document"),
            "ref": self.env._("Reference"),
            "kind": self.env._("Kind"),
            "date": self.env._("Date"),
            "due": self.env._("Due"),
            "late": self.env._("Days Late"),
            "original": self.env._("Amount"),
            "open": self.env._("Open"),
            "state": self.env._("Remark"),
            "debit": self.env._("Debit Amount"),
            "credit": self.env._("Credit Amount"),
            "balance": self.env._("Balance"),
            "opening": self.env._("Opening balance"),
            "closing": self.env._("Closing balance"),
            "total": self.env._("Total"),
            "overdue": self.env._("of which overdue"),
            "agreed": self.env._("Agreed on or disputed"),
            "credits": self.env._("Payments and credits not applied yet"),
            "ageing": self.env._("Age of what is owed"),
            "nothing": self.env._("Nothing is open."),
            "kinds": {
                "out_invoice": self.env._("Invoice"),
                "out_refund": self.env._("Credit Note"),
                "out_receipt": self.env._("Receipt"),
                "payment": self.env._("Payment"),
                "manual": self.env._("Amount Without Document"),
                "entry": self.env._("Journal Entry"),
            },
            "reasons": {
                "promise": self.env._("Promised"),
                "dispute": self.env._("Disputed"),
                "plan": self.env._("Payment plan"),
                "charge": self.env._("Being charged"),
                "cheque": self.env._("Post-dated payment"),
            },
            "bucket": self._statement_bucket_label,
        }

    @api.model
    def _statement_bucket_label(self, bucket):
        """Return the name of a bucket of the ageing."""
        if bucket.low is None:
            return self.env._("Not due yet")
        if bucket.high is None:
            return self.env._("Over %s days", bucket.low - 1)
        return self.env._("%(low)s to %(high)s days", low=bucket.low, high=bucket.high)

    # ------------------------------------------------------------
    # WHAT A STATEMENT SAYS
    # ------------------------------------------------------------

    def _statements(self, kind, date_from=None, date_to=None, currency=None, whole=False):
        """Read the statements of these customers, all with the same few statements of SQL.

        :param str kind: ``open_item`` (everything that is open today) or ``activity``
        :param date date_from: first day of the activity
        :param date date_to: last day of the activity; today when ``None``
        :param currency: only this ``res.currency``
        :param bool whole: the customer with all its branches, also where they are chased apart
        :return: {profile: Statement}
        """
        self.check_access("read")
        # the ledger is read by SQL
        self.env.flush_all()
        statements = {}
        for company, profiles in self.grouped("company_id").items():
            profiles = profiles.with_company(company)
            read = profiles._read_activity if kind == "activity" else profiles._read_open_items
            today = company._collection_today()
            first, last = self._statement_days(kind, date_from, date_to, today)
            parts = profiles._statement_parts(whole)
            found = read(parts, first, last, currency)
            for profile in profiles:
                statements[profile] = Statement(kind, first, last, tuple(found(profile)))
        return statements

    @api.model
    def _statement_days(self, kind, date_from, date_to, today):
        if kind != "activity":
            return None, today
        last = date_to or today
        first = date_from or last.replace(day=1) - relativedelta(months=ACTIVITY_MONTHS)
        if first > last:
            raise UserError(self.env._("The first day of the statement lies after the last."))
        return first, last

    def _statement_parts(self, whole):
        """Return {id of a profile: id of the customer whose statement it belongs to}, as lists.

        :raise AccessError: where the whole customer has branches the user may not see
        """
        parts = {profile.id: [profile.id] for profile in self}
        if not whole:
            return parts
        by_entity = Domain("company_id", "=", self.company_id.id) & Domain(
            "commercial_partner_id", "in", self.commercial_partner_id.ids
        )
        # sudo: only to tell whether there are branches that the user may not see
        every = self.sudo().search(by_entity)
        seen = every.sudo(False)
        if not self.env.su and seen != seen._filtered_access("read"):
            raise AccessError(
                self.env._(
                    "The customer has branches that somebody else looks after. Make the statement "
                    "of the branch, or ask a collection manager."
                )
            )
        for profile in self:
            parts[profile.id] = every.filtered(
                lambda other, entity=profile.commercial_partner_id: (
                    other.commercial_partner_id == entity
                )
            ).ids
        return parts

    @api.model
    def _statement_rounding(self):
        """Return the function that rounds an amount in the currency of an id."""
        Currency = self.env["res.currency"]
        return lambda currency_id, amount: Currency.browse(currency_id).round(amount)

    def _statement_scope(self, today):
        return CycleScope(
            company_id=self.company_id.id,
            business_date=today,
            partner_ids=tuple(self.commercial_partner_id.ids),
        )

    @api.model
    def _statement_currency_sql(self, currency, column) -> SQL:
        return SQL("%s = %s", column, currency.id) if currency else SQL("TRUE")

    def _read_open_items(self, parts, _first, today, currency):
        """Return a function that gives the sections of a customer's open items."""
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT open_item.profile_id, open_item.side, open_item.currency_id,
                       open_item.date_due, open_item.document_date, open_item.residual,
                       open_item.residual_currency, item.amount, item.kind,
                       item.document_number, item.document_ref, item.description,
                       item.instalment, item.instalment_count, move.move_type,
                       move.origin_payment_id IS NOT NULL
                           OR move.statement_line_id IS NOT NULL AS is_payment,
                       CASE WHEN open_item.blocked > 0 THEN (
                            SELECT jsonb_object_agg(block.kind, block.amount)
                              FROM (SELECT kind, sum(amount) AS amount
                                      FROM collection_item_block
                                     WHERE item_id = open_item.item_id AND active
                                       AND (date_until IS NULL OR date_until >= %(today)s)
                                  GROUP BY kind) AS block) END AS blocked
                  FROM (%(open_items)s) AS open_item
                  JOIN collection_item item ON item.id = open_item.item_id
             LEFT JOIN account_move move ON move.id = item.move_id
                 WHERE open_item.profile_id = ANY(%(profiles)s) AND %(currency)s
              ORDER BY open_item.date_due, open_item.item_id
                """,
                today=today,
                open_items=self.env["collection.item"]._open_items_sql(
                    self._statement_scope(today)
                ),
                profiles=[profile_id for ids in parts.values() for profile_id in ids],
                currency=self._statement_currency_sql(
                    currency, SQL.identifier("open_item", "currency_id")
                ),
            )
        )
        by_profile = {}
        for row in rows:
            by_profile.setdefault(row["profile_id"], []).append(self._statement_open_row(row))

        def sections(profile):
            return open_item_sections(
                [row for part in parts[profile.id] for row in by_profile.get(part, ())],
                today,
                self._statement_rounding(),
                self._screen_ageing(),
                first_currency=profile.currency_id.id,
            )

        return sections

    @api.model
    def _statement_open_row(self, row):
        name = row["document_number"] or row["description"] or ""
        if row["instalment_count"] > 1:
            name = f"{name} ({row['instalment']}/{row['instalment_count']})"
        residual = row["residual"] or 0.0
        # blocks are in company currency
        rate = row["residual_currency"] / residual if residual else 1.0
        return OpenRow(
            currency=row["currency_id"],
            name=name,
            residual=row["residual_currency"],
            ref=row["document_ref"] or "",
            kind=self._statement_kind(row),
            issued=row["document_date"],
            due=row["date_due"],
            original=row["amount"],
            is_credit=row["side"] == "credit",
            blocked={kind: amount * rate for kind, amount in (row["blocked"] or {}).items()},
        )

    @api.model
    def _statement_kind(self, row):
        """Return what a row is: a type of document, ``payment``, ``manual`` or ``entry``."""
        if row["is_payment"]:
            return "payment"
        if not row["move_type"]:
            return "manual" if row.get("kind") == "manual" else "entry"
        return row["move_type"]

    def _read_activity(self, parts, first, last, currency):
        """Return a function that gives the sections of what moved at a customer."""
        scope = self._statement_scope(last)
        posted = SQL(
            "WITH RECURSIVE %s, posted AS (%s)",
            self.env["collection.cycle.step.items"]._party_cte(scope),
            self._statement_posted_sql(scope, currency),
        )
        profiles = [profile_id for ids in parts.values() for profile_id in ids]
        movements, opening = {}, {}
        for row in self._statement_movements(posted, first, last, profiles):
            if row["move_id"] is None:
                opening.setdefault(row["profile_id"], {})[row["currency_id"]] = row["amount"]
            elif row["amount"]:
                movements.setdefault(row["profile_id"], []).append(
                    Movement(
                        currency=row["currency_id"],
                        day=row["date"],
                        name=row["name"] or "",
                        amount=row["amount"],
                        ref=row["ref"] or "",
                        kind=self._statement_kind(row),
                        due=row["date_due"] if row["move_type"] != "entry" else None,
                    )
                )
        closing = {}
        for row in self._statement_closing(posted, last, profiles):
            closing.setdefault(row["profile_id"], []).append(
                OpenRow(
                    currency=row["currency_id"],
                    name="",
                    residual=row["residual"],
                    due=row["date_due"],
                    is_credit=row["side"] == "credit",
                )
            )

        def sections(profile):
            own = parts[profile.id]
            start = {}
            for part in own:
                for currency_id, amount in opening.get(part, {}).items():
                    start[currency_id] = start.get(currency_id, 0.0) + amount
            return activity_sections(
                start,
                [movement for part in own for movement in movements.get(part, ())],
                self._statement_rounding(),
                [row for part in own for row in closing.get(part, ())],
                last,
                self._screen_ageing(),
                first_currency=profile.currency_id.id,
            )

        return sections

    def _statement_posted_sql(self, scope, currency) -> SQL:
        """Return the statement that lists the posted trade receivables up to the last day.

        Each belongs to the customer, or branch, that its document is chased at.
        """
        return SQL(
            """
            SELECT line.id, line.move_id, line.currency_id, line.date, line.balance,
                   line.amount_currency, line.date_maturity, profile.id AS profile_id
              FROM res_partner owner
              JOIN account_move_line line ON line.partner_id = owner.id
              JOIN account_move move ON move.id = line.move_id
         LEFT JOIN res_partner document_partner
                ON move.move_type <> 'entry'
               AND document_partner.id = move.partner_id
               AND document_partner.commercial_partner_id = owner.commercial_partner_id
         LEFT JOIN branch_party branch
                ON branch.partner_id = COALESCE(document_partner.id, owner.id)
              JOIN collection_profile profile
                ON profile.company_id = %(company)s
               AND profile.partner_id = COALESCE(branch.party_id, owner.commercial_partner_id)
             WHERE line.account_id = ANY(%(accounts)s)
               AND line.company_id = %(company)s
               AND line.parent_state = 'posted'
               AND line.date <= %(last)s
               AND %(currency)s
               AND %(in_scope)s
            """,
            accounts=self.company_id._collection_receivable_accounts().ids,
            company=scope.company_id,
            last=scope.business_date,
            currency=self._statement_currency_sql(currency, SQL.identifier("line", "currency_id")),
            in_scope=scope.filter(SQL.identifier("owner", "commercial_partner_id")),
        )

    def _statement_movements(self, posted, first, last, profiles):
        """Return a row per document between two days; without ``move_id`` what was before."""
        return self.env.execute_query_dict(
            SQL(
                """
                %(posted)s
                SELECT moved.profile_id, moved.currency_id, moved.move_id, moved.amount,
                       moved.date, moved.date_due, move.name, move.ref, move.move_type,
                       move.origin_payment_id IS NOT NULL
                           OR move.statement_line_id IS NOT NULL AS is_payment
                  FROM (SELECT profile_id, currency_id,
                               CASE WHEN date >= %(first)s THEN move_id END AS move_id,
                               sum(amount_currency) AS amount, min(date) AS date,
                               max(date_maturity) AS date_due
                          FROM posted
                         WHERE profile_id = ANY(%(profiles)s)
                      GROUP BY 1, 2, 3) AS moved
             LEFT JOIN account_move move ON move.id = moved.move_id
              ORDER BY moved.date, moved.move_id
                """,
                posted=posted,
                first=first,
                profiles=profiles,
            )
        )

    def _statement_closing(self, posted, last, profiles):
        """Return what was open at the end of the last day, by what had been matched by then."""
        return self.env.execute_query_dict(
            SQL(
                """
                %(posted)s
                SELECT left_over.profile_id, left_over.currency_id, left_over.side,
                       left_over.date_due, sum(left_over.residual) AS residual
                  FROM (SELECT posted.profile_id, posted.currency_id,
                               COALESCE(item.date_due, posted.date_maturity, posted.date)
                                   AS date_due,
                               CASE WHEN posted.amount_currency < 0
                                      OR move.origin_payment_id IS NOT NULL
                                    THEN 'credit' ELSE 'debit' END AS side,
                               posted.amount_currency
                               - COALESCE((SELECT sum(debit_amount_currency)
                                             FROM account_partial_reconcile
                                            WHERE debit_move_id = posted.id
                                              AND max_date <= %(last)s), 0)
                               + COALESCE((SELECT sum(credit_amount_currency)
                                             FROM account_partial_reconcile
                                            WHERE credit_move_id = posted.id
                                              AND max_date <= %(last)s), 0) AS residual
                          FROM posted
                          JOIN account_move move ON move.id = posted.move_id
                     LEFT JOIN collection_item item ON item.move_line_id = posted.id
                         WHERE posted.profile_id = ANY(%(profiles)s)) AS left_over
                 WHERE left_over.residual <> 0
              GROUP BY 1, 2, 3, 4
                """,
                posted=posted,
                last=last,
                profiles=profiles,
            )
        )
