# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

STATES = [
    ("planned", "Planned"),
    ("submitted", "Submitted"),
    ("pending", "Pending"),
    ("needs_customer", "Waits for the Customer"),
    ("succeeded", "Succeeded"),
    ("failed", "Failed"),
    ("unknown", "Outcome Unknown"),
    ("returned", "Returned"),
    ("cancelled", "Cancelled"),
]


class PaymentChargeTransition(models.Model):
    """One change of a charge's state: when, who, why, and what asked for it. Never changed."""

    _name = "payment.charge.transition"
    _description = "State Change of a Charge"
    _order = "date desc, id desc"
    _rec_name = "attempt_id"

    attempt_id = fields.Many2one(
        "payment.charge.attempt",
        "Charge",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    company_id = fields.Many2one(related="attempt_id.company_id", string="Company")
    date = fields.Datetime("Date", required=True, default=fields.Datetime.now, readonly=True)
    user_id = fields.Many2one("res.users", "User", readonly=True)
    from_state = fields.Selection(STATES, "From", readonly=True)
    to_state = fields.Selection(STATES, "To", required=True, readonly=True)
    note = fields.Char("Why", readonly=True)
    cause = fields.Selection(
        [
            ("user", "A Person"),
            ("provider", "The Provider"),
            ("schedule", "The Schedule"),
            ("ledger", "The Ledger"),
            ("janitor", "The Follow-up"),
            ("bank", "The Bank"),
        ],
        "Caused by",
        required=True,
        default="user",
        readonly=True,
    )
