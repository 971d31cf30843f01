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
        default=lambda self: self._default_company_id(),
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
        compute="_compute_days_late",
        store=True,
        readonly=False,
        precompute=True,
        help="Only items that are that many days past their due date go into the cases.",
    )
    with_kept_out = fields.Boolean(
        "Kept-out Items Too",
        help="Also take items that somebody keeps out of cases until a later day.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Debt Manager",
        domain="[('is_debt_manager', '=', True), ('company_ids', 'in', company_id)]",
        help="Gets the new cases. Empty: each customer's own debt manager, or the team.",
    )
    team_id = fields.Many2one(
        "collection.team",
        "Team",
        domain="[('company_id', 'in', (False, company_id))]",
        help="Gets the new cases. Empty: each customer's own team.",
    )
    reason = fields.Char("Reason", help="Shown on the cases and in the list of bulk operations.")
    line_ids = fields.One2many(
        "collection.case.open.line",
        "wizard_id",
        "Preview",
        compute="_compute_line_ids",
        compute_sudo=False,
        store=True,
        readonly=False,
        help="What would be opened for whom.",
    )
    case_count = fields.Integer(
        "Cases", compute="_compute_totals", help="Cases that would open now."
    )
    joining_count = fields.Integer(
        "Open Cases That Grow",
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
        active_id = self.env.context.get("active_id")
        ids = self.env.context.get("active_ids") or ([active_id] if active_id else [])
        active_model = self.env.context.get("active_model")
        profiles = self.env["collection.profile"]
        if active_model == "collection.profile":
            return profiles.browse(ids)
        if active_model == "res.partner":
            # whoever has something to collect has a profile; branches come with their customer
            customers = self.env["res.partner"].browse(ids).commercial_partner_id
            return profiles.search([
                ("company_id", "=", self.env.company.id),
                ("commercial_partner_id", "in", customers.ids),
                ("item_count", ">", 0),
            ])
        return profiles

    @api.model
    def _default_company_id(self):
        companies = self._default_profile_ids().company_id
        return (
            self.env.company
            if self.env.company in companies
            else companies[:1] or (self.env.company)
        )

    @api.depends("company_id")
    def _compute_days_late(self):
        for wizard in self:
            wizard.days_late = wizard.company_id.collection_days_late

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
        """Open the cases and show the case, or the operation where there are several."""
        self.ensure_one()
        if self.days_late < 0:
            raise UserError(self.env._("Days late cannot be negative."))
        found = self._find_items()
        profiles = self.line_ids.filtered("selected").profile_id.filtered(
            lambda profile: found.get(profile.id, {}).get("item_count")
        )
        items = self.env["collection.item"].browse(
            item_id for profile in profiles for item_id in found[profile.id]["item_ids"]
        )
        if not items:
            raise UserError(
                self.env._("Nothing to open: tick customers who have a late item to collect.")
            )
        items.filtered("keep_out_until")._keep_out(False)
        if len(profiles) == 1:
            return self._open_one(profiles, items)
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

    def _open_one(self, profile, items):
        """Open the case of a single customer, as everybody may for their own, and show it."""
        known = profile.open_case_ids
        case = self.env["collection.case"]._open_for(profile, items)
        if case not in known and (self.user_id or self.team_id) and self._may_assign():
            case.write({
                name: value.id
                for name, value in (
                    ("debt_manager_id", self.user_id),
                    ("team_id", self.team_id or self.user_id.collection_team_ids[:1]),
                )
                if value
            })
        if self.reason:
            case._message_log(body=self.reason)
        return {
            "type": "ir.actions.act_window",
            "res_model": "collection.case",
            "res_id": case.id,
            "views": [(False, "form")],
        }

    @api.model
    def _may_assign(self):
        """Return whether the user may give cases to others."""
        return self.env["collection.case.assign.wizard"].has_access("create")

    def _find_items(self):
        """Return {profile id: what its open items come to}.

        Each value is a dict: ``item_ids``, ``item_count`` and ``amount`` of what is late and
        free, then how many items are not, and why: ``in_case``, ``kept_out``, ``blocked``,
        ``not_late``.
        """
        self.ensure_one()
        profiles = self.profile_ids._origin.filtered(
            lambda profile: profile.company_id == self.company_id
        )
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
                SELECT judged.profile_id,
                       array_agg(judged.item_id ORDER BY judged.date_due, judged.item_id)
                           FILTER (WHERE judged.reason IS NULL) AS item_ids,
                       count(*) FILTER (WHERE judged.reason IS NULL) AS item_count,
                       COALESCE(sum(judged.amount) FILTER (WHERE judged.reason IS NULL), 0)
                           AS amount,
                       count(*) FILTER (WHERE judged.reason = 'in_case') AS in_case,
                       count(*) FILTER (WHERE judged.reason = 'kept_out') AS kept_out,
                       count(*) FILTER (WHERE judged.reason = 'blocked') AS blocked,
                       count(*) FILTER (WHERE judged.reason = 'not_late') AS not_late
                  FROM (
                    SELECT open_item.profile_id, open_item.item_id, open_item.date_due,
                           open_item.residual - LEAST(open_item.blocked, open_item.residual)
                               AS amount,
                           CASE WHEN open_item.in_case THEN 'in_case'
                                WHEN open_item.date_due IS NULL
                                     OR open_item.date_due + %(days_late)s > %(today)s
                                     THEN 'not_late'
                                WHEN open_item.residual
                                     <= LEAST(open_item.blocked, open_item.residual)
                                     THEN 'blocked'
                                WHEN open_item.keep_out_until >= %(today)s AND NOT %(kept_out)s
                                     THEN 'kept_out' END AS reason
                      FROM (%(open_items)s) AS open_item
                     WHERE open_item.profile_id = ANY(%(profiles)s)
                       AND open_item.side = 'debit'
                  ) AS judged
              GROUP BY judged.profile_id
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
        possible = bool(found and found["item_count"])
        return {
            "profile_id": profile.id,
            "item_count": found["item_count"] if found else 0,
            "amount": found["amount"] if found else 0.0,
            "case_id": case.id,
            "note": self._note(profile, found, case),
            "possible": possible,
            "selected": possible and not profile.is_held and profile.takes_part,
        }

    def _note(self, profile, found, case):
        """Return what to know of a customer before opening, in a few words."""
        if profile.company_id != self.company_id:
            return self.env._("Customer of another company")
        if not found:
            return self.env._("Owes nothing")
        if not found["item_count"]:
            texts = {
                "in_case": self.env._("in a case: %s", found["in_case"]),
                "kept_out": self.env._("kept out: %s", found["kept_out"]),
                "blocked": self.env._("blocked: %s", found["blocked"]),
                "not_late": self.env._("not late enough: %s", found["not_late"]),
            }
            return self.env._(
                "Items %s", ", ".join(text for key, text in texts.items() if found[key])
            )
        if profile.is_held:
            return self.env._("On hold: %s", profile.hold_reason or self.env._("no reason given"))
        if not profile.takes_part:
            return self.env._("Takes no part in collections")
        if case:
            return self.env._("Joins case %s", case.name)
        return False


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
