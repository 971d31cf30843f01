# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class PaymentChargeRefund(models.TransientModel):
    """Pay a charge back, whole or in part, as the provider supports it."""

    _name = "payment.charge.refund"
    _description = "Refund a Charge"
    _rec_name = "attempt_id"

    attempt_id = fields.Many2one("payment.charge.attempt", "Charge", required=True, readonly=True)
    partner_id = fields.Many2one(related="attempt_id.partner_id", string="Customer")
    currency_id = fields.Many2one(related="attempt_id.currency_id", string="Currency")
    charged = fields.Monetary(related="attempt_id.amount", string="Charged")
    refundable = fields.Monetary(related="attempt_id.amount_refundable", string="Can Be Refunded")
    support = fields.Selection(
        [("none", "Not at All"), ("full_only", "The Whole Only"), ("partial", "Whole or in Part")],
        "The Provider Refunds",
        compute="_compute_support",
    )
    amount = fields.Monetary(
        "Refund",
        compute="_compute_amount",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )
    match = fields.Selection(
        [
            ("reopen", "The Documents Are Owed Again"),
            ("credit", "Match with a Credit Note"),
            ("leave", "Leave It on the Customer's Account"),
        ],
        "In the Books",
        required=True,
        default="leave",
    )
    credit_note_ids = fields.Many2many(
        "account.move",
        string="Credit Notes",
        domain="[('commercial_partner_id', '=', partner_id), ('move_type', '=', 'out_refund'),"
        " ('state', '=', 'posted'), ('amount_residual', '>', 0),"
        " ('currency_id', '=', currency_id)]",
    )
    result_id = fields.Many2one("payment.charge.attempt", "Refund Made", readonly=True)

    @api.depends("attempt_id")
    def _compute_support(self):
        for wizard in self:
            wizard.support = wizard.attempt_id._refund_support()

    @api.depends("attempt_id")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard.attempt_id.amount_refundable

    def action_refund(self):
        """Refund through the provider and show what came of it."""
        self.ensure_one()
        Attempt = self.env["payment.charge.attempt"]
        Attempt._check_operator()
        Attempt._check_not_neutralized()
        # sudo: checked above; the refund reads the provider and writes entries
        refund = self.attempt_id.sudo()._refund(
            self.amount,
            self.match,
            self.credit_note_ids,
            # a double click, and a request that the server repeats, is one refund
            key=f"refund/{self.id}/{self.create_date.timestamp():.6f}",
        )
        refund._submit()
        return refund.sudo(False)._get_records_action(name=self.env._("Refund"))
