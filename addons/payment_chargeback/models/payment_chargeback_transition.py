# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

from .payment_chargeback import STATES


class PaymentChargebackTransition(models.Model):
    """One change of a chargeback's state: when, who, why, and what asked for it. Never changed."""

    _name = "payment.chargeback.transition"
    _description = "State Change of a Chargeback"
    _order = "date desc, id desc"
    _rec_name = "chargeback_id"

    chargeback_id = fields.Many2one(
        "payment.chargeback",
        "Chargeback",
        required=True,
        index=True,
        ondelete="cascade",
        readonly=True,
    )
    company_id = fields.Many2one(related="chargeback_id.company_id", string="Company")
    date = fields.Datetime("Date", required=True, default=fields.Datetime.now, readonly=True)
    user_id = fields.Many2one("res.users", "User", readonly=True)
    from_state = fields.Selection(STATES, "From", readonly=True)
    to_state = fields.Selection(STATES, "To", required=True, readonly=True)
    note = fields.Char("Why", readonly=True)
    cause = fields.Selection(
        [("user", "A Person"), ("provider", "The Provider"), ("refund", "A Refund")],
        "Caused by",
        required=True,
        default="user",
        readonly=True,
    )
