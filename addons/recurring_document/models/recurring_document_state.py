# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

TRANSITIONS = {
    "draft": {"running"},
    "running": {"paused", "stopped", "ended"},
    "paused": {"running", "stopped"},
    "stopped": {"running"},
    "ended": {"running", "stopped"},
}
# periods of documents in these states are billed
BILLED_STATES = ("running", "ended")


class RecurringDocument(models.Model):
    """Starts, pauses, resumes and stops, and says why."""

    _inherit = "recurring.document"

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_start(self):
        """Start documents in draft: from now on their periods are billed."""
        self._check_operator()
        for document in self:
            if not document.line_ids.filtered(lambda line: not line.display_type):
                raise UserError(
                    self.env._("%s: add a line first.", document.partner_id.display_name)
                )
        # sudo: checked above; states are written by the system only
        self.sudo()._start()
        return True

    def action_pause(self):
        """Open the dialogue that pauses documents."""
        self._check_operator()
        return self._open_dialogue("recurring.pause", self.env._("Pause"))

    def action_resume(self):
        """Open the dialogue that resumes documents, with what was missed."""
        self._check_operator()
        return self._open_dialogue("recurring.resume", self.env._("Resume"))

    def action_stop(self):
        """Open the dialogue that stops documents for good."""
        self._check_operator()
        return self._open_dialogue("recurring.stop", self.env._("Stop"))

    def _open_dialogue(self, model, name):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            "target": "new",
            "context": {"default_document_ids": [fields.Command.set(self.ids)]},
        }

    # ------------------------------------------------------------
    # STATES
    # ------------------------------------------------------------

    def _set_state(self, state, *, cause, note=False, **vals):
        """Move the documents to ``state``: the only place that writes it.

        :param str cause: what asked for it, see ``recurring.transition``
        :param str note: why, in words
        :param vals: what else is written with it
        :raise UserError: when one may not go there from where it is
        """
        labels = dict(self._fields["state"]._description_selection(self.env))
        moving = self.filtered(lambda one: one.state != state)
        for document in moving:
            if state not in TRANSITIONS[document.state]:
                raise UserError(
                    self.env._(
                        "%(document)s is “%(from)s” and cannot become “%(to)s”.",
                        document=document.display_name,
                        **{"from": labels[document.state], "to": labels[state]},
                    )
                )
        # sudo: history is written by the system
        self.env["recurring.transition"].sudo().create([
            {
                "document_id": document.id,
                "from_state": document.state,
                "to_state": state,
                "cause": cause,
                "note": note,
                "user_id": self.env.uid,
            }
            for document in moving
        ])
        moving.with_context(recurring_by_system=True).write({
            "state": state,
            "why": note,
            **vals,
        })
        return moving

    def _start(self):
        """Number documents in draft and let them run."""
        drafts = self.filtered(lambda one: one.state == "draft")
        for company, documents in drafts.grouped("company_id").items():
            # sudo: numbers are drawn by the system
            sequence = self.env["ir.sequence"].sudo().with_company(company)
            for document in documents.sorted("id"):
                if document.name == "/":
                    document.name = sequence.next_by_code("recurring.document")
        drafts._set_state("running", cause="user")
        drafts._schedule_changed()
        self._log_at_customers({
            document: self.env._(
                "%(amount)s %(rhythm)s from %(day)s on",
                amount=document.currency_id.format(document.amount_period),
                rhythm=document.rhythm_text,
                day=format_date(self.env, document.date_start),
            )
            for document in drafts
        })

    def _pause(self, *, cause="user", note=False, resume_on=False, resume_how="skip"):
        """Pause documents: nothing is billed or charged for periods until they are resumed.

        Periods that were written down and not billed yet are covered by the pause. What was billed
        stays owed.
        """
        moved = self.filtered(lambda one: one.state == "running")._set_state(
            "paused", cause=cause, note=note, resume_on=resume_on, resume_how=resume_how
        )
        for document in moved:
            document.with_context(
                recurring_by_system=True
            ).paused_on = document.company_id._charge_today()
        moved._take_back_charges()
        for document in moved:
            document._log_at_customer(self.env._("Paused. %s", note or ""))
        return moved

    def _stop(self, *, cause="user", note=False):
        """Stop documents for good: nothing is billed or charged for periods any more."""
        moved = self.filtered(lambda one: one.state in {"running", "paused", "ended"})._set_state(
            "stopped", cause=cause, note=note, resume_on=False
        )
        for document in moved.filtered(lambda one: not one.paused_on):
            document.with_context(
                recurring_by_system=True
            ).paused_on = document.company_id._charge_today()
        moved._take_back_charges()
        for document in moved:
            document._log_at_customer(self.env._("Stopped. %s", note or ""))
        return moved

    def _resume(self, how, *, cause="user", note=False, on_its_day=False):
        """Let paused or stopped documents run again.

        :param str how: what becomes of the periods that were missed: ``skip``, ``one`` or ``all``
        :param bool on_its_day: only what was due before the day on which each was to be resumed
            was missed, however late the job comes
        """
        asleep = self.filtered(lambda one: one.state in {"paused", "stopped"})
        missed = asleep._missed(on_its_day=on_its_day)
        for document in asleep:
            planned, slices = missed[document]
            days = sorted({*planned.mapped("bill_on"), *[one.bill_on for one in slices]})
            kept = {"skip": set(), "one": set(days[-1:]), "all": set(days)}[how]
            document._set_state("running", cause=cause, note=note, resume_on=False, paused_on=False)
            rows = planned | self.env["recurring.period"]._create_from(slices)
            skipped = rows.filtered(lambda row, kept=kept: row.bill_on not in kept)
            skipped._set_state("skipped", cause=cause, note=self.env._("Missed in a pause"))
            document._log_at_customer(
                self.env._(
                    "Resumed: %(kept)s missed periods are billed, %(skipped)s are not.",
                    kept=len(rows - skipped),
                    skipped=len(skipped),
                )
            )
        asleep._schedule_changed()
        asleep.filtered(lambda one: not one.next_bill_on)._end()
        return asleep

    def _missed(self, *, on_its_day=False):
        """Return, per document, the periods that were due while it slept.

        :param bool on_its_day: see :meth:`_resume`
        :return: a dictionary of a tuple: the ones written down, and the slices that were not
        """
        # sudo: what is missed is shown before it is decided on
        Period = self.env["recurring.period"].sudo()
        rows = Period.search([("document_id", "in", self.ids), ("state", "=", "planned")])
        by_document = rows.grouped("document_id")
        cursors = self._cursors()
        found = {}
        for document in self:
            slices, until = [], document.company_id._charge_today()
            if on_its_day and document.resume_on:
                until = fields.Date.subtract(document.resume_on, days=1)
            while True:
                some, _following = document._slices(until, cursors)
                slices += some
                if not some:
                    break
                for one in some:
                    cursors[document.id, one.line.id or False] = (
                        one.period.last,
                        one.period.number,
                    )
            planned = by_document.get(document.sudo(), Period)  # sudo: the key only
            found[document] = (
                planned.filtered(lambda row, until=until: row.bill_on <= until),
                slices,
            )
        return found

    def _end(self):
        """Note that nothing will be planned any more."""
        running = self.filtered(lambda one: one.state == "running")
        running._set_state("ended", cause="schedule", note=self.env._("All periods are planned."))

    def _take_back_charges(self):
        """Cancel charges of periods that nobody has asked the provider for yet."""
        # sudo: charges are written by the system only
        charging = self.period_ids.sudo().filtered(lambda one: one.state == "charging")
        charging.attempt_id._take_back(self.env._("The recurring document does not run any more."))

    @api.model
    def _resume_due(self):
        """Resume the documents whose pause is over."""
        waiting = self.search([("state", "=", "paused"), ("resume_on", "!=", False)])
        for document in waiting:
            if document.resume_on <= document.company_id._charge_today():
                document._resume(
                    document.resume_how,
                    cause="schedule",
                    note=self.env._("The pause is over."),
                    on_its_day=True,
                )

    # ------------------------------------------------------------
    # WHAT CHARGES TELL
    # ------------------------------------------------------------

    def _charge_stop(self, attempt):
        """Say whether no further try of a charge is to be made; the charge asks before each."""
        self.ensure_one()
        period = attempt.recurring_period_id
        if not period:
            return False
        if not period._is_owed():
            return True
        # what was billed stays owed, and is charged although no new period is
        return period.state in {"charging", "unpaid"} and self.state not in BILLED_STATES

    def _charge_changed(self, attempt):
        """Follow a charge: issue what it pays, or act on its failure by the rule."""
        self.ensure_one()
        periods = attempt.recurring_period_id._of_same_document()
        if periods:
            periods._charge_changed(attempt)

    def _follow_failures(self, reason):
        """Pause or stop the document when more periods are unpaid than the rule allows."""
        self.ensure_one()
        note = self.env._(
            "%(count)s periods could not be collected: %(reason)s",
            count=len(self._failed_periods()),
            reason=reason or "",
        )
        self._apply_rule("policy", note)

    def _failed_periods(self):
        """Return the periods that could not be collected, of several on one document the first."""
        self.ensure_one()
        return self.period_ids.filtered(lambda row: row.gave_up and row.main_id == row)

    def _apply_rule(self, cause, note):
        """Pause or stop the document if the rule for failures says so.

        :return: whether it was paused or stopped
        """
        self.ensure_one()
        if self.on_failure == "go_on" or self.state not in BILLED_STATES:
            return False
        if len(self._failed_periods()) <= self.failures_allowed:
            return False
        if self.on_failure == "pause" and self.state == "running":
            self._pause(cause=cause, note=note)
        else:
            self._stop(cause=cause, note=note)
        self._alert(self.env._("Not collected"), note)
        return True

    def _alert(self, summary, note):
        """Give the person responsible an activity, once per document."""
        self.ensure_one()
        user = self.user_id or self.company_id.charge_alert_user_id
        if not user or not user.active or user.share or self.activity_ids:
            return
        self.with_context(mail_activity_quick_update=True).activity_schedule(
            "mail.mail_activity_data_todo", user_id=user.id, summary=summary, note=note
        )
