# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What speaks for a charge, put together and handed in."""

import base64
import io
import zipfile
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools.pdf import PdfFileWriter

from .common import ChargebackCommon


def page():
    """Return a PDF of one empty page."""
    writer = PdfFileWriter()
    writer.addBlankPage(20, 20)
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


PDF = page()


@tagged("post_install", "-at_install")
class TestEvidence(ChargebackCommon):
    def setUp(self):
        super().setUp()
        self.attempt, self.invoice = self.charged()
        self.chargeback = self.write_down(self.attempt)

    def attach(self, name, record=None, content=PDF):
        return self.env["ir.attachment"].create({
            "name": name,
            "raw": content,
            "res_model": (record or self.invoice)._name,
            "res_id": (record or self.invoice).id,
        })

    def files(self):
        """Return the names and contents in the one file."""
        content = base64.b64decode(self.chargeback.bundle_id.datas)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def test_documents_deliveries_and_correspondence_are_put_together(self):
        self.attach("delivery note.pdf")
        self.customer.message_post(
            body="We received everything, thank you.",
            message_type="email",
            subtype_xmlid="mail.mt_comment",
        )
        self.customer.message_post(body="Pays late, be careful.", subtype_xmlid="mail.mt_note")
        self.chargeback.evidence_text = "It was delivered on time."
        self.chargeback.action_assemble()
        kinds = self.chargeback.evidence_ids.mapped("kind")
        self.assertEqual(sorted(kinds), ["delivery", "invoice", "statement"])
        files = self.files()
        self.assertEqual(files["delivery note.pdf"], PDF)
        self.assertIn("In our words.txt", files)
        merged = f"{self.chargeback.name}.pdf".replace("/", "-")
        self.assertIn(merged, files, "what is PDF, as one file as well")
        statement = next(text for name, text in files.items() if name.startswith("Statement"))
        self.assertIn(b"We received everything", statement)
        self.assertIn(b"It was delivered on time.", statement)
        self.assertNotIn(b"be careful", statement, "notes are our own")

    def test_a_file_that_cannot_be_read_is_packed_and_left_out_of_the_pages(self):
        self.attach("good.pdf")
        self.attach("broken.pdf", content=b"%PDF-1.4 and then nothing")
        self.chargeback.action_assemble()
        self.assertIn("broken.pdf", self.files())
        self.assertTrue(self.chargeback._merged_pdf())

    def test_put_together_again_it_keeps_what_people_added(self):
        note = self.attach("delivery note.pdf")
        self.chargeback.action_assemble()
        self.env["payment.chargeback.evidence"].create({
            "chargeback_id": self.chargeback.id,
            "kind": "other",
            "name": "photo.pdf",
            "datas": base64.b64encode(PDF),
        })
        rows = self.chargeback.evidence_ids
        note.unlink()
        self.chargeback.action_assemble()
        self.assertEqual(len(self.chargeback.evidence_ids), len(rows) - 1)
        self.assertIn("photo.pdf", self.files())
        self.assertNotIn("delivery note.pdf", self.files())

    def test_whatever_asked_for_the_charge_gives_the_consent(self):
        source = self.env["res.partner.category"].create({"name": "Monthly fee"})
        attempt, _invoice = self.charged(source=source)
        self.chargeback = self.write_down(attempt)
        with patch.object(
            type(source),
            "_charge_evidence",
            lambda _self, _attempt: [("mandate.pdf", "consent", PDF)],
            create=True,
        ):
            self.chargeback.action_assemble()
        self.assertIn("consent", self.chargeback.evidence_ids.mapped("kind"))
        self.assertEqual(self.files()["mandate.pdf"], PDF)

    def test_the_download_is_the_one_file(self):
        action = self.chargeback.action_download()
        self.assertIn(f"/web/content/{self.chargeback.bundle_id.id}", action["url"])

    def test_a_provider_that_takes_nothing_from_here(self):
        with self.assertRaises(UserError):
            self.chargeback.action_submit()
        self.assertEqual(self.chargeback.submit_state, "none")
        with self.assertRaises(UserError):
            self.chargeback.action_ask()

    def test_evidence_without_a_file_is_none(self):
        with self.assertRaises(ValidationError):
            self.env["payment.chargeback.evidence"].create({"chargeback_id": self.chargeback.id})

    def test_a_decided_chargeback_takes_no_more(self):
        self.decide(self.chargeback, "lost")
        with self.assertRaises(UserError):
            self.chargeback.action_mark_submitted()
        with self.assertRaises(UserError):
            self.chargeback.action_submit()

    def test_a_copy_of_a_database_sends_nothing(self):
        self.env["ir.config_parameter"].sudo().set_param("database.is_neutralized", True)
        with self.assertRaises(UserError):
            self.chargeback.action_submit()
