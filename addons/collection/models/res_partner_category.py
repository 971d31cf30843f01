# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import AccessError


class ResPartnerCategory(models.Model):
    _inherit = "res.partner.category"

    collection_debt_manager_id = fields.Many2one(
        "res.users",
        "Debt Manager",
        domain=[("is_debt_manager", "=", True)],
        help="Looks after the customers of this category that nobody looks after yet; what is "
        "set on the customer wins.",
    )
    collection_team_id = fields.Many2one(
        "collection.team",
        "Collection Team",
        help="Takes the customers of this category, unless the customer says otherwise.",
    )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_may_assign(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_may_assign(vals)
        result = super().write(vals)
        if vals.get("collection_debt_manager_id") or vals.get("collection_team_id"):
            # sudo: also the customers that whoever changes the category does not see
            self.env["collection.profile"].sudo().search([
                ("commercial_partner_id.category_id", "in", self.ids),
            ])._take_over_category()
        return result

    @api.model
    def _check_may_assign(self, vals):
        """Check that whoever names people in a category may give them customers.

        :raise AccessError: when the user may not
        """
        if (
            (vals.get("collection_debt_manager_id") or vals.get("collection_team_id"))
            and not self.env.su
            and not self.env.user.has_group("collection.group_team_leader")
        ):
            raise AccessError(
                self.env._("Only a team leader or collection manager gives customers to people.")
            )

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    @api.model
    def _collection_defaults(self, partner, company):
        """Return who looks after a customer by its category, as values of its profile.

        The category with the lowest id that names a debt manager or a team wins.
        """
        # sudo: the categories of a customer the user may read
        categories = partner.sudo().commercial_partner_id.category_id.sorted("id")
        category = categories.filtered(
            lambda category: category.collection_debt_manager_id or category.collection_team_id
        )[:1]
        team = category.collection_team_id
        if team.company_id and team.company_id != company:
            team = team.browse()
        return {"debt_manager_id": category.collection_debt_manager_id.id, "team_id": team.id}
