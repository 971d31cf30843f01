# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Benchmark of sending reminders through a local mail server: seconds, and flat memory.

Reminders are sent as the crons send them: the gate asked with the ledger read again, each rendered
from its template, each committed before and after. First by one worker alone; then by two at once,
as the two scheduled actions of the add-on do; then by two with the PDF of each invoice, which is
stored already. What rendering such a PDF costs is measured apart.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from harness import NEXT, Phases, open_environment, resident_mb

from support import mailing
from support.smtp_sink import SinkProcess

SCALES = {"small": 1_000, "full": 10_000}
LIMIT_SECONDS_PER_1000 = 10
PDF = b"%PDF-1.4\n" + b"0" * 40_000
RENDERED = 3


# where a phase finds the port of the mail server
PORT = "COLLECTION_BENCHMARK_SMTP_PORT"


def send(phases, database, workers, planning="plan"):
    """Plan reminders to all customers, have so many workers send them, and return the figures."""
    with SinkProcess() as sink:
        settings = {**os.environ, PORT: str(sink.port)}
        planned = phases.run(planning, database, settings)
        sent = phases.run_together("send", workers, database, settings)
    messages = planned["messages"]
    assert sink.count == messages, (sink.count, messages)
    assert not any(one["left"] for one in sent)
    return {
        "messages": messages,
        "plan_seconds": planned["seconds"],
        "per_1000": 1000
        * (max(one["ended"] for one in sent) - min(one["began"] for one in sent))
        / messages,
        "cpu_per_1000": 1000 * sum(one["cpu_seconds"] for one in sent) / messages,
        "memory_growth_mb": max(one["memory_growth_mb"] for one in sent),
        "memory_mb": max(one["memory_mb"] for one in sent),
        "connections": sink.connections,
    }


# ----------------------------------------------------------------
# PHASES, EACH IN A PROCESS OF ITS OWN SO THAT MEMORY IS ITS OWN
# ----------------------------------------------------------------


def phase_prepare(env, count):
    """Two open invoices for each customer, and the customers as the cycle makes them."""
    from seed import fill

    if not env.company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", env.company)
    # without cases: reminders go out for each customer
    env.company.write({
        "email": "collections@company.example.com",
        "collection_live": True,
        "collection_tz": "UTC",
        "collection_night_hour": 0,
        "collection_days_late": 10_000,
    })
    fill(env, count, 2 * count)
    env.cr.commit()
    run = env["collection.cycle.run"]
    while run.search_count([("state", "=", "done")]) == 0:
        env["collection.cycle"]._cron_run()
        env.cr.commit()
        env.invalidate_all()
    for table in ("collection_item", "collection_profile", "account_move_line", "res_partner"):
        env.cr.execute(f"ANALYZE {table}")
    env.cr.commit()
    return {"customers": env["collection.profile"].search_count([("item_count", ">", 0)])}


def phase_plan(env, count):
    """Plan reminders as if those before had been planned for other days."""
    mailing.move_to_other_days(env)
    mailing.use_server(env, int(os.environ[PORT]))
    started = time.perf_counter()
    planned = len(mailing.plan(env))
    seconds = time.perf_counter() - started
    assert planned >= 0.9 * count, planned
    return {"messages": planned, "seconds": seconds}


def phase_plan_with_pdf(env, count):
    """The same, with the PDF of each invoice that a message speaks of."""
    figures = phase_plan(env, count)
    moves = env["account.move"].search([("move_type", "=", "out_invoice")])
    env["ir.attachment"].create([
        {
            "name": f"{move.id}.pdf",
            "raw": PDF,
            "mimetype": "application/pdf",
            "res_model": "account.move",
            "res_id": move.id,
            "res_field": "invoice_pdf_report_file",
        }
        for move in moves
    ])
    planned = env["collection.message"].search([("state", "=", "planned")])
    planned.write({"attach_invoices": True})
    env.cr.commit()
    return figures


def phase_send(env, _count):
    """One worker: send as long as there is something to send."""
    memory = []
    message_class = type(env["collection.message"])
    record = message_class._record_contacts

    def watched(self, claim):
        result = record(self, claim)
        memory.append(resident_mb())
        return result

    message_class._record_contacts = watched
    print(NEXT, flush=True)
    sys.stdin.readline()
    # the same clock in all processes
    began, cpu = time.monotonic(), time.process_time()
    env["collection.message"]._cron_send()
    env.cr.commit()
    ended = time.monotonic()
    # the first chunk fills the caches of the process
    return {
        "began": began,
        "ended": ended,
        "cpu_seconds": time.process_time() - cpu,
        "left": env["collection.message"].search_count([("state", "=", "failed")]),
        "memory_growth_mb": memory[-1] - memory[1],
        "memory_mb": memory[-1],
    }


def phase_render(env, _count):
    """What rendering the PDF of one invoice costs, where none is stored."""
    moves = env["account.move"].search([("move_type", "=", "out_invoice")], limit=RENDERED)
    env["ir.attachment"].search([
        ("res_model", "=", "account.move"),
        ("res_id", "in", moves.ids),
        ("res_field", "=", "invoice_pdf_report_file"),
    ]).unlink()
    moves.invalidate_recordset()
    started = time.perf_counter()
    for move in moves:
        move._collection_invoice_pdf()
    return {"seconds": (time.perf_counter() - started) / RENDERED}


PHASES = {
    "prepare": phase_prepare,
    "plan": phase_plan,
    "plan_with_pdf": phase_plan_with_pdf,
    "send": phase_send,
    "render": phase_render,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True, help="database with the suite installed")
    parser.add_argument("--scale", choices=SCALES, default="small")
    parser.add_argument("--phase", choices=PHASES)
    options = parser.parse_args()
    count = SCALES[options.scale]
    if options.phase:
        cr, env = open_environment(options.database)
        with cr:
            print(json.dumps(PHASES[options.phase](env, count)))
        return
    phases = Phases(__file__, options.scale)
    phases.run("prepare", options.database)
    alone = send(phases, options.database, workers=1)
    plain = send(phases, options.database, workers=2)
    with_pdf = send(phases, options.database, workers=2, planning="plan_with_pdf")
    render = phases.run("render", options.database)
    print(
        json.dumps({
            "benchmark": "messages",
            "scale": options.scale,
            "messages": plain["messages"],
            "plan_seconds": round(plain["plan_seconds"], 1),
            "limit_seconds_per_1000": LIMIT_SECONDS_PER_1000,
            "one_worker_seconds_per_1000": round(alone["per_1000"], 1),
            "seconds_per_1000": round(plain["per_1000"], 1),
            "cpu_seconds_per_1000": round(plain["cpu_per_1000"], 1),
            "with_stored_pdf_seconds_per_1000": round(with_pdf["per_1000"], 1),
            "render_seconds_per_pdf": round(render["seconds"], 2),
            "memory_mb": round(plain["memory_mb"]),
            "memory_growth_mb": round(
                max(one["memory_growth_mb"] for one in (alone, plain, with_pdf)), 1
            ),
            "connections": plain["connections"],
        })
    )


if __name__ == "__main__":
    main()
