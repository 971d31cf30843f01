# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from datetime import datetime
from zoneinfo import ZoneInfo

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    charge_send_receipt = fields.Boolean(
        "Send the Receipt",
        default=True,
        help="A customer with an e-mail address gets the receipt of each charge.",
    )
    charge_alert_user_id = fields.Many2one(
        "res.users",
        "Alerts Go to",
        help="Gets an activity for a charge that needs a person. Empty: whoever asked for it.",
    )
    charge_pending_days = fields.Integer(
        "Days a Charge May Be Pending",
        default=5,
        help="After so many days without an answer a person is asked to look.",
    )

    def _charge_today(self):
        """Return the day it is at the company, whose clock its partner's time zone gives."""
        self.ensure_one()
        zone = ZoneInfo(self.partner_id.tz or "UTC")
        return datetime.now(tz=zone).date()

    def _charge_load_demo(self):
        """Write customers with demo cards and charges of every kind; the demo data calls it."""
        # the demo code is of no use to any other database
        from ..demo.loader import load

        for company in self:
            load(company)
