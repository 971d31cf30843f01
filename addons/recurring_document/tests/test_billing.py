# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""Which periods are billed, how much, and that each is billed once."""

from datetime import date
from unittest.mock import patch

import psycopg2

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import RecurringCommon


@tagged("post_install", "-at_install")
class TestBilling(RecurringCommon):
    def test_a_month_is_billed_with_an_invoice(self):
        self.day("2027-01-01")
        document = self.recurring(100, charge=False, title="Contract 7")
        self.bill()
        row = document.period_ids
        self.assertEqual((row.state, row.amount), ("generated", 100))
        self.assertEqual(row.move_id.state, "posted")
        self.assertEqual(row.move_id.invoice_date, date(2027, 1, 1))
        self.assertEqual(row.move_id.invoice_origin, document.name)
        self.assertEqual(row.move_id.invoice_line_ids.name, "Service January 2027")
        self.assertEqual(row.move_id.amount_total, 100)
        self.assertEqual(document.next_bill_on, date(2027, 2, 1))
        self.assertIn(row.move_id.name, "".join(document.message_ids.mapped("body")))
        self.assertIn(row.move_id.name, "".join(self.customer.message_ids.mapped("body")))
        self.assertEqual(
            row.transition_ids.sorted("id").mapped("to_state"), ["planned", "generated"]
        )

    def test_nothing_is_billed_twice(self):
        self.day("2027-03-15")
        document = self.recurring(charge=False)
        self.bill()
        first = document.period_ids.move_id
        self.assertEqual(len(first), 3)
        self.run_job("cron_run")
        with self.assertRaises(UserError):
            self.bill().action_confirm()
        self.assertEqual(document.period_ids.move_id, first)

    def test_a_reversed_or_deleted_invoice_is_not_billed_again(self):
        self.day("2027-02-10")
        document = self.recurring(charge=False)
        self.bill()
        january, february = self.rows(document)
        january.move_id._reverse_moves(cancel=True)
        february.move_id.button_draft()
        february.move_id.with_context(force_delete=True).unlink()
        document.date_start = "2026-12-01"
        document.bill_offset = 3
        self.bill()
        self.assertEqual(len(document.period_ids), 2)
        self.assertEqual(january.result, "reversed")
        self.assertEqual(february.state, "generated")

    def test_the_database_lets_a_period_be_once(self):
        self.day("2027-01-01")
        document = self.recurring(charge=False)
        self.bill()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.UniqueViolation),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(
                """
                    INSERT INTO recurring_period (document_id, company_id, partner_id, currency_id,
                                                  date_from, date_to, bill_on, state, send_state)
                    SELECT document_id, company_id, partner_id, currency_id,
                           date_from, date_to, bill_on, state, send_state
                      FROM recurring_period WHERE id = %s
                    """,
                [document.period_ids.id],
            )

    def test_a_changed_start_or_rhythm_bills_no_day_twice(self):
        self.day("2027-03-20")
        document = self.recurring(90, charge=False)
        self.bill()
        self.day("2027-04-20")
        document.write({"begin_rule": "day", "begin_day": 15})
        self.bill()
        self.assertEqual(
            self.billed(document)[3:],
            # the days until the new day of the month, then whole months
            [("2027-04-01", 40.65), ("2027-04-15", 90.0)],
        )
        self.assertEqual(self.rows(document)[3].date_to, date(2027, 4, 14))

    def test_first_and_last_period_are_prorated(self):
        self.day("2027-03-31")
        document = self.recurring(
            310,
            charge=False,
            date_start="2027-01-22",
            date_end="2027-03-10",
            begin_rule="day",
            begin_day=1,
        )
        self.bill()
        self.assertEqual(
            self.billed(document),
            [("2027-01-22", 100.0), ("2027-02-01", 310.0), ("2027-03-01", 100.0)],
        )
        self.assertEqual(document.state, "ended")

    def test_a_short_period_costs_the_whole_where_nothing_is_prorated(self):
        self.day("2027-03-31")
        document = self.recurring(
            310,
            charge=False,
            date_start="2027-01-22",
            date_end="2027-03-10",
            begin_rule="day",
            begin_day=1,
            prorate_first=False,
            prorate_last=False,
        )
        self.bill()
        self.assertEqual([amount for _day, amount in self.billed(document)], [310.0] * 3)

    def test_a_number_of_periods(self):
        self.day("2027-12-01")
        document = self.recurring(charge=False, count=3)
        self.bill()
        self.assertEqual(len(self.billed(document)), 3)
        self.assertEqual(document.state, "ended")
        document.count = 5
        self.assertEqual(document.state, "running")
        self.bill()
        self.assertEqual(len(self.billed(document)), 5)

    def test_quarters_and_years_of_the_calendar(self):
        self.day("2027-12-31")
        quarter = self.recurring(
            900,
            charge=False,
            unit="quarter",
            begin_rule="day",
            begin_day=1,
            date_start="2027-05-15",
        )
        self.bill()
        self.assertEqual(
            [day for day, _a in self.billed(quarter)], ["2027-05-15", "2027-07-01", "2027-10-01"]
        )
        self.assertEqual(self.billed(quarter)[0][1], round(900 * 47 / 91, 2))

    def test_every_other_month_from_a_month_end(self):
        self.day("2027-09-30")
        document = self.recurring(charge=False, date_start="2026-12-31", every=2)
        self.bill()
        self.assertEqual(
            [day for day, _amount in self.billed(document)],
            ["2026-12-31", "2027-02-28", "2027-04-30", "2027-06-30", "2027-08-31"],
        )

    def test_billed_afterwards_on_a_working_day(self):
        self.company.country_id = self.env.ref("base.gr")
        document = self.recurring(charge=False, bill_on="last", bill_shift="previous")
        self.day("2027-01-28")
        self.bill()
        self.assertFalse(document.period_ids, "31 January 2027 is a Sunday, 29 is its Friday")
        self.day("2027-01-29")
        self.bill()
        self.assertEqual(document.period_ids.bill_on, date(2027, 1, 29))
        self.assertEqual(document.period_ids.date_to, date(2027, 1, 31))

    def test_one_far_behind_catches_up_wholly(self):
        self.day("2027-12-31")
        document = self.recurring(1, charge=False, unit="day", date_start="2027-06-01")
        plan = "odoo.addons.recurring_document.models.recurring_document_plan"
        with patch(f"{plan}.ROWS_PER_DOCUMENT", 50):
            self.bill()
        self.assertEqual(len(self.billed(document)), 214)
        self.assertEqual(document.next_bill_on, date(2028, 1, 1))

    def test_lines_with_dates_of_their_own(self):
        """A line added for some weeks is billed for its own days, once, with the rest where it fits."""
        self.day("2027-01-20")
        document = self.recurring(100, charge=False)
        self.bill()
        document.write({
            "line_ids": [
                self.line_of("Extra", 31, date_start="2027-01-11", date_end="2027-03-10"),
            ]
        })
        extra = document.line_ids[-1]
        self.bill()
        self.day("2027-04-01")
        self.bill()
        own = document.period_ids.filtered("line_id").sorted("date_from")
        self.assertEqual(own.line_id, extra)
        self.assertEqual(own.mapped("amount"), [21.0, 31.0, 10.0])
        self.assertEqual(
            own.mapped("date_to"), [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 10)]
        )
        february = self.rows(document).filtered(lambda row: row.date_from == date(2027, 2, 1))
        self.assertEqual(len(february.move_id), 1, "one invoice on one day")
        self.assertEqual(february.move_id.amount_total, 131)
        self.assertEqual(document.state, "running")
        with self.assertRaises(UserError):
            extra.unlink()

    def test_a_line_that_gets_dates_is_not_billed_again(self):
        self.day("2027-02-10")
        document = self.recurring(28, charge=False)
        self.bill()
        document.line_ids.date_end = "2027-03-31"
        self.bill()
        self.assertEqual([amount for _d, amount in self.billed(document)], [28, 28])
        self.day("2027-03-10")
        self.bill()
        self.assertEqual(self.billed(document)[-1], ("2027-03-01", 28))
        self.assertEqual(sum(amount for _d, amount in self.billed(document)), 84)
        document.line_ids.date_end = False
        self.day("2027-04-10")
        self.bill()
        self.assertEqual(sum(amount for _d, amount in self.billed(document)), 112)

    def test_a_bad_one_does_not_stop_the_others(self):
        self.day("2027-01-01")
        good = self.recurring(10, charge=False)
        bad = self.recurring(20, charge=False)
        also_good = self.recurring(30, charge=False, partner_id=self.other_customer.id)
        bad.journal_id = self.env["account.journal"].create({
            "name": "Closed",
            "type": "sale",
            "code": "CLO",
            "company_id": self.company.id,
            "default_account_id": self.company_data["default_account_revenue"].id,
        })
        moves = type(self.env["account.move"])
        post = moves._post

        def refuse(records, soft=True):
            if bad.journal_id in records.journal_id:
                raise UserError(self.env._("The journal is closed."))
            return post(records, soft)

        with patch.object(moves, "_post", refuse):
            run = self.bill()
        self.assertEqual((good | also_good).period_ids.mapped("state"), ["generated"] * 2)
        row = bad.period_ids
        self.assertEqual((row.state, row.error), ("failed", "The journal is closed."))
        self.assertEqual(bad.trouble, "The journal is closed.")
        self.assertEqual((run.generated_count, run.failed_count), (2, 1))
        self.assertTrue(bad.activity_ids)
        self.run_job("cron_run")
        self.assertEqual(row.state, "failed", "not tried again before somebody looks")
        # a change by a person releases it
        bad.journal_id = False
        self.assertFalse(bad.trouble)
        self.run_job("cron_run")
        self.assertEqual(row.state, "generated")
        self.assertEqual(len((good | also_good).period_ids), 2)

    def test_one_that_cannot_be_planned_is_left_alone_until_released(self):
        self.day("2027-01-01")
        good, bad = self.recurring(charge=False), self.recurring(charge=False)
        slices = type(self.Document)._slices
        asked = []

        def refuse(document, until, cursors, limit=None):
            if document == bad:
                asked.append(until)
                raise ValueError("no such day")
            return slices(document, until, cursors, limit)

        self.company.recurring_auto = True
        with patch.object(type(self.Document), "_slices", refuse):
            self.run_job("cron_run")
            self.run_job("cron_run")
        self.assertEqual(len(asked), 1)
        self.assertEqual(bad.trouble, "no such day")
        self.assertTrue(good.period_ids.move_id)
        bad.action_release()
        self.run_job("cron_run")
        self.assertTrue(bad.period_ids.move_id)

    def test_several_currencies_and_companies(self):
        self.day("2027-01-01")
        euro = self.env.ref("base.EUR") if self.currency.name != "EUR" else self.env.ref("base.USD")
        euro.active = True
        abroad = self.recurring(50, charge=False, currency_id=euro.id)
        other = self.setup_other_company()["company"]
        there = self.Document.with_context(allowed_company_ids=other.ids).create({
            "company_id": other.id,
            "partner_id": self.customer.id,
            "date_start": "2027-01-01",
            "charge": False,
            "line_ids": [self.line_of("There", 70)],
        })
        there.action_start()
        (self.company | other).recurring_auto = True
        self.run_job("cron_run")
        self.assertEqual(abroad.period_ids.move_id.currency_id, euro)
        self.assertEqual(abroad.period_ids.move_id.amount_total, 50)
        self.assertEqual(there.period_ids.move_id.company_id, other)
        self.assertEqual(there.period_ids.run_id.company_id, other)

    def test_taxes_and_positions_are_the_hosts(self):
        self.day("2027-01-01")
        tax = self.env["account.tax"].create({
            "name": "Ten",
            "amount": 10,
            "company_id": self.company.id,
        })
        self.product.taxes_id = tax
        document = self.recurring(
            charge=False, lines=[Command.create({"product_id": self.product.id, "quantity": 3})]
        )
        self.assertEqual(document.amount_period, 330)
        self.bill()
        self.assertEqual(document.period_ids.amount, 330)
        self.assertEqual(document.period_ids.move_id.amount_tax, 30)

    def test_what_is_wrong_is_said_at_once(self):
        for vals in (
            {"line_ids": [self.line_of("Hosting {mnoth}")]},
            {"method": "direct", "document_kind": "proforma"},
            {"method": "debt", "document_kind": "none"},
            {"every": 0},
            {"unit": "week", "begin_rule": "last"},
            {"note": "<p>{what}</p>"},
        ):
            with self.assertRaises(ValidationError, msg=str(vals)):
                self.recurring(start=False, **vals)
        with self.assertRaises(UserError):
            self.Document.create({"partner_id": self.customer.id}).action_start()

    def test_what_was_running_is_not_deleted(self):
        document = self.recurring()
        with self.assertRaises(UserError):
            document.unlink()
        self.recurring(start=False).unlink()

    def test_a_period_of_nothing_is_left_out(self):
        self.day("2027-01-01")
        document = self.recurring(
            charge=False, lines=[self.line_of("Later", 10, date_start="2027-03-01")]
        )
        self.bill()
        self.run_job("cron_run")
        self.day("2027-03-01")
        self.bill()
        self.assertEqual(self.billed(document), [("2027-03-01", 10)])

    def test_dated_when_it_is_issued(self):
        self.day("2027-01-20")
        document = self.recurring(charge=False, dated="issue")
        self.bill()
        self.assertEqual(document.period_ids.move_id.invoice_date, date(2027, 1, 20))
        self.assertEqual(document.period_ids.bill_on, date(2027, 1, 1))
        self.assertEqual(document.period_ids.bill_on, fields.Date.to_date("2027-01-01"))
