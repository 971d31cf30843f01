# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    collection_item_id = fields.Many2one(
        "collection.item",
        "Collected For",
        index="btree_not_null",
        ondelete="set null",
        domain=[("kind", "=", "manual")],
        copy=False,
        help="The amount without a document that this payment was collected for.",
    )

    # post-dated payments of one customer are looked for whenever something happens to it
    _collection_unmatched_index = models.Index("(partner_id) WHERE is_reconciled IS NOT TRUE")

    @api.model
    def _collection_touching_fields(self):
        """Return the names of the fields whose change is followed at once."""
        return {
            "state",
            "amount",
            "date",
            "partner_id",
            "currency_id",
            "payment_type",
            "partner_type",
            "journal_id",
            "collection_item_id",
        }

    @api.model_create_multi
    def create(self, vals_list):
        payments = super().create(vals_list)
        payments._collection_touch()
        return payments

    def write(self, vals):
        touching = not self._collection_touching_fields().isdisjoint(vals)
        if touching:
            self._collection_touch()
        result = super().write(vals)
        if touching:
            self._collection_touch()
        return result

    def unlink(self):
        self._collection_touch()
        return super().unlink()

    def _collection_touch(self):
        """Have the customers of these payments computed again before the commit."""
        # sudo: which customers have to be computed again, not shown to anybody
        partners = self.sudo().partner_id | self.sudo().collection_item_id.partner_id
        self.env["collection.cycle"]._touch_partners(partners.commercial_partner_id.ids)
