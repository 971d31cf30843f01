# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize


class CollectionIncomingAddress(models.TransientModel):
    """Correct the address that a message came back from, and send the message again."""

    _name = "collection.incoming.address"
    _description = "Correct an Address That Does Not Work"

    incoming_ids = fields.Many2many("collection.incoming", string="Mails", required=True)
    incoming_id = fields.Many2one(
        "collection.incoming", "Report", compute="_compute_incoming_id", store=True
    )
    person_id = fields.Many2one(related="incoming_id.person_id", string="Person")
    old_email = fields.Char(related="incoming_id.bounced_email", string="Came Back From")
    reason = fields.Char(related="incoming_id.preview", string="What the Mail Server Says")
    message_id = fields.Many2one(related="incoming_id.sent_message_id", string="Message")
    new_email = fields.Char(
        "New Address",
        help="The address that works: a new one, or the old one if it is right after all.",
    )
    send_again = fields.Boolean(
        "Send the Message Again",
        compute="_compute_send_again",
        store=True,
        readonly=False,
        help="The same message goes to the new address, with the items as they are now.",
    )

    @api.depends("incoming_ids")
    def _compute_incoming_id(self):
        for wizard in self:
            wizard.incoming_id = wizard.incoming_ids[:1]

    @api.depends("incoming_id")
    def _compute_send_again(self):
        for wizard in self:
            wizard.send_again = bool(wizard.incoming_id.sent_message_id)

    def action_correct(self):
        """Write the address, take the mark away, and send the message again if wanted."""
        self.ensure_one()
        row = self.incoming_id
        row.check_access("write")
        email = email_normalize(self.new_email or "")
        if not email:
            raise UserError(self.env._("“%s” is not an e-mail address.", self.new_email or ""))
        # sudo: whoever works the customer corrects an address that does not work
        person = row.sudo().person_id
        if not person:
            raise UserError(
                self.env._("No contact has the address this message came back from any more.")
            )
        person.write({"email": email, "collection_email_bounced": False, "message_bounce": 0})
        row.action_done()
        if not self.send_again or not self.message_id:
            return {"type": "ir.actions.act_window_close"}
        again = self.message_id._send_copy()
        return self.env["collection.message.compose"]._tell_state(again)
