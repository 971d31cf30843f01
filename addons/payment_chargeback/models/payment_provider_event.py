# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..core.cards import CardUpdate
from ..core.dispute import Report


class PaymentProviderEvent(models.Model):
    """One report of a provider about a dispute or a saved card. Taken in once, never changed."""

    _name = "payment.provider.event"
    _description = "Report of a Payment Provider"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "happened desc, id desc"
    _rec_name = "event_ref"

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    provider_id = fields.Many2one(
        "payment.provider", "Terminal", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", "Company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    event_ref = fields.Char(
        "Provider's Number", required=True, readonly=True, help="Of the report, not of the dispute."
    )
    kind = fields.Selection(
        [("dispute", "Dispute"), ("card", "Saved Card")], "About", required=True, readonly=True
    )
    subject_ref = fields.Char(
        "Dispute or Card", readonly=True, help="How the provider names what it reports of."
    )
    payment_ref = fields.Char("Payment at the Provider", readonly=True)
    happened = fields.Datetime("Happened On", required=True, readonly=True)
    facts = fields.Json("What It Says", readonly=True)
    summary = fields.Char("Says", compute="_compute_summary")
    state = fields.Selection(
        [
            ("new", "Not Taken In"),
            ("done", "Taken In"),
            ("outdated", "Older than What Is Known"),
            ("unknown", "Payment Unknown"),
            ("failed", "Error"),
            ("dismissed", "Not Ours"),
        ],
        "State",
        required=True,
        default="new",
        readonly=True,
        index=True,
    )
    note = fields.Char("Note", readonly=True)
    chargeback_id = fields.Many2one(
        "payment.chargeback",
        "Chargeback",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    token_id = fields.Many2one(
        "payment.token", "Saved Card", readonly=True, index="btree_not_null", ondelete="set null"
    )

    _once = models.UniqueIndex(
        "(provider_id, event_ref)", "This report of the provider was taken in already."
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("facts", "kind")
    def _compute_summary(self):
        for event in self:
            facts = event.facts or {}
            if event.kind == "dispute":
                amount = facts.get("amount")
                parts = (
                    facts.get("status"),
                    f"{amount:.2f} {facts.get('currency') or ''}" if amount else "",
                    facts.get("reason_text") or facts.get("reason"),
                )
            else:
                card = facts.get("card") or {}
                expiry = f"{card['month']:02d}/{card['year']}" if card.get("year") else ""
                parts = (facts.get("change"), card.get("network"), card.get("last4"), expiry)
            event.summary = ", ".join(part for part in parts if part)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_assign(self):
        """Open the dialogue in which a person says which payment it is about."""
        self.ensure_one()
        self.env["payment.charge.attempt"]._check_operator()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Which Payment Is It?"),
            "res_model": "payment.provider.event.assign",
            "view_mode": "form",
            "target": "new",
            "context": {"default_event_id": self.id},
        }

    def action_dismiss(self):
        """Note that the report is about a payment that was not taken here."""
        self.env["payment.charge.attempt"]._check_operator()
        self.check_access("read")
        # sudo: reports are written by the system only; who may is checked above
        waiting = self.sudo().filtered(lambda one: one.state in {"unknown", "failed"})
        waiting.state = "dismissed"
        waiting._close_alert()

    def action_retry(self):
        """Look for the payment again: it may have been taken in since."""
        self.env["payment.charge.attempt"]._check_operator()
        self.check_access("read")
        # sudo: see action_dismiss
        waiting = self.sudo().filtered(lambda one: one.state in {"unknown", "failed"} and one.facts)
        for event in waiting.sorted(lambda one: (one.happened, one.id)):
            event._process()
        return True

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    @api.model
    def _receive(self, provider, event_ref, report):
        """Take in one report of a provider, once, whoever brings it and however often.

        :param provider: the provider whose report it surely is
        :param str event_ref: the provider's name for the report
        :param report: a :class:`..core.dispute.Report` or a :class:`..core.cards.CardUpdate`
        :return: the row, empty when the report was taken in before
        """
        self = self.sudo()  # sudo: whoever speaks for a provider was made sure of before
        is_card = isinstance(report, CardUpdate)
        event = self._claim({
            "provider_id": provider.id,
            "company_id": provider.company_id.id,
            "event_ref": event_ref,
            "kind": "card" if is_card else "dispute",
            "subject_ref": report.token_ref if is_card else report.reference,
            "payment_ref": None if is_card else report.payment_reference or None,
            "happened": report.happened,
        })
        if event:
            event.facts = report.as_json()
            event._process()
        return event

    @api.model
    def _receive_unreadable(self, provider, event_ref, subject_ref, happened, why):
        """Put a report before a person that is surely the provider's and cannot be understood.

        :param str subject_ref: the dispute or card it names
        :param datetime happened: in UTC
        :param str why: what is wrong with it, in words
        :return: the row, empty when the report was taken in before
        """
        self = self.sudo()  # sudo: see _receive
        event = self._claim({
            "provider_id": provider.id,
            "company_id": provider.company_id.id,
            "event_ref": event_ref,
            "kind": "dispute",
            "subject_ref": subject_ref,
            "happened": happened,
        })
        if event:
            event.write({"state": "failed", "note": why})
            event._alert()
        return event

    @api.model
    def _claim(self, vals):
        """Write the row of a report, unless it is there: two at once are one."""
        now = fields.Datetime.now()
        values = {
            **vals,
            "state": "new",
            "create_uid": self.env.uid,
            "write_uid": self.env.uid,
            "create_date": now,
            "write_date": now,
        }
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO payment_provider_event (%s) VALUES (%s)
                ON CONFLICT (provider_id, event_ref) DO NOTHING
                RETURNING id
                """,
                SQL(", ").join(SQL.identifier(name) for name in values),
                SQL(", ").join(SQL("%s", value) for value in values.values()),
            )
        )
        return self.browse([row[0] for row in rows])

    def _process(self, transaction=None):
        """Do what a report asks for.

        :param transaction: the payment it is about, where a person has found it
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                if self.kind == "card":
                    self._process_card()
                else:
                    self._process_dispute(transaction)
        except UserError as error:
            # the report is understood and cannot be followed: a person looks at it
            self.env.invalidate_all()
            self.write({"state": "failed", "note": str(error)})
            self._alert()

    def _process_dispute(self, transaction):
        chargeback, outdated = self.env["payment.chargeback"]._take(
            self.provider_id, Report.from_json(self.facts), transaction
        )
        if not chargeback:
            self.write({
                "state": "unknown",
                "note": self.env._("No payment of this terminal has that number."),
            })
            self._alert()
            return
        self.write({
            "state": "outdated" if outdated else "done",
            "chargeback_id": chargeback.id,
            "note": False,
        })
        self._close_alert()
        if transaction:
            # what else was said of it in the meantime
            self._others_waiting()._follow(transaction)

    def _others_waiting(self):
        return self.search([
            ("provider_id", "=", self.provider_id.id),
            ("subject_ref", "=", self.subject_ref),
            ("kind", "=", "dispute"),
            ("state", "=", "unknown"),
            ("id", "!=", self.id),
        ])

    def _follow(self, transaction):
        for event in self.sorted(lambda one: (one.happened, one.id)):
            event._process(transaction)

    def _process_card(self):
        tokens, outdated = self.env["payment.token"]._card_apply(
            self.provider_id, CardUpdate.from_json(self.facts)
        )
        if not tokens:
            # most cards of a provider were never saved here
            self.write({"state": "dismissed", "note": self.env._("No saved card of ours.")})
            return
        self.write({
            "state": "outdated" if outdated else "done",
            "token_id": tokens[:1].id,
        })

    def _alert(self):
        """Have a person look at a report that cannot be followed."""
        self.ensure_one()
        if self.activity_ids:
            return
        company = self.company_id
        user = company.charge_alert_user_id
        if not user or not user.active:
            managers = self.env.ref("payment_charge.group_charge_manager").all_user_ids
            user = managers.filtered(lambda one: one.active and company in one.company_ids)[:1]
        if not user:
            return
        self.with_context(mail_activity_quick_update=True).activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=company._charge_today(),
            user_id=user.id,
            summary=self.env._("A report of %s waits for you", self.provider_id.name),
            note=self.note,
        )

    def _close_alert(self):
        """Take the activities back from reports that were dealt with."""
        todo = self.env.ref("mail.mail_activity_data_todo")
        self.activity_ids.filtered(lambda one: one.activity_type_id == todo).action_feedback(
            feedback=self.env._("Settled")
        )
