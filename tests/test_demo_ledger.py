# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The files in data/demo_ledger, imported as data/README.md tells."""

from pathlib import Path

import pytest

FILES = Path(__file__).parents[1] / "data" / "demo_ledger"
# what the import screen sends for a comma-separated file with headings
OPTIONS = {
    "has_headers": True,
    "advanced": True,
    "keep_matches": False,
    "quoting": '"',
    "separator": ",",
    "encoding": "utf-8",
    "date_format": "",
    "datetime_format": "",
    "float_thousand_separator": ",",
    "float_decimal_separator": ".",
    "skip": 0,
    "limit": 2000,
    "fallback_values": {},
    "name_create_enabled_fields": {},
    "import_set_empty_fields": [],
    "import_skip_records": [],
}


def import_file(env, model, name):
    """Import a file with the columns that Odoo recognises by their headings."""
    wizard = env["base_import.import"].create({
        "res_model": model,
        "file": (FILES / name).read_bytes(),
        "file_name": name,
        "file_type": "text/csv",
    })
    preview = wizard.parse_preview(OPTIONS)
    headings = preview["headers"]
    assert sorted(preview["matches"]) == list(range(len(headings))), "a heading is not recognised"
    columns = ["/".join(preview["matches"][number]) for number in range(len(headings))]
    result = wizard.execute_import(columns, headings, preview["options"])
    assert result["messages"] == []
    return env[model].browse(result["ids"])


def test_an_imported_opening_entry_becomes_items_and_cases(environment):
    import_file(environment, "res.partner", "customers.csv")
    import_file(environment, "res.partner", "contacts.csv")
    entry = import_file(environment, "account.move", "open_items.csv")
    entry.action_post()
    environment.cr.commit()
    items = environment["collection.item"].search([])
    assert len(items) == 32
    assert "INV-24464" in items.mapped("document_ref")
    assert environment["collection.case"].search_count([]) == 0

    page = environment["collection.start.page"].create({})
    page.action_read_ledger()
    run_cycle(environment)
    page.action_recalculate()
    assert page.ready
    assert (page.case_count, page.amount, page.credit_amount) == (12, 108923.85, 3250)
    page.action_confirm()
    run_cycle(environment)
    cases = environment["collection.case"].search([])
    assert len(cases) == 12
    assert len(cases.partner_id) == 12
    assert sum(cases.mapped("amount_open")) == pytest.approx(108923.85)


def run_cycle(env):
    """What the cron does until nothing is left."""
    env.cr.commit()
    while True:
        env["collection.cycle"]._cron_run()
        env.cr.commit()
        env.invalidate_all()
        if not env["collection.cycle.run"].search_count([("state", "=", "running")]):
            return
