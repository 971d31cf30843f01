# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import requests

from odoo import fields, models
from odoo.exceptions import ValidationError

from ..core.answers import codes_in

# answers that do not tell whether the charge took place
UNDECIDED_STATUS = frozenset((408, 409, 425))
# the same key came with other contents, or the first request is still being worked on
UNDECIDED_CODES = frozenset(("idempotency_error", "idempotency_key_in_use", "704"))
# so many hours providers keep a key surely, as they document; the host sends one with a charge
KEEPS_KEYS_HOURS = {"stripe": 23, "adyen": 6 * 24}


class ChargeProbe:
    """What went over the line during one charge; lives as long as the call."""

    def __init__(self):
        self.unanswered = False
        self.codes = ()
        self.message = ""

    @property
    def silence(self):
        """What is known of an answer that never came; nothing when there was one."""
        return self.message if self.unanswered else ""

    def note(self, error):
        """Look at what a request ended with; the host makes one error of all of them."""
        self.message = str(error) or type(error).__name__
        cause = error
        while cause is not None:
            if isinstance(cause, requests.exceptions.HTTPError):
                self._note_response(cause.response)
                return
            if isinstance(cause, requests.exceptions.RequestException):
                self.unanswered = True
                return
            cause = cause.__cause__ or cause.__context__

    def _note_response(self, response):
        if response is None or response.status_code >= 500:
            self.unanswered = True
            return
        if response.status_code in UNDECIDED_STATUS:
            self.unanswered = True
        try:
            answer = response.json()
        except ValueError:
            return
        self.codes = codes_in(answer)
        kind = answer.get("error") if isinstance(answer, dict) else None
        kind = kind.get("type") if isinstance(kind, dict) else None
        if UNDECIDED_CODES & {kind, *self.codes}:
            self.unanswered = True


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    def _send_api_request(self, *args, **kwargs):
        """Keep apart what the host makes one error of: a refusal, and an answer that never came."""
        probe = self.env.context.get("charge_probe")
        try:
            return super()._send_api_request(*args, **kwargs)
        except ValidationError as error:
            if probe:
                probe.note(error)
            raise

    def _charge_query(self, transaction):
        """Ask the provider what became of a transaction whose outcome is not known.

        Providers that can be asked extend this. What they learn may be processed at once, as a
        webhook would be.

        :return: ``done``, ``pending``, ``error``, ``not_found`` when the provider never got it,
            or ``None`` when it cannot say
        """
        # a provider's add-on that does not know of this one loads before it
        ask = getattr(super(), "_charge_query", None)
        return ask(transaction) if ask else None

    def _charge_can_repeat(self, transaction):
        """Tell whether sending a transaction again with the same key is surely no second charge.

        Only for providers that document it, and only as long as they keep the key.
        """
        hours = KEEPS_KEYS_HOURS.get(transaction.provider_code)
        if not hours or transaction.operation == "refund":
            return False
        since = fields.Datetime.subtract(fields.Datetime.now(), hours=hours)
        return transaction.create_date > since
