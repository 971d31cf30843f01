# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import csv
import io

from odoo import fields
from odoo.tools import SQL, html2plaintext

COLUMNS = ("date", "case", "customer", "by", "kind", "subject", "text", "attachments")
# records read at a time; a company may have written a million letters
BATCH = 1000
# where the demo company's people, customers and products are
DEMO = ("res.partner", "res.users", "product.product", "product.template")
# models whose chatter and documents are the correspondence
CORRESPONDENCE = ("collection.case", "collection.profile")


def uninstall_hook(env):
    """Keep the correspondence of cases, and take away what the host would leave or trip over.

    The host deletes messages, contacts and documents with their models. A CSV file per company
    tells what was written and said, and the documents attached to cases stay. Both become
    attachments of no record, which only administrators see, under *Settings / Technical /
    Attachments*.
    """
    env = env(context={**env.context, "active_test": False, "lang": env.user.lang})
    for company in env["res.company"].search([]):
        _export_correspondence(env, company)
    _keep_documents(env)
    _forget_activities(env)
    _forget_settings(env)
    _forget_names(env)


# ----------------------------------------------------------------
# WHAT IS KEPT
# ----------------------------------------------------------------


def _export_correspondence(env, company):
    """Write the messages, contacts and notes of a company, in order of time, to a CSV file."""
    rows = sorted([
        *_message_rows(env, company),
        *_contact_rows(env, company),
        *_note_rows(env, company),
    ])
    if not rows:
        return
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([_harmless(text) for text in row] for row in rows)
    env["ir.attachment"].create({
        "name": f"Collections of {company.name} until {fields.Date.today()}.csv",
        "mimetype": "text/csv",
        # the byte order mark makes spreadsheets read Hebrew and Greek as such
        "raw": out.getvalue().encode("utf-8-sig"),
    })


def _harmless(text):
    """Return the text as one that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def _batches(records):
    """Yield the records in batches and forget each when the next is read."""
    for start in range(0, len(records), BATCH):
        batch = records[start : start + BATCH]
        yield batch
        batch.env.invalidate_all()


def _message_rows(env, company):
    rows = []
    for model in CORRESPONDENCE:
        owners = env[model].search([("company_id", "=", company.id)])
        messages = env["mail.message"].search([
            ("model", "=", model),
            ("res_id", "in", owners.ids),
            ("message_type", "!=", "user_notification"),
        ])
        for batch in _batches(messages):
            owner_of = {owner.id: owner for owner in env[model].browse(batch.mapped("res_id"))}
            for message in batch:
                text = html2plaintext(message.body or "").strip()
                if not text and not message.attachment_ids:
                    continue
                owner = owner_of[message.res_id]
                rows.append((
                    str(message.date),
                    owner.name if model == "collection.case" else "",
                    owner.partner_id.display_name or "",
                    message.author_id.display_name or message.email_from or "",
                    message.message_type,
                    message.subject or "",
                    text,
                    ", ".join(message.attachment_ids.mapped("name")),
                ))
    return rows


def _contact_rows(env, company):
    logs = env["collection.contact.log"].search([("company_id", "=", company.id)])
    rows = []
    for batch in _batches(logs):
        for log in batch:
            agreed = [
                str(part)
                for part in (log.agreed_date, log.agreed_amount, log.agreed_way_id.name)
                if part
            ]
            rows.append((
                str(log.date),
                log.case_id.name or "",
                log.partner_id.display_name or "",
                log.user_id.display_name,
                f"{log.channel} {log.direction}",
                ", ".join(filter(None, [log.contact_id.name, log.outcome_id.name])),
                "\n".join(filter(None, [log.note, log.agreed_note, " ".join(agreed)])),
                "",
            ))
    return rows


def _note_rows(env, company):
    notes = env["collection.note"].search([("company_id", "=", company.id)])
    rows = []
    for batch in _batches(notes):
        for note in batch:
            rows.append((
                str(note.date),
                "",
                note.partner_id.display_name or "",
                note.user_id.display_name,
                "note",
                note.move_id.name or "",
                note.body,
                "",
            ))
    return rows


def _keep_documents(env):
    """Take the documents attached to cases and customers from these, named after them."""
    env.flush_all()
    for model in CORRESPONDENCE:
        label = (
            SQL("name")
            if model == "collection.case"
            else SQL("(SELECT complete_name FROM res_partner WHERE id = partner_id)")
        )
        env.cr.execute(
            SQL(
                """
                UPDATE ir_attachment attachment
                   SET res_model = NULL, res_id = NULL, name = owner.label || ' ' || attachment.name
                  FROM (SELECT id, %s AS label FROM %s) AS owner
                 WHERE attachment.res_model = %s
                   AND attachment.res_id = owner.id
                   AND attachment.res_field IS NULL
                """,
                label,
                SQL.identifier(env[model]._table),
                model,
            )
        )
    env.invalidate_all()


# ----------------------------------------------------------------
# WHAT GOES
# ----------------------------------------------------------------


def _forget_activities(env):
    """Take away the activities of cases, and our types from activities on other records.

    The host would keep the types as long as an activity has one of them.
    """
    ours = _own_records(env, "mail.activity.type")
    on_cases = SQL("res_model LIKE %s", "collection.%")
    env.cr.execute(SQL("DELETE FROM mail_activity WHERE %s", on_cases))
    env.cr.execute(SQL("DELETE FROM mail_activity_plan WHERE %s", on_cases))
    to_do = env.ref("mail.mail_activity_data_todo", raise_if_not_found=False)
    if ours and to_do:
        for table in ("mail_activity", "mail_activity_plan_template"):
            env.cr.execute(
                SQL(
                    "UPDATE %s SET activity_type_id = %s WHERE activity_type_id = ANY(%s)",
                    SQL.identifier(table),
                    to_do.id,
                    ours.ids,
                )
            )
    env.invalidate_all()


def _forget_settings(env):
    """Take away what people made for our models and the host knows by the model's name only."""
    env["ir.filters"].search([("model_id", "=like", "collection.%")]).unlink()
    env["ir.exports"].search([("resource", "=like", "collection.%")]).unlink()
    env["ir.sequence"].search([("code", "=", "collection.case")]).unlink()


def _forget_names(env):
    """Take away what the host notes about our models in the name of other modules, and keeps.

    The names of records of our own models go too: the host would delete these one by one, and
    fail where one is used by another, before it drops their tables. Those of the demo company
    stay with its invoices, but its people cannot log in any more.
    """
    _own_records(env, "res.users").write({"active": False})
    env.flush_all()
    env.cr.execute(
        SQL(
            """
            DELETE FROM ir_model_data
             WHERE module <> 'collection'
               AND (starts_with(name, 'selection__collection_')
                    OR starts_with(name, 'model_inherit__collection_'))
                OR module = 'collection'
               AND (starts_with(model, 'collection.') OR model = ANY(%s))
            """,
            list(DEMO),
        )
    )
    # foreign keys: they go with their columns
    env.cr.execute(
        SQL(
            """
            DELETE FROM ir_model_constraint
             WHERE type = 'f'
               AND module = (SELECT id FROM ir_module_module WHERE name = 'collection')
            """
        )
    )
    env.invalidate_all()


def _own_records(env, model):
    """Return the records of a model that this module brought."""
    data = env["ir.model.data"].search([("module", "=", "collection"), ("model", "=", model)])
    return env[model].browse(data.mapped("res_id")).exists()
