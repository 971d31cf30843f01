# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class PaymentChargeScreen(models.TransientModel):
    """Charge a customer on the phone or at the front desk, and see at once what came of it."""

    _name = "payment.charge.screen"
    _description = "Charging Screen"

    company_id = fields.Many2one(
        "res.company", "Company", required=True, default=lambda self: self.env.company
    )
    partner_id = fields.Many2one("res.partner", "Customer")
    partner_email = fields.Char("E-mail", related="partner_id.email")
    partner_phone = fields.Char("Phone", related="partner_id.phone")
    currency_id = fields.Many2one(
        "res.currency",
        "Currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    what = fields.Selection(
        [("documents", "Open Documents"), ("amount", "An Amount on Account")],
        "Charge",
        required=True,
        default="documents",
    )
    line_ids = fields.One2many("payment.charge.screen.line", "screen_id", "Open Documents")
    picked_amount = fields.Monetary("Picked", compute="_compute_picked_amount")
    amount = fields.Monetary(
        "Amount",
        compute="_compute_amount",
        store=True,
        readonly=False,
        help="Less than the documents come to pays the oldest first.",
    )
    how = fields.Selection(
        [
            ("way", "Saved Card or Account"),
            ("page", "New Card: Open the Payment Page"),
            ("link", "New Card: Send the Payment Page"),
        ],
        "By",
        required=True,
        default="way",
        help="A new card is typed on the provider's own page only, by the customer or while the "
        "customer reads it out; it never passes through here.",
    )
    way_id = fields.Many2one(
        "payment.charge.way",
        "Card or Account",
        domain="[('partner_id', '=', partner_id), ('company_id', '=', company_id)]",
        compute="_compute_way_id",
        store=True,
        readonly=False,
    )
    way_why_not = fields.Char("Why Not", related="way_id.why_not")
    way_last_result = fields.Selection(related="way_id.last_result", string="Last Result")
    retry = fields.Boolean(
        "Try Again by the Schedule if It Fails",
        help="Off: the customer is here, and hears at once that it failed.",
    )
    note = fields.Char("Why No Charge", compute="_compute_note")
    attempt_id = fields.Many2one("payment.charge.attempt", "Charge Made", readonly=True)
    attempt_state = fields.Selection(related="attempt_id.state", string="Outcome")
    attempt_reason_id = fields.Many2one(related="attempt_id.reason_id", string="Reason")
    attempt_advice = fields.Char(related="attempt_id.advice", string="What to Do")
    attempt_error = fields.Text(related="attempt_id.error", string="What Was Said")
    attempt_next = fields.Char(related="attempt_id.next_text", string="What Follows")
    attempt_trouble = fields.Text(related="attempt_id.trouble", string="Trouble")
    attempt_link = fields.Char(related="attempt_id.link", string="Payment Page")
    attempt_amount = fields.Monetary(related="attempt_id.amount", string="Amount Charged")
    attempt_mail_state = fields.Selection(
        related="attempt_id.mail_state", string="Message to the Customer"
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("partner_id")
    def _compute_display_name(self):
        for screen in self:
            screen.display_name = screen.partner_id.display_name or self.env._("New Charge")

    @api.depends("line_ids.picked", "line_ids.residual")
    def _compute_picked_amount(self):
        for screen in self:
            screen.picked_amount = sum(screen.line_ids.filtered("picked").mapped("residual"))

    @api.depends("picked_amount", "what")
    def _compute_amount(self):
        for screen in self:
            screen.amount = screen.picked_amount if screen.what == "documents" else 0.0

    @api.depends("partner_id", "company_id")
    def _compute_way_id(self):
        for screen in self:
            if screen.partner_id:
                screen.way_id = screen.partner_id._charge_ways(screen.company_id)[:1]
            else:
                screen.way_id = False

    @api.depends("partner_id", "way_id", "how", "line_ids.picked")
    def _compute_note(self):
        for screen in self:
            partner = screen.partner_id.with_company(screen.company_id)
            notes = []
            if partner.sudo().charge_hold:  # sudo: the hold binds everybody
                notes.append(self.env._("This customer is not charged now."))
            if screen.how == "way" and partner:
                if screen.way_id:
                    notes.append(screen.way_id._charge_in_currency(screen.currency_id))
                else:
                    notes.append(self.env._("No card is saved. Let the customer enter a new one."))
            for line in screen.line_ids.filtered("picked"):
                notes.append(line.obstacle)
            screen.note = "\n".join(filter(None, notes)) or False

    @api.onchange("partner_id", "company_id", "currency_id")
    def _onchange_partner_id(self):
        """Show what the customer owes."""
        self.line_ids = [Command.clear(), *self._line_commands()]
        if self.partner_id and not self.line_ids:
            self.what = "amount"
        if self.partner_id and not self.way_id:
            self.how = "page"

    def _line_commands(self, picked=None):
        """Return the customer's open documents as new lines, those due already picked."""
        partner = self.partner_id.commercial_partner_id
        if not partner:
            return []
        moves = self.env["account.move"].search(
            [
                ("commercial_partner_id", "=", partner.id),
                ("company_id", "=", self.company_id.id),
                ("currency_id", "=", self.currency_id.id),
                ("state", "=", "posted"),
                ("move_type", "in", ("out_invoice", "out_receipt")),
                ("amount_residual", ">", 0),
            ],
            order="invoice_date_due, id",
        )
        today = self.company_id._charge_today()
        return [
            Command.create({
                "move_id": move.id,
                "picked": (
                    move in picked
                    if picked is not None
                    else (move.invoice_date_due or today) <= today and not move._charge_obstacle()
                ),
            })
            for move in moves
        ]

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @api.model
    def _open(self, partner=None, documents=None):
        """Return the action that opens the screen, for a customer or for documents."""
        self.env["payment.charge.attempt"]._check_operator()
        vals = {}
        if documents:
            if len(documents.company_id) > 1 or len(documents.currency_id) > 1:
                raise UserError(self.env._("Choose documents of one company and in one currency."))
            if len(documents.commercial_partner_id) > 1:
                return self._open_batch(documents)
            vals = {"company_id": documents.company_id.id, "currency_id": documents.currency_id.id}
        screen = self.create({**vals, "partner_id": partner.id if partner else False})
        if partner:
            screen.line_ids = screen._line_commands(documents)
            if not screen.line_ids:
                screen.what = "amount"
            if not screen.way_id:
                screen.how = "page"
        return screen._show()

    def _open_batch(self, documents):
        """Return the action that opens a batch of charges for documents of many customers."""
        batch = self.env["payment.charge.batch"].create({
            "company_id": documents.company_id.id,
            "partner_ids": [Command.set(documents.commercial_partner_id.ids)],
            "due_until": False,
        })
        batch._fill(documents)
        return batch._get_records_action()

    def _show(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Charge"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "current",
        }

    def action_charge(self):
        """Carry the charge out and show what came of it."""
        self.ensure_one()
        Attempt = self.env["payment.charge.attempt"]
        Attempt._check_operator()
        Attempt._check_not_neutralized()
        if self.attempt_id:
            raise UserError(self.env._("This was charged already. Begin a new charge."))
        if not self.partner_id:
            raise UserError(self.env._("Choose the customer to charge."))
        if self.partner_id.with_company(self.company_id).sudo().charge_hold:
            # sudo: the hold binds everybody
            raise UserError(self.env._("This customer is not charged now."))
        attempt = Attempt._plan([self._charge_values()])
        self.attempt_id = attempt
        if self.how == "way":
            attempt._submit()
        else:
            attempt._wait_for_customer()
            if self.how == "link":
                attempt._send_message()
        return True

    def _charge_values(self):
        by_page = self.how != "way"
        if not by_page:
            if not self.way_id:
                raise UserError(self.env._("Choose the card or account to charge."))
            if self.way_id.why_not:
                raise UserError(
                    self.env._(
                        "%(way)s cannot be charged. %(why)s",
                        way=self.way_id.display_name,
                        why=self.way_id.why_not,
                    )
                )
        vals = {
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "amount": self.amount,
            # a double click is one charge
            "key": f"screen/{self.id}/{self.create_date.timestamp():.6f}",
            "way_id": False if by_page else self.way_id.id,
            "by_link": by_page,
            "retry": self.retry and not by_page,
        }
        if self.what == "documents":
            picked = self.line_ids.filtered("picked")
            if not picked:
                raise UserError(self.env._("Tick the documents to charge."))
            vals["invoice_ids"] = picked.move_id
        return vals

    def action_refresh(self):
        """Look again what became of the charge."""
        self.ensure_one()
        if self.attempt_id.state in {"submitted", "pending", "unknown"}:
            self.attempt_id.action_ask()
        return True

    def action_open_page(self):
        """Open the page on which the customer enters a new card."""
        self.ensure_one()
        return self.attempt_id.action_open_link()

    def action_send_page(self):
        """Send the customer the page on which to pay."""
        self.ensure_one()
        self.attempt_id.action_send_link()
        return True

    def action_open_attempt(self):
        """Open the charge with its history."""
        self.ensure_one()
        return self.attempt_id._get_records_action()

    def action_again(self):
        """Begin a new charge of the same customer, such as by another card."""
        self.ensure_one()
        return {**self._open(partner=self.partner_id), "target": "main"}

    def action_new(self):
        """Begin a charge of another customer."""
        return {**self._open(), "target": "main"}
