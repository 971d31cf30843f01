# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class PaymentRequestLine(models.Model):
    """One thing that a pro-forma or payment request asks money for; a heading, or a remark."""

    _name = "payment.request.line"
    _description = "Line of a Payment Request"
    _inherit = ["payment.request.line.terms"]
    _order = "request_id, sequence, id"
    _check_company_auto = True
    _rec_name = "name"

    request_id = fields.Many2one(
        "payment.request", "Request", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="request_id.company_id", string="Company", store=True, precompute=True
    )
    currency_id = fields.Many2one(
        related="request_id.currency_id", string="Currency", store=True, precompute=True
    )
    partner_id = fields.Many2one(related="request_id.partner_id", string="Customer")
    state = fields.Selection(related="request_id.state", string="Status")
    display_type = fields.Selection(
        [("line_section", "Section"), ("line_note", "Note")],
        "Layout",
        help="A heading or a remark, without an amount.",
    )
    price_subtotal = fields.Monetary("Amount Without Taxes", compute="_compute_totals", store=True)
    price_total = fields.Monetary("Amount With Taxes", compute="_compute_totals", store=True)

    _layout_without_amount = models.Constraint(
        "CHECK(display_type IS NULL OR product_id IS NULL)",
        "A heading or remark has no product.",
    )

    # ------------------------------------------------------------
    # COMPUTE METHODS
    # ------------------------------------------------------------

    @api.depends("currency_id")
    def _compute_price_unit(self):
        return super()._compute_price_unit()

    @api.depends("request_id.fiscal_position_id")
    def _compute_tax_ids(self):
        return super()._compute_tax_ids()

    @api.depends("product_id", "partner_id")
    def _compute_analytic_distribution(self):
        for line in self:
            if line.display_type or not line.product_id:
                continue
            distribution = self.env["account.analytic.distribution.model"]._get_distribution({
                "product_id": line.product_id.id,
                "product_categ_id": line.product_id.categ_id.id,
                "partner_id": line.partner_id.id,
                "partner_category_id": line.partner_id.category_id.ids,
                "company_id": line.company_id.id,
            })
            line.analytic_distribution = distribution or line.analytic_distribution

    @api.depends("quantity", "price_unit", "discount", "tax_ids", "currency_id", "display_type")
    def _compute_totals(self):
        taxes = self.env["account.tax"]
        for line in self:
            if line.display_type:
                line.price_subtotal = line.price_total = 0.0
                continue
            company = line.request_id._tax_company()
            base_line = line._base_line()
            taxes._add_tax_details_in_base_line(base_line, company)
            taxes._round_base_lines_tax_details([base_line], company)
            details = base_line["tax_details"]
            line.price_subtotal = details["total_excluded_currency"]
            line.price_total = details["total_included_currency"]

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("display_type"):
                vals.update(quantity=0, price_unit=0, product_id=False)
        lines = super().create(vals_list)
        lines._check_draft()
        return lines

    def write(self, vals):
        self._check_draft()
        if "display_type" in vals and any(
            (line.display_type or False) != (vals["display_type"] or False) for line in self
        ):
            raise UserError(
                self.env._("Delete the line and add another one instead of changing its layout.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_if_draft(self):
        self._check_draft()

    def _check_draft(self):
        if any(line.request_id.state != "draft" for line in self):
            raise UserError(
                self.env._(
                    "The customer has this document as it is. Set it back to draft to change it."
                )
            )

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _terms(self):
        return self.request_id

    def _terms_lang(self):
        return self.partner_id.lang or super()._terms_lang()

    def _terms_date(self):
        return self.request_id.date or super()._terms_date()

    def _terms_fiscal_position(self):
        return self.request_id.fiscal_position_id

    def _base_line(self):
        """Return the line as the host's tax computation knows it."""
        self.ensure_one()
        request = self.request_id
        return self.env["account.tax"]._prepare_base_line_for_taxes_computation(
            self,
            partner_id=request.partner_id,
            currency_id=request.currency_id or request._tax_company().currency_id,
            rate=request.currency_rate or 1.0,
        )

    def _invoice_line_vals(self):
        """Return the values of the invoice line when all of the line is invoiced at once."""
        self.ensure_one()
        if self.display_type:
            return {
                "display_type": self.display_type,
                "name": self.name,
                "sequence": self.sequence,
            }
        return {
            "sequence": self.sequence,
            "product_id": self.product_id.id,
            "name": self.name,
            "quantity": self.quantity,
            "product_uom_id": self.product_uom_id.id,
            "price_unit": self.price_unit,
            "discount": self.discount,
            "tax_ids": [(6, 0, self.tax_ids.ids)],
            "analytic_distribution": self.analytic_distribution,
        }
