# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

# what a contact came from is told by the system alone
LINKS = frozenset({"message_id", "received_id"})
# when, how and with whom: of what was sent or came in by itself, nobody says otherwise
AS_IT_WAS = frozenset({
    "date",
    "channel",
    "direction",
    "contact_id",
    "user_id",
    "profile_id",
})


class CollectionContactLog(models.Model):
    _inherit = "collection.contact.log"

    message_id = fields.Many2one(
        "collection.message",
        "Message",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The message that was sent.",
    )
    received_id = fields.Many2one(
        "collection.incoming",
        "Incoming Message",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The mail, or the question in the portal, that came in.",
    )

    _gate_index = models.Index("(profile_id, date)")
    _received_uniq = models.UniqueIndex(
        "(received_id) WHERE received_id IS NOT NULL", "This mail is a contact already."
    )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(not LINKS.isdisjoint(vals) for vals in vals_list):
            self._refuse_link()
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and not LINKS.isdisjoint(vals):
            self._refuse_link()
        if not self.env.su and not AS_IT_WAS.isdisjoint(vals):
            self._check_by_hand()
        return super().write(vals)

    def _refuse_link(self):
        # one tied to a message that came back would count for no limit
        raise UserError(
            self.env._("Which message a contact belongs to is recorded by the sending alone.")
        )

    def _check_by_hand(self):
        """Check that people have recorded these contacts.

        :raise UserError: when one is a message that was sent, or came in
        """
        for log in self:
            if log.message_id or log.received_id:
                raise UserError(
                    self.env._(
                        "“%s” was recorded when the message was sent or came in. Its date, "
                        "channel and people stay as they are, since limits on contacts go by them.",
                        log.display_name,
                    )
                )

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _is_conversation(self):
        """Return whether one has really spoken: by phone or face to face, and reached somebody."""
        self.ensure_one()
        return self.channel in ("phone", "meeting") and (
            not self.outcome_id or self.outcome_id.spoke
        )
