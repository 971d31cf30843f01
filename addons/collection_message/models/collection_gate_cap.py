# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models

from ..core.gate import Cap

# the channels of outgoing contacts that the gate looks at
CHANNELS = [("phone", "Phone"), ("email", "E-mail"), ("sms", "SMS"), ("letter", "Letter")]


class CollectionGateCap(models.Model):
    """How many contacts are allowed within some days."""

    _name = "collection.gate.cap"
    _description = "Cap on Contacts"
    _order = "days, id"

    policy_id = fields.Many2one(
        "collection.gate.policy", "Policy", required=True, index=True, ondelete="cascade"
    )
    count = fields.Integer("At Most", required=True, default=1, help="Number of contacts.")
    days = fields.Integer(
        "Within Days", required=True, default=1, help="Calendar days, today included."
    )
    channel = fields.Selection(CHANNELS, "Channel", help="Empty: all channels together.")
    per = fields.Selection(
        [("customer", "Customer"), ("person", "Person")],
        "Counted per",
        required=True,
        default="customer",
        help="Per customer counts contacts with all of the customer's people together.",
    )

    _positive = models.Constraint(
        "CHECK (count > 0 AND days > 0)", "A cap allows at least one contact in one day."
    )

    @api.depends("count", "days", "channel", "per")
    def _compute_display_name(self):
        channels = dict(self._fields["channel"]._description_selection(self.env))
        for cap in self:
            cap.display_name = self.env._(
                "%(count)s in %(days)s days (%(channel)s)",
                count=cap.count,
                days=cap.days,
                channel=channels.get(cap.channel) or self.env._("all channels"),
            )

    def _to_core(self):
        """Return the cap as the gate's plain core takes it."""
        return Cap(self.count, self.days, self.channel or None, self.per == "person")
