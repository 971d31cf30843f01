# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from urllib.parse import parse_qs, urlsplit

from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from odoo.addons.payment.tests.http_common import PaymentHttpCommon

from .. import const
from .common import SumitCommon


@tagged("post_install", "-at_install")
class TestSumitRedirect(SumitCommon, PaymentHttpCommon):
    """A customer pays on SUMIT's page; what the browser brings back is believed in nothing."""

    def setUp(self):
        super().setUp()
        self.env["ir.config_parameter"].sudo().set_param("web.base.url", self.base_url())

    def open_page(self, tokenize=False, **values):
        """Start a payment as the checkout does, and return it with the number of SUMIT's page."""
        route = {
            **self._prepare_transaction_values(self.payment_method_id, None, "redirect"),
            "tokenization_requested": tokenize,
            **values,
        }
        processing = self._get_processing_values(**route)
        transaction = self._get_tx(processing["reference"])
        if "redirect_form_html" not in processing or transaction.state == "error":
            return transaction, None
        form = self._extract_values_from_html_form(processing["redirect_form_html"])
        self.assertEqual(form["method"], "get")
        self.assertTrue(form["action"].startswith(self.fake.url))
        return transaction, form["inputs"]["redirectid"]

    def visit(self, address):
        """Send the browser to an address of ours, and return where it is sent on."""
        response = self.url_open(address, allow_redirects=False)
        return response.status_code, urlsplit(response.headers.get("Location", "")).path

    def test_a_customer_pays_and_saves_the_card(self):
        transaction, page = self.open_page(tokenize=True)
        asked = self.fake.pages[page]["body"]
        self.assertEqual(asked["Items"][0]["UnitPrice"], 150)
        self.assertEqual(asked["ExternalIdentifier"], transaction.reference)
        self.assertTrue(asked["DraftDocument"])
        self.assertFalse(asked["PreventSavingPaymentMethod"])
        back = self.fake.pay_page(page, self.fake.card("4242"))
        self.assertEqual(self.visit(back), (303, "/payment/status"))
        self.assertEqual(transaction.state, "done")
        token = transaction.token_id
        self.assertEqual(token.payment_details, "4242")
        self.assertEqual((token.sumit_expiry_month, token.sumit_expiry_year), (7, 2031))
        self.assertEqual(self.charge(token).state, "done", "the saved card can be charged")

    def test_a_customer_who_does_not_save_the_card_leaves_none_behind(self):
        transaction, page = self.open_page()
        self.assertTrue(self.fake.pages[page]["body"]["PreventSavingPaymentMethod"])
        self.visit(self.fake.pay_page(page))
        self.assertEqual(transaction.state, "done")
        self.assertFalse(transaction.token_id)
        self.assertFalse(self.fake.methods)

    def test_a_customer_is_entered_in_sumit_once(self):
        first, _page = self.open_page()
        second, _page = self.open_page()
        self.assertEqual(first.sumit_customer_ref, second.sumit_customer_ref)
        self.assertEqual(len(self.fake.customers), 1)
        [customer] = self.fake.customers.values()
        self.assertEqual(customer["Name"], "Norbert Buyer")

    def test_coming_back_again_changes_nothing(self):
        transaction, page = self.open_page(tokenize=True)
        back = self.fake.pay_page(page)
        self.visit(back)
        number, moment = transaction.provider_reference, transaction.last_state_change
        for _again in range(3):
            self.assertEqual(self.visit(back), (303, "/payment/status"))
        self.assertEqual(transaction.provider_reference, number)
        self.assertEqual(transaction.last_state_change, moment)
        self.assertEqual(
            len(self.env["payment.token"].search([("provider_id", "=", self.sumit.id)])), 1
        )

    def test_one_payment_pays_for_one_transaction(self):
        first, page = self.open_page()
        second, other_page = self.open_page()
        paid = self.fake.pay_page(page)
        self.visit(paid)
        self.assertEqual(first.state, "done")
        replayed = self.fake.leave_page(other_page).replace("/cancel/", "/return/")
        self.visit(f"{replayed}&{urlsplit(paid).query}")
        self.assertNotEqual(second.state, "done")

    def test_a_payment_of_another_customer_is_not_taken(self):
        other_partner = self.partner.copy({"name": "Somebody Else"})
        mine, page = self.open_page()
        _other, other_page = self.open_page(
            partner_id=other_partner.id,
            access_token=self._generate_test_access_token(
                other_partner.id, self.amount, self.currency.id
            ),
        )
        stolen = parse_qs(urlsplit(self.fake.pay_page(other_page)).query)["OG-PaymentID"][0]
        back = self.fake.leave_page(page).replace("/cancel/", "/return/")
        self.visit(f"{back}&OG-PaymentID={stolen}")
        self.assertEqual(mine.state, "pending")

    def test_the_reference_of_sumit_has_to_be_ours_where_it_is_told(self):
        self.fake.show_reference = True
        transaction, page = self.open_page()
        back = self.fake.pay_page(page)
        self.fake.pages[page]["payment"]["ExternalIdentifier"] = "of another shop"
        self.visit(back)
        self.assertEqual(transaction.state, "pending")
        self.fake.pages[page]["payment"]["ExternalIdentifier"] = transaction.reference
        self.visit(back)
        self.assertEqual(transaction.state, "done")

    def test_what_the_browser_says_of_the_payment_is_not_believed(self):
        transaction, page = self.open_page()
        back = self.fake.leave_page(page).replace("/cancel/", "/return/")
        for number in ("987654321", "-1", "abc", "9" * 30, "0"):
            self.visit(f"{back}&OG-PaymentID={number}&Valid=true")
            self.assertEqual(transaction.state, "pending", number)

    def test_a_wrong_amount_or_currency_is_not_booked(self):
        for behaviour, words in (("cheap", "15.0 ILS"), ("dollars", "150.0 USD")):
            transaction, page = self.open_page()
            self.visit(self.fake.pay_page(page, behaviour=behaviour))
            self.assertEqual(transaction.state, "error", behaviour)
            self.assertIn(words, transaction.state_message)
            self.assertIsNone(self.sumit._charge_query(transaction), "for a person")

    def test_an_address_without_its_key_does_not_exist(self):
        transaction, page = self.open_page()
        back = self.fake.pay_page(page)
        parts = urlsplit(back)
        forged = parts.path.rsplit("/", 1)[0] + "/0123456789abcdef"
        for address in (
            forged,
            forged.replace("/return/", "/cancel/"),
            forged.replace("/return/", "/notify/"),
            forged.replace("/return/", "/card/"),
            f"/payment/sumit/return/999999999/{parts.path.rsplit('/', 1)[1]}",
        ):
            self.assertEqual(self.visit(f"{address}?{parts.query}")[0], 404, address)
        self.assertEqual(transaction.state, "draft")

    def test_a_customer_who_comes_back_without_a_number_is_found(self):
        transaction, page = self.open_page()
        back = self.fake.pay_page(page)
        self.visit(back.split("?")[0])
        self.assertEqual(transaction.state, "done")

    def test_when_sumit_does_not_answer_the_payment_stays_open_and_is_found_later(self):
        transaction, page = self.open_page()
        back = self.fake.pay_page(page)
        self.fake.down |= {const.GET_PAYMENT, const.LIST_PAYMENTS}
        self.assertEqual(self.visit(back), (303, "/payment/status"))
        self.assertEqual(transaction.state, "pending")
        self.assertIn("not known yet", transaction.state_message)
        self.fake.down.clear()
        self.run_schedule()
        self.assertEqual(transaction.state, "done")

    def test_a_customer_who_closes_the_page_after_paying_is_found(self):
        transaction, page = self.open_page()
        self.fake.pay_page(page)
        self.run_schedule()
        self.assertEqual(transaction.state, "done")

    def test_a_notification_makes_us_ask_and_proves_nothing_itself(self):
        transaction, page = self.open_page()
        notify = self.fake.pages[page]["body"]["IPNURL"]
        body = {"customerid": "1", "documentid": "2", "valid": "true"}
        self.assertEqual(self.url_open(notify, data=body).status_code, 200)
        self.assertEqual(transaction.state, "draft")
        self.fake.pay_page(page)
        self.url_open(notify, data=body)
        self.assertEqual(transaction.state, "done")
        self.assertEqual(self.url_open(notify, data=body).status_code, 200)

    def test_a_page_opens_where_sumit_takes_no_address_for_notifications(self):
        self.fake.refuse_notifications = True
        transaction, page = self.open_page()
        self.assertNotIn("IPNURL", self.fake.pages[page]["body"])
        self.visit(self.fake.pay_page(page))
        self.assertEqual(transaction.state, "done")

    def test_a_customer_leaves_the_page_and_may_still_come_back_and_pay(self):
        transaction, page = self.open_page()
        self.assertEqual(self.visit(self.fake.leave_page(page)), (303, "/payment/status"))
        self.assertEqual(transaction.state, "cancel")
        self.visit(self.fake.pay_page(page))
        self.assertEqual(transaction.state, "done")

    def test_leaving_the_page_does_not_cancel_a_payment(self):
        transaction, page = self.open_page()
        self.fake.pay_page(page)
        self.visit(self.fake.leave_page(page))
        self.assertEqual(transaction.state, "done")

    def test_a_decline_on_the_page_is_not_the_end_while_it_is_open(self):
        transaction, page = self.open_page()
        self.fake.pay_page(page, behaviour="004")
        self.assertEqual(self.sumit._charge_query(transaction), "pending")
        self.long_ago(transaction, hours=const.PAGE_HOURS + 1)
        self.assertEqual(self.sumit._charge_query(transaction), "error")

    def test_a_refused_page_is_an_error_with_sumits_words(self):
        self.sumit.sumit_api_key = "mistyped"
        transaction, page = self.open_page()
        self.assertIsNone(page)
        self.assertEqual(transaction.state, "error")
        self.assertIn("Wrong CompanyID or APIKey", transaction.state_message)

    def test_two_companies_pay_into_their_own_organisations(self):
        other = self.env["res.company"].create({
            "name": "Second Company",
            "currency_id": self.currency.id,
        })
        provider = self.sumit.copy({"company_id": other.id})
        self.assertFalse(provider.sumit_api_key, "keys are not copied")
        provider.write({
            "sumit_company": "2000",
            "sumit_api_key": "key-of-2000",
            "state": "enabled",
            "is_published": True,
        })
        self.fake.organisations["2000"] = "key-of-2000"
        mine, page = self.open_page()
        theirs, other_page = self.open_page(provider_id=provider.id)
        self.assertEqual(self.fake.pages[page]["company"], "1000")
        self.assertEqual(self.fake.pages[other_page]["company"], "2000")
        self.assertNotEqual(mine.sumit_customer_ref, theirs.sumit_customer_ref)
        self.visit(self.fake.pay_page(other_page))
        self.assertEqual(theirs.state, "done")
        self.assertEqual(theirs.company_id, other)
        self.assertEqual(mine.state, "draft")
        self.assertEqual(self.sumit._charge_query(mine), "pending")

    def test_a_saved_card_is_charged_from_the_checkout(self):
        token = self.saved_card()
        token.partner_id = self.portal_partner
        self.authenticate(self.portal_user.login, self.portal_user.login)
        route = self._prepare_transaction_values(self.payment_method_id, token.id, "token")
        route.update(
            partner_id=self.portal_partner.id,
            tokenization_requested=False,
            access_token=self._generate_test_access_token(
                self.portal_partner.id, self.amount, self.currency.id
            ),
        )
        processing = self._get_processing_values(**route)
        self.assertEqual(processing["state"], "done")
        self.assertEqual(len(self.fake.charges()), 1)

    def test_a_card_cannot_be_saved_without_a_payment(self):
        providers = self.env["payment.provider"]._get_compatible_providers(
            self.company.id, self.partner.id, 0.0, is_validation=True
        )
        self.assertNotIn(self.sumit, providers)
        providers = self.env["payment.provider"]._get_compatible_providers(
            self.company.id, self.partner.id, self.amount, currency_id=self.currency.id
        )
        self.assertIn(self.sumit, providers)

    def test_a_disabled_provider_starts_nothing(self):
        self.sumit.state = "disabled"
        with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
            self.open_page()
