# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.payment_charge.models.payment_charge_transition import STATES


class CollectionChargeMixin(models.AbstractModel):
    """What the charges of a case, or of a customer, came to; and the way to charge.

    Whoever chases sees what the bank said without a role in charging, and which card it was by its
    last digits.
    """

    _name = "collection.charge.mixin"
    _description = "Charges in Collections"

    charge_count = fields.Integer(
        "Charges", compute="_compute_charge", help="Charges of what is owed."
    )
    charge_state = fields.Selection(
        STATES,
        "Last Charge",
        compute="_compute_charge",
        search="_search_charge_state",
        help="What became of the last charge of what is owed.",
    )
    charge_currency_id = fields.Many2one(
        "res.currency", "Currency of the Charge", compute="_compute_charge"
    )
    charge_amount = fields.Monetary(
        "Charged Amount", compute="_compute_charge", currency_field="charge_currency_id"
    )
    charge_way = fields.Char(
        "Charged By",
        compute="_compute_charge",
        help="The card or account that was charged, by its last digits.",
    )
    charge_reason = fields.Char(
        "Why It Failed", compute="_compute_charge", help="What the bank or provider said."
    )
    charge_advice = fields.Char(
        "What to Do", compute="_compute_charge", help="What helps with such a failure."
    )
    charge_next = fields.Char(
        "What Follows",
        compute="_compute_charge",
        help="Whether the charge is tried again, and when.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    def _compute_charge(self):
        charges = self._charges_of()
        for record in self:
            own = charges.get(record.id, self.env["payment.charge.attempt"])
            last = own[:1]
            # the try that waits has no reason of its own yet
            told = last.previous_id if last.state == "planned" and last.previous_id else last
            record.charge_count = len(own)
            record.charge_state = last.state
            record.charge_currency_id = last.currency_id
            record.charge_amount = last.amount
            record.charge_way = last.way_id.display_name
            record.charge_reason = told.reason_id.name
            record.charge_advice = told.advice
            record.charge_next = told.next_text

    @api.model
    def _search_charge_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        states = [state for state in value if state]
        found = Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                """%s IN (SELECT last_charge.owner_id
                            FROM (SELECT DISTINCT ON (charge.owner_id)
                                         charge.owner_id, attempt.state
                                    FROM (%s) AS charge
                                    JOIN payment_charge_attempt attempt
                                      ON attempt.id = charge.attempt_id
                                ORDER BY charge.owner_id, attempt.id DESC) AS last_charge
                           WHERE last_charge.state = ANY(%s))""",
                SQL.identifier(alias, "id"),
                self._charges_sql(),
                states,
            )
        )
        if False not in value:
            return found
        none = Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s NOT IN (SELECT charge.owner_id FROM (%s) AS charge)",
                SQL.identifier(alias, "id"),
                self._charges_sql(),
            )
        )
        return found | none

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_charge(self):
        """Open the charging screen with what is due already picked; for several, a batch of it.

        Where only amounts without a document are due, open these: they are charged again there, so
        that the money counts for the same amount.
        """
        screen = self.env["payment.charge.screen"].with_company(self.company_id[:1])
        if len(self) == 1:
            partner = self.partner_id.commercial_partner_id
            documents = self._documents_to_charge()
            if not documents and (amounts := self._amounts_to_charge_again()):
                self.env["payment.charge.attempt"]._check_operator()
                return amounts._get_records_action(name=self.env._("Amounts to Charge Again"))
            return screen._open(partner=partner, documents=documents)
        documents = self.env["account.move"].union(
            *(record._documents_to_charge() for record in self)
        )
        if not documents:
            raise UserError(self.env._("Nothing is due that is not being charged already."))
        return screen._open(partner=documents.commercial_partner_id, documents=documents)

    def action_open_charges(self):
        """List the charges of what is owed."""
        self.ensure_one()
        charges = self._charges_of().get(self.id, self.env["payment.charge.attempt"])
        action = self.env["ir.actions.act_window"]._for_xml_id("payment_charge.action_attempt")
        action["domain"] = [("id", "in", charges.ids)]
        action["context"] = {"create": False}
        return action

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    @api.model
    def _charges_sql(self, ids=None) -> SQL:
        """Return the statement of the charges of records: ``owner_id`` and ``attempt_id``.

        :param ids: only of these records; of all when ``None``
        """
        raise NotImplementedError

    def _charges_of(self):
        """Return {record id: its charges, the newest first}."""
        Attempt = self.env["payment.charge.attempt"]
        Attempt.flush_model()
        self.env["payment.charge.document"].flush_model()
        self.env["collection.item"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT charge.owner_id, array_agg(DISTINCT charge.attempt_id)
                  FROM (%s) AS charge
              GROUP BY charge.owner_id
                """,
                self._charges_sql(self.ids),
            )
        )
        # sudo: whoever works on the case sees what became of its charges
        every = Attempt.sudo().browse([row_id for _owner, ids in rows for row_id in ids])
        return {owner: every.browse(sorted(ids, reverse=True)) for owner, ids in rows}

    def _items_to_charge(self):
        """Return the open items of which the charging screen may pick the documents."""
        raise NotImplementedError

    def _items_due_to_charge(self):
        """Return the items of :meth:`_items_to_charge` that are owed and due by today."""
        today = self.company_id._collection_today()
        return self._items_to_charge().filtered(
            lambda item: (
                item.state == "open"
                and item.side == "debit"
                and item.date_due
                and item.date_due <= today
                and item.amount_residual > 0
            )
        )

    def _amounts_to_charge_again(self):
        """Return the due amounts without a document that no charge is under way for."""
        amounts = self._items_due_to_charge().filtered("charge_attempt_id")
        # sudo: a charge counts, whether the user sees it or not
        return amounts.filtered(
            lambda item: not item.sudo().block_ids.filtered(lambda block: block.kind == "charge")
        )

    def _documents_to_charge(self):
        """Return the documents due by today that no charge is under way for, in one currency.

        One charge is in one currency: the company's if something is due in it, else that of what
        has been due for longest.
        """
        due = self._items_due_to_charge()
        documents = due.sorted("date_due").move_id.filtered(
            lambda move: (
                move.is_sale_document(include_receipts=True)
                # sudo: a charge counts, whether the user sees it or not
                and not move.sudo()._charge_live()
            )
        )
        own = documents.filtered(lambda move: move.currency_id == self.company_id.currency_id)
        return own or documents.filtered(lambda move: move.currency_id == documents[0].currency_id)
