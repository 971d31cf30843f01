# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""The screens: forms that are filled in, lists, reports and what opens what."""

from lxml import etree

from odoo.tests import Form, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from .common import RecurringCommon


@tagged("post_install", "-at_install")
class TestScreens(RecurringCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.operator = new_test_user(
            cls.env,
            "recurring_clerk",
            groups="payment_charge.group_charge_operator",
            company_id=cls.company.id,
        )

    def test_a_recurring_document_is_filled_in(self):
        self.day("2027-01-01")
        with Form(self.Document.with_user(self.operator)) as form:
            form.partner_id = self.customer
            form.title = "Hosting contract"
            with form.line_ids.new() as line:
                line.product_id = self.product
                self.assertEqual(line.price_unit, 100)
                self.assertIn("{period}", line.name)
                line.quantity = 2
        document = form.record
        self.assertEqual(document.amount_period, 200)
        self.assertEqual(document.currency_id, self.currency)
        document.action_start()
        self.assertEqual(document.rhythm_text, "Monthly")
        self.assertIn(document.name, document.display_name)

    def test_every_screen_opens(self):
        self.card("done")
        self.day("2027-01-01")
        document = self.recurring(100)
        self.bill()
        self.carry_out_charges()
        run = document.period_ids.run_id
        actions = self.env["ir.actions.act_window"].search([("res_model", "=like", "recurring.%")])
        self.assertGreater(len(actions), 6)
        for action in actions:
            model = self.env[action.res_model].with_user(self.operator)
            for _view_id, kind in action.views:
                model.get_view(view_type=kind)
            self.assertTrue(action.help or action.target == "new", action.name)
        for record in (document, document.period_ids, run):
            spec = {
                name: {}
                for name, field in record.fields_get(attributes=["type"]).items()
                if field["type"] not in {"one2many", "many2many", "binary"}
            }
            self.assertTrue(record.with_user(self.operator).web_read(spec))
        for opened in (
            document.action_open_periods(),
            document.action_open_charges(),
            document.action_open_ways(),
            document.period_ids.action_open_document(),
            document.period_ids.action_open_attempts(),
            document.period_ids.move_id.action_open_recurring(),
            self.customer.action_open_recurring(),
            run.action_open_periods(),
            run.action_open_failed(),
        ):
            model = self.env[opened["res_model"]]
            if opened.get("domain"):
                model.search(opened["domain"])
            else:
                self.assertTrue(model.browse(opened["res_id"]).exists())

    def test_the_filters_of_the_lists_work(self):
        self.recurring(100)
        for model in (
            "recurring.document",
            "recurring.period",
            "recurring.run",
            "recurring.template",
        ):
            arch = etree.fromstring(self.env[model].get_view(view_type="search")["arch"])
            records = self.env[model].with_context(active_test=False).search([])
            for node in arch.iter("filter"):
                if node.get("domain"):
                    domain = safe_eval(node.get("domain"), {"uid": self.env.uid})
                    with self.subTest(model=model, filter=node.get("name")):
                        self.assertLessEqual(self.env[model].search(domain), records)

    def test_the_report(self):
        self.day("2027-02-01")
        self.recurring(100, charge=False)
        self.bill()
        groups = self.Period.formatted_read_group(
            [("state", "=", "generated")], ["bill_on:month"], ["amount:sum"]
        )
        self.assertEqual([group["amount:sum"] for group in groups], [100, 100])
        groups = self.Document.formatted_read_group([], ["method"], ["amount_month:sum"])
        self.assertEqual(groups[0]["amount_month:sum"], 100)

    def test_what_a_customer_has_stands_at_the_customer(self):
        self.day("2027-01-01")
        document = self.recurring(100)
        customer = self.customer.with_user(self.operator)
        self.assertEqual(customer.recurring_count, 1)
        self.assertEqual(customer.recurring_document_ids, document)
        form = Form(customer)
        self.assertEqual(len(form.recurring_document_ids), 1)

    def test_what_became_of_it_is_told_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("el_GR")
        self.env["ir.module.module"]._load_module_terms(
            ["payment_charge", "recurring_document"], ["el_GR"]
        )
        for model, name in (
            ("recurring.document", "last_result"),
            ("recurring.period", "charge_state"),
            ("recurring.pause", "resume_how"),
            ("account.move", "charge_state"),
        ):
            english, greek = (
                dict(self.env[model].with_context(lang=lang).fields_get([name])[name]["selection"])
                for lang in ("en_US", "el_GR")
            )
            for value, word in english.items():
                self.assertNotEqual(greek[value], word, f"{model}.{name}: {value}")
