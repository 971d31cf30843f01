# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

STATES = [
    ("planned", "Planned"),
    ("charging", "Being Charged"),
    ("generated", "Issued"),
    ("unpaid", "Not Collected"),
    ("failed", "Error"),
    ("skipped", "Left Out"),
]
TRANSITIONS = {
    "planned": {"charging", "generated", "failed", "skipped"},
    "charging": {"planned", "generated", "unpaid", "failed"},
    # a charge without a document may be returned
    "generated": {"charging", "unpaid"},
    "unpaid": {"charging", "generated", "failed", "skipped"},
    "failed": {"planned", "generated", "charging", "skipped"},
    # a success may come after all, and is never lost
    "skipped": {"planned", "generated", "failed"},
}
RESULTS = [
    ("planned", "Planned"),
    ("charging", "Being Charged"),
    ("owed", "Owed"),
    ("overdue", "Overdue"),
    ("paid", "Paid"),
    ("reversed", "Reversed"),
    ("unpaid", "Not Collected"),
    ("failed", "Error"),
    ("skipped", "Left Out"),
]
SEND_STATES = [
    ("none", "Not by Itself"),
    ("waiting", "To Be Sent"),
    ("sending", "Being Sent"),
    ("sent", "Sent"),
    ("unsure", "Possibly Sent"),
    ("failed", "Not Sent"),
]


class RecurringPeriod(models.Model):
    """One period of a recurring document: what was billed for which days, and what became of it.

    The row is the claim: it is committed before anything is issued or charged, and the database
    lets a document, or a line with dates of its own, have one for a first day only once.
    """

    _name = "recurring.period"
    _description = "Period of a Recurring Document"
    _order = "date_from desc, id desc"
    _check_company_auto = True

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    document_id = fields.Many2one(
        "recurring.document",
        "Recurring Document",
        required=True,
        index=True,
        ondelete="restrict",
        readonly=True,
    )
    line_id = fields.Many2one(
        "recurring.document.line",
        "Line",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        help="A line with dates of its own. Empty: all lines without.",
    )
    company_id = fields.Many2one("res.company", "Company", required=True, index=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="restrict", readonly=True
    )
    currency_id = fields.Many2one("res.currency", "Currency", required=True, readonly=True)
    number = fields.Integer(
        "Number", readonly=True, help="The how many-th period of the document or line it is."
    )
    date_from = fields.Date("From", required=True, readonly=True)
    date_to = fields.Date("To", required=True, readonly=True)
    bill_on = fields.Date("Billed On", required=True, readonly=True)
    charge_on = fields.Date("Charged On", readonly=True)
    state = fields.Selection(
        STATES, "Status", required=True, default="planned", readonly=True, index=True
    )
    result = fields.Selection(
        RESULTS,
        "Result",
        compute="_compute_result",
        compute_sudo=True,
        help="The status, and of an issued document whether it is paid.",
    )
    run_id = fields.Many2one(
        "recurring.run", "Run", index="btree_not_null", ondelete="set null", readonly=True
    )
    left_out = fields.Boolean(
        "Unticked", readonly=True, help="A person unticked it in a run: it waits for the next one."
    )
    main_id = fields.Many2one(
        "recurring.period",
        "Billed with",
        index="btree_not_null",
        readonly=True,
        help="Periods of one document that are billed on one day share a document.",
    )
    move_id = fields.Many2one(
        "account.move", "Invoice", index="btree_not_null", ondelete="set null", readonly=True
    )
    request_id = fields.Many2one(
        "payment.request",
        "Payment Request",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
    )
    document_name = fields.Char("Document", compute="_compute_result", compute_sudo=True)
    to_charge = fields.Boolean(
        "To Be Charged", readonly=True, help="The document is issued and waits for its charge."
    )
    charge_round = fields.Integer("Charges Asked for", readonly=True)
    attempt_id = fields.Many2one(
        "payment.charge.attempt", "First Charge", index="btree_not_null", readonly=True
    )
    attempt_ids = fields.One2many(
        "payment.charge.attempt", "recurring_period_id", "Charges", readonly=True
    )
    last_attempt_id = fields.Many2one(
        "payment.charge.attempt", "Last Charge", compute="_compute_last_attempt", compute_sudo=True
    )
    charge_state = fields.Selection(
        selection=lambda self: (
            self.env["payment.charge.attempt"]._fields["state"]._description_selection(self.env)
        ),
        string="Charge",
        compute="_compute_last_attempt",
        compute_sudo=True,
    )
    charge_text = fields.Char(
        "What the Charge Says", compute="_compute_last_attempt", compute_sudo=True
    )
    gave_up = fields.Boolean(
        "Charges Failed for Good", readonly=True, help="No further try follows by itself."
    )
    amount = fields.Monetary("Amount", readonly=True)
    residual = fields.Monetary("Open", compute="_compute_result", compute_sudo=True)
    content = fields.Json(
        "What Was Billed", readonly=True, help="The lines as they were when it was billed."
    )
    error = fields.Text("Error", readonly=True)
    send_state = fields.Selection(
        SEND_STATES, "Sending", required=True, default="none", readonly=True
    )
    send_error = fields.Text("Why It Was Not Sent", readonly=True)
    transition_ids = fields.One2many("recurring.transition", "period_id", "History", readonly=True)

    _once = models.UniqueIndex(
        "(document_id, COALESCE(line_id, 0), date_from)", "This period is planned already."
    )
    _to_generate = models.Index("(bill_on, document_id, id) WHERE state = 'planned'")
    _to_be_charged = models.Index("(charge_on, id) WHERE to_charge AND attempt_id IS NULL")
    _to_send = models.Index("(id) WHERE send_state IN ('waiting', 'sending')")
    _days = models.Constraint("CHECK (date_from <= date_to)", "A period ends after it begins.")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("document_id", "date_from", "date_to")
    def _compute_display_name(self):
        for period in self:
            period.display_name = self.env._(
                "%(document)s, %(from)s – %(to)s",
                document=period.document_id.name,
                **{
                    "from": format_date(self.env, period.date_from),
                    "to": format_date(self.env, period.date_to),
                },
            )

    @api.depends(
        "state",
        "amount",
        "move_id.payment_state",
        "move_id.amount_residual",
        "move_id.invoice_date_due",
        "request_id.state",
        "request_id.amount_residual",
    )
    def _compute_result(self):
        for period in self:
            move, request = period.move_id, period.request_id
            owed = period._owed()
            # what rows share is shown at the first one
            shared = period.main_id and period.main_id != period
            period.residual = 0.0 if shared else owed
            period.document_name = move.display_name if move else request.display_name
            if period.state != "generated":
                period.result = period.state
            elif move.payment_state == "reversed" or request.state == "cancelled":
                period.result = "reversed"
            elif not owed:
                period.result = "paid"
            else:
                today = period.company_id._charge_today()
                due = move.invoice_date_due or request.date_due
                period.result = "overdue" if due and due < today else "owed"

    @api.depends("attempt_ids.state", "attempt_ids.next_step", "main_id")
    def _compute_last_attempt(self):
        for period in self:
            attempt = (
                (period.main_id or period)
                .attempt_ids.filtered(lambda one: one.operation == "charge")
                .sorted("id")[-1:]
            )
            period.last_attempt_id = attempt
            period.charge_state = attempt.state
            period.charge_text = ". ".join(
                filter(None, (attempt.reason_id.name, attempt.next_text))
            )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Periods stay as history. Leave a planned one out instead."))

    @api.model
    def _create_from(self, slices, run=None, **vals):
        """Write down periods that are to be billed.

        :param slices: what :meth:`recurring.document._slices` returned
        :param run: the run that asks for them
        :return: the rows, in that order
        """
        if not slices:
            return self.browse()
        rows = self.create([
            {
                "document_id": one.document.id,
                "line_id": one.line.id,
                "company_id": one.document.company_id.id,
                "partner_id": one.document.commercial_partner_id.id,
                "currency_id": one.document.currency_id.id,
                "number": one.period.number,
                "date_from": one.period.first,
                "date_to": one.period.last,
                "bill_on": one.bill_on,
                "charge_on": fields.Date.add(one.bill_on, days=one.document.charge_offset),
                "run_id": run.id if run else False,
                **vals,
            }
            for one in slices
        ])
        rows._log_transitions(False, "planned", "run" if run else "schedule", False)
        return rows

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_document(self):
        """Open the invoice or payment request."""
        self.ensure_one()
        return (self.move_id or self.request_id)._get_records_action()

    def action_open_attempts(self):
        """List the charges of the period."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("payment_charge.action_attempt")
        action["domain"] = [("recurring_period_id", "=", (self.main_id or self).id)]
        action["context"] = {"create": False}
        return action

    def action_skip(self):
        """Leave periods out that were not billed yet."""
        self.document_id._check_operator()
        # sudo: checked above; periods are written by the system only
        rows = self.sudo().filtered(lambda one: one.state in {"planned", "unpaid", "failed"})
        if not rows:
            raise UserError(self.env._("Only what was not billed yet can be left out."))
        if rows.filtered(lambda one: one._collected()):
            raise UserError(self.env._("The customer has paid for it. Refund the charge first."))
        rows._set_state("skipped", cause="user", left_out=False)
        return True

    def action_bill(self):
        """Bill periods after all that were left out, or were not billed because of an error."""
        self.document_id._check_operator()
        # sudo: see action_skip
        rows = self.sudo()
        skipped = rows.filtered(lambda one: one.state == "skipped")
        skipped._set_state("planned", cause="user")
        rows.filtered(lambda one: one.state == "planned").left_out = False
        rows.filtered(lambda one: one.state == "failed")._release()
        rows.document_id._forget_trouble()
        self._wake()
        return True

    def action_charge_again(self):
        """Charge periods again that were not collected."""
        self.document_id._check_operator()
        # sudo: see action_skip
        self.sudo().filtered(lambda one: one.state == "unpaid")._charge_again()
        return True

    def action_issue_unpaid(self):
        """Issue the document of periods that were not collected: the customer owes it."""
        self.document_id._check_operator()
        # sudo: see action_skip
        for row in self.sudo().filtered(lambda one: one.state == "unpaid"):
            row._of_same_document()._issue_owed()
        return True

    def action_send_again(self):
        """Send documents that were not, or possibly not, sent."""
        self.document_id._check_operator()
        # sudo: see action_skip
        rows = self.sudo().filtered(
            lambda one: one.state == "generated" and one.send_state != "sending"
        )
        rows.main_id.write({"send_state": "waiting", "send_error": False})
        self._wake("cron_send")
        return True

    # ------------------------------------------------------------
    # STATES
    # ------------------------------------------------------------

    def _set_state(self, state, *, cause, note=False, by_row=None, **vals):
        """Move the periods to ``state``: the only place that writes it.

        :param str cause: what asked for it, see ``recurring.transition``
        :param str note: why, in words
        :param dict by_row: what else is written, by the id of the row
        :param vals: what else is written on all of them
        :raise UserError: when one may not go there from where it is
        """
        labels = dict(self._fields["state"]._description_selection(self.env))
        moving = self.filtered(lambda one: one.state != state)
        for period in moving:
            if state not in TRANSITIONS[period.state]:
                raise UserError(
                    self.env._(
                        "%(period)s is “%(from)s” and cannot become “%(to)s”.",
                        period=period.display_name,
                        **{"from": labels[period.state], "to": labels[state]},
                    )
                )
        for from_state, rows in moving.grouped("state").items():
            rows._log_transitions(from_state, state, cause, note)
        common = {"state": state, "error": False, **vals}
        if by_row is None:
            moving.write(common)
        else:
            for period in moving:
                period.write({**common, **by_row.get(period.id, {})})
        return moving

    def _log_transitions(self, from_state, to_state, cause, note):
        """Write one row of history per period."""
        # sudo: history is written by the system
        self.env["recurring.transition"].sudo().create([
            {
                "document_id": period.document_id.id,
                "period_id": period.id,
                "from_state": from_state,
                "to_state": to_state,
                "cause": cause,
                "note": note,
                "user_id": self.env.uid,
            }
            for period in self
        ])

    def _release(self):
        """Have periods billed again that ended with an error, if they were not paid before."""
        for row in self.filtered(lambda one: one.state == "failed"):
            paid = row._collected()
            if paid:
                row._of_same_document()._issue_collected(paid)
            else:
                row._set_state("planned", cause="user", content=False, main_id=False)

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _of_same_document(self):
        """Return the rows that are billed together with these, these among them."""
        mains = self.main_id
        return self | self.search([("main_id", "in", mains.ids)]) if mains else self

    def _collected(self):
        """Return the charge that has brought the money of the period, or none."""
        self.ensure_one()
        attempts = (self.main_id or self).attempt_ids
        return attempts.filtered(
            lambda one: one.operation == "charge" and one.state == "succeeded"
        )[:1]

    def _owed(self):
        """Return how much of the period is owed, or is to be charged directly."""
        self.ensure_one()
        main = self.main_id or self
        if self.move_id:
            return self.move_id._charge_due()
        if self.request_id:
            open_states = {"sent", "partly_paid"}
            return self.request_id.amount_residual if self.request_id.state in open_states else 0.0
        if self.state in {"charging", "unpaid"} or (
            self.state == "generated" and self.document_id.document_kind == "none"
        ):
            rows = self._of_same_document()
            return 0.0 if main._collected() else sum(rows.mapped("amount"))
        return 0.0

    def _is_owed(self):
        self.ensure_one()
        return self.currency_id.compare_amounts(self._owed(), 0) > 0

    def _wake(self, cron="cron_run"):
        # sudo: whoever asks for it wakes the job
        self.env.ref(f"recurring_document.{cron}").sudo()._trigger()
