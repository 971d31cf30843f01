# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import logging

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.modules import module

from . import recurring_document_plan as plan
from .recurring_document_state import BILLED_STATES
from .recurring_period_charge import CHUNK as CHARGE_CHUNK
from .recurring_terms import METHODS

_logger = logging.getLogger(__name__)

STATES = [
    ("draft", "Preview"),
    ("confirmed", "Confirmed"),
    ("done", "Done"),
    ("cancelled", "Discarded"),
]
TRANSITIONS = {
    "draft": {"confirmed", "cancelled"},
    "confirmed": {"done"},
    "done": {"confirmed"},
    "cancelled": set(),
}


class RecurringRun(models.Model):
    """Bills what is due: a preview, the go-ahead, the progress, and what came of each."""

    _name = "recurring.run"
    _description = "Run of Recurring Documents"
    _inherit = ["payment.charge.preview", "mail.thread"]
    _order = "id desc"
    _check_company_auto = True

    company_id = fields.Many2one(index=True)
    origin = fields.Selection(
        [("user", "By Hand"), ("auto", "By Itself")],
        "Started",
        required=True,
        default="user",
        readonly=True,
    )
    state = fields.Selection(
        STATES, "Status", required=True, default="draft", readonly=True, copy=False
    )
    until = fields.Date(
        "Billed Until",
        required=True,
        default=fields.Date.context_today,
        help="Periods that are billed on that day or earlier are taken.",
    )
    method = fields.Selection(METHODS, "Method", help="Empty: both.")
    partner_ids = fields.Many2many("res.partner", string="Customers", help="Empty: all.")
    category_ids = fields.Many2many("res.partner.category", string="Customer Tags")
    template_ids = fields.Many2many("recurring.template", string="Templates")
    document_ids = fields.Many2many("recurring.document", string="Recurring Documents")
    line_ids = fields.One2many("recurring.run.line", "run_id", "Lines")
    period_ids = fields.One2many("recurring.period", "run_id", "Periods Billed", readonly=True)
    planned = fields.Boolean("All Is Planned", readonly=True, copy=False)
    problem_count = fields.Integer("Will Fail")
    change_count = fields.Integer("Changed since Last Time", compute="_compute_totals")
    totals = fields.Char("Comes to")
    period_count = fields.Integer("Periods", compute="_compute_progress")
    waiting_count = fields.Integer("Waiting", compute="_compute_progress")
    charging_count = fields.Integer("Being Charged", compute="_compute_progress")
    generated_count = fields.Integer("Issued", compute="_compute_progress")
    unpaid_count = fields.Integer("Not Collected", compute="_compute_progress")
    failed_count = fields.Integer("Errors", compute="_compute_progress")
    progress = fields.Float("Progress", compute="_compute_progress")
    billed = fields.Char("Billed", compute="_compute_progress")

    _one_auto = models.UniqueIndex(
        "(company_id, until) WHERE origin = 'auto'", "The run of that day exists already."
    )
    _open = models.Index("(id) WHERE state = 'confirmed'")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("line_ids.change")
    def _compute_totals(self):
        for run in self:
            run.change_count = len(run.line_ids.filtered("change"))
        return super()._compute_totals()

    @api.depends("period_ids.state", "period_ids.amount", "state")
    def _compute_progress(self):
        # sudo: a run shows its own numbers to who may see it
        Period = self.env["recurring.period"].sudo()
        counts, billed = {}, {}
        for run, state, number in Period._read_group(
            [("run_id", "in", self.ids)], ["run_id", "state"], ["__count"]
        ):
            counts[run.id, state] = number
        for run, currency, amount in Period._read_group(
            [("run_id", "in", self.ids), ("state", "=", "generated")],
            ["run_id", "currency_id"],
            ["amount:sum"],
        ):
            billed.setdefault(run.id, []).append(currency.format(amount))
        for run in self:
            number = {
                state: counts.get((run.id, state), 0)
                for state in ("planned", "charging", "generated", "unpaid", "failed", "skipped")
            }
            total = sum(number.values())
            run.period_count = total
            run.waiting_count = number["planned"]
            run.charging_count = number["charging"]
            run.generated_count = number["generated"]
            run.unpaid_count = number["unpaid"]
            run.failed_count = number["failed"]
            run.progress = 100.0 * (total - number["planned"]) / total if total else 0.0
            run.billed = ", ".join(billed.get(run.id, []))

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                vals.pop("state", None)
                vals.pop("origin", None)
        return super().create(vals_list)

    def write(self, vals):
        if {"state", "origin", "planned"} & vals.keys() and not self.env.su:
            raise AccessError(self.env._("Confirm or discard the run instead."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_previews(self):
        if any(run.state in {"confirmed", "done"} for run in self):
            raise UserError(self.env._("A confirmed run stays as history."))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_fill(self):
        """Look for what is due: who, what, how much, by which way, what changed, what will fail."""
        self.env["recurring.document"]._check_operator()
        for run in self:
            run._check_preview()
            run.line_ids.unlink()
            self.env["recurring.run.line"].create(run._preview())
        return True

    def action_confirm(self):
        """Give the go-ahead: the job bills what is ticked."""
        self.env["recurring.document"]._check_operator()
        self.env["payment.charge.attempt"]._check_not_neutralized()
        for run in self:
            run._check_preview()
            if not run.line_ids.filtered("taken"):
                raise UserError(self.env._("Tick at least one line to bill."))
            # sudo: checked above; states are written by the system only
            run.sudo()._set_state("confirmed")
        # sudo: whoever confirms wakes the job
        self.env.ref("recurring_document.cron_run").sudo()._trigger()
        return True

    def action_cancel(self):
        """Discard a preview."""
        self.env["recurring.document"]._check_operator()
        for run in self:
            run._check_preview()
        self.sudo()._set_state("cancelled")  # sudo: see action_confirm

    def action_again(self):
        """Bill and charge again what failed in the run, and nothing else."""
        self.env["recurring.document"]._check_operator()
        # sudo: checked above; periods are written by the system only
        for run in self.sudo():
            failed = run.period_ids.filtered(lambda row: row.state == "failed")
            unpaid = run.period_ids.filtered(lambda row: row.state == "unpaid")
            if not failed and not unpaid:
                raise UserError(self.env._("Nothing failed in %s.", run.name))
            failed.document_id._forget_trouble()
            failed.filtered(lambda row: row.state == "failed")._release()
            unpaid.filtered(lambda row: row.document_id.state in BILLED_STATES)._charge_again()
            if run.state == "done":
                run._set_state("confirmed")
        # sudo: see action_confirm
        self.env.ref("recurring_document.cron_run").sudo()._trigger()
        return True

    def action_open_periods(self):
        """List the periods of the run and what came of them."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("recurring_document.action_period")
        action["domain"] = [("run_id", "=", self.id)]
        action["context"] = {"create": False}
        return action

    def action_open_failed(self):
        """List what failed in the run."""
        action = self.action_open_periods()
        action["domain"] = [("run_id", "=", self.id), ("state", "in", ("failed", "unpaid"))]
        return action

    # ------------------------------------------------------------
    # STATES
    # ------------------------------------------------------------

    def _set_state(self, state):
        """Move the runs to ``state``: the only place that writes it; the history keeps who, when."""
        labels = dict(self._fields["state"]._description_selection(self.env))
        for run in self.filtered(lambda one: one.state != state):
            if state not in TRANSITIONS[run.state]:
                raise UserError(
                    self.env._(
                        "%(run)s is “%(from)s” and cannot become “%(to)s”.",
                        run=run.name,
                        **{"from": labels[run.state], "to": labels[state]},
                    )
                )
            run._message_log(body=f"{labels[run.state]} → {labels[state]}")
            run.state = state

    def _check_preview(self):
        self.ensure_one()
        if self.state != "draft":
            raise UserError(self.env._("%s was confirmed or discarded already.", self.name))

    # ------------------------------------------------------------
    # PREVIEW
    # ------------------------------------------------------------

    def _document_domain(self):
        """Return which recurring documents the run asks for."""
        self.ensure_one()
        domain = Domain("company_id", "=", self.company_id.id)
        if self.method:
            domain &= Domain("method", "=", self.method)
        if self.partner_ids:
            partners = self.partner_ids.commercial_partner_id
            domain &= Domain("commercial_partner_id", "in", partners.ids)
        if self.category_ids:
            domain &= Domain("commercial_partner_id.category_id", "in", self.category_ids.ids)
        if self.template_ids:
            domain &= Domain("template_id", "in", self.template_ids.ids)
        if self.document_ids:
            domain &= Domain("id", "in", self.document_ids.ids)
        return domain

    def _preview(self):
        """Return the values of the lines: what would be billed, and what stands in its way."""
        self.ensure_one()
        Document = self.env["recurring.document"]
        domain = self._document_domain() & Domain("state", "in", BILLED_STATES)
        due = Document.search(domain & Domain("next_bill_on", "<=", self.until), order="id")
        waiting = self.env["recurring.period"].search([
            ("state", "=", "planned"),
            ("document_id", "any", list(domain)),
        ])
        bundles = {}
        for row, one in zip(waiting, waiting._slices(), strict=True):
            bundle = bundles.setdefault((one.document, one.bill_on), ([], waiting.browse()))
            bundles[one.document, one.bill_on] = (bundle[0] + [one], bundle[1] | row)
        cursors = due._cursors()
        for document in due:
            try:
                slices, _following = document._slices(self.until, cursors)
            except (ValueError, OverflowError, ArithmeticError, LookupError, TypeError) as error:
                bundles[document, document.next_bill_on] = ([], str(error))
                continue
            for one in slices:
                bundle = bundles.setdefault((document, one.bill_on), ([], waiting.browse()))
                bundle[0].append(one)
        return self.env["recurring.run.line"]._values(self, bundles)

    # ------------------------------------------------------------
    # THE JOB
    # ------------------------------------------------------------

    @api.model
    def _cron_run(self):
        """Plan what is due, bill what is planned, write down the charges: chunk by chunk.

        Each chunk is committed before the next one. Killed at any line and started again, no
        period is billed twice and none is lost.
        """
        self.env["payment.charge.attempt"]._check_not_neutralized()
        Cron = self.env["ir.cron"]
        self._do_step(self._prepare_runs)
        Cron._commit_progress(remaining=self._work_left())
        for step in (self._plan_step, self._generate_step, self._charge_step):
            while True:
                done = self._do_step(step)
                if not done:
                    break
                if not Cron._commit_progress(done, remaining=self._work_left()):
                    return
        self._close_runs()

    def _do_step(self, step):
        """Do one chunk; a conflict with another process ends it, and the job comes again.

        :return: how much was done
        """
        try:
            return step()
        except (psycopg2.OperationalError, psycopg2.errors.UniqueViolation) as error:
            if module.current_test:
                raise
            _logger.info("A chunk met another process: %r", error)
            self.env.cr.rollback()
            self.env.invalidate_all()
            return 0

    @api.model
    def _prepare_runs(self):
        """Resume what is to be resumed, and open the day's run where companies run by themselves."""
        Document = self.env["recurring.document"]
        Document._resume_due()
        for company in self.env["res.company"].search([("recurring_auto", "=", True)]):
            until = fields.Date.add(
                company._charge_today(), days=max(company.recurring_days_ahead, 0)
            )
            due = Document._due_domain(until) & Domain("company_id", "=", company.id)
            if not Document.search_count(due, limit=1):
                continue
            run = self.search([
                ("company_id", "=", company.id),
                ("until", "=", until),
                ("origin", "=", "auto"),
            ])
            if run:
                run.planned = False
                run._set_state("confirmed")
            else:
                self.create([
                    {
                        "company_id": company.id,
                        "origin": "auto",
                        "until": until,
                        "state": "confirmed",
                    }
                ])

    def _documents_to_plan(self):
        """Return which recurring documents the run has still to plan."""
        self.ensure_one()
        domain = self.env["recurring.document"]._due_domain(self.until)
        if self.origin == "auto":
            return domain & Domain("company_id", "=", self.company_id.id)
        return domain & Domain("id", "in", self.line_ids.document_id.ids)

    def _plan_step(self):
        """Plan one chunk of recurring documents."""
        Document = self.env["recurring.document"]
        for run in self.search([("state", "=", "confirmed"), ("planned", "=", False)], order="id"):
            domain = run._documents_to_plan()
            documents = Document.search(domain, order="id", limit=plan.CHUNK)
            before = {document: document.next_bill_on for document in documents}
            rows = documents._plan_periods(run.until, run=run)
            run._apply_ticks(rows)
            moved = [doc for doc, day in before.items() if doc.next_bill_on != day or doc.trouble]
            if moved:
                return len(moved)
            run._take_waiting()
            run.planned = True
        return 0

    def _apply_ticks(self, rows):
        """Leave planned rows for the next run that a person unticked."""
        left = {
            (line.document_id, line.bill_on)
            for line in self.line_ids.filtered(lambda line: not line.taken)
        }
        if left:
            rows.filtered(lambda row: (row.document_id, row.bill_on) in left).left_out = True

    def _take_waiting(self):
        """Take rows into the run that were planned before and are ticked now."""
        ticks = {(line.document_id, line.bill_on): line.taken for line in self.line_ids}
        waiting = self.env["recurring.period"].search([
            ("state", "=", "planned"),
            ("document_id", "in", self.line_ids.document_id.ids),
        ])
        for row in waiting:
            taken = ticks.get((row.document_id, row.bill_on))
            if taken is not None:
                row.write({"left_out": not taken, **({"run_id": self.id} if taken else {})})

    def _generate_step(self):
        """Bill one chunk of planned periods."""
        return len(self.env["recurring.period"]._next_chunk()._generate())

    def _charge_step(self):
        """Write down the charges of one chunk of issued documents."""
        Period = self.env["recurring.period"]
        rows = Period.search(Period._to_charge_domain(), order="charge_on, id", limit=CHARGE_CHUNK)
        waiting = len(rows)
        rows._charge()
        left = len(rows.filtered_domain(Period._to_charge_domain()))
        return waiting - left

    def _work_left(self):
        """Return how many recurring documents and periods the job has still to see to."""
        Document, Period = self.env["recurring.document"], self.env["recurring.period"]
        runs = self.search([("state", "=", "confirmed"), ("planned", "=", False)])
        return (
            sum(Document.search_count(run._documents_to_plan()) for run in runs)
            + Period.search_count(Period._to_generate_domain())
            + Period.search_count(Period._to_charge_domain())
        )

    def _close_runs(self):
        """Note which runs have nothing left to do."""
        for run in self.search([("state", "=", "confirmed"), ("planned", "=", True)]):
            rows = run.period_ids.filtered(lambda row: row.state == "planned" and not row.left_out)
            if not rows.filtered(lambda row: row.document_id.state in BILLED_STATES):
                run._set_state("done")
                run._report()

    def _report(self):
        """Tell whoever made the run what failed."""
        self.ensure_one()
        if not self.failed_count and not self.unpaid_count:
            return
        self._message_log(
            body=self.env._(
                "%(failed)s could not be billed, %(unpaid)s could not be collected.",
                failed=self.failed_count,
                unpaid=self.unpaid_count,
            )
        )
