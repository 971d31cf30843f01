# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.payment.logging import get_payment_logger

from .. import const
from ..core import answer

_logger = get_payment_logger(__name__, const.SENSITIVE_KEYS)


class PaymentToken(models.Model):
    _inherit = "payment.token"

    sumit_customer_ref = fields.Char(
        string="SUMIT Customer",
        help="The number of the customer in SUMIT under whom the card is kept.",
        readonly=True,
    )
    sumit_citizen_ref = fields.Char(
        string="Card Holder's ID",
        help="The holder's ID number that SUMIT asks for with each charge of an Israeli card.",
        readonly=True,
        groups="base.group_system",
    )
    sumit_brand = fields.Char(string="Card Brand", readonly=True)
    sumit_expiry_month = fields.Integer(string="Expiry Month", readonly=True)
    sumit_expiry_year = fields.Integer(string="Expiry Year", readonly=True)
    sumit_removal = fields.Selection(
        string="Removal at SUMIT",
        help="Whether the card was removed at SUMIT after it was archived here.",
        selection=[("asked", "To be removed"), ("done", "Removed")],
        readonly=True,
        copy=False,
    )

    # === CRUD METHODS === #

    def write(self, vals):
        """Override of `payment` to refuse a card that SUMIT does not hold any more."""
        if vals.get("active") and any(token.sumit_removal == "done" for token in self):
            raise UserError(
                self.env._(
                    "This card was removed at SUMIT and cannot be charged any more. Ask the"
                    " customer to pay once with the card and to save it again."
                )
            )
        if vals.get("active"):
            vals = {**vals, "sumit_removal": False}
        return super().write(vals)

    def _handle_archiving(self):
        """Override of `payment` to remove the cards at SUMIT as well."""
        super()._handle_archiving()
        if self.env.context.get("sumit_keep_methods"):
            return
        tokens = self.filtered(lambda token: token.provider_code == "sumit")
        tokens.sumit_removal = "asked"
        for token in tokens:
            token._sumit_remove()

    # === BUSINESS METHODS === #

    def _sumit_method(self):
        """Return SUMIT's payment method for a charge by this token."""
        self.ensure_one()
        return sumit_method({
            "token": self.provider_ref,
            "citizen": self.sumit_citizen_ref,
            "month": self.sumit_expiry_month,
            "year": self.sumit_expiry_year,
        })

    def _sumit_remove(self):
        """Remove the card at SUMIT if it is the one SUMIT would charge for the customer.

        SUMIT removes the one active payment method of a customer and no other, so that is asked
        for first. What cannot be removed now is tried again by the scheduled action.

        :return: Whether nothing is left to do.
        :rtype: bool
        """
        self.ensure_one()
        provider = self.provider_id
        if provider.state == "disabled" or not self.sumit_customer_ref:
            return False
        shared = self.search_count(
            [
                ("provider_id", "=", provider.id),
                ("provider_ref", "=", self.provider_ref),
                ("id", "!=", self.id),
            ],
            limit=1,
        )
        customer = {"Customer": {"ID": int(self.sumit_customer_ref)}}
        try:
            if not shared:
                data = provider._send_api_request("POST", const.GET_METHOD, json=customer)
                if answer.card(data).get("token") == self.provider_ref:
                    provider._send_api_request("POST", const.REMOVE_METHOD, json=customer)
        except ValidationError as error:
            _logger.warning("The card of token %s stays at SUMIT for now: %s", self.id, error)
            return False
        self.sumit_removal = "done" if not shared else False
        return True


def sumit_method(card):
    """Return SUMIT's payment method for what is known of a card, see `answer.card`."""
    method = {
        "CreditCard_Token": card["token"],
        "CreditCard_CitizenID": card["citizen"],
        "CreditCard_ExpirationMonth": card["month"],
        "CreditCard_ExpirationYear": card["year"],
    }
    method = {key: value for key, value in method.items() if value}
    return {**method, "Type": const.METHOD_CARD}
