# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class CollectionCaseAmountWizard(models.TransientModel):
    """Open a case for an amount no document asks for yet, such as an advance on a project."""

    _name = "collection.case.amount.wizard"
    _description = "Case for an Amount Without Document"

    company_id = fields.Many2one(
        "res.company",
        "Company",
        required=True,
        default=lambda self: self.env.company,
        help="The company that is owed the amount.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        default=lambda self: self._default_partner_id(),
        help="Who owes it: the customer, or the branch where it takes part per branch.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        "Currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="The currency that was agreed.",
    )
    amount = fields.Monetary("Amount", required=True, help="What the customer is to pay.")
    description = fields.Char(
        "What For", required=True, help="For instance: advance on project Harbour, 30 %."
    )
    date_due = fields.Date(
        "Due Date",
        required=True,
        default=lambda self: self.env.company._collection_today(),
        help="The day by which it is to be paid.",
    )
    auto_number = fields.Boolean(related="company_id.collection_auto_number")
    name = fields.Char(
        "Number", help="The number of the case, where cases are not numbered automatically."
    )
    user_id = fields.Many2one(
        "res.users",
        "Debt Manager",
        compute="_compute_user_id",
        store=True,
        readonly=False,
        domain=[("is_debt_manager", "=", True)],
        help="Who works on the case.",
    )

    @api.model
    def _default_partner_id(self):
        active_model = self.env.context.get("active_model")
        active_id = self.env.context.get("active_id")
        if active_model == "res.partner":
            return active_id
        if active_model in ("collection.profile", "collection.case"):
            return self.env[active_model].browse(active_id).partner_id.id
        return False

    @api.depends("partner_id")
    def _compute_user_id(self):
        for wizard in self:
            profile = self.env["collection.profile"].search(
                [
                    ("company_id", "=", wizard.company_id.id),
                    ("partner_id", "=", wizard.partner_id.id),
                ],
                limit=1,
            )
            wizard.user_id = profile.debt_manager_id

    def action_open(self):
        """Open the case and show it."""
        self.ensure_one()
        if self.amount <= 0:
            raise UserError(self.env._("The amount must be positive."))
        if not self.auto_number and not self.name:
            raise UserError(self.env._("Type the number of the case."))
        party = self.partner_id
        if not party.is_collection_branch:
            party = party.commercial_partner_id
        profile = self.env["collection.profile"]._get_or_create(self.company_id, party)
        case = self.env["collection.case"]._open_amount_case(
            profile,
            self.amount,
            self.currency_id,
            self.description,
            self.date_due,
            **({"name": self.name} if self.name else {}),
        )
        if self.user_id and self.user_id != case.debt_manager_id:
            case._assign(self.user_id)
        return {
            "type": "ir.actions.act_window",
            "res_model": "collection.case",
            "res_id": case.id,
            "views": [(False, "form")],
        }
