# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import logging

import psycopg2

from odoo import Command, api, models
from odoo.fields import Domain

from .recurring_document_state import BILLED_STATES
from .recurring_terms import REQUEST_KINDS

_logger = logging.getLogger(__name__)

# periods billed in one transaction
CHUNK = 250


class RecurringPeriod(models.Model):
    """Issues the documents of periods, many in one go; one that cannot be issued stops no other."""

    _inherit = "recurring.period"

    # ------------------------------------------------------------
    # WHICH
    # ------------------------------------------------------------

    @api.model
    def _to_generate_domain(self):
        """Return which periods are to be billed now."""
        return (
            Domain("state", "=", "planned")
            & Domain("left_out", "=", False)
            & Domain("document_id.state", "in", BILLED_STATES)
            & Domain("document_id.trouble", "=", False)
        )

    @api.model
    def _next_chunk(self, size=None):
        """Return the periods to be billed next; those that share a document come together."""
        size = size or CHUNK
        domain = self._to_generate_domain()
        rows = self.search(domain, order="bill_on, document_id, id", limit=size)
        if len(rows) == size:
            last = rows[-1]
            rows |= self.search(
                domain
                & Domain("document_id", "=", last.document_id.id)
                & Domain("bill_on", "=", last.bill_on)
            )
        return rows

    # ------------------------------------------------------------
    # THE WAY IN
    # ------------------------------------------------------------

    def _generate(self):
        """Issue the documents of planned periods, or ask for their direct charges.

        All of it belongs to the transaction at hand: killed in between, the periods are still
        planned. One that fails gets its error and flags its recurring document.

        :return: the periods that were worked on
        """
        # sudo: documents and charges of periods are the system's; who may ask is checked before
        rows = self.sudo()._claim()
        for company, some in rows.grouped("company_id").items():
            some = some.with_company(company)
            some.filtered(lambda row: row.document_id.method == "debt")._carefully("_issue")
            some.filtered(lambda row: row.document_id.method == "direct")._carefully("_ask")
        return rows

    def _claim(self):
        """Return those periods that nobody else works on and that are still planned."""
        self.env.flush_all()
        rows = self.try_lock_for_update(allow_referencing=True)
        rows.invalidate_recordset()
        return rows.filtered(lambda row: row.state == "planned").sorted(
            lambda row: (row.bill_on, row.document_id.id, row.id)
        )

    def _carefully(self, step):
        """Do a step for all rows at once, or for one document after the other when that fails.

        :param str step: the name of the method
        """
        if not self:
            return
        try:
            with self.env.cr.savepoint():
                getattr(self, step)()
                self.env.flush_all()
        except psycopg2.OperationalError:
            # two at once, or the database went away: the job begins again
            raise
        except Exception as error:
            self.env.invalidate_all()
            bundles = self._bundles()
            if len(bundles) > 1:
                for rows in bundles:
                    rows._carefully(step)
            else:
                _logger.info("%s could not be billed: %r", self[:1].display_name, error)
                self._fail(error)

    def _fail(self, error):
        """Keep the error at the periods of one document and flag it."""
        text = str(error) or repr(error)
        self._set_state("failed", cause="error", note=text.splitlines()[0][:200], error=text)
        self.document_id._set_trouble(error)

    # ------------------------------------------------------------
    # DOCUMENTS
    # ------------------------------------------------------------

    def _issue(self):
        """Issue the documents of periods of debt management."""
        bundles = self._filled_bundles()
        invoices = [b for b in bundles if b[0].document_id.document_kind == "invoice"]
        requests = [b for b in bundles if b[0].document_id.document_kind in REQUEST_KINDS]
        if invoices:
            self.browse()._issue_invoices(invoices)
        if requests:
            self.browse()._issue_requests(requests)

    def _filled_bundles(self):
        """Write down what is billed; leave out what comes to nothing.

        :return: the rows that share a document, as one recordset each
        """
        fresh = self.filtered(lambda row: not row.content)
        contents = dict(zip(fresh.ids, self._contents(fresh._slices()), strict=True))
        empty, bundles = self.browse(), []
        for rows in self._bundles():
            for row in rows:
                if row.id in contents:
                    row.content = contents[row.id]
            # a document whose lines all have dates of their own has nothing to say itself
            filled = rows.filtered("content")
            if any(not entry.get("display") for row in filled for entry in row.content):
                filled.main_id = filled[0]
                bundles.append(filled)
                empty |= rows - filled
            else:
                empty |= rows
        if empty:
            empty._set_state(
                "skipped", cause="schedule", note=self.env._("There was nothing to bill.")
            )
        return bundles

    def _entries(self):
        """Return all entries of the rows, in the order of the lines of the document."""
        order = {line.id: place for place, line in enumerate(self.document_id.line_ids)}
        pairs = [(row, entry) for row in self for entry in row.content or ()]
        return sorted(pairs, key=lambda pair: order.get(pair[1]["line"], len(order)))

    def _issue_invoices(self, bundles, date=None, cause="run"):
        """Issue and post the invoices of bundles at once.

        :param bundles: recordsets of the rows that share an invoice
        :param date: the date of the invoices, unless the one of each document
        """
        moves = self.env["account.move"].with_context(
            # what the host would note at each one is noted for all of them below
            tracking_disable=True,
            mail_create_nosubscribe=True,
        )
        moves = moves.create([rows._invoice_values(date) for rows in bundles])
        moves._post(soft=False)
        by_row = {}
        for rows, move in zip(bundles, moves, strict=True):
            amounts = rows._amounts_of(move)
            for row in rows:
                by_row[row.id] = {
                    "move_id": move.id,
                    "amount": amounts[row.id],
                    **row._after_issue(),
                }
        issued = self.union(*bundles)
        issued._set_state("generated", cause=cause, by_row=by_row)
        issued.main_id._log_issued()
        return moves

    def _invoice_values(self, date=None):
        """Return the values of the invoice of rows that share one."""
        document = self.document_id
        lines = [
            Command.create(self._invoice_line_values(entry, place))
            for place, (_row, entry) in enumerate(self._entries(), start=1)
        ]
        vals = {
            "move_type": "out_invoice",
            "company_id": document.company_id.id,
            "partner_id": document.partner_id.id,
            "currency_id": document.currency_id.id,
            "invoice_date": date or self._date_of_document(),
            "fiscal_position_id": document.fiscal_position_id.id,
            "invoice_user_id": document.user_id.id,
            "invoice_origin": document.name,
            "ref": document.reference,
            "invoice_line_ids": lines,
        }
        if note := self._note():
            # without one, the company's own terms stand there
            vals["narration"] = note
        if document.payment_term_id:
            vals["invoice_payment_term_id"] = document.payment_term_id.id
        if document.journal_id:
            vals["journal_id"] = document.journal_id.id
        return vals

    def _amounts_of(self, move):
        """Return which part of an invoice each row has; the parts add up to its total."""
        amounts = dict.fromkeys(self.ids, 0.0)
        if len(self) > 1:
            lines = move.invoice_line_ids.sorted(lambda line: (line.sequence, line.id))
            for (row, _entry), line in zip(self._entries(), lines, strict=False):
                amounts[row.id] += line.price_total
        first = self[0].id
        amounts[first] += move.amount_total - sum(amounts.values())
        return {row: move.currency_id.round(amount) for row, amount in amounts.items()}

    def _issue_requests(self, bundles):
        """Issue the pro-formas or payment requests of bundles at once."""
        requests = self.env["payment.request"].with_context(
            tracking_disable=True, mail_create_nosubscribe=True
        )
        requests = requests.create([rows._request_values() for rows in bundles])
        requests.action_confirm()
        by_row = {}
        for rows, request in zip(bundles, requests, strict=True):
            amounts = dict.fromkeys(rows.ids, 0.0)
            if len(rows) > 1:
                lines = request.line_ids.sorted(lambda line: (line.sequence, line.id))
                for (row, _entry), line in zip(rows._entries(), lines, strict=False):
                    amounts[row.id] += line.price_total
            amounts[rows[0].id] += request.amount_total - sum(amounts.values())
            for row in rows:
                by_row[row.id] = {
                    "request_id": request.id,
                    "amount": request.currency_id.round(amounts[row.id]),
                    **row._after_issue(),
                }
        issued = self.union(*bundles)
        issued._set_state("generated", cause="run", by_row=by_row)
        issued.main_id._log_issued()
        return requests

    def _request_values(self):
        """Return the values of the payment request of rows that share one."""
        document = self.document_id
        lines = []
        for place, (_row, entry) in enumerate(self._entries(), start=1):
            lines.append(Command.create(self._invoice_line_values(entry, place)))
        return {
            "kind": document.document_kind,
            "company_id": document.company_id.id,
            "partner_id": document.partner_id.id,
            "currency_id": document.currency_id.id,
            "date": self._date_of_document(),
            "payment_term_id": (
                document.payment_term_id or document.partner_id.property_payment_term_id
            ).id,
            "fiscal_position_id": document.fiscal_position_id.id,
            "journal_id": document.journal_id.id,
            "user_id": document.user_id.id,
            "reference": document.reference,
            "origin": document.name,
            "note": self._note(),
            "line_ids": lines,
        }

    def _after_issue(self):
        """Return what follows for a row whose document is issued: its charge, its sending."""
        self.ensure_one()
        document = self.document_id
        if self.main_id != self:
            return {"to_charge": False, "send_state": "none"}
        to_charge = document.method == "debt" and document.charge
        sends = document.send_when == "issued" or (
            document.send_when == "charged" and not to_charge
        )
        return {
            "to_charge": to_charge,
            "send_state": "waiting" if sends and self._can_be_sent() else "none",
        }

    def _log_issued(self):
        """Tell the history of documents, invoices and customers what was issued, all at once."""
        by_document, by_partner, by_move, by_request = {}, {}, {}, {}
        for row in self:
            document, issued = row.document_id, row.move_id or row.request_id
            text = self.env._(
                "%(document)s of %(amount)s issued for %(period)s",
                document=issued.display_name,
                amount=row.currency_id.format(issued.amount_total),
                period=row.display_name,
            )
            by_document.setdefault(document.id, []).append(text)
            by_partner.setdefault(row.partner_id.id, []).append(text)
            target = by_move if row.move_id else by_request
            target[issued.id] = self.env._("Issued for %s", row.display_name)
        for model, bodies in (
            ("recurring.document", by_document),
            ("res.partner", by_partner),
            ("account.move", by_move),
            ("payment.request", by_request),
        ):
            if bodies:
                texts = {
                    key: value if isinstance(value, str) else ". ".join(value)
                    for key, value in bodies.items()
                }
                # sudo: history is written by the system
                self.env[model].sudo().browse(texts)._message_log_batch(bodies=texts)
