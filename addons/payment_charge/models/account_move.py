# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# how long a payment page that a customer opened may still bring money
OPEN_PAGE_MINUTES = 15


class AccountMove(models.Model):
    _inherit = "account.move"

    charge_document_ids = fields.One2many(
        "payment.charge.document", "move_id", "Charges of the Document"
    )
    charge_count = fields.Integer("Number of Charges", compute="_compute_charge_count")
    charge_state = fields.Selection(
        selection=lambda self: (
            self.env["payment.charge.attempt"]._fields["state"]._description_selection(self.env)
        ),
        string="Last Charge",
        compute="_compute_charge_count",
    )

    @api.depends("charge_document_ids.attempt_id.state")
    def _compute_charge_count(self):
        # sudo: a count and a state are shown to whoever sees the document
        for move in self.sudo():
            attempts = move.charge_document_ids.attempt_id
            move.charge_count = len(attempts)
            move.charge_state = attempts.sorted("id")[-1:].state

    def _charge_claim(self):
        """Have two transactions that would pay a document wait for each other.

        The second one fails and begins again, and sees what the first one did. Locking the row
        would not do: the second one would not see it.
        """
        if self.ids:
            self.env.cr.execute(
                SQL("UPDATE account_move SET write_uid = write_uid WHERE id = ANY(%s)", self.ids)
            )

    def _charge_live(self):
        """Return the charges of the documents that are not over, planned ones among them."""
        return self.charge_document_ids.filtered("live").attempt_id

    def _charge_running(self):
        """Return the charges that may bring money any moment; the portal waits for these."""
        return self._charge_live().filtered(lambda attempt: attempt._is_running())

    def _charge_pending_transactions(self, *, but=None):
        """Return the transactions that may still pay the documents.

        :param but: transactions that are known and do not count
        """
        # sudo: what a customer is paying in the portal counts, whoever asks
        transactions = self.sudo().transaction_ids
        if but:
            transactions -= but
        lately = fields.Datetime.now() - timedelta(minutes=OPEN_PAGE_MINUTES)
        return transactions.filtered(
            lambda tx: (
                tx.provider_code != "custom"
                and (
                    tx.state in {"pending", "authorized"}
                    or (
                        tx.state == "draft"
                        and tx.operation in {"online_redirect", "online_direct"}
                        and tx.last_state_change >= lately
                    )
                )
            )
        )

    def _charge_obstacle(self, *, attempt=None):
        """Return why the document cannot be charged now, in words, or nothing."""
        self.ensure_one()
        # sudo: see _charge_pending_transactions
        live = self.sudo()._charge_live()
        if attempt:
            live -= attempt
        if live:
            return self.env._(
                "%(document)s: charge %(charge)s is not over yet.",
                document=self.name,
                charge=live[0].name,
            )
        but = attempt.sudo().transaction_ids if attempt else None  # sudo: the charge's own
        if pending := self._charge_pending_transactions(but=but):
            return self.env._(
                "%(document)s: the customer's payment %(payment)s is under way.",
                document=self.name,
                payment=pending[0].reference,
            )
        return ""

    def _has_to_be_paid(self):
        """The portal does not pay what a charge is paying."""
        # sudo: customers see no charges
        return super()._has_to_be_paid() and not self.sudo()._charge_running()

    def _get_online_payment_error(self):
        error = super()._get_online_payment_error()
        if self.sudo()._charge_running():  # sudo: see _has_to_be_paid
            reason = self.env._("A payment of this invoice is under way already.")
            return f"{error}\n{reason}" if error else reason
        return error

    def button_draft(self):
        self._charge_check_quiet()
        return super().button_draft()

    def button_cancel(self):
        self._charge_check_quiet()
        return super().button_cancel()

    def _charge_check_quiet(self):
        # sudo: a charge counts, whether the user sees it or not
        for move in self.sudo():
            if running := move._charge_live().filtered(lambda a: a.state != "planned"):
                raise UserError(
                    self.env._(
                        "%(document)s is being charged by %(charge)s. "
                        "Wait for the outcome, or settle it, first.",
                        document=move.name,
                        charge=running[0].name,
                    )
                )

    def action_open_charge_screen(self):
        """Open the charging screen with these documents."""
        return self.env["payment.charge.screen"]._open(
            partner=self.partner_id.commercial_partner_id[:1], documents=self
        )

    def action_open_charges(self):
        """List the charges of the document."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("payment_charge.action_attempt")
        action["domain"] = [("invoice_ids", "in", self.ids)]
        action["context"] = {"create": False}
        return action

    def _charge_due(self):
        """Return what a charge of the document may take at most."""
        self.ensure_one()
        return self.amount_residual if self.state == "posted" else 0.0
