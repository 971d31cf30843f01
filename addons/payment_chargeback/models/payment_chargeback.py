# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..core import dispute

STATES = [
    ("warning", "At Risk"),
    ("open", "To Be Answered"),
    ("submitted", "Under Review"),
    ("won", "Won"),
    ("partly", "Partly Won"),
    ("lost", "Lost"),
    ("closed", "Closed"),
]
# from where a chargeback may go where; a provider may correct what it said
TRANSITIONS = {
    "warning": {"open", "submitted", "won", "partly", "lost", "closed"},
    "open": {"submitted", "won", "partly", "lost", "closed"},
    "submitted": {"open", "won", "partly", "lost", "closed"},
    "won": {"open", "submitted", "partly", "lost"},
    "partly": {"open", "submitted", "won", "lost"},
    "lost": {"open", "submitted", "won", "partly"},
    "closed": {"open", "submitted", "won", "partly", "lost"},
}
LIVE = dispute.LIVE
SUBMIT_STATES = [
    ("none", "Not Sent"),
    ("sending", "Possibly Sent"),
    ("sent", "Sent"),
    ("failed", "Refused"),
]


class PaymentChargeback(models.Model):
    """A charge that its card holder or bank disputes, or may dispute soon.

    What the provider said so far is kept in ``truth``; state, books and charges follow from it.
    """

    _name = "payment.chargeback"
    _description = "Chargeback"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "due_by, id desc"
    _rec_names_search = ["name", "reference", "partner_id.complete_name"]
    _mail_post_access = "read"
    _check_company_auto = True

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    name = fields.Char("Number", required=True, readonly=True, copy=False, index="trigram")
    company_id = fields.Many2one("res.company", "Company", required=True, index=True, readonly=True)
    kind = fields.Selection(
        [
            ("alert", "Fraud Warning"),
            ("inquiry", "Inquiry"),
            ("chargeback", "Chargeback"),
        ],
        "Kind",
        required=True,
        default="chargeback",
        readonly=True,
        help="A fraud warning says that a chargeback may come. An inquiry asks first, before any "
        "money is taken. A chargeback takes the money until it is decided.",
    )
    state = fields.Selection(
        STATES, "State", required=True, default="open", readonly=True, index=True
    )
    transition_ids = fields.One2many(
        "payment.chargeback.transition", "chargeback_id", "History", readonly=True
    )
    provider_id = fields.Many2one(
        "payment.provider", "Terminal", ondelete="restrict", readonly=True
    )
    reference = fields.Char(
        "Provider's Number", readonly=True, copy=False, help="How the provider names the dispute."
    )
    event_ids = fields.One2many(
        "payment.provider.event", "chargeback_id", "Reports of the Provider", readonly=True
    )
    transaction_id = fields.Many2one(
        "payment.transaction",
        "Transaction",
        ondelete="restrict",
        readonly=True,
        index="btree_not_null",
    )
    attempt_id = fields.Many2one(
        "payment.charge.attempt",
        "Charge",
        ondelete="restrict",
        readonly=True,
        index="btree_not_null",
        help="The charge that is disputed. None: the customer paid it on a payment page.",
    )
    payment_id = fields.Many2one(
        "account.payment",
        "Payment",
        ondelete="restrict",
        readonly=True,
        index="btree_not_null",
        help="The payment that is disputed.",
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="restrict", readonly=True
    )
    token_id = fields.Many2one(
        "payment.token", "Saved Card", ondelete="restrict", readonly=True, index="btree_not_null"
    )
    way_id = fields.Many2one(related="attempt_id.way_id", string="Way")
    invoice_ids = fields.Many2many(
        "account.move",
        "payment_chargeback_invoice_rel",
        "chargeback_id",
        "move_id",
        "Documents",
        readonly=True,
        help="What the disputed payment had paid.",
    )
    res_model = fields.Char("Asked for by (Model)", readonly=True)
    res_id = fields.Many2oneReference("Asked for by", model_field="res_model", readonly=True)
    source_name = fields.Char("Asked for by (Name)", compute="_compute_source_name")
    amount = fields.Monetary(
        "Disputed", required=True, readonly=True, help="Of the charge, in its currency."
    )
    currency_id = fields.Many2one("res.currency", "Currency", required=True, readonly=True)
    reason_id = fields.Many2one("payment.reason", "Reason", readonly=True, ondelete="restrict")
    advice = fields.Char(related="reason_id.advice", string="What Helps")
    reason_text = fields.Char("Reason as Given", readonly=True)
    opened_on = fields.Date("Opened On", required=True, readonly=True)
    due_by = fields.Datetime(
        "Evidence Due By",
        readonly=True,
        index="btree_not_null",
        help="The provider's deadline for evidence. What comes later is lost.",
    )
    days_left = fields.Integer("Days Left", compute="_compute_days_left")
    decided_on = fields.Date("Decided On", readonly=True, copy=False)
    truth = fields.Json("What the Reports Come to", readonly=True, copy=False)
    # what is in the books, in the currency of the charge; the fee in its own
    amount_withdrawn = fields.Monetary(
        "Taken Away", readonly=True, copy=False, help="Booked: the documents owe it again."
    )
    amount_reinstated = fields.Monetary(
        "Given Back", readonly=True, copy=False, help="Booked as a payment of the documents."
    )
    amount_lost = fields.Monetary(
        "Missing Now", compute="_compute_amount_lost", store=True, help="Taken and not given back."
    )
    fee_amount = fields.Monetary(
        "Fee", readonly=True, copy=False, currency_field="fee_currency_id", help="By the provider."
    )
    fee_booked = fields.Monetary(
        "Fee Booked", readonly=True, copy=False, currency_field="fee_currency_id"
    )
    fee_currency_id = fields.Many2one("res.currency", "Currency of the Fee", readonly=True)
    move_ids = fields.Many2many(
        "account.move",
        "payment_chargeback_move_rel",
        "chargeback_id",
        "move_id",
        "Entries",
        readonly=True,
        copy=False,
        help="What the chargeback did to the books.",
    )
    evidence_ids = fields.One2many("payment.chargeback.evidence", "chargeback_id", "Evidence")
    evidence_text = fields.Text(
        "Statement",
        help="What you have to say to it, in your own words. It is sent with the evidence.",
    )
    bundle_id = fields.Many2one(
        "ir.attachment", "Evidence as One File", readonly=True, copy=False, ondelete="set null"
    )
    submit_state = fields.Selection(
        SUBMIT_STATES,
        "Evidence Is",
        required=True,
        default="none",
        readonly=True,
        copy=False,
        help="Possibly sent: the answer of the provider never came. Ask it before sending again.",
    )
    submitted_on = fields.Datetime("Evidence Sent On", readonly=True, copy=False)
    finished = fields.Boolean(
        "Followed up", default=False, readonly=True, help="The books say what the provider said."
    )
    trouble = fields.Text(
        "Error in What Follows", readonly=True, help="Such as a booking that was refused."
    )
    reminded = fields.Boolean("Reminded of the Deadline", readonly=True, copy=False)
    needs_attention = fields.Boolean(
        "To Look at", compute="_compute_needs_attention", store=True, index=True
    )
    can_submit = fields.Boolean(
        "Takes Evidence", compute="_compute_can_submit", help="The provider takes it from here."
    )
    amount_refundable = fields.Monetary(
        related="attempt_id.amount_refundable", string="Can Be Refunded", related_sudo=True
    )
    user_id = fields.Many2one(
        "res.users",
        "Person in Charge",
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )

    _reference_unique = models.UniqueIndex(
        "(provider_id, reference) WHERE reference IS NOT NULL",
        "This dispute is in the list already.",
    )
    _name_unique = models.UniqueIndex("(company_id, name)", "The number of a chargeback is unique.")
    _unfinished = models.Index("(id) WHERE finished IS NOT TRUE")
    _amount_positive = models.Constraint("CHECK (amount > 0)", "The amount is more than nothing.")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("name", "partner_id")
    def _compute_display_name(self):
        for chargeback in self:
            chargeback.display_name = chargeback.name

    def _compute_source_name(self):
        for chargeback in self:
            # sudo: the name of what asked for the charge is shown to who sees the chargeback
            chargeback.source_name = chargeback._chargeback_source().sudo().display_name or False

    @api.depends("due_by", "state")
    def _compute_days_left(self):
        for chargeback in self:
            company = chargeback.company_id
            if chargeback.due_by and chargeback.state in LIVE:
                due = company._chargeback_day(chargeback.due_by)
                chargeback.days_left = (due - company._charge_today()).days
            else:
                chargeback.days_left = 0

    @api.depends("amount_withdrawn", "amount_reinstated")
    def _compute_amount_lost(self):
        for chargeback in self:
            chargeback.amount_lost = chargeback.amount_withdrawn - chargeback.amount_reinstated

    @api.depends("state", "finished", "trouble", "submit_state")
    def _compute_needs_attention(self):
        for chargeback in self:
            chargeback.needs_attention = (
                chargeback.state in {"warning", "open"}
                or bool(chargeback.trouble and not chargeback.finished)
                or (chargeback.state == "submitted" and chargeback.submit_state == "sending")
            )

    @api.depends("provider_id", "reference")
    def _compute_can_submit(self):
        for chargeback in self.sudo():  # sudo: what a provider can do is told to who charges
            chargeback.can_submit = bool(
                chargeback.reference
                and chargeback.kind != "alert"
                and chargeback.provider_id._chargeback_takes_evidence()
            )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not vals.get("name"):
                company = self.env["res.company"].browse(vals["company_id"])
                # sudo: numbers are drawn by the system
                sequences = self.env["ir.sequence"].with_company(company).sudo()
                vals["name"] = sequences.next_by_code("payment.chargeback")
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and any(self._fields[name].readonly for name in vals):
            raise AccessError(self.env._("What happened to a chargeback is written by itself."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Chargebacks stay as history."))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_assemble(self):
        """Put together what speaks for the charge."""
        self._check_operator()
        self.sudo()._assemble()  # sudo: checked above; it reads documents and messages
        return True

    def action_download(self):
        """Download the evidence as one file."""
        self.ensure_one()
        if not self.bundle_id:
            self.action_assemble()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.sudo().bundle_id.id}?download=true",  # sudo: see above
            "target": "download",
        }

    def action_submit(self):
        """Send the evidence to the provider."""
        self._check_operator()
        for chargeback in self.sudo():  # sudo: checked above; sending reads the provider's keys
            chargeback._submit()
        return True

    def action_mark_submitted(self):
        """Note that a person sent the evidence, on the provider's own site."""
        self._check_operator()
        for chargeback in self.sudo():  # sudo: chargebacks are written by the system only
            if chargeback.state not in LIVE:
                raise UserError(self.env._("%s is decided already.", chargeback.name))
            chargeback._set_submitted(self.env._("Sent by hand"), "user")
        return True

    def action_ask(self):
        """Ask the provider now where the dispute stands."""
        self._check_operator()
        for chargeback in self.sudo():  # sudo: see action_submit
            chargeback._ask_provider()
        return True

    def action_outcome(self):
        """Open the dialogue in which a person says how it was decided."""
        self._check_operator()
        return self._open_dialogue("payment.chargeback.outcome", self.env._("How It Ended"))

    def action_finish(self):
        """Do again what follows, such as a booking that was refused."""
        self._check_operator()
        for chargeback in self.sudo():  # sudo: see action_mark_submitted
            chargeback._follow_up()
        return True

    def action_refund(self):
        """Pay the charge back now, before it becomes a chargeback."""
        self.ensure_one()
        self._check_operator()
        refund = self.sudo()._refund_before()  # sudo: see action_submit
        return refund.sudo(False)._get_records_action(name=self.env._("Refund"))

    def action_dismiss(self):
        """Take a warning off the list: a person has looked at it."""
        self._check_operator()
        for chargeback in self.sudo():  # sudo: see action_mark_submitted
            if chargeback.kind == "chargeback" or chargeback.state not in LIVE:
                raise UserError(
                    self.env._(
                        "%s takes money until the provider decides. Say how it ended instead.",
                        chargeback.name,
                    )
                )
            chargeback._set_state("closed", cause="user", note=self.env._("Looked at"))
            chargeback._follow_up()
        return True

    def action_open_attempt(self):
        """Open the charge that is disputed."""
        self.ensure_one()
        return self.attempt_id._get_records_action()

    def action_open_invoices(self):
        """Open what the disputed payment had paid."""
        self.ensure_one()
        return self.invoice_ids._get_records_action(name=self.env._("Documents"))

    def action_open_moves(self):
        """Open what the chargeback did to the books."""
        self.ensure_one()
        return self.move_ids._get_records_action(name=self.env._("Entries"))

    def action_open_source(self):
        """Open what asked for the charge."""
        self.ensure_one()
        return self._chargeback_source()._get_records_action()

    def _open_dialogue(self, model, name):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            "target": "new",
            "context": {"default_chargeback_id": self.id},
        }

    # ------------------------------------------------------------
    # BUSINESS: STATES
    # ------------------------------------------------------------

    def _check_operator(self):
        """Check that the user may act on chargebacks."""
        self.env["payment.charge.attempt"]._check_operator()
        self.check_access("read")

    def _set_state(self, state, *, cause, note=False, **vals):
        """Move the chargebacks to ``state``: the only place that writes it.

        :param str state: one of the keys of :data:`TRANSITIONS`
        :param str cause: what asked for it, see ``payment.chargeback.transition``
        :param str note: why, in words
        :param vals: what else is written with it
        :raise UserError: when a chargeback may not go there from where it is
        """
        labels = dict(self._fields["state"]._description_selection(self.env))
        moving = self.filtered(lambda one: one.state != state)
        for chargeback in moving:
            if state not in TRANSITIONS[chargeback.state]:
                raise UserError(
                    self.env._(
                        "Chargeback %(chargeback)s is %(current)s and cannot become %(wanted)s.",
                        chargeback=chargeback.name,
                        current=labels[chargeback.state],
                        wanted=labels[state],
                    )
                )
        for from_state, chargebacks in moving.grouped("state").items():
            chargebacks._log_transitions(from_state, state, cause, note)
        for company, chargebacks in moving.grouped("company_id").items():
            decided = False if state in LIVE else company._charge_today()
            chargebacks.write({
                "state": state,
                "decided_on": decided,
                "finished": False,
                **vals,
            })
        # charges and documents look for live chargebacks in the database
        moving.flush_recordset()

    def _log_transitions(self, from_state, to_state, cause, note):
        """Write one row of history per chargeback."""
        # sudo: history is written by the system
        self.env["payment.chargeback.transition"].sudo().create([
            {
                "chargeback_id": chargeback.id,
                "from_state": from_state,
                "to_state": to_state,
                "cause": cause,
                "note": note,
                "user_id": self.env.uid,
            }
            for chargeback in self
        ])

    def _chargeback_source(self):
        """Return the record that asked for the charge, or an empty one."""
        self.ensure_one()
        if not self.res_model or self.res_model not in self.env:
            return self.browse()
        return self.env[self.res_model].browse(self.res_id).exists()

    @api.model
    def _live_of(self, source):
        """Return the live chargebacks of charges that a record asked for."""
        # sudo: a chargeback stops charges, whoever asks for them
        return self.sudo().search([
            ("res_model", "=", source._name),
            ("res_id", "=", source.id),
            ("state", "in", LIVE),
        ])

    def _hold(self):
        """Take the row of one chargeback, and see it as it is now.

        :return: whether it could be had; another process works on it when not
        """
        self.ensure_one()
        self.env.flush_all()
        if not self.try_lock_for_update(allow_referencing=True):
            return False
        self.env.invalidate_all()
        return True

    # ------------------------------------------------------------
    # BUSINESS: PEOPLE
    # ------------------------------------------------------------

    def _alert(self):
        """Give the person in charge an activity for a chargeback that needs one."""
        for chargeback in self:
            if not chargeback.needs_attention:
                chargeback._close_alert()
                continue
            if chargeback.activity_ids:
                continue
            chargeback._remind(
                self.env._("Answer %s", chargeback.name)
                if chargeback.state == "open"
                else self.env._("Look at %s", chargeback.name)
            )

    def _remind(self, summary):
        """Give the person in charge an activity, due in time for the deadline."""
        self.ensure_one()
        user = self._person()
        if not user:
            return
        company = self.company_id
        today = company._charge_today()
        deadline = today
        if self.due_by:
            days = max(company.chargeback_alert_days, 0)
            due = fields.Date.subtract(company._chargeback_day(self.due_by), days=days)
            deadline = max(due, today)
        # no e-mail for each: they come many at a time
        self.with_context(mail_activity_quick_update=True).activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=deadline,
            user_id=user.id,
            summary=summary,
            note=self.trouble or self.reason_id.name or self.reason_text or "",
        )

    def _person(self):
        """Return who is to look at the chargeback: set by hand, by the company, or a manager."""
        self.ensure_one()
        managers = self.env.ref("payment_charge.group_charge_manager").all_user_ids
        candidates = [
            self.user_id,
            self.company_id.charge_alert_user_id,
            self.attempt_id.user_id,
            *managers.sorted("id"),
        ]
        for user in candidates:
            if user.active and not user.share and self.company_id in user.company_ids:
                return user
        return self.env["res.users"]

    def _close_alert(self):
        """Take the activities back from chargebacks that need nobody any more."""
        todo = self.env.ref("mail.mail_activity_data_todo")
        self.activity_ids.filtered(lambda one: one.activity_type_id == todo).action_feedback(
            feedback=self.env._("Settled")
        )

    def _log_everywhere(self, text):
        """Tell the histories of the customer, the documents and the charge."""
        self.ensure_one()
        # sudo: history is written by the system
        for record in (self.partner_id, *self.invoice_ids, *self.attempt_id):
            record.sudo()._message_log(body=text)
