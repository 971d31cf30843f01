# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.tools import SQL

from . import collection_guard_mixin  # noqa: F401
from .collection_cycle_step import CycleScope


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

    # ------------------------------------------------------------
    # THE CYCLE
    # ------------------------------------------------------------

    @api.model
    def _sync_source(self, source_model, kind, wanted: SQL, scope: CycleScope):
        """Have the blocks by one model's records be what a statement says, in one statement.

        For steps of the cycle, which compute the customers of the scope themselves. A block that
        a person has lifted stays lifted as long as its source stands.

        :param str source_model: the model the blocks come from, such as ``account.payment``
        :param str kind: the kind of a new block
        :param SQL wanted: ``item_id``, ``source_id``, ``amount`` (company currency, more than
            nothing) and ``date_until`` of each block there is to be
        :return: the number of blocks written
        """
        self.env.cr.execute(
            SQL(
                """
                WITH wanted AS MATERIALIZED (%(wanted)s),
                dropped AS (
                    DELETE FROM collection_item_block block
                     USING collection_item item, collection_profile profile
                     WHERE item.id = block.item_id
                       AND profile.id = item.profile_id
                       AND block.company_id = %(company)s
                       AND block.source_model = %(source)s
                       AND %(in_scope)s
                       AND NOT EXISTS (SELECT FROM wanted
                                        WHERE wanted.item_id = block.item_id
                                          AND wanted.source_id = block.source_id)
                )
                INSERT INTO collection_item_block AS block (
                    item_id, company_id, kind, amount, date_until,
                    source_model, source_id, active,
                    create_uid, create_date, write_uid, write_date)
                SELECT item_id, %(company)s, %(kind)s, amount, date_until,
                       %(source)s, source_id, TRUE, %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM wanted
                    ON CONFLICT (item_id, source_model, source_id)
                       WHERE source_id IS NOT NULL DO UPDATE
                   SET amount = EXCLUDED.amount, date_until = EXCLUDED.date_until
                 WHERE (block.amount, block.date_until)
                       IS DISTINCT FROM (EXCLUDED.amount, EXCLUDED.date_until)
                """,
                wanted=wanted,
                company=scope.company_id,
                source=source_model,
                kind=kind,
                uid=self.env.uid,
                now=self.env.cr.now(),
                in_scope=scope.filter(SQL.identifier("profile", "commercial_partner_id")),
            )
        )
        return self.env.cr.rowcount
