# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""A worker in a process of its own that carries out charges, to be killed anywhere.

As a command: `charge_worker.py DATABASE` loads Odoo once and waits. For each line it reads, a
request in JSON, it forks a process that connects to the database and does what is asked:

- ``prepare``: a set of customers, cards and documents, with a planned charge each;
- ``run``: carry out, follow up, and let the gateway speak, until everything has its outcome.
  With ``line`` it kills itself at that line of the add-on's code; else it counts the lines.

- ``portal``: begin to pay a document in the portal and to charge it at the same moment, and say
  which of the two went through.

With ``times`` so many processes do the same at once.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

TURNS = 60
TRACED = ("/payment_charge/", "/payment_charge_test/")
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


class ChargeWorker:
    """What a test holds of a worker; use it as a context manager."""

    def __init__(self, database):
        self.process = subprocess.Popen(
            [sys.executable, __file__, database],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self):
        assert self._read() == "ready"
        return self

    def __exit__(self, *_error):
        self.process.stdin.close()
        self.process.wait()

    def _read(self):
        line = self.process.stdout.readline().strip()
        assert line, "the worker has ended"
        return line

    def start(self, request):
        """Begin what is asked, and return once the process works."""
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        self.pid = int(self._read())

    def kill(self):
        """Kill it as a power cut does, wherever it is."""
        with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
            os.kill(self.pid, signal.SIGKILL)
        return self.wait()

    def wait(self):
        """Return what it said and whether it ended by itself."""
        said = {}
        while not (line := self._read()).startswith("ended"):
            if line.startswith("{"):
                said = json.loads(line)
        return said, line == "ended 0"

    def do(self, request):
        """Do what is asked to its end, and return what was said."""
        self.start(request)
        said, well = self.wait()
        assert well, f"{request} failed"
        return said


# ----------------------------------------------------------------
# THE PROCESS ITSELF
# ----------------------------------------------------------------


def say(text):
    # one system call each: lines of parent and child do not mix
    os.write(1, f"{text}\n".encode())


def serve(database):
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from odoo import sql_db

    from support import host

    registry = host.load(database)
    hurry()
    say("ready")
    while line := sys.stdin.readline():
        request = json.loads(line)
        # a connection cannot be shared by two processes
        sql_db.close_all()
        processes = [begin(registry, request) for _one in range(request.get("times", 1))]
        statuses = [os.waitpid(pid, 0)[1] for pid in processes]
        say(f"ended {max(statuses)}")


def begin(registry, request):
    """Do what is asked in a process of its own, and return its number."""
    pid = os.fork()
    if not pid:
        status = 1
        try:
            say(os.getpid())
            WORK[request["do"]](registry, request)
            status = 0
        finally:
            # nothing of the parent's is to be cleaned up here
            os._exit(status)
    return pid


def hurry():
    """Let the follow-up ask at once and believe at once what it hears."""
    from odoo.addons.payment_charge.models import payment_charge_attempt_submit as submit

    submit.QUIET_MINUTES = 0
    submit.ASK_AGAIN_MINUTES = -1


@contextlib.contextmanager
def environment(registry):
    from odoo import SUPERUSER_ID, api

    with registry.cursor() as cr:
        yield api.Environment(cr, SUPERUSER_ID, {})


def prepare(registry, request):
    """Write a round: a customer per script, with cards, a document, an order and a charge."""
    with environment(registry) as env:
        provider = env["payment.provider"].search([("code", "=", "charge_test")], limit=1)
        method = env.ref("payment.payment_method_card")
        attempts = []
        for number, scripts in enumerate(CUSTOMERS):
            partner = env["res.partner"].create({
                "name": f"Round {request['round']} Customer {number}"
            })
            for script in scripts.split("|"):
                env["payment.token"].create({
                    "provider_id": provider.id,
                    "payment_method_id": method.id,
                    "partner_id": partner.id,
                    "provider_ref": script,
                    "payment_details": "4242",
                    "charge_test_script": script,
                })
            invoice = env["account.move"].create({
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": "2026-01-01",
                "invoice_line_ids": [
                    (0, 0, {"name": "Service", "price_unit": 10.0 + number, "tax_ids": [(5,)]})
                ],
            })
            invoice.action_post()
            order = env["charge.test.order"].create({"name": partner.name})
            attempts.append(
                env["payment.charge.attempt"]._plan([{"invoice_ids": invoice, "source": order}]).id
            )
        env.cr.commit()
        say(json.dumps({"attempts": attempts}))


def run(registry, request):
    lines = trace(request.get("line"))
    for _turn in range(TURNS):
        for work in (let_time_pass, carry_out, speak, follow_up):
            turn(registry, work)
        with environment(registry) as env:
            if not is_open(env):
                say(json.dumps({"lines": lines[0]}))
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


def portal(registry, request):
    """Let a customer and a charge begin to pay one document in two transactions at once."""
    import psycopg2

    first, second = request["order"]
    through = []
    with environment(registry) as one, environment(registry) as other:
        work = {"portal": begin_in_portal, "charge": begin_charge}
        for env in (one, other):
            env.cr.execute("SELECT 1")  # each sees the database as it is now, from here on
        work[first](one, request["attempt"])
        one.cr.commit()
        through.append(first)
        try:
            work[second](other, request["attempt"])
            other.cr.commit()
            through.append(second)
        except psycopg2.OperationalError:
            other.cr.rollback()
    say(json.dumps({"through": through}))


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
    return env["payment.charge.attempt"].search_count([
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
        if not gateway.events("taken", reference=transaction.reference):
            gateway.note("taken", transaction.reference, amount=transaction.amount)
        transaction._process("charge_test", {"reference": transaction.reference, "status": "done"})


def trace(fatal):
    """Count the lines of the add-on's code that are run, and die at one of them."""
    lines = [0]

    def on_line(_frame, event, _argument):
        if event == "line":
            lines[0] += 1
            if lines[0] == fatal:
                os.kill(os.getpid(), signal.SIGKILL)
        return on_line

    def on_call(frame, _event, _argument):
        name = frame.f_code.co_filename
        return on_line if any(part in name for part in TRACED) else None

    sys.settrace(on_call)
    return lines


WORK = {"prepare": prepare, "run": run, "portal": portal}

if __name__ == "__main__":
    serve(*sys.argv[1:])
