# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""The run screen: who, what, how much, by which way, what changed, what will fail."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import RecurringCommon


@tagged("post_install", "-at_install")
class TestRuns(RecurringCommon):
    def preview(self, until, **vals):
        run = self.Run.create({"until": until, **vals})
        run.action_fill()
        return run

    def test_the_preview_bills_nothing_and_says_it_all(self):
        way = self.card("done")
        self.day("2027-01-01")
        document = self.recurring(100, title="Contract")
        self.recurring(50, partner_id=self.other_customer.id)
        run = self.preview("2027-01-01")
        self.assertFalse(self.Period.search([("document_id", "=", document.id)]))
        line, other = run.line_ids.sorted(lambda one: one.problem or "")
        self.assertEqual(line.partner_id, self.customer)
        self.assertEqual((line.amount, line.what), (100, "Service January 2027"))
        self.assertEqual(line.way_id, way)
        self.assertEqual(line.change, "First time")
        self.assertFalse(line.problem)
        self.assertIn("no way to be charged", other.problem)
        self.assertTrue(other.taken, "the document is issued all the same")
        self.assertEqual((run.line_count, run.problem_count), (2, 1))
        self.assertIn("150", run.totals)

    def test_what_changed_since_the_last_time(self):
        self.card("done")
        self.day("2027-01-01")
        document = self.recurring(
            lines=[
                self.line_of("Hosting {month}", 100),
                self.line_of("Mail {month}", 20),
            ]
        )
        self.bill()
        self.carry_out_charges()
        hosting, mail = document.line_ids
        hosting.write({"price_unit": 110, "quantity": 2})
        mail.unlink()
        document.line_ids = [self.line_of("Backup", 5)]
        self.day("2027-02-01")
        run = self.preview("2027-02-01")
        change = run.line_ids.change
        for word in ("100.00 → ", "110.00", "quantity 1 → 2", "new: Backup", "no more: Mail"):
            self.assertIn(word, change.replace("\xa0", " "))
        self.assertEqual(run.line_ids.amount_before, 120)
        self.assertEqual(run.line_ids.amount, 225)
        run.action_confirm()
        self.run_job("cron_run")
        self.day("2027-03-01")
        self.assertFalse(self.preview("2027-03-01").line_ids.change, "nothing changed in March")

    def test_another_card_is_a_change(self):
        first = self.card("done")
        self.day("2027-01-01")
        self.recurring(100)
        self.bill()
        self.carry_out_charges()
        second = self.card("done")
        second.sequence = first.sequence - 1
        self.day("2027-02-01")
        self.assertIn("instead of", self.preview("2027-02-01").line_ids.change)

    def test_what_will_fail(self):
        self.day("2027-01-01")
        expired = self.card("done")
        expired.valid_until = "2026-12-31"
        self.recurring(100)
        run = self.preview("2027-01-01")
        self.assertIn("expired", run.line_ids.problem)
        self.customer.with_company(self.company).charge_hold = True
        self.recurring(30, method="direct")
        run = self.preview("2027-01-01", method="direct")
        self.assertIn("not charged now", run.line_ids.problem)
        self.assertTrue(run.line_ids.blocked)
        with self.assertRaises(UserError):
            run.action_confirm()

    def test_a_card_that_expires_before_the_charge(self):
        self.day("2027-01-01")
        way = self.card("done")
        way.valid_until = "2027-01-05"
        self.recurring(100, charge_offset=10)
        self.assertIn("expired", self.preview("2027-01-01").line_ids.problem)

    def test_only_what_is_ticked_is_billed(self):
        self.day("2027-01-01")
        one, two = self.recurring(10, charge=False), self.recurring(20, charge=False)
        run = self.preview("2027-01-01")
        run.line_ids.filtered(lambda line: line.document_id == two).taken = False
        run.action_confirm()
        self.run_job("cron_run")
        self.assertEqual(one.period_ids.state, "generated")
        self.assertEqual((two.period_ids.state, two.period_ids.left_out), ("planned", True))
        self.company.recurring_auto = True
        self.run_job("cron_run")
        self.assertEqual(two.period_ids.state, "planned", "the job leaves it to a person")
        run = self.preview("2027-01-01")
        self.assertFalse(run.line_ids.taken)
        run.line_ids.taken = True
        run.action_confirm()
        self.run_job("cron_run")
        self.assertEqual(two.period_ids.state, "generated")
        self.assertEqual(two.period_ids.run_id, run)

    def test_nothing_by_itself_unless_that_is_wanted(self):
        self.day("2027-01-01")
        document = self.recurring(charge=False)
        self.run_job("cron_run")
        self.assertFalse(document.period_ids)
        self.company.write({"recurring_auto": True, "recurring_days_ahead": 31})
        self.run_job("cron_run")
        self.assertEqual(len(document.period_ids), 2, "February is within the days ahead")
        run = document.period_ids.run_id
        self.assertEqual((run.origin, run.state), ("auto", "done"))
        # what becomes due later on the same day is in the same run
        self.recurring(charge=False)
        self.run_job("cron_run")
        self.assertEqual(run.period_count, 4)

    def test_filters(self):
        self.day("2027-01-01")
        tag = self.env["res.partner.category"].create({"name": "Big"})
        self.other_customer.category_id = tag
        self.recurring(10, charge=False)
        other = self.recurring(20, charge=False, partner_id=self.other_customer.id)
        for vals in (
            {"partner_ids": [Command.set(self.other_customer.ids)]},
            {"category_ids": [Command.set(tag.ids)]},
            {"document_ids": [Command.set(other.ids)]},
        ):
            self.assertEqual(self.preview("2027-01-01", **vals).line_ids.document_id, other)

    def test_confirmed_once(self):
        self.day("2027-01-01")
        document = self.recurring(charge=False)
        run = self.preview("2027-01-01")
        run.action_confirm()
        for step in (run.action_confirm, run.action_fill, run.action_cancel, run.unlink):
            with self.assertRaises(UserError):
                step()
        self.run_job("cron_run")
        self.assertEqual(run.state, "done")
        self.assertEqual(run.progress, 100)
        with self.assertRaises(UserError):
            run.action_again()
        self.assertEqual(len(document.period_ids), 1)
        draft = self.preview("2027-02-01")
        draft.action_cancel()
        self.assertEqual(draft.state, "cancelled")

    def test_two_previews_of_the_same_bill_once(self):
        self.day("2027-01-01")
        document = self.recurring(charge=False)
        runs = self.preview("2027-01-01") | self.preview("2027-01-01")
        runs.action_confirm()
        self.run_job("cron_run")
        self.assertEqual(len(document.period_ids), 1)
        self.assertEqual(runs.mapped("state"), ["done", "done"])

    def test_what_comes_next(self):
        self.day("2027-01-15")
        document = self.recurring(100, charge=False, date_end="2027-04-30")
        action = document.action_what_comes()
        run = self.Run.browse(action["res_id"])
        self.assertEqual(len(run.line_ids), 4)
        self.assertFalse(document.period_ids)
