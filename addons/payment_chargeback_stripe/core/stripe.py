# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""Stripe's objects and signatures, as its documentation has them."""

import hashlib
import hmac
from datetime import UTC, datetime

from odoo.addons.payment_chargeback.core.cards import (
    CANCELLED,
    UPDATED,
    CardUpdate,
    from_stripe,
)
from odoo.addons.payment_chargeback.core.dispute import Report

DISPUTE_EVENTS = (
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
)
WARNING_EVENTS = ("radar.early_fraud_warning.created", "radar.early_fraud_warning.updated")
CARD_EVENTS = (
    "payment_method.automatically_updated",
    "payment_method.updated",
    "payment_method.detached",
)
EVENTS = (*DISPUTE_EVENTS, *WARNING_EVENTS, *CARD_EVENTS)

# a dispute's status: what it is, and where it stands
STATUSES = {
    "warning_needs_response": ("inquiry", "warning"),
    "warning_under_review": ("inquiry", "submitted"),
    "warning_closed": ("inquiry", "closed"),
    "needs_response": ("chargeback", "open"),
    "under_review": ("chargeback", "submitted"),
    "won": ("chargeback", "won"),
    "lost": ("chargeback", "lost"),
    # it was settled before it became one
    "prevented": ("inquiry", "closed"),
    "charge_refunded": ("inquiry", "closed"),
}


class UnknownStatus(Exception):
    """A dispute has a status that Stripe's documentation did not have."""


class BadSignature(Exception):
    """The signature is none, or not one of the secret, or too old."""


def check_signature(payload, header, secret, now, tolerance):
    """Check that a webhook was signed with a secret.

    :param bytes payload: the body as it came over the wire
    :param str header: ``Stripe-Signature``, such as ``t=1700000000,v1=5257…``; while a secret is
        being changed it holds several signatures
    :param str secret: of the webhook at Stripe; an empty one never fits
    :param float now: seconds since 1970
    :param int tolerance: how many seconds the signature may be old, or ahead
    :raise BadSignature: when it does not fit
    """
    if not secret:
        raise BadSignature("no secret")
    moment, signatures = 0, []
    for part in (header or "").split(","):
        key, _equals, value = part.strip().partition("=")
        if key == "t" and value.isdecimal():
            moment = int(value)
        elif key == "v1":
            signatures.append(value)
    if not moment or abs(now - moment) > tolerance:
        raise BadSignature("no time, or too old a one")
    signed = b"%d." % moment + payload
    expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode()
    if not any(hmac.compare_digest(one.encode(), expected) for one in signatures):
        raise BadSignature("another signature")


def dispute_report(dispute, happened, to_major):
    """Return the report in a dispute.

    :param dict dispute: Stripe's object
    :param int happened: seconds since 1970
    :param to_major: makes an amount of the smallest units and a currency's code an amount of units
    :raise UnknownStatus: when it has a status that is not known
    :raise KeyError: when it lacks what each dispute has
    """
    if dispute["status"] not in STATUSES:
        raise UnknownStatus(dispute["status"])
    kind, status = STATUSES[dispute["status"]]
    currency = dispute["currency"].upper()
    rows = dispute.get("balance_transactions") or []
    same = [row for row in rows if (row.get("currency") or "").upper() == currency]
    fee_currency = (rows[0].get("currency") or currency).upper() if rows else ""
    # in another currency than the charge, what was taken is not told in the charge's own
    known = bool(rows) and len(same) == len(rows)
    details = dispute.get("evidence_details") or {}
    return Report(
        reference=dispute["id"],
        happened=moment_of(happened),
        kind=kind,
        status=status,
        payment_reference=id_of(dispute.get("payment_intent")),
        amount=to_major(dispute["amount"], currency),
        currency=currency,
        reason=dispute.get("reason") or "",
        reason_text=(dispute.get("reason") or "").replace("_", " "),
        due_by=moment_of(details["due_by"]) if details.get("due_by") else None,
        withdrawn=to_major(-sum(min(row["amount"], 0) for row in same), currency)
        if known
        else None,
        reinstated=to_major(sum(max(row["amount"], 0) for row in same), currency)
        if known
        else None,
        fee=to_major(sum(row.get("fee") or 0 for row in rows), fee_currency) if rows else None,
        fee_currency=fee_currency,
        weight=len(rows),
    )


def warning_report(warning, happened):
    """Return the report in a fraud warning; one that nothing can be done about is over."""
    return Report(
        reference=warning["id"],
        happened=moment_of(happened),
        kind="alert",
        status="warning" if warning.get("actionable", True) else "closed",
        payment_reference=id_of(warning.get("payment_intent")),
        reason=warning.get("fraud_type") or "",
        reason_text=(warning.get("fraud_type") or "").replace("_", " "),
    )


def card_update(event):
    """Return the change of a saved card in an event, or nothing when it is no card."""
    method = event["data"]["object"]
    if not isinstance(method.get("card"), dict):
        return None
    detached = event["type"] == "payment_method.detached"
    return CardUpdate(
        event_ref=event["id"],
        happened=moment_of(event["created"]),
        change=CANCELLED if detached else UPDATED,
        token_ref=method["id"],
        card=from_stripe(method),
    )


def id_of(value):
    """Return the identifier of an object that may come as a whole."""
    return (value.get("id") if isinstance(value, dict) else value) or ""


def moment_of(seconds):
    """Return a moment in UTC, as the host stores it."""
    return datetime.fromtimestamp(int(seconds), tz=UTC).replace(tzinfo=None)
