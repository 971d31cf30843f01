# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from .. import uninstall_hook
from .common import SumitCommon


@tagged("post_install", "-at_install")
class TestSumitProvider(SumitCommon):
    """The settings are checked before they meet a card."""

    def test_the_currencies_are_shekels_dollars_and_euros(self):
        self.assertEqual(
            set(self.sumit.available_currency_ids.mapped("name")), {"ILS", "USD", "EUR"}
        )

    def test_every_company_has_a_provider_that_is_off(self):
        other = self.env["res.company"].create({"name": "Second Company"})
        self.env["payment.provider"]._setup_provider("sumit")
        provider = self.env["payment.provider"].search([
            ("code", "=", "sumit"),
            ("company_id", "=", other.id),
        ])
        self.assertEqual(provider.state, "disabled")
        self.assertFalse(provider.sumit_company)

    def test_it_is_switched_on_with_its_keys_only(self):
        self.sumit.state = "disabled"
        self.sumit.sumit_api_key = False
        with self.assertRaisesRegex(ValidationError, "SUMIT API Key"):
            self.sumit.state = "enabled"

    def test_the_organisation_number_has_digits_only(self):
        with self.assertRaisesRegex(ValidationError, "digits only"):
            self.sumit.sumit_company = "12 34"

    def test_the_card_form_needs_the_public_key(self):
        with self.assertRaisesRegex(ValidationError, "public key"):
            self.sumit.sumit_card_entry = "own"
        self.sumit.write({"sumit_card_entry": "own", "sumit_public_key": "public"})

    def test_instalments_are_within_bounds(self):
        for number in (0, 37):
            with self.assertRaisesRegex(ValidationError, "Instalments"):
                self.sumit.sumit_instalments = number

    def test_the_keys_are_checked_at_sumit(self):
        action = self.sumit.action_sumit_check()
        self.assertEqual(action["params"]["type"], "success")
        self.sumit.sumit_api_key = "mistyped"
        action = self.sumit.action_sumit_check()
        self.assertEqual(action["params"]["type"], "danger")
        self.assertIn("Wrong CompanyID or APIKey", action["params"]["message"])

    def test_the_credentials_can_be_reset(self):
        self.sumit.action_reset_credentials()
        self.assertEqual(self.sumit.state, "disabled")
        self.assertFalse(self.sumit.sumit_company or self.sumit.sumit_api_key)

    def test_the_form_opens_and_saves(self):
        with Form(self.sumit.with_user(self.admin_user)) as form:
            form.sumit_clearing = "upay"
        self.assertEqual(self.sumit.sumit_clearing, "upay")

    def test_uninstalling_switches_it_off_and_an_unused_provider_goes(self):
        uninstall_hook(self.env)
        self.assertEqual((self.sumit.code, self.sumit.state), ("none", "disabled"))
        self.assertEqual(self.env.ref("payment_sumit.payment_provider_sumit"), self.sumit)

    def test_uninstalling_keeps_a_provider_that_was_used(self):
        self.charge()
        uninstall_hook(self.env)
        self.assertFalse(
            self.env.ref("payment_sumit.payment_provider_sumit", raise_if_not_found=False)
        )
        self.assertEqual((self.sumit.code, self.sumit.state), ("none", "disabled"))
