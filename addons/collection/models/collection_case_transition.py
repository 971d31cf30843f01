# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

from .collection_case import STATES


class CollectionCaseTransition(models.Model):
    """One change of a case's state: when, who, why, and what asked for it. Never changed."""

    _name = "collection.case.transition"
    _description = "State Change of a Case"
    _order = "date desc, id desc"
    _rec_name = "case_id"

    case_id = fields.Many2one(
        "collection.case", "Case", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="case_id.company_id", string="Company")
    date = fields.Datetime("Date", required=True, default=fields.Datetime.now, readonly=True)
    user_id = fields.Many2one("res.users", "User", readonly=True)
    from_state = fields.Selection(STATES, "From", readonly=True)
    to_state = fields.Selection(STATES, "To", required=True, readonly=True)
    reason = fields.Char("Reason", readonly=True)
    cause = fields.Selection(
        [
            ("user", "A Person"),
            ("activity", "An Activity"),
            ("outcome", "An Outcome"),
            ("ledger", "The Ledger"),
            ("rule", "A Rule"),
            ("batch", "A Bulk Operation"),
            ("merge", "A Merge"),
        ],
        "Caused by",
        required=True,
        default="user",
        readonly=True,
    )
