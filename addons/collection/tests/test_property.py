# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Whatever happens to the ledger: what is kept up at once is what would be computed anew.

Random stories are told to a small company, one click after the other, each followed by what the
commit would do. In the end the items, blocks, customers and open cases must be

* those that :class:`oracle.Ledger` reads from the ledger in plain Python,
* those that the cycle builds when it starts from empty, and
* so complete that the cycle, run for everybody, has nothing left to do.

Which items a case holds depends on its history where people or dates had a say: what entered a
case stays in it although it could not enter today. What could enter today must always be in one.
"""

from datetime import timedelta
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import CollectionCommon
from .oracle import Ledger, built_anew, stored
from .random_limits import limits

STEPS = st.integers(0, 10**6)
AMOUNTS = st.sampled_from((0.01, 99.99, 100.0, 333.33, 1000.0, 1234.56))
DAYS = st.sampled_from((-75, -31, -30, -2, -1, 0, 1, 20, 45))

# what happens to the ledger alone; every case is then what it would be had it opened today
LEDGER_CLICKS = (
    "invoice",
    "entry",
    "pay",
    "pay",
    "pay_in_other_currency",
    "unmatch",
    "credit",
    "write_off",
    "bounce",
    "refund_payment",
    "to_draft",
    "edit_and_post",
    "cancel_document",
    "per_branch",
    "branch_flag",
    "move_partner",
)
# what people decide, and what time does
PEOPLE_CLICKS = (
    "postdated_payment",
    "postdated_payment",
    "payment_gone",
    "due_date",
    "granted_date",
    "hold",
    "participation",
    "block",
    "lift",
    "keep_out",
    "let_in",
    "manual_amount",
    "pay_manual",
    "cancel_manual",
    "remove_item",
    "close_case",
    "reopen_case",
    "split_or_merge",
    "open_by_hand",
    "next_day",
)


def stories(names, size):
    """Return stories: some documents first, and then clicks, each with numbers to choose by."""

    def clicks(names, least, most):
        click = st.tuples(st.sampled_from(names), STEPS, STEPS, AMOUNTS, DAYS)
        return st.lists(click, min_size=least, max_size=most)

    documents = clicks(("invoice", "invoice", "entry"), 1, 4)
    return st.tuples(documents, clicks(names, 1, size)).map(lambda parts: [*parts[0], *parts[1]])


@tagged("post_install", "-at_install")
class TestProperty(CollectionCommon):
    """Random stories; a failing one is shortened to the clicks that matter and printed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(
            context={
                **cls.env.context,
                "tracking_disable": True,
                "mail_create_nolog": True,
                "mail_create_nosubscribe": True,
            }
        )
        cls.company = cls.company.with_env(cls.env)
        cls.cycle = cls.env["collection.cycle"]
        cls.euro = cls.setup_other_currency(
            "EUR",
            rates=[("2016-01-01", 2.0), (fields.Date.to_string(cls.days(-20)), 1.6)],
        )
        Partner = cls.env["res.partner"]
        branches = [
            {"name": f"Branch {number}", "type": "invoice", "parent_id": cls.customer.id}
            for number in (1, 2)
        ]
        cls.branches = Partner.create(branches)
        cls.desk = Partner.create({"name": "Desk", "parent_id": cls.branches[0].id})
        cls.loner = Partner.create({"name": "Loner"})
        cls.partners = cls.customer | cls.branches | cls.desk | cls.other_customer | cls.loner
        cls.terms = cls.env["account.payment.term"].create([
            {
                "name": name,
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": share, "nb_days": days})
                    for share, days in lines
                ],
            }
            for name, lines in (
                ("Halves", ((50, 0), (50, 30))),
                ("Thirds", ((30, 0), (30, 30), (40, 60))),
                ("Later", ((100, 15),)),
            )
        ])

    # ------------------------------------------------------------
    # THE PROPERTIES
    # ------------------------------------------------------------

    @limits(16, 400)
    @given(story=stories(LEDGER_CLICKS, 12))
    def test_the_ledger_alone(self, story):
        self.tell(story, self.assert_built_anew_exactly)

    @limits(16, 400)
    @given(story=stories(LEDGER_CLICKS + PEOPLE_CLICKS, 14))
    def test_the_ledger_and_people(self, story):
        self.tell(story, self.assert_built_anew_with_history)

    def tell(self, story, check):
        """Do the clicks of a story one by one, check what came of it, and undo everything."""
        savepoint = self.env.cr.savepoint()
        self.days_gone = 0
        today = type(self.company)._collection_today
        later = patch.object(
            type(self.company),
            "_collection_today",
            lambda company: today(company) + timedelta(days=self.days_gone),
        )
        try:
            with later:
                for name, *numbers in story:
                    self.do(name, *numbers)
                self.check_against_ledger()
                check()
                self.check_nothing_left_to_do()
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all()

    def do(self, name, *numbers):
        """Do one click; what the host or a rule refuses has not happened."""
        try:
            with self.env.cr.savepoint():
                getattr(self, f"click_{name}")(*numbers)
        except UserError:
            self.env.invalidate_all()
        self.at_once()

    def check_against_ledger(self):
        ledger = Ledger(self.env, self.company)
        state = stored(self.env, self.company)
        expected = ledger.open_items()
        self.assertEqual(set(state["items"]), set(expected), "open items")
        numbers = ledger.instalments()
        for name, (party, side, due, residual, item) in expected.items():
            row = state["items"][name]
            self.assertEqual(
                (row[0], row[1], row[8], row[13]),
                (party.id, side, due, round(residual, 2)),
                f"{item.display_name}: customer, side, due date, open amount",
            )
            self.assertEqual(row[6], numbers.get(name, (1, 1)), f"{item.display_name}: instalment")
        self.assertEqual(
            {key: amount for key, (amount, _until) in state["blocks"].items()},
            ledger.payment_blocks(),
            "blocks of post-dated payments",
        )
        self.assertEqual(state["totals"], ledger.totals(), "totals of customers")
        self.assertEqual(ledger.open_case_faults(), [])
        items = self.env["collection.item"].sudo().search([("company_id", "=", self.company.id)])
        in_case = {
            item.move_line_id.id or f"amount {item.id}" for item in items.filtered("case_id")
        }
        self.assertLessEqual(ledger.belongs_in_case(), in_case, "late items in no case")
        for item in items - items.filtered(lambda item: item.kind == "manual"):
            self.assertEqual(item.state, self.state_in_ledger(item), item.display_name)
        self.assertFalse(self.env["collection.cycle.touched"].search([]), "nothing was put off")

    def state_in_ledger(self, item):
        line = item.move_line_id
        if not line or line.parent_state == "cancel" or not line.partner_id:
            return "cancelled"
        if line.parent_state == "draft":
            return "draft"
        return "settled" if line.reconciled else "open"

    def assert_built_anew_exactly(self):
        self.assertEqual(built_anew(self.env, self.company), self.only_in_cases_with_items())

    def only_in_cases_with_items(self):
        """Return what is stored, without the cases that hold documents in draft only."""
        state = stored(self.env, self.company)
        state["in case"] = {party: names for party, names in state["in case"].items() if names}
        return state

    def assert_built_anew_with_history(self):
        state, anew = self.only_in_cases_with_items(), built_anew(self.env, self.company)
        in_case, in_case_anew = state.pop("in case"), anew.pop("in case")
        self.assertEqual(anew, state)
        in_own = {
            item.move_line_id.id or f"amount {item.id}"
            for case in self.env["collection.case"].search([("state", "!=", "completed")])
            for item in case.open_item_ids
        }
        for party, names in in_case_anew.items():
            # a person may have put an item in a case of its own; no rule takes it from there
            missing = names - in_case.get(party, set()) - in_own
            self.assertFalse(missing, "late, but in no case")

    def check_nothing_left_to_do(self):
        """The cycle, run for everybody and again for given customers, changes nothing."""
        chunk = self.env["collection.cycle.chunk"].new({
            "run_id": self.env["collection.cycle.run"].new({
                "company_id": self.company.id,
                "business_date": self.company._collection_today(),
            })
        })
        for step in self.cycle._get_steps():
            if step != "collection.cycle.step.assign":
                changed = self.env[step].sudo()._apply(chunk._scope())
                self.assertEqual(changed, 0, f"{step} had something left to do")

    # ------------------------------------------------------------
    # CHOOSING
    # ------------------------------------------------------------

    @staticmethod
    def one_of(records, number):
        """Return one of the records; with none there the click does nothing."""
        if not records:
            raise UserError("Nothing to click on.")  # pylint: disable=translation-required
        return records[number % len(records)]

    def one_after(self, click, find, *numbers):
        """Return one of what ``find`` finds; where there is none, another click makes it first."""
        if not find():
            getattr(self, f"click_{click}")(*numbers)
            self.at_once()
        return self.one_of(find(), numbers[0])

    def documents(self, *states, types=("out_invoice",)):
        return self.env["account.move"].search(
            [
                ("company_id", "=", self.company.id),
                ("move_type", "in", types),
                ("state", "in", states or ("posted",)),
            ],
            order="id",
        )

    def open_documents(self):
        return self.documents().filtered(lambda move: self.open_lines(move))

    def open_lines(self, move):
        return self.receivable(move).filtered(lambda line: not line.reconciled)

    def payments(self, *states):
        return self.env["account.payment"].search(
            [("company_id", "=", self.company.id), ("state", "in", states)], order="id"
        )

    def items(self, domain):
        return self.env["collection.item"].search(
            [("company_id", "=", self.company.id), *domain], order="id"
        )

    def manual_items(self):
        return self.items([("kind", "=", "manual"), ("state", "=", "open")])

    def open_cases(self):
        return self.env["collection.case"].search(
            [("company_id", "=", self.company.id), ("state", "!=", "completed")], order="id"
        )

    def day(self, days):
        return fields.Date.add(self.company._collection_today(), days=days)

    # ------------------------------------------------------------
    # CLICKS ON THE LEDGER
    # ------------------------------------------------------------

    def click_invoice(self, one, two, amount, days):
        partner = self.one_of(self.partners, one)
        terms = self.terms[two % 7 :][:1]
        currency = self.euro if two % 5 == 0 else self.company.currency_id
        self.invoice(partner, amount, days, terms=terms, currency_id=currency.id)

    def click_entry(self, one, two, amount, days):
        self.entry(self.one_of(self.partners, one), -amount if two % 3 == 0 else amount, days)

    def click_pay(self, one, two, amount, days):
        move = self.one_of(self.open_documents(), one)
        self.pay(move, amount=None if two % 3 else amount)

    def click_pay_in_other_currency(self, one, two, amount, days):
        move = self.one_of(self.open_documents(), one)
        other = (self.euro | self.company.currency_id) - move.currency_id
        self.pay(move, amount=amount, currency_id=other.id, payment_date=self.day(-(two % 30)))

    def click_unmatch(self, one, two, amount, days):
        def matched():
            return self.documents().filtered("line_ids.matched_credit_ids")

        move = self.one_after("pay", matched, one, two, amount, days)
        self.receivable(move).remove_move_reconcile()

    def click_credit(self, one, two, amount, days):
        move = self.one_of(self.open_documents(), one)
        if two % 3 == 0:
            self.credit(move)
            return
        refund = self.credit(move, amount)
        if two % 3 == 1:
            self.receivable(refund).remove_move_reconcile()

    def click_write_off(self, one, two, amount, days):
        line = self.one_of(self.open_lines(self.one_of(self.open_documents(), one)), two)
        entry = self.entry(line.partner_id, -min(amount, line.amount_residual), 0)
        (line | self.receivable(entry)).reconcile()

    def click_bounce(self, one, two, amount, days):
        payment = self.one_after(
            "pay", lambda: self.payments("in_process", "paid"), one, two, amount, days
        )
        self.receivable(payment.move_id).remove_move_reconcile()
        if two % 2:
            payment.action_draft()
            payment.action_cancel()
        else:
            payment.move_id._reverse_moves(cancel=True)

    def click_refund_payment(self, one, two, amount, days):
        self.env["account.payment"].create({
            "payment_type": "outbound",
            "partner_type": "customer",
            "partner_id": self.one_of(self.partners, one).id,
            "amount": amount,
            "date": self.day(-(two % 30)),
        }).action_post()

    def click_to_draft(self, one, two, amount, days):
        self.one_of(self.documents(), one).button_draft()

    def click_edit_and_post(self, one, two, amount, days):
        drafts = self.documents("draft")
        move = self.one_of(drafts or self.documents(), one)
        if move.state == "posted":
            move.button_draft()
            if two % 2:
                self.at_once()
        if two % 3 == 0:
            move.invoice_line_ids.price_unit = amount
        if two % 5 == 0:
            move.partner_id = self.one_of(self.partners, two)
        if two % 4 == 0:
            move.invoice_payment_term_id = self.terms[(two // 4) % 4 :][:1]
        if not move.invoice_payment_term_id:
            move.invoice_date_due = move.invoice_date
        move.action_post()

    def click_cancel_document(self, one, two, amount, days):
        move = self.one_of(self.documents("draft", "posted"), one)
        if move.state == "posted":
            move.button_draft()
        if two % 2:
            move.button_cancel()
        else:
            move.with_context(force_delete=True).unlink()

    def click_per_branch(self, one, two, amount, days):
        self.customer.collection_participation = "branch" if two % 3 else "default"

    def click_branch_flag(self, one, two, amount, days):
        partner = self.one_of(self.branches | self.desk, one)
        partner.is_collection_branch = not partner.is_collection_branch

    def click_move_partner(self, one, two, amount, days):
        partner = self.one_of(self.branches | self.desk | self.loner, one)
        partner.parent_id = self.one_of(self.partners - partner, two)

    # ------------------------------------------------------------
    # CLICKS OF PEOPLE
    # ------------------------------------------------------------

    def click_postdated_payment(self, one, two, amount, days):
        payment = self.env["account.payment"].create({
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": self.one_of(self.partners, one).id,
            "amount": amount,
            "currency_id": (self.euro if two % 4 == 0 else self.company.currency_id).id,
            "date": self.day(1 + two % 40),
        })
        if two % 3 == 0:
            payment.action_post()

    def click_payment_gone(self, one, two, amount, days):
        payment = self.one_after(
            "postdated_payment",
            lambda: self.payments("draft", "in_process", "paid"),
            one,
            two,
            amount,
            days,
        )
        if payment.state != "draft":
            payment.action_draft()
        if two % 2:
            payment.action_cancel()
        else:
            payment.unlink()

    def click_due_date(self, one, two, amount, days):
        line = self.one_of(self.open_lines(self.one_of(self.open_documents(), one)), two)
        line.date_maturity = self.day(days)

    def click_granted_date(self, one, two, amount, days):
        item = self.one_of(self.items([("state", "=", "open"), ("side", "=", "debit")]), one)
        item.granted_date = fields.Date.add(item.date_maturity, days=two % 60) if two % 4 else False

    def click_hold(self, one, two, amount, days):
        self.one_of(self.partners, one).write({
            "collection_hold": bool(two % 3),
            "collection_hold_until": self.day(days) if two % 2 else False,
        })

    def click_participation(self, one, two, amount, days):
        partner = self.one_of(self.partners, one)
        partner.collection_participation = ("default", "yes", "no")[two % 3]

    def click_block(self, one, two, amount, days):
        item = self.one_of(self.items([("state", "=", "open"), ("side", "=", "debit")]), one)
        item._block("hold", amount, until=self.day(days) if two % 2 else None)

    def click_lift(self, one, two, amount, days):
        def blocked():
            return self.items([("block_ids", "!=", False)])

        self.one_after("block", blocked, one, two, amount, days).action_unblock()

    def click_keep_out(self, one, two, amount, days):
        item = self.one_of(self.items([("state", "=", "open"), ("side", "=", "debit")]), one)
        item._keep_out(self.day(days))

    def click_let_in(self, one, two, amount, days):
        def kept_out():
            return self.items([("keep_out_until", "!=", False)])

        self.one_after("keep_out", kept_out, one, two, amount, days).action_let_in()

    def click_manual_amount(self, one, two, amount, days):
        partner = self.one_of(self.partners, one).commercial_partner_id
        self.env["collection.case"]._open_amount_case(
            self.env["collection.profile"]._get_or_create(self.company, partner),
            amount,
            self.euro if two % 3 == 0 else self.company.currency_id,
            "Advance",
            self.day(days),
        )

    def click_pay_manual(self, one, two, amount, days):
        item = self.one_after("manual_amount", self.manual_items, one, two, amount, days)
        action = item.action_register_payment()
        payment = (
            self
            .env["account.payment"]
            .with_context(**action["context"])
            .create({
                "date": self.day(days if two % 4 == 0 else 0),
            })
        )
        if two % 2:
            payment.amount = amount
        if two % 5:
            payment.action_post()

    def click_cancel_manual(self, one, two, amount, days):
        item = self.one_after("manual_amount", self.manual_items, one, two, amount, days)
        item.action_cancel_manual()

    def click_remove_item(self, one, two, amount, days):
        case = self.one_of(self.open_cases(), one)
        case._remove_items(self.one_of(case.open_item_ids, two), keep_out_until=self.day(days))

    def click_close_case(self, one, two, amount, days):
        self.one_of(self.open_cases(), one)._close(
            ("uncollectable", "paid", "legal")[two % 3],
            keep_out_until=self.day(days) if two % 2 else None,
        )

    def click_reopen_case(self, one, two, amount, days):
        def completed():
            return self.env["collection.case"].search(
                [("company_id", "=", self.company.id), ("state", "=", "completed")], order="id"
            )

        self.one_after("close_case", completed, one, two, amount, days)._reopen("By hand")

    def click_split_or_merge(self, one, two, amount, days):
        case = self.one_of(self.open_cases(), one)
        others = case.profile_id.open_case_ids - case
        if others:
            case._merge(others[:1])
        else:
            case._split(case.open_item_ids[:1])

    def click_open_by_hand(self, one, two, amount, days):
        items = self.items([("state", "=", "open"), ("side", "=", "debit")])
        item = self.one_of(items.filtered(lambda item: not item.case_id), one)
        if two % 2:
            self.env["collection.case"]._open_for(item.profile_id, items=item)
        else:
            self.env["collection.case"].create({"profile_id": item.profile_id.id})._add_items(item)

    def click_next_day(self, one, two, amount, days):
        self.days_gone += 1 + two % 20
        self.cycle.sudo()._run_for(
            self.company, self.env["res.partner"].with_context(active_test=False).search([])
        )
