# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class ResCompany(models.Model):
    _inherit = "res.company"

    def _collection_load_strategy_demo(self):
        """Have the demo customers follow the strategies; the demo data calls it."""
        # the demo code is of no use to any other database
        from ..demo.strategies import load

        for company in self:
            load(company)
