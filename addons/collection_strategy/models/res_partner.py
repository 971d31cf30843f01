# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.collection.models.res_partner import COLLECTION_GROUPS

from .collection_rule_condition import CREDIT_CLASSES

# field of the partner → field of its profile in the current company
CHOSEN_FIELDS = {
    "collection_strategy_override_id": "strategy_override_id",
    "collection_credit_class": "credit_class",
}


class ResPartner(models.Model):
    _inherit = "res.partner"

    collection_strategy_id = fields.Many2one(
        "collection.strategy",
        "Strategy",
        groups=COLLECTION_GROUPS,
        compute="_compute_collection_strategy",
        help="The strategy the customer follows, as of the last run.",
    )
    collection_score = fields.Integer(
        "Score",
        groups=COLLECTION_GROUPS,
        compute="_compute_collection_strategy",
        help="How urgent the customer is: the points of all rules that are met.",
    )
    collection_strategy_override_id = fields.Many2one(
        "collection.strategy",
        "Strategy by Hand",
        groups=COLLECTION_GROUPS,
        compute="_compute_collection_strategy",
        inverse="_inverse_collection_strategy",
        help="Follow this strategy, whatever the conditions of the strategies say.",
    )
    collection_credit_class = fields.Selection(
        CREDIT_CLASSES,
        "Credit Class",
        groups=COLLECTION_GROUPS,
        compute="_compute_collection_strategy",
        inverse="_inverse_collection_strategy",
        help="How far the customer is trusted.",
    )

    @api.depends_context("company")
    def _compute_collection_strategy(self):
        profiles = self._collection_profiles()
        for partner in self:
            profile = profiles.get(partner._origin.id, self.env["collection.profile"])
            partner.collection_strategy_id = profile.strategy_id
            partner.collection_score = profile.score
            partner.collection_strategy_override_id = profile.strategy_override_id
            partner.collection_credit_class = profile.credit_class

    def _inverse_collection_strategy(self):
        if not self.env["collection.profile"].has_access("write"):
            raise UserError(
                self.env._("Only people of the collection team change a customer's settings.")
            )
        # read before anything is created: it would be computed anew
        wanted = {
            partner: {
                name: self._fields[own].convert_to_write(partner[own], partner)
                for own, name in CHOSEN_FIELDS.items()
            }
            for partner in self
        }
        profiles = self.env["collection.profile"]._get_or_create(self.env.company, self)
        for profile in profiles:
            changed = {
                name: value
                for name, value in wanted[profile.partner_id].items()
                if profile._fields[name].convert_to_write(profile[name], profile) != value
            }
            if changed:
                profile.write(changed)
