# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The day's work: what stands on the list, in what order, and how it leaves it."""

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.collection.models.collection_cycle_step import CycleScope

from .strategy_common import StrategyCommon
from .worklist_common import WorklistCommon


@tagged("post_install", "-at_install")
class TestWorklist(WorklistCommon):
    # ------------------------------------------------------------
    # WHAT A ROW SAYS
    # ------------------------------------------------------------

    def test_a_row_says_whom_to_call_why_and_what_to_say(self):
        call = self.planned()
        page = self.worklist()
        [row] = page["rows"]
        self.assertEqual(row["id"], call.id)
        self.assertEqual(row["customer"], "Aegean Trading")
        self.assertEqual(row["person"]["name"], "Maria Pappa")
        self.assertEqual(row["person"]["phone"], "+30 210 7654321")
        self.assertEqual(row["why"], "10 days late")
        self.assertEqual(row["amount"], 1000.0)
        self.assertEqual(row["days_late"], 10)
        self.assertEqual(row["minutes"], 7)
        script = str(page["detail"]["script"]["html"])
        self.assertIn("Good day Maria Pappa, this is Debt Manager.", script)
        self.assertIn("Aegean Trading owes us", script)
        self.assertIn("10 days late", script)
        self.assertIn("1,000.00", script)
        [item] = page["detail"]["items"]
        self.assertEqual(item["name"], self.own_invoice.name)
        self.assertEqual(page["detail"]["buttons"][0]["name"], "log")

    def test_who_has_no_person_is_called_by_the_number_of_the_customer(self):
        self.own_case.payment_contact_id = False
        self.profile().payment_contact_id = False
        self.planned()
        [row] = self.worklist()["rows"]
        self.assertEqual(row["person"]["name"], "Aegean Trading")
        self.assertEqual(row["person"]["phone"], "+30 210 1234567")
        self.env["collection.partner.contact"].create({
            "partner_id": self.customer.id,
            "contact_id": self.maria.id,
            "is_primary": True,
        })
        [row] = self.worklist()["rows"]
        self.assertEqual(row["person"]["name"], "Maria Pappa")

    def test_the_highest_score_comes_first_then_the_day_and_the_hour(self):
        low = self.planned(score=10)
        late = self.planned(score=50, planned_for=self.days(-3))
        noon = self.planned(score=50, planned_at=12.0)
        morning = self.planned(score=50, planned_at=9.5)
        self.assertEqual(self.listed(), late + morning + noon + low)

    def test_the_list_counts_down(self):
        first = self.planned(score=50, minutes=10)
        self.planned(minutes=5)
        page = self.worklist()
        self.assertEqual((page["left"], page["done_today"], page["minutes_left"]), (2, 0, 15))
        self.as_user(first, "debt_manager")._done("They pay tomorrow")
        page = self.worklist()
        self.assertEqual((page["left"], page["done_today"], page["minutes_left"]), (1, 1, 5))
        self.assertEqual(first.close_reason, "They pay tomorrow")
        self.assertEqual(first.closed_by_id, self.users["debt_manager"])

    def test_a_long_list_is_turned_page_by_page(self):
        calls = self.Action.union(*(self.planned(score=90 - number) for number in range(7)))
        first = self.worklist(limit=3)
        self.assertEqual([row["id"] for row in first["rows"]], calls[:3].ids)
        self.assertEqual((first["count"], first["left"]), (7, 7))
        last = self.worklist(limit=3, offset=6)
        self.assertEqual([row["id"] for row in last["rows"]], calls[6:].ids)
        chosen = self.worklist(limit=3, selected_id=calls[1].id)
        self.assertEqual(chosen["detail"]["id"], calls[1].id)

    def test_who_does_something_for_two_reasons_sees_it_once(self):
        self.team.share_cases = True
        call = self.planned(user_id=False)
        self.assertEqual(self.listed(), call)
        self.assertEqual(self.worklist()["left"], 1)

    def test_only_work_of_today_stands_on_the_list(self):
        self.planned(planned_for=self.days(1))
        self.planned(kind="email")
        self.assertFalse(self.listed())

    def test_a_kind_of_work_can_be_looked_at_alone(self):
        self.planned()
        escalation = self.planned(kind="escalate", user_id=self.users["debt_manager"].id)
        page = self.worklist(kinds=["escalate"])
        self.assertEqual([row["id"] for row in page["rows"]], escalation.ids)
        self.assertEqual((page["count"], page["left"]), (1, 2))
        self.assertEqual(
            {kind["key"]: kind["count"] for kind in page["kinds"]}, {"call": 1, "escalate": 1}
        )

    def test_the_number_of_queries_does_not_grow_with_the_rows(self):
        partners = self.env["res.partner"].create([
            {"name": f"Customer {number}", "phone": f"+30 210 {number:07}"} for number in range(200)
        ])
        profiles = self.env["collection.profile"]._get_or_create(self.company, partners)
        profiles.debt_manager_id = self.users["debt_manager"]
        views = {
            "mine": self.as_user(self.env["collection.worklist"], "debt_manager"),
            "all": self.as_user(self.env["collection.worklist"], "manager"),
        }
        counts = {scope: [] for scope in views}
        for some in (partners[:10], partners[10:]):
            for partner in some:
                self.planned(
                    partner, case=self.env["collection.case"], items=self.own_case.browse()
                )
            for scope, worklist in views.items():
                worklist.get_worklist(scope=scope, limit=200)
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                page = worklist.get_worklist(scope=scope, limit=200)
                counts[scope].append(self.env.cr.sql_log_count - before)
                self.assertEqual(len(page["rows"]), self.Action.search_count([]))
        for few, many in counts.values():
            self.assertLessEqual(many, few + 2)

    # ------------------------------------------------------------
    # WHOSE WORK IT IS
    # ------------------------------------------------------------

    def test_everybody_sees_the_work_of_their_own_customers(self):
        own = self.planned()
        other = self.planned(self.other_customer)
        self.assertEqual(self.listed("debt_manager"), own)
        self.assertEqual(self.listed(self.colleague), other)
        self.assertFalse(self.listed("manager"))

    def test_work_for_somebody_by_name_is_theirs(self):
        action = self.planned(self.other_customer, user_id=self.users["debt_manager"].id)
        self.assertEqual(self.listed("debt_manager"), action)
        self.assertFalse(self.listed(self.colleague))

    def test_the_team_leader_sees_the_work_of_the_team_and_who_has_it(self):
        own = self.planned()
        self.planned(self.other_customer)
        self.assertFalse(self.listed("team_leader"))
        page = self.worklist("team_leader", scope="all")
        self.assertEqual([row["id"] for row in page["rows"]], own.ids)
        self.assertEqual(
            [(person["name"], person["count"]) for person in page["people"]],
            [("Debt Manager", 1)],
        )
        manager = self.worklist("manager", scope="all")
        self.assertEqual(
            {person["name"]: person["count"] for person in manager["people"]},
            {"Debt Manager": 1, "Colleague": 1},
        )
        of_colleague = self.listed("manager", scope="all", person_id=self.colleague.id)
        self.assertEqual(of_colleague.partner_id, self.other_customer)

    def test_a_debt_manager_cannot_ask_for_the_work_of_others(self):
        self.planned(self.other_customer)
        own = self.planned()
        self.assertEqual(self.listed("debt_manager", scope="all"), own)

    def test_a_substitute_sees_the_work_of_who_is_away(self):
        own = self.planned()
        named = self.planned(self.other_customer, user_id=self.users["debt_manager"].id)
        self.env["collection.absence"].create({
            "user_id": self.users["debt_manager"].id,
            "substitute_id": self.colleague.id,
            "date_from": self.today,
            "date_to": self.days(5),
        })
        self.assertEqual(self.listed(self.colleague), own + named)
        self.as_user(own, self.colleague)._done("Spoke to Maria")
        self.assertEqual(own.closed_by_id, self.colleague)

    def test_an_escalation_goes_to_the_team_leader(self):
        escalation = self.planned(kind="escalate")
        self.assertFalse(self.listed("debt_manager"))
        self.assertEqual(self.listed("team_leader"), escalation)
        self.assertEqual(escalation.responsible_id, self.users["team_leader"])

    def test_an_escalation_without_a_leader_goes_to_the_collection_manager(self):
        escalation = self.planned(self.other_customer, kind="escalate")
        self.assertFalse(escalation.responsible_id)
        self.assertEqual(self.listed("manager"), escalation)

    def test_a_write_off_is_for_the_accountant_and_the_credit_manager(self):
        suggestion = self.planned(kind="suggest_writeoff")
        self.assertEqual(self.listed("accountant"), suggestion)
        self.assertEqual(self.listed("credit_manager"), suggestion)
        self.assertFalse(self.listed("debt_manager"))
        self.assertFalse(self.listed("manager"))

    def test_lists_group_work_by_who_does_it(self):
        self.planned()
        self.planned(self.other_customer)
        self.planned(kind="escalate")
        self.planned(kind="suggest_writeoff")
        groups = dict(self.Action._read_group([], ["responsible_id"], ["__count"]))
        nobody = self.env["res.users"]
        self.assertEqual(
            groups,
            {
                self.users["debt_manager"]: 1,
                self.colleague: 1,
                self.users["team_leader"]: 1,
                nobody: 1,
            },
        )
        for action in self.Action.search([]):
            found = self.Action.search([("responsible_id", "=", action.responsible_id.id)])
            self.assertIn(action, found)

    # ------------------------------------------------------------
    # HOW WORK LEAVES THE LIST
    # ------------------------------------------------------------

    def test_done_says_what_came_of_it(self):
        call = self.planned()
        dialog = self.run_button(call, "done")
        wizard = self.dialog(dialog).create({"reason": "Sent them a copy"})
        wizard.action_close()
        self.assertEqual(call.state, "done")
        self.assertEqual(call.close_reason, "Sent them a copy")
        self.assertFalse(self.listed())
        change = call.transition_ids
        self.assertEqual((change.from_state, change.to_state), ("planned", "done"))
        self.assertEqual(change.user_id, self.users["debt_manager"])

    def test_skipping_needs_a_reason(self):
        call = self.planned()
        dialog = self.run_button(call, "skip")
        wizard = self.dialog(dialog).create({})
        with self.assertRaisesRegex(UserError, "why"):
            wizard.action_close()
        self.assertEqual(call.state, "planned")
        wizard.skip_reason = "Spoke to them yesterday"
        wizard.action_close()
        self.assertEqual(call.state, "skipped")
        self.assertEqual(call.transition_ids.reason, "Spoke to them yesterday")
        self.assertFalse(self.listed())

    def test_what_is_resubmitted_returns_on_its_day(self):
        call = self.planned()
        dialog = self.run_button(call, "resubmit")
        wizard = self.dialog(dialog).create({
            "day": self.days(3),
            "time": 10.5,
            "reason": "Nobody there before",
        })
        wizard.action_resubmit()
        self.assertEqual(call.state, "planned")
        self.assertEqual(call.planned_for, self.days(3))
        self.assertEqual(call.resubmit_count, 1)
        self.assertFalse(self.listed())
        self.assertEqual(call.transition_ids.cause, "resubmission")
        call.sudo().planned_for = self.today
        page = self.worklist()
        self.assertEqual([row["id"] for row in page["rows"]], call.ids)
        self.assertEqual(page["rows"][0]["time"], 10.5)
        self.assertEqual(page["detail"]["history"][0]["reason"], "Nobody there before")

    def test_a_resubmission_lies_ahead_and_has_a_reason(self):
        call = self.as_user(self.planned(), "debt_manager")
        with self.assertRaisesRegex(UserError, "after"):
            call._resubmit(self.today, "Later")
        with self.assertRaisesRegex(UserError, "why"):
            call._resubmit(self.days(1), " ")
        call._resubmit(self.today, "At four", time=16.0)
        self.assertEqual(self.listed(), self.Action.browse(call.id))

    def test_moving_it_in_the_calendar_is_a_resubmission(self):
        call = self.as_user(self.planned(), "debt_manager")
        call.write({"planned_for": fields.Date.to_string(self.days(4)), "reason": "After lunch"})
        self.assertEqual((call.planned_for, call.resubmit_count), (self.days(4), 1))
        self.assertEqual(call.reason, "After lunch")
        self.assertEqual(call.transition_ids.planned_for, self.days(4))
        with self.assertRaises(UserError):
            call.planned_for = self.days(-1)

    def test_a_leader_reopens_what_was_skipped(self):
        call = self.planned()
        self.as_user(call, "debt_manager")._skip("No need")
        with self.assertRaises(AccessError):
            self.as_user(call, "debt_manager").action_reopen()
        self.as_user(call, "team_leader").action_reopen()
        self.assertEqual(call.state, "planned")
        self.assertFalse(call.close_reason)
        self.assertEqual(self.listed(), call)
        self.assertEqual(len(call.transition_ids), 2)

    def test_nobody_closes_what_is_closed(self):
        call = self.planned()
        self.as_user(call, "debt_manager")._done("Done")
        with self.assertRaises(UserError):
            self.as_user(call, "debt_manager")._skip("Too late")
        with self.assertRaises(UserError):
            self.run_button(call, "log")

    def test_states_are_written_by_their_methods_only(self):
        call = self.planned()
        with self.assertRaises(AccessError):
            self.as_user(call, "manager").write({"state": "done"})
        with self.assertRaises(UserError):
            self.as_user(self.Action, "debt_manager").create({
                "profile_id": self.profile().id,
                "kind": "call",
                "state": "done",
            })

    def test_a_logged_call_does_the_planned_call(self):
        call = self.planned()
        other = self.planned(self.other_customer)
        dialog = self.run_button(call, "log")
        wizard = self.dialog(dialog).create({
            "outcome_id": self.env.ref("collection.outcome_no_answer").id,
        })
        self.assertEqual(wizard.planned_action_ids, call)
        self.assertEqual(wizard.contact_id, self.maria)
        self.assertEqual(wizard.channel, "phone")
        wizard.action_log()
        self.assertEqual(call.state, "done")
        self.assertEqual(call.contact_log_id.contact_id, self.maria)
        self.assertIn(call.contact_log_id.outcome_id.name, call.close_reason)
        self.assertEqual(other.state, "planned")

    def test_a_call_logged_on_the_case_does_the_planned_call_too(self):
        call = self.planned()
        wizard = (
            self
            .as_user(self.env["collection.contact.log.wizard"], "debt_manager")
            .with_context(active_model="collection.case", active_id=self.own_case.id)
            .create({"channel": "phone", "note": "They called back"})
        )
        wizard.action_log()
        self.assertEqual(call.state, "done")

    def test_the_dialog_of_an_agreed_payment_asks_for_the_payment(self):
        call = self.planned()
        next_monday = self.days(7 - self.today.weekday())
        dialog = self.run_button(call, "promise")
        wizard = self.dialog(dialog).create({
            "agreed_date": next_monday,
            "agreed_way_id": self.env["collection.payment.way"].search([], limit=1).id,
        })
        self.assertEqual(wizard.outcome_id, self.env.ref("collection.outcome_promised"))
        self.assertEqual(wizard.agreed_amount, 1000.0)
        wizard.action_log()
        self.assertEqual(self.own_case.agreed_date, next_monday)
        self.assertEqual(call.state, "done")
        follow_up = self.Action.search([("source", "=", "activity")])
        self.assertEqual(follow_up.planned_for, fields.Date.add(next_monday, days=1))

    def test_a_call_passes_the_gate(self):
        call = self.planned()
        dial = self.run_button(call, "call")
        self.assertEqual(dial["tag"], "collection.dial")
        self.assertEqual(dial["params"]["phone"], "+30 210 7654321")
        self.assertTrue(self.worklist()["detail"]["gate"]["allowed"])
        self.profile().write({"hold": True, "hold_reason": "In talks"})
        self.planned()
        detail = self.worklist(selected_id=call.id)["detail"]
        self.assertFalse(detail["gate"]["allowed"])
        dialog = self.run_button(call, "call")
        wizard = self.dialog(dialog).create({})
        self.assertIn("hold", wizard.gate_text)
        self.assertFalse(wizard.may_override)
        with self.assertRaises(AccessError):
            wizard.action_call()
        logs = self.env["collection.gate.log"].search([("channel", "=", "phone")])
        self.assertIn("hold", logs.mapped("code"))
        self.assertEqual(logs.user_id, self.users["debt_manager"])

    def test_a_leader_calls_all_the_same_and_says_why(self):
        call = self.planned()
        self.profile().write({"hold": True, "hold_reason": "In talks"})
        dialog = self.run_button(call, "call", "team_leader")
        wizard = self.dialog(dialog, "team_leader").create({})
        self.assertTrue(wizard.may_override)
        with self.assertRaisesRegex(UserError, "why"):
            wizard.action_call()
        wizard.reason = "They asked for the call"
        self.assertEqual(wizard.action_call()["tag"], "collection.dial")
        overridden = self.env["collection.gate.log"].search([("override_reason", "!=", False)])
        self.assertEqual(overridden[:1].override_reason, "They asked for the call")
        self.maria.collection_no_phone = True
        wizard = self.dialog(dialog, "team_leader").create({"reason": "All the same"})
        self.assertFalse(wizard.may_override)

    def test_every_button_leads_somewhere(self):
        call = self.planned()
        models = {
            name: self.run_button(call, name).get("res_model")
            for name in ("log", "promise", "note", "email", "resubmit", "skip", "done")
        }
        self.assertEqual(
            models,
            {
                "log": "collection.contact.log.wizard",
                "promise": "collection.contact.log.wizard",
                "note": "collection.note",
                "email": "collection.message.compose",
                "resubmit": "collection.action.resubmit.wizard",
                "skip": "collection.action.close.wizard",
                "done": "collection.action.close.wizard",
            },
        )
        screen = self.run_button(call, "open")
        self.assertEqual(screen["tag"], "collection.customer_screen")
        with self.assertRaises(UserError):
            self.run_button(call, "send_again")

    def test_work_can_be_planned_by_hand(self):
        own = self.as_user(self.Action, "debt_manager").create({
            "profile_id": self.profile().id,
            "kind": "call",
            "reason": "Ask about the new address",
        })
        self.assertEqual(own.source, "manual")
        self.assertEqual(self.listed(), self.Action.browse(own.id))
        with self.assertRaises(AccessError):
            self.as_user(self.Action, "debt_manager").create({
                "profile_id": self.profile(self.other_customer).id,
                "kind": "call",
            })


@tagged("post_install", "-at_install")
class TestWorklistSources(WorklistCommon):
    """Mail, messages of unknown fate and activities are each one row, as long as they wait."""

    # ------------------------------------------------------------
    # MAIL
    # ------------------------------------------------------------

    def test_unread_mail_is_one_row_until_it_is_read(self):
        mail = self.incoming(self.customer)
        row = self.listed()
        self.assertEqual((row.kind, row.source, row.incoming_id), ("read", "incoming", mail))
        self.assertEqual(row.reason, "About your invoice")
        mail.sudo().subject = "About your invoice!"
        self.env.flush_all()
        self.Action._repair_sources()
        self.assertEqual(self.listed(), row)
        self.as_user(mail, "debt_manager").action_done()
        self.assertFalse(self.listed())
        self.assertEqual(row.state, "done")
        self.assertEqual(row.closed_by_id, self.users["debt_manager"])

    def test_the_row_of_a_mail_opens_it_answers_it_and_does_it(self):
        mail = self.incoming(self.customer)
        row = self.listed()
        names = [button["name"] for button in self.worklist()["detail"]["buttons"]]
        self.assertEqual(names[:2], ["read", "reply"])
        opened = self.run_button(row, "read")
        self.assertEqual((opened["res_model"], opened["res_id"]), ("collection.incoming", mail.id))
        self.assertEqual(self.run_button(row, "reply")["res_model"], "collection.message.compose")
        self.assertFalse(self.run_button(row, "done"))
        self.assertEqual(mail.state, "done")
        self.assertEqual(row.state, "done")
        self.assertFalse(self.listed())

    def test_mail_that_becomes_work_again_returns(self):
        mail = self.incoming(self.customer)
        row = self.listed()
        self.run_button(row, "done")
        self.as_user(mail, "debt_manager").action_unread()
        self.assertEqual(self.listed().incoming_id, mail)
        self.run_button(self.listed(), "done")
        self.as_user(row, "team_leader").action_reopen()
        self.assertEqual(mail.state, "unread")
        self.assertEqual(self.listed(), row)

    def test_what_came_back_asks_for_the_right_address(self):
        self.incoming(self.customer, kind="bounce", bounced_email="maria@aegean.example.com")
        row = self.listed()
        self.assertEqual(row.kind, "address")
        self.assertEqual(self.worklist()["detail"]["buttons"][0]["name"], "address")
        dialog = self.run_button(row, "address")
        wizard = self.dialog(dialog)
        self.assertTrue(wizard.has_access("create"))

    def test_mail_of_an_unknown_sender_is_work_of_leaders(self):
        mail = self.incoming(email_from="stranger@example.com")
        self.assertFalse(self.listed("debt_manager"))
        for role in ("team_leader", "manager"):
            page = self.worklist(role)
            [row] = page["rows"]
            self.assertEqual(row["customer"], "stranger@example.com")
            self.assertEqual(page["detail"]["buttons"][0]["name"], "choose")
        row = self.listed("manager")
        self.assertEqual(self.run_button(row, "choose", "manager")["type"], "ir.actions.act_window")
        mail.sudo().write({"profile_id": self.profile().id, "kind": "mail"})
        self.env.flush_all()
        self.assertEqual(self.listed("debt_manager"), row)
        self.assertFalse(self.listed("manager"))
        self.assertEqual(row.partner_id, self.customer)

    # ------------------------------------------------------------
    # MESSAGES
    # ------------------------------------------------------------

    def test_a_message_that_was_possibly_sent_waits_for_a_decision(self):
        message = self.message()
        row = self.listed()
        self.assertEqual((row.kind, row.message_id), ("check_message", message))
        with self.assertRaisesRegex(UserError, "sent"):
            self.as_user(row, "debt_manager")._skip("Never mind")
        self.Action._repair_sources()
        self.assertEqual(self.listed(), row)
        self.assertFalse(self.run_button(row, "was_sent"))
        self.assertEqual(message.state, "sent")
        self.assertEqual(row.state, "done")
        self.assertFalse(self.listed())

    def test_a_message_that_was_not_sent_is_sent_again(self):
        message = self.message()
        row = self.listed()
        self.run_button(row, "send_again")
        self.assertIn(message.state, ("planned", "sent", "stopped", "failed"))
        self.assertEqual(row.state, "done")

    def test_a_message_that_failed_is_cancelled(self):
        message = self.message("failed")
        row = self.listed()
        self.assertEqual(self.worklist()["detail"]["buttons"][0]["name"], "retry")
        self.run_button(row, "cancel")
        self.assertEqual(message.state, "cancelled")
        self.assertFalse(self.listed())

    # ------------------------------------------------------------
    # ACTIVITIES
    # ------------------------------------------------------------

    def activity(self, kind="collection.activity_type_call", **vals):
        return self.own_case.activity_schedule(
            kind,
            date_deadline=vals.pop("date_deadline", self.today),
            summary="Ask for the payment date",
            user_id=self.users["debt_manager"].id,
            **vals,
        )

    def test_an_activity_is_one_row_from_its_day_on(self):
        activity = self.activity()
        later = self.activity(date_deadline=self.days(4))
        row = self.listed()
        self.assertEqual((row.kind, row.activity_id), ("activity", activity))
        self.assertEqual(self.worklist()["rows"][0]["why"], "Ask for the payment date")
        later.date_deadline = self.today
        self.assertEqual(self.listed().activity_id, activity + later)
        self.Action._repair_sources()
        self.assertEqual(len(self.listed()), 2)

    def test_doing_the_row_of_a_call_asks_for_the_contact(self):
        activity = self.activity()
        row = self.listed()
        dialog = self.run_button(row, "done")
        self.assertEqual(dialog["res_model"], "collection.contact.log.wizard")
        wizard = self.dialog(dialog).create({"note": "Pays on Friday"})
        self.assertEqual(wizard.activity_id, activity)
        wizard.action_log()
        self.assertFalse(activity.active)
        self.assertEqual(row.state, "done")
        self.assertEqual(row.contact_log_id.note, "Pays on Friday")
        self.assertFalse(self.listed())

    def test_doing_the_row_of_a_task_does_the_task(self):
        activity = self.activity("collection.activity_type_task")
        row = self.listed()
        wizard = self.dialog(self.run_button(row, "done")).create({"reason": "Booked"})
        wizard.action_close()
        self.assertFalse(activity.active)
        self.assertEqual(activity.feedback, "Booked")
        self.assertEqual(row.state, "done")

    def test_an_activity_done_elsewhere_takes_its_row_along(self):
        activity = self.activity()
        row = self.listed()
        self.as_user(activity, "debt_manager").action_feedback(feedback="Called")
        self.assertEqual(row.state, "done")
        self.assertFalse(self.listed())

    def test_an_activity_that_is_given_up_has_gone(self):
        row = self.activity() and self.listed()
        row.activity_id.unlink()
        self.assertEqual(row.state, "gone")
        skipped = self.activity() and self.listed()
        activity = skipped.activity_id
        self.as_user(skipped, "debt_manager")._skip("Not needed")
        self.assertFalse(activity.active)
        self.assertEqual(skipped.state, "skipped")
        self.assertFalse(self.listed())

    def test_putting_off_the_row_moves_the_activity(self):
        activity = self.activity()
        self.as_user(self.listed(), "debt_manager")._resubmit(self.days(2), "On holiday")
        self.assertEqual(activity.date_deadline, self.days(2))
        self.assertFalse(self.listed())

    def test_a_closed_case_leaves_no_work(self):
        self.activity()
        self.own_case._close("cancelled", "Settled otherwise")
        self.assertFalse(self.listed())

    def test_merged_customers_keep_what_is_to_be_done(self):
        self.Action._repair_sources()
        self.incoming(self.other_customer, person_id=False)
        self.planned(self.other_customer, kind="activity", source="manual", reason="Visit them")
        self.other_case.activity_schedule(
            "collection.activity_type_task",
            date_deadline=self.today,
            summary="Look for the payment",
            user_id=self.users["debt_manager"].id,
        )
        partners = self.customer | self.other_customer
        wizard = (
            self
            .env["base.partner.merge.automatic.wizard"]
            .with_context(active_model="res.partner", active_ids=partners.ids)
            .create({"dst_partner_id": self.customer.id})
        )
        wizard.action_merge()
        self.env.invalidate_all()
        self.at_once()
        rows = self.Action.search([
            ("state", "=", "planned"),
            ("partner_id", "in", partners.ids),
        ])
        self.assertEqual(sorted(rows.mapped("source")), ["activity", "incoming", "manual"])
        self.assertEqual(rows.profile_id, self.profile())
        self.assertEqual(rows.partner_id, self.customer)
        self.assertFalse(self.Action._repair_sources())

    # ------------------------------------------------------------
    # REPAIR
    # ------------------------------------------------------------

    def test_the_night_repairs_what_was_missed(self):
        mail = self.incoming(self.customer)
        self.activity()
        self.message()
        rows = self.listed()
        self.assertEqual(len(rows), 3)
        rows.sudo().unlink()
        self.assertFalse(self.listed())
        self.run_night()
        self.assertEqual(len(self.listed()), 3)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE collection_incoming SET state = 'done' WHERE id = %s", [mail.id]
        )
        self.env.invalidate_all()
        self.run_night()
        self.assertEqual(set(self.listed().mapped("source")), {"activity", "message"})

    def run_night(self):
        """Let the night look at all customers of the company."""
        scope = CycleScope(company_id=self.company.id, business_date=self.today)
        self.env["collection.cycle.step.sources"].sudo()._apply(scope)

    def test_many_activities_are_rows_in_a_few_statements(self):
        self.env.flush_all()
        vals = {
            "res_model_id": self.env["ir.model"]._get_id("collection.case"),
            "res_id": self.own_case.id,
            "activity_type_id": self.env.ref("collection.activity_type_task").id,
            "user_id": self.env.uid,
            "date_deadline": self.today,
        }
        activities = self.env["mail.activity"].create([vals] * 3)
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        activities._show_as_collection_work()
        few = self.env.cr.sql_log_count - before
        activities |= self.env["mail.activity"].create([vals] * 60)
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        activities._show_as_collection_work()
        self.assertLessEqual(self.env.cr.sql_log_count - before, few)
        self.assertEqual(self.Action.search_count([("source", "=", "activity")]), 63)


@tagged("post_install", "-at_install")
class TestCallScripts(WorklistCommon):
    def test_a_script_knows_only_its_placeholders(self):
        with self.assertRaisesRegex(ValidationError, "nonsense"):
            self.script.body = "<p>Hello {nonsense}</p>"
        self.script.body = "<p>{customer} {person} {amount} {days} {items} {company}</p>"
        self.assertIn("{items}", self.script.body)

    def test_what_is_filled_in_cannot_do_harm(self):
        self.maria.name = "<script>alert(1)</script>"
        self.planned()
        html = str(self.worklist()["detail"]["script"]["html"])
        self.assertNotIn("<script>", html)
        self.assertIn("&lt;script&gt;", html)

    def test_a_script_is_read_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("el_GR")
        self.script.body = "<p>Good day {person}</p>"
        self.script.update_field_translations(
            "body", {"el_GR": {"Good day {person}": "Καλημέρα {person}"}}
        )
        self.maria.lang = "el_GR"
        self.planned()
        script = self.worklist()["detail"]["script"]
        self.assertEqual(script["lang"], "el_GR")
        self.assertIn("Καλημέρα Maria Pappa", str(script["html"]))
        script = self.worklist(lang="en_US")["detail"]["script"]
        self.assertIn("Good day Maria Pappa", str(script["html"]))
        self.assertEqual({language["code"] for language in script["languages"]}, {"en_US", "el_GR"})

    def test_a_script_names_the_items_it_is_about(self):
        second = self.invoice(self.customer, amount=300.0, due=-2)
        self.script.body = "<p>{count}: {items}</p>"
        self.planned(items=second.collection_item_ids)
        html = str(self.worklist()["detail"]["script"]["html"])
        self.assertIn(second.name, html)
        self.assertNotIn(self.own_invoice.name, html)
        self.assertIn("1: ", html)

    def test_the_editor_shows_a_script_as_a_customer_hears_it(self):
        script = self.script.new(origin=self.script)
        script.preview_profile_id = self.profile()
        self.assertIn("Good day Maria Pappa", str(script.preview))
        self.assertIn("{person}", str(script.placeholder_help))


@tagged("post_install", "-at_install")
class TestStrategyPanels(WorklistCommon):
    def screen(self, role="debt_manager"):
        return self.as_user(self.profile(), role).get_customer_screen()

    def test_the_screen_shows_what_is_planned_and_what_to_say(self):
        call = self.planned()
        later = self.planned(planned_for=self.days(5), script_id=False)
        data = self.screen()["data"]
        self.assertEqual([row["id"] for row in data["planned"]["planned"]], [call.id, later.id])
        self.assertIn("Good day Maria Pappa", str(data["script"]["html"]))
        names = [button["name"] for button in data["planned"]["planned"][0]["buttons"]]
        self.assertEqual(names, ["log", "resubmit", "skip", "done"])
        self.as_user(call, "debt_manager")._skip("No need")
        data = self.screen()["data"]
        self.assertEqual(data["planned"]["closed"][0]["close_reason"], "No need")
        self.assertFalse(data["script"])

    def test_the_auditor_reads_and_does_nothing(self):
        self.planned()
        [row] = self.screen("auditor")["data"]["planned"]["planned"]
        self.assertEqual([button["name"] for button in row["buttons"]], [])

    def test_the_score_says_where_it_comes_from(self):
        data = self.screen()["data"]["score"]
        self.assertEqual(data["score"], self.profile().score)
        self.assertIsInstance(data["reasons"], list)

    def test_a_step_of_the_run_can_be_planned_at_once(self):
        self.env["collection.strategy"].create({
            "name": "Calls",
            "code": "calls",
            "company_id": self.company.id,
            "rule_ids": [
                Command.create({
                    "name": "Call who is late",
                    "action": "call",
                    "use_days": "from",
                    "days_from": 5,
                    "points": 25,
                    "reason": "{days} days late",
                    "script_id": self.script.id,
                })
            ],
        })
        data = self.screen()["data"]
        self.assertFalse(data["planned"]["planned"])
        self.assertTrue(data["planned"]["may_plan"])
        self.as_user(self.profile(), "debt_manager").action_plan_now()
        self.env.invalidate_all()
        data = self.screen()["data"]
        [row] = data["planned"]["planned"]
        self.assertEqual(row["rule"], "Call who is late")
        self.assertEqual(data["score"]["score"], 25)
        [reason] = data["score"]["reasons"]
        self.assertEqual((reason["text"], reason["points"]), ("10 days late", 25))
        self.assertEqual(data["script"]["name"], "Second call")


@tagged("post_install", "-at_install")
class TestWorklistAndRun(StrategyCommon):
    """What the run plans stands on the worklist; what people decide stands."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule(name="Call", action="call", days_from=5, points=30, minutes=6)
        cls.customer.collection_debt_manager_id = cls.env.user
        cls.bill = cls.invoice(cls.customer, amount=400.0, due=-10)

    def plan_now(self):
        self.profile().action_plan_now()
        self.env.invalidate_all()

    def rows(self):
        return self.env["collection.worklist"].get_worklist()["rows"]

    def test_the_row_of_a_paid_invoice_vanishes(self):
        self.plan_now()
        [row] = self.rows()
        self.assertEqual((row["kind"], row["score"], row["minutes"]), ("call", 30, 6))
        self.assertEqual(row["amount"], 400.0)
        self.pay(self.bill)
        self.env.invalidate_all()
        self.assertFalse(self.rows())
        action = self.Action.browse(row["id"])
        self.assertEqual(action.state, "gone")
        self.assertTrue(action.close_reason)
        self.assertEqual(action.transition_ids.cause, "ledger")

    def test_a_second_run_does_not_repeat_what_a_person_skipped(self):
        self.plan_now()
        [row] = self.rows()
        self.Action.browse(row["id"])._skip("They pay with the next order")
        self.plan_now()
        self.assertFalse(self.rows())

    def test_what_is_put_off_is_not_planned_beside_it(self):
        self.plan_now()
        [row] = self.rows()
        self.Action.browse(row["id"])._resubmit(self.days(2), "On holiday")
        self.plan_now()
        self.assertFalse(self.rows())
        self.wait(2)
        self.plan_now()
        self.assertEqual([again["id"] for again in self.rows()], [row["id"]])
