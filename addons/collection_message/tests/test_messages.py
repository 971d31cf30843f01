# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""From planning to sending: what goes out, once, and what does not."""

from unittest.mock import patch

from psycopg2.extensions import TransactionRollbackError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.sms.tools.sms_api import SmsApi

from .message_common import MessageCommon


@tagged("post_install", "-at_install")
class TestSending(MessageCommon):
    # ------------------------------------------------------------
    # WHAT GOES OUT
    # ------------------------------------------------------------

    def test_a_reminder_goes_out_in_the_correspondence_of_the_case(self):
        move = self.invoice(amount=250.0)
        case = self.cases()
        message = self.plan(case_id=case.id)
        self.assertEqual(message.person_id, self.customer, "nobody is named who pays")
        mails = self.send()
        self.assertEqual(message.state, "sent")
        self.assertTrue(message.sent_on)
        self.assertEqual(len(mails), 1)
        self.assertEqual(mails[0]["email_to"], ['"Aegean Trading" <office@aegean.example.com>'])
        self.assertIn(move.name, mails[0]["body"])
        self.assertIn("250.00", mails[0]["subject"])
        self.assertEqual(message.mail_message_id.model, "collection.case")
        self.assertEqual(message.mail_message_id.res_id, case.id)
        self.assertIn(message.mail_message_id, case.message_ids)
        self.assertEqual(message.mail_id.state, "sent")

    def test_without_a_case_it_stands_at_the_customer(self):
        self.company.collection_min_amount = 5000
        self.invoice()
        message = self.plan()
        self.send()
        self.assertEqual(message.mail_message_id.model, "collection.profile")
        self.assertEqual(message.state, "sent")

    def test_a_sent_message_leaves_a_contact_that_caps_see(self):
        self.invoice()
        message = self.plan(case_id=self.cases().id)
        self.send()
        log = self.profile().contact_log_ids
        self.assertEqual(len(log), 1)
        self.assertEqual(
            (log.channel, log.direction, log.contact_id, log.case_id),
            ("email", "out", self.customer, self.cases()),
        )
        self.assertEqual(log.message_id, message)
        self.assertEqual(message.contact_log_id, log)
        self.send()
        self.assertEqual(len(self.profile().contact_log_ids), 1)

    def test_it_is_written_to_who_pays_in_their_language(self):
        self.env["res.lang"]._activate_lang("el_GR")
        self.maria.lang = "el_GR"
        self.invoice()
        self.profile().payment_contact_id = self.maria
        template = self.env.ref("collection_message.mail_template_second")
        template.with_context(lang="el_GR").subject = "Δεύτερη υπενθύμιση"
        message = self.plan()
        self.assertEqual((message.person_id, message.lang), (self.maria, "el_GR"))
        [mail] = self.send()
        self.assertEqual(mail["subject"], "Δεύτερη υπενθύμιση")

    def test_hebrew_reads_from_right_to_left_in_any_mail_program(self):
        self.env["res.lang"]._activate_lang("he_IL")
        self.maria.lang = "he_IL"
        self.invoice()
        self.profile().payment_contact_id = self.maria
        message = self.plan()
        self.send()
        self.assertTrue(message.body.startswith('<div dir="rtl">'))
        self.maria.lang = "en_US"
        self.assertNotIn(
            "rtl", self.plan(person_id=self.maria.id, lang="en_US")._prepare_texts().body
        )

    def test_the_sender_is_the_debt_manager_the_team_or_the_company(self):
        self.invoice()
        ann = new_test_user(
            self.env,
            "ann",
            name="Ann",
            email="ann@company.example.com",
            groups="collection.group_debt_manager",
        )
        leader = new_test_user(
            self.env,
            "lea",
            name="Lea",
            email="lea@company.example.com",
            groups="collection.group_team_leader",
        )
        team = self.env["collection.team"].create({"name": "North", "leader_id": leader.id})
        self.profile().write({"debt_manager_id": ann.id, "team_id": team.id})
        senders = {
            "debt_manager": '"Ann" <ann@company.example.com>',
            "team": '"Lea" <lea@company.example.com>',
            "company": self.company.email_formatted,
        }
        for sender, address in senders.items():
            with self.subTest(sender=sender):
                message = self.plan(sender=sender)
                [mail] = self.send()
                self.assertEqual(mail["email_from"], address)
                self.assertEqual(message.sender_email, address)

    def test_the_stored_pdf_of_an_invoice_goes_along_and_is_not_made_again(self):
        move = self.invoice()
        pdf = self.env["ir.attachment"].create({
            "name": "invoice.pdf",
            "raw": b"%PDF stored",
            "mimetype": "application/pdf",
            "res_model": "account.move",
            "res_id": move.id,
            "res_field": "invoice_pdf_report_file",
        })
        move.invalidate_recordset()
        self.plan(attach_invoices=True)
        report = type(self.env["ir.actions.report"])
        with patch.object(report, "_render_qweb_pdf", side_effect=AssertionError("made again")):
            [mail] = self.send()
        self.assertEqual([name for name, _raw, _kind in mail["attachments"]], [pdf.name])

    def test_a_pdf_that_is_missing_is_made_and_stored(self):
        move = self.invoice()
        self.plan(attach_invoices=True)
        with patch.object(
            type(self.env["ir.actions.report"]), "_render_qweb_pdf", return_value=(b"%PDF", "pdf")
        ) as render:
            [mail] = self.send()
            self.plan(attach_invoices=True, kind="other")
            self.send()
        self.assertEqual(render.call_count, 1)
        self.assertEqual(move.invoice_pdf_report_id.raw, b"%PDF")
        self.assertEqual(len(mail["attachments"]), 1)

    def test_an_attachment_that_cannot_be_made_stops_its_message_only(self):
        self.invoice()
        self.invoice(self.other_customer)
        broken = self.plan(attach_invoices=True)
        fine = self.plan(items=self.profile(self.other_customer)._messageable_items())
        with patch.object(
            type(self.env["ir.actions.report"]),
            "_render_qweb_pdf",
            side_effect=UserError("No printer"),
        ):
            self.assertEqual(len(self.send()), 1)
        self.assertEqual((broken.state, fine.state), ("failed", "sent"))
        self.assertIn("No printer", broken.error)

    # ------------------------------------------------------------
    # THE LEDGER AND THE GATE AT THE MOMENT OF SENDING
    # ------------------------------------------------------------

    def test_a_paid_invoice_between_planning_and_sending_is_not_reminded(self):
        move = self.invoice()
        message = self.plan()
        self.pay(move)
        self.assertFalse(self.send())
        self.assertEqual(message.state, "stopped")
        self.assertEqual(message.gate_log_ids.mapped("code"), ["paid"])
        self.assertIn(move.name, message.error)
        self.assertFalse(self.profile().contact_log_ids)

    def test_of_two_invoices_the_paid_one_falls_out_of_the_text(self):
        one, two = self.invoice(amount=100.0), self.invoice(amount=230.0)
        message = self.plan()
        self.pay(one)
        [mail] = self.send()
        self.assertEqual(message.item_ids, self.items(two))
        self.assertNotIn(one.name, mail["body"])
        self.assertIn("230.00", mail["subject"])
        self.assertEqual(message.gate_log_ids.item_ids, self.items(one))

    def test_a_text_written_by_hand_that_names_a_paid_invoice_is_not_sent(self):
        one, _two = self.invoice(amount=100.0), self.invoice(amount=230.0)
        message = self.plan(own_text=True, subject="Two invoices", body="<p>330.00, please</p>")
        self.pay(one)
        self.assertFalse(self.send())
        self.assertEqual(message.state, "stopped")
        self.assertTrue(message.activity_ids)

    def test_a_promise_made_meanwhile_stops_it(self):
        item = self.items(self.invoice())
        message = self.plan()
        item._block("promise", amount=item.amount_residual, until=self.days(3))
        self.assertFalse(self.send())
        self.assertEqual(message.state, "stopped")
        self.assertEqual(message.gate_log_ids.code, "promise")

    @freeze_time("2026-07-15 18:30:00")
    def test_in_quiet_hours_an_automatic_message_waits(self):
        self.invoice()
        self.customer.tz = "Europe/Athens"
        self.env["collection.gate.policy"].create({
            "name": "Hours",
            "window_ids": [
                Command.create({"weekday": str(day), "hour_from": 9, "hour_to": 20})
                for day in range(7)
            ],
        })
        message = self.plan(automatic=True)
        self.assertFalse(self.send())
        self.assertEqual(message.state, "planned")
        self.assertEqual(message.planned_on, self.utc("2026-07-16 06:00:00"))
        self.assertEqual(message.gate_log_ids.code, "quiet_hours")
        with freeze_time("2026-07-16 06:00:00"):
            self.assertEqual(len(self.send()), 1)
        self.assertEqual(message.state, "sent")

    def test_a_message_by_hand_in_quiet_hours_is_stopped_and_told(self):
        self.invoice()
        weekday = (fields.Date.today().weekday() + 3) % 7
        self.env["collection.gate.policy"].create({
            "name": "Hours",
            "window_ids": [
                Command.create({"weekday": str(weekday), "hour_from": 9, "hour_to": 10})
            ],
        })
        message = self.plan()
        self.send()
        self.assertEqual(message.state, "stopped")
        self.assertEqual(len(message.activity_ids), 1)

    def test_a_subject_is_plain_text_with_its_blanks_filled(self):
        template = self.env.ref("collection_message.mail_template_second").copy({
            "subject": "A & <B>: {{ object.company_id.name }}, {{ object.own_text |||nothing}}!",
        })
        self.invoice()
        message = self.plan(template_id=template.id)
        self.send()
        self.assertEqual(message.subject, f"A & <B>: {self.company.name}, nothing!")

    def test_one_chunk_keeps_the_cap(self):
        self.invoice()
        self.env["collection.gate.policy"].create({
            "name": "Once a day",
            "cap_ids": [Command.create({"count": 1, "days": 1})],
        })
        one, two = (
            self.plan(kind="overdue", automatic=True),
            self.plan(kind="upcoming", automatic=True),
        )
        self.assertEqual(len(self.send()), 1)
        self.assertEqual((one.state, two.state), ("sent", "planned"))
        self.assertEqual(two.planned_on.date(), fields.Date.add(fields.Date.today(), days=1))

    def test_what_was_possibly_sent_counts_until_a_person_has_decided(self):
        self.env["collection.gate.policy"].create({
            "name": "One a day",
            "cap_ids": [(0, 0, {"count": 1, "days": 1})],
        })
        doubted = self.interrupted()
        other = self.plan()
        self.assertFalse(self.send())
        self.assertIn("at most 1", other.error)
        with self.mock_mail_gateway():
            doubted.action_send_again()
        self.assertEqual(doubted.state, "sent", "it does not stand in its own way")

    def test_an_opt_out_stops_at_once(self):
        self.invoice()
        message = self.plan()
        self.customer.collection_no_email = True
        self.assertFalse(self.send())
        self.assertEqual(message.gate_log_ids.code, "opt_out")
        self.assertEqual(message.state, "stopped")

    # ------------------------------------------------------------
    # ONE MESSAGE A DAY
    # ------------------------------------------------------------

    def test_a_customer_gets_one_automatic_message_of_a_kind_a_day(self):
        self.invoice()
        first = self.plan(automatic=True)
        self.assertFalse(self.plan(automatic=True))
        self.assertTrue(self.plan(automatic=True, kind="upcoming"))
        self.assertTrue(self.plan(), "a person may write as often as they want")
        tomorrow = self.plan(automatic=True, business_date=self.days(1))
        self.assertTrue(tomorrow)
        first.action_cancel()
        self.assertTrue(self.plan(automatic=True))

    def test_of_two_in_one_call_the_second_is_left_out(self):
        self.invoice()
        values = {
            "profile_id": self.profile().id,
            "automatic": True,
            "kind": "overdue",
            "template_id": self.env.ref("collection_message.mail_template_first").id,
        }
        self.assertEqual(len(self.Message.sudo()._plan([values, values])), 1)

    # ------------------------------------------------------------
    # WHAT GOES WRONG
    # ------------------------------------------------------------

    def test_a_server_that_refuses_makes_work_for_a_person(self):
        self.invoice()
        ann = new_test_user(self.env, "ann", groups="collection.group_debt_manager")
        self.profile().debt_manager_id = ann
        message = self.plan()
        self.env.flush_all()
        with self.broken_server(UserError("Mailbox full")):
            self.Message.sudo()._cron_send()
        self.assertEqual(message.state, "failed")
        self.assertIn("Mailbox full", message.error)
        self.assertEqual(message.activity_ids.user_id, ann)
        self.assertFalse(self.profile().contact_log_ids)
        self.assertEqual(message.mail_id.state, "cancel", "the host's queue leaves it alone")
        # try again
        with self.mock_mail_gateway():
            message.action_retry()
            self.assertEqual(len(self._mails), 1)
        self.assertEqual(message.state, "sent")
        self.assertEqual(message.attempts, 2)
        self.assertFalse(message.activity_ids)
        self.assertEqual(len(self.profile().message_ids.filtered("subject")), 1)

    def test_a_server_that_is_away_fails_all_and_speaks_of_none(self):
        self.invoice()
        self.invoice(self.other_customer)
        messages = self.plan() | self.plan(
            items=self.profile(self.other_customer)._messageable_items()
        )
        self.env.flush_all()
        with patch.object(
            type(self.env["ir.mail_server"]), "_connect__", side_effect=OSError(113, "No route")
        ):
            self.Message.sudo()._cron_send()
        self.assertEqual(messages.mapped("state"), ["failed", "failed"])
        self.assertEqual(messages.mapped("attempts"), [0, 0])
        self.assertIn("cannot be reached, and nothing was sent: No route", messages[0].error)

    def test_a_server_that_is_somebody_elses_own_is_not_used(self):
        self.invoice()
        ann = new_test_user(self.env, "ann", groups="collection.group_debt_manager")
        template = self.env.ref("collection_message.mail_template_first")
        template.mail_server_id = self.env["ir.mail_server"].create({
            "name": "Ann's own",
            "smtp_host": "smtp.example.com",
            "from_filter": "ann@example.com",
            "owner_user_id": ann.id,
        })
        message = self.plan(template_id=template.id)
        self.invoice(self.other_customer)
        other = self.plan(items=self.profile(self.other_customer)._messageable_items())
        self.assertEqual(len(self.send()), 1)
        self.assertEqual(message.state, "failed")
        self.assertIn("another user's mail server", message.error)
        self.assertTrue(message.activity_ids)
        self.assertEqual(other.state, "sent")

    def test_who_has_lost_their_address_meanwhile_gets_nothing_and_it_is_told(self):
        self.invoice()
        message = self.plan()
        prepare = type(self.env["mail.mail"])._prepare_outgoing_list

        def without_address(mail, *args, **kwargs):
            mail.recipient_ids = False
            return prepare(mail, *args, **kwargs)

        with patch.object(type(self.env["mail.mail"]), "_prepare_outgoing_list", without_address):
            self.assertFalse(self.send())
        self.assertEqual(message.state, "failed")
        self.assertIn("no address", message.error)

    def test_a_template_that_is_broken_fails_its_messages_only(self):
        self.invoice()
        self.invoice(self.other_customer)
        broken = self.env["mail.template"].create({
            "name": "Broken",
            "model_id": self.env["ir.model"]._get_id("collection.message"),
            "subject": "Hello",
            "body_html": '<p><t t-out="object.no_such_field"/></p>',
        })
        bad = self.plan(template_id=broken.id)
        fine = self.plan(items=self.profile(self.other_customer)._messageable_items())
        with mute_logger("odoo.addons.mail.models.mail_render_mixin"):
            self.assertEqual(len(self.send()), 1)
        self.assertEqual((bad.state, fine.state), ("failed", "sent"))
        self.assertIn("Broken", bad.error)

    def test_a_conflict_with_another_transaction_is_not_the_fault_of_the_message(self):
        self.invoice()
        message = self.plan()
        for step in ("_render_template", "_create_mail_each"):
            with (
                self.subTest(step),
                patch.object(type(self.Message), step, side_effect=TransactionRollbackError),
                self.assertRaises(TransactionRollbackError),
            ):
                self.send()
            self.assertEqual(message.state, "planned")
            message.sudo().claim = False
        self.assertEqual(len(self.send()), 1)

    def test_a_message_without_text_fails(self):
        self.invoice()
        message = self.plan(template_id=False)
        self.assertFalse(self.send())
        self.assertEqual(message.state, "failed")

    def interrupted(self):
        """Return a message in whose sending the worker died."""
        self.invoice()
        message = self.plan(case_id=self.cases().id)
        message.sudo()._create_mails()
        message.sudo()._set_state("sending", sending_since=fields.Datetime.now(), claim=1)
        self.env.flush_all()
        # nobody holds the lock of that claim
        self.env.cr.execute("SELECT setval('collection_message_claim_seq', 10, true)")
        self.send()
        return message

    def test_what_was_possibly_sent_waits_for_a_person(self):
        message = self.interrupted()
        self.assertEqual(message.state, "possibly_sent")
        self.assertEqual(len(message.activity_ids), 1)
        self.assertFalse(self.send(), "it is never sent again by itself")
        self.assertEqual(message.state, "possibly_sent")

    def test_it_was_sent(self):
        message = self.interrupted()
        message.action_was_sent()
        self.assertEqual(message.state, "sent")
        self.assertEqual(message.mail_id.state, "sent")
        self.assertEqual(self.profile().contact_log_ids.message_id, message)
        self.assertFalse(message.activity_ids)
        self.assertFalse(self.send())

    def test_send_again(self):
        message = self.interrupted()
        with self.mock_mail_gateway():
            message.action_send_again()
            self.assertEqual(len(self._mails), 1)
        self.assertEqual(message.state, "sent")
        with self.assertRaises(UserError):
            message.action_send_again()

    def test_what_a_dead_worker_had_only_claimed_is_sent(self):
        self.invoice()
        message = self.plan(case_id=self.cases().id)
        message.sudo()._create_mails()
        message.sudo().claim = 1
        self.env.cr.execute("SELECT setval('collection_message_claim_seq', 10, true)")
        self.assertEqual(len(self.send()), 1)
        self.assertEqual(message.state, "sent")
        self.assertEqual(
            len(
                self.cases().message_ids.filtered(
                    lambda known: known.message_type == "email_outgoing"
                )
            ),
            1,
        )

    def test_what_is_to_be_sent_wakes_every_sender(self):
        self.Message._wake_senders()
        woken = self.env["ir.cron.trigger"].search([]).cron_id
        senders = self.env.ref("collection_message.cron_send") | self.env.ref(
            "collection_message.cron_send_beside"
        )
        self.assertLessEqual(senders, woken)

    def test_who_has_only_one_sender_can_still_send(self):
        self.env.ref("collection_message.cron_send_beside").unlink()
        self.Message._wake_senders()
        self.assertIn(
            self.env.ref("collection_message.cron_send"),
            self.env["ir.cron.trigger"].search([]).cron_id,
        )

    def test_what_a_living_worker_has_claimed_is_left_alone(self):
        self.invoice()
        message = self.plan()
        with self.Message._claiming() as claim:
            message.sudo().claim = claim
            self.env.flush_all()
            with self.assertRaises(UserError):
                message.action_cancel()
            self.assertFalse(self.send())
        self.assertEqual(message.state, "planned")
        self.assertEqual(len(self.send()), 1)

    def test_the_hosts_queue_never_sends_our_mails(self):
        self.invoice()
        message = self.plan()
        message.sudo()._create_mails()
        self.env.flush_all()
        with self.mock_mail_gateway():
            self.env["mail.mail"].sudo().process_email_queue()
            # others' mails may wait in the queue too
            ours = [mail for mail in self._mails if message.email_to in str(mail["email_to"])]
        self.assertFalse(ours)
        self.assertEqual(message.state, "planned")

    # ------------------------------------------------------------
    # STATES
    # ------------------------------------------------------------

    def test_states_move_by_their_own_way_only(self):
        self.invoice()
        message = self.plan()
        with self.assertRaises(UserError):
            self.Message.create({
                "profile_id": self.profile().id,
                "person_id": self.maria.id,
                "state": "sent",
            })
        self.send()
        for state in ("planned", "cancelled", "failed"):
            with self.subTest(state=state), self.assertRaises(UserError):
                message.sudo().state = state
        with self.assertRaises(UserError):
            message.unlink()
        with self.assertRaises(UserError):
            message.action_retry()

    def test_what_is_sent_cannot_be_rewritten(self):
        self.invoice()
        message = self.plan()
        manager = new_test_user(self.env, "boss", groups="collection.group_collection_manager")
        self.send()
        for name, value in (("subject", "Other"), ("body", "Other"), ("state", "failed")):
            with self.subTest(field=name), self.assertRaises(AccessError):
                message.with_user(manager).write({name: value})

    def test_nothing_leaves_a_neutralized_copy(self):
        self.invoice()
        message = self.plan()
        self.env["ir.config_parameter"].sudo().set_param("database.is_neutralized", "True")
        self.assertFalse(self.send())
        self.assertEqual(message.state, "planned")
        with self.mock_mail_gateway():
            message.action_send_now()
            self.assertFalse(self._mails)
        self.assertEqual(message.state, "failed")
        self.assertIn("copy", message.error)

    def test_a_merge_of_customers_keeps_their_messages(self):
        self.invoice()
        self.invoice(self.other_customer)
        message = self.plan(items=self.profile(self.other_customer)._messageable_items())
        self.send()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.customer | self.other_customer).ids, self.customer, extra_checks=False)
        self.assertEqual(message.profile_id, self.profile())


@tagged("post_install", "-at_install")
class TestSms(MessageCommon):
    def setUp(self):
        super().setUp()
        self.handed_over = []
        self.answer = answer = {"state": "success"}

        def send_batch(_api, messages, delivery_reports_url=False):
            numbers = [number for message in messages for number in message["numbers"]]
            self.handed_over += [message["content"] for message in messages]
            return [{"uuid": number["uuid"], **answer} for number in numbers]

        self.patch(SmsApi, "_send_sms_batch", send_batch)

    def plan_sms(self, **vals):
        return self.plan(
            channel="sms",
            template_id=False,
            sms_template_id=self.env.ref("collection_message.sms_template_overdue").id,
            **vals,
        )

    def test_an_sms_goes_out_by_the_hosts_means(self):
        self.invoice(amount=320.0)
        message = self.plan_sms(case_id=self.cases().id)
        self.send()
        self.assertEqual(message.state, "sent", message.error)
        self.assertEqual(len(self.handed_over), 1)
        self.assertIn("320.00", self.handed_over[0])
        self.assertEqual(message.mail_message_id.message_type, "sms")
        self.assertEqual(message.contact_log_id.channel, "sms")

    def test_an_sms_that_is_refused_makes_work(self):
        self.invoice()
        self.answer["state"] = "insufficient_credit"
        message = self.plan_sms()
        self.send()
        self.assertEqual(message.state, "failed")
        self.assertTrue(message.activity_ids)
        self.assertFalse(message.contact_log_id)

    def test_an_opt_out_of_sms(self):
        self.invoice()
        self.customer.collection_no_sms = True
        message = self.plan_sms()
        self.send()
        self.assertEqual(message.state, "stopped")
        self.assertFalse(self.handed_over)
