# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models


class CollectionContactLog(models.Model):
    _inherit = "collection.contact.log"

    message_id = fields.Many2one(
        "collection.message",
        "Message",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The message that was sent.",
    )

    _gate_index = models.Index("(profile_id, date)")

    def _is_conversation(self):
        """Return whether one has really spoken: by phone or face to face, and reached somebody."""
        self.ensure_one()
        return self.channel in ("phone", "meeting") and (
            not self.outcome_id or self.outcome_id.spoke
        )
