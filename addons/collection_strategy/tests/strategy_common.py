# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from freezegun import freeze_time

from odoo import fields

from odoo.addons.collection_message.tests.message_common import MessageCommon

MONDAY = "2026-03-02 08:00:00"


class StrategyCommon(MessageCommon):
    """A company with one strategy of its own, no rule in it yet, and a clock that stands still."""

    @classmethod
    def setUpClass(cls):
        cls.clock = cls.startClassPatcher(freeze_time(MONDAY))
        super().setUpClass()
        cls.strategy = cls.env["collection.strategy"].create({
            "name": "Ours",
            "code": "ours",
            "company_id": cls.company.id,
            "sender": "company",
        })
        cls.template = cls.env.ref("collection_message.mail_template_second")
        cls.Action = cls.env["collection.action"]
        cls.execute_cron = cls.env.ref("collection_strategy.cron_execute")
        cls.cycle_cron = cls.env.ref("collection.cron_cycle")

    # ------------------------------------------------------------
    # RULES
    # ------------------------------------------------------------

    @classmethod
    def rule(cls, **vals):
        """Return a new rule of the strategy: an e-mail about whatever is a day late or more."""
        defaults = {
            "name": "A reminder",
            "strategy_id": cls.strategy.id,
            "action": "email",
            "use_days": "from",
            "days_from": 1,
        }
        vals = {**defaults, **vals}
        if vals["action"] in ("email", "letter"):
            vals.setdefault("template_id", cls.template.id)
        if vals["action"] == "sms":
            vals.setdefault(
                "sms_template_id", cls.env.ref("collection_message.sms_template_overdue").id
            )
        return cls.env["collection.rule"].create(vals)

    @classmethod
    def points(cls, points=10, **vals):
        """Return a new rule that only gives points."""
        return cls.rule(**{
            "name": "Points",
            "action": "none",
            "points": points,
            "use_days": "any",
            **vals,
        })

    # ------------------------------------------------------------
    # TIME
    # ------------------------------------------------------------

    def setUp(self):
        super().setUp()
        self.set_clock(MONDAY)

    def set_clock(self, moment):
        """Make it that moment, in UTC, for the server and for the transaction."""
        self.clock.move_to(moment)
        self.env.cr._now = fields.Datetime.now()
        self.env.invalidate_all()

    def wait(self, days=1):
        """Let days pass; the nights in between do nothing."""
        self.set_clock(fields.Datetime.add(fields.Datetime.now(), days=days))

    def night(self):
        """Run the night: all steps of the cycle, then what is carried out by itself."""
        self.at_once()
        company_run = self.env["collection.cycle.run"].sudo()
        run = company_run.search([
            ("company_id", "=", self.company.id),
            ("business_date", "=", self.day()),
        ])
        if run:
            run._restart()
        else:
            company_run.create({"company_id": self.company.id, "business_date": self.day()})
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.cycle_cron.method_direct_trigger()
            self.execute_cron.method_direct_trigger()
        self.env.invalidate_all()

    def plan_now(self, partner=None):
        """Have a person plan what is due for one customer; nothing is carried out yet."""
        self.at_once()
        self.profile(partner).action_plan_now()

    # ------------------------------------------------------------
    # WHAT IS THERE
    # ------------------------------------------------------------

    def actions(self, partner=None, **equal):
        """Return the actions of rules for a customer, in the order they were planned."""
        domain = [
            ("partner_id", "=", (partner or self.customer).id),
            ("source", "=", "rule"),
            *[(name, "=", value) for name, value in equal.items()],
        ]
        return self.Action.search(domain, order="id")

    def planned(self, partner=None, **equal):
        """Return what is to be done for a customer."""
        return self.actions(partner, state="planned", **equal)

    def messages(self, partner=None):
        """Return the messages of a customer, the oldest first."""
        return self.Message.search([("partner_id", "=", (partner or self.customer).id)], order="id")

    @classmethod
    def day(cls, days=0):
        """Return the day that many days from the frozen today, as it is now."""
        return fields.Date.add(cls.company._collection_today(), days=days)
