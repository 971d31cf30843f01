# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models
from odoo.exceptions import UserError

from .payment_request import OPEN_STATES


class PaymentRequestPortal(models.Model):
    """How the customer gets the request: e-mail, portal page, payment link, print."""

    _inherit = "payment.request"

    # ------------------------------------------------------------
    # SENDING
    # ------------------------------------------------------------

    def action_send(self):
        """Open the composer with the message to the customer, the document attached."""
        self.ensure_one()
        self.check_access("write")
        if self.state == "cancelled":
            raise UserError(self.env._("This document is cancelled."))
        # the attached document shows its number
        self._issue_number()
        template = self.env.ref("payment_request.mail_template_request", False)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_composition_mode": "comment",
                "default_template_id": template.id if template else False,
                "default_email_layout_xmlid": "mail.mail_notification_layout_with_responsible_signature",
                "email_notification_allow_footer": True,
                "force_email": True,
                "mark_payment_request_sent": True,
            },
        }

    def action_send_batch(self):
        """Send several requests, each in its customer's language; name those that cannot be."""
        self.check_access("write")
        template = self.env.ref("payment_request.mail_template_request", False)
        if not template:
            raise UserError(
                self.env._("The message to the customer was deleted. Restore it first.")
            )
        to_send = self.filtered(lambda request: request.state in ("draft", *OPEN_STATES))
        with_address = to_send.filtered(lambda request: request.partner_id.email)
        for request in with_address:
            request._issue_number()
            request.with_context(mark_payment_request_sent=True).message_post_with_source(
                template,
                email_layout_xmlid="mail.mail_notification_layout_with_responsible_signature",
                subtype_xmlid="mail.mt_comment",
            )
        left = self - with_address
        if left:
            text = self.env._(
                "%(count)s sent. Not sent, because paid, cancelled or without an e-mail address: "
                "%(names)s",
                count=len(with_address),
                names=", ".join(left.mapped("display_name")),
            )
        else:
            text = self.env._("%(count)s sent.", count=len(with_address))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": text,
                "type": "warning" if left else "success",
                "sticky": bool(left),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_remind(self):
        """Open the host's form that plans an activity, for each request chosen."""
        if not self.filtered(lambda request: request.state in OPEN_STATES):
            raise UserError(self.env._("Nobody owes anything on these documents."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Plan a Reminder"),
            "res_model": "mail.activity.schedule",
            "view_mode": "form",
            "target": "new",
            "context": {
                "active_model": self._name,
                "active_ids": self.filtered(lambda request: request.state in OPEN_STATES).ids,
                "default_summary": self.env._("Remind of the payment"),
            },
        }

    def message_post(self, **kwargs):
        if self.env.context.get("mark_payment_request_sent"):
            for request in self.filtered(lambda request: request.state == "draft"):
                request._set_state("sent")
        return super().message_post(**kwargs)

    def _notify_get_recipients_groups(self, message, model_description, msg_vals=False):
        groups = super()._notify_get_recipients_groups(
            message, model_description, msg_vals=msg_vals
        )
        if not self:
            return groups
        self.ensure_one()
        for name, _condition, data in groups:
            if name == "portal_customer" and self._has_to_be_paid():
                data.setdefault("button_access", {})["title"] = self.env._("View and Pay")
        return groups

    def _mail_get_partner_fields(self, introspect_fields=False):
        return ["partner_id"]

    # ------------------------------------------------------------
    # PORTAL
    # ------------------------------------------------------------

    def _get_portal_return_action(self):
        """Return where a back-end user goes from the customer's page."""
        return self.env.ref("payment_request.action_requests")

    def _get_report_base_filename(self):
        self.ensure_one()
        return self.display_name.replace("/", "_")

    def _get_default_payment_link_values(self):
        """What the host's form for payment links starts with."""
        self.ensure_one()
        return {
            "currency_id": self.currency_id.id,
            "partner_id": self.partner_id.id,
            "amount": self.amount_residual,
            "amount_max": self.amount_residual,
        }

    def _portal_last_transaction(self):
        """Return the transaction whose result the customer's page shows."""
        self.ensure_one()
        # sudo: customers may see what became of their payment
        transactions = self.sudo().transaction_ids.filtered(lambda tx: tx.operation != "refund")
        return transactions._get_last()

    def _portal_pay_url(self):
        """Return the address of the page that asks the customer to pay, for messages."""
        self.ensure_one()
        return self.get_base_url() + self.get_portal_url(
            query_string="&payment=True" if self._has_to_be_paid() or self.state == "draft" else ""
        )

    # ------------------------------------------------------------
    # PRINT
    # ------------------------------------------------------------

    def _print_lang(self):
        """Return the language in which the customer reads the document."""
        self.ensure_one()
        return self.partner_id.lang or self.company_id.partner_id.lang or self.env.lang or "en_US"

    def _print_title(self):
        """Return what the document calls itself."""
        self.ensure_one()
        if self.kind == "proforma":
            return self.env._("Pro-Forma")
        return self.env._("Payment Request")

    def _print_payments(self):
        """Return date and amount of what is paid, for print and portal."""
        self.ensure_one()
        # sudo: the customer may see what was paid
        rows = self.sudo().payment_ids.filtered("applied_amount")
        return [
            {"date": row.date, "amount": row.applied_amount, "invoice": row.invoice_id}
            for row in rows
        ]
