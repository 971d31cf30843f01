# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models

from .payment_chargeback import LIVE


class PaymentChargeAttempt(models.Model):
    _inherit = "payment.charge.attempt"

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    next_why = fields.Selection(
        selection_add=[("dispute", "a chargeback is not decided yet")],
        ondelete={"dispute": "set null"},
    )
    chargeback_ids = fields.One2many(
        "payment.chargeback", "attempt_id", "Chargebacks", readonly=True
    )
    chargeback_count = fields.Integer("Number of Chargebacks", compute="_compute_chargeback_count")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("chargeback_ids")
    def _compute_chargeback_count(self):
        for attempt in self:
            attempt.chargeback_count = len(attempt.chargeback_ids)

    @api.depends("chargeback_ids.state")
    def _compute_needs_attention(self):
        """While a chargeback lives, it is the chargeback that is looked at."""
        res = super()._compute_needs_attention()
        for attempt in self.filtered(lambda one: one.state == "returned"):
            if any(chargeback.state in LIVE for chargeback in attempt.chargeback_ids):
                attempt.needs_attention = False
        return res

    @api.depends("chargeback_ids.amount_withdrawn", "chargeback_ids.amount_reinstated")
    def _compute_amount_refundable(self):
        """What a chargeback took away is not paid back a second time."""
        res = super()._compute_amount_refundable()
        for attempt in self.filtered("amount_refundable"):
            # sudo: as the whole of this field is computed
            taken = sum(attempt.sudo().chargeback_ids.mapped("amount_lost"))
            rest = attempt.currency_id.round(attempt.amount_refundable - taken)
            attempt.amount_refundable = max(rest, 0.0)
        return res

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_chargeback_dialogue(self):
        """Open the dialogue in which a person writes a chargeback down."""
        self.ensure_one()
        self._check_operator()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Chargeback"),
            "res_model": "payment.chargeback.open",
            "view_mode": "form",
            "target": "new",
            "context": {"default_attempt_id": self.id},
        }

    def action_open_chargebacks(self):
        """Open the chargebacks of the charge."""
        self.ensure_one()
        return self.chargeback_ids._get_records_action(name=self.env._("Chargebacks"))

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _chargeback_in_the_way(self):
        """Return a live chargeback of whatever asked for the charge, if there is one."""
        self.ensure_one()
        Chargeback = self.env["payment.chargeback"]
        source = self._charge_source()
        if not source:
            return Chargeback
        live = Chargeback._live_of(source)
        return live.filtered(lambda one: one.kind == "chargeback")[:1]

    def _stop_reason(self):
        """Stop retries of what asked for a charge that is disputed."""
        if self._chargeback_in_the_way():
            return "dispute"
        return super()._stop_reason()

    def _prepare_documents(self):
        """Put charges off for whatever asked for a charge that is disputed."""
        if chargeback := self._chargeback_in_the_way():
            self._put_off(
                fields.Date.add(self.company_id._charge_today(), days=1),
                self.env._("%s is not decided yet.", chargeback.name),
            )
            return False
        return super()._prepare_documents()

    def _finish(self):
        """Close the warnings of a charge that was paid back."""
        res = super()._finish()
        if self.operation == "refund" and self.state == "succeeded":
            charged = self.refunded_attempt_id
            if charged.currency_id.is_zero(charged.amount_refundable):
                charged.chargeback_ids.filtered(
                    lambda one: one.kind != "chargeback" and one.state in LIVE
                )._refunded(self)
        return res
