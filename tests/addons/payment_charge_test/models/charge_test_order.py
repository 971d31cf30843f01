# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ChargeTestOrder(models.Model):
    """Something that asks for charges and counts what it is told of them."""

    _name = "charge.test.order"
    _description = "Order of a Test"

    name = fields.Char("Name", required=True)
    succeeded = fields.Integer("Successes")
    failed = fields.Integer("Failures")

    def _charge_changed(self, attempt):
        self.ensure_one()
        if attempt.state == "succeeded":
            self.succeeded += 1
        elif attempt.state == "failed":
            self.failed += 1
