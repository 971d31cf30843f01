# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.collection.models.collection_cycle_step import CycleScope


class CollectionProfile(models.Model):
    _inherit = "collection.profile"

    message_out_ids = fields.One2many(
        "collection.message", "profile_id", "Messages to the Customer"
    )
    message_out_count = fields.Integer(
        "Messages Sent", compute="_compute_message_out_count", help="Messages sent to the customer."
    )

    def _compute_message_out_count(self):
        counts = dict(
            self.env["collection.message"]._read_group(
                [("profile_id", "in", self.ids), ("state", "=", "sent")],
                ["profile_id"],
                ["__count"],
            )
        )
        for profile in self:
            profile.message_out_count = counts.get(profile, 0)

    def action_open_messages(self):
        """List the messages to the customer."""
        return self._action_of_customer("collection_message.action_message", {})

    def action_write_message(self):
        """Write a message to the customer."""
        self.ensure_one()
        return self.env["collection.message.compose"]._open(self)

    def _message_person(self, channel, case=None):
        """Return who is written to: who pays, else the primary contact, else the customer.

        Of these the first who can be reached by the channel.
        """
        self.ensure_one()
        first = None
        for person in self._message_people(case):
            if person._collection_reachable(channel):
                return person
            first = first or person
        return first

    def _message_people(self, case=None):
        """Yield the people to write to, the likeliest first."""
        contact = (case and case.payment_contact_id) or self.payment_contact_id
        if contact:
            yield contact
        for partner in (self.partner_id, self.commercial_partner_id):
            yield from partner.collection_contact_ids.filtered("is_primary").contact_id
        yield self.partner_id
        yield self.commercial_partner_id

    def _messageable_items(self):
        """Return the items a message is about unless somebody chooses: the overdue ones.

        Where nothing is overdue, everything that is open and owed.
        """
        self.ensure_one()
        company = self.company_id
        scope = CycleScope(
            company.id,
            company._collection_today(),
            partner_ids=tuple(self.commercial_partner_id.ids),
        )
        Item = self.env["collection.item"]
        self.env.flush_all()
        # one statement, however many items there are
        rows = self.env.execute_query(
            SQL(
                """
                SELECT item_id, is_overdue FROM (%s) AS open_item
                 WHERE profile_id = %s AND side = 'debit' AND residual > GREATEST(blocked, 0)
                """,
                Item._open_items_sql(scope),
                self.id,
            )
        )
        overdue = [item_id for item_id, is_overdue in rows if is_overdue]
        return Item.search([("id", "in", overdue or [item_id for item_id, _is_overdue in rows])])
