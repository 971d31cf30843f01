# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""A worker that carries out charges.

- ``prepare``: a set of customers, cards and documents, with a planned charge each;
- ``run``: carry out, follow up, and let the gateway speak, until everything has its outcome.
  With ``line`` it kills itself at that line of the add-on's code; with 0 it counts the lines.
- ``portal``: begin to pay a document in the portal and to charge it at the same moment, and say
  which of the two went through.
"""

import random
import sys
import time

from support.charge_scene import late_invoice, save_card
from support.worker import Worker, count_lines, environment, serve, tell

TURNS = 60
TRACED = ("/payment_charge/", "/payment_charge_test/", "/collection_charge/")
# what the cards of the customers do, charge after charge; two cards where there is a bar
CUSTOMERS = (
    "done",
    "insufficient_funds,done",
    "lost_before,done",
    "lost_after",
    "silent_after",
    "broken",
    "pending",
    "expired_card|done",
)


class ChargeWorker(Worker):
    """Prepares charges, carries them out, and lets the portal race with them."""


def hurry(_registry):
    """Let the follow-up ask at once and believe at once what it hears."""
    from odoo.addons.payment_charge.models import payment_charge_attempt_submit as submit

    submit.QUIET_MINUTES = 0
    submit.ASK_AGAIN_MINUTES = -1


def prepare(registry, name):
    """Write a round: a customer per script, with cards, a document, an order and a charge."""
    with environment(registry) as env:
        env.company.collection_live = True
        attempts = []
        for number, scripts in enumerate(CUSTOMERS):
            partner = env["res.partner"].create({"name": f"Round {name} Customer {number}"})
            for script in scripts.split("|"):
                save_card(env, partner, script)
            invoice = late_invoice(env, partner, 10.0 + number)
            # it is late, and comes into a case before it is charged
            env.cr.commit()
            order = env["charge.test.order"].create({"name": partner.name})
            attempts.append(
                env["payment.charge.attempt"]._plan([{"invoice_ids": invoice, "source": order}]).id
            )
        env.cr.commit()
        tell(attempts)


def run(registry, line=None):
    lines = count_lines(TRACED, line)
    for _turn in range(TURNS):
        for work in (let_time_pass, carry_out, speak, follow_up, catch_up):
            turn(registry, work)
        with environment(registry) as env:
            if not is_open(env):
                tell(lines[0])
                return
    raise TimeoutError("some charges have no outcome")


def turn(registry, work):
    """Do a piece of work in a transaction; another process may have been faster."""
    import psycopg2

    try:
        with environment(registry) as env:
            work(env)
            env.cr.commit()
    except psycopg2.OperationalError:
        time.sleep(random.random() / 20)


def let_time_pass(env):
    """Bring the day of the next try."""
    env.cr.execute(
        "UPDATE payment_charge_attempt SET planned_on = NULL WHERE planned_on IS NOT NULL"
    )


def carry_out(env):
    env["payment.charge.attempt"]._cron_submit()


def follow_up(env):
    env["payment.charge.attempt"]._cron_resolve()


def catch_up(env):
    """Have collections compute what they had to leave for later."""
    env["collection.cycle.touched"]._run_postponed()


def portal(registry, attempt, order):
    """Let a customer and a charge begin to pay one document in two transactions at once."""
    import psycopg2

    first, second = order
    through = []
    with environment(registry) as one, environment(registry) as other:
        work = {"portal": begin_in_portal, "charge": begin_charge}
        for env in (one, other):
            env.cr.execute("SELECT 1")  # each sees the database as it is now, from here on
        work[first](one, attempt)
        one.cr.commit()
        through.append(first)
        try:
            work[second](other, attempt)
            other.cr.commit()
            through.append(second)
        except psycopg2.OperationalError:
            other.cr.rollback()
    tell(through)


def begin_in_portal(env, attempt):
    charge = env["payment.charge.attempt"].browse(attempt)
    env["payment.transaction"].create({
        "provider_id": charge.provider_id.id,
        "payment_method_id": charge.token_id.payment_method_id.id,
        "amount": charge.amount,
        "currency_id": charge.currency_id.id,
        "partner_id": charge.partner_id.id,
        "operation": "online_redirect",
        "reference": f"portal {attempt}",
        "invoice_ids": [(6, 0, charge.document_ids.move_id.ids)],
    })


def begin_charge(env, attempt):
    env["payment.charge.attempt"].browse(attempt)._prepare()


def is_open(env):
    return env["collection.cycle.touched"].search_count([]) or env[
        "payment.charge.attempt"
    ].search_count([
        "|",
        ("state", "in", ("planned", "submitted", "pending", "unknown")),
        ("finished", "=", False),
    ])


def speak(env):
    """Have the gateway tell what became of charges that were pending: they were taken."""
    waiting = env["payment.transaction"].search([
        ("provider_code", "=", "charge_test"),
        ("state", "=", "pending"),
    ])
    for transaction in waiting:
        gateway = transaction.provider_id._charge_gateway()
        gateway.note_once("taken", transaction.reference, amount=transaction.amount)
        transaction._process("charge_test", {"reference": transaction.reference, "status": "done"})


if __name__ == "__main__":
    serve(sys.argv[1], {"prepare": prepare, "run": run, "portal": portal}, hurry)
