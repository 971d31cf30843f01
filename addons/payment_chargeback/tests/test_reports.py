# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What a provider reports: once, twice, late, and of payments that nobody knows."""

from odoo.tests import tagged

from .common import ChargebackCommon


@tagged("post_install", "-at_install")
class TestReports(ChargebackCommon):
    def test_from_the_first_report_to_the_loss(self):
        attempt, invoice = self.charged()
        chargeback = self.tell(
            self.report(attempt, "open", 0, reason_text="product not received"),
            self.report(attempt, "open", 1, withdrawn=100.0, fee=15.0, fee_currency="USD"),
            self.report(attempt, "submitted", 2),
            self.report(attempt, "lost", 3),
        )
        self.assertEqual(len(chargeback), 1)
        self.assertEqual(self.history(chargeback), ["open", "submitted", "lost"])
        self.assertEqual(set(chargeback.transition_ids.mapped("cause")), {"provider"})
        self.assertEqual((invoice.amount_residual, chargeback.amount_lost), (100, 100))
        self.assertEqual((chargeback.fee_amount, self.balance(self.fee_account)), (15, 15))
        self.assertEqual(set(chargeback.event_ids.mapped("state")), {"done"})

    def test_a_report_that_comes_again_changes_nothing(self):
        attempt, _invoice = self.charged()
        reports = [self.report(attempt, "open", 0), self.report(attempt, "won", 1)]
        chargeback = self.tell(*reports, refs=["a", "b"])
        before = (self.history(chargeback), len(chargeback.move_ids), self.balance())
        for ref, report in zip(("a", "b", "a"), (*reports, reports[0]), strict=True):
            self.assertFalse(self.Event._receive(self.provider, ref, report))
        after = (self.history(chargeback), len(chargeback.move_ids), self.balance())
        self.assertEqual(before, after)
        self.assertEqual(len(chargeback.event_ids), 2)

    def test_any_order_comes_to_the_same(self):
        # all of them are gone through without a database in test_core
        for order in ((0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1), (1, 3, 0, 2)):
            with self.subTest(order=order):
                before = self.balance()
                attempt, invoice = self.charged()
                reports = (
                    self.report(attempt, "open", 0),
                    self.report(attempt, "open", 1, withdrawn=100.0, fee=15.0, fee_currency="USD"),
                    self.report(attempt, "submitted", 2),
                    self.report(attempt, "won", 3, withdrawn=100.0, reinstated=30.0),
                )
                chargeback = self.tell(*(reports[place] for place in order))
                self.assertEqual((chargeback.state, chargeback.finished), ("partly", True))
                self.assertEqual((chargeback.amount_lost, chargeback.fee_booked), (70, 15))
                self.assertEqual(invoice.amount_residual, 70)
                self.assertEqual(self.balance() - before, 70)

    def test_an_older_report_does_not_undo_a_newer_one(self):
        attempt, invoice = self.charged()
        chargeback = self.tell(self.report(attempt, "won", 9))
        self.assertEqual(invoice.amount_residual, 0)
        self.tell(self.report(attempt, "open", 0))
        self.assertEqual((chargeback.state, invoice.amount_residual), ("won", 0))
        self.assertEqual(chargeback.event_ids.sorted("id")[-1:].state, "outdated")

    def test_what_a_person_did_is_not_undone_by_a_report_of_before(self):
        attempt, _invoice = self.charged()
        chargeback = self.tell(self.report(attempt, "open", 0))
        chargeback.action_mark_submitted()
        self.tell(self.report(attempt, "open", 1))
        self.assertEqual(chargeback.state, "submitted")
        self.tell(self.report(attempt, "lost", 2))
        self.assertEqual(chargeback.state, "lost")

    def test_an_inquiry_becomes_a_chargeback(self):
        attempt, invoice = self.charged()
        chargeback = self.tell(self.report(attempt, "warning", 0))
        self.assertEqual((chargeback.kind, invoice.amount_residual), ("inquiry", 0))
        self.tell(self.report(attempt, "open", 5))
        self.assertEqual((chargeback.kind, chargeback.state), ("chargeback", "open"))
        self.assertEqual(invoice.amount_residual, 100)

    def test_an_inquiry_that_is_closed_moves_nothing(self):
        attempt, invoice = self.charged()
        chargeback = self.tell(
            self.report(attempt, "warning", 0),
            self.report(attempt, "closed", 5, kind="inquiry"),
        )
        self.assertEqual((chargeback.state, chargeback.move_ids.ids), ("closed", []))
        self.assertEqual(invoice.amount_residual, 0)

    def test_a_win_that_is_overturned(self):
        attempt, invoice = self.charged()
        chargeback = self.tell(
            self.report(attempt, "open", 0),
            self.report(attempt, "won", 1, withdrawn=100.0, reinstated=100.0),
        )
        self.assertEqual((attempt.state, invoice.amount_residual), ("succeeded", 0))
        self.tell(self.report(attempt, "lost", 2, withdrawn=200.0, reinstated=100.0))
        self.assertEqual((chargeback.state, chargeback.amount_lost), ("lost", 100))
        self.assertEqual((attempt.state, invoice.amount_residual), ("returned", 100))
        self.assertEqual(self.balance(), 100)

    def test_a_payment_that_nobody_knows_waits_for_a_person(self):
        attempt, invoice = self.charged()
        self.tell(
            self.report(attempt, "open", 0, payment_reference="never heard of"),
            self.report(attempt, "lost", 1, payment_reference="never heard of"),
        )
        events = self.Event.search([("state", "=", "unknown")])
        self.assertEqual((len(events), self.Chargeback.search([]).ids), (2, []))
        self.assertTrue(all(event.activity_ids for event in events))
        wizard = self.env["payment.provider.event.assign"].create({
            "event_id": events.sorted("happened")[0].id,
            "attempt_id": attempt.id,
        })
        chargeback = self.Chargeback.browse(wizard.action_assign()["res_id"])
        self.assertEqual((chargeback.state, invoice.amount_residual), ("lost", 100))
        self.assertEqual(set(events.mapped("state")), {"done"})
        self.assertFalse(events.activity_ids)

    def test_a_report_about_somebody_elses_payment_is_put_aside(self):
        attempt, _invoice = self.charged()
        self.tell(self.report(attempt, payment_reference="never heard of"))
        event = self.Event.search([("state", "=", "unknown")])
        event.action_retry()
        self.assertEqual(event.state, "unknown")
        event.action_dismiss()
        self.assertEqual((event.state, event.activity_ids.ids), ("dismissed", []))

    def test_the_payment_comes_in_later(self):
        attempt, invoice = self.charged()
        transaction = attempt.transaction_id.sudo()
        known = transaction.provider_reference
        transaction.provider_reference = "not noted yet"
        self.tell(self.report(attempt, payment_reference=known))
        event = self.Event.search([("state", "=", "unknown")])
        transaction.provider_reference = known
        event.action_retry()
        self.assertEqual((event.state, invoice.amount_residual), ("done", 100))
