# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CollectionCommon


@tagged("post_install", "-at_install")
class TestItems(CollectionCommon):
    """What the ledger holds open stands as items, and nothing else."""

    def items(self, move):
        return move.collection_item_ids.sorted("instalment")

    def test_posted_invoice_is_an_item_at_once(self):
        move = self.invoice(amount=250, due=20)
        item = self.items(move)
        self.assertEqual(len(item), 1)
        self.assertEqual(item.state, "open")
        self.assertEqual(item.kind, "document")
        self.assertEqual(item.document_number, move.name)
        self.assertEqual(item.partner_id, self.customer)
        self.assertEqual(item.amount_residual, 250)
        self.assertEqual(item.date_due, self.days(20))
        self.assertEqual(item.amount_to_collect, 0, "not due yet")

    def test_each_instalment_is_an_item_with_its_own_due_date(self):
        terms = self.env["account.payment.term"].create({
            "name": "Thirds",
            "line_ids": [
                Command.create({"value": "percent", "value_amount": 50, "nb_days": 0}),
                Command.create({"value": "percent", "value_amount": 50, "nb_days": 60}),
            ],
        })
        move = self.invoice(amount=900, due=-30, terms=terms)
        items = self.items(move)
        self.assertEqual(items.mapped("instalment"), [1, 2])
        self.assertEqual(set(items.mapped("instalment_count")), {2})
        self.assertEqual(items.mapped("date_due"), [self.days(-30), self.days(30)])
        self.assertEqual(items.mapped("amount_residual"), [450, 450])
        self.assertTrue(items[0].display_name.endswith("(1/2)"))

    def test_part_payment_is_seen_through_the_ledger(self):
        move = self.invoice(amount=1000)
        self.pay(move, amount=300)
        item = self.items(move)
        self.assertEqual(item.state, "open")
        self.assertEqual(item.amount_residual, 700)
        self.assertEqual(self.profile().amount_open, 700)

    def test_paid_invoice_is_settled_at_once(self):
        move = self.invoice()
        self.pay(move)
        item = self.items(move)
        self.assertEqual(item.state, "settled")
        self.assertTrue(item.settled_date)
        self.assertEqual(self.profile().amount_open, 0)
        self.assertEqual(self.profile().item_count, 0)

    def test_credit_stands_apart(self):
        self.invoice(amount=1000)
        refund = self.env["account.move"].create({
            "move_type": "out_refund",
            "partner_id": self.customer.id,
            "invoice_date": self.today,
            "invoice_line_ids": [
                Command.create({"name": "Back", "price_unit": 120, "tax_ids": [Command.clear()]})
            ],
        })
        refund.action_post()
        self.at_once()
        self.assertEqual(self.items(refund).side, "credit")
        profile = self.profile()
        self.assertEqual(profile.amount_open, 1000, "not reduced by what is not matched")
        self.assertEqual(profile.amount_credit, 120)
        self.assertFalse(self.items(refund).case_id)

    def test_opening_balance_without_invoice_is_an_item(self):
        move = self.entry(self.customer, 700)
        item = self.items(move)
        self.assertEqual(item.kind, "entry")
        self.assertEqual(item.amount_residual, 700)
        self.assertEqual(item.case_id.partner_id, self.customer)

    def test_payment_assigned_to_a_contact_person_counts_for_the_company(self):
        person = self.env["res.partner"].create({"name": "Eleni", "parent_id": self.customer.id})
        move = self.invoice(partner=person)
        self.assertEqual(self.items(move).partner_id, self.customer)

    def test_document_in_draft_is_neither_open_nor_gone(self):
        move = self.invoice()
        item = self.items(move)
        case = item.case_id
        move.button_draft()
        self.at_once()
        self.assertEqual(item.state, "draft")
        self.assertEqual(item.amount_residual, 0)
        self.assertEqual(case.state, "not_started", "the case waits for the document")
        self.assertEqual(case.amount_open, 0)

    def test_edited_document_keeps_its_items(self):
        terms = self.env["account.payment.term"].create({
            "name": "Halves",
            "line_ids": [
                Command.create({"value": "percent", "value_amount": 50, "nb_days": 0}),
                Command.create({"value": "percent", "value_amount": 50, "nb_days": 30}),
            ],
        })
        move = self.invoice(amount=1000, due=-40, terms=terms)
        before = self.items(move)
        before[1].granted_date = self.days(5)
        move.button_draft()
        self.at_once()
        move.invoice_line_ids.price_unit = 1200
        move.action_post()
        self.at_once()
        after = self.items(move)
        self.assertEqual(after, before, "the same items, matched again")
        self.assertEqual(after.mapped("amount_residual"), [600, 600])
        self.assertEqual(after[1].date_due, self.days(5), "what was granted still rules")
        self.assertEqual(set(after.mapped("state")), {"open"})

    def test_instalment_that_falls_away_is_cancelled(self):
        terms = self.env["account.payment.term"].create({
            "name": "Halves",
            "line_ids": [
                Command.create({"value": "percent", "value_amount": 50, "nb_days": 0}),
                Command.create({"value": "percent", "value_amount": 50, "nb_days": 30}),
            ],
        })
        move = self.invoice(amount=1000, due=-40, terms=terms)
        items = self.items(move)
        move.button_draft()
        move.invoice_payment_term_id = False
        move.invoice_date_due = self.days(-40)
        move.action_post()
        self.at_once()
        self.run_cycle(self.customer)
        self.assertEqual(items.mapped("state"), ["open", "cancelled"])
        self.assertEqual(items[0].amount_residual, 1000)

    def test_deleted_document_takes_its_item_along(self):
        move = self.invoice()
        item = self.items(move)
        move.button_draft()
        move.name = False
        move.with_context(force_delete=True).unlink()
        self.at_once()
        self.assertEqual(item.state, "cancelled")
        self.assertEqual(self.cases().state, "completed")
        self.assertEqual(self.cases().result, "cancelled")

    def test_branch_customer_has_items_per_branch(self):
        haifa = self.env["res.partner"].create({
            "name": "Haifa",
            "type": "invoice",
            "parent_id": self.customer.id,
        })
        at_branch = self.invoice(partner=haifa)
        at_head = self.invoice()
        self.assertEqual(self.items(at_branch).partner_id, self.customer)
        self.customer.collection_participation = "branch"
        self.at_once()
        self.assertEqual(self.items(at_branch).partner_id, haifa)
        self.assertEqual(self.items(at_head).partner_id, self.customer)
        self.assertEqual(self.profile(haifa).amount_open, 1000)
        self.assertEqual(self.profile().amount_open, 1000)
        self.assertEqual(self.items(at_branch).case_id.partner_id, haifa)

    def test_foreign_currency_totals_are_booked_residuals(self):
        currency = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        move = self.invoice(amount=500, currency_id=currency.id)
        item = self.items(move)
        self.assertEqual(item.amount_residual_currency, 500)
        self.assertEqual(item.amount_residual, 250)
        self.assertEqual(item.case_id.amount_open, 250)
        self.assertIn("500", item.case_id.amounts_by_currency)

    def test_post_dated_payment_blocks_what_it_will_pay(self):
        first = self.invoice(amount=400, due=-30)
        second = self.invoice(amount=600, due=-10)
        payment = self.env["account.payment"].create({
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": self.customer.id,
            "amount": 500,
            "date": self.days(15),
        })
        self.at_once()
        self.assertEqual(self.items(first).amount_blocked, 400)
        self.assertEqual(self.items(second).amount_blocked, 100)
        self.assertEqual(self.profile().amount_to_collect, 500)
        self.assertEqual(self.profile().amount_blocked, 500)
        payment.unlink()
        self.at_once()
        self.assertEqual(self.profile().amount_to_collect, 1000)

    def postdated(self, amount, partner=None, days=15, **vals):
        """Return a payment in hand that is dated later."""
        payment = self.env["account.payment"].create({
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": (partner or self.customer).id,
            "amount": amount,
            "date": self.days(days),
            **vals,
        })
        self.at_once()
        return payment

    def blocked(self, *moves):
        return [sum(self.items(move).mapped("amount_blocked")) for move in moves]

    def test_post_dated_payment_of_a_branch_covers_the_branch_and_the_head_office_covers_all(self):
        haifa, eilat = self.env["res.partner"].create([
            {"name": name, "type": "invoice", "parent_id": self.customer.id}
            for name in ("Haifa", "Eilat")
        ])
        self.customer.collection_participation = "branch"
        oldest = self.invoice(amount=100, due=-40)
        at_haifa = self.invoice(partner=haifa, amount=100, due=-30)
        at_eilat = self.invoice(partner=eilat, amount=100, due=-20)
        self.postdated(120, partner=eilat)
        self.assertEqual(self.blocked(oldest, at_haifa, at_eilat), [0, 0, 100])
        self.postdated(150)
        self.assertEqual(self.blocked(oldest, at_haifa, at_eilat), [100, 50, 100])
        self.assertEqual(self.profile(haifa).amount_to_collect, 50)
        self.assertEqual(self.cases(haifa).amount_to_collect, 50)

    def test_post_dated_payments_in_another_currency_count_at_their_rate(self):
        currency = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        move = self.invoice(amount=100)
        self.postdated(50, currency_id=currency.id)
        self.assertEqual(self.blocked(move), [25])

    def test_a_block_of_a_post_dated_payment_that_a_person_lifted_stays_lifted(self):
        move = self.invoice(amount=100)
        payment = self.postdated(60)
        self.items(move).block_ids.action_lift()
        self.at_once()
        payment.amount = 80
        self.at_once()
        self.assertEqual(self.blocked(move), [0])
        self.assertEqual(self.profile().amount_to_collect, 100)

    def test_what_was_paid_back_to_a_customer_is_not_owed(self):
        refund = self.env["account.payment"].create({
            "payment_type": "outbound",
            "partner_type": "customer",
            "partner_id": self.customer.id,
            "amount": 80,
            "date": self.days(-20),
        })
        refund.action_post()
        self.at_once()
        self.assertEqual(self.items(refund.move_id).side, "credit")
        self.assertEqual(self.profile().amount_open, 0)
        self.assertFalse(self.cases())
        credit_note = self.env["account.move"].create({
            "move_type": "out_refund",
            "partner_id": self.customer.id,
            "invoice_date": self.today,
            "invoice_line_ids": [
                Command.create({"name": "Back", "price_unit": 80, "tax_ids": [Command.clear()]})
            ],
        })
        credit_note.action_post()
        self.at_once()
        self.assertEqual(self.profile().amount_credit, 0, "given and paid back")

    # ------------------------------------------------------------
    # EDITED DOCUMENTS
    # ------------------------------------------------------------

    def shares(self, *days):
        """Return payment terms in equal shares, due after so many days each."""
        return self.env["account.payment.term"].create({
            "name": " / ".join(map(str, days)),
            "line_ids": [
                Command.create({
                    "value": "percent",
                    "value_amount": 100 / len(days),
                    "nb_days": after,
                })
                for after in days
            ],
        })

    def test_another_due_date_makes_no_other_instalment(self):
        move = self.invoice(amount=1000, due=-40, terms=self.shares(0, 10))
        first, second = self.items(move)
        first._block("dispute", 500)
        first.move_line_id.date_maturity = self.days(20)
        self.at_once()
        self.assertEqual(first.date_due, self.days(20))
        self.assertEqual(second.date_due, self.days(-30))
        self.assertEqual((first.amount_blocked, second.amount_blocked), (500, 0))
        self.assertEqual((first.instalment, second.instalment), (2, 1), "counted by date")

    def test_more_instalments_are_told_of_all(self):
        move = self.invoice(amount=1000, due=-40, terms=self.shares(0, 30))
        before = self.items(move)
        move.button_draft()
        move.invoice_line_ids.price_unit = 2000
        move.invoice_payment_term_id = self.shares(0, 30, 60, 90)
        move.action_post()
        self.at_once()
        after = self.items(move)
        self.assertEqual(after[:2], before)
        self.assertEqual(after.mapped("amount"), [500, 500, 500, 500])
        self.assertEqual(after.mapped("instalment"), [1, 2, 3, 4])
        self.assertEqual(set(after.mapped("instalment_count")), {4})

    def test_an_instalment_that_fell_away_comes_back_as_the_same(self):
        terms = self.shares(0, 30)
        move = self.invoice(amount=1000, due=-40, terms=terms)
        first, second = self.items(move)
        second._block("dispute", 100)
        for new_terms, states in ((None, ["open", "cancelled"]), (terms, ["open", "open"])) * 2:
            move.button_draft()
            self.at_once()
            move.invoice_payment_term_id = new_terms
            if not new_terms:
                move.invoice_date_due = move.invoice_date
            move.action_post()
            self.at_once()
            self.assertEqual(self.items(move), first | second)
            self.assertEqual((first | second).mapped("state"), states)
        self.assertEqual(second.amount_blocked, 100)

    def test_a_paid_document_that_is_edited_keeps_its_item_and_reopens_its_case(self):
        move = self.invoice(amount=1000)
        item, case = self.items(move), self.cases()
        self.pay(move)
        self.assertEqual((item.state, case.state), ("settled", "completed"))
        move.button_draft()
        self.at_once()
        self.assertEqual(item.state, "draft")
        move.invoice_line_ids.price_unit = 1300
        move.invoice_date_due = self.days(-8)
        move.action_post()
        self.at_once()
        self.assertEqual(self.items(move), item)
        self.assertEqual((item.state, item.amount_residual), ("open", 1300))
        self.assertEqual((case.state, case.open_item_ids), ("in_progress", item))

    def test_a_paid_document_that_is_cancelled_is_not_settled(self):
        move = self.invoice()
        self.pay(move)
        move.button_draft()
        move.button_cancel()
        self.at_once()
        self.assertEqual(self.items(move).state, "cancelled")
        move.button_draft()
        self.at_once()
        self.assertEqual(self.items(move).state, "draft")

    def test_a_granted_date_rules_while_it_is_later_than_the_document(self):
        move = self.invoice(due=-10)
        item = self.items(move)
        item.granted_date = self.days(5)
        self.assertEqual(item.date_due, self.days(5))
        move.invoice_date_due = self.days(9)
        self.at_once()
        self.assertEqual(item.date_due, self.days(9))
        move.invoice_date_due = self.days(-2)
        self.at_once()
        self.assertEqual(item.date_due, self.days(5))

    # ------------------------------------------------------------
    # WHO
    # ------------------------------------------------------------

    def test_a_document_moved_to_another_customer_moves_its_item(self):
        move = self.invoice()
        item, case = self.items(move), self.cases()
        move.button_draft()
        move.partner_id = self.other_customer
        move.action_post()
        self.at_once()
        self.assertEqual(item.partner_id, self.other_customer)
        self.assertEqual((case.state, case.case_item_ids.reason), ("completed", "moved"))
        self.assertEqual(item.case_id, self.cases(self.other_customer))
        self.assertEqual(self.profile().amount_open, 0)

    def test_a_customer_that_becomes_an_address_of_another_takes_its_debts_along(self):
        move = self.invoice()
        self.customer.write({"is_company": False, "parent_id": self.other_customer.id})
        self.at_once()
        self.assertEqual(self.items(move).partner_id, self.other_customer)
        self.assertEqual(self.profile(self.other_customer).amount_open, 1000)
        self.assertEqual(self.cases(self.other_customer).amount_open, 1000)
        self.assertEqual(self.cases().state, "completed")

    def test_a_company_below_an_address_of_another_is_a_customer_of_its_own(self):
        depot = self.env["res.partner"].create({
            "name": "Depot",
            "type": "delivery",
            "parent_id": self.customer.id,
        })
        self.other_customer.parent_id = depot
        (self.customer | self.other_customer).collection_participation = "branch"
        move = self.invoice(partner=self.other_customer)
        self.assertEqual(self.items(move).partner_id, self.other_customer)

    def test_a_contact_that_becomes_a_branch_is_one_at_once(self):
        haifa = self.env["res.partner"].create({
            "name": "Haifa",
            "type": "contact",
            "parent_id": self.customer.id,
        })
        self.customer.collection_participation = "branch"
        move = self.invoice(partner=haifa)
        self.assertEqual(self.items(move).partner_id, self.customer)
        haifa.type = "invoice"
        self.at_once()
        self.assertEqual(self.items(move).partner_id, haifa)

    def test_an_archived_customer_still_owes(self):
        self.invoice()
        self.customer.active = False
        self.invoice(amount=1)
        self.assertEqual(self.profile().amount_open, 1001)
        self.run_cycle(self.customer)
        self.assertEqual(self.cases().amount_open, 1001)

    def test_a_customer_who_never_owed_anything_can_be_deleted(self):
        self.env["collection.profile"]._get_or_create(self.company, self.other_customer)
        self.other_customer.unlink()
        self.assertFalse(self.other_customer.exists())
        # one who owes or owed cannot, and a contact on record is kept as well
        profile = self.env["collection.profile"]._get_or_create(self.company, self.customer)
        self.env["collection.contact.log"]._record({"profile_id": profile.id, "channel": "phone"})
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.customer.unlink()

    def test_a_document_in_draft_has_nobody_computed(self):
        with patch.object(type(self.cycle), "_run_for") as run_for:
            move = self.invoice(post=False)
            move.invoice_line_ids.price_unit = 7
            self.at_once()
            self.assertFalse(run_for.called)
            move.action_post()
            self.at_once()
            self.assertTrue(run_for.called)

    def test_everything_again_changes_nothing(self):
        self.invoice()
        self.pay(self.invoice(amount=70), amount=20)
        self.at_once()
        scope_steps = self.cycle.sudo()._get_steps()
        scope = self.env["collection.cycle.run"].new({
            "company_id": self.company.id,
            "business_date": self.today,
        })
        chunk = self.env["collection.cycle.chunk"].new({"run_id": scope})
        for step in scope_steps:
            if step != "collection.cycle.step.assign":
                changed = self.env[step].sudo()._apply(chunk._scope())
                self.assertEqual(changed, 0, step)
