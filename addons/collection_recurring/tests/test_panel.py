# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What the customer screen tells of a customer's recurring documents."""

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from .common import CollectionRecurringCommon


@tagged("post_install", "-at_install")
class TestPanel(CollectionRecurringCommon):
    def setUp(self):
        super().setUp()
        self.invoice(amount=1000)

    def long_ago(self, document, **delta):
        """Let time have passed since the document changed."""
        for transition in document.transition_ids.sudo():
            transition.date -= timedelta(**delta)

    def test_a_customer_without_one_has_no_panel(self):
        self.recurring(start=False)
        self.assertEqual(self.screen(), (False, []))

    def test_what_the_customer_pays_for_how_much_and_when(self):
        self.card("done")
        document = self.recurring(48)
        row = self.shown(document)
        self.assertEqual((row["title"], row["what"]), ("Hosting", "Service"))
        self.assertEqual((row["amount"], row["rhythm"]), (48, "Monthly"))
        self.assertEqual(row["next"], self.today)
        self.assertFalse(row["last"], "nothing was billed yet")
        self.bill()
        self.carry_out_charges()
        row = self.shown(document)
        self.assertEqual(row["next"], fields.Date.add(self.today, months=1))
        self.assertEqual(row["last"]["label"], "Paid")
        self.assertEqual(row["last"]["document"], document.period_ids.move_id.display_name)
        self.assertFalse(row["last"]["reason"])

    def test_a_period_that_is_written_down_is_the_next_one(self):
        document = self.recurring(charge=False)
        document._plan_periods(self.today)
        self.assertGreater(document.next_bill_on, self.today)
        self.assertEqual(self.shown(document)["next"], self.today)

    def test_products_tell_what_it_is_for_and_lines_that_are_over_do_not(self):
        document = self.recurring(
            title=False,
            date_start=self.days(-60),
            lines=[
                Command.create({"product_id": self.product.id, "price_unit": 10.0}),
                self.line_of("Set-up", date_start=self.days(-60), date_end=self.days(-30)),
                self.line_of("Support of {month}"),
            ],
        )
        self.assertEqual(self.shown(document)["what"], "Hosting, Support of")

    # ------------------------------------------------------------
    # BY WHICH WAY
    # ------------------------------------------------------------

    def test_by_which_card(self):
        document = self.recurring()
        row = self.shown(document)
        self.assertEqual((row["way"], row["hindrance"]), (False, "No way to be charged"))
        way = self.card("done", payment_details="4242")
        row = self.shown(document)
        self.assertIn("4242", row["way"])
        self.assertFalse(row["hindrance"])
        way._block(self.env["payment.reason"]._of("lost_or_stolen"))
        row = self.shown(document)
        self.assertFalse(row["way"])
        self.assertIn("4242", row["hindrance"])
        self.assertIn("Lost or Stolen", row["hindrance"])

    def test_a_card_of_its_own_goes_before_the_customers(self):
        self.card("done", payment_details="1111")
        own = self.card("done", payment_details="2222")
        document = self.recurring()
        own.write({"res_model": document._name, "res_id": document.id})
        other = self.recurring()
        self.assertIn("2222", self.shown(document)["way"])
        self.assertIn("1111", self.shown(other)["way"])

    def test_whoever_is_not_charged_needs_no_way(self):
        row = self.shown(self.recurring(charge=False))
        self.assertEqual((row["way"], row["hindrance"]), ("The customer pays", False))

    # ------------------------------------------------------------
    # WHAT STANDS OUT
    # ------------------------------------------------------------

    def test_a_charge_that_failed_pauses_it_and_the_screen_says_so(self):
        self.card("expired_card")
        fine = self.recurring(charge=False)
        document = self.refused()
        panel, alerts = self.screen()
        self.assertEqual([row["id"] for row in panel["documents"]], (document | fine).ids)
        row = panel["documents"][0]
        self.assertEqual((row["state"], row["tone"], row["unpaid"]), ("paused", "warning", 1))
        self.assertEqual((row["last"]["label"], row["last"]["tone"]), ("Not Collected", "danger"))
        self.assertIn("xpired", row["last"]["reason"])
        self.assertFalse(row["next"])
        [alert] = alerts
        self.assertEqual(alert["level"], "danger")
        self.assertIn("Data line", alert["title"])
        self.assertIn("could not be collected", alert["text"])
        self.assertEqual(alert["action"]["res_id"], document.id)

    def test_a_chargeback_that_paused_it_is_told(self):
        document = self.recurring(charge=False)
        document.sudo()._pause(cause="chargeback", note="CB/1 over 48.00")
        [alert] = self.screen()[1]
        self.assertEqual((alert["level"], alert["text"]), ("danger", "CB/1 over 48.00"))
        self.assertIn("chargeback", alert["title"])

    def test_a_person_who_pauses_one_gives_no_alarm(self):
        document = self.recurring(charge=False)
        self.pause(document, resume_on=self.days(30))
        row = self.shown(document)
        self.assertEqual((row["state"], row["why"]), ("paused", "Away"))
        self.assertEqual((row["next"], row["resumes"]), (False, self.days(30)))
        self.assertFalse(self.screen()[1])

    def test_a_stop_by_a_person_is_told_for_a_month(self):
        document = self.recurring(charge=False)
        self.env["recurring.stop"].create({
            "document_ids": [Command.set(document.ids)],
            "reason": "Moved away",
        }).action_stop()
        [alert] = self.screen()[1]
        self.assertEqual((alert["level"], alert["text"]), ("warning", "Moved away"))
        self.long_ago(document, days=31)
        self.assertFalse(self.screen()[1])
        self.assertEqual(self.shown(document)["tone"], "danger")

    def test_a_stop_by_the_rule_is_told_until_it_runs_again(self):
        self.card("expired_card")
        document = self.refused(on_failure="stop")
        self.long_ago(document, days=400)
        [alert] = self.screen()[1]
        self.assertEqual((alert["level"], document.state), ("danger", "stopped"))
        self.resume(document, "skip")
        self.assertFalse(self.screen()[1])

    def test_an_error_is_told(self):
        document = self.recurring(charge=False)
        document._set_trouble(ValueError("The journal is closed."))
        panel, [alert] = self.screen()
        self.assertIn("The journal is closed.", alert["text"])
        self.assertEqual(panel["documents"][0]["tone"], "danger")
        self.assertFalse(panel["documents"][0]["next"], "it is not billed")

    # ------------------------------------------------------------
    # WHICH ONES
    # ------------------------------------------------------------

    def test_six_are_shown_and_all_are_listed(self):
        documents = self.Document.union(*(self.recurring(charge=False) for _one in range(8)))
        panel, _alerts = self.screen()
        self.assertEqual((panel["count"], len(panel["documents"])), (8, 6))
        domain = self.profile().action_open_recurring()["domain"]
        self.assertEqual(self.Document.search(domain), documents.sorted("id", reverse=True))

    def test_a_branch_that_is_chased_apart_has_its_own(self):
        branch = self.env["res.partner"].create({
            "name": "Aegean Harbour",
            "parent_id": self.customer.id,
            "type": "other",
        })
        profile = self.profile()
        profile.participation = "branch"
        self.invoice(branch)
        of_branch = self.env["collection.profile"].search([("partner_id", "=", branch.id)])
        own = self.recurring(charge=False)
        theirs = self.recurring(charge=False, partner_id=branch.id)
        self.assertEqual([row["id"] for row in self.screen(profile)[0]["documents"]], own.ids)
        self.assertEqual([row["id"] for row in self.screen(of_branch)[0]["documents"]], theirs.ids)

    def test_other_companies_have_theirs(self):
        other = self.setup_other_company(name="Rival Ltd")["company"]
        self.env.user.company_ids |= other
        journal = self.env["account.journal"].search(
            [("company_id", "=", other.id), ("type", "=", "sale")], limit=1
        )
        self.recurring(company_id=other.id, journal_id=journal.id, charge=False)
        self.assertFalse(self.screen()[0])

    # ------------------------------------------------------------
    # SPEED
    # ------------------------------------------------------------

    def test_it_reads_no_more_often_for_more_documents(self):
        self.card("done")

        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.profile().get_customer_screen(["recurring", "alerts"])
            return self.env.cr.sql_log_count - before

        self.recurring(date_start=self.days(-100), charge=False)
        self.recurring(method="direct")
        self.bill()
        self.carry_out_charges()
        queries()
        few = queries()
        for _one in range(4):
            self.recurring(date_start=self.days(-100), charge=False)
        self.bill()
        self.assertLessEqual(queries(), few + 2)
