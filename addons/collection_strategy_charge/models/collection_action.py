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
        key of its own: whatever is killed and begun anew plans a charge once.
        """
        wanted = {}
        for action in self:
            documents = action._documents_of_charge()
            hindrance = action._charge_hindrance(documents)
            if hindrance:
                action._set_state("failed", hindrance, cause="rule")
            else:
                wanted[action] = action._charge_values(documents)
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

    def _charge_hindrance(self, documents):
        """Return in words why the customer cannot be charged; nothing where it can."""
        self.ensure_one()
        partner = self.partner_id.commercial_partner_id.with_company(self.company_id)
        if not documents:
            return self.env._("Nothing is owed that is not being charged or paid already.")
        # sudo: what binds everybody, whoever lets the run work
        if partner.sudo().charge_hold:
            return self.env._("The customer is not charged now.")
        for currency in documents.currency_id:
            if not self._charge_way(currency):
                return self.env._("The customer has no way to be charged in %s.", currency.name)
        return ""

    def _charge_way(self, currency):
        """Return the customer's first way in force that can be charged in a currency."""
        partner = self.partner_id.commercial_partner_id
        ways = partner._charge_ways(self.company_id)
        return ways.filtered(lambda way: not way._charge_in_currency(currency))[:1]

    def _charge_values(self, documents):
        """Return the values of one charge per currency."""
        self.ensure_one()
        return [
            {
                "invoice_ids": moves,
                "way_id": self._charge_way(currency).id,
                "source": self,
                "key": f"collection.action/{self.id}/{currency.name}",
            }
            for currency, moves in documents.grouped("currency_id").items()
        ]
