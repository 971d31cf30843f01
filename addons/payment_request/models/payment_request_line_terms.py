# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class PaymentRequestLineTerms(models.AbstractModel):
    """What the lines of documents that ask for money have in common: a product at a price.

    A model that inherits it says by :meth:`_terms` which document its line belongs to, and has the
    ``display_type`` of a heading or remark: its words are translated where the model is.
    """

    _name = "payment.request.line.terms"
    _description = "Terms of a Line"
    _inherit = ["analytic.mixin"]

    sequence = fields.Integer("Order", default=10)
    product_id = fields.Many2one(
        "product.product",
        "Product",
        check_company=True,
        domain="[('sale_ok', '=', True)]",
        ondelete="restrict",
        index="btree_not_null",
    )
    name = fields.Text(
        "Description",
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
    )
    quantity = fields.Float("Quantity", digits="Product Unit", default=1.0)
    product_uom_id = fields.Many2one(
        "uom.uom",
        "Unit",
        compute="_compute_product_uom_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
    )
    price_unit = fields.Float(
        "Unit Price",
        compute="_compute_price_unit",
        store=True,
        readonly=False,
        precompute=True,
        min_display_digits="Product Price",
    )
    discount = fields.Float("Discount (%)", digits="Discount")
    tax_ids = fields.Many2many(
        "account.tax",
        string="Taxes",
        compute="_compute_tax_ids",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        domain="[('type_tax_use', '=', 'sale')]",
        context={"active_test": False},
    )

    # ------------------------------------------------------------
    # COMPUTE METHODS
    # ------------------------------------------------------------

    @api.depends("product_id")
    def _compute_name(self):
        for line in self:
            if line.product_id:
                line.name = line._product_description()
            else:
                line.name = line.name or False

    @api.depends("product_id")
    def _compute_product_uom_id(self):
        for line in self:
            line.product_uom_id = line.product_id.uom_id

    @api.depends("product_id", "product_uom_id")
    def _compute_price_unit(self):
        for line in self:
            if line.product_id and not line.display_type:
                line.price_unit = line._product_price()
            else:
                line.price_unit = line.price_unit or 0.0

    @api.depends("product_id", "display_type")
    def _compute_tax_ids(self):
        for line in self:
            if line.display_type:
                line.tax_ids = False
                continue
            company = line._terms().company_id or self.env.company
            if line.product_id:
                taxes = line.product_id.taxes_id._filter_taxes_by_company(company)
            elif line.tax_ids:
                continue
            else:
                taxes = company.account_sale_tax_id
            line.tax_ids = line._terms_fiscal_position().map_tax(taxes)

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _terms(self):
        """Return the document, or the template of one, that the line belongs to."""
        raise NotImplementedError

    def _terms_lang(self):
        """Return the language of the description."""
        return self.env.lang

    def _terms_date(self):
        """Return the day whose price counts."""
        return fields.Date.context_today(self)

    def _terms_fiscal_position(self):
        """Return what adapts the taxes to the customer."""
        return self.env["account.fiscal.position"]

    def _product_description(self):
        """Return the description of the line's product, in the language of the terms."""
        product = self.product_id.with_context(lang=self._terms_lang())
        return product.get_product_multiline_description_sale()

    def _product_price(self):
        """Return the unit price of the line's product, in the currency of the terms."""
        terms = self._terms()
        company = terms.company_id or self.env.company
        return self.product_id._get_tax_included_unit_price(
            company,
            terms.currency_id or company.currency_id,
            self._terms_date(),
            "sale",
            fiscal_position=self._terms_fiscal_position(),
            product_uom=self.product_uom_id,
        )
