# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What providers say about a refused charge, wherever in their answers they say it."""

# the way to a code through an answer of a provider; those that say most come first
PATHS = (
    # Stripe: an answer, and an error
    ("payment_intent", "last_payment_error", "decline_code"),
    ("payment_intent", "last_payment_error", "code"),
    ("error", "decline_code"),
    ("error", "code"),
    ("refund", "failure_reason"),
    # Adyen
    ("additionalData", "merchantAdviceCode"),
    ("refusalReasonCode",),
    ("refusalReason",),
    ("reason",),
    # Authorize.net
    ("response", "x_response_reason_code"),
    ("response", "transactionResponse", "errors", 0, "errorCode"),
    ("response", "x_response_reason_text"),
    ("response", "x_response_code"),
    # others
    ("decline_code",),
    ("reason_code",),
    ("error_code",),
    ("errorCode",),
)


def codes_in(answer) -> tuple[str, ...]:
    """Return the codes in a provider's answer, the most telling first.

    >>> codes_in({"error": {"code": "card_declined", "decline_code": "insufficient_funds"}})
    ('insufficient_funds', 'card_declined')
    >>> codes_in(None)
    ()
    """
    found = []
    for path in PATHS:
        node = answer
        for key in path:
            if isinstance(node, dict):
                node = node.get(key)
            elif isinstance(node, list) and isinstance(key, int) and len(node) > key:
                node = node[key]
            else:
                node = None
        if isinstance(node, str | int) and not isinstance(node, bool) and str(node).strip():
            code = str(node).strip()
            if code not in found:
                found.append(code)
    return tuple(found)
