# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from unittest.mock import patch
from urllib.parse import urlsplit

from dateutil.relativedelta import relativedelta

from odoo.tests.common import _super_send
from odoo.tools import mute_logger

from odoo.addons.payment.tests.common import PaymentCommon

from .. import const
from .fake_sumit import FakeSumit

# what a SUMIT that misbehaves makes us warn of; the tests look at what comes of it instead
LOGGERS = (
    "odoo.addons.payment.models.payment_transaction",
    "odoo.addons.payment_sumit.models.payment_provider",
    "odoo.addons.payment_sumit.models.payment_token",
    "odoo.addons.payment_sumit.models.payment_transaction",
)


class SumitCommon(PaymentCommon):
    """A provider of one organisation at a SUMIT of our own, and a customer with a saved card."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.currency = cls._enable_currency("ILS")
        cls.sumit = cls._prepare_provider(
            "sumit",
            update_values={
                "sumit_company": "1000",
                "sumit_api_key": "key-of-1000",
                "sumit_public_key": False,
                "sumit_clearing": "own",
                "sumit_merchant_number": False,
                "sumit_card_entry": "sumit",
                "sumit_instalments": 1,
                "sumit_documents": False,
                "sumit_notify": True,
            },
        )
        cls.sumit.write({"state": "enabled", "is_published": True})
        cls.provider = cls.sumit
        cls.payment_method = cls.env.ref("payment.payment_method_card")
        cls.payment_method.active = True
        cls.payment_method_id = cls.payment_method.id
        cls.payment_method_code = cls.payment_method.code
        cls.amount = 150.0

    def setUp(self):
        super().setUp()
        self.quiet = mute_logger(*LOGGERS)
        self.quiet.__enter__()
        self.addCleanup(self.hear_all)
        self.fake = FakeSumit()
        self.fake.start()
        self.addCleanup(self.fake.stop)
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param(const.API_URL_PARAMETER, self.fake.url)
        parameters.set_param(const.APP_URL_PARAMETER, self.fake.url)
        self.startPatcher(patch.object(const, "READ_TIMEOUT", 5))

    @classmethod
    def _request_handler(cls, s, r, /, **kw):
        """Let requests to the fake pass as they are: the host's guard knows no pair of timeouts."""
        if urlsplit(r.url).hostname in ("127.0.0.1", "localhost"):
            return _super_send(s, r, **kw)
        return super()._request_handler(s, r, **kw)

    def hear_all(self):
        """Let warnings be heard again."""
        if self.quiet:
            self.quiet.__exit__(None, None, None)
            self.quiet = None

    def impatient(self):
        """Wait a moment only for an answer that will not come."""
        self.startPatcher(patch.object(const, "READ_TIMEOUT", 0.3))

    def saved_card(self, customer=None, **values):
        """Return a token of a card, which SUMIT keeps for a customer."""
        card = self.fake.card()
        customer = customer or self.fake.add_customer(method=card)
        return self._create_token(**{
            "provider_ref": card["CreditCard_Token"],
            "payment_details": "9183",
            "sumit_customer_ref": str(customer),
            "sumit_citizen_ref": card["CreditCard_CitizenID"],
            "sumit_expiry_month": 7,
            "sumit_expiry_year": 2031,
            **values,
        })

    def charge(self, token=None, **values):
        """Charge a saved card, as a standing order does, and return the transaction."""
        token = token or self.saved_card()
        transaction = self._create_transaction(
            "direct",
            operation="offline",
            token_id=token.id,
            reference=values.pop("reference", f"INV-{token.id}-{len(token.transaction_ids)}"),
            **values,
        )
        transaction._charge_with_token()
        return transaction

    def unanswered(self, behaviour="hang", **values):
        """Return a transaction whose charge SUMIT did not answer."""
        self.impatient()
        self.fake.behaviours.append(behaviour)
        return self.charge(**values)

    def run_schedule(self):
        """Run the scheduled action that asks for open payments."""
        cron = self.env.ref("payment_sumit.ir_cron_sumit_ask")
        if type(self)._registry_patched:  # requests share the test's cursor already
            cron.method_direct_trigger()
        else:
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
        self.env.invalidate_all()

    def long_ago(self, transaction, **ago):
        """Let time pass since the transaction."""
        transaction.flush_recordset()
        moment = transaction.last_state_change - relativedelta(**ago)
        self.env.cr.execute(
            "UPDATE payment_transaction SET create_date = %s, last_state_change = %s WHERE id = %s",
            [moment, moment, transaction.id],
        )
        transaction.invalidate_recordset()
