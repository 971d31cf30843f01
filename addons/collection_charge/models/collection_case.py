# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from markupsafe import Markup

from odoo import api, models
from odoo.tools import SQL


class CollectionCase(models.Model):
    _name = "collection.case"
    _inherit = ["collection.case", "collection.charge.mixin"]

    # ------------------------------------------------------------
    # CHARGES OF THE CASE
    # ------------------------------------------------------------

    @api.model
    def _charges_sql(self, ids=None) -> SQL:
        Item = self.env["collection.item"]
        if ids is None:
            return SQL(
                """
                SELECT membership.case_id AS owner_id, charged.attempt_id
                  FROM collection_case_item membership
                  JOIN (%s) AS charged ON charged.item_id = membership.item_id
                """,
                Item._charged_sql(),
            )
        return SQL(
            """
            SELECT membership.case_id AS owner_id, charged.attempt_id
              FROM collection_case_item membership
        CROSS JOIN LATERAL (%s) AS charged
             WHERE membership.case_id = ANY(%s)
            """,
            Item._charges_of_sql(SQL("membership.item_id")),
            ids,
        )

    def _items_to_charge(self):
        return self.open_item_ids

    # ------------------------------------------------------------
    # WHAT BROUGHT NOTHING
    # ------------------------------------------------------------

    @api.model
    def _follow_charges(self, attempts):
        """Put the items of charges that brought nothing in cases, and tell these why.

        Items whose charge is tried again, and so are blocked, join the case that is open; for
        the others one is opened, however few days they are late and however little they come to.
        Whatever else keeps an item out of cases, such as a hold on the customer, does so here.

        :param attempts: charges that failed, were returned, wait for the customer or were given up
        """
        items_of = attempts._collection_items()
        items = self.env["collection.item"].union(*items_of.values())
        self._take_in_charged(items.filtered(lambda item: not item.case_id))
        self._tell_charges(items_of)

    def _take_in_charged(self, items):
        """Put items of charges that brought nothing in a case."""
        if not items:
            return
        self.env["collection.profile"]._claim(SQL("id = ANY(%s)", items.profile_id.ids))
        against = items._reasons_against_case()
        waiting = items.block_ids.filtered(
            lambda block: block.kind == "charge" and block.active
        ).item_id
        to_open = (items - waiting).filtered(
            lambda item: {"not_late", "below_minimum"}.issuperset(against[item])
        )
        self._open_for(to_open.profile_id, to_open)
        to_feed = waiting.filtered(
            lambda item: {"not_late", "below_minimum", "blocked"}.issuperset(against[item])
        )
        case_of = {
            case.profile_id: case
            for case in self.search([
                ("profile_id", "in", to_feed.profile_id.ids),
                ("origin", "=", "auto"),
                ("kind", "=", "overdue"),
                ("state", "!=", "completed"),
            ])
        }
        joining = {item: case_of[item.profile_id] for item in to_feed if item.profile_id in case_of}
        if joining:
            self._join_items(joining)

    def _tell_charges(self, items_of):
        """Write in the history of the cases what became of the charges of their items.

        :param dict items_of: charge → items
        """
        texts = {}
        for attempt, items in items_of.items():
            for case in items.case_id:
                texts.setdefault(case, []).append(attempt._collection_text())
        self._tell(texts)

    @api.model
    def _tell(self, texts):
        """Write lines in the history of cases.

        :param dict texts: case → lines
        """
        bodies = {case.id: Markup("<br/>").join(lines) for case, lines in texts.items()}
        self.union(*texts)._message_log_batch(bodies)
