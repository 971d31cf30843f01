# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from psycopg2.extras import Json

from odoo import api, fields, models
from odoo.tools import SQL


class CollectionStrategyVersion(models.Model):
    """What a strategy said while a run used it; never changes."""

    _name = "collection.strategy.version"
    _description = "Version of a Strategy"
    _order = "strategy_id, number desc"
    _rec_name = "number"

    strategy_id = fields.Many2one(
        "collection.strategy", "Strategy", required=True, index=True, ondelete="cascade"
    )
    number = fields.Integer("Version", required=True, readonly=True)
    used_from = fields.Date("Used from", required=True, readonly=True)
    definition = fields.Json("Definition", readonly=True, help="The strategy and its rules.")
    digest = fields.Char("Digest", readonly=True, help="Tells one definition from another.")

    _number_uniq = models.Constraint(
        "unique (strategy_id, number)", "A strategy has each version number once."
    )

    @api.depends("strategy_id", "number")
    def _compute_display_name(self):
        for version in self:
            version.display_name = f"{version.strategy_id.name} {version.number}"

    @api.model
    def _add(self, strategy, number, business_date, definition, digest):
        """Write a version, unless another worker has just written it."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO collection_strategy_version (
                    strategy_id, number, used_from, definition, digest,
                    create_uid, create_date, write_uid, write_date)
                VALUES (%(strategy)s, %(number)s, %(day)s, %(definition)s, %(digest)s,
                        %(uid)s, %(now)s, %(uid)s, %(now)s)
                    ON CONFLICT (strategy_id, number) DO NOTHING
                """,
                strategy=strategy.id,
                number=number,
                day=business_date,
                definition=Json(definition),
                digest=digest,
                uid=self.env.uid,
                now=self.env.cr.now(),
            )
        )
        strategy.invalidate_recordset(["version_ids"])
        return self.search([("strategy_id", "=", strategy.id), ("number", "=", number)])
