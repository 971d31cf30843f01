# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""How messages leave: claimed, checked, rendered, sent once.

A worker owns a claim number and holds a database lock of that number for as long as its connection
lives. It writes the number on the messages it is going to send and commits; so another worker
leaves them alone, and once the lock is gone knows that the worker is. Workers claim one after the
other, and none takes up a customer whom another is just writing to: so the gate counts what the
others have sent.

Each message is marked as being sent and committed *before* the mail server is spoken to, and as
sent with the next commit. Whatever kills a worker leaves at most one message in the state "being
sent": whether it went out nobody can know, so a person decides. The others were never spoken of
and are sent by the next worker.
"""

import logging
import smtplib
from contextlib import contextmanager

import psycopg2
from psycopg2.extensions import TransactionRollbackError

from odoo import SUPERUSER_ID, api, fields, models, modules
from odoo.tools import SQL, exception_to_unicode

from ..tools.mail_sessions import MailSessions, answer_of
from .collection_message import PASSING_CODES

_logger = logging.getLogger(__name__)

# first key of the advisory locks; the second one is the claim
LOCK_SPACE = 0x436F6C6C
# held while claiming, so that workers do it one after the other
CLAIMING_SPACE = LOCK_SPACE + 1
# the scheduled actions that send, at once where the server has threads for both
SENDERS = ("collection_message.cron_send", "collection_message.cron_send_beside")
# messages per claim: rendered together, and held in memory together
CHUNK = 100
# an automatic message that the gate lets pass within so many days waits, else it is stopped
WAIT_DAYS = 7
# how often something is begun anew because another transaction got in its way
TRIES = 5
# longest text of an error that is kept
ERROR_LENGTH = 500


class CollectionMessage(models.Model):
    _inherit = "collection.message"

    def _auto_init(self):
        self.env.cr.execute("CREATE SEQUENCE IF NOT EXISTS collection_message_claim_seq")
        return super()._auto_init()

    # ------------------------------------------------------------
    # THE WAYS IN
    # ------------------------------------------------------------

    @api.model
    def _cron_send(self):
        """Send what is planned for now, as much as the cron's time allows."""
        if self._is_neutralized():
            return
        self._give_up_interrupted()
        with self._claiming() as claim, MailSessions(self.env) as sessions:
            self._record_contacts(claim)
            self._commit(remaining=self.search_count(self._due_domain()))
            while messages := self._claim_chunk(claim):
                messages._send_claimed(claim, sessions)
                if not self._commit(len(messages)):
                    break

    def _send_soon(self):
        """Send messages as soon as the user's transaction is committed; letters are printed."""
        messages = self.filtered(lambda message: message.channel != "letter")
        if not messages:
            return
        if self._is_neutralized():
            for message in messages:
                message._fail(
                    self.env._("This is a copy of a database, from which nothing is sent.")
                )
            return
        if modules.module.current_test:
            due = messages.with_user(SUPERUSER_ID).filtered_domain(self._due_domain())
            with due._claiming() as claim, MailSessions(due.env) as sessions:
                due.write({"claim": claim})
                due._send_claimed(claim, sessions)
            return
        # in a process that survives the user's browser
        self._wake_senders()

    @api.model
    def _wake_senders(self):
        """Have what is planned for now sent as soon as the transaction is committed."""
        for name in SENDERS:
            # an administrator may do with one of them only
            cron = self.env.ref(name, raise_if_not_found=False)
            if cron:
                # sudo: it sends only what is planned, whoever wakes it
                cron.sudo()._trigger()

    @api.model
    def _due_domain(self):
        return [
            ("state", "=", "planned"),
            ("channel", "!=", "letter"),
            ("planned_on", "<=", fields.Datetime.now()),
        ]

    @api.model
    def _is_neutralized(self):
        """Return whether this is a copy of a database for tries, from which nothing may leave."""
        # sudo: whether the database is such a copy
        return bool(self.env["ir.config_parameter"].sudo().get_param("database.is_neutralized"))

    # ------------------------------------------------------------
    # CLAIMS
    # ------------------------------------------------------------

    @api.model
    @contextmanager
    def _claiming(self):
        """Own a claim number for the time of the block."""
        [(claim,)] = self.env.execute_query(SQL("SELECT nextval('collection_message_claim_seq')"))
        with self._locked(LOCK_SPACE, claim):
            yield claim

    @api.model
    @contextmanager
    def _locked(self, space, key):
        """Hold a lock of the database for the time of the block; it ends with the connection."""
        self.env.cr.execute("SELECT pg_advisory_lock(%s, %s)", [space, key])
        try:
            yield
        finally:
            # connections are used again by others, and the lock is the connection's
            self._unlock(space, key)

    @api.model
    def _unlock(self, space, key):
        cr = self.env.cr
        if cr.closed:
            return
        try:
            cr.execute("SELECT pg_advisory_unlock(%s, %s)", [space, key])
        except psycopg2.Error:
            # the transaction has failed: without it the connection obeys again
            cr.rollback()
            cr.execute("SELECT pg_advisory_unlock(%s, %s)", [space, key])

    @api.model
    def _living_claims_sql(self) -> SQL:
        """Return the statement that lists the claims of living workers."""
        return SQL(
            """
            SELECT lock.objid::bigint FROM pg_locks lock
             WHERE lock.locktype = 'advisory' AND lock.classid = %s AND lock.objsubid = 2
               AND lock.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """,
            LOCK_SPACE,
        )

    def _is_being_sent(self):
        """Return whether a living worker has claimed the message."""
        self.ensure_one()
        living = self.env.execute_query(self._living_claims_sql())
        return self.claim in {claim for (claim,) in living}

    @api.model
    def _claim_chunk(self, claim):
        """Put the claim on some messages that are due and that no living worker has.

        What people have written goes before what rules have planned. Customers whom another
        worker is writing to are left to it: what it sends counts for their limits.
        """
        query = SQL(
            """
            WITH living AS MATERIALIZED (%(living)s),
            busy AS MATERIALIZED (
                SELECT profile_id FROM collection_message
                 WHERE state IN ('planned', 'sending') AND claim <> %(claim)s
                   AND claim IN (TABLE living)
            )
            UPDATE collection_message SET claim = %(claim)s
             WHERE id IN (
                SELECT id FROM collection_message
                 WHERE state = 'planned' AND channel <> 'letter' AND planned_on <= %(now)s
                   AND claim IS DISTINCT FROM %(claim)s
                   AND profile_id NOT IN (TABLE busy)
              ORDER BY automatic IS TRUE, planned_on, id LIMIT %(limit)s
                   FOR UPDATE SKIP LOCKED)
            RETURNING id
            """,
            claim=claim,
            now=fields.Datetime.now(),
            living=self._living_claims_sql(),
            limit=CHUNK,
        )
        with self._locked(CLAIMING_SPACE, 0):
            # a transaction of its own, which sees what others have claimed so far
            self._commit()
            rows = self._anew(lambda: self.env.execute_query(query))
        return self.browse(sorted(message_id for (message_id,) in rows))

    @api.model
    def _give_up_interrupted(self):
        """Leave to a person what a worker was just sending when it died."""

        def give_up():
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT id FROM collection_message
                     WHERE state = 'sending' AND claim NOT IN (%s)
                       FOR UPDATE SKIP LOCKED
                    """,
                    self._living_claims_sql(),
                )
            )
            for message in self.browse([message_id for (message_id,) in rows]):
                message._doubt(self.env._("The sending was interrupted."))

        self._anew(give_up)

    def _commit(self, processed=0, remaining=None):
        """Commit what was done so far; what a test does stays in its transaction.

        :return: the seconds that are left to the cron
        """
        if modules.module.current_test:
            self.env.cr.flush()
            return float("inf")
        return self.env["ir.cron"]._commit_progress(processed, remaining=remaining)

    def _anew(self, function):
        """Do something and commit; begin anew where another transaction got in its way."""
        for left in reversed(range(TRIES)):
            try:
                result = function()
                self._commit()
                return result
            except TransactionRollbackError:
                if not left or modules.module.current_test:
                    raise
                self.env.cr.rollback()
        return None

    # ------------------------------------------------------------
    # SENDING
    # ------------------------------------------------------------

    def _send_claimed(self, claim, sessions):
        """Send claimed messages: check, render, then one by one."""
        messages = self.with_context(tracking_disable=True)
        ready = messages._anew(messages._pass_gate)
        ready = ready._anew(ready._prepare_texts)
        for channel, messages in ready.grouped("channel").items():
            getattr(messages, f"_send_{channel}")(claim, sessions)
        self._record_contacts(claim)

    def _pass_gate(self):
        """Ask the gate, with the ledger as it is now; return the messages that may go out."""
        ready = self.browse()
        Gate = self.env["collection.gate"]
        for reason, messages in self.grouped("override_reason").items():
            verdicts = Gate._check(
                messages._gate_requests(), override_reason=reason or None, one_by_one=True
            )
            for message, verdict in zip(messages, verdicts, strict=True):
                if verdict.reasons or verdict.dropped or verdict.overridden:
                    Gate._log([verdict], message_id=message.id, user_id=message.user_id.id)
                if not verdict.allowed:
                    message._stop(verdict)
                elif message._speaks_of_dropped(verdict):
                    message._set_state(
                        "stopped",
                        error=self.env._(
                            "The text was written by hand and speaks of items that are not to be "
                            "asked for any more. Look it over, then try again.\n%s",
                            "\n".join(known.text for known in verdict.dropped),
                        ),
                    )
                    message._ask_person()
                else:
                    if verdict.items != message.item_ids:
                        message.item_ids = verdict.items
                    ready |= message
        return ready

    def _speaks_of_dropped(self, verdict):
        """Return whether a text that is not made anew names items that fell out."""
        return self.own_text and verdict.items != self.item_ids

    def _stop(self, verdict):
        """Keep a message back: until the gate opens, where that can be told, else for good."""
        self.ensure_one()
        wait_until = verdict.retry_at
        latest = fields.Datetime.add(fields.Datetime.now(), days=WAIT_DAYS)
        codes = {reason.code for reason in verdict.reasons}
        text = verdict.text[:ERROR_LENGTH]
        if self.automatic and wait_until and wait_until <= latest and codes <= PASSING_CODES:
            self.write({"planned_on": wait_until, "claim": False, "error": text})
            return
        self._set_state("stopped", error=text)
        if not self.automatic:
            # whoever wrote it believes it is on its way
            self._ask_person()

    def _mark(self, sent=None, sending=None):
        """Note what was just sent and what is sent next, and commit both at once.

        :return: whether the next one is to be sent: a person may have cancelled it meanwhile
        """

        def mark():
            now = fields.Datetime.now()
            if sent:
                sent._set_state("sent", sent_on=now, error=False)
            if not sending or sending.state != "planned":
                return False
            sending._set_state("sending", sending_since=now, attempts=sending.attempts + 1)
            return True

        return self._anew(mark)

    def _fail(self, error):
        """Note that a message could not be sent; a person looks at it."""
        self.ensure_one()
        self._set_state("failed", error=str(error)[:ERROR_LENGTH])
        self._mail()._collection_mark_failed(self.error)
        self._ask_person()

    def _doubt(self, error):
        """Note that nobody can know whether a message went out; a person decides."""
        self.ensure_one()
        self._set_state(
            "possibly_sent",
            error=self.env._(
                "%s The message may have gone out: look whether it did, then say so or send it "
                "again.",
                error,
            )[:ERROR_LENGTH],
        )
        self._ask_person()

    # ------------------------------------------------------------
    # E-MAIL
    # ------------------------------------------------------------

    def _send_email(self, claim, sessions):
        """Hand the messages to the mail server, over one session per server and sender."""
        ready = self._anew(self._create_mails)
        by_mail = {message._mail().id: message for message in ready}
        # sudo: mails and servers are the system's; the messages were planned by whoever may
        mails = self.env["mail.mail"].sudo().browse(by_mail)
        for server_id, domain_id, smtp_from, mail_ids in mails._split_by_mail_configuration():
            messages = self.browse([by_mail[mail_id].id for mail_id in mail_ids])
            messages._send_mails(claim, sessions.of(server_id, smtp_from), domain_id)

    def _send_mails(self, claim, session, domain_id):
        """Send the messages one by one over a session, each marked before and after.

        The marks are committed over a connection of their own: what was read of mails and people
        stays known for the whole chunk. What the host keeps of mails is written for all of them
        when their contacts are recorded.
        """
        with self._marking() as cr:
            sent = None
            for index, message in enumerate(self):
                try:
                    session.open()
                except Exception as error:  # whatever keeps the server away
                    # nothing was spoken of, and nothing will be
                    self._mark_mail(cr, sent=sent)
                    sent = None
                    unreached = self._unreached(error)
                    self[index:]._set_aside(
                        lambda rest, unreached=unreached: rest._fail_waiting(unreached)
                    )
                    break
                going = self._mark_mail(cr, sent=sent, sending=message, claim=claim)
                sent = None
                trouble = (
                    message._send_mail(session, domain_id) if going else lambda one: one._put_back()
                )
                if trouble:
                    message._set_aside(trouble)
                else:
                    sent = message
            self._mark_mail(cr, sent=sent)
        self._commit()

    @contextmanager
    def _marking(self):
        """Give the cursor over which marks are committed; in tests, that of the test."""
        if modules.module.current_test:
            yield self.env.cr
        else:
            with self.env.registry.cursor() as cr:
                yield cr

    @api.model
    def _mark_mail(self, cr, sent=None, sending=None, claim=None):
        """Note what was just sent and what is sent next, and commit both at once.

        As :meth:`_mark`, in SQL; states move from where they are only.

        :return: whether the next one is to be sent: it may have been cancelled since the gate was
            asked, or what it speaks of paid
        """
        if not sent and not sending:
            return False
        now = fields.Datetime.now()
        query = SQL(
            """
            WITH done AS (
                UPDATE collection_message
                   SET state = 'sent', sent_on = %(now)s, error = NULL, write_date = %(now)s
                 WHERE id = %(sent)s AND state = 'sending'
            )
            UPDATE collection_message
               SET state = 'sending', sending_since = %(now)s, write_date = %(now)s,
                   attempts = COALESCE(attempts, 0) + 1
             WHERE id = %(sending)s AND state = 'planned' AND claim = %(claim)s
               AND NOT EXISTS (
                    SELECT FROM collection_message_item_rel about
                      JOIN collection_item item ON item.id = about.item_id
                 LEFT JOIN account_move_line line ON line.id = item.move_line_id
                     WHERE about.message_id = %(sending)s
                       AND (item.state <> 'open' OR line.reconciled))
         RETURNING id
            """,
            now=now,
            sent=(sent and sent.id) or None,
            sending=(sending and sending.id) or None,
            claim=claim,
        )
        own = cr is not self.env.cr
        for left in reversed(range(TRIES)):
            try:
                cr.execute(query)
                going = bool(cr.fetchall())
                if own:
                    self._commit_marks(cr)
                else:
                    (sent or self.browse()).union(sending or self.browse()).invalidate_recordset(
                        flush=False
                    )
                return going
            except TransactionRollbackError:
                if not left or not own:
                    raise
                cr.rollback()
        return False

    @api.model
    def _commit_marks(self, cr):
        """Commit a mark: what it says must outlive whatever happens next."""
        cr.commit()  # pylint: disable=invalid-commit

    def _set_aside(self, note):
        """Note what went wrong with some messages, apart from the others of their chunk."""
        self._commit()
        self._anew(lambda: note(self))

    def _put_back(self):
        """Let the gate be asked again, unless a person has cancelled the message meanwhile."""
        if self.state == "planned":
            self.claim = False

    def _fail_waiting(self, error):
        """Note that messages could not be sent, unless a person has cancelled them meanwhile."""
        for message in self.filtered(lambda message: message.state == "planned"):
            message._fail(error)

    def _send_mail(self, session, domain_id, again=True):
        """Speak to the mail server.

        Where the connection breaks before the text was handed over the server cannot have taken
        it: it is told anew once, over a new connection. Where it breaks later, a person decides.

        :return: nothing if the server took the message, else what is to be noted: a function
        """
        self.ensure_one()
        session.begin()
        try:
            self._mail()._collection_hand_over(session, domain_id)
        except smtplib.SMTPServerDisconnected as error:
            session.close()
            if session.text_handed_over:
                lost = self.env._("The mail server was lost: %s.", error)
                return lambda message: message._doubt(lost)
            failure = self._unreached(error)
            if again:
                try:
                    session.open()
                except Exception as refused:  # whatever keeps the server away
                    failure = self._unreached(refused)
                else:
                    return self._send_mail(session, domain_id, again=False)
            return lambda message: message._fail(failure)
        except (psycopg2.Error, MemoryError):
            # nothing of the message's: the worker ends
            raise
        except Exception as error:  # addresses, reports, servers: whatever keeps it from going
            _logger.info("Message %s could not be sent: %s", self.id, error)
            answer = answer_of(error)
            failure = (
                self.env._("The mail server answered: %s", answer)
                if answer
                else exception_to_unicode(error)
            )
            return lambda message: message._fail(failure)
        return None

    def _unreached(self, error):
        """Return in words that the mail server is away."""
        return self.env._(
            "The mail server cannot be reached, and nothing was sent: %s\n"
            "Try again once it answers; an administrator finds it among the outgoing mail servers.",
            # of what the system says, the words without the number
            answer_of(error) or getattr(error, "strerror", None) or exception_to_unicode(error),
        )

    # ------------------------------------------------------------
    # SMS
    # ------------------------------------------------------------

    def _send_sms(self, _claim, _sessions):
        """Hand the messages to the host's SMS gateway, one by one."""
        sent = None
        for message in self:
            if not self._mark(sent=sent, sending=message):
                sent = None
                continue
            sent = None
            try:
                sms = message._hand_over_sms()
            except Exception as error:  # the gateway is another's code: it may have taken it
                _logger.exception("The SMS gateway failed on message %s", message.id)
                if modules.module.current_test:
                    raise
                self.env.cr.rollback()
                self._anew(lambda message=message, error=error: message._doubt(str(error)))
                continue
            if sms.state in ("error", "canceled"):
                labels = dict(sms._fields["failure_type"]._description_selection(self.env))
                error = labels.get(sms.failure_type) or self.env._("The SMS was refused.")
                self._commit()  # the host's record of what it tried
                self._anew(lambda message=message, error=error: message._fail(error))
            else:
                sent = message
        self._mark(sent=sent)

    def _hand_over_sms(self):
        """Post the SMS in the correspondence, which sends it; return the host's record of it."""
        self.ensure_one()
        # sudo: the customer's correspondence, for whoever planned the message
        posted = (
            self
            ._thread()
            .sudo()
            ._message_sms(
                self._sms_text(),
                partner_ids=self.person_id.ids,
                author_id=(self._sender_user().partner_id or self.company_id.partner_id).id,
            )
        )
        self.mail_message_id = posted
        # sudo: the record belongs to the system
        sms = self.env["sms.sms"].sudo().search([("mail_message_id", "=", posted.id)], limit=1)
        if sms.state == "outgoing":
            # what the gateway did not take is not left to the queue: it would go out unmarked
            sms.action_set_canceled()
        return sms

    # ------------------------------------------------------------
    # RECORDS
    # ------------------------------------------------------------

    @api.model
    def _unrecorded(self, profiles):
        """Return what has gone out to customers, or may have, and left no contact record yet."""
        return self.search([
            ("profile_id", "in", profiles.ids),
            ("contact_log_id", "=", False),
            ("state", "in", ("sending", "sent", "possibly_sent")),
        ])

    @api.model
    def _record_contacts(self, claim):
        """Leave a contact record of every sent message that has none, after a crash too.

        What another living worker has just sent it records itself.
        """

        def record():
            self.flush_model(["state", "contact_log_id", "claim"])
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT id FROM collection_message
                     WHERE state = 'sent' AND contact_log_id IS NULL
                       AND (claim IS NULL OR claim = %(claim)s OR claim NOT IN (%(living)s))
                  ORDER BY id
                       FOR UPDATE SKIP LOCKED
                    """,
                    claim=claim,
                    living=self._living_claims_sql(),
                )
            )
            self.browse([message_id for (message_id,) in rows])._leave_contacts()

        self._anew(record)

    def _leave_contacts(self):
        """Leave a contact record of each sent message, so that the gate and people know of it."""
        self._mail()._collection_mark_sent()
        # sudo: the record of a contact that was made, whoever may see the customer
        sent = self.sudo().filtered(lambda message: not message.contact_log_id)
        logs = (
            self
            .env["collection.contact.log"]
            .sudo()
            .create([  # sudo: as above
                message._contact_values() for message in sent
            ])
        )
        for message, log in zip(sent, logs, strict=True):
            message.contact_log_id = log

    def _contact_values(self):
        """Return the values of the contact record of a sent message."""
        self.ensure_one()
        return {
            "profile_id": self.profile_id.id,
            "case_id": self.case_id.id,
            "date": self.sent_on,
            "user_id": (self._sender_user() or self.user_id).id or self.env.uid,
            "contact_id": self.person_id.id,
            "channel": self.channel,
            "direction": "out",
            "note": self.subject or self.display_name,
            "message_id": self.id,
        }
