# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import Command, fields

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

# what tells of documents that cannot be issued
BOOKING = "odoo.addons.payment_request.models.payment_request_payment"


class RequestCommon(AccountPaymentCommon):
    """A company, a customer, two taxes, and words to tell stories with."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.today = fields.Date.today()
        cls.customer = cls.env["res.partner"].create({
            "name": "Aegean Trading",
            "is_company": True,
            "email": "office@aegean.example",
        })
        cls.vat = cls.percent_tax(17)
        cls.bank = cls.company_data["default_journal_bank"]

    @classmethod
    def percent_tax(cls, amount, **vals):
        return cls.env["account.tax"].create({
            "name": f"VAT {amount}% {vals}",
            "amount_type": "percent",
            "amount": amount,
            "type_tax_use": "sale",
            "company_id": cls.company.id,
            **vals,
        })

    @classmethod
    def days(cls, days):
        return fields.Date.add(cls.today, days=days)

    @classmethod
    def request(cls, *prices, taxes=None, sent=True, **vals):
        """Return a request over lines of these prices, 1,000 plus 17 % of tax without any."""
        taxes = cls.vat if taxes is None else taxes
        request = cls.env["payment.request"].create({
            "kind": "proforma",
            "partner_id": cls.customer.id,
            "date": cls.days(-10),
            "line_ids": [
                Command.create({
                    "name": f"Service {index}",
                    "price_unit": price,
                    "tax_ids": [Command.set(taxes.ids)],
                })
                for index, price in enumerate(prices or (1000.0,), 1)
            ],
            **vals,
        })
        if sent:
            request.action_confirm()
        return request

    @classmethod
    def pay(cls, request, amount=None, days=0, **vals):
        """Register a payment by hand, as a person does, and return its row."""
        known = request.payment_ids
        wizard = cls.env["payment.request.pay"].create({
            "request_id": request.id,
            "date": cls.days(days),
            **({} if amount is None else {"amount": amount}),
            **vals,
        })
        wizard.action_register()
        return request.payment_ids - known

    @classmethod
    def receivable(cls, move):
        return move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    @classmethod
    def taxes_of(cls, move):
        """Return the tax of a document by tax, in its currency."""
        sign = -move.direction_sign
        return {
            line.tax_line_id: sign * -line.amount_currency
            for line in move.line_ids
            if line.tax_line_id
        }
