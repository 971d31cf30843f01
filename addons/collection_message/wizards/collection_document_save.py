# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime, html2plaintext


class CollectionDocumentSave(models.TransientModel):
    """Keep files in the document file: several uploaded at once, or those a mail brought."""

    _name = "collection.document.save"
    _description = "Save to the Document File"

    message_id = fields.Many2one(
        "mail.message", "Mail", readonly=True, help="The mail whose files are saved."
    )
    profile_id = fields.Many2one(
        "collection.profile",
        "Customer",
        required=True,
        compute="_compute_owner",
        store=True,
        readonly=False,
    )
    company_id = fields.Many2one(related="profile_id.company_id", string="Company")
    commercial_partner_id = fields.Many2one(
        related="profile_id.commercial_partner_id", string="Commercial Entity"
    )
    move_id = fields.Many2one(
        "account.move",
        "Invoice",
        compute="_compute_owner",
        store=True,
        readonly=False,
        domain="[('commercial_partner_id', '=', commercial_partner_id), "
        "('company_id', '=', company_id), "
        "('move_type', 'in', ('out_invoice', 'out_refund', 'out_receipt'))]",
        help="The invoice the files belong to; the customer alone when empty.",
    )
    attachment_ids = fields.Many2many(
        "ir.attachment",
        "collection_document_save_attachment_rel",
        "wizard_id",
        "attachment_id",
        "Files",
        compute="_compute_owner",
        store=True,
        readonly=False,
    )
    kind_id = fields.Many2one("collection.document.kind", "Kind")
    send_along = fields.Boolean(
        "Goes Along With Reminders",
        compute="_compute_from_kind",
        store=True,
        readonly=False,
        help="Reminders about the invoice have the files attached.",
    )
    share_portal = fields.Boolean(
        "Shared in the Portal",
        compute="_compute_from_kind",
        store=True,
        readonly=False,
        help="The customer sees them in the portal.",
    )
    valid_until = fields.Date("Valid Until")
    with_text = fields.Boolean(
        "The Text of the Mail Too",
        compute="_compute_owner",
        store=True,
        readonly=False,
        help="What the mail says is kept as a file of its own.",
    )
    note = fields.Text("Note")

    @api.depends("message_id")
    def _compute_owner(self):
        context = self.env.context
        for wizard in self:
            message = wizard.message_id
            record = None
            if message.model and message.res_id:
                record = self.env[message.model].browse(message.res_id)
            elif context.get("active_model") and context.get("active_id"):
                record = self.env[context["active_model"]].browse(context["active_id"])
            owner = (
                self.env["collection.document"]._values_of_owner(record, create=False)
                if record is not None and record.has_access("read")
                else {}
            )
            wizard.profile_id = wizard.profile_id or owner.get("profile_id", False)
            wizard.move_id = wizard.move_id or owner.get("move_id", False)
            wizard.attachment_ids = wizard.attachment_ids or message.attachment_ids
            wizard.with_text = bool(message) and not message.attachment_ids

    @api.depends("kind_id")
    def _compute_from_kind(self):
        for wizard in self:
            wizard.send_along = wizard.kind_id.send_along
            wizard.share_portal = wizard.kind_id.share_portal

    def action_save(self):
        """Keep the files, each as a document."""
        self.ensure_one()
        if self.message_id:
            self.message_id.check_access("read")
        values = {
            "profile_id": self.profile_id.id,
            "move_id": self.move_id.id,
            "kind_id": self.kind_id.id,
            "send_along": self.send_along,
            "share_portal": self.share_portal,
            "valid_until": self.valid_until,
            "note": self.note,
        }
        vals_list = [{**values, "attachment_id": file.id} for file in self.attachment_ids]
        if self.with_text and self.message_id:
            vals_list.append({**values, **self._text_values()})
        if not vals_list:
            raise UserError(self.env._("Choose at least one file."))
        documents = self.env["collection.document"].create(vals_list)
        if self.message_id:
            # sudo: people do not write where a document comes from otherwise
            documents.sudo().source_message_id = self.message_id
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Saved to the document file: %s", len(documents)),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _text_values(self):
        """Return the values of the document that holds the text of the mail."""
        message = self.message_id
        name = message.subject or self.env._("Mail")
        lines = [
            name,
            message.email_from or message.author_id.display_name or "",
            format_datetime(self.env, message.date),
            "",
            html2plaintext(message.body or ""),
        ]
        file = self.env["ir.attachment"].create({
            "name": f"{name.replace('/', '-')[:80]}.txt",
            "raw": "\n".join(lines).encode(),
            "mimetype": "text/plain",
            "res_model": self._name,
            "res_id": self.id,
        })
        return {"attachment_id": file.id}
