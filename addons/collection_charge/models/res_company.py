# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class ResCompany(models.Model):
    _inherit = "res.company"

    def _collection_load_charge_demo(self):
        """Write a few charges of demo customers; the demo data calls it."""
        # the demo code is of no use to any other database
        from ..demo.charges import load

        for company in self:
            load(company)
