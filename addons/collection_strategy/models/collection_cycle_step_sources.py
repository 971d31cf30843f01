# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class CollectionCycleStepSources(models.AbstractModel):
    """Repairs the rows of the worklist that come from mail, messages and activities."""

    _name = "collection.cycle.step.sources"
    _description = "Cycle Step: Work From Messages and Activities"
    _inherit = "collection.cycle.step"

    # rows follow their sources at once; the night looks at all of them together
    _step_by_customers = False

    def _apply(self, scope):
        if scope.partner_ids is not None:
            return 0
        company = self.env["res.company"].browse(scope.company_id)
        return self.env["collection.action"]._repair_sources(company)
