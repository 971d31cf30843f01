# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class PaymentChargeScreenLine(models.TransientModel):
    """An open document of the customer on the charging screen."""

    _name = "payment.charge.screen.line"
    _description = "Document on the Charging Screen"
    _rec_name = "move_id"

    screen_id = fields.Many2one(
        "payment.charge.screen", "Screen", required=True, ondelete="cascade"
    )
    picked = fields.Boolean("Charge")
    move_id = fields.Many2one("account.move", "Document", required=True, readonly=True)
    invoice_date = fields.Date(related="move_id.invoice_date", string="Date")
    invoice_date_due = fields.Date(related="move_id.invoice_date_due", string="Due Date")
    currency_id = fields.Many2one(related="move_id.currency_id", string="Currency")
    amount_total = fields.Monetary(related="move_id.amount_total", string="Total")
    residual = fields.Monetary(related="move_id.amount_residual", string="Owed")
    obstacle = fields.Char("Not Now Because", compute="_compute_obstacle")

    @api.depends("move_id")
    def _compute_obstacle(self):
        for line in self:
            line.obstacle = line.move_id and line.move_id._charge_obstacle()
