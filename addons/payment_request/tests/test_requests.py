# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""A request as such: numbers, amounts, states, what may be changed."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import RequestCommon


@tagged("post_install", "-at_install")
class TestRequests(RequestCommon):
    def test_numbers_have_no_gaps_per_kind_and_company(self):
        other = self.setup_other_company()["company"]
        first, draft, second = (self.request(sent=index != 1) for index in range(3))
        asked = self.request(kind="request")
        abroad = self.request(
            sent=False,
            company_id=other.id,
            taxes=self.env["account.tax"],
            partner_id=self.env["res.partner"].create({"name": "Nobody's"}).id,
        )
        abroad.with_context(allowed_company_ids=(self.company | other).ids).action_confirm()
        year = self.days(-10).year
        self.assertEqual(first.name, f"PF/{year}/00001")
        self.assertEqual(second.name, f"PF/{year}/00002")
        self.assertEqual(asked.name, f"PR/{year}/00001")
        self.assertEqual(abroad.name, f"PF/{year}/00001")
        self.assertEqual(draft.name, "/")
        draft.unlink()
        for request in (first, second):
            with self.assertRaises(UserError):
                request.unlink()

    def test_a_number_stays_when_the_request_goes_back_to_draft(self):
        request = self.request()
        number = request.name
        request.action_draft()
        with self.assertRaises(UserError):
            request.unlink()
        with self.assertRaises(UserError):
            request.kind = "request"
        request.line_ids.price_unit = 500
        request.action_confirm()
        self.assertEqual(request.name, number)
        self.assertEqual(request.amount_total, 585.0)

    def test_totals_by_the_hosts_taxes(self):
        included = self.percent_tax(24, price_include_override="tax_included")
        request = self.request(100.0, sent=False)
        request.line_ids = [
            Command.create({
                "name": "With tax in the price",
                "quantity": 3,
                "price_unit": 12.40,
                "discount": 10,
                "tax_ids": [Command.set(included.ids)],
            }),
            Command.create({"display_type": "line_section", "name": "More"}),
        ]
        # 100 + 17; 3 × 12.40 less 10 % = 33.48, of which 6.48 tax
        self.assertEqual(request.amount_untaxed, 127.0)
        self.assertEqual(request.amount_tax, 23.48)
        self.assertEqual(request.amount_total, 150.48)
        self.assertEqual(request.amount_residual, 150.48)
        groups = [
            group["tax_amount_currency"]
            for subtotal in request.tax_totals["subtotals"]
            for group in subtotal["tax_groups"]
        ]
        self.assertAlmostEqual(sum(groups), 23.48)
        invoice = self.pay(request).invoice_id if request.action_confirm() else None
        self.assertEqual(invoice.amount_total, 150.48)
        self.assertEqual(invoice.amount_tax, 23.48)

    def test_a_person_enters_a_request(self):
        product = self.env["product.product"].create({
            "name": "Audit",
            "list_price": 250.0,
            "taxes_id": [Command.set(self.vat.ids)],
        })
        terms = self.env.ref("account.account_payment_term_30days")
        form = Form(self.env["payment.request"])
        form.partner_id = self.customer
        form.date = "2026-03-02"
        form.payment_term_id = terms
        with form.line_ids.new() as line:
            line.product_id = product
            line.quantity = 2
        request = form.save()
        self.assertEqual(request.line_ids.price_unit, 250.0)
        self.assertEqual(request.line_ids.tax_ids, self.vat)
        self.assertEqual(request.amount_total, 585.0)
        self.assertEqual(str(request.date_due), "2026-04-01")
        self.assertEqual(request.display_name, "Draft Pro-Forma")

    def test_the_fiscal_position_changes_the_taxes(self):
        export = self.percent_tax(0)
        position = self.env["account.fiscal.position"].create({
            "name": "Export",
            "company_id": self.company.id,
        })
        export.write({
            "fiscal_position_ids": [Command.set(position.ids)],
            "original_tax_ids": [Command.set(self.vat.ids)],
        })
        self.customer.with_company(self.company).property_account_position_id = position
        product = self.env["product.product"].create({
            "name": "Audit",
            "list_price": 250.0,
            "taxes_id": [Command.set(self.vat.ids)],
        })
        request = self.env["payment.request"].create({
            "partner_id": self.customer.id,
            "line_ids": [Command.create({"product_id": product.id})],
        })
        self.assertEqual(request.fiscal_position_id, position)
        self.assertEqual(request.line_ids.tax_ids, export)
        self.assertEqual(request.amount_total, 250.0)
        request.action_confirm()
        self.assertEqual(self.pay(request).invoice_id.fiscal_position_id, position)

    def test_what_was_sent_is_not_changed(self):
        request = self.request()
        for vals in (
            {"line_ids": [Command.create({"name": "More", "price_unit": 1})]},
            {"partner_id": self.partner_b.id},
            {"date": self.today},
            {"currency_id": self.env.ref("base.EUR").id},
        ):
            with self.assertRaises(UserError):
                request.write(vals)
        with self.assertRaises(UserError):
            request.line_ids.price_unit = 1
        with self.assertRaises(UserError):
            request.line_ids.unlink()
        request.write({"date_due": self.days(30), "note": "Thank you"})
        self.assertEqual(request.date_due, self.days(30))

    def test_nothing_is_asked_for_nothing(self):
        for prices in ((0.0,), (100.0, -200.0)):
            request = self.request(*prices, sent=False)
            with self.assertRaises(UserError):
                request.action_confirm()
        empty = self.env["payment.request"].create({"partner_id": self.customer.id})
        with self.assertRaises(UserError):
            empty.action_confirm()
        self.assertEqual(empty.name, "/")

    def test_states_change_by_the_rules_and_leave_a_history(self):
        request = self.request()
        request.action_cancel()
        request.action_reopen()
        request.action_draft()
        request.action_confirm()
        self.assertEqual(
            [(row.from_state, row.to_state) for row in request.transition_ids.sorted("id")],
            [
                ("draft", "sent"),
                ("sent", "cancelled"),
                ("cancelled", "sent"),
                ("sent", "draft"),
                ("draft", "sent"),
            ],
        )
        self.assertEqual(request.transition_ids.user_id, self.env.user)
        with self.assertRaises(UserError):
            request._set_state("sent")
        self.pay(request)
        self.assertEqual(request.state, "paid")
        for step in (request.action_cancel, request.action_draft):
            with self.assertRaises(UserError):
                step()
        self.assertEqual(request.state, "paid")

    def test_nobody_writes_the_state_or_number_by_hand(self):
        request = self.request()
        for vals in ({"state": "paid"}, {"name": "PF/1"}):
            with self.assertRaises(AccessError):
                request.write(vals)
        self.assertEqual(request.state, "sent")

    def test_no_invoice_before_it_is_paid(self):
        before = self.env["account.move"].search_count([])
        request = self.request()
        self.assertEqual(self.env["account.move"].search_count([]), before)
        self.assertFalse(request.invoice_ids)

    def test_a_copy_is_a_new_draft(self):
        request = self.request()
        self.pay(request, 100)
        copy = request.copy()
        self.assertEqual((copy.state, copy.name, copy.amount_total), ("draft", "/", 1170.0))
        self.assertFalse(copy.payment_ids or copy.access_token or copy.transition_ids)
        self.assertEqual(copy.date, self.today)

    def test_duplicates_are_seen(self):
        one, other = self.request(), self.request(sent=False)
        different = self.request(999.0)
        self.assertEqual(other.duplicate_ids, one)
        self.assertFalse(different.duplicate_ids)
        one.action_cancel()
        other.invalidate_recordset()
        self.assertFalse(other.duplicate_ids)

    def test_a_customer_of_another_company_is_refused(self):
        other = self.setup_other_company()["company"]
        self.customer.company_id = other
        with self.assertRaises(UserError):
            self.request()

    def test_the_customers_button_counts_what_is_open(self):
        paid, _open = self.request(), self.request(50.0)
        self.pay(paid)
        contact = self.env["res.partner"].create({"name": "Eleni", "parent_id": self.customer.id})
        self.request(20.0, sent=False, partner_id=contact.id)
        self.assertEqual(self.customer.payment_request_count, 2)
        action = self.customer.action_view_payment_requests()
        found = self.env["payment.request"].search(action["domain"])
        self.assertEqual(len(found), 3)
