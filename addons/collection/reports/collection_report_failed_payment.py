# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models
from odoo.tools import SQL


class CollectionReportFailedPayment(models.Model):
    """What customers tried to pay: rejected and cancelled payments, failed online payments."""

    _name = "collection.report.failed.payment"
    _description = "Failed Payment"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "reference"
    _depends = {
        "account.payment": [
            "amount",
            "company_id",
            "currency_id",
            "date",
            "journal_id",
            "memo",
            "name",
            "partner_id",
            "partner_type",
            "payment_method_line_id",
            "payment_type",
            "state",
        ],
        "payment.transaction": [
            "amount",
            "company_id",
            "currency_id",
            "last_state_change",
            "operation",
            "partner_id",
            "payment_id",
            "provider_id",
            "reference",
            "state",
            "state_message",
        ],
    }

    company_id = fields.Many2one("res.company", "Company", readonly=True)
    date = fields.Date("Date", readonly=True, help="When it failed, or was to be paid.")
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True, help="Who tried to pay.")
    profile_id = fields.Many2one(
        "collection.profile",
        "Customer Profile",
        readonly=True,
        help="The customer in collections; of a branch, where it is one that is chased.",
    )
    source = fields.Selection(
        [("payment", "Payment"), ("online", "Online Payment")],
        "Source",
        readonly=True,
        help="A payment booked and then rejected or cancelled, or an online attempt.",
    )
    state = fields.Selection(
        [("rejected", "Rejected"), ("canceled", "Cancelled"), ("error", "Error")],
        "State",
        readonly=True,
        help="What became of it.",
    )
    reference = fields.Char("Reference", readonly=True, help="Number of the payment or attempt.")
    message = fields.Text("Message", readonly=True, help="What the bank or the provider said.")
    amount = fields.Monetary("Amount", readonly=True, help="What was to be paid.")
    currency_id = fields.Many2one(
        "res.currency", "Currency", readonly=True, help="Currency of the amount."
    )
    journal_id = fields.Many2one(
        "account.journal", "Journal", readonly=True, help="Where the payment was booked."
    )
    provider_id = fields.Many2one(
        "payment.provider", "Provider", readonly=True, help="Who refused the online payment."
    )
    payment_id = fields.Many2one(
        "account.payment", "Payment", readonly=True, help="The payment, where one was booked."
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT failed.*, COALESCE(own.id, entity.id) AS profile_id
              FROM (
            SELECT payment.id * 2 AS id, payment.company_id, payment.date, payment.partner_id,
                   'payment' AS source, payment.state, payment.name AS reference,
                   payment.memo::text AS message, payment.amount, payment.currency_id,
                   payment.journal_id, NULL::int AS provider_id, payment.id AS payment_id
              FROM account_payment payment
             WHERE payment.state IN ('canceled', 'rejected')
               AND payment.payment_type = 'inbound'
               AND payment.partner_type = 'customer'
             UNION ALL
            SELECT transaction.id * 2 + 1, transaction.company_id,
                   transaction.last_state_change::date, transaction.partner_id, 'online',
                   CASE transaction.state WHEN 'cancel' THEN 'canceled' ELSE 'error' END,
                   transaction.reference, transaction.state_message, transaction.amount,
                   transaction.currency_id, NULL, transaction.provider_id, NULL
              FROM payment_transaction AS transaction
             WHERE transaction.state IN ('cancel', 'error')
               AND transaction.payment_id IS NULL
               AND transaction.operation IS DISTINCT FROM 'refund'
              ) AS failed
         LEFT JOIN res_partner partner ON partner.id = failed.partner_id
         LEFT JOIN collection_profile own
                ON own.company_id = failed.company_id AND own.partner_id = partner.id
         LEFT JOIN collection_profile entity
                ON entity.company_id = failed.company_id
               AND entity.partner_id = partner.commercial_partner_id
            """
        )

    def action_open_payment(self):
        """Open the payment; an online attempt has nothing more to show."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.payment",
            "res_id": self.payment_id.id,
            "views": [(False, "form")],
        }
