# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from werkzeug.exceptions import Forbidden, NotFound

from odoo.fields import Command
from odoo.http import request, route

from odoo.addons.payment import utils as payment_utils
from odoo.addons.payment.controllers.portal import PaymentPortal


class ChargePortal(PaymentPortal):
    """The page on which a customer pays a charge with a new card: the provider's own form."""

    def _charge_attempt(self, attempt_id, access_token):
        """Return the charge that a link opens.

        :raise NotFound: when the link is no link of ours, without telling why
        """
        # sudo: the link stands for the right to pay this one charge
        attempt = request.env["payment.charge.attempt"].sudo().browse(attempt_id).exists()
        if not attempt or not payment_utils.check_access_token(
            access_token, "payment.charge.attempt", attempt.id, attempt.key
        ):
            raise NotFound()
        return attempt.with_company(attempt.company_id)

    @route("/charge/pay/<int:attempt_id>", type="http", auth="public", website=True, sitemap=False)
    def charge_pay(self, attempt_id, access_token=None, **_kwargs):
        """Show the payment form for a charge."""
        attempt = self._charge_attempt(attempt_id, access_token)
        partner = attempt.partner_id
        hindrance = attempt._page_hindrance()
        report = {}
        # sudo: see _charge_attempt
        providers = request.env["payment.provider"].sudo()
        methods = request.env["payment.method"].sudo()
        if not hindrance:
            providers = providers._get_compatible_providers(
                attempt.company_id.id,
                partner.id,
                attempt.amount,
                currency_id=attempt.currency_id.id,
                report=report,
            )
            methods = methods._get_compatible_payment_methods(
                providers.ids, partner.id, currency_id=attempt.currency_id.id, report=report
            )
        return request.render(
            "payment_charge.page",
            {
                "charge": attempt,
                "hindrance": hindrance,
                "res_company": attempt.company_id,
                "company_mismatch": False,
                "expected_company": attempt.company_id,
                "partner_is_different": False,
                "show_tokenize_input_mapping": self._compute_show_tokenize_input_mapping(providers),
                "reference_prefix": attempt.name,
                "amount": attempt.amount,
                "currency": attempt.currency_id,
                "partner_id": partner.id,
                "providers_sudo": providers,
                "payment_methods_sudo": methods,
                # whoever holds the link sees no cards that were saved before
                "tokens_sudo": request.env["payment.token"],
                "availability_report": report,
                "transaction_route": f"/charge/transaction/{attempt.id}",
                "landing_route": f"/charge/pay/{attempt.id}?access_token={access_token}",
                "access_token": access_token,
            },
        )

    @route("/charge/transaction/<int:attempt_id>", type="jsonrpc", auth="public")
    def charge_transaction(self, attempt_id, access_token=None, **kwargs):
        """Begin the transaction of a charge on the provider's form."""
        attempt = self._charge_attempt(attempt_id, access_token)
        if attempt._page_hindrance():
            raise Forbidden(attempt._page_hindrance())
        self._validate_transaction_kwargs(kwargs)
        kwargs |= {
            "amount": attempt.amount,
            "currency_id": attempt.currency_id.id,
            "partner_id": attempt.partner_id.id,
            "reference_prefix": attempt.name,
            "token_id": None,
            "is_validation": False,
        }
        if kwargs.get("flow") not in {"redirect", "direct"}:
            raise Forbidden()
        transaction = self._create_transaction(
            custom_create_values={
                "charge_attempt_id": attempt.id,
                "invoice_ids": [Command.set(attempt.document_ids.move_id.ids)],
            },
            **kwargs,
        )
        attempt.transaction_id = transaction
        return transaction._get_processing_values()
