# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""Dated prices, pricelists, indexation, increases, quantities."""

from unittest.mock import patch

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import RecurringCommon


@tagged("post_install", "-at_install")
class TestPrices(RecurringCommon):
    def amounts(self, document):
        self.bill()
        return [amount for _day, amount in self.billed(document)]

    def test_a_price_from_a_day_on(self):
        self.day("2027-04-01")
        document = self.recurring(
            charge=False,
            lines=[
                self.line_of(
                    "Care",
                    10,
                    price_ids=[
                        Command.create({"date": "2027-02-15", "price_unit": 12}),
                        Command.create({"date": "2027-04-01", "price_unit": 15}),
                    ],
                )
            ],
        )
        self.assertEqual(document.amount_period, 15)
        self.assertEqual(self.amounts(document), [10, 10, 12, 15])
        document.line_ids.price_ids = [Command.create({"date": "2027-05-01", "price_unit": 20})]
        self.assertIn("20", document.message_ids[0].body)

    def test_a_new_price_never_changes_what_was_billed(self):
        self.day("2027-02-01")
        document = self.recurring(10, charge=False)
        self.bill()
        document.line_ids.price_unit = 99
        self.run_job("cron_run")
        self.assertEqual(document.period_ids.move_id.mapped("amount_total"), [10, 10])
        self.assertIn("99", "".join(document.message_ids.mapped("body")))
        self.assertIn("99", "".join(self.customer.message_ids.mapped("body")))

    def test_the_list_shows_what_a_period_comes_to_now(self):
        self.day("2027-01-01")
        document = self.recurring(
            charge=False,
            lines=[
                self.line_of(
                    "Care", 10, price_ids=[Command.create({"date": "2027-03-01", "price_unit": 12})]
                )
            ],
        )
        self.assertEqual(document.amount_period, 10)
        self.day("2027-03-01")
        self.bill()
        self.assertEqual(document.amount_period, 12)

    def test_the_pricelist_of_the_day(self):
        pricelist = self.env["product.pricelist"].create({
            "name": "Ours",
            "currency_id": self.currency.id,
            "item_ids": [
                Command.create({
                    "applied_on": "3_global",
                    "compute_price": "fixed",
                    "fixed_price": 80,
                    "date_end": "2027-01-31 23:59:59",
                }),
                Command.create({
                    "applied_on": "3_global",
                    "compute_price": "percentage",
                    "percent_price": 10,
                    "date_start": "2027-02-01 00:00:00",
                }),
            ],
        })
        self.day("2027-02-01")
        document = self.recurring(
            charge=False,
            pricelist_id=pricelist.id,
            lines=[Command.create({"product_id": self.product.id, "price_by": "pricelist"})],
        )
        self.assertEqual(self.amounts(document), [80, 90])
        with self.assertRaises(ValidationError):
            self.recurring(lines=[self.line_of("No product", price_by="pricelist")])

    def test_the_pricelists_currency(self):
        euro = self.env.ref("base.EUR") if self.currency.name != "EUR" else self.env.ref("base.USD")
        euro.active = True
        pricelist = self.env["product.pricelist"].create({"name": "Abroad", "currency_id": euro.id})
        self.day("2027-01-01")
        document = self.recurring(charge=False, pricelist_id=pricelist.id)
        self.assertEqual(document.currency_id, euro)
        self.bill()
        self.assertEqual(document.period_ids.move_id.currency_id, euro)

    def test_an_index(self):
        index = self.env["recurring.index"].create({
            "name": "Prices",
            "value_ids": [
                Command.create({"date": "2026-12-01", "value": 100}),
                Command.create({"date": "2027-02-01", "value": 102.5}),
            ],
        })
        self.day("2027-02-01")
        document = self.recurring(
            charge=False,
            index_id=index.id,
            lines=[
                self.line_of("Rent", 1000, indexed=True),
                self.line_of("Parking", 50),
            ],
        )
        self.assertEqual(self.amounts(document), [1050, 1075])

    def test_a_yearly_increase(self):
        self.day("2029-01-01")
        document = self.recurring(
            charge=False,
            unit="year",
            increase_percent=10,
            increase_months=12,
            lines=[self.line_of("Licence {year}", 100, indexed=True)],
        )
        self.assertEqual(self.amounts(document), [100, 110, 121])

    def test_a_quantity_per_day(self):
        self.day("2027-02-01")
        document = self.recurring(
            charge=False,
            date_start="2027-01-15",
            begin_rule="day",
            lines=[self.line_of("Storage", 2, quantity_by="days", quantity=3)],
        )
        self.assertEqual(self.amounts(document), [3 * 17 * 2, 3 * 28 * 2])

    def test_an_add_on_counts_by_its_own_formula(self):
        """The hook for quantities is asked once for many lines."""
        self.day("2027-01-01")
        documents = self.recurring(10, charge=False) | self.recurring(10, charge=False)
        calls = []

        def count(lines, asked):
            calls.append(len(asked))
            return [7.0 for _one in asked]

        with patch.object(type(documents.line_ids), "_quantities", count):
            documents._plan_periods(self.day("2027-01-01"))
            self.Period._next_chunk()._generate()
        self.assertEqual(documents.period_ids.mapped("amount"), [70, 70])
        self.assertEqual(calls, [2])

    def test_discounts_and_sections(self):
        self.day("2027-01-01")
        document = self.recurring(
            charge=False,
            lines=[
                Command.create({"display_type": "line_section", "name": "Services {year}"}),
                self.line_of("Care", 200, discount=25, quantity=2),
                Command.create({"display_type": "line_note", "name": "With our thanks"}),
            ],
        )
        self.assertEqual(document.amount_period, 300)
        self.assertEqual(self.amounts(document), [300])
        lines = document.period_ids.move_id.invoice_line_ids.sorted("sequence")
        self.assertEqual(lines.mapped("name"), ["Services 2027", "Care", "With our thanks"])

    def test_per_month_for_comparison(self):
        self.assertEqual(self.recurring(120, unit="year").amount_month, 10)
        self.assertEqual(self.recurring(30, unit="quarter").amount_month, 10)
        self.assertEqual(self.recurring(20, every=2).amount_month, 10)
