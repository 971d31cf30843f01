# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from datetime import datetime, time

import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

# customers per chunk: small enough to commit every second or two, large enough for set-based SQL
CHUNK_CUSTOMERS = 5000
KEEP_RUNS_DAYS = 60


class CollectionCycleRun(models.Model):
    """One night run of a company: a list of steps, each cut into chunks of customers.

    Workers claim chunks by row lock, so two never share one; each chunk is committed with its
    effects. Whatever kills a worker undoes at most the chunk it held, which is then done again.
    """

    _name = "collection.cycle.run"
    _description = "Run of the Collection Cycle"
    _order = "business_date desc, id desc"
    _rec_name = "business_date"

    company_id = fields.Many2one(
        "res.company", "Company", required=True, ondelete="cascade", readonly=True
    )
    business_date = fields.Date("Business Date", required=True, readonly=True)
    state = fields.Selection(
        [("running", "Running"), ("done", "Done"), ("failed", "Failed")],
        "State",
        required=True,
        default="running",
        readonly=True,
    )
    step = fields.Char("Step", readonly=True, help="The step the run is at.")
    started_on = fields.Datetime("Started on", default=fields.Datetime.now, readonly=True)
    finished_on = fields.Datetime("Finished on", readonly=True)
    message = fields.Text("Message", readonly=True)
    chunk_ids = fields.One2many("collection.cycle.chunk", "run_id", "Chunks", readonly=True)
    chunk_count = fields.Integer("Chunks in All", compute="_compute_progress")
    row_count = fields.Integer("Rows Changed", compute="_compute_progress")
    progress = fields.Float(
        "Progress", compute="_compute_progress", help="Share of the work done, in percent."
    )

    _company_date_uniq = models.UniqueIndex(
        "(company_id, business_date)", "The cycle of this day exists already."
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("chunk_ids.state", "chunk_ids.row_count", "state", "step")
    def _compute_progress(self):
        groups = {
            run: (count, rows, states.count("todo"))
            for run, count, rows, states in self.env["collection.cycle.chunk"]._read_group(
                [("run_id", "in", self.ids)],
                ["run_id"],
                ["__count", "row_count:sum", "state:array_agg"],
            )
        }
        steps = self.env["collection.cycle"]._get_steps()
        for run in self:
            count, rows, todo = groups.get(run, (0, 0, 0))
            run.chunk_count = count
            run.row_count = rows
            if run.state == "done":
                run.progress = 100.0
            elif run.step in steps:
                in_step = len(run.chunk_ids.filtered(lambda chunk, run=run: chunk.step == run.step))
                begun = steps.index(run.step) + (1 - todo / in_step if in_step else 0)
                run.progress = 100.0 * begun / len(steps)
            else:
                run.progress = 0.0

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @api.model
    def action_run_now(self):
        """Wake the cron for a run of today's date, whatever ran before."""
        may = self.env.su or self.env.user.has_group("collection.group_collection_manager")
        if not may:
            raise AccessError(self.env._("Only a collection manager starts a run."))
        company = self.env.company
        today = company._collection_today()
        # sudo: a collection manager may ask for a run, its rows are the system's
        run = self.sudo().search(
            [("company_id", "=", company.id), ("business_date", "=", today)], limit=1
        )
        if run and run.state != "running":
            run._restart()
        elif not run:
            self.sudo().create({"company_id": company.id, "business_date": today})
        self.env.ref("collection.cron_cycle").sudo()._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The cycle starts within a minute."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    @api.model
    def _current(self, company):
        """Return the run a worker should go on with for ``company``, or nothing.

        A run of an earlier day that never ended is given up for today's, which covers it.
        """
        today = company._collection_today()
        latest = self.search([("company_id", "=", company.id)], limit=1)
        if latest.business_date == today or latest.business_date and latest.business_date > today:
            return latest.filtered(lambda run: run.state == "running")
        if not latest or self._night_has_come(company):
            self.search([("company_id", "=", company.id), ("state", "=", "running")]).write({
                "state": "failed",
                "finished_on": fields.Datetime.now(),
                "message": self.env._("Not finished in time; the next day's run covers it."),
            })
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO collection_cycle_run (
                        company_id, business_date, state, started_on,
                        create_uid, create_date, write_uid, write_date)
                    VALUES (%(company)s, %(today)s, 'running', %(now)s,
                            %(uid)s, %(now)s, %(uid)s, %(now)s)
                        ON CONFLICT (company_id, business_date) DO NOTHING
                    """,
                    company=company.id,
                    today=today,
                    uid=self.env.uid,
                    now=fields.Datetime.now(),
                )
            )
            return self.search([
                ("company_id", "=", company.id),
                ("business_date", "=", today),
                ("state", "=", "running"),
            ])
        return latest.filtered(lambda run: run.state == "running")

    @api.model
    def _night_has_come(self, company):
        """Return whether the company's clock has passed the hour its night run starts at."""
        zone = pytz.timezone(company.collection_tz or "UTC")
        local_now = pytz.utc.localize(fields.Datetime.now()).astimezone(zone)
        hour = int(company.collection_night_hour)
        minute = int(round((company.collection_night_hour - hour) * 60))
        return local_now >= zone.localize(
            datetime.combine(local_now.date(), time(min(hour, 23), min(minute, 59)))
        )

    def _restart(self):
        """Begin a finished run anew."""
        self.chunk_ids.unlink()
        self.write({
            "state": "running",
            "step": False,
            "finished_on": False,
            "message": False,
            "started_on": fields.Datetime.now(),
        })

    def _advance(self):
        """Work on the run until it ends or the cron's time is up.

        :return: False when the worker should stop here (no time left)
        """
        self.ensure_one()
        cron = self.env["ir.cron"]
        while self.state == "running":
            chunk = self._claim()
            if chunk:
                done = chunk._work()
                # the host calls again as long as something remains
                if not cron._commit_progress(int(done), remaining=self._remaining_chunks()):
                    return False
                if self.env["collection.cycle"]._refresh_statistics():
                    # the tables are not kept locked for longer than that
                    cron._commit_progress()
            elif not self._next_step():
                # another worker holds the last chunks of this step, or plans the next one
                cron._commit_progress()
                return True
            self.env.invalidate_all(flush=False)
        return True

    def _remaining_chunks(self):
        """Return about how many chunks are left to do; never none while the run goes on."""
        Chunk = self.env["collection.cycle.chunk"]
        in_step = [("run_id", "=", self.id), ("step", "=", self.step)]
        steps = self.env["collection.cycle"]._get_steps()
        following = len(steps) - 1 - steps.index(self.step) if self.step in steps else 0
        todo = Chunk.search_count([*in_step, ("state", "=", "todo")])
        return max(todo + following * Chunk.search_count(in_step), 1)

    def _claim(self):
        """Lock and return one chunk of the current step that nobody works on."""
        if not self.step:
            return self.env["collection.cycle.chunk"]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM collection_cycle_chunk
                 WHERE run_id = %s AND step = %s AND state = 'todo'
                 ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
                """,
                self.id,
                self.step,
            )
        )
        return self.env["collection.cycle.chunk"].browse([chunk_id for (chunk_id,) in rows])

    def _next_step(self):
        """Plan the step after the current one, or end the run; one worker at a time does it.

        :return: False when another worker has to come first
        """
        locked = self.env.execute_query(
            SQL(
                "SELECT step FROM collection_cycle_run"
                " WHERE id = %s AND state = 'running' FOR UPDATE SKIP LOCKED",
                self.id,
            )
        )
        if not locked:
            return False
        self.invalidate_recordset()
        waiting = self.env.execute_query(
            SQL(
                "SELECT FROM collection_cycle_chunk WHERE run_id = %s AND state = 'todo' LIMIT 1",
                self.id,
            )
        )
        if waiting:
            return False
        steps = self.env["collection.cycle"]._get_steps()
        following = steps[steps.index(self.step) + 1 :] if self.step in steps else steps
        if not following:
            self._finish()
        else:
            self.step = following[0]
            self.flush_recordset()
            self._plan_chunks()
        self.env["ir.cron"]._commit_progress()
        return True

    def _plan_chunks(self):
        """Cut the current step into chunks of customers."""
        if not self.env[self.step]._step_by_customers:
            self.env["collection.cycle.chunk"].create({"run_id": self.id, "step": self.step})
            return
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO collection_cycle_chunk (run_id, step, state, first_id, last_id, tries)
                SELECT %(run)s, %(step)s, 'todo', min(customer.id), max(customer.id), 0
                  FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) / %(size)s AS part
                          FROM res_partner WHERE commercial_partner_id = id) AS customer
              GROUP BY customer.part
              ORDER BY customer.part
                """,
                run=self.id,
                step=self.step,
                size=self._chunk_customers(),
            )
        )

    @api.model
    def _chunk_customers(self):
        """Return how many customers one chunk takes."""
        return CHUNK_CUSTOMERS

    def _finish(self):
        failed = self.chunk_ids.filtered(lambda chunk: chunk.state == "failed")
        self.write({
            "state": "failed" if failed else "done",
            "finished_on": fields.Datetime.now(),
            "message": "\n".join(sorted(set(failed.mapped("message")))) or False,
        })

    @api.autovacuum
    def _gc_runs(self):
        """Forget what ran long ago."""
        limit = fields.Date.subtract(fields.Date.today(), days=KEEP_RUNS_DAYS)
        self.search([("business_date", "<", limit), ("state", "!=", "running")]).unlink()
