# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What a person does with documents in the browser."""

from odoo.tests import HttpCase, tagged

from odoo.addons.collection.tests.common_access import AccessCommon


@tagged("post_install", "-at_install", "collection_browser")
class TestDocumentTour(AccessCommon, HttpCase):
    # wide enough to have the chatter in sight
    browser_size = "1900x1000"

    def test_files_are_dropped_and_more_time_is_asked_for(self):
        profile = self.own_case.profile_id
        self.start_tour(
            f"/odoo/collection-customer/{profile.id}",
            "collection_documents",
            login="access_debt_manager",
        )
        documents = profile.document_ids
        self.assertEqual(set(documents.mapped("name")), {"delivery.txt", "photo.txt"})
        self.assertEqual(
            {file.raw for file in documents.attachment_id},
            {b"Signed: delivery.txt", b"Signed: photo.txt"},
        )
        self.assertEqual(documents.create_uid, self.users["debt_manager"])
        extension = profile.extension_ids
        self.assertEqual(extension.new_date, self.days(12))
        self.assertEqual(extension.activity_ids.user_id, self.users["team_leader"])

    def test_the_files_of_a_mail_are_saved_from_the_case(self):
        message = self.own_case.sudo().message_post(
            body="Here is the signed delivery note",
            message_type="email",
            author_id=self.customer.id,
            attachments=[("note.txt", b"Signed")],
        )
        self.start_tour(
            f"/odoo/collection-cases/{self.own_case.id}",
            "collection_save_from_mail",
            login="access_debt_manager",
        )
        document = self.own_case.profile_id.document_ids
        self.assertEqual((document.name, document.source_message_id), ("note.txt", message))
