# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class RecurringLineTerms(models.AbstractModel):
    """What a line of a recurring document and one of a template have in common."""

    _name = "recurring.line.terms"
    _description = "Terms of a Line of a Recurring Document"
    _inherit = ["payment.request.line.terms"]

    display_type = fields.Selection(
        [("line_section", "Section"), ("line_note", "Note")],
        "Layout",
        help="A heading or a remark, without an amount.",
    )
    name = fields.Text(
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
    price_by = fields.Selection(
        [("fixed", "Agreed Price"), ("pricelist", "Pricelist of the Day")],
        "Price by",
        required=True,
        default="fixed",
        help="Agreed price: the unit price here, or the one agreed from a day on. Pricelist: what "
        "the pricelist says on the first day of each period.",
    )
    indexed = fields.Boolean("Indexed", help="The price follows the index and the increase.")

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
    # BUSINESS
    # ------------------------------------------------------------

    def _product_description(self):
        return f"{super()._product_description()}\n{{period}}"

    def _product_price(self):
        terms = self._terms()
        if not terms.pricelist_id:
            return super()._product_price()
        return terms.pricelist_id._get_product_price(
            self.product_id,
            self.quantity or 1.0,
            currency=terms.currency_id,
            uom=self.product_uom_id,
        )

    @api.model
    def _line_terms_fields(self):
        """Return the names of the fields that a document's line takes over from a template's."""
        return [
            name
            for name, field in self.env["recurring.line.terms"]._fields.items()
            if name not in {*models.MAGIC_COLUMNS, "display_name"} and field.store
        ]
