# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Benchmark of recurring documents: a month billed, beside the host's own invoices, then charged.

The job of recurring documents bills one period of each, chunk by chunk, as its cron does. The floor
is the host's own bulk ``create`` and ``action_post`` of the same invoices in chunks of the same
size, on a copy of the same database: once as it is, and once without the tracking of fields, which
the job switches off as well. The limit holds against both, in time that passed and in time of the
processor. The three take turns, a chunk each, so that whatever else the machine does meanwhile
slows all of them alike.

In another copy the add-on ``contract`` of the OCA makes the same invoices, and they are posted; it
is installed there for the benchmark only. It does all in one go and takes no turns: compare the
processor's time rather than the time that passed. Then documents are charged by the demo provider,
as the job of charges does.
"""

import argparse
import json
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from harness import (
    NEXT,
    Phases,
    copy_of,
    open_environment,
    peak_memory_mb,
    resident_mb,
    with_other,
)

# documents, and how many of them are charged
SCALES = {"small": (1_000, 200), "full": (10_000, 10_000)}
LIMIT_RATIO = 1.25
LIMIT_GROWTH_MB = 100
START, UNTIL = "2026-01-01", "2026-01-31"
OTHER = "contract"
OTHER_PACKAGE = "odoo-addon-contract==19.0.*"


def sql_so_far():
    """Return how many statements this process has run, and how long the database took."""
    thread = threading.current_thread()
    return thread.query_count, thread.query_time


class Watch:
    """Time that passed and time of the processor, by step, and memory after each chunk.

    :param bool turns: wait before each chunk until it is this process's turn
    """

    def __init__(self, turns=False):
        self.seconds, self.cpu, self.memory = {}, {}, []
        self.turns = turns
        self.statements, self.sql_seconds = 0, 0.0

    def wait_for_turn(self):
        if self.turns:
            print(NEXT, flush=True)
            sys.stdin.readline()

    @contextmanager
    def step(self, name):
        wall, cpu = time.perf_counter(), time.process_time()
        statements, sql_seconds = sql_so_far()
        yield
        self.statements += sql_so_far()[0] - statements
        self.sql_seconds += sql_so_far()[1] - sql_seconds
        self.seconds[name] = self.seconds.get(name, 0) + time.perf_counter() - wall
        self.cpu[name] = self.cpu.get(name, 0) + time.process_time() - cpu

    def figures(self):
        # the first two chunks fill the caches of the process
        settled = self.memory[min(2, len(self.memory) - 1)]
        return {
            "seconds": sum(self.seconds.values()),
            "cpu_seconds": sum(self.cpu.values()),
            "steps": {name: round(value, 2) for name, value in self.seconds.items()},
            "sql_seconds": self.sql_seconds,
            "statements": self.statements,
            "memory_growth_mb": self.memory[-1] - settled,
            "memory_mb": peak_memory_mb(),
        }


# ----------------------------------------------------------------
# WHAT IS BILLED
# ----------------------------------------------------------------


def lines_of(env, number):
    """Return the lines of a customer's invoice, as the host takes them: two, with a tax."""
    product = env["product.product"].search([("default_code", "=", "BENCH")])
    tax = env["account.tax"].search([("name", "=", "VAT of the benchmark")])
    return [
        {
            "product_id": product.id,
            "name": f"Hosting of site {number}",
            "quantity": 1,
            "price_unit": 10 + number % 990,
            "tax_ids": [(6, 0, tax.ids)],
        },
        {
            "product_id": product.id,
            "name": "Backup",
            "quantity": 2,
            "price_unit": 7.5,
            "tax_ids": [(6, 0, tax.ids)],
        },
    ]


def customers(env, count):
    return env["res.partner"].search([("ref", "=like", "BENCH-%")], order="id", limit=count)


def billed(env):
    """Return how many invoices of the benchmark are posted, and their total."""
    [(number, total)] = env["account.move"]._read_group(
        [("move_type", "=", "out_invoice"), ("state", "=", "posted")],
        [],
        ["__count", "amount_total:sum"],
    )
    return {"invoices": number, "total": round(total, 2)}


def analyze(env):
    env.cr.commit()
    for table in ("res_partner", "recurring_document", "recurring_document_line"):
        env.cr.execute(f"ANALYZE {table}")
    env.cr.commit()


# ----------------------------------------------------------------
# PHASES, EACH IN A PROCESS OF ITS OWN SO THAT MEMORY IS ITS OWN
# ----------------------------------------------------------------


def phase_seed(env, count, *_charged):
    """Make customers, a product and a tax."""
    if not env.company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", env.company)
    env["account.tax"].create({
        "name": "VAT of the benchmark",
        "amount": 17,
        "type_tax_use": "sale",
        "company_id": env.company.id,
    })
    env["product.product"].create({
        "name": "Hosting",
        "default_code": "BENCH",
        "type": "service",
        "list_price": 10,
    })
    env["res.partner"].with_context(tracking_disable=True).create([
        {"name": f"Customer {number}", "ref": f"BENCH-{number:06}", "is_company": True}
        for number in range(count)
    ])
    analyze(env)
    env.cr.commit()
    # its cards can be charged without the world outside; it changes the registry, so it comes last
    demo = env.ref("base.module_payment_demo")
    if demo.state != "installed":
        demo.button_immediate_install()
    return {}


def phase_documents(env, count, charged):
    """Make a recurring document of each customer and start it; some have a card."""
    provider = env["payment.provider"].search(
        [("code", "=", "demo"), ("company_id", "=", env.company.id)], limit=1
    )
    provider.state = "test"
    partners = customers(env, count)
    started = time.perf_counter()
    # a company with its cards, before the documents are made
    env["payment.token"].with_context(tracking_disable=True).create([
        {
            "provider_id": provider.id,
            "payment_method_id": provider.payment_method_ids[:1].id,
            "partner_id": partner.id,
            "provider_ref": partner.ref,
            "payment_details": "4242",
            "demo_simulated_state": "done",
        }
        for partner in partners[:charged]
    ])
    Document = env["recurring.document"].with_context(tracking_disable=True)
    for first in range(0, count, 500):
        documents = Document.create([
            {
                "partner_id": partner.id,
                "date_start": START,
                "send_when": "never",
                "charge": number < charged,
                "line_ids": [(0, 0, line) for line in lines_of(env, number)],
            }
            for number, partner in enumerate(partners[first : first + 500], start=first)
        ])
        documents.action_start()
        env.cr.commit()
        env.invalidate_all()
    analyze(env)
    return {"seconds": time.perf_counter() - started}


def phase_bill(env, count, *_charged):
    """Have the job bill what is due; the charges are written down, and not counted here."""
    run_class, watch = type(env["recurring.run"]), Watch(turns=True)
    original = run_class._do_step
    names = {"_plan_step": "plan", "_generate_step": "generate", "_charge_step": "charges"}

    def watched(self, step):
        name = names.get(step.__name__, "rest")
        if name in {"plan", "generate"}:
            watch.wait_for_turn()
        with watch.step(name):
            done = original(self, step)
            # committed as the job commits it, within the time of the step
            env.cr.commit()
        if name == "generate" and done:
            watch.memory.append(resident_mb())
        return done

    # everything that is due: the run that the job opens by itself
    run = env["recurring.run"].create({"until": UNTIL, "origin": "auto", "state": "confirmed"})
    env.cr.commit()
    run_class._do_step = watched
    env["recurring.run"]._cron_run()
    run_class._do_step = original
    charges = watch.seconds.pop("charges")
    watch.cpu.pop("charges")
    assert run.state == "done", run.state
    return {**watch.figures(), **billed(env), "charges_seconds": charges}


def phase_host(env, count, *_charged):
    """Make and post the same invoices as the host does it, in chunks of the same size."""
    from odoo.addons.recurring_document.models.recurring_period_generate import CHUNK

    watch, partners = Watch(turns=True), customers(env, count)
    for first in range(0, count, CHUNK):
        values = [
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": START,
                "invoice_line_ids": [(0, 0, line) for line in lines_of(env, number)],
            }
            for number, partner in enumerate(partners[first : first + CHUNK], start=first)
        ]
        watch.wait_for_turn()
        with watch.step("create"):
            moves = env["account.move"].create(values)
        with watch.step("post"):
            moves.action_post()
            env.cr.commit()
        watch.memory.append(resident_mb())
    return {**watch.figures(), **billed(env)}


def phase_quiet(env, count, *_charged):
    """The same without the tracking of fields and the followers, as the job bills."""
    quiet = env(context={**env.context, "tracking_disable": True, "mail_create_nosubscribe": True})
    return phase_host(quiet, count)


def phase_other(env, count, *_charged):
    """Have the other add-on make the same invoices by its own job, and post them."""
    journal = env["account.journal"].search(
        [("type", "=", "sale"), ("company_id", "=", env.company.id)], limit=1
    )
    rhythm = {
        "recurring_rule_type": "monthly",
        "date_start": START,
        "recurring_next_date": START,
    }
    partners = customers(env, count)
    Contract = env["contract.contract"].with_context(tracking_disable=True)
    started = time.perf_counter()
    for first in range(0, count, 500):
        Contract.create([
            {
                "name": f"Contract {number}",
                "partner_id": partner.id,
                "journal_id": journal.id,
                "line_recurrence": False,
                **rhythm,
                "contract_line_ids": [
                    (
                        0,
                        0,
                        {
                            "product_id": line["product_id"],
                            "name": line["name"],
                            "quantity": line["quantity"],
                            "price_unit": line["price_unit"],
                            **rhythm,
                        },
                    )
                    for line in lines_of(env, number)
                ],
            }
            for number, partner in enumerate(partners[first : first + 500], start=first)
        ])
        env.cr.commit()
        env.invalidate_all()
    made = time.perf_counter() - started
    # it takes the taxes of the product
    env["product.product"].search([("default_code", "=", "BENCH")]).taxes_id = env[
        "account.tax"
    ].search([("name", "=", "VAT of the benchmark")])
    analyze(env)
    watch = Watch()
    with watch.step("generate"):
        Contract.env["contract.contract"].with_context(
            tracking_disable=False
        ).cron_recurring_create_invoice(date_ref=_day(START))
        env.cr.commit()
    watch.memory.append(resident_mb())
    with watch.step("post"):
        env["account.move"].search([
            ("move_type", "=", "out_invoice"),
            ("state", "=", "draft"),
        ]).action_post()
        env.cr.commit()
    watch.memory.append(resident_mb())
    return {**watch.figures(), **billed(env), "setup_seconds": made}


def _day(text):
    from odoo import fields

    return fields.Date.to_date(text)


def phase_charge(env, count, charged):
    """Have the job of charges carry out what the billing wrote down."""
    Attempt = env["payment.charge.attempt"]
    watch, planned = Watch(), Attempt.search_count([("state", "=", "planned")])
    while Attempt.search_count(Attempt._due_domain()):
        with watch.step("charge"):
            Attempt._cron_submit()
            env.cr.commit()
        env.invalidate_all()
        watch.memory.append(resident_mb())
    paid = Attempt.search_count([("state", "=", "succeeded")])
    assert paid == planned == charged, (paid, planned)
    owed = env["account.move"].search_count([
        ("move_type", "=", "out_invoice"),
        ("payment_state", "not in", ("paid", "in_payment")),
    ])
    assert owed == count - paid, (owed, paid)
    return {**watch.figures(), "charged": paid}


PHASES = {
    "seed": phase_seed,
    "documents": phase_documents,
    "bill": phase_bill,
    "host": phase_host,
    "quiet": phase_quiet,
    "other": phase_other,
    "charge": phase_charge,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--database", required=True, help="database with recurring_document installed"
    )
    parser.add_argument("--scale", choices=SCALES, default="small")
    parser.add_argument("--phase", choices=PHASES)
    parser.add_argument(
        "--alone", action="store_true", help="without the comparison with another add-on"
    )
    options = parser.parse_args()
    database, scale = options.database, options.scale
    count, charged = SCALES[scale]
    if options.phase:
        cr, env = open_environment(database)
        with cr:
            print(json.dumps(PHASES[options.phase](env, count, charged)))
        return
    phases, other = Phases(__file__, scale), None
    phases.run("seed", database)
    if not options.alone:
        with with_other(OTHER, OTHER_PACKAGE, database) as (copy, settings):
            other = copy and phases.run("other", copy, settings)
    documents = phases.run("documents", database)
    # each on a copy of its own: a database just filled is quicker than its copy
    with ExitStack() as copies:
        where = {
            name: copies.enter_context(copy_of(database, name))
            for name in ("host", "quiet", "bill")
        }
        figures = phases.take_turns({
            name: phases.start(name, copy) for name, copy in where.items()
        })
        charge = phases.run("charge", where["bill"])
    host, quiet, bill = figures["host"], figures["quiet"], figures["bill"]
    same = {"invoices": host["invoices"], "total": host["total"]}
    for found in filter(None, (quiet, bill, other)):
        assert {key: found[key] for key in same} == same, (found, same)
    ratios = {
        f"ratio_to_{label}{suffix}": round(bill[key] / floor[key], 3)
        for label, floor in (("host", host), ("host_untracked", quiet))
        for suffix, key in (("", "seconds"), ("_cpu", "cpu_seconds"))
    }
    compared = {}
    if other:
        compared = {
            "other_ms_per_document": round(1000 * other["seconds"] / count, 2),
            "other_cpu_ms_per_document": round(1000 * other["cpu_seconds"] / count, 2),
            "other_steps": other["steps"],
            "other_memory_mb": round(other["memory_mb"]),
            "times_faster_cpu": round(other["cpu_seconds"] / bill["cpu_seconds"], 2),
        }
    print(
        json.dumps({
            "benchmark": "recurring",
            "scale": scale,
            "documents": count,
            "documents_seconds": round(documents["seconds"], 1),
            "bill_seconds": round(bill["seconds"], 1),
            "bill_steps": bill["steps"],
            "ms_per_document": round(1000 * bill["seconds"] / count, 2),
            "cpu_ms_per_document": round(1000 * bill["cpu_seconds"] / count, 2),
            "host_ms_per_document": round(1000 * host["seconds"] / count, 2),
            "host_untracked_ms_per_document": round(1000 * quiet["seconds"] / count, 2),
            "statements_per_document": {
                name: round(found["statements"] / count, 1) for name, found in figures.items()
            },
            "sql_ms_per_document": {
                name: round(1000 * found["sql_seconds"] / count, 1)
                for name, found in figures.items()
            },
            **ratios,
            "limit_ratio": LIMIT_RATIO,
            "memory_mb": round(bill["memory_mb"]),
            "memory_growth_mb": round(bill["memory_growth_mb"], 1),
            "charged": charge["charged"],
            "charge_seconds": round(charge["seconds"], 1),
            "plan_charge_ms": round(1000 * bill["charges_seconds"] / charge["charged"], 2),
            "charge_ms": round(1000 * charge["seconds"] / charge["charged"], 1),
            "charge_memory_growth_mb": round(charge["memory_growth_mb"], 1),
            **compared,
            "within_budget": max(ratios.values()) <= LIMIT_RATIO
            and max(bill["memory_growth_mb"], charge["memory_growth_mb"]) <= LIMIT_GROWTH_MB,
        })
    )


if __name__ == "__main__":
    main()
