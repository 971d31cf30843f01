# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Charges of customers with an open case: refused, under way, and waiting to be tried again."""

from odoo.addons.payment_charge.demo.loader import carry_out, find_provider, save_card

# what happens on the card of each of some customers with an open case, the smallest first, and
# whether it is tried again
CARDS = (("error", True), ("pending", True), ("error", False))


def load(company):
    """Write the demo charges, once, where the demo company has cases and a demo provider.

    :return: the charges, or ``None`` where nothing was written
    """
    env = company.with_company(company).env
    provider = find_provider(env, company)
    if not provider:
        return None
    Case = env["collection.case"]
    open_cases = [("company_id", "=", company.id), ("state", "!=", "completed")]
    if Case.search_count([*open_cases, ("charge_state", "!=", False)], limit=1):
        return None
    cases = Case.search([*open_cases, ("amount_to_collect", ">", 0)], order="amount_to_collect, id")
    cases = cases.filtered(lambda case: case._documents_to_charge())
    charges = env["payment.charge.attempt"]
    for case, (state, retry) in zip(cases, CARDS, strict=False):
        save_card(provider, case.commercial_partner_id, state)
        documents = case._documents_to_charge()[:1]
        charges |= carry_out(charges._plan([{"invoice_ids": documents, "retry": retry}]))
    # what a commit does
    env.cr.flush()
    return charges
