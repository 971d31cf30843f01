# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import logging
import time

from psycopg2.extensions import TransactionRollbackError

from odoo import fields, models

from .collection_cycle_step import CycleScope

_logger = logging.getLogger(__name__)

# a chunk that fails as often stops being tried; the run ends as failed and says so
MAX_TRIES = 3


class CollectionCycleChunk(models.Model):
    """A range of customers that one step of a run works on in one transaction."""

    _name = "collection.cycle.chunk"
    _description = "Chunk of a Cycle Run"
    _order = "id"
    _log_access = False

    run_id = fields.Many2one(
        "collection.cycle.run", "Run", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="run_id.company_id", string="Company")
    step = fields.Char("Step", required=True, readonly=True)
    first_id = fields.Integer("First Customer Id", readonly=True)
    last_id = fields.Integer("Last Customer Id", readonly=True)
    state = fields.Selection(
        [("todo", "To Do"), ("done", "Done"), ("failed", "Failed")],
        "State",
        required=True,
        default="todo",
        readonly=True,
    )
    row_count = fields.Integer("Rows Changed", readonly=True)
    seconds = fields.Float("Seconds", readonly=True, help="How long the step took on the chunk.")
    tries = fields.Integer("Tries", default=0, readonly=True)
    message = fields.Char("Message", readonly=True)

    _todo_index = models.Index("(run_id, step, id) WHERE state = 'todo'")

    def _scope(self):
        """Return what the chunk covers."""
        run = self.run_id
        return CycleScope(
            company_id=run.company_id.id,
            business_date=run.business_date,
            first=self.first_id or None,
            last=self.last_id or None,
        )

    def _work(self):
        """Run the step on the chunk; the caller commits.

        A failure undoes the chunk alone and is counted; the other chunks go on.

        :return: whether the chunk is done
        """
        self.ensure_one()
        run = self.run_id
        step = self.env[self.step].with_company(run.company_id)
        tries = self.tries + 1
        started = time.monotonic()
        try:
            with self.env.cr.savepoint():
                self.env["collection.cycle"]._tune_transaction()
                rows = step._apply(self._scope())
        except TransactionRollbackError:
            # somebody paid meanwhile: a new transaction sees it
            self.env.cr.rollback()
            return False
        except Exception as error:
            _logger.exception("Step %s failed for customers %s", self.step, self._scope())
            self.write({
                "tries": tries,
                "state": "failed" if tries >= MAX_TRIES else "todo",
                "message": f"{self.step}: {error}"[:500],
            })
            return False
        self.env.invalidate_all(flush=False)
        self.write({
            "state": "done",
            "row_count": rows,
            "seconds": time.monotonic() - started,
            "tries": tries,
            "message": False,
        })
        return True
