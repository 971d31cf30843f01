# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

# lines written down, and charges planned, at a time
CHUNK = 200


class PaymentChargeBatch(models.Model):
    """Many charges at once: a preview, the go-ahead, the progress and what came of it."""

    _name = "payment.charge.batch"
    _description = "Batch of Charges"
    _inherit = ["payment.charge.preview"]
    _order = "id desc"
    _check_company_auto = True

    due_until = fields.Date(
        "Due Until",
        default=fields.Date.context_today,
        help="Documents due up to that day are taken.",
    )
    partner_ids = fields.Many2many(
        "res.partner", string="Customers", help="Empty: all who have a way to be charged."
    )
    category_ids = fields.Many2many("res.partner.category", string="Customer Tags")
    per_document = fields.Boolean(
        "One Charge per Document", help="Otherwise one charge per customer and currency."
    )
    planned_on = fields.Date("Charge On", help="Empty: as soon as the batch is confirmed.")
    retry = fields.Boolean("Try Again by the Schedule", default=True)
    state = fields.Selection(
        [("draft", "Preview"), ("confirmed", "Confirmed"), ("cancelled", "Cancelled")],
        "State",
        required=True,
        default="draft",
        readonly=True,
    )
    line_ids = fields.One2many("payment.charge.batch.line", "batch_id", "Lines")
    attempt_ids = fields.One2many("payment.charge.attempt", "batch_id", "Charges", readonly=True)
    progress = fields.Float("Progress", compute="_compute_progress")
    waiting_count = fields.Integer("Waiting", compute="_compute_progress")
    succeeded_count = fields.Integer("Succeeded", compute="_compute_progress")
    failed_count = fields.Integer("Failed", compute="_compute_progress")
    open_count = fields.Integer("Outcome Open", compute="_compute_progress")
    charged = fields.Char("Charged", compute="_compute_progress")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("attempt_ids.state")
    def _compute_progress(self):
        for batch in self:
            # what was tried again later is told by the tries themselves
            first = batch.attempt_ids.filtered(lambda one: not one.previous_id)
            waiting = first.filtered(lambda one: one.state == "planned")
            succeeded = batch.attempt_ids.filtered(lambda one: one.state == "succeeded")
            batch.waiting_count = len(waiting)
            batch.succeeded_count = len(succeeded)
            batch.failed_count = len(first.filtered(lambda one: one.state == "failed"))
            batch.open_count = len(
                first.filtered(
                    lambda one: one.state in {"submitted", "pending", "unknown", "needs_customer"}
                )
            )
            batch.progress = 100.0 * (len(first) - len(waiting)) / len(first) if first else 0.0
            batch.charged = batch._in_words(succeeded)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        if "state" in vals and not self.env.su:
            raise AccessError(self.env._("Confirm or cancel the batch instead."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_previews(self):
        if any(batch.state == "confirmed" for batch in self):
            raise UserError(self.env._("A confirmed batch stays as history."))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_fill(self):
        """Look for what can be charged, and say beside it what cannot and why."""
        for batch in self:
            batch._check_preview()
            batch._fill(batch._find_documents())
        return True

    def action_confirm(self):
        """Plan the charges that are ticked; the job carries them out."""
        self.env["payment.charge.attempt"]._check_operator()
        self.env["payment.charge.attempt"]._check_not_neutralized()
        for batch in self:
            batch._check_preview()
            if not batch.line_ids.filtered("taken"):
                raise UserError(self.env._("Tick at least one line to charge."))
            batch._plan()
        return True

    def action_cancel(self):
        """Give up the preview, or what is still planned of a confirmed batch."""
        self.env["payment.charge.attempt"]._check_operator()
        # sudo: checked above; charges are written by the system only
        planned = self.sudo().attempt_ids.filtered(lambda one: one.state == "planned")
        planned._set_state("cancelled", cause="user", note=self.env._("The batch was cancelled."))
        planned._finish_all()
        self.filtered(lambda batch: batch.state == "draft").sudo().state = "cancelled"

    def action_open_attempts(self):
        """List the charges of the batch and what came of them."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("payment_charge.action_attempt")
        action["domain"] = [("batch_id", "=", self.id)]
        action["context"] = {"create": False}
        return action

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _check_preview(self):
        self.ensure_one()
        if self.state != "draft":
            raise UserError(self.env._("Batch %s was confirmed or cancelled already.", self.name))

    def _find_documents(self):
        """Return the open documents that the batch asks for."""
        self.ensure_one()
        domain = [
            ("company_id", "=", self.company_id.id),
            ("state", "=", "posted"),
            ("move_type", "in", ("out_invoice", "out_receipt")),
            ("payment_state", "in", ("not_paid", "partial", "in_payment")),
            ("amount_residual", ">", 0),
        ]
        if self.due_until:
            domain.append(("invoice_date_due", "<=", self.due_until))
        if self.partner_ids:
            partners = self.partner_ids.commercial_partner_id
            domain.append(("commercial_partner_id", "in", partners.ids))
        elif not self.category_ids:
            # sudo: who can be charged at all decides what is looked for
            ways = (
                self
                .env["payment.charge.way"]
                .sudo()
                ._read_group([("company_id", "=", self.company_id.id)], ["partner_id"])
            )
            domain.append(("commercial_partner_id", "in", [way[0].id for way in ways]))
        if self.category_ids:
            domain.append(("commercial_partner_id.category_id", "in", self.category_ids.ids))
        return self.env["account.move"].search(domain, order="commercial_partner_id, id")

    def _fill(self, documents):
        """Replace the lines by those for documents, with what stands in the way of each."""
        self.ensure_one()
        self.line_ids.unlink()

        def bundle(move):
            own = move.id if self.per_document else False
            return (move.commercial_partner_id.id, move.currency_id.id, own)

        ways = self.env["payment.charge.way"]._lists_of(documents.commercial_partner_id)
        vals_list = []
        for moves in documents.grouped(bundle).values():
            # a document that is being paid does not keep the customer's others from it
            free = moves.filtered(lambda move: not move._charge_obstacle())
            for some in filter(None, (free, moves - free)):
                vals_list.append(self._line_values(some, ways))
        self.env["payment.charge.batch.line"].create(vals_list)

    def _line_values(self, moves, ways):
        partner = moves.commercial_partner_id.with_company(self.company_id)
        currency = moves.currency_id
        obstacle = next(filter(None, (move._charge_obstacle() for move in moves)), "")
        way = partner._charge_ways(self.company_id, lists=ways)[:1]
        if not obstacle and partner.sudo().charge_hold:  # sudo: the hold binds everybody
            obstacle = self.env._("The customer is not charged now.")
        if not obstacle and not way:
            others = partner._charge_all_ways(self.company_id, lists=ways)
            obstacle = (
                others[0].why_not
                if others
                else self.env._("The customer has no way to be charged.")
            )
        if not obstacle:
            obstacle = way._charge_in_currency(currency)
        return {
            "batch_id": self.id,
            "partner_id": partner.id,
            "move_ids": [Command.set(moves.ids)],
            "amount": sum(move._charge_due() for move in moves),
            "currency_id": currency.id,
            "way_id": way.id,
            "problem": obstacle,
            "taken": not obstacle,
        }

    def _plan(self):
        """Plan the charges of the ticked lines and wake the job."""
        self.ensure_one()
        Attempt = self.env["payment.charge.attempt"]
        # two clicks at once confirm one batch: the second one fails on the row
        self.sudo().state = "confirmed"  # sudo: nobody types the state
        self.flush_recordset(["state"])
        lines = self.line_ids.filtered("taken")
        values = [
            {
                "invoice_ids": line.move_ids,
                "company_id": self.company_id.id,
                "way_id": line.way_id.id,
                "batch_id": self.id,
                "key": f"batch/{self.id}/{line.id}",
                "planned_on": self.planned_on,
                "retry": self.retry,
            }
            for line in lines
        ]
        for line, (attempt, error) in zip(lines, Attempt._plan_each(values), strict=True):
            if error:
                line.write({"problem": str(error), "taken": False})
            else:
                line.attempt_id = attempt
        # sudo: whoever confirms wakes the job
        self.env.ref("payment_charge.cron_submit").sudo()._trigger()
