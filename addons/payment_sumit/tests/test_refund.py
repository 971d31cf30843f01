# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo.tests import tagged

from .common import SumitCommon


@tagged("post_install", "-at_install")
class TestSumitRefund(SumitCommon):
    """SUMIT has no refund of a payment: the same card is credited."""

    def test_a_payment_is_refunded_whole_to_its_card(self):
        token = self.saved_card()
        payment = self.charge(token)
        refund = payment._refund()
        self.assertEqual(refund.state, "done")
        self.assertEqual(refund.amount, -150)
        asked = self.fake.charges()[-1]
        self.assertEqual(asked["Items"][0]["UnitPrice"], -150)
        self.assertTrue(asked["SupportCredit"])
        self.assertEqual(asked["PaymentMethod"]["CreditCard_Token"], token.provider_ref)
        self.assertEqual(asked["Customer"], {"ID": int(token.sumit_customer_ref)})
        self.assertNotEqual(refund.provider_reference, payment.provider_reference)

    def test_a_payment_is_refunded_in_parts(self):
        payment = self.charge()
        self.assertEqual(payment._refund(50).state, "done")
        self.assertEqual(payment._refund(100).state, "done")
        self.assertEqual(
            [asked["Items"][0]["UnitPrice"] for asked in self.fake.charges()], [150, -50, -100]
        )

    def test_a_card_that_was_not_saved_is_refunded_as_sumit_knows_it(self):
        payment = self.charge()
        payment.token_id = False
        card = next(iter(self.fake.payments.values()))["PaymentMethod"]
        refund = payment._refund()
        self.assertEqual(refund.state, "done")
        self.assertEqual(
            self.fake.charges()[-1]["PaymentMethod"]["CreditCard_Token"], card["CreditCard_Token"]
        )

    def test_without_the_card_the_refund_is_made_in_sumit(self):
        payment = self.charge()
        payment.token_id = False
        next(iter(self.fake.payments.values()))["PaymentMethod"] = None
        refund = payment._refund()
        self.assertEqual(refund.state, "error")
        self.assertIn("Refund it in SUMIT", refund.state_message)
        self.assertEqual(len(self.fake.charges()), 1)

    def test_a_declined_refund_says_so(self):
        payment = self.charge()
        self.fake.behaviours.append("004")
        refund = payment._refund()
        self.assertEqual(refund.state, "error")
        self.assertIn("[004]", refund.state_message)

    def test_a_refund_without_an_answer_is_found_and_never_sent_again(self):
        payment = self.charge()
        self.impatient()
        self.fake.behaviours.append("hang")
        refund = payment._refund()
        self.assertEqual(refund.state, "pending")
        self.assertEqual(self.sumit._charge_query(refund), "done")
        self.assertEqual(refund.state, "done")
        self.assertEqual(len(self.fake.charges()), 2)

    def test_a_refund_that_sumit_does_not_list_is_for_a_person(self):
        payment = self.charge()
        self.impatient()
        self.fake.behaviours.append("hang_before")
        refund = payment._refund()
        self.long_ago(refund, days=1)
        self.assertIsNone(self.sumit._charge_query(refund))
        self.assertEqual(refund.state, "pending")

    def test_a_charge_of_the_same_amount_is_not_taken_for_the_refund(self):
        payment = self.charge()
        self.impatient()
        self.fake.behaviours.append("hang_before")
        refund = payment._refund()
        self.charge(payment.token_id)
        self.env["payment.transaction"].search([("sumit_payment_ref", "!=", False)]).write({
            "sumit_payment_ref": False
        })
        self.assertIsNone(self.sumit._charge_query(refund))

    def test_the_provider_offers_refunds_in_part_and_no_manual_capture(self):
        self.assertEqual(self.sumit.support_refund, "partial")
        self.assertFalse(self.sumit.support_manual_capture)
        self.assertTrue(self.sumit.support_tokenization)
