# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class PaymentRequestPay(models.TransientModel):
    """Registers a payment by hand: a new one, or one that is in the books already."""

    _name = "payment.request.pay"
    _description = "Register a Payment on a Request"
    _check_company_auto = True

    request_id = fields.Many2one("payment.request", "Request", required=True, readonly=True)
    company_id = fields.Many2one(related="request_id.company_id", string="Company")
    partner_id = fields.Many2one(related="request_id.commercial_partner_id", string="Customer")
    request_state = fields.Selection(related="request_id.state", string="Status")
    request_currency_id = fields.Many2one(
        related="request_id.currency_id", string="Currency of the Request"
    )
    amount_residual = fields.Monetary(
        related="request_id.amount_residual",
        string="Amount Due",
        currency_field="request_currency_id",
    )
    source = fields.Selection(
        [("new", "A new payment"), ("existing", "A payment in the books")],
        "What Was Paid",
        required=True,
        default="new",
    )
    payment_id = fields.Many2one(
        "account.payment",
        "Payment",
        check_company=True,
        domain="[('partner_type', '=', 'customer'), ('payment_type', '=', 'inbound'),"
        " ('partner_id', 'child_of', partner_id), ('state', 'in', ('in_process', 'paid')),"
        " ('is_reconciled', '=', False), ('payment_request_payment_ids', '=', False)]",
        help="An open payment of the customer that belongs to no document yet.",
    )
    amount = fields.Monetary(
        "Amount", compute="_compute_amount", store=True, readonly=False, precompute=True
    )
    currency_id = fields.Many2one(
        "res.currency",
        "Currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    date = fields.Date(
        "Date",
        required=True,
        default=fields.Date.context_today,
        help="The day the money came in. The invoice carries this date.",
    )
    journal_id = fields.Many2one(
        "account.journal",
        "Journal",
        compute="_compute_journal_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        domain="[('type', 'in', ('bank', 'cash'))]",
    )
    memo = fields.Char("Memo", help="Such as the number of a cheque or transfer.")
    warning = fields.Char("Warning", compute="_compute_warning")

    # ------------------------------------------------------------
    # COMPUTE METHODS
    # ------------------------------------------------------------

    @api.depends("request_id")
    def _compute_currency_id(self):
        for wizard in self:
            wizard.currency_id = wizard.request_currency_id or self.env.company.currency_id

    @api.depends("request_id", "currency_id", "date")
    def _compute_amount(self):
        for wizard in self:
            if not wizard.request_id:
                wizard.amount = 0.0
                continue
            wizard.amount = wizard.request_currency_id._convert(
                max(wizard.amount_residual, 0.0),
                wizard.currency_id,
                wizard.company_id,
                wizard.date or fields.Date.context_today(wizard),
            )

    @api.depends("request_id")
    def _compute_journal_id(self):
        for wizard in self:
            wizard.journal_id = self.env["account.journal"].search(
                [
                    *self.env["account.journal"]._check_company_domain(wizard.company_id),
                    ("type", "in", ("bank", "cash")),
                ],
                limit=1,
            )

    @api.depends("amount", "currency_id", "date", "source", "payment_id")
    def _compute_warning(self):
        for wizard in self:
            amount, currency, date = wizard._paid()
            wizard.warning = False
            if not wizard.request_id or not amount or not currency or not date:
                continue
            there = currency._convert(amount, wizard.request_currency_id, wizard.company_id, date)
            if wizard.request_state == "cancelled":
                wizard.warning = self.env._(
                    "The document is cancelled: the payment becomes an open credit of the "
                    "customer, without an invoice."
                )
            elif wizard.request_currency_id.compare_amounts(there, wizard.amount_residual) > 0:
                over = wizard.request_currency_id.round(there - max(wizard.amount_residual, 0.0))
                wizard.warning = self.env._(
                    "%(amount)s more than is due: that becomes an open credit of the customer.",
                    amount=wizard.request_currency_id.format(over),
                )

    @api.constrains("amount", "date", "source")
    def _check_payment(self):
        for wizard in self.filtered(lambda wizard: wizard.source == "new"):
            if wizard.currency_id.compare_amounts(wizard.amount, 0) <= 0:
                raise ValidationError(self.env._("Enter the amount that was paid."))
            if wizard.date > fields.Date.context_today(wizard):
                raise ValidationError(self.env._("The money cannot have come in after today."))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_register(self):
        """Book the payment and issue the invoice over it."""
        self.ensure_one()
        request = self.request_id
        request.check_access("write")
        amount, currency, date = self._paid()
        payment = self.payment_id if self.source == "existing" else None
        if self.source == "existing":
            if not payment:
                raise UserError(self.env._("Choose the payment that is in the books."))
            payment.check_access("write")
            if payment.payment_request_payment_ids:
                raise UserError(self.env._("This payment belongs to a request already."))
        elif not self.journal_id:
            raise UserError(self.env._("Choose the journal in which the money came in."))
        row = request._register_payment(
            amount, currency, date, payment=payment, journal=self.journal_id, memo=self.memo
        )
        if row.invoice_id:
            return row.invoice_id.sudo(False)._get_records_action()
        return {"type": "ir.actions.act_window_close"}

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _paid(self):
        """Return amount, currency and date of what was paid."""
        self.ensure_one()
        if self.source == "existing":
            return self.payment_id.amount, self.payment_id.currency_id, self.payment_id.date
        return self.amount, self.currency_id, self.date
