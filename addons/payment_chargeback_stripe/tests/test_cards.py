# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Cards that Stripe renews, and takes away."""

from odoo.tests import tagged

from odoo.addons.payment_chargeback.core.cards import REPLACED, Card, CardUpdate

from .common import StripeCommon


@tagged("post_install", "-at_install")
class TestCards(StripeCommon):
    def setUp(self):
        super().setUp()
        way = self.card("done", payment_details="4242", stripe_payment_method="pm_1")
        self.token = way.token_id
        self.token.sudo().provider_ref = "cus_1"

    def method(self, **card):
        return {
            "id": "pm_1",
            "object": "payment_method",
            "type": "card",
            "customer": "cus_1",
            "card": {"brand": "visa", "exp_month": 8, "exp_year": 2034, "last4": "1881", **card},
        }

    def test_a_card_that_its_network_renewed(self):
        ways = self.token.charge_way_ids
        event = self.event("payment_method.automatically_updated", self.method())
        self.assertEqual((self.post(event), self.post(event)), (200, 200))
        self.assertEqual(self.token._card(), Card(8, 2034, "visa", "1881"))
        self.assertEqual((self.token.payment_details, self.token.charge_way_ids), ("1881", ways))
        older = self.event("payment_method.updated", self.method(exp_year=2027), minute=-30)
        self.assertEqual(self.post(older), 200)
        self.assertEqual(self.token.card_expiry_year, 2034)

    def test_a_card_that_was_taken_away(self):
        self.post(self.event("payment_method.detached", self.method()))
        self.assertEqual((self.token.active, self.token.card_state), (False, "cancelled"))
        self.assertFalse(self.customer._charge_ways(self.company))

    def test_news_with_a_wrong_signature(self):
        event = self.event("payment_method.automatically_updated", self.method())
        self.assertEqual(self.post(event, secret="whsec_other"), 403)
        self.assertFalse(self.token.card_expiry_year)

    def test_a_card_saved_on_the_page_comes_with_its_expiry(self):
        transaction = self._create_transaction(
            "direct", operation="validation", tokenize=True, partner_id=self.customer.id
        )
        transaction._tokenize({
            "setup_intent": {"id": "seti_1", "customer": "cus_1"},
            "payment_method": {**self.method(), "id": "pm_9"},
        })
        token = transaction.token_id
        self.assertEqual(token.stripe_payment_method, "pm_9")
        self.assertEqual(token._card(), Card(8, 2034, "visa", "1881"))

    def test_a_replacement_keeps_the_customer_at_stripe(self):
        update = CardUpdate(
            "e1",
            self.env.cr.now().replace(microsecond=0),
            REPLACED,
            "pm_1",
            Card(1, 2033, "visa", "0005"),
            "pm_2",
        )
        self.Event._receive(self.stripe, "e1", update)
        new = self.token.card_replaced_by_id
        self.assertEqual((new.provider_ref, new.stripe_payment_method), ("cus_1", "pm_2"))
        self.assertEqual(self.customer._charge_ways(self.company).token_id, new)
