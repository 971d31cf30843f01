# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class PaymentChargeBatchLine(models.Model):
    """One charge of a batch: of whom, for what, how much, and what stands in its way."""

    _name = "payment.charge.batch.line"
    _description = "Line of a Batch of Charges"
    _order = "problem desc NULLS LAST, id"
    _rec_name = "partner_id"

    batch_id = fields.Many2one(
        "payment.charge.batch", "Batch", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="batch_id.company_id", string="Company")
    taken = fields.Boolean("Charge", default=True)
    partner_id = fields.Many2one("res.partner", "Customer", required=True, readonly=True)
    move_ids = fields.Many2many("account.move", string="Documents", readonly=True)
    amount = fields.Monetary("Amount", readonly=True)
    currency_id = fields.Many2one("res.currency", "Currency", required=True, readonly=True)
    way_id = fields.Many2one("payment.charge.way", "Way", readonly=True)
    problem = fields.Char("Cannot Be Charged Because", readonly=True)
    attempt_id = fields.Many2one("payment.charge.attempt", "Charged by", readonly=True)
    attempt_state = fields.Selection(related="attempt_id.state", string="Outcome")
    reason_id = fields.Many2one(related="attempt_id.reason_id", string="Reason")
    next_text = fields.Char(related="attempt_id.next_text", string="What Follows")
