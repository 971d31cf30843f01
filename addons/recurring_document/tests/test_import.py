# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""Standing orders from files: looked at first, made once, every error with its place."""

import base64
import io

import openpyxl
from psycopg2.errors import UniqueViolation

from odoo import Command, api
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import RecurringCommon
from .test_import_core import workbook

HEADER = "Reference;Customer;Start;Product;Description;Quantity;Unit Price"


@tagged("post_install", "-at_install")
class TestImport(RecurringCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product.default_code = "HOST"
        cls.company.account_sale_tax_id = False
        cls.customer.write({"ref": "C-1", "vat": "EL 094 259 216"})

    # ------------------------------------------------------------
    # WORDS TO TELL STORIES WITH
    # ------------------------------------------------------------

    def look(self, *lines, header=HEADER, data=None, **vals):
        """Return the dialogue after a look at a file of these lines."""
        data = data or "\n".join([header, *lines]).encode()
        wizard = self.env["recurring.import"].create({
            "file": base64.b64encode(data),
            "file_name": "orders.csv",
            "company_id": self.company.id,
            **vals,
        })
        wizard.action_check()
        return wizard

    def made(self, *references):
        """Return the recurring documents of the company with these references."""
        return self.Document.search(
            [("company_id", "=", self.company.id), ("reference", "in", references)], order="id"
        )

    def errors(self, wizard):
        return [(error.line, error.column) for error in wizard.error_ids]

    def states(self, wizard):
        return {order.reference: order.state for order in wizard.order_ids}

    # ------------------------------------------------------------
    # STORIES
    # ------------------------------------------------------------

    def test_a_look_makes_nothing_and_shows_what_would_be_made(self):
        wizard = self.look(
            "A-1;Aegean Trading;2027-02-01;;Hosting {month};2;50,00",
            "A-1;;;HOST;;;",
            "A-2;Carmel Systems;2027-03-15;;Support;1;30",
        )
        self.assertFalse(wizard.error_ids)
        self.assertFalse(self.made("A-1", "A-2"))
        first, second = wizard.order_ids
        self.assertEqual((first.partner_id, first.line_count), (self.customer, 2))
        self.assertEqual((first.amount, first.rhythm), (200.0, "Monthly"))
        self.assertEqual(second.first_on.isoformat(), "2027-03-15")

    def test_orders_are_made_in_draft(self):
        wizard = self.look(
            "A-1;Aegean Trading;2027-02-01;;Hosting {month};2;50,00",
            "A-1;;;HOST;;;",
        )
        wizard.action_import()
        document = self.made("A-1")
        self.assertEqual(wizard.document_ids, document)
        self.assertEqual(wizard.state, "done")
        self.assertEqual(document.state, "draft")
        self.assertEqual(document.line_ids.mapped("price_unit"), [50.0, 100.0])
        self.assertEqual(document.line_ids[1].name, "[HOST] Hosting\n{period}")

    def test_orders_are_started_where_asked_for_and_then_billed(self):
        self.day("2027-02-01")
        self.look(
            "A-1;Aegean Trading;2027-02-01;;Hosting {month};2;50,00", start=True
        ).action_import()
        document = self.made("A-1")
        self.assertEqual(document.state, "running")
        self.bill("2027-02-28")
        self.assertEqual(self.billed(document), [("2027-02-01", 100.0)])

    def test_the_same_file_again_makes_nothing_twice(self):
        lines = (
            "A-1;Aegean Trading;2027-02-01;;Hosting;1;50",
            "A-2;Carmel Systems;2027-02-01;;Hosting;1;50",
        )
        self.look(lines[0]).action_import()
        again = self.look(*lines)
        self.assertEqual(self.states(again), {"A-1": "known", "A-2": "new"})
        again.action_import()
        self.assertEqual(len(self.made("A-1", "A-2")), 2)
        # not even after somebody gave it another reference
        self.made("A-1").reference = "PO 77"
        self.assertEqual(self.states(self.look(lines[0])), {"A-1": "known"})
        # one that was deleted in draft is made again
        self.Document.search([("reference", "=", "PO 77")]).unlink()
        self.assertEqual(self.states(self.look(lines[0])), {"A-1": "new"})

    @mute_logger("odoo.sql_db")
    def test_two_people_who_import_at_once_make_an_order_once(self):
        vals = {"partner_id": self.customer.id, "import_reference": "A-1"}
        self.Document.create(vals)
        with self.assertRaises(UniqueViolation):
            self.Document.create(vals)

    def test_a_reference_of_another_customer_is_an_error(self):
        self.look("A-1;Aegean Trading;2027-02-01;;Hosting;1;50").action_import()
        wizard = self.look("A-1;Carmel Systems;2027-02-01;;Hosting;1;50")
        self.assertEqual(self.errors(wizard), [(2, "Reference")])
        self.assertIn("Aegean Trading", wizard.error_ids.text)

    def test_nothing_is_made_while_there_is_an_error(self):
        lines = (
            "A-1;Aegean Trading;2027-02-01;;Hosting;1;50",
            "A-2;Nobody;2027-02-01;NONE;Hosting;1;fifty",
        )
        wizard = self.look(*lines)
        self.assertEqual(self.errors(wizard), [(3, "Unit Price"), (3, "Customer"), (3, "Product")])
        self.assertEqual(set(wizard.error_ids.mapped("file_name")), {"orders.csv"})
        self.assertEqual(self.states(wizard), {"A-1": "new", "A-2": "bad"})
        wizard.action_import()
        self.assertEqual(wizard.state, "checked")
        self.assertFalse(self.made("A-1", "A-2"))

    def test_the_good_ones_are_made_where_asked_for(self):
        wizard = self.look(
            "A-1;Aegean Trading;2027-02-01;;Hosting;1;50",
            "A-2;Nobody;2027-02-01;;Hosting;1;50",
            good_only=True,
        )
        wizard.action_import()
        self.assertEqual(self.made("A-1", "A-2").mapped("reference"), ["A-1"])
        self.assertEqual(self.states(wizard), {"A-1": "made", "A-2": "bad"})

    def test_what_the_document_refuses_is_told_at_its_order(self):
        create, text = self.Document.create, "Not this one."

        @api.model_create_multi
        def refuse(documents, vals_list):
            if any(vals.get("title") == "Refused" for vals in vals_list):
                raise ValidationError(text)
            return create.__func__(documents, vals_list)

        self.patch(type(self.Document), "create", refuse)
        wizard = self.look(
            *(f"A-{n};Aegean Trading;2027-02-01;;Hosting;1;50;Fine" for n in range(1, 4)),
            "A-4;Aegean Trading;2027-02-01;;Hosting;1;50;Refused",
            header=f"{HEADER};Title",
        )
        self.assertEqual([(e.line, e.text) for e in wizard.error_ids], [(5, "Not this one.")])
        self.assertEqual(
            self.states(wizard), {"A-1": "new", "A-2": "new", "A-3": "new", "A-4": "bad"}
        )

    def test_customers_are_found_by_reference_vat_number_or_name(self):
        contact = self.env["res.partner"].create({
            "name": "Maria",
            "parent_id": self.customer.id,
        })
        self.assertEqual(contact.vat, self.customer.vat)
        wizard = self.look(
            "A-1;C-1;2027-02-01;;Hosting;1;50",
            "A-2;EL 094 259 216;2027-02-01;;Hosting;1;50",
            "A-3;Aegean Trading;2027-02-01;;Hosting;1;50",
            "A-4;Maria;2027-02-01;;Hosting;1;50",
        )
        self.assertFalse(wizard.error_ids)
        self.assertEqual(wizard.order_ids.mapped("partner_id"), self.customer | contact)

    def test_a_name_of_two_customers_is_an_error(self):
        self.other_customer.copy({"name": self.other_customer.name})
        wizard = self.look("A-1;Carmel Systems;2027-02-01;;Hosting;1;50")
        self.assertEqual(self.errors(wizard), [(2, "Customer")])

    def test_all_that_an_order_can_say(self):
        way = self.card(payment_details="•••• 4242")
        self.card(payment_details="•••• 1111")
        tax = self.env["account.tax"].create({
            "name": "VAT of the story",
            "amount": 17,
            "type_tax_use": "sale",
            "company_id": self.company.id,
        })
        term = self.env["account.payment.term"].create({"name": "Ninety days"})
        wizard = self.look(
            "A-1;C-1;1.2.2027;Licence;Direct Charge;Receipt Only;2;months;31.12.2027;5;"
            "On a Day of the Month;31;HOST;Licence {month};3;9,90;VAT of the story;10;EUR;"
            "Ninety days;yes;4242;First Day of the Period;-3",
            header="reference;customer;start;title;method;document;every;unit;end;count;begins;"
            "begin_day;product;description;quantity;price;taxes;discount;currency;payment terms;"
            "charge;way;billed_on;days later",
        )
        self.env.ref("base.EUR").active = True
        wizard.action_check()
        self.assertFalse(wizard.error_ids, wizard.error_ids.mapped("text"))
        wizard.action_import()
        document = self.made("A-1")
        self.assertRecordValues(
            document,
            [
                {
                    "title": "Licence",
                    "method": "direct",
                    "document_kind": "none",
                    "every": 2,
                    "unit": "month",
                    "count": 5,
                    "begin_rule": "day",
                    "begin_day": 31,
                    "bill_on": "first",
                    "bill_offset": -3,
                    "payment_term_id": term.id,
                    "currency_id": self.env.ref("base.EUR").id,
                    "import_reference": "A-1",
                }
            ],
        )
        self.assertRecordValues(
            document.line_ids,
            [
                {
                    "product_id": self.product.id,
                    "name": "Licence {month}",
                    "quantity": 3,
                    "price_unit": 9.9,
                    "discount": 10,
                    "tax_ids": tax.ids,
                }
            ],
        )
        self.assertEqual(document.way_ids.token_id, way.token_id)

    def test_what_is_named_and_not_there_is_told_at_its_column(self):
        self.card(payment_details="•••• 4242")
        self.card(payment_details="•••• 4242")
        wizard = self.look(
            "A-1;C-1;2027-02-01;Hosting;50;No such tax;XYZ;Never;1111",
            "A-2;C-1;2027-02-01;Hosting;50;-;;;4242",
            header="reference;customer;start;description;price;taxes;currency;payment terms;way",
        )
        self.assertEqual(
            self.errors(wizard),
            [
                (2, "Taxes"),
                (2, "Currency"),
                (2, "Payment Terms"),
                (2, "Saved Card"),
                (3, "Saved Card"),
            ],
        )

    def test_lookups_do_not_grow_with_the_file(self):
        def lines(count):
            return [f"A-{n};Aegean Trading;2027-02-01;HOST;Hosting;1;50" for n in range(count)]

        self.look(*lines(2))
        counts = []
        for count in (10, 40):
            before = self.env.cr.sql_log_count
            self.look(*lines(count))
            counts.append(self.env.cr.sql_log_count - before)
        few, many = counts
        self.assertLess(many - few, 30)

    def test_the_file_to_fill_in_reads_back(self):
        wizard = self.env["recurring.import"].create({})
        self.assertIn(f"/{wizard.id}/template_file/", wizard.action_template()["url"])
        book = openpyxl.load_workbook(io.BytesIO(base64.b64decode(wizard.template_file)))
        orders, meanings = book.worksheets
        self.assertEqual(meanings.max_row, orders.max_column + 1)
        self.assertTrue(all(row[2].value for row in meanings.iter_rows(min_row=2)))
        rows = [[cell.value for cell in row] for row in orders.iter_rows()]
        rows[1][1] = "C-1"
        wizard = self.look(data=workbook(*rows))
        self.assertFalse(wizard.error_ids, wizard.error_ids.mapped("text"))
        self.assertEqual(wizard.order_ids.mapped("amount"), [115.0])

    def test_what_cannot_be_read_is_told_with_the_name_of_the_file(self):
        with self.assertRaisesRegex(UserError, r"orders\.csv has no lines"):
            self.look(data=HEADER.encode())
        with self.assertRaisesRegex(UserError, "Choose a file"):
            self.env["recurring.import"].create({}).action_check()

    def test_orders_belong_to_the_company_of_the_import(self):
        other = self._create_company(name="Other Company")
        self.env.user.company_ids = [Command.link(other.id)]
        line = "A-1;Aegean Trading;2027-02-01;;Hosting;1;50"
        self.look(line).action_import()
        both = self.env(context={"allowed_company_ids": (self.company | other).ids})
        wizard = self.look(line).with_env(both)
        wizard.action_choose_another()
        wizard.write({
            "company_id": other.id,
            "file": base64.b64encode(f"{HEADER}\n{line}".encode()),
        })
        wizard.action_import()
        self.assertEqual(wizard.document_ids.company_id, other)
        self.assertEqual(len(self.made("A-1")), 1)

    def test_only_who_runs_recurring_documents_imports(self):
        user = self.env["res.users"].create({
            "name": "Auditor",
            "login": "auditor of imports",
            "group_ids": [Command.set(self.quick_ref("payment_charge.group_charge_auditor").ids)],
        })
        with self.assertRaises(AccessError):
            self.env["recurring.import"].with_user(user).create({})

    def test_an_operator_imports(self):
        user = self.env["res.users"].create({
            "name": "Operator",
            "login": "operator of imports",
            "company_id": self.company.id,
            "company_ids": [Command.set(self.company.ids)],
            "group_ids": [Command.set(self.quick_ref("payment_charge.group_charge_operator").ids)],
        })
        self.card(payment_details="•••• 4242")
        wizard = (
            self
            .env["recurring.import"]
            .with_user(user)
            .create({
                "file": base64.b64encode(
                    f"{HEADER};Saved Card\nA-1;C-1;2027-02-01;HOST;;1;50;4242".encode()
                ),
            })
        )
        wizard.action_check()
        self.assertFalse(wizard.error_ids, wizard.error_ids.mapped("text"))
        wizard.action_import()
        self.assertEqual(self.made("A-1").way_ids.display_name[-1:], ")")
