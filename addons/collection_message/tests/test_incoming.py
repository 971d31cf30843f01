# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Mail that comes in: it finds its customer and case, and is work until somebody has seen to it."""

from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.collection_gate import GateRequest
from .incoming_common import IncomingCommon

FILING = "odoo.addons.collection_message.models.collection_incoming_filing"
GATEWAY = "odoo.addons.mail.models.mail_thread"


@tagged("post_install", "-at_install")
class TestIncoming(IncomingCommon):
    # ------------------------------------------------------------
    # REPLIES
    # ------------------------------------------------------------

    def test_a_reply_stands_on_the_case_and_is_work_of_its_debt_manager(self):
        message, mail = self.sent()
        self.assertIn(self.alias, mail["reply_to"])
        row = self.receive(self.reply_to(message, subject="Re: reminder", text="Paid on Monday."))
        self.assertEqual(row.kind, "reply")
        self.assertEqual(row.state, "unread")
        self.assertEqual(row.case_id, self.case)
        self.assertEqual(row.profile_id, self.profile())
        self.assertEqual(row.person_id, self.maria)
        self.assertEqual(row.user_id, self.nikos)
        self.assertEqual(row.subject, "Re: reminder")
        self.assertIn("Paid on Monday", row.preview)
        self.assertIn("Paid on Monday", row.body)
        self.assertIn(row.message_id, self.case.message_ids)
        self.assertEqual(self.case.incoming_unread_count, 1)
        self.assertEqual(self.profile().incoming_unread_count, 1)

    def test_a_reply_to_the_catchall_comes_back_to_the_case_too(self):
        message, _mail = self.sent()
        row = self.receive(self.reply_to(message, to="catchall@company.example.com"))
        self.assertEqual((row.kind, row.case_id), ("reply", self.case))

    def test_the_reply_of_a_stranger_to_our_message_stays_with_the_case(self):
        message, _mail = self.sent()
        row = self.receive(self.reply_to(message, sender="boss@elsewhere.example.com"))
        self.assertEqual((row.kind, row.case_id), ("reply", self.case))
        self.assertFalse(row.person_id)

    def test_a_colleague_who_answers_by_mail_is_no_incoming_mail(self):
        message, _mail = self.sent()
        rows = self.receive(self.reply_to(message, sender="nikos@company.example.com"))
        self.assertFalse(rows)
        self.assertIn("nikos@company.example.com", self.case.message_ids[0].email_from)

    def test_attachments_are_kept(self):
        message, _mail = self.sent()
        reply = self.reply_to(message)
        reply.add_attachment(b"%PDF-1.4", "application", "pdf", filename="transfer.pdf")
        row = self.receive(reply)
        self.assertEqual(row.attachment_ids.mapped("name"), ["transfer.pdf"])
        self.assertEqual(row.attachment_ids.res_model, "collection.case")
        self.assertEqual(row.attachment_ids.raw, b"%PDF-1.4")

    # ------------------------------------------------------------
    # WITHOUT REFERENCES
    # ------------------------------------------------------------

    def test_the_address_finds_customer_and_case(self):
        row = self.receive(self.mail("Maria <MARIA@aegean.example.com>"))
        self.assertEqual(row.kind, "mail")
        self.assertEqual(row.case_id, self.case)
        self.assertEqual(row.person_id, self.maria)
        self.assertEqual(row.user_id, self.nikos)
        self.assertEqual(row.message_id.res_id, self.case.id)

    def test_a_related_contact_finds_the_customer(self):
        bookkeeper = self.env["res.partner"].create({
            "name": "Eleni",
            "email": "eleni@books.example.com",
        })
        self.env["collection.partner.contact"].create({
            "partner_id": self.customer.id,
            "contact_id": bookkeeper.id,
        })
        row = self.receive(self.mail("eleni@books.example.com"))
        self.assertEqual((row.profile_id, row.person_id), (self.profile(), bookkeeper))

    def test_without_an_open_case_the_mail_joins_the_customer(self):
        self.pay(self.moves[0])
        self.assertEqual(self.case.state, "completed")
        row = self.receive(self.mail("maria@aegean.example.com"))
        self.assertFalse(row.case_id)
        self.assertEqual(row.message_id.model, "collection.profile")
        self.assertEqual(row.user_id, self.nikos)

    def test_the_number_of_a_case_in_the_subject_finds_it(self):
        row = self.receive(
            self.mail("treasury@group.example.com", f"Your case ({self.case.name}), paid")
        )
        self.assertEqual((row.kind, row.case_id), ("mail", self.case))

    def test_of_several_cases_the_one_last_written_about(self):
        [profile] = self.profile()
        second = self.env["collection.case"].create({
            "profile_id": profile.id,
            "company_id": self.company.id,
        })
        self.sent(case_id=second.id)
        row = self.receive(self.mail("maria@aegean.example.com"))
        self.assertEqual(row.case_id, second)

    def test_of_customers_with_one_address_the_one_last_written_to(self):
        shared = self.env["res.partner"].create([
            {"name": "Office", "parent_id": partner.id, "email": "office@shared.example.com"}
            for partner in (self.customer, self.other_customer)
        ])
        row = self.receive(self.mail("office@shared.example.com", "First"))
        self.assertEqual(row.kind, "unknown")
        wizard = self.choosing(row)
        self.assertEqual(wizard.candidate_ids.partner_id, self.customer | self.other_customer)
        self.sent(person_id=shared[0].id)
        row = self.receive(self.mail("office@shared.example.com", "Second"))
        self.assertEqual((row.kind, row.case_id), ("mail", self.case))

    def test_an_address_once_filed_is_known_without_a_contact(self):
        row = self.receive(self.mail("new@aegean.example.com"))
        wizard = self.choosing(row, profile_id=self.profile().id, remember=False)
        wizard.action_choose()
        row = self.receive(self.mail("new@aegean.example.com"))
        self.assertEqual((row.kind, row.case_id), ("mail", self.case))

    # ------------------------------------------------------------
    # UNKNOWN SENDERS
    # ------------------------------------------------------------

    def choosing(self, rows, **vals):
        action = rows.action_choose_customer()
        model = self.env[action["res_model"]].with_context(**action["context"])
        return model.create(vals)

    def test_an_unknown_sender_is_work_until_the_customer_is_chosen(self):
        first = self.receive(self.mail("Ari Levi <ari@carmel.example.com>", "Invoice?"))
        second = self.receive(self.mail("ari@carmel.example.com", "Again"))
        self.assertEqual(set((first | second).mapped("kind")), {"unknown"})
        self.assertEqual(set((first | second).mapped("state")), {"unread"})
        self.assertEqual(first.company_id, self.company)
        self.assertFalse(first.profile_id)
        self.assertFalse(self.answers, "nobody is told off for writing")

        wizard = self.choosing(first)
        self.assertEqual(wizard.profile_id, self.profile(self.other_customer), "same domain")
        self.assertEqual(wizard.contact_name, "Ari Levi")
        self.assertEqual(wizard.same_sender_count, 1)
        wizard.action_choose()
        for row in first | second:
            self.assertEqual(row.case_id, self.other_case)
            self.assertEqual(row.message_id.model, "collection.case")
            self.assertEqual(row.message_id.res_id, self.other_case.id)
            self.assertEqual((row.kind, row.state, row.user_id), ("mail", "unread", self.dana))
        self.assertEqual(first.person_id.parent_id, self.other_customer)
        self.assertEqual(first.person_id.email, "ari@carmel.example.com")
        third = self.receive(self.mail("ari@carmel.example.com", "Third"))
        self.assertEqual((third.kind, third.case_id), ("mail", self.other_case))

    def test_a_known_person_becomes_a_related_contact(self):
        agent = self.env["res.partner"].create({"name": "Agent", "email": "agent@x.example.com"})
        row = self.receive(self.mail("agent@x.example.com"))
        self.assertEqual((row.kind, row.person_id), ("unknown", agent))
        self.choosing(row, profile_id=self.profile().id).action_choose()
        self.assertEqual(self.customer.collection_contact_ids.contact_id, agent)

    def test_the_attachments_of_an_unknown_sender_follow_to_the_customer(self):
        mail = self.mail("ari@carmel.example.com")
        mail.add_attachment(b"proof", "text", "plain", filename="proof.txt")
        row = self.receive(mail)
        self.choosing(row, profile_id=self.profile(self.other_customer).id).action_choose()
        self.assertEqual(row.attachment_ids.res_model, "collection.case")
        self.assertEqual(row.attachment_ids.res_id, self.other_case.id)

    def test_mail_filed_at_the_wrong_customer_moves_to_the_right_one(self):
        mail = self.mail("maria@aegean.example.com")
        mail.add_attachment(b"proof", "text", "plain", filename="proof.txt")
        row = self.receive(mail)
        self.assertEqual(row.case_id, self.case)
        self.choosing(row, profile_id=self.profile(self.other_customer).id).action_choose()
        self.assertEqual((row.case_id, row.user_id), (self.other_case, self.dana))
        self.assertIn(row.message_id, self.other_case.message_ids)
        self.assertNotIn(row.message_id, self.case.message_ids)
        self.assertEqual(row.attachment_ids.res_id, self.other_case.id)

    def test_files_of_a_mail_go_to_the_document_file(self):
        mail = self.mail("maria@aegean.example.com")
        mail.add_attachment(b"proof", "text", "plain", filename="proof.txt")
        row = self.receive(mail)
        action = row.with_user(self.nikos).action_save_documents()
        self.assertEqual(action["context"]["default_message_id"], row.message_id.id)

    def test_a_reply_needs_a_customer(self):
        row = self.receive(self.mail("nobody@nowhere.example.com"))
        with self.assertRaisesRegex(UserError, "Choose the customer first"):
            row.action_reply()

    # ------------------------------------------------------------
    # TWICE, AND BY MACHINES
    # ------------------------------------------------------------

    def test_delivered_twice_it_is_work_once(self):
        message, _mail = self.sent()
        reply = self.reply_to(message)
        self.assertEqual(len(self.receive(reply)), 1)
        self.assertFalse(self.receive(reply))
        unknown = self.mail("nobody@nowhere.example.com")
        self.assertEqual(len(self.receive(unknown)), 1)
        self.assertFalse(self.receive(unknown))

    def test_delivered_twice_at_once_it_is_work_once(self):
        self.Incoming.sudo().create({
            "company_id": self.company.id,
            "message_uid": "<same@mail.test>",
            "kind": "unknown",
        })
        twin = self.mail("nobody@nowhere.example.com", message_id="<same@mail.test>")
        with mute_logger("odoo.sql_db"):
            self.assertFalse(self.receive(twin))
        twin = self.mail("maria@aegean.example.com", message_id="<same@mail.test>", text="Twin")
        with mute_logger("odoo.sql_db", FILING):
            self.assertFalse(self.receive(twin))
        self.assertIn("Twin", self.case.message_ids[0].body, "the host keeps it")

    def test_a_mail_to_two_addresses_is_work_once(self):
        self.env["mail.alias"].sudo().create({
            "alias_name": "info",
            "alias_domain_id": self.domain.id,
            "alias_model_id": self.env["ir.model"]._get_id("res.partner"),
        })
        rows = self.receive(
            self.mail("maria@aegean.example.com", to=f"info@company.example.com, {self.alias}")
        )
        self.assertEqual(len(rows), 1)
        self.assertEqual((rows.case_id, rows.state), (self.case, "unread"))

    def test_an_out_of_office_note_is_kept_and_is_nobodys_work(self):
        message, _mail = self.sent()
        row = self.receive(
            self.reply_to(message, subject="Out of office", Auto_Submitted="auto-replied")
        )
        self.assertEqual((row.kind, row.state), ("auto", "done"))
        self.assertIn(row.message_id, self.case.message_ids)
        self.assertEqual(self.case.incoming_unread_count, 0)

    def test_machines_do_not_answer_each_other(self):
        message, _mail = self.sent()
        yesterday = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        self.nikos.write({
            "out_of_office_from": yesterday,
            "out_of_office_to": fields.Datetime.add(yesterday, days=5),
            "out_of_office_message": "<p>On holiday</p>",
        })
        self.receive(self.reply_to(message, text="When?"))
        self.assertEqual(len(self.answers), 1, "a person is told")
        self.env["mail.message"].search([("message_type", "=", "out_of_office")]).unlink()
        self.receive(self.reply_to(message, Auto_Submitted="auto-replied"))
        self.assertFalse(self.answers, "a machine is not")

    def test_a_machine_that_writes_and_writes_is_never_answered(self):
        self.env["ir.config_parameter"].sudo().set_param("mail.gateway.loop.threshold", 2)
        for _number in range(4):
            row = self.receive(self.mail("maria@aegean.example.com", Auto_Submitted="auto-replied"))
            self.assertEqual((row.kind, row.state), ("auto", "done"))
            self.assertFalse(self.answers)

    def test_what_cannot_be_read_counts_as_written_by_a_person(self):
        with (
            patch(f"{FILING}.is_automatic", side_effect=ValueError("odd header")),
            mute_logger(FILING),
            self.assertLogs(FILING, "ERROR"),
        ):
            row = self.receive(self.mail("maria@aegean.example.com"))
        self.assertEqual((row.kind, row.state), ("mail", "unread"))

    def test_an_unknown_machine_is_nobodys_work(self):
        row = self.receive(self.mail("news@shop.example.com", Precedence="bulk"))
        self.assertEqual((row.kind, row.state), ("unknown", "done"))

    def test_the_gateway_keeps_the_mail_whatever_fails_here(self):
        message, _mail = self.sent()
        with (
            patch.object(type(self.Incoming), "_values_of_message", side_effect=KeyError("broken")),
            mute_logger(FILING),
            self.assertLogs(FILING, "ERROR"),
        ):
            rows = self.receive(self.reply_to(message, text="Keep me"))
        self.assertFalse(rows)
        self.assertIn("Keep me", self.case.message_ids[0].body)
        with (
            patch.object(type(self.Incoming), "_find_thread", side_effect=KeyError("broken")),
            mute_logger(FILING),
            self.assertLogs(FILING, "ERROR"),
        ):
            row = self.receive(self.mail("maria@aegean.example.com", text="Keep me too"))
        self.assertEqual((row.kind, row.state), ("unknown", "unread"))
        self.assertIn("Keep me too", row.body)

    # ------------------------------------------------------------
    # BOUNCES
    # ------------------------------------------------------------

    def test_a_bounce_marks_the_address_and_is_work(self):
        message, _mail = self.sent()
        row = self.receive(self.bounce_of(message))
        self.assertEqual((row.kind, row.state), ("bounce", "unread"))
        self.assertEqual((row.case_id, row.user_id), (self.case, self.nikos))
        self.assertEqual(row.person_id, self.maria)
        self.assertEqual(row.bounced_email, "maria@aegean.example.com")
        self.assertIn("No such mailbox", row.preview)
        self.assertEqual(row.sent_message_id, message)
        self.assertTrue(self.maria.collection_email_bounced)
        self.assertTrue(message.bounced_on)
        self.assertIn("No such mailbox", message.bounce_reason)
        self.assertEqual(message.state, "sent")
        self.assertIn(row.message_id, self.case.message_ids)
        self.assertFalse(self.receive(self.bounce_of(message, message_id=row.message_uid)))

        wizard = (
            self
            .env["collection.incoming.address"]
            .with_context(**row.action_correct_address()["context"])
            .create({"new_email": "maria.pappa@aegean.example.com"})
        )
        self.assertEqual(wizard.old_email, "maria@aegean.example.com")
        self.assertTrue(wizard.send_again)
        with self.mock_mail_gateway(), self.mock_mail_app():
            wizard.action_correct()
        self.assertEqual(self.maria.email, "maria.pappa@aegean.example.com")
        self.assertFalse(self.maria.collection_email_bounced)
        self.assertEqual(row.state, "done")
        again = self.case.message_out_ids - message
        self.assertEqual((again.state, again.person_id), ("sent", self.maria))

    def test_an_address_that_is_no_address_is_refused(self):
        message, _mail = self.sent()
        row = self.receive(self.bounce_of(message))
        wizard = self.env["collection.incoming.address"].create({
            "incoming_ids": [(6, 0, row.ids)],
            "new_email": "maria at aegean",
        })
        with self.assertRaisesRegex(UserError, "not an e-mail address"):
            wizard.action_correct()

    def test_a_full_mailbox_marks_the_address_only_when_it_stays_full(self):
        message, _mail = self.sent()
        for count in range(1, 4):
            row = self.receive(self.bounce_of(message, status="4.2.2"))
            self.assertEqual((row.kind, row.state, row.temporary), ("bounce", "unread", True))
            self.assertEqual(self.maria.collection_email_bounced, count == 3)
        self.receive(self.mail("maria@aegean.example.com", text="Here I am again"))
        self.assertFalse(self.maria.collection_email_bounced, "who writes can be written to")

    def test_a_delay_is_noted_and_is_nobodys_work(self):
        message, _mail = self.sent()
        row = self.receive(self.bounce_of(message, action="delayed", status="4.4.1"))
        self.assertEqual((row.kind, row.state), ("bounce", "done"))
        self.assertFalse(message.bounced_on)
        self.assertFalse(self.maria.collection_email_bounced)
        self.assertEqual(self.maria.message_bounce, 0)

    def test_a_message_that_came_back_uses_up_no_limit(self):
        self.env["collection.gate.policy"].create({
            "name": "One a week",
            "cap_ids": [Command.create({"count": 1, "days": 7})],
        })

        def by_phone():
            profile = self.case.profile_id
            [verdict] = self.env["collection.gate"]._check([
                GateRequest(profile, "phone", self.maria, profile._messageable_items())
            ])
            return [reason.code for reason in verdict.reasons]

        message, _mail = self.sent()
        self.assertEqual(by_phone(), ["cap"])
        self.receive(self.bounce_of(message))
        self.assertEqual(by_phone(), [])

    def test_a_receipt_is_no_bounce(self):
        message, _mail = self.sent()
        rows = self.receive(self.bounce_of(message, action="delivered", status="2.0.0"))
        self.assertFalse(rows)
        self.assertFalse(self.maria.collection_email_bounced)
        self.assertFalse(message.bounced_on)

    # ------------------------------------------------------------
    # ELSEWHERE, AND THE PORTAL
    # ------------------------------------------------------------

    def test_mail_on_an_invoice_is_filed_at_the_customer(self):
        move = self.moves[0]
        note = move.message_post(body="Your invoice", subtype_xmlid="mail.mt_comment")
        row = self.receive(
            self.mail(
                "maria@aegean.example.com",
                to="catchall@company.example.com",
                text="Thanks for the invoice",
                References=note.message_id,
            )
        )
        self.assertEqual(row.message_id.res_id, move.id)
        self.assertEqual((row.kind, row.state, row.elsewhere), ("mail", "done", True))
        self.assertEqual(row.profile_id, self.profile())
        self.assertIn("Thanks for the invoice", row.preview)
        entries = self.stream()
        self.assertEqual(entries[f"message-{row.message_id.id}"]["direction"], "in")

    def test_mail_on_a_document_one_may_not_read_is_not_shown(self):
        bill = self.env["account.move"].create({
            "move_type": "in_invoice",
            "partner_id": self.customer.id,
        })
        note = bill.message_post(body="Your bill", subtype_xmlid="mail.mt_comment")
        row = self.receive(
            self.mail(
                "maria@aegean.example.com",
                to="catchall@company.example.com",
                text="When do you pay?",
                References=note.message_id,
            )
        )
        self.assertTrue(row.elsewhere)
        self.assertFalse(row.preview)
        own = row.with_user(self.nikos)
        self.assertFalse(own.body)
        self.assertFalse(own.subject)
        self.assertNotIn(f"message-{row.message_id.id}", self.stream(self.nikos))
        with self.assertRaises(AccessError):
            own.action_open_document()

    def test_mail_of_somebody_unknown_elsewhere_is_none_of_ours(self):
        note = self.moves[0].message_post(body="Your invoice", subtype_xmlid="mail.mt_comment")
        rows = self.receive(
            self.mail(
                "someone@nowhere.example.com",
                to="catchall@company.example.com",
                References=note.message_id,
            )
        )
        self.assertFalse(rows)

    def test_a_question_in_the_portal_is_work(self):
        self.case.sudo().message_post(
            body="Which bank account?",
            message_type="comment",
            author_id=self.maria.id,
            subtype_xmlid="mail.mt_comment",
        )
        row = self.Incoming.search([])
        self.assertEqual((row.kind, row.state, row.case_id), ("question", "unread", self.case))
        self.assertEqual(row.user_id, self.nikos)

    def stream(self, user=None):
        profile = self.profile().with_user(user or self.env.user)
        page = profile.get_screen_correspondence()
        return {entry["key"]: entry for entry in page["entries"]}

    def test_the_customer_screen_shows_both_directions(self):
        call = self.log_call(days_ago=1)
        message, _mail = self.sent()
        row = self.receive(self.reply_to(message))
        entries = self.stream(self.nikos)
        out = entries[f"message-{message.mail_message_id.id}"]
        back = entries[f"message-{row.message_id.id}"]
        self.assertEqual((out["direction"], back["direction"]), ("out", "in"))
        self.assertEqual(
            list(entries),
            [
                f"message-{row.message_id.id}",
                f"message-{message.mail_message_id.id}",
                f"log-{call.id}",
            ],
            "each once",
        )
        self.assertEqual(back["incoming"]["id"], row.id)
        self.assertTrue(back["incoming"]["unread"])
        row.with_user(self.nikos).action_done()
        self.assertFalse(self.stream()[f"message-{row.message_id.id}"]["incoming"]["unread"])

    # ------------------------------------------------------------
    # WHAT IS DONE ABOUT IT
    # ------------------------------------------------------------

    def test_done_and_unread_again(self):
        row = self.receive(self.mail("maria@aegean.example.com")).with_user(self.nikos)
        row.action_done()
        self.assertEqual((row.state, row.handled_by), ("done", self.nikos))
        self.assertTrue(row.handled_on)
        with self.assertRaises(UserError):
            row._set_state("done")
        row.action_unread()
        self.assertEqual(row.state, "unread")
        self.assertFalse(row.handled_by)
        with self.assertRaises(AccessError):
            row.write({"state": "done"})

    def test_a_reply_is_addressed_quoted_and_makes_the_mail_done(self):
        row = self.receive(
            self.mail("maria@aegean.example.com", "Re: AW: Invoice 7", text="Which account?")
        )
        row = row.with_user(self.nikos)
        action = row.action_reply()
        wizard = self.env[action["res_model"]].with_user(self.nikos)
        wizard = wizard.with_context(**action["context"]).create({})
        self.assertEqual(wizard.person_id, self.maria)
        self.assertEqual(wizard.subject, "Re: Invoice 7")
        self.assertIn("Which account?", wizard.body)
        self.assertFalse(wizard.template_id)
        wizard.body = "<p>The one on the invoice.</p>" + wizard.body
        self.assertFalse(wizard.item_ids)
        wizard.item_ids = self.case.open_item_ids
        self.assertIn("The one on the invoice", wizard.body, "what was written stays")
        with self.mock_mail_gateway(), self.mock_mail_app():
            wizard.action_send()
        message = self.case.message_out_ids
        self.assertEqual((message.state, message.incoming_id), ("sent", row))
        self.assertIn(row.message_uid, message.sudo().mail_id.references)
        self.assertIn("The one on the invoice", message.body)
        self.assertEqual(row.state, "done")

    def test_whoever_stands_in_looks_at_it(self):
        self.env["collection.absence"].create({
            "user_id": self.nikos.id,
            "substitute_id": self.dana.id,
            "date_from": self.days(-1),
            "date_to": self.days(1),
        })
        row = self.receive(self.mail("maria@aegean.example.com"))
        self.assertEqual(row.user_id, self.dana)
        self.assertEqual(self.Incoming.with_user(self.dana).search([("for_me", "=", True)]), row)
        self.env["collection.absence"].search([]).date_to = self.days(-1)
        self.assertEqual(row.user_id, self.nikos)
        row._set_state("done")
        self.case.debt_manager_id = self.dana
        self.assertEqual(row.user_id, self.nikos, "who had to look then")

    def test_unread_mail_follows_the_case_to_another_debt_manager(self):
        row = self.receive(self.mail("maria@aegean.example.com"))
        self.case.debt_manager_id = self.dana
        self.assertEqual(row.user_id, self.dana)

    def test_a_spread_gives_mail_of_nobodys_case_to_somebody(self):
        self.case.debt_manager_id = False
        self.profile().debt_manager_id = False
        row = self.receive(self.mail("maria@aegean.example.com"))
        self.assertFalse(row.user_id)
        team = self.env["collection.team"].create({
            "name": "Harbour",
            "spread": "count",
            "member_ids": [(6, 0, self.dana.ids)],
        })
        team._spread_cases(self.case)
        self.assertEqual(row.user_id, self.dana)

    def test_the_gateway_asks_no_more_among_more_customers(self):
        def queries():
            reply = self.mail("maria@aegean.example.com")
            with self.mock_mail_gateway():
                gateway = self.env["mail.thread"].sudo()
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                gateway.message_process(False, reply.as_bytes())
                self.env.flush_all()
                return self.env.cr.sql_log_count - before

        queries()  # warms the caches of the host
        few = queries()
        people = self.env["res.partner"].create([
            {
                "name": f"Contact {number}",
                "parent_id": self.customer.id,
                "email": "maria@aegean.example.com",
            }
            for number in range(30)
        ])
        self.assertTrue(people)
        self.assertLessEqual(queries(), few + 5)


@tagged("post_install", "-at_install")
class TestIncomingCompanies(IncomingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rival = cls.setup_other_company(name="Rival Ltd")["company"]
        cls.rival.sudo().write({"collection_tz": "UTC", "collection_live": True})

    def test_each_company_has_an_address_of_its_own(self):
        self.assertRegex(self.alias, r"^collections.*@company\.example\.com$")
        rival = self.rival.sudo()
        self.assertNotEqual(rival._collection_alias_email(), self.alias)
        self.assertEqual(rival.collection_alias_id.alias_domain_id, self.domain)
        other = self.env["mail.alias.domain"].create({"name": "rival.example.com"})
        rival.alias_domain_id = other
        self.assertTrue(rival._collection_alias_email().endswith("@rival.example.com"))

    def test_mail_finds_the_customer_of_the_company_it_was_sent_to(self):
        own = self.receive(self.mail("maria@aegean.example.com"))
        self.assertEqual((own.company_id, own.profile_id), (self.company, self.profile()))
        there = self.receive(
            self.mail("maria@aegean.example.com", to=self.rival.sudo()._collection_alias_email())
        )
        self.assertEqual((there.company_id, there.kind), (self.rival, "unknown"))
        self.assertFalse(there.profile_id)

    def test_a_mail_to_both_companies_is_work_of_both(self):
        to = f"{self.alias}, {self.rival.sudo()._collection_alias_email()}"
        rows = self.receive(self.mail("maria@aegean.example.com", to=to))
        self.assertEqual(rows.company_id, self.company | self.rival)
        self.assertEqual(len(rows), 2)


@tagged("post_install", "-at_install")
class TestIncomingAccess(IncomingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leader = cls.person("leader", "team_leader")
        cls.manager = cls.person("manager", "manager")
        cls.auditor = cls.person("auditor", "auditor")
        cls.env["collection.team"].create({
            "name": "Harbour",
            "leader_id": cls.leader.id,
            "member_ids": [(6, 0, cls.nikos.ids)],
        })
        cls.customer.collection_team_id = cls.env["collection.team"].search([
            ("leader_id", "=", cls.leader.id)
        ])

    def rows_of(self, user):
        return self.Incoming.with_user(user).search([])

    def test_each_sees_their_own_and_who_manages_sees_the_unknown(self):
        own = self.receive(self.mail("maria@aegean.example.com"))
        others = self.receive(self.mail("office@carmel.example.com"))
        unknown = self.receive(self.mail("nobody@nowhere.example.com"))
        everything = own | others | unknown
        self.assertEqual(self.rows_of(self.nikos), own)
        self.assertEqual(self.rows_of(self.dana), others)
        self.assertEqual(self.rows_of(self.leader), own | unknown)
        self.assertEqual(self.rows_of(self.manager), everything)
        self.assertEqual(self.rows_of(self.auditor), everything)
        with self.assertRaises(AccessError):
            own.with_user(self.auditor).action_done()
        with self.assertRaises(AccessError):
            others.with_user(self.nikos).action_done()
        own.with_user(self.nikos).action_done()
        self.assertEqual(own.state, "done")

    def test_an_unknown_sender_may_be_given_to_somebody(self):
        unknown = self.receive(self.mail("nobody@nowhere.example.com"))
        unknown.with_user(self.leader).user_id = self.nikos
        self.assertEqual(self.rows_of(self.nikos), unknown)
        wizard = (
            self
            .env["collection.incoming.choose"]
            .with_user(self.nikos)
            .with_context(**unknown.with_user(self.nikos).action_choose_customer()["context"])
            .create({"profile_id": self.profile().id})
        )
        wizard.action_choose()
        self.assertEqual(unknown.case_id, self.case)
        self.assertEqual(unknown.person_id.parent_id, self.customer)

    def test_nobody_writes_rows_by_hand(self):
        for user in (self.nikos, self.manager):
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                self.Incoming.with_user(user).create({"subject": "Made up"})
        row = self.receive(self.mail("maria@aegean.example.com"))
        for name, value in (("profile_id", False), ("kind", "auto"), ("handled_by", self.dana.id)):
            with self.subTest(field=name), self.assertRaises(AccessError):
                row.with_user(self.manager).write({name: value})

    def test_a_debt_manager_corrects_the_address_of_an_own_customer(self):
        message, _mail = self.sent()
        row = self.receive(self.bounce_of(message)).with_user(self.nikos)
        wizard = (
            self
            .env["collection.incoming.address"]
            .with_user(self.nikos)
            .with_context(**row.action_correct_address()["context"])
            .create({"new_email": "m@aegean.example.com", "send_again": False})
        )
        wizard.action_correct()
        self.assertEqual(self.maria.email, "m@aegean.example.com")
        self.assertEqual((row.state, row.handled_by), ("done", self.nikos))
