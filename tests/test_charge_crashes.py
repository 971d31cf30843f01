# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""Charges are killed anywhere, or raced with: never two charges, never a lost success."""

import pytest

import databases
from support.charge_records import counting_database, taken
from support.charge_worker import CUSTOMERS, ChargeWorker
from support.worker import moments


@pytest.fixture(scope="module")
def work(suite_database, name_for, tmp_path_factory):
    """A worker on a database with the provider that counts, and how long a round takes it."""
    records = tmp_path_factory.mktemp("gateway")
    name = name_for("charge_crashes")
    with counting_database(suite_database, name, records), ChargeWorker(name) as worker:
        # the first round takes longer than those that follow
        worker.ask("prepare", name="warm up")
        worker.run("run")
        attempts = worker.ask("prepare", name="undisturbed")
        undisturbed = worker.run_counted("run")
        assert not faults(name, records, attempts)
        assert databases.query(
            name,
            "SELECT id FROM mail_message WHERE model = 'collection.case'"
            " AND position(%s IN body) > 0",
            "Not Enough Money",
        ), "the cases heard of nothing"
        yield name, records, worker, undisturbed


def faults(name, records, attempts):
    """Return what is wrong with the charges of a round, in words."""
    found = []
    charged = taken(records, name)
    documents = databases.query(
        name,
        """
        SELECT document.move_id, move.amount_residual, first.res_id,
               array_agg(DISTINCT transaction.reference),
               count(DISTINCT transaction.payment_id)
          FROM payment_charge_document AS document
          JOIN account_move AS move ON move.id = document.move_id
          JOIN payment_charge_attempt AS first ON first.id = document.attempt_id
          JOIN payment_charge_document AS other ON other.move_id = document.move_id
          JOIN payment_transaction AS transaction
            ON transaction.charge_attempt_id = other.attempt_id
         WHERE document.attempt_id = ANY(%s)
         GROUP BY document.move_id, move.amount_residual, first.res_id
        """,
        attempts,
    )
    if len(documents) != len(CUSTOMERS):
        found.append(f"{len(documents)} documents were charged")
    for move, residual, order, references, payments in documents:
        times = sum(charged[reference] for reference in references)
        [(told,)] = databases.query(
            name, "SELECT coalesce(succeeded, 0) FROM charge_test_order WHERE id = %s", order
        )
        [(booked,)] = databases.query(
            name,
            """
            SELECT count(*) FROM account_payment
             WHERE payment_transaction_id IN
                   (SELECT id FROM payment_transaction WHERE reference = ANY(%s))
            """,
            references,
        )
        if (times, payments, booked, told, residual) != (1, 1, 1, 1, 0):
            found.append(
                f"document {move}: charged {times}, booked {payments}/{booked}, told {told}, "
                f"owed {residual}"
            )
    left = databases.query(
        name,
        """
        SELECT name, state FROM payment_charge_attempt
         WHERE finished IS NOT TRUE OR state IN ('planned', 'submitted', 'pending', 'unknown')
        """,
    )
    found += [f"{attempt} is {state}" for attempt, state in left]
    return found + faults_of_collections(name, attempts)


def faults_of_collections(name, attempts):
    """Return what is wrong with the cases of the documents that were charged, in words."""
    cases = databases.query(
        name,
        """
        SELECT item.document_number, count(DISTINCT membership.case_id),
               bool_and(kase.state = 'completed'), bool_or(membership.open)
          FROM payment_charge_document document
          JOIN collection_item item ON item.move_id = document.move_id
     LEFT JOIN collection_case_item membership ON membership.item_id = item.id
     LEFT JOIN collection_case kase ON kase.id = membership.case_id
         WHERE document.attempt_id = ANY(%s)
      GROUP BY item.document_number
        """,
        attempts,
    )
    found = [f"cases of {row[0]}: {row[1:]}" for row in cases if row[1:] != (1, True, False)]
    twice = databases.query(
        name,
        """
        SELECT attempt.name, count(*) FROM payment_charge_attempt attempt
          JOIN mail_message message
            ON message.model = 'collection.case' AND position(attempt.name IN message.body) > 0
      GROUP BY attempt.name HAVING count(*) > 1
        """,
    )
    found += [f"the case heard {count} times of {attempt}" for attempt, count in twice]
    [(blocks, untold)] = databases.query(
        name,
        """
        SELECT (SELECT count(*) FROM collection_item_block WHERE kind = 'charge'),
               (SELECT count(*) FROM payment_charge_transition WHERE collection_pending)
        """,
    )
    if blocks or untold:
        found.append(f"{blocks} blocks are left, {untold} outcomes untold")
    return found


@pytest.mark.parametrize("moment", moments(first=3, step=19))
def test_killed_charges_are_carried_out_once(work, moment):
    name, records, worker, undisturbed = work
    attempts = worker.ask("prepare", name=f"moment {moment}")
    where = worker.kill_somewhere(moment, undisturbed, "run")
    worker.run("run")
    assert not faults(name, records, attempts), where


def test_three_processes_at_once_charge_once(work):
    name, records, worker, _undisturbed = work
    attempts = worker.ask("prepare", name="race")
    worker.run("run", times=3)
    assert not faults(name, records, attempts)


@pytest.mark.parametrize("order", [("portal", "charge"), ("charge", "portal")])
def test_the_portal_and_a_charge_never_begin_at_once(work, order):
    name, records, worker, _undisturbed = work
    attempts = worker.ask("prepare", name=f"{order[0]} first")
    # a planned charge that is due keeps the portal off already: this one is for later
    databases.query(
        name,
        "UPDATE payment_charge_attempt SET planned_on = '2099-01-01' WHERE id = ANY(%s)",
        attempts,
    )
    through = worker.ask("portal", attempt=attempts[0], order=order)
    assert through == [order[0]]
    databases.query(name, "UPDATE payment_transaction SET last_state_change = '2026-01-01'")
    worker.run("run")
    assert not faults(name, records, attempts)
