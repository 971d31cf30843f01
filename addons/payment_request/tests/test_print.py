# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What the customer gets: the print and the message, in the customer's language."""

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import RequestCommon


@tagged("post_install", "-at_install")
class TestPrint(RequestCommon):
    def html(self, requests):
        report = self.env["ir.actions.report"]
        content, _kind = report._render_qweb_html("payment_request.report_request", requests.ids)
        return content.decode()

    def test_the_print_says_what_is_asked_for(self):
        request = self.request(1000.0, 20.5, reference="PO-9", note="<p>Thank you</p>")
        text = self.html(request)
        for words in (request.name, "Service 1", "Service 2", "PO-9", "Thank you", "1,193.99"):
            self.assertIn(words, text)
        self.assertNotIn("Amount Due", text)
        self.pay(request, 500.0)
        text = self.html(request)
        self.assertIn("Amount Due", text)
        self.assertIn("693.99", text)

    def test_the_customers_language_decides(self):
        self.env["res.lang"]._activate_lang("he_IL")
        self.customer.lang = "he_IL"
        request = self.request()
        text = self.html(request)
        self.assertIn("he-IL", text)
        self.assertIn(self.env["res.lang"]._lang_get("he_IL").format("%.2f", 1170, True), text)

    def test_several_are_printed_one_by_one(self):
        requests = self.request() | self.request(20.0)
        report = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        with self.allow_pdf_render():
            content, kind = report._render_qweb_pdf("payment_request.report_request", requests.ids)
        self.assertEqual(kind, "pdf")
        self.assertTrue(content.startswith(b"%PDF"))

    def test_sent_by_the_composer(self):
        request = self.request(sent=False)
        action = request.action_send()
        # the attachment carries the number, and nothing was sent yet
        self.assertNotEqual(request.name, "/")
        self.assertEqual(request.state, "draft")
        composer = Form(self.env["mail.compose.message"].with_context(**action["context"])).save()
        self.assertIn(request.name, composer.subject)
        self.assertIn(self.customer, composer.partner_ids)
        composer.action_send_mail()
        self.assertEqual(request.state, "sent")
        message = request.message_ids.filtered(lambda message: message.partner_ids)[:1]
        self.assertIn(self.customer, message.partner_ids)
        self.assertIn(f"/my/payment-requests/{request.id}", message.body)
        self.assertTrue(message.attachment_ids)

    def test_several_are_sent(self):
        unreachable = self.env["res.partner"].create({"name": "No address"})
        drafts = self.request(sent=False) | self.request(20.0, sent=False)
        left = self.request(30.0, sent=False, partner_id=unreachable.id)
        answer = (drafts | left).action_send_batch()
        self.assertEqual(set(drafts.mapped("state")), {"sent"})
        self.assertEqual(left.state, "draft")
        self.assertIn(left.display_name, answer["params"]["message"])
        for request in drafts:
            self.assertTrue(request.message_ids.filtered(lambda message: message.partner_ids))

    def test_several_are_reminded_of_and_cancelled(self):
        requests = self.request() | self.request(20.0)
        paid = self.request(30.0)
        self.pay(paid)
        action = (requests | paid).action_remind()
        wizard = Form(self.env["mail.activity.schedule"].with_context(**action["context"])).save()
        wizard.action_schedule_activities()
        self.assertEqual(len(requests.activity_ids), 2)
        self.assertFalse(paid.activity_ids)
        (requests | paid).action_cancel()
        self.assertEqual(set(requests.mapped("state")), {"cancelled"})
        self.assertEqual(paid.state, "paid")
        with self.assertRaises(UserError):
            paid.action_remind()

    def test_a_cancelled_request_is_not_sent(self):
        request = self.request()
        request.action_cancel()
        with self.assertRaises(UserError):
            request.action_send()
        self.assertEqual(request.state, "cancelled")
