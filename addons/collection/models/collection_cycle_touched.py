# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import logging

from psycopg2.extensions import TransactionRollbackError

from odoo import api, fields, models

_logger = logging.getLogger(__name__)


class CollectionCycleTouched(models.Model):
    """A customer that could not be computed at once and waits for the cron."""

    _name = "collection.cycle.touched"
    _description = "Customer to Compute Again"
    _rec_name = "partner_id"

    company_id = fields.Many2one("res.company", "Company", required=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", "Customer", required=True, ondelete="cascade")

    @api.model
    def _run_postponed(self, limit=500):
        """Compute the waiting customers; two workers take different ones.

        :return: False when the cron's time is up
        """
        cron = self.env["ir.cron"]
        while waiting := self.search([], limit=limit).try_lock_for_update():
            try:
                with self.env.cr.savepoint():
                    for company, rows in waiting.grouped("company_id").items():
                        self.env["collection.cycle"]._run_for(company, rows.partner_id)
            except TransactionRollbackError:
                raise
            except Exception:
                _logger.exception("Computing %s failed, the night run tries again", waiting)
            done = len(waiting)
            waiting.unlink()
            if not cron._commit_progress(done, remaining=self.search_count([])):
                return False
        return True
