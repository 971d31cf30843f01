# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""More time for the items of a case."""

from odoo import api, fields, models
from odoo.tools import format_date


class CollectionCase(models.Model):
    _inherit = "collection.case"

    extension_ids = fields.One2many("collection.extension", "case_id", "Extensions of Terms")
    extension_count = fields.Integer("Number of Extensions", compute="_compute_extension_count")
    extension_text = fields.Char(
        "More Time Asked For",
        compute="_compute_extension_count",
        help="The request that nobody has decided on yet.",
    )

    @api.depends("extension_ids.state")
    def _compute_extension_count(self):
        for case in self:
            waiting = case.extension_ids.filtered(lambda asked: asked.state == "requested")[:1]
            case.extension_count = len(case.extension_ids)
            case.extension_text = case._extension_text(waiting) if waiting else False

    def _extension_text(self, extension):
        return self.env._(
            "More time has been asked for until %(day)s by %(user)s: %(reason)s",
            day=format_date(self.env, extension.new_date),
            # sudo: the name of a colleague
            user=extension.sudo().requested_by.name,
            reason=extension.reason,
        )

    def action_ask_extension(self):
        """Open the dialog that asks for more time for the items of the case."""
        self.ensure_one()
        return self.env["collection.extension.wizard"]._open(self)

    def action_open_extensions(self):
        """List the requests for more time on the case; the only one opens itself."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "collection_message.action_extension"
        )
        action["domain"] = [("case_id", "=", self.id)]
        action["context"] = {}
        if len(self.extension_ids) == 1:
            action.update(res_id=self.extension_ids.id, views=[(False, "form")])
        return action
