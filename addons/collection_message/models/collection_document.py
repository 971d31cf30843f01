# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import base64

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class CollectionDocument(models.Model):
    """A file kept at a customer or an invoice, such as the order or the proof of delivery.

    The file itself is an attachment of the document, so whoever may read the one may read the
    other.
    """

    _name = "collection.document"
    _description = "Document of a Customer"
    _inherit = [
        "collection.guard.mixin",
        "collection.profile.mixin",
        "mail.thread.main.attachment",
    ]
    _order = "id desc"
    _check_company_auto = True

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    name = fields.Char(
        "Name",
        required=True,
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
    )
    kind_id = fields.Many2one(
        "collection.document.kind", "Kind", index=True, ondelete="restrict", tracking=True
    )
    profile_id = fields.Many2one(check_company=True)
    commercial_partner_id = fields.Many2one(
        related="profile_id.commercial_partner_id", string="Commercial Entity"
    )
    move_id = fields.Many2one(
        "account.move",
        "Invoice",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        tracking=True,
        domain="[('commercial_partner_id', '=', commercial_partner_id), "
        "('company_id', '=', company_id), "
        "('move_type', 'in', ('out_invoice', 'out_refund', 'out_receipt'))]",
        help="The invoice the document belongs to; the customer alone when empty.",
    )
    attachment_id = fields.Many2one(
        "ir.attachment",
        "Attachment",
        index="btree_not_null",
        ondelete="cascade",
        copy=False,
    )
    file = fields.Binary("File", compute="_compute_file", inverse="_inverse_file")
    file_name = fields.Char("File Name")
    mimetype = fields.Char(related="attachment_id.mimetype", string="Type of File")
    file_size = fields.Integer(related="attachment_id.file_size", string="Size")
    send_along = fields.Boolean(
        "Goes Along With Reminders",
        compute="_compute_from_kind",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Reminders about the invoice have the file attached.",
    )
    share_portal = fields.Boolean(
        "Shared in the Portal",
        compute="_compute_from_kind",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="The customer sees it in the portal.",
    )
    valid_until = fields.Date(
        "Valid Until",
        tracking=True,
        help="The last day a certificate or contract is valid; after it the file does not go along "
        "any more.",
    )
    is_expired = fields.Boolean(
        "Expired", compute="_compute_is_expired", search="_search_is_expired"
    )
    note = fields.Text("Note")
    source_message_id = fields.Many2one(
        "mail.message",
        "Saved From",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The mail that brought the file.",
    )

    # ------------------------------------------------------------
    # DEFAULTS
    # ------------------------------------------------------------

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        context = self.env.context
        if (
            not values.get("profile_id")
            and context.get("active_model")
            and context.get("active_id")
        ):
            record = self.env[context["active_model"]].browse(context["active_id"])
            values.update({
                name: value
                for name, value in self._values_of_owner(record, create=False).items()
                if name in fields_list
            })
        return values

    @api.model
    def _values_of_owner(self, record, create=True):
        """Return customer and invoice of the record a document is kept at.

        :param bool create: make a profile of a customer that has none
        """
        if record._name == "collection.profile":
            return {"profile_id": record.id}
        if record._name == "account.move":
            item = record.sudo().collection_item_ids[:1]  # sudo: whose invoice it is
            profile = item.profile_id.sudo(False) or self._profile_of(
                record.commercial_partner_id, record.company_id, create
            )
            return {"profile_id": profile.id, "move_id": record.id}
        if record._name == "res.partner":
            return {"profile_id": self._profile_of(record, self.env.company, create).id}
        if "profile_id" in record._fields:
            values = {"profile_id": record.profile_id.id}
            if record._name == "collection.item":
                values["move_id"] = record.move_id.id
            return values
        return {}

    @api.model
    def _profile_of(self, partner, company, create):
        Profile = self.env["collection.profile"]
        known = Profile.search([
            ("company_id", "=", company.id),
            ("partner_id", "in", (partner | partner.commercial_partner_id).ids),
        ])
        own = known.filtered(lambda profile: profile.partner_id == partner) or known[:1]
        if own or not create:
            return own
        return Profile._get_or_create(company, partner.commercial_partner_id)

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("file_name")
    def _compute_name(self):
        for document in self:
            document.name = document.name or document.file_name

    @api.depends("kind_id")
    def _compute_from_kind(self):
        for document in self:
            document.send_along = document.kind_id.send_along
            document.share_portal = document.kind_id.share_portal

    @api.depends("attachment_id")
    @api.depends_context("bin_size")
    def _compute_file(self):
        for document in self:
            document.file = document.attachment_id.datas

    def _inverse_file(self):
        for document in self:
            if not document.file:
                continue
            values = {
                "name": document.file_name or document.name,
                "raw": base64.b64decode(document.file),
            }
            # sudo: the file of a document the user may write
            attachment = document.sudo().attachment_id
            if attachment:
                attachment.write(values)
            else:
                document._keep(attachment.create({**values, **document._place()}))

    @api.depends("valid_until", "company_id")
    def _compute_is_expired(self):
        for document in self:
            today = document.company_id._collection_today()
            document.is_expired = bool(document.valid_until) and document.valid_until < today

    @api.model
    def _search_is_expired(self, operator, value):
        if operator != "in" or len(value) != 1:
            return NotImplemented
        expired = Domain("valid_until", "<", self.env.company._collection_today())
        return expired if next(iter(value)) else ~expired | Domain("valid_until", "=", False)

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("move_id", "profile_id")
    def _check_invoice_of_customer(self):
        for document in self:
            # sudo: whose invoice it is
            move = document.sudo().move_id
            if move and move.commercial_partner_id != document.commercial_partner_id:
                raise UserError(
                    self.env._(
                        "%(invoice)s is not an invoice of %(customer)s.",
                        invoice=move.display_name,
                        customer=document.partner_id.display_name,
                    )
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def _fixed_fields(self):
        return super()._fixed_fields() | {"attachment_id", "profile_id"}

    @api.model_create_multi
    def create(self, vals_list):
        files = []
        for vals in vals_list:
            file = self.env["ir.attachment"].browse(vals.pop("attachment_id", False))
            if file:
                file.check_access("read")
                vals.setdefault("file_name", file.name)
            elif not vals.get("file"):
                raise UserError(self.env._("Choose the file to keep."))
            files.append(file)
        documents = super().create(vals_list)
        for document, file in zip(documents, files, strict=True):
            if file:
                document._adopt(file)
        return documents

    def unlink(self):
        # sudo: the files go with the documents the user may delete
        files = self.sudo().attachment_id
        result = super().unlink()
        files.exists().unlink()
        return result

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_download(self):
        """Open the file."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.attachment_id.id}?download=true",
            "target": "new",
        }

    def action_write_message(self):
        """Write to the customer with the documents attached."""
        if len(self.profile_id) > 1:
            raise UserError(self.env._("Choose documents of one customer."))
        return self.env["collection.message.compose"]._open(
            self.profile_id, channel="email", document_ids=[(6, 0, self.ids)]
        )

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    @api.model
    def create_from_attachments(self, attachment_ids, model=None, res_id=None, **vals):
        """Keep uploaded files, each as a document.

        :param list attachment_ids: ids of ``ir.attachment`` that the user may read
        :param str model: the model of the record they are kept at: customer, case, invoice …
        :param int res_id: the id of that record
        :param vals: further values of the documents
        :return: the ids of the documents
        """
        owner = {}
        if model and res_id:
            record = self.env[model].browse(res_id)
            record.check_access("read")
            owner = self._values_of_owner(record)
        documents = self.create([
            {**owner, **vals, "attachment_id": attachment_id} for attachment_id in attachment_ids
        ])
        return documents.ids

    def _place(self):
        return {"res_model": self._name, "res_id": self.id}

    def _adopt(self, file):
        """Make a file that the user may read the document's own.

        One that was uploaded for it moves here; one that belongs elsewhere is copied.
        """
        self.ensure_one()
        # sudo: read access was checked in create()
        file = file.sudo()
        fresh = not file.res_id or file.res_model == "collection.document.save"
        if fresh and file.create_uid == self.env.user:
            file.write(self._place())
        else:
            file = file.copy({**self._place(), "name": file.name, "res_field": False})
        self._keep(file)

    def _keep(self, attachment):
        """Note which file is the document's, and show it first."""
        # sudo: the file was checked, or made, just now
        self.sudo().write({
            "attachment_id": attachment.id,
            "message_main_attachment_id": attachment.id,
        })

    def _valid(self):
        """Return those that have not expired."""
        return self.filtered(lambda document: not document.is_expired)
