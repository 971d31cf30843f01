# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Stories told day by day: the clock is frozen and the cron runs every night."""

from freezegun import freeze_time

from odoo import Command, fields
from odoo.tests import Form, tagged

from .common import CollectionCommon

MONDAY = "2026-03-02 09:00"


@tagged("post_install", "-at_install")
class TestStories(CollectionCommon):
    """What happens to a debt, from the day it is late to the last cent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clock = cls.startClassPatcher(freeze_time(MONDAY))
        cls.today = fields.Date.to_date(MONDAY)
        cls.cron = cls.env.ref("collection.cron_cycle")
        cls.manager = cls.env["res.users"].create({
            "name": "Ann",
            "login": "ann_stories",
            "company_id": cls.company.id,
            "company_ids": [Command.set(cls.company.ids)],
            "group_ids": [Command.link(cls.env.ref("collection.group_debt_manager").id)],
        })
        cls.bank = cls.env.ref("collection.way_bank_transfer")

    def setUp(self):
        super().setUp()
        self.set_clock(MONDAY)

    # ------------------------------------------------------------
    # TIME
    # ------------------------------------------------------------

    def set_clock(self, moment):
        """Make it that moment, in UTC, for the server and for the transaction."""
        self.clock.move_to(moment)
        self.env.cr._now = fields.Datetime.now()
        self.env.invalidate_all()

    def wait_until(self, days):
        """Let the nights pass until it is the morning of that day, counted from the first one."""
        last = self.days(days)
        day = fields.Date.today()
        while day < last:
            day = fields.Date.add(day, days=1)
            self.set_clock(f"{day} 02:30")
            self.run_cron()
        self.set_clock(f"{last} 09:00")

    def run_cron(self):
        self.at_once()
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        self.env.invalidate_all()

    # ------------------------------------------------------------
    # WHAT PEOPLE DO
    # ------------------------------------------------------------

    def call(self, case, outcome, **values):
        """Log a phone call on a case, as the debt manager does in the dialog."""
        self.env.invalidate_all()
        form = Form(
            self.env(user=self.manager)["collection.contact.log.wizard"].with_context(
                active_model="collection.case", active_id=case.id
            )
        )
        form.outcome_id = self.env.ref(f"collection.outcome_{outcome}")
        for name, value in values.items():
            setattr(form, name, value)
        form.save().action_log()
        self.at_once()
        return case.contact_log_ids.sorted("id")[-1]

    def bounce(self, payment):
        """Undo a payment that the bank returned."""
        self.receivable(payment.move_id).remove_move_reconcile()
        payment.move_id._reverse_moves(cancel=True)
        self.at_once()

    def give(self, partner):
        """Give a customer to the debt manager."""
        partner.collection_debt_manager_id = self.manager
        self.at_once()

    # ------------------------------------------------------------
    # STORIES
    # ------------------------------------------------------------

    def test_from_the_first_late_day_to_the_last_cent(self):
        self.give(self.customer)
        move = self.invoice(amount=1000, due=2)
        self.wait_until(2)
        self.assertFalse(self.cases(), "due today is not late")
        self.assertEqual(self.profile().amount_to_collect, 1000, "but it may be asked for")
        self.wait_until(3)
        case = self.cases()
        self.assertEqual(case.state, "not_started")
        self.assertEqual(case.opened_on, self.days(3))
        self.assertEqual(case.debt_manager_id, self.manager)
        self.assertEqual(case.days_late, 1)

        log = self.call(
            case, "promised", agreed_date=self.days(7), agreed_way_id=self.bank, note="Friday"
        )
        self.assertEqual(case.state, "promise")
        self.assertEqual((case.agreed_date, case.agreed_amount), (self.days(7), 1000))
        self.assertEqual(case.activity_ids.date_deadline, self.days(8), "look whether it came in")
        self.assertEqual(log.agreed_state, "pending")

        self.wait_until(8)
        self.assertEqual(case.state, "promise")
        self.assertTrue(case.agreed_late)
        self.assertEqual(case.days_late, 6)

        self.pay(move, amount=400)
        self.assertEqual(case.amount_open, 600)
        self.assertEqual(log.received_amount, 400)
        self.assertEqual(log.agreed_state, "pending", "not all of it")
        second = self.call(
            case, "promised", agreed_date=self.days(10), agreed_amount=600, agreed_way_id=self.bank
        )
        self.assertEqual(log.agreed_state, "replaced")
        self.assertEqual((case.agreed_date, case.agreed_amount), (self.days(10), 600))

        self.wait_until(10)
        self.pay(move)
        self.assertEqual(case.state, "completed")
        self.assertEqual((case.result, case.closed_on), ("paid", self.days(10)))
        self.assertEqual(second.agreed_state, "received")
        self.assertFalse(case.agreed_date)
        self.assertFalse(case.activity_ids, "nothing is left to do")
        self.assertFalse(case.open_item_ids)
        self.assertEqual(
            case.transition_ids.sorted("id").mapped("to_state"),
            ["not_started", "promise", "completed"],
        )
        self.wait_until(12)
        self.assertEqual(case.state, "completed")
        self.assertEqual(self.cases(), case)

    def test_each_branch_is_chased_on_its_own(self):
        haifa, eilat = self.env["res.partner"].create([
            {"name": name, "type": "invoice", "parent_id": self.customer.id}
            for name in ("Haifa", "Eilat")
        ])
        ruth = self.env["res.partner"].create({"name": "Ruth", "parent_id": haifa.id})
        other = self.manager.copy({"name": "Bob", "login": "bob_stories"})
        self.customer.collection_participation = "branch"
        haifa.write({
            "collection_debt_manager_id": self.manager.id,
            "collection_payment_contact_id": ruth.id,
        })
        eilat.collection_debt_manager_id = other
        at_haifa = self.invoice(partner=haifa, amount=100, due=1)
        at_ruth = self.invoice(partner=ruth, amount=50, due=1)
        at_eilat = self.invoice(partner=eilat, amount=200, due=2)
        self.wait_until(2)
        case = self.cases(haifa)
        self.assertEqual(case.amount_open, 150, "a person at the branch counts for the branch")
        self.assertEqual(case.debt_manager_id, self.manager)
        self.assertEqual(case.payment_contact_id, ruth)
        self.assertEqual((at_haifa | at_ruth).collection_item_ids.case_id, case)
        self.assertFalse(self.cases(eilat), "not late yet")
        self.wait_until(3)
        self.assertEqual(self.cases(eilat).debt_manager_id, other)
        self.assertFalse(self.cases(), "the head office itself owes nothing")

        # the head office sends one cheque for all its branches
        cheque = self.env["account.payment"].create({
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": self.customer.id,
            "amount": 300,
            "date": self.days(20),
        })
        self.at_once()
        self.assertEqual(case.amount_to_collect, 0)
        self.assertEqual(self.cases(eilat).amount_to_collect, 50)
        self.wait_until(20)
        self.assertEqual(case.amount_to_collect, 150, "the day has come and it was not paid in")
        cheque.action_post()
        lines = self.env["account.move.line"].union(
            *(self.receivable(move) for move in (cheque.move_id, at_haifa, at_ruth, at_eilat))
        )
        lines.reconcile()
        self.at_once()
        self.assertEqual(case.result, "paid")
        self.assertEqual(self.cases(eilat).state, "not_started")
        self.assertEqual(self.cases(eilat).amount_to_collect, 50)

    def test_an_advance_without_a_document(self):
        self.give(self.customer)
        profile = self.env["collection.profile"]._get_or_create(self.company, self.customer)
        case = self.env["collection.case"]._open_amount_case(
            profile, 5000, self.company.currency_id, "Advance, project Harbour", self.days(4)
        )
        self.at_once()
        item = case.open_item_ids
        self.assertEqual((case.amount_open, case.amount_to_collect), (5000, 0), "not due yet")
        self.wait_until(4)
        self.assertEqual(case.amount_to_collect, 5000)
        self.assertFalse(self.cases() - case, "one case for it, also when it is late")
        log = self.call(case, "promised", agreed_date=self.days(9), agreed_way_id=self.bank)

        # a cheque for part of it, dated in a week, lies in the safe
        action = item.action_register_payment()
        Payment = self.env["account.payment"].with_context(**action["context"])
        cheque = Payment.create({"amount": 2000, "date": self.days(11)})
        self.at_once()
        self.assertEqual(case.amount_to_collect, 3000)
        self.wait_until(11)
        cheque.action_post()
        self.at_once()
        self.assertEqual((item.amount_residual, case.amount_open), (3000, 3000))
        self.assertEqual(log.received_amount, 2000)
        rest = Payment.create({"amount": 3000})
        rest.action_post()
        self.at_once()
        self.assertEqual(item.state, "settled")
        self.assertEqual((case.state, case.result), ("completed", "paid"))
        self.assertEqual(log.agreed_state, "received")

        rest.action_draft()
        rest.action_cancel()
        self.at_once()
        self.assertEqual((case.state, case.amount_open), ("in_progress", 3000), "it bounced")
        self.assertEqual(case.open_item_ids, item)

    def test_a_bounced_payment_reopens_the_case_and_takes_new_debts_along(self):
        self.give(self.customer)
        move = self.invoice(amount=700, due=0)
        self.wait_until(1)
        case = self.cases()
        payment = self.pay(move)
        self.assertEqual(case.state, "completed")
        self.wait_until(5)
        later = self.invoice(amount=80, due=5)
        self.bounce(payment)
        self.assertEqual((case.state, case.amount_open), ("in_progress", 700))
        self.assertFalse(case.result)
        self.wait_until(6)
        self.assertEqual(self.cases(), case)
        self.assertEqual(case.amount_open, 780)
        self.assertEqual(later.collection_item_ids.case_id, case)
        self.assertEqual(
            case.transition_ids.sorted("id").mapped("cause"), ["rule", "ledger", "ledger"]
        )

    def test_a_customer_on_hold_until_a_day(self):
        self.invoice(amount=300, due=0)
        self.customer.write({
            "collection_hold": True,
            "collection_hold_reason": "Waits for the goods",
            "collection_hold_until": self.days(4),
        })
        self.wait_until(4)
        self.assertFalse(self.cases())
        self.assertEqual(self.profile().amount_to_collect, 0)
        [row] = self.profile().item_ids.move_id._explain_collection()
        self.assertEqual(row["reasons"], ["The customer is on hold: Waits for the goods"])
        self.wait_until(5)
        self.assertEqual(self.cases().amount_to_collect, 300)
        self.assertEqual(self.cases().days_late, 5)

    def test_the_instalments_of_one_invoice_fall_due_one_by_one(self):
        terms = self.env["account.payment.term"].create({
            "name": "Thirds",
            "line_ids": [
                Command.create({"value": "percent", "value_amount": share, "nb_days": days})
                for share, days in ((30, 0), (30, 10), (40, 20))
            ],
        })
        move = self.invoice(amount=1000, due=0, terms=terms)
        first, second, third = move.collection_item_ids.sorted("instalment")
        self.wait_until(1)
        case = self.cases()
        self.assertEqual(case.open_item_ids, first)
        self.pay(move, amount=300)
        self.assertEqual((case.state, case.result), ("completed", "paid"))
        self.wait_until(10)
        self.assertFalse(second.case_id)
        self.wait_until(11)
        new_case = self.cases() - case
        self.assertEqual(new_case.open_item_ids, second, "a new late debt, a new case")
        self.wait_until(21)
        self.assertEqual(new_case.open_item_ids, second | third)
        self.assertEqual(new_case.amount_open, 700)

        second.granted_date = self.days(30)
        self.at_once()
        self.assertEqual(new_case.amount_to_collect, 400, "a granted date rules")
        self.wait_until(30)
        self.assertEqual(new_case.amount_to_collect, 700)

    def test_the_company_lives_in_another_time_zone(self):
        self.invoice(amount=100, due=0)
        self.company.collection_tz = "Pacific/Auckland"
        self.set_clock("2026-03-02 10:59")
        self.run_cycle(self.customer)
        self.assertFalse(self.cases(), "23:59 of the due day in Auckland")
        self.set_clock("2026-03-02 11:01")
        self.run_cycle(self.customer)
        self.assertEqual(self.cases().opened_on, self.days(1), "the server still writes the 2nd")

        self.invoice(partner=self.other_customer, amount=100, due=0, post=False)
        self.company.collection_tz = "Pacific/Honolulu"
        self.set_clock("2026-03-03 09:59")
        move = self.env["account.move"].search([("partner_id", "=", self.other_customer.id)])
        move.action_post()
        self.at_once()
        self.assertFalse(self.cases(self.other_customer), "still the 2nd in Honolulu")
        self.assertEqual(self.profile(self.other_customer).amount_to_collect, 100)

    def test_the_night_begins_by_the_clock_of_the_company(self):
        self.company.write({"collection_tz": "Asia/Jerusalem", "collection_night_hour": 3.5})
        self.invoice(amount=100, due=0)
        self.run_cron()
        runs = self.env["collection.cycle.run"].search([("company_id", "=", self.company.id)])
        self.assertEqual(runs.mapped("business_date"), [self.days(0)], "the first run waits not")
        for moment, opened in (
            ("2026-03-02 23:00", False),  # 1:00 in Jerusalem, too early
            ("2026-03-03 01:29", False),
            ("2026-03-03 01:31", True),  # 3:31
            ("2026-03-03 05:00", True),
        ):
            self.set_clock(moment)
            self.run_cron()
            self.assertEqual(bool(self.cases()), opened, moment)
        runs = self.env["collection.cycle.run"].search([("company_id", "=", self.company.id)])
        self.assertEqual(runs.mapped("business_date"), [self.days(1), self.days(0)], "once a day")
        self.assertEqual(set(runs.mapped("state")), {"done"})

    def test_an_item_taken_out_stays_out_so_many_days_and_returns(self):
        self.company.collection_keep_out_days = 7
        move = self.invoice(amount=100, due=0)
        self.invoice(amount=40, due=0)
        self.wait_until(1)
        case = self.cases()
        item = move.collection_item_ids
        case._remove_items(item, reason="Goods on the way")
        self.at_once()
        self.assertEqual(item.keep_out_until, self.days(8))
        self.wait_until(8)
        self.assertFalse(item.case_id)
        self.assertEqual(case.amount_open, 40)
        self.wait_until(9)
        self.assertEqual(item.case_id, case)
        self.assertEqual(case.amount_open, 140)

    def test_a_person_decides_and_the_next_nights_respect_it(self):
        self.company.collection_keep_out_days = 5
        move = self.invoice(amount=100, due=0)
        self.wait_until(1)
        case = self.cases()
        case._close("uncollectable", "Moved away", keep_out_until=self.days(20))
        self.at_once()
        self.wait_until(20)
        self.assertEqual((case.state, self.cases()), ("completed", case))
        self.wait_until(21)
        new_case = self.cases() - case
        self.assertEqual(new_case.open_item_ids, move.collection_item_ids, "what was said is over")
        self.pay(move)
        self.assertEqual(new_case.result, "paid")

        # a case that a person takes up again stays open, although nothing is left in it
        new_case.action_reopen()
        self.at_once()
        self.wait_until(23)
        self.assertEqual(new_case.state, "in_progress")
        later = self.invoice(amount=30, due=22)
        self.wait_until(24)
        self.assertEqual(later.collection_item_ids.case_id, new_case)
        self.pay(later)
        self.assertEqual(new_case.state, "completed")
