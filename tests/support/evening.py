# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""A company on the evening before a night run that has everything to do: some two hundred
customers with two thousand invoices, two nights of collections behind them, and a busy day."""

import sys
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from odoo.orm.commands import Command

from . import state
from .host import environment

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

CUSTOMERS, INVOICES = 200, 2000


def prepare(database):
    """Fill a database with the suite installed, and return the date of the night to come."""
    with environment(database) as env:
        company = env.company
        env["account.chart.template"].try_loading("generic_coa", company)
        company.write({
            "collection_live": True,
            "collection_tz": "UTC",
            "collection_night_hour": 0,
            "collection_min_amount": 50,
        })
        today = company._collection_today()
        _make_team(env)
        _make_ledger(env)
        for nights in (0, 1):
            run_cycle(env, today + timedelta(days=nights))
            _have_a_day(env, nights)
        _set_cron_only(env)
        assert not state.faults(env.cr)
    return today + timedelta(days=2)


def run_cycle(env, day):
    """Run the cycle of a date to its end, without the host's scheduler."""
    env.cr.commit()
    with patch.object(env.registry["res.company"], "_collection_today", lambda self: day):
        while True:
            env["collection.cycle"]._cron_run()
            env.cr.commit()
            runs = env["collection.cycle.run"].search([("business_date", "=", day)])
            states = set(runs.mapped("state"))
            assert "failed" not in states, runs.mapped("message")
            if states == {"done"}:
                return


def _make_team(env):
    """A team that spreads its new cases over two people by amount, and takes all of them."""
    group = env.ref("collection.group_debt_manager")
    members = env["res.users"].create([
        {"name": name, "login": name.lower(), "group_ids": [Command.link(group.id)]}
        for name in ("Dafna", "Eleni")
    ])
    env.company.collection_default_team_id = env["collection.team"].create({
        "name": "Receivables",
        "spread": "amount",
        "member_ids": [Command.set(members.ids)],
    })


def _make_ledger(env):
    from seed import fill

    fill(env, CUSTOMERS, INVOICES, overdue_share=0.3)
    customers = _customers(env)
    # a customer that takes part per branch, with its documents on two branches
    chain = customers[0]
    branches = env["res.partner"].create([
        {"name": name, "parent_id": chain.id, "type": "invoice", "is_collection_branch": True}
        for name in ("Haifa", "Patras")
    ])
    env["collection.profile"]._get_or_create(env.company, chain).participation = "branch"
    moves = env["account.move"].search([("partner_id", "=", chain.id)], order="id")
    for branch, own in zip(branches, (moves[::2], moves[1::2]), strict=True):
        _sql(env, "UPDATE account_move SET partner_id = %s WHERE id = ANY(%s)", branch.id, own.ids)
    # post-dated money, a hold, a customer left out, an amount without a document
    journal = env["account.journal"].search([
        ("type", "=", "bank"),
        ("company_id", "=", env.company.id),
    ])[:1]
    env["account.payment"].create([
        {
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": customer.id,
            "amount": 1500,
            "date": env.company._collection_today() + timedelta(days=days),
            "journal_id": journal.id,
        }
        for customer, days in zip(customers[1:6], (1, 2, 3, 20, 40), strict=True)
    ])
    profiles = env["collection.profile"]._get_or_create(env.company, customers[6:9])
    profiles[0].write({"hold": True, "hold_until": env.company._collection_today()})
    profiles[1].participation = "no"
    env["collection.case"]._open_amount_case(
        profiles[2],
        700.0,
        env.company.currency_id,
        "Advance for the spring order",
        env.company._collection_today(),
    )
    env.cr.commit()


def _have_a_day(env, number):
    """Change the ledger behind the suite's back, so that all of it is left to the night."""
    customers = _customers(env)
    # some pay an invoice in ten, some everything; what was paid the day before bounces
    paying, emptied = customers[20 + number :: 9].ids, customers[30 + number :: 13].ids
    _sql(
        env,
        """
        UPDATE account_move_line SET amount_residual = 0, amount_residual_currency = 0,
               reconciled = TRUE
         WHERE account_id = ANY(%s) AND reconciled IS NOT TRUE
           AND (partner_id = ANY(%s) AND id %% 10 = %s OR partner_id = ANY(%s))
        """,
        env.company._collection_receivable_accounts().ids,
        paying,
        number,
        emptied,
    )
    if number:
        _sql(
            env,
            """
            UPDATE account_move_line SET amount_residual = balance,
                   amount_residual_currency = amount_currency, reconciled = FALSE
             WHERE account_id = ANY(%s) AND partner_id = ANY(%s)
            """,
            env.company._collection_receivable_accounts().ids,
            customers[30::13].ids,
        )
        # some fall due, and documents are renamed, put back to draft, and given to another customer
        _sql(
            env,
            """
            UPDATE account_move_line SET date_maturity = CURRENT_DATE
             WHERE account_id = ANY(%s) AND partner_id = ANY(%s) AND id %% 4 = 0
               AND date_maturity > CURRENT_DATE
            """,
            env.company._collection_receivable_accounts().ids,
            customers[100:160].ids,
        )
        moves = env["account.move"].search([("partner_id", "in", customers[50:80].ids)])
        _sql(
            env,
            "UPDATE account_move SET ref = 'Order ' || id WHERE id = ANY(%s)",
            moves[:60].ids,
        )
        _sql(
            env,
            "UPDATE account_move_line SET parent_state = 'draft' WHERE move_id = ANY(%s)",
            moves[60:80].ids,
        )
        moved = (customers[90].id, moves[80:100].ids)
        _sql(env, "UPDATE account_move SET partner_id = %s WHERE id = ANY(%s)", *moved)
        _sql(env, "UPDATE account_move_line SET partner_id = %s WHERE move_id = ANY(%s)", *moved)
    env.cr.commit()
    env.invalidate_all()


def _customers(env):
    return env["res.partner"].search([("ref", "=like", "C%")], order="id")


def _set_cron_only(env):
    """Have the host's scheduler run nothing but the cycle, and that at once."""
    _sql(
        env,
        "UPDATE ir_cron SET active = id = %s, nextcall = now() - interval '1 day'",
        env.ref("collection.cron_cycle").id,
    )
    env.cr.execute("DELETE FROM ir_cron_trigger")
    env.cr.commit()


def _sql(env, query, *params):
    env.cr.execute(query, params)
