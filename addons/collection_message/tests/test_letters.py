# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Letters: printed once the gate has been asked, kept as they were printed."""

import io
from unittest.mock import patch

from PIL import Image
from PyPDF2 import PdfReader
from reportlab.pdfgen.canvas import Canvas

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .message_common import MessageCommon


def page(text):
    """Return a PDF of one page."""
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.drawString(100, 700, text)
    canvas.save()
    return out.getvalue()


@tagged("post_install", "-at_install")
class TestLetters(MessageCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.rendered = []

        def render(_report, _name, res_ids=None, data=None):
            self.rendered.append(res_ids)
            return page(f"Letter {res_ids}"), "pdf"

        self.patch(type(self.env["ir.actions.report"]), "_render_qweb_pdf", render)

    def plan_letter(self, **vals):
        template = self.env.ref("collection_message.mail_template_letter")
        return self.plan(channel="letter", template_id=template.id, **vals)

    def test_a_letter_is_sent_when_it_is_printed(self):
        self.invoice()
        letter = self.plan_letter(case_id=self.cases().id)
        self.send()
        self.assertEqual(letter.state, "planned", "nothing prints it by itself")
        action = letter.action_print()
        self.assertEqual(action["type"], "ir.actions.act_url")
        self.assertEqual(letter.state, "sent")
        self.assertEqual(letter.printed_by, self.env.user)
        self.assertTrue(letter.printed_on)
        self.assertTrue(letter.letter_id.raw.startswith(b"%PDF"))
        self.assertEqual(letter.contact_log_id.channel, "letter")
        self.assertIn(letter.letter_id, self.cases().message_ids.attachment_ids)

    def test_a_letter_printed_again_is_the_same(self):
        self.invoice()
        letter = self.plan_letter()
        letter.action_print()
        first = letter.letter_id
        letter.action_print()
        self.assertEqual(letter.letter_id, first)
        self.assertEqual(len(self.rendered), 1)

    def test_what_is_paid_is_not_printed(self):
        move = self.invoice()
        letter = self.plan_letter()
        self.pay(move)
        action = letter.action_print()
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual(letter.state, "stopped")
        self.assertFalse(letter.letter_id)

    def test_many_come_in_one_pdf(self):
        self.invoice()
        self.other_customer.street = "Rothschild 1"
        self.invoice(self.other_customer)
        letters = self.plan_letter() | self.plan_letter(
            items=self.profile(self.other_customer)._messageable_items()
        )
        action = letters.action_print()
        self.assertEqual(self.rendered, [[one.id] for one in letters])
        new_test_user(
            self.env,
            "print_manager",
            groups="collection.group_collection_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.authenticate("print_manager", "print_manager")
        response = self.url_open(action["url"])
        self.assertEqual(response.status_code, 200)
        self.assertEqual(len(PdfReader(io.BytesIO(response.content)).pages), 2)

    def test_letters_are_not_for_everybody(self):
        self.invoice()
        letter = self.plan_letter()
        url = letter.action_print()["url"]
        new_test_user(self.env, "print_outsider", groups="base.group_user")
        self.authenticate("print_outsider", "print_outsider")
        with mute_logger("odoo.http"):
            self.assertNotEqual(self.url_open(url).status_code, 200)
        self.assertEqual(self.url_open("/collection_message/letters?ids=x").status_code, 400)

    def test_a_letter_that_cannot_be_made_fails_alone(self):
        self.invoice()
        letter = self.plan_letter()
        with patch.object(type(letter), "_make_letter", side_effect=UserError("No printer")):
            letter.action_print()
        self.assertEqual(letter.state, "failed")
        self.assertIn("No printer", letter.error)

    def enclosure(self, name, content):
        return self.env["ir.attachment"].create({"name": name, "raw": content})

    def test_what_goes_along_is_printed_behind_the_letter(self):
        self.invoice()
        picture = io.BytesIO()
        Image.new("RGBA", (20, 20), "white").save(picture, format="PNG")
        files = self.enclosure("proof.png", picture.getvalue())
        files |= self.enclosure("order.pdf", page("The order"))
        letter = self.plan_letter(
            attach_invoices=True,
            attach_statement="open_item",
            attachment_ids=[Command.set(files.ids)],
        )
        letter.action_print()
        self.assertEqual(letter.state, "sent", letter.error)
        pages = PdfReader(io.BytesIO(letter.letter_id.raw)).pages
        self.assertEqual(len(pages), 5, "letter, picture, order, invoice and statement")
        self.assertIn("Letter", pages[0].extract_text())
        self.assertIn("The order", "".join(one.extract_text() for one in pages[1:]))

    def test_a_letter_with_an_enclosure_that_cannot_be_printed_fails_and_says_which(self):
        self.invoice()
        for name, content in (("notes.txt", b"words"), ("broken.pdf", b"%PDF-1.4 nothing")):
            with self.subTest(name), mute_logger("PyPDF2._reader"):
                letter = self.plan_letter(
                    attachment_ids=[Command.set(self.enclosure(name, content).ids)]
                )
                letter.action_print()
                self.assertEqual(letter.state, "failed")
                self.assertFalse(letter.letter_id)
                self.assertIn(name, letter.error)

    def test_only_letters_are_printed(self):
        self.invoice()
        with self.assertRaises(UserError):
            self.plan().action_print()

    def test_the_letter_says_from_whom_to_whom_and_what(self):
        move = self.invoice()
        letter = self.plan_letter(person_id=self.maria.id)
        letter.sudo()._prepare_texts()
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "collection_message.report_letter", letter.ids
        )
        text = html.decode()
        for expected in (
            self.company.name,
            "Aegean Trading",
            "Maria Pappa",
            "Akti Miaouli 1",
            "Piraeus",
            move.name,
        ):
            with self.subTest(expected=expected):
                self.assertIn(expected, text)


@tagged("post_install", "-at_install")
class TestLetterPdf(MessageCommon, HttpCase):
    def test_the_host_makes_a_pdf_of_a_letter(self):
        if self.env["ir.actions.report"].get_wkhtmltopdf_state() not in ("ok", "upgrade"):
            self.skipTest("there is no wkhtmltopdf")
        self.invoice()
        letter = self.plan(
            channel="letter",
            template_id=self.env.ref("collection_message.mail_template_letter").id,
        )
        letter.with_context(force_report_rendering=True).action_print()
        self.assertEqual(letter.state, "sent", letter.error)
        self.assertEqual(len(PdfReader(io.BytesIO(letter.letter_id.raw)).pages), 1)
