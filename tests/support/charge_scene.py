# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What is there before a charge: a customer's card at the provider of the tests, and an invoice."""


def save_card(env, partner, script="done", **vals):
    """Save a card of a customer.

    :param str script: what the card does, charge after charge
    """
    env["payment.token"].create({
        "provider_id": env["payment.provider"].search([("code", "=", "charge_test")], limit=1).id,
        "payment_method_id": env.ref("payment.payment_method_card").id,
        "partner_id": partner.id,
        "provider_ref": script,
        "payment_details": "4242",
        "charge_test_script": script,
        **vals,
    })


def late_invoice(env, partner, amount):
    """Return a posted invoice that was due long ago, without taxes."""
    invoice = env["account.move"].create({
        "move_type": "out_invoice",
        "partner_id": partner.id,
        "invoice_date": "2026-01-01",
        "invoice_date_due": "2026-01-01",
        "invoice_line_ids": [(0, 0, {"name": "Service", "price_unit": amount, "tax_ids": [(5,)]})],
    })
    invoice.action_post()
    return invoice
