# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""Standing orders of every kind, billed and charged: only where the demo provider is there."""

from odoo import Command, fields

from odoo.addons.payment_charge.demo.loader import carry_out, find_provider, save_card

# name, e-mail, what happens on the card, title, price, the rest
CUSTOMERS = (
    ("Almond Tree Books", "books@almondtree.example.com", "done", "Hosting", 48.0, {}),
    (
        "Windmill Bakery",
        "bakery@windmill.example.com",
        "error",
        "Till maintenance",
        125.0,
        {"method": "direct", "retry": False, "on_failure": "pause", "failures_allowed": 1},
    ),
    (
        "Sea View Dental",
        "office@seaview.example.com",
        "done",
        "Data line",
        310.0,
        {"method": "direct"},
    ),
    (
        "Old Port Shipping",
        "accounts@oldport.example.com",
        None,
        "Office rent",
        1450.0,
        {"charge": False, "begin_rule": "day", "begin_day": 1},
    ),
    (
        "Green Hill Nursery",
        "nursery@greenhill.example.com",
        "done",
        "Insurance",
        890.0,
        {"document_kind": "proforma", "unit": "quarter"},
    ),
)


def load(company):
    """Write the demo customers with their recurring documents, once.

    :return: the recurring documents, or ``None`` where nothing was written
    """
    env = company.with_company(company).env
    provider = find_provider(env, company)
    if not provider:
        return None
    if env["res.partner"].search_count([("name", "=", CUSTOMERS[0][0])], limit=1):
        return None
    start = fields.Date.subtract(company._charge_today(), months=2)
    template = _template(env, company)
    documents = env["recurring.document"]
    for name, email, card, title, price, vals in CUSTOMERS:
        partner = env["res.partner"].create({"name": name, "email": email, "is_company": True})
        if card:
            save_card(provider, partner, card)
        documents |= documents.create({
            "company_id": company.id,
            "partner_id": partner.id,
            "title": title,
            "date_start": start,
            "send_when": "never",
            "line_ids": [Command.create({"name": f"{title} {{month}}", "price_unit": price})],
            **vals,
        })
    documents |= documents.create(
        template._document_values(documents[0].partner_id, start, title="Membership")
    )
    documents.action_start()
    _bill(env, company, documents)
    documents[3]._pause(note="The office is being painted")
    # what the preview of the next run is to tell
    documents[0].line_ids.price_unit += 4
    expiring = env["payment.charge.way"].search([("partner_id", "=", documents[2].partner_id.id)])
    expiring.valid_until = fields.Date.add(company._charge_today(), days=10)
    preview = env["recurring.run"].create({
        "company_id": company.id,
        "until": fields.Date.add(company._charge_today(), months=1),
    })
    preview.action_fill()
    return documents


def _template(env, company):
    """Return a template, so that there is one to make recurring documents from."""
    return env["recurring.template"].create({
        "name": "Membership",
        "company_id": company.id,
        "begin_rule": "day",
        "begin_day": 1,
        "charge": False,
        "send_when": "never",
        "line_ids": [Command.create({"name": "Membership {month}", "price_unit": 35.0})],
    })


def _bill(env, company, documents):
    """Bill and charge what is due, within the transaction that loads the demo."""
    Period = env["recurring.period"]
    documents._plan_periods(company._charge_today())
    documents.period_ids._generate()
    attempts = Period.search([
        *Period._to_charge_domain(),
        ("document_id", "in", documents.ids),
    ])._charge()
    attempts |= documents.period_ids.attempt_id
    for attempt in attempts.filtered(lambda one: one.state == "planned"):
        carry_out(attempt)
