# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""How much more time each role may grant by itself."""

from odoo import fields, models

from .collection_extension import ROLES

DAYS_HELP = (
    "So many days after the due date of a document the role may grant by itself; 0: it may not."
)
AMOUNT_HELP = "Up to this amount the role may grant more time by itself; 0: it may not."


class ResCompany(models.Model):
    _inherit = "res.company"

    collection_extension_days_debt_manager = fields.Integer(
        "Days a Debt Manager May Grant", default=0, help=DAYS_HELP
    )
    collection_extension_amount_debt_manager = fields.Monetary(
        "Amount a Debt Manager May Extend", default=0, help=AMOUNT_HELP
    )
    collection_extension_days_team_leader = fields.Integer(
        "Days a Team Leader May Grant", default=30, help=DAYS_HELP
    )
    collection_extension_amount_team_leader = fields.Monetary(
        "Amount a Team Leader May Extend", default=5000, help=AMOUNT_HELP
    )
    collection_extension_days_collection_manager = fields.Integer(
        "Days a Collection Manager May Grant", default=90, help=DAYS_HELP
    )
    collection_extension_amount_collection_manager = fields.Monetary(
        "Amount a Collection Manager May Extend", default=50000, help=AMOUNT_HELP
    )
    collection_extension_days_credit_manager = fields.Integer(
        "Days a Credit Manager May Grant", default=730, help=DAYS_HELP
    )
    collection_extension_amount_credit_manager = fields.Monetary(
        "Amount a Credit Manager May Extend", default=10000000, help=AMOUNT_HELP
    )

    def _collection_extension_allows(self, role, days, amount):
        """Return whether a role may grant so many more days for so much money by itself."""
        self.ensure_one()
        # sudo: the limits, whoever asks
        company = self.sudo()
        most_days = company[f"collection_extension_days_{role}"]
        most = company[f"collection_extension_amount_{role}"]
        return (
            most_days > 0
            and days <= most_days
            and not company.currency_id.is_zero(most)
            and company.currency_id.compare_amounts(amount, most) <= 0
        )

    def _collection_extension_role(self, days, amount):
        """Return the smallest role that may grant so much; ``False`` where none may."""
        return next(
            (
                role
                for role, _label in ROLES
                if self._collection_extension_allows(role, days, amount)
            ),
            False,
        )

    def _collection_load_document_demo(self):
        """Write documents and requests for more time; the demo data calls it."""
        # the demo code is of no use to any other database
        from ..demo.documents import load

        for company in self:
            load(company)
