# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

from ..core.gate import Window

WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]


class CollectionGateWindow(models.Model):
    """Hours of one weekday in which people may be contacted."""

    _name = "collection.gate.window"
    _description = "Allowed Hours"
    _order = "weekday, hour_from"

    policy_id = fields.Many2one(
        "collection.gate.policy", "Policy", required=True, index=True, ondelete="cascade"
    )
    weekday = fields.Selection(WEEKDAYS, "Weekday", required=True, default="0")
    hour_from = fields.Float("From", required=True, default=9.0)
    hour_to = fields.Float("To", required=True, default=20.0)

    _hours_in_order = models.Constraint(
        "CHECK (hour_from >= 0 AND hour_from < hour_to AND hour_to <= 24)",
        "Allowed hours begin before they end, both between 0:00 and 24:00.",
    )

    def _to_core(self):
        """Return the window as the gate's plain core takes it."""
        return Window(int(self.weekday), self.hour_from, self.hour_to)
