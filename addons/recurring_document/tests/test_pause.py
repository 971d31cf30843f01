# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""Pause and resume, with what becomes of the periods missed."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import RecurringCommon


@tagged("post_install", "-at_install")
class TestPause(RecurringCommon):
    def paused(self, **vals):
        """Return a document billed in January and asleep until May."""
        self.company.recurring_auto = True
        self.day("2027-01-01")
        document = self.recurring(100, charge=False, **vals)
        self.run_job("cron_run")
        self.day("2027-01-20")
        self.pause(document)
        self.day("2027-05-10")
        self.run_job("cron_run")
        self.assertEqual(len(document.period_ids), 1, "nothing in a pause")
        return document

    def test_what_was_missed_is_left_out(self):
        document = self.paused()
        wizard = self.resume(document, "skip")
        self.assertEqual(wizard.line_ids.mapped("billed"), [False] * 4)
        self.run_job("cron_run")
        self.assertEqual(len(self.billed(document)), 1)
        self.assertEqual(len(self.rows(document, "skipped")), 4)
        self.day("2027-06-01")
        self.run_job("cron_run")
        self.assertEqual(self.billed(document)[-1][0], "2027-06-01")

    def test_the_last_missed_period_is_billed(self):
        document = self.paused()
        wizard = self.resume(document, "one")
        self.assertEqual(wizard.line_ids.mapped("billed"), [False] * 3 + [True])
        self.assertIn("100", wizard.totals)
        self.run_job("cron_run")
        self.assertEqual([day for day, _a in self.billed(document)], ["2027-01-01", "2027-05-01"])

    def test_all_missed_periods_are_billed(self):
        document = self.paused()
        wizard = self.resume(document, "all")
        self.assertEqual(len(wizard.line_ids.filtered("billed")), 4)
        self.run_job("cron_run")
        self.assertEqual(len(self.billed(document)), 5)

    def test_the_preview_is_what_happens(self):
        for how in ("skip", "one", "all"):
            document = self.paused()
            wizard = self.resume(document, how)
            expected = [str(line.date_from) for line in wizard.line_ids if line.billed]
            self.run_job("cron_run")
            self.assertEqual([day for day, _a in self.billed(document)][1:], expected)

    def test_a_period_planned_before_is_covered(self):
        """Written down and not billed yet: the pause covers it, and so does the choice."""
        self.day("2027-01-01")
        for how, billed in (("skip", 0), ("all", 1)):
            document = self.recurring(100, charge=False)
            document._plan_periods(self.day("2027-01-01"))
            self.assertEqual(document.period_ids.state, "planned")
            self.pause(document)
            self.run_job("cron_run")
            self.assertEqual(document.period_ids.state, "planned")
            self.resume(document, how)
            self.run_job("cron_run")
            self.assertEqual(len(self.billed(document)), billed)
            self.assertEqual(len(document.period_ids), 1)

    def test_a_charge_nobody_was_asked_for_is_taken_back(self):
        self.card("done")
        self.day("2027-01-01")
        document = self.recurring(100, method="direct")
        self.bill()
        attempt = document.period_ids.attempt_ids
        self.pause(document)
        self.assertEqual(attempt.state, "cancelled")
        self.assertEqual(document.period_ids.state, "planned")
        self.carry_out_charges()
        self.assertEqual(self.asked(), 0)
        self.resume(document, "all")
        self.run_job("cron_run")
        self.carry_out_charges()
        self.assertEqual(document.period_ids.result, "paid")
        self.assertEqual(self.asked(), 1)

    def test_a_charge_under_way_is_followed_in_a_pause(self):
        self.card("pending")
        self.day("2027-01-01")
        document = self.recurring(100, method="direct")
        self.bill()
        self.carry_out_charges()
        self.pause(document)
        self.assertEqual(document.period_ids.state, "charging")
        transaction = document.period_ids.attempt_ids.transaction_id
        transaction._set_done()
        transaction._post_process()
        self.assertEqual(document.period_ids.result, "paid")
        self.resume(document, "all")
        self.run_job("cron_run")
        self.assertEqual(len(document.period_ids), 1)

    def test_no_retry_of_a_direct_charge_in_a_pause(self):
        self.card("insufficient_funds", "done")
        self.day("2027-01-01")
        document = self.recurring(100, method="direct")
        self.bill()
        self.carry_out_charges()
        self.pause(document)
        self.day("2027-01-15")
        self.carry_out_charges()
        self.assertEqual(self.asked(), 1)

    def test_a_pause_with_an_end(self):
        self.company.recurring_auto = True
        self.day("2027-01-01")
        document = self.recurring(100, charge=False)
        self.run_job("cron_run")
        self.pause(document, resume_on="2027-03-15", resume_how="one")
        self.day("2027-03-14")
        self.run_job("cron_run")
        self.assertEqual(document.state, "paused")
        self.day("2027-03-15")
        self.run_job("cron_run")
        self.assertEqual(document.state, "running")
        self.assertEqual([day for day, _a in self.billed(document)], ["2027-01-01", "2027-03-01"])

    def test_a_stopped_one_may_begin_again(self):
        self.day("2027-01-01")
        document = self.recurring(100, charge=False)
        self.bill()
        self.env["recurring.stop"].create({
            "document_ids": document.ids,
            "reason": "Gave notice",
        }).action_stop()
        self.assertEqual((document.state, document.why), ("stopped", "Gave notice"))
        self.day("2027-03-01")
        self.company.recurring_auto = True
        self.run_job("cron_run")
        self.assertEqual(len(document.period_ids), 1)
        self.resume(document, "skip")
        self.assertEqual(document.state, "running")
        history = document.transition_ids.filtered(lambda one: not one.period_id).sorted("id")
        self.assertEqual(history.mapped("to_state"), ["running", "stopped", "running"])
        self.assertEqual(history.user_id, self.env.user)

    def test_states_are_not_written_by_hand(self):
        self.day("2027-01-01")
        document = self.recurring(charge=False)
        for vals in ({"state": "ended"}, {"next_bill_on": "2030-01-01"}, {"trouble": False}):
            with self.assertRaises(AccessError):
                document.write(vals)
        with self.assertRaises(UserError):
            self.resume(document, "all")
        with self.assertRaises(UserError):
            self.pause(document, resume_on="2026-12-31")

    def test_a_period_left_out_may_be_billed_after_all(self):
        self.day("2027-01-01")
        document = self.recurring(100, charge=False)
        document._plan_periods(self.day("2027-01-01"))
        document.period_ids.action_skip()
        self.run_job("cron_run")
        self.assertEqual(document.period_ids.state, "skipped")
        document.period_ids.action_bill()
        self.run_job("cron_run")
        self.assertEqual(document.period_ids.state, "generated")
        with self.assertRaises(UserError):
            document.period_ids.action_skip()

    def test_a_job_that_comes_late_bills_what_came_after_the_pause(self):
        self.company.recurring_auto = True
        self.day("2027-01-01")
        document = self.recurring(100, charge=False)
        self.run_job("cron_run")
        self.pause(document, resume_on="2027-03-01")
        self.day("2027-04-20")
        self.run_job("cron_run")
        self.assertEqual(
            [day for day, _a in self.billed(document)],
            ["2027-01-01", "2027-03-01", "2027-04-01"],
        )

    def test_what_changes_is_told_at_the_customer(self):
        self.day("2027-01-01")
        document = self.recurring(100, charge=False)
        document.write({"unit": "quarter", "date_end": "2027-12-31", "method": "direct"})
        told = self.customer.message_ids[0].body
        for words in ("Months → Quarters", "2027-12-31", "Debt Management → Direct Charge"):
            self.assertIn(words, told)
        self.assertIn("Quarters", document.message_ids[0].body)
