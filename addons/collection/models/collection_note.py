# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from . import collection_profile_mixin  # noqa: F401


class CollectionNote(models.Model):
    """A note at a customer, or at one of its invoices, for whoever collects."""

    _name = "collection.note"
    _description = "Collection Note"
    _inherit = ["collection.profile.mixin"]
    _order = "pinned desc, date desc, id desc"
    _rec_name = "body"
    _rec_names_search = ["body", "partner_id.complete_name", "move_id.name"]
    _check_company_auto = True

    profile_id = fields.Many2one(
        compute="_compute_profile_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        help="The customer in collections; that of the invoice where the note is at one.",
    )
    commercial_partner_id = fields.Many2one(
        related="profile_id.commercial_partner_id", string="Commercial Entity"
    )
    move_id = fields.Many2one(
        "account.move",
        "Invoice",
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
        help="The document the note is about. Empty: the note is about the customer.",
    )
    body = fields.Text("Note", required=True)
    pinned = fields.Boolean("Pinned", help="Pinned notes stay on top.")
    user_id = fields.Many2one(
        "res.users",
        "Written by",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.user,
    )
    date = fields.Datetime("Date", required=True, readonly=True, default=fields.Datetime.now)

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("move_id")
    def _compute_profile_id(self):
        for note in self:
            if note.profile_id or not note.move_id:
                continue
            move = note.move_id
            # sudo: which customer a document the user may read belongs to
            profile = move.sudo().collection_item_ids.profile_id[:1]
            note.profile_id = profile or self.env["collection.profile"]._get_or_create(
                move.company_id, move.commercial_partner_id
            )

    @api.depends("body")
    def _compute_display_name(self):
        for note in self:
            first = (note.body or "").strip().split("\n", 1)[0]
            note.display_name = first if len(first) <= 60 else f"{first[:59]}…"

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("body")
    def _check_body(self):
        if any(not note.body.strip() for note in self):
            raise ValidationError(self.env._("An empty note says nothing."))

    @api.constrains("move_id", "profile_id")
    def _check_invoice_of_customer(self):
        for note in self:
            # sudo: only the two customers are compared
            move = note.move_id.sudo()
            if move and move.commercial_partner_id != note.profile_id.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(document)s is not a document of %(customer)s.",
                        document=move.display_name,
                        customer=note.partner_id.display_name,
                    )
                )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_toggle_pin(self):
        """Pin the notes, or unpin them."""
        for note in self:
            note.pinned = not note.pinned
