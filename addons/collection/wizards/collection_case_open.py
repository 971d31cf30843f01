# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..models.collection_cycle_step import CycleScope


class CollectionCaseOpenWizard(models.TransientModel):
    """Open cases for many customers at once, after a look at what would be in them."""

    _name = "collection.case.open.wizard"
    _description = "Open Cases for Many Customers"

    company_id = fields.Many2one(
        "res.company",
        "Company",
        required=True,
        default=lambda self: self.env.company,
        help="Cases are opened in this company.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id", string="Currency")
    profile_ids = fields.Many2many(
        "collection.profile",
        "collection_case_open_wizard_profile_rel",
        "wizard_id",
        "profile_id",
        "Customers",
        default=lambda self: self._default_profile_ids(),
        help="The customers chosen in the list.",
    )
    days_late = fields.Integer(
        "Days Late",
        default=lambda self: self.env.company.collection_days_late,
        help="Only items that are that many days past their due date go into the cases.",
    )
    with_kept_out = fields.Boolean(
        "Include Items Kept Out",
        help="Also take items that somebody keeps out of cases until a later day.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Debt Manager",
        domain=[("is_debt_manager", "=", True)],
        help="Gets the new cases. Empty: each customer's own debt manager, or the team.",
    )
    team_id = fields.Many2one(
        "collection.team", "Team", help="Gets the new cases. Empty: each customer's own team."
    )
    reason = fields.Char("Reason", help="Shown on the cases and in the list of bulk operations.")
    line_ids = fields.One2many(
        "collection.case.open.line",
        "wizard_id",
        "Preview",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
        help="What would be opened for whom.",
    )
    case_count = fields.Integer(
        "Cases", compute="_compute_totals", help="Cases that would open now."
    )
    joining_count = fields.Integer(
        "Open Cases Growing",
        compute="_compute_totals",
        help="Customers with an open case: the items join that one.",
    )
    item_count = fields.Integer(
        "Items", compute="_compute_totals", help="Items that would go into the cases."
    )
    amount = fields.Monetary(
        "Amount to Collect", compute="_compute_totals", help="What these items come to."
    )
    skipped_count = fields.Integer(
        "Without Case", compute="_compute_totals", help="Customers for whom nothing would open."
    )

    # ------------------------------------------------------------
    # DEFAULTS AND COMPUTES
    # ------------------------------------------------------------

    @api.model
    def _default_profile_ids(self):
        active_model = self.env.context.get("active_model")
        active_ids = self.env.context.get("active_ids") or []
        profiles = self.env["collection.profile"]
        if active_model == "collection.profile":
            return profiles.browse(active_ids)
        if active_model == "res.partner":
            return profiles._get_or_create(
                self.env.company, self.env["res.partner"].browse(active_ids)
            )
        return profiles

    @api.depends("profile_ids", "days_late", "with_kept_out")
    def _compute_line_ids(self):
        for wizard in self:
            found = wizard._find_items()
            wizard.line_ids = [
                Command.clear(),
                *(
                    Command.create(wizard._line_values(profile, found.get(profile.id)))
                    for profile in wizard.profile_ids._origin
                ),
            ]

    @api.depends("line_ids.selected")
    def _compute_totals(self):
        for wizard in self:
            lines = wizard.line_ids.filtered("selected")
            joining = lines.filtered("case_id")
            wizard.case_count = len(lines) - len(joining)
            wizard.joining_count = len(joining)
            wizard.item_count = sum(lines.mapped("item_count"))
            wizard.amount = sum(lines.mapped("amount"))
            wizard.skipped_count = len(wizard.line_ids) - len(lines)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_cases(self):
        """Open the cases and show the operation."""
        self.ensure_one()
        profiles = self.line_ids.filtered("selected").profile_id
        found = self._find_items()
        items = self.env["collection.item"].browse(
            item_id for profile in profiles for item_id in found[profile.id]["item_ids"]
        )
        if not items:
            raise UserError(self.env._("None of these customers has a late item to collect."))
        if self.with_kept_out:
            items.filtered("keep_out_until")._keep_out(False)
        batch = self.env["collection.batch"]._open(
            self.company_id,
            profiles,
            items,
            user=self.user_id,
            team=self.team_id,
            reason=self.reason,
        )
        return batch.action_open_batch()

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _find_items(self):
        """Return {profile id: dict of item_ids, item_count, amount} of what is late and free."""
        self.ensure_one()
        profiles = self.profile_ids._origin
        if not profiles:
            return {}
        today = self.company_id._collection_today()
        scope = CycleScope(
            self.company_id.id, today, partner_ids=tuple(profiles.commercial_partner_id.ids)
        )
        self.env.flush_all()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT open_item.profile_id,
                       array_agg(open_item.item_id ORDER BY open_item.date_due,
                                 open_item.item_id) AS item_ids,
                       count(*) AS item_count,
                       sum(open_item.residual
                           - LEAST(open_item.blocked, open_item.residual)) AS amount
                  FROM (%(open_items)s) AS open_item
                 WHERE open_item.profile_id = ANY(%(profiles)s)
                   AND open_item.side = 'debit'
                   AND NOT open_item.in_case
                   AND open_item.residual > LEAST(open_item.blocked, open_item.residual)
                   AND open_item.date_due + %(days_late)s <= %(today)s
                   AND (%(kept_out)s OR open_item.keep_out_until IS NULL
                        OR open_item.keep_out_until < %(today)s)
              GROUP BY open_item.profile_id
                """,
                open_items=self.env["collection.item"]._open_items_sql(scope, with_cases=True),
                profiles=profiles.ids,
                days_late=self.days_late,
                today=today,
                kept_out=self.with_kept_out,
            )
        )
        return {row["profile_id"]: row for row in rows}

    def _line_values(self, profile, found):
        """Return the preview line of one customer."""
        case = profile.open_case_ids.filtered(
            lambda known: known.origin == "auto" and known.kind == "overdue"
        )[:1]
        note = False
        if profile.company_id != self.company_id:
            note = self.env._("Customer of another company")
        elif not found:
            note = self.env._("Nothing late that is not in a case, blocked or kept out")
        elif profile.is_held:
            note = self.env._("On hold: %s", profile.hold_reason or self.env._("no reason given"))
        elif not profile.takes_part:
            note = self.env._("Takes no part in collections")
        elif case:
            note = self.env._("Joins case %s", case.name)
        return {
            "profile_id": profile.id,
            "item_count": found["item_count"] if found else 0,
            "amount": found["amount"] if found else 0.0,
            "case_id": case.id,
            "note": note,
            "possible": bool(found) and profile.company_id == self.company_id,
            "selected": bool(found)
            and profile.company_id == self.company_id
            and not profile.is_held
            and profile.takes_part,
        }


class CollectionCaseOpenLine(models.TransientModel):
    """What would be opened for one customer."""

    _name = "collection.case.open.line"
    _description = "Customer for Whom a Case May Open"

    wizard_id = fields.Many2one(
        "collection.case.open.wizard",
        "Wizard",
        required=True,
        ondelete="cascade",
        help="The dialog the line is in.",
    )
    currency_id = fields.Many2one(related="wizard_id.currency_id", string="Currency")
    profile_id = fields.Many2one(
        "collection.profile", "Customer", readonly=True, help="The customer or branch."
    )
    item_count = fields.Integer("Items", readonly=True, help="Late items not in a case yet.")
    amount = fields.Monetary("Amount to Collect", readonly=True, help="What they come to.")
    case_id = fields.Many2one(
        "collection.case", "Open Case", readonly=True, help="The open case the items would join."
    )
    note = fields.Char("Remark", readonly=True, help="What to know before opening.")
    possible = fields.Boolean("Possible", readonly=True, help="There is something to collect.")
    selected = fields.Boolean("Open", help="Whether a case opens for this customer.")
