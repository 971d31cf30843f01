# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class PaymentRequestCustomer(models.AbstractModel):
    """Whom a document asks for money, and what that makes of its taxes.

    A model that inherits it has a company.
    """

    _name = "payment.request.customer"
    _description = "Customer of a Document"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, check_company=True, index=True
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id",
        string="Company of the Customer",
        store=True,
        index=True,
        precompute=True,
    )
    fiscal_position_id = fields.Many2one(
        "account.fiscal.position",
        "Fiscal Position",
        compute="_compute_fiscal_position_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        help="Adapts the taxes of the lines to the customer.",
    )

    @api.depends("partner_id", "company_id")
    def _compute_fiscal_position_id(self):
        for document in self:
            positions = self.env["account.fiscal.position"].with_company(document.company_id)
            document.fiscal_position_id = (
                positions._get_fiscal_position(document.partner_id)
                if document.partner_id
                else False
            )
