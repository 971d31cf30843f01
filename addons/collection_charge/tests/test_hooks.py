# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Installing on a database with charges, and taking the add-on away."""

from odoo.tests import tagged

from ..hooks import post_init_hook, uninstall_hook
from .common import CollectionChargeCommon


@tagged("post_install", "-at_install")
class TestHooks(CollectionChargeCommon):
    def charged_before(self):
        """Return documents, one being charged and one refused, as if this were not installed."""
        running = self.invoice(amount=300, due=-20)
        refused = self.invoice(self.other_customer, amount=200, due=-1)
        self.card("pending")
        self.charge(running)
        self.card("lost_or_stolen", partner=self.other_customer)
        self.profile(self.other_customer).hold = True
        self.charge(refused)
        self.profile(self.other_customer).hold = False
        self.at_once()
        blocks = self.env["collection.item.block"].search([("kind", "=", "charge")])
        blocks.with_context(collection_no_touch=True).unlink()
        return running, refused

    def test_charges_under_way_are_taken_in_and_old_failures_open_no_case(self):
        running, refused = self.charged_before()
        post_init_hook(self.env(su=True))
        self.at_once()
        self.assertEqual(self.blocked(running, refused), [300, 0])
        self.run_cycle(self.customer, self.other_customer)
        self.assertFalse(self.cases(self.other_customer))

    def test_amounts_are_not_asked_for_when_it_goes(self):
        self.card("lost_or_stolen")
        self.charge(partner_id=self.customer.id, amount=70)
        item = self.profile().item_ids
        self.assertEqual(item.state, "open")
        self.env.flush_all()
        uninstall_hook(self.env(su=True))
        self.assertEqual(item.state, "cancelled")
        self.run_cycle(self.customer)
        self.assertEqual(self.cases().state, "completed")

    def test_nothing_is_left_when_it_goes(self):
        self.card("pending")
        invoice = self.invoice(amount=300, due=-20)
        self.charge(invoice)
        self.assertEqual(self.blocked(invoice), [300])
        uninstall_hook(self.env(su=True))
        Block = self.env["collection.item.block"].with_context(active_test=False)
        self.assertFalse(Block.search([("kind", "=", "charge")]))
        waiting = (
            self
            .env["collection.cycle.touched"]
            .sudo()
            .search([("partner_id", "=", self.customer.id)])
        )
        self.assertEqual(waiting.company_id, self.company)
