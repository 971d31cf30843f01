# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.tools import SQL

SEQUENCES = {
    "proforma": ("payment_request_proforma_sequence_id", "Pro-Forma", "PF"),
    "request": ("payment_request_sequence_id", "Payment Request", "PR"),
}


class ResCompany(models.Model):
    _inherit = "res.company"

    payment_request_proforma_sequence_id = fields.Many2one(
        "ir.sequence",
        "Numbers of Pro-Formas",
        copy=False,
        help="Numbers the company's pro-formas, without gaps.",
    )
    payment_request_sequence_id = fields.Many2one(
        "ir.sequence",
        "Numbers of Payment Requests",
        copy=False,
        help="Numbers the company's payment requests, without gaps.",
    )
    payment_request_kind = fields.Selection(
        [("proforma", "Pro-Forma"), ("request", "Payment Request")],
        "Usual Request",
        default="proforma",
        required=True,
        help="What a new document is unless somebody chooses otherwise.",
    )

    payment_request_send_invoice = fields.Boolean(
        "Send Invoices of Paid Requests",
        default=True,
        help="Customers who get their invoices by e-mail get this one as soon as they have paid.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._create_payment_request_sequences()
        return companies

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    @api.model
    def _install_payment_request_sequences(self):
        """Give all companies there are their sequences."""
        self.with_context(active_test=False).search([
            "|",
            ("payment_request_proforma_sequence_id", "=", False),
            ("payment_request_sequence_id", "=", False),
        ])._create_payment_request_sequences()

    def _create_payment_request_sequences(self):
        """Give the companies the sequences that they lack."""
        # sudo: whoever creates a company need not be allowed to set up sequences
        for company in self.sudo():
            for code, (field, name, prefix) in SEQUENCES.items():
                if not company[field]:
                    company[field] = (
                        self
                        .env["ir.sequence"]
                        .sudo()
                        .create({
                            "name": f"{name} ({company.name})",
                            "code": f"payment.request.{code}",
                            "implementation": "no_gap",
                            "prefix": f"{prefix}/%(range_year)s/",
                            "padding": 5,
                            "use_date_range": True,
                            "company_id": company.id,
                        })
                    )

    def _payment_request_number(self, kind, date):
        """Return the next number of a kind of request."""
        self.ensure_one()
        field = SEQUENCES[kind][0]
        # sudo: numbers are drawn for whoever may issue a request
        company = self.sudo()
        if not company[field]:
            # somebody deleted it: two users shall not make two
            self.env.execute_query(
                SQL("SELECT id FROM res_company WHERE id = %s FOR UPDATE", self.id)
            )
            company._create_payment_request_sequences()
        return company[field].next_by_id(sequence_date=date)
