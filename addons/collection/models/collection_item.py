# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from .collection_cycle_step import CycleScope


class CollectionItem(models.Model):
    """One open trade receivable journal item, or one amount without a document.

    The row holds identity, a snapshot of the document and dates granted; what is still owed is
    always read from the ledger. The cycle writes the rows; people only grant dates, keep items
    out of cases, and create amounts without a document.
    """

    _name = "collection.item"
    _description = "Open Item"
    _order = "date_due, id"
    _rec_name = "document_number"
    _rec_names_search = ["document_number", "document_ref", "description"]
    _check_company_auto = True
    # a million rows written by SQL: who and when is told by the ledger and the case history
    _log_access = False

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    company_id = fields.Many2one("res.company", "Company", required=True, ondelete="cascade")
    profile_id = fields.Many2one(
        "collection.profile",
        "Customer Profile",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    partner_id = fields.Many2one(
        related="profile_id.partner_id",
        string="Customer",
        help="The customer, or the branch of it, that is chased for this item.",
    )
    commercial_partner_id = fields.Many2one(
        related="profile_id.commercial_partner_id", string="Commercial Entity"
    )
    debt_manager_id = fields.Many2one(related="profile_id.debt_manager_id")
    team_id = fields.Many2one(related="profile_id.team_id")
    salesperson_id = fields.Many2one(related="profile_id.salesperson_id")
    kind = fields.Selection(
        [
            ("document", "Document"),
            ("entry", "Journal Entry"),
            ("manual", "Amount Without Document"),
        ],
        "Kind",
        required=True,
        default="manual",
        readonly=True,
    )
    side = fields.Selection(
        [("debit", "Owed"), ("credit", "Unapplied Credit")],
        "Side",
        required=True,
        default="debit",
        readonly=True,
    )
    move_id = fields.Many2one(
        "account.move", "Document", index=True, ondelete="set null", readonly=True
    )
    move_line_id = fields.Many2one(
        "account.move.line", "Journal Item", ondelete="set null", readonly=True
    )
    document_partner_id = fields.Many2one(
        related="move_id.partner_id", string="Partner on the Document"
    )
    document_number = fields.Char("Document Number", readonly=True)
    document_ref = fields.Char("Reference", readonly=True)
    document_date = fields.Date("Document Date", readonly=True)
    description = fields.Char(
        "Description", help="What the amount is for, where there is no document yet."
    )
    instalment = fields.Integer("Instalment", default=1, readonly=True)
    instalment_count = fields.Integer("Instalments", default=1, readonly=True)
    date_maturity = fields.Date(
        "Due Date in the Ledger", help="The due date that the document itself carries."
    )
    granted_date = fields.Date(
        "Granted Date", help="A later due date granted to the customer; it rules where it is set."
    )
    date_due = fields.Date("Due Date", compute="_compute_date_due", store=True, readonly=True)
    days_late = fields.Integer(
        "Days Late",
        compute="_compute_days_late",
        search="_search_days_late",
        help="Days since the due date; negative before it.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        "Currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    amount = fields.Monetary("Amount", currency_field="currency_id")
    amount_company = fields.Monetary(
        "Amount in Company Currency", currency_field="company_currency_id"
    )
    amount_paid = fields.Monetary(
        "Collected",
        currency_field="currency_id",
        default=0,
        readonly=True,
        help="What the payments recorded for an amount without a document come to.",
    )
    amount_residual = fields.Monetary(
        "Open Amount",
        currency_field="company_currency_id",
        compute="_compute_amounts",
        search="_search_amount_residual",
        help="What is still owed, read from the ledger, in company currency.",
    )
    amount_residual_currency = fields.Monetary(
        "Open Amount in Document Currency",
        currency_field="currency_id",
        compute="_compute_amounts",
    )
    amount_blocked = fields.Monetary(
        "Blocked",
        currency_field="company_currency_id",
        compute="_compute_amounts",
        help="The part nobody should ask for now: promised, disputed, post-dated, on hold …",
    )
    amount_to_collect = fields.Monetary(
        "To Collect",
        currency_field="company_currency_id",
        compute="_compute_amounts",
        help="What is due by today, less what is blocked.",
    )
    state = fields.Selection(
        [
            ("open", "Open"),
            ("draft", "Document in Draft"),
            ("settled", "Settled"),
            ("cancelled", "Cancelled"),
        ],
        "State",
        required=True,
        default="open",
        readonly=True,
    )
    settled_date = fields.Date("Settled on", readonly=True)
    keep_out_until = fields.Date(
        "Keep Out of Cases Until",
        help="Until this day, inclusive, no rule puts the item in a case.",
    )
    keep_out_reason = fields.Char("Why Kept Out")
    block_ids = fields.One2many("collection.item.block", "item_id", "Blocks")
    case_item_ids = fields.One2many("collection.case.item", "item_id", "Case Memberships")
    case_id = fields.Many2one(
        "collection.case",
        "Case",
        compute="_compute_case_id",
        search="_search_case_id",
        help="The open collection case the item is in.",
    )
    payment_ids = fields.One2many("account.payment", "collection_item_id", "Payments")

    _move_line_uniq = models.UniqueIndex("(move_line_id) WHERE move_line_id IS NOT NULL")
    _amount_positive = models.Constraint(
        "CHECK (kind <> 'manual' OR (amount > 0 AND amount_company > 0))",
        "An amount without a document must be positive.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("date_maturity", "granted_date")
    def _compute_date_due(self):
        for item in self:
            item.date_due = item.granted_date or item.date_maturity

    @api.depends("date_due", "company_id")
    def _compute_days_late(self):
        for item in self:
            today = item.company_id._collection_today()
            item.days_late = (today - item.date_due).days if item.date_due else 0

    @api.model
    def _search_days_late(self, operator, value):
        if operator not in ("<", "<=", ">", ">=", "in"):
            return NotImplemented
        today = self.env.company._collection_today()
        if operator == "in":
            return Domain(
                "date_due", "in", [fields.Date.subtract(today, days=days) for days in value]
            )
        mirrored = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}[operator]
        return Domain("date_due", mirrored, fields.Date.subtract(today, days=value))

    @api.depends(
        "state",
        "amount",
        "amount_paid",
        "date_due",
        "move_line_id.amount_residual",
        "move_line_id.amount_residual_currency",
        "block_ids.amount",
        "block_ids.date_until",
        "block_ids.active",
    )
    def _compute_amounts(self):
        for item in self:
            currency = item.company_currency_id
            today = item.company_id._collection_today()
            residual = residual_currency = 0.0
            if item.state == "open" and item.kind == "manual":
                residual_currency = item.amount - item.amount_paid
                residual = currency.round(item.amount_company * residual_currency / item.amount)
            elif item.state == "open":
                # sudo: amounts of an item the user may read, not the journal item itself
                line = item.move_line_id.sudo()
                residual = line.amount_residual
                residual_currency = line.amount_residual_currency
            blocked = sum(
                block.amount
                for block in item.block_ids
                if block.active and (not block.date_until or block.date_until >= today)
            )
            item.amount_residual = residual
            item.amount_residual_currency = residual_currency
            item.amount_blocked = min(blocked, residual) if residual > 0 else 0.0
            due = item.side == "debit" and item.date_due and item.date_due <= today
            item.amount_to_collect = residual - item.amount_blocked if due else 0.0

    @api.model
    def _search_amount_residual(self, operator, value):
        if operator not in ("<", "<=", ">", ">=", "in"):
            return NotImplemented
        if operator == "in":
            value = tuple(value)
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s IN (SELECT open_item.item_id FROM (%s) AS open_item"
                " WHERE open_item.residual %s %s)",
                SQL.identifier(alias, "id"),
                self._open_items_sql(),
                SQL(operator),
                value,
            )
        )

    @api.depends("case_item_ids.open", "case_item_ids.case_id")
    def _compute_case_id(self):
        for item in self:
            item.case_id = item.case_item_ids.filtered("open").case_id[:1]

    @api.model
    def _search_case_id(self, operator, value):
        if operator not in ("in", "not in", "any", "not any"):
            return NotImplemented
        positive = operator in ("in", "any")
        if operator in ("in", "not in"):
            empty = False in value
            cases = Domain("case_id", "in", [case_id for case_id in value if case_id])
        else:
            empty, cases = False, Domain("case_id", "any", value)
        domain = Domain("case_item_ids", "any", Domain("open", "=", True) & cases)
        if empty:
            domain |= Domain("case_item_ids", "not any", Domain("open", "=", True))
        return domain if positive else ~domain

    @api.depends("document_number", "description", "instalment", "instalment_count")
    def _compute_display_name(self):
        for item in self:
            name = item.document_number or item.description or self.env._("Item %s", item.id)
            if item.instalment_count > 1:
                name = f"{name} ({item.instalment}/{item.instalment_count})"
            item.display_name = name

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("granted_date", "date_maturity")
    def _check_granted_date(self):
        for item in self:
            if item.granted_date and item.date_maturity and item.granted_date < item.date_maturity:
                raise ValidationError(
                    self.env._(
                        "%(item)s: the granted date %(granted)s lies before the due date %(due)s.",
                        item=item.display_name,
                        granted=item.granted_date,
                        due=item.date_maturity,
                    )
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        items = super().create(vals_list)
        items._touch()
        return items

    def write(self, vals):
        self._touch()
        result = super().write(vals)
        if "profile_id" in vals:
            self._touch()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_manual(self):
        if any(item.kind != "manual" or item.case_item_ids for item in self):
            raise UserError(
                self.env._(
                    "An open item mirrors the ledger and cannot be deleted. "
                    "Keep it out of cases instead."
                )
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_document(self):
        """Open the document of the item; an amount without one opens itself."""
        self.ensure_one()
        record = self.move_id or self
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
        }

    def action_register_payment(self):
        """Open a new customer payment that counts for this amount without a document."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Register Payment"),
            "res_model": "account.payment",
            "views": [(False, "form")],
            "context": {
                "default_payment_type": "inbound",
                "default_partner_type": "customer",
                "default_partner_id": self.partner_id.id,
                "default_amount": self.amount_residual_currency,
                "default_currency_id": self.currency_id.id,
                "default_memo": self.display_name,
                "default_collection_item_id": self.id,
            },
        }

    def action_cancel_manual(self):
        """Give up an amount without a document, for instance once its invoice is issued."""
        if any(item.kind != "manual" for item in self):
            raise UserError(self.env._("Only an amount without a document can be cancelled here."))
        self.write({"state": "cancelled"})

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _keep_out(self, until, reason=None):
        """Keep the items out of cases until a day, inclusive; ``until=False`` lets them back."""
        self.write({"keep_out_until": until, "keep_out_reason": reason if until else False})

    def _block(self, kind, amount=None, until=None, reason=None, source=None):
        """Block the items, or ``amount`` (company currency) of each, until a day, inclusive.

        :param source: the record that asks for the block (a promise, a dispute …)
        :return: the new ``collection.item.block`` rows
        """
        return self.env["collection.item.block"].create([
            {
                "item_id": item.id,
                "kind": kind,
                "amount": item.amount_residual if amount is None else amount,
                "date_until": until,
                "reason": reason,
                "source_model": source._name if source else False,
                "source_id": source.id if source else False,
            }
            for item in self
        ])

    def _reason_text(self, code):
        """Return in words why an item is in no case; codes as in ``core.eligibility``."""
        company = self.company_id or self.env.company
        texts = {
            "settled": self.env._("It is settled."),
            "draft": self.env._("The document is in draft."),
            "cancelled": self.env._("The document is cancelled or changed."),
            "credit": self.env._("It is a credit, nothing is owed."),
            "not_live": self.env._(
                "Collections are not live yet: a manager confirms the start page first."
            ),
            "not_participating": self.env._("The customer does not take part in collections."),
            "out_of_scope": self.env._("The customer is outside the scope of the company's rule."),
            "on_hold": self.env._("The customer is on hold: %s", self.profile_id.hold_reason or "-"),
            "not_late": self.env._(
                "It is due on %(due)s; a case opens %(days)s day(s) after that.",
                due=self.date_due,
                days=company.collection_days_late,
            ),
            "kept_out": self.env._(
                "It is kept out of cases until %(until)s: %(reason)s",
                until=self.keep_out_until,
                reason=self.keep_out_reason or "-",
            ),
            "blocked": self.env._("All of it is blocked (promised, disputed, post-dated …)."),
            "below_minimum": self.env._(
                "The customer's late items come to less than the minimum of the company's rule."
            ),
        }
        return texts[code]

    def _touch(self):
        """Have the customers of these items computed again before the commit."""
        self.env["collection.cycle"]._touch_partners(self.profile_id.commercial_partner_id.ids)

    @api.model
    def _open_items_sql(
        self, scope: CycleScope | None = None, *, with_cases=False, only_in_case=False
    ) -> SQL:
        """Return the statement every total is computed from: open items with their residual.

        Columns: ``item_id``, ``profile_id``, ``side``, ``document_date``, ``date_due``,
        ``currency_id``, ``residual`` (company currency, from the ledger),
        ``residual_currency``, ``blocked`` (company currency, not capped), ``is_due`` (by the
        business date), ``is_overdue`` (before it), ``keep_out_until``; with ``with_cases`` also
        ``in_case`` and ``was_in_case``.

        :param scope: restrict to these customers of one company; all companies when ``None``
        :param only_in_case: only items that are in an open case
        """
        company = self.env["res.company"].browse(scope.company_id) if scope else self.env.company
        today = scope.business_date if scope else company._collection_today()
        return SQL(
            """
            SELECT item.id AS item_id, item.profile_id, item.side, item.document_date,
                   item.date_due, item.currency_id, item.keep_out_until,
                   CASE WHEN item.kind = 'manual'
                        THEN round(item.amount_company * (item.amount - item.amount_paid)
                                   / item.amount, %(digits)s)
                        ELSE line.amount_residual END AS residual,
                   CASE WHEN item.kind = 'manual' THEN item.amount - item.amount_paid
                        ELSE line.amount_residual_currency END AS residual_currency,
                   COALESCE(block.amount, 0) AS blocked,
                   item.side = 'debit' AND item.date_due <= %(today)s AS is_due,
                   item.side = 'debit' AND item.date_due < %(today)s AS is_overdue
                   %(case_columns)s
              FROM collection_item item
              %(profile_join)s
              %(case_join)s
         LEFT JOIN account_move_line line ON line.id = item.move_line_id
         LEFT JOIN (SELECT item_id, sum(amount) AS amount
                      FROM collection_item_block
                     WHERE active AND (date_until IS NULL OR date_until >= %(today)s)
                  GROUP BY item_id) AS block ON block.item_id = item.id
             WHERE item.state = 'open' AND %(in_scope)s
            """,
            digits=company.currency_id.decimal_places,
            today=today,
            case_columns=SQL(
                """
                , EXISTS (SELECT FROM collection_case_item membership
                           WHERE membership.item_id = item.id AND membership.open) AS in_case
                , EXISTS (SELECT FROM collection_case_item membership
                           WHERE membership.item_id = item.id
                             AND NOT membership.open) AS was_in_case
                """
            )
            if with_cases
            else SQL(),
            case_join=SQL(
                "JOIN collection_case_item membership_only"
                " ON membership_only.item_id = item.id AND membership_only.open"
            )
            if only_in_case
            else SQL(),
            profile_join=SQL("JOIN collection_profile owner ON owner.id = item.profile_id")
            if scope
            else SQL(),
            in_scope=SQL(
                "item.company_id = %s AND %s",
                scope.company_id,
                scope.filter(SQL.identifier("owner", "commercial_partner_id")),
            )
            if scope
            else SQL("TRUE"),
        )
