# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize, parse_contact_from_email

# more customers with an address in a domain, and it is a provider's, not a customer's
MOST_IN_DOMAIN = 5


class CollectionIncomingChoose(models.TransientModel):
    """Say whose mail it is, and remember the address."""

    _name = "collection.incoming.choose"
    _description = "Choose the Customer of Incoming Mail"

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    incoming_ids = fields.Many2many("collection.incoming", string="Mails", required=True)
    company_id = fields.Many2one("res.company", "Company", compute="_compute_sender")
    email_from = fields.Char("From", compute="_compute_sender")
    candidate_ids = fields.Many2many(
        "collection.profile",
        string="Likely Customers",
        compute="_compute_candidate_ids",
        help="Customers with this address, or with others in the same domain.",
    )
    profile_id = fields.Many2one(
        "collection.profile",
        "Customer",
        compute="_compute_profile_id",
        store=True,
        readonly=False,
        domain="[('company_id', '=', company_id)]",
    )
    commercial_partner_id = fields.Many2one(
        related="profile_id.commercial_partner_id", string="Commercial Entity"
    )
    case_id = fields.Many2one(
        "collection.case",
        "Case",
        compute="_compute_case_id",
        store=True,
        readonly=False,
        domain="[('profile_id', '=', profile_id)]",
        help="The case whose correspondence the mail joins; without one, the customer's.",
    )
    remember = fields.Boolean(
        "Remember the Address",
        default=True,
        help="The address becomes that of a contact of the customer: later mail from it finds its "
        "way by itself.",
    )
    person_id = fields.Many2one(
        "res.partner",
        "Contact",
        compute="_compute_person_id",
        store=True,
        readonly=False,
        help="Whose address it is. Empty: a new contact.",
    )
    contact_name = fields.Char(
        "Name of the New Contact", compute="_compute_contact_name", store=True, readonly=False
    )
    same_sender_count = fields.Integer(
        "More Mails from This Address", compute="_compute_same_sender_count"
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("incoming_ids")
    def _compute_sender(self):
        for wizard in self:
            first = wizard.incoming_ids[:1]
            wizard.company_id = first.company_id
            wizard.email_from = first.email_from

    @api.depends("incoming_ids")
    def _compute_candidate_ids(self):
        for wizard in self:
            wizard.candidate_ids = wizard._likely_customers()

    def _likely_customers(self):
        """Return the customers the user sees who have the address, else one in its domain."""
        incoming = self.incoming_ids._origin[:1]
        email = incoming.email_normalized
        Incoming = self.env["collection.incoming"]
        Profile = self.env["collection.profile"]
        if not email:
            return Profile
        Partner = self.env["res.partner"].sudo()  # sudo: addresses; customers are filtered below
        people = Partner.search([("email_normalized", "=", email)])
        profiles = Incoming._profiles_of(people, incoming.company_id)
        if not profiles:
            people = Partner.search([("email_normalized", "=like", f"%@{email.split('@')[-1]}")])
            profiles = Incoming._profiles_of(people, incoming.company_id)
            if len(profiles) > MOST_IN_DOMAIN:
                profiles = Profile
        return profiles.sudo(False)._filtered_access("read")

    @api.depends("candidate_ids")
    def _compute_profile_id(self):
        for wizard in self:
            only = wizard.candidate_ids if len(wizard.candidate_ids) == 1 else False
            wizard.profile_id = wizard.profile_id or only

    @api.depends("profile_id")
    def _compute_case_id(self):
        for wizard in self:
            if wizard.case_id.profile_id != wizard.profile_id:
                wizard.case_id = False
            wizard.case_id = wizard.case_id or wizard.profile_id.open_case_ids[:1]

    @api.depends("profile_id")
    def _compute_person_id(self):
        for wizard in self:
            # sudo: the contact that the host has found for the address
            known = wizard.incoming_ids.sudo().person_id[:1]
            wizard.person_id = known.sudo(False)

    @api.depends("email_from")
    def _compute_contact_name(self):
        for wizard in self:
            name, email = parse_contact_from_email(wizard.email_from or "")
            wizard.contact_name = name or (email or "").split("@")[0]

    @api.depends("incoming_ids", "company_id")
    def _compute_same_sender_count(self):
        for wizard in self:
            wizard.same_sender_count = len(wizard._same_sender() - wizard.incoming_ids._origin)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_choose(self):
        """File the mails at the customer, with all others of unknown customer from the address."""
        self.ensure_one()
        rows = self.incoming_ids
        rows.check_access("write")
        if not self.profile_id:
            raise UserError(self.env._("Choose the customer the mail is from."))
        self.profile_id.check_access("read")
        if len(rows.company_id) > 1 or rows.company_id != self.profile_id.company_id:
            raise UserError(self.env._("Choose mails of one company, and a customer of it."))
        person = self._remember() if self.remember else self.person_id
        for row in rows | self._same_sender():
            same = row.email_normalized == rows[:1].email_normalized
            row._give_to(self.profile_id, self.case_id, person if same else None)
        return {"type": "ir.actions.act_window_close"}

    def _same_sender(self):
        """Return the mails of unknown customer from the same address."""
        first = self.incoming_ids._origin[:1]
        if not first.email_normalized or first.profile_id:
            return first
        return self.env["collection.incoming"].search([
            ("company_id", "=", first.company_id.id),
            ("profile_id", "=", False),
            ("email_normalized", "=", first.email_normalized),
        ])

    def _remember(self):
        """Make the address that of a contact of the customer; return the contact."""
        email = email_normalize(self.email_from or "", strict=False)
        customer = self.profile_id.partner_id
        # sudo: whoever works the customer may add a contact to it
        Partner = self.env["res.partner"].sudo()
        person = self.person_id.sudo()  # sudo: as above
        if not email:
            return person
        if not person:
            person = Partner.create({
                "name": self.contact_name or email,
                "email": email,
                "parent_id": customer.id,
                "type": "contact",
                "company_id": customer.company_id.id,
            })
        elif not person.email:
            person.email = email
        related = customer | customer.commercial_partner_id
        if person.commercial_partner_id not in related.commercial_partner_id and (
            not person.is_company
        ):
            Relation = self.env["collection.partner.contact"].sudo()  # sudo: as above
            if not Relation.search_count(
                [("partner_id", "in", related.ids), ("contact_id", "=", person.id)], limit=1
            ):
                Relation.create({"partner_id": customer.id, "contact_id": person.id})
        return person.sudo(False)
