# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""Templates: recurring documents of many customers at once."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import RecurringCommon


@tagged("post_install", "-at_install")
class TestTemplates(RecurringCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tag = cls.env["res.partner.category"].create({"name": "Members"})
        cls.members = cls.env["res.partner"].create([
            {"name": f"Member {number}", "category_id": [Command.set(cls.tag.ids)]}
            for number in range(5)
        ])
        cls.template = cls.env["recurring.template"].create({
            "name": "Membership",
            "method": "direct",
            "unit": "quarter",
            "bill_offset": 4,
            "count": 8,
            "on_failure": "pause",
            "line_ids": [
                Command.create({"product_id": cls.product.id, "quantity": 2, "price_unit": 30}),
                Command.create({"display_type": "line_note", "name": "Period {period}"}),
            ],
        })

    def apply(self, **vals):
        wizard = self.env["recurring.apply"].create({
            "template_id": self.template.id,
            "date_start": "2027-01-01",
            **vals,
        })
        wizard.action_apply()
        return self.template.document_ids

    def test_all_customers_with_a_tag(self):
        documents = self.apply(category_ids=[Command.set(self.tag.ids)], start=True)
        self.assertEqual(documents.partner_id, self.members)
        self.assertEqual(set(documents.mapped("state")), {"running"})
        one = documents[0]
        self.assertEqual(
            (one.method, one.unit, one.bill_offset, one.count, one.on_failure),
            ("direct", "quarter", 4, 8, "pause"),
        )
        self.assertEqual(one.line_ids.mapped("quantity"), [2, 0])
        self.assertEqual(one.amount_period, 60)
        self.assertEqual(len(set(documents.mapped("name"))), 5)
        self.assertEqual(self.template.document_count, 5)

    def test_nobody_gets_two(self):
        self.apply(partner_ids=[Command.set(self.members[:2].ids)])
        documents = self.apply(category_ids=[Command.set(self.tag.ids)])
        self.assertEqual(len(documents), 5)
        with self.assertRaises(UserError):
            self.apply(category_ids=[Command.set(self.tag.ids)])

    def test_the_dialogue_counts_first(self):
        self.apply(partner_ids=[Command.set(self.members[:2].ids)])
        wizard = Form(
            self.env["recurring.apply"].with_context(default_template_id=self.template.id)
        )
        wizard.category_ids = self.tag
        self.assertEqual((wizard.found_count, wizard.known_count), (3, 2))

    def test_changing_the_template_leaves_documents_alone(self):
        documents = self.apply(partner_ids=[Command.set(self.members[:1].ids)])
        self.template.line_ids[0].price_unit = 99
        self.template.unit = "year"
        self.assertEqual((documents.unit, documents.amount_period), ("quarter", 60))

    def test_the_customers_taxes_and_language(self):
        position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        tax = self.env["account.tax"].create({"name": "Home", "amount": 17})
        other = self.env["account.tax"].create({
            "name": "Abroad",
            "amount": 5,
            "fiscal_position_ids": [Command.set(position.ids)],
            "original_tax_ids": [Command.set(tax.ids)],
        })
        self.product.taxes_id = tax
        self.members[0].property_account_position_id = position
        documents = self.apply(category_ids=[Command.set(self.tag.ids)])
        by_partner = {one.partner_id: one.line_ids[0].tax_ids for one in documents}
        self.assertEqual(by_partner[self.members[0]], other)
        self.assertEqual(by_partner[self.members[1]], tax)
