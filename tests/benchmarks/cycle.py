# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Benchmark of the nightly cycle, from an empty collections database and one day later.

The floor is one plain SQL statement that reads the same open journal items and writes as many
rows of the same columns into tables of its own: once with the indexes and foreign keys that the
real tables have (``floor``), once into tables that have neither (``bare_floor``).
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from harness import Phases, open_environment, peak_memory_mb

SCALES = {"small": (2_000, 20_000), "full": (100_000, 1_000_000)}
WRITTEN = (
    "collection_profile",
    "collection_item",
    "collection_case",
    "collection_case_item",
    "collection_case_transition",
)


def run_cron(env):
    """Run the cycle as the cron does, batch after batch, until no run is left."""
    company = env.company
    started = time.perf_counter()
    while True:
        env["collection.cycle"]._cron_run()
        env.cr.commit()
        env.invalidate_all()
        run = env["collection.cycle.run"].search([("company_id", "=", company.id)], limit=1)
        if run.state != "running":
            break
    seconds = time.perf_counter() - started
    assert run.state == "done", run.message
    return seconds, run


def count_rows(env):
    """Return the number of rows per table the cycle writes."""
    counts = {}
    for table in WRITTEN:
        env.cr.execute(f"SELECT count(*) FROM {table}")
        [counts[table]] = env.cr.fetchone()
    return counts


# ----------------------------------------------------------------
# PHASES, EACH IN A PROCESS OF ITS OWN SO THAT MEMORY IS ITS OWN
# ----------------------------------------------------------------


def phase_seed(env, customers, invoices):
    from seed import fill

    if not env.company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", env.company)
    started = time.perf_counter()
    fill(env, customers, invoices)
    return {"seconds": time.perf_counter() - started}


def phase_first_night(env, *_sizes):
    env.company.write({"collection_live": True, "collection_tz": "UTC"})
    env.company.collection_night_hour = 0
    env.cr.commit()
    seconds, run = run_cron(env)
    return {
        "seconds": seconds,
        "rows": count_rows(env),
        "changed": run.row_count,
        "memory_mb": peak_memory_mb(),
        "steps": step_seconds(env, run),
    }


def step_seconds(env, run):
    env.cr.execute(
        "SELECT step, round(sum(seconds)::numeric, 3)::float FROM collection_cycle_chunk"
        " WHERE run_id = %s GROUP BY step ORDER BY min(id)",
        [run.id],
    )
    return dict(env.cr.fetchall())


def phase_next_day(env, customers, invoices):
    """One percent of the invoices are paid overnight, and the date moves on by a day."""
    cr = env.cr
    cr.execute(
        """
        UPDATE account_move_line line
           SET amount_residual = 0, amount_residual_currency = 0, reconciled = TRUE
          FROM collection_item item
         WHERE item.move_line_id = line.id AND item.id % 100 = 0
        """
    )
    changed = cr.rowcount
    for table in (*WRITTEN, "account_move_line"):
        cr.execute(f"ANALYZE {table}")
    cr.commit()
    from datetime import timedelta
    from unittest.mock import patch

    tomorrow = env.company._collection_today() + timedelta(days=1)
    company_class = type(env["res.company"])
    with patch.object(company_class, "_collection_today", lambda self: tomorrow):
        seconds, run = run_cron(env)
    return {
        "seconds": seconds,
        "paid": changed,
        "changed": run.row_count,
        "memory_mb": peak_memory_mb(),
        "steps": step_seconds(env, run),
    }


def phase_floor(env, *_sizes):
    """Write as many rows by one statement: into tables of the same making, and into bare ones."""
    return {
        "seconds": write_floor(env, constraints=True),
        "bare_seconds": write_floor(env, constraints=False),
    }


def write_floor(env, constraints):
    """Time one statement that reads the open journal items and writes what the cycle wrote.

    :param constraints: give the tables the indexes and foreign keys the real ones have; bare
        tables have neither
    """
    cr = env.cr
    for table in WRITTEN:
        cr.execute(f"DROP TABLE IF EXISTS floor_{table}")
        including = "INCLUDING DEFAULTS INCLUDING INDEXES" if constraints else ""
        cr.execute(f"CREATE TABLE floor_{table} (LIKE {table} {including})")
        if constraints:
            cr.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
                " WHERE conrelid = %s::regclass AND contype = 'f'",
                [table],
            )
            for (definition,) in cr.fetchall():
                cr.execute(f"ALTER TABLE floor_{table} ADD {definition}")
    cr.commit()
    writes = ", ".join(
        f"w{number} AS (INSERT INTO floor_{table} SELECT * FROM {table})"
        for number, table in enumerate(WRITTEN)
    )
    started = time.perf_counter()
    cr.execute(
        f"""
        WITH {writes}
        SELECT count(*), sum(line.amount_residual), max(move.name)
          FROM account_move_line line
          JOIN account_move move ON move.id = line.move_id
          JOIN res_partner partner ON partner.id = line.partner_id
         WHERE line.account_id = ANY(%s) AND line.reconciled IS NOT TRUE
           AND line.parent_state = 'posted'
        """,
        [env.company._collection_receivable_accounts().ids],
    )
    cr.commit()
    seconds = time.perf_counter() - started
    for table in WRITTEN:
        cr.execute(f"DROP TABLE floor_{table}")
    cr.commit()
    return seconds


def phase_case_list(env, *_sizes):
    """Time the request of the case list: 80 rows sorted by amount, as a manager and as a clerk.

    The clerk has one case in twenty, and the team's cases that nobody has; a case in three has
    a next step.
    """
    manager, clerk = (
        env["res.users"].create({
            "name": f"Bench {role}",
            "login": f"bench_{role}",
            "group_ids": [(4, env.ref(f"collection.group_{role}").id)],
        })
        for role in ("collection_manager", "debt_manager")
    )
    team = env["collection.team"].create({"name": "Bench", "member_ids": [(4, clerk.id)]})
    cr = env.cr
    cr.execute(
        """
        UPDATE collection_profile
           SET team_id = %s,
               debt_manager_id = CASE WHEN id %% 20 = 0 THEN %s WHEN id %% 20 > 1 THEN %s END
        """,
        [team.id, clerk.id, manager.id],
    )
    cr.execute(
        """
        UPDATE collection_case SET debt_manager_id = profile.debt_manager_id, team_id = %s
          FROM collection_profile profile WHERE profile.id = collection_case.profile_id
        """,
        [team.id],
    )
    cr.execute(
        """
        INSERT INTO mail_activity (
            activity_type_id, res_model_id, res_model, res_id, user_id, date_deadline, active,
            collection_status_id)
        SELECT %s, %s, 'collection.case', id, COALESCE(debt_manager_id, %s),
               CURRENT_DATE + id %% 9 - 4, TRUE, %s
          FROM collection_case WHERE id %% 3 = 0
        """,
        [
            env.ref("collection.activity_type_call").id,
            env["ir.model"]._get_id("collection.case"),
            manager.id,
            env.ref("collection.status_not_started").id,
        ],
    )
    for table in (*WRITTEN, "mail_activity"):
        cr.execute(f"ANALYZE {table}")
    cr.commit()
    figures = {}
    for user in (manager, clerk):
        as_user = env(user=user.id)
        Case = as_user["collection.case"]
        view = Case.get_view(view_type="list")
        specification = list_specification(Case, view["arch"])
        times = []
        for _turn in range(7):
            as_user.invalidate_all()
            started = time.perf_counter()
            result = Case.web_search_read(
                [("state", "!=", "completed")],
                specification,
                limit=80,
                order="amount_to_collect desc",
                count_limit=10001,
            )
            times.append(1000 * (time.perf_counter() - started))
        assert len(result["records"]) == 80
        figures[user.login.removeprefix("bench_")] = {
            "ms": round(statistics.median(times), 1),
            "first_ms": round(times[0], 1),
            "found": result["length"],
        }
    return figures


def list_specification(model, arch):
    """Return the read specification that the web client derives from a list view."""
    from lxml import etree

    specification = {}
    for node in etree.fromstring(arch).iter("field"):
        field = model._fields[node.get("name")]
        specification[field.name] = (
            {"fields": {"display_name": {}}} if field.type in ("many2one",) else {}
        )
    return specification


PHASES = {
    "seed": phase_seed,
    "first_night": phase_first_night,
    "next_day": phase_next_day,
    "floor": phase_floor,
    "case_list": phase_case_list,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True, help="database with collection installed")
    parser.add_argument("--scale", choices=SCALES, default="small")
    parser.add_argument("--phase", choices=PHASES)
    options = parser.parse_args()
    customers, invoices = SCALES[options.scale]
    if options.phase:
        cr, env = open_environment(options.database)
        with cr:
            print(json.dumps(PHASES[options.phase](env, customers, invoices)))
        return
    phases = Phases(__file__, options.scale)
    seed, first, floor, after, case_list = (
        phases.run(name, options.database)
        for name in ("seed", "first_night", "floor", "next_day", "case_list")
    )
    print(
        json.dumps({
            "benchmark": "cycle",
            "scale": options.scale,
            "customers": customers,
            "open_items": invoices,
            "seed_seconds": round(seed["seconds"], 1),
            "first_night_seconds": round(first["seconds"], 1),
            "first_night_rows": sum(first["rows"].values()),
            "cases": first["rows"]["collection_case"],
            "floor_seconds": round(floor["seconds"], 1),
            "ratio_to_floor": round(first["seconds"] / floor["seconds"], 2),
            "bare_floor_seconds": round(floor["bare_seconds"], 1),
            "ratio_to_bare_floor": round(first["seconds"] / floor["bare_seconds"], 2),
            "next_day_seconds": round(after["seconds"], 1),
            "next_day_paid": after["paid"],
            "next_day_rows_changed": after["changed"],
            "next_day_share_of_first": round(after["seconds"] / first["seconds"], 2),
            "peak_memory_mb": round(max(first["memory_mb"], after["memory_mb"])),
            "case_list_ms": case_list["collection_manager"]["ms"],
            "case_list_debt_manager_ms": case_list["debt_manager"]["ms"],
        })
    )


if __name__ == "__main__":
    main()
