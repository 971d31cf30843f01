# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What a run would do, and what runs would have done; nothing is changed."""

from collections import Counter, namedtuple

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL

from odoo.addons.collection.models.collection_cycle_step import CycleScope
from odoo.addons.collection_message.models.collection_gate import GateRequest

from ..core.score import Facts
from .collection_action import DEFAULT_MINUTES, WORK_KINDS
from .collection_cycle_step_actions import MESSAGES
from .collection_rule_facts import FactsView

# what the statement lists of each customer and rule
Found = namedtuple(
    "Found",
    "profile_id rule_id strategy_id kind message_kind leader_id items case_id days amount number",
)
# the channel by which the gate knows what is done
CHANNELS = {"email": "email", "sms": "sms", "letter": "letter", "call": "phone"}


class CollectionSimulation(models.AbstractModel):
    """Tells what strategies would do, by the statements a run uses."""

    _name = "collection.simulation"
    _description = "Simulation of Strategies"

    MAX_REPLAY_DAYS = 92

    # ------------------------------------------------------------
    # TONIGHT
    # ------------------------------------------------------------

    @api.model
    def _tonight(
        self, company, profiles=None, strategy=None, business_date=None, limit=500, offset=0
    ):
        """Tell what the run of a night would plan and carry out; changes nothing.

        :param company: ``res.company``
        :param profiles: ``collection.profile`` records; all customers of the company if ``None``
        :param strategy: ``collection.strategy`` that all of them would follow, active or not; the
            one that fits each best if ``None``
        :param business_date: the day of the run; the company's today if ``None``
        :param limit: so many rows are told in full (rendered, asked at the gate); all are counted
        :return: dict::

            {
                "business_date": date,
                "live": bool,              # False: collections are not confirmed yet, so the run
                                           # itself would do nothing
                "customers": int,          # customers something would be done with
                "total": int,              # actions in all
                "amount": float,           # company currency, of the items of all actions
                "by_kind": [{"kind": str, "name": str, "count": int, "customers": int}],
                "by_rule": [{"rule_id": int, "name": str, "strategy_id": int, "strategy": str,
                             "kind": str, "count": int, "customers": int, "items": int,
                             "amount": float}],     # in order of strategy and rule
                "rows": [{                 # by score, the highest first
                    "profile_id": int, "partner_id": int, "partner": str, "case_id": int|False,
                    "strategy_id": int, "rule_id": int, "rule": str, "kind": str,
                    "kind_name": str, "message_kind": str|False, "score": int, "reason": str,
                    "item_ids": [int],     # in order of their due dates
                    "items": str,          # their numbers
                    "amount": float, "days": int,   # the longest delay, negative before due
                    "minutes": int, "script_id": int|False,
                    # for e-mail, SMS and letter:
                    "person_id": int|False, "person": str, "lang": str|False,
                    "subject": str|False, "body": Markup|False, "sms_text": str|False,
                    "error": str|False,    # why the template cannot be rendered
                    # what the gate would say now, for messages and calls:
                    "allowed": bool,
                    "stopped": str,        # its reasons in words, one a line
                    "dropped": str,        # why single items would fall out of the message
                    "retry_at": datetime|False,
                }],
                "stopped": int,            # rows of those told in full that the gate would stop
                "truncated": bool,         # whether there are more than told in full
            }
        """
        simulation = self.sudo().with_company(company)  # sudo: as the run, for whoever may ask
        simulation.env.flush_all()
        simulation.env["collection.cycle"]._tune_transaction()
        day = fields.Date.to_date(business_date) or company._collection_today()
        found, scores, amount = [], {}, 0.0
        for scope in simulation._scopes(company, profiles, day):
            view, strategies = simulation._view(scope, company, strategy)
            rules = simulation.env["collection.rule"]._in_use(strategies, day)
            rows = simulation._found(scope, rules, view, profiles)
            found += rows
            amount += simulation._amount(scope, rows)
            scores.update(simulation._scores(scope, rules, view))
        groups = simulation._groups(found)
        groups.sort(key=lambda group: -scores.get(group["profile_id"], 0))
        told = simulation._rows(groups[offset : offset + limit], company, day, scores)
        return {
            "business_date": day,
            "live": company.collection_live,
            "customers": len({group["profile_id"] for group in groups}),
            "total": len(groups),
            "amount": amount,
            "by_kind": simulation._by_kind(groups),
            "by_rule": simulation._by_rule(found),
            "rows": told,
            "stopped": sum(not row["allowed"] for row in told),
            "truncated": offset + len(told) < len(groups),
        }

    @api.model
    def _scopes(self, company, profiles, day):
        """Yield what is looked at piece by piece, as the run does: so many customers at a time."""
        size = self.env["collection.cycle.run"]._chunk_customers()
        if profiles is not None:
            partner_ids = profiles.sudo().commercial_partner_id.ids  # sudo: as in _tonight
            for start in range(0, len(partner_ids), size):
                part = tuple(partner_ids[start : start + size])
                yield CycleScope(company.id, day, partner_ids=part)
            return
        ranges = self.env.execute_query(
            SQL(
                """
                SELECT min(id), max(id)
                  FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) / %s AS part
                          FROM (SELECT DISTINCT commercial_partner_id AS id
                                  FROM collection_profile WHERE company_id = %s) AS customer
                       ) AS customer
              GROUP BY part
              ORDER BY part
                """,
                size,
                company.id,
            )
        )
        for first, last in ranges:
            yield CycleScope(company.id, day, first=first, last=last)

    @api.model
    def _view(self, scope, company, strategy, *, as_of=False):
        """Return how the facts are looked at, and the strategies that are followed."""
        chosen = self.env["collection.cycle.step.strategy"]._select(scope)
        if strategy:
            chosen = SQL(
                "SELECT profile_id, CASE WHEN strategy_id IS NOT NULL THEN %s END AS strategy_id"
                " FROM (%s) AS chosen",
                strategy.id,
                # who takes part follows it, whatever fits them
                self.env["collection.cycle.step.strategy"]._select(scope, everybody=True),
            )
        strategies = strategy or self.env["collection.strategy"]._usable(company)
        return FactsView(strategies=chosen, as_of=as_of), strategies

    @api.model
    def _found(self, scope, rules, view, profiles, done=None):
        """Return what would be planned, as ``collection.cycle.step.actions._select`` lists it."""
        acting = rules.filtered(lambda rule: rule.action != "none")
        query = self.env["collection.cycle.step.actions"]._select(scope, acting, view, done)
        # a scope is of commercial partners: branches that nobody asked for are left out
        asked = None if profiles is None else set(profiles.ids)
        return [
            Found(*row)
            for row in self.env.execute_query(
                SQL(
                    "SELECT %s FROM (%s) AS found",
                    SQL(", ").join(SQL.identifier(name) for name in Found._fields),
                    query,
                )
            )
            if asked is None or row[0] in asked
        ]

    @api.model
    def _groups(self, found):
        """Return the actions that the rows of the rules come to."""
        groups = {}
        for row in found:
            key = row.profile_id, row.leader_id, row.kind, row.message_kind
            groups.setdefault(key, []).append(row)
        result = [
            {
                "profile_id": profile_id,
                "rule_id": leader_id,
                "kind": kind,
                "message_kind": message_kind or False,
                "days": max(row.days or 0 for row in rows),
                "leader": next(row for row in rows if row.rule_id == leader_id),
                "item_ids": list(dict.fromkeys(item for row in rows for item in row.items or ())),
            }
            for (profile_id, leader_id, kind, message_kind), rows in groups.items()
        ]
        result.sort(key=lambda group: (group["profile_id"], group["kind"], group["rule_id"]))
        return result

    @api.model
    def _scores(self, scope, rules, view):
        """Return {profile id: score}."""
        query = self.env["collection.cycle.step.score"]._select(
            scope, rules.filtered("points"), view
        )
        return dict(
            self.env.execute_query(
                SQL("SELECT profile_id, score FROM (%s) AS scored WHERE score <> 0", query)
            )
        )

    @api.model
    def _amount(self, scope, found):
        """Return what the items come to, in company currency."""
        item_ids = {item_id for row in found for item_id in row.items or ()}
        if not item_ids:
            return 0.0
        [(amount,)] = self.env.execute_query(
            SQL(
                "SELECT COALESCE(sum(owed.residual), 0) FROM (%s) AS owed"
                " WHERE owed.item_id = ANY(%s)",
                self.env["collection.item"]._open_items_sql(scope),
                list(item_ids),
            )
        )
        return float(amount)

    @api.model
    def _kind_names(self):
        return dict(self.env["collection.action"]._fields["kind"]._description_selection(self.env))

    @api.model
    def _by_kind(self, groups):
        names = self._kind_names()
        counts, customers = Counter(), {}
        for group in groups:
            counts[group["kind"]] += 1
            customers.setdefault(group["kind"], set()).add(group["profile_id"])
        return [
            {
                "kind": kind,
                "name": names[kind],
                "count": counts[kind],
                "customers": len(customers[kind]),
            }
            for kind in names
            if kind in counts
        ]

    @api.model
    def _by_rule(self, found):
        """Return the counts of each rule; one that another speaks for counts its items."""
        figures = {}
        for row in found:
            figure = figures.setdefault(
                row.rule_id, {"count": 0, "customers": set(), "items": 0, "amount": 0.0}
            )
            figure["count"] += row.rule_id == row.leader_id
            figure["customers"].add(row.profile_id)
            figure["items"] += len(row.items or ())
            figure["amount"] += float(row.amount or 0)
        rules = (
            self
            .env["collection.rule"]
            .browse(figures)
            .sorted(
                lambda rule: (
                    rule.strategy_id.sequence,
                    rule.strategy_id.id,
                    rule.sequence,
                    rule.id,
                )
            )
        )
        return [
            {
                "rule_id": rule.id,
                "name": rule.name,
                "strategy_id": rule.strategy_id.id,
                "strategy": rule.strategy_id.name,
                "kind": rule.action,
                **figures[rule.id],
                "customers": len(figures[rule.id]["customers"]),
            }
            for rule in rules
        ]

    # ------------------------------------------------------------
    # ROWS IN FULL
    # ------------------------------------------------------------

    @api.model
    def _rows(self, groups, company, day, scores):
        """Return actions in full: in words, rendered, asked at the gate."""
        names = self._kind_names()
        profiles = self.env["collection.profile"].browse([group["profile_id"] for group in groups])
        items = self.env["collection.item"].browse([
            item_id for group in groups for item_id in group["item_ids"]
        ])
        rules = self.env["collection.rule"].browse([group["rule_id"] for group in groups])
        rows = []
        for group, profile, rule in zip(groups, profiles, rules, strict=True):
            own = items.browse(group["item_ids"]).with_prefetch(items._prefetch_ids)
            leader = group["leader"]
            since = fields.Date.subtract(day, days=leader.days) if leader.days is not None else None
            facts = Facts(since, float(leader.amount or 0), int(leader.number or 0))
            minutes = rule.minutes or rule.script_id.minutes or DEFAULT_MINUTES
            rows.append({
                "profile_id": profile.id,
                "partner_id": profile.partner_id.id,
                "partner": profile.partner_id.display_name,
                "case_id": leader.case_id or False,
                "strategy_id": leader.strategy_id,
                "rule_id": rule.id,
                "rule": rule.name,
                "kind": group["kind"],
                "kind_name": names[group["kind"]],
                "message_kind": group["message_kind"],
                "score": scores.get(profile.id, 0),
                "reason": rule._reason_words(facts, day, company.currency_id),
                "item_ids": own.sorted(lambda item: (item.date_due, item.id)).ids,
                "items": ", ".join(
                    item.display_name for item in own.sorted(lambda item: (item.date_due, item.id))
                ),
                "amount": sum(own.mapped("amount_residual")),
                "days": group["days"],
                "minutes": minutes if group["kind"] in WORK_KINDS else 0,
                "script_id": rule.script_id.id,
                **self._nothing_said(),
            })
        self._render(rows, company, profiles, day)
        self._ask_gate(rows)
        return rows

    @api.model
    def _nothing_said(self):
        return {
            "person_id": False,
            "person": "",
            "lang": False,
            "subject": False,
            "body": False,
            "sms_text": False,
            "error": False,
            "allowed": True,
            "stopped": "",
            "dropped": "",
            "retry_at": False,
        }

    @api.model
    def _render(self, rows, company, profiles, day):
        """Write the text of each message, as it would be written on that day."""
        # what is late, and by how much, is told by the day of the context
        Message = self.env["collection.message"].with_context(collection_day=day)
        for row in rows:
            if row["kind"] not in CHANNELS:
                continue
            # with what is read of one, all are read
            profile = profiles.browse(row["profile_id"]).with_prefetch(profiles._prefetch_ids)
            rule = self.env["collection.rule"].browse(row["rule_id"])
            case = self.env["collection.case"].browse(row["case_id"] or ())
            person = profile._message_person(CHANNELS[row["kind"]], case)
            row.update(person_id=person.id, person=person.display_name or "")
            if row["kind"] not in MESSAGES:
                continue
            values = Message._with_defaults(
                {
                    "profile_id": profile.id,
                    "case_id": case.id,
                    "person_id": person.id,
                    **rule._message_values(self.env["collection.item"].browse(row["item_ids"])),
                    "kind": row["message_kind"],
                    "automatic": True,
                    "user_id": False,
                },
                profile,
            )
            row["lang"] = values["lang"]
            message = Message.new({
                **values,
                "item_ids": [Command.set(row["item_ids"])],
                "company_id": company.id,
            })
            template = message._template()
            try:
                with self.env.cr.savepoint():
                    row.update(message._preview(template, values["lang"]))
            except Exception as error:  # a template is anybody's text: whatever it raises
                row["error"] = str(error)

    @api.model
    def _ask_gate(self, rows):
        """Say of each contact what the gate would say now."""
        asked = [row for row in rows if row["kind"] in CHANNELS]
        verdicts = self.env["collection.gate"]._check(
            [
                GateRequest(
                    profile=self.env["collection.profile"].browse(row["profile_id"]),
                    channel=CHANNELS[row["kind"]],
                    person=self.env["res.partner"].browse(row["person_id"]),
                    items=self.env["collection.item"].browse(row["item_ids"]),
                    automatic=row["kind"] in MESSAGES,
                )
                for row in asked
            ],
            one_by_one=True,
        )
        for row, verdict in zip(asked, verdicts, strict=True):
            row.update(
                allowed=verdict.allowed,
                stopped=verdict.text,
                dropped="\n".join(
                    reason.text for reason in verdict.dropped if reason not in verdict.reasons
                ),
                retry_at=verdict.retry_at or False,
            )

    # ------------------------------------------------------------
    # THE PAST
    # ------------------------------------------------------------

    @api.model
    def _replay(self, company, days, strategy=None, profiles=None):
        """Tell what runs of the past days would have planned; changes nothing.

        The ledger is taken as it stood on each day as far as items tell: dated by then, not
        settled yet. Where cases, tags and blocks stood is not known any more: as they are now.

        :param days: so many days, the last of them today; at most ``MAX_REPLAY_DAYS``
        :param strategy: as in :meth:`_tonight`
        :return: dict::

            {
                "days": [{"date": date, "count": int, "customers": int,
                          "by_kind": {kind: int}, "by_rule": {rule_id: int}}],   # oldest first
                "by_rule": [...],          # as in _tonight, over all days
                "by_kind": [...],          # as in _tonight, over all days
                "total": int,
                "customers": int,          # different ones, over all days
                "minutes": int,            # expected work of people over all days
            }
        """
        days = max(1, min(days, self.MAX_REPLAY_DAYS))
        simulation = self.sudo().with_company(company)  # sudo: as the run, for whoever may ask
        simulation.env.flush_all()
        simulation.env["collection.cycle"]._tune_transaction()
        today = company._collection_today()
        table = simulation._replay_table()
        told, found = [], []
        for back in reversed(range(days)):
            day = fields.Date.subtract(today, days=back)
            rows = []
            for scope in simulation._scopes(company, profiles, day):
                rows += simulation._replay_day(scope, company, strategy, profiles, table)
            groups = simulation._groups(rows)
            told.append({
                "date": day,
                "count": len(groups),
                "customers": len({group["profile_id"] for group in groups}),
                "by_kind": dict(Counter(group["kind"] for group in groups)),
                "by_rule": dict(Counter(group["rule_id"] for group in groups)),
            })
            found += rows
        simulation.env.cr.execute(SQL("DROP TABLE %s", table))
        by_rule = simulation._by_rule(found)
        minutes = {
            rule.id: rule.minutes or rule.script_id.minutes or DEFAULT_MINUTES
            for rule in simulation.env["collection.rule"].browse([
                row["rule_id"] for row in by_rule if row["kind"] in WORK_KINDS
            ])
        }
        kinds = Counter()
        customers_of = {}
        for row in found:
            kinds[row.kind] += row.rule_id == row.leader_id
            customers_of.setdefault(row.kind, set()).add(row.profile_id)
        names = simulation._kind_names()
        return {
            "days": told,
            "by_rule": by_rule,
            "by_kind": [
                {
                    "kind": kind,
                    "name": names[kind],
                    "count": kinds[kind],
                    "customers": len(customers_of[kind]),
                }
                for kind in names
                if kind in kinds
            ],
            "total": sum(day["count"] for day in told),
            "customers": len({row.profile_id for row in found}),
            "minutes": sum(minutes.get(row["rule_id"], 0) * row["count"] for row in by_rule),
        }

    @api.model
    def _replay_table(self) -> SQL:
        """Make the table of this transaction that holds what the days before have done."""
        table = SQL.identifier("collection_replay_done")
        self.env.cr.execute(
            SQL(
                """
                DROP TABLE IF EXISTS %(table)s;
                CREATE TEMPORARY TABLE %(table)s (
                    rule_id int, profile_id int, item_id int, case_id int, day date
                ) ON COMMIT DROP;
                CREATE INDEX ON %(table)s (rule_id, profile_id)
                """,
                table=table,
            )
        )
        return table

    @api.model
    def _replay_day(self, scope, company, strategy, profiles, table):
        """Return what the run of one past day would have planned, and remember it."""
        day = scope.business_date
        view, strategies = self._view(scope, company, strategy, as_of=True)
        rules = self.env["collection.rule"]._in_use(strategies, day)
        done = SQL(
            """
            SELECT past.rule_id, past.profile_id, past.item_id, past.case_id,
                   count(*) AS times, max(past.day) AS last, FALSE AS waits
              FROM %s AS past
          GROUP BY past.rule_id, past.profile_id, past.item_id, past.case_id
            """,
            table,
        )
        rows = self._found(scope, rules, view, profiles, done)
        by_item = {rule.id for rule in rules if rule.applies_to == "item"}
        by_case = {rule.id for rule in rules if rule.applies_to == "case"}
        links = [
            (row.rule_id, row.profile_id, item_id, case_id)
            for row in rows
            for item_id, case_id in (
                [(item_id, None) for item_id in row.items]
                if row.rule_id in by_item
                else [(None, row.case_id if row.rule_id in by_case else None)]
            )
        ]
        if links:
            rule_ids, profile_ids, item_ids, case_ids = (
                list(column) for column in zip(*links, strict=True)
            )
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO %s
                    SELECT DISTINCT rule_id, profile_id, item_id, case_id, %s::date
                      FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[])
                           AS link(rule_id, profile_id, item_id, case_id)
                    """,
                    table,
                    day,
                    rule_ids,
                    profile_ids,
                    item_ids,
                    case_ids,
                )
            )
            self.env.cr.execute(SQL("ANALYZE %s", table))
        return rows
