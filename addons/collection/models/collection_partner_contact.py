# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class CollectionPartnerContact(models.Model):
    """A natural person related to a customer: position, relation, address, who comes first."""

    _name = "collection.partner.contact"
    _description = "Related Contact"
    _order = "is_primary desc, sequence, id"
    _rec_name = "contact_id"
    _rec_names_search = ["contact_id.complete_name", "job_position"]

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        index=True,
        ondelete="cascade",
        help="The customer, or the branch, the person is related to.",
    )
    contact_id = fields.Many2one(
        "res.partner",
        "Person",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('is_company', '=', False), ('id', '!=', partner_id)]",
        help="A natural person, in the customer's address book or not.",
    )
    job_position = fields.Char(
        "Job Position",
        compute="_compute_job_position",
        store=True,
        readonly=False,
        precompute=True,
        help="What the person does there; taken over from the person at first.",
    )
    relation_type_id = fields.Many2one(
        "collection.relation.type",
        "Relation",
        ondelete="restrict",
        help="What the person is to the customer.",
    )
    kind = fields.Selection(related="relation_type_id.kind", store=True, string="Kind of Relation")
    address_id = fields.Many2one(
        "res.partner",
        "Address",
        ondelete="set null",
        domain="['|', ('id', 'in', (partner_id, contact_id)), "
        "('parent_id', 'in', (partner_id, contact_id))]",
        help="Where to reach the person by letter or visit.",
    )
    is_primary = fields.Boolean(
        "Primary",
        help="The person to speak to first. A customer has one: marking another one unmarks the "
        "one before.",
    )
    sequence = fields.Integer("Sequence", default=10)
    phone = fields.Char(related="contact_id.phone", readonly=False, string="Phone")
    email = fields.Char(related="contact_id.email", readonly=False, string="E-mail")

    _primary_uniq = models.UniqueIndex(
        "(partner_id) WHERE is_primary", "A customer has one primary contact."
    )
    _relation_uniq = models.UniqueIndex(
        "(partner_id, contact_id, COALESCE(relation_type_id, 0))",
        "The person has this relation to the customer already.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("contact_id")
    def _compute_job_position(self):
        for relation in self:
            relation.job_position = relation.job_position or relation.contact_id.function

    @api.depends("contact_id.display_name", "job_position")
    def _compute_display_name(self):
        for relation in self:
            parts = [relation.contact_id.name or "", relation.job_position or ""]
            relation.display_name = ", ".join(part for part in parts if part)

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("partner_id", "contact_id")
    def _check_natural_person(self):
        for relation in self:
            if relation.contact_id == relation.partner_id:
                raise ValidationError(
                    self.env._(
                        "%s cannot be a related contact of itself.",
                        relation.partner_id.display_name,
                    )
                )
            if relation.contact_id.is_company:
                raise ValidationError(
                    self.env._(
                        "%s is a company; a related contact is a natural person.",
                        relation.contact_id.display_name,
                    )
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        partner_ids = [vals.get("partner_id") for vals in vals_list if vals.get("is_primary")]
        self._unmark_primary(partner_ids)
        relations = super().create(vals_list)
        relations.filtered("is_primary")._put_first()
        return relations

    def write(self, vals):
        if vals.get("is_primary"):
            self._unmark_primary(self.partner_id.ids, but=self)
        if "partner_id" in vals and "is_primary" not in vals:
            self._unmark_primary([vals["partner_id"]] if any(self.mapped("is_primary")) else [])
        result = super().write(vals)
        if vals.get("is_primary"):
            self._put_first()
        return result

    @api.model
    def _unmark_primary(self, partner_ids, but=None):
        """Take the primary mark from the contacts of these customers."""
        domain = Domain("partner_id", "in", partner_ids) & Domain("is_primary", "=", True)
        if but:
            domain &= Domain("id", "not in", but.ids)
        marked = self.search(domain) if partner_ids else self.browse()
        if marked:
            marked.write({"is_primary": False})
            # the unique index must see it before another row is written
            marked.flush_recordset(["is_primary"])

    def _put_first(self):
        """Give the relations the first place at their customers, also where order is dragged."""
        for relation in self:
            others = self.search([
                ("partner_id", "=", relation.partner_id.id),
                ("id", "!=", relation.id),
            ])
            first = min(others.mapped("sequence"), default=relation.sequence + 1)
            if relation.sequence >= first:
                relation.sequence = first - 1

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    @api.model
    def _merge_partners(self, src_partners, dst_partner):
        """Make the relations of partners about to be merged fit one partner.

        A relation that two of them have stays once, the primary mark of the partner that stays
        wins, and a person merged with their own company is no contact of it.
        """
        # sudo: whoever may merge partners merges what hangs on them
        merged = src_partners | dst_partner
        relations = self.sudo().search([
            "|",
            ("partner_id", "in", merged.ids),
            ("contact_id", "in", merged.ids),
        ])
        known, primary, gone, unmarked = set(), set(), self.sudo(), self.sudo()
        for relation in relations.sorted(
            lambda relation: (relation.partner_id != dst_partner, not relation.is_primary)
        ):
            partner, contact = (
                dst_partner if side in merged else side
                for side in (relation.partner_id, relation.contact_id)
            )
            key = (partner, contact, relation.relation_type_id)
            if partner == contact or key in known:
                gone |= relation
                continue
            known.add(key)
            if relation.is_primary and partner in primary:
                unmarked |= relation
            elif relation.is_primary:
                primary.add(partner)
        gone.unlink()
        unmarked.write({"is_primary": False})
        self.env.flush_all()
