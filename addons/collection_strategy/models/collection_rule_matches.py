# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What a rule holds for today, to look at while it is written."""

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.collection.models.collection_cycle_step import CycleScope

from .collection_rule_facts import FactsView

# so many are listed
SHOWN = 5000
LISTS = {
    "item": ("item_id", "collection.action_item"),
    "case": ("case_id", "collection.action_case"),
    "profile": ("profile_id", "collection.action_profile"),
}


class CollectionRule(models.Model):
    _inherit = "collection.rule"

    def action_show_matches(self):
        """List the items, cases or customers that the rule holds for today.

        Of the customers that follow the strategy; while nobody does, of all. Whether something
        has been done about them already does not count.
        """
        self.ensure_one()
        if not self.id:
            raise UserError(self.env._("Save the rule first."))
        ids, of_all = self._matches()
        action = self.env["ir.actions.act_window"]._for_xml_id(LISTS[self.applies_to][1])
        name = (
            self.env._("“%s”: of All Customers", self.name)
            if of_all
            else self.env._("“%s”: of Those That Follow It", self.name)
        )
        # what the user may not see is left out by the list
        return {
            **action,
            "name": name,
            "display_name": name,
            "domain": [("id", "in", ids)],
            "context": {},
            "target": "current",
        }

    def _matches(self):
        """Return the ids of what the rule holds for, and whether all customers were looked at."""
        company = self.strategy_id.company_id or self.env.company
        scope = CycleScope(company_id=company.id, business_date=company._collection_today())
        followed = self.env["collection.profile"].search_count(
            [("company_id", "=", company.id), ("strategy_id", "=", self.strategy_id.id)], limit=1
        )
        # sudo: only ids are read; the list shows those that the user may see
        rule = self.sudo().with_company(company)
        self.env.flush_all()
        view = FactsView()
        if not followed:
            everybody = rule.env["collection.cycle.step.strategy"]._select(scope, everybody=True)
            view = FactsView(
                strategies=SQL(
                    "SELECT profile_id, %s::int AS strategy_id FROM (%s) AS chosen"
                    " WHERE strategy_id IS NOT NULL",
                    self.strategy_id.id,
                    everybody,
                )
            )
        rows = self.env.execute_query(
            SQL(
                "WITH %(facts)s SELECT DISTINCT hit.%(id)s FROM (%(hits)s) AS hit LIMIT %(limit)s",
                facts=rule.env["collection.rule.facts"]._facts_sql(scope, rule, view),
                id=SQL.identifier(LISTS[self.applies_to][0]),
                hits=rule._compile(scope),
                limit=SHOWN,
            )
        )
        return [one for (one,) in rows if one], not followed
