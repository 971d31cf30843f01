# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

from .payment_chargeback import LIVE


class AccountMove(models.Model):
    _inherit = "account.move"

    chargeback_ids = fields.Many2many(
        "payment.chargeback",
        "payment_chargeback_invoice_rel",
        "move_id",
        "chargeback_id",
        "Chargebacks",
        readonly=True,
        copy=False,
        groups="payment_charge.group_charge_operator,payment_charge.group_charge_auditor,"
        "account.group_account_invoice",
    )
    chargeback_count = fields.Integer(
        "Number of Chargebacks", compute="_compute_chargeback_count", compute_sudo=True
    )

    def _compute_chargeback_count(self):
        for move in self:
            move.chargeback_count = len(move.chargeback_ids)

    def _charge_obstacle(self, *, attempt=None):
        """A document is charged no second time while it is open whether the first one holds."""
        obstacle = super()._charge_obstacle(attempt=attempt)
        if obstacle:
            return obstacle
        # sudo: a chargeback counts, whoever sees it
        live = self.sudo().chargeback_ids.filtered(
            lambda one: one.kind == "chargeback" and one.state in LIVE
        )
        if live:
            return self.env._(
                "%(document)s: chargeback %(chargeback)s is not decided yet.",
                document=self.name,
                chargeback=live[0].name,
            )
        return ""

    def action_open_chargebacks(self):
        """Open the chargebacks of what paid the document."""
        self.ensure_one()
        return self.chargeback_ids._get_records_action(name=self.env._("Chargebacks"))
