# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo.tests import BaseCase, tagged

from ..core import answer


@tagged("post_install", "-at_install")
class TestSumitAnswer(BaseCase):
    """SUMIT writes the same thing in different ways, and now and then leaves something out."""

    def payment(self, **values):
        return {
            "ID": 31264937,
            "CustomerID": 31264934,
            "Date": "2026-01-19T14:41:11+02:00",
            "ValidPayment": True,
            "Status": "000",
            "Amount": 200,
            "Currency": 0,
            **values,
        }

    def test_an_answer_counts_as_good_or_refused_only_if_it_says_so(self):
        for status in (0, "0", "Success", "Success (0)"):
            self.assertEqual(answer.envelope(status), "success", status)
        for status in (1, "1", "BusinessError", "BusinessError (1)"):
            self.assertEqual(answer.envelope(status), "refused", status)
        for status in (2, "TechnicalError", None, "", {}, False, True):
            self.assertEqual(answer.envelope(status), "unknown", status)

    def test_a_payment_is_done_only_with_flag_code_number_amount_and_currency(self):
        self.assertEqual(answer.verdict(self.payment()), "done")
        self.assertEqual(answer.verdict(self.payment(ValidPayment=False, Status="004")), "declined")
        self.assertEqual(answer.verdict(self.payment(ValidPayment=False)), "declined")
        for hole in (
            {"ValidPayment": None},
            {"ValidPayment": "true"},
            {"Status": "033"},
            {"Status": None},
            {"ID": 0},
            {"ID": None},
            {"Amount": None},
            {"Currency": None},
        ):
            self.assertEqual(answer.verdict(self.payment(**hole)), "unknown", hole)
        self.assertEqual(answer.verdict(None), "unknown")
        self.assertEqual(answer.verdict("paid"), "unknown")

    def test_the_currency_is_read_as_number_or_name(self):
        for value, code in ((0, "ILS"), ("1", "USD"), ("EUR", "EUR"), ("ILS (0)", "ILS")):
            self.assertEqual(answer.currency({"Currency": value}), code)
        for value in (None, "", 5, "GBP", True):
            self.assertIsNone(answer.currency({"Currency": value}))

    def test_the_moment_is_read_with_its_zone_or_as_israels(self):
        self.assertEqual(str(answer.moment(self.payment())), "2026-01-19 12:41:11")
        self.assertEqual(str(answer.moment({"Date": "2026-01-19T14:41:11"})), "2026-01-19 12:41:11")
        self.assertIsNone(answer.moment({"Date": None}))

    def test_of_a_card_only_token_holder_last_digits_expiry_and_brand_are_read(self):
        method = {
            "CreditCard_Number": "4580458045804580",
            "CreditCard_CVV": "123",
            "CreditCard_LastDigits": None,
            "CreditCard_CardMask": "XXXXXXXXXXXX9183",
            "CreditCard_ExpirationMonth": "07",
            "CreditCard_ExpirationYear": "31",
            "CreditCard_CitizenID": "123456782",
            "CreditCard_Token": "token",
        }
        card = answer.card({"PaymentMethod": method})
        self.assertEqual(
            card,
            {
                "token": "token",
                "citizen": "123456782",
                "last4": "9183",
                "month": 7,
                "year": 2031,
                "brand": "",
            },
        )
        self.assertEqual(answer.card({}), {})
        self.assertEqual(answer.card({"PaymentMethod": {}})["month"], 0)
