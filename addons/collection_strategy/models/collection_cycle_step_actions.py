# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Rules → what is to be done; what has lost its reason goes."""

from odoo import models
from odoo.tools import SQL

from odoo.addons.collection.models.collection_cycle_step import CycleScope

from .collection_action import DEFAULT_MINUTES, WORK_KINDS
from .collection_rule_facts import FactsView

# what a customer gets or hears once in a run, whatever the number of rules that ask for it
GROUPED = ("call", "email", "sms", "letter")
MESSAGES = ("email", "sms", "letter")
# a message that the gate stopped is tried again after so many days, unless the rule says when
DAYS_AFTER_STOP = 7
# by what a planned action is found again in the facts
WAITING_BY = {"item": ("i", "item_id"), "case": ("k", "profile_id"), "profile": ("c", "profile_id")}
# why a planned action has gone, the reason that says most first
CAUSES = (
    "not_participating",
    "hold",
    "case_closed",
    "paid",
    "blocked",
    "kept_out",
    "rule",
    "strategy",
    "condition",
)


class CollectionCycleStepActions(models.AbstractModel):
    """Withdraws and plans actions.

    Withdrawing is done whenever a customer is computed. New actions are planned by the night run
    and where a person asks for it (context ``collection_plan``): a payment must not plan letters.
    """

    _name = "collection.cycle.step.actions"
    _inherit = "collection.cycle.step"
    _description = "Cycle: Rules to Actions"

    # ------------------------------------------------------------
    # WHAT IS TO BE PLANNED
    # ------------------------------------------------------------

    def _rules(self, scope: CycleScope):
        """Return the rules that do something with customers of the scope."""
        followed = self.env["collection.cycle.step.strategy"]._followed(scope)
        rules = self.env["collection.rule"]._in_use(followed, scope.business_date)
        return rules.filtered(lambda rule: rule.action != "none")

    def _select(self, scope: CycleScope, rules=None, view=None, done=None) -> SQL:
        """List what is to be planned, a row for each customer, rule and kind of message.

        Columns: ``profile_id``, ``rule_id``, ``strategy_id``, ``kind``, ``message_kind``,
        ``leader_id`` (the rule that speaks for all of a message or call), ``items`` (ids),
        ``case_id``, ``days``, ``amount``, ``number``, ``score``, ``existing_id`` (an action that
        waits already and takes the items in) and ``spoken_by_id`` (the rule that speaks for it).

        :param rules: those that act; the ones in use if ``None``
        :param view: see :class:`~.collection_rule_facts.FactsView`
        :param done: statement of what was done before, see :meth:`_done_sql`
        """
        rules = self._rules(scope) if rules is None else rules
        if not rules:
            return self._nothing()
        return SQL(
            """
            WITH %(facts)s,
            hit AS MATERIALIZED (%(hits)s),
            done AS MATERIALIZED (%(done)s),
            refused AS (
                -- what was done because of it before, and is not to be repeated yet
                SELECT done.rule_id, done.profile_id, COALESCE(done.item_id, 0) AS item_id,
                       COALESCE(done.case_id, 0) AS case_id
                  FROM done
                  JOIN collection_rule rule ON rule.id = done.rule_id
                 WHERE done.waits
                    OR (CASE WHEN done.times = 0
                             THEN done.last + GREATEST(rule.repeat_days, %(after_stop)s)
                                  <= %(today)s
                             ELSE rule.repeat_days > 0
                                  AND done.last + rule.repeat_days <= %(today)s
                                  AND (COALESCE(rule.repeat_limit, 0) = 0
                                       OR done.times < rule.repeat_limit) END) IS NOT TRUE
            ),
            about AS (
                SELECT hit.profile_id, hit.rule_id,
                       CASE WHEN rule.action <> ALL(%(messages)s) THEN NULL
                            WHEN rule.message_kind <> 'due' THEN rule.message_kind
                            WHEN hit.days > 0 THEN 'overdue'
                            ELSE 'upcoming' END AS message_kind,
                       hit.case_id, hit.days, hit.amount, hit.number, hit.item_id, hit.items
                  FROM hit
                  JOIN collection_rule rule ON rule.id = hit.rule_id
                 WHERE (hit.item_id IS NOT NULL OR hit.items IS NOT NULL
                        OR rule.action <> ALL(%(messages)s))
                   AND ((hit.rule_id, hit.profile_id, COALESCE(hit.item_id, 0),
                         COALESCE(hit.case_id, 0)) IN (
                            SELECT refused.rule_id, refused.profile_id, refused.item_id,
                                   refused.case_id
                              FROM refused)) IS NOT TRUE
            ),
            by_rule AS (
                -- a rule holds for items, which add up, or for cases or the customer as a whole
                SELECT profile_id, rule_id, message_kind, max(case_id) AS case_id,
                       max(days) AS days,
                       COALESCE(array_agg(item_id ORDER BY days DESC, item_id)
                                    FILTER (WHERE item_id IS NOT NULL), max(items)) AS items,
                       COALESCE(sum(amount) FILTER (WHERE item_id IS NOT NULL), max(amount))
                           AS amount,
                       COALESCE(sum(number) FILTER (WHERE item_id IS NOT NULL), max(number))
                           AS number
                  FROM about
              GROUP BY profile_id, rule_id, message_kind
            )
            SELECT by_rule.profile_id, by_rule.rule_id, rule.strategy_id, rule.action AS kind,
                   by_rule.message_kind,
                   first_value(by_rule.rule_id) OVER (
                        PARTITION BY by_rule.profile_id, rule.action, by_rule.message_kind,
                                     CASE WHEN rule.action <> ALL(%(grouped)s)
                                          THEN by_rule.rule_id END
                        ORDER BY rule.priority DESC NULLS LAST, rule.sequence,
                                 by_rule.rule_id) AS leader_id,
                   by_rule.items, COALESCE(by_rule.case_id, the_case.id) AS case_id,
                   by_rule.days, by_rule.amount, by_rule.number,
                   COALESCE(profile.score, 0) AS score, waiting.id AS existing_id,
                   waiting.rule_id AS spoken_by_id,
                   COALESCE(the_case.debt_manager_id, profile.debt_manager_id) AS debt_manager_id
              FROM by_rule
              JOIN collection_rule rule ON rule.id = by_rule.rule_id
              JOIN collection_profile profile ON profile.id = by_rule.profile_id
         LEFT JOIN LATERAL (
                SELECT open_case.id, open_case.debt_manager_id
                  FROM collection_case open_case
                 WHERE open_case.profile_id = by_rule.profile_id
                   AND open_case.state <> 'completed'
              ORDER BY open_case.origin = 'auto' DESC, open_case.id
                 LIMIT 1
                   ) AS the_case ON TRUE
         LEFT JOIN LATERAL (
                SELECT action.id, action.rule_id, action.message_id
                  FROM collection_action action
                 WHERE action.profile_id = by_rule.profile_id
                   AND action.state = 'planned'
                   AND action.source = 'rule'
                   AND action.kind = rule.action
                   AND action.message_kind IS NOT DISTINCT FROM by_rule.message_kind
                   AND (rule.action = ANY(%(grouped)s) OR action.rule_id = by_rule.rule_id)
              ORDER BY action.message_id DESC NULLS LAST, action.id
                 LIMIT 1
                   ) AS waiting ON %(looks)s
             -- a letter that waits for the printer is not written anew
             WHERE waiting.message_id IS NULL
            """,
            facts=self.env["collection.rule.facts"]._facts_sql(scope, rules, view),
            hits=SQL(" UNION ALL ").join([rule._compile(scope, to_act=True) for rule in rules]),
            done=done or self._done_sql(scope, rules),
            after_stop=DAYS_AFTER_STOP,
            today=scope.business_date,
            messages=list(MESSAGES),
            grouped=list(GROUPED),
            looks=SQL("FALSE") if done else SQL("TRUE"),
        )

    def _nothing(self) -> SQL:
        return SQL(
            """
            SELECT NULL::int AS profile_id, NULL::int AS rule_id, NULL::int AS strategy_id,
                   NULL::varchar AS kind, NULL::varchar AS message_kind, NULL::int AS leader_id,
                   NULL::int[] AS items, NULL::int AS case_id, NULL::int AS days,
                   NULL::numeric AS amount, NULL::bigint AS number, NULL::int AS score,
                   NULL::int AS existing_id, NULL::int AS spoken_by_id,
                   NULL::int AS debt_manager_id
             WHERE FALSE
            """
        )

    def _done_sql(self, scope, rules) -> SQL:
        """Return what came of earlier actions because of a rule, over the table ``hit``.

        Columns: ``rule_id``, ``profile_id``, ``item_id`` or ``case_id`` as in ``hit``, ``times``
        (those the gate stopped left out), ``last`` (day), ``waits`` (one is still to be done).
        Actions whose reason has gone were never done.
        """
        figures = SQL(
            """
            count(DISTINCT action.id) FILTER (WHERE action.state <> 'stopped') AS times,
            max(COALESCE(action.closed_on::date, action.planned_for)) AS last,
            bool_or(action.state = 'planned') AS waits
            """
        )
        parts = []
        if "item" in rules.mapped("applies_to"):
            parts.append(
                SQL(
                    """
                    SELECT hit.rule_id, hit.profile_id, hit.item_id, NULL::int AS case_id,
                           %(figures)s
                      FROM hit
                      JOIN collection_action_item link ON link.item_id = hit.item_id
                      JOIN collection_action action
                        ON action.id = link.action_id
                       AND COALESCE(link.rule_id, action.rule_id) = hit.rule_id
                     WHERE hit.item_id IS NOT NULL AND action.state <> 'gone'
                  GROUP BY hit.rule_id, hit.profile_id, hit.item_id
                    """,
                    figures=figures,
                )
            )
        if {"case", "profile"} & set(rules.mapped("applies_to")):
            parts.append(
                SQL(
                    """
                    SELECT hit.rule_id, hit.profile_id, NULL::int AS item_id, hit.case_id,
                           %(figures)s
                      FROM hit
                      JOIN collection_action action
                        ON action.profile_id = hit.profile_id
                       AND (hit.case_id IS NULL OR action.case_id = hit.case_id)
                     WHERE hit.item_id IS NULL AND action.state <> 'gone'
                       AND action.source = 'rule'
                       AND (action.rule_id = hit.rule_id
                            OR EXISTS (SELECT FROM collection_action_item link
                                        WHERE link.action_id = action.id
                                          AND link.rule_id = hit.rule_id))
                  GROUP BY hit.rule_id, hit.profile_id, hit.case_id
                    """,
                    figures=figures,
                )
            )
        return SQL(" UNION ALL ").join(parts)

    # ------------------------------------------------------------
    # WHAT HAS LOST ITS REASON
    # ------------------------------------------------------------

    def _waiting_rules(self, scope: CycleScope):
        """Return the rules because of which something is planned for customers of the scope."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT COALESCE(link.rule_id, action.rule_id, 0)
                  FROM collection_action action
                  JOIN collection_profile profile ON profile.id = action.profile_id
             LEFT JOIN collection_action_item link ON link.action_id = action.id
                 WHERE action.state = 'planned' AND action.source = 'rule'
                   AND profile.company_id = %s AND %s
                """,
                scope.company_id,
                scope.filter(SQL.identifier("profile", "commercial_partner_id")),
            )
        )
        if not rows:
            return None
        # sudo: rules hold for whoever's payment runs the cycle
        return self.env["collection.rule"].sudo().browse(sorted(one for (one,) in rows if one))

    def _select_gone(self, scope: CycleScope, rules) -> SQL:
        """List the planned actions of the scope, item by item, with what speaks against each.

        Columns: ``action_id``, ``link_id``, ``message_id``, ``cause`` (empty where the reason
        still holds). Conditions that are over by themselves some day do not count: a call is not
        off because it was not made in time. What a person has put off waits for that day, unless
        it is paid.

        :param rules: those because of which something is planned
        """
        usable = rules.exists().filtered(lambda rule: rule.active and rule.strategy_id.active)
        usable = (
            self
            .env["collection.rule"]
            ._in_use(usable.strategy_id, scope.business_date)
            .filtered(lambda rule: rule in usable)
        )
        stays = [
            rule._compile(
                scope,
                passing=False,
                to_act=True,
                within=SQL(
                    "(%s IN (SELECT waiting.%s FROM waiting WHERE waiting.rule_id = %s)) IS TRUE",
                    SQL.identifier(*WAITING_BY[rule.applies_to]),
                    SQL.identifier(WAITING_BY[rule.applies_to][1]),
                    rule.id,
                ),
            )
            for rule in usable
        ]
        nothing = SQL(
            "SELECT NULL::int AS rule_id, NULL::int AS profile_id, NULL::int AS item_id,"
            " NULL::int AS case_id, NULL::int AS days, NULL::numeric AS amount,"
            " NULL::bigint AS number, NULL::int[] AS items WHERE FALSE"
        )
        return SQL(
            """
            WITH waiting AS MATERIALIZED (
                SELECT action.id AS action_id, link.id AS link_id, action.message_id,
                       action.profile_id, action.case_id, link.item_id,
                       COALESCE(link.rule_id, action.rule_id) AS rule_id,
                       COALESCE(action.resubmit_count, 0) > 0 AS put_off
                  FROM collection_action action
                  JOIN collection_profile profile ON profile.id = action.profile_id
             LEFT JOIN collection_action_item link ON link.action_id = action.id
             LEFT JOIN collection_message message ON message.id = action.message_id
                 WHERE action.state = 'planned' AND action.source = 'rule'
                   -- what is being sent just now cannot be taken back
                   AND (message.id IS NULL OR message.state = 'planned')
                   AND profile.company_id = %(company)s AND %(in_scope)s
            ),
            %(facts)s,
            stays AS MATERIALIZED (%(stays)s)
            SELECT judged.action_id, judged.link_id, judged.message_id,
                   CASE WHEN judged.holds THEN NULL
                        WHEN judged.put_off AND judged.cause NOT IN
                             ('paid', 'hold', 'case_closed', 'not_participating') THEN NULL
                        ELSE judged.cause END AS cause
              FROM (
                SELECT waiting.action_id, waiting.link_id, waiting.message_id, waiting.put_off,
                       (((waiting.rule_id, waiting.item_id) IN (
                            SELECT stays.rule_id, stays.item_id FROM stays
                             WHERE stays.item_id IS NOT NULL)) IS TRUE
                        OR ((waiting.rule_id, waiting.profile_id) IN (
                            SELECT stays.rule_id, stays.profile_id FROM stays
                             WHERE stays.item_id IS NULL)) IS TRUE)
                       AND (waiting.item_id IS NULL
                            OR (waiting.item_id IN (
                                SELECT item.item_id FROM open_item item
                                 WHERE item.free > 0 AND NOT item.kept_out)) IS TRUE)
                       AND COALESCE(the_case.state, '') <> 'completed' AS holds,
                       CASE WHEN profile.strategy_id IS NULL THEN 'not_participating'
                            WHEN %(held)s THEN 'hold'
                            WHEN waiting.item_id IS NOT NULL
                                 AND (waiting.item_id IN (
                                    SELECT item.item_id FROM open_item item)) IS NOT TRUE
                            THEN 'paid'
                            WHEN the_case.state = 'completed' THEN 'case_closed'
                            WHEN (waiting.item_id IN (
                                    SELECT item.item_id FROM open_item item
                                     WHERE item.free <= 0)) IS TRUE THEN 'blocked'
                            WHEN (waiting.item_id IN (
                                    SELECT item.item_id FROM open_item item
                                     WHERE item.kept_out)) IS TRUE THEN 'kept_out'
                            WHEN (waiting.rule_id = ANY(%(usable)s)) IS NOT TRUE THEN 'rule'
                            WHEN rule.strategy_id <> profile.strategy_id THEN 'strategy'
                            ELSE 'condition' END AS cause
                  FROM waiting
                  JOIN collection_profile profile ON profile.id = waiting.profile_id
             LEFT JOIN collection_rule rule ON rule.id = waiting.rule_id
             LEFT JOIN collection_case the_case ON the_case.id = waiting.case_id
              ) AS judged
            """,
            company=scope.company_id,
            in_scope=scope.filter(SQL.identifier("profile", "commercial_partner_id")),
            facts=self.env["collection.rule.facts"]._facts_sql(
                scope,
                rules,
                FactsView(customers=SQL("profile.id IN (SELECT waiting.profile_id FROM waiting)")),
            ),
            stays=SQL(" UNION ALL ").join(stays) if stays else nothing,
            usable=usable.ids,
            held=self.env["collection.profile"]._held_sql(scope.business_date),
        )

    def _cause_texts(self):
        """Return {cause: why an action has gone, in words}."""
        return {
            "not_participating": self.env._("The customer does not take part any more."),
            "hold": self.env._("The customer is on hold."),
            "paid": self.env._("Nothing of it is open any more."),
            "case_closed": self.env._("The case is closed."),
            "blocked": self.env._("It is promised, disputed or blocked otherwise."),
            "kept_out": self.env._("It is kept out of collections."),
            "rule": self.env._("The rule is not used any more."),
            "strategy": self.env._("The customer follows another strategy."),
            "condition": self.env._("The conditions of the rule are no longer met."),
        }

    # ------------------------------------------------------------
    # APPLY
    # ------------------------------------------------------------

    def _apply(self, scope: CycleScope) -> int:
        company = self.env["res.company"].browse(scope.company_id)
        [(last,)] = self.env.execute_query(SQL("SELECT max(id) FROM collection_action"))
        changed = self._withdraw(scope, company)
        if self.env.context.get("collection_plan") and company.collection_live:
            changed += self._plan(scope, company)
        if changed:
            self._look_again(scope, last)
        return changed

    def _look_again(self, scope, last):
        """Have whoever's worklist has changed look at it again.

        :param last: the last action there was before: what is new is found by its id, what has
            gone by when it was closed
        """
        self.env["collection.action"]._look_again_at(
            SQL(
                """
                action.company_id = %s
                AND (action.id > %s OR action.state <> 'planned' AND action.closed_on = %s)
                """,
                scope.company_id,
                last or 0,
                self.env.cr.now(),
            )
        )

    def _withdraw(self, scope, company) -> int:
        """Close planned actions that have lost their reason, and drop items that are settled."""
        rules = self._waiting_rules(scope)
        if rules is None:
            return 0
        texts = self.with_context(lang=company.partner_id.lang)._cause_texts()
        rows = self.env.execute_query(
            SQL(
                """
                WITH judged AS MATERIALIZED (%(judged)s),
                over AS (
                    SELECT action_id,
                           (array_agg(cause ORDER BY array_position(%(causes)s, cause)))[1] AS cause
                      FROM judged
                  GROUP BY action_id
                    HAVING bool_and(cause IS NOT NULL)
                ),
                dropped AS (
                    DELETE FROM collection_action_item link
                     USING judged
                     WHERE link.id = judged.link_id
                       AND judged.cause IS NOT NULL
                       AND (judged.action_id IN (SELECT over.action_id FROM over)) IS NOT TRUE
                ),
                closed AS (
                    UPDATE collection_action action
                       SET state = 'gone', closed_on = %(now)s, closed_by_id = %(uid)s,
                           close_reason = cause.text, write_uid = %(uid)s, write_date = %(now)s
                      FROM over
                      JOIN unnest(%(causes)s, %(texts)s) AS cause(code, text)
                        ON cause.code = over.cause
                     WHERE over.action_id = action.id
                 RETURNING action.id, action.message_id, action.planned_for, action.close_reason
                ),
                history AS (
                    INSERT INTO collection_action_transition (
                        action_id, date, user_id, from_state, to_state, planned_for, reason, cause,
                        create_uid, write_uid, create_date, write_date)
                    SELECT id, %(now)s, %(uid)s, 'planned', 'gone', planned_for, close_reason,
                           'ledger', %(uid)s, %(uid)s, %(now)s, %(now)s
                      FROM closed
                )
                SELECT id, message_id FROM closed
                """,
                judged=self._select_gone(scope, rules),
                causes=list(CAUSES),
                texts=[texts[cause] for cause in CAUSES],
                uid=self.env.uid,
                now=self.env["collection.case"]._now(),
            )
        )
        # sudo: a message that nobody is to get any more, whoever's payment settled it
        messages = (
            self
            .env["collection.message"]
            .sudo()
            .browse(sorted(message_id for _action_id, message_id in rows if message_id))
        )
        waiting = messages.filtered(lambda message: message.state == "planned")
        for message in waiting.filtered(lambda message: not message._is_being_sent()):
            message._set_state("cancelled")
        return len(rows)

    def _plan(self, scope, company) -> int:
        """Plan what rules ask for; return the number of items and customers it is about."""
        rules = self._rules(scope)
        if not rules:
            return 0
        versions = rules.strategy_id._stamp_versions(scope.business_date)
        return self._execute(
            SQL(
                """
                WITH wanted AS MATERIALIZED (%(wanted)s),
                claimed AS (
                    -- a payment at the same time sees what is planned, or begins anew; what this
                    -- transaction has written is claimed already
                    UPDATE collection_profile profile
                       SET computed_on = computed_on
                     WHERE profile.id IN (SELECT wanted.profile_id FROM wanted)
                       AND profile.xmin <> pg_current_xact_id()::xid
                ),
                numbered AS MATERIALIZED (
                    -- those that share a message or call share an action
                    SELECT drawn.*,
                           COALESCE(drawn.existing_id, first_value(drawn.number_drawn) OVER (
                                PARTITION BY drawn.profile_id, drawn.leader_id, drawn.kind,
                                             drawn.message_kind)) AS action_id
                      FROM (SELECT wanted.*, nextval('collection_action_id_seq') AS number_drawn
                              FROM wanted) AS drawn
                ),
                grouped AS (
                    SELECT action_id, profile_id, leader_id, kind, message_kind, existing_id,
                           min(strategy_id) AS strategy_id, max(score) AS score,
                           max(debt_manager_id) AS debt_manager_id,
                           -- in words the rule is told that speaks for all
                           max(case_id) FILTER (WHERE rule_id = leader_id) AS case_id,
                           max(days) FILTER (WHERE rule_id = leader_id) AS days,
                           max(amount) FILTER (WHERE rule_id = leader_id) AS amount,
                           max(number) FILTER (WHERE rule_id = leader_id) AS number
                      FROM numbered
                  GROUP BY action_id, profile_id, leader_id, kind, message_kind, existing_id
                ),
                planned AS (
                    INSERT INTO collection_action (
                        id, profile_id, company_id, partner_id, case_id, kind, message_kind, source,
                        state, planned_for, planned_at, resubmit_count, rule_id, version_id,
                        rule_name, reason, facts, score, script_id, minutes,
                        create_uid, create_date, write_uid, write_date)
                    SELECT wanted.action_id, wanted.profile_id, profile.company_id,
                           profile.partner_id, wanted.case_id, wanted.kind, wanted.message_kind,
                           'rule', 'planned', %(today)s, COALESCE(rule.planned_at, 0), 0,
                           wanted.leader_id, version.id, words.name, %(reason)s,
                           jsonb_build_object(
                               'since', %(today)s - wanted.days, 'amount', wanted.amount,
                               'count', wanted.number),
                           wanted.score, rule.script_id,
                           CASE WHEN wanted.kind = ANY(%(work)s)
                                THEN COALESCE(NULLIF(rule.minutes, 0), NULLIF(script.minutes, 0),
                                              %(minutes)s)
                                ELSE 0 END,
                           %(uid)s, %(now)s, %(uid)s, %(now)s
                      FROM grouped wanted
                      JOIN collection_rule rule ON rule.id = wanted.leader_id
                      JOIN collection_profile profile ON profile.id = wanted.profile_id
                 LEFT JOIN collection_script script ON script.id = rule.script_id
                 LEFT JOIN unnest(%(strategies)s, %(versions)s) AS version(strategy_id, id)
                        ON version.strategy_id = wanted.strategy_id
                 LEFT JOIN res_users manager ON manager.id = wanted.debt_manager_id
                 LEFT JOIN res_partner reader ON reader.id = manager.partner_id
                CROSS JOIN LATERAL (
                    -- in the language of who is to do it
                    SELECT COALESCE(rule.name->>reader.lang, rule.name->>%(lang)s,
                                    rule.name->>'en_US') AS name,
                           COALESCE(NULLIF(rule.reason->>reader.lang, ''),
                                    NULLIF(rule.reason->>%(lang)s, ''),
                                    NULLIF(rule.reason->>'en_US', '')) AS reason
                          ) AS words
                     WHERE wanted.existing_id IS NULL
                        ON CONFLICT DO NOTHING
                 RETURNING id
                )
                INSERT INTO collection_action_item (action_id, item_id, rule_id)
                SELECT numbered.action_id, about.item_id,
                       NULLIF(numbered.rule_id,
                              COALESCE(numbered.spoken_by_id, numbered.leader_id))
                  FROM numbered
            CROSS JOIN LATERAL unnest(numbered.items) AS about(item_id)
                 WHERE numbered.existing_id IS NOT NULL
                    OR (numbered.action_id IN (SELECT planned.id FROM planned)) IS TRUE
                """,
                wanted=self._select(scope, rules),
                today=scope.business_date,
                reason=self._reason_sql(company),
                lang=company.partner_id.lang or "en_US",
                work=list(WORK_KINDS),
                minutes=DEFAULT_MINUTES,
                strategies=list(versions),
                versions=list(versions.values()),
                uid=self.env.uid,
                now=self.env["collection.case"]._now(),
            )
        )

    def _reason_sql(self, company) -> SQL:
        """Return the expression of the reason with its figures filled in; see ``core.score``."""
        currency = company.currency_id
        digits = "0" * currency.decimal_places
        shown = f"FM999,999,999,999,990{'.' if digits else ''}{digits}"
        amount = SQL("to_char(wanted.amount, %s)", shown)
        text = SQL(
            "%s || %s" if currency.position == "before" else "%s || ' ' || %s",
            *(
                (currency.symbol, amount)
                if currency.position == "before"
                else (amount, currency.symbol)
            ),
        )
        return SQL(
            """COALESCE(replace(replace(replace(words.reason,
                    '{days}', abs(COALESCE(wanted.days, 0))::text),
                    '{amount}', COALESCE(%s, '')),
                    '{count}', COALESCE(wanted.number, 0)::text), words.name)""",
            text,
        )
