# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import http
from odoo.exceptions import AccessError, MissingError, ValidationError
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.payment import utils as payment_utils
from odoo.addons.payment.controllers.portal import PaymentPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager


class PaymentRequestPortal(PaymentPortal):
    """The customer's pages: the list of requests, one request, its payment."""

    # ------------------------------------------------------------
    # LISTS
    # ------------------------------------------------------------

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        requests = request.env["payment.request"]
        if "payment_request_count" in counters:
            values["payment_request_count"] = (
                requests.search_count(self._payment_request_domain(), limit=1)
                if requests.has_access("read")
                else 0
            )
        if "payment_request_open_count" in counters:
            values["payment_request_open_count"] = (
                requests.search_count(self._payment_request_domain() & requests._open_domain())
                if requests.has_access("read")
                else 0
            )
        return values

    def _payment_request_domain(self):
        commercial = request.env.user.partner_id.commercial_partner_id
        return Domain("commercial_partner_id", "=", commercial.id) & Domain("state", "!=", "draft")

    @http.route(
        ["/my/payment-requests", "/my/payment-requests/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def portal_my_payment_requests(self, page=1, sortby=None, filterby=None, **_kw):
        requests = request.env["payment.request"]
        if not requests.has_access("read"):
            return request.redirect("/my")
        sortings = {
            "date": {"label": request.env._("Date"), "order": "date desc, id desc"},
            "due": {"label": request.env._("Due Date"), "order": "date_due, id"},
            "name": {"label": request.env._("Number"), "order": "name desc, id desc"},
        }
        filters = {
            "all": {"label": request.env._("All"), "domain": Domain.TRUE},
            "open": {"label": request.env._("To Pay"), "domain": requests._open_domain()},
            "paid": {"label": request.env._("Paid"), "domain": Domain("state", "=", "paid")},
        }
        sortby = sortby if sortby in sortings else "date"
        filterby = filterby if filterby in filters else "all"
        domain = self._payment_request_domain() & filters[filterby]["domain"]
        pager = portal_pager(
            url="/my/payment-requests",
            url_args={"sortby": sortby, "filterby": filterby},
            total=requests.search_count(domain),
            page=page,
            step=self._items_per_page,
        )
        found = requests.search(
            domain,
            order=sortings[sortby]["order"],
            limit=self._items_per_page,
            offset=pager["offset"],
        )
        request.session["my_payment_requests_history"] = found.ids[:100]
        values = self._prepare_portal_layout_values()
        values.update({
            # sudo: the customer's own, found by what they may read
            "payment_requests": found.sudo(),
            "page_name": "payment_request",
            "pager": pager,
            "default_url": "/my/payment-requests",
            "searchbar_sortings": sortings,
            "sortby": sortby,
            "searchbar_filters": filters,
            "filterby": filterby,
        })
        return request.render("payment_request.portal_my_payment_requests", values)

    # ------------------------------------------------------------
    # ONE REQUEST
    # ------------------------------------------------------------

    def _payment_request_check_access(self, request_id, access_token):
        """Return the request for whoever may see it; a draft is for nobody outside."""
        document = self._document_check_access("payment.request", request_id, access_token)
        inside = request.env.user._is_internal() and document.with_user(
            request.env.user
        ).has_access("read")
        if document.state == "draft" and not inside:
            raise MissingError(request.env._("This document does not exist."))
        return document

    @http.route(["/my/payment-requests/<int:request_id>"], type="http", auth="public", website=True)
    def portal_my_payment_request(
        self,
        request_id,
        access_token=None,
        report_type=None,
        download=False,
        amount=None,
        payment_token=None,
        payment=False,
        **kw,
    ):
        try:
            document = self._payment_request_check_access(request_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        amount = self._cast_as_float(amount)
        if amount and not payment_utils.check_access_token(
            payment_token, "payment.request", request_id, amount
        ):
            # nobody but us says how much a link is for
            return request.redirect("/my")
        if report_type in ("html", "pdf", "text"):
            return self._show_report(
                model=document,
                report_type=report_type,
                report_ref="payment_request.action_report_request",
                download=download,
            )
        values = {
            "page_name": "payment_request",
            "payment_request": document,
            "payment": payment,
            "res_company": document.company_id,
        }
        if document._has_to_be_paid():
            values.update(self._payment_request_form_values(document, amount, access_token, **kw))
        values = self._get_page_view_values(
            document, access_token, values, "my_payment_requests_history", False, **kw
        )
        return request.render("payment_request.portal_payment_request_page", values)

    def _payment_request_form_values(self, document, amount, access_token, **kwargs):
        """Return what the host's payment form needs for this request."""
        logged_in = not request.env.user._is_public()
        # cards that are saved belong to who pays, never to the public user
        partner = request.env.user.partner_id if logged_in else document.partner_id
        company, currency = document.company_id, document.currency_id
        amount = min(amount or document.amount_residual, document.amount_residual)
        report = {}
        # sudo: the fields of providers and of a customer who is not logged in
        providers = (
            request
            .env["payment.provider"]
            .sudo()
            ._get_compatible_providers(
                company.id,
                partner.id,
                amount,
                currency_id=currency.id,
                report=report,
                **kwargs,
            )
        )
        methods = (
            request
            .env["payment.method"]
            .sudo()
            ._get_compatible_payment_methods(
                providers.ids, partner.id, currency_id=currency.id, report=report
            )
        )
        tokens = (
            request.env["payment.token"].sudo()._get_available_tokens(providers.ids, partner.id)
        )
        return {
            "company_mismatch": not self._can_partner_pay_in_company(partner, company),
            "expected_company": company,
            "show_tokenize_input_mapping": self._compute_show_tokenize_input_mapping(providers),
            "amount": amount,
            "currency": currency,
            "partner_id": partner.id,
            "providers_sudo": providers,
            "payment_methods_sudo": methods,
            "tokens_sudo": tokens,
            "availability_report": report,
            "transaction_route": f"/payment-request/transaction/{document.id}",
            "landing_route": document.get_portal_url(),
            "access_token": access_token or document._portal_ensure_token(),
            **self._get_extra_payment_form_values(**kwargs),
        }

    # ------------------------------------------------------------
    # PAYMENT
    # ------------------------------------------------------------

    @http.route("/payment-request/transaction/<int:request_id>", type="jsonrpc", auth="public")
    def payment_request_transaction(
        self, request_id, access_token=None, payment_reference=None, **kwargs
    ):
        """Create the transaction that pays the request, and return what the form goes on with.

        :raise ValidationError: who pays may not, nothing is due, or the amount is more than due
        """
        try:
            document = self._payment_request_check_access(request_id, access_token)
        except (AccessError, MissingError) as error:
            raise ValidationError(request.env._("The access token is invalid.")) from error
        if not document._has_to_be_paid():
            raise ValidationError(
                request.env._("Nothing is due on this document, or a payment is under way.")
            )
        self._validate_transaction_kwargs(kwargs)
        currency = document.currency_id
        amount = currency.round(self._cast_as_float(kwargs.pop("amount", 0)) or 0.0)
        if not amount > 0 or currency.compare_amounts(amount, document.amount_residual) > 0:
            raise ValidationError(request.env._("This amount cannot be paid on this document."))
        kwargs.pop("is_validation", None)
        logged_in = not request.env.user._is_public()
        partner = request.env.user.partner_id if logged_in else document.partner_id
        transaction = self._create_transaction(
            amount=amount,
            currency_id=currency.id,
            partner_id=partner.id,
            custom_create_values={"payment_request_id": document.id},
            **kwargs,
        )
        return transaction._get_processing_values()
