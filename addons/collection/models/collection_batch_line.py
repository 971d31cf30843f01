# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class CollectionBatchLine(models.Model):
    """What a bulk operation did to one case, customer or next step, and what was before."""

    _name = "collection.batch.line"
    _description = "Line of a Bulk Operation"
    _order = "id"
    _log_access = False

    batch_id = fields.Many2one(
        "collection.batch",
        "Operation",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        help="The bulk operation the line belongs to.",
    )
    company_id = fields.Many2one(related="batch_id.company_id", string="Company")
    currency_id = fields.Many2one(related="batch_id.company_id.currency_id", string="Currency")
    kind = fields.Selection(
        [
            ("opened", "Case Opened"),
            ("joined", "Items Added"),
            ("case", "Case Assigned"),
            ("customer", "Customer Assigned"),
            ("activity", "Next Step Assigned"),
        ],
        "What",
        required=True,
        readonly=True,
        help="What the operation did here.",
    )
    case_id = fields.Many2one(
        "collection.case",
        "Case",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="The case it was done to.",
    )
    profile_id = fields.Many2one(
        "collection.profile",
        "Customer",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="The customer it was done to.",
    )
    activity_id = fields.Many2one(
        "mail.activity",
        "Next Step",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The planned step that changed hands.",
    )
    case_item_ids = fields.Many2many(
        "collection.case.item",
        "collection_batch_line_case_item_rel",
        "line_id",
        "case_item_id",
        "Items",
        readonly=True,
        help="The items the operation put in the case.",
    )
    amount = fields.Monetary(
        "Amount", readonly=True, help="What there was to collect when the operation was done."
    )
    from_user_id = fields.Many2one(
        "res.users", "Before", readonly=True, help="Debt manager before the operation."
    )
    from_team_id = fields.Many2one(
        "collection.team", "Team Before", readonly=True, help="Team before the operation."
    )
    to_user_id = fields.Many2one(
        "res.users", "After", readonly=True, help="Debt manager after the operation."
    )
    to_team_id = fields.Many2one(
        "collection.team", "Team After", readonly=True, help="Team after the operation."
    )
    state = fields.Selection(
        [("done", "Done"), ("undone", "Undone"), ("left", "Left")],
        "State",
        required=True,
        readonly=True,
        default="done",
        help="Left: somebody had worked on it, so undoing did not change it.",
    )
    left_reason = fields.Char("Why Left", readonly=True, help="Why undoing left it as it is.")

    @api.depends("case_id", "profile_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = (line.case_id or line.profile_id).display_name

    def _reason_to_leave(self, worked):
        """Return the code of why undoing leaves this line as it is, or nothing.

        :param worked: cases that somebody worked on since the operation
        """
        self.ensure_one()
        case = self.case_id
        if self.kind == "customer":
            return self._reason_of_owner(self.profile_id)
        if case.state == "completed":
            return "completed"
        if case in worked:
            return "worked"
        if self.kind == "case":
            return self._reason_of_owner(case)
        if self.kind == "activity":
            if not self.activity_id.active:
                return "gone"
            return "assigned" if self.activity_id.user_id != self.to_user_id else None
        if self.kind == "opened":
            return self._reason_of_opened()
        return "items" if not all(self.case_item_ids.mapped("open")) else None

    def _reason_of_owner(self, record):
        """Return why a case or customer keeps its debt manager, or nothing."""
        if record.debt_manager_id != self.to_user_id or record.team_id != self.to_team_id:
            return "assigned"
        return None

    def _reason_of_opened(self):
        """Return why a case the operation opened stays open, or nothing."""
        case = self.case_id
        if self.to_user_id and case.debt_manager_id != self.to_user_id:
            return "assigned"
        if case.activity_ids:
            return "worked"
        if case.case_item_ids != self.case_item_ids:
            return "items"
        return None
