# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Calls pass the gate like every other contact."""

from odoo import models
from odoo.exceptions import UserError

from odoo.addons.collection_message.models.collection_gate import FINAL_CODES, GateRequest


class CollectionAction(models.Model):
    _inherit = "collection.action"

    def _called_person(self):
        """Return who is called, with the phone number, as the worklist shows it."""
        self.ensure_one()
        # sudo: name and number of whom to call
        return self.env["collection.worklist"]._people(self.sudo())[self.id] or {}

    def _call_verdict(self, override_reason=None):
        """Return what the gate says to a call now."""
        self.ensure_one()
        person = self.env["res.partner"].browse(self._called_person().get("id"))
        request = GateRequest(
            profile=self.profile_id,
            channel="phone",
            person=person or self.partner_id,
            # sudo: which items it is about
            items=self.sudo().item_ids.sudo(False),
        )
        [verdict] = self.env["collection.gate"]._check([request], override_reason)
        return verdict

    def _may_call_all_the_same(self, verdict):
        """Return whether the user may override what the gate has against a call."""
        return (
            not verdict.allowed
            and self.env["collection.gate"]._may_override()
            and not any(reason.code in FINAL_CODES for reason in verdict.reasons)
        )

    def _call(self, override_reason=None):
        """Have the user's phone dial, or say why not now; what the gate stops is recorded.

        :param str override_reason: why the customer is called all the same
        :return: an action of the client
        """
        phone = self._called_person().get("phone")
        if not phone:
            raise UserError(self.env._("There is no phone number."))
        verdict = self._call_verdict(override_reason)
        self.env["collection.gate"]._log([verdict])
        if verdict.allowed:
            return {
                "type": "ir.actions.client",
                "tag": "collection.dial",
                "params": {"phone": phone},
            }
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Do Not Call Now"),
            "res_model": "collection.action.call.wizard",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_action_id": self.id},
        }
