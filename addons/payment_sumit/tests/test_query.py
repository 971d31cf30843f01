# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .. import const
from .common import SumitCommon


@tagged("post_install", "-at_install")
class TestSumitQuery(SumitCommon):
    """What became of a charge without an answer is found out, or left to a person: never guessed."""

    def ask(self, transaction):
        return self.sumit._charge_query(transaction)

    def test_a_charge_that_was_made_although_the_answer_got_lost_is_found(self):
        transaction = self.unanswered()
        self.assertEqual(transaction.state, "pending")
        self.assertEqual(self.ask(transaction), "done")
        self.assertEqual(transaction.state, "done")
        [payment] = self.fake.payments.values()
        self.assertEqual(transaction.provider_reference, str(payment["ID"]))
        self.assertEqual(len(self.fake.charges()), 1)

    def test_a_charge_that_was_declined_although_the_answer_got_lost_is_found(self):
        transaction = self.unanswered()
        [payment] = self.fake.payments.values()
        payment.update(ValidPayment=False, Status="004")
        self.assertEqual(self.ask(transaction), "error")
        self.assertEqual(transaction.state, "error")
        self.assertIn("[004]", transaction.state_message)

    def test_a_charge_that_was_never_made_is_known_so_after_a_while_only(self):
        transaction = self.unanswered("hang_before")
        self.assertEqual(self.ask(transaction), "pending")
        self.long_ago(transaction, minutes=const.GRACE_MINUTES + 1)
        self.assertEqual(self.ask(transaction), "not_found")
        self.assertEqual(transaction.state, "pending", "asking alone does not end it")

    def test_a_known_result_is_told_again(self):
        self.assertEqual(self.ask(self.charge()), "done")
        self.fake.behaviours.append("004")
        declined = self.charge()
        self.assertEqual(self.ask(declined), "error")
        self.assertEqual(declined.state, "error")

    def test_a_payment_made_after_all_overrules_an_error(self):
        self.fake.behaviours.append("004")
        transaction = self.charge()
        [payment] = self.fake.payments.values()
        payment.update(ValidPayment=True, Status="000")
        self.assertEqual(self.ask(transaction), "done")
        self.assertEqual(transaction.state, "done")

    def test_a_payment_of_a_wrong_amount_is_for_a_person(self):
        self.fake.behaviours.append("cheap")
        transaction = self.charge()
        self.assertIsNone(self.ask(transaction))
        self.assertEqual(transaction.state, "error")

    def test_when_sumit_cannot_be_asked_nothing_is_said(self):
        transaction = self.unanswered()
        self.fake.down.add(const.LIST_PAYMENTS)
        self.assertIsNone(self.ask(transaction))
        self.assertEqual(transaction.state, "pending")

    def test_a_payment_of_another_customer_or_amount_or_day_is_not_taken(self):
        transaction = self.unanswered("hang_before")
        self.long_ago(transaction, minutes=30)
        self.charge(amount=150)  # another customer
        token = transaction.token_id
        self.charge(token, amount=151)
        old = self.charge(token, amount=150)
        payment = self.fake.payments[int(old.sumit_payment_ref)]
        payment["Date"] = "2020-01-01T10:00:00+02:00"
        old.sumit_payment_ref = False
        self.assertEqual(self.ask(transaction), "not_found")

    def test_a_payment_of_another_transaction_is_not_taken(self):
        transaction = self.unanswered("hang_before")
        other = self.charge(transaction.token_id)
        self.assertEqual(other.state, "done")
        self.long_ago(transaction, minutes=30)
        self.assertEqual(self.ask(transaction), "not_found")

    def test_one_payment_for_two_open_charges_is_for_a_person(self):
        first = self.unanswered("hang_before")
        second = self.unanswered("hang", token=first.token_id)
        self.assertIsNone(self.ask(first))
        self.assertIsNone(self.ask(second))
        for transaction in first | second:
            self.assertEqual(transaction.state, "pending")
            self.assertIn("more than one", transaction.state_message)

    def test_a_page_opened_again_for_the_same_invoice_does_not_compete(self):
        if "invoice_ids" not in self.env["payment.transaction"]._fields:
            self.skipTest("no invoices without account_payment")
        journal = self.env["account.journal"].create({
            "name": "Any",
            "code": "ANY",
            "type": "general",
        })
        invoice = self.env["account.move"].create({"journal_id": journal.id})
        customer = str(self.fake.add_customer())
        first, last = (
            self._create_transaction(
                "redirect",
                reference=reference,
                sumit_customer_ref=customer,
                invoice_ids=[(6, 0, invoice.ids)],
            )
            for reference in ("PAGE", "PAGE-1")
        )
        self.charge(self.saved_card(int(customer)), reference="made by hand")
        self.env["payment.transaction"].search([("reference", "=", "made by hand")]).write({
            "sumit_payment_ref": False,
            "state": "error",
        })
        self.assertIsNone(self.ask(first))
        self.assertEqual(self.ask(last), "done")
        self.assertEqual(self.ask(first), "pending")

    def test_the_reference_settles_it_where_sumit_tells_it(self):
        first = self.unanswered("hang_before")
        second = self.unanswered("hang", token=first.token_id)
        self.fake.show_reference = True
        [payment] = self.fake.payments.values()
        payment["ExternalIdentifier"] = second.reference
        self.assertEqual(self.ask(second), "done")
        self.long_ago(first, minutes=30)
        self.assertEqual(self.ask(first), "not_found")

    def test_a_payment_is_found_on_a_later_page(self):
        for _number in range(3):
            self.charge()
        transaction = self.unanswered()
        self.fake.page_size = 2
        self.assertEqual(self.ask(transaction), "done")
        self.assertEqual(len(self.fake.asked(const.LIST_PAYMENTS)), 2)

    def test_another_provider_is_not_asked_at_sumit(self):
        transaction = self._create_transaction("direct", provider_id=self.dummy_provider.id)
        self.assertIsNone(self.dummy_provider._charge_query(transaction))
        self.assertFalse(self.fake.requests)

    def test_the_scheduled_action_brings_open_payments_up_to_date(self):
        lost = self.unanswered()
        never = self.unanswered("hang_before")
        self.long_ago(never, days=2)
        self.run_schedule()
        self.assertEqual(lost.state, "done")
        self.assertEqual(never.state, "error")
        self.assertIn("nothing was charged", never.state_message)
        self.assertEqual(len(self.fake.asked(const.LIST_PAYMENTS)), 1, "listed once per provider")

    def test_the_scheduled_action_leaves_open_what_it_cannot_know(self):
        lost = self.unanswered()
        self.fake.down.add(const.LIST_PAYMENTS)
        self.run_schedule()
        self.assertEqual(lost.state, "pending")

    def test_the_scheduled_action_says_nothing_when_there_is_too_much_to_read(self):
        never = self.unanswered("hang_before")
        self.long_ago(never, days=2)
        for _number in range(3):
            self.charge()
        self.fake.page_size = 1
        with patch.object(const, "MAXIMUM_PAGES", 2):
            self.run_schedule()
            self.assertIsNone(self.ask(never))
        self.assertEqual(never.state, "pending")

    def test_a_person_asks_on_the_transaction(self):
        transaction = self.unanswered()
        action = transaction.action_sumit_ask()
        self.assertIn("confirms", action["params"]["message"])
        self.assertEqual(transaction.state, "done")

    def test_only_who_may_change_transactions_asks(self):
        transaction = self.unanswered()
        with self.assertRaises(AccessError):
            transaction.with_user(self.internal_user).action_sumit_ask()
        self.assertEqual(transaction.state, "pending")
