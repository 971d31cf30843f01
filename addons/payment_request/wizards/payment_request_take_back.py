# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class PaymentRequestTakeBack(models.TransientModel):
    """Gives money of a request back by hand, or notes that a payment failed."""

    _name = "payment.request.take.back"
    _description = "Take Back a Payment of a Request"
    _check_company_auto = True

    row_id = fields.Many2one("payment.request.payment", "Payment", required=True, readonly=True)
    request_id = fields.Many2one(related="row_id.request_id", string="Request")
    company_id = fields.Many2one(related="row_id.company_id", string="Company")
    currency_id = fields.Many2one(related="row_id.currency_id", string="Currency")
    amount_left = fields.Monetary("Paid and Not Taken Back", compute="_compute_amount_left")
    how = fields.Selection(
        [("refund", "We give it back"), ("failed", "The payment failed")],
        "What Happened",
        required=True,
        default="refund",
        help="A payment that failed, such as a cheque that was returned, is rejected as a whole. "
        "Money that a payment provider gives back is refunded on its transaction instead.",
    )
    amount = fields.Monetary(
        "Amount", compute="_compute_amount", store=True, readonly=False, precompute=True
    )
    date = fields.Date("Date", required=True, default=fields.Date.context_today)
    journal_id = fields.Many2one(
        "account.journal",
        "Journal",
        compute="_compute_journal_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        domain="[('type', 'in', ('bank', 'cash'))]",
        help="Where the money goes out.",
    )
    reason = fields.Char("Reason", help="Stands on the credit note and in the history.")

    # ------------------------------------------------------------
    # COMPUTE METHODS
    # ------------------------------------------------------------

    @api.depends("row_id")
    def _compute_amount_left(self):
        for wizard in self:
            wizard.amount_left = wizard.row_id._amount_left() if wizard.row_id else 0.0

    @api.depends("row_id", "how")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard.amount_left

    @api.depends("row_id")
    def _compute_journal_id(self):
        for wizard in self:
            wizard.journal_id = wizard.row_id.payment_id.journal_id

    @api.constrains("amount", "how", "row_id")
    def _check_amount(self):
        for wizard in self.filtered(lambda wizard: wizard.how == "refund"):
            currency = wizard.currency_id
            if currency.compare_amounts(wizard.amount, 0) <= 0 or (
                currency.compare_amounts(wizard.amount, wizard.amount_left) > 0
            ):
                raise ValidationError(
                    self.env._(
                        "Enter an amount up to %(amount)s: more was not paid.",
                        amount=currency.format(wizard.amount_left),
                    )
                )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_take_back(self):
        """Book the money that goes out, or reject the payment, and credit the invoice."""
        self.ensure_one()
        row = self.row_id
        row.request_id.check_access("write")
        if row.kind != "payment" or row.state not in ("booked", "unmatched"):
            raise UserError(self.env._("This payment was taken back already."))
        if self.how == "failed":
            reason = self.reason or self.env._("The payment failed.")
            row._reverse(reason, date=self.date)
            row.payment_id.action_reject()
            return {"type": "ir.actions.act_window_close"}
        if not self.journal_id:
            raise UserError(self.env._("Choose the journal in which the money goes out."))
        payment = self.env["account.payment"].create({
            "payment_type": "outbound",
            "partner_type": "customer",
            "partner_id": row.request_id.commercial_partner_id.id,
            "amount": self.amount,
            "currency_id": self.currency_id.id,
            "date": self.date,
            "journal_id": self.journal_id.id,
            "memo": self.reason or row.request_id.name,
        })
        payment.action_post()
        row._reverse(
            self.reason or self.env._("Given back"),
            date=self.date,
            amount=self.amount,
            payment=payment,
        )
        return {"type": "ir.actions.act_window_close"}
