# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_amount

from odoo.addons.collection_message.models.collection_message import STATEMENTS

from ..core.score import fill

ACTIONS = [
    ("none", "Points Only"),
    ("call", "Call"),
    ("email", "E-mail"),
    ("sms", "SMS"),
    ("letter", "Letter"),
    ("activity", "Activity"),
    ("escalate", "Escalate to the Team Leader"),
    ("hold", "Put on Hold"),
    ("change_manager", "Change the Debt Manager"),
    ("suggest_writeoff", "Suggest a Write-Off"),
]


class CollectionRule(models.Model):
    """One line of a strategy: a condition, the points it gives and what is done about it."""

    _name = "collection.rule"
    _description = "Collection Rule"
    _order = "strategy_id, sequence, id"

    strategy_id = fields.Many2one(
        "collection.strategy", "Strategy", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer("Sequence", default=10)
    name = fields.Char("Name", required=True, translate=True)
    active = fields.Boolean("Active", default=True)
    valid_from = fields.Date("Valid from", help="The rule is used from this day on.")
    valid_to = fields.Date("Valid to", help="The last day the rule is used.")
    applies_to = fields.Selection(
        [("item", "Open Items"), ("case", "Case"), ("profile", "Customer")],
        "Looks at",
        required=True,
        default="item",
        help="Rules on items look at the due date of every item by itself.",
    )
    # what it gives
    points = fields.Integer("Points", help="Added to the score of the customer, once.")
    reason = fields.Char(
        "Reason in Words",
        translate=True,
        help="Why the points are given: may contain {days}, {amount}, {count}.",
    )
    action = fields.Selection(ACTIONS, "Action", required=True, default="none")
    priority = fields.Integer(
        "Priority",
        default=10,
        help="Of several messages of one kind in one run, the one with the highest priority gives "
        "the text.",
    )
    repeat_days = fields.Integer(
        "Repeat every (Days)", help="0: once for every item, case or customer."
    )
    repeat_limit = fields.Integer("At most (Times)", help="0: no limit.")
    message_kind = fields.Selection(
        [
            ("due", "Reminder, before or after the Due Date"),
            ("invoice", "Invoice"),
            ("statement", "Statement of Account"),
            ("other", "Other"),
        ],
        "Kind of Message",
        required=True,
        default="due",
        help="A customer gets one message of a kind per run. Invoice: the document itself with "
        "its PDF, once, unless somebody has sent it before.",
    )
    attach_invoices = fields.Boolean(
        "Attach the Invoices", help="The PDF of each document the message is about goes along."
    )
    attach_statement = fields.Selection(
        STATEMENTS, "Attach a Statement", help="A statement of account goes along."
    )
    template_id = fields.Many2one(
        "mail.template", "Template", domain="[('model', '=', 'collection.message')]"
    )
    sms_template_id = fields.Many2one(
        "sms.template", "SMS Template", domain="[('model', '=', 'collection.message')]"
    )
    script_id = fields.Many2one("collection.script", "Call Script")
    minutes = fields.Integer(
        "Expected Minutes", help="How long the work takes. 0: as the call script says."
    )
    planned_at = fields.Float(
        "Time of Day", help="When to call, in the user's time zone. 0: any time."
    )
    activity_type_id = fields.Many2one("mail.activity.type", "Activity Type")
    activity_summary = fields.Char("Summary of the Activity", translate=True)
    activity_user_id = fields.Many2one(
        "res.users",
        "Activity for",
        domain="[('share', '=', False)]",
        help="Who does the activity: the debt manager unless a person or role is set.",
    )
    group_id = fields.Many2one(
        "res.groups",
        "Role",
        help="Somebody of this role does the activity: the team leader where they have it, else "
        "whoever has the fewest open activities.",
    )
    hold_days = fields.Integer("Days of the Hold", default=30)
    hold_reason = fields.Char("Reason of the Hold", translate=True)
    debt_manager_id = fields.Many2one(
        "res.users", "New Debt Manager", domain="[('is_debt_manager', '=', True)]"
    )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("valid_from", "valid_to", "repeat_days", "repeat_limit", "minutes")
    def _check_times(self):
        for rule in self:
            if rule.valid_from and rule.valid_to and rule.valid_from > rule.valid_to:
                raise ValidationError(
                    self.env._("%s: “Valid to” lies before “Valid from”.", rule.name)
                )
            if rule.repeat_days < 0 or rule.repeat_limit < 0 or rule.minutes < 0:
                raise ValidationError(
                    self.env._("%s: days, times and minutes cannot be negative.", rule.name)
                )

    @api.constrains(
        "action",
        "template_id",
        "sms_template_id",
        "debt_manager_id",
        "hold_days",
        "message_kind",
        "applies_to",
    )
    def _check_action(self):
        for rule in self:
            problem = rule._action_problem()
            if problem:
                raise ValidationError(
                    self.env._(
                        "%(rule)s: %(problem)s",
                        rule=rule.name or self.env._("Rule"),
                        problem=problem,
                    )
                )

    def _action_problem(self):
        """Return in words what the action lacks; an empty text where it lacks nothing."""
        self.ensure_one()
        if self.action in ("email", "letter") and not self.template_id:
            return self.env._("choose the template of the message.")
        if self.action in ("email", "letter") and self.template_id.model != "collection.message":
            return self.env._("the template is no template of messages to customers.")
        if self.action == "sms" and not self.sms_template_id:
            return self.env._("choose the SMS template.")
        if self.action == "change_manager" and not self.debt_manager_id:
            return self.env._("choose the new debt manager.")
        if self.action == "hold" and self.hold_days < 1:
            return self.env._("a hold lasts at least one day.")
        if self.message_kind == "invoice" and self.action in ("email", "letter"):
            if self.applies_to != "item":
                return self.env._("invoices are sent by rules that look at open items.")
            if self.repeat_days:
                return self.env._("an invoice is sent once: set no repetition.")
        return ""

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unused(self):
        # sudo: whether a rule was used does not depend on whose customers it was used for
        used = (
            self
            .env["collection.action.item"]
            .sudo()
            .search([("rule_id", "in", self.ids)], limit=1)
            .rule_id
            or self
            .env["collection.action"]
            .sudo()
            .search(  # sudo: as above
                [("rule_id", "in", self.ids)], limit=1
            )
            .rule_id
        )
        if used:
            raise UserError(
                self.env._(
                    "The rule “%s” has acted already and stays as history. Archive it instead.",
                    used.name,
                )
            )

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    @api.model
    def _in_use(self, strategies, business_date):
        """Return the rules of strategies that are used on a day."""
        # sudo: rules hold for whoever's payment runs the cycle
        return self.sudo().search(
            [
                ("strategy_id", "in", strategies.ids),
                "|",
                ("valid_from", "=", False),
                ("valid_from", "<=", business_date),
                "|",
                ("valid_to", "=", False),
                ("valid_to", ">=", business_date),
            ],
            order="strategy_id, sequence, id",
        )

    def _reason_words(self, facts, today, currency):
        """Return why the rule holds, in the user's language.

        :param facts: ``core.score.Facts``
        """
        self.ensure_one()
        return fill(
            self.reason or self.name,
            days=facts.days(today),
            amount=format_amount(self.env, facts.amount, currency),
            count=facts.count,
        )

    def _message_values(self, items):
        """Return the values of the message that the rule sends about items."""
        self.ensure_one()
        return {
            "channel": self.action,
            "template_id": self.template_id.id,
            "sms_template_id": self.sms_template_id.id,
            "sender": self.strategy_id.sender,
            "attach_invoices": self.attach_invoices or self.message_kind == "invoice",
            "attach_statement": self.attach_statement,
            "item_ids": [(6, 0, items.ids)],
        }
