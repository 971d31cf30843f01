# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from . import collection_guard_mixin  # noqa: F401


class CollectionProfile(models.Model):
    """What collections knows and decides about one customer, or one branch, in one company."""

    _name = "collection.profile"
    _description = "Customer in Collections"
    _inherit = ["collection.guard.mixin", "mail.thread"]
    _order = "amount_to_collect desc, id"
    _rec_names_search = ["partner_id.complete_name", "partner_id.ref", "partner_id.vat"]
    _check_company_auto = True

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    company_id = fields.Many2one(
        "res.company",
        "Company",
        required=True,
        # found by the index of _partner_uniq, which begins with it
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        index=True,
        ondelete="restrict",
        help="The customer or, where it takes part per branch, the branch that is chased.",
    )
    commercial_partner_id = fields.Many2one(
        "res.partner",
        "Commercial Entity",
        compute="_compute_commercial_partner_id",
        store=True,
        index=True,
        ondelete="restrict",
        recursive=False,
    )
    currency_id = fields.Many2one(related="company_id.currency_id", string="Currency")
    participation = fields.Selection(
        [
            ("default", "As the Company Decides"),
            ("yes", "Yes"),
            ("no", "No"),
            ("branch", "Per Branch"),
        ],
        "Takes Part in Collections",
        required=True,
        default="default",
        tracking=True,
        help="Per branch: each branch address gets its own cases, debt manager and payment "
        "contact.",
    )
    takes_part = fields.Boolean(
        "Takes Part Now",
        compute="_compute_takes_part",
        search="_search_takes_part",
        help="Whether rules open cases for this customer, company default included.",
    )
    debt_manager_id = fields.Many2one(
        "res.users",
        "Debt Manager",
        tracking=True,
        index="btree_not_null",
        domain=[("is_debt_manager", "=", True)],
        help="The person who chases this customer.",
    )
    team_id = fields.Many2one("collection.team", "Team", tracking=True, check_company=True)
    payment_contact_id = fields.Many2one(
        "res.partner",
        "Payment Contact",
        tracking=True,
        help="The person on the customer's side who pays; new cases take it over.",
    )
    salesperson_id = fields.Many2one(
        "res.users", related="partner_id.user_id", store=True, string="Salesperson"
    )
    hold = fields.Boolean("On Hold", tracking=True, help="No case opens and nothing is asked for.")
    hold_reason = fields.Char("Reason of the Hold", tracking=True)
    hold_until = fields.Date(
        "Hold Until", tracking=True, help="Last day of the hold; without a date until lifted."
    )
    is_held = fields.Boolean("On Hold Today", compute="_compute_is_held", search="_search_is_held")
    amount_open = fields.Monetary("Open", readonly=True, default=0, copy=False)
    amount_overdue = fields.Monetary("Overdue", readonly=True, default=0, copy=False)
    amount_blocked = fields.Monetary(
        "Blocked",
        readonly=True,
        default=0,
        copy=False,
        help="Due, but promised, disputed, post-dated, on hold …",
    )
    amount_to_collect = fields.Monetary(
        "To Collect",
        readonly=True,
        default=0,
        copy=False,
        index=True,
        help="Due by today, less what is blocked.",
    )
    amount_credit = fields.Monetary(
        "Unapplied Credits",
        readonly=True,
        default=0,
        copy=False,
        help="Payments and credit notes not matched with any document yet.",
    )
    item_count = fields.Integer("Open Items", readonly=True, default=0, copy=False)
    overdue_count = fields.Integer("Overdue Items", readonly=True, default=0, copy=False)
    oldest_due_date = fields.Date("Oldest Due Date", readonly=True, copy=False)
    computed_on = fields.Date(
        "Computed on", readonly=True, copy=False, help="Business date of the last change."
    )
    days_late = fields.Integer(
        "Days Late",
        compute="_compute_days_late",
        search="_search_days_late",
        help="Days since the oldest open due date.",
    )
    item_ids = fields.One2many("collection.item", "profile_id", "Items")
    case_ids = fields.One2many("collection.case", "profile_id", "Cases")
    open_case_ids = fields.One2many(
        "collection.case",
        "profile_id",
        "Open Cases",
        domain=[("state", "!=", "completed")],
    )
    open_case_count = fields.Integer("Number of Open Cases", compute="_compute_open_case_count")
    contact_log_ids = fields.One2many("collection.contact.log", "profile_id", "Contacts Made")
    note_ids = fields.One2many("collection.note", "profile_id", "Notes")

    _partner_uniq = models.UniqueIndex(
        "(company_id, partner_id)", "This customer has a collection profile already."
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("partner_id.commercial_partner_id")
    def _compute_commercial_partner_id(self):
        for profile in self:
            profile.commercial_partner_id = profile.partner_id.commercial_partner_id

    @api.depends("participation", "partner_id", "commercial_partner_id", "company_id")
    def _compute_takes_part(self):
        roots = {
            (profile.company_id, profile.partner_id): profile.participation
            for profile in self.sudo().search([  # sudo: the setting of the customer above a branch
                ("company_id", "in", self.company_id.ids),
                ("partner_id", "in", self.commercial_partner_id.ids),
            ])
        }
        for profile in self:
            root = roots.get((profile.company_id, profile.commercial_partner_id), "default")
            decided = [mode for mode in (profile.participation, root) if mode != "default"]
            if decided:
                profile.takes_part = decided[0] != "no"
            else:
                profile.takes_part = profile.company_id.collection_takes_part_default

    @api.model
    def _search_takes_part(self, operator, value):
        if operator != "in" or len(value) != 1:
            return NotImplemented
        wanted = next(iter(value))
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                """%s IN (
                    SELECT profile.id
                      FROM collection_profile profile
                      JOIN res_company company ON company.id = profile.company_id
                 LEFT JOIN collection_profile root
                        ON root.company_id = profile.company_id
                       AND root.partner_id = profile.commercial_partner_id
                     WHERE %s = %s)""",
                SQL.identifier(alias, "id"),
                self._takes_part_sql(SQL("company.collection_takes_part_default")),
                bool(wanted),
            )
        )

    @api.depends("hold", "hold_until", "company_id")
    @api.depends_context("collection_day")
    def _compute_is_held(self):
        for profile in self:
            today = profile.company_id._collection_today()
            profile.is_held = profile.hold and (
                not profile.hold_until or profile.hold_until >= today
            )

    @api.model
    def _search_is_held(self, operator, value):
        if operator != "in" or len(value) != 1:
            return NotImplemented
        today = self.env.company._collection_today()
        held = Domain("hold", "=", True) & (
            Domain("hold_until", "=", False) | Domain("hold_until", ">=", today)
        )
        return held if next(iter(value)) else ~held

    @api.depends("oldest_due_date", "company_id")
    @api.depends_context("collection_day")
    def _compute_days_late(self):
        for profile in self:
            today = profile.company_id._collection_today()
            oldest = profile.oldest_due_date
            profile.days_late = max((today - oldest).days, 0) if oldest else 0

    @api.model
    def _search_days_late(self, operator, value):
        if operator not in ("<", "<=", ">", ">="):
            return NotImplemented
        today = self.env.company._collection_today()
        mirrored = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}[operator]
        return Domain("oldest_due_date", mirrored, fields.Date.subtract(today, days=value))

    @api.depends("case_ids.state")
    def _compute_open_case_count(self):
        counts = dict(
            self.env["collection.case"]._read_group(
                [("profile_id", "in", self.ids), ("state", "!=", "completed")],
                ["profile_id"],
                ["__count"],
            )
        )
        for profile in self:
            profile.open_case_count = counts.get(profile, 0)

    @api.depends("partner_id")
    def _compute_display_name(self):
        for profile in self:
            profile.display_name = profile.partner_id.display_name

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("participation", "partner_id")
    def _check_branch_of_customer(self):
        for profile in self:
            if (
                profile.participation == "branch"
                and profile.partner_id != profile.commercial_partner_id
            ):
                raise ValidationError(
                    self.env._(
                        "%s is itself a branch: only the customer above it can take part "
                        "per branch.",
                        profile.partner_id.display_name,
                    )
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def init(self):
        """Leave room in the pages: each step of the cycle writes to the same rows again.

        A new version of a row that fits beside the old one costs no new entries in the indexes.
        """
        self.env.cr.execute(
            SQL("ALTER TABLE %s SET (fillfactor = 60)", SQL.identifier(self._table))
        )

    @api.model_create_multi
    def create(self, vals_list):
        profiles = super().create(vals_list)
        profiles._touch()
        return profiles

    def _fixed_fields(self):
        return super()._fixed_fields() | {"company_id", "partner_id"}

    def write(self, vals):
        result = super().write(vals)
        if not self._touching_fields().isdisjoint(vals):
            self._touch()
        return result

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_customer_screen(self):
        """Open the screen that shows everything about this customer."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("collection.action_customer_screen")
        action["context"] = {"active_id": self.id, "active_model": self._name}
        action["params"] = {"profile_id": self.id}
        action["display_name"] = self.display_name
        return action

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    @api.model
    def _get_or_create(self, company, partners):
        """Return the profiles of ``partners`` in ``company``, creating the missing ones."""
        # sudo: a customer has one profile, also where it is not shown to the user
        known = self.sudo().search([
            ("company_id", "=", company.id),
            ("partner_id", "in", partners.ids),
        ])
        missing = partners - known.partner_id.sudo(False)
        Category = self.env["res.partner.category"]
        return known.sudo(False) | self.create([
            {
                "company_id": company.id,
                "partner_id": partner.id,
                **Category._collection_defaults(partner, company),
            }
            for partner in missing
        ])

    def _take_over_category(self):
        """Give customers that nobody looks after to whom their category names."""
        Category = self.env["res.partner.category"]
        for profile in self:
            defaults = Category._collection_defaults(profile.partner_id, profile.company_id)
            vals = {name: value for name, value in defaults.items() if value and not profile[name]}
            if vals:
                profile.write(vals)

    @api.model
    def _touching_fields(self):
        """Return the names of the fields that change what the cycle computes."""
        return {"participation", "hold", "hold_until", "partner_id"}

    def _touch(self):
        """Have these customers computed again before the commit."""
        self.env["collection.cycle"]._touch_partners(self.commercial_partner_id.ids)

    @api.model
    def _merge_partners(self, src_partners, dst_partner):
        """Make one profile per company of those of partners that are about to be merged.

        Items, cases, contacts and notes move to the profile that stays; where both customers
        have an open automatic case, the cases are merged too. Settings of the profile that
        stays win, empty ones are filled.
        """
        # sudo: whoever may merge partners merges what hangs on them, in every company
        Profile = self.sudo().with_context(active_test=False)
        involved = Profile.search([("partner_id", "in", (src_partners | dst_partner).ids)])
        self._check_may_merge(involved)
        for company, profiles in involved.grouped("company_id").items():
            kept = profiles.filtered(lambda profile: profile.partner_id == dst_partner)
            if not kept:
                # nothing to collide with but each other
                kept = profiles[0]
            others = profiles - kept
            if others:
                others.with_company(company)._merge_into(kept)

    @api.model
    def _check_may_merge(self, profiles):
        """Check that a debt manager merges own customers only: a colleague's would become theirs.

        :raise UserError: naming a customer of somebody else
        """
        if self.env.su or not self.env.user.has_group("collection.group_debt_manager"):
            return
        own = profiles.filtered(lambda profile: profile.company_id in self.env.companies)
        own = own.sudo(False)
        others = own - own._filtered_access("write")
        if others:
            raise UserError(
                self.env._(
                    "%s is looked after by somebody else: ask a collection manager to merge.",
                    others[0].sudo().partner_id.display_name,  # sudo: the customer to be merged
                )
            )

    def _merge_into(self, kept):
        """Move everything of these profiles to ``kept`` and delete them."""
        open_auto = (self | kept).case_ids.filtered(
            lambda case: (
                case.state != "completed" and case.origin == "auto" and case.kind == "overdue"
            )
        )
        own = open_auto.filtered(lambda case: case.profile_id == kept)
        target = own[:1] or open_auto[:1]
        # all but one stop being "the" automatic case before they share a customer
        (open_auto - target).write({"origin": "manual"})
        for profile in self:
            kept._fill_settings(profile)
        self.env.flush_all()
        # what hangs on a profile, in this add-on or another, follows as it would follow a partner
        merge = self.env["base.partner.merge.automatic.wizard"]
        merge._update_foreign_keys_generic(self._name, self, kept)
        merge._update_reference_fields_generic(self._name, self, kept)
        self.env.invalidate_all()
        self.unlink()
        if target and open_auto - target:
            target._merge(open_auto - target)

    def _fill_settings(self, other):
        """Take over what another profile says where this one says nothing."""
        self.ensure_one()
        names = [
            name
            for name in ("debt_manager_id", "team_id", "payment_contact_id")
            if other[name] and not self[name]
        ]
        vals = {name: other[name].id for name in names}
        if other.hold and not self.hold:
            vals.update({name: other[name] for name in ("hold", "hold_reason", "hold_until")})
        if self.participation == "default" and (
            other.participation != "branch" or self.partner_id == self.commercial_partner_id
        ):
            vals["participation"] = other.participation
        self.write(vals)

    @api.model
    def _follow_merged(self, partner):
        """Have everything of a partner computed again that others were merged into."""
        self.env.invalidate_all()
        profiles = self.sudo().search([  # sudo: as in _merge_partners
            "|",
            ("partner_id", "=", partner.id),
            ("commercial_partner_id", "=", partner.id),
        ])
        for name in ("commercial_partner_id", "salesperson_id"):
            self.env.add_to_compute(self._fields[name], profiles)
        Case = self.env["collection.case"]
        self.env.add_to_compute(Case._fields["salesperson_id"], profiles.case_ids)
        self.env["collection.cycle"]._touch_partners(profiles.commercial_partner_id.ids)

    @api.model
    def _claim(self, condition):
        """Make this transaction the only one that computes the profiles the condition selects.

        Transactions at the same time do not see each other's items and cases. A row lock would
        let the second one go on with what it saw before; an update makes it begin anew.
        """
        self.env.cr.execute(
            SQL("UPDATE collection_profile SET computed_on = computed_on WHERE %s", condition)
        )

    @api.model
    def _held_sql(self, today) -> SQL:
        """Return the condition "on hold on ``today``" over the table alias ``profile``."""
        return SQL(
            "(profile.hold IS TRUE AND (profile.hold_until IS NULL OR profile.hold_until >= %s))",
            today,
        )

    @api.model
    def _takes_part_sql(self, default) -> SQL:
        """Return the condition "takes part" over the table aliases ``profile`` and ``root``.

        ``root`` is the profile of the commercial partner; ``default`` the company's choice, a
        boolean or an SQL expression.
        """
        return SQL(
            """(COALESCE(NULLIF(profile.participation, 'default'),
                         NULLIF(root.participation, 'default'),
                         CASE WHEN %s THEN 'yes' ELSE 'no' END) <> 'no')""",
            default,
        )
