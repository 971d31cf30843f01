# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What the case form opens on: whom to speak to, what is owed, what was agreed last."""

from odoo import api, fields, models
from odoo.fields import Domain


class CollectionCase(models.Model):
    _inherit = "collection.case"

    past_case_item_ids = fields.One2many(
        "collection.case.item",
        "case_id",
        "Past Items",
        domain=[("open", "=", False)],
        help="Items that were in the case and left it: paid, removed, moved …",
    )
    auto_number = fields.Boolean(related="company_id.collection_auto_number")
    speak_to_id = fields.Many2one(
        "res.partner",
        "Speak to",
        compute="_compute_speak_to_id",
        help="The payment contact; where none is set, the customer's primary related contact, "
        "else the customer.",
    )
    speak_to_phone = fields.Char("Phone", compute="_compute_speak_to_id", help="Call here.")
    speak_to_email = fields.Char("E-mail", compute="_compute_speak_to_id", help="Write here.")
    speak_to_position = fields.Char(
        "Position",
        compute="_compute_speak_to_id",
        help="What the person is at the customer, from the related contacts or the address book.",
    )
    is_held = fields.Boolean(related="profile_id.is_held", string="Customer on Hold")
    hold_reason = fields.Char(related="profile_id.hold_reason", string="Reason of the Hold")
    hold_until = fields.Date(related="profile_id.hold_until", string="Hold Until")
    amount_credit = fields.Monetary(
        related="profile_id.amount_credit",
        string="Unapplied Credits",
        help="Payments and credit notes of the customer that are not matched yet: look at them "
        "before asking for money.",
    )
    amount_blocked = fields.Monetary(
        "Blocked",
        compute="_compute_amount_blocked",
        help="Due, but not to be asked for now: promised, disputed, post-dated, on hold …",
    )
    last_contact_outcome_id = fields.Many2one(
        related="last_contact_id.outcome_id", string="Last Outcome"
    )
    last_contact_note = fields.Text(related="last_contact_id.note", string="Last Note")
    last_contact_agreed_note = fields.Text(
        related="last_contact_id.agreed_note", string="What Was Agreed"
    )
    agreed_late = fields.Boolean(
        "Agreed Payment Is Late",
        compute="_compute_agreed_late",
        search="_search_agreed_late",
        help="The agreed date has passed and the case is still open.",
    )
    other_case_count = fields.Integer(
        "Other Open Cases",
        compute="_compute_other_case_count",
        help="Other open cases of the same customer; they can be merged.",
    )
    contact_count = fields.Integer(
        "Contacts", compute="_compute_contact_count", help="Contacts recorded on the case."
    )
    customer_note_ids = fields.One2many(
        related="profile_id.note_ids", string="Notes", readonly=False
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("payment_contact_id", "partner_id")
    def _compute_speak_to_id(self):
        partners = self.partner_id | self.partner_id.commercial_partner_id
        relations = self.env["collection.partner.contact"].search([
            ("partner_id", "in", partners.ids)
        ])
        relations_of = relations.grouped("partner_id")
        empty = relations.browse()
        for case in self:
            own = relations_of.get(case.partner_id, empty)
            own |= relations_of.get(case.partner_id.commercial_partner_id, empty)
            primary = own.filtered("is_primary")[:1]
            person = case.payment_contact_id or primary.contact_id or case.partner_id
            case.speak_to_id = person
            case.speak_to_phone = person.phone
            case.speak_to_email = person.email
            relation = own.filtered(lambda known, person=person: known.contact_id == person)[:1]
            case.speak_to_position = relation.job_position or person.function

    @api.depends("amount_to_collect", "amount_overdue")
    def _compute_amount_blocked(self):
        for case in self:
            case.amount_blocked = max(sum(case.open_item_ids.mapped("amount_blocked")), 0.0)

    @api.depends("agreed_date", "state", "company_id")
    def _compute_agreed_late(self):
        for case in self:
            case.agreed_late = bool(
                case.agreed_date
                and case.state != "completed"
                and case.agreed_date < case.company_id._collection_today()
            )

    @api.model
    def _search_agreed_late(self, operator, value):
        if operator != "in" or len(value) != 1:
            return NotImplemented
        late = Domain("agreed_date", "<", self.env.company._collection_today()) & Domain(
            "state", "!=", "completed"
        )
        return late if next(iter(value)) else ~late

    @api.depends("profile_id.case_ids.state")
    def _compute_other_case_count(self):
        counts = dict(
            self._read_group(
                [("profile_id", "in", self.profile_id.ids), ("state", "!=", "completed")],
                ["profile_id"],
                ["__count"],
            )
        )
        for case in self:
            own = int(case.state != "completed" and bool(case._origin))
            case.other_case_count = counts.get(case.profile_id, 0) - own

    @api.depends("contact_log_ids")
    def _compute_contact_count(self):
        counts = dict(
            self.env["collection.contact.log"]._read_group(
                [("case_id", "in", self.ids)], ["case_id"], ["__count"]
            )
        )
        for case in self:
            case.contact_count = counts.get(case._origin, 0)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_items(self):
        """List the items of the case."""
        self.ensure_one()
        return self._action_of_case("collection.action_item", "case_id")

    def action_open_contacts(self):
        """List the contacts recorded on the case."""
        self.ensure_one()
        return self._action_of_case("collection.action_contact_log", "case_id")

    def action_open_other_cases(self):
        """List the customer's cases."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("collection.action_case")
        action["domain"] = [("profile_id", "=", self.profile_id.id)]
        action["context"] = {}
        return action

    def _action_of_case(self, xmlid, field):
        """Return an action narrowed to what belongs to the case."""
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = [(field, "=", self.id)]
        action["context"] = {
            "default_case_id": self.id,
            "default_profile_id": self.profile_id.id,
        }
        return action
