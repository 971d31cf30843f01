# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models

# what a contact by these channels settles
CONVERSATIONS = ("phone", "meeting")
# what is done by speaking to somebody
DONE_BY_CONTACT = ("call", "activity")


class CollectionContactLogWizard(models.TransientModel):
    _inherit = "collection.contact.log.wizard"

    action_id = fields.Many2one(
        "collection.action", "Planned Action", readonly=True, help="What is being done."
    )
    planned_action_ids = fields.Many2many(
        "collection.action",
        "collection_contact_log_wizard_action_rel",
        "wizard_id",
        "action_id",
        "Settles",
        compute="_compute_planned_action_ids",
        store=True,
        readonly=False,
        domain="[('profile_id', '=', profile_id), ('state', '=', 'planned')]",
        help="Planned actions that this contact settles.",
    )

    @api.depends("profile_id", "case_id", "channel", "action_id")
    def _compute_planned_action_ids(self):
        Action = self.env["collection.action"]
        for wizard in self:
            planned = Action
            if wizard.channel in CONVERSATIONS and wizard.profile_id:
                planned = Action.search([
                    ("profile_id", "=", wizard.profile_id.id),
                    ("case_id", "in", (wizard.case_id.id, False)),
                    ("state", "=", "planned"),
                    ("kind", "=", "call"),
                    ("planned_for", "<=", wizard.company_id._collection_today()),
                ])
            done_so = wizard.action_id.filtered(lambda action: action.kind in DONE_BY_CONTACT)
            wizard.planned_action_ids = planned | done_so

    def action_log(self):
        # what is settled is told before: the activity behind a row takes the row with it
        settled = self.planned_action_ids.filtered(
            lambda action: action.state == "planned" and action.kind != "check_message"
        )
        words = self._feedback()
        result = super().action_log()
        still = settled.exists().filtered(lambda action: action.state == "planned")
        still._done(words)
        # sudo: by which contact an action was done is written by the system
        settled.exists().sudo().write({"contact_log_id": self._recorded().id})
        return result

    def _recorded(self):
        """Return the contact that was just recorded."""
        return self.env["collection.contact.log"].search(
            [("profile_id", "=", self.profile_id.id), ("user_id", "=", self.user_id.id)],
            order="id desc",
            limit=1,
        )
