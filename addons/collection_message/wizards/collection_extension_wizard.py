# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError


class CollectionExtensionWizard(models.TransientModel):
    """Ask for more time for open items of a customer, or grant it where one may."""

    _name = "collection.extension.wizard"
    _description = "Ask for More Time"

    profile_id = fields.Many2one(
        "collection.profile",
        "Customer",
        required=True,
        readonly=True,
        default=lambda self: self._default_profile_id(),
    )
    company_id = fields.Many2one(related="profile_id.company_id", string="Company")
    currency_id = fields.Many2one(related="company_id.currency_id", string="Currency")
    case_id = fields.Many2one(
        "collection.case", "Case", readonly=True, default=lambda self: self._context_case()
    )
    item_ids = fields.Many2many(
        "collection.item",
        "collection_extension_wizard_item_rel",
        "wizard_id",
        "item_id",
        "Open Items",
        default=lambda self: self._context_items(),
        domain="[('profile_id', '=', profile_id), ('state', '=', 'open'), ('side', '=', 'debit')]",
        help="Of an invoice in instalments each instalment is an item of its own.",
    )
    by = fields.Selection(
        [("date", "Until a Day"), ("days", "Some Days More")],
        "How Long",
        required=True,
        default="date",
        help="Days count from the due date of each item, or from today where that has passed.",
    )
    new_date = fields.Date("New Due Date")
    days = fields.Integer("Days", default=14)
    reason = fields.Text("Reason", required=True, help="Why the customer needs more time.")
    amount = fields.Monetary("Amount", compute="_compute_decision")
    days_asked = fields.Integer(
        "Days in All",
        compute="_compute_decision",
        help="From the due date of the document; earlier extensions count too.",
    )
    role_needed = fields.Selection(
        selection=lambda self: (
            self.env["collection.extension"]._fields["role_needed"]._description_selection(self.env)
        ),
        string="Decided by Role",
        compute="_compute_decision",
    )
    may_grant = fields.Boolean("I May Grant It", compute="_compute_decision")
    problem = fields.Char("Cannot Be Asked For", compute="_compute_decision")

    # ------------------------------------------------------------
    # DEFAULTS AND COMPUTES
    # ------------------------------------------------------------

    @api.model
    def _open(self, records):
        """Return the dialog for a case, a customer, or some items of one."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "collection_message.action_extension_wizard"
        )
        action["context"] = {
            "active_model": records._name,
            "active_id": records[:1].id,
            "active_ids": records.ids,
        }
        return action

    @api.model
    def _context_records(self):
        context = self.env.context
        model = context.get("active_model")
        ids = context.get("active_ids") or [context.get("active_id")]
        if model not in self.env or not any(ids):
            return self.env["collection.item"]
        return self.env[model].browse(ids)

    @api.model
    def _context_case(self):
        records = self._context_records()
        if records._name == "collection.case":
            return records[:1]
        return records.case_id[:1] if records._name == "collection.item" else False

    @api.model
    def _context_items(self):
        """Return the items chosen: as such, of a case, of an invoice; overdue ones of a customer."""
        records = self._context_records()
        items = self.env["collection.item"]
        if records._name == "collection.item":
            items = records
        elif records._name == "collection.case.item":
            items = records.item_id
        elif records._name == "collection.case":
            items = records[:1].open_item_ids
        elif records._name == "collection.profile":
            items = records[:1]._messageable_items()
        elif records._name == "account.move":
            items = items.search([("move_id", "in", records.ids)])
        return items.filtered(lambda item: item.side == "debit" and item.state == "open")

    @api.model
    def _default_profile_id(self):
        records = self._context_records()
        if records._name == "collection.profile":
            return records[:1]
        items = self._context_items()
        if len(items.profile_id) > 1:
            raise UserError(self.env._("Choose open items of one customer."))
        profile = items.profile_id or self._context_case() and self._context_case().profile_id
        if not profile and records:
            raise UserError(self.env._("Nothing is owed on what you have chosen."))
        return profile

    @api.depends("item_ids", "by", "new_date", "days")
    def _compute_decision(self):
        Extension = self.env["collection.extension"]
        for wizard in self:
            items = wizard.item_ids._origin
            wizard.amount = sum(items.mapped("amount_residual"))
            wizard.days_asked = 0
            wizard.role_needed = wizard.may_grant = wizard.problem = False
            if not items or (wizard.by == "date" and not wizard.new_date):
                continue
            try:
                dates = Extension._dates_asked(items, *wizard._term())
            except UserError as error:
                wizard.problem = str(error)
                continue
            days = max(Extension._days_asked(item, day) for item, day in dates.items())
            wizard.days_asked = days
            wizard.role_needed = wizard.company_id._collection_extension_role(days, wizard.amount)
            wizard.may_grant = self.env.user._collection_may_extend(
                wizard.company_id, days, wizard.amount
            )

    def _term(self):
        return (self.new_date, None) if self.by == "date" else (None, self.days)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_ask(self):
        """Ask; who may decide gets an activity."""
        extension = self._request()
        return self._tell(
            self.env._("Asked for"),
            self.env._(
                "%s decides.", extension.activity_ids[:1].user_id.name or self.env._("A manager")
            ),
        )

    def action_grant(self):
        """Ask and grant at once; only for who may."""
        extension = self._request()
        extension.action_approve()
        return self._tell(self.env._("Granted"), extension.display_name)

    def _request(self):
        self.ensure_one()
        if self.by == "date" and not self.new_date:
            raise UserError(self.env._("Choose the new due date."))
        new_date, days = self._term()
        return self.env["collection.extension"]._request(
            self.item_ids, new_date, days, self.reason, self.case_id
        )

    def _tell(self, title, text):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": title,
                "message": text,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
