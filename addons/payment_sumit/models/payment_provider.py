# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import re
from datetime import timedelta
from json.decoder import JSONDecodeError

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.urls import urljoin

from odoo.addons.payment import utils as payment_utils
from odoo.addons.payment.const import REPORT_REASONS_MAPPING
from odoo.addons.payment.logging import get_payment_logger

from .. import const
from ..core import answer
from ..core.errors import SumitNotSent, SumitRefused, SumitUnknown

_logger = get_payment_logger(__name__, const.SENSITIVE_KEYS)


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    code = fields.Selection(
        selection_add=[("sumit", "SUMIT")],
        ondelete={"sumit": "set default"},
    )
    sumit_company = fields.Char(
        string="SUMIT Organisation Number",
        help="The CompanyID shown with the keys under Developers in SUMIT. Whether money moves"
        " depends on it: a test organisation moves none.",
        required_if_provider="sumit",
        copy=False,
    )
    sumit_api_key = fields.Char(
        string="SUMIT API Key",
        help="The private key of the organisation. It never leaves this server except to SUMIT.",
        required_if_provider="sumit",
        copy=False,
        groups="base.group_system",
    )
    sumit_public_key = fields.Char(
        string="SUMIT Public Key",
        help="The key for the card form on your own page. SUMIT's script uses it in the customer's"
        " browser to turn the card into a token that is good for one charge.",
        copy=False,
    )
    sumit_clearing = fields.Selection(
        string="Clearing",
        help="Who clears the cards: the card companies directly, under the company's own merchant"
        " number, or the UPAY aggregator.",
        selection=[("own", "Own merchant number"), ("upay", "UPAY aggregator")],
        default="own",
    )
    sumit_merchant_number = fields.Char(
        string="Merchant Number",
        help="The card terminal to charge on, where the organisation has several in SUMIT. Leave"
        " empty for SUMIT's default one.",
        copy=False,
    )
    sumit_card_entry = fields.Selection(
        string="Card Entry",
        help="Where a customer enters the card: on SUMIT's secure page, or on a page of this"
        " website where SUMIT's script takes the card. Card numbers never reach this server.",
        selection=[("sumit", "On SUMIT's page"), ("own", "On our page, by SUMIT's script")],
        default="sumit",
    )
    sumit_instalments = fields.Integer(
        string="Instalments at Most",
        help="The largest number of instalments a customer may choose on SUMIT's page. The card"
        " company pays the whole amount in as many parts.",
        default=1,
    )
    sumit_documents = fields.Boolean(
        string="SUMIT Issues Documents",
        help="Off: all documents are issued here, and SUMIT issues none for a charge by"
        " token and a draft only for its payment page. On: SUMIT issues and sends its own, beside"
        " those issued here.",
    )
    sumit_notify = fields.Boolean(
        string="Ask for Notifications",
        help="Ask SUMIT to call this server when a payment on its page ends, for customers who"
        " close the page too early. Open payments are asked for every quarter of an hour anyway.",
        default=True,
    )

    # === CONSTRAINT METHODS === #

    @api.constrains("code", "sumit_company", "sumit_instalments")
    def _check_sumit_settings(self):
        for provider in self.filtered(lambda provider: provider.code == "sumit"):
            if provider.sumit_company and not re.fullmatch(r"\d{1,15}", provider.sumit_company):
                raise ValidationError(
                    self.env._("The organisation number of SUMIT has digits only.")
                )
            if not 1 <= provider.sumit_instalments <= 36:
                raise ValidationError(self.env._("Instalments are between 1 and 36."))

    @api.constrains("state", "sumit_card_entry", "sumit_public_key")
    def _check_sumit_public_key(self):
        if any(
            provider.code == "sumit"
            and provider.state != "disabled"
            and provider.sumit_card_entry == "own"
            and not provider.sumit_public_key
            for provider in self
        ):
            raise ValidationError(
                self.env._("The card form on your own page needs the public key of SUMIT.")
            )

    # === COMPUTE METHODS === #

    def _compute_feature_support_fields(self):
        """Override of `payment` to enable saved cards and refunds, whole or in part.

        Manual capture is not offered: SUMIT can hold an amount, but its API can neither release
        the hold nor find it again after a time-out.
        """
        result = super()._compute_feature_support_fields()
        self.filtered(lambda provider: provider.code == "sumit").update({
            "support_refund": "partial",
            "support_tokenization": True,
        })
        return result

    def _get_supported_currencies(self):
        """Override of `payment` to return the currencies that SUMIT clears."""
        currencies = super()._get_supported_currencies()
        if self.code == "sumit":
            currencies = currencies.filtered(
                lambda currency: currency.name in const.CURRENCIES.values()
            )
        return currencies

    # === CRUD METHODS === #

    def _get_default_payment_method_codes(self):
        """Override of `payment` to return the default payment method codes."""
        self.ensure_one()
        if self.code != "sumit":
            return super()._get_default_payment_method_codes()
        return const.DEFAULT_PAYMENT_METHOD_CODES

    def _archive_linked_tokens(self):
        """Override of `payment` to keep the cards at SUMIT when its provider is switched off."""
        return super(
            PaymentProvider, self.with_context(sumit_keep_methods=True)
        )._archive_linked_tokens()

    # === ACTION METHODS === #

    def action_sumit_check(self):
        """Ask SUMIT whether it knows the organisation and the key.

        :return: A notification with the answer.
        :rtype: dict
        """
        self.ensure_one()
        try:
            self._send_api_request("POST", const.COMPANY_DETAILS)
        except ValidationError as error:
            kind, message = "danger", str(error)
        else:
            kind, message = "success", self.env._("SUMIT accepts the organisation and its key.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": kind, "message": message, "sticky": kind == "danger"},
        }

    def _get_reset_values(self):
        """Override of `payment` to reset the credentials."""
        if self.code != "sumit":
            return super()._get_reset_values()
        return {
            "sumit_company": None,
            "sumit_api_key": None,
            "sumit_public_key": None,
            "sumit_merchant_number": None,
        }

    # === BUSINESS METHODS === #

    @api.model
    def _get_compatible_providers(self, *args, is_validation=False, report=None, **kwargs):
        """Override of `payment` to leave SUMIT out where a card is to be saved without a payment.

        SUMIT's page saves a card with a payment only.
        """
        providers = super()._get_compatible_providers(
            *args, is_validation=is_validation, report=report, **kwargs
        )
        if is_validation:
            sumit = providers.filtered(lambda provider: provider.code == "sumit")
            providers -= sumit
            payment_utils.add_to_report(
                report,
                sumit,
                available=False,
                reason=REPORT_REASONS_MAPPING["validation_not_supported"],
            )
        return providers

    def _charge_query(self, transaction):
        """Ask SUMIT what became of a transaction, and bring the transaction up to date.

        :param payment.transaction transaction: The transaction.
        :return: `done`, `pending`, `error` or `not_found`; None where SUMIT cannot be asked or its
                 answer fits more than one transaction, so that a person has to look.
        :rtype: str|None
        """
        if self.code != "sumit":
            # other add-ons may define the same question for their providers
            ask = getattr(super(), "_charge_query", None)
            return ask(transaction) if ask else None
        return transaction._sumit_query()

    def _sumit_list_payments(self, since):
        """Return all payments of the organisation since a moment, valid or not.

        :param datetime since: The first moment of interest, in UTC.
        :return: SUMIT's payments; None where there are more than can be read.
        :rtype: list[dict]|None
        """
        self.ensure_one()
        payments = []
        for _page in range(const.MAXIMUM_PAGES):
            data = self._send_api_request(
                "POST",
                const.LIST_PAYMENTS,
                json={
                    # whole days, one more at both ends: SUMIT's days are Israel's
                    "Date_From": (since - timedelta(days=1)).date().isoformat(),
                    "Date_To": (fields.Datetime.now() + timedelta(days=1)).date().isoformat(),
                    "StartIndex": len(payments),
                },
            )
            found = data.get("Payments") or []
            payments += [payment for payment in found if isinstance(payment, dict)]
            if not data.get("HasNextPage") or not found:
                return payments
        _logger.warning("SUMIT has too many payments since %s to look through.", since)
        return None

    # === REQUEST HELPERS === #

    def _sumit_base_url(self, parameter, default):
        # sudo: a system parameter that only administrators write
        return self.env["ir.config_parameter"].sudo().get_param(parameter) or default

    def _sumit_credentials(self):
        self.ensure_one()
        # sudo: the key goes to SUMIT only, whoever may start a payment
        provider = self.sudo()
        if not provider.sumit_company or not provider.sumit_api_key:
            raise SumitNotSent(
                self.env._(
                    "The organisation number or the key of SUMIT is missing in %s.", self.name
                )
            )
        return {"CompanyID": int(provider.sumit_company), "APIKey": provider.sumit_api_key}

    def _build_request_url(self, endpoint, **kwargs):
        """Override of `payment` to build the request URL."""
        if self.code != "sumit":
            return super()._build_request_url(endpoint, **kwargs)
        return urljoin(self._sumit_base_url(const.API_URL_PARAMETER, const.API_URL), endpoint)

    def _build_request_headers(self, *args, **kwargs):
        """Override of `payment` to build the request headers."""
        if self.code != "sumit":
            return super()._build_request_headers(*args, **kwargs)
        language = (self.env.lang or "en")[:2]
        return {
            "Accept": "application/json",
            # the language of SUMIT's messages
            "Content-Language": language if language in const.LANGUAGES else "en",
            "X-OG-Client": "Odoo",
        }

    def _send_api_request(
        self, method, endpoint, *, params=None, data=None, json=None, reference=None, **kwargs
    ):
        """Override of `payment` to tell apart what the host takes for one error.

        A refusal and a request that never left leave no charge behind. A time-out, a broken
        connection, an error of SUMIT's server or an answer that cannot be read leave it open.

        :return: The data of SUMIT's answer.
        :rtype: dict
        :raise SumitRefused: SUMIT refused the request.
        :raise SumitNotSent: The request did not reach SUMIT.
        :raise SumitUnknown: Nobody knows what came of the request.
        """
        self.ensure_one()
        if self.code != "sumit":
            return super()._send_api_request(
                method,
                endpoint,
                params=params,
                data=data,
                json=json,
                reference=reference,
                **kwargs,
            )
        url = self._build_request_url(endpoint, **kwargs)
        payload = {**(json or {}), "Credentials": self._sumit_credentials()}
        headers = self._build_request_headers(method, endpoint, payload, **kwargs)
        self._log_request(method, url, None, reference=reference)
        try:
            response = requests.request(
                method,
                url,
                json=payload,
                headers=headers,
                timeout=(const.CONNECT_TIMEOUT, const.READ_TIMEOUT),
                allow_redirects=False,
            )
        except requests.exceptions.RequestException as error:
            # only its kind: its text may show the address, never the body, but nothing is lost
            _logger.warning("No answer from SUMIT to %s: %s", endpoint, type(error).__name__)
            if self._sumit_never_sent(error):
                raise SumitNotSent(
                    self.env._("SUMIT cannot be reached. Nothing was charged; try again later.")
                ) from error
            raise SumitUnknown(self.env._("SUMIT did not answer in time.")) from error
        return self._sumit_read(response, reference)

    def _sumit_never_sent(self, error):
        """Return whether the connection failed before anything was sent."""
        if isinstance(error, requests.exceptions.ConnectTimeout):
            return True
        if not isinstance(error, requests.exceptions.ConnectionError) or not error.args:
            return False
        reason = getattr(error.args[0], "reason", error.args[0])
        return isinstance(reason, (NewConnectionError, ConnectTimeoutError))

    def _sumit_read(self, response, reference):
        """Return the data of an answer, or raise what it stands for."""
        try:
            content = response.json()
        except (JSONDecodeError, ValueError):
            content = None
        if not isinstance(content, dict):
            content = {}
        self._sumit_log_answer(response, content, reference)
        status = response.status_code
        message = str(content.get("UserErrorMessage") or "").strip()
        verdict = answer.envelope(content.get("Status"))
        if 400 <= status < 500 and status not in (408, 409, 425) or verdict == "refused":
            raise SumitRefused(
                self.env._("SUMIT refused the request: %s", message)
                if message
                else self.env._("SUMIT refused the request without giving a reason.")
            )
        if status != 200 or verdict != "success":
            raise SumitUnknown(
                self.env._("SUMIT's answer does not say what became of the request.")
            )
        data = content.get("Data")
        return data if isinstance(data, dict) else {}

    def _log_request(self, method, url, payload, *, reference=None):
        """Override of `payment` to log no contents: they hold the key and the card's token."""
        if self.code != "sumit":
            return super()._log_request(method, url, payload, reference=reference)
        _logger.info("Asking SUMIT %s for %s.", url, reference or f"provider {self.id}")
        return None

    def _sumit_log_answer(self, response, content, reference):
        """Log of an answer only what tells no secret."""
        data = content.get("Data")
        payment = data.get("Payment") if isinstance(data, dict) else None
        payment = payment if isinstance(payment, dict) else {}
        _logger.info(
            "SUMIT answered HTTP %(http)s, status %(status)s for %(ref)s: payment %(payment)s,"
            " valid %(valid)s, code %(code)s.",
            {
                "http": response.status_code,
                "status": content.get("Status"),
                "ref": reference or f"provider {self.id}",
                "payment": payment.get("ID"),
                "valid": payment.get("ValidPayment"),
                "code": payment.get("Status"),
            },
        )
