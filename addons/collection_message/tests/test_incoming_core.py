# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What headers and parts of a mail tell, without a database."""

import email
import email.policy

from odoo.tests import BaseCase, tagged

from odoo.addons.collection_message.core.incoming import (
    answer_subject,
    flowing,
    is_automatic,
    number_candidates,
    read_report,
)


def parse(*lines):
    return email.message_from_string("\r\n".join(lines), policy=email.policy.SMTP)


def report(*fields):
    return parse(
        "Content-Type: multipart/report; report-type=delivery-status; boundary=XX",
        "",
        "--XX",
        "Content-Type: text/plain",
        "",
        "Sorry.",
        "--XX",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mail.test",
        "",
        *fields,
        "",
        "--XX--",
    )


@tagged("post_install", "-at_install")
class TestIncomingCore(BaseCase):
    def test_who_is_a_machine(self):
        for header in (
            "Auto-Submitted: auto-replied",
            "Auto-Submitted: auto-generated; x=y",
            "X-Autoreply: yes",
            "Precedence: bulk",
            "X-Precedence: auto_reply",
            "Return-Path: <>",
        ):
            with self.subTest(header):
                self.assertTrue(is_automatic(parse(header, "", "Away")))
        for header in (
            "Auto-Submitted: no",
            "Precedence: list",
            "X-Auto-Response-Suppress: All",
            "Return-Path: <maria@aegean.example.com>",
            "Subject: Out of office?",
        ):
            with self.subTest(header):
                self.assertFalse(is_automatic(parse(header, "", "Hello")))

    def test_a_failure_for_good(self):
        found = read_report(
            report(
                "Final-Recipient: rfc822; Maria@aegean.example.com",
                "Action: failed",
                "Status: 5.1.1",
                "Diagnostic-Code: smtp; 550 no such",
                "  mailbox",
            )
        )
        self.assertTrue(found.is_failure)
        self.assertFalse(found.is_temporary)
        self.assertEqual(found.status, "5.1.1")
        self.assertEqual(found.recipient, "maria@aegean.example.com")
        self.assertEqual(found.words, "550 no such mailbox")

    def test_a_failure_for_a_while(self):
        for status in ("4.2.2", "4.4.7 (delivery time expired)", "5.2.2"):
            with self.subTest(status):
                found = read_report(
                    report(
                        "Final-Recipient: rfc822; a@b.test", "Action: failed", f"Status: {status}"
                    )
                )
                self.assertTrue(found.is_failure)
                self.assertTrue(found.is_temporary)

    def test_what_is_no_failure(self):
        for action, outcome in (
            ("delayed", "delayed"),
            ("delivered", "delivered"),
            ("relayed", "delivered"),
            ("expanded", "delivered"),
        ):
            with self.subTest(action):
                found = read_report(
                    report(
                        "Final-Recipient: rfc822; a@b.test", f"Action: {action}", "Status: 2.0.0"
                    )
                )
                self.assertEqual(found.outcome, outcome)
                self.assertFalse(found.is_failure)

    def test_of_several_recipients_the_one_that_failed_counts(self):
        found = read_report(
            report(
                "Final-Recipient: rfc822; good@b.test",
                "Action: delivered",
                "Status: 2.0.0",
                "",
                "Final-Recipient: rfc822; bad@b.test",
                "Action: failed",
                "Status: 5.1.1",
            )
        )
        self.assertEqual((found.outcome, found.recipient), ("failed", "bad@b.test"))

    def test_a_receipt_says_it_was_read(self):
        found = read_report(
            parse(
                "Content-Type: multipart/report; report-type=disposition-notification; boundary=XX",
                "",
                "--XX",
                "Content-Type: message/disposition-notification",
                "",
                "Disposition: manual-action/MDN-sent-manually; displayed",
                "",
                "--XX--",
            )
        )
        self.assertEqual(found.outcome, "read")

    def test_a_bounce_without_a_report_has_failed(self):
        self.assertTrue(read_report(parse("Subject: failure notice", "", "Sorry")).is_failure)

    def test_words_that_could_be_a_case_number(self):
        self.assertEqual(
            number_candidates("Re: [COL/00171], your case „2026-77“ and 12 days, COL/00171"),
            ["COL/00171", "2026-77"],
        )
        self.assertEqual(number_candidates(""), [])
        self.assertEqual(number_candidates(None), [])
        self.assertEqual(len(number_candidates(" ".join(f"word{n}" for n in range(99)))), 30)

    def test_an_answer_is_prefixed_once(self):
        for subject in ("Invoice 7", "Re: Invoice 7", "RE: AW: Re[2]: Invoice 7", "Απ: Invoice 7"):
            with self.subTest(subject):
                self.assertEqual(answer_subject(subject), "Re: Invoice 7")
        self.assertEqual(answer_subject(""), "Re:")
        self.assertEqual(answer_subject("Reminder: paid"), "Re: Reminder: paid")

    def test_plain_text_flows_in_a_quotation(self):
        self.assertEqual(
            flowing("<pre>Hello,\n\nwe paid &lt;today&gt;.\n</pre><p>Bye</p>"),
            "<p>Hello,<br/><br/>we paid &lt;today&gt;.</p><p>Bye</p>",
        )
        self.assertEqual(flowing(False), "")
