# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .wizard_common import WizardCommon


@tagged("post_install", "-at_install")
class TestStartPage(WizardCommon):
    """Nothing opens before a manager has seen what would, and confirmed it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.collection_live = False

    def read_ledger(self):
        """Do what the first night run does: the ledger is read to its end."""
        self.run_cycle()
        self.env["collection.cycle.run"].sudo().create({
            "company_id": self.company.id,
            "business_date": self.today,
            "state": "done",
        })

    def page(self, user=None):
        """Open the start page as the menu does."""
        env = self.env(user=user) if user else self.env
        action = env.ref("collection.action_start_page").sudo(False).run()
        self.assertEqual(action["res_model"], "collection.start.page")
        return env["collection.start.page"].browse(action["res_id"])

    def profiles_of(self, action):
        """Return the customers that a button of the page lists."""
        self.assertEqual(action["res_model"], "collection.profile")
        return self.env["collection.profile"].search(action["domain"]).partner_id

    def test_what_the_page_shows_is_what_opens(self):
        self.invoice(amount=500)
        self.invoice(amount=250)
        self.invoice(self.other_customer, amount=300)
        self.profile().debt_manager_id = self.ann
        self.entry(self.partner_a, 80)
        self.invoice(self.partner_b, amount=900, due=15)
        self.read_ledger()
        self.assertFalse(self.cases() | self.cases(self.other_customer), "nothing opens yet")

        page = self.page()
        self.assertTrue(page.ready)
        self.assertFalse(page.live)
        self.assertEqual(page.case_count, 3)
        self.assertEqual(page.customer_count, 3)
        self.assertEqual(page.item_count, 4)
        self.assertEqual(page.amount, 1130)
        per_manager = {line.user_id: (line.case_count, line.amount) for line in page.manager_ids}
        self.assertEqual(per_manager[self.ann], (1, 750))
        self.assertEqual(per_manager[self.env["res.users"]], (2, 380))
        listed = self.profiles_of(page.action_open_customers())
        self.assertEqual(listed, self.customer | self.other_customer | self.partner_a)

        page.action_confirm()
        self.run_cycle()
        cases = self.env["collection.case"].search([("company_id", "=", self.company.id)])
        self.assertTrue(self.company.collection_live)
        self.assertEqual(self.company.collection_live_date, self.today)
        self.assertEqual(len(cases), 3)
        self.assertEqual(len(cases.open_item_ids), 4)
        self.assertEqual(sum(cases.mapped("amount_to_collect")), 1130)
        self.assertEqual(self.cases().debt_manager_id, self.ann)

        page = self.page()
        self.assertTrue(page.live)
        self.assertEqual(page.case_count, 0, "everything late is in a case")
        self.assertEqual(
            self.env["collection.case"].search(page.action_open_cases()["domain"]), cases
        )

    def test_changing_the_rule_shows_at_once_what_it_would_open(self):
        self.invoice(amount=500, due=-40)
        self.invoice(self.other_customer, amount=300, due=-5)
        self.read_ledger()
        page = self.page()
        self.assertEqual(page.case_count, 2)
        form = Form(page)
        form.days_late = 30
        self.assertTrue(form.rule_changed)
        page = form.save()
        with self.assertRaisesRegex(UserError, "The rule was changed"):
            page.action_confirm()
        page.action_recalculate()
        self.assertFalse(page.rule_changed)
        self.assertEqual(self.company.collection_days_late, 30)
        self.assertEqual((page.case_count, page.amount), (1, 500))
        form = Form(page)
        form.min_amount = 501
        page = form.save()
        page.action_recalculate()
        self.assertEqual((page.case_count, page.below_minimum), (0, 1))
        self.assertEqual(self.profiles_of(page.action_open_below_minimum()), self.customer)

    def test_beside_it_stands_what_a_person_should_see_first(self):
        self.invoice(amount=500)
        self.profile().participation = "no"
        self.invoice(self.other_customer, amount=300)
        self.profile(self.other_customer).write({"hold": True, "hold_reason": "Merger"})
        self.entry(self.partner_a, -70)
        self.entry(self.env["res.partner"], 40)
        self.env["account.payment"].create({
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": self.partner_b.id,
            "amount": 600,
            "date": self.days(30),
            "journal_id": self.company_data["default_journal_bank"].id,
        })
        self.read_ledger()
        page = self.page()
        self.assertEqual(page.case_count, 0)
        self.assertEqual((page.credit_customers, page.credit_amount), (1, 70))
        self.assertEqual(self.profiles_of(page.action_open_credits()), self.partner_a)
        self.assertEqual(page.not_participating, 1)
        self.assertEqual(self.profiles_of(page.action_open_not_participating()), self.customer)
        self.assertEqual(page.on_hold, 1)
        self.assertEqual(self.profiles_of(page.action_open_on_hold()), self.other_customer)
        self.assertEqual((page.postdated_count, page.postdated_amount), (1, 600))
        payments = self.env["account.payment"].search(page.action_open_postdated()["domain"])
        self.assertEqual(payments.partner_id, self.partner_b)
        self.assertEqual((page.no_partner_count, page.no_partner_amount), (1, 40))
        lines = self.env["account.move.line"].search(page.action_open_no_partner()["domain"])
        self.assertEqual(lines.mapped("amount_residual"), [40])

    def test_customers_take_part_or_not_as_set_on_the_page(self):
        self.invoice(amount=500)
        self.read_ledger()
        page = self.page()
        form = Form(page)
        form.takes_part_default = False
        page = form.save()
        page.action_recalculate()
        self.assertEqual((page.case_count, page.not_participating), (0, 1))
        self.profile().participation = "yes"
        page.action_recalculate()
        self.assertEqual((page.case_count, page.not_participating), (1, 0))

    def test_late_items_of_customers_with_an_open_case_join_it(self):
        self.invoice(amount=500)
        self.env["collection.case"]._open_for(self.profile())
        self.invoice(amount=100)
        self.read_ledger()
        page = self.page()
        self.assertEqual((page.case_count, page.joining_items), (0, 1))

    def test_nothing_is_confirmed_before_the_ledger_is_read_to_its_end(self):
        self.invoice(amount=500)
        page = self.page()
        self.assertFalse(page.ready)
        with self.assertRaisesRegex(UserError, "has not been read to its end"):
            page.action_confirm()
        page.action_read_ledger()
        self.assertEqual(page.run_state, "running")
        page.run_id.sudo().state = "done"
        page.action_recalculate()
        self.assertTrue(page.ready)
        page.action_confirm()
        with self.assertRaisesRegex(UserError, "live already"):
            page.action_confirm()

    def test_a_wrong_rule_is_refused_in_words(self):
        page = self.page()
        page.partner_domain = "[('no_such_field', '=', 1)]"
        with self.assertRaisesRegex(UserError, "conditions on customers"):
            page.action_recalculate()

    def test_only_a_collection_manager_has_the_page(self):
        for user in self.ann | self.leader | self.bookkeeper:
            with self.assertRaises(AccessError):
                self.page(user)

    def test_each_company_has_its_own(self):
        self.invoice(amount=500)
        self.read_ledger()
        other = self.setup_other_company()["company"]
        self.env.user.company_ids |= other
        page = self.env["collection.start.page"].with_company(other).create({})
        self.assertEqual(page.company_id, other)
        self.assertEqual(page.case_count, 0)
        self.assertFalse(page.ready)
        outsider = self.person("outsider", "collection.group_collection_manager")
        with self.assertRaises(AccessError):
            self.env["collection.start.page"].with_user(outsider).create({"company_id": other.id})
        outsider.company_ids = [Command.link(other.id)]
        self.env["collection.start.page"].with_user(outsider).with_company(other).create({})
