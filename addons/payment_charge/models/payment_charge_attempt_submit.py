# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import logging
from collections import defaultdict
from datetime import timedelta

import psycopg2

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.modules import module
from odoo.tools import format_date, str2bool

from .payment_provider import ChargeProbe

_logger = logging.getLogger(__name__)

# charges that one run of a job takes at a time
CHUNK = 50
# so long a request may still be on its way to a provider that does not know of it
QUIET_MINUTES = 15
# between two questions about the same charge
ASK_AGAIN_MINUTES = 30


class PaymentChargeAttempt(models.Model):
    """Carries charges out: money moves once.

    A charge goes through steps, each committed before the next begins:

    1. *prepare*: the charge is submitted and its transaction exists;
    2. *send*: the provider is called once, by whoever holds the row and finds it submitted;
       what it answers is kept on the transaction;
    3. *settle*: the charge follows its transaction; booking and whatever else follows from it
       happen in that same step.

    Whoever dies between two steps leaves a row that the follow-up finds. It never sends again:
    it asks the provider, or a person.
    """

    _inherit = "payment.charge.attempt"

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def _step(self, work):
        """Do one step: kept as a whole when it ends well, undone as a whole when not.

        :param work: what to do
        :return: what it returned, and the error that it ended with, if any
        """
        try:
            if module.current_test:
                # the cursor of a test is never committed
                with self.env.cr.savepoint():
                    result = work()
            else:
                result = work()
                # each step is kept before the next one begins: see the class
                self.env.cr.commit()  # pylint: disable=invalid-commit
        except Exception as error:
            if not module.current_test:
                self.env.cr.rollback()
            self.env.invalidate_all()
            _logger.info("A step of charge %s ended with: %r", self.ids, error)
            return None, error
        return result, None

    def _hold(self):
        """Take the row of one charge, and see it as it is now.

        :return: whether it could be had; another process works on it when not
        """
        self.ensure_one()
        self.env.flush_all()
        if not self.try_lock_for_update(allow_referencing=True):
            return False
        self.env.invalidate_all()
        return True

    def _submit(self):
        """Carry out planned charges, one after the other, and keep what comes of each.

        What the caller did before is committed first.
        """
        self._check_not_neutralized()
        attempts = self.sudo()  # sudo: a charge reads the provider and writes entries
        if not module.current_test:
            self.env.cr.commit()  # pylint: disable=invalid-commit
        for attempt in attempts:
            attempt._submit_one()

    def _submit_one(self):
        """Carry out one charge."""
        ready, error = self._step(self._prepare)
        if error:
            # a conflict with another process: it stays planned, and the job comes back to it
            self._step(lambda: self._note_trouble(error))
            return
        if ready:
            probe = ChargeProbe()
            _none, error = self._step(lambda: self._send(probe))
            self._settle_safely(error or probe.silence)
            if self.state == "unknown":
                self._ask_provider()
        elif not self.finished:
            self._settle_safely()

    def _check_not_neutralized(self):
        # sudo: a system parameter
        parameters = self.env["ir.config_parameter"].sudo()
        if str2bool(parameters.get_param("database.is_neutralized"), False):
            raise UserError(
                self.env._("This is a copy of a database: nothing is charged or refunded here.")
            )

    def _note_trouble(self, error):
        if not self._hold() or self.state != "planned":
            return
        self.trouble = str(error)
        if not isinstance(error, psycopg2.OperationalError):
            # it would go wrong again at once, and hold up the others
            self.planned_on = fields.Date.add(self.company_id._charge_today(), days=1)

    # ------------------------------------------------------------
    # STEP 1: PREPARE
    # ------------------------------------------------------------

    def _prepare(self):
        """Make a planned charge a submitted one, with its transaction, unless something is amiss.

        :return: whether the provider is to be called
        """
        if not self._hold() or self.state != "planned":
            return False
        self.document_ids.move_id._charge_claim()
        if self.operation == "refund":
            return self._prepare_refund()
        if not self._prepare_documents() or not self._prepare_way():
            return False
        self._begin(self._create_transaction())
        return True

    def _begin(self, transaction):
        now = fields.Datetime.now()
        self._set_state(
            "submitted",
            cause="user" if self.env.user.id == self.user_id.id else "schedule",
            transaction_id=transaction.id,
            submitted_on=now,
            error=False,
        )

    def _prepare_documents(self):
        """Check that the documents are still owed and nobody else is paying them."""
        moves = self.document_ids.move_id
        if self._is_held():
            self._set_state(
                "cancelled", cause="ledger", note=self.env._("The customer is not charged now.")
            )
            return False
        if not moves:
            return True
        tomorrow = fields.Date.add(self.company_id._charge_today(), days=1)
        if drafts := moves.filtered(lambda move: move.state == "draft"):
            # somebody is correcting it
            self._put_off(tomorrow, self.env._("%s is in draft.", drafts[0].display_name))
            return False
        due = sum(move._charge_due() for move in moves)
        if self.currency_id.compare_amounts(due, 0) <= 0:
            self._set_state(
                "cancelled",
                cause="ledger",
                note=self.env._("Nothing is owed any more."),
                handled=True,
            )
            return False
        for move in moves:
            if obstacle := move._charge_obstacle(attempt=self):
                self._put_off(tomorrow, obstacle)
                return False
        if self.currency_id.compare_amounts(due, self.amount) < 0:
            self._message_log(
                body=self.env._(
                    "Only %(due)s of %(amount)s is still owed.",
                    due=self.currency_id.format(due),
                    amount=self.currency_id.format(self.amount),
                )
            )
            self.amount = due
        return True

    def _put_off(self, day, why):
        """Leave a planned charge for another day."""
        self.write({"planned_on": day, "trouble": why})
        self._message_log(body=why)

    def _prepare_way(self):
        """Check that the way can be charged, or take the next one."""
        if not self.way_id or self._way_hindrance(self.way_id):
            return self._without_way()
        today = self.company_id._charge_today()
        free = self._free_day(self.way_id)
        if free > today:
            self._put_off(
                free,
                self.env._(
                    "The network allows no more tries with %(way)s before %(day)s.",
                    way=self.way_id.display_name,
                    day=format_date(self.env, free),
                ),
            )
            return False
        return True

    def _way_hindrance(self, way):
        return way._charge_hindrance() or way._charge_in_currency(self.currency_id)

    def _without_way(self):
        """Take the customer's first way instead, or fail for want of one."""
        instead = self._ways()[:1]
        if instead:
            self._message_log(
                body=self.env._(
                    "%(way)s instead of the way that was planned: %(why)s",
                    way=instead.display_name,
                    why=self._way_hindrance(self.way_id) if self.way_id else "",
                )
            )
            self.write(self._way_values(instead))
            return self._prepare_way()
        why = (
            self._way_hindrance(self.way_id)
            if self.way_id
            else self.env._("The customer has no way to be charged.")
        )
        self._fail("no_way", why, cause="schedule")
        return False

    def _fail(self, code, error, *, cause):
        """Let the charge fail for a reason of our own."""
        reason = self.env["payment.reason"]._of(code)
        self._set_state(
            "failed",
            cause=cause,
            note=reason.name,
            reason_id=reason.id,
            error=error,
            answered_on=fields.Datetime.now(),
        )

    def _create_transaction(self):
        """Return the transaction through which the provider is asked, not sent yet."""
        Transaction = self.env["payment.transaction"]
        token = self.token_id
        return Transaction.create({
            "provider_id": token.provider_id.id,
            "payment_method_id": token.payment_method_id.id,
            "reference": Transaction._compute_reference(token.provider_id.code, prefix=self.name),
            "amount": self.amount,
            "currency_id": self.currency_id.id,
            "partner_id": token.partner_id.id,
            "token_id": token.id,
            "operation": "offline",
            "invoice_ids": [fields.Command.set(self.document_ids.move_id.ids)],
            "charge_attempt_id": self.id,
        })

    def _prepare_refund(self):
        """Make the transaction of a refund, if so much can still be refunded."""
        charge = self.refunded_attempt_id
        charge.invalidate_recordset(["amount_refundable"])
        # this refund itself is counted as one under way
        available = charge.amount_refundable + self.amount
        if self.currency_id.compare_amounts(self.amount, available) > 0:
            self._fail("refund_too_much", False, cause="ledger")
            return False
        self._begin(
            charge.transaction_id._create_child_transaction(
                self.amount, is_refund=True, charge_attempt_id=self.id
            )
        )
        return True

    # ------------------------------------------------------------
    # STEP 2: SEND
    # ------------------------------------------------------------

    def _send(self, probe):
        """Call the provider, if the charge is still ours to send.

        The row is held meanwhile: the follow-up sees that somebody works on it.
        """
        if self._hold() and self.state == "submitted":
            self._carry_out(probe)

    def _carry_out(self, probe):
        """Ask for the money. Kinds of ways without a transaction, such as mandates, extend this.

        They leave the transaction out in ``_create_transaction`` as well, and move the charge on
        by ``_set_state`` when they know more.
        """
        self.transaction_id._charge_send(probe)

    # ------------------------------------------------------------
    # STEP 3: SETTLE
    # ------------------------------------------------------------

    def _settle_safely(self, error=None):
        """Settle in a step of its own; keep the outcome even where what follows fails."""
        self.ensure_one()
        _none, trouble = self._step(lambda: self._settle(error))
        if trouble:
            self._step(lambda: self._settle(error, trouble=trouble))

    def _settle(self, error=None, trouble=None):
        """Follow the transaction, and do what follows from it.

        :param error: what the call ended with, when that was no answer
        :param trouble: what went wrong at the last try: only the outcome is kept then
        """
        self.ensure_one()
        if not self._hold():
            return
        attempt = self.sudo()  # sudo: the transaction and the booking are the system's
        transaction = attempt._deciding_transaction()
        state = attempt._state_by(transaction)
        if state != attempt.state:
            attempt._take_outcome(state, transaction, error)
        if attempt.finished:
            return
        if trouble:
            attempt.write({"trouble": str(trouble)})
        else:
            attempt._finish()

    def _deciding_transaction(self):
        """Return the transaction that says what became of the charge: a success goes first."""
        transactions = self.transaction_ids | self.transaction_id
        done = transactions.filtered(lambda tx: tx.state == "done")
        return done[:1] or self.transaction_id or transactions.sorted("id")[-1:]

    def _state_by(self, transaction):
        """Return the state in which the charge should be by its transaction."""
        if transaction.state == "done":
            # what was returned later stays returned
            return "succeeded" if self.state != "returned" else self.state
        if not transaction or self.state in {"succeeded", "failed", "returned", "cancelled"}:
            return self.state
        if transaction.state in {"pending", "authorized"}:
            return "pending"
        if transaction.state == "draft":
            return "unknown" if self.state == "submitted" else self.state
        if self.by_link:
            # the customer may try again on the page
            return "needs_customer"
        needs_customer = transaction._charge_reason().needs_customer
        return "needs_customer" if needs_customer and self.operation == "charge" else "failed"

    def _take_outcome(self, state, transaction, error):
        """Move the charge to the state that its transaction brought."""
        vals = {"transaction_id": transaction.id, "answered_on": fields.Datetime.now()}
        if state in {"failed", "needs_customer"}:
            reason = transaction._charge_reason()
            vals |= {"reason_id": reason.id, "error": transaction.state_message}
        elif state == "unknown":
            vals |= {
                "reason_id": self.env["payment.reason"]._of("no_answer").id,
                "error": str(error) if error else False,
                "answered_on": False,
            }
        elif state == "succeeded":
            vals |= {"reason_id": False, "error": False, "next_step": False, "handled": False}
            if self.by_link and transaction.token_id:
                way = self.env["payment.charge.way"]._of_token(transaction.token_id)
                vals |= self._way_values(way)
        if state == "needs_customer":
            vals["by_link"] = True
        note = transaction.state_message if state in {"failed", "needs_customer"} else False
        self._set_state(state, cause="provider", note=note, **vals)

    def _finish_all(self):
        """Do what follows from the state of each, all in the transaction at hand."""
        for attempt in self:
            if not attempt.finished:
                attempt._finish()

    def _finish(self):
        """Do what follows from the state, once: booking, retry, history, and who asked for it."""
        self.ensure_one()
        if self.state == "succeeded":
            self._book_success()
            self._after_success()
        elif self.state == "failed" and self.operation == "charge":
            self._follow_failure()
        elif self.state == "failed":
            self.write({"next_step": "person", "next_why": "needs_person"})
        elif self.state == "needs_customer":
            self.mail_state = "to_send" if self.transaction_id else self.mail_state
        if self.way_id and self.operation == "charge":
            self._note_result_of_way()
        if self.state != "cancelled":
            self._log_outcome()
        source = self._charge_source()
        if source and hasattr(source, "_charge_changed") and self.state != "cancelled":
            source.sudo()._charge_changed(self)  # sudo: the source follows, whoever charges
        self.write({"finished": True, "trouble": False})
        self._alert()

    def _note_result_of_way(self):
        result = {"succeeded": "succeeded", "failed": "failed", "returned": "returned"}
        if self.state in result and (self.submitted_on or self.by_link):
            self.way_id.write({
                "last_attempt_id": self.id,
                "last_result": result[self.state],
                "last_result_on": fields.Datetime.now(),
                "last_reason_id": self.reason_id.id,
            })

    def _alert(self):
        """Give the person in charge an activity for a charge that needs one."""
        self.ensure_one()
        if not self.needs_attention:
            self._close_alert()
        # whoever charged by hand has seen it fail
        if not self.needs_attention or self.activity_ids or self.next_why == "by_hand":
            return
        user = self.company_id.charge_alert_user_id or self.user_id
        if not user or not user.active or user.share:
            return
        self.with_context(mail_activity_quick_update=True).activity_schedule(
            "mail.mail_activity_data_todo",
            user_id=user.id,
            summary=self.env._("Look at charge %s", self.name),
            note=self.next_text or self.reason_id.name or self.trouble or "",
        )

    def _close_alert(self):
        """Take the activity back from charges that need nobody any more."""
        self.activity_ids.filtered(
            lambda one: one.activity_type_id == self.env.ref("mail.mail_activity_data_todo")
        ).action_feedback(feedback=self.env._("Settled"))

    # ------------------------------------------------------------
    # UNKNOWN OUTCOMES
    # ------------------------------------------------------------

    def _ask_provider(self):
        """Ask the provider for the outcome of each, and take what it says."""
        for attempt in self.sudo():  # sudo: asking reads the provider's keys
            answer, error = attempt._step(attempt._query)
            if error:
                attempt._step(lambda a=attempt, e=error: a._note_question(str(e)))
            elif answer == "repeat":
                probe = ChargeProbe()
                _none, error = attempt._step(lambda a=attempt, p=probe: a._repeat(p))
                attempt._settle_safely(error or probe.silence)
            if attempt.state in {"submitted", "pending", "unknown"} or not attempt.finished:
                attempt._settle_safely()

    def _query(self):
        """Ask once and put the answer on the transaction.

        :return: ``repeat`` when the same request is to be sent again, which is no second charge
        """
        if not self._hold() or self.state not in {"submitted", "pending", "unknown"}:
            return None
        transaction = self.transaction_id
        if not transaction:
            return None
        provider = transaction.provider_id
        answer = provider._charge_query(transaction.with_context(charge_probe=ChargeProbe()))
        if answer == "done" and transaction.state != "done":
            transaction._set_done()
        elif answer == "pending" and transaction.state == "draft":
            transaction._set_pending()
        elif answer == "error" and transaction.state not in {"error", "cancel"}:
            transaction._set_error(transaction.state_message or self.env._("Refused."))
        elif answer == "not_found" and self._is_quiet():
            transaction.charge_codes = "not_received"
            transaction._set_canceled(
                state_message=self.env._("The provider never received the request.")
            )
        self._note_question(False)
        if answer is None and self.state == "unknown" and provider._charge_can_repeat(transaction):
            return "repeat"
        return answer

    def _note_question(self, error):
        if error and not self._hold():
            return
        self.asked_on = fields.Datetime.now()
        if error:
            self.error = error

    def _repeat(self, probe):
        """Send the very same request with its key again, where that is documented as safe."""
        if self._hold() and self.state == "unknown" and self.transaction_id.state == "draft":
            self.transaction_id._charge_send(probe)

    def _is_quiet(self):
        """Return whether a request that the provider does not know cannot come in any more."""
        self.ensure_one()
        since = fields.Datetime.now() - timedelta(minutes=QUIET_MINUTES)
        return bool(self.submitted_on and self.submitted_on <= since)

    def _resolve_by_person(self, outcome, note, reference=None):
        """Take a person's word for what happened to charges without an outcome.

        :param str outcome: ``done`` or ``error``
        :param str note: how the person knows
        :param str reference: the provider's own reference of the charge
        """
        for attempt in self:
            attempt._step(lambda a=attempt: a._take_word(outcome, note, reference))
            attempt._settle_safely()

    def _take_word(self, outcome, note, reference):
        if not self._hold() or self.state not in {"submitted", "pending", "unknown"}:
            raise UserError(self.env._("Charge %s is settled already.", self.name))
        transaction = self.transaction_id
        if reference:
            transaction.provider_reference = reference
        self._message_log(
            body=self.env._(
                "%(user)s says what happened: %(note)s", user=self.env.user.name, note=note
            )
        )
        if outcome == "done":
            transaction._set_done(state_message=note)
        else:
            transaction.charge_codes = "by_person"
            transaction._set_canceled(state_message=note, extra_allowed_states=("error",))

    # ------------------------------------------------------------
    # JOBS
    # ------------------------------------------------------------

    def _cron_submit(self):
        """Carry out the planned charges that are due, some at a time."""
        self._check_not_neutralized()
        Cron = self.env["ir.cron"]
        domain = self._due_domain()
        Cron._commit_progress(remaining=self.search_count(domain))
        for attempt in self.search(domain, order="planned_on NULLS FIRST, id", limit=CHUNK):
            attempt._submit_one()
            if not Cron._commit_progress(1):
                break

    def _due_domain(self):
        """Return which planned charges are due, by the clock of their company."""
        planned = Domain("state", "=", "planned") & Domain("by_link", "=", False)
        days = defaultdict(list)
        for (company,) in self._read_group(planned, ["company_id"]):
            days[company._charge_today()].append(company.id)
        due = Domain("planned_on", "=", False) | Domain.OR(
            Domain("company_id", "in", companies) & Domain("planned_on", "<=", day)
            for day, companies in days.items()
        )
        return planned & due

    def _cron_resolve(self):
        """Follow up whatever has no outcome yet, or an outcome that nothing followed from."""
        Cron = self.env["ir.cron"]
        found = self._to_follow_up()
        Cron._commit_progress(remaining=len(found))
        for attempt in found[:CHUNK]:
            attempt._follow_up()
            if not Cron._commit_progress(1):
                break

    def _to_follow_up(self):
        """Return what the follow-up has to look at now."""
        return (
            self._stranded()
            | self._moved_on()
            | self._to_ask()
            | self._settled_otherwise()
            | self._late()
        )

    def _stranded(self):
        """Charges whose process died, or whose follow-up failed a while ago."""
        before = fields.Datetime.now() - timedelta(minutes=ASK_AGAIN_MINUTES)
        return self.search([
            "|",
            "&",
            ("state", "=", "submitted"),
            ("transaction_id", "!=", False),
            "&",
            ("finished", "=", False),
            "|",
            ("followed_on", "=", False),
            ("followed_on", "<", before),
        ])

    def _moved_on(self):
        """Charges whose transaction has moved since: a webhook came, or a success after all."""
        return self.search([
            "|",
            "&",
            ("state", "not in", ("succeeded", "returned")),
            ("transaction_ids.state", "=", "done"),
            "&",
            ("state", "in", ("pending", "unknown")),
            ("transaction_id.state", "in", ("error", "cancel")),
        ]) | self.search([
            ("state", "in", ("unknown", "needs_customer")),
            ("transaction_ids.state", "in", ("pending", "authorized")),
        ])

    def _to_ask(self):
        """Charges about which the provider is to be asked again."""
        before = fields.Datetime.now() - timedelta(minutes=ASK_AGAIN_MINUTES)
        return self.search(
            [
                ("state", "in", ("unknown", "pending")),
                ("transaction_id", "!=", False),
                ("by_link", "=", False),
                "|",
                ("asked_on", "=", False),
                ("asked_on", "<", before),
            ],
            order="asked_on NULLS FIRST, id",
        )

    def _settled_otherwise(self):
        """Charges that wait while their documents were paid in another way."""
        paid = ("paid", "in_payment", "reversed")
        waiting = self.search([
            ("state", "in", ("planned", "needs_customer", "failed")),
            ("handled", "=", False),
            ("document_ids.move_id.payment_state", "in", paid),
        ])
        return waiting.filtered(lambda one: one.currency_id.is_zero(one.residual))

    def _late(self):
        """Charges that wait for the provider or the customer for too long."""
        found = self.browse()
        waiting = Domain("state", "in", ("pending", "needs_customer"))
        for (company,) in self._read_group(waiting, ["company_id"]):
            days = max(company.charge_pending_days, 1)
            found |= self.search([
                ("company_id", "=", company.id),
                *waiting,
                ("overdue", "=", False),
                ("submitted_on", "<", fields.Datetime.subtract(fields.Datetime.now(), days=days)),
            ])
        return found

    def _follow_up(self):
        """Bring each charge to where its transaction, its documents and the provider have it."""
        for attempt in self:
            attempt._settle_safely()
            if attempt in attempt._to_ask():
                attempt._ask_provider()
            attempt._step(attempt._tidy)

    def _tidy(self):
        """Close what was settled otherwise, and flag what takes too long."""
        if not self._hold():
            return
        self.followed_on = fields.Datetime.now()
        if self in self._settled_otherwise():
            if self.state == "failed":
                self.handled = True
                self._close_alert()
            else:
                self._set_state(
                    "cancelled",
                    cause="ledger",
                    note=self.env._("Nothing is owed any more."),
                    handled=True,
                )
                self._finish()
        elif self in self._late():
            self.overdue = True
            self._alert()
        elif self.state == "unknown" or (self.trouble and not self.finished):
            self._alert()
