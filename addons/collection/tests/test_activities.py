# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from ast import literal_eval
from datetime import date

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.mail.tools.discuss import Store

from .common import CollectionCommon

# a Friday at noon and a Thursday at noon
FRIDAY = fields.Datetime.to_datetime("2026-01-02 12:00:00")
THURSDAY = fields.Datetime.to_datetime("2026-01-01 12:00:00")


@tagged("post_install", "-at_install")
class TestActivities(CollectionCommon):
    """Doing what was planned on a case moves it and says what is next."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.country_id = cls.quick_ref("base.gr")
        cls.maria = new_test_user(
            cls.env,
            "maria",
            groups="collection.group_debt_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.nikos = cls.env["res.partner"].create({
            "name": "Nikos",
            "parent_id": cls.customer.id,
            "phone": "+30 210 1112223",
        })
        cls.customer.write({
            "collection_debt_manager_id": cls.maria.id,
            "collection_payment_contact_id": cls.nikos.id,
        })
        cls.move = cls.invoice(amount=1000)
        cls.case = cls.cases()

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    @classmethod
    def kind(cls, name):
        return cls.quick_ref(f"collection.activity_type_{name}")

    @classmethod
    def status(cls, name):
        return cls.quick_ref(f"collection.status_{name}")

    @classmethod
    def outcome(cls, name):
        return cls.quick_ref(f"collection.outcome_{name}")

    @classmethod
    def plan(cls, kind="call", user=None, **vals):
        """Plan an activity on the case."""
        return cls.case.activity_schedule(
            activity_type_id=cls.kind(kind).id, user_id=(user or cls.maria).id, **vals
        )

    def dialog(self, record, user=None):
        """Open the dialog that asks for a contact on a case, a customer or an activity."""
        if user:
            record = record.with_user(user)
        action = record.action_log_contact()
        return Form(record.env[action["res_model"]].with_context(**action["context"]))

    def log(self, record, outcome, user=None, date=None, **vals):
        """Log a contact and return its record."""
        form = self.dialog(record, user)
        if date:
            form.date = date
        if outcome:
            form.outcome_id = self.outcome(outcome)
        for name, value in vals.items():
            setattr(form, name, value)
        form.save().action_log()
        return self.env["collection.contact.log"].search([], order="id desc", limit=1)

    # ------------------------------------------------------------
    # DOING AN ACTIVITY
    # ------------------------------------------------------------

    def test_doing_a_call_asks_moves_the_case_and_leaves_a_contact(self):
        call = self.plan("call", summary="Ask for the payment date")
        log = self.log(
            call,
            "promised",
            user=self.maria,
            agreed_date=self.days(5),
            agreed_way_id=self.quick_ref("collection.way_cheque"),
            note="The cheque is signed.",
            duration=7,
        )
        self.assertFalse(call.active, "the call is done")
        self.assertEqual(call.collection_status_id, self.status("completed"))
        self.assertEqual(self.case.state, "promise")
        self.assertEqual(log.case_id, self.case)
        self.assertEqual(log.partner_id, self.customer)
        self.assertEqual(log.user_id, self.maria)
        self.assertEqual(log.contact_id, self.nikos, "the payment contact was meant")
        self.assertEqual((log.channel, log.direction), ("phone", "out"))
        self.assertEqual(log.activity_id, call)
        self.assertEqual(log.activity_type_id, self.kind("call"))
        self.assertEqual(log.outcome_id, self.outcome("promised"))
        self.assertEqual((log.note, log.duration), ("The cheque is signed.", 7))
        self.assertEqual(log.agreed_amount, 1000, "all there is to collect was suggested")
        self.assertEqual(self.case.last_contact_id, log)

    def test_agreed_payment_is_asked_where_the_outcome_wants_it(self):
        form = self.dialog(self.plan("call", user=self.env.user))
        wizard = form.save()
        wizard.outcome_id = self.outcome("promised")
        with self.assertRaisesRegex(UserError, "Will Pay"), self.cr.savepoint():
            wizard.action_log()
        self.assertEqual(self.case.state, "not_started", "nothing was logged")
        self.assertTrue(self.case.activity_ids, "the call still waits")

    def test_only_calls_letters_and_the_like_ask_for_the_contact(self):
        call, task = self.plan("call"), self.plan("task")
        self.assertTrue(call.collection_asks)
        self.assertFalse(task.collection_asks)
        shown = {
            row["id"]: row["collection_asks"]
            for row in Store().add(call | task).get_result()["mail.activity"]
        }
        self.assertEqual(shown, {call.id: True, task.id: False})

    def test_a_task_leaves_no_contact_and_the_case_where_it_is(self):
        self.plan("task", user=self.env.user).action_feedback(feedback="Found the slip")
        self.assertFalse(self.case.contact_log_ids)
        self.assertEqual(self.case.state, "not_started")

    def test_a_call_marked_as_done_outright_leaves_a_contact_too(self):
        self.plan("call", user=self.env.user).action_feedback(feedback="Nobody picked up")
        log = self.case.contact_log_ids
        self.assertEqual(log.note, "Nobody picked up")
        self.assertEqual(log.contact_id, self.nikos)
        self.assertFalse(log.outcome_id)
        self.assertEqual(self.case.state, "in_progress")

    def test_the_case_moves_to_the_state_of_the_activity_type(self):
        self.kind("task").collection_target_state = "promise"
        self.plan("task").action_done()
        self.assertEqual(self.case.state, "promise")
        self.assertEqual(self.case.transition_ids[0].cause, "activity")
        self.plan("call").action_done()
        self.assertEqual(self.case.state, "in_progress")

    def test_the_outcome_goes_before_the_activity_type(self):
        self.log(
            self.plan("call"),
            "instalments",
            agreed_date=self.days(3),
            agreed_amount=250,
            agreed_way_id=self.quick_ref("collection.way_bank_transfer"),
        )
        self.assertEqual(self.kind("call").collection_target_state, "in_progress")
        self.assertEqual(self.case.state, "promise")
        self.assertEqual(self.case.transition_ids[0].cause, "outcome")

    def test_a_completed_case_stays_completed(self):
        call = self.plan("call", user=self.env.user)
        self.case._close("cancelled", "Opened by mistake")
        call.exists().action_done()
        self.assertEqual(self.case.state, "completed")

    def test_one_contact_settles_the_calls_that_were_due(self):
        due = self.plan("call", user=self.env.user, date_deadline=self.days(-2))
        also_due = self.plan("call", user=self.env.user, date_deadline=self.days(0))
        later = self.plan("call", user=self.env.user, date_deadline=self.days(4))
        letter = self.plan("letter", user=self.env.user, date_deadline=self.days(-1))
        of_maria = self.plan("call", date_deadline=self.days(-1))
        self.log(self.case, "other")
        self.assertFalse((due | also_due).filtered("active"))
        self.assertTrue(all((later | letter | of_maria).mapped("active")))

    def test_an_unplanned_contact_stands_in_the_history_of_the_case(self):
        self.log(self.case, "left_message", note="Told the switchboard")
        body = self.case.message_ids[0].body
        self.assertIn("Left a Message", body)
        self.assertIn("Told the switchboard", body)

    # ------------------------------------------------------------
    # THE NEXT STEP
    # ------------------------------------------------------------

    def test_call_back_in_five_days_counts_working_days(self):
        log = self.log(self.case, "call_back", date=FRIDAY)
        self.assertEqual(log.next_date, date(2026, 1, 9), "the weekend does not count")
        step = log.next_activity_id
        self.assertEqual(step.res_id, self.case.id)
        self.assertEqual(step.activity_type_id, self.kind("call"))
        self.assertEqual(step.summary, "Call back")
        self.assertEqual(step.date_deadline, date(2026, 1, 9))
        self.assertEqual(step.user_id, self.maria, "her case")
        self.assertEqual(step.collection_status_id, self.status("not_started"))

    def test_next_working_day_after_a_friday_is_monday(self):
        log = self.log(self.case, "no_answer", date=FRIDAY)
        self.assertEqual(log.next_date, date(2026, 1, 5))

    def test_the_weekend_is_that_of_the_company(self):
        self.company.country_id = self.quick_ref("base.il")
        log = self.log(self.case, "no_answer", date=THURSDAY)
        self.assertEqual(log.next_date, date(2026, 1, 4), "from Thursday to Sunday")

    def test_weeks_end_on_a_working_day(self):
        saturday = fields.Datetime.add(FRIDAY, days=1)
        log = self.log(self.case, "cannot_pay", date=saturday)
        self.assertEqual(log.next_date, date(2026, 1, 12))

    def test_appointment_to_collect_plans_the_visit_on_the_agreed_day(self):
        log = self.log(
            self.case,
            "appointment",
            date=FRIDAY,
            agreed_date=date(2026, 1, 7),
            agreed_way_id=self.quick_ref("collection.way_messenger"),
        )
        self.assertEqual(log.next_activity_type_id, self.kind("collect"))
        self.assertEqual(log.next_activity_id.date_deadline, date(2026, 1, 7))
        self.assertEqual(self.case.state, "promise")
        self.assertEqual(self.case.activity_date_deadline, date(2026, 1, 7))

    def test_refusal_goes_to_the_leader_of_the_team_or_the_one_above(self):
        leader = new_test_user(self.env, "leonidas", groups="collection.group_team_leader")
        above = self.env["collection.team"].create({"name": "All", "leader_id": leader.id})
        self.case.team_id = self.env["collection.team"].create({
            "name": "Islands",
            "parent_id": above.id,
        })
        log = self.log(self.case, "refuses")
        self.assertEqual(log.next_activity_type_id, self.kind("escalation"))
        self.assertEqual(log.next_activity_id.user_id, leader)

    def test_the_person_decides_on_the_next_step(self):
        form = self.dialog(self.case)
        form.outcome_id = self.outcome("call_back")
        form.next_activity_type_id = self.kind("letter")
        form.next_date = self.days(12)
        form.next_summary = "Write instead"
        form.save().action_log()
        step = self.case.activity_ids
        self.assertEqual(step.activity_type_id, self.kind("letter"))
        self.assertEqual(step.date_deadline, self.days(12))
        self.assertEqual(step.summary, "Write instead")

    def test_no_next_step_where_it_was_taken_out(self):
        form = self.dialog(self.case)
        form.outcome_id = self.outcome("call_back")
        form.next_activity_type_id = self.env["mail.activity.type"]
        form.save().action_log()
        self.assertFalse(self.case.activity_ids)
        self.assertFalse(self.case.contact_log_ids.next_date)

    def test_outcomes_fit_the_channel(self):
        form = self.dialog(self.plan("call"))
        self.assertIn(self.outcome("no_answer"), form.outcome_choice_ids)
        self.assertNotIn(self.outcome("not_met"), form.outcome_choice_ids)
        form = self.dialog(self.plan("collect"))
        self.assertEqual(form.channel, "meeting")
        self.assertIn(self.outcome("collected"), form.outcome_choice_ids)
        self.assertNotIn(self.outcome("no_answer"), form.outcome_choice_ids)

    # ------------------------------------------------------------
    # STATUSES
    # ------------------------------------------------------------

    def test_an_activity_begins_with_the_default_status_of_its_type(self):
        self.assertEqual(self.plan("call").collection_status_id, self.status("not_started"))

    def test_statuses_are_those_of_the_type(self):
        call = self.plan("call")
        call.collection_status_id = self.status("no_answer")
        with self.assertRaisesRegex(UserError, "may be: Not Started"), self.cr.savepoint():
            call.collection_status_id = self.status("approved")
        self.assertEqual(call.collection_status_id, self.status("no_answer"))

    def test_a_formal_demand_is_sent_after_it_was_approved(self):
        demand = self.plan("demand", user=self.env.user)
        with self.assertRaisesRegex(UserError, "“Approved” must come"), self.cr.savepoint():
            demand.action_done()
        self.assertTrue(demand.active)
        self.assertFalse(self.case.contact_log_ids)
        demand.collection_status_id = self.status("approved")
        demand.action_done()
        self.assertFalse(demand.active)
        self.assertEqual(demand.collection_status_id, self.status("completed"))
        self.assertEqual(self.case.contact_log_ids.channel, "letter")

    def test_a_status_once_had_counts_as_preceding(self):
        demand = self.plan("demand", user=self.env.user)
        demand.collection_status_id = self.status("approved")
        demand.collection_status_id = self.status("not_started")
        demand.collection_status_id = self.status("completed")
        self.assertFalse(demand.active)

    def test_completed_as_a_status_does_the_activity(self):
        task = self.plan("task")
        task.collection_status_id = self.status("completed")
        self.assertFalse(task.active)
        self.assertTrue(task.date_done)

    def test_a_cancelled_activity_leaves_no_contact(self):
        call = self.plan("call")
        call.collection_status_id = self.status("cancelled")
        self.assertFalse(call.active)
        self.assertFalse(self.case.contact_log_ids)
        self.assertEqual(self.case.state, "not_started")
        self.assertIn("Cancelled", self.case.message_ids[0].body)

    def test_another_type_brings_a_status_of_its_own(self):
        task = self.plan("task")
        task.collection_status_id = self.status("in_progress")
        task.activity_type_id = self.kind("call")
        self.assertEqual(task.collection_status_id, self.status("not_started"))
        task.activity_type_id = self.quick_ref("mail.mail_activity_data_todo")
        self.assertFalse(task.collection_status_id)

    def test_the_form_of_an_activity_offers_its_statuses(self):
        form = Form(self.plan("meeting"), view="mail.mail_activity_view_form")
        self.assertEqual(form.collection_status_id, self.status("not_started"))
        form.activity_type_id = self.kind("demand")
        form.collection_status_id = self.status("approved")
        activity = form.save()
        self.assertEqual(activity.collection_status_id, self.status("approved"))

    # ------------------------------------------------------------
    # SETTING UP
    # ------------------------------------------------------------

    def test_a_new_type_comes_with_not_started_and_completed(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("collection.action_activity_type")
        form = Form(
            self.env["mail.activity.type"].with_context(default_collection=True),
            view="mail.mail_activity_type_view_form",
        )
        form.name = "Call the salesperson"
        new = form.save()
        self.assertIn("collection", str(action["domain"]))
        self.assertEqual(
            new.collection_status_ids.status_id,
            self.status("not_started") | self.status("completed"),
        )

    def test_a_type_needs_a_status_to_begin_with(self):
        call = self.kind("call")
        first = call.collection_status_ids.filtered(lambda line: line.kind == "not_started")
        with self.assertRaisesRegex(ValidationError, "Not Started"):
            call.collection_status_ids = [Command.delete(first.id)]

    def test_a_status_that_ends_activities_goes_on_ending_them(self):
        with self.assertRaisesRegex(ValidationError, "Completed"):
            self.status("completed").kind = "cancelled"

    def test_statuses_cannot_wait_for_each_other(self):
        demand = self.kind("demand")
        approved = demand.collection_status_ids.filtered(
            lambda line: line.status_id == self.status("approved")
        )
        with self.assertRaisesRegex(ValidationError, "wait for the other"), self.cr.savepoint():
            approved.required_status_id = self.status("completed")
        with self.assertRaisesRegex(ValidationError, "not in the list"), self.cr.savepoint():
            approved.required_status_id = self.status("no_answer")
        with self.assertRaisesRegex(ValidationError, "cannot leave the list"):
            approved.unlink()

    def test_types_shipped_say_what_they_are(self):
        shipped = self.env["mail.activity.type"].search([("collection_code", "!=", False)])
        self.assertGreaterEqual(
            set(shipped.mapped("collection_code")),
            {"call", "email", "sms", "letter", "meeting", "collect", "task", "escalation"},
        )
        for kind in shipped:
            self.assertTrue(kind.collection_description)
            self.assertEqual(kind._collection_default_status("not_started").kind, "not_started")
            self.assertEqual(kind._collection_default_status("completed").kind, "completed")

    def test_cases_offer_the_types_that_take_part(self):
        schedule = Form(
            self.env["mail.activity.schedule"].with_context(
                active_model=self.case._name, active_ids=self.case.ids
            )
        )
        self.assertEqual(schedule.activity_type_id, self.kind("call"))
        schedule.save().action_schedule_activities()
        self.assertEqual(self.case.activity_ids.collection_status_id, self.status("not_started"))
        schedule = Form(
            self.env["mail.activity.schedule"].with_context(
                active_model=self.customer._name, active_ids=self.customer.ids
            )
        )
        self.assertFalse(schedule.activity_type_id.collection, "customers keep the host's")

    def test_my_activities_lists_what_waits_for_me_on_cases(self):
        mine = self.plan("call", user=self.env.user)
        self.customer.activity_schedule("mail.mail_activity_data_todo", user_id=self.env.uid)
        action = self.env["ir.actions.act_window"]._for_xml_id("collection.action_my_activities")
        domain = Domain(literal_eval(action["domain"])) & Domain("user_id", "=", self.env.uid)
        self.assertEqual(self.env["mail.activity"].search(domain), mine)

    def test_a_debt_manager_works_her_own_case(self):
        call = self.plan("call").with_user(self.maria)
        log = self.log(call, "approval", user=self.maria)
        self.assertEqual(log.user_id, self.maria)
        self.assertEqual(self.case.state, "in_progress")
        self.assertEqual(self.case.activity_ids.summary, "Has the payment been approved?")
