# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Customers → their score, with what each rule gave and why."""

from odoo import models
from odoo.tools import SQL

from odoo.addons.collection.models.collection_cycle_step import CycleScope


class CollectionCycleStepScore(models.AbstractModel):
    _name = "collection.cycle.step.score"
    _inherit = "collection.cycle.step"
    _description = "Cycle: Customers to Scores"

    def _rules(self, scope: CycleScope):
        """Return the rules that give points to customers of the scope."""
        followed = self.env["collection.cycle.step.strategy"]._followed(scope)
        rules = self.env["collection.rule"]._in_use(followed, scope.business_date)
        return rules.filtered("points")

    def _select(self, scope: CycleScope, rules=None, view=None) -> SQL:
        """List the customers of the scope with score and reasons.

        A rule gives its points once, however many items it holds for. Customers on hold are
        scored too: the score says how things stand, not what is to be done.

        :param rules: those that give the points; the ones in use if ``None``
        :param view: see :class:`~.collection_rule_facts.FactsView`
        """
        rules = self._rules(scope) if rules is None else rules
        if not rules:
            return self._nobody_scores(scope)
        return SQL(
            """
            WITH %(facts)s,
            given AS (
                SELECT hit.profile_id, hit.rule_id, rule.points, rule.sequence,
                       max(hit.days) AS days, sum(hit.amount) AS amount, sum(hit.number) AS number
                  FROM (%(hits)s) AS hit
                  JOIN collection_rule rule ON rule.id = hit.rule_id
              GROUP BY hit.profile_id, hit.rule_id, rule.points, rule.sequence
            )
            SELECT everybody.profile_id, COALESCE(sum(everybody.points), 0) AS score,
                   jsonb_agg(jsonb_build_object(
                        'rule_id', everybody.rule_id, 'points', everybody.points,
                        'since', %(today)s - everybody.days, 'amount', everybody.amount,
                        'count', everybody.number)
                        ORDER BY everybody.sequence, everybody.rule_id)
                        FILTER (WHERE everybody.rule_id IS NOT NULL) AS reasons
              FROM (
                SELECT profile_id, rule_id, points, sequence, days, amount, number FROM given
                 UNION ALL
                -- who fulfils nothing scores nothing
                SELECT profile.id, NULL, NULL, NULL, NULL, NULL, NULL
                  FROM collection_profile profile
                 WHERE profile.company_id = %(company)s AND %(in_scope)s
              ) AS everybody
          GROUP BY everybody.profile_id
            """,
            facts=self.env["collection.rule.facts"]._facts_sql(scope, rules, view),
            hits=SQL(" UNION ALL ").join([rule._compile(scope) for rule in rules]),
            today=scope.business_date,
            company=scope.company_id,
            in_scope=scope.filter(SQL.identifier("profile", "commercial_partner_id")),
        )

    def _nobody_scores(self, scope) -> SQL:
        return SQL(
            """
            SELECT profile.id AS profile_id, 0 AS score, NULL::jsonb AS reasons
              FROM collection_profile profile
             WHERE profile.company_id = %s AND %s
            """,
            scope.company_id,
            scope.filter(SQL.identifier("profile", "commercial_partner_id")),
        )

    def _apply(self, scope: CycleScope) -> int:
        changed = self._execute(
            SQL(
                """
                UPDATE collection_profile profile
                   SET score = scored.score, score_reasons = scored.reasons
                  FROM (%s) AS scored
                 WHERE scored.profile_id = profile.id
                   AND (COALESCE(profile.score, 0) <> scored.score
                        OR profile.score_reasons IS DISTINCT FROM scored.reasons)
                """,
                self._select(scope),
            )
        )
        return changed + self._copy_scores(scope)

    def _copy_scores(self, scope) -> int:
        """Have open cases and what is to be done carry the score of their customer."""
        changed = 0
        for table, open_state in (
            ("collection_case", SQL("work.state <> 'completed'")),
            ("collection_action", SQL("work.state = 'planned'")),
        ):
            changed += self._execute(
                SQL(
                    """
                    UPDATE %(table)s AS work
                       SET score = COALESCE(profile.score, 0)
                      FROM collection_profile profile
                     WHERE profile.id = work.profile_id
                       AND profile.company_id = %(company)s
                       AND %(open_state)s
                       AND %(in_scope)s
                       AND work.score IS DISTINCT FROM COALESCE(profile.score, 0)
                    """,
                    table=SQL.identifier(table),
                    company=scope.company_id,
                    open_state=open_state,
                    in_scope=scope.filter(SQL.identifier("profile", "commercial_partner_id")),
                )
            )
        return changed
