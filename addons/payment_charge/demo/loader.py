# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""Customers with demo cards, and charges of every kind: only where the demo provider is there."""

import logging

from odoo import Command, fields

from ..models.payment_provider import ChargeProbe

_logger = logging.getLogger(__name__)

# name, e-mail, what happens on each card, amounts with the days until they are due
CUSTOMERS = (
    ("Olive Grove Foods", "accounts@olivegrove.example.com", ("done",), ((480.0, -12), (125.5, 9))),
    ("Harbour Light Hotel", "office@harbourlight.example.com", ("error", "done"), ((960.0, -4),)),
    ("Cedar Print Shop", "hello@cedarprint.example.com", ("pending",), ((84.9, -2),)),
    ("Blue Gate Clinic", "billing@bluegate.example.com", ("done",), ((1320.0, -20), (310.0, -1))),
    ("Stone Bridge Cafe", False, ("error",), ((58.0, -8), (61.0, 12))),
    ("Lemon Street School", "bursar@lemonstreet.example.com", (), ((740.0, -3),)),
)
# which of them are charged in the demo, by their place above
CHARGED = (0, 1, 2, 4)


def load(company):
    """Write the demo customers and their charges, once.

    :return: the charges, or ``None`` where nothing was written
    """
    env = company.with_company(company).env
    provider = find_provider(env, company)
    if not provider:
        return None
    if env["res.partner"].search_count([("name", "=", CUSTOMERS[0][0])], limit=1):
        return None
    documents = [_customer(env, company, provider, *facts) for facts in CUSTOMERS]
    attempts = env["payment.charge.attempt"]
    for place in CHARGED:
        attempts |= carry_out(attempts._plan([{"invoice_ids": documents[place][:1]}]))
    page = attempts._plan([{"invoice_ids": documents[5], "by_link": True}])
    page._wait_for_customer()
    batch = env["payment.charge.batch"].create({"company_id": company.id})
    batch.action_fill()
    return attempts | page


def find_provider(env, company):
    """Return the demo provider of a company that can be charged in a demo, or nothing."""
    if "demo" not in dict(env["payment.provider"]._fields["code"].selection):
        _logger.info("The demo provider is not installed: no demo charges")
        return None
    provider = env["payment.provider"].search([
        ("code", "=", "demo"),
        ("company_id", "=", company.id),
        ("state", "=", "test"),
    ])[:1]
    journals = env["account.journal"].search([("company_id", "=", company.id)])
    if not provider or {"sale", "bank"} - set(journals.mapped("type")):
        _logger.info("%s cannot be charged in a demo", company.name)
        return None
    return provider


def save_card(provider, partner, state, number=1):
    """Save a card of a customer, of which each charge ends in one and the same state."""
    return partner.env["payment.token"].create({
        "provider_id": provider.id,
        "payment_method_id": provider.payment_method_ids[:1].id,
        "partner_id": partner.id,
        "provider_ref": f"demo card {number} of {partner.name}",
        "payment_details": f"{4200 + number * 37 + len(partner.name)}",
        "demo_simulated_state": state,
    })


def _customer(env, company, provider, name, email, cards, amounts):
    partner = env["res.partner"].create({"name": name, "email": email, "is_company": True})
    for number, state in enumerate(cards, start=1):
        save_card(provider, partner, state, number)
    today = company._charge_today()
    moves = env["account.move"].create([
        {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": fields.Date.add(today, days=min(due, 0) - 14),
            "invoice_date_due": fields.Date.add(today, days=due),
            "invoice_line_ids": [
                Command.create({"name": "Monthly service", "quantity": 1, "price_unit": amount})
            ],
        }
        for amount, due in amounts
    ])
    moves.action_post()
    return moves


def carry_out(attempt):
    """Carry a charge out within the transaction that loads the demo."""
    attempt._prepare()
    attempt._send(ChargeProbe())
    attempt._settle()
    # nobody is written to in a demo
    attempt.mail_state = "none"
    return attempt
