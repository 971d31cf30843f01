# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What collections must look like: once told by the ledger in plain Python, once built anew.

Both are slow and simple on purpose: they are what the steps of the cycle are held against.
"""

from collections import defaultdict
from datetime import timedelta

TOTALS = (
    "amount_open",
    "amount_overdue",
    "amount_blocked",
    "amount_to_collect",
    "amount_credit",
    "item_count",
    "overdue_count",
    "oldest_due_date",
)
CASE_TOTALS = (
    "amount_open",
    "amount_overdue",
    "amount_to_collect",
    "item_count",
    "oldest_due_date",
)


def cents(amount):
    """Return an amount without the noise of binary fractions."""
    return round(amount, 2) + 0.0


# ----------------------------------------------------------------
# WHAT IS STORED
# ----------------------------------------------------------------


def stored(env, company):
    """Return what the cycle keeps, named by what it is about and not by its own ids.

    A dict of four parts: ``items`` that are open, ``blocks`` of payments, ``totals`` of customers
    who owe or have anything, and ``in case``: the open items of each customer's open automatic
    case.
    """
    env.flush_all()
    env.invalidate_all()
    env = env(su=True)
    items = env["collection.item"].search([("company_id", "=", company.id)])
    names = {item: item.move_line_id.id or f"amount {item.id}" for item in items}
    profiles = env["collection.profile"].search([("company_id", "=", company.id)])
    cases = env["collection.case"].search([
        ("company_id", "=", company.id),
        ("state", "!=", "completed"),
        ("origin", "=", "auto"),
        ("kind", "=", "overdue"),
    ])
    return {
        "items": {
            names[item]: (
                item.partner_id.id,
                item.side,
                item.kind,
                item.document_number,
                item.document_ref,
                item.document_date,
                (item.instalment, item.instalment_count),
                item.date_maturity,
                item.date_due,
                item.currency_id.id,
                cents(item.amount),
                cents(item.amount_company),
                cents(item.amount_paid),
                cents(item.amount_residual),
            )
            for item in items
            if item.state == "open"
        },
        "blocks": {
            (names[block.item_id], block.source_id): (cents(block.amount), block.date_until)
            for block in items.block_ids
            if block.source_model == "account.payment"
        },
        "totals": {
            profile.partner_id.id: _totals(profile, TOTALS)
            for profile in profiles
            if any(profile[name] for name in TOTALS)
        },
        "in case": {
            case.partner_id.id: {names[item] for item in case.open_item_ids if item.state == "open"}
            for case in cases
        },
    }


def _totals(record, names):
    return tuple(
        cents(record[name]) if isinstance(record[name], float) else record[name] for name in names
    )


def built_anew(env, company):
    """Return what :func:`stored` returns after everything was computed from empty.

    Only what people decided is kept: settings of customers, amounts without a document, granted
    dates, keep-outs and blocks. The database is as before afterwards.
    """
    env.flush_all()
    savepoint = env.cr.savepoint()
    try:
        decided = _wipe(env, company)
        cycle = env["collection.cycle"].sudo()
        everybody = env["res.partner"].with_context(active_test=False).search([])
        cycle._run_for(company, everybody)
        _wipe_cases(env, company)
        for line_id, granted, kept_out, blocks in decided:
            env.cr.execute(
                "UPDATE collection_item SET granted_date = %s, keep_out_until = %s,"
                " date_due = GREATEST(%s, date_maturity) WHERE move_line_id = %s",
                [granted, kept_out, granted, line_id],
            )
            for block in blocks:
                env.cr.execute(
                    "INSERT INTO collection_item_block"
                    " (item_id, company_id, kind, amount, date_until, active)"
                    " SELECT id, %s, %s, %s, %s, TRUE FROM collection_item"
                    " WHERE move_line_id = %s",
                    [company.id, *block, line_id],
                )
        env.invalidate_all()
        cycle._run_for(company, everybody)
        return stored(env, company)
    finally:
        savepoint.close(rollback=True)
        env.invalidate_all()


def _wipe(env, company):
    """Delete what the cycle has computed; return what people decided on items."""
    items = (
        env["collection.item"]
        .sudo()
        .search([
            ("company_id", "=", company.id),
            ("kind", "!=", "manual"),
        ])
    )
    decided = [
        (
            item.move_line_id.id,
            item.granted_date or None,
            item.keep_out_until or None,
            [
                (block.kind, block.amount, block.date_until or None)
                for block in item.block_ids
                if not block.source_model
            ],
        )
        for item in items
        if item.move_line_id
    ]
    _wipe_cases(env, company)
    env.cr.execute(
        "DELETE FROM collection_item_block WHERE company_id = %s"
        " AND source_model = 'account.payment'",
        [company.id],
    )
    env.cr.execute(
        "DELETE FROM collection_item WHERE company_id = %s AND kind <> 'manual'", [company.id]
    )
    env.cr.execute(
        "UPDATE collection_item SET state = 'open', amount_paid = 0, settled_date = NULL"
        " WHERE company_id = %s AND state = 'settled'",
        [company.id],
    )
    env.cr.execute(
        "UPDATE collection_profile SET amount_open = 0, amount_overdue = 0, amount_blocked = 0,"
        " amount_to_collect = 0, amount_credit = 0, item_count = 0, overdue_count = 0,"
        " oldest_due_date = NULL WHERE company_id = %s",
        [company.id],
    )
    env.invalidate_all()
    return decided


def _wipe_cases(env, company):
    env.cr.execute(
        "DELETE FROM collection_case_item USING collection_case"
        " WHERE collection_case.id = collection_case_item.case_id"
        " AND collection_case.company_id = %s",
        [company.id],
    )
    env.cr.execute("DELETE FROM collection_case WHERE company_id = %s", [company.id])
    env.invalidate_all()


# ----------------------------------------------------------------
# WHAT THE LEDGER TELLS
# ----------------------------------------------------------------


class Ledger:
    """The open items, blocks and totals of a company, read from the ledger one by one."""

    def __init__(self, env, company):
        self.env = env(su=True)
        self.company = company.with_env(self.env)
        self.today = self.company._collection_today()
        self.accounts = self.env["account.account"].search([
            ("account_type", "=", "asset_receivable"),
            ("non_trade", "=", False),
            ("company_ids", "in", company.id),
        ])
        self.profiles = self.env["collection.profile"].search([("company_id", "=", company.id)])
        self.item_of = {
            item.move_line_id.id: item
            for item in self.env["collection.item"].search([
                ("company_id", "=", company.id),
                ("move_line_id", "!=", False),
            ])
        }

    # who

    def profile(self, partner):
        return self.profiles.filtered(lambda profile: profile.partner_id == partner)

    def party(self, partner):
        """Return who is chased for a document of a partner."""
        customer = partner.commercial_partner_id
        if self.profile(customer).participation == "branch":
            while partner != customer:
                if partner.is_collection_branch:
                    return partner
                partner = partner.parent_id
        return customer

    def party_of_line(self, line):
        document = line.move_id.partner_id
        customer = line.partner_id.commercial_partner_id
        on_document = line.move_id.move_type != "entry"
        if on_document and document.commercial_partner_id == customer:
            return self.party(document)
        return self.party(line.partner_id)

    def takes_part(self, party):
        own = self.profile(party).participation
        root = self.profile(party.commercial_partner_id).participation
        for choice in (own, root):
            if choice and choice != "default":
                return choice != "no"
        return self.company.collection_takes_part_default

    def is_held(self, party):
        profile = self.profile(party)
        return profile.hold and (not profile.hold_until or profile.hold_until >= self.today)

    # what

    def lines(self):
        return self.env["account.move.line"].search([
            ("account_id", "in", self.accounts.ids),
            ("company_id", "=", self.company.id),
            ("parent_state", "=", "posted"),
            ("reconciled", "=", False),
            ("partner_id", "!=", False),
        ])

    def open_items(self):
        """Return {name: (party, side, due date, residual, item record or None)}."""
        rows = {}
        for line in self.lines():
            item = self.item_of.get(line.id)
            owed = line.balance > 0 or (not line.balance and line.amount_currency > 0)
            due = line.date_maturity or line.date
            if item and item.granted_date:
                due = max(due, item.granted_date)
            side = "debit" if owed and not line.move_id.origin_payment_id else "credit"
            rows[line.id] = (self.party_of_line(line), side, due, line.amount_residual, item)
        manual = self.env["collection.item"].search([
            ("company_id", "=", self.company.id),
            ("kind", "=", "manual"),
            ("state", "!=", "cancelled"),
        ])
        for item in manual:
            left = item.amount - self.paid(item)
            if item.currency_id.compare_amounts(left, 0) > 0:
                share = left / item.amount
                residual = item.company_currency_id.round(item.amount_company * share)
                rows[f"amount {item.id}"] = (
                    item.partner_id,
                    "debit",
                    item.date_due,
                    residual,
                    item,
                )
        return rows

    def paid(self, item):
        """Return what was collected for an amount without a document, in its currency."""
        total = 0.0
        for payment in item.payment_ids.filtered(lambda pay: pay.state in ("in_process", "paid")):
            amount = payment.amount
            if payment.currency_id != item.currency_id:
                booked = abs(payment.amount_company_currency_signed)
                amount = item.currency_id.round(booked * item.amount / item.amount_company)
            total += amount if payment.payment_type == "inbound" else -amount
        return total

    def instalments(self):
        """Return {line id: (n, of how many)} of the open lines."""
        numbers = {}
        for line in self.lines():
            numbers[line.id] = (1, 1)
            if line.move_id.move_type != "entry":
                own = line.move_id.line_ids.filtered(
                    lambda own: own.account_id in self.accounts and own.amount_currency
                )
                own = own.sorted(lambda line: (line.date_maturity, line.id))
                numbers[line.id] = (own.ids.index(line.id) + 1, len(own))
        return numbers

    # what is not to be asked for

    @staticmethod
    def oldest_first(row):
        """Return the key of the order in which a payment covers items."""
        _name, (_party, _side, due, _residual, item) = row
        # an amount without a document has no journal item and comes last of its day
        return (due, item.document_date, item.move_line_id.id or float("inf"), item.id)

    def payment_blocks(self):
        """Return {(name of the item, payment id): amount} for post-dated payments."""
        payments = self.env["account.payment"].search([
            ("company_id", "=", self.company.id),
            ("payment_type", "=", "inbound"),
            ("partner_type", "=", "customer"),
            ("state", "in", ("draft", "in_process", "paid")),
            ("is_reconciled", "=", False),
            ("date", ">", self.today),
        ])
        queue = [
            [name, party, due, item.id, residual]
            for name, (party, side, due, residual, item) in sorted(
                self.open_items().items(), key=self.oldest_first
            )
            if side == "debit" and item
        ]
        blocks = {}
        for level in (0, 1, 2):
            for payment in payments.sorted(lambda pay: (pay.date, pay.id)):
                party = self.party(payment.partner_id)
                customer = payment.partner_id.commercial_partner_id
                wanted = payment.collection_item_id
                if level != (0 if wanted else 1 if party != customer else 2):
                    continue
                if wanted and payment.state != "draft":
                    continue
                amount = abs(payment.amount_company_currency_signed)
                for row in queue:
                    covers = (
                        row[3] == wanted.id,
                        row[1] == party,
                        row[1].commercial_partner_id == customer,
                    )[level]
                    covered = cents(min(amount, row[4])) if covers else 0
                    if covered > 0:
                        blocks[row[0], payment.id] = covered
                        row[4] -= covered
                        amount -= covered
        return blocks

    def blocked(self):
        """Return {name of the item: amount that is blocked today}."""
        blocked = defaultdict(float)
        for (name, _payment), amount in self.payment_blocks().items():
            blocked[name] += amount
        for name, (*_row, item) in self.open_items().items():
            for block in item.block_ids if item else ():
                counts = not block.date_until or block.date_until >= self.today
                if block.active and counts and block.source_model != "account.payment":
                    blocked[name] += block.amount
        return blocked

    # totals

    def totals(self):
        """Return the totals of each customer who owes or has anything."""
        blocked = self.blocked()
        totals = defaultdict(lambda: dict.fromkeys(TOTALS, 0) | {"oldest_due_date": None})
        for name, (party, side, due, residual, _item) in self.open_items().items():
            total = totals[party.id]
            if side == "credit":
                line = self.env["account.move.line"].browse(name)
                if (line.move_id.invoice_date or line.move_id.date) <= self.today:
                    total["amount_credit"] -= residual
                continue
            total["item_count"] += 1
            total["amount_open"] += residual
            if not total["oldest_due_date"] or due < total["oldest_due_date"]:
                total["oldest_due_date"] = due
            if due < self.today:
                total["overdue_count"] += 1
                total["amount_overdue"] += residual
            if due <= self.today:
                held_back = residual if self.is_held(party) else min(blocked[name], residual)
                total["amount_blocked"] += held_back
                total["amount_to_collect"] += residual - held_back
        result = {}
        for party, total in totals.items():
            row = tuple(
                total[name] or False if name == "oldest_due_date" else cents(total[name])
                for name in TOTALS
            )
            if any(row):
                result[party] = row
        return result

    def belongs_in_case(self):
        """Return the names of the items that no rule keeps out of a case today."""
        blocked = self.blocked()
        latest = self.today - timedelta(days=self.company.collection_days_late)
        return {
            name
            for name, (party, side, due, residual, item) in self.open_items().items()
            if side == "debit"
            and due <= latest
            and cents(residual - blocked[name]) > 0
            and not (item and item.keep_out_until and item.keep_out_until >= self.today)
            and self.takes_part(party)
            and not self.is_held(party)
        }

    def open_case_faults(self):  # noqa: C901  one question after the other
        """Return in words what is wrong with open cases, whatever their history."""
        faults = []
        open_items = self.open_items()
        blocked = self.blocked()
        names = {item: name for name, (*_row, item) in open_items.items() if item}
        cases = self.env["collection.case"].search([
            ("company_id", "=", self.company.id),
            ("state", "!=", "completed"),
        ])
        seen, automatic = {}, {}
        for case in cases:
            if case.origin == "auto" and case.kind == "overdue":
                if case.profile_id in automatic:
                    faults.append(f"{case.display_name}: a second automatic case")
                automatic[case.profile_id] = case
            totals = dict.fromkeys(CASE_TOTALS, 0) | {"oldest_due_date": None}
            for item in case.open_item_ids:
                if item in seen:
                    faults.append(f"{item.display_name} is in {case.name} and {seen[item].name}")
                seen[item] = case
                if item.state not in ("open", "draft"):
                    faults.append(f"{item.display_name}: {item.state} in an open case")
                if item.profile_id != case.profile_id:
                    faults.append(f"{item.display_name}: in the case of another customer")
                if item not in names:
                    continue
                _party, _side, due, residual, _item = open_items[names[item]]
                totals["item_count"] += 1
                totals["amount_open"] += residual
                totals["oldest_due_date"] = min(totals["oldest_due_date"] or due, due)
                totals["amount_overdue"] += residual if due < self.today else 0
                if due <= self.today and not self.is_held(case.partner_id):
                    totals["amount_to_collect"] += residual - min(blocked[names[item]], residual)
            expected = tuple(
                totals[name] or False if name == "oldest_due_date" else cents(totals[name])
                for name in CASE_TOTALS
            )
            if _totals(case, CASE_TOTALS) != expected:
                faults.append(f"{case.display_name}: {_totals(case, CASE_TOTALS)}, not {expected}")
            by_ledger = case.case_item_ids and all(
                row.reason in ("settled", "document_gone", "moved") for row in case.case_item_ids
            )
            by_hand = case.transition_ids.filtered(
                lambda row: row.from_state == "completed" and row.cause == "user"
            )
            if by_ledger and not by_hand:
                faults.append(f"{case.display_name}: open although all its items are gone")
        for case in self.env["collection.case"].search([
            ("company_id", "=", self.company.id),
            ("state", "=", "completed"),
        ]):
            if case.case_item_ids.filtered("open"):
                faults.append(f"{case.display_name}: completed with items in it")
            if not case.result or not case.closed_on:
                faults.append(f"{case.display_name}: completed without a result")
            if case.item_count or cents(case.amount_open):
                faults.append(f"{case.display_name}: completed with amounts")
        return faults
