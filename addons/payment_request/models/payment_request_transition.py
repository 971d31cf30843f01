# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

from .payment_request import STATES


class PaymentRequestTransition(models.Model):
    """One change of a request's state: when, who, why. Never changed."""

    _name = "payment.request.transition"
    _description = "State Change of a Payment Request"
    _order = "date desc, id desc"
    _rec_name = "request_id"

    request_id = fields.Many2one(
        "payment.request", "Request", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="request_id.company_id", string="Company")
    date = fields.Datetime("Date", required=True, default=fields.Datetime.now, readonly=True)
    user_id = fields.Many2one("res.users", "User", readonly=True)
    from_state = fields.Selection(STATES, "From", readonly=True)
    to_state = fields.Selection(STATES, "To", required=True, readonly=True)
    reason = fields.Char("Reason", readonly=True)
