# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""Billing is killed anywhere, or raced with: each period is billed once, and charged once."""

import contextlib
from collections import Counter
from functools import partial

import psycopg2
import pytest

import databases
from support.charge_records import counting_database, taken
from support.recurring_worker import DOCUMENTS, PERIODS, RecurringWorker
from support.worker import moments


@pytest.fixture(scope="module")
def work(suite_database, name_for, tmp_path_factory):
    """A worker on a database with the provider that counts, and how long a round takes it."""
    records = tmp_path_factory.mktemp("gateway")
    name = name_for("recurring_crashes")
    with counting_database(suite_database, name, records), RecurringWorker(name) as worker:
        # the first round takes longer than those that follow
        worker.ask("prepare", name="warm up")
        worker.run("run")
        documents = worker.ask("prepare", name="undisturbed")
        undisturbed = worker.run_counted("run")
        assert not faults(name, records, documents)
        yield name, records, worker, undisturbed


def faults(name, records, documents):
    """Return what is wrong with what was billed and charged in a round, in words."""
    return faults_by(partial(databases.query, name), taken(records, name), documents)


def faults_by(query, charged, documents):
    """The same by a function that runs SQL, and how often each reference was really charged."""
    assert len(documents) == len(DOCUMENTS)
    rows = query(
        """
        SELECT document.id, document.state, document.trouble,
               array_agg(period.date_from::text ORDER BY period.id),
               array_agg(DISTINCT period.state)
          FROM recurring_document document
     LEFT JOIN recurring_period period ON period.document_id = document.id
         WHERE document.id = ANY(%s)
      GROUP BY document.id
        """,
        documents,
    )
    expected = ("ended", None, list(PERIODS), ["generated"])
    found = [f"document {row[0]}: {row[1:]}" for row in rows if row[1:] != expected]
    for period, kind, facts in billed(query, documents):
        references = facts.pop("references") or []
        facts["charged"] = sum(charged[reference] for reference in references)
        if facts != of_kind(kind):
            found.append(f"period {period}, {kind}: {facts}")
    left = query(
        """
        SELECT name, state FROM payment_charge_attempt
         WHERE finished IS NOT TRUE OR state IN ('planned', 'submitted', 'pending', 'unknown')
        """,
    )
    found += [f"{attempt} is {state}" for attempt, state in left]
    strangers = set(charged) - {
        reference for (reference,) in query("SELECT reference FROM payment_transaction")
    }
    return found + [f"{reference} was charged and is not in the books" for reference in strangers]


def of_kind(kind):
    """Return how often everything is there for a period that is billed once and charged once."""
    return {
        "charged": 1,
        "payments": 1,
        "invoices": int(kind != "none"),
        "owed": 0,
        "requests": int(kind in {"proforma", "request"}),
        "issued": 1,
    }


def billed(query, documents):
    """Yield each period of the documents, what is issued for it, and how often what is there."""
    rows = query(
        """
        SELECT period.id, document.document_kind,
               array_agg(DISTINCT transaction.reference)
                   FILTER (WHERE transaction.reference IS NOT NULL) AS transactions,
               (SELECT count(*) FROM account_payment payment
                  JOIN payment_transaction paid ON paid.id = payment.payment_transaction_id
                  JOIN payment_charge_attempt attempt ON attempt.id = paid.charge_attempt_id
                 WHERE attempt.recurring_period_id = period.id),
               (SELECT count(DISTINCT move.id) FROM account_move move
                 WHERE move.state = 'posted' AND move.move_type = 'out_invoice'
                   AND move.invoice_origin IN (document.name, request.name)
                   AND (move.invoice_origin <> document.name OR move.id = period.move_id)),
               (SELECT coalesce(sum(move.amount_residual), 0) FROM account_move move
                 WHERE move.move_type = 'out_invoice'
                   AND (move.id = period.move_id OR move.invoice_origin = request.name)),
               (SELECT count(*) FROM payment_request other
                 WHERE other.id = period.request_id AND other.state = 'paid'),
               (SELECT count(*) FROM recurring_transition transition
                 WHERE transition.period_id = period.id AND transition.to_state = 'generated')
          FROM recurring_period period
          JOIN recurring_document document ON document.id = period.document_id
     LEFT JOIN payment_request request ON request.id = period.request_id
     LEFT JOIN payment_charge_attempt attempt ON attempt.recurring_period_id = period.id
     LEFT JOIN payment_transaction transaction ON transaction.charge_attempt_id = attempt.id
         WHERE document.id = ANY(%s)
      GROUP BY period.id, document.id, request.id
        """,
        documents,
    )
    for period, kind, references, payments, invoices, owed, requests, issued in rows:
        yield (
            period,
            kind,
            {
                "references": references,
                "payments": payments,
                "invoices": invoices,
                "owed": owed,
                "requests": requests,
                "issued": issued,
            },
        )
    yield from strays(query, documents)


def strays(query, documents):
    """Yield invoices and requests of the documents that belong to none of their periods."""
    rows = query(
        """
        SELECT move.name FROM account_move move
          JOIN recurring_document document ON document.name = move.invoice_origin
         WHERE document.id = ANY(%s)
           AND NOT EXISTS (SELECT FROM recurring_period WHERE move_id = move.id)
     UNION ALL
        SELECT request.name FROM payment_request request
          JOIN recurring_document document ON document.name = request.origin
         WHERE document.id = ANY(%s)
           AND NOT EXISTS (SELECT FROM recurring_period WHERE request_id = request.id)
        """,
        documents,
        documents,
    )
    for (document,) in rows:
        yield document, "stray", {"references": []}


@pytest.mark.parametrize("moment", moments(first=14, step=35))
def test_killed_and_started_again_each_period_is_billed_once(work, moment):
    name, records, worker, undisturbed = work
    documents = worker.ask("prepare", name=f"moment {moment}")
    where = worker.kill_somewhere(moment, undisturbed, "run")
    worker.run("run")
    assert not faults(name, records, documents), where


def test_killed_again_and_again(work):
    name, records, worker, undisturbed = work
    documents = worker.ask("prepare", name="again and again")
    for part in range(2, 9):
        worker.start("run", line=undisturbed.said[-1] // part)
        worker.wait()
    worker.run("run")
    assert not faults(name, records, documents)


@pytest.mark.parametrize("workers", [2, 3])
def test_at_once_each_period_is_billed_once(work, workers):
    name, records, worker, _undisturbed = work
    documents = worker.ask("prepare", name=f"{workers} at once")
    worker.run("run", times=workers)
    assert not faults(name, records, documents)


def test_a_mended_period_is_not_billed_twice_after_another_run(work):
    """A run on the next day, with nothing new that is due, adds nothing."""
    name, records, worker, _undisturbed = work
    documents = worker.ask("prepare", name="twice")
    worker.run("run")
    worker.run("run")
    assert not faults(name, records, documents)


# what a crash might leave, as SQL over a period of a round
TAMPERING = {
    "a period is not billed": "UPDATE recurring_period SET state = 'planned' WHERE id = %s",
    "a period is there twice": """
        UPDATE recurring_period SET document_id = (
               SELECT max(document_id) FROM recurring_period), date_from = '2025-01-01'
         WHERE id = %s
    """,
    "a period was issued twice": """
        INSERT INTO recurring_transition (document_id, period_id, from_state, to_state, cause, date)
        SELECT document_id, period_id, from_state, to_state, cause, date
          FROM recurring_transition WHERE period_id = %s AND to_state = 'generated'
    """,
    "an invoice of no period": """
        UPDATE account_move SET invoice_origin = (
               SELECT document.name FROM recurring_period period
                 JOIN recurring_document document ON document.id = period.document_id
                WHERE period.id = %s)
         WHERE id = (SELECT max(id) FROM account_move move WHERE move_type = 'out_invoice'
                        AND NOT EXISTS (SELECT FROM recurring_period WHERE move_id = move.id))
    """,
    "an invoice is owed": """
        UPDATE account_move SET amount_residual = 10
         WHERE id = (SELECT move_id FROM recurring_period WHERE id = %s)
    """,
    "a success is not booked": """
        UPDATE account_payment SET payment_transaction_id = NULL
         WHERE payment_transaction_id IN (
               SELECT transaction.id FROM payment_transaction transaction
                 JOIN payment_charge_attempt attempt ON attempt.id = transaction.charge_attempt_id
                WHERE attempt.recurring_period_id = %s)
    """,
    "a charge has no outcome": """
        UPDATE payment_charge_attempt SET state = 'unknown' WHERE recurring_period_id = %s
    """,
}


def test_the_check_sees_what_a_crash_might_leave(work):
    """The tests above are worth what their check sees: each of these is a fault to it."""
    name, records, worker, _undisturbed = work
    documents = worker.ask("prepare", name="tampered")
    worker.run("run")
    assert not faults(name, records, documents)
    charged = taken(records, name)
    with contextlib.closing(psycopg2.connect(dbname=name)) as connection:
        cursor = connection.cursor()

        def query(sql, *params):
            cursor.execute(sql, params)
            return cursor.fetchall() if cursor.description else []

        [(period, reference)] = query(
            """
            SELECT period.id, transaction.reference
              FROM recurring_period period
              JOIN payment_charge_attempt attempt ON attempt.recurring_period_id = period.id
              JOIN payment_transaction transaction ON transaction.charge_attempt_id = attempt.id
             WHERE period.document_id = %s AND period.date_from = %s
            """,
            documents[0],
            PERIODS[0],
        )
        for what, sql in TAMPERING.items():
            query(sql, period)
            assert cursor.rowcount, f"{what}: nothing was tampered with"
            assert faults_by(query, charged, documents), what
            connection.rollback()
        for what in (reference, "unknown to the books"):
            assert faults_by(query, charged + Counter([what]), documents), what
        assert faults_by(query, charged - Counter([reference]), documents), "never charged"
        assert not faults_by(query, charged, documents)
