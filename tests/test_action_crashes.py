# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Carrying out planned actions is killed anywhere, and done by two at once: every action is carried
out once, and none is lost."""

import random
from collections import Counter

import pytest

import databases
from support import mailing
from support.action_worker import ActionWorker
from support.charge_scene import save_card
from support.evening import run_cycle
from support.host import environment
from support.worker import moments

CUSTOMERS = 36
MOMENTS = 100
# what rules do with a third of the customers each; a hold takes the reason of all else away
GROUPS = {
    "Worked": (
        "activity",
        "call",
        "change_manager",
        "email",
        "escalate",
        "letter",
        "sms",
        "suggest_writeoff",
    ),
    "Held": ("activity", "hold"),
    "Charged": ("charge",),
}
# kinds that wait for a person
BY_PERSON = {"call", "escalate", "suggest_writeoff"}
# kinds that are done when their message has gone out
MESSAGES = {"email": "overdue", "letter": "statement", "sms": "other"}


def prepare(name):
    """Plan an action of each kind for a company's customers, all of them due."""
    with environment(name) as env:
        moves = mailing.prepare(env, CUSTOMERS)
        company = env.company
        company.collection_live = True
        categories = env["res.partner.category"].create([{"name": group} for group in GROUPS])
        for number, partner in enumerate(moves.partner_id):
            partner.category_id = categories[number % len(categories)]
            if partner.category_id == categories[-1]:
                save_card(env, partner)
        make_rules(env, categories)
        env.cr.commit()
        run_cycle(env, company._collection_today())


def make_rules(env, categories):
    """Have a strategy with a rule for each kind of action, and no other."""
    env["collection.strategy"].search([]).active = False
    strategy = env["collection.strategy"].create({
        "name": "Everything",
        "code": "everything",
        "company_id": env.company.id,
        "sender": "company",
    })
    template = env.ref("collection_message.mail_template_second")
    manager = env["res.users"].create({
        "name": "Dafna",
        "login": "dafna",
        "group_ids": [(4, env.ref("collection.group_debt_manager").id)],
    })
    details = {
        "activity": {
            "activity_type_id": env.ref("mail.mail_activity_data_todo").id,
            "activity_summary": "Look at it",
        },
        "change_manager": {"debt_manager_id": manager.id},
        "email": {"template_id": template.id, "message_kind": "due"},
        "hold": {"hold_days": 5, "hold_reason": "By rule"},
        "letter": {"template_id": template.id, "message_kind": "statement"},
        "sms": {
            "sms_template_id": env.ref("collection_message.sms_template_overdue").id,
            "message_kind": "other",
        },
    }
    env["collection.rule"].create([
        {
            "name": f"{category.name}: {action}",
            "strategy_id": strategy.id,
            "applies_to": "profile",
            "use_days": "from",
            "days_from": 1,
            "category_ids": [(6, 0, category.ids)],
            "reason": "late",
            "action": action,
            **details.get(action, {}),
        }
        for category, actions in zip(categories, GROUPS.values(), strict=True)
        for action in actions
    ])


# what an action leaves behind, by customer
EFFECTS = {
    "actions": """
        SELECT partner.name, action.kind, action.state, action.message_kind, count(*),
               (SELECT count(*) FROM collection_action_transition transition
                 WHERE transition.action_id = min(action.id))
          FROM collection_action action
          JOIN res_partner partner ON partner.id = action.partner_id
         WHERE action.source = 'rule'
      GROUP BY partner.name, action.kind, action.state, action.message_kind
    """,
    "messages": """
        SELECT partner.name, message.channel, message.kind, message.state, count(*)
          FROM collection_message message
          JOIN collection_profile profile ON profile.id = message.profile_id
          JOIN res_partner partner ON partner.id = profile.partner_id
      GROUP BY partner.name, message.channel, message.kind, message.state
    """,
    "activities": """
        SELECT partner.name, activity.summary, activity.user_id, activity.date_deadline, count(*)
          FROM mail_activity activity
          JOIN collection_case kase
            ON kase.id = activity.res_id AND activity.res_model = 'collection.case'
          JOIN res_partner partner ON partner.id = kase.partner_id
      GROUP BY partner.name, activity.summary, activity.user_id, activity.date_deadline
    """,
    "customers": """
        SELECT partner.name, profile.hold, profile.hold_until, profile.hold_reason, manager.login,
               case_manager.login
          FROM collection_profile profile
          JOIN res_partner partner ON partner.id = profile.partner_id
     LEFT JOIN res_users manager ON manager.id = profile.debt_manager_id
     LEFT JOIN collection_case kase ON kase.profile_id = profile.id
     LEFT JOIN res_users case_manager ON case_manager.id = kase.debt_manager_id
    """,
    "notes": """
        SELECT partner.name, message.model, message.body, count(*)
          FROM mail_message message
          JOIN collection_profile profile
            ON profile.id = CASE WHEN message.model = 'collection.profile' THEN message.res_id
                                 ELSE (SELECT kase.profile_id FROM collection_case kase
                                        WHERE kase.id = message.res_id) END
          JOIN res_partner partner ON partner.id = profile.partner_id
         WHERE message.model IN ('collection.profile', 'collection.case')
      GROUP BY partner.name, message.model, message.body
    """,
    "charges": """
        SELECT partner.name, attempt.state, attempt.amount, count(*)
          FROM payment_charge_attempt attempt
          JOIN res_partner partner ON partner.id = attempt.partner_id
      GROUP BY partner.name, attempt.state, attempt.amount
    """,
}


def effects(name):
    """Return what the actions have left behind, as rows of text."""
    return {
        part: sorted(str(row) for row in databases.query(name, query))
        for part, query in EFFECTS.items()
    }


def counts(name, column, table):
    return Counter(
        dict(databases.query(name, f"SELECT {column}, count(*) FROM {table} GROUP BY 1"))
    )


def assert_everything_is_done_once(name):
    """Check, without anything to compare with, that each action has its one effect."""
    each = CUSTOMERS // len(GROUPS)
    planned = Counter(action for actions in GROUPS.values() for action in actions)
    expected = {kind: each * times for kind, times in planned.items()}
    by_rule = "collection_action WHERE source = 'rule'"
    assert counts(name, "kind", by_rule) == expected
    waiting = counts(name, "kind", f"{by_rule} AND state = 'planned'")
    assert set(waiting) == BY_PERSON | set(MESSAGES)
    assert set(counts(name, "state", by_rule)) == {"done", "planned"}
    assert counts(name, "kind", "collection_message") == dict.fromkeys(MESSAGES.values(), each)
    assert counts(name, "res_model", "mail_activity WHERE summary = 'Look at it'") == {
        "collection.case": 2 * each
    }
    assert counts(name, "hold", "collection_profile")[True] == each
    assert counts(name, "state", "payment_charge_attempt") == {"planned": each}


@pytest.fixture(scope="module")
def planned(suite_database, name_for, tmp_path_factory):
    """A database with actions that are due, a worker on a copy, and what they leave behind."""
    source, name = name_for("planned_actions"), name_for("acting")
    log = tmp_path_factory.mktemp("acting") / "install.log"
    with databases.database_copy(suite_database, source):
        assert databases.run_odoo(source, log, "--init=payment_charge_test")
        prepare(source)
        with databases.database_copy(source, name), ActionWorker(name) as worker:
            worker.run()  # the first one takes longer than those that follow
            databases.copy_database(source, name)
            undisturbed = worker.run_counted()
            assert_everything_is_done_once(name)
            yield source, name, worker, undisturbed, effects(name)


def due(name):
    """Return how many actions the run has left to do."""
    kinds = tuple({*GROUPS["Worked"], "hold", "charge"} - BY_PERSON)
    [(count,)] = databases.query(
        name,
        "SELECT count(*) FROM collection_action"
        " WHERE state = 'planned' AND message_id IS NULL AND kind IN %s",
        kinds,
    )
    return count


@pytest.mark.parametrize("moment", moments(first=3, step=16, of=MOMENTS))
def test_killed_actions_are_carried_out_once(planned, moment):
    source, name, worker, undisturbed, expected = planned
    if moment % 2:
        databases.copy_database(source, name)
        where = worker.kill_somewhere(moment, undisturbed)
    else:
        _killed, where = worker.kill_at(
            (moment + random.random()) / MOMENTS,
            undisturbed.seconds,
            unfinished=lambda: due(name),
            reset=lambda: databases.copy_database(source, name),
        )
    worker.run()
    assert effects(name) == expected, where


def test_two_workers_at_once_carry_each_action_out_once(planned):
    source, name, worker, _undisturbed, expected = planned
    databases.copy_database(source, name)
    worker.run(times=2)
    assert effects(name) == expected


def test_another_run_does_nothing_again(planned):
    source, name, worker, _undisturbed, expected = planned
    databases.copy_database(source, name)
    worker.run()
    worker.run()
    assert effects(name) == expected
