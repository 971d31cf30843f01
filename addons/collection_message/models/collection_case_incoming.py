# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class CollectionCase(models.Model):
    _name = "collection.case"
    _inherit = ["collection.reply.mixin", "collection.case"]

    incoming_ids = fields.One2many("collection.incoming", "case_id", "Mail from the Customer")
    incoming_unread_count = fields.Integer(
        "Unread Mail",
        compute="_compute_incoming_unread_count",
        search="_search_incoming_unread_count",
        help="Mail on the case that nobody has seen to yet.",
    )

    @api.depends("incoming_ids.state")
    def _compute_incoming_unread_count(self):
        counts = self.env["collection.incoming"]._unread_counts("case_id", self)
        for case in self:
            case.incoming_unread_count = counts.get(case._origin.id, 0)

    @api.model
    def _search_incoming_unread_count(self, operator, value):
        return self.env["collection.incoming"]._unread_domain("incoming_ids", operator, value)

    def action_open_incoming(self):
        """List the mail on the case."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("collection_message.action_incoming")
        action["domain"] = [("case_id", "=", self.id)]
        action["context"] = {}
        return action

    def _message_post_after_hook(self, message, msg_values):
        result = super()._message_post_after_hook(message, msg_values)
        self.env["collection.incoming"]._take_question(message, self)
        return result
