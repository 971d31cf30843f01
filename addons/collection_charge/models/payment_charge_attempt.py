# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.payment_charge.models.payment_charge_attempt import LIVE

# what decides whether the items of a charge are blocked, and by how much
BLOCKING_FIELDS = frozenset({"state", "finished", "handled", "amount"})


class PaymentChargeAttempt(models.Model):
    """Has collections know at once when a charge begins and when it is over.

    Nothing is written to collections from here: the customer is only noted, and the steps of the
    cycle do the rest before the commit, where a failure of theirs cannot hurt the charge.
    """

    _inherit = "payment.charge.attempt"

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        attempts = super().create(vals_list)
        attempts.filtered(lambda attempt: attempt._blocks_items())._touch_collection()
        return attempts

    def write(self, vals):
        if BLOCKING_FIELDS.isdisjoint(vals):
            return super().write(vals)
        before = {attempt: attempt._blocked_amount() for attempt in self}
        result = super().write(vals)
        changed = self.filtered(lambda attempt: attempt._blocked_amount() != before[attempt])
        changed._touch_collection()
        return result

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _blocks_items(self):
        """Return whether nobody is to ask for the charge's documents; see :meth:`_blocking_sql`."""
        self.ensure_one()
        undecided = not self.finished and not self.handled and self.state != "cancelled"
        return self.operation == "charge" and (self.state in LIVE or undecided)

    def _blocked_amount(self):
        return self.amount if self._blocks_items() else 0.0

    @api.model
    def _blocking_sql(self) -> SQL:
        """Return the condition "nobody is to ask for it" over the table alias ``attempt``.

        A charge blocks its documents from the day it is planned until it is over, and then until
        it is booked and decided whether it is tried again, unless a person has dealt with it.
        """
        return SQL(
            """
            (attempt.operation = 'charge'
             AND (attempt.state = ANY(%s)
                  OR attempt.finished IS NOT TRUE AND attempt.handled IS NOT TRUE
                     AND attempt.state <> 'cancelled'))
            """,
            list(LIVE),
        )

    def _touch_collection(self):
        """Have the customers of these charges computed again before the commit."""
        self.env["collection.cycle"]._touch_partners(self.partner_id.ids)

    def _collection_text(self):
        """Return what the history of a case says about the charge."""
        self.ensure_one()
        text = self._outcome_text()
        if self.advice:
            text += ". " + self.env._("What to do: %s", self.advice)
        return text
