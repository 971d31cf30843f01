# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class PaymentChargePreview(models.AbstractModel):
    """Work on many documents that is looked at, line by line, before it gets the go-ahead.

    A model that inherits it has ``line_ids``, whose lines are ``taken`` or not, have an ``amount``
    in a ``currency_id``, and say by ``problem`` what stands in the way; and a sequence whose code
    is the name of the model.
    """

    _name = "payment.charge.preview"
    _description = "Preview of Many Documents"

    name = fields.Char("Number", required=True, readonly=True, copy=False, default="/")
    company_id = fields.Many2one(
        "res.company",
        "Company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    user_id = fields.Many2one(
        "res.users", "Made by", readonly=True, default=lambda self: self.env.user
    )
    line_count = fields.Integer("Ticked", compute="_compute_totals")
    problem_count = fields.Integer("Cannot Be Charged", compute="_compute_totals")
    totals = fields.Char("To Be Charged", compute="_compute_totals")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("line_ids.taken", "line_ids.amount", "line_ids.problem")
    def _compute_totals(self):
        for preview in self:
            taken = preview.line_ids.filtered("taken")
            preview.line_count = len(taken)
            preview.problem_count = len(preview.line_ids.filtered("problem"))
            preview.totals = preview._in_words(taken)

    def _in_words(self, records):
        """Return what the amounts of records come to, currency by currency."""
        return ", ".join(
            currency.format(sum(same.mapped("amount")))
            for currency, same in records.grouped("currency_id").items()
        )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            company = vals.get("company_id", self.env.company.id)
            # sudo: numbers are drawn by the system
            sequence = self.env["ir.sequence"].with_company(company).sudo()
            vals["name"] = sequence.next_by_code(self._name)
        return super().create(vals_list)
