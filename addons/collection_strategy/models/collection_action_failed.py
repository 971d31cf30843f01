# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Steps of rules that failed become work: somebody sees why, mends it and tries again."""

from odoo import fields, models
from odoo.exceptions import UserError


class CollectionAction(models.Model):
    _inherit = "collection.action"

    failed_id = fields.Many2one(
        "collection.action",
        "Failed Step",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
        copy=False,
        help="The step of a rule that could not be carried out.",
    )

    _failed_uniq = models.UniqueIndex(
        "(failed_id) WHERE failed_id IS NOT NULL AND state = 'planned'",
        "This step is on the worklist already.",
    )
    _failed_index = models.Index(
        "(company_id) WHERE state = 'failed' AND source = 'rule' AND message_id IS NULL"
    )

    # ------------------------------------------------------------
    # STATES
    # ------------------------------------------------------------

    def _set_state(self, state, reason=None, cause="user", **vals):  # pylint: disable=missing-return
        steps = self.filtered(
            lambda action: (
                action.source == "rule"
                and not action.message_id
                and (action.state == "failed") != (state == "failed")
            )
        )
        super()._set_state(state, reason, cause, **vals)
        self._sync_sources("failed", steps.ids)

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _try_again(self):
        """Have the run carry out failed steps once more.

        :raise UserError: when one does not fail any more, or the rule has planned it anew
        """
        self.check_access("write")
        for step in self:
            if step.state != "failed":
                raise UserError(
                    self.env._("“%s” is not a failed step any more.", step.display_name)
                )
            # sudo: whether the rule waits for the customer already
            if self.sudo().search_count(
                [
                    ("profile_id", "=", step.profile_id.id),
                    ("rule_id", "=", step.rule_id.id),
                    ("state", "=", "planned"),
                    ("source", "=", "rule"),
                ],
                limit=1,
            ):
                raise UserError(self.env._("The rule has planned this anew already."))
            step._set_state(
                "planned",
                self.env._("Tried again by hand"),
                planned_for=step.company_id._collection_today(),
                user_id=False,
            )
        # sudo: only wakes it
        self.env.ref("collection_strategy.cron_execute").sudo()._trigger()

    def _failed_step_name(self):
        """Return in words what failed, such as “Charge”."""
        self.ensure_one()
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        return kinds.get(self.sudo().failed_id.kind, "")  # sudo: the word for it

    def _failure_help(self):
        """Return in words what helps against the failure of a step; add-ons know more."""
        self.ensure_one()
        return self.env._(
            "Put right what stood in the way and try again, or do it by hand and mark it as done."
        )
