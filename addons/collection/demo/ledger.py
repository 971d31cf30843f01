# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Writes the documents, payments and write-offs of the demo plan into the ledger."""

from odoo import Command
from odoo.tools import SQL

from .records import months_before

TERM_XMLIDS = {
    "15": "account.account_payment_term_15days",
    "30": "account.account_payment_term_30days",
    "60": "collection.demo_term_60days",
    "eom60": "collection.demo_term_eom60",
    "thirds": "collection.demo_term_thirds",
}
# what a US dollar cost in the quarters of the history, oldest first; the last one stays
DOLLAR = {
    "USD": (1.0,),
    "EUR": (0.92, 0.91, 0.89, 0.88, 0.87, 0.86, 0.86),
    "ILS": (3.71, 3.68, 3.62, 3.55, 3.44, 3.38, 3.38),
}
WAY_NAMES = {"bank_transfer": "Bank Transfer", "cheque": "Cheque", "card": "Card"}


class Ledger:
    """The demo ledger of one company; knows which journal item belongs to what in the plan.

    :param find: function that returns the record of a name; by default that of the external id
        ``collection.demo_<name>``
    """

    def __init__(self, env, company, plan, find=None):
        self.company = company
        self.env = env(
            context={
                **env.context,
                "allowed_company_ids": company.ids,
                "tracking_disable": True,
                "mail_create_nolog": True,
                "mail_notrack": True,
                "mail_create_nosubscribe": True,
                "mail_activity_quick_update": True,
                "collection_no_touch": True,
            }
        )
        self.find = find or (lambda name: self.env.ref(f"collection.demo_{name}"))
        self.plan = plan
        self.partners = {}
        self.documents = {}
        self.items = {}  # (document key, instalment) → receivable journal item
        self.payments = {}  # payment of the plan → account.payment
        self.credits = {}
        self.write_offs = {}

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def load(self):
        """Write everything, posted and not matched yet."""
        self.load_rates()
        self.load_documents()
        self.analyse()
        self.load_credits()
        self.load_payments()
        self.load_write_offs()
        self.analyse()

    def analyse(self):
        """Have the database plan its queries by what was just written.

        It looks by itself only after the commit, and takes the tables for empty until then.
        """
        self.env.flush_all()
        for model in ("account.move", "account.move.line", "account.payment"):
            self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(self.env[model]._table)))

    def is_written(self):
        """Return whether the customers of the plan have documents already."""
        customers = self.env["res.partner"].union(
            *map(self.partner, {document.buyer for document in self.plan.documents})
        )
        return bool(
            self.env["account.move"].search_count(
                [
                    ("company_id", "=", self.company.id),
                    ("commercial_partner_id", "in", customers.ids),
                ],
                limit=1,
            )
        )

    def partner(self, key):
        """Return the customer, branch or contact of a key."""
        if key not in self.partners:
            self.partners[key] = self.find(key)
        return self.partners[key]

    def currency(self, code):
        return self.env.ref(f"base.{code}")

    def journal(self, kind):
        return self.env["account.journal"].search(
            [("type", "=", kind), ("company_id", "=", self.company.id)], limit=1
        )

    def account(self, kind):
        return self.env["account.account"].search(
            [("account_type", "=", kind), ("company_ids", "in", self.company.ids)],
            order="code",
            limit=1,
        )

    # ------------------------------------------------------------
    # RATES
    # ------------------------------------------------------------

    def load_rates(self):
        """Give the foreign currencies a rate a quarter, where they have none of their own."""
        home = self.company.currency_id.name
        if home not in DOLLAR:
            return
        first = min(document.date for document in self.plan.documents).replace(day=1)
        days = [months_before(first, -3 * quarter) for quarter in range(8)]
        rates = []
        for code in sorted(set(DOLLAR) - {home}):
            currency = self.currency(code)
            known = self.env["res.currency.rate"].search([
                ("currency_id", "=", currency.id),
                ("company_id", "=", self.company.id),
            ])
            rates += [
                {
                    "currency_id": currency.id,
                    "company_id": self.company.id,
                    "name": day,
                    "company_rate": self.dollar(code, number) / self.dollar(home, number),
                }
                for number, day in enumerate(days)
                if day <= self.plan.today and day not in known.mapped("name")
            ]
        self.env["res.currency.rate"].create(rates)

    @staticmethod
    def dollar(code, quarter):
        return DOLLAR[code][min(quarter, len(DOLLAR[code]) - 1)]

    # ------------------------------------------------------------
    # DOCUMENTS
    # ------------------------------------------------------------

    def load_documents(self):
        """Post the invoices and opening balances, and find the journal item of each instalment."""
        income = self.account("income")
        products = {
            line.product: self.find(f"product_{line.product}")
            for document in self.plan.documents
            for line in document.lines
        }
        documents = self.plan.documents
        terms = {
            term: self.env.ref(TERM_XMLIDS[term])
            for term in {document.term for document in documents}
        }
        values = [
            {
                "move_type": "out_invoice",
                "partner_id": self.partner(document.party).id,
                "invoice_date": document.date,
                "invoice_payment_term_id": terms[document.term].id,
                "currency_id": self.currency(document.currency).id,
                "ref": document.order_number or False,
                "invoice_user_id": self.partner(document.buyer).user_id.id,
                "invoice_line_ids": [
                    Command.create({
                        "product_id": products[line.product].id,
                        "name": line.text,
                        "quantity": line.quantity,
                        "price_unit": line.price,
                        "account_id": income.id,
                        "tax_ids": [Command.clear()],
                    })
                    for line in document.lines
                ],
            }
            if document.lines
            else self.opening_values(document)
            for document in documents
        ]
        moves = self.env["account.move"].create(values)
        moves.action_post()
        for document, move in zip(documents, moves, strict=True):
            self.documents[document.key] = move
            lines = move.line_ids.filtered(
                lambda line: line.account_id.account_type == "asset_receivable"
            ).sorted("date_maturity")
            for number, line in enumerate(lines, start=1):
                self.items[document.key, number] = line

    def opening_values(self, document):
        """Return the journal entry by which an open balance was taken over."""
        partner = self.partner(document.party)
        currency = self.currency(document.currency)
        balance = currency._convert(
            document.amount, self.company.currency_id, self.company, document.date
        )
        common = {"currency_id": currency.id, "partner_id": partner.id}
        return {
            "move_type": "entry",
            "journal_id": self.journal("general").id,
            "date": document.date,
            "ref": "Opening balance taken over",
            "line_ids": [
                Command.create({
                    **common,
                    "name": "Opening balance taken over",
                    "account_id": partner.property_account_receivable_id.id,
                    "amount_currency": document.amount,
                    "debit": balance,
                    "date_maturity": document.dues[0][0],
                }),
                Command.create({
                    **common,
                    "name": "Opening balance taken over",
                    "account_id": self.account("equity").id,
                    "amount_currency": -document.amount,
                    "credit": balance,
                }),
            ],
        }

    def load_credits(self):
        """Post the credit notes."""
        income = self.account("income")
        by_key = {document.key: document for document in self.plan.documents}
        values = []
        for credit in self.plan.credits:
            document = by_key[credit.document]
            invoice = self.documents[credit.document]
            lines = (
                [(line.text, line.quantity, line.price) for line in document.lines]
                if credit.share is None
                else [(credit.reason, 1, round(document.amount * credit.share, 2))]
            )
            values.append({
                "move_type": "out_refund",
                "partner_id": invoice.partner_id.id,
                "invoice_date": credit.date,
                "currency_id": invoice.currency_id.id,
                "ref": f"{invoice.name}: {credit.reason}",
                "invoice_user_id": invoice.invoice_user_id.id,
                "invoice_line_ids": [
                    Command.create({
                        "name": text,
                        "quantity": quantity,
                        "price_unit": price,
                        "account_id": income.id,
                        "tax_ids": [Command.clear()],
                    })
                    for text, quantity, price in lines
                ],
            })
        moves = self.env["account.move"].create(values)
        moves.action_post()
        # only now: posting would match them at once, in no order
        for credit, move in zip(self.plan.credits, moves, strict=True):
            move.reversed_entry_id = self.documents[credit.document]
        self.credits = dict(zip(self.plan.credits, moves, strict=True))

    # ------------------------------------------------------------
    # PAYMENTS
    # ------------------------------------------------------------

    def load_payments(self):
        """Post the payments; those dated in the future stay drafts, as cheques in the safe."""
        lines = self.method_lines()
        left = self.amounts_after_credits()
        values = []
        for payment in self.plan.payments:
            currency = self.currency(payment.currency)
            amount = payment.amount
            for cover in payment.covers:
                key = (cover.document, cover.instalment)
                taken = left[key]
                if cover.share:
                    taken = currency.round(self.items[key].amount_currency * cover.share)
                left[key] -= taken
                amount += taken
            line = lines[payment.way]
            values.append({
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.partner(payment.party).id,
                "date": payment.date,
                "currency_id": currency.id,
                "amount": currency.round(amount),
                "journal_id": line.journal_id.id,
                "payment_method_line_id": line.id,
                "memo": self.memo(payment),
            })
        payments = self.env["account.payment"].create(values)
        payments.filtered(lambda payment: payment.date <= self.plan.today).action_post()
        self.payments = dict(zip(self.plan.payments, payments, strict=True))

    def bounce(self, payment):
        """Undo a payment that the bank returned; its entry and the reversal stay in the books."""
        record = self.payments[payment]
        record.move_id.line_ids.remove_move_reconcile()
        record.move_id._reverse_moves(
            [{"date": payment.bounced_on, "ref": f"{record.name}: returned by the bank"}],
            cancel=True,
        )
        record.state = "rejected"

    def move_ids(self):
        """Return the ids of all journal entries that were written."""
        moves = self.env["account.move"].union(
            *self.documents.values(),
            *self.credits.values(),
            *self.write_offs.values(),
            *(payment.move_id for payment in self.payments.values()),
        )
        return moves.ids

    def amounts_after_credits(self):
        """Return {(document key, instalment): amount left when the credits are matched}."""
        left = {key: line.amount_currency for key, line in self.items.items()}
        for credit, move in self.credits.items():
            if credit.share:
                left[credit.document, 1] -= move.amount_total
        return left

    def memo(self, payment):
        """Return what the customer wrote on the payment."""
        names = sorted({self.documents[cover.document].name for cover in payment.covers})
        return " ".join(filter(None, [payment.memo, *names]))

    def method_lines(self):
        """Return the payment method line of each way, created on the bank journal if need be."""
        bank, cash = self.journal("bank"), self.journal("cash") or self.journal("bank")
        manual = self.env.ref("account.account_payment_method_manual_in")
        result = {"cash": cash.inbound_payment_method_line_ids[:1]}
        for way, name in WAY_NAMES.items():
            known = bank.inbound_payment_method_line_ids.filtered(
                lambda line, name=name: line.name == name
            )
            result[way] = known[:1] or self.env["account.payment.method.line"].create({
                "name": name,
                "payment_method_id": manual.id,
                "journal_id": bank.id,
            })
        return result

    def load_write_offs(self):
        """Post the entries that write debts off."""
        if not self.plan.write_offs:
            return
        expense = self.bad_debts()
        values = []
        for write_off in self.plan.write_offs:
            items = [self.items[cover.document, cover.instalment] for cover in write_off.covers]
            common = {
                "name": write_off.reason,
                "currency_id": items[0].currency_id.id,
                "partner_id": items[0].partner_id.id,
            }
            amount = sum(item.amount_currency for item in items)
            balance = sum(item.balance for item in items)
            values.append({
                "move_type": "entry",
                "journal_id": self.journal("general").id,
                "date": write_off.date,
                "ref": write_off.reason,
                "line_ids": [
                    Command.create({
                        **common,
                        "account_id": items[0].account_id.id,
                        "amount_currency": -amount,
                        "credit": balance,
                    }),
                    Command.create({
                        **common,
                        "account_id": expense.id,
                        "amount_currency": amount,
                        "debit": balance,
                    }),
                ],
            })
        moves = self.env["account.move"].create(values)
        moves.action_post()
        self.write_offs = dict(zip(self.plan.write_offs, moves, strict=True))

    def bad_debts(self):
        """Return the account that debts are written off to."""
        Account = self.env["account.account"]
        known = Account.search(
            [("name", "=", "Bad Debts"), ("company_ids", "in", self.company.ids)], limit=1
        )
        return known or Account.create({
            "name": "Bad Debts",
            "code": Account._search_new_account_code("640000"),
            "account_type": "expense",
        })

    # ------------------------------------------------------------
    # MATCHING
    # ------------------------------------------------------------

    def pairs(self):
        """Return every match: (day, (document key, instalment), credit journal item), in order.

        Parts come first: what is left is only known after them.
        """
        found = []
        for credit, move in self.credits.items():
            found.append((credit.share is None, credit.date, (credit.document, 1), move))
        for payment, record in self.payments.items():
            found += [
                (
                    cover.share is None,
                    payment.date,
                    (cover.document, cover.instalment),
                    record.move_id,
                )
                for cover in payment.covers
            ]
        for write_off, move in self.write_offs.items():
            found += [
                (True, write_off.date, (cover.document, cover.instalment), move)
                for cover in write_off.covers
            ]
        found.sort(key=lambda one: one[:3])
        return [
            (
                day,
                key,
                move.line_ids.filtered(
                    lambda line: line.account_id.account_type == "asset_receivable"
                ),
            )
            for _last, day, key, move in found
        ]

    def match(self, pairs):
        """Reconcile pairs as :meth:`pairs` lists them."""
        plan = [self.items[key] + line for _day, key, line in pairs]
        if plan:
            self.env["account.move.line"]._reconcile_plan(plan)
