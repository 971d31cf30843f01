# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""Chargebacks and cards at risk, on the charges that the demo data of charging made."""

import logging

from odoo import fields

from odoo.addons.payment_charge.models.payment_provider import ChargeProbe

from ..core.cards import Card

_logger = logging.getLogger(__name__)

# how many months from now the demo cards expire, in turn, and their networks
EXPIRIES = ((14, "visa"), (0, "mastercard"), (1, "visa"), (-1, "amex"), (26, "visa"))


def load(company):
    """Write expiries on the saved cards and a chargeback of each stage, once.

    :return: the chargebacks, or ``None`` where nothing was written
    """
    env = company.with_company(company).env
    Chargeback = env["payment.chargeback"]
    charges = _charges(env, company)
    if not charges or Chargeback.search_count([("company_id", "=", company.id)], limit=1):
        _logger.info("%s has no charges to dispute in a demo", company.name)
        return None
    today = company._charge_today()
    tokens = env["payment.token"].search([("company_id", "=", company.id)], order="id")
    for place, token in enumerate(tokens):
        months, network = EXPIRIES[place % len(EXPIRIES)]
        expiry = fields.Date.add(today, months=months)
        token._card_write(Card(expiry.month, expiry.year, network))
    if not company.chargeback_fee_account_id:
        company.chargeback_fee_account_id = env["account.account"].search(
            [("company_ids", "in", company.ids), ("account_type", "=", "expense")], limit=1
        )
    cases = (
        ("chargeback", "chargeback_not_received", "The parcel never came.", 12, 15.0),
        ("alert", "chargeback_fraud", "The bank suspects fraud.", 5, 0.0),
    )
    chargebacks = Chargeback
    for charge, (kind, reason, words, days, fee) in zip(charges, cases, strict=False):
        chargebacks |= Chargeback._open_by_hand(
            charge,
            {
                "kind": kind,
                "amount": charge.amount,
                "fee_amount": fee,
                "reason_id": env["payment.reason"]._of(reason).id,
                "reason_text": words,
                "opened_on": today,
                "due_by": fields.Datetime.add(fields.Datetime.now(), days=days)
                if kind == "chargeback"
                else False,
            },
        )
    return chargebacks


def _charges(env, company):
    """Return two charges to dispute, if need be by charging one more document to a demo card."""
    Attempt = env["payment.charge.attempt"]
    charges = Attempt.search(
        [
            ("company_id", "=", company.id),
            ("operation", "=", "charge"),
            ("state", "=", "succeeded"),
            ("payment_id", "!=", False),
        ],
        order="id",
        limit=2,
    )
    if len(charges) == 1 and "demo_simulated_state" in env["payment.token"]._fields:
        document = env["account.move"].search(
            [
                ("commercial_partner_id", "=", charges.partner_id.id),
                ("move_type", "=", "out_invoice"),
                ("state", "=", "posted"),
                ("amount_residual", ">", 0),
            ],
            limit=1,
        )
        if document and not document._charge_obstacle():
            charges |= _charge(Attempt._plan([{"invoice_ids": document}]))
    return charges.filtered("payment_id")


def _charge(attempt):
    """Carry a charge out within the transaction that loads the demo."""
    attempt._prepare()
    attempt._send(ChargeProbe())
    attempt._settle()
    # nobody is written to in a demo
    attempt.mail_state = "none"
    return attempt
