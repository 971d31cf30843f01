# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""How the new cases of a team are spread over its members."""

import heapq
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

WAYS = ("count", "amount", "customer")


@dataclass(frozen=True)
class NewCase:
    """A case that waits for its debt manager.

    :param owner: the member who looks after the customer already, if any
    """

    key: Hashable
    customer: Hashable
    amount: float = 0.0
    owner: Hashable | None = None


@dataclass(frozen=True)
class Load:
    """The open work of one member before the new cases."""

    member: Hashable
    cases: int = 0
    amount: float = 0.0
    customers: int = 0


def spread(new: Iterable[NewCase], loads: Iterable[Load], by: str) -> dict:
    """Return a member for each new case, so that the members' work evens out.

    Each case goes to the member with the least work so far. By ``count`` work is the number of
    open cases, by ``amount`` what they come to (the largest new case is given out first), by
    ``customer`` the number of customers, and all cases of one customer stay with one person.
    A customer somebody looks after stays with that person in every way.

    :return: dict of case key → member; empty when there is nobody

    >>> work = [NewCase("a", 1, 500), NewCase("b", 2, 300), NewCase("c", 1, 200)]
    >>> spread(work, [Load("Ann", cases=1), Load("Bob")], "count")
    {'a': 'Bob', 'b': 'Ann', 'c': 'Bob'}
    >>> spread(work, [Load("Ann", amount=100), Load("Bob")], "amount")
    {'a': 'Bob', 'b': 'Ann', 'c': 'Ann'}
    >>> spread(work, [Load("Ann"), Load("Bob")], "customer")
    {'a': 'Ann', 'c': 'Ann', 'b': 'Bob'}
    >>> spread(work, [], "count")
    {}
    """
    if by not in WAYS:
        raise ValueError(f"unknown way of spreading: {by}")
    loads = list(loads)
    if not loads:
        return {}
    work = {load.member: _work(load, by) for load in loads}
    given = {}
    waiting = []
    for unit in _units(new, by):
        owner = unit[0].owner
        if owner in work:
            _give(unit, owner, by, work, given)
        else:
            waiting.append(unit)
    # a heap of (work, tie-breaker, position): equal members take turns in the order given
    members = [load.member for load in loads]
    heap = [(*work[member], position) for position, member in enumerate(members)]
    heapq.heapify(heap)
    for unit in waiting:
        position = heap[0][2]
        member = members[position]
        _give(unit, member, by, work, given)
        heapq.heapreplace(heap, (*work[member], position))
    return given


def _work(load, by):
    """Return the member's work as (measure, tie-breaker)."""
    if by == "amount":
        return load.amount, load.cases
    if by == "customer":
        return load.customers, load.amount
    return load.cases, load.amount


def _units(new, by):
    """Return the cases as lists that must not be torn apart, in the order to give them out."""
    if by == "customer":
        units = {}
        for case in new:
            units.setdefault(case.customer, []).append(case)
        # the owner may be known on one case of the customer only
        return [sorted(unit, key=lambda case: case.owner is None) for unit in units.values()]
    units = [[case] for case in new]
    if by == "amount":
        units.sort(key=lambda unit: -unit[0].amount)
    return units


def _give(unit, member, by, work, given):
    amount = sum(max(case.amount, 0) for case in unit)
    for case in unit:
        given[case.key] = member
    measure, tie_breaker = work[member]
    if by == "amount":
        work[member] = measure + amount, tie_breaker + len(unit)
    else:
        work[member] = measure + 1, tie_breaker + amount
