# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""The arithmetic of periods, prices and placeholders, without a database."""

import doctest
from datetime import date, timedelta
from fractions import Fraction
from itertools import islice

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.payment_charge.core.workdays import is_working_day

from ..core import periods as core
from ..core import placeholders, prices

DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))
RHYTHMS = st.builds(
    core.Rhythm,
    anchor=DAYS,
    unit=st.sampled_from(["day", "week", "month"]),
    every=st.integers(1, 40),
    month_day=st.sampled_from([0, 1, 15, 28, 29, 30, 31]),
).map(lambda one: core.Rhythm(one.boundary(0), one.unit, one.every, one.month_day))
WEEKENDS = st.sampled_from([frozenset((5, 6)), frozenset((4, 5)), frozenset((6,)), frozenset()])


@tagged("post_install", "-at_install")
class TestPeriods(BaseCase):
    def test_the_examples_in_the_texts(self):
        for module in (core, prices, placeholders):
            self.assertEqual(doctest.testmod(module).failed, 0, module.__name__)

    @settings(deadline=None, max_examples=300)
    @given(RHYTHMS, DAYS)
    def test_every_day_is_in_one_period(self, rhythm, day):
        place = rhythm.place_of(day)
        self.assertLessEqual(rhythm.boundary(place), day)
        self.assertGreater(rhythm.boundary(place + 1), day)

    @settings(deadline=None, max_examples=300)
    @given(RHYTHMS, DAYS, st.integers(0, 900), st.integers(0, 12))
    def test_no_gap_and_no_overlap(self, rhythm, start, length, count):
        """Whatever the rhythm, periods cover each day from start to end exactly once."""
        end = start + timedelta(days=length)
        found = list(core.periods(rhythm, start, end, count))
        day = start
        for number, period in enumerate(found, start=1):
            self.assertEqual((period.number, period.first), (number, day))
            self.assertLessEqual(period.first, period.last)
            self.assertLessEqual(period.whole_first, period.first)
            self.assertGreaterEqual(period.whole_last, period.last)
            day = period.last + core.ONE_DAY
        if not count:
            self.assertEqual(day, end + core.ONE_DAY)
        else:
            self.assertLessEqual(len(found), count)

    @settings(deadline=None, max_examples=200)
    @given(RHYTHMS, DAYS, st.integers(1, 400), st.integers(0, 20))
    def test_going_on_is_the_same_as_never_having_stopped(self, rhythm, start, length, done):
        """A run that stops after any period goes on with the very next one."""
        end = start + timedelta(days=length)
        whole = list(core.periods(rhythm, start, end))
        done = min(done, len(whole))
        until = whole[done - 1].last if done else None
        self.assertEqual(
            whole[done:], list(core.periods(rhythm, start, end, done=done, until=until))
        )

    @settings(deadline=None, max_examples=200)
    @given(RHYTHMS, RHYTHMS, DAYS, st.integers(1, 6))
    def test_a_changed_rhythm_bills_no_day_twice(self, before, after, start, done):
        billed = list(islice(core.periods(before, start), done))
        following = next(core.periods(after, start, done=done, until=billed[-1].last))
        self.assertEqual(following.first, billed[-1].last + core.ONE_DAY)

    @settings(deadline=None, max_examples=200)
    @given(RHYTHMS, DAYS, st.integers(0, 400), st.booleans(), st.booleans())
    def test_shares(self, rhythm, start, length, first, last):
        """A share is by days, never more than the whole, and whole where nothing is prorated."""
        end = start + timedelta(days=length)
        for period in core.periods(rhythm, start, end):
            share = period.share_billed(prorate_first=first, prorate_last=last)
            self.assertLessEqual(share, 1)
            self.assertGreaterEqual(share, period.share)
            if period.is_whole or not (first or last):
                self.assertEqual(share, 1)
            self.assertEqual(
                sum(
                    period.share_billed(since=day) - period.share_billed(since=day + core.ONE_DAY)
                    for day in (period.first, period.last)
                    if period.days == 1
                ),
                2 * period.share if period.days == 1 else 0,
            )

    @settings(deadline=None, max_examples=200)
    @given(RHYTHMS, DAYS, st.integers(0, 60))
    def test_two_parts_of_a_period_cost_what_it_costs(self, rhythm, start, cut):
        period = next(core.periods(rhythm, start))
        day = min(period.first + timedelta(days=cut), period.last)
        before = core.Period(1, period.first, day, period.whole_first, period.whole_last)
        after = period.share_billed(since=day + core.ONE_DAY) if day < period.last else Fraction(0)
        self.assertEqual(before.share + after, period.share)

    @settings(deadline=None, max_examples=300)
    @given(
        DAYS,
        st.sampled_from(["none", "next", "previous", "next_in_month"]),
        WEEKENDS,
        st.booleans(),
    )
    def test_working_days(self, day, shift, weekend, target):
        moved = core.shifted(day, shift, weekend, target=target)
        self.assertLessEqual(abs((moved - day).days), 12)
        if shift == "none":
            self.assertEqual(moved, day)
            return
        self.assertTrue(is_working_day(moved, weekend, target=target))
        if shift == "previous":
            self.assertLessEqual(moved, day)
        elif shift == "next":
            self.assertGreaterEqual(moved, day)
        else:
            self.assertEqual((moved.year, moved.month), (day.year, day.month))

    @settings(deadline=None, max_examples=200)
    @given(
        RHYTHMS,
        DAYS,
        st.sampled_from(["first", "last", "after"]),
        st.integers(-10, 60),
        st.sampled_from(["none", "next", "previous", "next_in_month"]),
        WEEKENDS,
    )
    def test_days_of_billing_never_go_back(self, rhythm, start, on, offset, shift, weekend):
        """The next period is never billed before this one, so that planning may stop at the first."""
        billing = core.Billing(on, offset, shift, weekend)
        days = [billing.day_of(one) for one in islice(core.periods(rhythm, start), 6)]
        self.assertEqual(days, sorted(days))

    def test_month_ends_do_not_drift(self):
        rhythm = core.Rhythm(date(2027, 1, 31))
        days = [rhythm.boundary(place) for place in range(14)]
        self.assertEqual(days[1], date(2027, 2, 28))
        self.assertEqual(days[2], date(2027, 3, 31))
        self.assertEqual(days[13], date(2028, 2, 29), "a leap year")

    def test_a_leap_day_once_a_year(self):
        rhythm = core.Rhythm(date(2028, 2, 29), every=12)
        self.assertEqual(
            [rhythm.boundary(place) for place in range(5)],
            [date(year, 2, 29 if year % 4 == 0 else 28) for year in range(2028, 2033)],
        )


@tagged("post_install", "-at_install")
class TestPricesAndTexts(BaseCase):
    @settings(deadline=None, max_examples=100)
    @given(st.floats(0, 20), st.integers(1, 24), DAYS, st.integers(0, 4000), st.integers(0, 400))
    def test_an_increase_never_goes_back(self, percent, months, start, days, more):
        day = start + timedelta(days=days)
        now = prices.increase_factor(percent, months, start, day)
        later = prices.increase_factor(percent, months, start, day + timedelta(days=more))
        self.assertGreaterEqual(now, 1)
        self.assertGreaterEqual(later, now)

    def test_an_index_moves_a_price_from_its_base_day(self):
        rows = [(date(2026, 1, 1), 100.0), (date(2027, 1, 1), 104.0), (date(2028, 1, 1), 106.6)]
        factor = prices.index_factor(rows, date(2027, 5, 1), date(2028, 2, 1))
        self.assertAlmostEqual(factor, 1.025)
        self.assertEqual(prices.index_factor(rows, date(2020, 1, 1), date(2028, 2, 1)), 1.0)
        self.assertEqual(prices.index_factor([], date(2027, 1, 1), date(2028, 1, 1)), 1.0)

    def test_placeholders_in_the_language_of_the_customer(self):
        days = (date(2027, 5, 1), date(2027, 5, 31), 5)
        self.assertEqual(placeholders.fill("{month}", *days, "he_IL"), "מאי 2027")
        self.assertEqual(placeholders.fill("{month}", *days, "el_GR"), "Μάιος 2027")
        self.assertEqual(placeholders.fill("{month}/{number}", *days, "en_US"), "May 2027/5")
        self.assertEqual(
            placeholders.fill("{quarter} {year}", *days, "en_US"), "2nd quarter 2027 2027"
        )
        self.assertEqual(placeholders.fill("{oops} 100 %", *days, "xx_XX"), "{oops} 100 %")

    @given(st.text())
    def test_a_text_without_placeholders_stays(self, text):
        if not placeholders.PATTERN.search(text):
            days = (date(2027, 5, 1), date(2027, 5, 31), 5)
            self.assertEqual(placeholders.fill(text, *days, "en_US"), text)
