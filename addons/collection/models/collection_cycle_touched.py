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
            done = len(waiting)
            for company, rows in waiting.grouped("company_id").items():
                rows._compute_customers(company)
            waiting.unlink()
            if not cron._commit_progress(done, remaining=self.search_count([])):
                return False
        return True

    def _compute_customers(self, company):
        """Compute the customers of these rows; one that cannot be computed holds up no other."""
        try:
            with self.env.cr.savepoint():
                self.env["collection.cycle"]._run_for(company, self.partner_id)
        except TransactionRollbackError:
            raise
        except Exception:
            if len(self) == 1:
                _logger.exception(
                    "Computing customer %s failed, the night run tries again", self.partner_id.id
                )
                return
            for row in self:
                row._compute_customers(company)
