# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Placeholders in the texts of a document, filled with the period in the customer's language."""

import re
from datetime import date, timedelta

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval

NAMES = ("period", "from", "to", "month", "quarter", "week", "year", "number", "next_month")
PATTERN = re.compile(r"\{(\w+)\}")


def locale_of(code: str | None) -> Locale:
    """Return the locale of a language code such as ``he_IL``; English where it is not known."""
    try:
        return Locale.parse(code or "en", sep="_")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def unknown(text: str | None) -> list[str]:
    """Return the placeholders in a text that nobody fills.

    >>> unknown("Hosting {month} {yaer}")
    ['yaer']
    """
    return [name for name in PATTERN.findall(text or "") if name not in NAMES]


def fill(text: str | None, first: date, last: date, number: int, lang: str | None) -> str:
    """Return a text with its placeholders filled; those that are not known stay as they are.

    >>> fill("Hosting {month}, {from} – {to}", date(2027, 2, 1), date(2027, 2, 28), 2, "en_GB")
    'Hosting February 2027, 1 Feb 2027 – 28 Feb 2027'
    >>> fill("{month}", date(2027, 2, 1), date(2027, 2, 28), 2, "el_GR")
    'Φεβρουάριος 2027'
    """
    if not text or "{" not in text:
        return text or ""
    locale = locale_of(lang)
    makers = {
        "period": lambda: format_interval(first, last, "yMMMd", locale=locale),
        "from": lambda: format_date(first, "medium", locale=locale),
        "to": lambda: format_date(last, "medium", locale=locale),
        "month": lambda: format_date(first, "LLLL y", locale=locale),
        "next_month": lambda: format_date(last + timedelta(days=1), "LLLL y", locale=locale),
        "quarter": lambda: format_date(first, "QQQQ y", locale=locale),
        "week": lambda: format_date(first, "w/Y", locale=locale),
        "year": lambda: format_date(first, "y", locale=locale),
        "number": lambda: str(number),
    }

    def replace(found):
        maker = makers.get(found.group(1))
        return maker() if maker else found.group(0)

    return PATTERN.sub(replace, text)
