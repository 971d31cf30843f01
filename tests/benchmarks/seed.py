# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Fill a database with customers and open invoices fast: by SQL, from one of each made by Odoo.

The rows are what Odoo itself would have written: a template customer and a template posted
invoice are made through the ORM, and every further row copies them with its own identity,
dates and amounts.
"""

from odoo import Command, fields

# what differs from the template's row, as SQL over the series number n and customer number c
CUSTOMER = {
    "name": "'Customer ' || n",
    "complete_name": "'Customer ' || n",
    "email": "'customer' || n || '@example.com'",
    "email_normalized": "'customer' || n || '@example.com'",
    "ref": "'C' || n",
}
INVOICE = {
    "name": "'BENCH/' || lpad(n::text, 8, '0')",
    "sequence_number": "n",
    "payment_reference": "'BENCH/' || lpad(n::text, 8, '0')",
    "access_token": "NULL",
}


def columns(cr, table):
    """Return the column names of ``table`` but for its id."""
    cr.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_name = %s AND table_schema = current_schema AND column_name <> 'id'"
        " ORDER BY ordinal_position",
        [table],
    )
    return [name for (name,) in cr.fetchall()]


def copy_rows(cr, table, template_id, source, values, id_expression):
    """Insert copies of a row: ``source`` is a FROM clause, ``values`` SQL by column name."""
    names = columns(cr, table)
    selected = [values.get(name, f'template."{name}"') for name in names]
    quoted = ", ".join(f'"{name}"' for name in names)
    cr.execute(  # names and expressions are this module's own, no outside text
        f'INSERT INTO "{table}" (id, {quoted}) '
        f"SELECT {id_expression}, {', '.join(selected)} "
        f'FROM {source}, "{table}" template WHERE template.id = {int(template_id)}'
    )
    return cr.rowcount


def secondary_indexes(cr, tables):
    """Drop the indexes of ``tables`` that no constraint needs; return how to make them again."""
    cr.execute(
        """
        SELECT indexname, indexdef FROM pg_indexes
         WHERE tablename = ANY(%s) AND schemaname = current_schema
           AND indexname NOT IN (SELECT conname FROM pg_constraint)
        """,
        [list(tables)],
    )
    found = cr.fetchall()
    for name, _definition in found:
        cr.execute(f'DROP INDEX "{name}"')
    return [definition for _name, definition in found]


def fill(env, customers, invoices, overdue_share=0.2):
    """Create that many customers and open invoices in ``env.company``, spread evenly.

    :param overdue_share: this share of the invoices is 1 to 180 days overdue, the rest is due
        within the next 60 days
    """
    cr = env.cr
    env = env(context={**env.context, "tracking_disable": True, "mail_create_nolog": True})
    partner = env["res.partner"].create({
        "name": "Template customer",
        "is_company": True,
        "customer_rank": 1,
        "email": "template@example.com",
    })
    move = env["account.move"].create({
        "move_type": "out_invoice",
        "partner_id": partner.id,
        "invoice_date": fields.Date.today(),
        "invoice_date_due": fields.Date.today(),
        "invoice_payment_term_id": False,
        "invoice_line_ids": [
            Command.create({"name": "Service", "price_unit": 100.0, "tax_ids": [Command.clear()]})
        ],
    })
    move.action_post()
    env.flush_all()
    receivable = move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
    income = move.line_ids - receivable
    cr.execute("SELECT max(id) FROM res_partner")
    [last_partner] = cr.fetchone()
    cr.execute("SELECT max(id) FROM account_move")
    [last_move] = cr.fetchone()
    cr.execute("SELECT max(id) FROM account_move_line")
    [last_line] = cr.fetchone()

    cr.execute("SET session_replication_role = replica")
    tables = ("res_partner", "account_move", "account_move_line")
    indexes = secondary_indexes(cr, tables)
    copy_rows(
        cr,
        "res_partner",
        partner.id,
        f"generate_series(1, {int(customers)}) AS n",
        {**CUSTOMER, "commercial_partner_id": f"{last_partner} + n"},
        f"{last_partner} + n",
    )
    # n-th invoice: its customer, its due date, its amount between 10 and 2,009.99
    customer = f"{last_partner} + 1 + (n - 1) % {int(customers)}"
    late_of_hundred = int(overdue_share * 100)
    # customers late with everything and customers never late would be no test: mix by invoice
    is_late = f"((n / {int(customers)}) * 37 + n * 7) % 100 < {late_of_hundred}"
    due = (
        f"CASE WHEN {is_late} THEN CURRENT_DATE - (1 + n % 180)"
        " ELSE CURRENT_DATE + (1 + n % 60) END"
    )
    amount = "(10 + (n::bigint * 7919) % 200000 / 100.0)::numeric"
    source = f"generate_series(1, {int(invoices)}) AS n"
    copy_rows(
        cr,
        "account_move",
        move.id,
        source,
        {
            **INVOICE,
            "partner_id": customer,
            "commercial_partner_id": customer,
            "partner_shipping_id": customer,
            "invoice_date_due": due,
            "invoice_date": f"({due}) - 30",
            "date": f"({due}) - 30",
            "amount_untaxed": amount,
            "amount_total": amount,
            "amount_residual": amount,
            "amount_untaxed_signed": amount,
            "amount_total_signed": amount,
            "amount_total_in_currency_signed": amount,
            "amount_residual_signed": amount,
        },
        f"{last_move} + n",
    )
    for offset, line, sign in ((0, receivable, ""), (1, income, "-")):
        copy_rows(
            cr,
            "account_move_line",
            line.id,
            source,
            {
                "move_id": f"{last_move} + n",
                "move_name": INVOICE["name"],
                "partner_id": customer,
                "commercial_partner_id": customer,
                "date": f"({due}) - 30",
                "invoice_date": f"({due}) - 30",
                "date_maturity": due if not sign else "NULL",
                "balance": f"{sign}{amount}",
                "amount_currency": f"{sign}{amount}",
                "debit": amount if not sign else "0",
                "credit": "0" if not sign else amount,
                "amount_residual": amount if not sign else "0",
                "amount_residual_currency": amount if not sign else "0",
                "price_unit": "template.price_unit" if not sign else amount,
                "price_subtotal": "template.price_subtotal" if not sign else amount,
                "price_total": "template.price_total" if not sign else amount,
            },
            f"{last_line} + 2 * n - {offset}",
        )
    for definition in indexes:
        cr.execute(definition)
    cr.execute("SET session_replication_role = origin")
    for table in tables:
        cr.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
        )
    cr.commit()
    for table in tables:
        cr.execute(f"ANALYZE {table}")
    cr.commit()
