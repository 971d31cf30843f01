# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The people of a customer, and logging a contact with them."""

from odoo import api, fields, models

from .res_partner import COLLECTION_GROUPS


class ResPartner(models.Model):
    _inherit = "res.partner"

    collection_contact_ids = fields.One2many(
        "collection.partner.contact",
        "partner_id",
        "Related Contacts",
        groups=COLLECTION_GROUPS,
        help="The people to speak to about payments, the primary one first.",
    )
    collection_relation_ids = fields.One2many(
        "collection.partner.contact",
        "contact_id",
        "Related to Customers",
        groups=COLLECTION_GROUPS,
        help="The customers this person is a related contact of.",
    )

    # the host shortens names by this key but keeps one name for all contexts
    @api.depends_context("partner_display_name_hide_company")
    def _compute_display_name(self):
        return super()._compute_display_name()

    def _collection_contacts_ordered(self):
        """Return the people to speak to at a customer or branch, whom to call first on top.

        The payment contact, then the primary related contact, the other related contacts in
        their order, the customer's own ones before those of the company above a branch, and
        last the people in the address book.

        :return: list of dicts ``partner`` (record), ``relation`` (record, may be empty),
            ``job_position``, ``is_primary`` and ``is_payment_contact``
        """
        self.ensure_one()
        Relation = self.env["collection.partner.contact"]
        entity = self.commercial_partner_id
        relations = self.collection_contact_ids
        if entity != self:
            relations |= entity.collection_contact_ids
        paying = self.collection_payment_contact_id
        below = (self | entity).child_ids.filtered(
            lambda person: person.type == "contact" and not person.is_company
        )
        relation_of = {}
        for relation in relations:
            relation_of.setdefault(relation.contact_id, relation)
        people = paying | relations.contact_id | below
        rows = [
            {
                "partner": person,
                "relation": relation_of.get(person, Relation),
                "job_position": relation_of.get(person, Relation).job_position
                or person.function
                or False,
                "is_primary": relation_of.get(person, Relation).is_primary,
                "is_payment_contact": person == paying,
            }
            for person in people
        ]
        # stable: what follows stays in the order found above
        rows.sort(key=lambda row: (not row["is_payment_contact"], not row["is_primary"]))
        return rows

    def action_log_contact(self):
        """Ask for a contact with this customer and record it."""
        self.ensure_one()
        profile = self.collection_profile_id
        if not profile:
            party = self if self.is_collection_branch else self.commercial_partner_id
            profile = self.env["collection.profile"]._get_or_create(self.env.company, party)
        return profile.action_log_contact()
