# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import Command, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..core.split import proportion, split, to_amount, to_units


class PaymentRequestBooking(models.Model):
    """What a payment does to its request: the key, the lock, the invoice, the credit note."""

    _inherit = "payment.request"

    # ------------------------------------------------------------
    # THE WAY IN
    # ------------------------------------------------------------

    def _register_payment(
        self, amount, currency, date, transaction=None, payment=None, journal=None, memo=None
    ):
        """Book money paid on this request, once, and issue the invoice over what it pays.

        A transaction or payment that is booked already changes nothing. Without either, a payment
        is entered in the journal given or the first bank journal. A transaction whose payment is
        not in the books yet is noted, and booked once that is there.

        :return: the row of the payment
        """
        self.ensure_one()
        # sudo: payments and states are kept by these methods; who may call them is checked before
        request = self.sudo().with_company(self.company_id)
        if currency.compare_amounts(amount, 0) <= 0:
            raise UserError(self.env._("Enter the amount that was paid."))
        request._lock_for_booking()
        if transaction and not payment:
            payment = transaction.payment_id
        row = request._booked(transaction, payment)
        if not row:
            if request.state == "draft":
                request._issue_number()
                request._set_state("sent")
            if not payment and not transaction:
                payment = request._enter_payment(amount, currency, date, journal, memo)
            row = request.env["payment.request.payment"].create({
                "request_id": request.id,
                "key": request._booking_key(transaction, payment),
                "date": date,
                "amount": amount,
                "currency_id": currency.id,
                "transaction_id": transaction.id if transaction else False,
                "payment_id": payment.id if payment else False,
            })
        else:
            if payment and not row.payment_id:
                row.payment_id = payment
            if transaction and not row.transaction_id:
                row.transaction_id = transaction
        row._book()
        return row

    def _register_transaction(self, transaction):
        """Book a confirmed transaction, or the refund of one."""
        self.ensure_one()
        rows = self.env["payment.request.payment"].sudo()  # sudo: see _register_payment
        if transaction.operation != "refund":
            return self._register_payment(
                transaction.amount,
                transaction.currency_id,
                transaction.payment_id.date,
                transaction=transaction,
                payment=transaction.payment_id,
            )
        self._lock_for_booking()
        origin = rows.search([
            ("transaction_id", "=", transaction.source_transaction_id.id),
            ("kind", "=", "payment"),
        ])
        if not origin:
            self._tell_a_person(
                self.env._("A refund of unknown money"),
                self.env._(
                    "%(transaction)s gives money back that was not booked here.",
                    transaction=transaction.reference,
                ),
            )
            return rows
        return origin._reverse(
            self.env._("Refunded by %(transaction)s", transaction=transaction.reference),
            date=transaction.payment_id.date,
            amount=-transaction.amount,
            transaction=transaction,
            payment=transaction.payment_id,
        )

    def _lock_for_booking(self):
        """Let one booking at a time work on the request.

        Counting up, instead of a mere lock, makes the database refuse whoever read the request
        before another booking was committed: that one starts again with what is due now.
        """
        self.ensure_one()
        self.flush_recordset()
        self.env.execute_query(
            SQL(
                "UPDATE payment_request SET booking_serial = COALESCE(booking_serial, 0) + 1 "
                "WHERE id = %s RETURNING id",
                self.id,
            )
        )
        self.invalidate_recordset(["booking_serial"])

    def _booked(self, transaction, payment):
        """Return the row of a transaction or payment that was booked and not taken back."""
        rows = self.env["payment.request.payment"]
        domain = [("kind", "=", "payment"), ("state", "!=", "reversed")]
        if transaction:
            found = rows.search([*domain, ("transaction_id", "=", transaction.id)], limit=1)
            if found:
                return found
        if payment:
            return rows.search([*domain, ("payment_id", "=", payment.id)], limit=1)
        return rows

    def _booking_key(self, transaction, payment):
        """Return the key of money: the transaction's, the payment's, and how often it came."""
        rows = self.env["payment.request.payment"]
        if transaction:
            field, record = "transaction_id", transaction
        else:
            field, record = "payment_id", payment
        key = f"{'transaction' if transaction else 'payment'}:{record.id}"
        before = rows.search_count([
            ("kind", "=", "payment"),
            ("state", "=", "reversed"),
            (field, "=", record.id),
        ])
        return f"{key}:{before + 1}" if before else key

    def _enter_payment(self, amount, currency, date, journal=None, memo=None):
        """Enter and post the customer's payment, which is the receipt."""
        self.ensure_one()
        journal = journal or self.env["account.journal"].search(
            [
                *self.env["account.journal"]._check_company_domain(self.company_id),
                ("type", "in", ("bank", "cash")),
            ],
            limit=1,
        )
        if not journal:
            raise UserError(self.env._("Set up a bank or cash journal first."))
        payment = self.env["account.payment"].create({
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": self.commercial_partner_id.id,
            "amount": amount,
            "currency_id": currency.id,
            "date": date,
            "journal_id": journal.id,
            "memo": memo or self.name,
        })
        payment.action_post()
        return payment

    # ------------------------------------------------------------
    # DOCUMENTS
    # ------------------------------------------------------------

    def _issue_invoice(self, row, amount):
        """Issue the invoice over an amount, and return it with the parts of the lines in it."""
        self.ensure_one()
        rounding = self.currency_id.rounding
        base_lines = self._base_lines()
        whole = self._cells(base_lines)
        remaining = self._remaining(whole, self.payment_ids - row)
        units = to_units(amount, rounding)
        if sum(whole.values()) != to_units(self.amount_total, rounding):
            raise UserError(
                self.env._(
                    "The taxes of %(document)s were changed since it was sent, so its total would "
                    "be another one. Cancel it, issue the invoice by hand and match it with the "
                    "payment.",
                    document=self.name,
                )
            )
        parts = split(remaining, self._groups(base_lines), units)
        if parts == whole:
            lines = [Command.create(line._invoice_line_vals()) for line in self.line_ids]
        else:
            lines = [
                Command.create({
                    "display_type": "line_note",
                    "sequence": -1,
                    "name": self._part_label(amount),
                }),
                *self._part_lines(base_lines, parts),
            ]
        invoice = self._create_document("out_invoice", row.date, lines)
        invoice.action_post()
        self._check_document(invoice, units)
        return invoice, self._dump(parts)

    def _issue_credit_note(self, row, origin, amount):
        """Issue the credit note over a part of an invoice, and return it with its parts.

        Where a person has credited the invoice already, that credit note is returned.
        """
        self.ensure_one()
        units = to_units(amount, self.currency_id.rounding)
        base_lines = self._base_lines()
        invoiced = self._load(origin.allocation)
        remaining = self._remaining(invoiced, origin.reversal_ids - row, sign=-1)
        parts = split(remaining, self._groups(base_lines), units)
        reason = row.reason or ""
        by_hand = origin._credited_by_hand()
        credited = sum(by_hand.mapped("amount_total"))
        negative = self._dump({cell: -part for cell, part in parts.items()})
        if by_hand and self.currency_id.compare_amounts(credited, amount) >= 0:
            return by_hand, negative
        if by_hand:
            raise UserError(
                self.env._(
                    "%(invoice)s is credited in part already. Credit the rest of what went back by "
                    "hand, then try again.",
                    invoice=origin.invoice_id.name,
                )
            )
        if parts == invoiced:
            credit_note = origin.invoice_id._reverse_moves([
                {"date": row.date, "invoice_date": row.date, "ref": reason}
            ])
        else:
            credit_note = self._create_document(
                "out_refund",
                row.date,
                self._part_lines(base_lines, parts),
                ref=reason,
                reversed_entry_id=origin.invoice_id.id,
            )
        credit_note.action_post()
        self._check_document(credit_note, units)
        return credit_note, negative

    def _create_document(self, move_type, date, lines, **vals):
        return self.env["account.move"].create({
            "move_type": move_type,
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "invoice_date": date,
            # the taxes stand on the lines already
            "fiscal_position_id": self.fiscal_position_id.id,
            "invoice_payment_term_id": False,
            "invoice_date_due": date,
            "invoice_user_id": self.user_id.id,
            "invoice_origin": self.name,
            "ref": self.reference,
            "narration": self.note,
            "invoice_line_ids": lines,
            **({"journal_id": self.journal_id.id} if self.journal_id else {}),
            **vals,
        })

    def _check_document(self, move, units):
        """Never let an invoice differ from what was paid."""
        if to_units(move.amount_total, self.currency_id.rounding) != units:
            raise UserError(
                self.env._(
                    "The invoice would be over %(invoice)s instead of %(paid)s.",
                    invoice=self.currency_id.format(move.amount_total),
                    paid=self.currency_id.format(to_amount(units, self.currency_id.rounding)),
                )
            )

    def _part_label(self, amount):
        """Return the remark that tells of which document an invoice is a part."""
        texts = self.with_context(lang=self._print_lang()).env
        return texts._(
            "Part payment of %(amount)s on %(document)s over %(total)s",
            amount=self.currency_id.format(amount),
            document=self.name,
            total=self.currency_id.format(self.amount_total),
        )

    # ------------------------------------------------------------
    # PARTS
    # ------------------------------------------------------------

    def _cells(self, base_lines):
        """Return net amount and taxes of each line, in the smallest units of the currency."""
        rounding = self.currency_id.rounding
        cells = {}
        for base_line in base_lines:
            line = str(base_line["record"].id)
            details = base_line["tax_details"]
            cells[line, ""] = to_units(
                details["total_excluded_currency"] + details["delta_total_excluded_currency"],
                rounding,
            )
            for tax_data in details["taxes_data"]:
                cell = line, str(tax_data["tax"].id)
                # a tax of reverse charge stands there twice and adds up to nothing
                cells[cell] = cells.get(cell, 0) + to_units(
                    tax_data["tax_amount_currency"], rounding
                )
        return cells

    def _groups(self, base_lines):
        """Return for each line which taxes it has."""
        return {
            str(base_line["record"].id): tuple(sorted(base_line["tax_ids"].ids))
            for base_line in base_lines
        }

    def _remaining(self, cells, rows, sign=1):
        """Return what is left of cells after what other payments took."""
        remaining = dict(cells)
        for row in rows:
            for cell, units in self._load(row.allocation).items():
                remaining[cell] = remaining.get(cell, 0) - sign * units
        return remaining

    def _part_lines(self, base_lines, parts):
        """Return the invoice lines over parts of the request's lines.

        Net amount and taxes are handed to the host's computation as they are: computed anew from
        a rounded price they would be a unit off here and there.
        """
        rounding = self.currency_id.rounding
        commands = []
        for base_line in base_lines:
            line = base_line["record"]
            own = {tax: units for (of, tax), units in parts.items() if of == str(line.id)}
            if not any(own.values()):
                continue
            net = own.pop("")
            whole = self._cells([base_line])[str(line.id), ""]
            taxes, included = {}, 0
            for tax_data in base_line["tax_details"]["taxes_data"]:
                tax = tax_data["tax"]
                if tax_data["is_reverse_charge"]:
                    continue
                gross = to_units(tax_data["tax_amount_currency"], rounding)
                units = own[str(tax.id)]
                if tax.has_negative_factor:
                    units = proportion(net, whole, gross)
                base = to_units(tax_data["base_amount_currency"], rounding)
                taxes[str(tax.id)] = {
                    "tax_amount_currency": to_amount(units, rounding),
                    "base_amount_currency": to_amount(
                        net + proportion(net, whole, base - whole), rounding
                    ),
                }
                if tax.price_include:
                    included += units
            price = to_amount(net + included, rounding)
            extra = {
                "manual_total_excluded_currency": to_amount(net, rounding),
                "manual_tax_amounts": taxes,
                "currency_id": self.currency_id.id,
                "price_unit": price,
                "discount": 0.0,
                "quantity": 1.0,
                "rate": 1.0,
            }
            commands.append(
                Command.create({
                    **line._invoice_line_vals(),
                    "quantity": 1.0,
                    "price_unit": price,
                    "discount": 0.0,
                    "extra_tax_data": extra if taxes else False,
                })
            )
        return commands

    @staticmethod
    def _dump(parts):
        """Return parts as they are stored, without those of nothing."""
        return {"/".join(cell): units for cell, units in parts.items() if units}

    @staticmethod
    def _load(allocation):
        return {tuple(cell.split("/")): units for cell, units in (allocation or {}).items()}

    # ------------------------------------------------------------
    # TELLING
    # ------------------------------------------------------------

    def _tell_a_person(self, summary, note):
        """Give the salesperson, or whoever is at work, something to do on this request."""
        self.ensure_one()
        if summary in self.activity_ids.mapped("summary"):
            # it was told before, and is not done yet
            return
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=summary,
            note=note,
            user_id=(self.user_id or self.create_uid or self.env.user).id,
        )

    def _message_about_payment(self, row):
        """Note on the request what a payment issued."""
        self.ensure_one()
        if row.kind == "payment" and row.invoice_id:
            body = self.env._(
                "%(amount)s paid: %(invoice)s",
                amount=self.currency_id.format(row.applied_amount),
                invoice=row.invoice_id._get_html_link(),
            )
        elif row.kind == "payment":
            body = self.env._(
                "%(amount)s paid, of which nothing was due. It is an open credit of the customer.",
                amount=row.currency_id.format(row.amount),
            )
        elif row.invoice_id:
            body = self.env._(
                "%(amount)s taken back: %(invoice)s",
                amount=self.currency_id.format(-row.applied_amount),
                invoice=row.invoice_id._get_html_link(),
            )
        else:
            body = self.env._(
                "%(amount)s on account taken back.", amount=row.currency_id.format(row.amount)
            )
        self._message_log(body=body)
        for move in row.invoice_id:
            move._message_log(body=self.env._("Issued by %(link)s", link=self._get_html_link()))
