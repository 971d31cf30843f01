# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import uuid

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date

from .payment_charge_transition import STATES

# from where a charge may go where
TRANSITIONS = {
    "planned": {"submitted", "needs_customer", "failed", "cancelled"},
    "submitted": {"pending", "needs_customer", "succeeded", "failed", "unknown"},
    "pending": {"needs_customer", "succeeded", "failed", "unknown"},
    "needs_customer": {"pending", "succeeded", "failed", "cancelled"},
    "unknown": {"pending", "needs_customer", "succeeded", "failed"},
    # a success may come after all, and is never lost
    "failed": {"succeeded"},
    "cancelled": {"succeeded"},
    "succeeded": {"returned"},
    "returned": {"succeeded"},
}
# while one of these lives, no other charge may have its documents
LIVE = ("planned", "submitted", "pending", "unknown")
# what follows these is done in the same transaction that brings them, or by the follow-up
FINAL = ("needs_customer", "succeeded", "failed", "returned", "cancelled")
STEPS = [
    ("retry", "Tried Again"),
    ("next_way", "Next Way"),
    ("person", "A Person Decides"),
    ("stop", "Stopped"),
]
WHY = [
    ("schedule", "by the schedule"),
    ("fallback", "by the customer's next way"),
    ("needs_person", "the reason asks for a person"),
    ("paid", "nothing is owed any more"),
    ("cancelled", "cancelled by a person"),
    ("held", "the customer is not charged"),
    ("by_hand", "charged by hand, once"),
    ("hard", "the card or account does not allow it, and there is no other way"),
    ("never", "the bank forbids any further try, and there is no other way"),
    ("exhausted", "all tries are used up"),
    ("window", "the time for further tries is over"),
    ("way_ended", "the way cannot be charged any more"),
    ("no_schedule", "no schedule asks for another try"),
    ("no_way", "the customer has no way to be charged"),
    ("source", "the standing order stops it"),
    ("other", "another charge of the documents is under way"),
]


class PaymentChargeAttempt(models.Model):
    """One charge: what is to be taken from whom, by which way, and what became of it.

    The intent, its key and the retries are here; the provider's state is the host's
    transaction, the booking is the host's payment.
    """

    _name = "payment.charge.attempt"
    _description = "Charge"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_names_search = ["name", "partner_id.complete_name"]
    _mail_post_access = "read"
    _check_company_auto = True

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    name = fields.Char("Number", required=True, readonly=True, copy=False, index="trigram")
    operation = fields.Selection(
        [("charge", "Charge"), ("refund", "Refund")],
        "Kind",
        required=True,
        default="charge",
        readonly=True,
    )
    company_id = fields.Many2one("res.company", "Company", required=True, index=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="restrict", readonly=True
    )
    document_ids = fields.One2many(
        "payment.charge.document", "attempt_id", "Documents", readonly=True
    )
    invoice_ids = fields.Many2many(
        "account.move",
        string="Invoices",
        compute="_compute_invoice_ids",
        search="_search_invoice_ids",
        help="What the charge pays. None: an amount on the customer's account.",
    )
    res_model = fields.Char("Asked for by (Model)", readonly=True, index="btree_not_null")
    res_id = fields.Many2oneReference("Asked for by", model_field="res_model", readonly=True)
    source_name = fields.Char("Asked for by (Name)", compute="_compute_source_name")
    way_id = fields.Many2one(
        "payment.charge.way", "Way", index=True, ondelete="restrict", readonly=True
    )
    token_id = fields.Many2one("payment.token", "Saved Card", ondelete="restrict", readonly=True)
    provider_id = fields.Many2one(
        "payment.provider", "Terminal", ondelete="restrict", readonly=True
    )
    network = fields.Char("Network", readonly=True)
    amount = fields.Monetary("Amount", required=True, readonly=True)
    currency_id = fields.Many2one("res.currency", "Currency", required=True, readonly=True)
    number = fields.Integer(
        "Try", default=1, readonly=True, help="The how many-th charge of the document it is."
    )
    key = fields.Char(
        "Key", required=True, readonly=True, copy=False, help="Nothing is charged twice by one key."
    )
    state = fields.Selection(
        STATES, "State", required=True, default="planned", readonly=True, index=True
    )
    transition_ids = fields.One2many(
        "payment.charge.transition", "attempt_id", "History", readonly=True
    )
    transaction_id = fields.Many2one(
        "payment.transaction", "Transaction", readonly=True, copy=False, index="btree_not_null"
    )
    transaction_ids = fields.One2many(
        "payment.transaction", "charge_attempt_id", "Transactions", readonly=True
    )
    provider_reference = fields.Char(
        "Provider's Reference",
        related="transaction_id.provider_reference",
        related_sudo=True,
    )
    payment_id = fields.Many2one(
        "account.payment", "Payment", readonly=True, copy=False, index="btree_not_null"
    )
    reason_id = fields.Many2one("payment.reason", "Reason", readonly=True, ondelete="restrict")
    reason_class = fields.Selection(related="reason_id.reason_class", string="What It Means")
    advice = fields.Char(related="reason_id.advice", string="What to Do")
    error = fields.Text(
        "What Was Said", readonly=True, help="The provider's own words, or the error of the call."
    )
    by_link = fields.Boolean(
        "By Payment Page",
        readonly=True,
        help="The customer pays on the provider's own page; no card number passes through here.",
    )
    link = fields.Char("Payment Page", compute="_compute_link")
    planned_on = fields.Date("Planned for", readonly=True, index="btree_not_null")
    submitted_on = fields.Datetime("Submitted On", readonly=True)
    answered_on = fields.Datetime("Answered On", readonly=True)
    asked_on = fields.Datetime(
        "Last Asked On", readonly=True, help="When the provider was last asked for the outcome."
    )
    retry = fields.Boolean(
        "Try Again", default=True, readonly=True, help="A failure is tried again by the schedule."
    )
    next_step = fields.Selection(STEPS, "What Next", readonly=True)
    next_why = fields.Selection(WHY, "Because", readonly=True)
    next_try_on = fields.Date("Next Try On", readonly=True)
    next_text = fields.Char("What Follows", compute="_compute_next_text")
    first_id = fields.Many2one(
        "payment.charge.attempt", "First Try", readonly=True, index="btree_not_null"
    )
    previous_id = fields.Many2one(
        "payment.charge.attempt", "Try Before", readonly=True, index="btree_not_null"
    )
    next_ids = fields.One2many("payment.charge.attempt", "previous_id", "Next Tries", readonly=True)
    batch_id = fields.Many2one(
        "payment.charge.batch", "Batch", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    refunded_attempt_id = fields.Many2one(
        "payment.charge.attempt", "Refund of", readonly=True, index="btree_not_null"
    )
    refund_ids = fields.One2many(
        "payment.charge.attempt", "refunded_attempt_id", "Refunds", readonly=True
    )
    refund_match = fields.Selection(
        [
            ("reopen", "The Documents Are Owed Again"),
            ("credit", "Matched with Credit Notes"),
            ("leave", "Left on the Customer's Account"),
        ],
        "After a Refund",
        readonly=True,
    )
    credit_note_ids = fields.Many2many(
        "account.move",
        "payment_charge_attempt_credit_note_rel",
        "attempt_id",
        "move_id",
        "Credit Notes",
        readonly=True,
    )
    amount_refundable = fields.Monetary("Can Be Refunded", compute="_compute_amount_refundable")
    residual = fields.Monetary(
        "Still Owed", compute="_compute_residual", help="Of the documents of the charge."
    )
    finished = fields.Boolean(
        "Followed up", default=True, readonly=True, help="All that follows from the state is done."
    )
    trouble = fields.Text(
        "Error in What Follows", readonly=True, help="Such as a booking that was refused."
    )
    followed_on = fields.Datetime("Last Followed up On", readonly=True)
    surplus = fields.Boolean(
        "More than Was Owed",
        readonly=True,
        help="The documents were paid in the meantime: refund it, or keep it on account.",
    )
    overdue = fields.Boolean("Overdue", readonly=True, help="An answer should have come by now.")
    handled = fields.Boolean("Dealt with", readonly=True)
    needs_attention = fields.Boolean(
        "To Look at", compute="_compute_needs_attention", store=True, index=True
    )
    mail_state = fields.Selection(
        [
            ("none", "None"),
            ("to_send", "To Be Sent"),
            ("sending", "Possibly Sent"),
            ("sent", "Sent"),
            ("filed", "Filed"),
            ("failed", "Not Sent"),
        ],
        "Message to the Customer",
        required=True,
        default="none",
        readonly=True,
        help="The receipt of a success, or the payment page where the customer must act. Filed: "
        "the customer has no e-mail address, or receipts are not sent.",
    )
    user_id = fields.Many2one("res.users", "Asked for by User", readonly=True)

    _key_unique = models.UniqueIndex("(key)", "This was charged already.")
    _name_unique = models.UniqueIndex("(company_id, name)", "The number of a charge is unique.")
    _one_refund = models.UniqueIndex(
        "(refunded_attempt_id) WHERE refunded_attempt_id IS NOT NULL "
        "AND state IN ('planned', 'submitted', 'pending', 'unknown')",
        "Another refund of this charge is not over yet.",
    )
    _due = models.Index("(planned_on, id) WHERE state = 'planned'")
    _open = models.Index("(state, asked_on) WHERE state IN ('submitted', 'pending', 'unknown')")
    _unfinished = models.Index("(id) WHERE finished IS NOT TRUE")
    _to_send = models.Index("(id) WHERE mail_state = 'to_send'")
    _amount_positive = models.Constraint("CHECK (amount > 0)", "The amount is more than nothing.")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("document_ids.move_id")
    def _compute_invoice_ids(self):
        for attempt in self:
            attempt.invoice_ids = attempt.document_ids.move_id

    def _search_invoice_ids(self, operator, value):
        return [("document_ids.move_id", operator, value)]

    def _compute_source_name(self):
        for attempt in self:
            attempt.source_name = attempt._charge_source().sudo().display_name or False

    @api.depends("state", "by_link", "amount", "partner_id")
    def _compute_link(self):
        for attempt in self:
            open_page = attempt.by_link and attempt.state in {"needs_customer", "pending"}
            attempt.link = attempt._charge_link() if open_page else False

    @api.depends("next_step", "next_why", "next_try_on", "state")
    def _compute_next_text(self):
        steps = dict(self._fields["next_step"]._description_selection(self.env))
        reasons = dict(self._fields["next_why"]._description_selection(self.env))
        for attempt in self:
            if not attempt.next_step or attempt.state not in {"failed", "needs_customer"}:
                attempt.next_text = False
            elif attempt.next_try_on:
                attempt.next_text = self.env._(
                    "%(step)s on %(day)s, %(why)s",
                    step=steps[attempt.next_step],
                    day=format_date(self.env, attempt.next_try_on),
                    why=reasons.get(attempt.next_why, ""),
                )
            else:
                attempt.next_text = self.env._(
                    "%(step)s: %(why)s",
                    step=steps[attempt.next_step],
                    why=reasons.get(attempt.next_why, ""),
                )

    @api.depends("transaction_id.child_transaction_ids.state", "refund_ids.state", "state")
    def _compute_amount_refundable(self):
        for attempt in self.sudo():  # sudo: the transactions are the provider's side of the charge
            if attempt.state != "succeeded" or attempt.operation != "charge":
                attempt.amount_refundable = 0.0
                continue
            under_way = attempt.refund_ids.filtered(lambda r: r.state in LIVE)
            children = attempt.transaction_id.child_transaction_ids.filtered(
                lambda tx, own=under_way: (
                    tx.operation == "refund"
                    and tx.state in {"pending", "authorized", "done"}
                    and tx.charge_attempt_id not in own
                )
            )
            taken = sum(abs(tx.amount) for tx in children) + sum(under_way.mapped("amount"))
            attempt.amount_refundable = max(attempt.currency_id.round(attempt.amount - taken), 0.0)

    @api.depends("document_ids.move_id.amount_residual", "state")
    def _compute_residual(self):
        for attempt in self.sudo():  # sudo: who sees the charge sees what it was to pay
            attempt.residual = sum(move._charge_due() for move in attempt.document_ids.move_id) or (
                0.0 if attempt.document_ids or attempt.state == "succeeded" else attempt.amount
            )

    @api.depends("state", "next_step", "finished", "trouble", "overdue", "surplus", "handled")
    def _compute_needs_attention(self):
        for attempt in self:
            attempt.needs_attention = not attempt.handled and (
                attempt.state == "unknown"
                or attempt.overdue
                or attempt.surplus
                or bool(attempt.trouble and not attempt.finished)
                or attempt.state == "returned"
                or (attempt.state == "failed" and attempt.next_step in {"stop", "person"})
            )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not vals.get("name"):
                company = self.env["res.company"].browse(vals["company_id"])
                code = f"payment.charge.{vals.get('operation', 'charge')}"
                # sudo: numbers are drawn by the system
                vals["name"] = (
                    self.env["ir.sequence"].with_company(company).sudo().next_by_code(code)
                )
        attempts = super().create(vals_list)
        attempts._log_transitions(False, "planned", "user", False)
        return attempts

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Charges stay as history. Cancel a planned one instead."))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_submit(self):
        """Charge the planned ones now."""
        self._check_operator()
        planned = self.filtered(lambda attempt: attempt.state == "planned")
        if not planned:
            raise UserError(self.env._("Only planned charges can be carried out."))
        planned.sudo()._submit()  # sudo: checked above; charging reads cards and writes entries
        return True

    def action_cancel(self):
        """Give planned charges up."""
        self._check_operator()
        for attempt in self:
            if attempt.state not in {"planned", "needs_customer"}:
                raise UserError(
                    self.env._(
                        "%s went to the provider already and cannot be cancelled. "
                        "Wait for its outcome, and refund it if need be.",
                        attempt.name,
                    )
                )
        # sudo: checked above; charges are written by the system only
        self.sudo()._set_state("cancelled", cause="user")
        self.sudo()._finish_all()

    def action_ask(self):
        """Ask the provider now what became of the charges."""
        self._check_operator()
        asked = self.filtered(lambda attempt: attempt.state in {"submitted", "pending", "unknown"})
        asked.sudo()._ask_provider()  # sudo: see action_submit
        return True

    def action_try_again(self):
        """Plan another try of failed charges by hand and carry it out."""
        self._check_operator()
        # sudo: see action_submit
        again = self.sudo().browse()
        for attempt in self.sudo():
            if attempt.state != "failed" or attempt.operation != "charge":
                raise UserError(self.env._("Only failed charges can be tried again."))
            tried = attempt.next_ids.filtered(lambda one: one.state not in {"planned", "cancelled"})
            if tried:
                raise UserError(
                    self.env._(
                        "%(charge)s was tried again already by %(next)s.",
                        charge=attempt.name,
                        next=tried[0].name,
                    )
                )
            # the one that the schedule planned is brought forward
            planned = attempt.next_ids.filtered(lambda one: one.state == "planned")
            again |= planned or attempt._plan_next(
                attempt._usable_way(), attempt.company_id._charge_today()
            )
        again.planned_on = False
        again._submit()
        return again._get_records_action(name=self.env._("Tried Again"))

    def action_finish(self):
        """Do again what follows from the outcome, such as a booking that was refused."""
        self._check_operator()
        self.sudo()._follow_up()  # sudo: see action_submit
        return True

    def action_mark_handled(self):
        """Take the charges off the list of those to look at."""
        self._check_operator()
        self.sudo().handled = True  # sudo: see action_cancel
        self.sudo()._close_alert()

    def action_resolve(self):
        """Open the dialogue in which a person says what really happened."""
        self._check_operator()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What Really Happened?"),
            "res_model": "payment.charge.resolve",
            "view_mode": "form",
            "target": "new",
            "context": {"default_attempt_id": self.id},
        }

    def action_refund(self):
        """Open the dialogue for a refund."""
        self.ensure_one()
        self._check_operator()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Refund"),
            "res_model": "payment.charge.refund",
            "view_mode": "form",
            "target": "new",
            "context": {"default_attempt_id": self.id},
        }

    def action_open_link(self):
        """Open the page on which the customer pays."""
        self.ensure_one()
        return {"type": "ir.actions.act_url", "url": self.link, "target": "new"}

    def action_send_link(self):
        """Send the customer the page on which to pay."""
        self._check_operator()
        for attempt in self.sudo():  # sudo: see action_submit
            attempt._send_message()
        return True

    def action_open_transaction(self):
        """Open what the host knows of the charge."""
        self.ensure_one()
        return self.transaction_id._get_records_action()

    def action_open_payment(self):
        """Open the payment that books the charge."""
        self.ensure_one()
        return self.payment_id._get_records_action()

    def action_open_invoices(self):
        """Open the documents of the charge."""
        self.ensure_one()
        return self.invoice_ids._get_records_action(name=self.env._("Documents"))

    def action_open_source(self):
        """Open what asked for the charge."""
        self.ensure_one()
        return self._charge_source()._get_records_action()

    # ------------------------------------------------------------
    # BUSINESS: PLANNING
    # ------------------------------------------------------------

    def _check_operator(self):
        """Check that the user may charge."""
        if not self.env.su and not self.env.user.has_group("payment_charge.group_charge_operator"):
            raise AccessError(self.env._("You need the role of a charging operator for this."))
        self.check_access("read")

    @api.model
    def _plan(self, vals_list):
        """Write down charges to be carried out; nothing is sent.

        :param vals_list: one dictionary per charge: ``invoice_ids`` (records or ids) or
            ``partner_id`` and ``amount``; and if wanted ``company_id``, ``currency_id``,
            ``amount``, ``way_id``, ``source`` (a record that asks for it), ``key`` (planning
            twice by one key is once), ``planned_on``, ``retry``, ``batch_id``, ``by_link``,
            ``previous_id``
        :return: the charges, in that order
        :raise ValidationError: when a document is being paid already, or the parts do not fit
        """
        # sudo: charges are written by the system only; who may ask for them is checked before
        self = self.sudo()
        attempts = self.browse()
        for group in self._apart(vals_list):
            attempts |= self._plan_apart(group)
        return attempts

    @api.model
    def _plan_each(self, vals_list):
        """Write down charges, of which one that cannot be planned keeps none of the others from it.

        All are planned at once; where that fails, each half on its own.

        :param vals_list: see :meth:`_plan`
        :return: for each the charge, and the error that kept it from being planned, if any
        """
        if not vals_list:
            return []
        try:
            with self.env.cr.savepoint():
                return [(attempt, None) for attempt in self._plan(vals_list)]
        except ValidationError as error:
            if len(vals_list) == 1:
                return [(self.browse(), error)]
        middle = len(vals_list) // 2
        return self._plan_each(vals_list[:middle]) + self._plan_each(vals_list[middle:])

    def _apart(self, vals_list):
        """Return the values in groups, so that no two of a group have a document or a key in common.

        Whether a second charge of a document may be planned shows only when the first one is there.
        """
        groups, taken = [[]], set()
        for vals in vals_list:
            moves = self._charge_records("account.move", vals.get("invoice_ids"))
            claims = {vals["key"], *moves.ids} if vals.get("key") else set(moves.ids)
            if claims & taken:
                groups.append([])
                taken = set()
            groups[-1].append({**vals, "invoice_ids": moves})
            taken |= claims
        return groups

    def _plan_apart(self, vals_list):
        """Write down charges that have nothing in common; see :meth:`_plan`."""
        keys = [vals["key"] for vals in vals_list if vals.get("key")]
        known = {one.key: one for one in self.search([("key", "in", keys)])} if keys else {}
        ways = self.env["payment.charge.way"]._lists_of(self._customers_of(vals_list))
        values = [
            self._planned_values(vals, ways) for vals in vals_list if vals.get("key") not in known
        ]
        # a state that was written and not flushed would make a false conflict
        self.env.flush_all()
        with self.env.cr.savepoint():
            # its history is told by the transitions
            created = iter(self.with_context(mail_create_nolog=True).create(values))
        return self.browse([(known.get(vals.get("key")) or next(created)).id for vals in vals_list])

    def _customers_of(self, vals_list):
        """Return the customers of charges to be planned."""
        moves = self.env["account.move"].union(*(vals["invoice_ids"] for vals in vals_list))
        partners = self.env["res.partner"].browse({
            vals["partner_id"] for vals in vals_list if vals.get("partner_id")
        })
        return (moves.partner_id | partners).commercial_partner_id

    @api.model
    def _planned_values(self, vals, ways):
        """Return all values of one charge to be planned.

        :param vals: see :meth:`_plan`
        :param ways: the lists of the customers, see ``payment.charge.way._lists_of``
        """
        vals = dict(vals)
        moves, source = vals.pop("invoice_ids"), vals.pop("source", None)
        vals = self._complete(vals, moves, source, ways)
        if moves and not vals.get("previous_id"):
            for move in moves:
                if obstacle := move._charge_obstacle():
                    raise ValidationError(obstacle)
        live = vals["operation"] == "charge" and not vals.get("by_link")
        vals["document_ids"] = [
            Command.create({"move_id": move.id, "live": live}) for move in moves
        ]
        return vals

    def _charge_records(self, model, value):
        """Return records, whichever way they were given."""
        if isinstance(value, models.BaseModel):
            return value.sudo()
        ids = []
        for item in value or ():
            if isinstance(item, (list, tuple)):
                ids += item[2] if item[0] == Command.SET else [item[1]]
            else:
                ids.append(item)
        return self.env[model].browse(ids)

    def _complete(self, vals, moves, source, ways):
        """Return the values of a charge with all that was left out."""
        vals.setdefault("operation", "charge")
        if source:
            vals |= {"res_model": source._name, "res_id": source.id}
        self._check_documents(moves)
        company = self.env["res.company"].browse(
            moves.company_id.id or vals.get("company_id") or self.env.company.id
        )
        partner = moves.commercial_partner_id or self.env["res.partner"].browse(
            vals.get("partner_id")
        )
        partner = partner.commercial_partner_id
        if not partner:
            raise ValidationError(self.env._("Choose the customer to charge."))
        vals["company_id"] = company.id
        vals["partner_id"] = partner.id
        vals["currency_id"] = (
            moves.currency_id.id or vals.get("currency_id") or company.currency_id.id
        )
        currency = self.env["res.currency"].browse(vals["currency_id"])
        due = sum(move._charge_due() for move in moves)
        amount = vals.get("amount") or due
        vals["amount"] = currency.round(amount)
        if currency.compare_amounts(vals["amount"], 0) <= 0:
            raise ValidationError(self.env._("There is nothing to charge."))
        if moves and currency.compare_amounts(vals["amount"], due) > 0:
            raise ValidationError(
                self.env._(
                    "%(amount)s is more than the %(due)s that the documents come to.",
                    amount=currency.format(vals["amount"]),
                    due=currency.format(due),
                )
            )
        if not vals.get("way_id") and vals["operation"] == "charge" and not vals.get("by_link"):
            vals["way_id"] = partner._charge_ways(company, source, ways)[:1].id
        vals |= self._way_values(self.env["payment.charge.way"].browse(vals.get("way_id")))
        vals.setdefault("number", self._next_number(moves))
        if not vals.get("key"):
            vals["key"] = (
                f"{company.id}/{'+'.join(str(move.id) for move in moves)}/{vals['number']}"
                if moves
                else uuid.uuid4().hex
            )
        vals.setdefault("user_id", self.env.uid)
        return vals

    def _check_documents(self, moves):
        """Check that documents can be paid by one charge."""
        for move in moves:
            if move.state != "posted" or not move.is_sale_document(include_receipts=True):
                raise ValidationError(
                    self.env._(
                        "%s is no posted invoice, so it cannot be charged.", move.display_name
                    )
                )
            if move.move_type == "out_refund":
                raise ValidationError(
                    self.env._("%s is a credit note. Refund a charge instead.", move.name)
                )
        for records in (moves.company_id, moves.currency_id, moves.commercial_partner_id):
            if len(records) > 1:
                raise ValidationError(
                    self.env._(
                        "One charge pays documents of one customer, company and currency: %s",
                        ", ".join(moves.mapped("display_name")),
                    )
                )

    def _next_number(self, moves):
        if not moves:
            return 1
        earlier = moves.charge_document_ids.attempt_id
        return max(earlier.mapped("number"), default=0) + 1

    def _way_values(self, way):
        """Return what a charge notes of its way: a way may change later."""
        if not way:
            return {}
        return {
            "way_id": way.id,
            "token_id": way.token_id.id,
            "provider_id": way.provider_id.id,
            "network": way.network,
        }

    # ------------------------------------------------------------
    # BUSINESS: STATES
    # ------------------------------------------------------------

    def _is_running(self):
        """Return whether the charge may bring money any moment now."""
        self.ensure_one()
        if self.state == "planned":
            return not self.planned_on or self.planned_on <= self.company_id._charge_today()
        return self.state in LIVE

    def _set_state(self, state, *, cause, note=False, **vals):
        """Move the charges to ``state``: the only place that writes it.

        :param str state: one of the keys of :data:`TRANSITIONS`
        :param str cause: what asked for it, see ``payment.charge.transition``
        :param str note: why, in words
        :param vals: what else is written with it
        :raise UserError: when a charge may not go there from where it is
        """
        labels = dict(self._fields["state"]._description_selection(self.env))
        moving = self.filtered(lambda attempt: attempt.state != state)
        for attempt in moving:
            if state not in TRANSITIONS[attempt.state]:
                raise UserError(
                    self.env._(
                        "Charge %(charge)s is %(current)s and cannot become %(wanted)s.",
                        charge=attempt.name,
                        current=labels[attempt.state],
                        wanted=labels[state],
                    )
                )
        for from_state, attempts in moving.grouped("state").items():
            attempts._log_transitions(from_state, state, cause, note)
        moving.write({
            "state": state,
            "finished": state not in FINAL,
            "overdue": False,
            "trouble": False,
            **vals,
        })
        for attempt in moving:
            live = state in LIVE and attempt.operation == "charge" and not attempt.by_link
            attempt.document_ids.live = live
        # the unique index must see it before another charge of the documents is written
        moving.flush_recordset()
        moving.document_ids.flush_recordset()

    def _log_transitions(self, from_state, to_state, cause, note):
        """Write one row of history per charge."""
        # sudo: history is written by the system
        self.env["payment.charge.transition"].sudo().create([
            {
                "attempt_id": attempt.id,
                "from_state": from_state,
                "to_state": to_state,
                "cause": cause,
                "note": note,
                "user_id": self.env.uid,
            }
            for attempt in self
        ])

    def _charge_source(self):
        """Return the record that asked for the charge, or an empty one."""
        self.ensure_one()
        if not self.res_model or self.res_model not in self.env:
            return self.browse()
        return self.env[self.res_model].browse(self.res_id).exists()

    def _log_outcome(self):
        """Tell the customer's and the documents' history what became of the charge."""
        self.ensure_one()
        text = self._outcome_text()
        # sudo: history is written by the system
        self.partner_id.sudo()._message_log(body=text)
        for move in (self.document_ids or self.refunded_attempt_id.document_ids).move_id:
            move.sudo()._message_log(body=text)  # sudo: as above

    def _outcome_text(self):
        """Return in words what became of the charge, why, and what follows."""
        self.ensure_one()
        labels = dict(self._fields["state"]._description_selection(self.env))
        kinds = dict(self._fields["operation"]._description_selection(self.env))
        parts = [
            self.env._(
                "%(kind)s %(number)s of %(amount)s by %(way)s: %(state)s",
                kind=kinds[self.operation],
                number=self.name,
                amount=self.currency_id.format(self.amount),
                way=self.way_id.display_name or self.env._("the payment page"),
                state=labels[self.state],
            )
        ]
        if self.state in {"failed", "needs_customer", "returned"} and self.reason_id:
            parts.append(self.reason_id.name)
        if self.next_text:
            parts.append(self.next_text)
        return ". ".join(parts)
