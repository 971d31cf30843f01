# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What the run carries out by itself, and what becomes of it."""

from unittest.mock import patch

from odoo import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .strategy_common import StrategyCommon

EXECUTE_LOG = "odoo.addons.collection_strategy.models.collection_action_execute"


@tagged("post_install", "-at_install")
class TestExecution(StrategyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leader = cls.colleague("leader_execution", "collection.group_team_leader")
        cls.clerk = cls.colleague("clerk_execution", "collection.group_debt_manager")
        cls.team = cls.env["collection.team"].create({
            "name": "South",
            "company_id": cls.company.id,
            "leader_id": cls.leader.id,
            "member_ids": [Command.link(cls.clerk.id)],
        })

    @classmethod
    def colleague(cls, login, group):
        return new_test_user(
            cls.env,
            login,
            group,
            email=f"{login}@company.example.com",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    # ------------------------------------------------------------
    # MESSAGES
    # ------------------------------------------------------------

    def test_a_reminder_goes_out_and_its_action_is_done(self):
        self.rule()
        move = self.invoice(due=-5)
        self.night()
        action = self.planned()
        self.assertEqual(action.message_id.state, "planned")
        self.assertEqual(action.message_id.sender, "company")
        [mail] = self.send()
        self.assertIn(move.name, mail["body"])
        self.assertEqual(action.message_id.state, "sent")
        self.assertEqual(action.state, "done")
        self.assertTrue(action.closed_on)
        self.night()
        self.assertFalse(self.send(), "once")
        self.assertEqual(len(self.actions()), 1)

    def test_a_paid_invoice_between_planning_and_sending_is_not_reminded(self):
        self.rule()
        move = self.invoice(due=-5)
        self.night()
        action = self.planned()
        self.pay(move)
        self.assertEqual(action.state, "gone")
        self.assertEqual(action.message_id.state, "cancelled")
        self.assertFalse(self.send())

    def test_of_two_invoices_only_the_open_one_is_reminded(self):
        self.rule()
        paid, left = self.invoice(due=-5), self.invoice(due=-6)
        self.night()
        self.pay(paid)
        [mail] = self.send()
        self.assertIn(left.name, mail["body"])
        self.assertNotIn(paid.name, mail["body"])
        self.assertEqual(self.actions().state, "done")
        self.assertEqual(self.actions().item_ids, self.items(left))

    def test_what_the_gate_stops_says_why_and_is_tried_again_a_week_later(self):
        self.rule()
        self.invoice(due=-5)
        self.customer.collection_no_email = True
        self.night()
        self.assertFalse(self.send())
        action = self.actions()
        self.assertEqual(action.state, "stopped")
        self.assertIn("does not want to be contacted", action.close_reason)
        self.wait(1)
        self.night()
        self.assertFalse(self.planned())
        self.customer.collection_no_email = False
        self.wait(6)
        self.night()
        self.assertEqual(len(self.send()), 1)
        self.assertEqual(self.actions()[-1].state, "done")

    def test_a_message_that_failed_is_work_for_a_person(self):
        self.rule()
        self.invoice(due=-5)
        self.night()
        with self.broken_server(ConnectionRefusedError("no server")):
            self.Message.sudo()._cron_send()
        self.env.invalidate_all()
        self.assertEqual(self.actions().state, "failed")
        self.assertIn("no server", self.actions().close_reason)
        work = self.Action.search([
            ("partner_id", "=", self.customer.id),
            ("source", "=", "message"),
        ])
        self.assertEqual((work.kind, work.state), ("check_message", "planned"))

    def test_a_letter_waits_for_the_printer(self):
        self.rule(
            action="letter",
            template_id=self.env.ref("collection_message.mail_template_letter").id,
        )
        self.invoice(due=-5)
        self.night()
        action = self.planned()
        self.assertEqual((action.kind, action.message_id.channel), ("letter", "letter"))
        new = self.invoice(due=-3)
        self.wait(1)
        self.night()
        self.assertEqual(len(self.messages()), 1, "not two letters in one envelope run")
        content = b"%PDF-1.4 letter"
        Report = type(self.env["ir.actions.report"])
        with patch.object(Report, "_render_qweb_pdf", lambda *args, **kwargs: (content, "pdf")):
            action.message_id.action_print()
        self.assertEqual(action.state, "done")
        self.night()
        self.assertEqual(self.planned().item_ids, self.items(new))

    def test_carrying_out_again_has_no_further_effect(self):
        self.rule()
        self.invoice(due=-5)
        self.night()
        for _again in range(2):
            self.Action.sudo()._cron_execute()
        self.assertEqual(len(self.messages()), 1)

    def test_an_sms(self):
        self.rule(action="sms")
        self.invoice(due=-5)
        self.night()
        message = self.planned().message_id
        self.assertEqual((message.channel, message.kind), ("sms", "overdue"))
        self.assertEqual(message.sms_template_id, self.planned().rule_id.sms_template_id)

    # ------------------------------------------------------------
    # POSTED INVOICES
    # ------------------------------------------------------------

    def invoice_with_pdf(self, **vals):
        move = self.invoice(due=30, invoice_date=self.day(), **vals)
        self.env["ir.attachment"].create({
            "name": "Invoice.pdf",
            "raw": b"%PDF-1.4 invoice",
            "mimetype": "application/pdf",
            "res_model": move._name,
            "res_id": move.id,
            "res_field": "invoice_pdf_report_file",
        })
        move.invalidate_recordset(["invoice_pdf_report_id", "invoice_pdf_report_file"])
        return move

    def test_a_posted_invoice_is_sent_once_with_its_pdf(self):
        self.rule(message_kind="invoice", use_days="any", posted_within_days=3)
        move = self.invoice_with_pdf()
        self.night()
        self.assertEqual(self.planned().message_kind, "invoice")
        [mail] = self.send()
        self.assertEqual([name for name, *_rest in mail["attachments"]], ["Invoice.pdf"])
        self.assertTrue(move.is_move_sent)
        self.assertEqual(self.actions().state, "done")
        self.wait(1)
        later = self.invoice_with_pdf()
        self.night()
        self.assertEqual(self.planned().item_ids, self.items(later))

    def test_an_invoice_somebody_has_sent_is_not_sent_again(self):
        self.rule(message_kind="invoice", use_days="any", posted_within_days=3)
        move = self.invoice_with_pdf()
        move.is_move_sent = True
        self.env.flush_all()
        self.night()
        self.assertFalse(self.actions())

    # ------------------------------------------------------------
    # OTHER KINDS
    # ------------------------------------------------------------

    def test_a_hold_ends_by_itself(self):
        self.rule(action="hold", applies_to="profile", hold_days=10, hold_reason="In talks")
        self.rule(action="call")
        self.invoice(due=-5)
        self.night()
        profile = self.profile()
        self.assertTrue(profile.is_held)
        self.assertEqual((profile.hold_reason, profile.hold_until), ("In talks", self.day(10)))
        self.assertEqual(self.actions(kind="hold").state, "done")
        self.assertEqual(self.actions(kind="call").state, "gone")
        self.wait(11)
        self.night()
        self.assertEqual(self.planned().kind, "call")

    def test_another_debt_manager_for_customer_and_case(self):
        self.rule(action="change_manager", debt_manager_id=self.clerk.id, name="To the clerk")
        self.invoice(due=-5)
        self.night()
        self.assertEqual(self.profile().debt_manager_id, self.clerk)
        self.assertEqual(self.cases().debt_manager_id, self.clerk)
        self.assertEqual(self.actions().state, "done")
        self.assertTrue(
            any("To the clerk" in (body or "") for body in self.cases().message_ids.mapped("body"))
        )

    def test_an_activity_on_the_case_for_a_person_a_role_or_the_debt_manager(self):
        self.invoice(due=-5)
        self.cases().write({"debt_manager_id": self.clerk.id, "team_id": self.team.id})
        self.rule(action="activity", name="Look", activity_summary="Look into it")
        self.rule(
            action="activity",
            name="Lead",
            group_id=self.env.ref("collection.group_team_leader").id,
        )
        self.rule(action="activity", name="You", activity_user_id=self.env.user.id)
        self.night()
        activities = self.cases().activity_ids
        self.assertEqual(len(activities), 3)
        self.assertEqual(activities.user_id, self.clerk | self.leader | self.env.user)
        self.assertIn("Look into it", activities.mapped("summary"))
        self.assertEqual(set(self.actions().mapped("state")), {"done"})

    def test_an_activity_without_a_case_is_work_itself(self):
        self.rule(action="activity", use_days="from", days_from=-30)
        self.invoice(due=10)
        self.profile().debt_manager_id = self.clerk
        self.night()
        action = self.planned()
        self.assertEqual((action.kind, action.user_id), ("activity", self.clerk))

    def test_escalations_and_write_offs_wait_for_a_person(self):
        self.rule(action="escalate")
        self.rule(action="suggest_writeoff")
        self.invoice(due=-5)
        self.profile().team_id = self.team
        self.cases().team_id = self.team
        self.night()
        self.assertEqual(set(self.planned().mapped("kind")), {"escalate", "suggest_writeoff"})
        self.assertEqual(self.planned(kind="escalate").responsible_id, self.leader)

    def test_add_ons_add_kinds_by_naming_a_method(self):
        done = []

        def execute(actions, rule):
            done.extend(actions.profile_id)
            return actions

        Action = type(self.Action)
        kinds = {**self.Action._action_kinds(), "suggest_writeoff": "_execute_charge"}
        self.rule(action="suggest_writeoff")
        self.invoice(due=-5)
        with (
            patch.object(Action, "_action_kinds", lambda self: kinds),
            patch.object(Action, "_execute_charge", execute, create=True),
        ):
            self.night()
        self.assertEqual(done, list(self.profile()))
        self.assertEqual(self.actions().state, "done")

    def test_what_fails_is_a_person_s_and_holds_up_nothing_else(self):
        def refuse(actions, rule):
            raise ValueError("out of order")

        self.rule(action="hold", applies_to="profile")
        self.rule(name="Reminder")
        self.invoice(due=-5)
        with (
            patch.object(type(self.Action), "_execute_hold", refuse),
            mute_logger(EXECUTE_LOG),
        ):
            self.night()
        self.assertEqual(self.actions(kind="hold").state, "failed")
        self.assertEqual(self.actions(kind="hold").close_reason, "out of order")
        self.assertEqual(len(self.messages()), 1)

    def test_one_that_fails_does_not_take_the_others_along(self):
        original = type(self.Action)._execute_hold
        broken = self.customer

        def refuse_one(actions, rule):
            if broken in actions.partner_id:
                raise ValueError("out of order")
            return original(actions, rule)

        self.rule(action="hold", applies_to="profile")
        self.invoice(due=-5)
        self.invoice(self.other_customer, due=-5)
        with (
            patch.object(type(self.Action), "_execute_hold", refuse_one),
            mute_logger(EXECUTE_LOG),
        ):
            self.night()
        self.assertEqual(self.actions().state, "failed")
        self.assertEqual(self.actions(self.other_customer).state, "done")
        self.assertTrue(self.profile(self.other_customer).is_held)
