# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo.exceptions import ValidationError
from odoo.tests import Form, new_test_user, tagged

from .common import CollectionCommon


@tagged("post_install", "-at_install")
class TestNotes(CollectionCommon):
    """What everybody who collects should know of a customer or of an invoice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.move = cls.invoice(amount=500)
        cls.Note = cls.env["collection.note"]

    def screen(self):
        """Return the notes that the customer screen shows, in order."""
        return [note["body"] for note in self.profile()._screen_panel_notes()["notes"]]

    def test_a_note_at_the_customer_shows_on_customer_case_and_screen(self):
        with Form(self.Note.with_context(default_profile_id=self.profile().id)) as form:
            form.body = "Pays on the 10th only"
        note = self.profile().note_ids
        self.assertEqual(note.body, "Pays on the 10th only")
        self.assertEqual(note.user_id, self.env.user)
        self.assertEqual(self.cases().customer_note_ids, note)
        self.assertEqual(self.screen(), ["Pays on the 10th only"])
        self.assertFalse(self.move.collection_note_ids)

    def test_a_note_at_the_invoice_shows_on_the_invoice_and_at_its_customer(self):
        with Form(self.move) as form, form.collection_note_ids.new() as line:
            line.body = "Wants the order number on it"
        note = self.move.collection_note_ids
        self.assertEqual(note.partner_id, self.customer)
        self.assertEqual(note.profile_id, self.profile())
        self.assertEqual(self.screen(), ["Wants the order number on it"])
        self.assertEqual(self.cases().customer_note_ids, note)

    def test_a_note_at_an_invoice_not_in_collections_yet_finds_the_customer(self):
        move = self.invoice(partner=self.other_customer, due=30, post=False)
        self.assertFalse(self.profile(self.other_customer))
        note = self.Note.create({"move_id": move.id, "body": "Deliver first"})
        self.assertEqual(note.profile_id, self.profile(self.other_customer))

    def test_a_branchs_invoice_notes_stand_at_the_branch(self):
        self.customer.collection_participation = "branch"
        crete = self.env["res.partner"].create({
            "name": "Crete",
            "type": "invoice",
            "parent_id": self.customer.id,
        })
        move = self.invoice(partner=crete)
        note = self.Note.create({"move_id": move.id, "body": "Ask for Manolis"})
        self.assertEqual(note.partner_id, crete)

    def test_pinned_notes_stay_on_top(self):
        first = self.Note.create({"profile_id": self.profile().id, "body": "First"})
        self.Note.create({"profile_id": self.profile().id, "body": "Second"})
        self.assertEqual(self.screen(), ["Second", "First"])
        first.action_toggle_pin()
        self.assertEqual(self.screen(), ["First", "Second"])
        first.action_toggle_pin()
        self.assertEqual(self.screen(), ["Second", "First"])

    def test_an_empty_note_and_another_customers_invoice_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "says nothing"), self.cr.savepoint():
            self.Note.create({"profile_id": self.profile().id, "body": " \n"})
        foreign = self.invoice(partner=self.other_customer)
        with self.assertRaisesRegex(ValidationError, "Aegean Trading"):
            self.Note.create({
                "profile_id": self.profile().id,
                "move_id": foreign.id,
                "body": "Wrong place",
            })

    def test_a_debt_manager_reads_and_writes_notes_of_own_customers_only(self):
        maria = new_test_user(
            self.env,
            "maria",
            groups="collection.group_debt_manager",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.customer.collection_debt_manager_id = maria
        self.invoice(partner=self.other_customer)
        mine = self.Note.with_user(maria).create({
            "profile_id": self.profile().id,
            "body": "Speaks English",
        })
        self.Note.create({"profile_id": self.profile(self.other_customer).id, "body": "Not hers"})
        self.assertEqual(self.Note.with_user(maria).search([]), mine)
