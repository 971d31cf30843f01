# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models

# a charge of periods in these states may have been in vain
CHARGED_STATES = frozenset({"charging", "unpaid", "generated"})
# what decides whether such a period is owed, and by which document
OWING_FIELDS = frozenset({"state", "move_id", "request_id"})


class RecurringPeriod(models.Model):
    """Has collections know when a period that was charged in vain is owed otherwise, or not at all.

    As with charges, the customer is only noted.
    """

    _inherit = "recurring.period"

    def write(self, vals):
        charged = self.browse()
        if not OWING_FIELDS.isdisjoint(vals):
            charged = self.filtered(lambda row: row.state in CHARGED_STATES)
        result = super().write(vals)
        charged._touch_collection()
        return result

    def _touch_collection(self):
        """Have the customers of these periods computed again before the commit."""
        self.env["collection.cycle"]._touch_partners(self.partner_id.ids)
