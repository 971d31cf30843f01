# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The cycle itself: what it does when something fails, and when time runs out."""

from unittest.mock import patch

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import CollectionCommon

CYCLE_LOG = "odoo.addons.collection.models.collection_cycle"
CHUNK_LOG = "odoo.addons.collection.models.collection_cycle_chunk"
TOUCHED_LOG = "odoo.addons.collection.models.collection_cycle_touched"
CRON = "odoo.addons.base.models.ir_cron"


@tagged("post_install", "-at_install")
class TestAtOnce(CollectionCommon):
    """A payment is booked, whatever happens to collections."""

    def failing(self, step, failure, customer=None):
        """Let a step fail, for everybody or whenever a given customer is among those computed."""
        original = type(self.env[f"collection.cycle.step.{step}"])._apply

        def apply(step, scope):
            if customer is None:
                return failure(step)
            if scope.first and scope.first <= customer.id <= scope.last:
                return failure(step)
            if customer.id in (scope.partner_ids or ()):
                return failure(step)
            return original(step, scope)

        return patch.object(type(self.env[f"collection.cycle.step.{step}"]), "_apply", apply)

    def waiting(self):
        return self.env["collection.cycle.touched"].search([]).partner_id

    def run_postponed(self):
        with self.enter_registry_test_mode():
            self.env.ref("collection.cron_cycle").method_direct_trigger()
        self.env.invalidate_all()

    def assert_paid_later(self, failure):
        move = self.invoice(amount=1000)
        case = self.cases()
        with self.failing("cases", failure), mute_logger(CYCLE_LOG, "odoo.sql_db"):
            self.pay(move)
        self.assertEqual(move.payment_state, "paid")
        self.assertEqual(self.waiting(), self.customer)
        self.assertEqual(case.state, "not_started")
        self.assertEqual(self.profile().amount_open, 1000, "all of it waits, not half")
        self.run_postponed()
        self.assertFalse(self.waiting())
        self.assertEqual((case.state, case.result), ("completed", "paid"))
        self.assertEqual(self.profile().amount_open, 0)

    def test_a_step_with_a_mistake_makes_no_payment_fail(self):
        def mistake(step):
            raise ValueError("a mistake")

        self.assert_paid_later(mistake)

    def test_a_refusal_makes_no_payment_fail(self):
        def refusal(step):
            raise UserError("Not today")  # pylint: disable=translation-required

        self.assert_paid_later(refusal)

    def test_a_statement_the_database_refuses_makes_no_payment_fail(self):
        def division(step):
            step.env.cr.execute("SELECT 1 / 0")

        self.assert_paid_later(division)

    def test_a_lock_held_by_somebody_else_makes_no_payment_fail(self):
        def locked(step):
            raise psycopg2.errors.LockNotAvailable("somebody else works on the customer")

        self.assert_paid_later(locked)

    def test_what_a_failed_step_had_in_mind_to_write_is_not_written(self):
        case = self.case_of_invoice()

        def half(step):
            step.env["collection.case"].browse(case.id).priority = "1"
            raise ValueError("in the middle")

        self.assert_paid_later(half)
        self.assertEqual(case.priority, "0")

    def case_of_invoice(self):
        self.invoice(partner=self.other_customer)
        return self.cases(self.other_customer)

    def test_a_payment_is_booked_although_the_cron_was_deleted(self):
        move = self.invoice()
        self.env.ref("collection.cron_cycle").unlink()

        def mistake(step):
            raise ValueError("a mistake")

        with self.failing("items", mistake), mute_logger(CYCLE_LOG):
            self.pay(move)
        self.assertEqual(move.payment_state, "paid")
        self.assertEqual(self.waiting(), self.customer)

    def test_customers_that_cannot_be_found_are_left_to_the_night(self):
        move = self.invoice()
        cycle = type(self.cycle)
        with (
            patch.object(cycle, "_touched_customers", side_effect=ValueError("a mistake")),
            mute_logger(CYCLE_LOG),
        ):
            self.pay(move)
        self.assertEqual(move.payment_state, "paid")
        self.run_cycle(self.customer)
        self.assertEqual(self.cases().state, "completed")

    def test_one_customer_that_cannot_be_computed_holds_up_no_other(self):
        def mistake(step):
            raise ValueError("a mistake")

        moves = self.invoice() | self.invoice(partner=self.other_customer)
        with self.failing("cases", mistake), mute_logger(CYCLE_LOG):
            self.pay(moves, group_payment=False)
        self.assertEqual(self.waiting(), self.customer | self.other_customer)
        with self.failing("cases", mistake, self.customer), mute_logger(TOUCHED_LOG, CHUNK_LOG):
            self.run_postponed()
        self.assertEqual(self.cases().state, "not_started")
        self.assertEqual(self.cases(self.other_customer).state, "completed")
        self.assertFalse(self.waiting(), "the night run tries again")
        run = self.env["collection.cycle.run"].search([("company_id", "=", self.company.id)])
        self.assertEqual(run.state, "failed", "and tells of it")

    def test_a_click_that_touches_very_many_customers_does_not_wait_for_them(self):
        moves = self.invoice() | self.invoice(partner=self.other_customer)
        with patch("odoo.addons.collection.models.collection_cycle.AT_ONCE_LIMIT", 1):
            self.pay(moves, group_payment=False)
        self.assertEqual(self.waiting(), self.customer | self.other_customer)
        self.run_postponed()
        self.assertEqual(
            set((self.cases() | self.cases(self.other_customer)).mapped("state")), {"completed"}
        )

    def test_two_clicks_in_one_transaction_count_both(self):
        move = self.invoice(amount=1000)
        with self.env.cr.savepoint():
            self.pay(move, amount=300)
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self.pay(move, amount=100)
                raise UserError("Changed my mind")  # pylint: disable=translation-required
            self.pay(move, amount=200)
        self.at_once()
        self.assertEqual(self.cases().amount_open, 500)
        self.assertEqual(self.profile().amount_open, 500)


@tagged("post_install", "-at_install")
class TestNightRun(CollectionCommon):
    """A night run: chunks, time, failures."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.collection_night_hour = 0
        cls.cron = cls.env.ref("collection.cron_cycle")
        cls.moves = cls.invoice(amount=100) | cls.invoice(cls.other_customer, amount=50)
        cls.company.collection_days_late = 0
        cls.fresh = cls.invoice(amount=7, due=0, post=False)
        cls.at_once()

    def run_cron(self):
        self.at_once()
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        self.env.invalidate_all()

    def the_run(self):
        return self.env["collection.cycle.run"].search([("company_id", "=", self.company.id)])

    def small_chunks(self):
        return patch.object(
            type(self.env["collection.cycle.run"]), "_chunk_customers", lambda run: 5
        )

    def silently_owe_more(self):
        """Post a document of which nobody tells the cycle."""
        with patch.object(type(self.cycle), "_note", lambda cycle, kind, ids: None):
            self.fresh.action_post()
            self.at_once()

    def test_a_run_takes_every_customer_through_every_step(self):
        self.silently_owe_more()
        with self.small_chunks():
            self.run_cron()
        run = self.the_run()
        self.assertEqual(run.state, "done")
        self.assertEqual(run.progress, 100)
        self.assertTrue(run.finished_on)
        steps = list(dict.fromkeys(run.chunk_ids.sorted("id").mapped("step")))
        self.assertEqual(steps, self.cycle._get_steps())
        self.assertEqual(set(run.chunk_ids.mapped("state")), {"done"})
        self.assertGreater(run.chunk_count, len(steps))
        self.assertEqual(self.fresh.collection_item_ids.case_id, self.cases())
        self.assertEqual(self.cases().amount_open, 107)

    def test_the_next_call_of_the_cron_on_that_day_does_nothing(self):
        self.run_cron()
        chunks = self.the_run().chunk_ids
        self.run_cron()
        self.assertEqual(self.the_run().chunk_ids, chunks)

    def test_a_manager_may_have_it_run_again(self):
        self.run_cron()
        self.silently_owe_more()
        self.env["collection.cycle.run"].action_run_now()
        self.run_cron()
        self.assertEqual(len(self.the_run()), 1)
        self.assertEqual(self.cases().amount_open, 107)

    def test_when_time_is_up_the_cron_is_called_again_and_goes_on(self):
        self.silently_owe_more()
        calls = 0
        with (
            self.small_chunks(),
            patch(f"{CRON}.MIN_TIME_PER_JOB", 0),
            patch(f"{CRON}.MIN_RUNS_PER_JOB", 1),
        ):
            while calls < 2000 and (not self.the_run() or self.the_run().state == "running"):
                self.run_cron()
                calls += 1
                if self.the_run().state == "running":
                    self.assertLessEqual(
                        self.cron.nextcall, self.env.cr.now(), "as soon as possible"
                    )
        self.assertGreater(calls, 5)
        run = self.the_run()
        self.assertEqual(run.state, "done")
        self.assertEqual(set(run.chunk_ids.mapped("tries")), {1})
        self.assertEqual(self.cases().amount_open, 107)

    def test_a_chunk_that_fails_is_tried_again_and_told(self):
        self.silently_owe_more()
        original = type(self.env["collection.cycle.step.profiles"])._apply

        def apply(step, scope):
            if scope.first and scope.first <= self.customer.id <= scope.last:
                raise ValueError("a mistake")
            return original(step, scope)

        with (
            patch.object(type(self.env["collection.cycle.step.profiles"]), "_apply", apply),
            self.small_chunks(),
            mute_logger(CHUNK_LOG),
        ):
            self.run_cron()
        run = self.the_run()
        failed = run.chunk_ids.filtered(lambda chunk: chunk.state == "failed")
        self.assertEqual((failed.step, failed.tries), ("collection.cycle.step.profiles", 3))
        self.assertEqual(run.state, "failed")
        self.assertIn("a mistake", run.message)
        self.assertEqual(self.cases().amount_open, 107, "the other steps went on")
        self.assertEqual(self.profile().amount_open, 100)
        self.env["collection.cycle.run"].action_run_now()
        self.run_cron()
        self.assertEqual(run.state, "done")
        self.assertFalse(run.message)
        self.assertEqual(self.profile().amount_open, 107)

    def test_a_run_of_yesterday_that_never_ended_is_given_up(self):
        yesterday = (
            self
            .env["collection.cycle.run"]
            .sudo()
            .create({
                "company_id": self.company.id,
                "business_date": self.days(-1),
            })
        )
        self.run_cron()
        self.assertEqual(yesterday.state, "failed")
        self.assertIn("next day", yesterday.message)
        self.assertEqual((self.the_run() - yesterday).state, "done")

    def test_before_the_start_is_confirmed_the_ledger_is_read_and_nothing_opens(self):
        self.company.collection_live = False
        self.silently_owe_more()
        self.run_cron()
        self.assertEqual(self.profile().amount_open, 107)
        self.assertFalse(self.fresh.collection_item_ids.case_id)


@tagged("post_install", "-at_install")
class TestKeptFields(CollectionCommon):
    """What the ledger and the cycle decide is not written by anybody, also not over RPC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {
            group: new_test_user(
                cls.env,
                f"kept_{group}",
                groups=f"collection.group_{group}",
                company_id=cls.company.id,
            )
            for group in ("debt_manager", "collection_manager", "credit_manager", "accountant")
        }
        cls.customer.collection_debt_manager_id = cls.people["debt_manager"]
        cls.move = cls.invoice(amount=100)
        cls.case = cls.cases()
        cls.item = cls.move.collection_item_ids

    def assert_refused(self, record, person, **vals):
        for name, value in vals.items():
            with self.subTest(field=name, person=person), self.assertRaises(AccessError):
                record.with_user(self.people[person]).write({name: value})

    def test_of_an_item(self):
        for person in self.people:
            self.assert_refused(
                self.item,
                person,
                state="settled",
                side="credit",
                amount=1.0,
                amount_company=1.0,
                amount_paid=1.0,
                date_maturity=self.days(3),
                settled_date=self.today,
                profile_id=self.profile().id,
                move_line_id=False,
                document_number="X",
                currency_id=self.company.currency_id.id,
            )
        for person in ("debt_manager", "accountant"):
            self.assert_refused(self.item, person, granted_date=self.days(3))
        self.item.with_user(self.people["credit_manager"]).granted_date = self.days(3)
        self.item.with_user(self.people["debt_manager"])._keep_out(self.days(9), "Goods")
        self.assertEqual(self.item.keep_out_until, self.days(9))

    def test_of_a_case(self):
        for person in self.people:
            self.assert_refused(
                self.case,
                person,
                result="paid",
                closed_on=self.today,
                close_reason="X",
                origin="manual",
                amount_open=0,
                amount_to_collect=0,
                item_count=0,
                agreed_amount=5,
                last_contact_on=False,
                merged_into_id=self.case.id,
                profile_id=self.profile().id,
                company_id=self.company.id,
                kind="amount",
                opened_on=self.days(-99),
            )
        with self.assertRaises(UserError):
            self.case.with_user(self.people["debt_manager"]).state = "completed"
        Case = self.env["collection.case"].with_user(self.people["debt_manager"])
        with self.assertRaises(AccessError):
            Case.create({"profile_id": self.profile().id, "result": "paid"})

    def test_of_a_customer(self):
        for person in self.people:
            self.assert_refused(
                self.profile(),
                person,
                amount_open=0,
                amount_credit=5,
                overdue_count=0,
                computed_on=self.today,
                commercial_partner_id=self.other_customer.id,
                partner_id=self.other_customer.id,
                company_id=self.company.id,
            )
        self.profile().with_user(self.people["debt_manager"]).hold = True

    def test_of_what_is_in_a_case(self):
        membership = self.case.case_item_ids
        for person in ("debt_manager", "collection_manager", "accountant"):
            self.assert_refused(membership, person, open=False, reason="settled", removed_on=False)
            second = self.env["collection.case"].create({"profile_id": self.profile().id})
            with self.assertRaises(AccessError):
                membership.with_user(self.people[person]).create({
                    "case_id": second.id,
                    "item_id": self.item.id,
                })

    def test_the_history_is_not_changed_by_anybody(self):
        transition = self.case.transition_ids
        for person in self.people:
            self.assert_refused(transition, person, to_state="promise", reason="X")

    def test_closing_and_reopening_write_what_nobody_else_may(self):
        case = self.case.with_user(self.people["debt_manager"])
        case._close("legal", "To court", keep_out_until=self.days(3))
        self.at_once()
        self.assertEqual((case.state, case.result), ("completed", "legal"))
        case.action_reopen()
        self.at_once()
        self.assertEqual((case.state, case.result), ("in_progress", False))
        self.assertEqual(case.open_item_ids, self.item)
        case._remove_items(self.item, keep_out_until=self.days(3))
        self.assertFalse(case.open_item_ids)

    def test_an_amount_without_document_is_corrected_by_hand(self):
        currency = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        case = self.env["collection.case"]._open_amount_case(
            self.profile(), 100, currency, "Advance", self.days(-1)
        )
        item = case.open_item_ids.with_user(self.people["debt_manager"])
        item.write({"amount": 300.0, "date_maturity": self.days(5), "description": "Advance 2"})
        self.at_once()
        self.assertEqual((item.amount_residual, item.date_due), (150, self.days(5)))
        self.assertEqual((case.amount_open, case.amount_to_collect), (150, 0))
