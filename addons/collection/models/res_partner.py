# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# field of the partner → field of its profile in the current company
PROFILE_FIELDS = {
    "collection_participation": "participation",
    "collection_debt_manager_id": "debt_manager_id",
    "collection_team_id": "team_id",
    "collection_payment_contact_id": "payment_contact_id",
    "collection_hold": "hold",
    "collection_hold_reason": "hold_reason",
    "collection_hold_until": "hold_until",
}
# a portal user reads their own partner, but not what collections thinks of it
COLLECTION_GROUPS = ",".join([
    "collection.group_debt_manager",
    "collection.group_accountant",
    "collection.group_credit_manager",
    "collection.group_auditor",
])


class ResPartner(models.Model):
    _inherit = "res.partner"

    is_collection_branch = fields.Boolean(
        "Branch",
        compute="_compute_is_collection_branch",
        store=True,
        readonly=False,
        help="Where the customer takes part in collections per branch, this address has cases, "
        "a debt manager and a payment contact of its own.",
    )
    collection_profile_id = fields.Many2one(
        "collection.profile",
        "Collection Profile",
        compute="_compute_collection_profile_id",
        search="_search_collection_profile_id",
        groups=COLLECTION_GROUPS,
    )
    collection_participation = fields.Selection(
        selection=lambda self: (
            self.env["collection.profile"]._fields["participation"]._description_selection(self.env)
        ),
        string="Takes Part in Collections",
        groups=COLLECTION_GROUPS,
        compute="_compute_collection_settings",
        inverse="_inverse_collection_settings",
        help="Per branch: each branch address gets its own cases, debt manager and payment "
        "contact.",
    )
    collection_debt_manager_id = fields.Many2one(
        "res.users",
        "Debt Manager",
        groups=COLLECTION_GROUPS,
        compute="_compute_collection_settings",
        inverse="_inverse_collection_settings",
        search="_search_collection_debt_manager_id",
        domain=[("is_debt_manager", "=", True)],
    )
    collection_team_id = fields.Many2one(
        "collection.team",
        "Collection Team",
        groups=COLLECTION_GROUPS,
        compute="_compute_collection_settings",
        inverse="_inverse_collection_settings",
    )
    collection_payment_contact_id = fields.Many2one(
        "res.partner",
        "Payment Contact",
        groups=COLLECTION_GROUPS,
        compute="_compute_collection_settings",
        inverse="_inverse_collection_settings",
        help="The person on the customer's side who pays.",
    )
    collection_hold = fields.Boolean(
        "On Hold in Collections",
        groups=COLLECTION_GROUPS,
        compute="_compute_collection_settings",
        inverse="_inverse_collection_settings",
    )
    collection_hold_reason = fields.Char(
        "Reason of the Hold",
        groups=COLLECTION_GROUPS,
        compute="_compute_collection_settings",
        inverse="_inverse_collection_settings",
    )
    collection_hold_until = fields.Date(
        "Hold Until",
        groups=COLLECTION_GROUPS,
        compute="_compute_collection_settings",
        inverse="_inverse_collection_settings",
    )
    collection_case_count = fields.Integer(
        "Cases", groups=COLLECTION_GROUPS, compute="_compute_collection_figures"
    )
    collection_open_item_count = fields.Integer(
        "Open Items", groups=COLLECTION_GROUPS, compute="_compute_collection_figures"
    )
    collection_amount_open = fields.Monetary(
        "Open Amount",
        groups=COLLECTION_GROUPS,
        compute="_compute_collection_figures",
        currency_field="currency_id",
    )
    collection_amount_overdue = fields.Monetary(
        "Overdue Amount",
        groups=COLLECTION_GROUPS,
        compute="_compute_collection_figures",
        currency_field="currency_id",
    )
    collection_document_count = fields.Integer(
        "Open Documents",
        groups=COLLECTION_GROUPS,
        compute="_compute_collection_documents",
        help="Documents of the customer that are not paid in full.",
    )
    collection_payment_count = fields.Integer(
        "Payments Made",
        groups=COLLECTION_GROUPS,
        compute="_compute_collection_documents",
        help="Payments received from the customer.",
    )
    collection_failed_payment_count = fields.Integer(
        "Failed Payments",
        groups=COLLECTION_GROUPS,
        compute="_compute_collection_documents",
        help="Payments that were rejected or cancelled, and online payments that failed.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("type", "parent_id", "is_company")
    def _compute_is_collection_branch(self):
        for partner in self:
            partner.is_collection_branch = bool(
                partner.parent_id
                and not partner.is_company
                and partner.type in ("invoice", "delivery", "other")
            )

    def _collection_profiles(self):
        """Return {partner: profile in the current company}, for those that have one."""
        # sudo: the settings are shown to whoever may read the customer, as other fields are
        profiles = (
            self
            .env["collection.profile"]
            .sudo()
            .search([
                ("company_id", "=", self.env.company.id),
                ("partner_id", "in", self.ids),
            ])
        )
        return {profile.partner_id.id: profile for profile in profiles}

    @api.depends_context("company")
    def _compute_collection_profile_id(self):
        profiles = self._collection_profiles()
        for partner in self:
            partner.collection_profile_id = profiles.get(partner._origin.id, False)

    @api.model
    def _search_collection_profile_id(self, operator, value):
        if operator not in ("in", "any"):
            return NotImplemented
        company = Domain("company_id", "=", self.env.company.id)
        wanted = Domain("id", "in", value) if operator == "in" else Domain(value)
        profiles = self.env["collection.profile"].search(company & wanted)
        return Domain("id", "in", profiles.partner_id.ids)

    @api.depends_context("company")
    def _compute_collection_settings(self):
        profiles = self._collection_profiles()
        for partner in self:
            profile = profiles.get(partner._origin.id, self.env["collection.profile"])
            for name, profile_name in PROFILE_FIELDS.items():
                partner[name] = profile[profile_name]
            partner.collection_participation = profile.participation or "default"

    def _inverse_collection_settings(self):
        if not self.env["collection.profile"].has_access("write"):
            raise UserError(
                self.env._("Only people of the collection team change a customer's settings.")
            )
        wanted = {
            partner: {
                profile_name: self._fields[name].convert_to_write(partner[name], partner)
                for name, profile_name in PROFILE_FIELDS.items()
            }
            for partner in self
        }
        known = self._collection_profiles()
        profiles = self.env["collection.profile"]._get_or_create(self.env.company, self)
        for profile in profiles:
            vals = wanted[profile.partner_id]
            if profile.partner_id.id not in known:
                # what the category gives a new profile stays where nothing else was chosen
                vals = {name: value for name, value in vals.items() if value}
            changed = {
                name: value
                for name, value in vals.items()
                if self
                .env["collection.profile"]
                ._fields[name]
                .convert_to_write(profile[name], profile)
                != value
            }
            if changed:
                profile.write(changed)

    @api.model
    def _search_collection_debt_manager_id(self, operator, value):
        # sudo: the customer's debt manager is shown with the customer
        profiles = (
            self
            .env["collection.profile"]
            .sudo()
            ._search([
                ("company_id", "=", self.env.company.id),
                ("debt_manager_id", operator, value),
            ])
        )
        return Domain("id", "in", profiles.subselect("partner_id"))

    @api.depends_context("company")
    def _compute_collection_figures(self):
        # sudo: totals of a customer the user may read
        Profile = self.env["collection.profile"].sudo()
        commercial = {partner: partner.commercial_partner_id for partner in self}
        company = ("company_id", "=", self.env.company.id)
        totals = {
            entity.id: values
            for entity, *values in Profile._read_group(
                [company, ("commercial_partner_id", "in", self.commercial_partner_id.ids)],
                ["commercial_partner_id"],
                ["item_count:sum", "amount_open:sum", "amount_overdue:sum"],
            )
        }
        branch_totals = {
            profile.partner_id.id: (
                profile.item_count,
                profile.amount_open,
                profile.amount_overdue,
            )
            for profile in Profile.search([company, ("partner_id", "in", self.ids)])
        }
        cases = {
            profile.id: count
            for profile, count in self
            .env["collection.case"]
            .sudo()
            ._read_group(
                [
                    company,
                    ("profile_id.commercial_partner_id", "in", self.commercial_partner_id.ids),
                ],
                ["profile_id"],
                ["__count"],
            )
        }
        case_counts, own_counts = {}, {}
        for profile in Profile.browse(cases):
            entity = profile.commercial_partner_id.id
            case_counts[entity] = case_counts.get(entity, 0) + cases[profile.id]
            own_counts[profile.partner_id.id] = cases[profile.id]
        for partner in self:
            if partner == commercial[partner]:
                items, amount_open, overdue = totals.get(partner._origin.id, (0, 0.0, 0.0))
                count = case_counts.get(partner._origin.id, 0)
            else:
                items, amount_open, overdue = branch_totals.get(partner._origin.id, (0, 0.0, 0.0))
                count = own_counts.get(partner._origin.id, 0)
            partner.collection_open_item_count = items
            partner.collection_amount_open = amount_open
            partner.collection_amount_overdue = overdue
            partner.collection_case_count = count

    @api.depends_context("company")
    def _compute_collection_documents(self):
        for name, model, domain, path in self._collection_document_domains():
            counts = self._collection_count(model, domain, path)
            for partner in self:
                partner[name] = counts.get(partner._origin.id, 0)

    @api.model
    def _collection_document_domains(self):
        """Return what the smart buttons count: (field, model, domain, path to the partner)."""
        company = Domain("company_id", "=", self.env.company.id)
        return [
            (
                "collection_document_count",
                "collection.item",
                company
                & Domain("state", "=", "open")
                & Domain("side", "=", "debit")
                & Domain("instalment", "=", 1),
                "profile_id.partner_id",
            ),
            (
                "collection_payment_count",
                "account.payment",
                company
                & Domain("payment_type", "=", "inbound")
                & Domain("partner_type", "=", "customer")
                & Domain("state", "in", ("in_process", "paid")),
                "partner_id",
            ),
            (
                "collection_failed_payment_count",
                "collection.report.failed.payment",
                company,
                "partner_id",
            ),
        ]

    def _collection_count(self, model, domain, path):
        """Return {partner id: number of records}; a customer counts those of its addresses too."""
        # sudo: how many there are at a customer the user may read
        Model = self.env[model].sudo()
        own = Domain(f"{path}.commercial_partner_id", "in", self.commercial_partner_id.ids)
        counts = {}
        for party, count in Model._read_group(domain & own, [path], ["__count"]):
            for partner_id in {party.id, party.commercial_partner_id.id}:
                counts[partner_id] = counts.get(partner_id, 0) + count
        return counts

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        touching = not {"parent_id", "is_company", "type", "is_collection_branch"}.isdisjoint(vals)
        before = self.commercial_partner_id.ids if touching else []
        result = super().write(vals)
        if touching:
            self.env["collection.cycle"]._touch_partners(
                list({*before, *self.commercial_partner_id.ids})
            )
        if "category_id" in vals:
            # sudo: whoever tags a customer need not see its collections
            self.env["collection.profile"].sudo().search([
                ("commercial_partner_id", "in", self.ids),
            ])._take_over_category()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_empty_collection_profiles(self):
        # sudo: a profile that nothing hangs on keeps nobody from deleting the customer
        profiles = self.env["collection.profile"].sudo().search([("partner_id", "in", self.ids)])
        profiles.filtered(
            lambda profile: (
                not profile.item_ids
                and not profile.case_ids
                and not profile.contact_log_ids
                and not profile.note_ids
            )
        ).unlink()

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_collection_customer(self):
        """Open the customer screen of this customer, with a profile made on the way if needed."""
        self.ensure_one()
        profile = self.collection_profile_id
        if not profile:
            party = self if self.is_collection_branch else self.commercial_partner_id
            profile = self.env["collection.profile"]._get_or_create(self.env.company, party)
        return profile.action_open_customer_screen()

    def action_open_collection_cases(self):
        """List the collection cases of this customer, or of this branch."""
        return self._collection_action("collection.action_case", "profile_id.partner_id")

    def action_open_collection_items(self):
        """List the open items of this customer, or of this branch."""
        return self._collection_action(
            "collection.action_item", "profile_id.partner_id", [("state", "=", "open")]
        )

    def action_open_collection_documents(self):
        """List the documents of this customer that are not paid in full."""
        items = self.env["collection.item"].search([
            ("company_id", "=", self.env.company.id),
            ("state", "=", "open"),
            ("side", "=", "debit"),
            ("move_id", "!=", False),
            *self._collection_party_domain("profile_id.partner_id"),
        ])
        action = self._collection_action("account.action_move_out_invoice_type", "partner_id")
        action["domain"] = [("id", "in", items.move_id.ids)]
        action["display_name"] = self.env._("Open Documents")
        return action

    def action_open_collection_payments(self):
        """List the payments received from this customer."""
        return self._collection_action(
            "account.action_account_payments",
            "partner_id",
            [
                ("payment_type", "=", "inbound"),
                ("partner_type", "=", "customer"),
                ("state", "in", ("in_process", "paid")),
            ],
        )

    def action_open_collection_failed_payments(self):
        """List what the customer tried to pay: rejected and cancelled payments, failed attempts."""
        return self._collection_action("collection.action_failed_payments", "partner_id")

    def _collection_action(self, xmlid, path, domain=()):
        """Return an action narrowed to the records of this customer, or of this branch."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = [
            ("company_id", "=", self.env.company.id),
            *domain,
            *self._collection_party_domain(path),
        ]
        action["context"] = {"create": False}
        return action

    def _collection_party_domain(self, path):
        """Return the domain of records of this customer with its addresses, or of this branch."""
        self.ensure_one()
        if self == self.commercial_partner_id:
            path = f"{path}.commercial_partner_id"
        return [(path, "=", self.id)]
