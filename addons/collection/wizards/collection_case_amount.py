# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class CollectionCaseAmountWizard(models.TransientModel):
    """Open a case for an amount no document asks for yet, such as an advance on a project."""

    _name = "collection.case.amount.wizard"
    _description = "Case for an Amount Without Document"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company",
        "Company",
        required=True,
        default=lambda self: self._context_profile().company_id or self.env.company,
        help="The company that is owed the amount.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        check_company=True,
        default=lambda self: self._default_partner_id(),
        help="Who owes it: the customer, or the branch where it takes part per branch.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        "Currency",
        required=True,
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
        help="The currency that was agreed.",
    )
    amount = fields.Monetary("Amount", required=True, help="What the customer is to pay.")
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    amount_company = fields.Monetary(
        "In Company Currency",
        compute="_compute_amount_company",
        currency_field="company_currency_id",
        help="What the amount comes to at today's rate; totals and lists count this.",
    )
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
        compute_sudo=False,
        store=True,
        readonly=False,
        domain="[('is_debt_manager', '=', True), ('company_ids', 'in', company_id)]",
        help="Who works on the case.",
    )
    profile_id = fields.Many2one(
        "collection.profile",
        "In Collections",
        compute="_compute_profile_id",
        help="The customer or branch that is chased for it.",
    )
    is_held = fields.Boolean(related="profile_id.is_held")
    hold_reason = fields.Char(related="profile_id.hold_reason")
    open_case_count = fields.Integer(related="profile_id.open_case_count")
    amount_overdue = fields.Monetary(
        related="profile_id.amount_overdue", currency_field="company_currency_id"
    )

    # ------------------------------------------------------------
    # DEFAULTS AND COMPUTES
    # ------------------------------------------------------------

    @api.model
    def _context_profile(self):
        """Return the customer the dialog was opened on, at the customer or on a case."""
        active_model = self.env.context.get("active_model")
        active_id = self.env.context.get("active_id")
        if active_id and active_model == "collection.profile":
            return self.env["collection.profile"].browse(active_id)
        if active_id and active_model == "collection.case":
            return self.env["collection.case"].browse(active_id).profile_id
        return self.env["collection.profile"]

    @api.model
    def _default_partner_id(self):
        if self.env.context.get("active_model") == "res.partner":
            return self.env.context.get("active_id")
        return self._context_profile().partner_id

    @api.depends("company_id")
    def _compute_currency_id(self):
        for wizard in self:
            wizard.currency_id = wizard.company_id.currency_id

    @api.depends("amount", "currency_id", "company_id")
    def _compute_amount_company(self):
        for wizard in self:
            company = wizard.company_id
            wizard.amount_company = (
                wizard.currency_id._convert(
                    wizard.amount, company.currency_id, company, company._collection_today()
                )
                if wizard.currency_id and company
                else 0.0
            )

    @api.depends("partner_id", "company_id")
    def _compute_profile_id(self):
        for wizard in self:
            # only what the user may see of the customer is told
            wizard.profile_id = wizard._find_profile()._filtered_access("read")

    @api.depends("partner_id", "company_id")
    def _compute_user_id(self):
        for wizard in self:
            user = wizard._find_profile().sudo().debt_manager_id.sudo(False)
            if not user and not wizard._may_assign() and self.env.user.is_debt_manager:
                user = self.env.user
            wizard.user_id = user

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open(self):
        """Open the case and show it."""
        self.ensure_one()
        if self.currency_id.compare_amounts(self.amount, 0) <= 0:
            raise UserError(self.env._("The amount must be positive."))
        if not self.auto_number and not (self.name or "").strip():
            raise UserError(self.env._("Type the number of the case."))
        case = self.env["collection.case"]._open_amount_case(
            self._get_profile(),
            self.amount,
            self.currency_id,
            self.description,
            self.date_due,
            **({} if self.auto_number else {"name": self.name.strip()}),
        )
        if self.user_id and self.user_id != case.debt_manager_id and self._may_assign():
            case._assign(self.user_id)
        return {
            "type": "ir.actions.act_window",
            "res_model": "collection.case",
            "res_id": case.id,
            "views": [(False, "form")],
        }

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    @api.model
    def _may_assign(self):
        """Return whether the user may give cases to others."""
        return self.env["collection.case.assign.wizard"].has_access("create")

    def _party(self):
        """Return who is chased: the branch where the customer takes part per branch."""
        self.ensure_one()
        customer = self.partner_id.commercial_partner_id
        party = self.partner_id
        if self._profile_of(customer).sudo().participation == "branch":
            while party and party != customer and not party.is_collection_branch:
                party = party.parent_id
            return party or customer
        return customer

    def _profile_of(self, partner):
        """Return the profile of a partner in the company, whoever looks after it."""
        # sudo: whether collections know the customer; nothing of it is shown
        profiles = self.env["collection.profile"].sudo()
        return profiles.search(
            [("company_id", "=", self.company_id.id), ("partner_id", "=", partner.id)], limit=1
        ).sudo(False)

    def _find_profile(self):
        """Return the profile of who is chased, if there is one already."""
        self.ensure_one()
        if not self.partner_id:
            return self.env["collection.profile"]
        return self._profile_of(self._party())

    def _get_profile(self):
        """Return the profile of who is chased; a new customer is its debt manager's at once.

        :raise UserError: where somebody else looks after the customer
        """
        profile = self._find_profile()
        if not profile:
            return self.env["collection.profile"].create({
                "company_id": self.company_id.id,
                "partner_id": self._party().id,
                "debt_manager_id": self.user_id.id,
            })
        if not profile.has_access("read"):
            # sudo: the name of the colleague to turn to
            colleague = profile.sudo().debt_manager_id.name or profile.sudo().team_id.name
            raise UserError(
                self.env._(
                    "%(customer)s is looked after by %(colleague)s: ask them to open the case.",
                    customer=self._party().display_name,
                    colleague=colleague or self.env._("somebody else"),
                )
            )
        return profile
