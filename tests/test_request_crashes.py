# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Booking what was paid on requests is killed at any moment, and done by two at once: never two
invoices for the same money, and no money without its invoice."""

import random
from collections import Counter

import pytest
from psycopg2.extensions import TransactionRollbackError

from odoo.tools import mute_logger

import databases
from support.host import environment, transaction
from support.request_worker import RequestWorker
from support.worker import moments

MOMENTS = 100


def prepare(database):
    """Send requests that providers say are paid: whole, in parts, too much, twice."""
    with environment(database) as env:
        if not env["account.journal"].search_count([("type", "=", "sale")]):
            env["account.chart.template"].try_loading("generic_coa", env.company)
        company = env.company
        tax = env["account.tax"].create({
            "name": "VAT of the story",
            "amount": 17,
            "type_tax_use": "sale",
            "company_id": company.id,
        })
        customer = env["res.partner"].create({"name": "Aegean Trading"})
        bank = env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", company.id)], limit=1
        )
        method = env.ref("payment.payment_method_unknown")
        provider = env["payment.provider"].create({
            "name": "Provider of the story",
            "code": "none",
            "company_id": company.id,
        })
        manual = env["account.payment.method"].search(
            [("code", "=", "manual"), ("payment_type", "=", "inbound")], limit=1
        )
        env["account.payment.method.line"].create({
            "name": "By the provider",
            "payment_method_id": manual.id,
            "journal_id": bank.id,
            "payment_provider_id": provider.id,
        })
        for number, parts in enumerate((
            [1170.0],
            [1000.0, 170.0],
            [333.33, 333.33, 503.34],
            [1170.0, 1170.0],
            [1500.0],
            [0.01, 1169.99],
        )):
            request = env["payment.request"].create({
                "partner_id": customer.id,
                "line_ids": [
                    (0, 0, {"name": "Service", "price_unit": 700, "tax_ids": [(6, 0, tax.ids)]}),
                    (0, 0, {"name": "More", "price_unit": 300, "tax_ids": [(6, 0, tax.ids)]}),
                ],
            })
            request.action_confirm()
            for part, amount in enumerate(parts):
                env["payment.transaction"].create({
                    "provider_id": provider.id,
                    "payment_method_id": method.id,
                    "reference": f"story-{number}-{part}",
                    "amount": amount,
                    "currency_id": company.currency_id.id,
                    "partner_id": customer.id,
                    "operation": "online_direct",
                    "payment_request_id": request.id,
                })._set_done()
        env.cr.commit()


def outcome(database):
    """Return what is wrong with the books, and what they say for each request."""
    with environment(database) as env:
        wrong = []
        for transaction in env["payment.transaction"].search([("payment_request_id", "!=", False)]):
            rows = env["payment.request.payment"].search([("transaction_id", "=", transaction.id)])
            payments = env["account.payment"].search([
                ("payment_transaction_id", "=", transaction.id)
            ])
            if len(rows) != 1 or len(payments) != 1 or rows.payment_id != payments:
                wrong.append(f"{transaction.reference}: {len(rows)} rows, {len(payments)} payments")
            elif rows.state not in ("booked", "unmatched"):
                wrong.append(f"{transaction.reference}: {rows.state} {rows.error}")
        said = {}
        for request in env["payment.request"].search([("transaction_ids", "!=", False)]):
            invoices = env["account.move"].search([("invoice_origin", "=", request.name)])
            if invoices != request.invoice_ids & invoices or len(invoices) != len(
                request.invoice_ids
            ):
                wrong.append(f"{request.name}: invoices that belong to no payment")
            wrong += [
                f"{request.name}: {invoice.name} is {invoice.state}, {invoice.payment_state}"
                for invoice in invoices
                if (invoice.state, invoice.payment_state) != ("posted", "paid")
            ]
            if sum(invoices.mapped("amount_total")) != pytest.approx(request.amount_total):
                wrong.append(f"{request.name}: {invoices.mapped('amount_total')}")
            if sum(invoices.mapped("amount_tax")) != pytest.approx(request.amount_tax):
                wrong.append(f"{request.name}: taxes {invoices.mapped('amount_tax')}")
            said[request.name] = (
                request.state,
                len(invoices),
                round(sum(request.payment_ids.mapped("excess_amount")), 2),
                len(request.activity_ids),
            )
        return wrong, said


@pytest.fixture(scope="module")
def paid(suite_database, name_for):
    """A database with paid transactions to be booked, and how it is once they are."""
    source = name_for("paid")
    with databases.database_copy(suite_database, source):
        prepare(source)
        name = name_for("booking")
        with databases.database_copy(source, name), RequestWorker(name) as worker:
            worker.run()  # the first one takes longer than those that follow
            databases.copy_database(source, name)
            seconds = worker.run().seconds
            wrong, undisturbed = outcome(name)
            assert not wrong
            states = Counter(said[0] for said in undisturbed.values())
            assert states == {"paid": 6}
            yield source, name, worker, seconds, undisturbed


@pytest.mark.parametrize("moment", moments(first=5, step=19, of=MOMENTS))
def test_killed_and_started_again(paid, moment):
    source, name, worker, seconds, undisturbed = paid
    _killed, where = worker.kill_at(
        (moment + random.random()) / MOMENTS,
        seconds,
        reset=lambda: databases.copy_database(source, name),
    )
    worker.run()
    wrong, said = outcome(name)
    assert not wrong, where
    assert said == undisturbed, where


def test_two_at_once(paid):
    source, name, one, _seconds, undisturbed = paid
    databases.copy_database(source, name)
    with RequestWorker(name) as other:
        one.start()
        other.start()
        assert one.wait().well
        assert other.wait().well
    wrong, said = outcome(name)
    assert not wrong
    assert said == undisturbed


def test_two_payments_at_the_same_moment(paid):
    """Who read what is due before another payment was booked starts again with what is due now."""
    source, name, _worker, _seconds, _undisturbed = paid
    databases.copy_database(source, name)
    with environment(name) as env:
        first, second = env["payment.transaction"].search(
            [("reference", "in", ("story-3-0", "story-3-1"))], order="id"
        )
        request = first.payment_request_id
        with transaction(env) as other_env:
            first._post_process()
            env.cr.commit()
            with pytest.raises(TransactionRollbackError), mute_logger("odoo.sql_db"):
                second.with_env(other_env)._post_process()
            other_env.cr.rollback()
        assert (request.state, request.invoice_count) == ("paid", 1)
        second._post_process()
        env.cr.commit()
        assert (request.state, request.invoice_count) == ("paid", 1)
        rows = request.payment_ids.sorted("id")
        assert rows.mapped("state") == ["booked", "unmatched"]
        assert rows.mapped("excess_amount") == [0.0, 1170.0]
