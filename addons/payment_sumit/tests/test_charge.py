# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import logging

from odoo.tests import tagged

from .. import const
from .common import SumitCommon


@tagged("post_install", "-at_install")
class TestSumitCharge(SumitCommon):
    """A saved card is charged once, and the transaction says what is known, no more."""

    def test_a_saved_card_is_charged(self):
        token = self.saved_card()
        transaction = self.charge(token, reference="INV/2026/00001")
        self.assertEqual(transaction.state, "done")
        [payment] = self.fake.payments.values()
        self.assertEqual(payment["Amount"], 150)
        self.assertEqual(transaction.provider_reference, str(payment["ID"]))
        [asked] = self.fake.charges()
        self.assertEqual(asked["Customer"], {"ID": int(token.sumit_customer_ref)})
        self.assertEqual(
            asked["PaymentMethod"],
            {
                "CreditCard_Token": token.provider_ref,
                "CreditCard_CitizenID": "123456782",
                "CreditCard_ExpirationMonth": 7,
                "CreditCard_ExpirationYear": 2031,
                "Type": 1,
            },
        )
        self.assertEqual(asked["Items"][0]["Currency"], "ILS")
        self.assertEqual(asked["DocumentDescription"], "INV/2026/00001")
        self.assertTrue(asked["PreventDocumentCreation"], "invoices and receipts are issued here")
        self.assertNotIn("AuthoriseOnly", asked)
        self.assertNotIn("MerchantNumber", asked)

    def test_every_currency_of_sumit_is_charged_as_itself(self):
        for code in ("ILS", "USD", "EUR"):
            currency = self._enable_currency(code)
            transaction = self.charge(currency_id=currency.id, amount=10.5)
            self.assertEqual(transaction.state, "done", code)
            self.assertEqual(self.fake.charges()[-1]["Items"][0]["Currency"], code)

    def test_the_own_merchant_number_is_charged_on_and_the_aggregator_has_none(self):
        self.sumit.sumit_merchant_number = "0123456"
        self.charge()
        self.assertEqual(self.fake.charges()[-1]["MerchantNumber"], "0123456")
        self.sumit.sumit_clearing = "upay"
        self.assertEqual(self.charge().state, "done")
        self.assertNotIn("MerchantNumber", self.fake.charges()[-1])

    def test_in_test_mode_a_charge_is_only_authorised(self):
        self.sumit.state = "test"
        transaction = self.charge()
        self.assertEqual(transaction.state, "done")
        self.assertTrue(self.fake.charges()[0]["AuthoriseOnly"])

    def test_sumit_issues_documents_where_it_is_told_to(self):
        self.sumit.sumit_documents = True
        self.charge()
        [asked] = self.fake.charges()
        self.assertFalse(asked["PreventDocumentCreation"])
        self.assertTrue(asked["SendDocumentByEmail"])

    def test_a_decline_says_why_and_what_to_do(self):
        self.fake.behaviours += ["004", "036", "777"]
        transaction = self.charge()
        self.assertEqual(transaction.state, "error")
        self.assertIn("declined the charge. [004]", transaction.state_message)
        self.assertIn("סירוב", transaction.state_message)
        self.assertIn("expired", self.charge().state_message)
        self.assertIn("[777]", self.charge().state_message)

    def test_a_refusal_by_sumit_is_an_error_with_its_words(self):
        self.fake.behaviours.append("refuse")
        transaction = self.charge()
        self.assertEqual(transaction.state, "error")
        self.assertIn("The terminal is not set up", transaction.state_message)
        self.assertFalse(self.fake.payments)

    def test_wrong_keys_are_refused(self):
        self.sumit.sumit_api_key = "mistyped"
        transaction = self.charge()
        self.assertEqual(transaction.state, "error")
        self.assertIn("Wrong CompanyID or APIKey", transaction.state_message)

    def test_a_status_in_words_is_understood(self):
        self.fake.behaviours.append("words")
        self.assertEqual(self.charge().state, "done")

    def test_whatever_leaves_the_outcome_open_is_never_a_decline(self):
        self.impatient()
        for behaviour in (
            "technical",
            "http_500",
            "garbage",
            "drop",
            "hang",
            "no_currency",
            "no_number",
        ):
            self.fake.behaviours.append(behaviour)
            transaction = self.charge()
            self.assertEqual(transaction.state, "pending", behaviour)
            self.assertIn("not known yet", transaction.state_message, behaviour)
        self.assertEqual(len(self.fake.charges()), 7, "nothing is sent twice")

    def test_what_never_reached_sumit_charged_nothing_and_says_so(self):
        token = self.saved_card()
        # a port on which nobody listens
        self.env["ir.config_parameter"].sudo().set_param(
            const.API_URL_PARAMETER, "http://127.0.0.1:9"
        )
        transaction = self.charge(token)
        self.assertEqual(transaction.state, "error")
        self.assertIn("Nothing was charged", transaction.state_message)

    def test_a_wrong_amount_in_the_answer_is_not_booked(self):
        self.fake.behaviours.append("cheap")
        transaction = self.charge()
        self.assertEqual(transaction.state, "error")
        self.assertIn("15.0 ILS", transaction.state_message)
        self.assertIn("150.0 ILS", transaction.state_message)
        [payment] = self.fake.payments.values()
        self.assertEqual(transaction.provider_reference, str(payment["ID"]))

    def test_a_wrong_currency_in_the_answer_is_not_booked(self):
        self.fake.behaviours.append("dollars")
        transaction = self.charge()
        self.assertEqual(transaction.state, "error")
        self.assertIn("USD", transaction.state_message)

    def test_a_transaction_is_sent_once(self):
        self.fake.behaviours.append("technical")
        transaction = self.charge()
        transaction._charge_with_token()
        self.assertEqual(transaction.state, "pending")
        self.assertEqual(len(self.fake.charges()), 1)

    def test_a_second_answer_changes_nothing(self):
        transaction = self.charge()
        number = transaction.provider_reference
        before = transaction.last_state_change
        other = dict(next(iter(self.fake.payments.values())), ID=99, Amount=1)
        transaction._process("sumit", {"reference": transaction.reference, "payment": other})
        self.assertEqual(transaction.state, "done")
        self.assertEqual(transaction.provider_reference, number)
        self.assertEqual(transaction.last_state_change, before)

    def test_a_wrong_amount_is_not_booked_after_a_decline_either(self):
        self.fake.behaviours.append("004")
        transaction = self.charge()
        payment = dict(
            next(iter(self.fake.payments.values())),
            ID=98,
            Amount=1,
            ValidPayment=True,
            Status="000",
        )
        transaction._process("sumit", {"reference": transaction.reference, "payment": payment})
        self.assertEqual(transaction.state, "error")
        self.assertIn("1.0 ILS", transaction.state_message)

    def test_the_log_tells_neither_key_nor_card_nor_holder(self):
        self.fake.behaviours += ["approve", "004", "garbage"]
        token = self.saved_card()
        self.hear_all()
        with self.assertLogs("odoo.addons.payment_sumit", logging.DEBUG) as logs:
            for _behaviour in range(3):
                self.charge(token)
        text = "\n".join(logs.output)
        self.assertIn("payment_sumit", text)
        for secret in ("key-of-1000", token.provider_ref, "123456782"):
            self.assertNotIn(secret, text)
