# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

from .collection_gate_cap import CHANNELS


class CollectionGateLog(models.Model):
    """What the gate stopped, dropped or let pass by override, and why. Never changed."""

    _name = "collection.gate.log"
    _description = "Stopped Contact"
    _order = "date desc, id desc"
    _rec_name = "reason"

    date = fields.Datetime("Date", required=True, readonly=True, default=fields.Datetime.now)
    company_id = fields.Many2one(
        "res.company", "Company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    profile_id = fields.Many2one(
        "collection.profile",
        "Customer Profile",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    partner_id = fields.Many2one(related="profile_id.partner_id", string="Customer", store=True)
    person_id = fields.Many2one(
        "res.partner", "Person", readonly=True, help="Who was to be contacted."
    )
    channel = fields.Selection(CHANNELS, "Channel", required=True, readonly=True)
    code = fields.Char(
        "Code", required=True, readonly=True, help="A short code of the reason, for reports."
    )
    reason = fields.Char("Not Sent Because", required=True, readonly=True)
    retry_at = fields.Datetime(
        "Possible Again From", readonly=True, help="Empty where no time can be told."
    )
    item_ids = fields.Many2many(
        "collection.item",
        "collection_gate_log_item_rel",
        "log_id",
        "item_id",
        "Items",
        readonly=True,
        help="The items the reason is about; empty where it is about the whole contact.",
    )
    automatic = fields.Boolean("Automatic", readonly=True, help="A rule wanted the contact.")
    user_id = fields.Many2one("res.users", "User", readonly=True)
    override_reason = fields.Char(
        "Contacted All the Same Because",
        readonly=True,
        help="Filled where a person with the right overrode the reason.",
    )
    message_id = fields.Many2one(
        "collection.message", "Message", readonly=True, index="btree_not_null", ondelete="set null"
    )
