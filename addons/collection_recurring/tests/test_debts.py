# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""A period that is charged without an invoice, and in vain: it is owed once, however it ends."""

from odoo.tests import tagged

from ..hooks import post_init_hook
from .common import CollectionRecurringCommon


@tagged("post_install", "-at_install")
class TestDebts(CollectionRecurringCommon):
    def setUp(self):
        super().setUp()
        self.card("expired_card")
        self.bank = self.company_data["default_journal_bank"]

    def unpaid(self, price=310, **vals):
        """Return the period of a direct charge that failed for good."""
        vals = {"failures_allowed": 9, "retry": False, "method": "direct", **vals}
        document = self.recurring(price, title="Data line", **vals)
        self.bill()
        self.carry_out_charges()
        self.at_once()
        self.env.invalidate_all()
        return document.period_ids

    def amounts(self):
        self.env.invalidate_all()
        return self.env["collection.item"].search(
            [
                ("commercial_partner_id", "=", self.customer.id),
                ("charge_attempt_id", "!=", False),
            ],
            order="id",
        )

    def owed(self):
        """Return what the customer owes altogether, and what of it is to be collected."""
        self.env.invalidate_all()
        return self.profile().amount_open, self.profile().amount_to_collect

    def charge_again(self, period, word):
        """Charge the period anew, on another card."""
        period.attempt_ids.way_id.filtered(lambda way: not way.blocked_on)._block(
            self.env["payment.reason"]._of("lost_or_stolen")
        )
        self.card(word)
        period.action_charge_again()
        self.at_once()

    # ------------------------------------------------------------
    # THE CHARGE
    # ------------------------------------------------------------

    def test_the_period_that_failed_is_chased_and_the_next_charge_settles_it(self):
        """The customer owes nothing else: there was no screen of it before."""
        self.assertFalse(self.profile())
        period = self.unpaid()
        case = self.cases()
        [item] = self.amounts()
        self.assertEqual((item.case_id, case.amount_to_collect), (case, 310))
        self.assertEqual(item.date_due, period.bill_on)
        self.assertIn("Data line", item.description)
        panel, _alerts = self.screen()
        self.assertEqual(panel["documents"][0]["unpaid"], 1)
        self.charge_again(period, "done")
        self.assertEqual(self.owed(), (310, 0))
        self.carry_out_charges()
        self.at_once()
        self.assertEqual((case.state, case.result), ("completed", "paid"))
        self.assertEqual((item.state, item.amount_paid), ("settled", 310))
        self.assertEqual(period.move_id.amount_residual, 0)
        self.assertEqual(self.owed(), (0, 0))
        self.assertEqual(self.profile().amount_credit, 0)

    def test_a_further_charge_that_fails_makes_no_second_item(self):
        period = self.unpaid()
        self.charge_again(period, "lost_or_stolen")
        self.carry_out_charges()
        self.at_once()
        self.assertEqual(len(period.attempt_ids), 2)
        self.assertEqual(len(self.amounts()), 1)
        self.assertEqual(self.owed(), (310, 310))
        self.assertEqual(self.cases().charge_count, 2)

    def test_each_period_is_owed_for_itself(self):
        self.unpaid()
        self.unpaid(48)
        self.assertEqual(sorted(self.amounts().mapped("amount")), [48, 310])
        self.assertEqual(self.owed(), (358, 358))
        self.assertEqual(len(self.cases()), 1)

    def test_a_receipt_that_is_returned_is_owed(self):
        self.env["payment.charge.way"].search([])._block(
            self.env["payment.reason"]._of("expired_card")
        )
        self.card("done")
        period = self.unpaid(document_kind="none")
        self.assertEqual(self.amounts().ids, [])
        period.attempt_ids._set_returned(self.env["payment.reason"]._of("account_closed"))
        self.at_once()
        self.assertEqual(period.state, "unpaid")
        self.assertEqual(self.owed(), (310, 310))
        self.assertEqual(self.profile().amount_credit, 0)

    # ------------------------------------------------------------
    # ANOTHER DOCUMENT, OR NOTHING OWED
    # ------------------------------------------------------------

    def test_the_invoice_takes_the_place_of_the_amount(self):
        period = self.unpaid()
        case = self.cases()
        period.action_issue_unpaid()
        self.at_once()
        [item] = self.amounts()
        self.assertEqual((item.state, item.charge_ended), ("cancelled", "document"))
        self.assertEqual(self.owed(), (310, 310))
        self.assertEqual(case.open_item_ids.move_id, period.move_id, "the case goes on with it")
        self.assertTrue(
            case.message_ids.filtered(lambda one: period.move_id.name in (one.body or ""))
        )
        self.pay(period.move_id)
        self.assertEqual((case.state, case.result), ("completed", "paid"))
        self.run_cycle(self.customer)
        self.assertEqual(self.owed(), (0, 0))

    def test_what_is_invoiced_at_once_is_owed_by_the_invoice_only(self):
        period = self.unpaid(document_anyway=True)
        self.assertTrue(period.move_id)
        self.assertFalse(self.amounts())
        self.assertEqual(self.owed()[0], 310)

    def test_an_invoice_paid_by_charge_and_returned_is_owed_by_the_invoice_only(self):
        period = self.unpaid()
        self.charge_again(period, "done")
        self.carry_out_charges()
        self.at_once()
        charged = period.attempt_ids.filtered(lambda one: one.state == "succeeded")
        charged._set_returned(self.env["payment.reason"]._of("account_closed"))
        self.at_once()
        self.assertEqual(self.amounts().state, "cancelled")
        self.assertEqual(self.owed()[0], 310)

    def test_a_period_left_out_is_not_asked_for(self):
        period = self.unpaid()
        period.action_skip()
        self.at_once()
        self.assertEqual(self.amounts().charge_ended, "source")
        self.assertEqual(self.cases().state, "completed")
        self.assertEqual(self.owed(), (0, 0))

    def test_a_payment_request_is_owed_until_it_is_paid(self):
        period = self.unpaid(document_kind="request", method="debt")
        request, case = period.request_id, self.cases()
        self.assertEqual(self.owed(), (310, 310))
        request._register_payment(100, request.currency_id, self.today, journal=self.bank)
        self.at_once()
        self.assertEqual(self.owed(), (210, 210))
        request._register_payment(210, request.currency_id, self.today, journal=self.bank)
        self.at_once()
        self.assertEqual(request.state, "paid")
        self.assertEqual(self.amounts().state, "settled")
        self.assertEqual((case.state, case.result), ("completed", "paid"))
        self.assertEqual(self.owed(), (0, 0))

    def test_a_payment_request_that_is_cancelled_is_not_asked_for(self):
        period = self.unpaid(document_kind="request", method="debt")
        period.request_id.action_cancel()
        self.at_once()
        self.assertEqual(self.amounts().charge_ended, "source")
        self.assertEqual(self.owed(), (0, 0))

    def test_what_was_owed_before_the_installation_names_its_period(self):
        period = self.unpaid()
        item = self.amounts()
        item.description = period.document_id.display_name
        post_init_hook(self.env(su=True))
        self.assertIn(period.display_name, item.description)

    # ------------------------------------------------------------
    # WHOSE IT IS
    # ------------------------------------------------------------

    def test_a_branch_that_is_chased_apart_owes_what_is_addressed_to_it(self):
        branch = self.env["res.partner"].create({
            "name": "Aegean Harbour",
            "parent_id": self.customer.id,
            "type": "other",
        })
        self.invoice(amount=1000)
        self.profile().participation = "branch"
        branch.is_collection_branch = True
        self.at_once()
        self.unpaid(partner_id=branch.id)
        self.assertEqual(self.amounts().partner_id, branch)
