# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What contacts and activities do to a case."""

from odoo import api, fields, models
from odoo.fields import Domain


class CollectionCase(models.Model):
    _inherit = "collection.case"

    substitute_id = fields.Many2one(
        related="debt_manager_id.collection_substitute_id",
        string="Substitute Today",
        help="Works the case today because its debt manager is away.",
    )
    is_substituted_by_me = fields.Boolean(
        "I Stand in",
        compute="_compute_is_substituted_by_me",
        search="_search_is_substituted_by_me",
        help="The case's debt manager is away today and the user stands in.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("debt_manager_id")
    @api.depends_context("uid")
    def _compute_is_substituted_by_me(self):
        for case in self:
            case.is_substituted_by_me = case.substitute_id == self.env.user

    @api.model
    def _search_is_substituted_by_me(self, operator, value):
        if operator != "in" or len(value) != 1:
            return NotImplemented
        # sudo: whom the user stands in for today
        today = fields.Date.context_today(self)
        absences = (
            self
            .env["collection.absence"]
            .sudo()
            .search([
                ("substitute_id", "=", self.env.uid),
                ("date_from", "<=", today),
                ("date_to", ">=", today),
            ])
        )
        domain = Domain("debt_manager_id", "in", absences.user_id.ids)
        return domain if next(iter(value)) else ~domain

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_log_contact(self):
        """Ask for a contact made on the case and record it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "collection.action_contact_log_wizard"
        )
        action["context"] = {"active_model": self._name, "active_id": self.id}
        return action

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _collection_contact(self):
        """Return the person one most likely spoke to: who pays, else the primary contact."""
        self.ensure_one()
        contact = self.payment_contact_id or self.profile_id.payment_contact_id
        if not contact:
            people = self.partner_id._collection_contacts_ordered()
            contact = next((row["partner"] for row in people if row["is_primary"]), contact)
        return contact or self.partner_id

    def _advance(self, state, reason, cause="activity"):
        """Move open cases to a state where they may go there; others stay as they are.

        :param state: the wanted state; ``False`` moves nothing
        :param str reason: why, in words a person reads in the history
        :param str cause: see ``collection.case.transition``
        """
        for case in self:
            if state and case.state not in ("completed", state) and case._may_become(state):
                case._set_state(state, reason, cause=cause)

    def _sync_agreement(self):
        """Show on the cases the payment agreed last, and only while it is awaited.

        Earlier agreements of a case that were still awaited count as replaced.
        """
        # sudo: what was agreed on a case, whoever of its people recorded it
        pending = (
            self
            .env["collection.contact.log"]
            .sudo()
            .search(
                [("case_id", "in", self.ids), ("agreed_state", "=", "pending")],
                order="date desc, id desc",
            )
        )
        by_case = pending.grouped("case_id")
        for case in self:
            agreed = by_case.get(case, pending.browse())
            last = agreed[:1]
            (agreed - last).with_context(agreement_synced=True).write({"agreed_state": "replaced"})
            company = case.company_id
            vals = {
                "agreed_date": last.agreed_date,
                "agreed_amount": last.currency_id._convert(
                    last.agreed_amount, company.currency_id, company, last.agreed_date
                )
                if last
                else 0.0,
                "agreed_way_id": last.agreed_way_id.id,
            }
            if any(
                case._fields[name].convert_to_write(case[name], case) != value
                for name, value in vals.items()
            ):
                case.sudo().write(vals)  # sudo: shown on the case, written with the contact

    def _sync_last_contact(self):
        """Show on the cases when and with which record the customer was last contacted."""
        # sudo: every contact of the case counts, whoever recorded it
        Log = self.env["collection.contact.log"].sudo()
        for case in self:
            last = Log.search([("case_id", "=", case.id)], order="date desc, id desc", limit=1)
            if case.last_contact_id != last or case.last_contact_on != last.date:
                # sudo: shown on the case, written with the contact
                case.sudo().write({"last_contact_id": last.id, "last_contact_on": last.date})
