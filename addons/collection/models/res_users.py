# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.fields import Domain

from .res_partner import COLLECTION_GROUPS

WORKLOAD_GROUPS = (
    "collection.group_team_leader,collection.group_accountant,"
    "collection.group_credit_manager,collection.group_auditor"
)


class ResUsers(models.Model):
    _inherit = "res.users"

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    is_debt_manager = fields.Boolean(
        "Is a Debt Manager",
        compute="_compute_is_debt_manager",
        search="_search_is_debt_manager",
        compute_sudo=True,
        help="Has the role of a debt manager, team leader or collection manager, so that "
        "customers and cases can be given to this person.",
    )
    collection_team_ids = fields.Many2many(
        "collection.team",
        "collection_team_member_rel",
        "user_id",
        "team_id",
        "Collection Teams",
        copy=False,
        groups=COLLECTION_GROUPS,
        help="The collection teams this person works in.",
    )
    collection_led_team_ids = fields.One2many(
        "collection.team", "leader_id", "Collection Teams Led", groups=COLLECTION_GROUPS
    )
    collection_absence_ids = fields.One2many(
        "collection.absence", "user_id", "Absences from Collections", groups=COLLECTION_GROUPS
    )
    collection_substitution_ids = fields.One2many(
        "collection.absence", "substitute_id", "Stands in For", groups=COLLECTION_GROUPS
    )
    collection_substitute_id = fields.Many2one(
        "res.users",
        "Substitute Today",
        compute="_compute_collection_substitute",
        compute_sudo=True,
        help="Who works this person's cases today; empty when the person is there.",
    )
    collection_absent_until = fields.Date(
        "Away Until", compute="_compute_collection_substitute", compute_sudo=True
    )
    collection_case_count = fields.Integer(
        "Open Cases",
        compute="_compute_collection_workload",
        compute_sudo=True,
        groups=WORKLOAD_GROUPS,
        help="Open collection cases of this debt manager in the current company.",
    )
    collection_case_amount = fields.Monetary(
        "Amount of Open Cases",
        compute="_compute_collection_workload",
        compute_sudo=True,
        currency_field="collection_currency_id",
        groups=WORKLOAD_GROUPS,
        help="What these cases come to.",
    )
    collection_currency_id = fields.Many2one(
        "res.currency", "Currency of Collections", compute="_compute_collection_currency_id"
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("group_ids")
    def _compute_is_debt_manager(self):
        group = self.env.ref("collection.group_debt_manager", raise_if_not_found=False)
        for user in self:
            user.is_debt_manager = bool(group) and group in user.all_group_ids

    @api.model
    def _search_is_debt_manager(self, operator, value):
        if operator != "in" or len(value) != 1:
            return NotImplemented
        group = self.env.ref("collection.group_debt_manager")
        domain = Domain("all_group_ids", "in", group.ids)
        return domain if next(iter(value)) else ~domain

    @api.depends("collection_absence_ids.date_from", "collection_absence_ids.date_to")
    def _compute_collection_substitute(self):
        today = fields.Date.context_today(self)
        current = {
            absence.user_id: absence
            for absence in self.env["collection.absence"].search([
                ("user_id", "in", self.ids),
                ("date_from", "<=", today),
                ("date_to", ">=", today),
            ])
        }
        nobody = self.env["collection.absence"]
        for user in self:
            absence = current.get(user._origin, nobody)
            user.collection_substitute_id = absence.substitute_id
            user.collection_absent_until = absence.date_to

    @api.depends_context("company")
    def _compute_collection_workload(self):
        groups = self.env["collection.case"]._read_group(
            [
                ("company_id", "=", self.env.company.id),
                ("debt_manager_id", "in", self.ids),
                ("state", "!=", "completed"),
            ],
            ["debt_manager_id"],
            ["__count", "amount_open:sum"],
        )
        figures = {user.id: values for user, *values in groups}
        for user in self:
            count, amount = figures.get(user._origin.id, (0, 0.0))
            user.collection_case_count = count
            user.collection_case_amount = amount

    @api.depends_context("company")
    def _compute_collection_currency_id(self):
        self.collection_currency_id = self.env.company.currency_id

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_collection_cases(self):
        """Show the open cases of this debt manager."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("collection.action_case")
        action["domain"] = [("debt_manager_id", "=", self.id), ("state", "!=", "completed")]
        action["context"] = {}
        action["display_name"] = self.name
        return action
