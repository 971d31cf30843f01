# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class CollectionCycleRun(models.Model):
    _inherit = "collection.cycle.run"

    def _finish(self):  # pylint: disable=missing-return
        super()._finish()
        # what was planned is carried out apart, in transactions of its own
        self.env.ref("collection_strategy.cron_execute")._trigger()
