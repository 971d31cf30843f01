# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Why an item is in no case: the answer given to people and what the cycle does are one."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from odoo import Command
from odoo.tests import tagged
from odoo.tests.common import BaseCase

from ..core.eligibility import ItemFacts, Rule, reasons_against
from .common import CollectionCommon
from .random_limits import limits

CUSTOMERS = 5
ITEMS = 5
DAYS = st.sampled_from((-60, -31, -30, -29, -2, -1, 0, 1, 30))
MAYBE_DAYS = st.none() | DAYS
AMOUNTS = (100.0, 250.0, 33.33, 0.1, 0.2)

RULES = st.fixed_dictionaries({
    "collection_days_late": st.sampled_from((0, 1, 30)),
    "collection_min_amount": st.sampled_from((0.0, 0.3, 250.0, 283.33, 383.63)),
    "collection_takes_part_default": st.booleans(),
    "collection_partner_domain": st.sampled_from((
        "[]",
        "[('name', 'ilike', 'customer 1')]",
        "['|', ('name', 'ilike', '2'), ('ref', '!=', False)]",
    )),
})
CUSTOMER = st.fixed_dictionaries({
    "participation": st.sampled_from(("default", "default", "yes", "no")),
    "hold": st.sampled_from((False, False, True)),
    "hold_until": MAYBE_DAYS,
    "has_case": st.booleans(),
})
ITEM = st.fixed_dictionaries({
    "due": DAYS,
    "keep_out": MAYBE_DAYS,
    "block": st.none() | st.sampled_from((0.05, 33.33, 100.0, 1000.0)),
    "block_until": MAYBE_DAYS,
    "past": st.sampled_from((
        None,
        None,
        None,
        "in the open case",
        "settled",
        "settled in an own case",
        "closed by hand",
        "settled, then legal",
    )),
})
COMPANIES = st.tuples(
    RULES,
    st.lists(CUSTOMER, min_size=CUSTOMERS, max_size=CUSTOMERS),
    st.lists(ITEM, min_size=CUSTOMERS * ITEMS, max_size=CUSTOMERS * ITEMS),
)


@tagged("post_install", "-at_install")
class TestEligibility(CollectionCommon):
    """Random companies: an item has no reason against it exactly when the cycle takes it in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls.company = cls.company.with_env(cls.env)
        cls.company.collection_live = False
        cls.customers = cls.env["res.partner"].create([
            {"name": f"Customer {number}", "ref": "C4" if number == 4 else False}
            for number in range(CUSTOMERS)
        ])
        total = sum(AMOUNTS) * CUSTOMERS
        move = cls.env["account.move"].create({
            "move_type": "entry",
            "date": cls.today,
            "line_ids": [
                *(
                    Command.create({
                        "partner_id": customer.id,
                        "account_id": cls.company_data["default_account_receivable"].id,
                        "date_maturity": cls.today,
                        "debit": amount,
                    })
                    for customer in cls.customers
                    for amount in AMOUNTS
                ),
                Command.create({
                    "account_id": cls.company_data["default_account_revenue"].id,
                    "credit": total,
                }),
            ],
        })
        move.action_post()
        cls.at_once()
        cls.items = move.collection_item_ids.sorted(lambda item: (item.partner_id.id, item.id))
        cls.profiles = cls.items.profile_id.sorted(lambda profile: profile.partner_id.id)

    @limits(30, 1000)
    @given(drawn=COMPANIES)
    def test_no_reason_against_it_means_the_next_run_takes_it_in(self, drawn):
        savepoint = self.env.cr.savepoint()
        try:
            self.prepare(*drawn)
            free = self.items.filtered(lambda item: not item.case_id)
            reasons = free._reasons_against_case()
            self.run_cycle(*self.customers)
            for item in free:
                told = f"{item.partner_id.name}, {item.amount}: {reasons[item]}"
                self.assertEqual(bool(item.case_id), not reasons[item], told)
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all()

    def prepare(self, rule, customers, items):
        """Bring the company in the state that was drawn, without letting any case open."""
        for profile, drawn in zip(self.profiles, customers, strict=True):
            profile.write({
                "participation": drawn["participation"],
                "hold": drawn["hold"],
                "hold_until": self.day(drawn["hold_until"]) if drawn["hold"] else False,
            })
        self.at_once()
        cases = {
            profile: self.case(profile, "auto")
            for profile, drawn in zip(self.profiles, customers, strict=True)
            if drawn["has_case"]
        }
        for item, drawn in zip(self.items, items, strict=True):
            self.env.cr.execute(
                "UPDATE collection_item SET date_due = %s, keep_out_until = %s WHERE id = %s",
                [self.day(drawn["due"]), self.day(drawn["keep_out"]) or None, item.id],
            )
            if drawn["block"]:
                item._block("hold", drawn["block"], until=self.day(drawn["block_until"]))
            self.remember(item, drawn["past"], cases)
        self.env.flush_all()
        self.env.invalidate_all()
        self.at_once()
        self.company.write({**rule, "collection_live": True})
        self.env.flush_all()

    def day(self, days):
        return False if days is None else self.days(days)

    def case(self, profile, origin, state="not_started", result=None):
        case = (
            self
            .env["collection.case"]
            .sudo()
            .create({
                "profile_id": profile.id,
                "origin": origin,
            })
        )
        if state == "completed":
            case.write({"result": result, "closed_on": self.today})
            case._set_state(state)
        return case

    def remember(self, item, past, cases):
        """Give the item the past that was drawn."""
        if past == "in the open case":
            if item.profile_id in cases:
                cases[item.profile_id]._add_items(item)
            return
        if not past:
            return
        origin = "manual" if past == "settled in an own case" else "auto"
        result = {"closed by hand": "uncollectable", "settled, then legal": "legal"}.get(
            past, "paid"
        )
        self.env["collection.case.item"].sudo().create({
            "case_id": self.case(item.profile_id, "manual", "completed", result).id,
            "item_id": item.id,
            "open": False,
            "reason": "closed" if past == "closed by hand" else "settled",
        }).case_id.origin = origin


class TestReasons(BaseCase):
    """The rule itself, in plain Python."""

    RULE = Rule(live=True, today=date(2026, 3, 1), days_late=5, minimum=100)

    def item(self, **facts):
        return ItemFacts(**{
            "state": "open",
            "side": "debit",
            "date_due": date(2026, 2, 24),
            "residual": 100.0,
            "blocked": 0.0,
            "keep_out_until": None,
            "takes_part": True,
            "held": False,
            "in_scope": True,
            **facts,
        })

    def reasons(self, item, *others, has_open_case=False):
        return reasons_against(item, [item, *others], self.RULE, has_open_case=has_open_case)

    def test_late_enough_and_large_enough_goes_in(self):
        self.assertEqual(self.reasons(self.item()), [])

    def test_every_reason_is_told_not_only_the_first(self):
        item = self.item(takes_part=False, held=True, date_due=date(2026, 2, 25), blocked=100.0)
        self.assertEqual(
            self.reasons(item), ["not_participating", "on_hold", "not_late", "blocked"]
        )

    def test_the_minimum_counts_what_would_enter_together(self):
        small = self.item(residual=60.0)
        self.assertEqual(self.reasons(small), ["below_minimum"])
        self.assertEqual(self.reasons(small, self.item(residual=40.0)), [])
        kept_out = self.item(residual=40.0, keep_out_until=date(2026, 3, 1))
        self.assertEqual(self.reasons(small, kept_out), ["below_minimum"])
        self.assertEqual(self.reasons(small, self.item(blocked=70.0)), ["below_minimum"])

    def test_an_open_case_takes_in_any_amount(self):
        self.assertEqual(self.reasons(self.item(residual=1.0), has_open_case=True), [])

    def test_what_was_paid_and_is_owed_again_returns_at_once(self):
        back = self.item(residual=1.0, date_due=date(2026, 3, 1), returns=True)
        self.assertEqual(self.reasons(back), [])
        self.assertEqual(self.reasons(self.item(residual=1.0), back), [], "its case takes all in")
        alone = self.item(residual=1.0, returns=True, alone=True)
        self.assertEqual(self.reasons(self.item(residual=1.0), alone), ["below_minimum"])

    def test_many_cents_add_up_to_the_minimum(self):
        items = [self.item(residual=0.1) for _number in range(1000)]
        self.assertEqual(self.reasons(*items), [])
