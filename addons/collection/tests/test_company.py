# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Several companies on one ledger, and the currencies and accounts they keep it in."""

from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged

from .common import CollectionCommon
from .oracle import Ledger, built_anew, stored


@tagged("post_install", "-at_install")
class TestCompany(CollectionCommon):
    """What one company collects is no other company's business."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_data = cls.setup_other_company(name="Rival Ltd")
        cls.rival = cls.other_data["company"]
        cls.rival.write({"collection_tz": "UTC", "collection_live": True})
        cls.env.user.company_ids |= cls.rival

    def at(self, company, data=None):
        """Return the helpers of these tests, working in another company."""
        return type(
            "Elsewhere",
            (type(self),),
            {
                "env": self.env(context={**self.env.context, "allowed_company_ids": company.ids}),
                "company": company,
                "company_data": data or self.other_data,
            },
        )

    def profile_in(self, company, partner=None):
        return self.env["collection.profile"].search([
            ("company_id", "=", company.id),
            ("partner_id", "=", (partner or self.customer).id),
        ])

    def cases_in(self, company, partner=None):
        return self.profile_in(company, partner).case_ids

    def check_true_to_ledger(self, company):
        ledger = Ledger(self.env, company)
        state = stored(self.env, company)
        self.assertEqual(state["totals"], ledger.totals())
        self.assertEqual(set(state["items"]), set(ledger.open_items()))
        self.assertEqual(ledger.open_case_faults(), [])
        self.assertEqual(built_anew(self.env, company), state)

    # ------------------------------------------------------------
    # TWO COMPANIES
    # ------------------------------------------------------------

    def test_a_customer_of_two_companies_has_a_profile_and_a_case_in_each(self):
        self.invoice(amount=100)
        elsewhere = self.at(self.rival)
        move = elsewhere.invoice(amount=70)
        self.assertEqual(self.profile_in(self.company).amount_open, 100)
        self.assertEqual(self.profile_in(self.rival).amount_open, 70)
        self.assertEqual(self.cases_in(self.rival).amount_open, 70)
        elsewhere.pay(move)
        self.assertEqual(self.cases_in(self.rival).state, "completed")
        self.assertEqual(self.cases_in(self.company).state, "not_started")
        self.check_true_to_ledger(self.company)
        self.check_true_to_ledger(self.rival)

    def test_each_company_has_its_own_rule_and_its_own_settings(self):
        self.rival.write({"collection_days_late": 30, "collection_min_amount": 60})
        elsewhere = self.at(self.rival)
        elsewhere.customer.with_env(elsewhere.env).collection_hold = True
        self.invoice(amount=100, due=-10)
        elsewhere.invoice(amount=100, due=-40)
        self.assertTrue(self.cases_in(self.company))
        self.assertFalse(self.cases_in(self.rival), "on hold there only")
        elsewhere.customer.with_env(elsewhere.env).collection_hold = False
        self.at_once()
        self.assertEqual(self.cases_in(self.rival).amount_open, 100)
        elsewhere.invoice(partner=self.other_customer, amount=100, due=-10)
        self.assertFalse(self.cases_in(self.rival, self.other_customer), "30 days there")

    def test_a_company_that_is_not_live_opens_nothing_while_the_other_does(self):
        self.rival.collection_live = False
        self.at(self.rival).invoice()
        self.invoice()
        self.assertEqual(self.profile_in(self.rival).amount_overdue, 1000)
        self.assertFalse(self.cases_in(self.rival))
        self.assertTrue(self.cases_in(self.company))

    def test_one_click_may_touch_two_companies(self):
        own, foreign = self.invoice(amount=100), self.at(self.rival).invoice(amount=70)
        self.env["account.move"].browse((own | foreign).ids).with_context(
            allowed_company_ids=(self.company | self.rival).ids
        ).button_draft()
        self.at_once()
        self.assertEqual((own | foreign).collection_item_ids.mapped("state"), ["draft", "draft"])
        self.assertEqual(self.profile_in(self.company).amount_open, 0)
        self.assertEqual(self.profile_in(self.rival).amount_open, 0)

    def test_the_night_visits_every_company(self):
        (self.company | self.rival).collection_night_hour = 0
        with patch.object(type(self.cycle), "_note", lambda cycle, kind, ids: None):
            self.invoice(amount=100)
            self.at(self.rival).invoice(amount=70)
        self.assertFalse(self.cases_in(self.company) | self.cases_in(self.rival))
        with self.enter_registry_test_mode():
            self.env.ref("collection.cron_cycle").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self.cases_in(self.company).amount_open, 100)
        self.assertEqual(self.cases_in(self.rival).amount_open, 70)

    # ------------------------------------------------------------
    # BRANCHES OF A COMPANY, SHARED ACCOUNTS
    # ------------------------------------------------------------

    def test_a_branch_of_the_company_collects_on_the_accounts_of_its_parent(self):
        branch = self.env["res.company"].create({
            "name": "Northern Branch",
            "parent_id": self.company.id,
        })
        self.env.user.company_ids |= branch
        branch.write({"collection_tz": "UTC", "collection_live": True})
        elsewhere = self.at(branch, self.company_data)
        entry = elsewhere.entry(self.customer, 300)
        self.assertEqual(entry.company_id, branch)
        self.assertEqual(
            self.receivable(entry).account_id, self.company_data["default_account_receivable"]
        )
        self.assertEqual(self.profile_in(branch).amount_open, 300)
        self.assertEqual(self.cases_in(branch).amount_open, 300)
        self.assertFalse(self.profile_in(self.company), "nothing is owed to the parent itself")

    def test_an_account_that_two_companies_share(self):
        account = self.company_data["default_account_receivable"]
        account.sudo().write({
            "company_ids": [Command.link(self.rival.id)],
            "code_mapping_ids": [
                Command.create({"company_id": self.rival.id, "code": "121999"}),
            ],
        })
        elsewhere = self.at(self.rival, {**self.other_data, "default_account_receivable": account})
        elsewhere.entry(self.customer, 300)
        self.entry(self.customer, 200)
        self.assertEqual(self.profile_in(self.rival).amount_open, 300)
        self.assertEqual(self.profile_in(self.company).amount_open, 200)

    def test_receivables_that_are_not_trade_are_not_chased(self):
        move = self.entry(self.customer, 300)
        loans = self.company_data["default_account_receivable"].copy({
            "code": "121888",
            "non_trade": True,
        })
        self.env["account.move"].create({
            "move_type": "entry",
            "date": self.today,
            "line_ids": [
                Command.create({
                    "partner_id": self.customer.id,
                    "account_id": loans.id,
                    "date_maturity": self.days(-30),
                    "debit": 900,
                }),
                Command.create({
                    "account_id": self.company_data["default_account_revenue"].id,
                    "credit": 900,
                }),
            ],
        }).action_post()
        self.at_once()
        self.assertEqual(self.profile().amount_open, 300)
        self.company_data["default_account_receivable"].non_trade = True
        self.run_cycle(self.customer)
        self.assertEqual(move.collection_item_ids.state, "cancelled")
        self.assertEqual((self.cases().state, self.cases().result), ("completed", "cancelled"))
        self.company_data["default_account_receivable"].non_trade = False
        self.run_cycle(self.customer)
        self.assertEqual(move.collection_item_ids.state, "open")
        self.check_true_to_ledger(self.company)

    # ------------------------------------------------------------
    # CURRENCIES
    # ------------------------------------------------------------

    def test_a_company_whose_currency_has_no_cents(self):
        yen = self.env.ref("base.JPY")
        yen.active = True
        data = self.setup_other_company(name="Kaisha", currency_id=yen.id)
        company = data["company"]
        company.write({"collection_tz": "UTC", "collection_live": True})
        self.env.user.company_ids |= company
        dollar = self.company.currency_id
        self.env["res.currency.rate"].create({
            "name": "2016-01-01",
            "currency_id": dollar.id,
            "company_id": company.id,
            "rate": 0.0125,  # 80 yen
        })
        elsewhere = self.at(company, data)
        Case = elsewhere.env["collection.case"]
        profile = elsewhere.env["collection.profile"]._get_or_create(company, self.customer)
        case = Case._open_amount_case(profile, 10, dollar, "Advance", self.days(-1))
        self.at_once()
        self.assertEqual(case.amount_open, 800)
        item = case.open_item_ids
        action = item.action_register_payment()
        payment = (
            elsewhere
            .env["account.payment"]
            .with_context(**action["context"])
            .create({
                "amount": 3.33,
            })
        )
        payment.action_post()
        self.at_once()
        self.assertEqual(item.amount_residual_currency, 6.67)
        self.assertEqual(case.amount_open, 534, "whole yen")
        found = self.env["collection.item"].search([("amount_residual", "=", 534)])
        self.assertEqual(found, item, "found from any company")
        yen_payment = (
            elsewhere
            .env["account.payment"]
            .with_context(**action["context"])
            .create({
                "amount": 534,
                "currency_id": yen.id,
            })
        )
        yen_payment.action_post()
        self.at_once()
        self.assertEqual((item.state, case.result), ("settled", "paid"))

    def test_settled_in_one_currency_is_not_settled(self):
        euro = self.setup_other_currency(
            "EUR", rates=[("2016-01-01", 2.0), (str(self.days(-5)), 4.0)]
        )
        move = self.invoice(amount=100, due=-30, currency_id=euro.id)
        self.assertEqual(self.profile().amount_open, 50)
        payment = self.pay(move, currency_id=euro.id, amount=60, payment_date=self.today)
        item = move.collection_item_ids
        self.assertEqual(item.amount_residual_currency, 40)
        self.assertEqual(item.state, "open")
        self.check_true_to_ledger(self.company)
        self.receivable(payment.move_id).remove_move_reconcile()
        self.at_once()
        self.check_true_to_ledger(self.company)
        self.pay(move, currency_id=euro.id, payment_date=self.today)
        self.assertEqual(item.state, "settled")
        self.assertEqual(self.cases().result, "paid")
        self.check_true_to_ledger(self.company)
