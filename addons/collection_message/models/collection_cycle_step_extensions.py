# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Requests for more time on items that are paid meanwhile fall away."""

from odoo import models
from odoo.tools import SQL

from odoo.addons.collection.models.collection_cycle_step import CycleScope


class CollectionCycleStepExtensions(models.AbstractModel):
    _name = "collection.cycle.step.extensions"
    _inherit = "collection.cycle.step"
    _description = "Cycle: Requests for More Time That Fall Away"

    def _select(self, scope: CycleScope) -> SQL:
        """List the requests nobody has decided on that have no open item left."""
        return SQL(
            """
            SELECT extension.id
              FROM collection_extension extension
              JOIN collection_profile profile ON profile.id = extension.profile_id
             WHERE extension.state = 'requested'
               AND extension.company_id = %(company)s
               AND %(in_scope)s
               AND NOT EXISTS (
                    SELECT FROM collection_extension_line line
                      JOIN collection_item item ON item.id = line.item_id
                     WHERE line.extension_id = extension.id AND item.state = 'open')
          ORDER BY extension.id
            """,
            company=scope.company_id,
            in_scope=scope.filter(SQL.identifier("profile", "commercial_partner_id")),
        )

    def _apply(self, scope: CycleScope) -> int:
        """Cancel them; they are few, so each with its history."""
        ids = [row_id for (row_id,) in self.env.execute_query(self._select(scope))]
        if not ids:
            return 0
        # the step before has written items past the ORM
        self.env["collection.item"].invalidate_model()
        # sudo: the ledger says that nothing is left to decide
        self.env["collection.extension"].sudo().browse(ids)._fall_away()
        self.env.flush_all()
        return len(ids)
