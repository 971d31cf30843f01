# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Benchmark of strategies: planning and scoring by 20 rules, and a page of the worklist.

The night of the cycle is run with one strategy of 20 rules, from an empty collections database and
one day later. Its floor is that of the benchmark of the cycle: one statement that reads the same
journal items and writes as many rows as the cycle alone writes; beside it stands the floor with
the rows of the planned actions added. On a ledger of 20,000 late lines the add-on
``account_credit_control`` of the OCA computes its credit lines in the same run, by the policy it
ships; a strategy that says the same plans as many. It is installed in a database of its own, for
the benchmark only.
"""

import argparse
import json
import statistics
import sys
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import cycle
from harness import Phases, copy_of, open_environment, peak_memory_mb, with_other

SCALES = cycle.SCALES
ACTION_TABLES = ("collection_action", "collection_action_item")
# the ledger on which both add-ons are compared
COMPARED = "small"
OTHER = "account_credit_control"
OTHER_PACKAGE = "odoo-addon-account-credit-control==19.0.*"
LIMIT_RATIO = 6
LIMIT_MEMORY_MB = 700
LIMIT_PAGE_MS = 300
EXECUTED = 1_000


# ----------------------------------------------------------------
# WHAT IS FOLLOWED
# ----------------------------------------------------------------


def make_strategy(env):
    """Make the one strategy that everybody follows: ten rules that act, ten that give points."""
    env["collection.strategy"].search([]).active = False
    template = env.ref("collection_message.mail_template_second").id
    letter = env.ref("collection_message.mail_template_letter").id

    def days(first, last):
        return {"use_days": "range", "days_from": first, "days_to": last}

    acting = [
        {"action": "email", "template_id": template, **days(-5, -1)},
        {"action": "email", "template_id": template, "priority": 20, **days(3, 13)},
        {"action": "email", "template_id": template, "priority": 30, **days(14, 29)},
        {"action": "email", "template_id": template, "priority": 40, **days(30, 59)},
        {"action": "letter", "template_id": letter, **days(60, 400)},
        {"action": "call", "repeat_days": 7, "repeat_limit": 3, **days(21, 44)},
        {
            "action": "call",
            "repeat_days": 7,
            "amount_kind": "open",
            "amount_level": "item",
            "amount_min": 1000,
            **days(45, 400),
        },
        {
            "action": "escalate",
            "applies_to": "profile",
            "amount_kind": "overdue",
            "amount_min": 5000,
            "no_contact_days": 14,
        },
        {"action": "call", "domain": "[('document_ref', 'ilike', 'urgent')]", **days(1, 20)},
        {
            "action": "suggest_writeoff",
            "amount_kind": "open",
            "amount_level": "item",
            "amount_max": 15,
            **days(150, 400),
        },
    ]
    customer = {"action": "none", "applies_to": "profile"}
    scoring = [
        {**customer, "points": 5, "reason": "{days} days late", **days(1, 29)},
        {**customer, "points": 15, "reason": "{days} days late", **days(30, 89)},
        {**customer, "points": 30, "reason": "{days} days late", **days(90, 900)},
        {
            "action": "none",
            "points": 12,
            "reason": "large invoice",
            "amount_kind": "overdue",
            "amount_level": "item",
            "amount_min": 1500,
        },
        {**customer, "points": 10, "amount_kind": "overdue", "amount_min": 2000},
        {**customer, "points": 20, "broken_promises_min": 1},
        {**customer, "points": 8, "no_contact_days": 30, **days(30, 900)},
        {**customer, "points": -10, "first_late": True},
        {**customer, "points": 15, "top_n": 100},
        {**customer, "points": -5, "payment_within_days": 7},
    ]
    rules = [
        {"name": f"Rule {number}", "sequence": number, **vals}
        for number, vals in enumerate([*acting, *scoring], 1)
    ]
    return env["collection.strategy"].create({
        "name": "Benchmark",
        "code": "benchmark",
        "sender": "company",
        "rule_ids": [(0, 0, vals) for vals in rules],
    })


def make_same_policy(env):
    """Make the strategy that says what the policy shipped by the other add-on says: three levels.

    A level is a rule; in the first run the other add-on writes a line for each item that is ten
    days late, and so does this.
    """
    env["collection.strategy"].search([]).active = False
    template = env.ref("collection_message.mail_template_second").id
    letter = env.ref("collection_message.mail_template_letter").id
    levels = [
        {"action": "email", "template_id": template, "days_from": 10},
        {"action": "email", "template_id": template, "days_from": 400},
        {"action": "letter", "template_id": letter, "days_from": 410},
    ]
    return env["collection.strategy"].create({
        "name": "Three levels",
        "code": "benchmark_levels",
        "sender": "company",
        "rule_ids": [
            (0, 0, {"name": f"Level {number}", "sequence": number, "use_days": "from", **vals})
            for number, vals in enumerate(levels, 1)
        ],
    })


# ----------------------------------------------------------------
# PHASES, EACH IN A PROCESS OF ITS OWN SO THAT MEMORY IS ITS OWN
# ----------------------------------------------------------------


def phase_first_night(env, *sizes):
    return first_night(env, make_strategy(env), sizes)


def phase_seed_late(env, customers, invoices):
    """Fill a ledger in which everything is late, so that every line is work for both add-ons."""
    from seed import fill

    if not env.company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", env.company)
    fill(env, customers, invoices, overdue_share=1)
    return {}


def phase_same_policy(env, *sizes):
    return first_night(env, make_same_policy(env), sizes)


def first_night(env, strategy, sizes):
    """Run the first night with one strategy and return its figures."""
    env.cr.commit()
    figures = cycle.phase_first_night(env, *sizes)
    env.cr.execute("SELECT count(*) FROM collection_profile WHERE score <> 0")
    [scored] = env.cr.fetchone()
    return {
        **figures,
        "rules": len(strategy.rule_ids),
        "scored": scored,
        "actions": count(env, "collection_action"),
        "links": count(env, "collection_action_item"),
    }


def count(env, table):
    env.cr.execute(f"SELECT count(*) FROM {table}")
    [rows] = env.cr.fetchone()
    return rows


def phase_floor(env, *_sizes):
    """Write what the cycle writes, and what it writes with planned actions, by one statement."""
    figures = {"seconds": cycle.write_floor(env, constraints=True)}
    cycle.WRITTEN = (*cycle.WRITTEN, *ACTION_TABLES)
    figures["with_actions"] = cycle.write_floor(env, constraints=True)
    return figures


def phase_next_day(env, *sizes):
    figures = cycle.phase_next_day(env, *sizes)
    return {**figures, "actions": count(env, "collection_action")}


def phase_at_once(env, *_sizes):
    """Time what the payment of one customer costs in the steps of the strategies."""
    from odoo.addons.collection.models.collection_cycle_step import CycleScope

    env.cr.execute(
        "SELECT commercial_partner_id FROM collection_profile WHERE score > 0 ORDER BY id LIMIT 20"
    )
    partner_ids = [partner_id for (partner_id,) in env.cr.fetchall()]
    times = []
    for partner_id in partner_ids:
        scope = CycleScope(
            env.company.id, env.company._collection_today(), partner_ids=(partner_id,)
        )
        started = time.perf_counter()
        for step in ("strategy", "score", "actions"):
            env[f"collection.cycle.step.{step}"]._apply(scope)
        times.append(1000 * (time.perf_counter() - started))
    env.cr.rollback()
    return {"ms": round(statistics.median(times), 1)}


def phase_worklist(env, *_sizes):
    """Time a page of the worklist, as a manager who sees all and as a clerk with one in twenty."""
    manager, clerk = (
        env["res.users"].create({
            "name": f"Bench {role}",
            "login": f"bench_{role}",
            "group_ids": [(4, env.ref(f"collection.group_{role}").id)],
        })
        for role in ("collection_manager", "debt_manager")
    )
    env.cr.execute(
        "UPDATE collection_profile SET debt_manager_id = CASE WHEN id %% 20 = 0 THEN %s ELSE %s END",
        [clerk.id, manager.id],
    )
    env.cr.execute(
        """
        UPDATE collection_case SET debt_manager_id = profile.debt_manager_id
          FROM collection_profile profile WHERE profile.id = collection_case.profile_id
        """
    )
    for table in ("collection_profile", "collection_case", *ACTION_TABLES):
        env.cr.execute(f"ANALYZE {table}")
    env.cr.commit()
    figures = {}
    for user, scope in ((manager, "all"), (clerk, "mine")):
        as_user = env(user=user.id)
        times = []
        for _turn in range(7):
            as_user.invalidate_all()
            started = time.perf_counter()
            page = as_user["collection.worklist"].get_worklist(scope=scope)
            times.append(1000 * (time.perf_counter() - started))
        assert page["rows"], "the worklist is empty"
        figures[scope] = {
            "ms": round(statistics.median(times), 1),
            "first_ms": round(times[0], 1),
            "found": page["count"],
        }
    return figures


def phase_simulation(env, *_sizes):
    """Time the question what tonight would do, a page of it told in full."""
    day = env.company._collection_today() + timedelta(days=3)
    started = time.perf_counter()
    told = env["collection.simulation"]._tonight(env.company, business_date=day, limit=40)
    return {
        "seconds": time.perf_counter() - started,
        "total": told["total"],
        "memory_mb": peak_memory_mb(),
    }


def phase_execute(env, *_sizes):
    """Time the carrying out of messages that are planned: each becomes a message to be sent."""
    Action = env["collection.action"]
    executed = 0
    started = time.perf_counter()
    while executed < EXECUTED:
        actions = Action._execute_chunk()
        if not actions:
            break
        executed += len(actions)
        env.cr.commit()
        env.invalidate_all()
    seconds = time.perf_counter() - started
    return {
        "executed": executed,
        "seconds": seconds,
        "per_1000": seconds / max(executed, 1) * 1000,
        "memory_mb": peak_memory_mb(),
    }


def phase_other(env, *_sizes):
    """Have the other add-on compute its credit lines, by the policy it ships."""
    policy = env.ref(f"{OTHER}.credit_control_3_time")
    policy.account_ids = env.company._collection_receivable_accounts()
    env.company.credit_policy_id = policy
    run = env["credit.control.run"].create({
        "date": env.company._collection_today(),
        "policy_ids": [(6, 0, policy.ids)],
    })
    env.cr.commit()
    started = time.perf_counter()
    run.generate_credit_lines()
    env.flush_all()
    env.cr.commit()
    return {"seconds": time.perf_counter() - started, "lines": len(run.line_ids)}


PHASES = {
    "seed": cycle.phase_seed,
    "seed_late": phase_seed_late,
    "first_night": phase_first_night,
    "same_policy": phase_same_policy,
    "floor": phase_floor,
    "next_day": phase_next_day,
    "at_once": phase_at_once,
    "worklist": phase_worklist,
    "simulation": phase_simulation,
    "execute": phase_execute,
    "other": phase_other,
}


# ----------------------------------------------------------------
# THE OTHER ADD-ON
# ----------------------------------------------------------------


def compare(database):
    """Return the figures of both add-ons on the ledger they are compared on."""
    phases = Phases(__file__, COMPARED)
    with with_other(OTHER, OTHER_PACKAGE, database) as (other_database, settings):
        if not other_database:
            return None
        with copy_of(database, "ours") as ours_database:
            phases.run("seed_late", ours_database)
            ours = phases.run("same_policy", ours_database)
        phases.run("seed_late", other_database, settings)
        other = phases.run("other", other_database, settings)
    # the other add-on plans only: who follows what is set by hand, and nobody has a score
    choosing, scoring, acting = (
        ours["steps"].get(f"collection.cycle.step.{step}", 0)
        for step in ("strategy", "score", "actions")
    )
    planning = choosing + scoring + acting
    assert 0.99 < ours["links"] / other["lines"] < 1.01, (ours["links"], other["lines"])
    return {
        "compared_lines": SCALES[COMPARED][1],
        "other_seconds": round(other["seconds"], 2),
        "other_credit_lines": other["lines"],
        "our_planning_seconds": round(planning, 3),
        "our_actions_seconds": round(acting, 3),
        "our_planned_items": ours["links"],
        "our_night_seconds": round(ours["seconds"], 2),
        "times_faster": round(other["seconds"] / planning, 1),
        "times_faster_actions_alone": round(other["seconds"] / acting, 1),
        "times_faster_whole_night": round(other["seconds"] / ours["seconds"], 1),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--database", required=True, help="database with collection_strategy installed"
    )
    parser.add_argument("--scale", choices=SCALES, default="small")
    parser.add_argument("--phase", choices=PHASES)
    parser.add_argument(
        "--alone", action="store_true", help="without the comparison with another add-on"
    )
    options = parser.parse_args()
    customers, invoices = SCALES[options.scale]
    if options.phase:
        cr, env = open_environment(options.database)
        with cr:
            print(json.dumps(PHASES[options.phase](env, customers, invoices)))
        return
    compared = None if options.alone else compare(options.database)
    phases = Phases(__file__, options.scale)
    seed, first, floor, after, at_once, simulation, worklist, executed = (
        phases.run(name, options.database)
        for name in (
            "seed",
            "first_night",
            "floor",
            "next_day",
            "at_once",
            "simulation",
            "worklist",
            "execute",
        )
    )
    ratio = first["seconds"] / floor["seconds"]
    memory = max(first["memory_mb"], after["memory_mb"])
    print(
        json.dumps({
            "benchmark": "strategy",
            "scale": options.scale,
            "customers": customers,
            "open_items": invoices,
            "rules": first["rules"],
            "seed_seconds": round(seed["seconds"], 1),
            "first_night_seconds": round(first["seconds"], 1),
            "first_night_steps": first["steps"],
            "customers_scored": first["scored"],
            "actions_planned": first["actions"],
            "items_of_actions": first["links"],
            "floor_seconds": round(floor["seconds"], 1),
            "ratio_to_floor": round(ratio, 2),
            "floor_with_actions_seconds": round(floor["with_actions"], 1),
            "ratio_to_floor_with_actions": round(first["seconds"] / floor["with_actions"], 2),
            "next_day_seconds": round(after["seconds"], 1),
            "next_day_steps": after["steps"],
            "next_day_share_of_first": round(after["seconds"] / first["seconds"], 2),
            "peak_memory_mb": round(memory),
            "payment_of_one_customer_ms": at_once["ms"],
            "simulation_seconds": round(simulation["seconds"], 1),
            "worklist_page_ms": worklist["all"]["ms"],
            "worklist_page_debt_manager_ms": worklist["mine"]["ms"],
            "execute_seconds_per_1000": round(executed["per_1000"], 1),
            **(compared or {}),
            "within_budget": ratio <= LIMIT_RATIO
            and memory <= LIMIT_MEMORY_MB
            and max(worklist["all"]["ms"], worklist["mine"]["ms"]) <= LIMIT_PAGE_MS,
        })
    )


if __name__ == "__main__":
    main()
