# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Two work on the same customers at the same time: workers of the cycle, or one who pays."""

import pytest
from psycopg2.extensions import TransactionRollbackError

from odoo.tools import mute_logger

import databases
from support import state
from support.cycle_worker import CycleWorker
from support.evening import run_cycle
from support.host import environment, transaction


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
            by_one, by_other = one.wait(), other.wait()
        with connected(name) as cursor:
            shared, changed = state.dump(cursor), rows_changed(cursor)
            assert not state.faults(cursor)
            cursor.execute(
                "SELECT count(*) FROM collection_cycle_chunk WHERE run_id ="
                " (SELECT max(id) FROM collection_cycle_run)"
            )
            [chunks] = cursor.fetchone()
    assert by_one.well and by_other.well
    assert by_one.said and by_other.said, "one of them did all the work"
    assert len(by_one.said + by_other.said) == len({*by_one.said, *by_other.said}) == chunks
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


def scope_of(env, partners=None):
    """Return the scope of some customers, or all, on the company's day."""
    from odoo.addons.collection.models.collection_cycle_step import CycleScope

    company = env.company
    partner_ids = tuple(partners.commercial_partner_id.ids) if partners else None
    return CycleScope(company.id, company._collection_today(), partner_ids)


def take_in_cases(env, documents):
    """Do, and commit, what a chunk of the night run does that puts late documents in cases."""
    env["collection.cycle.step.cases"]._apply(scope_of(env, documents.partner_id))
    env.cr.commit()
    env.invalidate_all()


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
    before.pop("runs")  # this one may be cut into other chunks
    env["collection.cycle.run"].search([("business_date", "=", day)])._restart()
    run_cycle(env, day)
    assert not state.differences(state.dump(env.cr), before)


def late_documents(env, count):
    """Return all documents of as many customers that the coming night would put in cases."""
    wanted = env.execute_query_dict(env["collection.cycle.step.cases"]._select(scope_of(env)))
    items = env["collection.item"].browse(
        sorted(row["item_id"] for row in wanted if row["case_id"] or row["to_open"])
    )
    profiles = items.profile_id[:count]
    assert len(profiles) == count
    return items.filtered(lambda item: item.profile_id in profiles).move_id


def test_a_worker_that_began_before_a_payment_begins_anew(night):
    env, day = night
    documents = late_documents(env, 3)
    with transaction(env) as worker:
        pay(env, documents)
        with pytest.raises(TransactionRollbackError), mute_logger("odoo.sql_db"):
            take_in_cases(worker, documents)
        worker.cr.rollback()
    run_cycle(env, day)
    assert not documents.collection_item_ids.case_id
    assert_all_is_true(env, day)


def test_a_payment_that_began_before_its_document_came_into_a_case_leaves_none_in_it(night):
    env, day = night
    documents = late_documents(env, 3)
    with transaction(env) as customer, mute_logger("odoo.sql_db"):
        take_in_cases(env, documents)
        assert all(item.case_id for item in documents.collection_item_ids)
        pay(customer, customer["account.move"].browse(documents.ids))
    look_again(env)
    assert set(documents.mapped("payment_state")) <= {"paid", "in_payment"}
    env["collection.cycle"]._cron_run()
    assert not documents.collection_item_ids.case_id
    assert set(documents.collection_item_ids.mapped("state")) == {"settled"}
    assert_all_is_true(env, day)


def test_a_document_on_its_way_into_a_case_that_a_person_closes_does_not_stay_in_it(night):
    env, day = night
    items = late_documents(env, 9).collection_item_ids.filtered("profile_id.open_case_ids")
    profile = items.profile_id[0]
    documents = items.filtered(lambda item: item.profile_id == profile).move_id
    case = profile.open_case_ids
    with transaction(env) as person, mute_logger("odoo.sql_db"):
        take_in_cases(env, documents)
        assert documents.collection_item_ids.case_id == case
        person["collection.case"].browse(case.id)._close("uncollectable", "Gone abroad")
        person.cr.commit()
    look_again(env)
    assert case.state == "completed"
    env["collection.cycle"]._cron_run()
    assert documents.collection_item_ids.case_id != case
    assert_all_is_true(env, day)


def test_payments_go_through_while_the_night_run_is_at_work(night):
    env, day = night
    documents = late_documents(env, 8)
    with CycleWorker(env.cr.dbname, day, chunk=4) as worker, mute_logger("odoo.sql_db"):
        worker.start()
        for document in documents:
            pay(env, document)
        assert worker.wait().well
    look_again(env)
    assert set(documents.mapped("payment_state")) <= {"paid", "in_payment"}
    assert_all_is_true(env, day)


def test_of_two_payments_of_a_customer_at_once_both_count(night):
    env, day = night
    one = late_documents(env, 1)[0]
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
