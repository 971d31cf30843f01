# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, models

# what the row of the worklist shows of an activity
SHOWN = {"active", "date_deadline", "res_id", "res_model_id", "summary", "user_id"}
CASE_MODEL = "collection.case"


class MailActivity(models.Model):
    _inherit = "mail.activity"

    @api.model_create_multi
    def create(self, vals_list):
        activities = super().create(vals_list)
        activities._show_as_collection_work()
        return activities

    def write(self, vals):
        if SHOWN.isdisjoint(vals):
            return super().write(vals)
        before = self._of_collection_cases()
        result = super().write(vals)
        (before | self)._show_as_collection_work(before)
        return result

    def unlink(self):
        ids = self._of_collection_cases().ids
        if ids:
            # sudo: an activity that is deleted is no work any more, whoever's it was
            self.env["collection.action"].sudo().search([
                ("activity_id", "in", ids),
                ("source", "=", "activity"),
                ("state", "=", "planned"),
            ])._set_state("gone", cause="source")
        return super().unlink()

    def _of_collection_cases(self):
        return self.filtered(lambda activity: activity.res_model == CASE_MODEL)

    def _show_as_collection_work(self, before=()):
        """Bring the worklist in step with these activities, as far as they are of cases."""
        ids = {*self._of_collection_cases().ids, *(activity.id for activity in before)}
        self.env["collection.action"]._sync_sources("activity", ids)
