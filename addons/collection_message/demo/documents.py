# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Documents and requests for more time of the demo company."""

from dataclasses import dataclass
from datetime import timedelta

from odoo import fields


@dataclass(frozen=True)
class Paper:
    """A document of the customer of one of the open cases, the largest first."""

    case: int
    kind: str
    name: str
    text: str
    # at the invoice, else at the customer
    invoice: bool = True
    expires_in: int | None = None


@dataclass(frozen=True)
class Wish:
    """A request for more time in one of the open cases."""

    case: int
    days: int
    reason: str
    becomes: str = "requested"
    note: str = ""
    days_ago: int = 1


PAPERS = (
    Paper(0, "order", "Order confirmation", "We order as offered. Delivery free warehouse."),
    Paper(0, "delivery", "Delivery note, signed", "12 pallets received in good order. M. Pappa"),
    Paper(0, "contract", "Framework contract", "Payment within 30 days net.", invoice=False),
    Paper(1, "delivery", "Delivery note, signed", "Received complete."),
    Paper(1, "certificate", "Certificate of exemption", "Valid as stated.", False, expires_in=-20),
    Paper(2, "timesheet", "Time sheet", "84 hours, approved by the project manager."),
    Paper(3, "correspondence", "Letter of complaint", "Two boxes were missing.", invoice=False),
)
WISHES = (
    Wish(1, 20, "Waits for the payment of a public customer, due next week."),
    Wish(4, 75, "Rebuilds the warehouse after a fire; the insurance pays in two months."),
    Wish(5, 14, "The accountant is on leave.", "approved", "They have always paid so far.", 12),
    Wish(6, 60, "Asks for the third time.", "refused", "No reason given that we can check.", 9),
)


def load(company):
    """Write the samples, once, where the demo company has cases for them."""
    env = company.with_company(company).env
    if env["collection.document"].search_count([("company_id", "=", company.id)], limit=1):
        return
    cases = env["collection.case"].search(
        [("company_id", "=", company.id), ("state", "!=", "completed"), ("item_count", ">", 0)],
        order="amount_to_collect desc, id",
        limit=8,
    )
    for paper in PAPERS:
        if paper.case < len(cases):
            _file(cases[paper.case], paper)
    for wish in WISHES:
        if wish.case < len(cases):
            _ask(cases[wish.case], wish)


def _file(case, paper):
    env = case.env
    move = case.open_item_ids.move_id.sorted("invoice_date")[:1] if paper.invoice else None
    name = f"{paper.name} {move.name}" if move else paper.name
    today = case.company_id._collection_today()
    env["collection.document"].create({
        "profile_id": case.profile_id.id,
        "move_id": move and move.id,
        "kind_id": env.ref(f"collection_message.document_kind_{paper.kind}").id,
        "name": name,
        "attachment_id": env["ir.attachment"]
        .create({"name": f"{name.replace('/', '-')}.txt", "raw": paper.text.encode()})
        .id,
        "valid_until": today + timedelta(days=paper.expires_in)
        if paper.expires_in is not None
        else False,
    })


def _ask(case, wish):
    env = case.env
    items = case.open_item_ids.filtered("date_due").sorted("date_due")[:1]
    if not items:
        return
    extension = env["collection.extension"]._request(
        items, days=wish.days, reason=wish.reason, case=case
    )
    moment = fields.Datetime.now() - timedelta(days=wish.days_ago)
    asked_by = case.debt_manager_id or env.ref("base.user_admin")
    # sudo: demo data of the past, written while the add-on is installed
    extension.sudo().write({"requested_on": moment, "requested_by": asked_by.id})
    if wish.becomes == "requested":
        return
    extension.decision_note = wish.note
    getattr(extension, "action_approve" if wish.becomes == "approved" else "action_refuse")()
    # sudo: as above
    extension.sudo().decided_on = moment + timedelta(hours=3)
