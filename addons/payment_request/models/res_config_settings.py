# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    payment_request_kind = fields.Selection(
        related="company_id.payment_request_kind", readonly=False
    )
    payment_request_proforma_sequence_id = fields.Many2one(
        related="company_id.payment_request_proforma_sequence_id", readonly=False
    )
    payment_request_sequence_id = fields.Many2one(
        related="company_id.payment_request_sequence_id", readonly=False
    )
    payment_request_send_invoice = fields.Boolean(
        related="company_id.payment_request_send_invoice", readonly=False
    )
