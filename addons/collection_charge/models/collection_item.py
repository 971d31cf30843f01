# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class CollectionItem(models.Model):
    """An amount without a document may be owed because its charge brought nothing."""

    _inherit = "collection.item"

    charge_attempt_id = fields.Many2one(
        "payment.charge.attempt",
        "Charge",
        readonly=True,
        help="The first charge of an amount without a document. Further tries, and further charges "
        "of the same period, count for the same item.",
    )
    charge_ended = fields.Selection(
        [
            ("document", "Its document was issued"),
            ("source", "Nothing is owed any more"),
            ("handled", "The charge was dealt with"),
        ],
        "Why It Is Not Owed",
        readonly=True,
        help="Why the amount of a charge is not collected any more although the charge brought "
        "nothing.",
    )

    _charge_uniq = models.UniqueIndex(
        "(charge_attempt_id) WHERE charge_attempt_id IS NOT NULL",
        "The amount of a charge is owed once.",
    )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def _has_field_access(self, field, operation):
        if (
            operation == "write"
            and field.name == "amount"
            and not self.env.su
            # sudo: what a charge was for is not changed here, whoever may see the charge
            and any(item.charge_attempt_id for item in self.sudo())
        ):
            return False
        return super()._has_field_access(field, operation)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_charge_again(self):
        """Charge the amount once more: what it brings counts for this item."""
        self.ensure_one()
        Attempt = self.env["payment.charge.attempt"]
        Attempt._check_operator()
        self.check_access("read")
        # sudo: checked above; charging reads cards and writes entries
        last = self.sudo()._charges_of_amounts()
        if self.state != "open" or not last:
            raise UserError(self.env._("%s is not owed any more.", self.display_name))
        if last.state == "failed":
            return last.sudo(False).action_try_again()
        if last.state not in {"returned", "cancelled"}:
            raise UserError(
                self.env._(
                    "%(what)s cannot be charged again: charge %(charge)s is not over.",
                    what=self.display_name,
                    charge=last.name,
                )
            )
        again = last._plan_next(last._usable_way(), last.company_id._charge_today())
        again.planned_on = False
        again._submit()
        return again.sudo(False)._get_records_action(name=self.env._("Tried Again"))

    def action_open_charges(self):
        """List the charges of the amount."""
        self.ensure_one()
        rows = self.env.execute_query(self._charges_of_sql(SQL("%s", self.id)))
        action = self.env["ir.actions.act_window"]._for_xml_id("payment_charge.action_attempt")
        action["domain"] = [("id", "in", [attempt_id for (attempt_id,) in rows])]
        action["context"] = {"create": False}
        return action

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _charges_of_amounts(self):
        """Return the last charge of each of these amounts without a document."""
        if not self:
            return self.env["payment.charge.attempt"]
        self.env["payment.charge.attempt"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT max(charged.attempt_id)
                  FROM collection_item item
            CROSS JOIN LATERAL (%s) AS charged
                 WHERE item.id = ANY(%s)
              GROUP BY item.id
                """,
                self._charges_of_sql(SQL("item.id")),
                self.ids,
            )
        )
        return self.env["payment.charge.attempt"].browse(sorted(row_id for (row_id,) in rows))

    def _charge_ended_text(self, documents):
        """Return what the history of a case says when the amount of a charge is not owed any more.

        :param documents: what is owed instead
        """
        self.ensure_one()
        amount = self.currency_id.format(self.amount)
        if self.charge_ended == "document":
            return self.env._(
                "%(amount)s for %(what)s is owed by %(documents)s from now on.",
                amount=amount,
                what=self.display_name,
                documents=", ".join(documents.mapped("display_name")),
            )
        whys = dict(self._fields["charge_ended"]._description_selection(self.env))
        return self.env._(
            "%(amount)s for %(what)s is not asked for any more: %(why)s.",
            amount=amount,
            what=self.display_name,
            why=whys[self.charge_ended],
        )

    @api.model
    def _charges_of_sql(self, item: SQL) -> SQL:
        """Return the statement of the charges (``attempt_id``) that were for one item.

        :param SQL item: the id of the item
        """
        return SQL(
            """
            SELECT attempt.id AS attempt_id
              FROM collection_item charged_item
              JOIN payment_charge_document document ON document.move_id = charged_item.move_id
              JOIN payment_charge_attempt attempt ON attempt.id = document.attempt_id
             WHERE charged_item.id = %(item)s AND attempt.operation = 'charge'
             UNION ALL
            SELECT attempt.id
              FROM collection_item charged_item
        CROSS JOIN LATERAL (%(same)s) AS same
              JOIN payment_charge_attempt attempt ON attempt.id = same.id
             WHERE charged_item.id = %(item)s
               AND charged_item.charge_attempt_id IS NOT NULL
               AND attempt.operation = 'charge'
            """,
            item=item,
            same=self.env["payment.charge.attempt"]._same_debt_sql(
                SQL("charged_item.charge_attempt_id")
            ),
        )

    @api.model
    def _charged_sql(self, condition: SQL | None = None) -> SQL:
        """Return the statement of which charge is, or was, for which item.

        Columns: ``item_id`` and ``attempt_id``.

        :param condition: on the charge, which is the alias ``attempt``; a statement of all charges
            goes the other way, from the few amounts without a document to their charges
        """
        Attempt = self.env["payment.charge.attempt"]
        return SQL(
            """
            SELECT item.id AS item_id, attempt.id AS attempt_id
              FROM payment_charge_attempt attempt
              JOIN payment_charge_document document ON document.attempt_id = attempt.id
              JOIN collection_item item ON item.move_id = document.move_id
             WHERE attempt.operation = 'charge' AND %(condition)s
             UNION ALL
            SELECT item.id, attempt.id
              FROM %(amounts)s
             WHERE attempt.operation = 'charge' AND %(condition)s
            """,
            condition=condition or SQL("TRUE"),
            amounts=SQL(
                """
                collection_item item
          CROSS JOIN LATERAL (%s) AS same
                JOIN payment_charge_attempt attempt
                  ON attempt.id = same.id AND item.charge_attempt_id IS NOT NULL
                """,
                Attempt._same_debt_sql(SQL("item.charge_attempt_id")),
            )
            if condition is None
            else SQL(
                """
                payment_charge_attempt attempt
                JOIN collection_item item ON item.charge_attempt_id = %s
                """,
                Attempt._debt_first_sql("attempt"),
            ),
        )
