# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""Chargebacks are killed anywhere, or raced with: booked, answered and told once."""

import json
from collections import Counter

import pytest

import databases
from support.charge_records import counting_database
from support.chargeback_worker import (
    AMOUNT,
    CARDS,
    DISPUTES,
    FEE,
    PART,
    ChargebackWorker,
    address,
)
from support.smtp_sink import SmtpSink
from support.worker import moments

BACK = {"won": AMOUNT, "partly": PART, "lost": 0.0}


@pytest.fixture(scope="module")
def work(suite_database, name_for, tmp_path_factory):
    """A worker on a database with the provider that counts, and how long a round takes it."""
    records = tmp_path_factory.mktemp("gateway")
    name = name_for("chargeback_crashes")
    with (
        SmtpSink() as sink,
        counting_database(suite_database, name, records),
        ChargebackWorker(name) as worker,
    ):
        check = Check(name, records, sink)
        # the first round takes longer than those that follow
        worker.run("run", attempts=worker.ask("prepare", name="warm up", port=sink.port))
        attempts = worker.ask("prepare", name="undisturbed", port=sink.port)
        undisturbed = worker.run_counted("run", attempts=attempts)
        assert not check.faults("undisturbed", attempts)
        assert not check.waiting("undisturbed")
        yield check, worker, undisturbed


class Check:
    """Looks at what became of a round: in the books, at the gateway, and at the mail server."""

    def __init__(self, name, records, sink):
        self.name, self.records, self.sink = name, records, sink

    def query(self, sql, *params):
        return databases.query(self.name, sql, *params)

    def faults(self, name, attempts):
        """Return what is wrong, in words."""
        found = []
        evidence = self.evidence()
        for attempt, (script, outcome) in zip(attempts, DISPUTES, strict=True):
            sent = evidence[f"{script}/{attempt}"]
            facts = {**self.books(attempt), "evidence": sent}
            if facts != self.expected(script, outcome):
                found.append(f"{script}, {outcome}: {facts}")
        return found + self.faults_of_messages(name)

    def expected(self, script, outcome):
        back = BACK[outcome]
        return {
            "chargebacks": [(outcome, True, AMOUNT, back, FEE, None)],
            # the invoice, its payment and what reverses that; what came back; the fee
            "entries": 3 + bool(back) + 1,
            "payments": 1 + bool(back),
            "owed": AMOUNT - back,
            "balance": AMOUNT - back,
            "fees": FEE,
            "evidence": 0 if script == "refused" else 1,
        }

    def books(self, attempt):
        """Return what the books say of a disputed charge."""
        [(partner,)] = self.query(
            "SELECT partner_id FROM payment_charge_attempt WHERE id = %s", attempt
        )
        chargebacks = self.query(
            """
            SELECT state, finished, amount_withdrawn::float,
                   coalesce(amount_reinstated, 0)::float,
                   fee_booked::float, trouble
              FROM payment_chargeback WHERE attempt_id = %s
            """,
            attempt,
        )
        [(entries, fees)] = self.query(
            """
            SELECT count(DISTINCT move.id),
                   coalesce(sum(line.balance) FILTER (
                       WHERE line.account_id = company.chargeback_fee_account_id), 0)::float
              FROM account_move move
              JOIN account_move_line line ON line.move_id = move.id
              JOIN res_company company ON company.id = move.company_id
             WHERE move.state = 'posted'
               AND (line.partner_id = %s
                    OR move.ref LIKE (SELECT min(name) || ' %%' FROM payment_chargeback
                                       WHERE attempt_id = %s))
            """,
            partner,
            attempt,
        )
        [(payments,)] = self.query(
            "SELECT count(*) FROM account_payment WHERE partner_id = %s", partner
        )
        [(owed,)] = self.query(
            """
            SELECT sum(amount_residual)::float FROM account_move
             WHERE partner_id = %s AND move_type = 'out_invoice'
            """,
            partner,
        )
        [(balance,)] = self.query(
            """
            SELECT sum(line.balance)::float
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
             WHERE line.partner_id = %s AND line.parent_state = 'posted'
               AND account.account_type = 'asset_receivable'
            """,
            partner,
        )
        return {
            "chargebacks": chargebacks,
            "entries": entries,
            "payments": payments,
            "owed": owed,
            "balance": balance,
            "fees": fees,
        }

    def evidence(self):
        """Return how often the gateway took the evidence of each dispute, by its own record."""
        path = self.records / f"charge_test_{self.name}.jsonl"
        events = [json.loads(line) for line in path.read_text().splitlines()]
        return Counter(event["reference"] for event in events if event["event"] == "evidence")

    def faults_of_messages(self, name):
        """Return which customers did not hear once of their card, unless that waits for a person."""
        heard, waiting = Counter(self.sink.recipients), self.waiting(name)
        found = []
        for number in range(CARDS):
            customer = address(name, number)
            allowed = {0, 1} if customer in waiting else {1}
            if heard[customer] not in allowed:
                found.append(f"{customer} heard {heard[customer]} times")
        left = self.query(
            """
            SELECT partner.email, notice.state
              FROM payment_card_notice notice
              JOIN res_partner partner ON partner.id = notice.partner_id
             WHERE notice.state NOT IN ('sent', 'sending')
            """
        )
        return found + [f"{customer}: {state}" for customer, state in left]

    def waiting(self, name):
        """Return the customers who possibly heard: a person is to look."""
        customers = [address(name, number) for number in range(CARDS)]
        rows = self.query(
            """
            SELECT partner.email
              FROM payment_card_notice notice
              JOIN res_partner partner ON partner.id = notice.partner_id
             WHERE notice.state = 'sending' AND partner.email = ANY(%s)
            """,
            customers,
        )
        return {customer for (customer,) in rows}


@pytest.mark.parametrize("moment", moments(first=16, step=35))
def test_killed_chargebacks_are_followed_once(work, moment):
    check, worker, undisturbed = work
    name = f"moment {moment}"
    attempts = worker.ask("prepare", name=name, port=check.sink.port)
    where = worker.kill_somewhere(moment, undisturbed, "run", attempts=attempts)
    worker.run("run", attempts=attempts)
    assert not check.faults(name, attempts), where
    assert len(check.waiting(name)) <= 1, where


def test_killed_between_the_mail_server_and_the_mark_nobody_hears_twice(work):
    check, worker, _undisturbed = work
    name = "slow mail server"
    attempts = worker.ask("prepare", name=name, port=check.sink.port)
    check.sink.behaviour.delay = 30
    came = check.sink.count
    worker.start("run", attempts=attempts)
    check.sink.wait_for(came + 1)
    worker.kill()
    check.sink.behaviour.delay = 0
    worker.run("run", attempts=attempts)
    assert not check.faults(name, attempts)
    assert len(check.waiting(name)) == 1


def test_three_processes_at_once_follow_once(work):
    check, worker, _undisturbed = work
    attempts = worker.ask("prepare", name="race", port=check.sink.port)
    worker.run("run", times=3, attempts=attempts)
    assert not check.faults("race", attempts)
    assert not check.waiting("race")
