# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models
from odoo.tools import SQL

from .collection_action_push import HANDS


class CollectionCase(models.Model):
    _inherit = "collection.case"

    score = fields.Integer(
        "Score",
        readonly=True,
        default=0,
        copy=False,
        index=True,
        help="The score of the customer; who has more is worked first.",
    )
    score_text = fields.Char(related="profile_id.score_text", string="Score in Words")

    def init(self):
        """Have cases that the cycle opens by SQL begin without points, not without a score."""
        self.env.cr.execute(
            SQL("ALTER TABLE %s ALTER COLUMN score SET DEFAULT 0", SQL.identifier(self._table))
        )

    def write(self, vals):
        if HANDS.isdisjoint(vals):
            return super().write(vals)
        with self.env["collection.action"]._changing_hands("case_id", self):
            return super().write(vals)

    def _score_lines(self):
        """Return {case id: what each rule gave}; see ``collection.profile._score_lines``."""
        # sudo: the score of a customer is for whoever sees the case
        lines = self.profile_id.sudo()._score_lines()
        return {case.id: lines[case.profile_id.id] for case in self}

    def action_plan_now(self):
        """Plan what is due for the customers of these cases."""
        return self.profile_id.action_plan_now()
