# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Benchmark of sending reminders through a local mail server: seconds, and flat memory.

Reminders are sent as the cron sends them: the gate asked with the ledger read again, each rendered
from its template, each committed before and after. In the second phase each takes the PDF of its
invoice along, which is stored already; what rendering such a PDF costs is measured apart.
"""

import argparse
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from harness import Phases, open_environment, resident_mb

SCALES = {"small": 1_000, "full": 10_000}
LIMIT_SECONDS_PER_1000 = 10
PDF = b"%PDF-1.4\n" + b"0" * 40_000
RENDERED = 3


def send(env, count):
    """Plan reminders to all customers, send them, and return the figures."""
    from support import mailing
    from support.smtp_sink import SinkProcess

    with SinkProcess() as sink:
        mailing.use_server(env, sink.port)
        started = time.perf_counter()
        planned = len(mailing.plan(env))
        plan_seconds = time.perf_counter() - started
        env.invalidate_all()
        memory = []
        message_class = type(env["collection.message"])
        record = message_class._record_contacts

        def watched(self, claim):
            result = record(self, claim)
            memory.append(resident_mb())
            return result

        message_class._record_contacts = watched
        started, cpu = time.perf_counter(), time.process_time()
        env["collection.message"]._cron_send()
        env.cr.commit()
        seconds = time.perf_counter() - started
        cpu = time.process_time() - cpu
        message_class._record_contacts = record
    assert sink.count == planned, (sink.count, planned)
    assert planned >= 0.9 * count, planned
    assert not env["collection.message"].search_count([("state", "!=", "sent")])
    # the first chunk fills the caches of the process
    return {
        "messages": planned,
        "seconds": seconds,
        "cpu_seconds": cpu,
        "plan_seconds": plan_seconds,
        "connections": sink.connections,
        "memory_growth_mb": memory[-1] - memory[1],
        "memory_mb": memory[-1],
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


def phase_plain(env, count):
    return send(env, count)


def phase_with_pdf(env, count):
    """The same with the stored PDF of each invoice, on another day."""
    env.cr.execute("UPDATE collection_message SET business_date = '2020-01-01'")
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
    template = env.ref("collection_message.mail_template_second")
    template.collection_attach_invoices = True
    from support import mailing

    plan = mailing.plan

    def plan_with_invoices(env, moves=None):
        messages = plan(env, moves)
        messages.write({"attach_invoices": True})
        env.cr.commit()
        return messages

    mailing.plan = plan_with_invoices
    env.cr.commit()
    return send(env, count)


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
    "plain": phase_plain,
    "with_pdf": phase_with_pdf,
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
    _prepared, plain, with_pdf, render = (
        phases.run(name, options.database) for name in ("prepare", "plain", "with_pdf", "render")
    )
    print(
        json.dumps({
            "benchmark": "messages",
            "scale": options.scale,
            "messages": plain["messages"],
            "plan_seconds": round(plain["plan_seconds"], 1),
            "seconds": round(plain["seconds"], 1),
            "seconds_per_1000": round(1000 * plain["seconds"] / plain["messages"], 1),
            "cpu_seconds_per_1000": round(1000 * plain["cpu_seconds"] / plain["messages"], 1),
            "limit_seconds_per_1000": LIMIT_SECONDS_PER_1000,
            "with_stored_pdf_seconds_per_1000": round(
                1000 * with_pdf["seconds"] / with_pdf["messages"], 1
            ),
            "render_seconds_per_pdf": round(render["seconds"], 2),
            "memory_mb": round(plain["memory_mb"]),
            "memory_growth_mb": round(plain["memory_growth_mb"], 1),
            "connections": plain["connections"],
        })
    )


if __name__ == "__main__":
    main()
