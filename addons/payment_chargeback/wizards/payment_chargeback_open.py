# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class PaymentChargebackOpen(models.TransientModel):
    """Write down a chargeback of which a letter, a mail or the provider's own site tells."""

    _name = "payment.chargeback.open"
    _description = "Write Down a Chargeback"
    _rec_name = "attempt_id"

    attempt_id = fields.Many2one(
        "payment.charge.attempt",
        "Charge",
        required=True,
        domain="[('operation', '=', 'charge'), ('state', 'in', ('succeeded', 'returned'))]",
    )
    partner_id = fields.Many2one(related="attempt_id.partner_id", string="Customer")
    company_id = fields.Many2one(related="attempt_id.company_id", string="Company")
    currency_id = fields.Many2one(related="attempt_id.currency_id", string="Currency")
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Currency of the Company"
    )
    charged = fields.Monetary(related="attempt_id.amount", string="Charged")
    kind = fields.Selection(
        [
            ("chargeback", "The Money Was Taken Away"),
            ("inquiry", "A Question Only, so Far"),
            ("alert", "A Fraud Warning"),
        ],
        "What Came",
        required=True,
        default="chargeback",
    )
    amount = fields.Monetary(
        "Disputed",
        compute="_compute_amount",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )
    fee_amount = fields.Monetary(
        "Fee", currency_field="company_currency_id", help="What the provider takes for it."
    )
    reason_id = fields.Many2one(
        "payment.reason",
        "Reason",
        required=True,
        domain="[('code', '=like', 'chargeback%')]",
        default=lambda self: self.env["payment.reason"]._of("chargeback_other"),
    )
    reason_text = fields.Char("Reason as Given", help="The words of the bank or the provider.")
    reference = fields.Char("Provider's Number", help="How the provider names the dispute.")
    opened_on = fields.Date(
        "Opened On", required=True, default=lambda self: self.env.company._charge_today()
    )
    due_by = fields.Datetime("Evidence Due By")

    @api.depends("attempt_id")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard.attempt_id.amount

    def action_open(self):
        """Write the chargeback down, and show it."""
        self.ensure_one()
        Chargeback = self.env["payment.chargeback"]
        Chargeback._check_operator()
        self.attempt_id.check_access("read")
        # sudo: checked above; chargebacks are written by the system and book entries
        chargeback = Chargeback.sudo()._open_by_hand(
            self.attempt_id.sudo(),
            {
                "kind": self.kind,
                "amount": self.currency_id.round(self.amount),
                "fee_amount": self.fee_amount,
                "reason_id": self.reason_id.id,
                "reason_text": self.reason_text,
                "reference": (self.reference or "").strip() or False,
                "opened_on": self.opened_on,
                "due_by": self.due_by,
            },
        )
        return chargeback.sudo(False)._get_records_action(name=self.env._("Chargeback"))
