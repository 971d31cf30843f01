# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..core.score import Facts, score_text
from .collection_action_push import HANDS
from .collection_rule_condition import CREDIT_CLASSES


class CollectionProfile(models.Model):
    _inherit = "collection.profile"

    strategy_override_id = fields.Many2one(
        "collection.strategy",
        "Strategy by Hand",
        tracking=True,
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        help="Follow this strategy, whatever the conditions of the strategies say.",
    )
    strategy_id = fields.Many2one(
        "collection.strategy",
        "Strategy",
        readonly=True,
        copy=False,
        # few strategies: an index would only make the cycle, which writes it, slower
        ondelete="set null",
        help="The strategy the customer follows, kept up by the cycle.",
    )
    credit_class = fields.Selection(
        CREDIT_CLASSES, "Credit Class", tracking=True, help="How far the customer is trusted."
    )
    score = fields.Integer(
        "Score",
        readonly=True,
        default=0,
        copy=False,
        help="The sum of the points of all rules that the customer fulfils; who has more is "
        "worked first.",
    )
    score_reasons = fields.Json(
        "Reasons of the Score",
        readonly=True,
        copy=False,
        help="What each rule gave: [{rule_id, points, since, amount, count}].",
    )
    score_text = fields.Char(
        "Score in Words", compute="_compute_score_text", help="The score and what it comes from."
    )
    action_ids = fields.One2many("collection.action", "profile_id", "Planned Actions")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("score", "score_reasons")
    @api.depends_context("lang")
    def _compute_score_text(self):
        lines = self._score_lines()
        for profile in self:
            profile.score_text = score_text(
                profile.score, [(line["text"], line["points"]) for line in lines[profile.id]]
            )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        if HANDS.isdisjoint(vals):
            return super().write(vals)
        with self.env["collection.action"]._changing_hands("profile_id", self):
            return super().write(vals)

    # ------------------------------------------------------------
    # SCORE
    # ------------------------------------------------------------

    def _score_lines(self):
        """Return {profile id: what each rule gave}, in words of the user's language.

        A line holds ``rule_id``, ``points``, ``text`` and the figures ``days``, ``amount`` and
        ``count``; most points first. The number of queries does not grow with the customers.
        """
        stored = {profile.id: profile.score_reasons or [] for profile in self}
        # sudo: the words of a rule that a customer fulfils are for whoever sees the customer
        Rule = self.env["collection.rule"].sudo().with_context(active_test=False)
        rules = Rule.search([
            ("id", "in", list({row["rule_id"] for rows in stored.values() for row in rows}))
        ])
        rule_of = {rule.id: rule for rule in rules}
        lines = {}
        for profile in self:
            company = profile.company_id
            today = company._collection_today()
            lines[profile.id] = []
            for row in sorted(stored[profile.id], key=lambda row: -abs(row["points"])):
                rule, facts = rule_of.get(row["rule_id"]), Facts.of(row)
                lines[profile.id].append({
                    "rule_id": row["rule_id"],
                    "points": row["points"],
                    "text": rule._reason_words(facts, today, company.currency_id)
                    if rule
                    else self.env._("A rule that was deleted"),
                    "days": facts.days(today),
                    "amount": facts.amount,
                    "count": facts.count,
                })
        return lines

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_plan_now(self):
        """Do for these customers what the night run does: score them and plan what is due."""
        if not self.env.su and not self.env.user.has_group("collection.group_debt_manager"):
            raise AccessError(self.env._("Only those who collect plan what is to be done."))
        self.check_access("read")
        Cycle = self.env["collection.cycle"].with_context(collection_plan=True)
        for company, profiles in self.grouped("company_id").items():
            Cycle._run_for(company, profiles.commercial_partner_id)
        # sudo: only wakes it
        self.env.ref("collection_strategy.cron_execute").sudo()._trigger()
        return True

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    @api.model
    def _touching_fields(self):
        return super()._touching_fields() | {"strategy_override_id", "credit_class"}

    def _merge_into(self, kept):
        # two profiles may wait for the same step; the run plans anew what is still due
        waiting = self.action_ids.filtered(
            lambda action: action.state == "planned" and action.source == "rule"
        )
        waiting.sudo()._set_state(  # sudo: whoever merges partners merges what hangs on them
            "gone", self.env._("The customer was merged into another one."), cause="source"
        )
        return super()._merge_into(kept)

    @api.model
    def _broken_promises_sql(self, scope) -> SQL:
        """Return the statement of the promises that customers did not keep.

        Columns: ``profile_id``, ``number``. An agreed payment that is late was not kept, nor one
        that had to be replaced after its day; add-ons that judge promises override this.
        """
        return SQL(
            """
            SELECT log.profile_id, count(*) AS number
              FROM collection_contact_log log
              JOIN collection_profile owner ON owner.id = log.profile_id
             WHERE log.company_id = %(company)s
               AND log.agreed_date < %(today)s
               AND (log.agreed_state = 'pending'
                    OR log.agreed_state = 'replaced'
                       AND EXISTS (SELECT FROM collection_contact_log later
                                    WHERE later.case_id = log.case_id
                                      AND later.id > log.id
                                      AND later.agreed_date IS NOT NULL
                                      AND later.date::date > log.agreed_date))
               AND %(in_scope)s
          GROUP BY log.profile_id
            """,
            company=scope.company_id,
            today=scope.business_date,
            in_scope=scope.filter(SQL.identifier("owner", "commercial_partner_id")),
        )
