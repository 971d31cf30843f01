# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""News of the worklist: told once a transaction, to whom they concern, and to nobody else."""

import json

from odoo.tests import tagged

from ..models.collection_worklist_push import LOOK_AGAIN, PEOPLE
from .strategy_common import StrategyCommon
from .worklist_common import WorklistCommon

PUSH_LOG = "odoo.addons.collection_strategy.models.collection_worklist_push"


class PushCommon:
    """Tells who is told to look again."""

    def forget(self):
        """Have nobody be told of what was done so far."""
        self.env.flush_all()
        self.env.cr.postcommit.clear()

    def told(self):
        """Return who would be told at the commit, as far as the transaction knows now."""
        self.env.flush_all()
        people = self.env.cr.postcommit.data.get(PEOPLE, ())
        self.env.cr.postcommit.clear()
        return self.env["res.users"].browse(people)


@tagged("post_install", "-at_install")
class TestWorklistPush(PushCommon, WorklistCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.me = cls.users["debt_manager"]

    def setUp(self):
        super().setUp()
        self.forget()

    def test_a_mail_is_news_for_who_has_to_look_and_for_nobody_else(self):
        mail = self.incoming(self.customer)
        self.assertEqual(self.told(), self.me)
        mail.sudo().preview = "No news"
        self.assertFalse(self.told())
        self.as_user(mail, "debt_manager").action_done()
        self.assertEqual(self.told(), self.me)

    def test_mail_of_an_unknown_sender_is_news_for_leaders(self):
        self.incoming(email_from="stranger@example.com")
        told = self.told()
        self.assertIn(self.users["team_leader"], told)
        self.assertNotIn(self.me, told)

    def test_what_changes_hands_is_news_for_both(self):
        row = self.planned()
        self.assertEqual(self.told(), self.me)
        row.sudo().user_id = self.users["accountant"]
        self.assertEqual(self.told(), self.me | self.users["accountant"])

    def test_a_case_that_changes_hands_is_news_for_both(self):
        row = self.planned()
        self.forget()
        self.as_user(row.case_id, "team_leader")._assign(self.colleague)
        self.assertEqual(self.told(), self.me | self.colleague)

    def test_a_customer_who_changes_hands_is_news_for_both(self):
        self.planned(case=self.env["collection.case"])
        self.forget()
        self.profile().debt_manager_id = self.colleague
        self.assertEqual(self.told(), self.me | self.colleague)

    def test_a_case_at_which_nothing_waits_changes_hands_in_silence(self):
        self.planned()._set_state("done")
        self.forget()
        self.profile().open_case_ids.debt_manager_id = self.colleague
        self.assertFalse(self.told())

    def test_what_is_done_or_put_off_is_news(self):
        row, other = self.planned(), self.planned(kind="escalate")
        self.forget()
        self.as_user(row, "debt_manager")._done("Paid")
        self.assertEqual(self.told(), self.me)
        self.assertEqual(other.state, "planned")

    def test_what_was_done_stays_done_where_nobody_can_be_told(self):
        def broken(_worklist, _people):
            raise OSError("no connection is left")

        self.patch(type(self.env["collection.worklist"]), "_tell", broken)
        row = self.planned()
        self.env.flush_all()
        with self.assertLogs(PUSH_LOG, "ERROR") as logs:
            self.env.cr.postcommit.run()
        self.assertIn("no connection is left", logs.output[0])
        self.assertEqual(row.state, "planned")

    def test_a_message_that_the_run_sends_is_no_news(self):
        self.planned(kind="email")
        self.assertFalse(self.told())

    def test_a_source_that_stays_as_it_is_tells_nobody(self):
        mails = self.incoming(self.customer) | self.incoming(self.other_customer)
        self.forget()
        self.Action._sync_sources("incoming", mails.ids)
        self.assertFalse(self.told())
        mails[0].sudo()._set_state("done")
        self.Action._sync_sources("incoming", mails.ids)
        self.assertEqual(self.told(), self.me)

    def test_the_notification_goes_out_once_after_the_commit_and_says_nothing(self):
        self.planned()
        self.planned(kind="escalate", user_id=self.me.id)
        bus = self.env["bus.bus"].sudo()
        domain = [("message", "like", LOOK_AGAIN)]
        before = bus.search(domain)
        with self.enter_registry_test_mode():
            self.env.cr.postcommit.run()
        sent = bus.search(domain) - before
        self.assertEqual(
            [json.loads(row.channel)[1:] for row in sent],
            [["res.partner", self.me.partner_id.id]],
        )
        self.assertEqual(json.loads(sent.message), {"type": LOOK_AGAIN, "payload": {}})

    def test_who_stands_in_is_told_as_well(self):
        self.env["collection.absence"].create({
            "user_id": self.me.id,
            "substitute_id": self.colleague.id,
            "date_from": self.today,
            "date_to": self.today,
        })
        self.planned()
        bus = self.env["bus.bus"].sudo()
        before = bus.search([])
        with self.enter_registry_test_mode():
            self.env.cr.postcommit.run()
        channels = [json.loads(row.channel)[2] for row in bus.search([]) - before]
        self.assertEqual(set(channels), {self.me.partner_id.id, self.colleague.partner_id.id})


@tagged("post_install", "-at_install")
class TestRunPush(PushCommon, StrategyCommon):
    """The run tells once, however many customers it has been through."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.env["res.users"].create({
            "name": "Nikos",
            "login": "nikos-push",
            "group_ids": [(4, cls.env.ref("collection.group_debt_manager").id)],
            "company_ids": [(6, 0, cls.company.ids)],
            "company_id": cls.company.id,
        })

    def test_new_calls_and_paid_ones_are_told_once_to_their_debt_manager(self):
        self.rule(action="call")
        late = self.invoice(due=-5)
        self.invoice(self.other_customer, due=-5)
        self.run_cycle(self.customer, self.other_customer)
        for partner in (self.customer, self.other_customer):
            self.profile(partner).debt_manager_id = self.manager
            self.cases(partner)._assign(self.manager)
        self.plan_now()
        self.assertTrue(self.actions(kind="call"))
        self.assertEqual(self.told(), self.manager)
        self.pay(late)
        self.run_cycle(self.customer)
        self.assertEqual(self.actions(kind="call").state, "gone")
        self.assertEqual(self.told(), self.manager)
        self.run_cycle(self.customer, self.other_customer)
        self.assertFalse(self.told())
