# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What a chargeback does to a standing order; where the add-on of chargebacks is installed."""

from unittest import SkipTest

from odoo.fields import Command
from odoo.tests import tagged

from .common import RecurringCommon


@tagged("post_install", "-at_install")
class TestChargebacks(RecurringCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "payment.chargeback" not in cls.env:
            raise SkipTest("the add-on of chargebacks is not installed")

    def setUp(self):
        super().setUp()
        self.card("done")
        self.day("2027-01-01")

    # ------------------------------------------------------------
    # WORDS TO TELL STORIES WITH
    # ------------------------------------------------------------

    def paying(self, **vals):
        """Return a recurring document whose first period was charged and paid."""
        vals = {"method": "direct", "on_failure": "pause", "retry": False, **vals}
        document = self.recurring(100, **vals)
        self.bill()
        self.carry_out_charges()
        self.assertEqual(self.rows(document)[-1:].result, "paid")
        return document

    def attempt(self, document):
        return self.rows(document)[-1:].last_attempt_id

    def dispute(self, attempt, **vals):
        """Write a chargeback down by hand, as a person does on the screen."""
        reason = self.env["payment.reason"]._of("chargeback_other")
        wizard = (
            self
            .env["payment.chargeback.open"]
            .with_context(default_attempt_id=attempt.id)
            .create({"reason_id": reason.id, **vals})
        )
        return self.env["payment.chargeback"].browse(wizard.action_open()["res_id"])

    def decide(self, chargeback, outcome, **vals):
        """Say how it ended, as a person does on the screen."""
        self.env["payment.chargeback.outcome"].create({
            "chargeback_id": chargeback.id,
            "outcome": outcome,
            **vals,
        }).action_decide()
        self.env.invalidate_all()

    def heard(self, document, chargeback):
        """Return how often the history of the document tells of a chargeback."""
        return len(document.message_ids.filtered(lambda one: chargeback.name in one.body))

    # ------------------------------------------------------------
    # THE RULE FOR FAILURES
    # ------------------------------------------------------------

    def test_the_rule_says_whether_it_goes_on(self):
        for rule, state in (("go_on", "running"), ("pause", "paused"), ("stop", "stopped")):
            with self.subTest(rule):
                document = self.paying(on_failure=rule)
                chargeback = self.dispute(self.attempt(document))
                self.assertFalse(chargeback.trouble)
                self.assertEqual(document.state, state)
                self.assertTrue(self.heard(document, chargeback))
                self.assertTrue(document.period_ids.gave_up)
                if state != "running":
                    self.assertIn(chargeback.name, document.why)
                    last = document.transition_ids.filtered(lambda one: not one.period_id)
                    self.assertEqual(last.sorted("id")[-1].cause, "chargeback")

    def test_the_rule_may_allow_some(self):
        document = self.paying(failures_allowed=1)
        first = self.attempt(document)
        self.day("2027-02-01")
        self.bill()
        self.carry_out_charges()
        self.dispute(first)
        self.assertEqual(document.state, "running")
        self.dispute(self.attempt(document))
        self.assertEqual(document.state, "paused")

    def test_a_part_that_is_disputed_counts_as_well(self):
        document = self.paying()
        chargeback = self.dispute(self.attempt(document), amount=30)
        self.assertEqual(document.state, "paused")
        self.decide(chargeback, "won")
        self.assertEqual(document.state, "running")

    def test_a_warning_is_told_and_changes_nothing(self):
        document = self.paying()
        warning = self.dispute(self.attempt(document), kind="inquiry")
        self.assertEqual((document.state, self.heard(document, warning)), ("running", 1))

    def test_nothing_is_billed_or_charged_while_it_is_paused(self):
        document = self.paying()
        self.dispute(self.attempt(document))
        self.day("2027-02-01")
        self.bill()
        self.carry_out_charges()
        self.assertEqual(len(self.rows(document, "generated")), 1)
        self.assertEqual(self.asked(), 1)

    # ------------------------------------------------------------
    # HOW IT ENDS
    # ------------------------------------------------------------

    def test_a_win_lets_it_go_on(self):
        document = self.paying()
        chargeback = self.dispute(self.attempt(document))
        self.day("2027-02-10")
        self.decide(chargeback, "won")
        self.assertFalse(chargeback.trouble)
        self.assertEqual(document.state, "running")
        first, missed = self.rows(document)
        self.assertEqual((first.result, first.gave_up), ("paid", False))
        self.assertEqual(missed.state, "skipped", "as the document says for the end of a pause")
        self.day("2027-03-01")
        self.bill()
        self.carry_out_charges()
        self.assertEqual(self.rows(document)[-1].result, "paid")

    def test_what_was_missed_is_billed_where_the_document_says_so(self):
        document = self.paying()
        chargeback = self.dispute(self.attempt(document))
        document.resume_how = "all"
        self.day("2027-03-10")
        self.decide(chargeback, "won")
        self.run_job("cron_run")
        self.carry_out_charges()
        self.assertEqual(len(self.rows(document, "generated")), 3)

    def test_a_loss_leaves_it_paused(self):
        document = self.paying()
        chargeback = self.dispute(self.attempt(document))
        self.decide(chargeback, "lost")
        self.assertEqual((document.state, self.heard(document, chargeback) > 1), ("paused", True))
        self.assertEqual(document.amount_open, 100)

    def test_a_win_does_not_undo_what_a_person_decided(self):
        document = self.paying()
        chargeback = self.dispute(self.attempt(document))
        self.resume(document, "skip")
        self.pause(document)
        self.decide(chargeback, "won")
        self.assertEqual(document.state, "paused")

    def test_a_win_does_not_undo_a_stop(self):
        document = self.paying(on_failure="stop")
        chargeback = self.dispute(self.attempt(document))
        self.decide(chargeback, "won")
        self.assertEqual(document.state, "stopped")

    def test_of_two_both_must_be_won(self):
        document = self.paying()
        first = self.attempt(document)
        self.day("2027-02-01")
        self.bill()
        self.carry_out_charges()
        one, other = self.dispute(first), self.dispute(self.attempt(document))
        self.decide(one, "won")
        self.assertEqual(document.state, "paused")
        self.decide(other, "won")
        self.assertEqual(document.state, "running")

    def test_what_is_told_twice_is_followed_once(self):
        document = self.paying()
        chargeback = self.dispute(self.attempt(document))
        times = self.heard(document, chargeback)
        self.resume(document, "skip")
        document.sudo()._chargeback_changed(chargeback)
        self.assertEqual(document.state, "running")
        self.assertEqual(self.heard(document, chargeback), times)

    def test_every_kind_of_document_is_owed_again_and_paid_again_once(self):
        for method, kind in (
            ("debt", "invoice"),
            ("debt", "proforma"),
            ("debt", "request"),
            ("direct", "invoice"),
            ("direct", "none"),
        ):
            with self.subTest(method=method, kind=kind):
                document = self.paying(method=method, document_kind=kind, on_failure="go_on")
                row = document.period_ids
                billed = sum(self.invoices(row).mapped("amount_total_signed"))
                chargeback = self.dispute(self.attempt(document))
                self.assertFalse(chargeback.trouble)
                self.assertTrue(row.gave_up)
                self.decide(chargeback, "won")
                self.assertFalse(chargeback.trouble)
                self.assertEqual((row.gave_up, row.result), (False, "paid"))
                # a payment request has its invoice credited and issued anew
                self.assertEqual(sum(self.invoices(row).mapped("amount_total_signed")), billed)
                self.assertFalse(self.attempt(document).surplus)
                unpaid = self.invoices(row).filtered(lambda move: move.amount_residual)
                self.assertFalse(unpaid)

    def invoices(self, row):
        """Return the invoices of a period, whether it issued them or its payment request did."""
        return row.move_id | row.request_id.invoice_ids

    # ------------------------------------------------------------
    # EVIDENCE
    # ------------------------------------------------------------

    def test_the_evidence_is_what_was_agreed_and_billed(self):
        document = self.paying(title="Data line", reference="PO 17")
        first = document.period_ids
        first.move_id.invoice_pdf_report_id = self.env["ir.attachment"].create({
            "name": "sent.pdf",
            "raw": b"%PDF-1.4 as it was sent",
            "res_model": "account.move",
            "res_id": first.move_id.id,
            "res_field": "invoice_pdf_report_file",
        })
        self.day("2027-02-01")
        self.bill()
        self.carry_out_charges()
        disputed = self.rows(document)[-1]
        chargeback = self.dispute(disputed.last_attempt_id)
        chargeback.action_assemble()
        evidence = chargeback.evidence_ids
        [agreement] = evidence.filtered(lambda one: one.kind == "consent")
        text = agreement.attachment_id.raw.decode()
        for told in ("Data line", "PO 17", "Service", "100.00", "Disputed"):
            self.assertIn(told, text)
        for row in (first, disputed):
            self.assertIn(row.move_id.name, text)
        name = f"{first.move_id.name}.pdf".replace("/", "-")
        sent = evidence.filtered(lambda one: one.name == name)
        self.assertEqual(sent.attachment_id.raw, b"%PDF-1.4 as it was sent")
        again = len(evidence)
        chargeback.action_assemble()
        self.assertEqual(len(chargeback.evidence_ids), again)

    def test_the_agreement_is_printed_for_any_of_them(self):
        document = self.recurring(
            50,
            lines=[
                self.line_of("Support", 50, date_start="2027-01-01", date_end="2027-06-30"),
                Command.create({"display_type": "line_section", "name": "Rent"}),
            ],
            date_end="2027-12-31",
        )
        content = self.env["ir.actions.report"]._render_qweb_html(
            "recurring_document.report_agreement", document.ids
        )[0]
        self.assertIn("Support", content.decode())
        self.assertIn(document.name, content.decode())
