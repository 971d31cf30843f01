# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Three months of one customer under each strategy that is shipped, told day by day."""

from odoo import fields
from odoo.tests import tagged

from .strategy_common import StrategyCommon


@tagged("post_install", "-at_install")
class TestStrategyStories(StrategyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.strategy.active = False
        # the invoices themselves are not what this is about
        cls.env["collection.rule"].search([]).write({
            "attach_invoices": False,
            "attach_statement": False,
        })

    def live(self, days):
        """Let nights pass; each morning the messages go out and people do the day's work.

        :return: what happened as (days after the due date, what, by which rule)
        """
        told = []
        for _day in range(days):
            self.plan_now()
            self.Action.sudo()._cron_execute()
            self.send()
            for letter in self.messages().filtered(
                lambda message: message.channel == "letter" and message.state == "planned"
            ):
                letter.sudo()._set_state("sent", sent_on=fields.Datetime.now())
            for action in self.planned():
                if action.kind in ("call", "escalate", "suggest_writeoff"):
                    action._done("did it")
            self.env.invalidate_all()
            late = (self.company._collection_today() - self.due).days
            # what one run plans together has no order of its own
            told += sorted(
                (late, action.kind, action.rule_id.name) for action in self.actions() - self.seen
            )
            self.seen = self.actions()
            self.wait(1)
        return told

    def begin(self, code, due):
        strategy = self.env["collection.strategy"].search([("code", "=", code)])
        self.assertEqual(len(strategy), 1)
        self.move = self.invoice(amount=2500, due=due)
        self.due = self.day(due)
        self.seen = self.Action
        self.profile().strategy_override_id = strategy
        return strategy

    def test_standard(self):
        self.begin("standard", due=7)
        told = self.live(100)
        self.assertEqual(
            [(late, kind) for late, kind, _name in told],
            [
                (-5, "email"),
                (3, "email"),
                (14, "email"),
                (21, "call"),
                (28, "call"),
                (30, "email"),
                (45, "call"),
                (52, "call"),
                (60, "call"),
                (60, "escalate"),
                (70, "email"),
                (70, "letter"),
            ],
        )
        self.assertEqual(set(self.actions().mapped("state")), {"done"})
        self.assertEqual(len(self.messages()), 6)
        self.assertGreater(self.profile().score, 0)
        self.pay(self.move)
        self.assertEqual(self.profile().score, 0)
        self.assertFalse(self.planned())
        self.assertEqual(self.live(5), [])

    def test_gentle(self):
        self.begin("gentle", due=4)
        told = self.live(100)
        self.assertEqual(
            [(late, kind) for late, kind, _name in told],
            [
                (-3, "email"),
                (7, "email"),
                (14, "call"),
                (28, "call"),
                (28, "email"),
                (45, "call"),
                (59, "call"),
                (60, "escalate"),
                (73, "call"),
                (90, "letter"),
            ],
        )

    def test_strict_until_the_customer_promises_and_pays(self):
        self.begin("strict", due=8)
        told = self.live(20)
        self.assertEqual(
            [(late, kind) for late, kind, _name in told],
            [(-7, "email"), (1, "email"), (4, "sms"), (7, "email"), (10, "call")],
        )
        log = self.env["collection.contact.log"]._record({
            "case_id": self.cases().id,
            "agreed_date": self.day(5),
            "agreed_amount": 2500,
            "agreed_way_id": self.env.ref("collection.way_bank_transfer").id,
        })
        block = self.items(self.move)._block("promise", until=self.day(5), source=log)
        self.assertEqual(self.live(6), [], "nobody chases what is promised")
        score = self.profile().score
        told = self.live(3)
        self.assertIn("An Agreed Payment Has Not Come", [name for _late, _kind, name in told])
        self.assertIn("email", [kind for _late, kind, _name in told])
        self.assertGreater(self.profile().score, score, "a broken promise counts")
        self.assertTrue(block.exists())
        self.pay(self.move)
        self.assertEqual(self.profile().score, 0)
        self.assertEqual(self.live(30), [])
