# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.tools import SQL

from . import collection_guard_mixin  # noqa: F401


class CollectionCaseItem(models.Model):
    """That an item is, or was, in a case. The database holds an item in one open case at most."""

    _name = "collection.case.item"
    _inherit = ["collection.guard.mixin"]
    _description = "Item in a Case"
    _order = "open desc, id"
    # who and when are fields of their own; SQL writes hundreds of thousands of rows
    _log_access = False

    case_id = fields.Many2one(
        "collection.case", "Case", required=True, readonly=True, index=True, ondelete="cascade"
    )
    item_id = fields.Many2one(
        "collection.item",
        "Open Item",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(related="case_id.company_id", string="Company")
    open = fields.Boolean("In the Case", default=True, readonly=True)
    added_on = fields.Datetime("Added on", default=fields.Datetime.now, readonly=True)
    added_by = fields.Many2one(
        "res.users", "Added by", default=lambda self: self.env.user, readonly=True
    )
    removed_on = fields.Datetime("Left on", readonly=True)
    removed_by = fields.Many2one("res.users", "Removed by", readonly=True)
    reason = fields.Selection(
        [
            ("settled", "Settled"),
            ("document_gone", "Document Cancelled"),
            ("moved", "Belongs to Another Customer"),
            ("removed", "Removed by Hand"),
            ("closed", "Case Closed"),
            ("merged", "Case Merged"),
            ("split", "Case Split"),
        ],
        "Why It Left",
        readonly=True,
    )
    # what lists of a case show of its items
    move_id = fields.Many2one(related="item_id.move_id")
    document_number = fields.Char(related="item_id.document_number")
    document_date = fields.Date(related="item_id.document_date")
    date_due = fields.Date(related="item_id.date_due")
    days_late = fields.Integer(related="item_id.days_late")
    currency_id = fields.Many2one(related="item_id.currency_id")
    company_currency_id = fields.Many2one(related="item_id.company_currency_id")
    amount = fields.Monetary(related="item_id.amount", currency_field="currency_id")
    amount_residual = fields.Monetary(
        related="item_id.amount_residual", currency_field="company_currency_id"
    )
    amount_residual_currency = fields.Monetary(
        related="item_id.amount_residual_currency", currency_field="currency_id"
    )
    amount_to_collect = fields.Monetary(
        related="item_id.amount_to_collect", currency_field="company_currency_id"
    )
    item_state = fields.Selection(related="item_id.state", string="Item State")

    _open_item_uniq = models.UniqueIndex(
        "(item_id) WHERE open", "An item can be in one open case only."
    )
    # whether an item that is owed again has been in a case: asked for every item, every night
    _settled_index = models.Index("(item_id) WHERE reason = 'settled'")

    @api.depends("item_id")
    def _compute_display_name(self):
        for membership in self:
            membership.display_name = membership.item_id.display_name

    def action_open_document(self):
        """Open the document of the item."""
        return self.item_id.action_open_document()

    def _leave(self, reason):
        """End the memberships."""
        self.check_access("write")
        self.sudo().write({  # sudo: items leave cases by this method only
            "open": False,
            "removed_on": fields.Datetime.now(),
            "removed_by": self.env.uid,
            "reason": reason,
        })
        # the partial unique index must see it before the item joins another case
        self.flush_recordset()

    @api.model
    def _join(self, item_ids, case_ids):
        """Put items in cases, in one statement; an item that is in a case already stays there.

        :return: the number of items that joined
        """
        if not item_ids:
            return 0
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO collection_case_item (case_id, item_id, open, added_on, added_by)
                SELECT joining.case_id, joining.item_id, TRUE, %s, %s
                  FROM unnest(%s::int[], %s::int[]) AS joining(item_id, case_id)
                    ON CONFLICT (item_id) WHERE open DO NOTHING
                """,
                fields.Datetime.now(),
                self.env.uid,
                item_ids,
                case_ids,
            )
        )
        return self.env.cr.rowcount
