# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Every ready-made condition, the domain, and what is refused on saving."""

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user, tagged

from odoo.addons.collection.models.collection_cycle_step import CycleScope

from .strategy_common import StrategyCommon


@tagged("post_install", "-at_install")
class TestRules(StrategyCommon):
    def fulfilled(self, rule, *partners):
        """Return which customers fulfil a rule that gives points, as the night sees it."""
        self.night()
        partners = partners or (self.customer, self.other_customer)
        return [
            partner
            for partner in partners
            if rule.id
            in [
                line["rule_id"]
                for line in self.profile(partner)._score_lines()[self.profile(partner).id]
            ]
        ]

    # ------------------------------------------------------------
    # DUE DATE AND AMOUNTS
    # ------------------------------------------------------------

    def test_days_around_the_due_date(self):
        before = self.points(use_days="range", days_from=-5, days_to=-1)
        today = self.points(use_days="range", days_from=0, days_to=0)
        late = self.points(use_days="from", days_from=1)
        upto = self.points(use_days="upto", days_to=-1)
        self.invoice(due=3)
        self.invoice(self.other_customer, due=0)
        self.assertEqual(self.fulfilled(before), [self.customer])
        self.assertEqual(self.fulfilled(upto), [self.customer])
        self.assertEqual(self.fulfilled(today), [self.other_customer])
        self.assertEqual(self.fulfilled(late), [])
        self.wait(4)
        self.assertEqual(self.fulfilled(late), [self.customer, self.other_customer])

    def test_a_granted_date_rules(self):
        late = self.points(use_days="from", days_from=1)
        move = self.invoice(due=-3)
        self.items(move).granted_date = self.day(10)
        self.assertEqual(self.fulfilled(late, self.customer), [])

    def test_amounts_of_items_cases_and_customers(self):
        item = self.points(amount_kind="open", amount_level="item", amount_min=500)
        below = self.points(amount_kind="open", amount_level="item", amount_max=500)
        customer = self.points(amount_kind="overdue", amount_level="profile", amount_min=800)
        case = self.points(amount_kind="to_collect", amount_level="case", amount_min=800)
        self.invoice(amount=400, due=-5)
        self.invoice(amount=450, due=-6)
        self.invoice(self.other_customer, amount=900, due=5)
        self.assertEqual(self.fulfilled(item), [self.other_customer])
        self.assertEqual(self.fulfilled(below), [self.customer])
        self.assertEqual(self.fulfilled(customer), [self.customer])
        self.assertEqual(self.fulfilled(case), [self.customer])
        block = self.items(self.invoice(amount=10, due=-7))._block("hold", amount=10)
        self.assertTrue(block)
        self.items(
            self.env["account.move"].search([
                ("partner_id", "=", self.customer.id),
                ("amount_total", "=", 450),
            ])
        )._block("dispute", amount=100)
        self.assertEqual(self.fulfilled(case), [], "what is disputed is not to be collected")
        self.assertEqual(self.fulfilled(customer), [self.customer])

    def test_amounts_are_in_company_currency(self):
        rule = self.points(amount_kind="open", amount_level="item", amount_min=400)
        other = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        self.invoice(amount=600, due=-5, currency_id=other.id)
        self.invoice(self.other_customer, amount=900, due=-5, currency_id=other.id)
        self.assertEqual(self.fulfilled(rule), [self.other_customer])

    # ------------------------------------------------------------
    # THE CUSTOMER
    # ------------------------------------------------------------

    def test_the_share_of_the_credit_limit_used(self):
        rule = self.points(credit_share_min=80)
        self.company.account_use_credit_limit = True
        self.customer.with_company(self.company).credit_limit = 1000
        self.other_customer.with_company(self.company).credit_limit = 0
        move = self.invoice(amount=800)
        self.invoice(self.other_customer, amount=5000)
        self.assertEqual(self.fulfilled(rule), [self.customer])
        self.pay(move, amount=100)
        self.assertEqual(self.fulfilled(rule), [])
        self.env["ir.default"].set(
            "res.partner", "credit_limit", 5000.0, company_id=self.company.id
        )
        self.other_customer.with_company(self.company).credit_limit = 5000
        self.assertEqual(self.fulfilled(rule), [self.other_customer], "the company's own limit")

    def test_the_credit_class(self):
        rule = self.points(credit_class="c")
        self.invoice()
        self.invoice(self.other_customer)
        self.profile().credit_class = "c"
        self.profile(self.other_customer).credit_class = "a"
        self.assertEqual(self.fulfilled(rule), [self.customer])

    def test_no_contact_for_days(self):
        rule = self.points(no_contact_days=14)
        self.invoice()
        self.invoice(self.other_customer)
        self.log_call(days_ago=10)
        self.assertEqual(self.fulfilled(rule), [self.other_customer])
        message = (
            self
            .env["collection.message"]
            .sudo()
            .create({
                "profile_id": self.profile().id,
                "person_id": self.customer.id,
                "bounced_on": fields.Datetime.now(),
            })
        )
        logs = self.profile().contact_log_ids.sudo()
        logs.message_id = message
        self.assertEqual(self.fulfilled(rule), [self.customer, self.other_customer])
        logs.message_id = False
        self.wait(4)
        self.assertEqual(self.fulfilled(rule), [self.customer, self.other_customer])
        # what the customer writes is a contact as well; what a machine writes is none
        mails = self.env["collection.incoming"].sudo()
        for automatic, left in (
            (True, [self.customer, self.other_customer]),
            (False, [self.other_customer]),
        ):
            mails.create({
                "company_id": self.company.id,
                "profile_id": self.profile().id,
                "email_from": "maria@aegean.example.com",
            })._set_automatic(automatic)
            self.assertEqual(self.fulfilled(rule), left)

    def test_broken_promises(self):
        rule = self.points(broken_promises_min=1)
        self.invoice(due=-20)
        self.invoice(self.other_customer, due=-20)
        for partner, days in ((self.customer, 2), (self.other_customer, 20)):
            self.env["collection.contact.log"]._record({
                "case_id": self.cases(partner).id,
                "agreed_date": self.day(days),
                "agreed_amount": 100,
                "agreed_way_id": self.env.ref("collection.way_bank_transfer").id,
            })
        self.assertEqual(self.fulfilled(rule), [])
        self.wait(3)
        self.assertEqual(self.fulfilled(rule), [self.customer])

    def test_the_first_late_payment_ever(self):
        rule = self.points(first_late=True)
        past = self.invoice(due=-40)
        self.pay(past, payment_date=self.day(-10))
        self.invoice(due=-5)
        in_time = self.invoice(self.other_customer, due=10)
        self.pay(in_time)
        self.invoice(self.other_customer, due=-5)
        self.assertEqual(self.fulfilled(rule), [self.other_customer])

    def test_the_largest_debtors(self):
        rule = self.points(top_n=1)
        self.invoice(amount=500)
        self.invoice(self.other_customer, amount=700)
        self.assertEqual(self.fulfilled(rule), [self.other_customer])

    def test_a_payment_lately_and_none_for_long(self):
        lately = self.points(payment_within_days=5, applies_to="profile")
        long_ago = self.points(no_payment_days=5)
        move = self.invoice(due=-5)
        self.invoice(due=-5)
        self.invoice(self.other_customer, due=-5)
        self.pay(move)
        self.assertEqual(self.fulfilled(lately), [self.customer])
        self.assertEqual(self.fulfilled(long_ago), [self.other_customer])
        self.wait(6)
        self.assertEqual(self.fulfilled(lately), [])
        self.assertEqual(self.fulfilled(long_ago), [self.customer, self.other_customer])

    def test_language_country_and_tags(self):
        greece = self.env.ref("base.gr")
        tag = self.env["res.partner.category"].create({"name": "Key"})
        self.env["res.lang"]._activate_lang("el_GR")
        lang = self.env["res.lang"]._get_data(code="el_GR")
        self.customer.write({"country_id": greece.id, "lang": "el_GR"})
        self.other_customer.category_id = tag
        by_country = self.points(country_ids=greece.ids)
        by_lang = self.points(lang_ids=[lang.id])
        by_tag = self.points(category_ids=tag.ids)
        self.invoice()
        self.invoice(self.other_customer)
        self.assertEqual(self.fulfilled(by_country), [self.customer])
        self.assertEqual(self.fulfilled(by_lang), [self.customer])
        self.assertEqual(self.fulfilled(by_tag), [self.other_customer])

    def test_where_the_case_stands(self):
        none = self.points(case_state="none")
        anywhere = self.points(case_state="open")
        working = self.points(case_state="in_progress", applies_to="case")
        self.invoice(due=-5)
        self.invoice(self.other_customer, due=5)
        self.assertEqual(self.fulfilled(none), [self.other_customer])
        self.assertEqual(self.fulfilled(anywhere), [self.customer])
        self.assertEqual(self.fulfilled(working), [])
        self.cases()._set_state("in_progress", "called")
        self.assertEqual(self.fulfilled(working), [self.customer])

    # ------------------------------------------------------------
    # THE DOCUMENT
    # ------------------------------------------------------------

    def test_documents_without_a_purchase_order_number(self):
        rule = self.points(no_po=True)
        self.invoice(ref="PO 4711")
        self.invoice(self.other_customer)
        self.assertEqual(self.fulfilled(rule), [self.other_customer])

    def test_documents_of_the_last_days(self):
        rule = self.points(posted_within_days=3)
        self.invoice(due=30, invoice_date=self.day(-2))
        self.invoice(self.other_customer, due=30, invoice_date=self.day(-4))
        self.assertEqual(self.fulfilled(rule), [self.customer])

    # ------------------------------------------------------------
    # SEVERAL CONDITIONS, DOMAINS
    # ------------------------------------------------------------

    def test_all_that_are_set_must_hold(self):
        rule = self.points(
            use_days="from", days_from=10, amount_kind="open", amount_level="item", amount_min=500
        )
        self.invoice(amount=600, due=-5)
        self.invoice(amount=400, due=-15)
        self.assertEqual(self.fulfilled(rule, self.customer), [], "not of one and the same item")
        self.invoice(amount=600, due=-15)
        self.assertEqual(self.fulfilled(rule, self.customer), [self.customer])

    def test_domains_on_item_case_and_customer(self):
        item = self.points(domain="[('document_ref', 'ilike', 'urgent')]")
        case = self.points(domain="[('priority', '=', '1')]", applies_to="case")
        customer = self.points(domain="[('partner_id.city', '=', 'Piraeus')]", applies_to="profile")
        dated = self.points(domain="[('date_due', '<', 'today -10d')]")
        computed = self.points(
            domain="[('date_due', '<', (context_today() - relativedelta(days=10))"
            ".strftime('%Y-%m-%d'))]"
        )
        self.invoice(due=-5)
        self.invoice(self.other_customer, due=-15, ref="Urgent 12")
        self.cases(self.other_customer).priority = "1"
        self.assertEqual(self.fulfilled(item), [self.other_customer])
        self.assertEqual(self.fulfilled(case), [self.other_customer])
        self.assertEqual(self.fulfilled(customer), [self.customer])
        self.assertEqual(self.fulfilled(dated), [self.other_customer])
        self.assertEqual(self.fulfilled(computed), [self.other_customer])

    def test_a_field_that_cannot_be_searched_is_refused_by_name(self):
        with self.assertRaisesRegex(ValidationError, "Amount by Currency|Open by Currency"):
            self.points(domain="[('amounts_by_currency', '=', 'x')]", applies_to="case")
        with self.assertRaisesRegex(ValidationError, "no_such_field"):
            self.points(domain="[('no_such_field', '=', 1)]")
        with self.assertRaisesRegex(ValidationError, "partner_id.no_such"):
            self.points(domain="[('partner_id.no_such', '=', 1)]")
        with self.assertRaisesRegex(ValidationError, "cannot be read"):
            self.points(domain="[('document_ref', '=', nonsense)]")
        rule = self.points(domain="[('document_ref', '=', 'x')]")
        with self.assertRaisesRegex(ValidationError, "document_ref"):
            rule.write({"applies_to": "profile"})

    def test_a_domain_holds_for_all_customers_whoever_runs_it(self):
        rule = self.points(domain="[('profile_id.debt_manager_id', '=', False)]")
        self.invoice()
        clerk = new_test_user(
            self.env,
            "clerk_rules",
            "collection.group_debt_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        own = self.env["res.partner"].create({"name": "Own"})
        self.invoice(own)
        self.profile(own).debt_manager_id = clerk
        self.at_once()
        self.profile(own).with_user(clerk).action_plan_now()
        self.assertEqual(self.fulfilled(rule, self.customer, own), [self.customer])

    def test_a_rule_compiles_to_one_subselect(self):
        self.invoice()
        rule = self.points(
            use_days="from",
            days_from=1,
            amount_kind="overdue",
            amount_min=10,
            credit_share_min=10,
            broken_promises_min=1,
            no_contact_days=3,
            payment_within_days=3,
            posted_within_days=400,
            no_po=True,
            first_late=True,
            top_n=3,
            case_state="open",
            country_ids=self.env.ref("base.gr").ids,
            domain="[('document_ref', '=', False), ('profile_id.team_id', '=', False)]",
        )
        self.env.flush_all()
        scope = CycleScope(self.company.id, self.today, partner_ids=(self.customer.id,))
        compiled = rule._compile(scope)
        text = compiled.code
        self.assertTrue(text.startswith("SELECT "))
        self.assertEqual(text.count("FROM open_item i"), 1)
        self.assertNotIn("UNION", text)
        self.assertNotIn(";", text)
        with self.assertQueryCount(1):
            self.env.execute_query(self.env["collection.cycle.step.score"]._select(scope, rule))
        statement = self.env["collection.cycle.step.score"]._select(scope, rule)
        self.assertEqual(
            statement.code.count("account_move_line line"), 1, "the ledger is read once"
        )

    # ------------------------------------------------------------
    # WHAT IS REFUSED
    # ------------------------------------------------------------

    def test_an_action_that_lacks_something_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "choose the template"):
            self.rule(action="email", template_id=False)
        with self.assertRaisesRegex(ValidationError, "choose the SMS template"):
            self.rule(action="sms", sms_template_id=False)
        with self.assertRaisesRegex(ValidationError, "choose the new debt manager"):
            self.rule(action="change_manager")
        with self.assertRaisesRegex(ValidationError, "at least one day"):
            self.rule(action="hold", hold_days=0)
        with self.assertRaisesRegex(ValidationError, "look at open items"):
            self.rule(message_kind="invoice", applies_to="profile")

    def test_ranges_that_hold_nothing_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "no day lies between"):
            self.rule(use_days="range", days_from=5, days_to=1)
        with self.assertRaisesRegex(ValidationError, "no amount"):
            self.points(amount_kind="open", amount_min=10, amount_max=10)
        with self.assertRaisesRegex(ValidationError, "cannot be negative"):
            self.points(no_contact_days=-1)
        with self.assertRaisesRegex(ValidationError, "lies before"):
            self.rule(valid_from=self.day(5), valid_to=self.day(1))

    def test_what_was_used_stays_as_history(self):
        rule = self.rule(action="call")
        unused = self.rule(action="escalate", days_from=900)
        self.invoice()
        self.night()
        with self.assertRaisesRegex(UserError, "Archive it instead"):
            rule.unlink()
        with self.assertRaisesRegex(UserError, "Archive it instead"):
            self.strategy.unlink()
        unused.unlink()
        self.assertFalse(unused.exists())

    # ------------------------------------------------------------
    # WHO FOLLOWS WHICH STRATEGY
    # ------------------------------------------------------------

    def test_the_most_specific_strategy_wins_and_a_person_over_it(self):
        greece = self.env.ref("base.gr")
        self.customer.country_id = greece
        tag = self.env["res.partner.category"].create({"name": "Key"})
        self.customer.category_id = tag
        Strategy = self.env["collection.strategy"]
        by_country = Strategy.create({
            "name": "Greece",
            "code": "gr",
            "country_ids": greece.ids,
            "sequence": 1,
        })
        by_both = Strategy.create({
            "name": "Greek key customers",
            "code": "gr_key",
            "country_ids": greece.ids,
            "category_ids": tag.ids,
            "sequence": 99,
        })
        by_amount = Strategy.create({
            "name": "Large",
            "code": "large",
            "amount_from": 5000,
            "sequence": 2,
        })
        self.invoice(amount=100)
        self.invoice(self.other_customer, amount=100)
        profile, other = self.profile(), self.profile(self.other_customer)
        self.night()
        self.assertEqual(profile.strategy_id, by_both)
        self.assertEqual(other.strategy_id, self.strategy)
        by_both.active = False
        self.invoice(self.other_customer, amount=6000)
        self.night()
        self.assertEqual(profile.strategy_id, by_country)
        self.assertEqual(other.strategy_id, by_amount)
        self.invoice(amount=6000)
        self.night()
        self.assertEqual(profile.strategy_id, by_country, "as specific, and first in order")
        profile.strategy_override_id = self.strategy
        self.at_once()
        self.assertEqual(profile.strategy_id, self.strategy)
        self.strategy.active = False
        self.night()
        self.assertEqual(profile.strategy_id, by_country, "an archived one is followed by nobody")

    def test_another_strategy_takes_the_actions_of_the_old_one_away(self):
        self.rule(action="call")
        other = self.env["collection.strategy"].create({
            "name": "Other",
            "code": "other",
            "rule_ids": [
                (0, 0, {"name": "Up", "action": "escalate", "use_days": "from", "days_from": 1}),
            ],
        })
        self.invoice()
        self.night()
        self.profile().strategy_override_id = other
        self.at_once()
        self.assertEqual(self.actions().close_reason, "The customer follows another strategy.")
        self.night()
        self.assertEqual(self.planned().kind, "escalate")

    def test_today_is_the_company_s_day(self):
        late = self.points(use_days="from", days_from=1)
        self.company.collection_tz = "Asia/Tokyo"
        self.set_clock("2026-03-02 16:00:00")
        self.assertEqual(self.company._collection_today(), fields.Date.to_date("2026-03-03"))
        self.invoice(due=0)
        self.assertEqual(self.fulfilled(late, self.customer), [self.customer])
