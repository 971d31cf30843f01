# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models

from .recurring_document_state import BILLED_STATES


class PaymentChargeAttempt(models.Model):
    _inherit = "payment.charge.attempt"

    recurring_period_id = fields.Many2one(
        "recurring.period",
        "Period",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The period of a recurring document that is charged.",
    )

    @api.model
    def _planned_values(self, vals, ways):
        """A further try is for the same period."""
        vals = super()._planned_values(vals, ways)
        if vals.get("previous_id") and "recurring_period_id" not in vals:
            previous = self.browse(vals["previous_id"])
            vals["recurring_period_id"] = previous.recurring_period_id.id
        return vals

    def _prepare_documents(self):
        """Charge a period only while it is owed and its recurring document runs."""
        ready = super()._prepare_documents()
        period = self.recurring_period_id
        if not ready or not period or self.operation != "charge":
            return ready
        asleep = period.document_id.state not in BILLED_STATES
        if asleep and period.state in {"charging", "unpaid"}:
            self._set_state(
                "cancelled",
                cause="ledger",
                note=self.env._("The recurring document does not run any more."),
            )
            return False
        owed = period._owed()
        if self.currency_id.compare_amounts(owed, 0) <= 0:
            self._set_state(
                "cancelled",
                cause="ledger",
                note=self.env._("Nothing is owed any more."),
                handled=True,
            )
            return False
        if pending := period.request_id._pending_transactions_but(self.transaction_ids):
            tomorrow = fields.Date.add(self.company_id._charge_today(), days=1)
            self._put_off(
                tomorrow,
                self.env._("The customer's payment %s is under way.", pending[0].reference),
            )
            return False
        if self.currency_id.compare_amounts(owed, self.amount) < 0:
            self.amount = owed
        return True

    def _create_transaction(self):
        """What pays a payment request says so: its invoice is issued as the money is booked."""
        transaction = super()._create_transaction()
        request = self.recurring_period_id.request_id
        if request and self.operation == "charge":
            transaction.payment_request_id = request
        return transaction

    def _finish(self):
        """Tell the period of a charge that was given up."""
        result = super()._finish()
        if self.state == "cancelled" and self.operation == "charge" and self.recurring_period_id:
            chain = self._chain()
            if not chain.filtered(lambda one: one.state not in {"failed", "cancelled", "returned"}):
                self.recurring_period_id._of_same_document()._charge_cancelled(self)
        return result

    def _take_back(self, note):
        """Cancel the tries of these charges that are planned: nobody has been asked for money."""
        for attempt in self:
            planned = attempt._chain().filtered(lambda one: one.state == "planned")
            planned = planned.with_context(recurring_take_back=True)
            planned._set_state("cancelled", cause="user", note=note)
            planned._finish_all()
