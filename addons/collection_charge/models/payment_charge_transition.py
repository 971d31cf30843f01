# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class PaymentChargeTransition(models.Model):
    _inherit = "payment.charge.transition"

    collection_pending = fields.Boolean(
        "To Be Told to Collections",
        readonly=True,
        help="The charge brought no money, and the customer's case does not know yet.",
    )

    _collection_pending_index = models.Index("(attempt_id) WHERE collection_pending")

    @api.model_create_multi
    def create(self, vals_list):
        transitions = super().create(vals_list)
        transitions.filtered(
            lambda transition: transition._brought_nothing()
        ).collection_pending = True
        return transitions

    def _brought_nothing(self):
        """Return whether the case is to hear of it: no money came, or it went back.

        A payment page that is only sent is no failure, and neither is giving up a charge that
        was never tried; giving up another try is.
        """
        self.ensure_one()
        if self.attempt_id.operation != "charge":
            return False
        if self.to_state == "needs_customer":
            return self.from_state != "planned"
        if self.to_state == "cancelled":
            return bool(self.attempt_id.previous_id)
        return self.to_state in {"failed", "returned"}
