# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..core.eligibility import ItemFacts, Rule, reasons_against
from . import collection_guard_mixin  # noqa: F401
from .collection_cycle_step import CycleScope

# who decides on terms
TERMS_GROUPS = ("collection.group_collection_manager", "collection.group_credit_manager")


class CollectionItem(models.Model):
    """One open trade receivable journal item, or one amount without a document.

    The row holds identity, a snapshot of the document and dates granted; what is still owed is
    always read from the ledger. The cycle writes the rows; people only grant dates, keep items
    out of cases, and create amounts without a document.
    """

    _name = "collection.item"
    _inherit = ["collection.guard.mixin"]
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

    company_id = fields.Many2one(
        "res.company", "Company", required=True, ondelete="cascade", readonly=True
    )
    profile_id = fields.Many2one(
        "collection.profile",
        "Customer Profile",
        required=True,
        readonly=True,
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
        "Granted Date",
        help="A later due date granted to the customer by a collection manager or the credit "
        "manager; it rules as long as it is later than the one in the ledger.",
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
        readonly=True,
        default=lambda self: self.env.company.currency_id,
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    amount = fields.Monetary("Amount", currency_field="currency_id")
    amount_company = fields.Monetary(
        "Amount in Company Currency", currency_field="company_currency_id", readonly=True
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
    _manual_index = models.Index("(profile_id) WHERE kind = 'manual'")
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
            item.date_due = max(
                filter(None, (item.granted_date, item.date_maturity)), default=False
            )

    @api.depends("date_due", "company_id")
    @api.depends_context("collection_day")
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
    @api.depends_context("collection_day")
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
        before = {item: item.amount for item in self} if "amount" in vals else {}
        result = super().write(vals)
        if "profile_id" in vals:
            self._touch()
        if "amount_company" not in vals:
            for item, amount in before.items():
                if amount and item.amount != amount:
                    # sudo: what an amount comes to in company currency follows it, at its own rate
                    item.sudo().amount_company = item.company_currency_id.round(
                        item.amount_company * item.amount / amount
                    )
        return result

    def _has_field_access(self, field, operation):
        if operation == "write" and not self.env.su:
            if field.name == "granted_date":
                return any(self.env.user.has_group(group) for group in TERMS_GROUPS)
            # what a document says is changed in the ledger
            if field.name in ("amount", "date_maturity") and any(
                item.kind != "manual" for item in self.sudo()
            ):
                return False
        return super()._has_field_access(field, operation)

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
        self.check_access("write")
        self.sudo().write({"state": "cancelled"})  # sudo: people do not write states otherwise

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
        blocks = self.env["collection.item.block"].create([
            {
                "item_id": item.id,
                "kind": kind,
                "amount": item.amount_residual if amount is None else amount,
                "date_until": until,
                "reason": reason,
            }
            for item in self
        ])
        if source:
            # sudo: people do not write where a block comes from otherwise
            blocks.sudo().write({"source_model": source._name, "source_id": source.id})
        return blocks

    def _reasons_against_case(self):
        """Return {item: codes of everything that keeps it out of a case}.

        Codes as in ``core.eligibility``; none for an item that the next run takes in, or that is
        in a case already.
        """
        # sudo: what keeps an item out may be another item or case of the customer
        items = self.sudo()
        reasons = {}
        for company, of_company in items.grouped("company_id").items():
            rule = Rule(
                live=company.collection_live,
                today=company._collection_today(),
                days_late=company.collection_days_late,
                minimum=company.collection_min_amount,
            )
            Partner = items.env["res.partner"].with_context(active_test=False)
            in_scope = Partner.search(
                company._collection_customer_domain()
                & Domain("id", "in", of_company.commercial_partner_id.ids)
            )
            for profile, own in of_company.grouped("profile_id").items():
                free = profile.item_ids.filtered(
                    lambda item: item.state == "open" and not item.case_id
                )
                facts = {
                    item: item._eligibility_facts(profile.commercial_partner_id in in_scope)
                    for item in free | own
                }
                has_open_case = any(
                    case.origin == "auto" and case.kind == "overdue"
                    for case in profile.open_case_ids
                )
                for item in own:
                    reasons[item.id] = (
                        reasons_against(
                            facts[item],
                            [facts[other] for other in free],
                            rule,
                            has_open_case=has_open_case,
                        )
                        if not item.case_id
                        else []
                    )
        return {item: reasons[item.id] for item in self}

    def _eligibility_facts(self, in_scope):
        """Return what the rule for opening cases looks at."""
        self.ensure_one()
        past = self.case_item_ids.filtered(
            lambda membership: (
                membership.reason == "settled"
                and membership.case_id.profile_id == self.profile_id
                and membership.case_id.state == "completed"
                and membership.case_id.result in ("paid", "credited", "written_off")
            )
        )
        case = past.sorted("id")[-1:].case_id
        return ItemFacts(
            state=self.state,
            side=self.side,
            date_due=self.date_due,
            residual=self.amount_residual,
            blocked=self.amount_blocked,
            keep_out_until=self.keep_out_until or None,
            takes_part=self.profile_id.takes_part,
            held=self.profile_id.is_held,
            in_scope=in_scope,
            returns=bool(case),
            alone=bool(case) and (case.origin != "auto" or case.kind != "overdue"),
        )

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
            "on_hold": self.env._(
                "The customer is on hold: %s", self.profile_id.hold_reason or "-"
            ),
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

        Columns: ``item_id``, ``profile_id``, ``move_line_id``, ``side``, ``document_date``,
        ``date_due``, ``currency_id``, ``residual`` (company currency, from the ledger),
        ``residual_currency``, ``blocked`` (company currency, not capped), ``is_due`` (by the
        business date), ``is_overdue`` (before it), ``keep_out_until``; with ``with_cases`` also
        ``in_case`` and ``was_in_case``, with ``only_in_case`` ``case_id``.

        :param scope: restrict to these customers of one company; all companies when ``None``,
            on the business date of the current one
        :param only_in_case: only items that are in an open case
        """
        company = self.env["res.company"].browse(scope.company_id) if scope else self.env.company
        today = scope.business_date if scope else company._collection_today()
        return SQL(
            """
            SELECT item.id AS item_id, item.profile_id, item.move_line_id, item.side,
                   item.document_date, item.date_due, item.currency_id, item.keep_out_until,
                   CASE WHEN item.kind = 'manual'
                        THEN round(item.amount_company * (item.amount - item.amount_paid)
                                   / item.amount, (%(digits)s))
                        ELSE line.amount_residual END AS residual,
                   CASE WHEN item.kind = 'manual' THEN item.amount - item.amount_paid
                        ELSE line.amount_residual_currency END AS residual_currency,
                   COALESCE(block.amount, 0) AS blocked,
                   item.side = 'debit' AND item.date_due <= %(today)s AS is_due,
                   item.side = 'debit' AND item.date_due < %(today)s AS is_overdue
                   %(case_columns)s
              FROM collection_item item
              %(joins)s
         LEFT JOIN account_move_line line ON line.id = item.move_line_id
         LEFT JOIN (SELECT item_id, sum(amount) AS amount
                      FROM collection_item_block
                     WHERE active AND (date_until IS NULL OR date_until >= %(today)s)
                  GROUP BY item_id) AS block ON block.item_id = item.id
             WHERE item.state = 'open' AND %(in_scope)s
            """,
            digits=self._company_digits_sql(SQL("item.company_id")),
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
            else SQL(", membership_only.case_id" if only_in_case else ""),
            joins=self._open_items_joins(scope, only_in_case),
            in_scope=SQL(
                "item.company_id = %s AND %s",
                scope.company_id,
                scope.filter(SQL.identifier("owner", "commercial_partner_id")),
            )
            if scope
            else SQL("TRUE"),
        )

    @api.model
    def _open_items_joins(self, scope, only_in_case) -> SQL:
        """Return what leads to the customer (``owner``) the scope asks for, in few steps."""
        if not only_in_case:
            owner = SQL("JOIN collection_profile owner ON owner.id = item.profile_id")
            return owner if scope else SQL()
        membership = SQL(
            "JOIN collection_case_item membership_only"
            " ON membership_only.item_id = item.id AND membership_only.open"
        )
        # far fewer items are in the cases of customers than there are items of customers
        owner = SQL(
            "JOIN collection_case case_only ON case_only.id = membership_only.case_id"
            " JOIN collection_profile owner ON owner.id = case_only.profile_id"
        )
        return SQL("%s %s", membership, owner) if scope else membership

    @api.model
    def _company_digits_sql(self, company) -> SQL:
        """Return the statement of the decimal places of a company's currency, by its id."""
        return SQL(
            """
            SELECT currency.decimal_places
              FROM res_company company
              JOIN res_currency currency ON currency.id = company.currency_id
             WHERE company.id = %s
            """,
            company,
        )
