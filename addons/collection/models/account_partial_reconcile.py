# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.tools import SQL


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    collection_case_id = fields.Many2one(
        "collection.case",
        "Collected on Case",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The open case the document was in when it was matched.",
    )
    collection_user_id = fields.Many2one(
        "res.users",
        "Collected by",
        readonly=True,
        copy=False,
        ondelete="set null",
        help="The case's debt manager at that moment.",
    )
    collection_team_id = fields.Many2one(
        "collection.team",
        "Collected by Team",
        readonly=True,
        copy=False,
        ondelete="set null",
        help="The case's team at that moment.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(self._collection_with_case(vals_list))
        partials._collection_touch()
        return partials

    def unlink(self):
        self._collection_touch()
        return super().unlink()

    @api.model
    def _collection_with_case(self, vals_list):
        """Return the values with the case the matched document is in, its person and team.

        What came in on which case and by whom is told by this moment: the item leaves the case
        with the last payment, and cases change hands.
        """
        line_ids = [vals["debit_move_id"] for vals in vals_list if vals.get("debit_move_id")]
        if not line_ids:
            return vals_list
        rows = self.env.execute_query(
            SQL(
                """
                SELECT item.move_line_id, membership.case_id,
                       collection_case.debt_manager_id, collection_case.team_id
                  FROM collection_item item
                  JOIN collection_case_item membership
                    ON membership.item_id = item.id AND membership.open
                  JOIN collection_case ON collection_case.id = membership.case_id
                 WHERE item.move_line_id = ANY(%s)
                """,
                line_ids,
                to_flush=[
                    self.env["collection.case.item"]._fields["open"],
                    self.env["collection.case"]._fields["debt_manager_id"],
                    self.env["collection.case"]._fields["team_id"],
                ],
            )
        )
        found = {line_id: values for line_id, *values in rows}
        if not found:
            return vals_list
        names = ("collection_case_id", "collection_user_id", "collection_team_id")
        return [
            {**vals, **dict(zip(names, found.get(vals.get("debit_move_id"), ()), strict=False))}
            for vals in vals_list
        ]

    def _collection_touch(self):
        """Have the customers of what is matched, or no longer is, computed again."""
        # sudo: which customers have to be computed again, not shown to anybody
        lines = self.sudo().debit_move_id | self.sudo().credit_move_id
        self.env["collection.cycle"]._touch_moves(lines.move_id)
