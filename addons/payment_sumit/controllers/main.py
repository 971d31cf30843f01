# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import http
from odoo.http import request

from odoo.addons.payment import utils as payment_utils
from odoo.addons.payment.logging import get_payment_logger

from .. import const

_logger = get_payment_logger(__name__, const.SENSITIVE_KEYS)


class SumitController(http.Controller):
    """Where SUMIT sends customers and notifications. Nothing they bring is believed."""

    _return_url = "/payment/sumit/return"
    _cancel_url = "/payment/sumit/cancel"
    _notify_url = "/payment/sumit/notify"
    _card_url = "/payment/sumit/card"

    _key = "/<int:transaction_id>/<string:access_token>"

    @http.route(_return_url + _key, type="http", methods=["GET"], auth="public")
    def sumit_return(self, transaction_id, access_token, **data):
        """Ask SUMIT about the payment of a customer who comes back from its page."""
        transaction = self._find(transaction_id, access_token)
        _logger.info("Customer is back from SUMIT for transaction %s.", transaction.reference)
        transaction._sumit_settle(data.get("OG-PaymentID"))
        return request.redirect("/payment/status")

    @http.route(_cancel_url + _key, type="http", methods=["GET"], auth="public")
    def sumit_cancel(self, transaction_id, access_token, **_data):
        """Cancel the payment of a customer who left SUMIT's page, unless SUMIT has one."""
        transaction = self._find(transaction_id, access_token)
        if transaction._sumit_query() != "done":
            transaction._set_canceled(transaction.env._("The customer left the payment page."))
        return request.redirect("/payment/status")

    @http.route(
        _notify_url + _key,
        type="http",
        methods=["GET", "POST"],
        auth="public",
        csrf=False,
        save_session=False,
    )
    def sumit_notify(self, transaction_id, access_token, **_data):
        """Ask SUMIT about the payment that it says has ended: the call itself proves nothing.

        :return: An empty text to acknowledge the notification.
        """
        self._find(transaction_id, access_token)._sumit_query()
        return request.make_response("")

    # no language in the address: the form is sent back to this very address
    @http.route(
        _card_url + _key,
        type="http",
        methods=["GET"],
        auth="public",
        website=True,
        multilang=False,
        sitemap=False,
    )
    def sumit_card(self, transaction_id, access_token, **_data):
        """Show the form in which SUMIT's script takes the card, in the customer's browser."""
        transaction = self._find(transaction_id, access_token)
        provider = transaction.provider_id
        if transaction.state != "draft" or provider.sumit_card_entry != "own":
            return request.redirect("/payment/status")
        app = provider._sumit_base_url(const.APP_URL_PARAMETER, const.APP_URL)
        response = request.render(
            "payment_sumit.card_form",
            {
                "transaction": transaction,
                "script": f"{app}/scripts/payments.js",
                "settings": {
                    "CompanyID": int(provider.sumit_company),
                    "APIPublicKey": provider.sumit_public_key,
                    "ResponseLanguage": (request.env.lang or "en")[:2],
                },
            },
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    @http.route(_card_url + _key, type="http", methods=["POST"], auth="public")
    def sumit_charge(self, transaction_id, access_token, **data):
        """Charge the card that SUMIT's script has turned into a token for one charge."""
        transaction = self._find(transaction_id, access_token)
        token = data.get("og-token")
        if (
            token
            and transaction.state == "draft"
            and transaction.provider_id.sumit_card_entry == "own"
        ):
            transaction._sumit_charge_single_use(token)
        return request.redirect("/payment/status")

    def _find(self, transaction_id, access_token):
        """Return the transaction of an address made for it, or raise that there is none."""
        # sudo: the token shows that the caller has the address, which only SUMIT and the payer get
        transaction = request.env["payment.transaction"].sudo().browse(transaction_id).exists()
        if transaction.provider_code != "sumit" or not payment_utils.check_access_token(
            access_token, transaction.id, transaction.reference
        ):
            raise request.not_found()
        return transaction
