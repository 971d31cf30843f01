# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""What SUMIT's answers say, read with care: its documentation and its answers differ in places."""

import re
from datetime import UTC, datetime, timedelta

from .. import const


def envelope(value):
    """Return "success", "refused" or "unknown" for the status of a whole answer.

    SUMIT writes it as a number or as a name, 0 or "Success" or "Success (0)". A technical error
    leaves open whether a charge was made.
    """
    text = str(value).strip().lower()
    if value is True or value is False or value is None:
        return "unknown"
    if text == "0" or text.startswith("success"):
        return "success"
    if text == "1" or text.startswith("business"):
        return "refused"
    return "unknown"


def verdict(payment):
    """Return "done", "declined" or "unknown" for a payment.

    Done needs both the flag and Shva's code of approval, an amount, a currency and a number.
    """
    if not isinstance(payment, dict):
        return "unknown"
    valid = payment.get("ValidPayment")
    if valid is False:
        return "declined"
    if (
        valid is True
        and status_code(payment) == const.APPROVED
        and payment_id(payment)
        and amount(payment) is not None
        and currency(payment)
    ):
        return "done"
    return "unknown"


def status_code(payment):
    """Return the code of the card company, such as "004", or an empty text."""
    value = payment.get("Status")
    return "" if value is None else str(value).strip()


def payment_id(payment):
    """Return SUMIT's number of the payment as text, empty where it has none (0 for a hold)."""
    value = payment.get("ID")
    text = "" if value is None or isinstance(value, bool) else str(value).strip()
    return text if text.isdigit() and text != "0" else ""


def customer_id(data):
    """Return SUMIT's number of the customer as text, or an empty text."""
    value = data.get("CustomerID")
    text = "" if value is None or isinstance(value, bool) else str(value).strip()
    return text if text.isdigit() and text != "0" else ""


def amount(payment):
    """Return the amount as a number, or None."""
    value = payment.get("Amount")
    if isinstance(value, bool) or value is None:
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def currency(payment):
    """Return the code of the currency, or None: SUMIT writes 0, "0", "ILS" or "ILS (0)"."""
    value = payment.get("Currency")
    if value is None or isinstance(value, bool):
        return None
    text = str(value).strip().upper()
    if text.isdigit():
        return const.CURRENCIES.get(int(text))
    found = re.match(r"[A-Z]{3}", text)
    return found.group() if found and found.group() in const.CURRENCIES.values() else None


def moment(payment):
    """Return the moment of the payment in UTC without a zone, or None.

    A time without a zone is Israel's: the latest moment it can mean is returned.
    """
    try:
        value = datetime.fromisoformat(str(payment.get("Date")))
    except ValueError:
        return None
    if value.tzinfo:
        return value.astimezone(UTC).replace(tzinfo=None)
    return value - timedelta(hours=2)


def reference(payment):
    """Return the reference that SUMIT keeps with the payment, or an empty text: not all answers have it."""
    value = payment.get("ExternalIdentifier")
    return value.strip() if isinstance(value, str) else ""


def card(payment):
    """Return what may be kept of the card: token, holder's ID, last digits, expiry and brand."""
    method = payment.get("PaymentMethod")
    if not isinstance(method, dict):
        return {}
    last = str(method.get("CreditCard_LastDigits") or method.get("CreditCard_CardMask") or "")
    digits = re.search(r"\d{4}$", last.strip())
    return {
        "token": str(method.get("CreditCard_Token") or "").strip(),
        "citizen": str(method.get("CreditCard_CitizenID") or "").strip(),
        "last4": digits.group() if digits else "",
        "month": _number(method.get("CreditCard_ExpirationMonth"), 1, 12),
        "year": _number(method.get("CreditCard_ExpirationYear"), 2000, 2099),
        "brand": str(method.get("CreditCard_Brand") or "").strip(),
    }


def _number(value, lowest, highest):
    """Return a whole number within bounds, or 0."""
    try:
        number = int(str(value).strip())
    except ValueError:
        return 0
    if highest > 2000 and 0 <= number < 100:
        number += 2000
    return number if lowest <= number <= highest else 0
