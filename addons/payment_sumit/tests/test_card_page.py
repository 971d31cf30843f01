# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from lxml import html

from odoo.tests import tagged

from odoo.addons.payment.tests.http_common import PaymentHttpCommon

from .common import SumitCommon


@tagged("post_install", "-at_install")
class TestSumitCardPage(SumitCommon, PaymentHttpCommon):
    """SUMIT's script takes the card on our page, and no part of it comes to this server."""

    def setUp(self):
        super().setUp()
        self.env["ir.config_parameter"].sudo().set_param("web.base.url", self.base_url())
        self.sumit.write({"sumit_card_entry": "own", "sumit_public_key": "public-key"})

    def open_form(self, tokenize=False):
        """Start a payment, and return it with the form's address and document."""
        route = {
            **self._prepare_transaction_values(self.payment_method_id, None, "redirect"),
            "tokenization_requested": tokenize,
        }
        processing = self._get_processing_values(**route)
        form = self._extract_values_from_html_form(processing["redirect_form_html"])
        response = self.url_open(form["action"])
        self.assertEqual(response.status_code, 200)
        return self._get_tx(processing["reference"]), form["action"], html.fromstring(response.text)

    def send(self, address, page, token):
        [csrf] = page.xpath("//form[@data-og='form']//input[@name='csrf_token']/@value")
        return self.url_open(
            address, data={"csrf_token": csrf, "og-token": token}, allow_redirects=False
        )

    def test_the_inputs_of_the_card_have_no_names(self):
        _transaction, _address, page = self.open_form()
        [form] = page.xpath("//form[@data-og='form']")
        self.assertEqual(
            set(form.xpath(".//input[@data-og]/@data-og")),
            {"cardnumber", "expirationmonth", "expirationyear", "cvv", "citizenid"},
        )
        self.assertFalse(form.xpath(".//input[@data-og]/@name"))
        text = html.tostring(page, encoding="unicode")
        self.assertIn("public-key", text)
        self.assertNotIn("key-of-1000", text)

    def test_a_card_is_charged_once_and_saved(self):
        transaction, address, page = self.open_form(tokenize=True)
        token = self.fake.tokenize(self.fake.card("5555"))
        self.assertEqual(self.send(address, page, token).status_code, 303)
        self.assertEqual(transaction.state, "done")
        self.assertEqual(transaction.token_id.payment_details, "5555")
        self.send(address, page, token)
        self.assertEqual(len(self.fake.charges()), 1, "sent again by going back: charged once")

    def test_a_card_that_is_not_to_be_saved_is_not_kept(self):
        transaction, address, page = self.open_form()
        self.send(address, page, self.fake.tokenize(self.fake.card()))
        self.assertEqual(transaction.state, "done")
        self.assertTrue(self.fake.charges()[0]["CardTokenNotNeeded"])
        self.assertFalse(transaction.token_id)
        self.assertFalse(self.fake.methods)

    def test_a_token_that_was_used_is_refused(self):
        transaction, address, page = self.open_form()
        self.send(address, page, "single-invented")
        self.assertEqual(transaction.state, "error")
        self.assertIn("used before", transaction.state_message)

    def test_a_declined_card_says_why(self):
        transaction, address, page = self.open_form()
        self.fake.behaviours.append("004")
        self.send(address, page, self.fake.tokenize(self.fake.card()))
        self.assertEqual(transaction.state, "error")
        self.assertIn("[004]", transaction.state_message)

    def test_without_an_answer_the_payment_is_found_later(self):
        transaction, address, page = self.open_form()
        self.impatient()
        self.fake.behaviours.append("hang")
        self.send(address, page, self.fake.tokenize(self.fake.card()))
        self.assertEqual(transaction.state, "pending")
        self.assertEqual(self.sumit._charge_query(transaction), "done")

    def test_nothing_is_sent_without_a_token_or_to_a_page_that_is_not_used(self):
        transaction, address, page = self.open_form()
        self.send(address, page, "")
        self.assertEqual(transaction.state, "draft")
        self.sumit.sumit_card_entry = "sumit"
        self.send(address, page, self.fake.tokenize(self.fake.card()))
        self.assertEqual(transaction.state, "draft")
        self.assertFalse(self.fake.charges())

    def test_sumits_script_turns_the_card_into_a_token_in_the_browser(self):
        transaction, address, _page = self.open_form()
        self.fake.single_use["single-from-script"] = self.fake.card("7777")
        self.browser_js(
            address,
            """
            const fill = (name, value) => {
                document.querySelector(`[data-og=${name}]`).value = value;
            };
            fill("cardnumber", "4580000000000000");
            fill("expirationmonth", "07");
            fill("expirationyear", "2031");
            // send what the browser would send, but stay here to see it
            HTMLFormElement.prototype.submit = async function () {
                const sent = new FormData(this);
                const names = [...sent.keys()].sort().join();
                if (names !== "csrf_token,og-token") {
                    throw new Error(`The form sends ${names}`);
                }
                const response = await fetch(location.href, {method: "POST", body: sent});
                if (new URL(response.url).pathname === "/payment/status") {
                    console.log("test successful");
                }
            };
            document.querySelector("#o_sumit_card_form button").click();
            """,
            "document.body.dataset.sumitCompany === '1000'",
            login=None,
        )
        self.assertEqual(transaction.state, "done")
        for _path, body in self.fake.requests:
            self.assertNotIn("4580000000000000", str(body))
