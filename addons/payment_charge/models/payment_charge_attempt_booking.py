# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import Command, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.payment import utils as payment_utils

from .payment_charge_attempt import LIVE


class PaymentChargeAttempt(models.Model):
    """Books what was charged, refunded or returned, exactly once, and matches the documents."""

    _inherit = "payment.charge.attempt"

    # ------------------------------------------------------------
    # SUCCESS
    # ------------------------------------------------------------

    def _book_success(self):
        """Book the money and match it with the documents, exactly once.

        The host books the transaction: it may have done so already, on its own. Two that book at
        once both write the transaction, so the database lets only one of them through. Kinds of
        charges without a transaction extend this.

        :return: the payment
        """
        self.ensure_one()
        if self.payment_id:
            return self.payment_id
        transaction = self.transaction_id
        transaction = transaction.with_company(self.company_id).with_context(charge_books=True)
        if not transaction.payment_id:
            transaction._post_process()
        if not transaction.payment_id:
            # the host leaves it out when a refund of the transaction was faster
            transaction._create_payment()
        if not transaction.payment_id:
            raise UserError(self.env._("The success of %s was not booked.", self.name))
        self.payment_id = transaction.payment_id
        if self.operation == "refund":
            self._match_refund()
        return self.payment_id

    def _after_success(self):
        """Free the documents of tries that are not needed any more, and queue the receipt."""
        self.ensure_one()
        overtaken = self.document_ids.move_id._charge_live().filtered(
            lambda one: one != self and one.state == "planned"
        )
        for attempt in overtaken:
            if attempt.currency_id.is_zero(attempt.residual):
                attempt._set_state(
                    "cancelled",
                    cause="ledger",
                    note=self.env._("%s succeeded after all.", self.name),
                    handled=True,
                    finished=True,
                )
        if self.document_ids:
            left = self._receivable(self.payment_id.move_id).filtered(
                lambda line: not line.reconciled
            )
            # the document was paid in the meantime: a person gives it back or keeps it
            self.surplus = bool(left)
        earlier = self._chain() - self
        failed = earlier.filtered(lambda one: one.state == "failed")
        failed.handled = True
        failed._close_alert()
        if self.mail_state in {"none", "to_send"}:
            self.mail_state = "to_send"
            # sudo: whoever charges wakes the job that sends
            self.env.ref("payment_charge.cron_send").sudo()._trigger()

    # ------------------------------------------------------------
    # REFUND
    # ------------------------------------------------------------

    def _refund(self, amount=None, match="leave", credit_notes=None, key=None):
        """Write down a refund of a charge, whole or in part; ``_submit`` carries it out.

        :param amount: how much; the whole that is left unless given
        :param match: what it is matched with, see ``refund_match``
        :param credit_notes: open credit notes that the refund pays
        :param key: refunding twice by one key is once
        :return: the refund, planned
        """
        self.ensure_one()
        if key and (known := self.search([("key", "=", key)])):
            return known
        available = self.amount_refundable
        amount = self.currency_id.round(amount if amount is not None else available)
        self._check_refund(amount, available)
        return self._plan([
            {
                "operation": "refund",
                "key": key,
                "company_id": self.company_id.id,
                "partner_id": self.partner_id.id,
                "currency_id": self.currency_id.id,
                "amount": amount,
                "refunded_attempt_id": self.id,
                "way_id": self.way_id.id,
                "res_model": self.res_model,
                "res_id": self.res_id,
                "retry": False,
                "refund_match": match,
                "credit_note_ids": [Command.set((credit_notes or self.env["account.move"]).ids)],
            }
        ])

    def _refund_support(self):
        """Return what the provider can refund: ``none``, ``full_only`` or ``partial``."""
        self.ensure_one()
        transaction = self.sudo().transaction_id  # sudo: the provider's side of the charge
        method = transaction.payment_method_id
        method = method.primary_payment_method_id or method
        support = {transaction.provider_id.support_refund or "none", method.support_refund}
        for least in ("none", "full_only"):
            if least in support:
                return least
        return "partial"

    def _check_refund(self, amount, available):
        if self.state != "succeeded" or self.operation != "charge":
            raise UserError(self.env._("Only a charge that succeeded can be refunded."))
        support = self._refund_support()
        if support == "none":
            raise UserError(
                self.env._(
                    "%s cannot be refunded through the provider. Pay it back in another way.",
                    self.name,
                )
            )
        if under_way := self.refund_ids.filtered(lambda refund: refund.state in LIVE):
            raise UserError(
                self.env._("Refund %s of this charge is not over yet.", under_way[0].name)
            )
        compare = self.currency_id.compare_amounts
        if compare(amount, 0) <= 0 or compare(amount, available) > 0:
            raise ValidationError(
                self.env._(
                    "Between nothing and %s can be refunded.", self.currency_id.format(available)
                )
            )
        if support == "full_only" and compare(amount, self.amount) != 0:
            raise ValidationError(
                self.env._(
                    "The provider refunds %s as a whole only.", self.currency_id.format(self.amount)
                )
            )

    def _match_refund(self):
        """Match the refund's payment as was asked."""
        self.ensure_one()
        lines = self._receivable(self.payment_id.move_id)
        if self.refund_match == "credit":
            notes = self._receivable(self.credit_note_ids)
            self._match(lines, notes)
        elif self.refund_match == "reopen":
            charged = self._receivable(self.refunded_attempt_id.payment_id.move_id)
            documents = charged._all_reconciled_lines() - charged
            charged.remove_move_reconcile()
            self._match(lines, charged)
            # what was not refunded still pays the documents
            self._match(charged, documents)

    def _receivable(self, moves):
        return moves.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    def _match(self, lines, others):
        open_lines = (lines | others).filtered(lambda line: not line.reconciled)
        for _account, same in open_lines.grouped("account_id").items():
            if same & lines and same & others:
                same.reconcile()

    # ------------------------------------------------------------
    # RETURN
    # ------------------------------------------------------------

    def _set_returned(self, reason=None, day=None, note=False):
        """Take charges back that succeeded and were returned by the bank or card holder.

        The documents are owed again by a reversal dated at the return; the payment keeps its
        entry and is marked as rejected. What follows, such as another try, is planned.

        :param reason: a reason, whose class decides whether it is tried again
        :param day: the day of the return
        """
        for attempt in self.sudo():  # sudo: add-ons that read returns call this
            if not attempt._hold() or attempt.state != "succeeded":
                continue
            attempt._set_state(
                "returned",
                cause="bank",
                note=note or (reason and reason.name),
                reason_id=reason.id if reason else False,
            )
            attempt._book_return(day or attempt.company_id._charge_today())
            if reason and attempt.operation == "charge":
                attempt._follow_failure()
            attempt._finish()

    def _book_return(self, day):
        """Reverse the payment's entry on the day of the return, and open the documents again."""
        self.ensure_one()
        payment = self.payment_id
        if not payment or payment.state == "rejected":
            return
        lines = self._receivable(payment.move_id)
        lines.remove_move_reconcile()
        reversal = payment.move_id._reverse_moves([
            {"date": day, "ref": self.env._("Return of %s", self.name)}
        ])
        reversal.action_post()
        for account in payment.move_id.line_ids.account_id.filtered("reconcile"):
            pair = (payment.move_id | reversal).line_ids.filtered(
                lambda line, account=account: line.account_id == account and not line.reconciled
            )
            if len(pair) > 1:
                pair.reconcile()
        payment.state = "rejected"

    # ------------------------------------------------------------
    # WHAT THE CUSTOMER GETS
    # ------------------------------------------------------------

    def _cron_send(self):
        """Send receipts and payment pages that wait, one at a time."""
        waiting = self.search([("mail_state", "=", "to_send")], order="id")
        Cron = self.env["ir.cron"]
        Cron._commit_progress(remaining=len(waiting))
        for attempt in waiting[:50]:
            attempt._send_message()
            if not Cron._commit_progress(1):
                break

    def _send_message(self):
        """Send the receipt of a success, or the payment page, and file it at the customer.

        That it is being sent is committed before: what was interrupted was possibly sent, and is
        not sent again by itself.
        """
        self.ensure_one()
        claimed, _error = self._step(self._claim_message)
        if not claimed:
            return
        _none, error = self._step(self._compose_message)
        if error:
            self._step(lambda: self.write({"mail_state": "failed", "trouble": str(error)}))

    def _claim_message(self):
        if not self._hold() or self.mail_state == "sending":
            return False
        self.mail_state = "sending"
        return True

    def _compose_message(self):
        partner = self.partner_id
        lang_self = self.with_context(lang=partner.lang or self.env.lang)
        if self.state == "succeeded":
            sent = lang_self._send_receipt()
        else:
            sent = lang_self._send_link()
        self.mail_state = "sent" if sent else "filed"

    def _send_receipt(self):
        """Make the receipt, file it at the customer, and send it if there is where to.

        :return: whether it was sent
        """
        payment = self.payment_id
        if not payment:
            return False
        report = self.env.ref("account.action_report_payment_receipt")
        content, kind = self.env["ir.actions.report"]._render_qweb_pdf(report, payment.ids)
        receipt = self.env["ir.attachment"].create({
            "name": self.env._(
                "Receipt %(number)s.%(kind)s", number=payment.name or self.name, kind=kind
            ).replace("/", "-"),
            "raw": content,
            "res_model": payment._name,
            "res_id": payment.id,
        })
        copy = receipt.copy({"res_model": "res.partner", "res_id": self.partner_id.id})
        self.partner_id._message_log(
            body=self.env._("Receipt of %s", self.name), attachment_ids=copy.ids
        )
        if not self.company_id.charge_send_receipt or not self.partner_id.email:
            payment._message_log(body=self.env._("Receipt"), attachment_ids=receipt.ids)
            return False
        template = self.env.ref("account.mail_template_data_payment_receipt")
        self._post_by_template(payment, template, receipt)
        return True

    def _send_link(self):
        """Send the customer the page on which to pay.

        :return: whether it was sent
        """
        if not self.partner_id.email or not self.link:
            return False
        template = self.env.ref("payment_charge.mail_template_payment_page")
        self._post_by_template(self, template)
        return True

    def _post_by_template(self, record, template, attachments=None):
        rendered = template.with_context(lang=self.env.lang)
        body = rendered._render_field("body_html", record.ids)[record.id]
        subject = rendered._render_field("subject", record.ids)[record.id]
        record.message_post(
            body=body,
            subject=subject,
            partner_ids=self.partner_id.ids,
            attachment_ids=attachments.ids if attachments else [],
            message_type="comment",
            email_layout_xmlid="mail.mail_notification_light",
        )

    # ------------------------------------------------------------
    # THE PROVIDER'S OWN PAGE
    # ------------------------------------------------------------

    def _charge_link(self):
        """Return the address of the page on which the customer pays this charge."""
        self.ensure_one()
        base = self.company_id.get_base_url()
        return f"{base}/charge/pay/{self.id}?access_token={self._page_token()}"

    def _page_token(self):
        """Return what opens the page to whoever has the link."""
        return payment_utils.generate_access_token(
            "payment.charge.attempt", self.id, self.key, env=self.env
        )

    def _wait_for_customer(self):
        """Have charges by payment page wait for the customer."""
        for attempt in self:
            attempt._set_state("needs_customer", cause="user", finished=True)
            attempt.submitted_on = fields.Datetime.now()

    def _page_hindrance(self):
        """Return why the page cannot take the payment now, in words, or nothing."""
        self.ensure_one()
        if self.state == "succeeded":
            return self.env._("This was paid already. Thank you.")
        if self.state != "needs_customer":
            return self.env._("This payment is not open any more.")
        moves = self.document_ids.move_id
        if moves and self.currency_id.compare_amounts(self.residual, self.amount) < 0:
            return self.env._("The documents were paid in part or in full in the meantime.")
        for move in moves:
            if move._charge_obstacle(attempt=self):
                return self.env._("A payment of %s is under way already.", move.name)
        return ""
