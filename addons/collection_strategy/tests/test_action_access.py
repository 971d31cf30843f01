# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Who may do what with planned actions, scripts and strategies, in two companies."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.collection.tests.common_access import OUTSIDERS, ROLES, TableOfRights

from .worklist_common import WorklistCommon

RIGHTS = """
model                        debt_manager team_leader manager accountant credit_manager auditor
collection.action            rcw/-        rcw/-       rcwu    rcw        rw             r
collection.action.item       r/-          r/-         r       r          r              r
collection.action.transition r/-          r/-         r       r          r              r
collection.script            r            r           rcwu    r          r              r
collection.strategy          r            r           rcwu    r          r              r
collection.rule              r            r           rcwu    r          r              r
collection.strategy.version  r            r           r       r          r              r
"""
# who may close and put off what is planned
WORKERS = {"debt_manager", "team_leader", "manager", "accountant", "credit_manager"}
DIALOGUES = (
    "collection.action.call.wizard",
    "collection.action.close.wizard",
    "collection.action.resubmit.wizard",
)
# what the run and the methods of the model decide
KEPT = {
    "state": "done",
    "score": 99,
    "resubmit_count": 7,
    "rule_name": "Mine",
    "closed_on": "2026-01-01 00:00:00",
    "close_reason": "Because",
    "kind": "escalate",
    "source": "manual",
}


@tagged("post_install", "-at_install")
class TestActionRights(TableOfRights, WorklistCommon):
    rights = RIGHTS

    @classmethod
    def records_of(cls, case):
        """Return {model: a record of it} around a case."""
        case = case.sudo()
        env = case.env
        action = cls.planned(case.partner_id, case=case).sudo()
        action._set_state("skipped", "Not now")
        action._set_state("planned", "After all")
        strategy = env["collection.strategy"].create({
            "name": "Ours",
            "code": f"ours_{case.id}",
            "company_id": case.company_id.id,
            "rule_ids": [(0, 0, {"name": "Points", "points": 5})],
        })
        version = env["collection.strategy.version"].create({
            "strategy_id": strategy.id,
            "number": 100,
            "used_from": cls.today,
        })
        script = env["collection.script"].create({
            "name": "Ours",
            "company_id": case.company_id.id,
        })
        env.flush_all()
        return {
            "collection.action": action,
            "collection.action.item": action.action_item_ids[:1],
            "collection.action.transition": action.transition_ids[:1],
            "collection.script": script,
            "collection.strategy": strategy,
            "collection.rule": strategy.rule_ids,
            "collection.strategy.version": version,
        }

    def test_what_is_for_all_companies_is_seen_by_all(self):
        script = self.env["collection.script"].create({"name": "Everywhere"})
        strategy = self.env["collection.strategy"].create({
            "name": "Everywhere",
            "code": "everywhere",
            "rule_ids": [(0, 0, {"name": "Points", "points": 5})],
        })
        for record in (script, strategy, strategy.rule_ids):
            self.assertTrue(self.sees("debt_manager", record))
            self.assertTrue(self.sees(self.stranger, record))

    def test_people_without_a_role_open_no_worklist(self):
        for role in (*OUTSIDERS, "public"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.worklist(role)

    def test_who_may_close_and_put_off(self):
        for model in DIALOGUES:
            for role in (*ROLES, *OUTSIDERS, "public"):
                with self.subTest(model=model, role=role):
                    dialogue = self.as_user(self.env[model], role)
                    self.assertEqual(dialogue.has_access("create"), role in WORKERS)

    def test_nobody_writes_what_the_run_decides(self):
        action = self.own["collection.action"]
        for name, value in KEPT.items():
            for role in ("debt_manager", "manager"):
                with self.subTest(field=name, role=role), self.assertRaises(AccessError):
                    self.as_user(action, role).write({name: value})

    def test_others_work_is_closed_by_nobody(self):
        action = self.others["collection.action"]
        for close in ("_done", "_skip"):
            with self.subTest(close=close), self.assertRaises(AccessError):
                getattr(self.as_user(action, "debt_manager"), close)("Mine now")
        with self.assertRaises(AccessError):
            self.as_user(action, "debt_manager")._resubmit(self.days(3), "Later")
        with self.assertRaises(AccessError):
            self.run_button(action, "skip")
        self.assertFalse(
            self.as_user(self.env["collection.worklist"], "debt_manager").get_detail(action.id)
        )
        self.assertEqual(action.state, "planned")

    def test_the_auditor_closes_nothing(self):
        action = self.own["collection.action"]
        with self.assertRaises(AccessError):
            self.as_user(action, "auditor")._skip("Never")
        page = self.worklist("auditor", scope="all")
        self.assertFalse(page["rights"]["write"])
        self.assertEqual([button["name"] for button in page["detail"]["buttons"]], ["open"])

    def test_every_role_opens_the_worklist(self):
        for role in ROLES:
            for scope in ("mine", "all"):
                with self.subTest(role=role, scope=scope):
                    page = self.worklist(role, scope=scope)
                    self.assertEqual(page["count"], len(page["rows"]))

    def test_mail_of_unknown_senders_is_seen_by_leaders(self):
        self.incoming(email_from="stranger@example.com")
        row = self.Action.search([("source", "=", "incoming")])
        self.assertEqual(
            {role for role in ROLES if self.sees(role, row)},
            {"team_leader", "manager", "accountant", "credit_manager", "auditor"},
        )
        self.assertFalse(self.sees(self.stranger, row))

    def test_a_step_by_name_is_seen_by_whom_it_is_for(self):
        action = self.others["collection.action"]
        self.assertFalse(self.sees("debt_manager", action))
        action.write({"user_id": self.users["debt_manager"].id, "score": 99})
        self.assertTrue(self.sees("debt_manager", action))
        # and with it the customer, as long as it waits
        for record in (self.other_case, self.other_case.profile_id, self.other_case.open_item_ids):
            self.assertTrue(self.sees("debt_manager", record))
        self.assertFalse(self.sees("debt_manager", self.foreign_case))
        page = self.worklist()
        self.assertEqual(page["detail"]["items"][0]["name"], self.other_invoice.name)
        self.as_user(action, "debt_manager")._done("Did it")
        self.assertEqual(action.state, "done")
        for record in (self.other_case, self.other_case.profile_id, self.other_case.open_item_ids):
            self.assertFalse(self.sees("debt_manager", record))
