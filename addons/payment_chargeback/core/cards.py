# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""What is known of a card besides its token: never its number."""

import calendar
import re
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime

UPDATED, REPLACED, CANCELLED = "updated", "replaced", "cancelled"


@dataclass(frozen=True)
class Card:
    """The clear part of a card. Nothing, or zero, where it is not known."""

    month: int = 0
    year: int = 0
    network: str = ""
    last4: str = ""

    def __or__(self, other):
        """Return this card with what is missing taken from another."""
        names = [field.name for field in fields(self)]
        return Card(**{name: getattr(self, name) or getattr(other, name) for name in names})


@dataclass(frozen=True)
class CardUpdate:
    """One change of a saved card, as its provider tells it.

    ``event_ref`` names the change at the provider: taken in twice, it changes nothing.
    ``token_ref`` is the provider's own name for the card (see ``payment.token._card_find``),
    ``new_ref`` that of the card which replaces it.
    """

    event_ref: str
    happened: datetime
    change: str
    token_ref: str
    card: Card = Card()
    new_ref: str = ""

    def as_json(self):
        """Return the change as a dictionary that can be stored."""
        return {**asdict(self), "happened": self.happened.isoformat()}

    @classmethod
    def from_json(cls, values):
        """Return the change that :meth:`as_json` stored."""
        happened = datetime.fromisoformat(values["happened"])
        return cls(**{**values, "happened": happened, "card": Card(**values["card"])})


def last_day(month, year):
    """Return the last day on which a card of that expiry is good, or nothing.

    >>> last_day(2, 2028)
    datetime.date(2028, 2, 29)
    """
    if not year or not 1 <= (month or 0) <= 12:
        return None
    return date(year, month, calendar.monthrange(year, month)[1])


def full_year(year):
    """Return a year of four digits: cards show two.

    >>> full_year(31), full_year(2031)
    (2031, 2031)
    """
    year = int(year or 0)
    return 2000 + year if 0 < year < 100 else year


def last_digits(details):
    """Return the last four digits of what a provider shows of a card.

    >>> last_digits("visa •••• 4242"), last_digits("4242"), last_digits("DE"), last_digits("42 4242")
    ('4242', '4242', '', '')
    """
    found = re.search(r"(?:^|[^\d\s]\s*)(\d{4})\W*$", details or "")
    return found[1] if found else ""


def from_answer(provider_code, data):
    """Return what the answer that made a token says of its card.

    :param str provider_code: the provider's technical code
    :param dict data: what the provider sent, as the host hands it to its add-on
    """
    reader = READERS.get(provider_code)
    return reader(data or {}) if reader else Card()


def from_stripe(method):
    """Return the card in Stripe's object of a payment method."""
    card = method.get("card") if isinstance(method, dict) else None
    card = card if isinstance(card, dict) else {}
    return Card(
        int(card.get("exp_month") or 0),
        full_year(card.get("exp_year")),
        str(card.get("brand") or ""),
        last_digits(str(card.get("last4") or "")),
    )


def _stripe(data):
    return from_stripe(data.get("payment_method"))


def _adyen(data):
    more = data.get("additionalData") or {}
    month, _slash, year = str(more.get("expiryDate") or "").partition("/")
    known = month.isdigit() and year.isdigit()
    return Card(
        int(month) if known else 0,
        full_year(year) if known else 0,
        str(more.get("paymentMethod") or ""),
        last_digits(str(more.get("cardSummary") or "")),
    )


# Authorize.net masks the expiry in what the host reads, and the demo provider has none
READERS = {"stripe": _stripe, "adyen": _adyen}
