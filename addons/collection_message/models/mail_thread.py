# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Where the host's mail gateway tells of what came in."""

from odoo import api, models

from .collection_incoming_filing import OPEN_MODELS


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        Incoming = self.env["collection.incoming"]
        automatic = bool(routes) and Incoming._is_automatic(message)
        if automatic:
            self = self.with_context(collection_automatic_mail=True)  # noqa: PLW0642
        thread_id = super()._message_route_process(message, message_dict, routes)
        if routes:
            Incoming._file_mail(message_dict, automatic)
        return thread_id

    @api.model
    def _routing_handle_bounce(self, email_message, message_dict):  # pylint: disable=missing-return
        Incoming = self.env["collection.incoming"]
        report = Incoming._read_report(email_message)
        bounced = message_dict["bounced_message"]
        if report.is_failure or not bounced or bounced.model not in OPEN_MODELS:
            # the host takes every report for a failure: receipts and delays of ours are none
            super()._routing_handle_bounce(email_message, message_dict)
        Incoming._file_bounce(email_message, message_dict)

    @api.model
    def _detect_loop_sender(self, message, message_dict, routes):
        if any(route[0] in (*OPEN_MODELS, "collection.incoming") for route in routes or ()) and (
            self.env["collection.incoming"]._is_automatic(message)
        ):
            # the host would write to the machine; we never do, so there is no loop to break
            return False
        return super()._detect_loop_sender(message, message_dict, routes)

    def _notify_thread_with_out_of_office(self, message, recipients_data, msg_vals=False, **kwargs):
        if self.env.context.get("collection_automatic_mail"):
            # two machines would answer each other
            return self.env["mail.message"]
        return super()._notify_thread_with_out_of_office(
            message, recipients_data, msg_vals=msg_vals, **kwargs
        )
