# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class PaymentChargeScheduleLine(models.Model):
    """One more try: so many days after the one before."""

    _name = "payment.charge.schedule.line"
    _description = "Try of a Retry Schedule"
    _order = "sequence, id"
    _rec_name = "days"

    schedule_id = fields.Many2one(
        "payment.charge.schedule", "Schedule", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer("Sequence", default=10)
    days = fields.Integer("Days after the Try Before", required=True, default=3)

    _positive = models.Constraint("CHECK (days > 0)", "A try is at least one day after another.")
