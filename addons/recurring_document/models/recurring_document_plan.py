# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import logging
from dataclasses import dataclass
from datetime import date
from itertools import islice

import psycopg2

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.payment_charge.core.workdays import weekend_of

from ..core import periods as core
from .recurring_terms import UNIT_IN_CORE

_logger = logging.getLogger(__name__)

# recurring documents planned at a time, and periods that one of them gets at a time: one that is
# far behind goes on in the next round
CHUNK = 500
ROWS_PER_DOCUMENT = 400


@dataclass(frozen=True)
class Slice:
    """Days of a document, or of one line with dates of its own, that are billed as a period."""

    document: models.BaseModel
    line: models.BaseModel  # empty: all lines without dates of their own
    period: core.Period
    bill_on: date


class RecurringDocument(models.Model):
    """Plans: writes down which periods are due, each once, before anything is done for them."""

    _inherit = "recurring.document"

    # ------------------------------------------------------------
    # THE SCHEDULE
    # ------------------------------------------------------------

    def _rhythm(self):
        """Return the rhythm of the periods, as the arithmetic reads it."""
        self.ensure_one()
        unit, units = UNIT_IN_CORE[self.unit]
        start = self.date_start
        if self.begin_rule == "start" or unit != "month":
            return core.Rhythm(start, unit, self.every * units)
        day = 31 if self.begin_rule == "last" else self.begin_day
        # quarters and years are those of the calendar, unless they begin on a last day
        month = 1 if self.unit in {"quarter", "year"} and self.begin_rule == "day" else start.month
        anchor = date(start.year, month, 1)
        rhythm = core.Rhythm(anchor, unit, self.every * units, month_day=day)
        return core.Rhythm(rhythm.boundary(0), unit, self.every * units, month_day=day)

    def _billing(self):
        """Return on which day a period is billed, as the arithmetic reads it."""
        self.ensure_one()
        return core.Billing(
            on=self.bill_on,
            offset=self.bill_offset,
            shift=self.bill_shift,
            weekend=weekend_of(self.company_id.country_id.code),
            target=self.bill_target,
        )

    def _days_of_a_period(self):
        """Return how many days the period has that today is in."""
        self.ensure_one()
        if not self.date_start or self.every < 1:
            return 0
        rhythm = self._rhythm()
        place = rhythm.place_of(fields.Date.context_today(self))
        return (rhythm.boundary(place + 1) - rhythm.boundary(place)).days

    def _last_day(self):
        """Return the last day that is billed, by the end and the number of periods, or none."""
        self.ensure_one()
        if not self.count:
            return self.date_end
        found = list(
            core.periods(self._rhythm(), self.date_start, self.date_end or None, self.count)
        )
        return found[-1].last if found else self.date_end

    def _tracks(self, cursors):
        """Yield the series of periods that are still to come: the document's, and lines' own.

        :param dict cursors: by document and line, the last day planned and how many were planned
        """
        self.ensure_one()
        rhythm = self._rhythm()
        last, done = cursors.get((self.id, False), (None, 0))
        none = self.env["recurring.document.line"]
        yield (
            none,
            core.periods(
                rhythm, self.date_start, self.date_end or None, self.count, done=done, until=last
            ),
        )
        for line in self.line_ids:
            if not line._has_own_dates():
                continue
            ends = [day for day in (line.date_end, self._last_day()) if day]
            start = max(filter(None, (line.date_start, self.date_start, line.not_before)))
            last, done = cursors.get((self.id, line.id), (None, 0))
            yield (
                line,
                core.periods(rhythm, start, min(ends, default=None), done=done, until=last),
            )

    def _cursors(self):
        """Return the last day planned and the number of periods, by document and line."""
        # sudo: what was planned counts, whoever looks
        rows = (
            self
            .env["recurring.period"]
            .sudo()
            ._read_group(
                [("document_id", "in", self.ids)],
                ["document_id", "line_id"],
                ["date_to:max", "number:max"],
            )
        )
        return {
            (document.id, line.id or False): (last, number) for document, line, last, number in rows
        }

    def _slices(self, until, cursors, limit=None):
        """Return what is due to be billed by a day, and when the next period after that is.

        :param date until: the last day of billing that counts
        :param dict cursors: see :meth:`_tracks`
        :param int limit: so many at most of each series, :data:`ROWS_PER_DOCUMENT` unless given
        :return: slices in the order of their days, and the next day of billing or none
        """
        self.ensure_one()
        limit = limit or ROWS_PER_DOCUMENT
        billing = self._billing()
        found, following = [], []
        for line, track in self._tracks(cursors):
            for period in islice(track, limit + 1):
                day = billing.day_of(period)
                if day > until or len(found) >= limit:
                    following.append(day)
                    break
                found.append(Slice(self, line, period, day))
        found.sort(key=lambda one: (one.bill_on, one.line.id or 0))
        return found, min(following, default=None)

    def _schedule_changed(self):
        """Find the next day of billing again."""
        if not self:
            return
        cursors = self._cursors()
        # sudo: the day is written by the system only
        quiet = {"recurring_by_system": True, "tracking_disable": True}
        for document in self.sudo().with_context(**quiet):  # sudo: as above
            if document.state == "draft" or not document.date_start or document.every < 1:
                continue
            _none, following = document._slices(date.min, cursors, limit=1)
            if document.next_bill_on != following:
                document.next_bill_on = following
            if document.state == "ended" and following:
                document._set_state(
                    "running", cause="user", note=self.env._("Its end was moved or taken away.")
                )

    # ------------------------------------------------------------
    # PLANNING
    # ------------------------------------------------------------

    @api.model
    def _due_domain(self, until):
        """Return which recurring documents have periods to be planned by a day."""
        return (
            Domain("state", "=", "running")
            & Domain("trouble", "=", False)
            & Domain("next_bill_on", "<=", until)
        )

    def _plan_periods(self, until, run=None, **vals):
        """Write down the periods of these recurring documents that are due by a day.

        Nothing is issued or charged. One that cannot be planned is flagged with its error. Whoever
        is far behind gets a part of its periods: call it until nothing is due any more, see
        :meth:`_due_domain`.

        :param date until: the last day of billing that is planned
        :param run: the run that asks for it
        :param vals: what else is written on each period
        :return: the new periods
        """
        # sudo: periods are written by the system only; who may ask for them is checked before
        documents = self.sudo()._claim()
        cursors = documents._cursors()
        planned, following = [], {}
        for document in documents:
            try:
                slices, following[document] = document._slices(until, cursors)
            except (ValueError, OverflowError, ArithmeticError, LookupError, TypeError) as error:
                document._set_trouble(error)
                continue
            planned += slices
        rows = self.env["recurring.period"].sudo()  # sudo: see above
        try:
            with self.env.cr.savepoint():
                rows = rows._create_from(planned, run=run, **vals)
        except psycopg2.errors.UniqueViolation:
            # somebody planned one of them by hand just now: the others do not wait for it
            if len(documents) == 1:
                raise
            self.env.invalidate_all()
            for document in documents:
                rows |= document._plan_periods(until, run=run, **vals)
            return rows
        for document, day in following.items():
            document.with_context(
                recurring_by_system=True, tracking_disable=True
            ).next_bill_on = day
        documents.filtered(lambda one: one in following and not following[one])._end()
        documents._refresh_amounts()
        self.env.flush_all()
        return rows

    def _refresh_amounts(self):
        """Find again what a period comes to, where the prices depend on the day."""
        moving = self.line_ids.filtered(
            lambda line: (
                line.price_by == "pricelist"
                or line.indexed
                or line._has_own_dates()
                or line.price_ids
            )
        ).document_id
        for name in ("amount_period", "amount_month"):
            self.env.add_to_compute(self._fields[name], moving)

    def _claim(self):
        """Return those of the documents that nobody else is planning, as they are now."""
        self.env.flush_all()
        claimed = self.try_lock_for_update(allow_referencing=True)
        claimed.invalidate_recordset()
        return claimed.filtered(lambda one: one.state == "running" and not one.trouble)

    def _set_trouble(self, error):
        """Flag the documents with an error; they are left out until somebody looks."""
        for document in self.sudo():  # sudo: flags are written by the system
            text = str(error) or repr(error)
            if document.trouble == text:
                continue
            document.with_context(recurring_by_system=True).write({
                "trouble": text,
                "trouble_on": fields.Datetime.now(),
            })
            document._message_log(body=self.env._("Not billed: %s", text))
            document._alert(self.env._("Look at an error"), text)

    def _forget_trouble(self):
        """Let documents be billed again that somebody has changed."""
        flagged = self.sudo().filtered("trouble")  # sudo: see _set_trouble
        if flagged:
            flagged.with_context(recurring_by_system=True).write({
                "trouble": False,
                "trouble_on": False,
            })
            flagged.period_ids.filtered(lambda one: one.state == "failed")._release()

    def action_release(self):
        """Bill documents again that were left out because of an error."""
        self._check_operator()
        self._forget_trouble()
        return True
