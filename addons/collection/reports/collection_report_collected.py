# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models
from odoo.tools import SQL


class CollectionReportCollected(models.Model):
    """The list of collections: what came in on which case, by whom, in which way, when.

    One row per matching of an item that was in a case at that moment, and one per payment
    recorded for an amount without a document. A bounced or undone payment leaves the list.
    """

    _name = "collection.report.collected"
    _description = "Collection"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "document_number"
    _depends = {
        "account.partial.reconcile": [
            "amount",
            "collection_case_id",
            "collection_team_id",
            "collection_user_id",
            "company_id",
            "credit_move_id",
            "debit_amount_currency",
            "debit_move_id",
            "max_date",
        ],
        "account.move": ["move_type", "origin_payment_id", "statement_line_id", "journal_id"],
        "account.move.line": ["move_id", "currency_id"],
        "account.payment": [
            "amount",
            "amount_company_currency_signed",
            "collection_item_id",
            "currency_id",
            "date",
            "journal_id",
            "move_id",
            "payment_method_line_id",
            "state",
        ],
        "collection.case": ["debt_manager_id", "team_id"],
        "collection.case.item": ["case_id", "item_id"],
        "collection.item": ["document_number", "kind", "move_id", "move_line_id", "profile_id"],
        "collection.profile": ["partner_id", "salesperson_id"],
    }

    company_id = fields.Many2one("res.company", "Company", readonly=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    date = fields.Date("Date", readonly=True, help="The day the money, or the credit, is of.")
    matched_on = fields.Datetime(
        "Matched on", readonly=True, help="When it was matched with the document."
    )
    case_id = fields.Many2one(
        "collection.case", "Case", readonly=True, help="The case the item was in."
    )
    profile_id = fields.Many2one(
        "collection.profile", "Customer Profile", readonly=True, help="The customer's profile."
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", readonly=True, help="The customer or branch that paid."
    )
    salesperson_id = fields.Many2one(
        "res.users", "Salesperson", readonly=True, help="The customer's salesperson."
    )
    item_id = fields.Many2one(
        "collection.item", "Item", readonly=True, help="The item that was paid."
    )
    move_id = fields.Many2one(
        "account.move", "Document", readonly=True, help="The document that was paid."
    )
    document_number = fields.Char(
        "Document Number", readonly=True, help="Number of the document that was paid."
    )
    user_id = fields.Many2one(
        "res.users",
        "Debt Manager",
        readonly=True,
        help="Who worked on the case at that moment.",
    )
    team_id = fields.Many2one(
        "collection.team", "Team", readonly=True, help="The case's team at that moment."
    )
    kind = fields.Selection(
        [
            ("payment", "Payment"),
            ("credit", "Credit Note"),
            ("exchange", "Exchange Difference"),
            ("write_off", "Write-off"),
        ],
        "Kind",
        readonly=True,
        help="What the document was matched with.",
    )
    journal_id = fields.Many2one(
        "account.journal", "Journal", readonly=True, help="Where it was booked."
    )
    payment_method_line_id = fields.Many2one(
        "account.payment.method.line", "Way", readonly=True, help="How it was paid."
    )
    payment_id = fields.Many2one(
        "account.payment", "Payment", readonly=True, help="The payment, where there is one."
    )
    counterpart_id = fields.Many2one(
        "account.move", "Entry", readonly=True, help="The payment, credit note or write-off."
    )
    amount = fields.Monetary(
        "Collected",
        readonly=True,
        currency_field="company_currency_id",
        help="In company currency.",
    )
    currency_id = fields.Many2one(
        "res.currency", "Currency", readonly=True, help="The document's currency."
    )
    amount_currency = fields.Monetary(
        "Collected in Document Currency",
        readonly=True,
        currency_field="currency_id",
        aggregator=False,
        help="In the currency of the document.",
    )

    @property
    def _table_query(self):
        return SQL("(%s) UNION ALL (%s)", self._matched_sql(), self._manual_sql())

    def _matched_sql(self) -> SQL:
        """Return the rows of documents matched while they were in a case."""
        return SQL(
            """
            SELECT partial.id * 2 AS id,
                   partial.company_id,
                   partial.max_date AS date,
                   partial.create_date AS matched_on,
                   partial.collection_case_id AS case_id,
                   profile.id AS profile_id,
                   profile.partner_id,
                   profile.salesperson_id,
                   item.id AS item_id,
                   debit.move_id,
                   COALESCE(item.document_number, document.name) AS document_number,
                   partial.collection_user_id AS user_id,
                   partial.collection_team_id AS team_id,
                   CASE WHEN counterpart.move_type = 'out_refund' THEN 'credit'
                        WHEN counterpart.origin_payment_id IS NOT NULL
                             OR counterpart.statement_line_id IS NOT NULL
                             OR journal.type IN ('bank', 'cash', 'credit') THEN 'payment'
                        WHEN journal.id = company.currency_exchange_journal_id THEN 'exchange'
                        ELSE 'write_off' END AS kind,
                   journal.id AS journal_id,
                   payment.payment_method_line_id,
                   payment.id AS payment_id,
                   counterpart.id AS counterpart_id,
                   partial.amount,
                   debit.currency_id,
                   partial.debit_amount_currency AS amount_currency
              FROM account_partial_reconcile partial
              JOIN collection_case ON collection_case.id = partial.collection_case_id
              JOIN collection_profile profile ON profile.id = collection_case.profile_id
              JOIN res_company company ON company.id = partial.company_id
              JOIN account_move_line debit ON debit.id = partial.debit_move_id
              JOIN account_move document ON document.id = debit.move_id
              JOIN account_move_line credit ON credit.id = partial.credit_move_id
              JOIN account_move counterpart ON counterpart.id = credit.move_id
              JOIN account_journal journal ON journal.id = counterpart.journal_id
         LEFT JOIN account_payment payment ON payment.id = counterpart.origin_payment_id
         LEFT JOIN collection_item item ON item.move_line_id = partial.debit_move_id
            """
        )

    def _manual_sql(self) -> SQL:
        """Return the rows of payments recorded for an amount without a document."""
        return SQL(
            """
            SELECT payment.id * 2 + 1 AS id,
                   item.company_id,
                   payment.date,
                   payment.create_date AS matched_on,
                   collection_case.id AS case_id,
                   profile.id AS profile_id,
                   profile.partner_id,
                   profile.salesperson_id,
                   item.id AS item_id,
                   item.move_id,
                   COALESCE(item.document_number, item.description) AS document_number,
                   collection_case.debt_manager_id AS user_id,
                   collection_case.team_id,
                   'payment' AS kind,
                   payment.journal_id,
                   payment.payment_method_line_id,
                   payment.id AS payment_id,
                   payment.move_id AS counterpart_id,
                   payment.amount_company_currency_signed AS amount,
                   payment.currency_id,
                   payment.amount AS amount_currency
              FROM account_payment payment
              JOIN collection_item item
                ON item.id = payment.collection_item_id AND item.kind = 'manual'
              JOIN collection_profile profile ON profile.id = item.profile_id
              JOIN LATERAL (
                    SELECT membership.case_id
                      FROM collection_case_item membership
                     WHERE membership.item_id = item.id
                  ORDER BY membership.id DESC
                     LIMIT 1
                   ) AS latest ON TRUE
              JOIN collection_case ON collection_case.id = latest.case_id
             WHERE payment.state IN ('in_process', 'paid')
               AND payment.payment_type = 'inbound'
            """
        )

    def action_open_document(self):
        """Open the document that was paid."""
        self.ensure_one()
        return self.item_id.action_open_document() if self.item_id else self._open(self.move_id)

    def action_open_counterpart(self):
        """Open the payment, credit note or write-off."""
        self.ensure_one()
        return self._open(self.payment_id or self.counterpart_id)

    def _open(self, record):
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
        }
