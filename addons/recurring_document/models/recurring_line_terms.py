# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class RecurringLineTerms(models.AbstractModel):
    """What a line of a recurring document and one of a template have in common."""

    _name = "recurring.line.terms"
    _description = "Terms of a Line of a Recurring Document"
    _inherit = ["analytic.mixin"]

    sequence = fields.Integer("Order", default=10)
    display_type = fields.Selection(
        [("line_section", "Section"), ("line_note", "Note")],
        "Layout",
        help="A heading or a remark, without an amount.",
    )
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
        help="Placeholders such as {month} or {period} are filled in the customer's language: "
        "{period} {from} {to} {month} {next_month} {quarter} {week} {year} {number}",
    )
    quantity_by = fields.Selection(
        [("fixed", "Fixed"), ("days", "Per Day of the Period")],
        "Quantity by",
        required=True,
        default="fixed",
        help="Per day: the quantity times the days of the period that are billed.",
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
    price_by = fields.Selection(
        [("fixed", "Agreed Price"), ("pricelist", "Pricelist of the Day")],
        "Price by",
        required=True,
        default="fixed",
        help="Agreed price: the unit price here, or the one agreed from a day on. Pricelist: what "
        "the pricelist says on the first day of each period.",
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
    indexed = fields.Boolean("Indexed", help="The price follows the index and the increase.")
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
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("name")
    def _check_placeholders(self):
        label = self._fields["name"]._description_string(self.env)
        for line in self:
            self.env["recurring.terms"]._refuse_unknown(line.name, label)

    @api.constrains("price_by", "product_id")
    def _check_price_by(self):
        for line in self:
            if line.price_by == "pricelist" and not line.product_id:
                raise ValidationError(
                    self.env._(
                        "%s: the price of a pricelist needs a product.", line.name or line.id
                    )
                )

    @api.constrains("discount")
    def _check_discount(self):
        for line in self:
            if not 0 <= line.discount <= 100:
                raise ValidationError(self.env._("Discount: from 0 to 100 percent."))

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("product_id")
    def _compute_name(self):
        for line in self:
            if not line.product_id:
                line.name = line.name or False
                continue
            lang = line._terms_lang()
            product = line.product_id.with_context(lang=lang)
            line.name = f"{product.get_product_multiline_description_sale()}\n{{period}}"

    @api.depends("product_id")
    def _compute_product_uom_id(self):
        for line in self:
            line.product_uom_id = line.product_id.uom_id

    @api.depends("product_id", "product_uom_id")
    def _compute_price_unit(self):
        for line in self:
            terms = line._terms()
            if not line.product_id or line.display_type:
                line.price_unit = line.price_unit or 0.0
            elif terms.pricelist_id:
                line.price_unit = terms.pricelist_id._get_product_price(
                    line.product_id,
                    line.quantity or 1.0,
                    currency=terms.currency_id,
                    uom=line.product_uom_id,
                )
            else:
                company = terms.company_id or self.env.company
                line.price_unit = line.product_id._get_tax_included_unit_price(
                    company,
                    terms.currency_id or company.currency_id,
                    fields.Date.context_today(line),
                    "sale",
                    fiscal_position=line._terms_fiscal_position(),
                    product_uom=line.product_uom_id,
                )

    @api.depends("product_id", "display_type")
    def _compute_tax_ids(self):
        for line in self:
            company = line._terms().company_id or self.env.company
            if line.display_type:
                line.tax_ids = False
                continue
            if line.product_id:
                taxes = line.product_id.taxes_id._filter_taxes_by_company(company)
            elif line.tax_ids:
                continue
            else:
                taxes = company.account_sale_tax_id
            line.tax_ids = line._terms_fiscal_position().map_tax(taxes)

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _terms(self):
        """Return the document or template that the line belongs to."""
        raise NotImplementedError

    def _terms_lang(self):
        """Return the language of the description."""
        return self.env.lang

    def _terms_fiscal_position(self):
        return self.env["account.fiscal.position"]

    @api.model
    def _line_terms_fields(self):
        """Return the names of the fields that a document's line takes over from a template's."""
        return [
            name
            for name, field in self.env["recurring.line.terms"]._fields.items()
            if name not in {*models.MAGIC_COLUMNS, "display_name"} and field.store
        ]
