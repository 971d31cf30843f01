# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from datetime import UTC
from zoneinfo import ZoneInfo

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    chargeback_fee_account_id = fields.Many2one(
        "account.account",
        "Account for Chargeback Fees",
        domain="[('account_type', 'in', ('expense', 'expense_direct_cost'))]",
        help="What the provider takes for a dispute is booked there. Empty: the fee is noted, and "
        "booked once there is an account.",
    )
    chargeback_block = fields.Selection(
        [("never", "Never"), ("fraud", "When It Is Called Fraud"), ("always", "Always")],
        "Bar the Card",
        required=True,
        default="fraud",
        help="Whether the card of a chargeback is charged no more, for anything, until a person "
        "allows it again.",
    )
    chargeback_alert_days = fields.Integer(
        "Days before the Deadline",
        default=3,
        help="So many days before the evidence is due, a person is reminded that none was sent.",
    )
    card_expiry_days = fields.Integer(
        "Days before a Card Expires",
        default=30,
        help="So many days before, the customer is asked for the new card, once. 0: never.",
    )
    card_charge_expired = fields.Boolean(
        "Charge Expired Cards",
        help="Many banks renew cards at the provider without telling anybody, so a charge may pass.",
    )

    def _chargeback_day(self, moment):
        """Return the day that it was at the company at a moment.

        :param datetime moment: in UTC
        """
        self.ensure_one()
        zone = ZoneInfo(self.partner_id.tz or "UTC")
        return moment.replace(tzinfo=UTC).astimezone(zone).date()

    def _chargeback_load_demo(self):
        """Write chargebacks and cards of every kind; the demo data calls it."""
        # the demo code is of no use to any other database
        from ..demo.loader import load

        for company in self:
            load(company)
