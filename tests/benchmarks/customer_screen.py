# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Benchmark of the customer screen: one customer with 2,000 open items and 5,000 messages.

They stand among as many other customers as the benchmark of the cycle has; everything the screen
shows on opening is read, as a collection manager and as the customer's debt manager.
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from cycle import SCALES, run_cron
from harness import open_environment, peak_memory_mb, say
from seed import copy_rows, fill

ITEMS = 2_000
MESSAGES = 5_000
TURNS = 9


def seed(env, customers, invoices):
    """Fill the ledger, give one customer what a hundred others owe, and compute the first night."""
    company = env.company
    if not company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", company)
    fill(env, customers, invoices)
    cr = env.cr
    cr.execute("SELECT max(id) FROM res_partner")
    [busy_id] = cr.fetchone()
    cr.execute(
        """
        WITH move AS (
            UPDATE account_move SET partner_id = %(busy)s, commercial_partner_id = %(busy)s
             WHERE id IN (SELECT id FROM account_move WHERE move_type = 'out_invoice'
                          ORDER BY id DESC LIMIT %(count)s)
         RETURNING id)
        UPDATE account_move_line line
           SET partner_id = %(busy)s
          FROM move WHERE move.id = line.move_id
        """,
        {"busy": busy_id, "count": ITEMS},
    )
    company.write({"collection_live": True, "collection_tz": "UTC", "collection_night_hour": 0})
    cr.commit()
    run_cron(env)
    return env["collection.profile"].search([("partner_id", "=", busy_id)])


def people(env, profile):
    """Return a collection manager, and a debt manager whose customer it is."""
    manager, clerk = (
        env["res.users"].create({
            "name": f"Bench {role}",
            "login": f"bench_{role}",
            "group_ids": [(4, env.ref(f"collection.group_{role}").id)],
        })
        for role in ("collection_manager", "debt_manager")
    )
    profile.debt_manager_id = clerk
    profile.case_ids.debt_manager_id = clerk
    return manager, clerk


def correspond(env, profile):
    """Give the customer's case a long correspondence."""
    message = profile.case_ids[:1].message_post(
        body="We ask for the payment of the invoices below.",
        message_type="comment",
        subtype_xmlid="mail.mt_comment",
    )
    env.flush_all()
    copy_rows(
        env.cr,
        "mail_message",
        message.id,
        f"generate_series(1, {MESSAGES}) AS n",
        {
            "date": "template.date - n * interval '1 hour'",
            "message_id": "'<' || n || '@bench.example>'",
        },
        "nextval(pg_get_serial_sequence('mail_message', 'id'))",
    )
    env.cr.commit()
    env.cr.execute("ANALYZE mail_message")
    env.cr.commit()


def time_screen(env, profile, user):
    """Return the milliseconds of opening the screen: the first time in a process, and later."""
    profile = profile.with_user(user)
    times = []
    for _turn in range(TURNS):
        profile.env.invalidate_all()
        started = time.perf_counter()
        screen = profile.get_customer_screen()
        json.dumps(screen, default=str)
        times.append(1000 * (time.perf_counter() - started))
    items = screen["data"]["items"]["count"]
    assert items >= ITEMS, items
    return {"first_ms": round(times[0], 1), "ms": round(statistics.median(times), 1)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True, help="database with collection installed")
    parser.add_argument("--scale", choices=SCALES, default="small")
    options = parser.parse_args()
    customers, invoices = SCALES[options.scale]
    cr, env = open_environment(options.database)
    with cr:
        say("filling …")
        profile = seed(env, customers, invoices)
        correspond(env, profile)
        manager, clerk = people(env, profile)
        cr.commit()
        figures = {
            "benchmark": "customer_screen",
            "scale": options.scale,
            "customers": customers,
            "open_items": invoices,
            "items_of_the_customer": profile.item_count,
            "messages_of_the_customer": MESSAGES,
            "manager": time_screen(env, profile, manager),
            "debt_manager": time_screen(env, profile, clerk),
            "peak_memory_mb": round(peak_memory_mb()),
        }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
