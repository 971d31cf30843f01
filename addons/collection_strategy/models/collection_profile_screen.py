# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The customer screen: the score with its reasons, what to say now, what is planned."""

from odoo import api, models
from odoo.fields import Domain

from .collection_action import WORK_KINDS

PLANNED = 30
CLOSED = 5
# buttons of the worklist that the screen has of its own
ELSEWHERE = ("call", "open", "note", "email", "promise")


class CollectionProfile(models.Model):
    _inherit = "collection.profile"

    def _get_screen_panels(self):
        return [
            *super()._get_screen_panels(),
            ("score", 17),
            ("planned", 18),
            ("script", 35),
        ]

    # ------------------------------------------------------------
    # SCORE
    # ------------------------------------------------------------

    def _screen_panel_score(self):
        """Return the score, its reasons in words, and the strategy that gives them."""
        strategy = self.sudo().strategy_id  # sudo: the name of the strategy
        return {
            "score": self.score,
            "reasons": self._score_lines()[self.id],
            "strategy": self._screen_ref(strategy),
            "by_hand": bool(self.sudo().strategy_override_id),  # sudo: as above
            "may_configure": strategy.sudo(False).has_access("write") if strategy else False,
        }

    # ------------------------------------------------------------
    # SCRIPT
    # ------------------------------------------------------------

    def _screen_panel_script(self):
        """Return what to say on the phone now; nothing where no call is planned."""
        return self._screen_script()

    @api.readonly
    def get_screen_script(self, lang=None):
        """Return what to say, in another language.

        :param str lang: the customer's language unless said
        """
        self.ensure_one()
        self.check_access("read")
        return self._screen_script(lang)

    def _screen_script(self, lang=None):
        call = self.env["collection.action"].search(
            [
                ("profile_id", "=", self.id),
                ("state", "=", "planned"),
                ("script_id", "!=", False),
            ],
            order="planned_for, score desc, id",
            limit=1,
        )
        if not call:
            return False
        return {
            **self.env["collection.worklist"]._script(call, lang),
            "planned_for": call.planned_for,
        }

    # ------------------------------------------------------------
    # WHAT IS PLANNED
    # ------------------------------------------------------------

    def _screen_panel_planned(self):
        """Return the next steps with the customer, and what was closed last."""
        Action = self.env["collection.action"]
        of_customer = Domain("profile_id", "=", self.id)
        waiting = of_customer & Domain("state", "=", "planned")
        planned = Action.search(waiting, order="planned_for, score desc, id", limit=PLANNED)
        closed = Action.search(
            of_customer & Domain("state", "!=", "planned"),
            order="closed_on desc, id desc",
            limit=CLOSED,
        )
        count = len(planned) if len(planned) < PLANNED else Action.search_count(waiting)
        if not count and not closed and not Action.has_access("create"):
            return False
        return {
            "count": count,
            "planned": self._screen_actions(planned),
            "closed": self._screen_actions(closed),
            "may_create": Action.has_access("create"),
            "may_plan": self.env.user.has_group("collection.group_debt_manager"),
        }

    def _screen_actions(self, actions):
        """Return what the panel shows of some steps."""
        kinds = dict(actions._fields["kind"]._description_selection(self.env))
        states = dict(actions._fields["state"]._description_selection(self.env))
        writable = actions._filtered_access("write")
        return [
            self._screen_action(action, kinds, states, action in writable) for action in actions
        ]

    def _screen_action(self, action, kinds, states, may_write):
        today = self.company_id._collection_today()
        is_work = action.kind in WORK_KINDS
        worklist = self.env["collection.worklist"]
        buttons = []
        if may_write and action.state == "planned" and is_work:
            buttons = [
                button
                for button in worklist._buttons_of(action, known=True)
                if button["name"] not in ELSEWHERE
            ]
        # sudo: the names of rule and people
        known = action.sudo()
        return {
            "id": action.id,
            "kind": action.kind,
            "kind_label": kinds[action.kind],
            "is_work": is_work,
            "state": action.state,
            "state_label": states[action.state],
            "why": worklist._why(known),
            "rule": known.rule_name or known.rule_id.name or "",
            "planned_for": action.planned_for,
            "time": action.planned_at or False,
            "is_due": action.planned_for <= today,
            "user": self._screen_ref(known.responsible_id),
            "closed_on": action.closed_on,
            "closed_by": known.closed_by_id.name or "",
            "close_reason": action.close_reason or "",
            "buttons": buttons,
        }
