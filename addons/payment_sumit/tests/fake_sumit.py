# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""A SUMIT of our own, on a real socket: it answers as the published API does, or misbehaves."""

import contextlib
import json
import threading
import time
from datetime import UTC, datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

ISRAEL = timezone(timedelta(hours=3))
CURRENCIES = {"ILS": 0, "USD": 1, "EUR": 2}
DESCRIPTIONS = {"000": "מאושר (קוד 000)", "004": "סירוב (קוד 004)", "036": "פג תוקף (קוד 036)"}

# What SUMIT's schema knows: a field it does not know makes it refuse the whole request.
_COMMON = {
    "Credentials",
    "Customer",
    "Items",
    "VATIncluded",
    "VATRate",
    "DocumentDescription",
    "DocumentType",
    "DraftDocument",
    "MerchantNumber",
    "AuthoriseOnly",
    "ResponseLanguage",
}
FIELDS = {
    "/billing/payments/charge/": _COMMON
    | {
        "PaymentMethod",
        "SingleUseToken",
        "CardTokenNotNeeded",
        "SupportCredit",
        "PreventDocumentCreation",
        "SendDocumentByEmail",
        "DocumentLanguage",
        "Payments_Count",
        "AutoCapture",
        "AuthorizeAmount",
        "CreditCardAuthNumber",
    },
    "/billing/payments/beginredirect/": _COMMON
    | {
        "ExternalIdentifier",
        "RedirectURL",
        "CancelRedirectURL",
        "IPNURL",
        "ExpirationHours",
        "MaximumPayments",
        "Language",
        "PreventSavingPaymentMethod",
    },
    "/billing/payments/get/": {"Credentials", "PaymentID"},
    "/billing/payments/list/": {"Credentials", "Date_From", "Date_To", "Valid", "StartIndex"},
    "/billing/paymentmethods/getforcustomer/": {"Credentials", "Customer", "IncludeInactive"},
    "/billing/paymentmethods/remove/": {"Credentials", "Customer"},
    "/accounting/customers/create/": {"Credentials", "Details", "ResponseLanguage"},
    "/website/companies/getdetails/": {"Credentials"},
}


class Refusal(Exception):
    """SUMIT answers, and says no."""


class FakeSumit:
    """A SUMIT with organisations, customers, cards, pages and payments.

    `behaviours` is what happens to the next charges, in order; without one, a charge is approved:

    - approve, or three digits: the card company's code of a decline
    - refuse, technical: SUMIT's two kinds of error, nothing charged
    - http_500, garbage, drop, hang: charged, but the answer is an error, unreadable, cut or late
    - hang_before: the answer is late, and nothing was charged
    - twice, cheap, dollars, no_currency, no_number: approved, with a wrong answer
    """

    def __init__(self):
        self.organisations = {"1000": "key-of-1000"}
        self.customers = {}
        self.methods = {}
        self.payments = {}
        self.pages = {}
        self.single_use = {}
        self.requests = []
        self.behaviours = []
        self.show_reference = False
        self.refuse_notifications = False
        self.page_size = 100
        self.down = set()
        # numbers that no earlier SUMIT gave, should a database hold its payments
        self._next = time.time_ns() // 1000
        self._lock = threading.Lock()
        self._release = threading.Event()

    # ------------------------------------------------------------
    # THE SERVER
    # ------------------------------------------------------------

    def start(self):
        """Listen on a free port, and return the address."""
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                fake._answer(self)

            def do_GET(self):
                fake._show(self)

            def log_message(self, *args):
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        return self.url

    def stop(self):
        """Answer whom we kept waiting, and close."""
        self._release.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, handler):
        path = handler.path
        length = int(handler.headers.get("Content-Length") or 0)
        try:
            body = json.loads(handler.rfile.read(length))
        except ValueError:
            body = None
        behaviour = ""
        with self._lock:
            self.requests.append((path, body))
            if path == "/billing/payments/charge/":
                behaviour = self.behaviours.pop(0) if self.behaviours else "approve"
            elif path in self.down:
                behaviour = "http_500"
            if behaviour == "hang_before":
                content = None
            else:
                content = self._content(path, body, behaviour)
        if behaviour in ("hang", "hang_before"):
            self._release.wait(60)
            content = content or {"Status": 2, "UserErrorMessage": "late"}
        if behaviour == "drop":
            handler.close_connection = True
            return
        self._send(handler, content, behaviour)

    def _send(self, handler, content, behaviour):
        text = json.dumps(content, ensure_ascii=False)
        if behaviour == "garbage":
            text = "<html>Bad gateway</html>"
        data = text.encode()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            handler.send_response(500 if behaviour == "http_500" else 200)
            handler.send_header("Content-Type", "application/json; charset=utf-8")
            handler.send_header("Content-Length", str(len(data)))
            handler.end_headers()
            handler.wfile.write(data)

    def _content(self, path, body, behaviour):
        try:
            if not isinstance(body, dict) or set(body) - FIELDS.get(path, set()):
                raise Refusal("Invalid Request JSON")
            credentials = body.get("Credentials") or {}
            company = str(credentials.get("CompanyID"))
            if not credentials.get("APIKey") or self.organisations.get(company) != credentials.get(
                "APIKey"
            ):
                raise Refusal("Wrong CompanyID or APIKey")
            if behaviour == "refuse":
                raise Refusal("The terminal is not set up")
            if behaviour == "technical":
                return self._envelope(2, "Something went wrong")
            method = getattr(self, "_do" + path.rstrip("/").replace("/", "_"))
            data = method(company, body, behaviour)
        except Refusal as refusal:
            return self._envelope(1, str(refusal))
        return self._envelope("Success (0)" if behaviour == "words" else 0, None, data)

    def _envelope(self, status, message, data=None):
        return {
            "Status": status,
            "UserErrorMessage": message,
            "TechnicalErrorDetails": None,
            "Data": data,
        }

    # ------------------------------------------------------------
    # WHAT THE API DOES
    # ------------------------------------------------------------

    def _do_website_companies_getdetails(self, company, _body, _behaviour):
        return {"Company": {"ID": int(company)}}

    def _do_accounting_customers_create(self, company, body, _behaviour):
        details = body.get("Details") or {}
        if not details.get("Name"):
            raise Refusal("A name is needed")
        for number, customer in self.customers.items():
            if (
                details.get("SearchMode") == "ExternalIdentifier"
                and customer["company"] == company
                and customer["ExternalIdentifier"] == details.get("ExternalIdentifier")
            ):
                return {"CustomerID": number}
        return {"CustomerID": self._new_customer(company, **details)}

    def _do_billing_payments_beginredirect(self, company, body, _behaviour):
        if self.refuse_notifications and "IPNURL" in body:
            raise Refusal("Invalid Request JSON")
        self._customer(company, body)
        number = str(self._number())
        self.pages[number] = {"company": company, "body": body}
        return {"RedirectURL": f"{self.url}/redirectpayment/?redirectid={number}"}

    def _do_billing_payments_charge(self, company, body, behaviour):
        customer = self._customer(company, body)
        method = body.get("PaymentMethod")
        if "SingleUseToken" in body:
            method = self.single_use.pop(body["SingleUseToken"], None)
            if not method:
                raise Refusal("The token was used before")
            if not body.get("CardTokenNotNeeded"):
                self.methods[customer] = method
        if not method or not method.get("CreditCard_Token"):
            raise Refusal("A payment method is needed")
        item = body["Items"][0]
        amount = item["Quantity"] * item["UnitPrice"]
        if amount < 0 and not body.get("SupportCredit"):
            raise Refusal("A credit is not allowed")
        payment = self._pay(company, customer, amount, item["Currency"], method, behaviour)
        return {
            "Payment": self._told(payment, behaviour),
            "CustomerID": customer,
            "DocumentID": None if body.get("PreventDocumentCreation") else self._number(),
        }

    def _do_billing_payments_get(self, company, body, _behaviour):
        payment = self.payments.get(body.get("PaymentID"))
        if not payment or payment["company"] != company:
            raise Refusal("Payment not found")
        return {"Payment": self._told(payment)}

    def _do_billing_payments_list(self, company, body, _behaviour):
        first, last = (datetime.fromisoformat(body[key]).date() for key in ("Date_From", "Date_To"))
        found = [
            self._told(payment)
            for payment in self.payments.values()
            if payment["company"] == company
            and first <= datetime.fromisoformat(payment["Date"]).date() <= last
            and body.get("Valid") in (None, payment["ValidPayment"])
        ]
        start = body.get("StartIndex") or 0
        page = found[start : start + self.page_size]
        return {"Payments": page, "HasNextPage": start + len(page) < len(found)}

    def _do_billing_paymentmethods_getforcustomer(self, company, body, _behaviour):
        method = self.methods.get(self._customer(company, body))
        if not method:
            raise Refusal("The customer has no payment method")
        return {"PaymentMethod": method}

    def _do_billing_paymentmethods_remove(self, company, body, _behaviour):
        self.methods.pop(self._customer(company, body), None)
        return {}

    def _customer(self, company, body):
        number = (body.get("Customer") or {}).get("ID")
        if self.customers.get(number, {}).get("company") != company:
            raise Refusal("Customer not found")
        return number

    def _pay(self, company, customer, amount, currency, method, behaviour, reference=None):
        if currency not in CURRENCIES:
            raise Refusal("Currency not supported")
        code = behaviour if behaviour.isdigit() else "000"
        payment = {
            "company": company,
            "ID": self._number(),
            "CustomerID": customer,
            "Date": datetime.now(UTC).astimezone(ISRAEL).isoformat(timespec="seconds"),
            "ValidPayment": code == "000",
            "Status": code,
            "StatusDescription": DESCRIPTIONS.get(code, f"(קוד {code})"),
            "Amount": amount,
            "Currency": CURRENCIES[currency],
            "PaymentMethod": method,
            "AuthNumber": "0759469" if code == "000" else None,
            "RecurringCustomerItemIDs": None,
            "ExternalIdentifier": reference,
        }
        if behaviour == "cheap":
            payment["Amount"] = round(amount / 10, 2)
        elif behaviour == "dollars":
            payment["Currency"] = CURRENCIES["USD" if currency != "USD" else "EUR"]
        self.payments[payment["ID"]] = payment
        return payment

    def _told(self, payment, behaviour=""):
        told = {key: value for key, value in payment.items() if key != "company"}
        if not self.show_reference:
            del told["ExternalIdentifier"]
        if behaviour == "no_currency":
            del told["Currency"]
        elif behaviour == "no_number":
            told["ID"] = 0
        return told

    def _new_customer(self, company, **details):
        number = self._number()
        self.customers[number] = {"company": company, "ExternalIdentifier": None, **details}
        return number

    def _number(self):
        self._next += 1
        return self._next

    # ------------------------------------------------------------
    # WHAT PEOPLE DO
    # ------------------------------------------------------------

    def add_customer(self, company="1000", method=None, **details):
        """Return the number of a new customer of an organisation, with a card."""
        with self._lock:
            number = self._new_customer(company, **details)
            if method:
                self.methods[number] = method
        return number

    def card(self, last="9183", **values):
        """Return a card as SUMIT tells it: with a token and no number."""
        return {
            "ID": self._number(),
            "CreditCard_Number": None,
            "CreditCard_CVV": None,
            "CreditCard_Track2": None,
            "CreditCard_LastDigits": last,
            "CreditCard_CardMask": f"XXXXXXXXXXXX{last}",
            "CreditCard_ExpirationMonth": 7,
            "CreditCard_ExpirationYear": 2031,
            "CreditCard_CitizenID": "123456782",
            "CreditCard_Token": f"card-token-{self._number()}",
            "Type": 1,
            **values,
        }

    def tokenize(self, card):
        """Do what SUMIT's script does in the browser: return a token for one charge."""
        with self._lock:
            token = f"single-{self._number()}"
            self.single_use[token] = card
        return token

    def pay_page(self, redirect_id, card=None, behaviour="approve"):
        """Pay on a payment page, and return where SUMIT sends the browser."""
        with self._lock:
            page = self.pages[redirect_id]
            body = page["body"]
            item = body["Items"][0]
            customer = body["Customer"]["ID"]
            card = card or self.card()
            payment = self._pay(
                page["company"],
                customer,
                item["Quantity"] * item["UnitPrice"],
                item["Currency"],
                card,
                behaviour,
                body["ExternalIdentifier"],
            )
            if payment["ValidPayment"] and not body.get("PreventSavingPaymentMethod"):
                self.methods[customer] = card
        page["payment"] = payment
        return self._with_query(
            body["RedirectURL"],
            {
                "OG-CustomerID": customer,
                "OG-PaymentID": payment["ID"],
                "OG-ExternalIdentifier": body["ExternalIdentifier"],
            },
        )

    def leave_page(self, redirect_id):
        """Leave a payment page, and return where SUMIT sends the browser."""
        body = self.pages[redirect_id]["body"]
        return self._with_query(
            body["CancelRedirectURL"], {"OG-ExternalIdentifier": body["ExternalIdentifier"]}
        )

    def _with_query(self, url, values):
        parts = urlsplit(url)
        query = "&".join(filter(None, [parts.query, urlencode(values)]))
        return urlunsplit(parts._replace(query=query))

    # ------------------------------------------------------------
    # WHAT WAS ASKED
    # ------------------------------------------------------------

    def asked(self, path):
        """Return the bodies of the requests to an address of the API."""
        return [body for asked, body in self.requests if asked == path]

    def charges(self):
        """Return the bodies of the charges that were asked for."""
        return self.asked("/billing/payments/charge/")

    # ------------------------------------------------------------
    # PAGES
    # ------------------------------------------------------------

    def _show(self, handler):
        """Show a payment page, take the payment on it, or give the script that takes a card."""
        parts = urlsplit(handler.path)
        if parts.path == "/scripts/payments.js":
            self._send_page(handler, SCRIPT, "text/javascript")
            return
        query = parse_qs(parts.query)
        number = query.get("redirectid", [""])[0]
        if number not in self.pages:
            handler.send_error(404)
        elif "paid" in query:
            handler.send_response(303)
            handler.send_header("Location", self.pay_page(number))
            handler.end_headers()
        else:
            item = self.pages[number]["body"]["Items"][0]
            page = PAGE.format(
                amount=item["UnitPrice"],
                currency=item["Currency"],
                number=number,
                left=self.leave_page(number),
            )
            self._send_page(handler, page, "text/html")

    def _send_page(self, handler, text, kind):
        data = text.encode()
        handler.send_response(200)
        handler.send_header("Content-Type", f"{kind}; charset=utf-8")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)


PAGE = """<!doctype html><html><body><h1>Payment page</h1><p>{amount} {currency}</p>
<p><a id="pay" href="?redirectid={number}&paid=1">Pay</a> <a id="leave" href="{left}">Leave</a></p>
</body></html>"""

# The part of SUMIT's script that our page uses: the card becomes a token in the browser.
SCRIPT = """
window.OfficeGuy = {Payments: {BindFormSubmit(settings) {
    const form = document.querySelector("form[data-og=form]");
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        const token = document.createElement("input");
        token.type = "hidden";
        token.name = "og-token";
        token.value = "single-from-script";
        form.append(token);
        form.submit();
    });
    document.body.dataset.sumitCompany = settings.CompanyID;
}}};
"""
