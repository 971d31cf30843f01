# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The history of the demo ledger, worked out without a database.

:func:`make_plan` draws, from a fixed seed and relative to a day, every document, every payment,
and every collection case with the contacts made on it. The loader only writes what stands here.
"""

import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from . import story
from .buyers import BUYERS, CATALOGUE, CONTRACT, HABITS, PRICE_FACTOR
from .records import (
    Cover,
    Credit,
    Document,
    Episode,
    Line,
    Payment,
    Plan,
    WriteOff,
    dues_of,
    months_before,
    payment_run,
    working_day,
)

SEED = "collection"
# cases are told of since this many days before today
LIVE_DAYS = 365
# a delay of so few days ends before anybody would look at it
UNNOTICED_DAYS = 5
# results that a person gives a case, and why
GIVEN_UP = {
    "legal": "Handed to the lawyers with the signed orders and delivery notes",
    "uncollectable": "Company struck off the register, nothing to be found",
}


# ------------------------------------------------------------
# DOCUMENTS
# ------------------------------------------------------------


def price_in(currency, dollars):
    price = dollars * PRICE_FACTOR[currency]
    return float(round(price, -1) if price >= 500 else round(price))


def order_lines(rng, buyer):
    count = rng.choice((1, 2, 2, 3, 3, 4))
    lines = []
    for product in rng.sample(sorted(CATALOGUE), count):
        text, dollars = CATALOGUE[product]
        quantity = max(1, round(rng.uniform(0.5, 2.2) * buyer.size * (1 if dollars > 800 else 3)))
        lines.append(Line(product, text, quantity, price_in(buyer.currency, dollars)))
    return tuple(lines)


def contract_lines(buyer, day, first):
    service = ("support", "print", "backup")[len(buyer.key) % 3]
    # prices of contracts follow the index after a year
    raised = 1.05 if (day - first).days > 365 else 1.0
    price = price_in(buyer.currency, buyer.monthly * raised)
    return (Line(service, f"{CONTRACT[service]} {day:%m/%Y}", 1, price),)


def make_documents(rng, buyer, today):
    """Return the documents of a buyer in order of date."""
    first = months_before(today, buyer.months)
    last = today - timedelta(days=buyer.until)
    drawn = []
    if buyer.monthly:
        drawn += [
            (day, contract_lines(buyer, day, first))
            for day in (months_before(today, back) for back in range(buyer.months, -1, -1))
            if day <= last
        ]
    span = (last - first).days
    if buyer.recent:
        span = (today - timedelta(days=max(buyer.recent)) - first).days
    days = [
        first + timedelta(days=int(span * (number + rng.uniform(0.1, 0.9)) / buyer.orders))
        for number in range(buyer.orders)
    ]
    days += [today - timedelta(days=age) for age in buyer.recent]
    drawn += [(working_day(day, buyer.key), order_lines(rng, buyer)) for day in days]
    documents = []
    if buyer.story.startswith("opening"):
        day = first - timedelta(days=1)
        documents.append(
            Document(
                key=f"{buyer.key}/opening",
                buyer=buyer.key,
                party=buyer.key,
                date=day,
                term="30",
                currency=buyer.currency,
                dues=((day, 100.0),),
                opening_amount=price_in(buyer.currency, 1640 + 10 * len(buyer.key)),
            )
        )
    drawn = sorted((entry for entry in drawn if entry[0] <= today), key=lambda entry: entry[0])
    for number, (day, lines) in enumerate(drawn, start=1):
        party = buyer.branches[number % len(buyer.branches)] if buyer.branches else buyer.key
        documents.append(
            Document(
                key=f"{buyer.key}/{number:02d}",
                buyer=buyer.key,
                party=party,
                date=day,
                term=buyer.term,
                currency=buyer.currency,
                dues=dues_of(day, buyer.term),
                lines=lines,
                order_number=f"PO-{rng.randrange(1000, 9999)}" if rng.random() < 0.6 else "",
            )
        )
    return documents


# ------------------------------------------------------------
# SETTLEMENTS
# ------------------------------------------------------------


@dataclass
class Debt:
    """One instalment on its way through the history."""

    document: Document
    instalment: int
    due: date
    paid: list[tuple[date, float | None]] = field(default_factory=list)
    settled: date | None = None
    settled_by: str = "payment"

    @property
    def amount(self):
        return self.document.amount * self.document.share(self.instalment)

    @property
    def left(self):
        """Return what is not paid, 0 to 1."""
        if self.settled:
            return 0.0
        return 1.0 - sum(share or 0.0 for _day, share in self.paid)


def pay_by_habit(rng, buyer, debts, today):
    """Have the buyer pay as it is used to, up to yesterday or until it stopped paying."""
    ends = today - timedelta(days=buyer.stopped or 1)
    for debt in debts:
        low, high = HABITS[buyer.habit]
        if debt.document.opening_amount:
            low, high = (120, 200) if buyer.story == "opening_paid" else (9999, 9999)
        delay = rng.randint(low, high)
        day = debt.due + timedelta(days=delay)
        if delay > 1:
            day = payment_run(day)
        day = working_day(day, buyer.key)
        if buyer.story == "part" and rng.random() < 0.45:
            rest = working_day(payment_run(day + timedelta(days=rng.randint(20, 45))), buyer.key)
            if day <= ends:
                debt.paid.append((day, rng.choice((0.4, 0.5, 0.6))))
            day = rest
        if day <= ends:
            debt.paid.append((day, None))
            debt.settled = day


def tell_story(rng, buyer, debts, plan):
    """Bend the history of a buyer to what its ``story`` says."""
    today = plan.today
    unsettled = [debt for debt in debts if not debt.settled]
    late = [debt for debt in unsettled if debt.due < today - timedelta(days=1)]
    if buyer.story == "part" and late and not late[-1].paid:
        late[-1].paid.append((working_day(today - timedelta(days=9), buyer.key), 0.5))
    elif buyer.story == "dispute":
        # one document of the past was credited in full, one got a discount for a fault
        past = [
            debt
            for debt in debts
            if debt.settled and 60 < (today - debt.settled).days < LIVE_DAYS - 60
        ]
        for debt, share in zip(rng.sample(past, min(2, len(past))), (None, 0.15), strict=False):
            credited = working_day(debt.due + timedelta(days=rng.randint(12, 30)), buyer.key)
            reason = "Delivered in error, taken back" if share is None else "Fault, 15 % granted"
            plan.credits.append(Credit(debt.document.key, credited, share, reason))
            if share is None:
                debt.paid, debt.settled, debt.settled_by = [], credited, "credit"
            else:
                debt.settled = max(debt.settled, credited + timedelta(days=4))
                debt.paid = [(debt.settled, None)]
    elif buyer.story in ("written_off", "half_off") and late:
        if buyer.story == "half_off":
            late = late[: (len(late) + 1) // 2]
        day = working_day(today - timedelta(days=95 + 10 * (len(buyer.key) % 4)), buyer.key)
        covers = []
        for debt in late:
            debt.settled, debt.settled_by = day, "write_off"
            covers.append(Cover(debt.document.key, debt.instalment))
        plan.write_offs.append(
            WriteOff(buyer.key, day, tuple(covers), "Business closed, nothing to be had")
        )
    elif buyer.story == "bounced" and late:
        paid_on, bounced_on = (today - timedelta(days=age) for age in story.BOUNCED_AFTER)
        plan.payments.append(
            Payment(
                party=buyer.key,
                date=paid_on,
                currency=buyer.currency,
                way="cheque",
                covers=tuple(Cover(debt.document.key, debt.instalment) for debt in late),
                memo=f"Cheque {rng.randrange(100000, 999999)}",
                bounced_on=bounced_on,
            )
        )
    elif buyer.story == "cheques":
        for number, debt in enumerate(unsettled, start=1):
            plan.payments.append(
                Payment(
                    party=buyer.key,
                    date=working_day(today + timedelta(days=11 + 30 * (number - 1)), buyer.key),
                    currency=buyer.currency,
                    way="cheque",
                    amount=round(debt.amount, 2),
                    memo=f"Cheque {rng.randrange(100000, 999999)}, post-dated",
                )
            )
    elif buyer.story == "unapplied" and unsettled:
        amount = sum(debt.amount for debt in unsettled) * 0.6
        plan.payments.append(
            Payment(
                party=buyer.key,
                date=working_day(today - timedelta(days=8), buyer.key),
                currency=buyer.currency,
                way="bank_transfer",
                amount=float(round(amount, -2)),
                memo="Transfer on account, no documents named",
            )
        )


def collect_payments(buyer, debts):
    """Return the payments of a buyer: what a party pays on one day comes as one payment."""
    together = {}
    for debt in debts:
        for day, share in debt.paid:
            # part of a document is paid by itself
            part_of = debt.document.key if share else ""
            together.setdefault((day, debt.document.party, part_of), []).append(
                Cover(debt.document.key, debt.instalment, share)
            )
    ways = ("bank_transfer",) * 4 + ("cheque", "card")
    payments = []
    for (day, party, _part_of), covers in sorted(together.items()):
        way = "cheque" if buyer.story == "cheques" else ways[(day.day + len(party)) % len(ways)]
        if buyer.size < 0.5:
            way = "cash"
        payments.append(Payment(party, day, buyer.currency, way, tuple(covers)))
    return payments


# ------------------------------------------------------------
# CASES
# ------------------------------------------------------------


def make_episodes(debts, today):
    """Return when each party had something overdue: the cases the rules would have opened."""
    live_from = today - timedelta(days=LIVE_DAYS)
    episodes = []
    by_party = {}
    for debt in debts:
        by_party.setdefault(debt.document.party, []).append(debt)
    for party, own in sorted(by_party.items()):
        spells = sorted(
            (
                (max(debt.due + timedelta(days=1), live_from), debt.settled, debt)
                for debt in own
                if debt.due < today
                and (not debt.settled or (debt.settled - debt.due).days > UNNOTICED_DAYS)
                and (not debt.settled or debt.settled > live_from + timedelta(days=7))
            ),
            key=lambda spell: (spell[0], spell[2].document.key, spell[2].instalment),
        )
        current = []
        for spell in spells:
            ends = [end for _start, end, _debt in current]
            if current and None not in ends and spell[0] > max(ends):
                episodes.append(_episode(party, current))
                current = []
            current.append(spell)
        if current:
            episodes.append(_episode(party, current))
    return episodes


def _episode(party, spells):
    ends = [end for _start, end, _debt in spells]
    return Episode(
        party=party,
        opened=spells[0][0],
        closed=None if None in ends else max(ends),
        covers=tuple((debt.document.key, debt.instalment, start) for start, _end, debt in spells),
    )


def bend_episodes(buyer, episodes, today):
    """Return the episodes as the buyer's story has them."""
    if buyer.story == "not_chased":
        return []
    if buyer.story in ("hold", "cheques"):
        # on hold, or everything covered by cheques in hand: no rule opens a case
        return [episode for episode in episodes if episode.closed]
    if buyer.story in GIVEN_UP:
        return [
            episode
            if episode.closed
            else replace(
                episode,
                closed=today - timedelta(days=40 + len(buyer.key)),
                result=buyer.story,
                reason=GIVEN_UP[buyer.story],
            )
            for episode in episodes
        ]
    return episodes


# ------------------------------------------------------------
# THE WHOLE
# ------------------------------------------------------------


def make_plan(today, buyers=BUYERS):
    """Return the whole history as of ``today``, the same one for the same day."""
    plan = Plan(today)
    for buyer in buyers:
        rng = random.Random(f"{SEED}/{buyer.key}")
        documents = make_documents(rng, buyer, today)
        debts = [
            Debt(document, number, due)
            for document in documents
            for number, (due, _share) in enumerate(document.dues, start=1)
        ]
        pay_by_habit(rng, buyer, debts, today)
        tell_story(rng, buyer, debts, plan)
        plan.documents += documents
        plan.payments += collect_payments(buyer, debts)
        for episode in bend_episodes(buyer, make_episodes(debts, today), today):
            contacts = story.contacts_of(rng, buyer, episode, today)
            plan.episodes.append(replace(episode, contacts=contacts))
    plan.documents.sort(key=lambda document: (document.date, document.key))
    plan.payments.sort(key=lambda payment: (payment.date, payment.party))
    return plan
