# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

from .collection_message import SENDERS


class ResCompany(models.Model):
    _inherit = "res.company"

    collection_sender = fields.Selection(
        SENDERS,
        "Sender of Messages",
        required=True,
        default="debt_manager",
        help="In whose name messages go out unless the message says otherwise. Where a debt "
        "manager or team leader is not known, the company is the sender.",
    )

    def _collection_load_message_demo(self):
        """Write a few messages to the demo customers; the demo data calls it."""
        # the demo code is of no use to any other database
        from ..demo.messages import load

        for company in self:
            load(company)
