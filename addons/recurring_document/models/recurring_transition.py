# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

from .recurring_document import STATES as DOCUMENT_STATES
from .recurring_period import STATES as PERIOD_STATES

# no state of a document is one of a period
STATES = DOCUMENT_STATES + PERIOD_STATES
CAUSES = [
    ("user", "A Person"),
    ("schedule", "The Schedule"),
    ("run", "A Run"),
    ("charge", "A Charge"),
    ("policy", "The Rule for Failures"),
    ("chargeback", "A Chargeback"),
    ("error", "An Error"),
]


class RecurringTransition(models.Model):
    """One change of state, of a recurring document or a period: when, who, why. Never changed."""

    _name = "recurring.transition"
    _description = "State Change of a Recurring Document"
    _order = "date desc, id desc"
    _rec_name = "to_state"

    document_id = fields.Many2one(
        "recurring.document",
        "Recurring Document",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    period_id = fields.Many2one(
        "recurring.period",
        "Period",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
        help="Empty: the document as a whole changed.",
    )
    company_id = fields.Many2one(related="document_id.company_id", string="Company")
    date = fields.Datetime("Date", required=True, default=fields.Datetime.now, readonly=True)
    user_id = fields.Many2one("res.users", "User", readonly=True)
    from_state = fields.Selection(STATES, "From", readonly=True)
    to_state = fields.Selection(STATES, "To", required=True, readonly=True)
    note = fields.Char("Why", readonly=True)
    cause = fields.Selection(CAUSES, "Caused by", required=True, default="user", readonly=True)
