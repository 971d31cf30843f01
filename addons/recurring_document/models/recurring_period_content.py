# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import Command, api, fields, models

from ..core import periods as core
from ..core import placeholders
from .recurring_document_plan import Slice


class RecurringPeriod(models.Model):
    """What is billed for a period: the lines with their texts, quantities and prices."""

    _inherit = "recurring.period"

    def _slices(self):
        """Return the periods as the arithmetic reads them."""
        rhythms = {document: document._rhythm() for document in self.document_id}
        return [
            Slice(
                row.document_id,
                row.line_id,
                core.whole_of(rhythms[row.document_id], row.date_from, row.date_to, row.number),
                row.bill_on,
            )
            for row in self
        ]

    @api.model
    def _contents(self, slices):
        """Return what is billed for slices, at the prices and in the language of each.

        It is plain data, so that it can be kept: what was charged is what is invoiced later.

        :return: one list of entries per slice, in that order
        """
        cache, parts, asked = {}, [], []
        for one in slices:
            for line, share, since in self._billed_lines(one):
                first = max(one.period.first, since) if since else one.period.first
                parts.append((one, line, share, first))
                asked.append((line, first, one.period.last))
        quantities = self.env["recurring.document.line"]._quantities(asked)
        found = {id(one): [] for one in slices}
        for (one, line, share, first), quantity in zip(parts, quantities, strict=True):
            found[id(one)].append(self._entry(one, line, share, first, quantity, cache))
        return [found[id(one)] for one in slices]

    @api.model
    def _billed_lines(self, one):
        """Yield the lines of a slice with the share of the price that is billed, and since when."""
        document = one.document
        if one.line:
            lines = one.line
        else:
            lines = document.line_ids.filtered(lambda line: not line._has_own_dates())
        rules = {"prorate_first": document.prorate_first, "prorate_last": document.prorate_last}
        for line in lines.sorted(lambda line: (line.sequence, line.id)):
            since = line.not_before
            share = one.period.share_billed(**rules, since=since)
            if share:
                yield line, share, since

    @api.model
    def _entry(self, one, line, share, first, quantity, cache):
        """Return one entry of what is billed."""
        document = one.document
        lang = document.partner_id.lang
        last = one.period.last
        text = placeholders.fill(line.name, first, last, one.period.number, lang)
        if line.display_type:
            return {"line": line.id, "display": line.display_type, "name": text}
        price = whole = line._price_on(one.period.first, cache)
        if share != 1 and line._is_prorated():
            price *= float(share)
            # a price of one piece is an amount, others keep what rounding would lose
            single = quantity == 1 and not line.discount
            price = document.currency_id.round(price) if single else round(price, 6)
        return {
            "line": line.id,
            "name": text,
            "product": line.product_id.id or False,
            "quantity": quantity,
            "uom": line.product_uom_id.id or False,
            "price": price,
            "whole": whole,
            "discount": line.discount,
            "taxes": line.tax_ids.ids,
            "analytic": line.analytic_distribution or False,
        }

    @api.model
    def _invoice_line_values(self, entry, sequence):
        """Return the values of an invoice line for an entry."""
        if entry.get("display"):
            return {
                "display_type": entry["display"],
                "name": entry["name"],
                "sequence": sequence,
            }
        return {
            "sequence": sequence,
            "product_id": entry["product"],
            "name": entry["name"],
            "quantity": entry["quantity"],
            "product_uom_id": entry["uom"],
            "price_unit": entry["price"],
            "discount": entry["discount"],
            "tax_ids": [Command.set(entry["taxes"])],
            "analytic_distribution": entry["analytic"],
        }

    def _bundles(self):
        """Return the rows that share a document, as one recordset each."""
        return list(self.grouped(lambda row: (row.document_id.id, row.bill_on)).values())

    def _note(self):
        """Return the notes of the document with the placeholders filled."""
        row = self[:1]
        document = row.document_id
        text = placeholders.fill(
            document.note, row.date_from, row.date_to, row.number, document.partner_id.lang
        )
        return text or False

    def _date_of_document(self):
        """Return the date on the document: the day of billing, or the one on which it is issued."""
        document = self.document_id
        today = document.company_id._charge_today()
        return self[:1].bill_on if document.dated == "bill" else fields.Date.to_date(today)
