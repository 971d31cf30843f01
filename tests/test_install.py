# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The suite comes to a company that has worked with Odoo for years, stays a while, and goes."""

import dataclasses
import os
import subprocess
from types import SimpleNamespace

import pytest

import databases
import suite
from checks.addons import find_addons
from checks.server_log import install_problems
from support import state
from support.evening import run_cycle
from support.host import environment
from support.snapshot import mentions, snapshot

ADDON = "collection"
# with the suite's own demo data there is more to leave behind
KINDS = ("ledger", "demo") if os.environ.get("COLLECTION_SUITE_LONG") == "1" else ("ledger",)


def connected(name):
    return databases.connect(name).cursor()


def host_database():
    """Return the name of an idle database with Odoo's own demo data and without the suite."""
    [addon] = [addon for addon in find_addons() if addon.name == ADDON]
    name = suite.database_name("template_host")
    depends = sorted(addon.manifest["depends"])
    # Odoo's list of what could be installed, and of what that needs, is part of the database
    known = sorted(
        f"{one.name}({','.join(sorted(one.manifest['depends']))})"
        for one in [*find_addons(), *find_addons("tests/addons")]
    )
    version = f"{(databases.WORK / 'host').resolve()} {' '.join([*depends, *known])}"
    note = databases.query(
        "postgres",
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
        name,
    )
    if note != [(version,)]:
        log_path = databases.WORK / "log" / f"{name}.log"
        addons = [SimpleNamespace(name=depend) for depend in depends]
        missing = suite.install(name, addons, log_path, demo=True)
        assert not missing, log_path.read_text()
        databases.query("postgres", f"COMMENT ON DATABASE \"{name}\" IS '{version}'")
    return name


def install(name):
    """Install the suite and return what the log complains about."""
    log_path = databases.WORK / "log" / f"{name}.log"
    log_path.unlink(missing_ok=True)
    assert databases.run_odoo(name, log_path, f"--init={ADDON}"), log_path.read_text()
    assert ADDON in databases.installed_modules(name)
    return install_problems(log_path)


def odoo(*arguments):
    """Run one of Odoo's commands and return what it logs."""
    done = subprocess.run(
        [os.environ["ODOO_BIN"], *arguments], capture_output=True, text=True, check=False
    )
    assert not done.returncode, done.stderr
    return done.stderr


# ----------------------------------------------------------------
# THE STORY: EACH PART GOES ON WHERE THE ONE BEFORE ENDED
# ----------------------------------------------------------------


@dataclasses.dataclass
class Story:
    """A database and what was seen on the way."""

    name: str
    kind: str
    before: tuple = ()
    complaints: list = ()
    payment_id: int = 0
    residuals: dict = dataclasses.field(default_factory=dict)


@pytest.fixture(scope="module", params=KINDS)
def installed(request, name_for):
    """The suite installed on a database with Odoo's demo data, its own demo data left out."""
    with databases.database_copy(host_database(), name_for("install")) as name:
        story = Story(name, request.param)
        if story.kind == "ledger":
            databases.query(name, "UPDATE ir_module_module SET demo = FALSE")
        with connected(name) as cursor:
            story.before = snapshot(cursor)
        story.complaints = install(name)
        yield story


@pytest.fixture(scope="module")
def read_only(installed):
    """The ledger read by the cycle, the start page not confirmed: counts by model."""
    with environment(installed.name) as env:
        run_cycle(env, env.company._collection_today())
        models = ("item", "profile", "case", "contact.log")
        return {model: env[f"collection.{model}"].search_count([]) for model in models} | {
            "activity": env["mail.activity"].search_count([("res_model", "=like", "collection%")])
        }


@pytest.fixture(scope="module")
def lived(installed, read_only):
    """A day of work: confirmed, called, written to, paid."""
    with environment(installed.name) as env:
        if installed.kind == "ledger":
            env["collection.start.page"].create({}).action_confirm()
        run_cycle(env, env.company._collection_today())
        case = next(
            case
            for case in env["collection.case"].search([("state", "=", "not_started")])
            if case.open_item_ids.move_id.filtered(is_invoice)
        )
        case.message_post(body="Please pay by Friday", subject="Reminder")
        case.activity_schedule("collection.activity_type_call", summary="Call again")
        case.activity_schedule("collection.activity_type_call").action_feedback("Nobody there")
        env["ir.attachment"].create({
            "name": "answer.txt",
            "res_model": case._name,
            "res_id": case.id,
            "raw": b"We shall pay",
        })
        env["ir.filters"].create({"name": "Mine", "model_id": case._name})
        document = case.open_item_ids.move_id.filtered(is_invoice)[0]
        wizard = (
            env["account.payment.register"]
            .with_context(active_model=document._name, active_ids=document.ids)
            .create({"amount": 1})
        )
        installed.payment_id = wizard._create_payments().id
        env.cr.commit()
        installed.residuals = ledger(env)
    return installed


def is_invoice(move):
    return move.move_type == "out_invoice"


def ledger(env):
    """Return {document: (state of payment, what is owed)} of all documents."""
    return {
        move.id: (move.payment_state, move.amount_residual)
        for move in env["account.move"].search([])
    }


@pytest.fixture(scope="module")
def uninstalled(lived):
    """The suite uninstalled again."""
    log = odoo("module", "uninstall", "-c", os.environ["ODOO_CONF"], "-d", lived.name, ADDON)
    lived.complaints = [
        line for line in log.splitlines() if " WARNING " in line or " ERROR " in line
    ]
    return lived


# ----------------------------------------------------------------
# INSTALLING
# ----------------------------------------------------------------


def test_installing_on_a_ledger_with_history_complains_about_nothing(installed):
    assert not installed.complaints


def test_nothing_opens_before_the_start_page_is_confirmed(installed, read_only):
    if installed.kind == "demo":
        pytest.skip("the demo company has confirmed it")
    assert read_only["item"] and read_only["profile"]
    assert (read_only["case"], read_only["contact.log"], read_only["activity"]) == (0, 0, 0)


# ----------------------------------------------------------------
# UNINSTALLING
# ----------------------------------------------------------------


def test_uninstalling_leaves_no_table_column_or_setting(uninstalled):
    assert ADDON not in databases.installed_modules(uninstalled.name)
    schema, rows = uninstalled.before
    with connected(uninstalled.name) as cursor:
        schema_now, rows_now = snapshot(cursor)
        left = mentions(cursor, "collection.") | mentions(cursor, "collection_")
    assert sorted(schema_now ^ schema) == []
    changed = {table for table, count in rows_now.items() if count != rows.get(table)}
    # the people of the demo company stay, archived, and with them the currencies it deals in
    demo = {"res_groups_users_rel", "res_groups_implied_rel", "res_users.login"}
    allowed = demo if uninstalled.kind == "demo" else set()
    assert changed - allowed == set()
    # add-ons that could be installed on top are named in Odoo's list of what there is
    listed = {"ir_module_module.name", "ir_module_module_dependency.name"}
    assert {column: n for column, n in left.items() if column not in allowed | listed} == {}


def test_uninstalling_complains_about_nothing(uninstalled):
    assert uninstalled.complaints == []


def test_the_correspondence_is_kept_in_a_file(uninstalled):
    with environment(uninstalled.name) as env:
        kept = env["ir.attachment"].search([("res_model", "=", False), ("res_field", "=", False)])
        [file] = kept.filtered(
            lambda kept: kept.name.startswith(f"Collections of {env.company.name}")
        )
        assert b"Please pay by Friday" in file.raw
        assert b"Nobody there" in file.raw
        answer = kept.filtered(lambda kept: kept.name.endswith(" answer.txt"))
        assert answer.raw == b"We shall pay"


def test_payments_and_documents_are_as_they_were(uninstalled):
    with environment(uninstalled.name) as env:
        payment = env["account.payment"].browse(uninstalled.payment_id)
        assert payment.exists() and payment.reconciled_invoice_ids
        assert ledger(env) == uninstalled.residuals


def test_it_can_be_installed_again(uninstalled):
    databases.query(uninstalled.name, "UPDATE ir_module_module SET demo = FALSE")
    assert install(uninstalled.name) == []
    with environment(uninstalled.name) as env:
        today = env.company._collection_today()
        run_cycle(env, today)
        assert not env.company.collection_live
        assert not env["collection.case"].search_count([])
        env["collection.start.page"].create({}).action_confirm()
        run_cycle(env, today)
        assert env["collection.case"].search_count([])
        assert not state.faults(env.cr)


# ----------------------------------------------------------------
# COPIES
# ----------------------------------------------------------------


def test_a_neutralised_copy_opens_nothing_and_runs_nothing(evening, name_for):
    source, day = evening
    with databases.database_copy(source, name_for("neutralised")) as name:
        odoo("neutralize", "-c", os.environ["ODOO_CONF"], "-d", name)
        with environment(name) as env:
            assert not env["res.company"].search([("collection_live", "=", True)])
            assert not env.ref("collection.cron_cycle").active
            assert not env["ir.cron"].search([
                ("cron_name", "ilike", "collection"),
                ("active", "=", True),
            ])
            before = env["collection.case"].search_count([])
            run_cycle(env, day)
            assert env["collection.case"].search_count([]) == before
