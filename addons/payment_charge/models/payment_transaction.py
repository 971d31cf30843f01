# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import logging

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..core.answers import codes_in

_logger = logging.getLogger(__name__)

# between the codes of one answer
SEPARATOR = " | "
ONLINE = {"online_redirect", "online_direct", "online_token"}


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    charge_attempt_id = fields.Many2one(
        "payment.charge.attempt",
        "Charge",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The charge or refund that asked for this transaction.",
    )
    charge_codes = fields.Char(
        "Codes in the Answer", readonly=True, help="The provider's own codes for what happened."
    )

    @api.model_create_multi
    def create(self, vals_list):
        transactions = super().create(vals_list)
        for transaction in transactions:
            if transaction.operation in ONLINE:
                transaction._charge_keep_apart()
        return transactions

    def _charge_keep_apart(self):
        """Refuse a payment in the portal of a document that a charge is paying already."""
        self.ensure_one()
        documents = self.invoice_ids
        if not documents:
            return
        documents._charge_claim()
        # sudo: whether a charge runs is true for customers too, who see no charges
        running = documents.sudo()._charge_running()
        if running and running != self.charge_attempt_id:
            raise ValidationError(
                self.env._(
                    "A payment of %s is under way already. Please wait until it is through.",
                    ", ".join(documents.mapped("name")),
                )
            )

    def _process(self, provider_code, payment_data):
        transaction = super()._process(provider_code, payment_data)
        if transaction.charge_attempt_id and (codes := codes_in(payment_data)):
            transaction.charge_codes = SEPARATOR.join(codes)
        return transaction

    def _set_done(self, *, state_message=None, extra_allowed_states=()):
        """Take a success that comes after all, also where the host takes it for given up."""
        if self.charge_attempt_id or self.source_transaction_id.charge_attempt_id:
            extra_allowed_states = (*extra_allowed_states, "cancel")
        return super()._set_done(
            state_message=state_message, extra_allowed_states=extra_allowed_states
        )

    def _update_state(self, allowed_states, target_state, state_message):
        """Have the follow-up look at charges whose transaction moved."""
        transactions = super()._update_state(allowed_states, target_state, state_message)
        if transactions.charge_attempt_id and not self.env.context.get("charge_probe"):
            # sudo: whoever speaks for the provider wakes a job
            self.env.ref("payment_charge.cron_resolve").sudo()._trigger()
        return transactions

    def _post_process(self):
        """Let a charge follow its transaction in the moment the host books it."""
        res = super()._post_process()
        if not self.env.context.get("charge_books"):
            for attempt in self.filtered(lambda tx: tx.state == "done").charge_attempt_id:
                try:
                    with self.env.cr.savepoint():
                        attempt._settle()
                except Exception:
                    # the booking is the host's and stands; the follow-up comes back to the charge
                    _logger.exception("Charge %s could not follow its transaction", attempt.name)
        return res

    def _charge_send(self, probe):
        """Send the request of this transaction once, and keep what the provider says.

        What is raised and is no answer of the provider goes on to the caller.
        """
        self.ensure_one()
        self = self.with_context(charge_probe=probe, payment_backend_action=True)
        self._ensure_provider_is_not_disabled()
        self._log_sent_message()
        try:
            if self.operation == "refund":
                self._send_refund_request()
            else:
                self._send_payment_request()
        except ValidationError as error:
            probe.note(error)
            if not probe.unanswered:
                self._set_error(str(error))
        if probe.unanswered and self.state == "error":
            # the host takes silence for a refusal; nobody knows yet
            self.write({"state": "draft", "state_message": False})
        if probe.codes:
            self.charge_codes = SEPARATOR.join(probe.codes)

    def _charge_reason(self):
        """Return the reason that the provider's answer stands for."""
        self.ensure_one()
        codes = self.charge_codes.split(SEPARATOR) if self.charge_codes else []
        return self.env["payment.reason"]._from_answer(
            self.provider_code, codes, self.state_message
        )
