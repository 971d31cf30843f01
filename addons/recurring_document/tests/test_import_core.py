# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""Reading files of standing orders, without a database."""

import doctest
import io
from datetime import date, datetime, time

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..core import recurring_import as core

NAMES = {core.normalised(name): name for name in core.COLUMNS}
CHOICES = {
    "unit": {"months": "month", "month": "month", "days": "day"},
    "method": {"debt": "debt", "direct": "direct"},
    "document": {"invoice": "invoice", "none": "none", "request": "request"},
    "begins": {"start": "start", "day": "day", "last": "last"},
    "billed_on": {"first": "first", "after": "after"},
}
HEADER = "reference,customer,start,description,price"
HEBREW = "לקוח ראשי, תל אביב. חשבון חודשי עבור שירותי אחסון"
GREEK = "Πελάτης Αθήνα. Μηνιαίος λογαριασμός για υπηρεσίες φιλοξενίας"


def workbook(*rows):
    """Return an XLSX with these rows."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def parsed(data, **options):
    data = data if isinstance(data, bytes) else data.encode()
    return core.parse(core.read(data, NAMES), NAMES, CHOICES, **options)


@tagged("post_install", "-at_install")
class TestReadingOrders(BaseCase):
    def faults(self, *lines, header=HEADER, **options):
        """Return where and what is wrong with the lines of a CSV."""
        _orders, faults = parsed("\n".join([header, *lines]), **options)
        return [(fault.line, fault.column, fault.kind) for fault in faults]

    # ------------------------------------------------------------
    # CELLS
    # ------------------------------------------------------------

    def test_the_examples_in_the_texts(self):
        self.assertEqual(doctest.testmod(core).failed, 0)

    @settings(deadline=None)
    @given(st.decimals(-(10**8), 10**8, places=2), st.sampled_from([(",", "."), (".", ",")]))
    def test_a_number_reads_as_it_was_written(self, number, signs):
        thousands, decimal = signs
        text = f"{number:,.2f}".translate(str.maketrans({",": thousands, ".": decimal}))
        self.assertEqual(core.number_of(text), float(number))
        self.assertEqual(core.number_of(text, decimal), float(number))

    @settings(deadline=None)
    @given(st.dates(date(1990, 1, 1), date(2099, 12, 31)))
    def test_a_day_reads_as_it_was_written(self, day):
        for text in (
            day.isoformat(),
            day.strftime("%d.%m.%Y"),
            f"{day.day}/{day.month}/{day.year}",
            datetime.combine(day, time()),
        ):
            self.assertEqual(core.day_of(text), day)

    @settings(deadline=None)
    @given(st.text())
    def test_no_text_breaks_the_reading_of_cells(self, text):
        for read, kind in ((core.number_of, float), (core.integer_of, int), (core.day_of, date)):
            try:
                found = read(text)
            except ValueError:
                continue
            self.assertIsInstance(found, kind)

    def test_a_number_that_may_be_two_is_refused(self):
        self.assertEqual(
            self.faults('A,Carmel,2027-01-01,Hosting,"1,234"'), [(2, "price", "ambiguous")]
        )
        self.assertFalse(self.faults('A,Carmel,2027-01-01,Hosting,"1,234"', decimal="."))

    # ------------------------------------------------------------
    # FILES
    # ------------------------------------------------------------

    def test_the_encoding_is_found_out(self):
        for text, encoding in (
            (HEBREW, "cp1255"),
            (GREEK, "iso-8859-7"),
            ("לקוח", "cp1255"),
            ("מחיר;כמות", "cp1255"),
            ("Πελάτης", "iso-8859-7"),
            ("ΠΕΛΑΤΗΣ", "iso-8859-7"),
            ("Τιμή;Ποσότητα", "iso-8859-7"),
        ):
            file = f"{HEADER}\nA,{text.replace(',', ' ')},2027-01-01,Hosting,5\n"
            for used in (encoding, "utf-8", "utf-8-sig", "utf-16"):
                [order], faults = parsed(file.encode(used))
                self.assertFalse(faults)
                self.assertEqual(order.values["customer"], text.replace(",", " "), used)

    def test_the_delimiter_is_found_out(self):
        for delimiter in core.DELIMITERS:
            file = f'{HEADER}\nA,Carmel,2027-01-01,Hosting,"5"\n'.replace(",", delimiter)
            [order], faults = parsed(file)
            self.assertFalse(faults, delimiter)
            self.assertEqual(order.entries[0].values["price"], 5.0)

    def test_a_workbook_reads_as_a_csv(self):
        [order], faults = parsed(
            workbook(
                HEADER.split(","),
                ["A", "Carmel", date(2027, 1, 1), "Hosting", 5],
                [None] * 5,
                ["A", None, None, "Backup", 2.5],
            )
        )
        self.assertFalse(faults)
        self.assertEqual(order.values["start"], date(2027, 1, 1))
        self.assertEqual(
            [(entry.line, entry.values["price"]) for entry in order.entries], [(2, 5.0), (4, 2.5)]
        )

    def test_what_is_no_table_is_refused(self):
        for data, kind in (
            (b"", "empty"),
            (HEADER.encode(), "empty"),
            (b"PK\x03\x04 and nothing", "broken"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
            (b"a\0b,c\nd,e", "broken"),
            (b"x" * (core.MAX_BYTES + 1), "large"),
        ):
            with self.assertRaises(core.Unreadable) as caught:
                core.read(data, NAMES)
            self.assertEqual(str(caught.exception), kind, data[:20])

    def test_a_cell_over_two_lines_does_not_shift_the_numbers(self):
        self.assertEqual(
            self.faults(
                'A,Carmel,2027-01-01,"Hosting\nof the site",5', "B,Carmel,someday,Hosting,5"
            ),
            [(4, "start", "day")],
        )

    # ------------------------------------------------------------
    # COLUMNS AND ORDERS
    # ------------------------------------------------------------

    def test_columns_are_checked_before_lines(self):
        self.assertEqual(
            self.faults("A,Carmel,x,5", header="reference,customer,colour,customer"),
            [
                (1, "colour", "unknown_column"),
                (1, "customer", "column_twice"),
                (1, "start", "missing_column"),
                (1, "description", "missing_column"),
            ],
        )

    def test_lines_with_one_reference_are_one_order(self):
        orders, faults = parsed(
            f"{HEADER}\nA,Carmel,2027-01-01,Hosting,5\nB,Aegean,2027-01-01,Hosting,5\n"
            "A,,,Backup,2\nA,Carmel,2027-01-01,Support,9\n"
        )
        self.assertFalse(faults)
        self.assertEqual(
            [(order.reference, sorted(order.lines)) for order in orders],
            [("A", [2, 4, 5]), ("B", [3])],
        )

    def test_lines_of_an_order_that_differ_are_told(self):
        self.assertEqual(
            self.faults("A,Carmel,2027-01-01,Hosting,5", "A,Aegean,2027-01-02,Backup,5"),
            [(3, "customer", "differs"), (3, "start", "differs")],
        )

    def test_every_error_is_told_at_its_line_and_column(self):
        header = f"{HEADER},end,every,unit,begins,begin_day,discount,charge,method,document,way"
        self.assertEqual(
            self.faults(
                "A,Carmel,2027-01-31,Hosting,five,2027-01-01",
                "B,,someday,Hosting {mnth},5,,0,fortnight",
                "C,Carmel,2027-01-01,,5,,1,days,last,,101,maybe",
                ",Carmel,2027-01-01,Hosting,5",
                "D,Carmel,2027-01-01,Hosting,,,1,month,day,,,yes,direct,request",
                "E,Carmel,2027-01-01,Hosting,5,,1,month,start,3,,no,debt,none,4242",
                "F,Carmel,2027-01-01,Hosting,5,,1,month,day,32,,,,,Visa",
                "G,Carmel,2027-01-01,Hosting,5,,,,,,,,,,,too much",
                header=header,
            ),
            [
                (2, "price", "number"),
                (3, "start", "day"),
                (3, "every", "range"),
                (3, "unit", "choice"),
                (3, "description", "placeholder"),
                (4, "discount", "range"),
                (4, "charge", "flag"),
                (4, "description", "missing"),
                (5, "reference", "missing"),
                (6, "price", "missing"),
                (8, "begin_day", "range"),
                (9, "", "too_many_cells"),
                (2, "end", "before_start"),
                (3, "customer", "missing"),
                (4, "begins", "not_unit"),
                (6, "document", "not_direct"),
                (6, "begin_day", "missing"),
                (7, "document", "not_debt"),
                (7, "begin_day", "not_begins"),
                (7, "way", "not_charged"),
                (8, "way", "digits"),
            ],
        )
