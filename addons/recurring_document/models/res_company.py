# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    recurring_auto = fields.Boolean(
        "Run by Itself",
        help="Periods that are due are billed by the job. Otherwise a person confirms each run.",
    )
    recurring_days_ahead = fields.Integer(
        "Days Ahead", help="The job bills what is due within so many days."
    )

    def _recurring_load_demo(self):
        """Write customers with recurring documents of every kind; the demo data calls it."""
        # the demo code is of no use to any other database
        from ..demo.loader import load

        for company in self:
            load(company)
