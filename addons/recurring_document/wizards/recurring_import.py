# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import base64
import io
from contextlib import closing
from datetime import date

import openpyxl
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..core import recurring_import as core
from .recurring_import_finder import Finder

ENCODINGS = [
    ("utf-8", "Unicode (UTF-8)"),
    ("cp1255", "Hebrew (Windows-1255)"),
    ("iso-8859-7", "Greek (ISO 8859-7)"),
]
# the fields whose choices the columns have
CHOICE_FIELDS = {
    "method": "method",
    "document": "document_kind",
    "unit": "unit",
    "begins": "begin_rule",
    "billed_on": "bill_on",
}
TEMPLATE_NAME = "recurring-documents.xlsx"


class RecurringImport(models.TransientModel):
    """Makes recurring documents from a file: first a look at what would be made, then they are."""

    _name = "recurring.import"
    _description = "Import Recurring Documents"

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    company_id = fields.Many2one(
        "res.company", "Company", required=True, default=lambda self: self.env.company
    )
    file = fields.Binary("File", attachment=False, help="XLSX or CSV.")
    file_name = fields.Char("Name of the File")
    encoding = fields.Selection(
        ENCODINGS, "Encoding", help="Of a CSV. Empty: found out from the file."
    )
    decimal = fields.Selection(
        [(".", "1,234.50"), (",", "1.234,50")],
        "Numbers Are Written",
        help="Empty: each number tells; one that may be read in two ways is refused.",
    )
    start = fields.Boolean("Start Them", help="Otherwise they are made in draft.")
    good_only = fields.Boolean(
        "Import the Good Ones",
        help="Orders with an error are left out. Otherwise nothing is imported while there is one.",
    )
    state = fields.Selection(
        [("choose", "Choose a File"), ("checked", "Checked"), ("done", "Imported")],
        "Status",
        default="choose",
        readonly=True,
    )
    read_as = fields.Char("Read as", readonly=True)
    error_ids = fields.One2many("recurring.import.error", "wizard_id", "Errors", readonly=True)
    order_ids = fields.One2many("recurring.import.order", "wizard_id", "Orders", readonly=True)
    document_ids = fields.Many2many(
        "recurring.document", string="Recurring Documents", readonly=True
    )
    error_count = fields.Integer("Number of Errors", compute="_compute_counts")
    new_count = fields.Integer("New", compute="_compute_counts")
    known_count = fields.Integer("There Already", compute="_compute_counts")
    bad_count = fields.Integer("With Errors", compute="_compute_counts")
    template_file = fields.Binary("File to Fill in", compute="_compute_template_file")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("error_ids", "order_ids.state")
    def _compute_counts(self):
        for wizard in self:
            states = wizard.order_ids.mapped("state")
            wizard.error_count = len(wizard.error_ids)
            wizard.new_count = states.count("new") + states.count("made")
            wizard.known_count = states.count("known")
            wizard.bad_count = states.count("bad")

    @api.depends_context("lang")
    def _compute_template_file(self):
        content = base64.b64encode(self._template())
        for wizard in self:
            wizard.template_file = content

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_check(self):
        """Show what the file would make, and every error in it; make nothing."""
        self._run(dry=True)
        self.state = "checked"
        return self._open()

    def action_import(self):
        """Make the recurring documents; none while there is an error, unless that was asked for."""
        self._run(dry=False)
        made = self.document_ids or not self.error_ids
        self.state = "done" if made else "checked"
        return self._open()

    def action_choose_another(self):
        """Go back to choosing a file."""
        self.ensure_one()
        self._forget()
        self.write({"state": "choose", "file": False, "file_name": False, "read_as": False})
        return self._open()

    def action_open_documents(self):
        """Show what was made."""
        self.ensure_one()
        return self.document_ids._get_records_action(name=self.env._("Recurring Documents"))

    def action_template(self):
        """Download a file to be filled in, with the columns explained."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/template_file/{TEMPLATE_NAME}?download=1",
            "target": "download",
        }

    def _open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import Recurring Documents"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    # ------------------------------------------------------------
    # THE IMPORT
    # ------------------------------------------------------------

    def _run(self, *, dry):
        """Read the file, and make what it says unless it is a dry run."""
        self.ensure_one()
        Document = self.env["recurring.document"].with_company(self.company_id)
        Document._check_operator()
        if self.company_id not in self.env.companies:
            raise UserError(self.env._("Choose one of your companies."))
        self._forget()
        orders, faults = self._read()
        finder = Finder(Document.env, self.company_id, orders)
        ready = self._ready(orders, finder, faults)
        faulty = {fault.line for fault in faults}
        good = [one for one in ready if not one[0].lines & faulty]
        # making them finds what the rules of the documents refuse; it is undone in a dry run
        with closing(self.env.cr.savepoint()) as savepoint:
            made = self._make(good, faults)
            shown = self._order_values(orders, finder, made)
            keep = not dry and made and (self.good_only or not faults)
            if keep:
                if self.start:
                    Document.browse([document.id for document in made.values()]).action_start()
                documents = [document.id for document in made.values()]
            savepoint.close(rollback=not keep)
        if keep:
            self.document_ids = [fields.Command.set(documents)]
            for vals in shown:
                if vals["state"] == "new":
                    vals |= {"state": "made", "document_id": made[vals["reference"]].id}
        self.env["recurring.import.order"].create([
            {**vals, "wizard_id": self.id} for vals in shown
        ])
        self._keep_errors(faults)

    def _forget(self):
        """Take away what the last look at the file has found."""
        self.error_ids.unlink()
        self.order_ids.unlink()
        self.document_ids = False

    def _read(self):
        """Return the orders of the file, and its faults."""
        if not self.file:
            raise UserError(self.env._("Choose a file first."))
        names = self._names()
        try:
            table = core.read(base64.b64decode(self.file), names, encoding=self.encoding or "")
        except core.Unreadable as error:
            raise UserError(self._unreadable(str(error))) from error
        self.read_as = self._read_in_words(table)
        return core.parse(table, names, self._choices(), decimal=self.decimal or "")

    def _ready(self, orders, finder, faults):
        """Return the orders that can be made, with their values and cards; note what is wrong."""
        ready = []
        for order in orders:
            values = finder.values(order)
            token = finder.token(order)
            if values and order.reference not in finder.known:
                ready.append((order, values, token))
        faults += finder.faults
        return ready

    def _make(self, ready, faults):
        """Make recurring documents, all at once; find those that are refused, and say why.

        :param ready: tuples of the order, the values of the document, and the card
        :return: the documents by the reference of their order
        """
        if not ready:
            return {}
        Document = self.env["recurring.document"].with_company(self.company_id)
        try:
            with self.env.cr.savepoint():
                documents = Document.create([values for _order, values, _token in ready])
                self._make_ways(zip(documents, ready, strict=True))
                self.env.flush_all()
        except (ValidationError, UserError) as error:
            if len(ready) > 1:
                middle = len(ready) // 2
                return self._make(ready[:middle], faults) | self._make(ready[middle:], faults)
            [[order, _values, _token]] = ready
            faults.append(core.Fault(order.line, "", "refused", str(error)))
            return {}
        return {
            order.reference: document
            for document, (order, _values, _token) in zip(documents, ready, strict=True)
        }

    def _make_ways(self, made):
        """Have documents charged by the cards that their orders name."""
        self.env["payment.charge.way"].create([
            {
                "company_id": self.company_id.id,
                "partner_id": document.commercial_partner_id.id,
                "token_id": token.id,
                "res_model": "recurring.document",
                "res_id": document.id,
                "sequence": 10,
            }
            for document, (_order, _values, token) in made
            if token
        ])

    # ------------------------------------------------------------
    # WHAT IS SHOWN
    # ------------------------------------------------------------

    def _order_values(self, orders, finder, made):
        """Return the values of the rows that tell what became, or would become, of each order."""
        rows = []
        for order in orders:
            known, document = finder.known.get(order.reference), made.get(order.reference)
            partner = finder.customers[order.reference]
            vals = {
                "sequence": order.line,
                "reference": order.reference,
                "state": "new" if document else "bad",
                "partner_id": partner.id if partner else False,
                "title": order.values.get("title"),
                "line_count": len(order.entries),
            }
            if document:
                vals |= {
                    "currency_id": document.currency_id.id,
                    "amount": document.amount_period,
                    "rhythm": document.rhythm_text,
                    "first_on": document._slices(date.min, {}, limit=1)[1],
                    "way": order.values.get("way"),
                }
            elif known and known.commercial_partner_id == (partner or known).commercial_partner_id:
                vals |= {"state": "known", "document_id": known.id}
            rows.append(vals)
        return rows

    def _keep_errors(self, faults):
        """Show the faults in the order of the file, each once."""
        labels = self._labels()
        seen = dict.fromkeys(
            (fault.line, labels.get(fault.column, fault.column), self._words(fault), fault.value)
            for fault in faults
        )
        self.env["recurring.import.error"].create([
            {
                "wizard_id": self.id,
                "line": line,
                "column": column,
                "text": text,
                "value": value[:200],
                "file_name": self.file_name,
            }
            for line, column, text, value in sorted(seen, key=lambda one: one[0])
        ])

    def _read_in_words(self, table):
        if not table.encoding:
            return self.env._("workbook")
        delimiter = {"\t": self.env._("tabulator")}.get(table.delimiter, table.delimiter)
        return self.env._(
            "CSV, %(encoding)s, delimiter %(delimiter)s",
            encoding=dict(ENCODINGS).get(table.encoding, table.encoding),
            delimiter=delimiter,
        )

    def _unreadable(self, kind):
        """Return in words why the file cannot be read."""
        file = self.file_name or self.env._("The file")
        return {
            "large": self.env._("%s is larger than 20 MB. Split it.", file),
            "long": self.env._("%s has more than 20,000 lines. Split it.", file),
            "empty": self.env._("%s has no lines below the names of the columns.", file),
            "xls": self.env._("%s is an old Excel file. Save it as XLSX or CSV.", file),
            "broken": self.env._("%s is neither an XLSX nor a CSV file that can be read.", file),
            "encoding": self.env._("%s is not in this encoding. Choose another one.", file),
        }[kind]

    def _words(self, fault):
        """Return in words what is wrong."""
        say, more = self.env._, fault.more
        value = fault.value
        texts = {
            "unknown_column": lambda: say("There is no such column. See the file to fill in."),
            "column_twice": lambda: say("The column is there twice."),
            "missing_column": lambda: say("The column is missing."),
            "too_many_cells": lambda: say("The line has more cells than there are columns."),
            "missing": lambda: say("It is missing."),
            "number": lambda: say("“%s” is not a number.", value),
            "integer": lambda: say("“%s” is not a whole number.", value),
            "ambiguous": lambda: say(
                "“%s” may be read in two ways. Say above how numbers are written.", value
            ),
            "day": lambda: say("“%s” is not a day. Write it like 2027-01-31 or 31.01.2027.", value),
            "flag": lambda: say("“%s” is neither yes nor no.", value),
            "choice": lambda: say(
                "“%(value)s” is not known. There are: %(choices)s",
                value=value,
                choices=self._choices_in_words(fault.column),
            ),
            "range": lambda: self._range_in_words(value, more),
            "differs": lambda: say(
                "“%(value)s” differs from line %(line)s of the same order.",
                value=value,
                line=more["line"],
            ),
            "placeholder": lambda: say(
                "The placeholder {%(name)s} is not known. There are: %(known)s",
                name=value,
                known=more["known"],
            ),
            "before_start": lambda: say("It ends before it starts on %s.", more["start"]),
            "not_direct": lambda: say("A direct charge issues an invoice, or a receipt only."),
            "not_debt": lambda: say("Debt management needs a document."),
            "not_unit": lambda: say("Periods of days or weeks begin on the day of the start."),
            "not_begins": lambda: say("Only for periods that begin on a day of the month."),
            "digits": lambda: say("“%s” are not the last digits of a card.", value),
            "not_charged": lambda: say("The order says that it is not charged."),
            "not_found": lambda: say("“%s” is not found.", value),
            "several": lambda: self._several_in_words(fault),
            "reference_taken": lambda: say(
                "The reference belongs to %(document)s of %(customer)s already.",
                document=more["document"],
                customer=more["customer"],
            ),
            "no_card": lambda: say(
                "%(customer)s has no saved card that ends with %(digits)s.",
                customer=more["customer"],
                digits=value,
            ),
            "cards": lambda: say(
                "%(customer)s has %(count)s saved cards that end with %(digits)s.",
                customer=more["customer"],
                count=more["count"],
                digits=value,
            ),
            "refused": lambda: value,
        }
        return texts[fault.kind]()

    def _range_in_words(self, value, more):
        if more["to"] is None:
            return self.env._(
                "“%(value)s”: at least %(from)s.", value=value, **{"from": more["from"]}
            )
        return self.env._(
            "“%(value)s”: from %(from)s to %(to)s.",
            value=value,
            to=more["to"],
            **{"from": more["from"]},
        )

    def _several_in_words(self, fault):
        if fault.column == "customer":
            return self.env._(
                "%(count)s customers are called “%(value)s”. Give a reference or VAT number.",
                count=fault.more["count"],
                value=fault.value,
            )
        return self.env._(
            "There are %(count)s with the name “%(value)s”.",
            count=fault.more["count"],
            value=fault.value,
        )

    # ------------------------------------------------------------
    # COLUMNS
    # ------------------------------------------------------------

    @api.model
    def _labels(self):
        """Return how the columns are called in the user's language."""
        return {
            "reference": self.env._("Reference"),
            "customer": self.env._("Customer"),
            "title": self.env._("Title"),
            "method": self.env._("Method"),
            "document": self.env._("Document"),
            "every": self.env._("Every"),
            "unit": self.env._("Unit"),
            "start": self.env._("Start"),
            "end": self.env._("End"),
            "count": self.env._("Number of Periods"),
            "begins": self.env._("A Period Begins"),
            "begin_day": self.env._("Day of the Month"),
            "billed_on": self.env._("Billed on the"),
            "days_later": self.env._("Days Later"),
            "product": self.env._("Product"),
            "description": self.env._("Description"),
            "quantity": self.env._("Quantity"),
            "price": self.env._("Unit Price"),
            "taxes": self.env._("Taxes"),
            "discount": self.env._("Discount (%)"),
            "currency": self.env._("Currency"),
            "payment_terms": self.env._("Payment Terms"),
            "charge": self.env._("Charge by Itself"),
            "way": self.env._("Saved Card"),
        }

    @api.model
    def _explanations(self):
        """Return what is written into each column, in the user's language."""
        return {
            "reference": self.env._(
                "Of the order. Lines with the same reference are lines of one order. An order whose "
                "reference the company has already is not made again. Stands on every document."
            ),
            "customer": self.env._("The customer's reference, VAT number or name."),
            "title": self.env._("What it is for, such as a contract."),
            "method": self.env._(
                "Direct charge: the money first. Debt management, the usual one: the document first."
            ),
            "document": self.env._("Empty: an invoice."),
            "every": self.env._("A number: every 2 months. Empty: 1."),
            "unit": self.env._("Empty: months."),
            "start": self.env._("The first day that is billed, like 2027-01-31 or 31.01.2027."),
            "end": self.env._("The last day that is billed. Empty: no end."),
            "count": self.env._("It ends after so many periods. Empty: no limit."),
            "begins": self.env._("Empty: on the day of the start."),
            "begin_day": self.env._(
                "1 to 31, for periods that begin on a day of the month; 31 is its last day."
            ),
            "billed_on": self.env._("Empty: the first day of the period."),
            "days_later": self.env._("Days after that day; less than nothing: before it."),
            "product": self.env._("The product's code or name. Empty: a line by its description."),
            "description": self.env._(
                "Empty: that of the product. May have placeholders such as {month} or {period}."
            ),
            "quantity": self.env._("Empty: 1."),
            "price": self.env._(
                "Of one piece, in the currency of the order. Empty: the product's."
            ),
            "taxes": self.env._(
                "Names of taxes, with a comma between them. Empty: those of the product. -: none."
            ),
            "discount": self.env._("From 0 to 100."),
            "currency": self.env._("The code, such as EUR. Empty: the company's."),
            "payment_terms": self.env._("Their name. Empty: those of the customer."),
            "charge": self.env._(
                "Yes or no: whether the document is charged by itself. Empty: yes."
            ),
            "way": self.env._(
                "The last digits of the customer's saved card to charge. Empty: the customer's ways."
            ),
        }

    @api.model
    def _names(self):
        """Return the columns by how people write their names."""
        english = self.with_context(lang="en_US")
        return {
            core.normalised(text): name
            for labels in (english._labels(), self._labels())
            for name, label in labels.items()
            for text in (name, label)
        }

    @api.model
    def _choices(self):
        """Return, by column, the values by how people write them."""
        choices = {}
        for column, name in CHOICE_FIELDS.items():
            known = choices[column] = {}
            field = self.env["recurring.document"]._fields[name]
            for lang in ("en_US", self.env.lang):
                for key, label in field._description_selection(self.with_context(lang=lang).env):
                    known |= {core.normalised(key): key, core.normalised(label): key}
        return choices

    @api.model
    def _choices_in_words(self, column):
        field = self.env["recurring.document"]._fields[CHOICE_FIELDS[column]]
        return ", ".join(label for _key, label in field._description_selection(self.env))

    # ------------------------------------------------------------
    # THE FILE TO FILL IN
    # ------------------------------------------------------------

    @api.model
    def _template(self):
        """Return a workbook with the columns, an order as an example, and what they mean."""
        labels, explanations = self._labels(), self._explanations()
        book = openpyxl.Workbook()
        page = book.active
        page.title = self.env._("Orders")[:31]
        page.append([labels[name] for name in core.COLUMNS])
        for row in self._examples():
            page.append([row.get(name) for name in core.COLUMNS])
        page.freeze_panes = "A2"
        self._dress(page, [max(len(label) + 2, 14) for label in labels.values()])
        meanings = book.create_sheet(self.env._("Columns")[:31])
        meanings.append([
            self.env._("Column"),
            self.env._("Needed"),
            self.env._("What to Write"),
            self.env._("Choices"),
        ])
        for name, column in core.COLUMNS.items():
            meanings.append([
                labels[name],
                self.env._("Yes") if column.required else "",
                explanations[name],
                self._choices_in_words(name) if name in CHOICE_FIELDS else "",
            ])
        self._dress(meanings, [22, 9, 90, 70])
        file = io.BytesIO()
        book.save(file)
        return file.getvalue()

    @staticmethod
    def _dress(page, widths):
        """Make the header bold and the columns wide enough."""
        for cell in page[1]:
            cell.font = Font(bold=True)
        for place, width in enumerate(widths, start=1):
            page.column_dimensions[get_column_letter(place)].width = width

    @api.model
    def _examples(self):
        """Return the lines of an order as an example."""
        choices = {
            column: dict(
                self.env["recurring.document"]._fields[name]._description_selection(self.env)
            )
            for column, name in CHOICE_FIELDS.items()
        }
        today = fields.Date.context_today(self)
        return [
            {
                "reference": "ORDER-1",
                "customer": self.env._("Name of the customer"),
                "title": self.env._("Hosting"),
                "method": choices["method"]["debt"],
                "document": choices["document"]["invoice"],
                "every": 1,
                "unit": choices["unit"]["month"],
                "start": fields.Date.start_of(fields.Date.add(today, months=1), "month"),
                "begins": choices["begins"]["start"],
                "description": self.env._("Hosting {month}"),
                "quantity": 1,
                "price": 100,
                "charge": "yes",
            },
            {
                "reference": "ORDER-1",
                "description": self.env._("Backup {month}"),
                "quantity": 2,
                "price": 7.5,
            },
        ]
