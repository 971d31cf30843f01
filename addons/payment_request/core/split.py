# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What part of a document a part payment pays for.

A document is a set of cells: the net amount of each line, and each tax of each line, in the
smallest units of its currency. A payment takes a part of every cell, in proportion to what is
still left of it. Whatever the amounts paid and their order, no cell is ever paid beyond what it
has, each payment's parts sum to the payment, and all payments together to the document.
"""

from collections.abc import Hashable, Mapping, Sequence


def to_units(amount: float, rounding: float) -> int:
    """Return an amount in the smallest units of a currency."""
    return round(amount / rounding)


def to_amount(units: int, rounding: float) -> float:
    """Return a number of smallest units as an amount, free of binary dust."""
    per_unit = 1 / rounding
    # 0.01 is no binary fraction, 100 is a whole number: dividing gives the nearest float
    return units / round(per_unit) if per_unit >= 1 else units * rounding


def apportion(amount: int, weights: Sequence[int]) -> list[int]:
    """Split an amount in proportion to weights, which may have either sign.

    The amount lies between zero and the sum of the weights. Each part is then between zero and
    its weight, differs from the exact proportion by less than one, and the parts sum to the
    amount.
    """
    total = sum(weights)
    if amount == total:
        return list(weights)
    if not amount:
        return [0] * len(weights)
    if not 0 < amount / total < 1:
        raise ValueError(f"{amount} is no part of {total}")
    parts, rests = [], []
    for weight in weights:
        part, rest = divmod(amount * weight, total)
        parts.append(part)
        # the rest has the sign of the total
        rests.append(abs(rest))
    by_rest = sorted(range(len(weights)), key=lambda index: -rests[index])
    for index in by_rest[: amount - sum(parts)]:
        parts[index] += 1
    return parts


def split(
    remaining: Mapping[tuple[Hashable, Hashable], int],
    group_of: Mapping[Hashable, Hashable],
    amount: int,
) -> dict[tuple[Hashable, Hashable], int]:
    """Return which part of each cell an amount pays for.

    A cell is (line, tax), with a false tax for the line's net amount; ``group_of`` gives for
    each line what taxes it has. The amount goes to the groups' nets and taxes first and to the
    lines within these then, so that the taxes of a document are right to the unit however many
    lines it has.
    """
    if amount == sum(remaining.values()):
        return dict(remaining)
    groups: dict[Hashable, list[tuple[Hashable, Hashable]]] = {}
    for line, tax in remaining:
        groups.setdefault((group_of[line], tax), []).append((line, tax))
    sums = [sum(remaining[cell] for cell in cells) for cells in groups.values()]
    result = {}
    for cells, part in zip(groups.values(), apportion(amount, sums), strict=True):
        parts = apportion(part, [remaining[cell] for cell in cells])
        result.update(zip(cells, parts, strict=True))
    return result


def proportion(part: int, whole: int, of: int) -> int:
    """Return the share in another amount that a part has in a whole, rounded half up."""
    return (2 * part * of + whole) // (2 * whole) if whole else 0
