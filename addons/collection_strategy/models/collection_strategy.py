# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import hashlib
import json

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..tools.definition import definition_of
from .collection_rule_condition import CREDIT_CLASSES


class CollectionStrategy(models.Model):
    """How a group of customers is followed up: an ordered list of rules.

    A customer follows the strategy chosen for them by hand, else the active one whose conditions
    fit them most specifically. Every run notes the version of the strategy it used.
    """

    _name = "collection.strategy"
    _description = "Collection Strategy"
    _order = "sequence, id"

    name = fields.Char("Name", required=True, translate=True)
    code = fields.Char(
        "Code", required=True, copy=False, help="Names the strategy in exports and imports."
    )
    active = fields.Boolean("Active", default=True)
    sequence = fields.Integer(
        "Sequence", default=10, help="Of two strategies that fit equally well the first is taken."
    )
    company_id = fields.Many2one(
        "res.company",
        "Company",
        index="btree_not_null",
        help="Empty: the strategy serves all companies.",
    )
    description = fields.Text("Description", translate=True)
    # which customers it is for; empty conditions fit everybody
    country_ids = fields.Many2many("res.country", string="Countries")
    category_ids = fields.Many2many(
        "res.partner.category", string="Tags", help="Customers that carry one of these tags."
    )
    lang_ids = fields.Many2many("res.lang", string="Languages")
    credit_class = fields.Selection(
        CREDIT_CLASSES,
        "Credit Class",
        help="Customers of this class. Empty: any.",
    )
    amount_from = fields.Monetary(
        "Open from", help="Customers with at least this open amount. 0: no limit."
    )
    amount_to = fields.Monetary(
        "Open below", help="Customers with less than this open amount. 0: no limit."
    )
    currency_id = fields.Many2one(
        "res.currency", "Currency", compute="_compute_currency_id", help="Of the limits."
    )
    sender = fields.Selection(
        [("debt_manager", "Debt Manager"), ("team", "Team"), ("company", "Company")],
        "Messages from",
        default="debt_manager",
        required=True,
    )
    rule_ids = fields.One2many("collection.rule", "strategy_id", "Rules", copy=True)
    version_ids = fields.One2many("collection.strategy.version", "strategy_id", "Versions")

    _code_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "Another strategy has this code already."
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for strategy in self:
            strategy.currency_id = (strategy.company_id or self.env.company).currency_id

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("amount_from", "amount_to")
    def _check_amounts(self):
        for strategy in self:
            if strategy.amount_from < 0 or strategy.amount_to < 0:
                raise ValidationError(
                    self.env._("%s: the limits of the amount cannot be negative.", strategy.name)
                )
            if strategy.amount_to and strategy.amount_from >= strategy.amount_to:
                raise ValidationError(
                    self.env._(
                        "%s: no amount is at least the lower and below the upper limit.",
                        strategy.name,
                    )
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unused(self):
        used = self.filtered("version_ids")
        if used:
            raise UserError(
                self.env._(
                    "“%s” has been followed and stays as history. Archive it instead.", used[0].name
                )
            )

    # ------------------------------------------------------------
    # WHO FOLLOWS WHICH
    # ------------------------------------------------------------

    @api.model
    def _usable(self, company):
        """Return the strategies of a company, in the order in which the first that fits is taken.

        The more conditions a strategy has the more specific it is; of two alike one of the
        company comes before one for all companies.
        """
        # sudo: which strategies there are is the company's, whoever's payment runs the cycle
        found = self.sudo().search([
            ("company_id", "in", (company.id, False)),
            ("active", "=", True),
        ])
        return found.sorted(
            lambda strategy: (
                -strategy._specificity(),
                not strategy.company_id,
                strategy.sequence,
                strategy.id,
            )
        )

    def _specificity(self):
        """Return how many conditions a customer has to meet."""
        self.ensure_one()
        return sum(
            bool(condition)
            for condition in (
                self.credit_class,
                self.country_ids,
                self.category_ids,
                self.lang_ids,
                self.amount_from or self.amount_to,
            )
        )

    def _choice_sql(self) -> SQL:
        """Return the expression of the first of these strategies that fits a customer.

        Over the aliases ``profile``, ``party`` (its contact) and ``commercial`` (the company
        above it). What was chosen by hand goes before.
        """
        cases = [SQL("WHEN %s THEN %s", strategy._fits_sql(), strategy.id) for strategy in self]
        by_hand = SQL(
            "WHEN profile.strategy_override_id = ANY(%s) THEN profile.strategy_override_id",
            self.ids,
        )
        return SQL("CASE %s END", SQL(" ").join([by_hand, *cases]))

    def _fits_sql(self) -> SQL:
        """Return the condition that the strategy is for a customer; all its conditions hold."""
        self.ensure_one()
        conditions = self.env["collection.rule"]._partner_conditions(
            self.country_ids, self.category_ids, self.lang_ids, SQL("party"), SQL("commercial")
        )
        if self.credit_class:
            conditions.append(SQL("profile.credit_class = %s", self.credit_class))
        if self.amount_from:
            conditions.append(SQL("profile.amount_open >= %s", self.amount_from))
        if self.amount_to:
            conditions.append(SQL("profile.amount_open < %s", self.amount_to))
        return SQL(" AND ").join(conditions) if conditions else SQL("TRUE")

    # ------------------------------------------------------------
    # VERSIONS
    # ------------------------------------------------------------

    def _definition(self):
        """Return what the strategy says, as JSON that people and programs can compare."""
        self.ensure_one()
        # every language, and the archived rules too
        strategy = self.with_context(active_test=False, lang=None)
        return {
            **definition_of(strategy, ("version_ids", "rule_ids")),
            "rules": [
                definition_of(rule, ("strategy_id",))
                for rule in strategy.rule_ids.sorted(lambda rule: (rule.sequence, rule.id))
            ],
        }

    def _stamp_versions(self, business_date):
        """Note a version of each strategy that says something else than at the last run.

        :return: {strategy id: id of its current version}
        """
        if not self:
            return {}
        # sudo: versions are written by the runs
        Version = self.env["collection.strategy.version"].sudo()
        known = {}
        for version in Version.search([("strategy_id", "in", self.ids)], order="number"):
            known[version.strategy_id.id] = version
        current = {}
        for strategy in self:
            latest = known.get(strategy.id, Version)
            if strategy._is_as_of(latest):
                current[strategy.id] = latest.id
                continue
            definition = strategy._definition()
            text = json.dumps(definition, sort_keys=True, ensure_ascii=False)
            digest = hashlib.sha256(text.encode()).hexdigest()
            if latest.digest != digest:
                latest = Version._add(
                    strategy, (latest.number or 0) + 1, business_date, definition, digest
                )
            current[strategy.id] = latest.id
        return current

    def _is_as_of(self, version):
        """Return whether nothing was written on strategy or rules since a version was noted."""
        if not version:
            return False
        rules = self.with_context(active_test=False).rule_ids
        return len(rules) == len((version.definition or {}).get("rules", ())) and all(
            record.write_date < version.create_date for record in (self, *rules)
        )
