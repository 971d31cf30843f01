# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_compare, float_repr

from ..core import prices

LOGGED_FIELDS = ("price_unit", "quantity", "discount", "date_start", "date_end", "product_id")


class RecurringDocumentLine(models.Model):
    """Something that is billed each period.

    A line without dates of its own is billed with the periods of its document. One with dates has
    periods of its own, each of which is billed once, in the same document where the days agree.
    """

    _name = "recurring.document.line"
    _description = "Line of a Recurring Document"
    _inherit = ["recurring.line.terms"]
    _order = "document_id, sequence, id"
    _check_company_auto = True

    document_id = fields.Many2one(
        "recurring.document", "Recurring Document", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="document_id.company_id", string="Company", store=True, precompute=True
    )
    currency_id = fields.Many2one(related="document_id.currency_id", string="Currency")
    partner_id = fields.Many2one(related="document_id.partner_id", string="Customer")
    date_start = fields.Date(
        "From", help="The first day that this line is billed. What was billed stays billed."
    )
    date_end = fields.Date("To", help="The last day that this line is billed.")
    price_ids = fields.One2many(
        "recurring.price",
        "line_id",
        "Prices from a Day On",
        copy=True,
        help="The latest one that is in force on the first day of a period counts.",
    )
    not_before = fields.Date(
        "Billed until Then Already",
        readonly=True,
        copy=False,
        help="Days before were billed in another way, before the line got or lost its own dates.",
    )
    price_subtotal = fields.Monetary("Amount Without Taxes", compute="_compute_price_subtotal")

    _dates = models.Constraint(
        "CHECK (date_end IS NULL OR date_start IS NULL OR date_start <= date_end)",
        "A line ends after it starts.",
    )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("product_id", "name", "display_type")
    def _check_says_something(self):
        for line in self:
            if not line.product_id and not line.name:
                raise ValidationError(self.env._("A line needs a product or a description."))

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("quantity", "price_unit", "discount", "currency_id", "price_ids.price_unit")
    def _compute_price_subtotal(self):
        today = fields.Date.context_today(self)
        for line in self:
            quantity = line._quantities([(line, None, None)])[0] if not line.display_type else 0
            price = line._price_on(today, {}) if not line.display_type else 0.0
            amount = quantity * price * (1 - line.discount / 100.0)
            line.price_subtotal = line.currency_id.round(amount) if line.currency_id else amount

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("display_type"):
                vals.update(quantity=0, price_unit=0, product_id=False)
        lines = super().create(vals_list)
        lines.document_id._schedule_changed()
        running = lines.filtered(lambda line: line.document_id.state != "draft")
        running._log_change({line.id: self.env._("added") for line in running})
        return lines

    def write(self, vals):
        logged = [name for name in LOGGED_FIELDS if name in vals]
        before = {line.id: line._in_words(logged) for line in self} if logged else {}
        own_before = {line: line._has_own_dates() for line in self}
        result = super().write(vals)
        if {"date_start", "date_end"} & vals.keys():
            for line, had in own_before.items():
                if had != line._has_own_dates():
                    line._change_track(had)
            self.document_id._schedule_changed()
        if logged:
            running = self.filtered(lambda line: line.document_id.state != "draft")
            running._log_change({
                line.id: f"{before[line.id]} → {after}"
                for line in running
                if (after := line._in_words(logged)) != before[line.id]
            })
        self.document_id._forget_trouble()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_not_billed_alone(self):
        # sudo: periods that the user does not see count as well
        rows = self.env["recurring.period"].sudo().search([("line_id", "in", self.ids)], limit=1)
        if rows:
            raise UserError(
                self.env._(
                    "“%s” has periods of its own that were billed. Give it an end instead.",
                    (rows.line_id.name or "").splitlines()[0],
                )
            )
        running = self.filtered(lambda line: line.document_id.state != "draft")
        running._log_change({line.id: self.env._("taken away") for line in running})

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _terms(self):
        return self.document_id

    def _terms_lang(self):
        return self.document_id.partner_id.lang or super()._terms_lang()

    def _terms_fiscal_position(self):
        return self.document_id.fiscal_position_id

    def _has_own_dates(self):
        """Return whether the line has periods of its own."""
        self.ensure_one()
        return bool(self.date_start or self.date_end) and not self.display_type

    def _is_over(self):
        """Return whether the line's own end has passed."""
        self.ensure_one()
        return bool(self.date_end) and self.date_end < self.company_id._charge_today()

    def _change_track(self, had_own):
        """Note from which day on the line is billed, when it gets or loses its own dates."""
        self.ensure_one()
        domain = [("document_id", "=", self.document_id.id)]
        domain.append(("line_id", "=", self.id if had_own else False))
        # sudo: what was billed counts, whoever looks
        ((last,),) = self.env["recurring.period"].sudo()._read_group(domain, [], ["date_to:max"])
        if last:
            self.not_before = fields.Date.add(last, days=1)

    def _quantities(self, asked):
        """Return how much of lines is billed: the hook for quantities by a formula.

        Add-ons that add a kind of quantity (``quantity_by``) extend this for all lines at once.

        :param asked: tuples of a line, the first and the last day; without days: for a whole period
            as it is today
        :return: one number each, in that order
        """
        found = []
        for line, first, last in asked:
            if line.quantity_by == "days":
                days = (last - first).days + 1 if first else line.document_id._days_of_a_period()
                found.append(line.quantity * days)
            else:
                found.append(line.quantity)
        return found

    def _is_prorated(self):
        """Return whether a shorter period costs less; not where the quantity says so already."""
        self.ensure_one()
        return self.quantity_by != "days"

    def _price_on(self, day, cache):
        """Return the unit price on a day, in the document's currency, not rounded.

        :param dict cache: prices of pricelists and factors that were found already
        """
        self.ensure_one()
        document = self.document_id
        if self.price_by == "pricelist" and document.pricelist_id and self.product_id:
            key = (
                document.pricelist_id,
                self.product_id,
                self.quantity,
                self.product_uom_id,
                document.currency_id,
                day,
            )
            if key not in cache:
                cache[key] = document.pricelist_id._get_product_price(
                    self.product_id,
                    self.quantity or 1.0,
                    currency=document.currency_id,
                    uom=self.product_uom_id,
                    date=day,
                )
            price = cache[key]
        else:
            rows = [(row.date, row.price_unit) for row in self.price_ids]
            price = prices.dated(rows, day, self.price_unit)
        if not self.indexed:
            return price
        base = document.index_base_on or document.date_start
        if document.index_id:
            key = (document.index_id, base, day)
            if key not in cache:
                cache[key] = document.index_id._factor(base, day)
            price *= cache[key]
        return price * prices.increase_factor(
            document.increase_percent, document.increase_months, base, day
        )

    def _in_words(self, names):
        """Return the values of fields as the history tells them."""
        self.ensure_one()
        parts = []
        for name in names:
            field, value = self._fields[name], self[name]
            label = field._description_string(self.env)
            if field.relational:
                value = value.display_name or ""
            elif field.type == "float":
                value = float_repr(value, 2 if float_compare(value, round(value, 2), 6) == 0 else 6)
            parts.append(f"{label}: {value or ''}")
        return ", ".join(parts)

    def _log_change(self, texts):
        """Tell the history of the recurring documents and customers what changed.

        :param dict texts: what changed, by the line's id
        """
        for document, lines in (
            self.filtered(lambda line: line.id in texts).grouped("document_id").items()
        ):
            for line in lines:
                label = (line.name or line.product_id.display_name or "").splitlines()[0]
                document._log_at_customer(f"{label}: {texts[line.id]}")
