# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Writing by hand."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .message_common import MessageCommon


@tagged("post_install", "-at_install")
class TestComposer(MessageCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann = cls.person("ann", "collection.group_debt_manager")
        cls.leader = cls.person("leader", "collection.group_team_leader")
        cls.move = cls.invoice(amount=410.0, due=-20)
        team = cls.env["collection.team"].create({
            "name": "North",
            "leader_id": cls.leader.id,
            "member_ids": [Command.set([cls.ann.id])],
        })
        cls.profile().write({
            "debt_manager_id": cls.ann.id,
            "team_id": team.id,
            "payment_contact_id": cls.maria.id,
        })
        cls.cases().write({"debt_manager_id": cls.ann.id, "team_id": team.id})
        cls.at_once()

    @classmethod
    def person(cls, login, groups):
        return new_test_user(
            cls.env,
            f"compose_{login}",
            name=login.capitalize(),
            email=f"{login}@company.example.com",
            groups=groups,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def open(self, records=None, user=None, **context):
        """Return the dialog as the button on a record opens it."""
        records = (records or self.cases()).with_user(user or self.ann)
        self.env.flush_all()
        self.env.invalidate_all()
        action = records.action_write_message()
        return Form(
            self
            .env[action["res_model"]]
            .with_user(user or self.ann)
            .with_context(**{**action["context"], **context})
        )

    def press_send(self, form, method="action_send"):
        """Press a button of the dialog; return the message it made and the mails that left."""
        wizard = form.save()
        with self.mock_mail_gateway():
            answer = getattr(wizard, method)()
            mails = list(self._mails)
        self.env.invalidate_all()
        message = self.Message.search(
            [("profile_id", "=", self.profile().id)], limit=1, order="id desc"
        )
        return message, mails, answer

    # ------------------------------------------------------------
    # WHAT THE DIALOG SUGGESTS
    # ------------------------------------------------------------

    def test_from_a_case_everything_is_chosen_already(self):
        form = self.open()
        self.assertEqual(form.person_id, self.maria)
        self.assertEqual(form.case_id, self.cases())
        self.assertEqual(form.item_ids[:], self.items(self.move))
        self.assertEqual(form.template_id, self.env.ref("collection_message.mail_template_second"))
        self.assertIn("410.00", form.subject)
        self.assertIn(self.move.name, form.body)
        self.assertTrue(form.gate_allows)

    def test_later_items_get_a_firmer_template(self):
        for late, template in ((-1, "first"), (-16, "second"), (-31, "third"), (-61, "final")):
            with self.subTest(late=late):
                partner = self.env["res.partner"].create({
                    "name": f"Late {late}",
                    "is_company": True,
                    "email": "late@example.com",
                })
                self.invoice(partner, due=late)
                form = self.open(self.profile(partner), user=self.env.user)
                self.assertEqual(
                    form.template_id, self.env.ref(f"collection_message.mail_template_{template}")
                )

    def test_from_the_customer_and_from_some_items(self):
        self.invoice(amount=90.0, due=20)
        form = self.open(self.profile())
        self.assertEqual(form.item_ids[:], self.items(self.move), "the overdue ones")
        form = self.open(self.items(self.move))
        self.assertEqual(form.profile_id, self.profile())
        self.invoice(self.other_customer)
        with self.assertRaises(UserError):
            self.open(
                self.items(self.move) | self.profile(self.other_customer).item_ids,
                user=self.env.user,
            )

    def test_the_channel_chooses_template_and_person(self):
        self.maria.email = False
        form = self.open()
        self.assertEqual(form.person_id, self.customer, "who pays has no address")
        form = self.open(default_channel="sms")
        self.assertEqual(form.person_id, self.maria)
        self.assertIn("410.00", form.sms_text)
        form.channel = "letter"
        self.assertEqual(form.template_id, self.env.ref("collection_message.mail_template_letter"))

    def test_another_template_and_language_make_another_text(self):
        self.env["res.lang"]._activate_lang("el_GR")
        template = self.env.ref("collection_message.mail_template_final")
        template.with_context(lang="el_GR").subject = "Τελευταία ειδοποίηση"
        form = self.open()
        form.template_id = template
        self.assertIn("final notice", form.subject)
        self.assertTrue(form.attach_invoices)
        form.lang = "el_GR"
        self.assertEqual(form.subject, "Τελευταία ειδοποίηση")

    # ------------------------------------------------------------
    # SENDING
    # ------------------------------------------------------------

    def test_a_message_goes_out_in_the_name_of_who_looks_after_the_customer(self):
        form = self.open()
        form.attach_statement = False
        message, [mail], answer = self.press_send(form)
        self.assertEqual(message.state, "sent", message.error)
        self.assertEqual(message.user_id, self.ann)
        self.assertEqual(mail["email_from"], '"Ann" <ann@company.example.com>')
        self.assertEqual(mail["email_to"], ['"Maria Pappa" <maria@aegean.example.com>'])
        self.assertEqual(answer["params"]["type"], "success")
        self.assertFalse(message.own_text)
        self.assertEqual(self.cases().last_contact_id.message_id, message)

    def test_a_text_changed_by_hand_is_sent_as_it_stands(self):
        form = self.open()
        form.attach_statement = False
        form.subject = "As we agreed"
        form.body = "<p>Thank you for the call.</p>"
        message, [mail], _answer = self.press_send(form)
        self.assertTrue(message.own_text)
        self.assertEqual(mail["subject"], "As we agreed")
        self.assertIn("Thank you for the call.", mail["body"])

    def test_an_earlier_message_is_quoted_below(self):
        form = self.open()
        form.attach_statement = False
        first, _mails, _answer = self.press_send(form)
        form = self.open()
        form.attach_statement = False
        form.earlier_id = first
        self.assertIn("we wrote", form.body)
        _message, [mail], _answer = self.press_send(form)
        self.assertIn("we wrote", mail["body"])

    def test_files_go_along(self):
        file = (
            self
            .env["ir.attachment"]
            .with_user(self.ann)
            .create({
                "name": "delivery.txt",
                "raw": b"Signed",
                "res_model": "collection.message.compose",
            })
        )
        form = self.open()
        form.attach_statement = False
        form.attachment_ids.add(file)
        message, [mail], _answer = self.press_send(form)
        self.assertEqual([name for name, *_rest in mail["attachments"]], ["delivery.txt"])
        self.assertEqual((file.res_model, file.res_id), ("collection.message", message.id))

    # ------------------------------------------------------------
    # THE GATE
    # ------------------------------------------------------------

    def hold(self):
        self.profile().sudo().write({"hold": True, "hold_reason": "Merger"})

    def test_the_dialog_says_what_the_gate_says(self):
        self.hold()
        form = self.open()
        self.assertFalse(form.gate_allows)
        self.assertIn("Merger", form.gate_text)
        self.assertFalse(form.may_override)
        message, mails, answer = self.press_send(form)
        self.assertFalse(mails)
        self.assertEqual(message.state, "stopped")
        self.assertEqual(message.gate_log_ids.code, "hold")
        self.assertEqual(answer["params"]["type"], "danger")

    def test_overriding_needs_the_right_and_a_reason(self):
        self.hold()
        form = self.open(user=self.leader)
        self.assertTrue(form.may_override)
        form.attach_statement = False
        form.override_reason = "Asked for it on the phone"
        message, mails, _answer = self.press_send(form)
        self.assertEqual(len(mails), 1)
        self.assertEqual(message.state, "sent")
        self.assertEqual(message.override_reason, "Asked for it on the phone")
        log = message.gate_log_ids
        self.assertEqual(log.override_reason, "Asked for it on the phone")
        self.assertEqual(log.user_id, self.leader)

    def test_a_debt_manager_cannot_override(self):
        self.hold()
        form = self.open()
        wizard = form.save()
        wizard.override_reason = "I want to"
        with self.assertRaises(AccessError):
            wizard.action_send()
        message = self.plan()
        with self.assertRaises(AccessError):
            message.with_user(self.ann).override_reason = "I want to"

    def test_send_when_allowed(self):
        self.env["collection.gate.policy"].create({
            "name": "Once a day",
            "cap_ids": [Command.create({"count": 1, "days": 1})],
        })
        self.log_call()
        form = self.open()
        self.assertFalse(form.gate_allows)
        self.assertTrue(form.gate_retry_at)
        retry_at = form.gate_retry_at
        message, mails, _answer = self.press_send(form, "action_send_when_allowed")
        self.assertFalse(mails)
        self.assertEqual((message.state, message.planned_on), ("planned", retry_at))

    def test_what_is_blocked_is_named_and_left_out(self):
        other = self.invoice(amount=75.0, due=-20)
        item = self.items(other)
        item._block("dispute", amount=item.amount_residual)
        form = self.open(self.items(self.move | other))
        form.attach_statement = False
        self.assertTrue(form.gate_allows)
        self.assertIn(other.name, form.gate_text)
        message, [mail], _answer = self.press_send(form)
        self.assertNotIn(other.name, mail["body"])
        self.assertEqual(message.item_ids, self.items(self.move))

    def test_somebody_elses_customer_cannot_be_written_to(self):
        self.invoice(self.other_customer)
        profile = self.profile(self.other_customer)
        with self.assertRaises(AccessError):
            self.open(profile)
