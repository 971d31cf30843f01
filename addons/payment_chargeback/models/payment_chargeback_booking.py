# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import logging

import psycopg2

from odoo import Command, models
from odoo.exceptions import UserError

from ..core import dispute

_logger = logging.getLogger(__name__)


class PaymentChargeback(models.Model):
    """Brings the books to where the dispute stands, whenever it moved and however often asked.

    What should be booked follows from the reports, what is booked stands on the row: the
    difference is booked, in the transaction that notes it.
    """

    _inherit = "payment.chargeback"

    def _follow_up(self):
        """Do what follows from where the dispute stands; what fails is kept for a person."""
        for chargeback in self:
            if chargeback.finished:
                continue
            try:
                with self.env.cr.savepoint():
                    chargeback._bring_books()
                    chargeback._tell_source()
                    chargeback._tell_outcome()
                    chargeback.write({"finished": True, "trouble": False})
            except psycopg2.OperationalError:
                # another process is at it: all that was done is undone, and comes again
                raise
            except Exception as error:
                self.env.invalidate_all()
                if not isinstance(error, UserError):
                    _logger.exception("Chargeback %s could not be followed up", chargeback.name)
                chargeback.trouble = str(error)
            chargeback._alert()

    def _tell_outcome(self):
        """Tell the histories how it was decided, and have a person look at what is owed again."""
        self.ensure_one()
        if self.state not in {"won", "partly", "lost"}:
            return
        labels = dict(self._fields["state"]._description_selection(self.env))
        self._log_everywhere(
            self.env._(
                "%(number)s: %(state)s. Taken away %(taken)s, given back %(back)s.",
                number=self.name,
                state=labels[self.state],
                taken=self.currency_id.format(self.amount_withdrawn),
                back=self.currency_id.format(self.amount_reinstated),
            )
        )
        if self.attempt_id:
            self.attempt_id._alert()

    # ------------------------------------------------------------
    # BOOKS
    # ------------------------------------------------------------

    def _bring_books(self):
        """Book what is not in the books yet."""
        self.ensure_one()
        truth = self._truth()
        withdrawn, reinstated = dispute.targets(
            truth.kind, self.state, self.amount, truth.withdrawn, truth.reinstated
        )
        currency = self.currency_id
        more = currency.round(withdrawn - self.amount_withdrawn)
        if currency.compare_amounts(more, 0) < 0:
            raise UserError(
                self.env._(
                    "%(booked)s was booked as taken away, and the provider says %(said)s now. "
                    "Correct the books by hand.",
                    booked=currency.format(self.amount_withdrawn),
                    said=currency.format(withdrawn),
                )
            )
        if not currency.is_zero(more) and self.amount_reinstated:
            # what had come back is taken a second time
            self._take_back(more)
            self.amount_withdrawn += more
            self.amount_reinstated += more
        elif not currency.is_zero(more):
            self._book_withdrawal(more)
        back = currency.round(reinstated - self.amount_reinstated)
        if currency.compare_amounts(back, 0) < 0:
            if self.state in dispute.LIVE:
                # a decision was taken back; what comes of it is not known yet
                return
            self._take_back(-back)
        elif not currency.is_zero(back):
            self._book_reinstatement(back)
        self._book_fee()

    def _disputed_payment(self):
        """Return the payment that is disputed, booked now if the host did not yet.

        :raise UserError: when it cannot be booked
        """
        self.ensure_one()
        attempt, transaction = self.attempt_id, self.transaction_id
        if not self.payment_id:
            if attempt and not attempt.payment_id:
                attempt._settle()
            elif not attempt and transaction.state == "done" and not transaction.payment_id:
                transaction._post_process()
            self.payment_id = attempt.payment_id or transaction.payment_id
        if not self.payment_id:
            raise UserError(
                self.env._("The payment %s is not booked yet.", transaction.reference or "")
            )
        if not self.invoice_ids:
            self.invoice_ids = self.payment_id.reconciled_invoice_ids
        return self.payment_id

    def _is_whole(self, payment, amount):
        """Tell whether the dispute takes the payment back as a whole, and nothing else touched it."""
        self.ensure_one()
        compare = payment.currency_id.compare_amounts
        refunds = self.transaction_id.child_transaction_ids.filtered(
            lambda tx: tx.operation == "refund" and tx.state == "done"
        )
        earlier = self.search_count(
            [
                ("payment_id", "=", payment.id),
                ("id", "!=", self.id),
                ("amount_withdrawn", ">", 0),
            ],
            limit=1,
        )
        return (
            compare(amount, payment.amount) == 0
            and compare(self.amount_withdrawn, 0) == 0
            and not refunds
            and not earlier
        )

    def _book_withdrawal(self, amount):
        """Book that money of the payment was taken away: its documents are owed again."""
        self.ensure_one()
        payment = self._disputed_payment()
        attempt = self.attempt_id
        if payment.currency_id.compare_amounts(amount, payment.amount) > 0:
            raise UserError(
                self.env._(
                    "%(amount)s is disputed, more than the %(paid)s that was paid. Book it by "
                    "hand.",
                    amount=self.currency_id.format(amount),
                    paid=payment.currency_id.format(payment.amount),
                )
            )
        day = self._booking_day(self.opened_on, payment.journal_id)
        note = f"{self.name}: {self.reason_id.name or self.reason_text or ''}"
        whole = self._is_whole(payment, amount)
        if whole and attempt:
            attempt._set_returned(self.reason_id, day, note)
            if attempt.state != "returned":
                raise UserError(
                    self.env._("Charge %s is being worked on. It comes again.", attempt.name)
                )
            moves = payment.move_id.reversal_move_ids.sorted("id")[-1:]
        else:
            moves = self._book_part(payment, amount, day)
            if whole:
                payment.state = "rejected"
        self.write({
            "amount_withdrawn": self.amount_withdrawn + amount,
            "move_ids": [Command.link(move.id) for move in moves],
        })

    def _book_part(self, payment, amount, day):
        """Book that a part of a payment went back, and open the documents again by that much."""
        liquidity, counterpart, _write_off = payment._seek_for_lines()
        if not liquidity or not counterpart:
            raise UserError(self.env._("The payment %s has no entry.", payment.display_name))
        move = self._post_entry(
            payment.journal_id,
            day,
            amount,
            self.currency_id,
            # at the rate of the payment: what came in is what goes out
            abs(liquidity[0].balance) / payment.amount,
            (counterpart[0].account_id, payment.partner_id),
            (liquidity[0].account_id, payment.partner_id),
        )
        owed = move.line_ids.filtered(lambda line: line.account_id == counterpart[0].account_id)
        matched = counterpart._all_reconciled_lines() - counterpart
        documents = matched.filtered(lambda line: line.move_id in self.invoice_ids)
        counterpart.remove_move_reconcile()
        # refunds and earlier disputes go first, what is left of it still pays the documents
        self._match(counterpart, owed | (matched - documents))
        self._match(counterpart, documents)
        out = move.line_ids - owed
        self._match(liquidity, out)
        return move

    def _book_reinstatement(self, amount):
        """Book that money came back: a payment of the documents that were owed again."""
        self.ensure_one()
        original = self._disputed_payment()
        day = self._booking_day(
            self.decided_on or self.company_id._charge_today(), original.journal_id
        )
        payment = (
            self
            .env["account.payment"]
            .with_company(self.company_id)
            .create({
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": original.partner_id.id,
                "amount": amount,
                "currency_id": self.currency_id.id,
                "date": day,
                "journal_id": original.journal_id.id,
                "payment_method_line_id": original.payment_method_line_id.id,
                "memo": self.env._("%s: given back", self.name),
            })
        )
        payment.action_post()
        lines = self._receivable(payment.move_id)
        self._match(lines, self._receivable(self.invoice_ids))
        self.write({
            "amount_reinstated": self.amount_reinstated + amount,
            "move_ids": [Command.link(payment.move_id.id)],
        })
        self._restore_charge(payment)

    def _restore_charge(self, payment):
        """Make a charge one that succeeded again, when all of it came back."""
        attempt = self.attempt_id
        whole = self.currency_id.compare_amounts(self.amount_reinstated, attempt.amount) >= 0
        if attempt.state != "returned" or not whole:
            return
        vals = {"payment_id": payment.id, "reason_id": False, "next_step": False, "handled": False}
        if attempt.mail_state == "none":
            # the customer has paid once, and gets no second receipt
            vals["mail_state"] = "filed"
        attempt._set_state(
            "succeeded",
            cause="provider",
            note=self.env._("%s was won", self.name),
            **vals,
        )
        attempt._finish()

    def _take_back(self, amount):
        """Book that money which had come back was taken away again: a win was overturned."""
        self.ensure_one()
        original = self._disputed_payment()
        payments = self.move_ids.origin_payment_id.filtered(lambda one: one.state != "rejected")
        payment = payments.sorted("id")[-1:]
        if not payment or payment.currency_id.compare_amounts(payment.amount, amount) != 0:
            raise UserError(
                self.env._(
                    "%s was given back and is taken away again. Correct the books by hand.",
                    self.currency_id.format(amount),
                )
            )
        attempt = self.attempt_id
        day = self._booking_day(
            self.decided_on or self.company_id._charge_today(), original.journal_id
        )
        if attempt.payment_id == payment and attempt.state == "succeeded":
            attempt._set_returned(self.reason_id, day, self.name)
            if attempt.state != "returned":
                raise UserError(
                    self.env._("Charge %s is being worked on. It comes again.", attempt.name)
                )
            move = payment.move_id.reversal_move_ids.sorted("id")[-1:]
        else:
            move = self._book_part(payment, amount, day)
            payment.state = "rejected"
        self.write({
            "amount_reinstated": self.amount_reinstated - amount,
            "move_ids": [Command.link(move.id)],
        })

    def _book_fee(self):
        """Book the provider's fee, or that it was given back."""
        self.ensure_one()
        currency = self.fee_currency_id
        if not currency:
            return
        more = currency.round(self.fee_amount - self.fee_booked)
        if currency.is_zero(more):
            return
        account = self.company_id.chargeback_fee_account_id
        if not account:
            raise UserError(
                self.env._(
                    "Choose the account for chargeback fees in the settings: the fee of %s is not "
                    "booked.",
                    currency.format(self.fee_amount),
                )
            )
        payment = self._disputed_payment()
        liquidity, _counterpart, _write_off = payment._seek_for_lines()
        journal = payment.journal_id
        day = self._booking_day(self.decided_on or self.opened_on, journal)
        rate = currency._convert(
            1.0, self.company_id.currency_id, self.company_id, day, round=False
        )
        nobody = self.env["res.partner"]
        move = self._post_entry(
            journal,
            day,
            more,
            currency,
            rate,
            (account, nobody),
            (liquidity[:1].account_id or journal.default_account_id, nobody),
        )
        self.write({"fee_booked": self.fee_amount, "move_ids": [Command.link(move.id)]})

    def _post_entry(self, journal, day, amount, currency, rate, debit, credit):
        """Post an entry of two lines; a negative amount turns it round.

        :param float rate: units of the company's currency for one of ``currency``
        :param debit: the account and the partner that the amount is owed by
        :param credit: the account and the partner that it comes from
        """
        balance = self.company_id.currency_id.round(amount * rate)
        move = (
            self
            .env["account.move"]
            .with_company(self.company_id)
            .create({
                "move_type": "entry",
                "journal_id": journal.id,
                "date": day,
                "ref": f"{self.name} {self.reference or ''}".strip(),
                "line_ids": [
                    Command.create({
                        "name": self.name,
                        "account_id": account.id,
                        "partner_id": partner.id,
                        "currency_id": currency.id,
                        "amount_currency": sign * amount,
                        "balance": sign * balance,
                    })
                    for sign, (account, partner) in ((1, debit), (-1, credit))
                ],
            })
        )
        move.action_post()
        return move

    def _booking_day(self, day, journal):
        """Return the day to book on: today where the books of the day are closed."""
        company = self.company_id
        if company._get_violated_lock_dates(day, False, journal):
            return company._charge_today()
        return day

    def _receivable(self, moves):
        return moves.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    def _match(self, lines, others):
        """Reconcile what is open of both, account by account."""
        open_lines = (lines | others).filtered(
            lambda line: not line.reconciled and line.account_id.reconcile
        )
        for same in open_lines.grouped("account_id").values():
            if same & lines and same & others:
                same.reconcile()
