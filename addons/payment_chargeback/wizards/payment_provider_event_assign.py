# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models
from odoo.exceptions import UserError


class PaymentProviderEventAssign(models.TransientModel):
    """Say which payment a report is about that names one nobody knows."""

    _name = "payment.provider.event.assign"
    _description = "Payment of a Report"
    _rec_name = "event_id"

    event_id = fields.Many2one("payment.provider.event", "Report", required=True, readonly=True)
    company_id = fields.Many2one(related="event_id.company_id", string="Company")
    summary = fields.Char(related="event_id.summary", string="Says")
    attempt_id = fields.Many2one(
        "payment.charge.attempt",
        "Charge",
        required=True,
        domain="[('operation', '=', 'charge'), ('state', 'in', ('succeeded', 'returned')),"
        " ('company_id', '=', company_id), ('transaction_id', '!=', False)]",
    )

    def action_assign(self):
        """Take the report in as one about the charge."""
        self.ensure_one()
        self.attempt_id._check_operator()
        self.event_id.check_access("read")
        event = self.event_id.sudo()  # sudo: checked above; reports are written by the system
        transaction = self.attempt_id.sudo().transaction_id  # sudo: as above
        if event.state not in {"unknown", "failed"} or not event.facts:
            raise UserError(self.env._("This report was taken in already."))
        if transaction.company_id != event.company_id:
            raise UserError(self.env._("The charge belongs to another company."))
        event._process(transaction)
        if not event.chargeback_id:
            raise UserError(event.note or self.env._("The report could not be taken in."))
        return event.chargeback_id.sudo(False)._get_records_action()
