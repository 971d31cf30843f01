# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What lists of open items sort, group, filter and sum by, although the ledger holds it."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..core.ageing import DEFAULT_BOUNDARIES

COMPARISONS = ("<", "<=", ">", ">=")


class CollectionItem(models.Model):
    _inherit = "collection.item"

    days_late = fields.Integer(aggregator="max")
    amount_residual = fields.Monetary(aggregator="sum")
    amount_blocked = fields.Monetary(aggregator="sum", search="_search_amount_blocked")
    amount_to_collect = fields.Monetary(aggregator="sum", search="_search_amount_to_collect")
    ageing = fields.Selection(
        [
            ("0", "Not Due"),
            ("1", "1–30 Days"),
            ("2", "31–60 Days"),
            ("3", "61–90 Days"),
            ("4", "91–120 Days"),
            ("5", "Over 120 Days"),
        ],
        "Ageing",
        compute="_compute_ageing",
        search="_search_ageing",
        help="How long the item has been due, each instalment by its own due date.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("date_due")
    @api.depends_context("collection_day")
    def _compute_ageing(self):
        for item in self:
            late = item.days_late
            item.ageing = str(sum(late > boundary for boundary in DEFAULT_BOUNDARIES))

    @api.model
    def _search_ageing(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = self.env.company._collection_today()
        # bucket n lies between boundary n-1 (exclusive) and boundary n (inclusive)
        domains = []
        for key in value:
            if not key:
                continue
            index = int(key)
            bucket = Domain.TRUE
            if index > 0:
                bucket &= Domain(
                    "date_due", "<", fields.Date.subtract(today, days=DEFAULT_BOUNDARIES[index - 1])
                )
            if index < len(DEFAULT_BOUNDARIES):
                bucket &= Domain(
                    "date_due", ">=", fields.Date.subtract(today, days=DEFAULT_BOUNDARIES[index])
                )
            domains.append(bucket)
        return Domain.OR(domains)

    @api.model
    def _search_amount_blocked(self, operator, value):
        return self._search_figure("amount_blocked", operator, value)

    @api.model
    def _search_amount_to_collect(self, operator, value):
        return self._search_figure("amount_to_collect", operator, value)

    @api.model
    def _search_figure(self, name, operator, value):
        """Return the domain that compares a figure of the ledger with a number."""
        if operator == "in":
            value, operator = tuple(number or 0.0 for number in value), "in"
        elif operator not in COMPARISONS:
            return NotImplemented
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s %s %s", model._field_to_sql(alias, name, query), SQL(operator), value
            )
        )

    # ------------------------------------------------------------
    # THE FIGURES IN SQL
    # ------------------------------------------------------------

    def _field_to_sql(self, alias, field_expr, query=None) -> SQL:
        if query is not None and field_expr in self._figure_fields():
            return getattr(self, f"_{field_expr}_sql")(alias, query)
        return super()._field_to_sql(alias, field_expr, query)

    @api.model
    def _figure_fields(self):
        """Return the fields without a column that have an expression all the same."""
        return {"amount_residual", "amount_blocked", "amount_to_collect", "days_late", "ageing"}

    def _amount_residual_sql(self, alias, query) -> SQL:
        """Return what is still owed: the residual of the journal item."""
        line_alias = query.make_alias(alias, "move_line_id")
        query.add_join(
            "LEFT JOIN",
            line_alias,
            "account_move_line",
            SQL(
                "%s = %s",
                SQL.identifier(line_alias, "id"),
                SQL.identifier(alias, "move_line_id"),
            ),
        )
        return SQL(
            """CASE WHEN %(state)s <> 'open' THEN 0
                    WHEN %(kind)s = 'manual'
                    THEN round(%(amount_company)s * (%(amount)s - COALESCE(%(paid)s, 0))
                               / NULLIF(%(amount)s, 0), (%(digits)s))
                    ELSE COALESCE(%(residual)s, 0) END""",
            state=self._field_to_sql(alias, "state", query),
            kind=self._field_to_sql(alias, "kind", query),
            amount=self._field_to_sql(alias, "amount", query),
            amount_company=self._field_to_sql(alias, "amount_company", query),
            paid=self._field_to_sql(alias, "amount_paid", query),
            digits=self._company_digits_sql(self._field_to_sql(alias, "company_id", query)),
            residual=SQL.identifier(
                line_alias,
                "amount_residual",
                to_flush=self.env["account.move.line"]._fields["amount_residual"],
            ),
        )

    def _amount_blocked_sql(self, alias, query) -> SQL:
        """Return the part nobody is to ask for today, capped by what is owed."""
        Block = self.env["collection.item.block"]
        return SQL(
            """LEAST(GREATEST(%(residual)s, 0), COALESCE((
                    SELECT sum(block.amount) FROM collection_item_block block
                     WHERE block.item_id = %(item)s AND block.active
                       AND (block.date_until IS NULL OR block.date_until >= %(today)s)), 0))""",
            residual=self._amount_residual_sql(alias, query),
            item=SQL.identifier(alias, "id"),
            today=self.env.company._collection_today(),
            to_flush=[
                Block._fields[name] for name in ("item_id", "amount", "active", "date_until")
            ],
        )

    def _amount_to_collect_sql(self, alias, query) -> SQL:
        """Return what is due by today, less what is blocked."""
        return SQL(
            "CASE WHEN %(side)s = 'debit' AND %(due)s <= %(today)s THEN %(residual)s - %(blocked)s"
            " ELSE 0 END",
            side=self._field_to_sql(alias, "side", query),
            due=self._field_to_sql(alias, "date_due", query),
            today=self.env.company._collection_today(),
            residual=self._amount_residual_sql(alias, query),
            blocked=self._amount_blocked_sql(alias, query),
        )

    def _days_late_sql(self, alias, query) -> SQL:
        """Return the days since the due date."""
        return SQL(
            "(%s - %s)",
            self.env.company._collection_today(),
            self._field_to_sql(alias, "date_due", query),
        )

    def _ageing_sql(self, alias, query) -> SQL:
        """Return the key of the ageing bucket."""
        late = self._days_late_sql(alias, query)
        cases = [
            SQL("WHEN %s <= %s THEN %s", late, boundary, str(index))
            for index, boundary in enumerate(DEFAULT_BOUNDARIES)
        ]
        return SQL("CASE %s ELSE %s END", SQL(" ").join(cases), str(len(DEFAULT_BOUNDARIES)))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_let_in(self):
        """Let rules put the items in cases again."""
        self._keep_out(False)

    def action_unblock(self):
        """Lift the blocks that people set; those of a payment or a promise stay."""
        blocks = self.block_ids.filtered(lambda block: not block.source_model)
        blocks.action_lift()

    def action_open_case(self):
        """Open the case the item is in."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "collection.case",
            "res_id": self.case_id.id,
            "views": [(False, "form")],
        }
