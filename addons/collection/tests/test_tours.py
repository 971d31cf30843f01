# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What a person does in the browser."""

from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .common import CollectionCommon
from .common_access import AccessCommon


@tagged("post_install", "-at_install", "collection_browser")
class TestTours(AccessCommon, HttpCase):
    def test_a_call_brings_a_promise(self):
        self.company.collection_live = False
        customer = self.env["res.partner"].create({"name": "Delos Foods", "is_company": True})
        customer.collection_debt_manager_id = self.users["debt_manager"]
        for amount in (500.0, 700.0):
            self.invoice(customer, amount=amount)
        self.assertFalse(self.cases(customer))

        self.start_tour(
            f"/odoo/res.partner/{customer.id}", "collection_collect", login="access_debt_manager"
        )

        case = self.case_of(customer)
        self.assertEqual(case.state, "promise")
        self.assertEqual(case.agreed_amount, 750.0)
        self.assertEqual(len(case.open_item_ids), 2)
        self.assertEqual(case.contact_log_ids.user_id, self.users["debt_manager"])

    def test_the_customer_screen(self):
        for due in (-40, 5):
            self.invoice(self.customer, amount=400.0, due=due)
        self.start_tour(
            "/odoo/collection-customer", "collection_customer_screen", login="access_accountant"
        )
        self.assertEqual(self.profile().note_ids.body, "Pays on Fridays")
        self.assertTrue(self.profile().note_ids.pinned)


@tagged("post_install", "-at_install", "collection_browser")
class TestStartPageTour(CollectionCommon, HttpCase):
    def test_nothing_opens_before_the_start_page_is_confirmed(self):
        self.company.collection_live = False
        for partner, amount in ((self.customer, 1000.0), (self.other_customer, 500.0)):
            self.invoice(partner, amount=amount)
        self.env["collection.cycle.run"].sudo().create({
            "company_id": self.company.id,
            "business_date": self.days(-1),
            "state": "done",
        })
        new_test_user(
            self.env,
            "tour_manager",
            groups="collection.group_collection_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.assertFalse(self.cases() | self.cases(self.other_customer))

        self.start_tour("/odoo/collection-start", "collection_start_page", login="tour_manager")

        self.assertTrue(self.company.collection_live)
        self.assertEqual(self.company.collection_min_amount, 800.0)
        self.run_cycle()
        self.assertEqual(self.cases().amount_open, 1000.0)
        self.assertFalse(self.cases(self.other_customer))
