# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The e-mails of the demo company."""

import csv
import io
from datetime import timedelta

from markupsafe import Markup

from odoo import Command


class Post:
    """Writes the e-mails between the demo company and its customers to the chatter."""

    def __init__(self, history):
        self.history = history
        self.ledger = history.ledger
        self.env = history.env

    def moment(self, letter):
        """Return when a letter was written."""
        day = self.history.plan.today - timedelta(days=letter.days_ago)
        return self.history.moment(day, (letter.hour, len(letter.subject) % 60))

    def write_letter(self, record, letter, person):
        """Write an e-mail, sent by ``person`` or received, in the chatter of a record."""
        contact = self.ledger.find(f"{letter.party}_contact_{letter.contact}")
        words = {"invoice": self.oldest_document(letter.party).name or ""}
        author = contact if letter.incoming else person.partner_id
        moment = self.moment(letter)
        message = self.env["mail.message"].create({
            "model": record._name,
            "res_id": record.id,
            "message_type": "email" if letter.incoming else "comment",
            "subtype_id": self.env.ref("mail.mt_comment").id,
            "author_id": author.id,
            "email_from": author.email_formatted,
            "partner_ids": [] if letter.incoming else contact.ids,
            "date": moment,
            "subject": letter.subject.format(**words),
            "body": Markup().join(
                Markup("<p>%s</p>") % line.format(**words) for line in letter.body
            ),
            "attachment_ids": self.statement(letter.party, record) if letter.statement else [],
        })
        self.history.set_column("mail_message", "create_date", {message.id: moment})

    def oldest_document(self, party):
        """Return the oldest open document of a party, else its latest one."""
        items = self.env["collection.item"].search(
            [
                ("profile_id", "=", self.history.profiles[party].id),
                ("side", "=", "debit"),
                ("move_id.move_type", "=", "out_invoice"),
            ],
            order="date_due",
        )
        return (items.filtered(lambda item: item.state == "open")[:1] or items[-1:]).move_id

    def statement(self, party, record):
        """Return the command that attaches a list of the open documents of a party."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["Document", "Date", "Due", "Open", "Currency"])
        for item in self.history.profiles[party].item_ids.sorted("date_due"):
            if item.state == "open" and item.side == "debit":
                writer.writerow([
                    item.display_name,
                    item.document_date,
                    item.date_due,
                    f"{item.amount_residual_currency:.2f}",
                    item.currency_id.name,
                ])
        attachment = self.env["ir.attachment"].create({
            "name": "statement.csv",
            "res_model": record._name,
            "res_id": record.id,
            "mimetype": "text/csv",
            # the byte order mark makes spreadsheets read the text as it is meant
            "raw": out.getvalue().encode("utf-8-sig"),
        })
        return [Command.link(attachment.id)]
