# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import logging
import time

from werkzeug.exceptions import BadRequest, Forbidden

from odoo import SUPERUSER_ID, http
from odoo.http import request

from odoo.addons.payment_stripe import utils as stripe_utils
from odoo.addons.payment_stripe.controllers.main import StripeController as HostController

from ..core import stripe

_logger = logging.getLogger(__name__)


class StripeController(HostController):
    @http.route()
    def stripe_webhook(self):
        """Take in what Stripe reports of disputes and cards; leave the rest to the host."""
        event = request.get_json_data()
        if not isinstance(event, dict) or event.get("type") not in stripe.EVENTS:
            return super().stripe_webhook()
        provider = self._chargeback_provider()
        try:
            provider._stripe_take_event(event)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            _logger.warning("A signed report of Stripe could not be read: %r", error)
            raise BadRequest() from error
        return request.make_json_response("")

    def _chargeback_provider(self):
        """Return the provider that the request is surely for.

        :raise Forbidden: when it is signed with no secret of ours. Without any secret nothing is
            taken in: the host would let it pass.
        """
        # the system follows reports, whoever the web server takes Stripe for
        providers = request.env(user=SUPERUSER_ID)["payment.provider"].search(
            [("code", "=", "stripe")], order="state, id"
        )
        payload = request.httprequest.data
        header = request.httprequest.headers.get("Stripe-Signature")
        for provider in providers:
            try:
                stripe.check_signature(
                    payload,
                    header,
                    stripe_utils.get_webhook_secret(provider),
                    time.time(),
                    self.WEBHOOK_AGE_TOLERANCE,
                )
            except stripe.BadSignature:
                continue
            return provider.with_company(provider.company_id)
        _logger.warning("A report of Stripe was refused: it is signed with no secret of ours")
        raise Forbidden()
