# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The screens in a browser."""

from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .common import CollectionRecurringCommon


@tagged("post_install", "-at_install", "collection_browser")
class TestTours(CollectionRecurringCommon, HttpCase):
    def test_from_the_customer_screen_to_what_was_paused(self):
        new_test_user(
            self.env,
            "front_desk",
            groups="collection.group_accountant,payment_charge.group_charge_operator",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.invoice(amount=1000)
        self.card("expired_card")
        self.refused()
        self.recurring(48)
        self.start_tour(
            "/odoo/collection-customer", "collection_recurring_panel", login="front_desk"
        )
