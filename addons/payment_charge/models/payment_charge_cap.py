# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class PaymentChargeCap(models.Model):
    """A limit of a card network or bank scheme on refused tries, whoever asks for them."""

    _name = "payment.charge.cap"
    _description = "Limit on Refused Charges"
    _order = "network, hours"
    _rec_name = "network"

    network = fields.Char(
        "Network or Scheme",
        required=True,
        help="The code of the host's payment method, such as visa or mastercard, or of a bank "
        "scheme. * stands for all that have no line of their own.",
    )
    tries = fields.Integer("Refused Tries", required=True, help="So many and no more …")
    hours = fields.Integer("Within Hours", required=True, help="… in so many hours.")
    active = fields.Boolean("Active", default=True)

    _network_unique = models.UniqueIndex(
        "(network, hours)", "This network has a limit for so many hours already."
    )
    _positive = models.Constraint(
        "CHECK (tries > 0 AND hours > 0)", "Tries and hours are at least one."
    )

    def _of_network(self, network):
        """Return the limits that hold for a network."""
        # sudo: limits are no secret, and whoever charges must keep them
        Cap = self.sudo()
        return Cap.search([("network", "=", network or "*")]) or Cap.search([("network", "=", "*")])
