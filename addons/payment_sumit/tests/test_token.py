# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo.exceptions import UserError
from odoo.tests import tagged

from .. import const
from .common import SumitCommon


@tagged("post_install", "-at_install")
class TestSumitToken(SumitCommon):
    """A card that is archived here is removed at SUMIT, if it is the one SUMIT would charge."""

    def test_an_archived_card_is_removed_at_sumit(self):
        token = self.saved_card()
        token.active = False
        self.assertFalse(self.fake.methods)
        self.assertEqual(token.sumit_removal, "done")

    def test_another_card_of_the_customer_stays(self):
        token = self.saved_card()
        newer = self.fake.card("1111")
        self.fake.methods[int(token.sumit_customer_ref)] = newer
        token.active = False
        self.assertEqual(list(self.fake.methods.values()), [newer])
        self.assertFalse(self.fake.asked(const.REMOVE_METHOD))

    def test_a_card_that_is_saved_twice_stays_until_the_last_is_archived(self):
        token = self.saved_card()
        twin = token.copy({"provider_ref": token.provider_ref})
        token.active = False
        self.assertTrue(self.fake.methods)
        twin.active = False
        self.assertFalse(self.fake.methods)

    def test_what_cannot_be_removed_now_is_removed_later(self):
        token = self.saved_card()
        self.fake.down.add(const.GET_METHOD)
        token.active = False
        self.assertFalse(token.active)
        self.assertEqual(token.sumit_removal, "asked")
        self.assertTrue(self.fake.methods)
        self.fake.down.clear()
        self.run_schedule()
        self.assertFalse(self.fake.methods)
        self.assertEqual(token.sumit_removal, "done")

    def test_a_removed_card_is_not_taken_back(self):
        token = self.saved_card()
        token.active = False
        with self.assertRaisesRegex(UserError, "removed at SUMIT"):
            token.active = True

    def test_switching_the_provider_off_keeps_the_cards_at_sumit(self):
        token = self.saved_card()
        self.sumit.state = "disabled"
        self.assertFalse(token.active)
        self.assertTrue(self.fake.methods)
        self.sumit.state = "enabled"
        self.payment_method.active = True
        token.active = True
        self.assertEqual(self.charge(token).state, "done")

    def test_a_saved_card_shows_its_last_digits_and_its_number_is_kept_nowhere(self):
        number = "4580458045804580"
        card = self.fake.card("4580", CreditCard_Number=number, CreditCard_CVV="987")
        transaction = self._create_transaction("redirect", tokenize=True)
        transaction._sumit_charge_single_use(self.fake.tokenize(card))
        token = transaction.token_id
        self.assertEqual(token.display_name, "•••• 4580")
        self.assertEqual((token.sumit_expiry_month, token.sumit_expiry_year), (7, 2031))
        for record in (token, transaction):
            self.assertNotIn(number, str(record.sudo().read()))

    def test_a_card_that_is_saved_again_is_the_same_token(self):
        card = self.fake.card()
        tokens = self.env["payment.token"]
        for reference in ("first", "second"):
            transaction = self._create_transaction("redirect", tokenize=True, reference=reference)
            transaction._sumit_charge_single_use(self.fake.tokenize(card))
            tokens |= transaction.token_id
        self.assertEqual(len(tokens), 1)

    def test_the_holders_id_is_for_administrators_only(self):
        token = self.saved_card()
        user = self._prepare_user(self.internal_user, "base.group_user")
        self.assertNotIn("sumit_citizen_ref", token.with_user(user).fields_get())
