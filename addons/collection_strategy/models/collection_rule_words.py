# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""A rule read as a sentence: when, then, how often."""

from ast import literal_eval

from odoo import api, fields, models
from odoo.tools import format_amount, format_date
from odoo.tools.misc import formatLang

# of a domain that is put in words
OPERATORS = {"=": "=", "!=": "≠", ">": ">", ">=": "≥", "<": "<", "<=": "≤", "ilike": "~"}


class CollectionRule(models.Model):
    _inherit = "collection.rule"

    when_text = fields.Char(
        "When", compute="_compute_when_text", help="The conditions of the rule in words."
    )
    then_text = fields.Char(
        "Then", compute="_compute_then_text", help="What the rule gives and does, in words."
    )
    often_text = fields.Char(
        "How Often", compute="_compute_often_text", help="How often the rule acts, in words."
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.model
    def _get_when_words(self):
        """Return the names of the methods that put one condition in words each, in order.

        Each returns a text, or nothing where the condition is not set; add-ons add their own.
        """
        return [
            "_words_days",
            "_words_amount",
            "_words_history",
            "_words_document",
            "_words_customer",
            "_words_domain",
        ]

    @api.depends(lambda self: self._when_fields())
    @api.depends_context("lang", "company")
    def _compute_when_text(self):
        for rule in self:
            parts = []
            for name in self._get_when_words():
                words = getattr(rule, name)()
                parts += words if isinstance(words, list) else [words]
            rule.when_text = ", ".join(part for part in parts if part) or self.env._("always")

    @api.model
    def _when_fields(self):
        """Return the fields that the words of a condition are made from."""
        return (
            "applies_to",
            "use_days",
            "days_from",
            "days_to",
            "amount_kind",
            "amount_level",
            "amount_min",
            "amount_max",
            "credit_share_min",
            "credit_class",
            "broken_promises_min",
            "no_contact_days",
            "payment_within_days",
            "no_payment_days",
            "posted_within_days",
            "no_po",
            "first_late",
            "top_n",
            "case_state",
            "lang_ids",
            "country_ids",
            "category_ids",
            "domain",
        )

    @api.depends(
        "points",
        "action",
        "template_id",
        "sms_template_id",
        "script_id",
        "activity_type_id",
        "hold_days",
        "debt_manager_id",
    )
    @api.depends_context("lang")
    def _compute_then_text(self):
        labels = dict(self._fields["action"]._description_selection(self.env))
        for rule in self:
            parts = []
            if rule.points:
                parts.append(self.env._("%s points", f"{rule.points:+d}"))
            if rule.action and rule.action != "none":
                # sudo: the name of a text or type
                detail = rule.sudo()._action_detail()
                parts.append(
                    f"{labels[rule.action]}: {detail.display_name}"
                    if detail
                    else labels[rule.action]
                )
            rule.then_text = ", ".join(parts) or self.env._("nothing")

    def _action_detail(self):
        """Return the record that says what the action is, if one does."""
        self.ensure_one()
        field = {
            "email": "template_id",
            "letter": "template_id",
            "sms": "sms_template_id",
            "call": "script_id",
            "activity": "activity_type_id",
            "change_manager": "debt_manager_id",
        }.get(self.action)
        return self[field] if field else None

    @api.depends("action", "repeat_days", "repeat_limit", "applies_to", "valid_from", "valid_to")
    @api.depends_context("lang")
    def _compute_often_text(self):
        for rule in self:
            parts = []
            if rule.action and rule.action != "none":
                parts.append(rule._words_repeat())
            if rule.valid_from:
                parts.append(self.env._("from %s", format_date(self.env, rule.valid_from)))
            if rule.valid_to:
                parts.append(self.env._("until %s", format_date(self.env, rule.valid_to)))
            rule.often_text = ", ".join(parts)

    def _words_repeat(self):
        if not self.repeat_days:
            return {
                "item": self.env._("once for every item"),
                "case": self.env._("once for every case"),
                "profile": self.env._("once for every customer"),
            }.get(self.applies_to, "")
        if self.repeat_limit:
            return self.env._(
                "every %(days)s days, at most %(count)s times",
                days=self.repeat_days,
                count=self.repeat_limit,
            )
        return self.env._("every %s days", self.repeat_days)

    # ------------------------------------------------------------
    # CONDITIONS IN WORDS
    # ------------------------------------------------------------

    def _words_days(self):
        first, last = self.days_from, self.days_to
        if self.use_days == "range":
            if last < 0:
                return self.env._(
                    "%(first)s to %(last)s days before the due date", first=-first, last=-last
                )
            if first < 0:
                return self.env._(
                    "from %(first)s days before to %(last)s days after the due date",
                    first=-first,
                    last=last,
                )
            return self.env._("%(first)s to %(last)s days late", first=first, last=last)
        if self.use_days == "from":
            if first < 0:
                return self.env._("from %s days before the due date on", -first)
            return self.env._("at least %s days late", first)
        if self.use_days == "upto":
            if last < 0:
                return self.env._("until %s days before the due date", -last)
            return self.env._("at most %s days late", last)
        return ""

    def _words_amount(self):
        if self.amount_kind in (False, "any") or not (self.amount_min or self.amount_max):
            return ""
        currency = self.env.company.currency_id
        low = format_amount(self.env, self.amount_min, currency)
        high = format_amount(self.env, self.amount_max, currency)
        kind = dict(self._fields["amount_kind"]._description_selection(self.env))[self.amount_kind]
        of = dict(self._fields["amount_level"]._description_selection(self.env))[self.amount_level]
        if self.amount_min and self.amount_max:
            return self.env._(
                "%(kind)s (%(of)s) from %(low)s to below %(high)s",
                kind=kind,
                of=of,
                low=low,
                high=high,
            )
        if self.amount_min:
            return self.env._("%(kind)s (%(of)s) from %(low)s", kind=kind, of=of, low=low)
        return self.env._("%(kind)s (%(of)s) below %(high)s", kind=kind, of=of, high=high)

    def _words_history(self):
        parts = []
        if self.credit_share_min:
            share = formatLang(self.env, self.credit_share_min, digits=0)
            parts.append(self.env._("at least %s %% of the credit limit used", share))
        if self.broken_promises_min:
            parts.append(self.env._("broken promises: at least %s", self.broken_promises_min))
        if self.no_contact_days:
            parts.append(self.env._("no contact for %s days", self.no_contact_days))
        if self.payment_within_days:
            parts.append(self.env._("a payment within %s days", self.payment_within_days))
        if self.no_payment_days:
            parts.append(self.env._("no payment for %s days", self.no_payment_days))
        if self.first_late:
            parts.append(self.env._("late for the first time"))
        if self.top_n:
            parts.append(self.env._("among the %s largest debtors", self.top_n))
        return parts

    def _words_document(self):
        parts = []
        if self.posted_within_days:
            parts.append(self.env._("a document of the last %s days", self.posted_within_days))
        if self.no_po:
            parts.append(self.env._("no purchase order number"))
        return parts

    def _words_customer(self):
        parts = []
        if self.credit_class:
            labels = dict(self._fields["credit_class"]._description_selection(self.env))
            parts.append(self.env._("credit class %s", labels[self.credit_class]))
        if self.case_state:
            labels = dict(self._fields["case_state"]._description_selection(self.env))
            parts.append(self.env._("case: %s", labels[self.case_state]))
        for records in (self.country_ids, self.category_ids, self.lang_ids):
            if records:
                parts.append(" / ".join(records.mapped("display_name")))
        return parts

    def _words_domain(self):
        """Return a plain domain in words; of one that is not plain, that there is one."""
        if not self.domain or self.domain.strip() == "[]":
            return ""
        try:
            leaves = literal_eval(self.domain)
            return [self._words_leaf(*leaf) for leaf in leaves if leaf != "&"]
        except (SyntaxError, TypeError, ValueError, KeyError):
            return self.env._("further conditions")

    def _words_leaf(self, name, operator, value):
        """Return one condition of a domain in words; raise where it is not plain."""
        field = self.env[self.condition_model]._fields[name]
        label = field._description_string(self.env)
        if field.type == "boolean" and operator in ("=", "!="):
            return label if bool(value) == (operator == "=") else self.env._("not: %s", label)
        if field.type == "selection" and operator == "=":
            value = dict(field._description_selection(self.env))[value]
        elif field.type not in ("char", "text", "integer", "float", "monetary", "date"):
            raise ValueError(name)
        if operator not in OPERATORS:
            raise ValueError(operator)
        return f"{label} {OPERATORS[operator]} {value}"
