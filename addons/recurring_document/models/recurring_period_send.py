# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import logging

import psycopg2

from odoo import api, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)

CHUNK = 50


class RecurringPeriod(models.Model):
    """Sends issued documents to the customers, each once."""

    _inherit = "recurring.period"

    def _can_be_sent(self):
        """Return whether the customer gets documents by e-mail."""
        self.ensure_one()
        partner = self.document_id.partner_id
        method = partner.commercial_partner_id.with_company(self.company_id).invoice_sending_method
        return bool(partner.email) and (method or "email") == "email"

    def _queue_sending(self, when):
        """Have the documents of the rows sent, if that is the moment for it."""
        for row in self.main_id:
            if (
                row.document_id.send_when == when
                and row.send_state == "none"
                and (row.move_id or row.request_id)
                and row._can_be_sent()
            ):
                row.send_state = "waiting"
                row._wake("cron_send")

    @api.model
    def _cron_send(self):
        """Send the documents that wait for it, each once.

        That one is being sent is committed before: what was interrupted was possibly sent, and is
        not sent again by itself.
        """
        self.env["payment.charge.attempt"]._check_not_neutralized()
        cron = self.env["ir.cron"]
        # this job runs once at a time: what is being sent now was interrupted
        self.search([("send_state", "=", "sending")]).send_state = "unsure"
        rows = self.search([("send_state", "=", "waiting")], limit=CHUNK, order="id")
        cron._commit_progress(remaining=self.search_count([("send_state", "=", "waiting")]))
        for row in rows:
            row.send_state = "sending"
            cron._commit_progress()
            row._send()
            if not cron._commit_progress(1):
                break

    def _send(self):
        """Send the document of a row, and keep what came of it."""
        self.ensure_one()
        row = self.with_company(self.company_id)
        try:
            with self.env.cr.savepoint():
                row._send_document()
            row.write({"send_state": "sent", "send_error": False})
        except psycopg2.OperationalError:
            raise
        except Exception as error:
            _logger.info("Sending the document of %s failed: %r", self.display_name, error)
            row.write({"send_state": "failed", "send_error": str(error) or repr(error)})

    def _send_document(self):
        if not self._can_be_sent():
            raise UserError(self.env._("The customer has no e-mail address."))
        user = self.document_id.user_id or self.env.user
        if self.move_id:
            self.env["account.move.send"]._generate_and_send_invoices(
                self.move_id,
                sending_methods=["email"],
                author_user_id=user.id,
                author_partner_id=user.partner_id.id,
            )
        elif self.request_id.state in {"draft", "sent", "partly_paid"}:
            self.request_id.action_send_batch()
