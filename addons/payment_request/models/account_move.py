# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models

# who may read payment requests
READERS = "account.group_account_invoice,account.group_account_readonly"


class AccountMove(models.Model):
    _inherit = "account.move"

    payment_request_payment_ids = fields.One2many(
        "payment.request.payment",
        "invoice_id",
        "Payments of Requests",
        readonly=True,
        groups=READERS,
    )
    payment_request_ids = fields.Many2many(
        "payment.request",
        string="Payment Requests",
        compute="_compute_payment_request_ids",
        search="_search_payment_request_ids",
        groups=READERS,
        help="The pro-forma or payment request whose payment issued this document.",
    )
    payment_request_count = fields.Integer(
        "Number of Payment Requests", compute="_compute_payment_request_count"
    )

    @api.depends("payment_request_payment_ids.request_id")
    def _compute_payment_request_ids(self):
        for move in self:
            requests = move.payment_request_payment_ids.request_id
            move.payment_request_ids = requests._filtered_access("read")

    @api.depends("payment_request_payment_ids.request_id")
    def _compute_payment_request_count(self):
        for move in self:
            # sudo: a number only, and the button is shown to who may read them
            move.payment_request_count = len(move.sudo().payment_request_payment_ids.request_id)

    def _search_payment_request_ids(self, operator, value):
        return [("payment_request_payment_ids.request_id", operator, value)]

    def _reverse_moves(self, default_values_list=None, cancel=False):
        reverse_moves = super()._reverse_moves(default_values_list, cancel)
        if cancel:
            # the entry of a payment is taken back: the money is not there any more
            payments = self.origin_payment_id
            for move, reverse in zip(self, reverse_moves, strict=True):
                if move.origin_payment_id in payments:
                    move.origin_payment_id._reverse_payment_requests(
                        self.env._("The entry of the payment was reversed."), reverse.date
                    )
        return reverse_moves

    def action_view_payment_requests(self):
        """Show the requests whose payment issued these documents."""
        return self.payment_request_ids._get_records_action(name=self.env._("Payment Requests"))
