# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

from .collection_action import STATES


class CollectionActionTransition(models.Model):
    """One change of a planned action: when, who, from where to where, why. Never changed."""

    _name = "collection.action.transition"
    _description = "Change of a Planned Action"
    _order = "date desc, id desc"
    _rec_name = "action_id"

    action_id = fields.Many2one(
        "collection.action", "Action", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="action_id.company_id", string="Company")
    date = fields.Datetime("Date", required=True, default=fields.Datetime.now, readonly=True)
    user_id = fields.Many2one("res.users", "User", readonly=True)
    from_state = fields.Selection(STATES, "From", readonly=True)
    to_state = fields.Selection(STATES, "To", required=True, readonly=True)
    planned_for = fields.Date(
        "Planned for", readonly=True, help="For which day it stood on the worklist from then on."
    )
    reason = fields.Char("Reason", readonly=True)
    cause = fields.Selection(
        [
            ("user", "A Person"),
            ("resubmission", "A Resubmission"),
            ("source", "What It Came From"),
            ("rule", "The Run"),
            ("ledger", "The Ledger"),
        ],
        "Caused by",
        required=True,
        default="user",
        readonly=True,
    )
