# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.collection_rule import ACTIONS

# so many actions are told in full at a time: rendered, and asked at the gate
CHUNK = 200
GRAPH_VIEWS = "graph,pivot,list"
LINE_VIEWS = "list,form,pivot,graph"
# the roles that see all customers of their companies; others are told of theirs only
SEE_ALL = (
    "collection.group_collection_manager",
    "collection.group_accountant",
    "collection.group_credit_manager",
    "collection.group_auditor",
)


class CollectionStrategySimulation(models.TransientModel):
    """What would tonight do, and what would the past days have done? Changes nothing."""

    _name = "collection.strategy.simulation"
    _description = "Simulation of Strategies"

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    company_id = fields.Many2one(
        "res.company", "Company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id", string="Currency")
    mode = fields.Selection(
        [("tonight", "What Would Tonight Do"), ("replay", "What Would the Past Days Have Done")],
        "Question",
        required=True,
        default="tonight",
    )
    strategy_id = fields.Many2one(
        "collection.strategy",
        "As if All Followed",
        domain="[('company_id', 'in', (company_id, False))]",
        context={"active_test": False},
        help="All customers looked at would follow this strategy, whichever they follow now. "
        "Empty: everybody their own.",
    )
    profile_ids = fields.Many2many(
        "collection.profile",
        "collection_strategy_simulation_profile_rel",
        "simulation_id",
        "profile_id",
        "Customers",
        domain="[('company_id', '=', company_id)]",
        help="Only these. Empty: all that you may see.",
    )
    business_date = fields.Date(
        "Day of the Run",
        help="The next run, unless you want to know what a later one would do. What is planned "
        "by then and what comes in by then is not known.",
    )
    told_date = fields.Date("Run of", readonly=True)
    days = fields.Integer("Past Days", default=30)
    is_done = fields.Boolean("Done", readonly=True)
    live = fields.Boolean("Collections Are Confirmed", readonly=True, default=True)
    total = fields.Integer("Actions", readonly=True)
    customers = fields.Integer("Customers Reached", readonly=True)
    amount = fields.Monetary("Amount", readonly=True, help="Of the items that would be asked for.")
    minutes = fields.Integer(
        "Expected Minutes", readonly=True, help="Work that the actions mean for people."
    )
    told = fields.Integer("Told in Full", readonly=True)
    told_share = fields.Float("Share Told in Full", compute="_compute_told_share")
    truncated = fields.Boolean("There Is More", readonly=True)
    stopped_count = fields.Integer(
        "Stopped by the Gate", compute="_compute_line_counts", help="Of those told in full."
    )
    error_count = fields.Integer("Cannot Be Written", compute="_compute_line_counts")
    kind_ids = fields.One2many(
        "collection.strategy.simulation.count",
        "simulation_id",
        "By Action",
        domain=[("rule_id", "=", False)],
        readonly=True,
    )
    rule_ids = fields.One2many(
        "collection.strategy.simulation.count",
        "simulation_id",
        "By Rule",
        domain=[("rule_id", "!=", False)],
        readonly=True,
    )
    line_ids = fields.One2many(
        "collection.strategy.simulation.line", "simulation_id", "List of Actions", readonly=True
    )
    stopped_line_ids = fields.One2many(
        "collection.strategy.simulation.line",
        "simulation_id",
        "What the Gate Would Stop",
        domain=["|", ("stopped", "!=", False), ("dropped", "!=", False)],
        readonly=True,
    )
    day_ids = fields.One2many(
        "collection.strategy.simulation.day", "simulation_id", "By Day", readonly=True
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("strategy_id", "profile_ids", "mode")
    def _compute_display_name(self):
        labels = dict(self._fields["mode"]._description_selection(self.env))
        for simulation in self:
            of = simulation.strategy_id.name
            if len(simulation.profile_ids) == 1:
                of = simulation.profile_ids.display_name
            label = labels.get(simulation.mode, "")
            simulation.display_name = f"{label}: {of}" if of else label

    @api.depends("told", "total")
    def _compute_told_share(self):
        for simulation in self:
            simulation.told_share = (
                100 * simulation.told / simulation.total if simulation.total else 100
            )

    @api.depends("line_ids.stopped", "line_ids.error")
    def _compute_line_counts(self):
        for simulation in self:
            simulation.stopped_count = len(
                simulation.line_ids.filtered(lambda line: not line.allowed)
            )
            simulation.error_count = len(simulation.line_ids.filtered("error"))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @api.model
    def _open(self, strategy=None, profiles=None):
        """Return the action that opens the answer to "what would tonight do"."""
        simulation = self.create({
            "strategy_id": strategy.id if strategy else False,
            "profile_ids": [(6, 0, profiles.ids if profiles else [])],
            "company_id": (
                (profiles and profiles[0].company_id)
                or (strategy and strategy.company_id)
                or self.env.company
            ).id,
        })
        simulation.action_run()
        return {
            "type": "ir.actions.act_window",
            "name": simulation.display_name,
            "res_model": self._name,
            "res_id": simulation.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "current",
        }

    def action_run(self):
        """Answer the question; what was answered before goes."""
        self.ensure_one()
        self._clear()
        if self.mode == "replay":
            self._run_replay()
        else:
            self._run_tonight()
        self.is_done = True

    def action_tell_more(self):
        """Tell further actions in full."""
        self.ensure_one()
        self._run_tonight(offset=self.told)

    def action_open_lines(self):
        """List the actions, to search, group and export them."""
        return self._open_rows("collection.strategy.simulation.line", LINE_VIEWS)

    def action_open_stopped(self):
        """List what the gate would stop."""
        action = self._open_rows("collection.strategy.simulation.line", LINE_VIEWS)
        return {**action, "context": {"search_default_stopped": 1}}

    def action_open_days(self):
        """Show the days of the replay as a graph and a table."""
        return self._open_rows("collection.strategy.simulation.day", GRAPH_VIEWS)

    def action_open_rules(self):
        """List the rules with what they would do, to export them."""
        action = self._open_rows("collection.strategy.simulation.count", "list")
        return {**action, "domain": [*action["domain"], ("rule_id", "!=", False)]}

    def _open_rows(self, model, views):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": model,
            "view_mode": views,
            "domain": [("simulation_id", "=", self.id)],
            "context": {},
        }

    # ------------------------------------------------------------
    # THE ANSWER
    # ------------------------------------------------------------

    def _profiles(self):
        """Return the customers looked at; ``None`` for all of the company."""
        if self.profile_ids:
            self.profile_ids.check_access("read")
            return self.profile_ids
        if any(self.env.user.has_group(group) for group in SEE_ALL):
            return None
        return self.env["collection.profile"].search([("company_id", "=", self.company_id.id)])

    def _next_run(self):
        """Return the day of the next run: today, or tomorrow once today's is done."""
        today = self.company_id._collection_today()
        # sudo: whether the run of a day is done is no secret
        done = (
            self
            .env["collection.cycle.run"]
            .sudo()
            .search_count([
                ("company_id", "=", self.company_id.id),
                ("business_date", "=", today),
                ("state", "=", "done"),
            ])
        )
        return fields.Date.add(today, days=1) if done else today

    def _clear(self):
        self.kind_ids.unlink()
        self.rule_ids.unlink()
        self.line_ids.unlink()
        self.day_ids.unlink()
        self.write({"told": 0, "truncated": False})

    def _run_tonight(self, offset=0):
        answer = self._service()._tonight(
            self.company_id,
            profiles=self._profiles(),
            strategy=self.strategy_id or None,
            business_date=self.business_date or self._next_run(),
            limit=CHUNK,
            offset=offset,
        )
        rows = answer["rows"]
        if not offset:
            self._count(answer)
        self.write({
            "live": answer["live"],
            "told_date": answer["business_date"],
            "total": answer["total"],
            "customers": answer["customers"],
            "amount": answer["amount"],
            "told": offset + len(rows),
            "truncated": answer["truncated"],
        })
        self.env["collection.strategy.simulation.line"].create([
            self._line_values(number, row) for number, row in enumerate(rows, offset + 1)
        ])
        self.minutes = sum(self.line_ids.mapped("minutes"))

    def _run_replay(self):
        if not 1 <= self.days <= self._max_days():
            raise UserError(self.env._("Choose between 1 and %s past days.", self._max_days()))
        answer = self._service()._replay(
            self.company_id,
            self.days,
            strategy=self.strategy_id or None,
            profiles=self._profiles(),
        )
        self._count(answer)
        kinds = {row["rule_id"]: row["kind"] for row in answer["by_rule"]}
        self.env["collection.strategy.simulation.day"].create([
            {
                "simulation_id": self.id,
                "date": day["date"],
                "rule_id": rule_id,
                "kind": kinds[rule_id],
                "count": count,
            }
            for day in answer["days"]
            for rule_id, count in day["by_rule"].items()
            if count
        ])
        self.write({
            "live": True,
            "total": answer["total"],
            "customers": answer["customers"],
            "minutes": answer["minutes"],
            "told": answer["total"],
            "amount": 0,
        })

    def _service(self):
        return self.env["collection.simulation"].with_company(self.company_id)

    @api.model
    def _max_days(self):
        return self.env["collection.simulation"].MAX_REPLAY_DAYS

    def _count(self, answer):
        """Keep the counts by action and by rule."""
        self.env["collection.strategy.simulation.count"].create([
            {
                "simulation_id": self.id,
                "sequence": number,
                "rule_id": row.get("rule_id", False),
                "strategy_id": row.get("strategy_id", False),
                "kind": row["kind"],
                "count": row["count"],
                "customers": row["customers"],
                "items": row.get("items", 0),
                "amount": row.get("amount", 0),
            }
            for number, row in enumerate([*answer["by_kind"], *answer["by_rule"]])
        ])

    def _line_values(self, number, row):
        """Return the values of one line from one row of the answer."""
        same = (
            "profile_id",
            "case_id",
            "strategy_id",
            "rule_id",
            "kind",
            "score",
            "reason",
            "items",
            "amount",
            "days",
            "minutes",
            "script_id",
        )
        told = (
            "person_id",
            "lang",
            "subject",
            "sms_text",
            "error",
            "stopped",
            "dropped",
            "retry_at",
        )
        return {
            "simulation_id": self.id,
            "sequence": number,
            **{name: row[name] for name in same},
            **{name: row.get(name) or False for name in told},
            "allowed": row.get("allowed", True),
            "body": self._in_direction(row.get("body"), row.get("lang")),
        }

    def _in_direction(self, body, lang):
        """Return a text that reads in the direction of its language."""
        if not body:
            return False
        direction = self.env["res.lang"]._get_data(code=lang or "en_US").direction or "ltr"
        return Markup('<div dir="%s">%s</div>') % (direction, body)


class CollectionStrategySimulationCount(models.TransientModel):
    """How much of one kind, or by one rule, would be done."""

    _name = "collection.strategy.simulation.count"
    _description = "Count of a Simulation"
    _order = "sequence, id"

    simulation_id = fields.Many2one(
        "collection.strategy.simulation",
        "Simulation",
        required=True,
        index=True,
        ondelete="cascade",
    )
    currency_id = fields.Many2one(related="simulation_id.currency_id", string="Currency")
    sequence = fields.Integer("Sequence")
    strategy_id = fields.Many2one("collection.strategy", "Strategy")
    rule_id = fields.Many2one("collection.rule", "Rule")
    when_text = fields.Char(related="rule_id.when_text", string="When")
    kind = fields.Selection(ACTIONS, "Action")
    count = fields.Integer("Actions")
    customers = fields.Integer("Customers")
    items = fields.Integer("Items")
    amount = fields.Monetary("Amount")


class CollectionStrategySimulationDay(models.TransientModel):
    """What one rule would have done on one day."""

    _name = "collection.strategy.simulation.day"
    _description = "Day of a Simulation"
    _order = "date, id"

    simulation_id = fields.Many2one(
        "collection.strategy.simulation",
        "Simulation",
        required=True,
        index=True,
        ondelete="cascade",
    )
    date = fields.Date("Day")
    rule_id = fields.Many2one("collection.rule", "Rule")
    kind = fields.Selection(ACTIONS, "Action")
    count = fields.Integer("Actions")


class CollectionStrategySimulationLine(models.TransientModel):
    """One action that would be taken, with its text and what the gate says."""

    _name = "collection.strategy.simulation.line"
    _description = "Action of a Simulation"
    _order = "sequence, id"

    simulation_id = fields.Many2one(
        "collection.strategy.simulation",
        "Simulation",
        required=True,
        index=True,
        ondelete="cascade",
    )
    currency_id = fields.Many2one(related="simulation_id.currency_id", string="Currency")
    sequence = fields.Integer("Sequence")
    profile_id = fields.Many2one("collection.profile", "Customer Profile")
    partner_id = fields.Many2one(
        related="profile_id.partner_id", string="Customer", store=True, precompute=True
    )
    case_id = fields.Many2one("collection.case", "Case")
    strategy_id = fields.Many2one("collection.strategy", "Strategy")
    rule_id = fields.Many2one("collection.rule", "Rule")
    kind = fields.Selection(ACTIONS, "Action")
    score = fields.Integer("Score", aggregator=None)
    reason = fields.Char("Why")
    items = fields.Char("Items")
    amount = fields.Monetary("Amount")
    days = fields.Integer("Days Late", aggregator="max")
    minutes = fields.Integer("Expected Minutes")
    script_id = fields.Many2one("collection.script", "Call Script")
    person_id = fields.Many2one("res.partner", "Person")
    lang = fields.Char("Language Code")
    lang_name = fields.Char("Language", compute="_compute_lang_name")
    subject = fields.Char("Subject")
    body = fields.Html("Text", sanitize_attributes=False)
    sms_text = fields.Text("SMS Text")
    error = fields.Char("Cannot Be Written")
    allowed = fields.Boolean("The Gate Lets It Pass", default=True)
    stopped = fields.Text("Stopped Because")
    dropped = fields.Text("Left Out", help="Items that would not be spoken of, and why.")
    retry_at = fields.Datetime("Possible Again From")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("partner_id", "reason")
    def _compute_display_name(self):
        for line in self:
            line.display_name = f"{line.partner_id.display_name}: {line.reason}"

    @api.depends("lang")
    def _compute_lang_name(self):
        names = dict(self.env["res.lang"].get_installed())
        for line in self:
            line.lang_name = names.get(line.lang, line.lang)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_customer(self):
        """Open the customer screen."""
        self.ensure_one()
        return self.profile_id.action_open_customer_screen()

    def action_open_rule(self):
        """Open the rule that would do it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "collection.rule",
            "res_id": self.rule_id.id,
            "view_mode": "form",
            "target": "current",
        }
