# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class PaymentToken(models.Model):
    _inherit = "payment.token"

    charge_test_script = fields.Char(
        "What Happens",
        default="done",
        help="One word per charge, the last one for all that follow: done, pending, lost_before, "
        "lost_after, silent_before, silent_after, broken, or the code of a refusal.",
    )
