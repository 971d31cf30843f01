# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

from odoo.addons.recurring_document.core.placeholders import PATTERN

# what a state looks like on the screen
STATE_TONES = {
    "running": "success",
    "paused": "warning",
    "stopped": "danger",
    "ended": "secondary",
}
# what became of a period, likewise
RESULT_TONES = {
    "paid": "success",
    "overdue": "warning",
    "unpaid": "danger",
    "failed": "danger",
    "reversed": "secondary",
    "skipped": "secondary",
}
# so many lines tell what a document is for
LINES_TOLD = 3


class RecurringDocument(models.Model):
    """Says of itself what the customer screen shows."""

    _inherit = "recurring.document"

    def _screen_what(self):
        """Return what the customer pays for now: the products, or the texts without their month."""
        self.ensure_one()
        today = self.company_id._charge_today()
        texts = [
            line.product_id.display_name
            or " ".join(PATTERN.sub("", (line.name or "").split("\n", 1)[0]).split())
            for line in self.line_ids
            if not line.display_type and not (line.date_end and line.date_end < today)
        ]
        told = ", ".join(dict.fromkeys(texts[:LINES_TOLD]))
        return f"{told} …" if len(texts) > LINES_TOLD else told

    def _screen_way(self, ways):
        """Return by which way it is charged next, and what is wrong when it cannot be.

        :param ways: the customer's ways for whatever has none of its own
        :return: the name of the way, and what is wrong in words; one of them
        """
        self.ensure_one()
        if not self._is_charged():
            return self.env._("The customer pays"), False
        own = self.way_ids.sorted(lambda way: (way.sequence, way.id)) or ways
        hindrance = self.env._("No way to be charged")
        for way in own:
            against = way.why_not or way._charge_in_currency(self.currency_id)
            if not against:
                return way.display_name, False
            if way == own[0]:
                hindrance = f"{way.display_name}: {against}"
        return False, hindrance

    def _screen_next(self, planned):
        """Return the day on which the customer is billed next, if the document runs.

        :param planned: the first billing day of the periods that are written down already
        """
        self.ensure_one()
        if self.state not in {"running", "ended"} or self.trouble:
            return False
        return min(filter(None, (planned, self.next_bill_on)), default=False)

    def _screen_tone(self):
        """Return how its state looks on the screen."""
        self.ensure_one()
        return "danger" if self.trouble else STATE_TONES.get(self.state, "info")

    def _screen_alert(self, change):
        """Return what to know of it before calling, or nothing.

        :param change: its last change of state, see ``collection.profile``
        """
        self.ensure_one()
        by_rule = change.cause in {"policy", "chargeback"}
        if self.trouble:
            level, text = "danger", self.trouble
            title = self.env._("Not billed because of an error: %s", self._screen_name())
        elif self.state == "stopped" and (by_rule or change.recent):
            level, text = "danger" if by_rule else "warning", self.why
            title = self.env._("Stopped: %s", self._screen_name())
        elif self.state == "paused" and by_rule:
            level, text = "danger", self.why
            title = (
                self.env._("Paused because of a chargeback: %s", self._screen_name())
                if change.cause == "chargeback"
                else self.env._("Paused after a failed charge: %s", self._screen_name())
            )
        else:
            return None
        return {
            "key": f"recurring_{self.id}",
            "level": level,
            "icon": "fa-repeat",
            "title": title,
            "text": text or "",
        }

    def _screen_name(self):
        return self.title or self._screen_what() or self.name

    def _screen_period(self, period):
        """Return what became of the last period, for the screen.

        :param period: a ``recurring.period``, or none when nothing was billed yet
        """
        if not period:
            return False
        labels = dict(period._fields["result"]._description_selection(self.env))
        return {
            "label": labels[period.result],
            "tone": RESULT_TONES.get(period.result, "info"),
            "day": fields.Date.to_string(period.bill_on),
            "document": period.document_name or False,
            # the charge's reason is told in the language of whoever looks
            "reason": period.attempt_id.reason_id.name
            or period.error
            or (period.charge_text if period.result not in {"paid", "reversed"} else False),
        }
