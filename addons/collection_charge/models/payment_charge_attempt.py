# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.payment_charge.models.payment_charge_attempt import LIVE

# what decides whether the items of a charge are blocked, and by how much
BLOCKING_FIELDS = frozenset({"state", "finished", "handled", "amount"})


class PaymentChargeAttempt(models.Model):
    """Has collections know at once when a charge begins and when it is over.

    Nothing is written to collections from here: the customer is only noted, and the steps of the
    cycle do the rest before the commit, where a failure of theirs cannot hurt the charge.
    """

    _inherit = "payment.charge.attempt"

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        attempts = super().create(vals_list)
        attempts.filtered(lambda attempt: attempt._blocks_items())._touch_collection()
        return attempts

    def write(self, vals):
        if BLOCKING_FIELDS.isdisjoint(vals):
            return super().write(vals)
        before = {attempt: attempt._collection_standing() for attempt in self}
        result = super().write(vals)
        changed = self.filtered(lambda attempt: attempt._collection_standing() != before[attempt])
        changed._touch_collection()
        return result

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _blocks_items(self):
        """Return whether nobody is to ask for the charge's documents; see :meth:`_blocking_sql`."""
        self.ensure_one()
        undecided = not self.finished and not self.handled and self.state != "cancelled"
        return self.operation == "charge" and (self.state in LIVE or undecided)

    def _collection_standing(self):
        """Return what collections have to know at once when it changes."""
        self.ensure_one()
        blocked = self.amount if self._blocks_items() else 0.0
        return blocked, self.operation == "charge" and self.handled

    @api.model
    def _blocking_sql(self) -> SQL:
        """Return the condition "nobody is to ask for it" over the table alias ``attempt``.

        A charge blocks its documents from the day it is planned until it is over, and then until
        it is booked and decided whether it is tried again, unless a person has dealt with it.
        """
        return SQL(
            """
            (attempt.operation = 'charge'
             AND (attempt.state = ANY(%s)
                  OR attempt.finished IS NOT TRUE AND attempt.handled IS NOT TRUE
                     AND attempt.state <> 'cancelled'))
            """,
            list(LIVE),
        )

    # ------------------------------------------------------------
    # AMOUNTS WITHOUT A DOCUMENT
    # ------------------------------------------------------------

    @api.model
    def _debt_first_sql(self, alias) -> SQL:
        """Return the id of the first charge of the same amount: what its item is known by.

        :param str alias: the alias of a charge
        """
        return SQL(
            "COALESCE(%s, %s)", SQL.identifier(alias, "first_id"), SQL.identifier(alias, "id")
        )

    @api.model
    def _same_debt_sql(self, first: SQL) -> SQL:
        """Return the statement of the ``id`` of all charges of the amount, tries and refunds.

        Add-ons whose records ask for the same amount by several charges extend this and
        :meth:`_debt_first_sql`.

        :param SQL first: the id of the first charge
        """
        return SQL(
            """
            SELECT one.id FROM payment_charge_attempt one WHERE one.id = %(first)s
             UNION
            SELECT one.id FROM payment_charge_attempt one WHERE one.first_id = %(first)s
            """,
            first=first,
        )

    @api.model
    def _debt_documents_sql(self, first: SQL) -> SQL:
        """Return the statement of the ids of documents that ask for the amount.

        Where there is one, it is the debt, and the amount is not owed beside it.
        """
        return SQL(
            """
            SELECT document.move_id
              FROM (%s) AS same
              JOIN payment_charge_document document ON document.attempt_id = same.id
            """,
            self._same_debt_sql(first),
        )

    @api.model
    def _debt_payments_sql(self, first: SQL) -> SQL:
        """Return the statement of what was collected for the amount: ``payment_id``."""
        return SQL(
            """
            SELECT charged.payment_id
              FROM (%s) AS same
              JOIN payment_charge_attempt charged ON charged.id = same.id
             WHERE charged.operation = 'charge' AND charged.payment_id IS NOT NULL
            """,
            self._same_debt_sql(first),
        )

    @api.model
    def _debt_amount_sql(self, first: SQL) -> SQL:
        """Return the statement of how much was owed from the start, paid or not.

        NULL: as much as is charged.
        """
        return SQL("SELECT NULL::numeric")

    @api.model
    def _debt_owed_sql(self, first: SQL) -> SQL:
        """Return the statement of what whatever asked for the charge says is owed now.

        Nothing more than 0 means that it asks for nothing any more; NULL that it cannot say.
        """
        return SQL("SELECT NULL::numeric")

    @api.model
    def _debt_partner_sql(self, first: SQL) -> SQL:
        """Return the statement of the id of the partner that owes the amount."""
        return SQL("SELECT one.partner_id FROM payment_charge_attempt one WHERE one.id = %s", first)

    def _debt_names(self):
        """Return {charge: what its amount is for}, in the customer's language."""
        sources = {}
        for model, attempts in self.filtered("res_model").grouped("res_model").items():
            if model in self.env:
                # sudo: what the customer is charged for is told to whoever asks for it
                records = self.env[model].sudo().browse(set(attempts.mapped("res_id"))).exists()
                sources.update(((model, record.id), record) for record in records)
        names = {}
        for attempt in self:
            lang = attempt.partner_id.lang or self.env.lang
            source = sources.get((attempt.res_model, attempt.res_id))
            names[attempt] = (
                source.with_context(lang=lang).display_name
                if source
                else attempt.with_context(lang=lang).env._("Charge %s", attempt.name)
            )
        return names

    # ------------------------------------------------------------
    # WHAT COLLECTIONS DO
    # ------------------------------------------------------------

    def _collection_items(self):
        """Return {charge: what is owed of what it was for}."""
        rows = self.env.execute_query(
            SQL(
                "SELECT charged.attempt_id, charged.item_id FROM (%s) AS charged",
                self.env["collection.item"]._charged_sql(SQL("attempt.id = ANY(%s)", self.ids)),
            )
        )
        owed = (
            self
            .env["collection.item"]
            .search([
                ("id", "in", [item_id for _attempt_id, item_id in rows]),
                ("state", "=", "open"),
                ("side", "=", "debit"),
            ])
            .filtered(lambda item: item.amount_residual > 0)
        )
        owed_ids = set(owed.ids)
        ids = {attempt.id: [] for attempt in self}
        for attempt_id, item_id in rows:
            if item_id in owed_ids:
                ids[attempt_id].append(item_id)
        return {attempt: owed.browse(ids[attempt.id]) for attempt in self}

    def _touch_collection(self):
        """Have the customers of these charges computed again before the commit."""
        self.env["collection.cycle"]._touch_partners(self.partner_id.ids)

    def _collection_text(self):
        """Return what the history of a case says about the charge."""
        self.ensure_one()
        text = self._outcome_text()
        if self.advice:
            text += ". " + self.env._("What to do: %s", self.advice)
        return text
