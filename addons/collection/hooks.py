# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import csv
import io

from odoo import fields
from odoo.tools import html2plaintext


def uninstall_hook(env):
    """Keep the correspondence of cases, which the host deletes with their model.

    One CSV file per company is left as an attachment of the company: date, case, customer,
    author, subject and text of each message, and every recorded contact.
    """
    # an index on a table of the host's, which it does not take away with the module
    env.cr.execute("DROP INDEX IF EXISTS account_payment_collection_unmatched_index")
    for company in env["res.company"].search([]):
        rows = _contact_rows(env, company) + _message_rows(env, company)
        if not rows:
            continue
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["date", "case", "customer", "person", "kind", "subject", "text"])
        writer.writerows(sorted(rows))
        env["ir.attachment"].create({
            "name": f"collection_correspondence_{fields.Date.today()}.csv",
            "res_model": "res.company",
            "res_id": company.id,
            "mimetype": "text/csv",
            # the byte order mark makes spreadsheets read Hebrew and Greek as such
            "raw": out.getvalue().encode("utf-8-sig"),
        })


def _message_rows(env, company):
    cases = env["collection.case"].search([("company_id", "=", company.id)])
    messages = env["mail.message"].search([
        ("model", "=", "collection.case"),
        ("res_id", "in", cases.ids),
        ("message_type", "!=", "user_notification"),
    ])
    by_id = {case.id: case for case in cases}
    return [
        (
            str(message.date),
            by_id[message.res_id].name,
            by_id[message.res_id].partner_id.display_name,
            message.author_id.display_name or message.email_from or "",
            message.message_type,
            message.subject or "",
            html2plaintext(message.body or "").strip(),
        )
        for message in messages
        if message.body
    ]


def _contact_rows(env, company):
    logs = env["collection.contact.log"].search([("company_id", "=", company.id)])
    return [
        (
            str(log.date),
            log.case_id.name or "",
            log.partner_id.display_name,
            log.user_id.display_name,
            log.channel,
            log.outcome_id.display_name or "",
            " | ".join(filter(None, [log.note, log.agreed_note])),
        )
        for log in logs
    ]
