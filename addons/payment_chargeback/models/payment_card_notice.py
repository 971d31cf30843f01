# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import logging

from odoo import fields, models
from odoo.modules import module
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# cards looked up, and messages sent, by one run of the job
CHUNK = 100
# cards that expired while nothing ran are still worth a message
GRACE_DAYS = 7


class PaymentCardNotice(models.Model):
    """One message to a customer that a saved card ends: one per card, cause and expiry.

    The row is committed before the message is sent: what was interrupted was possibly sent, and
    is not sent again by itself.
    """

    _name = "payment.card.notice"
    _description = "Message about a Saved Card"
    _order = "id desc"
    _rec_name = "token_id"

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    token_id = fields.Many2one(
        "payment.token",
        "Saved Card",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    partner_id = fields.Many2one(related="token_id.partner_id", string="Customer", store=True)
    company_id = fields.Many2one(
        "res.company", "Company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    cause = fields.Selection(
        [("expiring", "Expires"), ("cancelled", "Cancelled")], "Cause", required=True, readonly=True
    )
    expires_on = fields.Date("Expires On", readonly=True)
    state = fields.Selection(
        [
            ("to_send", "To Be Sent"),
            ("sending", "Possibly Sent"),
            ("sent", "Sent"),
            ("no_address", "No E-mail Address"),
            ("renewed", "Not Needed Any More"),
            ("failed", "Not Sent"),
        ],
        "State",
        required=True,
        default="to_send",
        readonly=True,
    )
    sent_on = fields.Datetime("Sent On", readonly=True)
    error = fields.Char("Error", readonly=True)
    link = fields.Char("Page", compute="_compute_link", help="Where the customer saves a new card.")

    _once = models.UniqueIndex(
        "(token_id, cause, COALESCE(expires_on, '1970-01-01'))",
        "The customer was told of this card already.",
    )
    _waiting = models.Index("(id) WHERE state = 'to_send'")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    def _compute_link(self):
        for notice in self:
            notice.link = f"{notice.company_id.get_base_url()}/my/payment_method"

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _cron_send(self):
        """Tell customers whose card ends soon, each once."""
        self.env["payment.charge.attempt"]._check_not_neutralized()
        self._plan()
        waiting = self.search([("state", "=", "to_send")], order="id")
        Cron = self.env["ir.cron"]
        Cron._commit_progress(remaining=len(waiting))
        for notice in waiting[:CHUNK]:
            notice._send()
            if not Cron._commit_progress(1):
                break

    def _plan(self):
        """Write down whom to tell: of cards that are used and end within the company's days."""
        self.env["payment.token"].flush_model()
        self.env["payment.charge.way"].flush_model()
        self.flush_model()
        companies = self.env["res.company"].search([("card_expiry_days", ">", 0)])
        for company in companies:
            today = company._charge_today()
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO payment_card_notice
                           (token_id, partner_id, company_id, cause, expires_on, state,
                            create_uid, write_uid, create_date, write_date)
                    SELECT token.id, token.partner_id, token.company_id, 'expiring',
                           token.card_expires_on, 'to_send', %(uid)s, %(uid)s,
                           now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
                      FROM payment_token token
                     WHERE token.active
                       AND token.company_id = %(company)s
                       AND token.card_expires_on BETWEEN %(since)s AND %(until)s
                       AND EXISTS (SELECT 1 FROM payment_charge_way way
                                    WHERE way.token_id = token.id AND way.active
                                      AND way.blocked_on IS NULL)
                        ON CONFLICT DO NOTHING
                    """,
                    uid=self.env.uid,
                    company=company.id,
                    since=fields.Date.subtract(today, days=GRACE_DAYS),
                    until=fields.Date.add(today, days=company.card_expiry_days),
                )
            )
        self.invalidate_model()

    def _tell(self, token, cause):
        """Have the customer of a card told, once.

        :param str cause: see ``cause``
        """
        self = self.sudo()  # sudo: messages are the system's, whoever brought the news
        known = self.search([
            ("token_id", "=", token.id),
            ("cause", "=", cause),
            ("expires_on", "=", token.card_expires_on),
        ])
        if known or not token.company_id.card_expiry_days:
            return known
        notice = self.create({
            "token_id": token.id,
            "company_id": token.company_id.id,
            "cause": cause,
            "expires_on": token.card_expires_on,
        })
        self.env.ref("payment_chargeback.cron_card_notice").sudo()._trigger()
        return notice

    def _send(self):
        """Send the message."""
        self.ensure_one()
        self.env.flush_all()
        if not self.try_lock_for_update(allow_referencing=True):
            return
        self.env.invalidate_all()
        if self.state != "to_send":
            return
        if self._is_pointless():
            self.state = "renewed"
            return
        partner = self._recipient()
        if not partner:
            self.state = "no_address"
            return
        self.state = "sending"
        try:
            with self.env.cr.savepoint():
                mails = self._post(partner)
                # the host's queue leaves them alone: a mail is not sent anew after a crash
                mails.write({"state": "exception", "failure_reason": self.env._("Possibly sent")})
        except Exception as error:
            self.env.invalidate_all()
            _logger.exception("The message about card %s was not written", self.token_id.id)
            self.write({"state": "failed", "error": str(error)})
        else:
            self._keep()
            self._deliver(mails)
        self._keep()

    def _deliver(self, mails):
        """Send the mails of the message now, and note what came of it."""
        mails.mark_outgoing()
        mails.send()
        refused = mails.exists().filtered(lambda mail: mail.state == "exception")
        if refused:
            self.write({"state": "failed", "error": refused[0].failure_reason})
        else:
            self.write({"state": "sent", "sent_on": fields.Datetime.now()})

    def _is_pointless(self):
        """Tell whether the card was renewed, or is used no more, since the row was written."""
        token = self.token_id
        if self.cause == "cancelled":
            return not token.card_cancelled_on
        return not token.active or token.card_expires_on != self.expires_on

    def _recipient(self):
        """Return who has the card, or the customer, with an e-mail address."""
        partner = self.token_id.partner_id
        candidates = partner | partner.commercial_partner_id
        return candidates.filtered("email")[:1]

    def _post(self, partner):
        """File the message at the customer.

        :return: the mails that are to be sent
        """
        lang = partner.lang or self.env.lang
        template = self.env.ref("payment_chargeback.mail_template_card").with_context(lang=lang)
        message = partner.with_context(lang=lang, mail_notify_force_send=False).message_post(
            body=template._render_field("body_html", self.ids)[self.id],
            subject=template._render_field("subject", self.ids)[self.id],
            partner_ids=partner.ids,
            message_type="comment",
            email_layout_xmlid="mail.mail_notification_light",
        )
        # sudo: mails are the system's
        return self.env["mail.mail"].sudo().search([("mail_message_id", "=", message.id)])

    def _keep(self):
        """Commit what was done so far; a test's cursor is never committed."""
        self.env.flush_all()
        if not module.current_test:
            self.env.cr.commit()  # pylint: disable=invalid-commit
