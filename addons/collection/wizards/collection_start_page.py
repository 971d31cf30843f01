# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.base.models.res_partner import _tz_get

from ..models.collection_cycle_step import CycleScope

# field of the page → field of the company
RULE_FIELDS = {
    "days_late": "collection_days_late",
    "min_amount": "collection_min_amount",
    "takes_part_default": "collection_takes_part_default",
    "partner_domain": "collection_partner_domain",
    "default_team_id": "collection_default_team_id",
    "keep_out_days": "collection_keep_out_days",
    "auto_number": "collection_auto_number",
    "night_hour": "collection_night_hour",
    "tz": "collection_tz",
}


class CollectionStartPage(models.TransientModel):
    """The start page: what the company's rule would open, the rule itself, and the go-ahead.

    Nothing opens before a collection manager has confirmed here. Afterwards the page shows the
    rule and what the next run would open.
    """

    _name = "collection.start.page"
    _description = "Start Page of Collections"

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    company_id = fields.Many2one(
        "res.company",
        "Company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
        help="The company whose ledger and rule the page shows.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id", string="Currency")
    live = fields.Boolean(related="company_id.collection_live")
    live_date = fields.Date(related="company_id.collection_live_date")
    # the rule
    days_late = fields.Integer(
        "Days Late", help="A case opens when a document is that many days past its due date."
    )
    min_amount = fields.Monetary(
        "Minimum Amount",
        help="A case opens when the customer's late items come to at least this much.",
    )
    takes_part_default = fields.Boolean(
        "Customers Take Part",
        help="Whether customers take part in collections unless their own setting says otherwise.",
    )
    partner_domain = fields.Char(
        "Customers in Scope",
        help="Rules open cases only for customers that match these conditions.",
    )
    default_team_id = fields.Many2one(
        "collection.team",
        "Default Team",
        help="Takes the cases of customers without a debt manager or team.",
    )
    keep_out_days = fields.Integer(
        "Days Out After Removal",
        help="An item taken out of a case stays out of cases for so many days.",
    )
    auto_number = fields.Boolean(
        "Number Cases Automatically", help="Off: whoever opens a case types its number."
    )
    night_hour = fields.Float(
        "Night Run at", help="Hour of the company's day at which the cycle starts."
    )
    tz = fields.Selection(
        _tz_get,
        "Time Zone",
        help="Decides which day it is for due dates and the night run.",
    )
    rule_changed = fields.Boolean(
        "Rule Changed",
        compute="_compute_rule_changed",
        help="The figures are those of the rule as it was; recalculate to see what is new.",
    )
    # what it would do
    ready = fields.Boolean(
        "Ledger Has Been Read",
        readonly=True,
        help="The figures are complete once the cycle has read the ledger for the first time.",
    )
    run_id = fields.Many2one(
        "collection.cycle.run",
        "Last Run",
        readonly=True,
        help="The last night run of the company, or the one that is running.",
    )
    run_state = fields.Selection(related="run_id.state", string="Run State")
    run_step = fields.Char(related="run_id.step", string="Run Step")
    run_progress = fields.Float(related="run_id.progress", string="Progress")
    run_message = fields.Text(related="run_id.message", string="Run Message")
    case_count = fields.Integer(
        "Cases to Open", readonly=True, help="Cases that would open with this rule."
    )
    customer_count = fields.Integer(
        "Customers", readonly=True, help="Customers who would get a case."
    )
    item_count = fields.Integer("Items", readonly=True, help="Open items that would be in them.")
    amount = fields.Monetary(
        "Amount to Collect", readonly=True, help="What these items come to, blocks deducted."
    )
    joining_items = fields.Integer(
        "Items Joining Open Cases",
        readonly=True,
        help="Late items of customers who have an open case: they join it.",
    )
    manager_ids = fields.One2many(
        "collection.start.page.manager",
        "page_id",
        "Per Debt Manager",
        readonly=True,
        help="Who would get how many cases.",
    )
    credit_amount = fields.Monetary(
        "Unapplied Credits",
        readonly=True,
        help="Payments and credit notes that are not matched with a document yet.",
    )
    credit_customers = fields.Integer(
        "Customers with Credits", readonly=True, help="Customers who have unapplied credits."
    )
    postdated_amount = fields.Monetary(
        "Post-dated Payments",
        readonly=True,
        help="Payments in hand with a date to come; the items they cover are blocked until then.",
    )
    postdated_count = fields.Integer(
        "Number of Post-dated Payments", readonly=True, help="How many such payments there are."
    )
    no_partner_amount = fields.Monetary(
        "Receivables Without Customer",
        readonly=True,
        help="Open journal items on receivable accounts that name no customer: nobody can be "
        "asked for them.",
    )
    no_partner_count = fields.Integer(
        "Journal Items Without Customer", readonly=True, help="How many such items there are."
    )
    not_participating = fields.Integer(
        "Not Taking Part", readonly=True, help="Late customers who take no part in collections."
    )
    on_hold = fields.Integer("On Hold", readonly=True, help="Late customers who are on hold.")
    below_minimum = fields.Integer(
        "Below the Minimum",
        readonly=True,
        help="Late customers whose items do not come to the minimum amount.",
    )

    # ------------------------------------------------------------
    # DEFAULTS AND COMPUTES
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            company = self.env["res.company"].browse(vals.get("company_id") or self.env.company.id)
            for name, company_name in RULE_FIELDS.items():
                field = company._fields[company_name]
                vals.setdefault(name, field.convert_to_write(company[company_name], company))
        pages = super().create(vals_list)
        for page in pages:
            page._refresh()
        return pages

    def _compute_display_name(self):
        for page in self:
            page.display_name = self.env._("Start Page")

    @api.depends(*RULE_FIELDS)
    def _compute_rule_changed(self):
        for page in self:
            page.rule_changed = page._rule_values() != page._rule_of_company()

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @api.model
    def action_open(self):
        """Open the start page of the current company."""
        return self.create({})._action_show()

    def action_recalculate(self):
        """Keep the rule as it stands on the page and show what it would open."""
        self.ensure_one()
        self._save_rule()
        self._refresh()
        return True

    def action_read_ledger(self):
        """Have the cycle read the ledger now."""
        self.ensure_one()
        self._check_manager()
        action = self.env["collection.cycle.run"].with_company(self.company_id).action_run_now()
        self._refresh()
        return action

    def action_confirm(self):
        """Let the rule open cases from now on."""
        self.ensure_one()
        self._check_manager()
        if self.company_id.collection_live:
            raise UserError(self.env._("Collections of %s are live already.", self.company_id.name))
        if not self.ready:
            raise UserError(
                self.env._(
                    "The ledger has not been read to its end yet: the figures are not complete."
                )
            )
        if self._rule_values() != self._rule_of_company():
            raise UserError(
                self.env._(
                    "The rule was changed. Recalculate, and look at what it would open, before "
                    "you confirm."
                )
            )
        # sudo: going live is the collection manager's decision, the company is the host's
        self.company_id.sudo()._collection_go_live()
        action = self.env["ir.actions.act_window"]._for_xml_id("collection.action_case")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": self.env._("Collections are live"),
                "message": self.env._(
                    "%s cases open within a minute; new ones follow as documents become late.",
                    self.case_count,
                ),
                "next": action,
            },
        }

    def action_open_customers(self):
        """List the customers who would get a case."""
        return self._action_customers([("id", "in", self._profile_ids_of(opens=True))])

    def action_open_below_minimum(self):
        """List the late customers whose items do not come to the minimum amount."""
        return self._action_customers([("id", "in", self._profile_ids_of(opens=False))])

    def action_open_cases(self):
        """List the cases that are open."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("collection.action_case")
        action["domain"] = [
            ("company_id", "=", self.company_id.id),
            ("state", "!=", "completed"),
        ]
        action["context"] = {}
        return action

    def action_open_credits(self):
        """List the customers who have unapplied credits."""
        return self._action_customers([("amount_credit", ">", 0)])

    def action_open_not_participating(self):
        """List the late customers who take no part."""
        return self._action_customers([("amount_overdue", ">", 0), ("takes_part", "=", False)])

    def action_open_on_hold(self):
        """List the late customers who are on hold."""
        return self._action_customers([("amount_overdue", ">", 0), ("is_held", "=", True)])

    def action_open_postdated(self):
        """List the payments in hand that are dated in the future."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Post-dated Payments"),
            "res_model": "account.payment",
            "views": [(False, "list"), (False, "form")],
            "domain": [
                ("company_id", "=", self.company_id.id),
                ("payment_type", "=", "inbound"),
                ("partner_type", "=", "customer"),
                ("state", "in", ("draft", "in_process")),
                ("is_reconciled", "=", False),
                ("date", ">", self.company_id._collection_today()),
            ],
            "context": {"create": False},
        }

    def action_open_no_partner(self):
        """List the open receivables that name no customer."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Receivables Without Customer"),
            "res_model": "account.move.line",
            "views": [(False, "list"), (False, "form")],
            "domain": [
                ("company_id", "=", self.company_id.id),
                ("account_id", "in", self.company_id._collection_receivable_accounts().ids),
                ("partner_id", "=", False),
                ("reconciled", "=", False),
                ("parent_state", "=", "posted"),
            ],
            "context": {"create": False},
        }

    def action_open_runs(self):
        """List the runs of the cycle."""
        return self.env["ir.actions.act_window"]._for_xml_id("collection.action_cycle_run")

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _action_show(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("collection.action_start_page_form")
        action["res_id"] = self.id
        return action

    def _action_customers(self, domain):
        action = self.env["ir.actions.act_window"]._for_xml_id("collection.action_profile")
        action["domain"] = [("company_id", "=", self.company_id.id), *domain]
        action["context"] = {}
        return action

    def _check_manager(self):
        """Check that the user decides on the rule.

        :raise AccessError: for everybody but collection managers
        """
        self.check_access("write")
        self.company_id.check_access("read")
        if not self.env.user.has_group("collection.group_collection_manager"):
            raise AccessError(self.env._("Only a collection manager decides on the rule."))

    def _rule_values(self):
        """Return the rule of the page as values of the company."""
        return {
            company_name: self._fields[name].convert_to_write(self[name], self)
            for name, company_name in RULE_FIELDS.items()
        }

    def _rule_of_company(self):
        """Return the rule the company has."""
        company = self.company_id
        return {
            name: company._fields[name].convert_to_write(company[name], company)
            for name in RULE_FIELDS.values()
        }

    def _save_rule(self):
        """Write the rule of the page to the company."""
        self._check_manager()
        values = self._rule_values()
        known = self._rule_of_company()
        changed = {name: value for name, value in values.items() if value != known[name]}
        if changed:
            # sudo: the rule is the collection manager's, the company record is the host's
            self.company_id.sudo().write(changed)

    def _profile_ids_of(self, *, opens):
        """Return the ids of the profiles that would get a case, or stay below the minimum."""
        self.ensure_one()
        self.env.flush_all()
        scope = CycleScope(self.company_id.id, self.company_id._collection_today())
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT wanted.profile_id
                  FROM (%(wanted)s) AS wanted
                 WHERE wanted.case_id IS NULL
                   AND (wanted.to_open OR wanted.past_case_id IS NOT NULL) = %(opens)s
                """,
                wanted=self.env["collection.cycle.step.cases"]._select(scope),
                opens=opens,
            )
        )
        return [profile_id for (profile_id,) in rows]

    def _refresh(self):
        """Fill in what the company's rule would open now."""
        self.ensure_one()
        # sudo: the whole company's figures, whoever's customers they are
        preview = self.env["collection.cycle"].sudo()._preview(self.company_id)
        run = self.env["collection.cycle.run"].search(
            [("company_id", "=", self.company_id.id)], limit=1
        )
        self.write({
            "ready": preview["ready"],
            "run_id": run.id,
            "case_count": preview["cases"],
            "customer_count": preview["customers"],
            "item_count": preview["items"],
            **{
                name: preview[name]
                for name in (
                    "amount",
                    "joining_items",
                    "credit_amount",
                    "credit_customers",
                    "postdated_amount",
                    "postdated_count",
                    "no_partner_amount",
                    "no_partner_count",
                    "not_participating",
                    "on_hold",
                    "below_minimum",
                )
            },
            "manager_ids": [
                Command.clear(),
                *(
                    Command.create({
                        "user_id": manager["user_id"],
                        "case_count": manager["cases"],
                        "amount": manager["amount"],
                    })
                    for manager in preview["per_manager"]
                ),
            ],
        })


class CollectionStartPageManager(models.TransientModel):
    """How many cases one debt manager would get."""

    _name = "collection.start.page.manager"
    _description = "Cases per Debt Manager on the Start Page"
    _order = "amount desc, id"

    page_id = fields.Many2one(
        "collection.start.page",
        "Page",
        required=True,
        ondelete="cascade",
        help="The start page the line is on.",
    )
    currency_id = fields.Many2one(related="page_id.currency_id", string="Currency")
    user_id = fields.Many2one(
        "res.users",
        "Debt Manager",
        help="Empty: customers without a debt manager; the team spreads their cases.",
    )
    who = fields.Char("Name", compute="_compute_who", help="The debt manager, or nobody yet.")
    case_count = fields.Integer("Cases", help="Cases that would open for this debt manager.")
    amount = fields.Monetary("Amount to Collect", help="What these cases come to.")

    @api.depends("user_id")
    def _compute_who(self):
        for line in self:
            line.who = line.user_id.name or self.env._("Without debt manager")
