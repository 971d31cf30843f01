# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class CollectionProfile(models.Model):
    _name = "collection.profile"
    _inherit = ["collection.reply.mixin", "collection.profile"]

    incoming_ids = fields.One2many("collection.incoming", "profile_id", "Mail from the Customer")
    incoming_unread_count = fields.Integer(
        "Unread Mail",
        compute="_compute_incoming_unread_count",
        search="_search_incoming_unread_count",
        help="Mail of the customer that nobody has seen to yet.",
    )

    @api.depends("incoming_ids.state")
    def _compute_incoming_unread_count(self):
        counts = self.env["collection.incoming"]._unread_counts("profile_id", self)
        for profile in self:
            profile.incoming_unread_count = counts.get(profile._origin.id, 0)

    @api.model
    def _search_incoming_unread_count(self, operator, value):
        return self.env["collection.incoming"]._unread_domain("incoming_ids", operator, value)

    def action_open_incoming(self):
        """List the mail of the customer."""
        return self._action_of_customer("collection_message.action_incoming", {})

    def _message_post_after_hook(self, message, msg_values):
        result = super()._message_post_after_hook(message, msg_values)
        self.env["collection.incoming"]._take_question(message, self)
        return result
