# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""A company with customers who owe, and reminders to them waiting to be sent."""

from datetime import timedelta


def prepare(env, count):
    """Give a company of a database with the suite installed so many customers who owe."""
    company = env.company
    if not company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", company)
    company.write({
        "email": "collections@company.example.com",
        "collection_live": False,
        "collection_tz": "UTC",
    })
    today = company._collection_today()
    partners = env["res.partner"].create([
        {
            "name": f"Customer {number}",
            "is_company": True,
            "email": f"customer{number}@example.com",
        }
        for number in range(count)
    ])
    moves = (
        env["account.move"]
        .with_context(tracking_disable=True)
        .create([
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "invoice_date": today - timedelta(days=40),
                "invoice_date_due": today - timedelta(days=20),
                "invoice_line_ids": [
                    (0, 0, {"name": "Service", "price_unit": 100.0, "tax_ids": [(5,)]})
                ],
            }
            for partner in partners
        ])
    )
    moves.action_post()
    env.cr.commit()
    return moves


def use_server(env, port):
    """Have everything sent through a mail server on this machine."""
    Server = env["ir.mail_server"].with_context(active_test=False)
    server = Server.search([("name", "=", "Sink")]) or Server.create({
        "name": "Sink",
        "smtp_host": "127.0.0.1",
        "smtp_encryption": "none",
    })
    server.smtp_port = port
    env.cr.commit()


def move_to_other_days(env):
    """Have what was planned so far count for other days, so that the same can be planned again."""
    env.cr.execute(
        """
        UPDATE collection_message
           SET business_date = business_date - (SELECT count(DISTINCT business_date)::int
                                                  FROM collection_message)
         WHERE business_date = (SELECT max(business_date) FROM collection_message)
        """
    )
    env.invalidate_all()


def plan(env, moves=None):
    """Plan an automatic reminder for each customer who owes; return the messages."""
    items = env["collection.item"].search([("state", "=", "open"), ("side", "=", "debit")])
    if moves:
        items &= moves.collection_item_ids
    template = env.ref("collection_message.mail_template_second")
    messages = env["collection.message"]._plan([
        {
            "profile_id": profile.id,
            "template_id": template.id,
            "automatic": True,
            "kind": "overdue",
            "item_ids": [(6, 0, own.ids)],
        }
        for profile, own in items.grouped("profile_id").items()
    ])
    env.cr.commit()
    return messages
