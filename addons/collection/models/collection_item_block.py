# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models

from . import collection_guard_mixin  # noqa: F401


class CollectionItemBlock(models.Model):
    """Why an item, or part of it, is not to be asked for, and until when.

    Promises, disputes, plans, running charges, post-dated cheques and holds all write it;
    "to be collected" and every outgoing contact read only it.
    """

    _name = "collection.item.block"
    _inherit = ["collection.guard.mixin"]
    _description = "Block on an Open Item"
    _order = "date_until, id"

    item_id = fields.Many2one("collection.item", "Open Item", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="item_id.company_id", store=True, string="Company")
    profile_id = fields.Many2one(related="item_id.profile_id", string="Customer Profile")
    currency_id = fields.Many2one(related="item_id.company_currency_id", string="Currency")
    kind = fields.Selection(
        [
            ("promise", "Promise to Pay"),
            ("dispute", "Dispute"),
            ("plan", "Payment Plan"),
            ("charge", "Running Charge"),
            ("cheque", "Post-dated Payment"),
            ("hold", "Hold"),
        ],
        "Kind",
        required=True,
        default="hold",
    )
    amount = fields.Monetary(
        "Blocked Amount",
        currency_field="currency_id",
        required=True,
        help="In company currency; never counts for more than what is open.",
    )
    date_until = fields.Date(
        "Until", help="Last day the block counts. Without a date it counts until lifted."
    )
    reason = fields.Char("Reason")
    source_model = fields.Char("Source Model", readonly=True)
    source_id = fields.Many2oneReference("Source", model_field="source_model", readonly=True)
    active = fields.Boolean("Active", default=True)

    _item_index = models.Index("(item_id) WHERE active")
    _source_uniq = models.UniqueIndex(
        "(item_id, source_model, source_id) WHERE source_id IS NOT NULL",
        "The same source cannot block an item twice.",
    )
    _amount_positive = models.Constraint("CHECK (amount > 0)", "A block needs a positive amount.")

    @api.depends("kind", "item_id", "date_until")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for block in self:
            block.display_name = f"{kinds.get(block.kind, '')}: {block.item_id.display_name}"

    def _fixed_fields(self):
        return super()._fixed_fields() | {"item_id", "kind"}

    @api.model_create_multi
    def create(self, vals_list):
        blocks = super().create(vals_list)
        blocks.item_id._touch()
        return blocks

    def write(self, vals):
        self.item_id._touch()
        return super().write(vals)

    def unlink(self):
        self.item_id._touch()
        return super().unlink()

    def action_lift(self):
        """Lift the blocks; the rows stay as history."""
        self.action_archive()
