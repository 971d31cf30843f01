# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The number of statements does not depend on the number of customers."""

from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.collection.models.collection_cycle_step import CycleScope

from .strategy_common import StrategyCommon

STEPS = ("strategy", "score", "actions")


@tagged("post_install", "-at_install")
class TestSpeed(StrategyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        debtor = cls.env["res.partner"].create({"name": "Debtor", "is_company": True})
        profile = cls.env["collection.profile"]._get_or_create(cls.company, debtor)
        cls.template_item = (
            cls
            .env["collection.item"]
            .sudo()
            .create({
                "company_id": cls.company.id,
                "profile_id": profile.id,
                "kind": "manual",
                "description": "An advance",
                "amount": 100,
                "amount_company": 100,
                "date_maturity": cls.days(-30),
                "document_date": cls.days(-30),
            })
        )
        cls.at_once()

    def copies(self, record, count, values):
        """Copy the row of a record ``count`` times by SQL, with some values of its own.

        :param dict values: expressions over the number ``n``, by column
        :return: the first of the new ids, which follow each other
        """
        table = SQL.identifier(record._table)
        columns = [
            name
            for name, field in record._fields.items()
            if field.store and field.column_type and name != "id"
        ]
        [(last,)] = self.env.execute_query(SQL("SELECT max(id) FROM %s", table))
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO %(table)s (id, %(columns)s)
                SELECT %(last)s + n, %(values)s
                  FROM %(table)s AS template, generate_series(1, %(count)s) AS n
                 WHERE template.id = %(id)s
                """,
                table=table,
                columns=SQL(", ").join(SQL.identifier(name) for name in columns),
                values=SQL(", ").join(
                    values.get(name, SQL.identifier("template", name)) for name in columns
                ),
                last=last,
                count=count,
                id=record.id,
            )
        )
        self.env.cr.execute(
            SQL(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)",
                record._table,
                last + count,
            )
        )
        self.env.cr.execute(SQL("ANALYZE %s", table))
        return last + 1

    def fill(self, count):
        """Add customers that owe an amount without a document each.

        :return: the scope that holds them
        """
        self.env.flush_all()
        partner = self.copies(
            self.template_item.partner_id,
            count,
            {"commercial_partner_id": SQL("(SELECT max(id) FROM res_partner) + n")},
        )
        profile = self.copies(
            self.template_item.profile_id,
            count,
            {
                "partner_id": SQL("%s + n", partner - 1),
                "commercial_partner_id": SQL("%s + n", partner - 1),
            },
        )
        self.copies(self.template_item, count, {"profile_id": SQL("%s + n", profile - 1)})
        self.env.invalidate_all()
        return CycleScope(self.company.id, self.today, first=partner, last=partner + count - 1)

    def plan(self, scope):
        """Run the steps of the strategies as at night; return how many statements they took."""
        self.env.invalidate_all()
        count = 0
        cycle = self.env["collection.cycle"]
        cycle._tune_transaction()
        for step in STEPS:
            # as the cycle does before each step
            cycle._refresh_statistics()
            before = self.env.cr.sql_log_count
            self.env[f"collection.cycle.step.{step}"].with_context(collection_plan=True)._apply(
                scope
            )
            count += self.env.cr.sql_log_count - before
        return count

    def planned_in(self, scope):
        return self.env["collection.action"].search_count([
            ("profile_id.commercial_partner_id", ">=", scope.first),
            ("profile_id.commercial_partner_id", "<=", scope.last),
            ("state", "=", "planned"),
        ])

    def test_as_many_statements_for_ten_thousand_customers_as_for_a_hundred(self):
        self.rule(reason="{days} days late")
        self.rule(action="call", domain="[('profile_id.partner_id.active', '=', True)]")
        self.rule(action="escalate", applies_to="profile", amount_kind="overdue", amount_min=50)
        self.points(10, no_contact_days=10)
        self.points(5, first_late=True)
        few, many = self.fill(100), self.fill(10_000)
        self.plan(few)
        self.env.cr.execute("DELETE FROM collection_action")
        counts = {}
        for name, scope in (("few", few), ("many", many)):
            counts[name] = [self.plan(scope)]
            self.assertEqual(
                self.planned_in(scope), 3 * (100 if scope is few else 10_000), "all are planned"
            )
            # once more, with what is planned already
            counts[name].append(self.plan(scope))
        self.assertEqual(counts["few"], counts["many"])
        self.assertLess(counts["many"][0], 60)
