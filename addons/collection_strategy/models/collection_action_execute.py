# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What the run does by itself: messages, holds, activities, another debt manager.

Actions are taken in chunks that nobody else holds, and each chunk is committed with its effects.
Whatever kills the work undoes the chunk it held; the next one does it again.
"""

import logging

from psycopg2.extensions import TransactionRollbackError

from odoo import api, fields, models, modules
from odoo.tools import SQL

from odoo.addons.collection_message.models.collection_message import KINDS as MESSAGE_KINDS

from ..core.score import Facts

_logger = logging.getLogger(__name__)

# actions carried out in one transaction
CHUNK = 200
# so often a chunk is begun anew because another transaction got in its way
TRIES = 5


class CollectionAction(models.Model):
    _inherit = "collection.action"

    message_kind = fields.Selection(
        MESSAGE_KINDS,
        "Kind of Message",
        readonly=True,
        help="A customer gets one message of a kind per run.",
    )
    facts = fields.Json(
        "Facts", readonly=True, help="What the rule saw: {since, amount, count} of its items."
    )
    reason_text = fields.Char(
        "Why, in Words",
        compute="_compute_reason_text",
        help="Why this is to be done, in your language and as of today.",
    )

    _planned_uniq = models.UniqueIndex(
        "(profile_id, rule_id, COALESCE(message_kind, ''))"
        " WHERE state = 'planned' AND source = 'rule'",
        "The rule has planned this for the customer already.",
    )
    _execute_index = models.Index(
        "(planned_for, id) WHERE state = 'planned' AND source = 'rule' AND message_id IS NULL"
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("reason", "facts", "rule_id")
    @api.depends_context("lang")
    def _compute_reason_text(self):
        for action in self:
            rule = action.rule_id.sudo()  # sudo: the words of a rule, for whoever sees the action
            if rule.reason and action.facts and action.source == "rule":
                action.reason_text = rule._reason_words(
                    Facts.of(action.facts),
                    action.company_id._collection_today(),
                    action.company_id.currency_id,
                )
            else:
                action.reason_text = action.reason

    # ------------------------------------------------------------
    # KINDS
    # ------------------------------------------------------------

    @api.model
    def _action_kinds(self):
        """Return {kind: name of the method that carries it out} of what the run does by itself.

        Kinds that are not named wait for a person. Add-ons add a kind to the selections of rule
        and action and name their method here: it gets actions of one company, kind and rule, and
        returns those that are done; what it leaves waits for a person. It runs in one transaction
        with the marks, and may run again after a crash that undid it.
        """
        return {
            "email": "_execute_message",
            "sms": "_execute_message",
            "letter": "_execute_message",
            "activity": "_execute_activity",
            "hold": "_execute_hold",
            "change_manager": "_execute_change_manager",
        }

    # ------------------------------------------------------------
    # THE WAY IN
    # ------------------------------------------------------------

    @api.model
    def _cron_execute(self):
        """Carry out what is planned for today, as much as the cron's time allows."""
        self._commit_executed(remaining=self.search_count(self._due_domain()))
        while actions := self._execute_chunk():
            if not self._commit_executed(len(actions)):
                break
        Message = self.env["collection.message"]
        if Message.search_count([("state", "=", "planned"), ("automatic", "=", True)], limit=1):
            Message._wake_senders()

    @api.model
    def _due_domain(self):
        """Return which actions the run is to carry out."""
        return [
            ("state", "=", "planned"),
            ("source", "=", "rule"),
            ("kind", "in", list(self._action_kinds())),
            ("message_id", "=", False),
            ("user_id", "=", False),
            ("planned_for", "<=", fields.Date.add(fields.Date.today(), days=1)),
        ]

    @api.model
    def _execute_chunk(self):
        """Carry out some actions; return them, or nothing when all is done."""
        for left in reversed(range(TRIES)):
            try:
                actions = self._claim_due()
                actions._execute()
                self.env.flush_all()
                return actions
            except TransactionRollbackError:
                if not left or modules.module.current_test:
                    raise
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)
        return self.browse()

    @api.model
    def _claim_due(self):
        """Lock and return some due actions that no other worker holds.

        What is due is told by the company's own day.
        """
        self.flush_model()
        companies = self.env["collection.cycle"]._companies()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT action.id FROM collection_action action
                  JOIN unnest(%(companies)s, %(days)s::date[]) AS company(id, today)
                    ON company.id = action.company_id
                 WHERE action.state = 'planned' AND action.source = 'rule'
                   AND action.message_id IS NULL AND action.user_id IS NULL
                   AND action.kind = ANY(%(kinds)s)
                   AND action.planned_for <= company.today
              ORDER BY action.company_id, action.kind, action.rule_id, action.id
                 LIMIT %(limit)s
                   FOR UPDATE OF action SKIP LOCKED
                """,
                companies=companies.ids,
                days=[company._collection_today() for company in companies],
                kinds=list(self._action_kinds()),
                limit=CHUNK,
            )
        )
        return self.browse([action_id for (action_id,) in rows])

    def _commit_executed(self, processed=0, remaining=None):
        """Commit what was done so far; what a test does stays in its transaction.

        :return: the seconds that are left to the cron
        """
        if modules.module.current_test:
            self.env.cr.flush()
            return float("inf")
        return self.env["ir.cron"]._commit_progress(processed, remaining=remaining)

    def _execute(self):
        """Carry out the actions, those of one company, kind and rule together."""
        for (company, _kind, rule), actions in self.grouped(
            lambda action: (action.company_id, action.kind, action.rule_id)
        ).items():
            actions.with_company(company)._execute_safely(rule)

    def _execute_safely(self, rule):
        """Carry out actions of one rule in a savepoint; one that fails holds up no other."""
        method = self._action_kinds()[self[0].kind]
        try:
            with self.env.cr.savepoint():
                done = getattr(self, method)(rule) if rule else self.browse()
                done._set_state("done", cause="rule")
                left = (self - done).filtered(
                    lambda action: action.state == "planned" and not action.message_id
                )
                left._leave_to_person()
        except TransactionRollbackError:
            raise
        except Exception as error:  # what add-ons and templates do is anybody's code
            self.env.invalidate_all(flush=False)
            if len(self) > 1:
                for action in self:
                    action._execute_safely(rule)
                return
            _logger.exception("Rule %s: action %s failed", rule.id, self.id)
            self._set_state("failed", str(error)[:500], cause="rule")

    def _leave_to_person(self):
        """Leave actions that the run cannot do to who looks after the customer."""
        for action in self:
            user = action.responsible_id
            # with a person's name on it the run passes it over
            action.user_id = user or self.env.ref("base.user_admin")

    # ------------------------------------------------------------
    # MESSAGES
    # ------------------------------------------------------------

    def _execute_message(self, rule):
        """Plan the messages; the sending asks the gate, which reads the ledger again."""
        today = self.company_id._collection_today()
        messages = self.env["collection.message"]._plan([
            {
                "profile_id": action.profile_id.id,
                "case_id": action.case_id.id,
                **rule._message_values(action.item_ids),
                "kind": action.message_kind,
                "automatic": True,
                "business_date": today,
                "user_id": False,
            }
            for action in self
        ])
        planned = {(message.profile_id, message.kind): message for message in messages}
        for action in self:
            message = planned.get((action.profile_id, action.message_kind))
            if message:
                action.message_id = message
        twice = self.filtered(lambda action: not action.message_id)
        # the next run plans it again where it is still due
        twice._set_state(
            "gone", self.env._("The customer gets such a message today already."), cause="rule"
        )
        return self.browse()

    # ------------------------------------------------------------
    # OTHER KINDS
    # ------------------------------------------------------------

    def _execute_activity(self, rule):
        """Plan an activity on the case; without a case the action itself is the work."""
        with_case = self.filtered(lambda action: action.case_id and not action.activity_id)
        kind = rule.activity_type_id or self.env.ref("mail.mail_activity_data_todo")
        users = with_case._activity_users(rule)
        activities = (
            self
            .env["mail.activity"]
            .with_context(mail_activity_quick_update=True)
            .create([
                {
                    "res_model_id": self.env["ir.model"]._get_id("collection.case"),
                    "res_id": action.case_id.id,
                    "activity_type_id": kind.id,
                    "summary": rule.activity_summary or action.reason or rule.name,
                    "note": action.reason,
                    "date_deadline": action.planned_for,
                    "user_id": users[action].id,
                }
                for action in with_case
            ])
        )
        for action, activity in zip(with_case, activities, strict=True):
            action.activity_id = activity
        return with_case

    def _activity_users(self, rule):
        """Return {action: who does its activity}: a person, somebody of a role, who looks after."""
        members = rule.group_id.all_user_ids.filtered(
            lambda user: user.active and not user.share and self.company_id in user.company_ids
        )
        loads = dict.fromkeys(members, 0)
        if members and not rule.activity_user_id:
            loads.update(
                self.env["mail.activity"]._read_group(
                    [("user_id", "in", members.ids)], ["user_id"], ["__count"]
                )
            )
        users = {}
        for action in self:
            leader = action.case_id.team_id.leader_id
            if rule.activity_user_id:
                users[action] = rule.activity_user_id
            elif leader in loads:
                users[action] = leader
            elif loads:
                users[action] = min(loads, key=lambda user: (loads[user], user.id))
                loads[users[action]] += 1
            else:
                users[action] = action.responsible_id or self.env.ref("base.user_admin")
        return users

    def _execute_hold(self, rule):
        """Put the customers on hold for so many days."""
        today = self.company_id._collection_today()
        self.profile_id.write({
            "hold": True,
            "hold_reason": rule.hold_reason or self[:1].reason or rule.name,
            "hold_until": fields.Date.add(today, days=rule.hold_days),
        })
        return self

    def _execute_change_manager(self, rule):
        """Give customers and their open cases to another debt manager."""
        manager = rule.debt_manager_id
        moving = self.filtered(lambda action: action.profile_id.debt_manager_id != manager)
        cases = self.profile_id.open_case_ids.filtered(lambda case: case.debt_manager_id != manager)
        reasons = {action.profile_id: action.reason or rule.name for action in self}
        moving.profile_id.write({"debt_manager_id": manager.id})
        cases._assign(manager)
        moving.profile_id._message_log_batch({
            profile.id: self.env._(
                "New debt manager by rule “%(rule)s”: %(reason)s",
                rule=rule.name,
                reason=reasons[profile],
            )
            for profile in moving.profile_id
        })
        cases._message_log_batch({
            case.id: self.env._(
                "New debt manager by rule “%(rule)s”: %(reason)s",
                rule=rule.name,
                reason=reasons[case.profile_id],
            )
            for case in cases
        })
        return self

    # ------------------------------------------------------------
    # ACTIONS FOLLOW THEIR MESSAGES
    # ------------------------------------------------------------

    @api.model
    def _follow_messages(self, messages):
        """Have the actions of messages say what became of them."""
        # sudo: what rules have planned, whoever sends it
        messages = messages.sudo().filtered("automatic")
        if not messages:
            return
        # sudo: as above
        actions = self.sudo().search([
            ("message_id", "in", messages.ids),
            ("source", "=", "rule"),
        ])
        for state, own in actions.grouped(lambda action: action.message_id.state).items():
            getattr(own, f"_message_{state}", lambda: None)()

    def _message_sent(self):
        waiting = self.filtered(lambda action: action.state in ("planned", "stopped", "failed"))
        waiting._set_state("done", cause="source")
        invoices = self.filtered(lambda action: action.message_kind == "invoice")
        # sudo: that an invoice was sent is noted on it, whoever sent it
        moves = invoices.message_id.item_ids.move_id.sudo()
        moves.filtered(lambda move: not move.is_move_sent).is_move_sent = True

    def _message_stopped(self):
        self._end_with_message("stopped")

    def _message_failed(self):
        self._end_with_message("failed")

    def _message_possibly_sent(self):
        self._end_with_message("failed")

    def _message_cancelled(self):
        self._end_with_message("skipped")

    def _end_with_message(self, state):
        for action in self.filtered(lambda action: action.state == "planned"):
            action._set_state(state, action.message_id.error or False, cause="source")
