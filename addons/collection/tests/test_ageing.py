# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Ageing is plain Python: these tests need no database."""

from datetime import date

from odoo.tests import BaseCase

from ..core.ageing import Ageing


class TestAgeing(BaseCase):
    def test_buckets_of_the_default_boundaries(self):
        self.assertEqual(
            [bucket.key for bucket in Ageing().buckets],
            ["current", "1_30", "31_60", "61_90", "91_120", "over_120"],
        )

    def test_every_day_is_in_the_bucket_that_names_it(self):
        ageing = Ageing()
        for days in range(-400, 400):
            bucket = ageing.bucket_of(days)
            with self.subTest(days=days):
                self.assertTrue(bucket.low is None or bucket.low <= days)
                self.assertTrue(bucket.high is None or days <= bucket.high)

    def test_edges(self):
        ageing = Ageing()
        edges = {
            -1: "current",
            0: "current",
            1: "1_30",
            30: "1_30",
            31: "31_60",
            120: "91_120",
            121: "over_120",
        }
        for days, key in edges.items():
            self.assertEqual(ageing.bucket_of(days).key, key)

    def test_boundaries_are_a_parameter(self):
        ageing = Ageing((7, 14))
        self.assertEqual([bucket.key for bucket in ageing.buckets], ["upto_7", "8_14", "over_14"])
        self.assertEqual(ageing.thresholds, [8, 15])

    def test_boundaries_must_increase(self):
        for boundaries in ((), (30, 30), (60, 30)):
            with self.assertRaises(ValueError):
                Ageing(boundaries)

    def test_sums_are_kept_by_spreading(self):
        rows = [(-3, 100.0), (0, 50.0), (1, 25.0), (45, 10.0), (500, 5.0), (500, -2.0)]
        sums = Ageing().spread(rows)
        self.assertEqual(sums, [150.0, 25.0, 10.0, 0.0, 0.0, 3.0])
        self.assertEqual(sum(sums), sum(amount for _days, amount in rows))

    def test_due_dates_of_a_bucket(self):
        today = date(2026, 3, 31)
        current, first, *_middle, last = Ageing().buckets
        self.assertEqual(current.dates(today), (today, None))
        self.assertEqual(first.dates(today), (date(2026, 3, 1), date(2026, 3, 30)))
        self.assertEqual(last.dates(today), (None, date(2025, 11, 30)))

    def test_get_by_key(self):
        self.assertEqual(Ageing().get("31_60").low, 31)
        self.assertIsNone(Ageing().get("nonsense"))
