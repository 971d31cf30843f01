# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Whose planned actions a person sees, and whose work is theirs today.

The domains name no ids but the user's own, because the host caches them.
"""

from odoo import models
from odoo.fields import Domain


class ResUsers(models.Model):
    _inherit = "res.users"

    def _collection_action_domain(self, path=None, led=False) -> Domain:
        """Return which planned actions the user sees: of their customers, and those for them.

        :param str path: the field that leads to the action, for models that hang on one
        :param bool led: as a leader of teams
        """
        self.ensure_one()
        domain = self._collection_profile_domain("profile_id", led=led)
        if led:
            # mail of unknown senders: who leads gives it to somebody
            domain |= Domain("profile_id", "=", False)
        else:
            domain |= self._collection_addressed_domain()
        return Domain(path, "any!", domain) if path else domain

    def _collection_profile_domain(self, path=None, led=False) -> Domain:
        domain = super()._collection_profile_domain(led=led)
        if not led:
            domain |= Domain("action_ids", "any!", self._collection_waiting_domain())
        return Domain(path, "any!", domain) if path else domain

    def _collection_case_domain(self, path=None, led=False) -> Domain:
        domain = super()._collection_case_domain(led=led)
        # by its cases a customer is seen besides; what waits with it is looked at once
        if not led and path != "case_ids":
            waits = Domain("action_ids", "any!", self._collection_waiting_domain())
            domain |= Domain("profile_id", "any!", waits)
        return Domain(path, "any!", domain) if path else domain

    def _collection_waiting_domain(self) -> Domain:
        """Return which actions show the user their customer: those that wait for them by name."""
        return Domain("state", "=", "planned") & self._collection_addressed_domain()

    def _collection_addressed_domain(self) -> Domain:
        """Return what is for the user by name, or for somebody the user stands in for today."""
        return Domain("user_id", "=", self.id) | Domain(
            "user_id.collection_absence_ids", "any!", self._stand_in_domain()
        )

    def _collection_people(self):
        """Return the ids of the people whose work is the user's today: their own, and that of
        those they stand in for."""
        self.ensure_one()
        # sudo: whom the user stands in for
        absences = self.env["collection.absence"].sudo().search(self._stand_in_domain())
        return [self.id, *absences.user_id.ids]
