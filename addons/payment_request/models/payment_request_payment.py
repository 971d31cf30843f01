# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import logging

import psycopg2

from odoo import Command, api, fields, models
from odoo.tools import format_date

from .payment_request import OPEN_STATES

_logger = logging.getLogger(__name__)

SEND_CHUNK = 50


class PaymentRequestPayment(models.Model):
    """Money that came in on a request, or went back, with the document it issued.

    The row is written together with the payment and its key is unique: whatever stops the work in
    between, going on finds the row and never issues a second invoice for the same money.
    """

    _name = "payment.request.payment"
    _description = "Payment of a Payment Request"
    _order = "date, id"
    _rec_name = "key"
    _check_company_auto = True

    request_id = fields.Many2one(
        "payment.request", "Request", required=True, index=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        related="request_id.company_id", string="Company", store=True, precompute=True
    )
    key = fields.Char(
        "Key", required=True, readonly=True, help="What money this is: the same is booked once."
    )
    kind = fields.Selection(
        [("payment", "Payment"), ("reversal", "Reversal")],
        "Kind",
        required=True,
        default="payment",
        readonly=True,
    )
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("booked", "Booked"),
            ("unmatched", "On Account"),
            ("failed", "Failed"),
            ("reversed", "Reversed"),
        ],
        "Status",
        required=True,
        default="waiting",
        readonly=True,
        help="Waiting: the payment is not in the books yet. On account: nothing was due, the money "
        "is an open credit of the customer. Failed: the money is there, its invoice is not.",
    )
    date = fields.Date("Date", required=True, readonly=True)
    amount = fields.Monetary("Amount", required=True, readonly=True)
    currency_id = fields.Many2one("res.currency", "Currency", required=True, readonly=True)
    request_currency_id = fields.Many2one(
        related="request_id.currency_id", string="Currency of the Request"
    )
    applied_amount = fields.Monetary(
        "Invoiced",
        currency_field="request_currency_id",
        readonly=True,
        help="What this pays of the request; negative when money went back.",
    )
    excess_amount = fields.Monetary(
        "On Account",
        currency_field="request_currency_id",
        readonly=True,
        help="What was paid beyond the amount due: an open credit of the customer.",
    )
    transaction_id = fields.Many2one(
        "payment.transaction",
        "Transaction",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    payment_id = fields.Many2one(
        "account.payment", "Payment", readonly=True, index="btree_not_null", ondelete="set null"
    )
    invoice_id = fields.Many2one("account.move", "Invoice", readonly=True, ondelete="restrict")
    reversed_id = fields.Many2one(
        "payment.request.payment",
        "Reverses",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    reversal_ids = fields.One2many(
        "payment.request.payment", "reversed_id", "Reversals", readonly=True
    )
    allocation = fields.Json(
        "Parts of the Lines",
        readonly=True,
        help="For each line and tax, how many of the smallest units of the currency this pays.",
    )
    send_state = fields.Selection(
        [
            ("waiting", "To Be Sent"),
            ("sending", "Being Sent"),
            ("sent", "Sent"),
            ("unsure", "Possibly Sent"),
            ("failed", "Not Sent"),
        ],
        "Invoice by E-mail",
        readonly=True,
        index="btree_not_null",
        help="Whether the customer got the invoice by e-mail. Possibly sent: the server stopped "
        "while it was being sent; a person looks and sends it again or not.",
    )
    send_error = fields.Text("Error of the E-mail", readonly=True)
    reason = fields.Char("Reason", readonly=True)
    error = fields.Text("Error", readonly=True)

    _key_unique = models.Constraint("UNIQUE(key)", "This payment is booked already.")
    _invoice_unique = models.UniqueIndex(
        "(invoice_id) WHERE invoice_id IS NOT NULL", "This invoice belongs to another payment."
    )

    def _attention(self):
        """Return what a person has to look at, or nothing."""
        self.ensure_one()
        if self.state == "failed" and self.kind == "reversal":
            return self.env._(
                "%(amount)s of %(date)s went back, but its credit note could not be issued: "
                "%(error)s",
                amount=self.currency_id.format(self.amount),
                date=format_date(self.env, self.date),
                error=self.error or "",
            )
        if self.state == "failed":
            return self.env._(
                "%(amount)s of %(date)s was paid, but its invoice could not be issued: %(error)s",
                amount=self.currency_id.format(self.amount),
                date=format_date(self.env, self.date),
                error=self.error or "",
            )
        if self.send_state in ("failed", "unsure"):
            return self.env._(
                "Look whether the customer got invoice %(invoice)s: %(error)s",
                invoice=self.invoice_id.name,
                error=self.send_error or self.env._("the server stopped while sending it."),
            )
        excess = self.excess_amount + sum(self.reversal_ids.mapped("excess_amount"))
        is_open = self.kind == "payment" and not self.payment_id.is_reconciled
        if is_open and self.request_currency_id.compare_amounts(excess, 0) > 0:
            return self.env._(
                "%(amount)s of %(date)s is more than was due. It is an open credit of the customer.",
                amount=self.request_currency_id.format(excess),
                date=format_date(self.env, self.date),
            )
        return None

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_take_back(self):
        """Open the form that gives money back, or notes that a payment failed."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Take Back a Payment"),
            "res_model": "payment.request.take.back",
            "view_mode": "form",
            "target": "new",
            "context": {"default_row_id": self.id},
        }

    # ------------------------------------------------------------
    # BOOKING
    # ------------------------------------------------------------

    def _book(self):
        """Issue the documents of these rows, each on its own: one that fails stops no other.

        Money in the books is never undone because a document cannot be issued: the row keeps the
        error, and a person hears of it.
        """
        for row in self._may_be_booked_again():
            if not row.payment_id and not row.reversed_id:
                continue
            try:
                with self.env.cr.savepoint():
                    row.request_id._lock_for_booking()
                    row._issue() if row.kind == "payment" else row._issue_reversal()
            except psycopg2.OperationalError:
                # two at once, or the database went away: whoever called tries again
                raise
            except Exception as error:
                _logger.warning("Booking %s failed", row.key, exc_info=True)
                row.write({"state": "failed", "error": str(error) or repr(error)})
                row.request_id._tell_a_person(
                    self.env._("Issue the invoice of a payment"), row._attention()
                )

    def _issue(self):
        """Issue and match the invoice over what the payment pays of its request."""
        self.ensure_one()
        request = self.request_id
        currency = request.currency_id
        available = self._amount_in_request_currency()
        # what is due is read behind the lock, never from what was read before
        due = max(request.amount_residual, 0.0)
        applied = 0.0 if request.state == "cancelled" else min(available, due)
        excess = currency.round(available - applied)
        vals = {
            "state": "booked" if applied else "unmatched",
            "excess_amount": excess,
            "error": False,
        }
        if applied:
            invoice, allocation = request._issue_invoice(self, applied)
            vals.update(invoice_id=invoice.id, allocation=allocation, applied_amount=applied)
        self.write(vals)
        if applied:
            self._match(self.payment_id.move_id | self.invoice_id)
            self._plan_sending()
            if self.transaction_id:
                self.transaction_id.invoice_ids = [Command.link(self.invoice_id.id)]
        request._set_state_by_payments()
        if excess:
            request._tell_a_person(self.env._("Money on account"), self._attention())
        request._message_about_payment(self)

    def _may_be_booked_again(self):
        """Return the rows whose money waits for an invoice, or lies on account while it is due."""
        return self.filtered(
            lambda row: (
                row.state in ("waiting", "failed")
                or (
                    row.state == "unmatched"
                    and row.kind == "payment"
                    and row.request_id.state in OPEN_STATES
                    and row.payment_id
                    and not row.payment_id.is_reconciled
                )
            )
        )

    def _amount_in_request_currency(self):
        """Return what was paid in the currency of the request.

        A unit of the other currency more or less than what is due is the rounding of its rate.
        """
        self.ensure_one()
        request = self.request_id
        currency = request.currency_id
        if self.currency_id == currency:
            return self.amount
        converted = self.currency_id._convert(self.amount, currency, request.company_id, self.date)
        due = request.amount_residual
        due_there = currency._convert(due, self.currency_id, request.company_id, self.date)
        if not self.currency_id.compare_amounts(due_there, self.amount):
            return due
        return converted

    def _match(self, moves):
        """Match the open receivable lines of documents with each other."""
        lines = moves.line_ids.filtered(
            lambda line: (
                line.account_id.account_type == "asset_receivable"
                and line.parent_state == "posted"
                and not line.reconciled
            )
        )
        for same_account in lines.grouped("account_id").values():
            if len(same_account) > 1:
                same_account.reconcile()

    def _payment_posted_again(self):
        """A payment was posted, perhaps once more: match it, or take it as money anew."""
        for row in self.filtered(lambda row: row.kind == "payment"):
            if row.state == "booked":
                row._match(row.payment_id.move_id | row.invoice_id)
                if row.currency_id.compare_amounts(row.payment_id.amount, row.amount):
                    row.request_id._tell_a_person(
                        self.env._("The amount of a payment was changed"),
                        self.env._(
                            "%(payment)s was booked with %(before)s and is %(after)s now. Correct "
                            "its invoice or the payment.",
                            payment=row.payment_id.name,
                            before=row.currency_id.format(row.amount),
                            after=row.payment_id.currency_id.format(row.payment_id.amount),
                        ),
                    )
        for payment, rows in self.grouped("payment_id").items():
            if all(row.state == "reversed" or row.kind == "reversal" for row in rows):
                rows.request_id[:1]._register_payment(
                    payment.amount, payment.currency_id, payment.date, payment=payment
                )

    # ------------------------------------------------------------
    # REVERSAL
    # ------------------------------------------------------------

    def _reverse(self, reason, date=None, amount=None, transaction=None, payment=None):
        """Take a payment back, or a part: credit its invoice and reopen the request.

        ``payment`` is the outgoing one of a refund; without it, the payment itself failed.
        """
        self.ensure_one()
        # sudo: payments of requests are kept by these methods; who may call them is checked before
        self = self.sudo().with_company(self.company_id)
        if self.kind != "payment" or self.state == "reversed":
            return self.browse()
        self.request_id._lock_for_booking()
        if transaction:
            key = f"transaction:{transaction.id}"
        elif payment:
            key = f"payment:{payment.id}"
        else:
            key = f"reversal:{self.key}"
        existing = self.search([("key", "=", key)])
        if existing:
            existing._book()
            return existing
        row = self.create({
            "request_id": self.request_id.id,
            "key": key,
            "kind": "reversal",
            "date": date or fields.Date.context_today(self),
            "amount": self._amount_left() if amount is None else amount,
            "currency_id": self.currency_id.id,
            "transaction_id": transaction.id if transaction else False,
            "payment_id": payment.id if payment else False,
            "reversed_id": self.id,
            "reason": reason,
        })
        row._book()
        return row

    def _amount_left(self):
        """Return what of the payment was not taken back yet, in its currency."""
        self.ensure_one()
        return self.amount - sum(self.reversal_ids.mapped("amount"))

    def _issue_reversal(self):
        """Credit what money went back, the excess first, and match the credit note."""
        self.ensure_one()
        request, origin = self.request_id, self.reversed_id
        currency = request.currency_id
        others = origin.reversal_ids - self
        all_of_it = self.currency_id.compare_amounts(
            self.amount, origin.amount - sum(others.mapped("amount"))
        )
        excess_left = origin.excess_amount + sum(others.mapped("excess_amount"))
        applied_left = origin.applied_amount + sum(others.mapped("applied_amount"))
        if all_of_it >= 0:
            excess, applied = excess_left, applied_left
        else:
            back = self.amount
            if self.currency_id != currency:
                share = self.amount / origin.amount
                back = currency.round((origin.applied_amount + origin.excess_amount) * share)
            excess = min(excess_left, back)
            applied = min(currency.round(back - excess), applied_left)
        vals = {
            "state": "booked",
            "excess_amount": -excess,
            "applied_amount": -applied,
            "error": False,
        }
        credit_note = self.env["account.move"]
        if currency.compare_amounts(applied, 0) > 0:
            by_hand = origin._credited_by_hand()
            credit_note, allocation = request._issue_credit_note(self, origin, applied)
            vals["allocation"] = allocation
            if credit_note != by_hand:
                vals["invoice_id"] = credit_note.id
        self.write(vals)
        if self.payment_id:
            # the money that went out, against the credit note and what was paid too much
            self._match(self.payment_id.move_id | credit_note | origin.payment_id.move_id)
        elif credit_note:
            self._unmatch_payment(origin)
            self._match(origin.invoice_id | credit_note)
        if all_of_it >= 0:
            origin.state = "reversed"
        request._set_state_by_payments(self.reason)
        request._message_about_payment(self)

    def _credited_by_hand(self):
        """Return the credit notes that people issued for the invoice."""
        self.ensure_one()
        credit_notes = self.invoice_id.reversal_move_ids.filtered(
            lambda move: move.state == "posted"
        )
        return credit_notes - self.reversal_ids.invoice_id

    def _unmatch_payment(self, origin):
        """Take a payment that failed off its invoice, where the host has not done so already."""
        paid = origin.payment_id.move_id.line_ids
        partials = origin.invoice_id.line_ids.matched_credit_ids.filtered(
            lambda partial: partial.credit_move_id in paid
        )
        partials.unlink()

    # ------------------------------------------------------------
    # SENDING THE INVOICE
    # ------------------------------------------------------------

    def _plan_sending(self):
        """Have the invoice sent after this, where the company and the customer want that."""
        self.ensure_one()
        partner = self.request_id.partner_id
        method = partner.commercial_partner_id.with_company(self.company_id).invoice_sending_method
        if (
            self.company_id.payment_request_send_invoice
            and partner.email
            and (method or "email") == "email"
        ):
            self.send_state = "waiting"
            self.env.ref("payment_request.ir_cron_send_invoices")._trigger()

    @api.model
    def _cron_send_invoices(self):
        """Send the invoices that payments issued, each once."""
        cron = self.env["ir.cron"]
        # this job runs once at a time: who is being sent now was interrupted
        self.search([("send_state", "=", "sending")]).send_state = "unsure"
        rows = self.search([("send_state", "=", "waiting")], limit=SEND_CHUNK, order="id")
        cron._commit_progress(remaining=len(rows))
        for row in rows:
            # the claim comes before the mail server: a second run never sends it again
            row.send_state = "sending"
            cron._commit_progress()
            row._send_invoice()
            if not cron._commit_progress(1):
                break

    def _send_invoice(self):
        """Send the invoice, and keep what came of it."""
        self.ensure_one()
        row = self.with_company(self.company_id)
        try:
            with self.env.cr.savepoint():
                row.env["account.move.send"]._generate_and_send_invoices(
                    row.invoice_id,
                    sending_methods=["email"],
                    author_user_id=(row.request_id.user_id or self.env.user).id,
                    author_partner_id=(row.request_id.user_id or self.env.user).partner_id.id,
                )
            self.send_state = "sent"
        except psycopg2.OperationalError:
            raise
        except Exception as error:
            _logger.warning("Sending the invoice of %s failed", self.key, exc_info=True)
            self.write({"send_state": "failed", "send_error": str(error) or repr(error)})
