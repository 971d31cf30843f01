# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models
from odoo.fields import Domain


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
        Item = self.env["collection.item"]
        owed = (
            Domain("profile_id", "=", self.id)
            & Domain("state", "=", "open")
            & Domain("side", "=", "debit")
        )
        overdue = Domain("date_due", "<", self.company_id._collection_today())
        # amounts are read from the ledger: of the overdue ones first, which mostly settles it
        for which in (owed & overdue, owed):
            free = Item.search(which).filtered(
                lambda item: item.amount_residual > item.amount_blocked
            )
            if free:
                return free
        return Item
