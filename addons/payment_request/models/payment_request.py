# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

KINDS = [("proforma", "Pro-Forma"), ("request", "Payment Request")]
STATES = [
    ("draft", "Draft"),
    ("sent", "Sent"),
    ("partly_paid", "Partly Paid"),
    ("paid", "Paid"),
    ("cancelled", "Cancelled"),
]
# from each state, those that may follow
ALLOWED = {
    "draft": {"sent", "cancelled"},
    "sent": {"draft", "partly_paid", "paid", "cancelled"},
    "partly_paid": {"sent", "paid", "cancelled"},
    "paid": {"sent", "partly_paid"},
    "cancelled": {"draft", "sent", "partly_paid"},
}
# the customer sees the request, not the work on it
ACCOUNTING = "account.group_account_invoice,account.group_account_readonly"
OPEN_STATES = ("sent", "partly_paid")
# what the customer was told stays as it was told
FIXED_FIELDS = frozenset({
    "company_id",
    "currency_id",
    "date",
    "fiscal_position_id",
    "kind",
    "line_ids",
    "partner_id",
    "reference",
})


class PaymentRequest(models.Model):
    """A pro-forma or payment request: asks for money before there is an invoice.

    It is no entry in the books. Each payment, of the whole or of a part, issues the tax invoice
    over what was paid, dated at the payment.
    """

    _name = "payment.request"
    _description = "Pro-Forma or Payment Request"
    _inherit = [
        "payment.request.customer",
        "portal.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char(
        "Number", default="/", required=True, readonly=True, copy=False, index="trigram"
    )
    kind = fields.Selection(
        KINDS,
        "Kind",
        required=True,
        default=lambda self: self.env.company.payment_request_kind,
        help="A pro-forma (transaction invoice) shows what will be invoiced; a payment request "
        "just asks for the money. Both issue the tax invoice once they are paid.",
    )
    state = fields.Selection(
        STATES,
        "Status",
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    company_id = fields.Many2one(
        "res.company", "Company", required=True, index=True, default=lambda self: self.env.company
    )
    partner_id = fields.Many2one(tracking=True)
    user_id = fields.Many2one(
        "res.users",
        "Salesperson",
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
        tracking=True,
        help="Gets the activities of this request.",
    )
    date = fields.Date("Date", required=True, default=fields.Date.context_today, copy=False)
    payment_term_id = fields.Many2one(
        "account.payment.term",
        "Payment Terms",
        check_company=True,
        help="Only sets the due date: the invoice is issued when it is paid.",
    )
    date_due = fields.Date(
        "Due Date",
        compute="_compute_date_due",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        index=True,
        tracking=True,
    )
    reference = fields.Char("Customer Reference", copy=False, help="The customer's order number.")
    origin = fields.Char("Source", copy=False, help="The document that this request came from.")
    journal_id = fields.Many2one(
        "account.journal",
        "Invoice Journal",
        check_company=True,
        domain="[('type', '=', 'sale')]",
        help="The journal of the invoices to come; without one, the usual journal of the company.",
    )
    note = fields.Html("Notes", help="Printed below the lines, and on the invoices.")

    line_ids = fields.One2many("payment.request.line", "request_id", "Lines", copy=True)
    currency_id = fields.Many2one(
        "res.currency",
        "Currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    currency_rate = fields.Float(
        "Currency Rate",
        compute="_compute_currency_rate",
        digits=0,
        help="Units of the request's currency for one of the company's, at its date.",
    )
    amount_untaxed = fields.Monetary("Untaxed Amount", compute="_compute_amounts", store=True)
    amount_tax = fields.Monetary("Taxes", compute="_compute_amounts", store=True)
    amount_total = fields.Monetary("Total", compute="_compute_amounts", store=True, tracking=True)
    tax_totals = fields.Binary("Tax Totals", compute="_compute_tax_totals", exportable=False)
    amount_paid = fields.Monetary(
        "Paid", compute="_compute_paid", store=True, help="What was paid and invoiced so far."
    )
    amount_residual = fields.Monetary("Amount Due", compute="_compute_paid", store=True)
    amount_total_company = fields.Monetary(
        "Total in Company Currency",
        compute="_compute_company_amounts",
        store=True,
        currency_field="company_currency_id",
    )
    amount_residual_company = fields.Monetary(
        "Amount Due in Company Currency",
        compute="_compute_company_amounts",
        store=True,
        currency_field="company_currency_id",
    )

    payment_ids = fields.One2many(
        "payment.request.payment",
        "request_id",
        "Payments",
        readonly=True,
        copy=False,
        groups=ACCOUNTING,
    )
    transition_ids = fields.One2many(
        "payment.request.transition",
        "request_id",
        "State Changes",
        readonly=True,
        copy=False,
        groups=ACCOUNTING,
    )
    transaction_ids = fields.One2many(
        "payment.transaction",
        "payment_request_id",
        "Transactions",
        readonly=True,
        copy=False,
        groups="account.group_account_invoice",
    )
    invoice_ids = fields.Many2many(
        "account.move", string="Invoices", compute="_compute_documents", compute_sudo=True
    )
    invoice_count = fields.Integer(
        "Number of Invoices", compute="_compute_documents", compute_sudo=True
    )
    payment_count = fields.Integer(
        "Number of Payments", compute="_compute_documents", compute_sudo=True
    )
    transaction_count = fields.Integer(
        "Number of Transactions", compute="_compute_documents", compute_sudo=True
    )
    attention = fields.Text(
        "Needs Attention",
        compute="_compute_attention",
        groups=ACCOUNTING,
        help="What a person has to look at among the payments.",
    )
    can_book_again = fields.Boolean(
        "Can Be Booked Again", compute="_compute_attention", groups=ACCOUNTING
    )
    duplicate_ids = fields.Many2many(
        "payment.request",
        string="Possible Duplicates",
        compute="_compute_duplicate_ids",
        groups=ACCOUNTING,
        help="Other requests to the same customer over the same amount on the same day.",
    )
    booking_serial = fields.Integer(
        "Bookings", readonly=True, copy=False, help="Counts up with each payment that is booked."
    )

    _number_unique = models.UniqueIndex(
        "(company_id, kind, name) WHERE name != '/'", "This number exists already."
    )

    @api.constrains("state", "partner_id", "company_id")
    def _check_partner_company(self):
        for request in self:
            company = request.partner_id.company_id
            if company and company not in request.company_id.parent_ids:
                raise ValidationError(
                    self.env._(
                        "%(partner)s is a customer of another company.",
                        partner=request.partner_id.display_name,
                    )
                )

    # ------------------------------------------------------------
    # COMPUTE METHODS
    # ------------------------------------------------------------

    @api.depends("name", "kind", "state")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for request in self:
            if request.name and request.name != "/":
                request.display_name = request.name
            else:
                request.display_name = self.env._(
                    "Draft %(kind)s", kind=kinds.get(request.kind, "")
                )

    @api.depends("date", "payment_term_id")
    def _compute_date_due(self):
        for request in self:
            if request.payment_term_id and request.date:
                terms = request.payment_term_id._compute_terms(
                    date_ref=request.date,
                    currency=request.currency_id,
                    company=request.company_id,
                    tax_amount=0,
                    tax_amount_currency=0,
                    sign=1,
                    untaxed_amount=1,
                    untaxed_amount_currency=1,
                )
                request.date_due = max(line["date"] for line in terms["line_ids"])
            else:
                request.date_due = request.date_due or request.date

    @api.depends("currency_id", "company_id", "date")
    def _compute_currency_rate(self):
        for request in self:
            request.currency_rate = self.env["res.currency"]._get_conversion_rate(
                from_currency=request.company_currency_id or self.env.company.currency_id,
                to_currency=request.currency_id or self.env.company.currency_id,
                company=request.company_id or self.env.company,
                date=request.date or fields.Date.context_today(request),
            )

    @api.depends("line_ids.price_total", "line_ids.tax_ids", "currency_id", "company_id")
    def _compute_amounts(self):
        for request in self:
            totals = request._tax_totals_summary()
            request.amount_untaxed = totals["base_amount_currency"]
            request.amount_tax = totals["tax_amount_currency"]
            request.amount_total = totals["total_amount_currency"]

    @api.depends_context("lang")
    @api.depends("line_ids.price_total", "line_ids.tax_ids", "currency_id", "company_id")
    def _compute_tax_totals(self):
        for request in self:
            request.tax_totals = request._tax_totals_summary()

    @api.depends("amount_total", "payment_ids.applied_amount")
    def _compute_paid(self):
        for request in self:
            request.amount_paid = sum(request.payment_ids.mapped("applied_amount"))
            request.amount_residual = request.amount_total - request.amount_paid

    @api.depends("amount_total", "amount_residual", "currency_id", "company_id", "date", "state")
    def _compute_company_amounts(self):
        for request in self:
            rate = request.currency_rate or 1.0
            due = 0.0 if request.state == "cancelled" else request.amount_residual
            request.amount_total_company = request.amount_total / rate
            request.amount_residual_company = due / rate

    @api.depends("payment_ids.invoice_id", "transaction_ids")
    def _compute_documents(self):
        for request in self:
            request.invoice_ids = request.payment_ids.invoice_id
            request.invoice_count = len(request.invoice_ids)
            request.payment_count = len(request.payment_ids.payment_id)
            request.transaction_count = len(request.transaction_ids)

    @api.depends_context("lang")
    @api.depends(
        "state",
        "payment_ids.state",
        "payment_ids.send_state",
        "payment_ids.error",
        "payment_ids.excess_amount",
        "payment_ids.payment_id.is_reconciled",
    )
    def _compute_attention(self):
        for request in self:
            request.can_book_again = bool(request.payment_ids._may_be_booked_again())
            request.attention = "\n".join(
                filter(None, (row._attention() for row in request.payment_ids))
            )

    @api.depends("partner_id", "amount_total", "date", "currency_id", "company_id", "kind")
    def _compute_duplicate_ids(self):
        # drafts and open ones are looked at; one query for all of them
        candidates = self.filtered(
            lambda request: (
                request.partner_id and request.amount_total and request.state in ("draft", "sent")
            )
        )
        self.duplicate_ids = False
        if not candidates:
            return
        others = self.search([
            ("commercial_partner_id", "in", candidates.commercial_partner_id.ids),
            ("date", "in", list(set(candidates.mapped("date")))),
            ("state", "!=", "cancelled"),
        ])
        for request in candidates:
            request.duplicate_ids = others.filtered(
                lambda other, request=request: (
                    other.id != request._origin.id
                    and other.company_id == request.company_id
                    and other.commercial_partner_id == request.commercial_partner_id
                    and other.date == request.date
                    and other.kind == request.kind
                    and other.currency_id == request.currency_id
                    and not request.currency_id.compare_amounts(
                        other.amount_total, request.amount_total
                    )
                )
            )

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for request in self:
            request.access_url = f"/my/payment-requests/{request.id}"
        return result

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def _has_field_access(self, field, operation):
        # what the methods of this model decide is not written by hand, with no client either
        if (
            operation == "write"
            and not self.env.su
            and field.name in ("state", "name", "booking_serial")
        ):
            return False
        return super()._has_field_access(field, operation)

    def write(self, vals):
        fixed = FIXED_FIELDS & vals.keys()
        if fixed and any(request.state != "draft" for request in self):
            raise UserError(
                self.env._(
                    "The customer has this document as it is. Set it back to draft to change it."
                )
            )
        if {"company_id", "kind"} & vals.keys() and any(request.name != "/" for request in self):
            raise UserError(
                self.env._("This document has its number; its kind and company do not change.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_without_number(self):
        if any(request.name != "/" or request.state != "draft" for request in self):
            raise UserError(
                self.env._(
                    "A document with a number cannot be deleted, its number would be missing. "
                    "Cancel it instead."
                )
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_confirm(self):
        """Give the request its number and count it as sent, without an e-mail."""
        self.check_access("write")
        for request in self.filtered(lambda request: request.state == "draft"):
            request._issue_number()
            request._set_state("sent")
        return True

    def action_draft(self):
        """Take the request back to be changed; it keeps its number."""
        self.check_access("write")
        if any(request.payment_ids for request in self):
            raise UserError(
                self.env._(
                    "Something was paid on this document, so it stays as it is. "
                    "Duplicate it for a new one."
                )
            )
        if any(request._pending_transactions() for request in self):
            raise UserError(
                self.env._("A payment of this document is under way. Wait for its result.")
            )
        for request in self.filtered(lambda request: request.state in ("sent", "cancelled")):
            request._set_state("draft")
        return True

    def action_cancel(self):
        """Nothing more is expected on these requests; those paid in full are left."""
        self.check_access("write")
        requests = self.filtered(lambda request: request.state not in ("paid", "cancelled"))
        if not requests:
            raise UserError(self.env._("Nothing to cancel: all of it is paid or cancelled."))
        for request in requests:
            request._set_state("cancelled")
        return True

    def action_reopen(self):
        """Expect the money again after a cancellation."""
        self.check_access("write")
        for request in self.filtered(lambda request: request.state == "cancelled"):
            if request.name == "/":
                request._set_state("draft")
            elif request.amount_paid:
                request._set_state("partly_paid")
            else:
                request._set_state("sent")
            # what came in meanwhile is on account
            request.sudo().payment_ids._book()  # sudo: payments are kept by their model
        return True

    def action_register_payment(self):
        """Open the form that registers a payment by hand."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Register Payment"),
            "res_model": "payment.request.pay",
            "view_mode": "form",
            "target": "new",
            "context": {"default_request_id": self.id},
        }

    def action_payment_link(self):
        """Open the host's form that makes a payment link."""
        self.ensure_one()
        if self.state not in OPEN_STATES:
            raise UserError(self.env._("Only a document that was sent and is not paid has a link."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Generate a Payment Link"),
            "res_model": "payment.link.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"active_id": self.id, "active_model": self._name},
        }

    def action_book_again(self):
        """Try again to issue invoices where that failed, or where money on account is due now."""
        self.check_access("write")
        # sudo: payments of requests are kept by their model
        self.sudo().payment_ids._book()
        return True

    def action_view_invoices(self):
        """Show the invoices and credit notes that payments issued."""
        return self.invoice_ids.with_context(create=False)._get_records_action(
            name=self.env._("Invoices")
        )

    def action_view_payments(self):
        """Show the payments in the books."""
        # sudo: only the ids; the action shows what the user may see
        payments = self.sudo().payment_ids.payment_id.sudo(False)
        return payments.with_context(create=False)._get_records_action(name=self.env._("Payments"))

    def action_view_transactions(self):
        """Show the transactions of payment providers."""
        return self.transaction_ids._get_records_action(name=self.env._("Transactions"))

    def action_view_duplicates(self):
        """Show the requests that look like this one."""
        return (self | self.duplicate_ids)._get_records_action(
            name=self.env._("Possible Duplicates")
        )

    # ------------------------------------------------------------
    # STATES
    # ------------------------------------------------------------

    def _set_state(self, state, reason=None):
        """Change the state, if that may follow, and write it into the history."""
        self.ensure_one()
        if state not in ALLOWED[self.state]:
            names = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(document)s is “%(from)s” and cannot become “%(to)s”.",
                    document=self.display_name,
                    **{"from": names[self.state], "to": names[state]},
                )
            )
        before = self.state
        # sudo: the history is written by this method only
        self.sudo().state = state
        self.env["payment.request.transition"].sudo().create({
            "request_id": self.id,
            "user_id": self.env.uid,
            "from_state": before,
            "to_state": state,
            "reason": reason,
        })
        self._state_changed(before, state)

    def _state_changed(self, before, after):
        """Add-ons do here what follows from a change of state."""

    def _set_state_by_payments(self, reason=None):
        """Bring the state in line with what is paid."""
        self.ensure_one()
        if self.state == "cancelled" or self.state == "draft":
            return
        if self.currency_id.compare_amounts(self.amount_residual, 0) <= 0:
            state = "paid"
        elif self.currency_id.compare_amounts(self.amount_paid, 0) > 0:
            state = "partly_paid"
        else:
            state = "sent"
        if state != self.state:
            self._set_state(state, reason)

    def _issue_number(self):
        """Give the request its number, once it may be asked for money."""
        self.ensure_one()
        if not self.line_ids.filtered(lambda line: not line.display_type):
            raise UserError(self.env._("Add a line first: there is nothing to pay."))
        if self.currency_id.compare_amounts(self.amount_total, 0) <= 0:
            raise UserError(self.env._("The total has to be more than zero to ask for it."))
        if self.name == "/":
            # sudo: numbers are drawn by this method only
            self.sudo().name = self.company_id._payment_request_number(self.kind, self.date)

    # ------------------------------------------------------------
    # AMOUNTS
    # ------------------------------------------------------------

    def _base_lines(self):
        """Return the lines as the host's tax computation knows them, with their taxes."""
        self.ensure_one()
        taxes = self.env["account.tax"]
        lines = self.line_ids.filtered(lambda line: not line.display_type)
        base_lines = [line._base_line() for line in lines]
        taxes._add_tax_details_in_base_lines(base_lines, self._tax_company())
        taxes._round_base_lines_tax_details(base_lines, self._tax_company())
        return base_lines

    def _tax_company(self):
        return self.company_id or self.env.company

    def _tax_totals_summary(self):
        self.ensure_one()
        return self.env["account.tax"]._get_tax_totals_summary(
            base_lines=self._base_lines(),
            currency=self.currency_id or self._tax_company().currency_id,
            company=self._tax_company(),
        )

    def _has_to_be_paid(self):
        """Return whether the customer may pay now, in the portal or by a link."""
        self.ensure_one()
        enabled = (
            self
            .env["ir.config_parameter"]
            .sudo()
            .get_param(  # sudo: a setting
                "account_payment.enable_portal_payment", "True"
            )
        )
        return (
            enabled not in ("False", "0", "")
            and self.state in OPEN_STATES
            and self.currency_id.compare_amounts(self.amount_residual, 0) > 0
            and not self._pending_transactions()
            # the money is there, only its invoice is not: nobody pays twice for that
            and not self.sudo().payment_ids.filtered(  # sudo: whether, not what
                lambda row: row.kind == "payment" and row.state in ("waiting", "failed")
            )
        )

    def _pending_transactions(self):
        """Return the transactions that may still bring money that is not booked yet."""
        self.ensure_one()
        # sudo: customers may know whether a payment of theirs is under way
        return self.sudo().transaction_ids.filtered(
            lambda tx: (
                tx.operation != "refund"
                and (
                    (
                        tx.state in ("pending", "authorized")
                        and tx.provider_code not in ("none", "custom")
                    )
                    or (tx.state == "done" and not tx.is_post_processed)
                )
            )
        )

    @api.model
    def _open_domain(self):
        return Domain("state", "in", OPEN_STATES)
