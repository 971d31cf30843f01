# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

from ..core import retry
from ..core.workdays import weekend_of


class PaymentChargeAttempt(models.Model):
    """What follows a failed charge: asks the rules, and plans what they say."""

    _inherit = "payment.charge.attempt"

    def _chain(self):
        """Return the tries of the chain, the first one first."""
        self.ensure_one()
        first = self.first_id or self
        return first | self.search([("first_id", "=", first.id)], order="id")

    def _stop_reason(self):
        """Return what makes a further try pointless: a code of ``next_why``, or nothing.

        Add-ons whose records ask for charges may extend this.
        """
        self.ensure_one()
        if self.document_ids and self.currency_id.is_zero(self.residual):
            return "paid"
        if self._is_held():
            return "held"
        source = self._charge_source()
        if source and hasattr(source, "_charge_stop") and source.sudo()._charge_stop(self):
            return "source"
        return "" if self.retry else "by_hand"

    def _is_held(self):
        self.ensure_one()
        return self.partner_id.with_company(self.company_id).charge_hold

    def _usable_way(self):
        """Return the way to charge next by hand: the same one if it can be charged, or the first."""
        self.ensure_one()
        ways = self._ways()
        return self.way_id if self.way_id in ways else ways[:1]

    def _ways(self):
        self.ensure_one()
        ways = self.partner_id._charge_ways(self.company_id, self._charge_source() or None)
        return ways.filtered(lambda way: not way._charge_in_currency(self.currency_id))

    def _situation(self):
        """Return all that decides what follows this failure, as the rules read it."""
        self.ensure_one()
        failed = self._chain().filtered(
            lambda one: (one.state == "failed" or one == self) and one.submitted_on
        )
        schedule = self.env["payment.charge.schedule"]._find(
            self.company_id, self.reason_class or "person", self.way_id._charge_kind()
        )
        ended = failed.filtered(lambda one: one != self and one.reason_class in retry.ENDING)
        tries = [retry.Try(one.submitted_on, one.way_id.id) for one in failed]
        return retry.Situation(
            today=self.company_id._charge_today(),
            reason_class=self.reason_class or "person",
            tries=tries or [retry.Try(fields.Datetime.now(), self.way_id.id)],
            ways=tuple(self._ways().ids),
            barred=frozenset(ended.way_id.ids),
            schedule=schedule._as_core(),
            caps=self._caps(self.network),
            same_card=self._failures_of_card(self.way_id),
            weekend=weekend_of(self.company_id.country_id.code),
            stop=self._stop_reason(),
        )

    def _caps(self, network):
        return [
            retry.Cap(cap.tries, cap.hours)
            for cap in self.env["payment.charge.cap"]._of_network(network)
        ]

    def _failures_of_card(self, way):
        """Return when charges of a card were refused lately, for whichever document."""
        if not way:
            return []
        domain = [("token_id", "=", way.token_id.id)] if way.token_id else [("way_id", "=", way.id)]
        failed = self.search([
            *domain,
            ("state", "=", "failed"),
            ("submitted_on", ">=", fields.Datetime.subtract(fields.Datetime.now(), days=60)),
        ])
        return failed.mapped("submitted_on")

    def _free_day(self, way):
        """Return the first day on which the network's limits allow a charge of a way."""
        self.ensure_one()
        now = fields.Datetime.now()
        caps, failures = self._caps(way.network), self._failures_of_card(way)
        if retry.first_free_moment(caps, failures, now) <= now:
            return self.company_id._charge_today()
        tomorrow = fields.Date.add(self.company_id._charge_today(), days=1)
        return retry.first_free_day(caps, failures, tomorrow)

    def _follow_failure(self):
        """Decide what follows a failed charge, and plan it."""
        self.ensure_one()
        if self.reason_class == "never" and self.way_id and not self.way_id.blocked_on:
            self.way_id._block(self.reason_id)
        if not self.way_id:
            self.write({"next_step": "stop", "next_why": "no_way", "next_try_on": False})
            return
        decision = retry.decide(self._situation())
        if decision.step in {"retry", "next_way"} and self.document_ids.move_id._charge_live():
            decision = retry.Decision("stop", "other")
        self.write({
            "next_step": decision.step,
            "next_why": decision.why,
            "next_try_on": decision.on,
        })
        if decision.why == "paid":
            self.handled = True
        if decision.step in {"retry", "next_way"} and not self.next_ids:
            self._plan_next(self.env["payment.charge.way"].browse(decision.way), decision.on)

    def _plan_next(self, way, day):
        """Write down the next try of the chain."""
        self.ensure_one()
        moves = self.document_ids.move_id
        due = sum(move._charge_due() for move in moves)
        chain = self._chain()
        number = max(self._next_number(moves), *[one.number + 1 for one in chain])
        return self._plan([
            {
                "invoice_ids": moves,
                "company_id": self.company_id.id,
                "partner_id": self.partner_id.id,
                "currency_id": self.currency_id.id,
                "amount": min(self.amount, due) if moves else self.amount,
                "way_id": way.id,
                "res_model": self.res_model,
                "res_id": self.res_id,
                "key": f"{chain[0].key}>{number}",
                "number": number,
                "previous_id": self.id,
                "first_id": (self.first_id or self).id,
                "batch_id": self.batch_id.id,
                "planned_on": day,
                "retry": self.retry,
                "user_id": self.user_id.id,
            }
        ])
