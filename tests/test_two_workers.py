# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Two work on the same customers at the same time: workers of the cycle, or one who pays."""

import databases
import pytest
from psycopg2.extensions import TransactionRollbackError
from support import state
from support.cycle_worker import CycleWorker
from support.evening import run_cycle
from support.host import environment, transaction

from odoo.tools import mute_logger


def connected(name):
    return databases.connect(name).cursor()


def rows_changed(cursor):
    """Return what each step of the newest run changed, by step."""
    cursor.execute(
        "SELECT step, sum(row_count) FROM collection_cycle_chunk"
        " WHERE run_id = (SELECT max(id) FROM collection_cycle_run) GROUP BY step"
    )
    return dict(cursor.fetchall())


# ----------------------------------------------------------------
# TWO WORKERS
# ----------------------------------------------------------------


def test_two_workers_share_the_night_and_do_no_work_twice(evening, name_for):
    source, day = evening
    name = name_for("workers")
    with databases.database_copy(source, name), CycleWorker(name, day) as one:
        one.run()
        with connected(name) as cursor:
            alone, changed_alone = state.dump(cursor), rows_changed(cursor)
        databases.copy_database(source, name)
        with CycleWorker(name, day) as other:
            one.start()
            other.start()
            (by_one, one_well), (by_other, other_well) = one.wait(), other.wait()
        with connected(name) as cursor:
            shared, changed = state.dump(cursor), rows_changed(cursor)
            assert not state.faults(cursor)
            cursor.execute(
                "SELECT count(*) FROM collection_cycle_chunk WHERE run_id ="
                " (SELECT max(id) FROM collection_cycle_run)"
            )
            [chunks] = cursor.fetchone()
    assert one_well and other_well
    assert by_one and by_other, "one of them did all the work"
    assert len(by_one + by_other) == len({*by_one, *by_other}) == chunks
    assert changed == changed_alone
    assert not state.differences(shared, alone)


# ----------------------------------------------------------------
# ONE PAYS WHILE THE OTHER RUNS THE CYCLE
# ----------------------------------------------------------------


@pytest.fixture
def night(evening, name_for):
    """An environment on the evening before the night, and the date of the night."""
    source, day = evening
    name = name_for("paying")
    with databases.database_copy(source, name), environment(name) as env:
        env.registry["res.company"]._collection_today = lambda self: day
        yield env, day


def pay(env, moves):
    """Register a payment of documents in full, and commit as the end of a click does."""
    wizard = (
        env["account.payment.register"]
        .with_context(active_model="account.move", active_ids=moves.ids)
        .create({"group_payment": True})
    )
    wizard._create_payments()
    env.cr.commit()


def look_again(env):
    """See what others have committed meanwhile."""
    env.cr.commit()
    env.invalidate_all()


def assert_all_is_true(env, day):
    """Let the cron do what waits, then check that computing everything anew changes nothing."""
    look_again(env)
    env["collection.cycle"]._cron_run()
    assert not state.faults(env.cr)
    before = state.dump(env.cr)
    env["collection.cycle.run"].search([("business_date", "=", day)])._restart()
    run_cycle(env, day)
    assert not state.differences(state.dump(env.cr), before)


def late_documents(env, count):
    """Return documents of as many customers, all of them late and in no case yet."""
    items = env["collection.item"].search(
        [
            ("state", "=", "open"),
            ("kind", "=", "document"),
            ("side", "=", "debit"),
            ("case_id", "=", False),
            ("date_due", "<", env.company._collection_today()),
            ("profile_id.takes_part", "=", True),
            ("profile_id.is_held", "=", False),
            ("profile_id.commercial_partner_id.name", "=like", "Customer %"),
        ],
        order="id",
    )
    first_of = {item.profile_id: item for item in reversed(items)}
    assert len(first_of) >= count
    return env["account.move"].union(*(item.move_id for item in first_of.values()))[:count]


def test_a_worker_that_began_before_a_payment_begins_anew(night):
    from odoo.addons.collection.models.collection_cycle_step import CycleScope

    env, day = night
    documents = late_documents(env, 3)
    scope = CycleScope(env.company.id, day, tuple(documents.partner_id.ids))
    with transaction(env) as worker:
        pay(env, documents)
        with pytest.raises(TransactionRollbackError), mute_logger("odoo.sql_db"):
            worker["collection.cycle.step.cases"]._apply(scope)
        worker.cr.rollback()
    run_cycle(env, day)
    assert not documents.collection_item_ids.case_id
    assert_all_is_true(env, day)


def test_a_payment_that_began_before_the_night_run_goes_through_and_its_case_follows(night):
    env, day = night
    documents = late_documents(env, 3)
    with transaction(env) as customer, mute_logger("odoo.sql_db"):
        run_cycle(env, day)
        assert len(documents.collection_item_ids.case_id) == 3
        pay(customer, customer["account.move"].browse(documents.ids))
    look_again(env)
    assert set(documents.mapped("payment_state")) <= {"paid", "in_payment"}
    env["collection.cycle"]._cron_run()
    assert not documents.collection_item_ids.case_id
    assert set(documents.collection_item_ids.mapped("state")) == {"settled"}
    assert_all_is_true(env, day)


def test_payments_go_through_while_the_night_run_is_at_work(night):
    env, day = night
    documents = late_documents(env, 8)
    with CycleWorker(env.cr.dbname, day, chunk=4) as worker, mute_logger("odoo.sql_db"):
        worker.start()
        for document in documents:
            pay(env, document)
        _done, well = worker.wait()
    assert well
    look_again(env)
    assert set(documents.mapped("payment_state")) <= {"paid", "in_payment"}
    assert_all_is_true(env, day)


def test_of_two_payments_of_a_customer_at_once_both_count(night):
    env, day = night
    one = late_documents(env, 1)
    profile = one.collection_item_ids.profile_id
    another = (profile.item_ids.filtered(lambda item: item.state == "open").move_id - one)[:1]
    owed = profile.amount_open
    paid = sum((one + another).mapped("amount_residual"))
    with transaction(env) as colleague, mute_logger("odoo.sql_db"):
        pay(env, one)
        pay(colleague, colleague["account.move"].browse(another.ids))
    look_again(env)
    env["collection.cycle"]._cron_run()
    assert profile.amount_open == pytest.approx(owed - paid)
    assert_all_is_true(env, day)
