# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What the customer screen says of the gate."""

from odoo.tests import tagged

from .message_common import MessageCommon


@tagged("post_install", "-at_install")
class TestScreen(MessageCommon):
    def channels(self):
        data = self.profile().get_customer_screen(["gate"])["data"]["gate"]
        return {row["channel"]: row for row in data["channels"]}

    def test_the_panel_says_per_channel_whether_and_why_not(self):
        self.invoice()
        self.maria.collection_no_sms = True
        self.profile().payment_contact_id = self.maria
        channels = self.channels()
        self.assertEqual(list(channels), ["phone", "email", "sms", "letter"])
        self.assertEqual(
            {channel for channel, row in channels.items() if not row["allowed"]}, {"sms"}
        )
        self.assertIn("Maria Pappa", channels["sms"]["reasons"][0])
        self.assertEqual(channels["email"]["person"]["id"], self.maria.id)

    def test_a_sent_message_stands_in_the_correspondence(self):
        self.invoice()
        message = self.plan(case_id=self.cases().id)
        self.send()
        entries = self.profile().get_customer_screen(["correspondence"])["data"]["correspondence"]
        mails = [
            entry
            for entry in entries["entries"]
            if entry["kind"] == "message" and entry["subject"] == message.subject
        ]
        self.assertEqual(len(mails), 1)
        self.assertEqual((mails[0]["channel"], mails[0]["direction"]), ("email", "out"))
        self.assertEqual(mails[0]["to"], ["Aegean Trading"])
