# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""A worker that bills recurring documents.

- ``prepare``: a set of customers with cards and running documents, two periods of each due;
- ``run``: plan, generate, charge and book, and let the gateway speak, until all of it is done.
  With ``line`` it kills itself at that line of the add-ons' code; with 0 it counts the lines.
"""

import sys

from support import charge_worker
from support.charge_scene import save_card
from support.charge_worker import carry_out, follow_up, let_time_pass, speak, turn
from support.worker import Worker, count_lines, environment, serve, tell

TURNS = 80
TRACED = ("/recurring_document/", *charge_worker.TRACED)
PERIODS = ("2026-01-01", "2026-02-01")
# what is issued and when, and what the customer's cards do, charge after charge; two cards where
# there is a bar
DOCUMENTS = (
    ("direct", "invoice", "done"),
    ("direct", "invoice", "insufficient_funds,done"),
    ("direct", "invoice", "lost_before,done"),
    ("direct", "invoice", "lost_after"),
    ("direct", "invoice", "silent_after"),
    ("direct", "invoice", "pending"),
    ("direct", "none", "broken"),
    ("direct", "none", "done"),
    ("debt", "invoice", "done"),
    ("debt", "invoice", "insufficient_funds,done"),
    ("debt", "invoice", "lost_after"),
    ("debt", "invoice", "expired_card|done"),
    ("debt", "proforma", "done"),
    ("debt", "proforma", "pending"),
    ("debt", "request", "silent_after"),
)


class RecurringWorker(Worker):
    """Prepares recurring documents, and bills and charges them."""


def hurry(registry):
    """Do few at a time, so that there are many moments between two commits."""
    from odoo.addons.recurring_document.models import recurring_document_plan as plan
    from odoo.addons.recurring_document.models import recurring_period_generate as generate
    from odoo.addons.recurring_document.models import recurring_run as run

    charge_worker.hurry(registry)
    plan.CHUNK, generate.CHUNK, run.CHARGE_CHUNK = 4, 6, 4


def prepare(registry, name):
    """Write a round: a running document per row above, and the cards of its customer."""
    with environment(registry) as env:
        if not env.company.chart_template:
            env["account.chart.template"].try_loading("generic_coa", env.company)
        env.company.recurring_auto = True
        documents = env["recurring.document"]
        for number, (way, kind, scripts) in enumerate(DOCUMENTS):
            partner = env["res.partner"].create({"name": f"Round {name} Customer {number}"})
            for script in scripts.split("|"):
                save_card(env, partner, script)
            documents |= documents.create({
                "partner_id": partner.id,
                "method": way,
                "document_kind": kind,
                "date_start": PERIODS[0],
                "count": len(PERIODS),
                "send_when": "never",
                "line_ids": [
                    (0, 0, {"name": "Service {month}", "price_unit": 10 + number, "tax_ids": []})
                ],
            })
        documents.action_start()
        env.cr.commit()
        tell(documents.ids)


def run(registry, line=None):
    lines = count_lines(TRACED, line)
    for _turn in range(TURNS):
        for work in (bill, let_time_pass, carry_out, speak, follow_up):
            turn(registry, work)
        with environment(registry) as env:
            if not is_open(env):
                tell(lines[0])
                return
    raise TimeoutError("some periods are not billed")


def bill(env):
    env["recurring.run"]._cron_run()


def is_open(env):
    Period = env["recurring.period"]
    return (
        env["recurring.document"].search_count([("state", "=", "running")])
        or Period.search_count([("state", "in", ("planned", "charging"))])
        or Period.search_count([("to_charge", "=", True), ("attempt_id", "=", False)])
        or env["recurring.run"].search_count([("state", "=", "confirmed")])
        or env["payment.charge.attempt"].search_count([
            "|",
            ("state", "in", ("planned", "submitted", "pending", "unknown")),
            ("finished", "=", False),
        ])
    )


if __name__ == "__main__":
    serve(sys.argv[1], {"prepare": prepare, "run": run}, hurry)
