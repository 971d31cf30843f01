# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Work that comes from elsewhere: mail, messages of unknown fate, activities of cases, steps of
rules that failed.

Each is one row of the worklist as long as it waits. Rows follow at once where the source changes,
by one statement for many; at night the same statements repair what was missed.
"""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .collection_action import DEFAULT_MINUTES

# source → the field that leads to it
LINKS = {
    "incoming": "incoming_id",
    "message": "message_id",
    "activity": "activity_id",
    "failed": "failed_id",
}
# how long a look at a message takes
LOOK_MINUTES = 3


class CollectionAction(models.Model):
    _inherit = "collection.action"

    # ------------------------------------------------------------
    # ROWS FOLLOW THEIR SOURCES
    # ------------------------------------------------------------

    @api.model
    def _sync_sources(self, source, ids=None, company=None):
        """Bring the worklist in step with messages, mails, activities or failed steps.

        :param str source: ``incoming``, ``message``, ``activity`` or ``failed``
        :param ids: only these; all when ``None``
        :param company: only what belongs to this company
        :return: how many rows came, went or changed
        """
        if ids is not None and not ids:
            return 0
        self._flush_sources(source)
        link = SQL.identifier(LINKS[source])
        scope = SQL("TRUE")
        if ids is not None:
            scope = SQL("wanted.source_id = ANY(%s)", list(ids))
        elif company:
            scope = SQL("wanted.company_id = %s", company.id)
        wanted = SQL("(%s)", getattr(self, f"_wanted_{source}")())
        changed = self._insert_missing(source, link, wanted, scope)
        changed += self._update_moved(source, link, wanted, scope)
        changed += self._close_finished(source, link, wanted, ids, company)
        if changed:
            self.invalidate_model()
            self.env["collection.action.transition"].invalidate_model()
        return changed

    @api.model
    def _repair_sources(self, company=None):
        """Bring the worklist in step with everything it shows; return how many rows changed."""
        return sum(self._sync_sources(source, company=company) for source in LINKS)

    @api.model
    def _flush_sources(self, source):
        models_read = {
            "incoming": "collection.incoming",
            "message": "collection.message",
            "activity": "mail.activity",
            "failed": self._name,
        }
        for name in (models_read[source], "collection.case", "collection.profile", self._name):
            self.env[name].flush_model()

    @api.model
    def _local_date(self, moment):
        """Return the company's date of a time as SQL; the company stands as ``company``."""
        return SQL(
            "(%s AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(company.collection_tz, 'UTC'))::date",
            moment,
        )

    @api.model
    def _wanted_incoming(self):
        """Return the statement of the mail somebody has to look at."""
        return SQL(
            """
            SELECT incoming.id AS source_id,
                   CASE WHEN incoming.kind = 'bounce' THEN 'address' ELSE 'read' END AS kind,
                   incoming.company_id, incoming.profile_id, incoming.case_id,
                   %(day)s AS planned_for,
                   CASE WHEN incoming.profile_id IS NULL THEN incoming.user_id END AS user_id,
                   COALESCE(NULLIF(incoming.subject, ''), incoming.email_from) AS reason,
                   %(minutes)s AS minutes,
                   FALSE AS follows_day
              FROM collection_incoming incoming
              JOIN res_company company ON company.id = incoming.company_id
             WHERE incoming.state = 'unread'
            """,
            day=self._local_date(SQL("incoming.received_on")),
            minutes=LOOK_MINUTES,
        )

    @api.model
    def _wanted_message(self):
        """Return the statement of the messages a person has to decide on."""
        return SQL(
            """
            SELECT message.id AS source_id, 'check_message' AS kind,
                   message.company_id, message.profile_id, message.case_id,
                   %(day)s AS planned_for,
                   NULL::int AS user_id,
                   message.subject AS reason,
                   %(minutes)s AS minutes,
                   FALSE AS follows_day
              FROM collection_message message
              JOIN res_company company ON company.id = message.company_id
             WHERE message.state IN ('possibly_sent', 'failed')
            """,
            day=self._local_date(SQL("now() AT TIME ZONE 'UTC'")),
            minutes=LOOK_MINUTES,
        )

    @api.model
    def _wanted_activity(self):
        """Return the statement of the planned activities of open cases."""
        return SQL(
            """
            SELECT activity.id AS source_id, 'activity' AS kind,
                   work.company_id, work.profile_id, work.id AS case_id,
                   activity.date_deadline AS planned_for,
                   activity.user_id,
                   activity.summary AS reason,
                   %(minutes)s AS minutes,
                   TRUE AS follows_day
              FROM mail_activity activity
              JOIN collection_case work ON work.id = activity.res_id
             WHERE activity.res_model = 'collection.case'
               AND activity.active
               AND work.state <> 'completed'
            """,
            minutes=DEFAULT_MINUTES,
        )

    @api.model
    def _wanted_failed(self):
        """Return the statement of the steps of rules that failed and nobody has decided on.

        A message that failed waits itself. What the rule has planned anew since, or what is about
        items none of which is open any more, waits for nobody.
        """
        return SQL(
            """
            SELECT step.id AS source_id, 'failed_step' AS kind,
                   step.company_id, step.profile_id, step.case_id,
                   %(day)s AS planned_for,
                   NULL::int AS user_id,
                   step.close_reason AS reason,
                   %(minutes)s AS minutes,
                   FALSE AS follows_day
              FROM collection_action step
              JOIN res_company company ON company.id = step.company_id
              JOIN collection_profile owner ON owner.id = step.profile_id
             WHERE step.state = 'failed' AND step.source = 'rule' AND step.message_id IS NULL
               AND NOT EXISTS (
                   SELECT FROM collection_action handled
                    WHERE handled.failed_id = step.id AND handled.state IN ('done', 'skipped')
                      AND handled.closed_on >= step.closed_on)
               AND NOT EXISTS (
                   SELECT FROM collection_action later
                    WHERE later.profile_id = step.profile_id AND later.rule_id = step.rule_id
                      AND later.id > step.id AND later.source = 'rule')
               AND (NOT EXISTS (SELECT FROM collection_action_item about
                                 WHERE about.action_id = step.id)
                    OR EXISTS (SELECT FROM collection_action_item about
                                 JOIN collection_item item ON item.id = about.item_id
                                WHERE about.action_id = step.id AND item.state = 'open'))
            """,
            day=self._local_date(SQL("step.closed_on")),
            minutes=LOOK_MINUTES,
        )

    def _insert_missing(self, source, link, wanted, scope):
        """Add a row for each source that waits and has none."""
        return self._execute_counted(
            SQL(
                """
                INSERT INTO collection_action (
                    source, state, kind, %(link)s, company_id, profile_id, partner_id, case_id,
                    planned_for, planned_at, user_id, reason, minutes, score, resubmit_count,
                    create_uid, write_uid, create_date, write_date)
                SELECT %(source)s, 'planned', wanted.kind, wanted.source_id, wanted.company_id,
                       wanted.profile_id, profile.partner_id, wanted.case_id, wanted.planned_for,
                       0, wanted.user_id, wanted.reason, wanted.minutes,
                       COALESCE(profile.score, 0), 0, %(uid)s, %(uid)s, %(now)s, %(now)s
                  FROM %(wanted)s AS wanted
             LEFT JOIN collection_profile profile ON profile.id = wanted.profile_id
                 WHERE %(scope)s
                   AND NOT EXISTS (
                       SELECT FROM collection_action known
                        WHERE known.%(link)s = wanted.source_id AND known.state = 'planned'
                          AND (known.kind = wanted.kind OR %(source)s = 'activity'))
              ORDER BY wanted.source_id
                    ON CONFLICT DO NOTHING
                """,
                link=link,
                source=source,
                wanted=wanted,
                scope=scope,
                uid=self.env.uid,
                now=self.env.cr.now(),
            )
        )

    def _update_moved(self, source, link, wanted, scope):
        """Have rows follow a source that belongs elsewhere now, or waits for another day."""
        return self._execute_counted(
            SQL(
                """
                UPDATE collection_action action
                   SET kind = wanted.kind, company_id = wanted.company_id,
                       profile_id = wanted.profile_id, partner_id = profile.partner_id,
                       case_id = wanted.case_id, user_id = wanted.user_id,
                       reason = wanted.reason,
                       planned_for = CASE WHEN wanted.follows_day THEN wanted.planned_for
                                          ELSE action.planned_for END,
                       score = CASE WHEN action.profile_id IS DISTINCT FROM wanted.profile_id
                                    THEN COALESCE(profile.score, 0) ELSE action.score END,
                       write_uid = %(uid)s, write_date = %(now)s
                  FROM %(wanted)s AS wanted
             LEFT JOIN collection_profile profile ON profile.id = wanted.profile_id
                 WHERE %(scope)s
                   AND action.%(link)s = wanted.source_id
                   AND action.source = %(source)s
                   AND action.state = 'planned'
                   AND ((action.kind, action.profile_id, action.case_id, action.user_id,
                         action.reason)
                        IS DISTINCT FROM
                        (wanted.kind, wanted.profile_id, wanted.case_id, wanted.user_id,
                         wanted.reason)
                        OR wanted.follows_day AND action.planned_for <> wanted.planned_for)
                """,
                link=link,
                source=source,
                wanted=wanted,
                scope=scope,
                uid=self.env.uid,
                now=self.env.cr.now(),
            )
        )

    def _close_finished(self, source, link, wanted, ids, company):
        """Close rows whose source waits no longer: done where it was dealt with, else gone."""
        scope = SQL("TRUE")
        if ids is not None:
            scope = SQL("action.%s = ANY(%s)", link, list(ids))
        elif company:
            scope = SQL("action.company_id = %s", company.id)
        finished = SQL("action.%s IS NOT NULL", link)
        if source == "failed":
            # tried again, planned anew or paid; what a person closes is closed by them
            finished = SQL("FALSE")
        if source == "activity":
            # one that was given up has gone; one that was done is kept as done by the host
            finished = SQL(
                """EXISTS (SELECT FROM mail_activity done
                            WHERE done.id = action.activity_id AND NOT done.active
                              AND done.date_done IS NOT NULL)"""
            )
        return self._execute_counted(
            SQL(
                """
                WITH closed AS (
                    UPDATE collection_action action
                       SET state = CASE WHEN %(finished)s THEN 'done' ELSE 'gone' END,
                           closed_on = %(now)s, closed_by_id = %(uid)s,
                           write_uid = %(uid)s, write_date = %(now)s
                     WHERE action.state = 'planned' AND action.source = %(source)s AND %(scope)s
                       AND NOT EXISTS (SELECT FROM %(wanted)s AS wanted
                                        WHERE wanted.source_id = action.%(link)s)
                 RETURNING action.id, action.state, action.planned_for)
                INSERT INTO collection_action_transition (
                    action_id, date, user_id, from_state, to_state, planned_for, cause,
                    create_uid, write_uid, create_date, write_date)
                SELECT id, %(now)s, %(uid)s, 'planned', state, planned_for, 'source',
                       %(uid)s, %(uid)s, %(now)s, %(now)s
                  FROM closed ORDER BY id
                """,
                link=link,
                source=source,
                wanted=wanted,
                scope=scope,
                finished=finished,
                uid=self.env.uid,
                now=self.env.cr.now(),
            )
        )

    def _execute_counted(self, query):
        self.env.cr.execute(query)
        return self.env.cr.rowcount

    # ------------------------------------------------------------
    # DECISIONS ON A ROW ARE DECISIONS ON ITS SOURCE
    # ------------------------------------------------------------

    def _do_sources(self, reason):
        """Do what the actions come from: the mail is done, the activity too."""
        self._own_incoming()._set_state("done")
        self._own_failed()._set_state("done", reason)
        for activity in self._own_activities():
            activity._action_done(feedback=reason or False)

    def _skip_sources(self, reason):
        """Give up what the actions come from."""
        self._own_incoming()._set_state("done")
        for activity_type, activities in self._own_activities().grouped("activity_type_id").items():
            status = activity_type._collection_default_status("cancelled")
            if status:
                activities.write({"collection_status_id": status.id})
            else:
                activities.action_archive()

    def _resubmit_sources(self, day):
        """Move activities to the day on which they return to the worklist."""
        self._own_activities().write({"date_deadline": day})

    def _reopen_sources(self):
        """Make the mail work again; other sources cannot be taken back."""
        for action in self:
            if action.source in ("activity", "message") or (
                action.source == "failed" and action.failed_id.state != "failed"
            ):
                raise UserError(
                    self.env._(
                        "“%s” was dealt with where it came from. Plan a new activity instead.",
                        action.display_name,
                    )
                )
        done = self.incoming_id.filtered(lambda incoming: incoming.state == "done")
        done._set_state("unread")

    def _own_incoming(self):
        return self.incoming_id.filtered(lambda incoming: incoming.state == "unread")

    def _own_failed(self):
        return self.failed_id.filtered(lambda step: step.state == "failed")

    def _own_activities(self):
        return self.activity_id.filtered("active")

    def _check_messages_decided(self):
        """Check that nobody closes the row of a message without deciding on the message.

        :raise UserError: saying what is to be decided
        """
        for action in self.filtered(lambda action: action.kind == "check_message"):
            if action.message_id.state == "possibly_sent":
                raise UserError(self.env._("Say whether the message was sent, or send it again."))
            if action.message_id.state == "failed":
                raise UserError(self.env._("Try to send the message again, or cancel it."))
