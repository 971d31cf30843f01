# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class CollectionCycleTouched(models.Model):
    """A customer that could not be computed at once and waits for the cron."""

    _name = "collection.cycle.touched"
    _description = "Customer to Compute Again"
    _rec_name = "partner_id"

    company_id = fields.Many2one("res.company", "Company", required=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", "Customer", required=True, ondelete="cascade")

    @api.model
    def _run_postponed(self, limit=500):
        """Compute the waiting customers; two workers take different ones."""
        cron = self.env["ir.cron"]
        while waiting := self.search([], limit=limit).try_lock_for_update():
            for company, rows in waiting.grouped("company_id").items():
                self.env["collection.cycle"]._run_for(company, rows.partner_id)
            done = len(waiting)
            waiting.unlink()
            if not cron._commit_progress(done):
                return
