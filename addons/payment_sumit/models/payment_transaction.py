# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.urls import urljoin

from odoo.addons.payment import utils as payment_utils
from odoo.addons.payment.logging import get_payment_logger

from .. import const
from ..controllers.main import SumitController
from ..core import answer
from ..core.errors import SumitRefused, SumitUnknown
from .payment_token import sumit_method

_logger = get_payment_logger(__name__, const.SENSITIVE_KEYS)


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    sumit_customer_ref = fields.Char(
        string="SUMIT Customer",
        help="The number of the paying customer in SUMIT, by which its payments are known.",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    sumit_payment_ref = fields.Char(
        string="SUMIT Payment",
        help="The number of the payment in SUMIT that belongs to this transaction and to no other.",
        readonly=True,
        copy=False,
    )

    _sumit_payment_uniq = models.UniqueIndex(
        "(sumit_payment_ref) WHERE sumit_payment_ref IS NOT NULL",
        "A payment in SUMIT belongs to one transaction only.",
    )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_sumit_ask(self):
        """Ask SUMIT what became of the transactions.

        :return: A notification, then the screen is read again.
        :rtype: dict
        """
        payment_utils.check_rights_on_recordset(self)
        words = {
            "done": self.env._("SUMIT confirms the payment."),
            "pending": self.env._("SUMIT has no result yet. Ask again in a few minutes."),
            "error": self.env._("The card was declined: nothing was charged."),
            "not_found": self.env._("SUMIT knows of no such payment: nothing was charged."),
            None: self.env._(
                "SUMIT's answer does not settle it. Look for the payment in SUMIT, by customer"
                " and amount."
            ),
        }
        # sudo: the provider's settings; the rights on the transactions were checked above
        said = [words[transaction.sudo()._sumit_query()] for transaction in self]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": "\n".join(said),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    # ------------------------------------------------------------
    # PAYING ON SUMIT'S PAGE
    # ------------------------------------------------------------

    def _get_specific_rendering_values(self, processing_values):
        """Override of `payment` to open a payment page at SUMIT, or our page for the card."""
        if self.provider_code != "sumit":
            return super()._get_specific_rendering_values(processing_values)
        self._ensure_provider_is_not_disabled()
        try:
            self.sumit_customer_ref = self._sumit_find_customer()
            if self.provider_id.sumit_card_entry == "own":
                page = self._sumit_url(SumitController._card_url)
            else:
                page = self._sumit_begin_redirect()
        except ValidationError as error:  # opening a page moves no money, whatever went wrong
            self._set_error(str(error))
            return {}
        parts = urlsplit(page)
        return {
            # a form sent by GET drops the query of its address: it goes into inputs
            "api_url": urlunsplit(parts._replace(query="")),
            "url_params": dict(parse_qsl(parts.query)),
        }

    def _sumit_find_customer(self):
        """Return SUMIT's number of the paying customer, who is entered there when new.

        One customer in SUMIT per paying contact here: it is by this number that a payment found
        in SUMIT is known to be of this transaction's customer.
        """
        self.ensure_one()
        # sudo: the identity of the database, so that two of them can share an organisation
        database = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        details = {
            "ExternalIdentifier": f"odoo-{database}-{self.partner_id.id}",
            "SearchMode": "ExternalIdentifier",
            "Name": self.partner_name or self.partner_id.display_name,
            "EmailAddress": self.partner_email,
            "Phone": self.partner_phone,
            "Address": self.partner_address,
            "City": self.partner_city,
            "ZipCode": self.partner_zip,
        }
        data = self._send_api_request(
            "POST",
            const.CREATE_CUSTOMER,
            json={"Details": {key: value for key, value in details.items() if value}},
        )
        customer = answer.customer_id(data)
        if not customer:
            raise SumitUnknown(self.env._("SUMIT did not say who the customer is."))
        return customer

    def _sumit_begin_redirect(self):
        """Return the address of a payment page at SUMIT."""
        provider = self.provider_id
        payload = {
            **self._sumit_base_payload(self.amount),
            "ExternalIdentifier": self.reference,
            "RedirectURL": self._sumit_url(SumitController._return_url),
            "CancelRedirectURL": self._sumit_url(SumitController._cancel_url),
            "ExpirationHours": const.PAGE_HOURS,
            "MaximumPayments": provider.sumit_instalments,
            "Language": self._sumit_language(),
            # the page has no other way to issue no document of its own
            "DraftDocument": not provider.sumit_documents,
            # a card is kept only for a customer who asked for it
            "PreventSavingPaymentMethod": not self.tokenize,
        }
        if provider.sumit_notify:
            payload["IPNURL"] = self._sumit_url(SumitController._notify_url)
        try:
            data = self._send_api_request("POST", const.BEGIN_REDIRECT, json=payload)
        except SumitRefused as error:
            # some organisations take notifications from their settings only, and refuse the field
            if "IPNURL" not in payload or "JSON" not in str(error).upper():
                raise
            del payload["IPNURL"]
            data = self._send_api_request("POST", const.BEGIN_REDIRECT, json=payload)
        page = str(data.get("RedirectURL") or "").strip()
        if not page.startswith(("https://", "http://")):
            raise SumitUnknown(self.env._("SUMIT did not give the address of its payment page."))
        return page

    def _sumit_base_payload(self, amount):
        """Return what a payment page and a charge have in common."""
        provider = self.provider_id
        name = self.env._("Payment %s", self.reference)
        payload = {
            "Customer": {"ID": int(self.sumit_customer_ref)},
            "Items": [
                {
                    "Item": {"Name": name, "SearchMode": "Automatic"},
                    "Quantity": 1,
                    "UnitPrice": amount,
                    "Currency": self.currency_id.name,
                    "Description": name,
                }
            ],
            # the amount is what is paid; without a rate SUMIT's document balances by itself
            "VATIncluded": True,
            "DocumentDescription": self.reference,
        }
        if provider.sumit_clearing == "own" and provider.sumit_merchant_number:
            payload["MerchantNumber"] = provider.sumit_merchant_number
        if provider.state == "test":
            payload["AuthoriseOnly"] = True  # checked with the card company, not charged
        return payload

    def _sumit_language(self):
        return const.LANGUAGES.get((self.partner_lang or "en")[:2], "English")

    def _sumit_url(self, route):
        """Return the address of a route for this transaction, which nobody else can guess."""
        token = payment_utils.generate_access_token(self.id, self.reference, env=self.env)
        return urljoin(self.provider_id.get_base_url(), f"{route}/{self.id}/{token}")

    # ------------------------------------------------------------
    # CHARGING BY TOKEN
    # ------------------------------------------------------------

    def _send_payment_request(self):
        """Override of `payment` to charge a saved card."""
        if self.provider_code != "sumit":
            super()._send_payment_request()
            return
        token = self.token_id
        # sudo: the holder's ID goes to SUMIT only
        method = token.sudo()._sumit_method()
        self.sumit_customer_ref = token.sumit_customer_ref
        self._sumit_charge({"PaymentMethod": method})

    def _sumit_charge_single_use(self, single_use_token):
        """Charge a card that SUMIT's script on our page has turned into a token for one charge.

        :param str single_use_token: The token from the customer's browser.
        :return: None
        """
        self.ensure_one()
        self._ensure_provider_is_not_disabled()
        if not self.sumit_customer_ref:
            try:
                self.sumit_customer_ref = self._sumit_find_customer()
            except ValidationError as error:  # nothing was charged yet
                self._set_error(str(error))
                return
        self._sumit_charge({"SingleUseToken": single_use_token})

    def _sumit_charge(self, values, amount=None):
        """Send a charge, once, and bring the transaction up to date with the answer.

        :param dict values: By what to charge: a payment method or a token for one charge.
        :param float amount: The amount, if not that of the transaction.
        :return: None
        """
        self.ensure_one()
        if self.state != "draft":
            _logger.warning("Transaction %s was sent before and is not sent again.", self.reference)
            return
        if not self.sumit_customer_ref:
            self._set_error(
                self.env._("The customer's number in SUMIT is missing. Save the card again.")
            )
            return
        payload = {
            **self._sumit_base_payload(self.amount if amount is None else amount),
            **values,
            "DocumentLanguage": self._sumit_language(),
            "PreventDocumentCreation": not self.provider_id.sumit_documents,
            "SendDocumentByEmail": self.provider_id.sumit_documents,
        }
        if "SingleUseToken" in values:
            payload["CardTokenNotNeeded"] = not self.tokenize
        try:
            data = self._send_api_request("POST", const.CHARGE, json=payload)
        except SumitUnknown as error:
            self._sumit_set_unknown(str(error))
        except ValidationError as error:  # refused or never sent: nothing was charged
            self._set_error(str(error))
        else:
            self._process("sumit", self._sumit_payment_data(data.get("Payment")))

    def _sumit_set_unknown(self, why):
        """Keep the transaction pending: it is neither paid nor declined until SUMIT says so."""
        self._set_pending(
            state_message=self.env._(
                "%(why)s Whether the card was charged is not known yet: SUMIT is asked again"
                " until it is. Do not charge again before that.",
                why=why,
            )
        )

    # ------------------------------------------------------------
    # REFUNDS
    # ------------------------------------------------------------

    def _send_refund_request(self):
        """Override of `payment` to credit the card that was charged.

        SUMIT has no refund of a payment: a refund is a charge of a negative amount on the same
        card, whose token SUMIT gives with the payment.
        """
        if self.provider_code != "sumit":
            super()._send_refund_request()
            return
        source = self.source_transaction_id
        self.sumit_customer_ref = source.sumit_customer_ref
        if source.token_id:
            # sudo: the holder's ID goes to SUMIT only
            method = source.token_id.sudo()._sumit_method()
        else:
            data = self._send_api_request(
                "POST", const.GET_PAYMENT, json={"PaymentID": int(source.sumit_payment_ref or 0)}
            )
            card = answer.card(data.get("Payment") or {})
            if not card.get("token"):
                raise ValidationError(
                    self.env._(
                        "SUMIT does not have the card of payment %s. Refund it in SUMIT, and"
                        " record the refund here as a payment.",
                        source.reference,
                    )
                )
            method = sumit_method(card)
        # the amount of a refund is negative here as well
        self._sumit_charge({"PaymentMethod": method, "SupportCredit": True}, amount=self.amount)

    # ------------------------------------------------------------
    # WHAT SUMIT SAYS
    # ------------------------------------------------------------

    def _sumit_payment_data(self, payment):
        """Return the data for the host's processing of a payment as SUMIT tells it."""
        data = {"reference": self.reference, "payment": payment}
        if answer.verdict(payment) == "declined":
            # where add-ons that follow declines up look for the card company's code
            data["reason_code"] = answer.status_code(payment)
        return data

    @api.model
    def _extract_reference(self, provider_code, payment_data):
        """Override of `payment` to extract the reference from the payment data."""
        if provider_code != "sumit":
            return super()._extract_reference(provider_code, payment_data)
        return payment_data.get("reference")

    def _extract_amount_data(self, payment_data):
        """Override of `payment` to extract the amount and currency from the payment data."""
        if self.provider_code != "sumit":
            return super()._extract_amount_data(payment_data)
        payment = payment_data.get("payment")
        if self.state == "done" or answer.verdict(payment) != "done":
            return None  # nothing to hold against the amount: paid before, declined or unclear
        amount = answer.amount(payment)
        return {
            # SUMIT's sign of a credit is not documented: the host expects a positive amount
            "amount": abs(amount) if self.operation == "refund" else amount,
            "currency_code": answer.currency(payment),
        }

    def _validate_amount(self, payment_data):
        """Override of `payment` to keep hold of a payment of a wrong amount."""
        before = self.state
        result = super()._validate_amount(payment_data)
        if self.provider_code == "sumit" and self.state == "error" != before:
            self._sumit_refuse_amount(payment_data["payment"])
        return result

    def _sumit_refuse_amount(self, payment):
        """Say what SUMIT took and what was asked for, and leave it to a person."""
        self._sumit_claim(payment)
        taken = f"{answer.amount(payment)} {answer.currency(payment)}"
        message = self.env._(
            "SUMIT took %(taken)s in payment %(number)s, but %(asked)s was asked for. It is not"
            " booked until somebody has looked at the payment in SUMIT.",
            taken=taken,
            number=answer.payment_id(payment),
            asked=f"{self.amount} {self.currency_id.name}",
        )
        self.state_message = message
        self._log_message_on_linked_documents(message)

    def _apply_updates(self, payment_data):
        """Override of `payment` to update the transaction based on the payment data."""
        if self.provider_code != "sumit":
            super()._apply_updates(payment_data)
            return
        if self.state == "done":
            return  # a second answer changes nothing
        payment = payment_data.get("payment")
        verdict = answer.verdict(payment)
        if verdict == "unknown":
            self._sumit_set_unknown(
                self.env._("SUMIT's answer does not say whether the card was charged.")
            )
            return
        if verdict == "declined":
            self._sumit_claim(payment)
            self._set_error(self._sumit_decline_message(payment))
            return
        if not self._sumit_amount_fits(payment):
            # the host lets this pass for a transaction that failed or was cancelled before
            self._sumit_refuse_amount(payment)
            return
        self._sumit_claim(payment)
        self._sumit_set_brand(payment)
        # a customer who left the page may have come back to it and paid
        self._set_done(extra_allowed_states=("cancel",))

    def _sumit_amount_fits(self, payment):
        amount = answer.amount(payment)
        if self.operation == "refund":
            amount = -abs(amount)
        return (
            self.currency_id.compare_amounts(amount, self.amount) == 0
            and answer.currency(payment) == self.currency_id.name
        )

    def _sumit_claim(self, payment):
        """Note that the payment in SUMIT is this transaction's, and no other's any more."""
        number = answer.payment_id(payment)
        if number:
            self.write({"provider_reference": number, "sumit_payment_ref": number})

    def _sumit_set_brand(self, payment):
        """Set the brand of the card as the payment method, where SUMIT tells it."""
        brand = (answer.card(payment).get("brand") or "").lower()
        method = self.env["payment.method"]._get_from_code(brand) if brand else None
        if method and method.primary_payment_method_id == self.payment_method_id:
            self.payment_method_id = method

    def _sumit_decline_message(self, payment):
        """Return why the card was declined: what to do about it, with the card company's words."""
        code = answer.status_code(payment)
        words = str(payment.get("StatusDescription") or "").strip()
        reasons = {
            "001": self.env._("The card cannot be charged: use another card."),
            "002": self.env._("The card is not accepted: use another card."),
            "003": self.env._("The card company asks the holder to call it."),
            "004": self.env._("The card company declined the charge."),
            "005": self.env._("The card is not accepted: use another card."),
            "006": self.env._("The holder's ID or the security code is wrong."),
            "033": self.env._("The card number is not valid."),
            "036": self.env._("The card has expired: use its replacement."),
            "039": self.env._("The card number is not valid."),
        }
        reason = reasons.get(code) or self.env._("The card was declined.")
        if code:
            reason = f"{reason} [{code}]"
        return f"{reason} {words}".strip()

    def _tokenize(self, payment_data):
        """Override of `payment` to save a card once, however often it is used."""
        if self.provider_code == "sumit":
            card = answer.card(payment_data.get("payment") or {})
            known = self.env["payment.token"].search(
                [
                    ("provider_id", "=", self.provider_id.id),
                    ("partner_id", "=", self.partner_id.id),
                    ("provider_ref", "=", card.get("token") or ""),
                    ("sumit_customer_ref", "=", self.sumit_customer_ref),
                ],
                limit=1,
            )
            if known:
                self.write({"token_id": known.id, "tokenize": False})
                return
        super()._tokenize(payment_data)

    def _extract_token_values(self, payment_data):
        """Override of `payment` to extract the token values: no card number, SUMIT sends none."""
        if self.provider_code != "sumit":
            return super()._extract_token_values(payment_data)
        card = answer.card(payment_data.get("payment") or {})
        if not card.get("token"):
            return {}
        return {
            "provider_ref": card["token"],
            "payment_details": card["last4"],
            "sumit_customer_ref": self.sumit_customer_ref,
            "sumit_citizen_ref": card["citizen"],
            "sumit_brand": card["brand"],
            "sumit_expiry_month": card["month"],
            "sumit_expiry_year": card["year"],
        }

    # ------------------------------------------------------------
    # ASKING SUMIT
    # ------------------------------------------------------------

    def _sumit_settle(self, payment_number=None):
        """Bring the transaction up to date after the customer or SUMIT came back.

        The number in the address is only a hint where to look; what counts is what SUMIT says of
        that payment, and that the payment can be no other transaction's.

        :param str payment_number: SUMIT's number of the payment, as the browser brought it.
        :return: None
        """
        self.ensure_one()
        if self.state == "done":
            return
        number = str(payment_number or "").strip()
        if number.isdigit() and len(number) < 19:
            try:
                if self._sumit_take(self._sumit_get_payment(number)):
                    return
            except ValidationError as error:
                _logger.warning("SUMIT payment %s cannot be read: %s", number, error)
        self._sumit_query()
        if self.state == "draft":
            self._sumit_set_unknown(self.env._("SUMIT has not confirmed the payment yet."))

    def _sumit_get_payment(self, number):
        """Return what SUMIT says of a payment, or an empty dict."""
        data = self._send_api_request("POST", const.GET_PAYMENT, json={"PaymentID": int(number)})
        payment = data.get("Payment")
        if not isinstance(payment, dict) or answer.payment_id(payment) != number:
            return {}
        return payment

    def _sumit_take(self, payment):
        """Process a payment if it is known to be this transaction's.

        :param dict payment: The payment as SUMIT tells it.
        :return: Whether it was.
        :rtype: bool
        """
        if not payment or not self._sumit_belongs(payment):
            _logger.warning(
                "SUMIT payment %s is not of transaction %s.",
                payment.get("ID") if payment else None,
                self.reference,
            )
            return False
        try:
            with self.env.cr.savepoint():
                self._process("sumit", self._sumit_payment_data(payment))
                self.env.flush_all()
        except psycopg2.errors.UniqueViolation:
            # taken at this moment by another transaction
            self.env.invalidate_all()
            return False
        return True

    def _sumit_belongs(self, payment):
        """Return whether a payment can only be this transaction's.

        It has to be of the transaction's customer, later than the transaction, and of no other
        transaction; and SUMIT's reference has to be ours, in those answers that have one.
        """
        reference = answer.reference(payment)
        customer = answer.customer_id(payment)
        if reference and reference != self.reference:
            return False
        if customer and customer != self.sumit_customer_ref:
            return False
        if not reference and not customer:
            return False
        paid = answer.moment(payment)
        if paid and paid < self.create_date - timedelta(minutes=const.CLOCK_MINUTES):
            return False
        return not self._sumit_claims([payment])

    def _sumit_claims(self, payments):
        """Return the numbers of those payments that are other transactions'."""
        numbers = [answer.payment_id(payment) for payment in payments]
        # sudo: a payment may be of a transaction of another company
        taken = (
            self
            .sudo()
            .with_context(active_test=False)
            .search([("sumit_payment_ref", "in", numbers), ("id", "not in", self.ids)])
        )
        return set(taken.mapped("sumit_payment_ref"))

    def _sumit_query(self, payments=None):
        """Ask SUMIT what became of the transaction, see `payment.provider._charge_query`.

        :param list[dict] payments: SUMIT's payments, where they were listed before.
        :rtype: str|None
        """
        self.ensure_one()
        if self.state == "done":
            return "done"
        try:
            if self.sumit_payment_ref:
                payment = self._sumit_get_payment(self.sumit_payment_ref)
                if answer.verdict(payment) != "declined":
                    return self._sumit_query_number(payment)
                if self.operation in ("offline", "online_token", "refund"):
                    return "error"
                # on a page another card may have been tried after it
            if not self.sumit_customer_ref:
                # nothing was sent: neither a page nor a charge goes out without it
                return "not_found"
            if payments is None:
                payments = self.provider_id._sumit_list_payments(self.create_date)
        except ValidationError as error:
            _logger.warning("SUMIT cannot be asked for %s: %s", self.reference, error)
            return None
        if payments is None:
            return None
        return self._sumit_query_list(payments)

    def _sumit_query_number(self, payment):
        """Take the payment whose number is known; None where it is not as asked for."""
        if answer.verdict(payment) != "done" or not self._sumit_amount_fits(payment):
            return None
        return "done" if self._sumit_take(payment) and self.state == "done" else None

    def _sumit_query_list(self, payments):
        """Look for the transaction's payment among those of the organisation."""
        mine = [
            payment
            for payment in payments
            if self._sumit_belongs(payment)
            and (answer.verdict(payment) == "declined" or self._sumit_amount_fits_safely(payment))
        ]
        paid = [payment for payment in mine if answer.verdict(payment) == "done"]
        named = [payment for payment in paid if answer.reference(payment) == self.reference]
        if named:
            paid = named
        elif paid and self._sumit_rivals():
            self._sumit_leave_to_person()
            return None
        if len(paid) > 1:
            self._sumit_leave_to_person()
            return None
        if paid:
            return "done" if self._sumit_take(paid[0]) and self.state == "done" else None
        if any(answer.verdict(payment) == "unknown" for payment in mine):
            return "pending"
        return self._sumit_query_unpaid(mine)

    def _sumit_leave_to_person(self):
        """Say, once, that SUMIT has payments that fit this transaction and others."""
        message = self.env._(
            "SUMIT has payments of this customer and amount that fit more than one open"
            " transaction. Somebody has to look in SUMIT which of them was paid."
        )
        if self.state_message == message:
            return
        self._set_pending()
        self.state_message = message
        self._log_message_on_linked_documents(message)

    def _sumit_amount_fits_safely(self, payment):
        """Return whether the amount fits, of a payment that may lack one.

        Of a refund only what SUMIT shows as a negative amount counts: a charge of the same amount
        must not be taken for it.
        """
        amount = answer.amount(payment)
        if amount is None or not answer.currency(payment):
            return False
        if self.operation == "refund" and amount >= 0:
            return False
        return self._sumit_amount_fits(payment)

    def _sumit_query_unpaid(self, declined):
        """Say what it means that SUMIT lists no good payment."""
        now = fields.Datetime.now()
        if self.operation == "online_redirect" and self.provider_id.sumit_card_entry != "own":
            # the customer may try another card as long as the page is open
            open_until = self.create_date + timedelta(hours=const.PAGE_HOURS)
            if now < open_until:
                return "pending"
            return "error" if declined else "not_found"
        declined = [
            payment
            for payment in declined
            if self._sumit_amount_fits_safely(payment)
            or answer.reference(payment) == self.reference
        ]
        if len(declined) == 1 and not self._sumit_rivals():
            self._sumit_take(declined[0])
            return "error"
        if declined or self.operation == "refund":
            return None
        if now < self.last_state_change + timedelta(minutes=const.GRACE_MINUTES):
            return "pending"
        return "not_found"

    def _sumit_rivals(self):
        """Return other open transactions that the same payment would fit as well.

        A payment page that was opened again for the same invoices does not compete with the
        page opened last: whichever was paid, the same invoices are.
        """
        rivals = self.sudo().search(  # sudo: whatever company they are of
            [
                ("id", "!=", self.id),
                ("provider_code", "=", "sumit"),
                ("sumit_customer_ref", "=", self.sumit_customer_ref),
                ("sumit_payment_ref", "=", False),
                ("amount", "=", self.amount),
                ("currency_id", "=", self.currency_id.id),
                ("state", "in", ("draft", "pending", "cancel")),
                (
                    "create_date",
                    ">=",
                    fields.Datetime.now() - timedelta(days=const.ASK_DAYS),
                ),
            ]
        )
        if "invoice_ids" in self._fields and self.invoice_ids:
            rivals = rivals.filtered(
                lambda rival: (
                    rival.operation != "online_redirect"
                    or rival.id > self.id
                    or rival.invoice_ids != self.invoice_ids
                )
            )
        return rivals

    @api.model
    def _cron_sumit_ask(self):
        """Ask SUMIT for open payments, and remove the cards that could not be removed before.

        For customers who closed the page before they were sent back, and for charges whose answer
        got lost. Payments are listed once per provider.
        """
        cron = self.env["ir.cron"]
        since = fields.Datetime.now() - timedelta(days=const.ASK_DAYS)
        transactions = self.search(
            [
                ("provider_code", "=", "sumit"),
                ("provider_id.state", "!=", "disabled"),
                ("state", "in", ("draft", "pending")),
                ("sumit_customer_ref", "!=", False),
                ("create_date", ">=", since),
            ],
            order="id",
        )
        tokens = (
            self
            .env["payment.token"]
            .with_context(active_test=False)
            .search([
                ("sumit_removal", "=", "asked"),
                ("active", "=", False),
                ("provider_id.state", "!=", "disabled"),
            ])
        )
        cron._commit_progress(remaining=len(transactions) + len(tokens))
        for provider, of_provider in transactions.grouped("provider_id").items():
            try:
                payments = provider._sumit_list_payments(min(of_provider.mapped("create_date")))
            except ValidationError as error:
                _logger.warning("SUMIT cannot be asked for %s: %s", provider.display_name, error)
                payments = None
            if payments is None:  # not asked, or not all: nothing can be said of any of them
                cron._commit_progress(len(of_provider))
                continue
            for transaction in of_provider:
                # one by one: each is committed as soon as it is known
                transaction._sumit_ask(payments)
                if not cron._commit_progress(1):
                    return
        for token in tokens:
            token._sumit_remove()
            if not cron._commit_progress(1):
                return

    def _sumit_ask(self, payments):
        """Bring an open transaction up to date, and end it when it can come to nothing any more."""
        if self._sumit_query(payments) != "not_found":
            return
        day_ago = fields.Datetime.now() - timedelta(days=1)
        if self.state != "pending" or self.last_state_change > day_ago:
            return
        if self.operation == "online_redirect":
            self._set_canceled(self.env._("The payment page was left without a payment."))
        else:
            self._set_error(
                self.env._("SUMIT knows of no such charge a day later: nothing was charged.")
            )
