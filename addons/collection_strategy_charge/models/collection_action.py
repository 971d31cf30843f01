# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Charging because a rule says so."""

from odoo import api, fields, models


class CollectionAction(models.Model):
    _inherit = "collection.action"

    kind = fields.Selection(
        selection_add=[("charge", "Charge"), ("escalate",)], ondelete={"charge": "cascade"}
    )

    @api.model
    def _action_kinds(self):
        return {**super()._action_kinds(), "charge": "_execute_charge"}

    def _execute_charge(self, rule):
        """Plan a charge of the items, by the customer's first way; the job of charging sends it.

        The charges are planned in the transaction that marks the actions as done, each under a
        key of its own: whatever is killed and begun anew plans a charge once. Nothing to charge
        is no failure: the reason of the step has gone.
        """
        ways = self.env["payment.charge.way"]._lists_of(self.partner_id.commercial_partner_id)
        wanted, hindered, idle = {}, {}, self.browse()
        for action in self:
            documents = action._documents_of_charge()
            hindrance = action._charge_hindrance(documents, ways)
            if not documents:
                idle |= action
            elif hindrance:
                hindered.setdefault(hindrance, self.browse())
                hindered[hindrance] |= action
            else:
                wanted[action] = action._charge_values(documents, ways)
        idle._set_state(
            "gone",
            self.env._("Nothing is owed that is not being charged or paid already."),
            cause="rule",
        )
        for hindrance, actions in hindered.items():
            actions._set_state("failed", hindrance, cause="rule")
        done = self.browse().union(*wanted)
        # first: what is being charged is blocked at once, and takes the reason of open steps away
        done._set_state("done", cause="rule")
        self.env["payment.charge.attempt"]._plan([
            vals for values in wanted.values() for vals in values
        ])
        if done:
            # sudo: the job may be woken by whoever lets the run work
            self.env.ref("payment_charge.cron_submit").sudo()._trigger()
        return done

    def _documents_of_charge(self):
        """Return the documents of the action that are owed and not being charged."""
        self.ensure_one()
        items = self.item_ids or self.profile_id._items_to_charge()
        owed = items.filtered(
            lambda item: item.state == "open" and item.side == "debit" and item.amount_residual > 0
        )
        return owed.sorted("date_due").move_id.filtered(
            lambda move: (
                move.is_sale_document(include_receipts=True) and not move._charge_obstacle()
            )
        )

    def _charge_hindrance(self, documents, ways=None):
        """Return in words why the customer cannot be charged; nothing where it can.

        :param ways: for many actions, what ``payment.charge.way._lists_of`` said of the customers
        """
        self.ensure_one()
        if self._is_charging_off():
            return self.env._("The customer is not charged now.")
        for currency in documents.currency_id:
            if not self._charge_way(currency, ways):
                return self.env._("The customer has no way to be charged in %s.", currency.name)
        return ""

    def _is_charging_off(self):
        """Return whether somebody has said that the customer is not charged."""
        self.ensure_one()
        partner = self.partner_id.commercial_partner_id.with_company(self.company_id)
        # sudo: what binds everybody, whoever lets the run work
        return partner.sudo().charge_hold

    def _charge_way(self, currency, ways=None):
        """Return the customer's first way in force that can be charged in a currency."""
        own = self.partner_id.commercial_partner_id._charge_ways(self.company_id, lists=ways)
        return own.filtered(lambda way: not way._charge_in_currency(currency))[:1]

    def _charge_values(self, documents, ways=None):
        """Return the values of one charge per currency."""
        self.ensure_one()
        return [
            {
                "invoice_ids": moves,
                "way_id": self._charge_way(currency, ways).id,
                "source": self,
                "key": f"collection.action/{self.id}/{currency.name}",
            }
            for currency, moves in documents.grouped("currency_id").items()
        ]

    # ------------------------------------------------------------
    # A CHARGE THAT FAILED IS WORK
    # ------------------------------------------------------------

    def _failure_help(self):
        """Return in words what helps against the failure of a step, as things stand now."""
        if self.kind != "charge":
            return super()._failure_help()
        documents = self._documents_of_charge()
        if not documents:
            return self.env._(
                "Nothing is owed any more that is not being charged or paid: mark it as done."
            )
        if self._is_charging_off():
            return self.env._(
                "Somebody has set “No Charges” at the customer. Agree on another way to pay, or "
                "have charges allowed again and try again."
            )
        if self._charge_hindrance(documents):
            return self.env._(
                "Ask the customer for a card or account that can be charged, then try again; or "
                "agree on another way to pay."
            )
        return self.env._("Nothing stands in the way any more: try again.")
