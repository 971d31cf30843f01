# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The customer screen: what the gate would say now, and the ways to write."""

from odoo import models

from .collection_gate import GateRequest
from .collection_gate_cap import CHANNELS

ICONS = {
    "phone": "fa-phone",
    "email": "fa-envelope-o",
    "sms": "fa-mobile",
    "letter": "fa-file-text-o",
}


class CollectionProfile(models.Model):
    _inherit = "collection.profile"

    def _get_screen_panels(self):
        return [*super()._get_screen_panels(), ("gate", 25)]

    def _screen_rights(self):
        return {
            **super()._screen_rights(),
            "write_message": self.env["collection.message.compose"].has_access("create"),
        }

    def _screen_panel_gate(self):
        """Return for each channel whether the customer may be contacted now, and why not."""
        case = self.open_case_ids[:1]
        items = self._messageable_items()
        requests = [
            GateRequest(
                profile=self,
                channel=channel,
                person=self._message_person(channel, case),
                items=items,
            )
            for channel, _label in CHANNELS
        ]
        labels = dict(
            self.env["collection.gate.cap"]._fields["channel"]._description_selection(self.env)
        )
        return {
            "channels": [
                {
                    "channel": verdict.request.channel,
                    "label": labels[verdict.request.channel],
                    "icon": ICONS[verdict.request.channel],
                    "person": {
                        "id": verdict.request.person.id,
                        "name": verdict.request.person.name or "",
                    },
                    "allowed": verdict.allowed,
                    "reasons": [reason.text for reason in verdict.reasons],
                    "retry_at": verdict.retry_at,
                }
                for verdict in self.env["collection.gate"]._check(requests)
            ],
            "case_id": case.id,
            "may_write": self.env["collection.message.compose"].has_access("create"),
        }
