# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What people do with a strategy from its screen."""

from odoo import fields, models


class CollectionStrategy(models.Model):
    _inherit = "collection.strategy"

    all_rule_ids = fields.One2many(
        "collection.rule",
        "strategy_id",
        "All Rules",
        context={"active_test": False},
        copy=False,
        help="With those that are not in use.",
    )
    customer_count = fields.Integer(
        "Customers",
        compute="_compute_customer_count",
        help="As of the last run; of the companies that are open now.",
    )
    hand_count = fields.Integer(
        "Chosen by Hand",
        compute="_compute_customer_count",
        help="Customers that follow it because somebody said so.",
    )
    rule_count = fields.Integer("Rules in Use", compute="_compute_rule_count")
    for_whom = fields.Char(
        "For Whom",
        compute="_compute_for_whom",
        help="Which customers follow the strategy unless a more specific one fits them.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    def _compute_customer_count(self):
        Profile = self.env["collection.profile"]
        companies = [("company_id", "in", self.env.companies.ids)]
        for name, field in (
            ("customer_count", "strategy_id"),
            ("hand_count", "strategy_override_id"),
        ):
            counts = dict(
                Profile._read_group([(field, "in", self.ids), *companies], [field], ["__count"])
            )
            for strategy in self:
                strategy[name] = counts.get(strategy._origin, 0)

    def _compute_rule_count(self):
        counts = dict(
            self.env["collection.rule"]._read_group(
                [("strategy_id", "in", self.ids)], ["strategy_id"], ["__count"]
            )
        )
        for strategy in self:
            strategy.rule_count = counts.get(strategy._origin, 0)

    def _compute_for_whom(self):
        labels = dict(self._fields["credit_class"]._description_selection(self.env))
        for strategy in self:
            parts = [
                " / ".join(records.mapped("display_name"))
                for records in (strategy.category_ids, strategy.country_ids, strategy.lang_ids)
                if records
            ]
            if strategy.credit_class:
                parts.append(self.env._("credit class %s", labels[strategy.credit_class]))
            if strategy.amount_from or strategy.amount_to:
                parts.append(strategy._words_amounts())
            strategy.for_whom = ", ".join(parts) or self.env._("everybody")

    def _words_amounts(self):
        currency = self.currency_id or self.env.company.currency_id
        low, high = currency.format(self.amount_from), currency.format(self.amount_to)
        if self.amount_from and self.amount_to:
            return self.env._("open from %(low)s to below %(high)s", low=low, high=high)
        if self.amount_from:
            return self.env._("open from %s", low)
        return self.env._("open below %s", high)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_customers(self):
        """List the customers that follow the strategy."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("collection.action_profile")
        return {
            **action,
            "domain": [("strategy_id", "=", self.id)],
            "context": {},
            "display_name": self.env._("Customers That Follow “%s”", self.name),
        }

    def action_simulate(self):
        """Tell what tonight's run would do if all customers followed the strategy."""
        self.ensure_one()
        return self.env["collection.strategy.simulation"]._open(strategy=self)
