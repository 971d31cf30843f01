# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""A statement of account as a spreadsheet: a sheet per currency, with real numbers and dates."""

import io

import xlsxwriter

TITLE_ROWS = 5
OPEN_COLUMNS = (
    ("document", 24),
    ("ref", 22),
    ("kind", 16),
    ("date", 12),
    ("due", 12),
    ("late", 10),
    ("original", 16),
    ("open", 16),
    ("state", 20),
)
ACTIVITY_COLUMNS = (
    ("date", 12),
    ("document", 24),
    ("ref", 22),
    ("kind", 16),
    ("due", 12),
    ("debit", 16),
    ("credit", 16),
    ("balance", 16),
)


def statement_workbook(statement, title, labels, currencies, right_to_left=False):
    """Return a statement as the bytes of an Excel file.

    :param title: the lines above the table
    :param dict labels: the words of the statement
    :param dict currencies: ``res.currency`` records by id
    """
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    writer = _Activity if statement.kind == "activity" else _OpenItems
    for section in statement.sections:
        writer(book, section, labels, currencies[section.currency], right_to_left).fill(title)
    if not statement.sections:
        sheet = book.add_worksheet()
        if right_to_left:
            sheet.right_to_left()
        sheet.write_column(0, 0, [*title, labels["nothing"]])
    book.close()
    return stream.getvalue()


class _Sheet:
    """One sheet: title, frozen head of the table, rows, totals, ageing."""

    columns = ()

    def __init__(self, book, section, labels, currency, right_to_left):
        self.section = section
        self.labels = labels
        self.sheet = book.add_worksheet(currency.name)
        self.row = 0
        digits = "." + "0" * currency.decimal_places if currency.decimal_places else ""
        mark = '"' + (currency.symbol or currency.name).replace('"', "") + '"'
        number = f"#,##0{digits}"
        money = f"{mark} {number}" if currency.position == "before" else f"{number} {mark}"
        self.bold = book.add_format({"bold": True})
        self.heading = book.add_format({"bold": True, "font_size": 14})
        self.head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#EEEEEE"})
        self.date = book.add_format({"num_format": "yyyy-mm-dd"})
        self.number = book.add_format({"num_format": "0"})
        self.money = book.add_format({"num_format": money})
        self.bold_money = book.add_format({"num_format": money, "bold": True, "top": 1})
        if right_to_left:
            self.sheet.right_to_left()

    def column(self, name):
        return next(index for index, (key, _width) in enumerate(self.columns) if key == name)

    def fill(self, title):
        for index, (_key, width) in enumerate(self.columns):
            self.sheet.set_column(index, index, width)
        for index, line in enumerate(title):
            self.sheet.write_string(index, 0, str(line), self.heading if not index else None)
        self.row = TITLE_ROWS
        for index, (key, _width) in enumerate(self.columns):
            self.sheet.write_string(self.row, index, self.labels[key], self.head)
        self.row += 1
        self.sheet.freeze_panes(self.row, 0)
        self.sheet.repeat_rows(TITLE_ROWS)
        self.sheet.set_landscape()
        self.sheet.fit_to_pages(1, 0)
        self.write_rows()
        self.write_ageing()

    def write_date(self, name, value):
        if value:
            self.sheet.write_datetime(self.row, self.column(name), value, self.date)

    def write_text(self, name, value):
        if value:
            # never a formula, whatever a reference begins with
            self.sheet.write_string(self.row, self.column(name), value)

    def write_money(self, name, value, bold=False):
        self.sheet.write_number(
            self.row, self.column(name), value, self.bold_money if bold else self.money
        )

    def write_sum(self, name, first, value):
        column = self.column(name)
        letter = xlsxwriter.utility.xl_col_to_name(column)
        self.sheet.write_formula(
            self.row,
            column,
            f"=SUM({letter}{first + 1}:{letter}{self.row})",
            self.bold_money,
            value,
        )

    def write_rows(self):
        raise NotImplementedError

    def write_ageing(self):
        if not any(amount for _bucket, amount in self.section.ageing):
            return
        self.row += 1
        self.sheet.write_string(self.row, 0, self.labels["ageing"], self.bold)
        for bucket, amount in self.section.ageing:
            self.row += 1
            self.sheet.write_string(self.row, 0, self.labels["bucket"](bucket))
            self.sheet.write_number(self.row, 1, amount, self.money)
        self.row += 1


class _OpenItems(_Sheet):
    columns = OPEN_COLUMNS

    def write_rows(self):
        section, labels = self.section, self.labels
        self.write_lines(section.lines, section.total, labels["total"])
        self.write_lines(section.agreed, section.total_agreed, labels["agreed"])
        self.write_lines(section.credits, section.total_credits, labels["credits"])
        self.sheet.write_string(self.row, 0, labels["balance"], self.bold)
        self.write_money("open", section.balance, bold=True)
        self.row += 1

    def write_lines(self, lines, total, label):
        if not lines:
            return
        first = self.row
        for line in lines:
            row = line.row
            self.write_text("document", row.name)
            self.write_text("ref", row.ref)
            self.write_text("kind", self.labels["kinds"].get(row.kind, ""))
            self.write_date("date", row.issued)
            self.write_date("due", row.due)
            if line.days_late > 0:
                self.sheet.write_number(self.row, self.column("late"), line.days_late, self.number)
            self.write_money("original", row.original)
            self.write_money("open", line.amount)
            self.write_text("state", self.labels["reasons"].get(line.reason, ""))
            self.row += 1
        self.sheet.write_string(self.row, 0, label, self.bold)
        self.write_sum("open", first, total)
        self.row += 2


class _Activity(_Sheet):
    columns = ACTIVITY_COLUMNS

    def write_rows(self):
        section, labels = self.section, self.labels
        self.write_text("document", labels["opening"])
        self.write_money("balance", section.opening)
        self.row += 1
        first = self.row
        for line in section.lines:
            movement = line.movement
            self.write_date("date", movement.day)
            self.write_text("document", movement.name)
            self.write_text("ref", movement.ref)
            self.write_text("kind", labels["kinds"].get(movement.kind, ""))
            self.write_date("due", movement.due)
            self.write_money("debit" if movement.amount > 0 else "credit", abs(movement.amount))
            self.write_money("balance", line.balance)
            self.row += 1
        self.sheet.write_string(self.row, self.column("document"), labels["closing"], self.bold)
        if section.lines:
            self.write_sum("debit", first, section.debits)
            self.write_sum("credit", first, section.credits)
        self.write_money("balance", section.closing, bold=True)
        self.row += 1
        if section.total_credits:
            self.row += 1
            self.write_text("document", labels["credits"])
            self.write_money("balance", section.total_credits)
            self.row += 1
