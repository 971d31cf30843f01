# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Part payments: whatever is paid in whatever order, nothing is lost and nothing is twice."""

import random
from collections import Counter

from odoo.tests import BaseCase, tagged

from ..core.split import apportion, proportion, split, to_amount, to_units

ROUNDS = 400


@tagged("post_install", "-at_install")
class TestSplit(BaseCase):
    def document(self, rng):
        """Return a random document: net and taxes of its lines, and the taxes each line has."""
        groups = [(), ("vat17",), ("vat24", "levy"), ("vat0",)]
        cells, group_of = {}, {}
        for line in range(rng.randint(1, 12)):
            group = rng.choice(groups)
            group_of[line] = group
            # now and then a discount line
            net = rng.randint(1, 100_000) * (-1 if rng.random() < 0.1 else 1)
            cells[line, ""] = net
            for tax in group:
                cells[line, tax] = 0 if tax == "vat0" else net * rng.randint(1, 25) // 100
        return cells, group_of

    def payments(self, rng, total):
        """Return random amounts that sum to a total."""
        left = total
        while left:
            part = left if rng.random() < 0.2 else rng.randint(1, left)
            yield part
            left -= part

    def test_parts_sum_to_the_payment_and_payments_to_the_document(self):
        for seed in range(ROUNDS):
            rng = random.Random(seed)
            cells, group_of = self.document(rng)
            total = sum(cells.values())
            if total <= 0:
                continue
            remaining, paid = dict(cells), Counter()
            for amount in self.payments(rng, total):
                parts = split(remaining, group_of, amount)
                self.assertEqual(sum(parts.values()), amount, f"seed {seed}")
                for cell, part in parts.items():
                    low, high = sorted((0, remaining[cell]))
                    self.assertTrue(low <= part <= high, f"seed {seed}: {cell}")
                    remaining[cell] -= part
                    paid[cell] += part
            self.assertEqual(
                {cell: units for cell, units in paid.items() if units},
                {cell: units for cell, units in cells.items() if units},
                f"seed {seed}",
            )

    def test_taxes_of_a_part_are_right_to_the_unit(self):
        """However many lines a document has, its net and its taxes are off by less than one."""
        for seed in range(ROUNDS):
            rng = random.Random(seed)
            cells, group_of = {}, {}
            for line in range(40):
                group_of[line] = ("vat17",)
                cells[line, ""] = rng.randint(1, 5_000)
                cells[line, "vat17"] = round(cells[line, ""] * 0.17)
            total = sum(cells.values())
            amount = rng.randint(1, total)
            parts = split(cells, group_of, amount)
            for tax in ("", "vat17"):
                whole = sum(units for (_line, of), units in cells.items() if of == tax)
                part = sum(units for (_line, of), units in parts.items() if of == tax)
                self.assertLess(abs(part - whole * amount / total), 1, f"seed {seed}")

    def test_apportion(self):
        self.assertEqual(apportion(100, [1, 1, 1, 97]), [1, 1, 1, 97])
        self.assertEqual(apportion(0, [5, -3]), [0, 0])
        self.assertEqual(sum(apportion(50, [33, 33, 34])), 50)
        self.assertEqual(apportion(-1, [-2, -1]), [-1, 0])
        with self.assertRaises(ValueError):
            apportion(11, [5, 5])
        with self.assertRaises(ValueError):
            apportion(-1, [5, 5])

    def test_units(self):
        for amount, rounding, units in (
            (0.29, 0.01, 29),
            (1234.565, 0.001, 1234565),
            (1500.0, 1.0, 1500),
            (7.55, 0.05, 151),
            (-0.1, 0.01, -10),
        ):
            self.assertEqual(to_units(amount, rounding), units)
            self.assertEqual(to_amount(units, rounding), amount)

    def test_proportion_rounds_half_up(self):
        self.assertEqual(proportion(1, 2, 5), 3)
        self.assertEqual(proportion(1, 3, 100), 33)
        self.assertEqual(proportion(0, 0, 100), 0)
