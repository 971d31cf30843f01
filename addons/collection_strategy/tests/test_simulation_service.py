# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What tonight would do and what past nights would have done, told without doing it."""

from odoo.tests import tagged

from .strategy_common import StrategyCommon


@tagged("post_install", "-at_install")
class TestSimulationService(StrategyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.simulation = cls.env["collection.simulation"]

    def written(self):
        """Return how many rows of each table this transaction has written so far."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_xact_user_tables
             WHERE schemaname NOT LIKE 'pg_temp%' AND n_tup_ins + n_tup_upd + n_tup_del > 0
            """
        )
        return self.env.cr.fetchall()

    def test_tonight_tells_what_the_night_then_does(self):
        reminder = self.rule(name="Reminder", reason="{days} days late")
        call = self.rule(name="Call", action="call", days_from=10)
        self.points(30, use_days="from", days_from=10, applies_to="profile")
        young, old = self.invoice(due=-2, amount=100), self.invoice(due=-20, amount=250)
        self.invoice(self.other_customer, due=-3, amount=50)
        told = self.simulation._tonight(self.company)
        self.assertEqual((told["customers"], told["total"], told["amount"]), (2, 3, 400))
        self.assertEqual(
            [(row["kind"], row["count"], row["customers"]) for row in told["by_kind"]],
            [("call", 1, 1), ("email", 2, 2)],
        )
        self.assertEqual(
            [(row["rule_id"], row["count"], row["items"]) for row in told["by_rule"]],
            [(reminder.id, 2, 3), (call.id, 1, 1)],
        )
        self.assertTrue(told["live"])
        self.assertFalse(told["truncated"])
        first = told["rows"][0]
        self.assertEqual((first["partner_id"], first["score"]), (self.customer.id, 30))
        mail = next(row for row in told["rows"] if row["kind"] == "email")
        self.assertEqual(mail["item_ids"], [*self.items(old).ids, *self.items(young).ids])
        self.assertEqual(mail["reason"], "20 days late")
        self.assertEqual((mail["message_kind"], mail["lang"]), ("overdue", "en_US"))
        self.assertIn(old.name, mail["body"])
        self.assertIn(young.name, mail["body"])
        self.assertFalse(mail["error"])
        self.night()
        self.assertEqual(
            sorted(self.actions().mapped("kind"))
            + self.actions(self.other_customer).mapped("kind"),
            ["call", "email", "email"],
        )

    def test_simulating_changes_nothing(self):
        self.rule()
        self.rule(action="call", repeat_days=5)
        self.points(5)
        self.invoice(due=-20)
        self.invoice(self.other_customer, due=-3)
        before = self.written()
        tonight = self.simulation._tonight(self.company)
        replay = self.simulation._replay(self.company, 30)
        self.assertEqual(self.written(), before)
        self.assertTrue(tonight["total"])
        self.assertTrue(replay["total"])
        self.assertFalse(self.actions())
        self.assertFalse(self.messages())
        self.assertFalse(self.strategy.version_ids)

    def test_what_the_gate_would_stop_and_why(self):
        self.rule()
        move = self.invoice(due=-20)
        self.customer.collection_no_email = True
        told = self.simulation._tonight(self.company)
        [row] = told["rows"]
        self.assertFalse(row["allowed"])
        self.assertIn("does not want to be contacted", row["stopped"])
        self.assertEqual(told["stopped"], 1)
        self.items(move)._block("dispute", reason="wrong goods")
        self.at_once()
        self.assertFalse(self.simulation._tonight(self.company)["total"])

    def test_some_customers_and_another_strategy(self):
        self.rule()
        other = self.env["collection.strategy"].create({
            "name": "Another",
            "code": "another",
            "active": False,
            "rule_ids": [
                (0, 0, {"name": "Up", "action": "escalate", "use_days": "from", "days_from": 1})
            ],
        })
        self.invoice(due=-20)
        self.invoice(self.other_customer, due=-20)
        told = self.simulation._tonight(self.company, profiles=self.profile(), strategy=other)
        [row] = told["rows"]
        self.assertEqual((row["kind"], row["partner_id"]), ("escalate", self.customer.id))
        self.assertEqual(row["strategy_id"], other.id)

    def test_a_template_that_cannot_be_rendered_is_told(self):
        template = self.template.copy({"body_html": '<p t-out="object.no_such_field"/>'})
        self.rule(template_id=template.id)
        self.invoice(due=-20)
        [row] = self.simulation._tonight(self.company)["rows"]
        self.assertIn("no_such_field", row["error"])

    def test_pages_and_days_to_come(self):
        self.rule(action="call", use_days="from", days_from=5)
        self.invoice(due=-3)
        self.invoice(self.other_customer, due=-3)
        self.assertEqual(self.simulation._tonight(self.company)["total"], 0)
        later = self.simulation._tonight(self.company, business_date=self.day(2), limit=1)
        self.assertEqual((later["total"], len(later["rows"])), (2, 1))
        self.assertTrue(later["truncated"])
        self.assertEqual(later["rows"][0]["days"], 5)
        last = self.simulation._tonight(self.company, business_date=self.day(2), limit=1, offset=1)
        self.assertFalse(last["truncated"])
        self.assertNotEqual(last["rows"][0]["profile_id"], later["rows"][0]["profile_id"])

    def test_the_past_is_told_as_the_ledger_stood(self):
        once = self.rule(action="call", use_days="from", days_from=5)
        again = self.rule(
            action="escalate", use_days="from", days_from=5, repeat_days=4, repeat_limit=2
        )
        self.invoice(due=-10)
        paid = self.invoice(due=-30)
        self.pay(paid)
        told = self.simulation._replay(self.company, 10)
        self.assertEqual(len(told["days"]), 10)
        self.assertEqual(told["days"][-1]["date"], self.today)
        hits = {
            (self.today - day["date"]).days: day["by_rule"] for day in told["days"] if day["count"]
        }
        # the paid one was open until today, so it is called about on the first day looked at
        self.assertEqual(
            hits,
            {
                9: {once.id: 1, again.id: 1},
                5: {once.id: 1, again.id: 1},
                1: {again.id: 1},
            },
        )
        self.assertEqual(told["total"], 5)
        self.assertEqual(told["customers"], 1)
