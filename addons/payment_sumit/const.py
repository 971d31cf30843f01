# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo.addons.payment.const import SENSITIVE_KEYS as PAYMENT_SENSITIVE_KEYS

# The one host of the API: SUMIT has no sandbox, only test organisations on the same host.
API_URL = "https://api.sumit.co.il"
# Where SUMIT's script for the card form lives.
APP_URL = "https://app.sumit.co.il"
# System parameters that point a development database elsewhere.
API_URL_PARAMETER = "payment_sumit.api_url"
APP_URL_PARAMETER = "payment_sumit.app_url"

# Seconds to connect, and to wait for the answer: an authorisation passes SUMIT, Shva and the issuer.
CONNECT_TIMEOUT = 10
READ_TIMEOUT = 60

CREATE_CUSTOMER = "/accounting/customers/create/"
BEGIN_REDIRECT = "/billing/payments/beginredirect/"
CHARGE = "/billing/payments/charge/"
GET_PAYMENT = "/billing/payments/get/"
LIST_PAYMENTS = "/billing/payments/list/"
GET_METHOD = "/billing/paymentmethods/getforcustomer/"
REMOVE_METHOD = "/billing/paymentmethods/remove/"
COMPANY_DETAILS = "/website/companies/getdetails/"

# SUMIT's numbers of the currencies it clears.
CURRENCIES = {0: "ILS", 1: "USD", 2: "EUR"}

# The languages of SUMIT's pages and messages; any other is answered in English.
LANGUAGES = {"he": "Hebrew", "ar": "Arabic", "es": "Spanish"}

# SUMIT's kind of payment method for a card.
METHOD_CARD = 1

# Shva's code of an approved charge.
APPROVED = "000"

# Hours for which a payment page stays open.
PAGE_HOURS = 24
# Minutes after which a charge that SUMIT does not list has not been made.
GRACE_MINUTES = 10
# Minutes by which SUMIT's clock may be behind.
CLOCK_MINUTES = 10
# Days for which open payments are asked for.
ASK_DAYS = 4
# Pages of payments read at most for one question.
MAXIMUM_PAGES = 50

# The codes of the payment methods to activate when SUMIT is activated.
DEFAULT_PAYMENT_METHOD_CODES = {
    "card",
    "visa",
    "mastercard",
    "amex",
    "diners",
}

SENSITIVE_KEYS = {
    "APIKey",
    "CreditCard_Token",
    "CreditCard_CitizenID",
    "SingleUseToken",
    "CreditCard_Number",
    "CreditCard_CVV",
    "CreditCard_Track2",
}
PAYMENT_SENSITIVE_KEYS.update(SENSITIVE_KEYS)  # whoever logs payment data leaves these out
