# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    recurring_period_ids = fields.One2many(
        "recurring.period",
        "move_id",
        "Periods of Recurring Documents",
        readonly=True,
        copy=False,
        groups="payment_charge.group_charge_operator,payment_charge.group_charge_auditor,"
        "account.group_account_invoice",
    )
    recurring_name = fields.Char("Recurring Document", compute="_compute_recurring_name")

    @api.depends("recurring_period_ids.document_id")
    def _compute_recurring_name(self):
        # sudo: where an invoice comes from is told to whoever sees it
        for move in self.sudo():
            move.recurring_name = move.recurring_period_ids.document_id[:1].name

    def _invoice_paid_hook(self):
        result = super()._invoice_paid_hook()
        # sudo: periods follow, whoever enters the payment
        self.sudo().recurring_period_ids._was_paid()
        return result

    def action_open_recurring(self):
        """Open the recurring document that issued the invoice."""
        self.ensure_one()
        return self.recurring_period_ids.document_id._get_records_action()
