# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What a person does with incoming mail in the browser."""

from odoo.tests import HttpCase, tagged

from .incoming_common import IncomingCommon


@tagged("post_install", "-at_install", "collection_browser")
class TestInboxTour(IncomingCommon, HttpCase):
    browser_size = "1600x1000"

    def test_the_inbox_is_emptied(self):
        self.person("manager", "manager")
        known = self.receive(
            self.mail("maria@aegean.example.com", "Transfer", text="We have paid.")
        )
        unknown = self.receive(
            self.mail("Boss <boss@elsewhere.example.com>", "Who are you", text="What is this?")
        )
        self.start_tour("/odoo/collection-inbox", "collection_inbox", login="incoming_manager")
        self.assertEqual((known | unknown).mapped("state"), ["done", "done"])
        self.assertEqual(unknown.case_id, self.case)
        self.assertEqual(unknown.person_id.parent_id, self.customer)
        answer = self.case.message_out_ids
        self.assertEqual((answer.state, answer.person_id), ("sent", unknown.person_id))
        self.assertIn("We are your supplier", answer.body)
        self.assertIn("What is this?", answer.body)
