# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from contextlib import contextmanager, nullcontext
from datetime import timedelta

import requests

from odoo import Command, fields
from odoo.exceptions import ValidationError
from odoo.tests import HttpCase

from odoo.addons.account_payment.tests.common import AccountPaymentCommon


class Line:
    """The line to a provider that does what it is told, and counts what it was really asked.

    ``script`` holds, per card, what happens at each charge, the last word for all that follow:
    done, pending, draft, lost (no answer), lost_taken (taken, no answer), broken (nonsense came
    back after it was taken), or the code of a refusal.
    """

    def __init__(self):
        self.script = {}
        self.asked = []
        self.taken = []
        self.refunded = []
        self.can_say = True
        self.on_ask = None

    def outcome_of(self, transaction):
        """Answer the question what became of a transaction."""
        if not self.can_say:
            return None
        if transaction.reference in self.taken + self.refunded:
            return "done"
        return "not_found"

    def charge(self, transaction):
        words = self.script.get(transaction.token_id.id, ["done"])
        earlier = [one for one in self.asked if one[0] == transaction.token_id.id]
        word = words[min(len(earlier), len(words) - 1)]
        self.asked.append((transaction.token_id.id, transaction.reference, transaction.amount))
        if self.on_ask:
            self.on_ask(transaction)
        if word in {"done", "lost_taken", "broken"}:
            self.taken.append(transaction.reference)
        self._answer(transaction, word)

    def _answer(self, transaction, word):
        if word in {"lost", "lost_taken"}:
            # as the host makes a refusal of a broken line
            try:
                raise requests.exceptions.ConnectionError("the line broke")
            except requests.exceptions.ConnectionError:
                raise ValidationError(transaction.env._("No connection."))  # noqa: B904
        if word == "broken":
            raise ZeroDivisionError("nonsense came back")
        transaction.provider_reference = f"line-{transaction.reference}"
        if word == "done":
            transaction._set_done()
        elif word == "pending":
            transaction._set_pending()
        elif word != "draft":
            transaction.charge_codes = word
            transaction._set_error(f"Refused: {word}")

    def refund(self, transaction):
        words = self.script.get(("refund", transaction.token_id.id), ["done"])
        word = words[0] if len(words) == 1 else words.pop(0)
        if word in {"done", "lost_taken"}:
            self.refunded.append(transaction.reference)
        self._answer(transaction, word)


class ChargeCommon(AccountPaymentCommon):
    """A company that charges cards, two customers, and a provider that can be told what to do."""

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.quick_ref("payment_charge.group_charge_manager")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.currency = cls.company.currency_id
        cls.today = cls.company._charge_today()
        cls.provider.available_currency_ids = False
        cls.customer = cls.env["res.partner"].create({
            "name": "Aegean Trading",
            "is_company": True,
            "email": "pay@aegean.example.com",
        })
        cls.other_customer = cls.env["res.partner"].create({"name": "Carmel Systems"})
        cls.Attempt = cls.env["payment.charge.attempt"]

    def setUp(self):
        super().setUp()
        line = self.line = Line()
        Transaction = type(self.env["payment.transaction"])
        Provider = type(self.env["payment.provider"])
        self.patch(Transaction, "_send_payment_request", lambda tx: line.charge(tx))
        self.patch(Transaction, "_send_refund_request", lambda tx: line.refund(tx))
        self.patch(Provider, "_charge_query", lambda _self, tx: line.outcome_of(tx))

    # ------------------------------------------------------------
    # WORDS TO TELL STORIES WITH
    # ------------------------------------------------------------

    def card(self, *script, partner=None, **vals):
        """Return the customer's way to be charged by a card on which the script happens."""
        token = self._create_token(
            partner_id=(partner or self.customer).id,
            provider_ref=f"card {len(self.line.script)}",
            **vals,
        )
        self.line.script[token.id] = list(script) or ["done"]
        return self.env["payment.charge.way"].search([("token_id", "=", token.id)])

    @classmethod
    def invoice_of(cls, amount=100.0, partner=None, due=-5, post=True, **vals):
        """Return an invoice of the customer, due that many days from today."""
        day = fields.Date.add(cls.today, days=due)
        move = cls.env["account.move"].create({
            "move_type": "out_invoice",
            "partner_id": (partner or cls.customer).id,
            "invoice_date": day,
            "invoice_date_due": day,
            "currency_id": cls.currency.id,
            "invoice_line_ids": [
                Command.create({
                    "name": "Service",
                    "quantity": 1,
                    "price_unit": amount,
                    "tax_ids": [Command.clear()],
                })
            ],
            **vals,
        })
        if post:
            move.action_post()
        return move

    def charge(self, moves=None, **vals):
        """Plan a charge and carry it out."""
        attempt = self.plan(moves, **vals)
        attempt._submit()
        return attempt

    def allow_refunds(self, level):
        """Have the provider refund: ``partial``, or ``full_only``, or not at all."""
        self.patch(
            type(self.env["payment.provider"]),
            "_compute_feature_support_fields",
            lambda providers: providers.update({
                "support_refund": level,
                "support_tokenization": True,
                "support_manual_capture": False,
                "support_express_checkout": False,
            }),
        )
        self.payment_method.support_refund = "partial"
        self.provider.invalidate_recordset()

    def plan(self, moves=None, **vals):
        """Plan a charge of documents, or of an amount."""
        if moves:
            vals["invoice_ids"] = moves
        return self.Attempt._plan([vals])

    def asked(self):
        """Return how often the provider was asked for a charge."""
        return len(self.line.asked)

    def follow_up(self):
        """Have the job look at whatever has no outcome yet."""
        self.run_cron("cron_resolve")

    def run_cron(self, name):
        # tests over HTTP are in that mode already
        over_http = isinstance(self, HttpCase)
        with nullcontext() if over_http else self.enter_registry_test_mode():
            self.env.ref(f"payment_charge.{name}").sudo().method_direct_trigger()
        self.env.invalidate_all()

    @contextmanager
    def later(self, **delta):
        """Let time pass: what was noted moves into the past."""
        self.env.flush_all()
        moved = {
            "payment_charge_attempt": ("submitted_on", "answered_on", "asked_on", "planned_on"),
            "payment_transaction": ("last_state_change",),
        }
        for table, columns in moved.items():
            for column in columns:
                self.env.cr.execute(
                    f"UPDATE {table} SET {column} = {column} - %s", [timedelta(**delta)]
                )
        self.env.invalidate_all()
        yield

    def states(self, attempts):
        """Return the history of a charge as its states."""
        return attempts.transition_ids.sorted("id").mapped("to_state")

    def payments_of(self, *partners):
        partners = partners or (self.customer,)
        return self.env["account.payment"].search([
            ("partner_id", "in", [partner.id for partner in partners])
        ])
