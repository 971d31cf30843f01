# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Real processes and a real mail server: each gets a message once, whatever dies in between."""

import random
import time
from collections import Counter

import pytest

from odoo.tools import mute_logger

import databases
from support import mailing
from support.host import environment
from support.sending_worker import SendingWorker
from support.smtp_sink import SmtpSink

CUSTOMERS = 120


@pytest.fixture(scope="module")
def mailing_database(suite_database, name_for):
    """An idle database with customers who owe."""
    with databases.database_copy(suite_database, name_for("mailing")) as name:
        with environment(name) as env:
            mailing.prepare(env, CUSTOMERS)
        yield name


@pytest.fixture
def copy(mailing_database, name_for):
    with databases.database_copy(mailing_database, name_for("sending")) as name:
        yield name


def plan_through(name, sink):
    with environment(name) as env:
        mailing.use_server(env, sink.port)
        mailing.plan(env)


def plan_two_of_which_one_is_allowed(name, sink):
    """Plan two reminders to everybody, where one contact a day is the limit."""
    plan_through(name, sink)
    with environment(name) as env:
        mailing.move_to_other_days(env)
        mailing.plan(env)
        env["collection.gate.policy"].create({
            "name": "One a day",
            "cap_ids": [(0, 0, {"count": 1, "days": 1})],
        })
        env.cr.commit()


def states(name):
    return Counter(
        dict(databases.query(name, "SELECT state, count(*) FROM collection_message GROUP BY state"))
    )


def contacts(name):
    [(count,)] = databases.query(
        name, "SELECT count(*) FROM collection_contact_log WHERE message_id IS NOT NULL"
    )
    return count


def assert_each_at_most_once(sink):
    twice = [address for address, count in Counter(sink.recipients).items() if count > 1]
    assert not twice


def test_each_gets_one_message_over_one_session(copy):
    with SmtpSink() as sink, SendingWorker(copy) as worker:
        plan_through(copy, sink)
        worker.run()
        assert states(copy) == {"sent": CUSTOMERS}
        assert len(sink.received) == CUSTOMERS
        assert_each_at_most_once(sink)
        assert sink.connections == 1
        assert contacts(copy) == CUSTOMERS
        one = sink.received[0].message
        assert "second reminder" in one["Subject"]
        assert "100.00" in one.get_body(("plain",)).get_content()


def test_two_workers_share_the_messages(copy):
    with SmtpSink(delay=0.005) as sink, SendingWorker(copy) as one, SendingWorker(copy) as other:
        plan_through(copy, sink)
        one.start()
        other.start()
        assert one.wait().well
        assert other.wait().well
        assert sink.connections >= 2, "one of them did all the work"
        assert states(copy) == {"sent": CUSTOMERS}
        assert len(sink.received) == CUSTOMERS
        assert_each_at_most_once(sink)
        assert contacts(copy) == CUSTOMERS


def test_two_workers_together_keep_the_limit_of_each_customer(copy):
    with SmtpSink(delay=0.005) as sink, SendingWorker(copy) as one, SendingWorker(copy) as other:
        plan_two_of_which_one_is_allowed(copy, sink)
        one.start()
        other.start()
        assert one.wait().well
        assert other.wait().well
        assert sink.connections >= 2, "one of them did all the work"
        assert states(copy) == {"sent": CUSTOMERS, "planned": CUSTOMERS}
        assert_each_at_most_once(sink)


def test_where_one_of_two_is_killed_the_other_keeps_the_limits(copy):
    with SmtpSink(delay=0.005) as sink, SendingWorker(copy) as one, SendingWorker(copy) as other:
        plan_two_of_which_one_is_allowed(copy, sink)
        one.start()
        other.start()
        sink.wait_for(30)
        one.kill()
        assert other.wait().well
        other.run()
        assert_each_at_most_once(sink)
        found = states(copy)
        assert found["possibly_sent"] <= 1
        assert found["sent"] + found["possibly_sent"] == CUSTOMERS


@pytest.mark.parametrize("moment", range(6))
def test_killed_in_the_middle_nobody_gets_it_twice(copy, moment):
    with SmtpSink(delay=0.004) as sink, SendingWorker(copy) as worker:
        plan_through(copy, sink)
        worker.start()
        sink.wait_for(5 + moment * 20)
        time.sleep(random.random() * 0.02)
        worker.kill()
        before = states(copy)
        assert before["sending"] <= 1
        worker.run()
        assert_each_at_most_once(sink)
        after = states(copy)
        # what was being sent waits for a person, everything else has gone out
        assert after["possibly_sent"] == before["sending"]
        assert after["sent"] == CUSTOMERS - after["possibly_sent"]
        assert CUSTOMERS - 1 <= len(sink.received) <= CUSTOMERS
        assert contacts(copy) == after["sent"]


def test_killed_between_the_server_and_the_mark_it_is_possibly_sent(copy):
    with SmtpSink(delay=30) as sink, SendingWorker(copy) as worker:
        plan_through(copy, sink)
        worker.start()
        sink.wait_for(1)
        worker.kill()
        sink.behaviour.delay = 0
        worker.run()
        assert_each_at_most_once(sink)
        assert states(copy) == {"possibly_sent": 1, "sent": CUSTOMERS - 1}
        with environment(copy) as env:
            message = env["collection.message"].search([("state", "=", "possibly_sent")])
            assert message.person_id.email == sink.recipients[0]
            assert message.activity_ids
            message.action_was_sent()
            env.cr.commit()
        worker.run()
        assert len(sink.received) == CUSTOMERS
        assert states(copy) == {"sent": CUSTOMERS}


def test_a_server_that_hangs_up_after_some_messages_is_called_again(copy):
    with SmtpSink(per_connection=10) as sink, SendingWorker(copy) as worker:
        plan_through(copy, sink)
        worker.run()
        assert states(copy) == {"sent": CUSTOMERS}
        assert len(sink.received) == CUSTOMERS
        assert_each_at_most_once(sink)


def test_a_server_that_is_lost_before_the_text_is_told_again(copy):
    with (
        SmtpSink(lose_before_text_of="customer7@example.com") as sink,
        SendingWorker(copy) as worker,
    ):
        plan_through(copy, sink)
        worker.run()
        assert states(copy) == {"sent": CUSTOMERS}
        assert_each_at_most_once(sink)


def test_a_server_that_is_lost_after_the_text_leaves_it_to_a_person(copy):
    with SmtpSink(lose_text_of="customer7@example.com") as sink, SendingWorker(copy) as worker:
        plan_through(copy, sink)
        worker.run()
        assert states(copy) == {"possibly_sent": 1, "sent": CUSTOMERS - 1}
        worker.run()
        assert_each_at_most_once(sink)
        with environment(copy) as env:
            message = env["collection.message"].search([("state", "=", "possibly_sent")])
            assert message.person_id.email == "customer7@example.com"
            assert message.activity_ids


def test_an_address_that_is_refused_fails_alone(copy):
    with SmtpSink(refuse="customer7@example.com") as sink, SendingWorker(copy) as worker:
        plan_through(copy, sink)
        worker.run()
        assert states(copy) == {"failed": 1, "sent": CUSTOMERS - 1}
        assert "customer7@example.com" not in sink.recipients
        with environment(copy) as env:
            failed = env["collection.message"].search([("state", "=", "failed")])
            assert failed.error == "The mail server answered: 550 no such mailbox"


def test_a_person_cancels_while_others_are_being_sent(copy):
    with SmtpSink(delay=0.01) as sink, SendingWorker(copy) as worker:
        plan_through(copy, sink)
        worker.start()
        sink.wait_for(3)
        # as somebody else's program might, past the button that refuses it
        databases.query(
            copy,
            "UPDATE collection_message SET state = 'cancelled' WHERE id IN"
            " (SELECT id FROM collection_message WHERE state = 'planned' ORDER BY id LIMIT 60)"
            " RETURNING id",
        )
        assert worker.wait().well
        assert_each_at_most_once(sink)
        found = states(copy)
        assert found["sent"] == len(sink.received)
        assert found["sent"] + found["cancelled"] == CUSTOMERS


def pay(name, email):
    """Pay everything that a customer owes, as the customer's bank does: at any moment."""
    with environment(name) as env:
        move = env["account.move"].search([
            ("move_type", "=", "out_invoice"),
            ("partner_id.email", "=", email),
        ])
        wizard = (
            env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({})
        )
        wizard._create_payments()
        env.cr.commit()


def test_an_invoice_paid_while_others_are_being_sent_is_not_reminded(copy):
    # one in the chunk that is being sent already, one in a later chunk
    paying = ("customer45@example.com", "customer115@example.com")
    with SmtpSink(delay=0.4) as sink, SendingWorker(copy) as worker, mute_logger("odoo.sql_db"):
        plan_through(copy, sink)
        worker.start()
        sink.wait_for(2)
        for email in paying:
            pay(copy, email)
        assert sink.count < 40, "the payments came too late to tell anything"
        sink.behaviour.delay = 0
        assert worker.wait().well
        assert_each_at_most_once(sink)
        assert not set(paying) & set(sink.recipients)
        assert states(copy) == {"stopped": 2, "sent": CUSTOMERS - 2}
        with environment(copy) as env:
            stopped = env["collection.message"].search([("state", "=", "stopped")])
            assert set(stopped.gate_log_ids.mapped("code")) == {"paid"}
            assert set(stopped.person_id.mapped("email")) == set(paying)
