# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class CollectionCase(models.Model):
    _inherit = "collection.case"

    message_out_ids = fields.One2many("collection.message", "case_id", "Messages to the Customer")
    message_out_count = fields.Integer(
        "Messages Sent", compute="_compute_message_out_count", help="Messages sent on the case."
    )

    def _compute_message_out_count(self):
        counts = dict(
            self.env["collection.message"]._read_group(
                [("case_id", "in", self.ids), ("state", "=", "sent")], ["case_id"], ["__count"]
            )
        )
        for case in self:
            case.message_out_count = counts.get(case, 0)

    def action_open_messages(self):
        """List the messages on the case."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("collection_message.action_message")
        action["domain"] = [("case_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_write_message(self):
        """Write a message about the items of the case."""
        self.ensure_one()
        return self.env["collection.message.compose"]._open(self)
