# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Whose customers and cases a person sees: the domains behind the record rules.

The domains name no ids but the user's own, because the host caches them: a change of team or an
absence that begins today takes effect at once.
"""

from odoo import models
from odoo.fields import Domain


class ResUsers(models.Model):
    _inherit = "res.users"

    def _collection_own_domain(self) -> Domain:
        """Return which cases, or customers, a debt manager works.

        Their own; those of a person they stand in for today; those of their team, where the team
        says so or nobody has taken them yet. Fits models with ``debt_manager_id`` and ``team_id``.
        """
        self.ensure_one()
        member = Domain("team_id.member_ids", "in", self.ids)
        return Domain.OR([
            Domain("debt_manager_id", "=", self.id),
            Domain("debt_manager_id.collection_absence_ids", "any!", self._stand_in_domain()),
            member & Domain("debt_manager_id", "=", False),
            member & Domain("team_id.share_cases", "=", True),
        ])

    def _stand_in_domain(self) -> Domain:
        """Return which absences the user stands in for today."""
        return (
            Domain("substitute_id", "=", self.id)
            & Domain("date_from", "<=", "today")
            & Domain("date_to", ">=", "today")
        )

    def _collection_led_domain(self) -> Domain:
        """Return which cases, or customers, are the work of teams the user leads, or of teams
        below them."""
        self.ensure_one()
        return Domain("team_id.leader_ids", "in", self.ids) | Domain(
            "debt_manager_id.collection_team_ids.leader_ids", "in", self.ids
        )

    def _collection_case_domain(self, path=None, led=False) -> Domain:
        """Return which cases the user sees as a debt manager, or as a leader of teams.

        :param str path: the field that leads to the case, for models that hang on one
        """
        domain = self._collection_led_domain() if led else self._collection_own_domain()
        return Domain(path, "any!", domain) if path else domain

    def _collection_profile_domain(self, path=None, led=False) -> Domain:
        """Return which customers the user sees: those given to them, and those of their cases.

        :param str path: the field that leads to the profile, for models that hang on one
        """
        domain = self._collection_led_domain() if led else self._collection_own_domain()
        domain |= self._collection_case_domain("case_ids", led)
        return Domain(path, "any!", domain) if path else domain

    def _collection_document_domain(self, path=None) -> Domain:
        """Return which documents the roles of collections see: what customers owe and pay.

        :param str path: the field that leads to the document, for models that hang on one
        """
        domain = Domain("move_type", "in", ("out_invoice", "out_refund", "out_receipt")) | Domain(
            "line_ids", "any!", [("account_id.account_type", "=", "asset_receivable")]
        )
        return Domain(path, "any!", domain) if path else domain
