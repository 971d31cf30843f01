# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""A company moves in: everything its customers owe is booked in one transaction."""

import databases

DOCUMENTS = 1500
# fewer than what is always left to the cron
CUSTOMERS = 1900

SUITE_TABLES = "collection_profile", "collection_item", "collection_case", "collection_case_item"


def test_a_first_load_is_in_collections_at_once_whatever_the_database_believes(environment):
    env = environment
    if not env.company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", env.company)
        env.cr.commit()
    quick = env(context={**env.context, "tracking_disable": True})
    customers = quick["res.partner"].create([{"name": f"C {n}"} for n in range(CUSTOMERS)])
    quick["collection.profile"]._get_or_create(env.company, customers)
    accounts = env["account.account"]
    receivable, income = (
        accounts.search([("account_type", "=", kind)], limit=1)
        for kind in ("asset_receivable", "income")
    )

    def book(documents):
        line = {"account_id": receivable.id, "partner_id": customers[0].id, "debit": 1}
        entry = quick["account.move"].create({
            "move_type": "entry",
            "ref": "Opening balance",
            "line_ids": [
                *((0, 0, line) for _document in range(documents)),
                (0, 0, {"account_id": income.id, "credit": documents}),
            ],
        })
        entry.action_post()
        return entry

    first = book(150)
    env.cr.flush()
    second = book(DOCUMENTS)
    env.flush_all()
    # as autovacuum may at any moment, but for tables that somebody else is at: it finds pages,
    # and no row that is anybody else's yet
    tables = "account_move", "account_move_line", "res_partner", *SUITE_TABLES
    for table in tables:
        databases.query(env.cr.dbname, f"ANALYZE (SKIP_LOCKED) {table}")
    # what takes longer is given up and left to the cron; without the mending it takes minutes
    env.cr.execute("SET LOCAL statement_timeout = '20s'")
    env.cr.commit()
    assert not env["collection.cycle.touched"].search_count([]), "left to the cron"
    assert env["collection.item"].search_count([("move_id", "=", second.id)]) == DOCUMENTS
    profile = env["collection.profile"].search([("partner_id", "=", customers[0].id)])
    assert profile.amount_open == DOCUMENTS + sum(first.line_ids.mapped("debit"))
