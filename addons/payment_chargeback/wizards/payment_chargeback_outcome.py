# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class PaymentChargebackOutcome(models.TransientModel):
    """Say how a chargeback was decided, by the word of the provider."""

    _name = "payment.chargeback.outcome"
    _description = "Outcome of a Chargeback"
    _rec_name = "chargeback_id"

    chargeback_id = fields.Many2one(
        "payment.chargeback", "Chargeback", required=True, readonly=True
    )
    currency_id = fields.Many2one(related="chargeback_id.currency_id", string="Currency")
    disputed = fields.Monetary(related="chargeback_id.amount", string="Disputed")
    fee_currency_id = fields.Many2one(
        "res.currency", "Currency of the Fee", compute="_compute_fee_currency_id"
    )
    outcome = fields.Selection(
        [("won", "Won"), ("partly", "Partly Won"), ("lost", "Lost")], "Outcome", required=True
    )
    reinstated = fields.Monetary("Given Back", help="What the provider gave back so far, in all.")
    fee_amount = fields.Monetary(
        "Fee",
        currency_field="fee_currency_id",
        compute="_compute_fee_amount",
        store=True,
        readonly=False,
        help="What the provider took for it in all; nothing, when it gave the fee back.",
    )
    note = fields.Char("Note", help="Such as where it was read.")

    @api.depends("chargeback_id")
    def _compute_fee_currency_id(self):
        for wizard in self:
            chargeback = wizard.chargeback_id
            wizard.fee_currency_id = chargeback.fee_currency_id or chargeback.company_id.currency_id

    @api.depends("chargeback_id")
    def _compute_fee_amount(self):
        for wizard in self:
            wizard.fee_amount = wizard.chargeback_id.fee_amount

    def action_decide(self):
        """Take the outcome in, and do what follows."""
        self.ensure_one()
        self.chargeback_id._check_operator()
        # sudo: checked above; chargebacks are written by the system and book entries
        self.chargeback_id.sudo()._decide_by_hand(
            self.outcome,
            reinstated=self.currency_id.round(self.reinstated),
            fee=self.fee_amount,
            note=self.note,
        )
        return {"type": "ir.actions.act_window_close"}
