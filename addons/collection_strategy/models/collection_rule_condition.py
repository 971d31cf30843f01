# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The conditions of a rule, and the sub-select they become; all that are set must hold."""

import datetime

import dateutil
import psycopg2
from dateutil.relativedelta import relativedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval, wrap_module

from odoo.addons.collection.models.collection_cycle_step import CycleScope

CREDIT_CLASSES = [("a", "A"), ("b", "B"), ("c", "C"), ("d", "D")]
# what the amounts of an item, a case or a customer are called in the facts
AMOUNTS = {
    "item": {
        "open": SQL("i.residual"),
        "overdue": SQL("CASE WHEN i.is_overdue THEN i.residual ELSE 0 END"),
        "to_collect": SQL("CASE WHEN i.is_due THEN i.free ELSE 0 END"),
    },
    "case": {
        "open": SQL("c.case_amount_open"),
        "overdue": SQL("c.case_amount_overdue"),
        "to_collect": SQL("c.case_amount_to_collect"),
    },
    "profile": {
        "open": SQL("c.amount_open"),
        "overdue": SQL("c.amount_overdue"),
        "to_collect": SQL("c.amount_to_collect"),
    },
}
# a planned action does not lose its reason because these are over: time passes by itself
PASSING_CONDITIONS = frozenset({"days", "posted", "payment", "top"})
DATETIME = wrap_module(
    datetime, ["date", "datetime", "time", "timedelta", "timezone", "tzinfo", "MAXYEAR", "MINYEAR"]
)
DATEUTIL = wrap_module(dateutil, {"relativedelta": ["relativedelta"]})


class CollectionRule(models.Model):
    _inherit = "collection.rule"

    use_days = fields.Selection(
        [("any", "Any Day"), ("from", "From"), ("range", "Between"), ("upto", "Up to")],
        "Due Date",
        default="any",
        required=True,
        help="Days after the due date. Rules on items look at the due date of every item, rules "
        "on cases and customers at the oldest one that is open.",
    )
    days_from = fields.Integer(
        "Days from", help="Days after the due date, at least. Negative: before the due date."
    )
    days_to = fields.Integer("Days to", help="Days after the due date, at most.")
    amount_kind = fields.Selection(
        [
            ("any", "Any Amount"),
            ("open", "Open"),
            ("overdue", "Overdue"),
            ("to_collect", "To Collect"),
        ],
        "Amount",
        default="any",
        required=True,
        help="To collect: what is due by today, less what is promised, disputed or blocked "
        "otherwise.",
    )
    amount_level = fields.Selection(
        [("item", "Of the Item"), ("case", "Of the Case"), ("profile", "Of the Customer")],
        "Amount of",
        default="profile",
        required=True,
    )
    amount_min = fields.Monetary(
        "At Least", help="In company currency. 0: no limit.", currency_field="currency_id"
    )
    amount_max = fields.Monetary(
        "Below", help="In company currency. 0: no limit.", currency_field="currency_id"
    )
    currency_id = fields.Many2one(
        "res.currency", "Currency", compute="_compute_currency_id", help="Of the limits."
    )
    credit_share_min = fields.Float(
        "Credit Limit Used from (%)",
        help="The customer has used at least this share of their credit limit, in percent. "
        "Customers without a limit do not match. 0: any.",
    )
    credit_class = fields.Selection(
        CREDIT_CLASSES, "Credit Class", help="Customers of this class. Empty: any."
    )
    broken_promises_min = fields.Integer(
        "Broken Promises from", help="The customer did not keep at least so many promises. 0: any."
    )
    no_contact_days = fields.Integer(
        "No Contact for (Days)", help="Nobody spoke or wrote for so many days. 0: any."
    )
    payment_within_days = fields.Integer(
        "Payment within (Days)", help="The customer paid something in the last days. 0: any."
    )
    no_payment_days = fields.Integer(
        "No Payment for (Days)", help="The customer paid nothing for so many days. 0: any."
    )
    posted_within_days = fields.Integer(
        "Document of the Last (Days)",
        help="The document is dated at most so many days back. 0: any.",
    )
    no_po = fields.Boolean(
        "No Purchase Order Number", help="The document carries no reference of the customer."
    )
    first_late = fields.Boolean(
        "First Late Payment",
        help="The customer is late with something and never paid anything late before.",
    )
    top_n = fields.Integer(
        "Among the Largest Debtors",
        help="The customer is among so many with the largest amounts to collect. 0: any.",
    )
    case_state = fields.Selection(
        [
            ("none", "No Open Case"),
            ("open", "Any Open Case"),
            ("not_started", "Not Started"),
            ("in_progress", "In Progress"),
            ("promise", "Promise"),
        ],
        "Case",
        help="Where the customer's case stands. Empty: any.",
    )
    lang_ids = fields.Many2many("res.lang", string="Languages", help="Empty: any.")
    country_ids = fields.Many2many("res.country", string="Countries", help="Empty: any.")
    category_ids = fields.Many2many(
        "res.partner.category", string="Tags", help="One of these tags. Empty: any."
    )
    domain = fields.Char("Domain", help="Further conditions, built with the domain editor.")
    condition_model = fields.Char(
        "Model of the Domain", compute="_compute_condition_model", help="What the domain is on."
    )

    @api.depends_context("company")
    def _compute_currency_id(self):
        self.currency_id = self.env.company.currency_id

    @api.depends("applies_to")
    def _compute_condition_model(self):
        for rule in self:
            rule.condition_model = f"collection.{rule.applies_to}" if rule.applies_to else False

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("use_days", "days_from", "days_to", "amount_min", "amount_max")
    def _check_ranges(self):
        for rule in self:
            if rule.use_days == "range" and rule.days_from > rule.days_to:
                raise ValidationError(
                    self.env._(
                        "%(rule)s: no day lies between %(first)s and %(last)s days after the due "
                        "date. Exchange the two.",
                        rule=rule.name,
                        first=rule.days_from,
                        last=rule.days_to,
                    )
                )
            if rule.amount_max and rule.amount_min >= rule.amount_max:
                raise ValidationError(
                    self.env._(
                        "%s: no amount is at least the lower and below the upper limit.", rule.name
                    )
                )

    @api.constrains(
        "credit_share_min",
        "broken_promises_min",
        "no_contact_days",
        "payment_within_days",
        "no_payment_days",
        "posted_within_days",
        "top_n",
    )
    def _check_positive(self):
        names = (
            "credit_share_min",
            "broken_promises_min",
            "no_contact_days",
            "payment_within_days",
            "no_payment_days",
            "posted_within_days",
            "top_n",
        )
        for rule in self:
            for name in names:
                if rule[name] < 0:
                    raise ValidationError(
                        self.env._(
                            "%(rule)s: “%(field)s” cannot be negative.",
                            rule=rule.name,
                            field=self._fields[name]._description_string(self.env),
                        )
                    )

    @api.constrains("domain", "applies_to")
    def _check_domain(self):
        for rule in self:
            rule._check_searchable()

    def _check_searchable(self):
        """Check that the database can search by the domain.

        :raise ValidationError: naming the field that it cannot search by
        """
        self.ensure_one()
        if not self.domain:
            return
        company = self.strategy_id.company_id or self.env.company
        try:
            domain = self._domain_of(company._collection_today())
        except (ValueError, SyntaxError, TypeError, NameError) as error:
            raise ValidationError(
                self.env._(
                    "%(rule)s: the domain cannot be read: %(error)s", rule=self.name, error=error
                )
            ) from error
        model = self.env[self.condition_model]
        self._check_fields(model, domain)
        try:
            with self.env.cr.savepoint():
                self.env.execute_query(
                    SQL("EXPLAIN SELECT WHERE 1 IN %s", self._searched(model, domain, company))
                )
        except (
            ValueError,
            TypeError,
            KeyError,
            NotImplementedError,
            UserError,
            psycopg2.Error,
        ) as error:
            raise ValidationError(
                self.env._(
                    "%(rule)s: the domain cannot be searched: %(error)s",
                    rule=self.name,
                    error=str(error).strip().splitlines()[0],
                )
            ) from error

    def _check_fields(self, model, domain):
        """Check that each field a domain names, on whatever model, can be searched by."""
        for condition in domain.iter_conditions():
            owner, previous = model, None
            for name in condition.field_expr.split("."):
                if previous is not None and previous.type in ("date", "datetime", "properties"):
                    # a part of a date, or a property
                    break
                field = previous = owner._fields.get(name)
                if field is None:
                    raise ValidationError(
                        self.env._(
                            "%(rule)s: there is no field “%(field)s” on %(model)s. Take the "
                            "condition out of the domain.",
                            rule=self.name,
                            field=condition.field_expr,
                            model=self.env["ir.model"]._get(model._name).name,
                        )
                    )
                if not field._description_searchable:
                    raise ValidationError(
                        self.env._(
                            "%(rule)s: one cannot search by “%(label)s” (%(field)s) on %(model)s. "
                            "Take the condition out of the domain.",
                            rule=self.name,
                            label=field._description_string(self.env),
                            field=condition.field_expr,
                            model=self.env["ir.model"]._get(model._name).name,
                        )
                    )
                if not field.relational:
                    break
                owner = self.env[field.comodel_name]
            if isinstance(condition.value, Domain):
                self._check_fields(owner, condition.value)

    # ------------------------------------------------------------
    # THE DOMAIN
    # ------------------------------------------------------------

    def _domain_of(self, today):
        """Return the domain of the rule; what it computes from the day is computed from ``today``.

        :raise ValueError: when the text is no domain
        """
        self.ensure_one()
        value = safe_eval(
            (self.domain or "[]").strip() or "[]",
            {
                "context_today": lambda: today,
                "current_date": fields.Date.to_string(today),
                "datetime": DATETIME,
                "dateutil": DATEUTIL,
                "relativedelta": relativedelta,
                "True": True,
                "False": False,
            },
        )
        return Domain(value)

    @api.model
    def _searched(self, model, domain, company, scope=None) -> SQL:
        """Return the sub-select of the ids that match a domain, whoever runs it.

        :param scope: leave out what is not of these customers, in the same statement
        """
        # whoever saves or runs it: all customers of the company, found in one and the same way
        env = self.env(
            user=SUPERUSER_ID,
            su=True,
            context={
                "allowed_company_ids": company.ids,
                "tz": company.collection_tz or "UTC",
                "lang": "en_US",
            },
        )
        searched = model.with_env(env)
        domain &= Domain("company_id", "=", company.id)
        if scope and (scope.partner_ids is not None or scope.first is not None):
            domain &= Domain.custom(
                to_sql=lambda model, alias, query: SQL(
                    "%s IN (SELECT base.profile_id FROM base)",
                    SQL.identifier(
                        alias, "id" if model._name == "collection.profile" else "profile_id"
                    ),
                )
            )
        return searched._search(domain).subselect()

    # ------------------------------------------------------------
    # COMPILING
    # ------------------------------------------------------------

    def _looks_at_case(self):
        """Return whether the sums of the customer's cases are needed."""
        self.ensure_one()
        return self.applies_to == "case" or (
            self.amount_kind != "any" and self.amount_level == "case"
        )

    def _compile(self, scope: CycleScope, *, passing=True, to_act=False, within=None) -> SQL:
        """Return the one sub-select of what fulfils the rule, over the facts of the scope.

        Columns: ``rule_id``, ``profile_id``, ``item_id`` (of rules on items), ``case_id`` (of
        rules on cases), ``days``, ``amount``, ``number``, ``items`` (what rules on cases and
        customers speak of).

        :param passing: whether conditions on time count that are over by themselves some day
        :param to_act: leave out customers on hold
        :param within: condition that restricts it further
        """
        self.ensure_one()
        compiled = {
            "item": self._compile_item,
            "case": self._compile_case,
            "profile": self._compile_profile,
        }[self.applies_to]
        return compiled(
            scope,
            passing,
            [
                *(
                    [
                        SQL(
                            "NOT %s.held",
                            SQL({"item": "i", "case": "k", "profile": "c"}[self.applies_to]),
                        )
                    ]
                    if to_act
                    else []
                ),
                *([within] if within else []),
            ],
        )

    def _compile_item(self, scope, passing, further) -> SQL:
        customer = self._customer_conditions(scope, passing)
        conditions = [
            SQL("i.strategy_id = %s", self.strategy_id.id),
            # nobody is to be asked for what is blocked, or kept out by a person
            SQL("i.free > 0 AND NOT i.kept_out"),
            *further,
            *self._day_conditions(SQL("i.days"), passing),
            *self._item_conditions(scope, passing),
        ]
        if self.domain:
            conditions.append(SQL("(i.item_id IN %s) IS TRUE", self._domain_sql(scope)))
        if customer:
            conditions.append(
                SQL(
                    "(i.profile_id IN (SELECT c.profile_id FROM customer c WHERE %s)) IS TRUE",
                    SQL(" AND ").join(customer),
                )
            )
        return SQL(
            "SELECT %s AS rule_id, i.profile_id, i.item_id, NULL::int AS case_id,"
            " i.days, i.free AS amount, 1::bigint AS number, NULL::int[] AS items"
            " FROM open_item i WHERE %s",
            self.id,
            SQL(" AND ").join(conditions),
        )

    def _compile_case(self, scope, passing, further) -> SQL:
        customer = self._customer_conditions(scope, passing)
        item = self._item_conditions(scope, passing)
        conditions = [
            SQL("k.strategy_id = %s", self.strategy_id.id),
            *further,
            *self._day_conditions(SQL("k.days"), passing),
        ]
        if self.domain:
            conditions.append(SQL("(k.case_id IN %s) IS TRUE", self._domain_sql(scope)))
        if customer:
            conditions.append(
                SQL(
                    "(k.profile_id IN (SELECT c.profile_id FROM customer c WHERE %s)) IS TRUE",
                    SQL(" AND ").join(customer),
                )
            )
        if item:
            conditions.append(
                SQL(
                    "(k.case_id IN (SELECT membership.case_id FROM open_item i"
                    " JOIN collection_case_item membership"
                    " ON membership.item_id = i.item_id AND membership.open"
                    " WHERE %s)) IS TRUE",
                    SQL(" AND ").join(item),
                )
            )
        return SQL(
            "SELECT %s AS rule_id, k.profile_id, NULL::int AS item_id, k.case_id, k.days,"
            " %s AS amount, %s AS number, k.items FROM open_case k %s WHERE %s",
            self.id,
            SQL("k.%s", SQL.identifier(self._amount_column())),
            self._number(SQL("k.item_count")),
            self._promise_join(scope, SQL("k.profile_id")),
            SQL(" AND ").join(conditions),
        )

    def _compile_profile(self, scope, passing, further) -> SQL:
        item = self._item_conditions(scope, passing)
        conditions = [
            SQL("c.strategy_id = %s", self.strategy_id.id),
            *further,
            *self._day_conditions(SQL("c.days"), passing),
            *self._customer_conditions(scope, passing),
        ]
        if not self.payment_within_days:
            # who owes nothing is thanked for a payment at most
            conditions.append(SQL("c.item_count > 0"))
        if self.domain:
            conditions.append(SQL("(c.profile_id IN %s) IS TRUE", self._domain_sql(scope)))
        if item:
            conditions.append(
                SQL(
                    "(c.profile_id IN (SELECT i.profile_id FROM open_item i WHERE %s)) IS TRUE",
                    SQL(" AND ").join(item),
                )
            )
        return SQL(
            "SELECT %s AS rule_id, c.profile_id, NULL::int AS item_id, NULL::int AS case_id,"
            " c.days, %s AS amount, %s AS number, c.items FROM customer c %s WHERE %s",
            self.id,
            SQL("c.%s", SQL.identifier(self._amount_column())),
            self._number(SQL("c.item_count")),
            self._promise_join(scope, SQL("c.profile_id")),
            SQL(" AND ").join(conditions),
        )

    def _domain_sql(self, scope) -> SQL:
        company = self.env["res.company"].browse(scope.company_id)
        return self._searched(
            self.env[self.condition_model], self._domain_of(scope.business_date), company, scope
        )

    def _amount_column(self):
        """Return what the amount is that the reason in words may name."""
        return {"open": "amount_open", "overdue": "amount_overdue"}.get(
            self.amount_kind, "amount_to_collect"
        )

    def _number(self, items) -> SQL:
        """Return the number that the reason in words may name: of promises, else of items."""
        return SQL("promise.number") if self.broken_promises_min else items

    def _promise_join(self, scope, profile) -> SQL:
        if not self.broken_promises_min:
            return SQL()
        return SQL(
            "JOIN (%s) AS promise ON promise.profile_id = %s",
            self.env["collection.profile"]._broken_promises_sql(scope),
            profile,
        )

    # ------------------------------------------------------------
    # SINGLE CONDITIONS
    # ------------------------------------------------------------

    def _day_conditions(self, days, passing):
        """Return the conditions on the days since the due date."""
        if not passing or self.use_days == "any":
            return []
        return {
            "from": lambda: [SQL("%s >= %s", days, self.days_from)],
            "upto": lambda: [SQL("%s <= %s", days, self.days_to)],
            "range": lambda: [SQL("%s BETWEEN %s AND %s", days, self.days_from, self.days_to)],
        }[self.use_days]()

    def _item_conditions(self, scope, passing):
        """Return the conditions on single items, over the alias ``i``."""
        conditions = []
        if self.amount_kind != "any" and self.amount_level == "item":
            conditions += self._amount_conditions(AMOUNTS["item"][self.amount_kind])
        if self.no_po:
            conditions.append(
                SQL(
                    "EXISTS (SELECT FROM collection_item document WHERE document.id = i.item_id"
                    " AND document.kind = 'document' AND %s)",
                    SQL("NULLIF(document.document_ref, '') IS NULL"),
                )
            )
        if self.posted_within_days and passing:
            conditions.append(
                SQL(
                    "i.document_date >= %s",
                    fields.Date.subtract(scope.business_date, days=self.posted_within_days),
                )
            )
        if self.message_kind == "invoice" and self.action in ("email", "letter"):
            # somebody has sent it already
            conditions.append(
                SQL(
                    "EXISTS (SELECT FROM collection_item document"
                    " JOIN account_move move ON move.id = document.move_id"
                    " WHERE document.id = i.item_id AND move.is_move_sent IS NOT TRUE"
                    " AND move.move_type IN ('out_invoice', 'out_receipt'))"
                )
            )
        return conditions

    def _amount_conditions(self, amount):
        conditions = []
        if self.amount_min:
            conditions.append(SQL("%s >= %s", amount, self.amount_min))
        if self.amount_max:
            conditions.append(SQL("%s < %s", amount, self.amount_max))
        return conditions or [SQL("%s > 0", amount)]

    @api.model
    def _customer_condition_methods(self):
        """Return {name: method} of the conditions on customers; add-ons add their own.

        Each method takes a scope and returns a condition over the alias ``c``, or nothing where
        the rule does not ask for it.
        """
        return {
            "amount": "_condition_amount",
            "class": "_condition_class",
            "case": "_condition_case",
            "partner": "_condition_partner",
            "credit": "_condition_credit",
            "promises": "_condition_promises",
            "contact": "_condition_contact",
            "payment": "_condition_payment",
            "no_payment": "_condition_no_payment",
            "first_late": "_condition_first_late",
            "top": "_condition_top",
        }

    def _customer_conditions(self, scope, passing):
        found = []
        for name, method in self._customer_condition_methods().items():
            if passing or name not in PASSING_CONDITIONS:
                condition = getattr(self, method)(scope)
                if condition:
                    found.append(condition)
        return found

    def _condition_amount(self, scope):
        if self.amount_kind == "any" or self.amount_level == "item":
            return None
        return SQL(" AND ").join(
            self._amount_conditions(AMOUNTS[self.amount_level][self.amount_kind])
        )

    def _condition_class(self, scope):
        return SQL("c.credit_class = %s", self.credit_class) if self.credit_class else None

    def _condition_case(self, scope):
        if not self.case_state:
            return None
        if self.case_state == "none":
            return SQL("c.case_id IS NULL")
        if self.case_state == "open":
            return SQL("c.case_id IS NOT NULL")
        return SQL("c.case_state = %s", self.case_state)

    def _condition_partner(self, scope):
        conditions = self._partner_conditions(
            self.country_ids, self.category_ids, self.lang_ids, SQL("party"), SQL("commercial")
        )
        if not conditions:
            return None
        return SQL(
            "EXISTS (SELECT FROM res_partner party, res_partner commercial"
            " WHERE party.id = c.partner_id AND commercial.id = c.commercial_partner_id AND %s)",
            SQL(" AND ").join(conditions),
        )

    @api.model
    def _partner_conditions(self, countries, categories, langs, party, commercial):
        """Return the conditions on the contact of a customer; what a branch leaves open, the
        company above it says."""
        conditions = []
        if countries:
            conditions.append(
                SQL(
                    "COALESCE(%s.country_id, %s.country_id) = ANY(%s)",
                    party,
                    commercial,
                    countries.ids,
                )
            )
        if langs:
            conditions.append(
                SQL("COALESCE(%s.lang, %s.lang) = ANY(%s)", party, commercial, langs.mapped("code"))
            )
        if categories:
            conditions.append(
                SQL(
                    "EXISTS (SELECT FROM res_partner_res_partner_category_rel tag"
                    " WHERE tag.partner_id IN (%s.id, %s.id) AND tag.category_id = ANY(%s))",
                    party,
                    commercial,
                    categories.ids,
                )
            )
        return conditions

    def _condition_credit(self, scope):
        """The share used, of the limit that the host keeps with the commercial partner."""
        if not self.credit_share_min:
            return None
        company = self.env["res.company"].browse(scope.company_id)
        # sudo: limits are for accountants to see; the rule only compares them
        Partner = self.env["res.partner"].sudo().with_company(company)
        fallback = Partner._fields["credit_limit"].get_company_dependent_fallback(Partner)
        limit = SQL(
            "COALESCE((debtor.credit_limit->>%s)::numeric, %s)", str(company.id), fallback or 0.0
        )
        return SQL(
            """
            EXISTS (SELECT FROM res_partner debtor
                     WHERE debtor.id = c.commercial_partner_id
                       AND %(limit)s > 0
                       AND (SELECT sum(own.amount_open - own.amount_credit)
                              FROM collection_profile own
                             WHERE own.company_id = %(company)s
                               AND own.commercial_partner_id = debtor.id)
                           >= %(limit)s * %(share)s / 100)
            """,
            limit=limit,
            company=company.id,
            share=self.credit_share_min,
        )

    def _condition_promises(self, scope):
        if not self.broken_promises_min:
            return None
        return SQL(
            "(c.profile_id IN (SELECT promise.profile_id FROM (%s) AS promise"
            " WHERE promise.number >= %s)) IS TRUE",
            self.env["collection.profile"]._broken_promises_sql(scope),
            self.broken_promises_min,
        )

    def _condition_contact(self, scope):
        if not self.no_contact_days:
            return None
        return SQL(
            "NOT EXISTS (SELECT FROM collection_contact_log log"
            " LEFT JOIN collection_message message ON message.id = log.message_id"
            # what did not arrive is no contact
            " WHERE log.profile_id = c.profile_id AND message.bounced_on IS NULL"
            " AND log.date >= %s AND log.date < %s)",
            fields.Date.subtract(scope.business_date, days=self.no_contact_days - 1),
            fields.Date.add(scope.business_date, days=1),
        )

    def _payments_sql(self, scope, days) -> SQL:
        """Return the statement of the commercial partners who paid within so many days."""
        return SQL(
            """
            SELECT payer.commercial_partner_id
              FROM account_payment payment
              JOIN res_partner payer ON payer.id = payment.partner_id
             WHERE payment.company_id = %(company)s
               AND payment.payment_type = 'inbound' AND payment.partner_type = 'customer'
               AND payment.state IN ('in_process', 'paid')
               AND payment.date BETWEEN %(first)s AND %(last)s
               AND %(in_scope)s
            """,
            company=scope.company_id,
            first=fields.Date.subtract(scope.business_date, days=days),
            last=scope.business_date,
            in_scope=scope.filter(SQL.identifier("payer", "commercial_partner_id")),
        )

    def _condition_payment(self, scope):
        if not self.payment_within_days:
            return None
        return SQL(
            "(c.commercial_partner_id IN (%s)) IS TRUE",
            self._payments_sql(scope, self.payment_within_days),
        )

    def _condition_no_payment(self, scope):
        if not self.no_payment_days:
            return None
        return SQL(
            "(c.commercial_partner_id IN (%s)) IS NOT TRUE",
            self._payments_sql(scope, self.no_payment_days),
        )

    def _condition_first_late(self, scope):
        if not self.first_late:
            return None
        return SQL(
            "c.amount_overdue > 0"
            " AND NOT EXISTS (SELECT FROM collection_item past"
            " WHERE past.profile_id = c.profile_id AND past.side = 'debit'"
            " AND past.state = 'settled' AND past.settled_date > past.date_due"
            " AND past.settled_date <= %s)",
            scope.business_date,
        )

    def _condition_top(self, scope):
        if not self.top_n:
            return None
        return SQL(
            "(c.profile_id IN (SELECT largest.id FROM collection_profile largest"
            " WHERE largest.company_id = %s AND largest.amount_to_collect > 0"
            " ORDER BY largest.amount_to_collect DESC, largest.id LIMIT %s)) IS TRUE",
            scope.company_id,
            self.top_n,
        )
