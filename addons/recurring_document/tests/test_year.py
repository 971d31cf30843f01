# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""A year in the life of a standing order, told from the first to the last day."""

from datetime import date

from odoo import Command, fields
from odoo.tests import tagged

from .common import RecurringCommon


@tagged("post_install", "-at_install")
class TestYear(RecurringCommon):
    def test_a_year_with_a_leap_day_a_new_price_a_pause_and_a_refusal(self):
        """Month-ends of a leap year, a price from June on, a summer pause, a card that is refused."""
        first = self.card("done", "done", "done", "expired_card")
        second = self.card("done")
        self.company.recurring_auto = True
        self.day("2028-01-31")
        document = self.recurring(
            100,
            date_start="2028-01-31",
            lines=[
                self.line_of(
                    "Care {month}",
                    100,
                    price_ids=[Command.create({"date": "2028-05-15", "price_unit": 120})],
                )
            ],
        )

        def month(text):
            self.day(text)
            self.run_job("cron_run")
            self.carry_out_charges()
            # the customer's next card is charged by the following round of the job
            self.carry_out_charges()

        month("2028-01-31")
        month("2028-02-29")
        month("2028-03-31")
        self.assertEqual(
            self.rows(document).mapped("date_from"),
            [date(2028, 1, 31), date(2028, 2, 29), date(2028, 3, 31)],
        )
        self.assertEqual(set(document.period_ids.mapped("result")), {"paid"})
        # the card has expired: the customer's next one pays on the same day
        month("2028-04-30")
        april = self.rows(document)[-1]
        self.assertEqual(april.result, "paid")
        self.assertEqual(april.attempt_ids.sorted("id").mapped("state"), ["failed", "succeeded"])
        self.assertEqual(april.attempt_ids.sorted("id").way_id, first | second)
        month("2028-05-31")
        self.assertEqual(self.rows(document)[-1].amount, 120)
        # away for the summer; July and August are left out
        self.day("2028-06-15")
        self.pause(document, resume_on="2028-09-01", resume_how="skip")
        for text in ("2028-06-30", "2028-07-31", "2028-08-31"):
            month(text)
        self.assertEqual(len(self.billed(document)), 5)
        month("2028-09-30")
        self.assertEqual(document.state, "running")
        month("2028-10-31")
        month("2028-11-30")
        month("2028-12-31")
        self.assertEqual(
            [(day[5:7], amount) for day, amount in self.billed(document)],
            [
                ("01", 100),
                ("02", 100),
                ("03", 100),
                ("04", 100),
                ("05", 120),
                ("09", 120),
                ("10", 120),
                ("11", 120),
                ("12", 120),
            ],
        )
        self.assertEqual(len(self.rows(document, "skipped")), 3)
        moves = document.period_ids.move_id
        self.assertEqual(sum(moves.mapped("amount_residual")), 0)
        self.assertEqual(len(self.line.taken), 9, "each month was taken once")
        self.assertEqual(len(self.payments_of(self.customer)), 9)
        self.assertEqual(document.unpaid_count, 0)
        self.assertFalse(document.trouble)
        story = "".join(document.message_ids.mapped("body"))
        for word in ("Paused", "Resumed", moves[0].name):
            self.assertIn(word, story)

    def test_moving_the_day_of_the_charge_charges_nothing_twice(self):
        self.card("done")
        self.day("2027-01-01")
        document = self.recurring(100, charge_offset=10)
        self.bill()
        self.assertFalse(document.period_ids.attempt_id, "it is not the day yet")
        document.charge_offset = 3
        self.day("2027-01-11")
        self.run_job("cron_run")
        self.carry_out_charges()
        document.charge_offset = 20
        self.run_job("cron_run")
        self.carry_out_charges()
        self.assertEqual(document.period_ids.result, "paid")
        self.assertEqual(self.asked(), 1)

    def test_a_line_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("el_GR")
        self.customer.lang = "el_GR"
        self.day("2027-05-01")
        document = self.recurring(
            charge=False,
            date_start="2027-05-01",
            note="<p>{from} – {to}</p>",
            lines=[self.line_of("Φιλοξενία {month}", 40)],
        )
        self.bill()
        move = document.period_ids.move_id
        self.assertEqual(move.invoice_line_ids.name, "Φιλοξενία Μάιος 2027")
        self.assertIn("31 Μαΐ 2027", move.narration)
        self.assertEqual(document.next_bill_on, fields.Date.to_date("2027-06-01"))
