# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The charges of a customer: on its form, and as a panel and an alert of the customer screen."""

from odoo import api, models
from odoo.tools import SQL, format_amount

# charges the customer screen shows
CHARGES_SHOWN = 6
# what a state looks like on the screen
TONES = {
    "succeeded": "success",
    "failed": "danger",
    "returned": "danger",
    "needs_customer": "warning",
    "unknown": "warning",
    "cancelled": "secondary",
}


class CollectionProfile(models.Model):
    _name = "collection.profile"
    _inherit = ["collection.profile", "collection.charge.mixin"]

    @api.model
    def _charges_sql(self, ids=None) -> SQL:
        Item = self.env["collection.item"]
        if ids is None:
            return SQL(
                """
                SELECT item.profile_id AS owner_id, charged.attempt_id
                  FROM collection_item item
                  JOIN (%s) AS charged ON charged.item_id = item.id
                """,
                Item._charged_sql(),
            )
        return SQL(
            """
            SELECT item.profile_id AS owner_id, charged.attempt_id
              FROM collection_item item
        CROSS JOIN LATERAL (%s) AS charged
             WHERE item.profile_id = ANY(%s)
            """,
            Item._charges_of_sql(SQL("item.id")),
            ids,
        )

    def _items_to_charge(self):
        today = self.company_id._collection_today()
        return self.env["collection.item"].search([
            ("profile_id", "=", self.id),
            ("state", "=", "open"),
            ("side", "=", "debit"),
            ("date_due", "<=", today),
        ])

    # ------------------------------------------------------------
    # CUSTOMER SCREEN
    # ------------------------------------------------------------

    def _get_screen_panels(self):
        return [*super()._get_screen_panels(), ("charges", 72)]

    def _screen_rights(self):
        return {
            **super()._screen_rights(),
            "charge": self.env["payment.charge.screen"].has_access("create"),
        }

    def _screen_panel_charges(self):
        """Return the last charges of what the customer owes, the newest first."""
        charges = self._charges_of().get(self.id)
        if not charges:
            return False
        states = dict(charges._fields["state"]._description_selection(self.env))
        may_open = self.env["payment.charge.attempt"].has_access("read")
        return {
            "count": len(charges),
            "may_open": may_open,
            "charges": [
                {
                    "id": charge.id,
                    "name": charge.name,
                    "amount": charge.amount,
                    "currency_id": charge.currency_id.id,
                    "state": charge.state,
                    "state_label": states[charge.state],
                    "tone": TONES.get(charge.state, "info"),
                    "day": charge.planned_on if charge.state == "planned" else False,
                    "moment": charge.answered_on or charge.submitted_on or charge.create_date,
                    # whoever calls says which card it was, by its last digits
                    "way": charge.way_id.display_name or False,
                    "reason": charge.reason_id.name or False,
                    "advice": charge.advice,
                    "next": charge.next_text,
                }
                for charge in charges[:CHARGES_SHOWN]
            ],
        }

    def _screen_panel_alerts(self):
        alerts = super()._screen_panel_alerts()
        charges = self._charges_of().get(self.id, self.env["payment.charge.attempt"])
        under_way = charges.filtered(lambda charge: charge._blocks_items())
        if under_way:
            alerts.append({
                "key": "charging",
                "level": "info",
                "icon": "fa-credit-card",
                "title": self.env._(
                    "A charge of %s is under way",
                    format_amount(self.env, under_way[0].amount, under_way[0].currency_id),
                ),
                "text": under_way[0].previous_id.next_text
                or self.env._("What it is for is not to be asked for until it is over."),
                "filter": "blocked",
            })
        last = charges[:1]
        if last.state in {"failed", "returned", "needs_customer"} and not last.handled:
            states = dict(charges._fields["state"]._description_selection(self.env))
            alerts.append({
                "key": "charge",
                "level": "danger",
                "icon": "fa-credit-card",
                "title": self.env._(
                    "Charge of %(amount)s: %(state)s",
                    amount=format_amount(self.env, last.amount, last.currency_id),
                    state=states[last.state],
                ),
                "text": ". ".join(filter(None, [last.reason_id.name, last.advice])),
            })
        return alerts
