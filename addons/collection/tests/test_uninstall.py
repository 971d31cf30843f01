# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import csv

from odoo.tests import new_test_user, tagged

from ..hooks import uninstall_hook
from .common import CollectionCommon


@tagged("post_install", "-at_install")
class TestUninstallHook(CollectionCommon):
    """Before the host deletes cases, what was written and said is put in a file."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.move = cls.invoice()
        cls.case = cls.cases()

    def export(self):
        """Run the hook and return the rows of the company's file."""
        uninstall_hook(self.env(su=True))
        [file] = self.kept().filtered(lambda kept: self.company.name in kept.name)
        text = file.raw.decode("utf-8-sig")
        return list(csv.DictReader(text.splitlines(keepends=True)))

    def kept(self):
        return self.env(su=True)["ir.attachment"].search([
            ("res_model", "=", False),
            ("res_id", "=", False),
            ("res_field", "=", False),
        ])

    def test_messages_contacts_and_notes_are_in_the_file_in_order_of_time(self):
        self.case.message_post(body="שלום, please pay", subject="Reminder", message_type="comment")
        self.env["collection.contact.log"].create({
            "case_id": self.case.id,
            "channel": "phone",
            "direction": "in",
            "date": "2020-01-01 10:00:00",
            "note": "Will pay\non Friday",
            "outcome_id": self.env.ref("collection.outcome_promised").id,
            "agreed_date": self.days(3),
            "agreed_amount": 250,
            "agreed_way_id": self.env.ref("collection.way_cheque").id,
        })
        self.env["collection.note"].create({
            "profile_id": self.profile().id,
            "body": "Closed in August",
        })
        self.profile().message_post(body="Talks with the owner", message_type="comment")
        rows = self.export()
        self.assertEqual([row["date"] for row in rows], sorted(row["date"] for row in rows))
        [first, *_others] = rows
        self.assertEqual(
            (first["case"], first["customer"], first["kind"]),
            (self.case.name, self.customer.name, "phone in"),
        )
        self.assertIn("Will pay\non Friday", first["text"])
        self.assertIn("250", first["text"])
        [letter] = [row for row in rows if row["subject"] == "Reminder"]
        self.assertEqual((letter["case"], letter["text"]), (self.case.name, "שלום, please pay"))
        texts = [row["text"] for row in rows]
        self.assertIn("Closed in August", texts)
        self.assertIn("Talks with the owner", texts)

    def test_a_message_is_no_formula_in_a_spreadsheet(self):
        self.case.message_post(body="=cmd|' /C calc'!A0")
        self.assertIn("'=cmd|' /C calc'!A0", [row["text"] for row in self.export()])

    def test_documents_of_cases_are_kept_and_only_administrators_read_them(self):
        document = (
            self
            .env["ir.attachment"]
            .sudo()
            .create({
                "name": "answer.txt",
                "res_model": "collection.case",
                "res_id": self.case.id,
                "raw": b"We shall pay",
            })
        )
        self.case.message_post(body="See the letter", attachment_ids=document.ids)
        [row] = [row for row in self.export() if row["text"] == "See the letter"]
        self.assertEqual(row["attachments"], "answer.txt")
        kept = self.kept().filtered(lambda kept: kept.name.endswith("answer.txt"))
        self.assertEqual((kept, kept.name), (document, f"{self.case.name} answer.txt"))
        self.assertEqual(kept.raw, b"We shall pay")
        colleague = new_test_user(self.env, "rivka", "collection.group_collection_manager")
        self.assertFalse(document.with_user(colleague).has_access("read"))
        self.assertTrue(document.with_user(self.env.ref("base.user_admin")).has_access("read"))

    def test_activities_go_and_on_other_records_they_become_to_dos(self):
        call = self.env.ref("collection.activity_type_call")
        call.res_model = False
        on_case = self.case.activity_schedule("collection.activity_type_call")
        done = self.case.activity_schedule("collection.activity_type_call")
        done.with_context(collection_contact_recorded=True).action_feedback("Nobody there")
        elsewhere = self.customer.activity_schedule(activity_type_id=call.id, summary="Call")
        uninstall_hook(self.env(su=True))
        self.assertFalse((on_case | done).exists())
        self.assertEqual(elsewhere.activity_type_id, self.env.ref("mail.mail_activity_data_todo"))

    def test_filters_and_numbers_that_people_made_for_cases_go(self):
        mine = self.env["ir.filters"].create({"name": "Big ones", "model_id": "collection.case"})
        hosts = self.env["ir.filters"].create({"name": "Athens", "model_id": "res.partner"})
        numbers = (
            self
            .env["ir.sequence"]
            .sudo()
            .create({
                "name": "Our cases",
                "code": "collection.case",
                "company_id": self.company.id,
            })
        )
        uninstall_hook(self.env(su=True))
        self.assertFalse(mine.exists() or numbers.exists())
        self.assertTrue(hosts.exists())
