# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class CollectionCycle(models.AbstractModel):
    _inherit = "collection.cycle"

    def _get_steps(self):
        steps = super()._get_steps()
        place = steps.index("collection.cycle.step.items") + 1
        return [*steps[:place], "collection.cycle.step.extensions", *steps[place:]]
