# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..core.gate import Policy


class CollectionGatePolicy(models.Model):
    """Limits on contacting customers: allowed hours, caps, rest. All that apply must be kept."""

    _name = "collection.gate.policy"
    _description = "Contact Policy"
    _order = "sequence, id"

    name = fields.Char("Name", required=True, translate=True)
    sequence = fields.Integer("Sequence", default=10)
    active = fields.Boolean("Active", default=True, help="An archived policy limits nothing.")
    company_id = fields.Many2one(
        "res.company",
        "Company",
        ondelete="cascade",
        index="btree_not_null",
        help="Empty: the policy applies in all companies.",
    )
    country_ids = fields.Many2many(
        "res.country",
        string="Countries",
        help="Applies to people in these countries. Empty: everywhere.",
    )
    note = fields.Text("Source", translate=True, help="The law or decision the policy follows.")
    window_ids = fields.One2many(
        "collection.gate.window",
        "policy_id",
        "Allowed Hours",
        copy=True,
        help="In the time zone of the person. Without a line every hour is allowed; with lines, "
        "days that have none are quiet.",
    )
    cap_ids = fields.One2many(
        "collection.gate.cap",
        "policy_id",
        "Caps",
        copy=True,
        help="How many contacts, by hand or automatic, are allowed within some days.",
    )
    first_days = fields.Integer(
        "None in the First Days",
        help="No contact while the oldest overdue item is at most so many days late.",
    )
    rest_days = fields.Integer(
        "Rest After a Conversation",
        help="No contact with a person for so many days after one has spoken with them.",
    )

    _days_not_negative = models.Constraint(
        "CHECK (first_days >= 0 AND rest_days >= 0)", "A number of days cannot be negative."
    )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("name", "window_ids", "cap_ids", "first_days", "rest_days")
    def _check_limits_something(self):
        for policy in self:
            if not (policy.window_ids or policy.cap_ids or policy.first_days or policy.rest_days):
                raise ValidationError(
                    self.env._(
                        "%s limits nothing: give it hours, a cap or a number of days.",
                        policy.name,
                    )
                )

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _holds_for(self, country):
        """Return those of the policies that hold for a person in ``country``."""
        return self.filtered(lambda policy: not policy.country_ids or country in policy.country_ids)

    def _to_core(self):
        """Return the policy as the gate's plain core takes it."""
        self.ensure_one()
        return Policy(
            name=self.name,
            windows=tuple(window._to_core() for window in self.window_ids),
            caps=tuple(cap._to_core() for cap in self.cap_ids),
            first_days=self.first_days,
            rest_days=self.rest_days,
        )
