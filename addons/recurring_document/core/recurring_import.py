# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Reads files of standing orders: bytes in, orders and faults out.

A file is a table: its first line names the columns, and each further line is a line of an order.
Lines with the same reference belong to one order. Nothing is looked up here: customers, products
and taxes stay the texts that the file has.
"""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

import openpyxl

from . import placeholders

MAX_BYTES = 20 * 1024**2
MAX_LINES = 20_000
ENCODINGS = ("utf-8", "cp1255", "iso-8859-7")
DELIMITERS = (",", ";", "\t", "|")

ORDER, LINE = "order", "line"
TEXT, INTEGER, NUMBER, DAY, CHOICE, FLAG = "text", "integer", "number", "day", "choice", "flag"


@dataclass(frozen=True)
class Column:
    """A column that a file may have."""

    name: str
    kind: str = TEXT
    level: str = ORDER  # whether it says something of the order, or of its line
    required: bool = False
    at_least: int | None = None
    at_most: int | None = None


COLUMNS = {
    column.name: column
    for column in (
        Column("reference", required=True),
        Column("customer", required=True),
        Column("title"),
        Column("method", CHOICE),
        Column("document", CHOICE),
        Column("every", INTEGER, at_least=1),
        Column("unit", CHOICE),
        Column("start", DAY, required=True),
        Column("end", DAY),
        Column("count", INTEGER, at_least=0),
        Column("begins", CHOICE),
        Column("begin_day", INTEGER, at_least=1, at_most=31),
        Column("billed_on", CHOICE),
        Column("days_later", INTEGER),
        Column("currency"),
        Column("payment_terms"),
        Column("charge", FLAG),
        Column("way"),
        Column("product", level=LINE),
        Column("description", level=LINE),
        Column("quantity", NUMBER, LINE),
        Column("price", NUMBER, LINE),
        Column("taxes", level=LINE),
        Column("discount", NUMBER, LINE, at_least=0, at_most=100),
    )
}

YES = frozenset({"1", "yes", "y", "true", "x", "כן", "ναι"})
NO = frozenset({"0", "no", "n", "false", "-", "לא", "όχι", "οχι"})


@dataclass(frozen=True)
class Fault:
    """Something wrong in a file, and where."""

    line: int  # as a spreadsheet counts, the header being 1; 0: the whole file
    column: str  # a name of COLUMNS, or what the header says
    kind: str  # what is wrong, as the caller puts it into words
    value: str = ""
    more: Mapping[str, object] = field(default_factory=dict)


class Unreadable(Exception):  # noqa: N818 - says what the file is
    """The file is no table that can be read; the text says which way."""


@dataclass
class Entry:
    """A line of an order."""

    line: int
    values: dict


@dataclass
class Order:
    """A standing order as the file has it."""

    reference: str
    line: int  # the first one
    values: dict = field(default_factory=dict)
    places: dict = field(default_factory=dict)  # the line that each value stands in
    entries: list[Entry] = field(default_factory=list)

    @property
    def lines(self) -> set[int]:
        return {entry.line for entry in self.entries}

    def place(self, column: str) -> int:
        """Return the line to be looked at for a value of the order."""
        return self.places.get(column, self.line)


@dataclass
class Table:
    """The cells of a file."""

    header: list[str]
    rows: list[tuple[int, list]]  # the number of the line, and its cells
    encoding: str = ""
    delimiter: str = ""


# ----------------------------------------------------------------
# CELLS
# ----------------------------------------------------------------


def normalised(text: object) -> str:
    """Return a text as names are compared: without case, marks and what stands between words.

    >>> normalised("  Payment-Terms ")
    'payment terms'
    >>> normalised("ΗΜΕΡΑ") == normalised("Ημέρα")
    True
    """
    plain = unicodedata.normalize("NFKD", str(text or "")).casefold()
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(re.sub(r"[\s_\-./:*]+", " ", plain).split())


def text_of(cell: object) -> str:
    """Return what a cell shows.

    >>> text_of(7.0), text_of(" A 1 "), text_of(None)
    ('7', 'A 1', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, datetime):
        cell = cell.date()
    return str(cell).replace("\N{NO-BREAK SPACE}", " ").strip()


def number_of(cell: object, decimal: str = "") -> float:
    """Return the number in a cell.

    :param str decimal: the decimal sign; empty: the one that the number itself shows
    :raise ValueError: when it is no number; with the text ``ambiguous``, when it might be two

    >>> [number_of(text) for text in ("12.5", "12,50", "1.234,5", "1,234,567", "-3", "0,125")]
    [12.5, 12.5, 1234.5, 1234567.0, -3.0, 0.125]
    >>> number_of("1.234", ","), number_of("1,234", ",")
    (1234.0, 1.234)
    """
    if isinstance(cell, bool):
        raise ValueError("not a number")
    if isinstance(cell, (int, float)):
        return float(cell)
    text = re.sub(r"[\s'’\u200e\u200f]", "", text_of(cell)).replace("\N{MINUS SIGN}", "-")
    if not re.fullmatch(r"[+-]?(\d[\d.,]*|[.,]\d+)", text):
        raise ValueError("not a number")
    decimal = decimal or _decimal_sign(text)
    thousands = {".": ",", ",": "."}[decimal]
    whole, sign, part = text.partition(decimal)
    if thousands in part or decimal in part:
        raise ValueError("not a number")
    if thousands in whole and not re.fullmatch(rf"[+-]?\d{{1,3}}(\{thousands}\d{{3}})+", whole):
        raise ValueError("not a number")
    try:
        return float(Decimal(whole.replace(thousands, "") + ("." + part if sign else "")))
    except InvalidOperation:
        raise ValueError("not a number") from None


def _decimal_sign(text: str) -> str:
    """Return which of comma and point is the decimal sign of a number."""
    places = {sign: text.rfind(sign) for sign in ".,"}
    found = [sign for sign, place in places.items() if place >= 0]
    if len(found) == 2:
        return max(places, key=places.get)
    if not found:
        return "."
    [sign] = found
    if text.count(sign) > 1:
        return "," if sign == "." else "."
    whole, part = text.lstrip("+-").split(sign)
    if len(part) == 3 and 1 <= len(whole) <= 3 and whole.strip("0"):
        raise ValueError("ambiguous")
    return sign


def integer_of(cell: object) -> int:
    """Return the whole number in a cell.

    :raise ValueError: when it is none
    """
    number = number_of(cell, "" if not isinstance(cell, str) else ".")
    if not number.is_integer():
        raise ValueError("not a whole number")
    return int(number)


def day_of(cell: object) -> date:
    """Return the day in a cell; the day stands before the month, unless the year comes first.

    :raise ValueError: when it is none

    >>> day_of("31.1.2027"), day_of("2027-01-31")
    (datetime.date(2027, 1, 31), datetime.date(2027, 1, 31))
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = text_of(cell)
    if found := re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T]00:00(?::00)?)?", text):
        year, month, day = found.groups()
    elif found := re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", text):
        day, month, year = found.groups()
    else:
        raise ValueError("not a day")
    return date(int(year), int(month), int(day))


# ----------------------------------------------------------------
# FILES
# ----------------------------------------------------------------


def read(data: bytes, names: Mapping[str, str], *, encoding: str = "", sheet: str = "") -> Table:
    """Return the cells of a file, XLSX or CSV.

    :param data: the file
    :param names: the columns by how their names are written, normalised; tells the delimiter
    :param encoding: of a CSV; empty: it is found out
    :param sheet: of a workbook; empty: the first one
    :raise Unreadable: ``large``, ``empty``, ``xls``, ``broken``, ``encoding`` or ``long``
    """
    if len(data) > MAX_BYTES:
        raise Unreadable("large")
    if not data.strip():
        raise Unreadable("empty")
    if data.startswith(b"PK\x03\x04"):
        table = _read_workbook(data, sheet)
    elif data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable("xls")
    else:
        table = _read_csv(data, names, encoding)
    if not table.rows:
        raise Unreadable("empty")
    return table


def _table(lines: Iterator[tuple[int, list]], **about) -> Table:
    """Return the table of lines: the first one that is not empty is the header."""
    header, rows = [], []
    for number, cells in lines:
        if not any(text_of(cell) for cell in cells):
            continue
        if not header:
            header = [text_of(cell) for cell in cells]
            while header and not header[-1]:
                header.pop()
        elif len(rows) >= MAX_LINES:
            raise Unreadable("long")
        else:
            rows.append((number, cells))
    return Table(header, rows, **about)


def _read_workbook(data: bytes, sheet: str) -> Table:
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        try:
            page = book[sheet] if sheet in book.sheetnames else book.worksheets[0]
            return _table(enumerate(map(list, page.iter_rows(values_only=True)), start=1))
        finally:
            book.close()
    except Unreadable:
        raise
    except (zipfile.BadZipFile, KeyError, IndexError, ValueError, OSError, TypeError) as error:
        raise Unreadable("broken") from error


def _read_csv(data: bytes, names: Mapping[str, str], encoding: str) -> Table:
    encoding = encoding or encoding_of(data)
    try:
        text = data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise Unreadable("encoding") from error
    if "\0" in text:
        raise Unreadable("broken")
    delimiter = delimiter_of(text, names)
    try:
        return _table(_csv_lines(text, delimiter), encoding=encoding, delimiter=delimiter)
    except csv.Error as error:
        raise Unreadable("broken") from error


def _csv_lines(text: str, delimiter: str) -> Iterator[tuple[int, list]]:
    """Yield the records of a CSV with the line that each begins in."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    begin = 1
    for cells in reader:
        yield begin, cells
        begin = reader.line_num + 1


def delimiter_of(text: str, names: Mapping[str, str]) -> str:
    """Return the delimiter by which most cells of the first line are names of columns."""

    def known(delimiter):
        head = text.lstrip("\r\n ").splitlines()[:1]
        cells = next(csv.reader(head, delimiter=delimiter), [])
        return sum(normalised(cell) in names for cell in cells), len(cells)

    return max(DELIMITERS, key=known)


def encoding_of(data: bytes) -> str:
    """Return the encoding of a text in Latin, Hebrew or Greek letters.

    >>> encoding_of("לקוח".encode("cp1255")), encoding_of("Πελάτης".encode("iso-8859-7"))
    ('cp1255', 'iso-8859-7')
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return max(("cp1255", "iso-8859-7"), key=lambda name: _likeness(data, name))
    return "utf-8"


# letters with marks, and capitals before small ones, are Greek; final letters end Hebrew words
_HEBREW_WORD = re.compile(
    r"(?:[אבגדהוזחטיכלמנסעפצקרשת][\u05b0-\u05c7]*)*[אבגדהוזחטיךכלםמןנסעףפץצקרשת][\u05b0-\u05c7]*"
)
_GREEK_WORD = re.compile(
    r"[Α-ΩΆΈΉΊΌΎΏΪΫ]+|[Α-ΩΆΈΉΊΌΎΏΪΫα-ρσ-ωάέήίόύώϊϋΐΰ]?[α-ρσ-ωάέήίόύώϊϋΐΰ]*[α-ωάέήίόύώϊϋΐΰς]"
)
_GREEK_MARK = re.compile(r"[άέήίόύώΆΈΉΊΌΎΏϊϋΐΰς]")


def _likeness(data: bytes, encoding: str) -> float:
    """Return how much a text in an encoding looks like words of its language."""
    text = data.decode(encoding, errors="replace")
    words = re.findall(r"[^\W\d_a-zA-Z][^\s\d,;|\t\"'()a-zA-Z]*", text)
    word = _HEBREW_WORD if encoding == "cp1255" else _GREEK_WORD
    good = sum(len(one) for one in words if word.fullmatch(one.rstrip(".:-/")))
    # a Greek word of small letters has a mark as a rule, where Hebrew has none at all
    unlike = 0
    if encoding == "iso-8859-7":
        unlike = sum(
            len(one)
            for one in words
            if len(one) > 1 and one.islower() and not _GREEK_MARK.search(one)
        )
    return good - unlike - 2 * text.count("\N{REPLACEMENT CHARACTER}")


# ----------------------------------------------------------------
# ORDERS
# ----------------------------------------------------------------


def parse(
    table: Table,
    names: Mapping[str, str],
    choices: Mapping[str, Mapping[str, str]],
    *,
    decimal: str = "",
) -> tuple[list[Order], list[Fault]]:
    """Return the orders of a table, and everything that is wrong with it by itself.

    :param names: the columns by how their names are written, normalised
    :param choices: by column, the values by how they are written, normalised
    :param str decimal: the decimal sign, see :func:`number_of`
    """
    columns, faults = _columns(table, names)
    if faults:
        return [], faults
    orders: dict[str, Order] = {}
    for line, cells in table.rows:
        _parse_line(line, cells, columns, choices, decimal, orders, faults)
    for order in orders.values():
        faults += _check_order(order)
    return list(orders.values()), faults


def _columns(table: Table, names: Mapping[str, str]) -> tuple[list[str], list[Fault]]:
    """Return the columns of a table in their order."""
    found, faults = [], []
    for title in table.header:
        name = names.get(normalised(title), "")
        if title and not name:
            faults.append(Fault(1, title, "unknown_column", title))
        elif name and name in found:
            faults.append(Fault(1, name, "column_twice", title))
        found.append(name)
    missing = [c.name for c in COLUMNS.values() if c.required and c.name not in found]
    if not {"product", "description"} & set(found):
        missing.append("description")
    return found, faults + [Fault(1, name, "missing_column") for name in missing]


def _parse_line(line, cells, columns, choices, decimal, orders, faults):
    """Read a line into its order."""
    if any(text_of(cell) for cell in cells[len(columns) :]):
        faults.append(Fault(line, "", "too_many_cells", text_of(cells[len(columns)])))
    values = {}
    for name, cell in zip(columns, cells, strict=False):
        if not name or not text_of(cell):
            continue
        try:
            values[name] = _value(COLUMNS[name], cell, choices.get(name, {}), decimal)
        except ValueError as error:
            faults.append(Fault(line, name, *_why(COLUMNS[name], cell, error, choices)))
            values[name] = None  # it is there, and wrong
    reference = values.pop("reference", "")
    if not reference:
        faults.append(Fault(line, "reference", "missing"))
        return
    order = orders.setdefault(reference, Order(reference, line))
    entry = Entry(line, {})
    for name, value in values.items():
        if COLUMNS[name].level == LINE:
            entry.values[name] = value
        elif name not in order.values:
            order.values[name], order.places[name] = value, line
        elif None not in {value, order.values[name]} and value != order.values[name]:
            known = order.place(name)
            faults.append(Fault(line, name, "differs", str(value), {"line": known}))
    order.entries.append(entry)
    faults += _check_entry(entry)


def _value(column: Column, cell, choices, decimal):
    """Return the value of a cell.

    :raise ValueError: saying what is wrong
    """
    if column.kind == TEXT:
        return text_of(cell)
    if column.kind == DAY:
        return day_of(cell)
    if column.kind == CHOICE:
        if normalised(cell) not in choices:
            raise ValueError("not a choice")
        return choices[normalised(cell)]
    if column.kind == FLAG:
        word = str(text_of(cell)).casefold()
        if word not in YES | NO:
            raise ValueError("not a flag")
        return word in YES
    value = integer_of(cell) if column.kind == INTEGER else number_of(cell, decimal)
    if column.at_least is not None and value < column.at_least:
        raise ValueError("out of range")
    if column.at_most is not None and value > column.at_most:
        raise ValueError("out of range")
    return value


def _why(column, cell, error, choices):
    """Return the kind, the value and the rest of a fault."""
    kind = {
        "ambiguous": "ambiguous",
        "not a choice": "choice",
        "not a flag": "flag",
        "out of range": "range",
        "not a whole number": "integer",
    }.get(str(error)) or {DAY: "day", INTEGER: "integer"}.get(column.kind, "number")
    more = {"from": column.at_least, "to": column.at_most} if kind == "range" else {}
    if kind == "choice":
        more = {"choices": sorted(set(choices.get(column.name, {}).values()))}
    return kind, text_of(cell), more


def _check_entry(entry: Entry) -> list[Fault]:
    """Return what is wrong with a line of an order."""
    values, faults = entry.values, []
    if not {"product", "description"} & values.keys():
        faults.append(Fault(entry.line, "description", "missing"))
    elif "price" not in values and "product" not in values:
        faults.append(Fault(entry.line, "price", "missing"))
    if unknown := placeholders.unknown(values.get("description")):
        known = ", ".join(f"{{{name}}}" for name in placeholders.NAMES)
        faults.append(Fault(entry.line, "description", "placeholder", unknown[0], {"known": known}))
    return faults


def _check_order(order: Order) -> list[Fault]:
    """Return what is wrong with an order as a whole."""
    values = order.values

    def fault(column, kind, **more):
        return Fault(order.place(column), column, kind, str(values.get(column) or ""), more)

    faults = [
        fault(column.name, "missing")
        for column in COLUMNS.values()
        if column.required and column.name != "reference" and column.name not in values
    ]
    start, end = values.get("start"), values.get("end")
    if start and end and end < start:
        faults.append(fault("end", "before_start", start=start.isoformat()))
    method, document = values.get("method") or "debt", values.get("document") or "invoice"
    if method == "direct" and document in {"proforma", "request"}:
        faults.append(fault("document", "not_direct"))
    if method == "debt" and document == "none":
        faults.append(fault("document", "not_debt"))
    begins = values.get("begins") or "start"
    if begins != "start" and values.get("unit") in {"day", "week"}:
        faults.append(fault("begins", "not_unit"))
    if begins == "day" and "begin_day" not in values:
        faults.append(fault("begin_day", "missing"))
    if begins != "day" and values.get("begin_day"):
        faults.append(fault("begin_day", "not_begins"))
    if values.get("way"):
        if not re.fullmatch(r"[*•xX. ]*\d{2,6}", values["way"]):
            faults.append(fault("way", "digits"))
        elif method == "debt" and values.get("charge") is False:
            faults.append(fault("way", "not_charged"))
    return faults
