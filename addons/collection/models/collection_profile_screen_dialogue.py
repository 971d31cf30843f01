# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The customer screen: whom to speak to, what was agreed, everything said so far, notes."""

from datetime import datetime

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

STREAM_PAGE = 30
NOTES = 20
# messages the system writes about its own doings are no correspondence
SYSTEM_MESSAGES = ("notification", "user_notification")


class CollectionProfile(models.Model):
    _inherit = "collection.profile"

    # ------------------------------------------------------------
    # CONTACTS
    # ------------------------------------------------------------

    def _screen_panel_contacts(self):
        """Return the people to speak to: who pays first, then the primary, then the others."""
        relations = self.env["collection.partner.contact"].search([
            ("partner_id", "in", (self.partner_id | self.commercial_partner_id).ids)
        ])
        people = relations.contact_id | self.payment_contact_id
        below = self.env["res.partner"].search([
            ("parent_id", "in", (self.partner_id | self.commercial_partner_id).ids),
            ("type", "=", "contact"),
            ("is_company", "=", False),
        ])
        rows = []
        for person in people | below:
            own = relations.filtered(lambda relation, person=person: relation.contact_id == person)
            relation = own.sorted(lambda relation: not relation.is_primary)[:1]
            rows.append({
                "id": person.id,
                "name": person.name or person.display_name,
                "job": relation.job_position or person.function or "",
                # sudo: the word for a relation, whatever the user may configure
                "relation": relation.sudo().relation_type_id.name or "",
                "phone": relation.phone or person.phone or "",
                "email": relation.email or person.email or "",
                "is_payment": person == self.payment_contact_id,
                "is_primary": relation.is_primary,
                "sequence": relation.sequence if relation else 1000,
            })
        rows.sort(
            key=lambda row: (
                not row["is_payment"],
                not row["is_primary"],
                row["sequence"],
                row["name"],
            )
        )
        return {"contacts": rows}

    # ------------------------------------------------------------
    # AGREED PAYMENTS
    # ------------------------------------------------------------

    def _screen_panel_agreed(self):
        """Return the payments the customer agreed to and that have not come in, soonest first."""
        today = self.company_id._collection_today()
        logs = self.env["collection.contact.log"].search(
            [("profile_id", "=", self.id), ("agreed_state", "=", "pending")],
            order="agreed_date, id",
        )
        return {
            "agreed": [
                {
                    "id": log.id,
                    "date": log.agreed_date,
                    "is_late": bool(log.agreed_date and log.agreed_date < today),
                    "amount": log.agreed_amount,
                    "received": log.received_amount,
                    "currency_id": log.currency_id.id,
                    "way": self._screen_ref(log.agreed_way_id),
                    "case": self._screen_ref(log.case_id, "name"),
                    "contact": self._screen_ref(log.contact_id, "name"),
                    "user": self._screen_ref(log.user_id),
                    "agreed_on": log.date,
                    "note": log.agreed_note or "",
                }
                for log in logs
            ]
        }

    # ------------------------------------------------------------
    # NOTES
    # ------------------------------------------------------------

    def _screen_panel_notes(self):
        """Return the notes at the customer and at its invoices, pinned ones first."""
        notes = self.env["collection.note"].search(
            [("profile_id", "=", self.id)], limit=NOTES, order="pinned desc, date desc, id desc"
        )
        return {
            "count": self.env["collection.note"].search_count([("profile_id", "=", self.id)]),
            "notes": [
                {
                    "id": note.id,
                    "body": note.body or "",
                    "pinned": note.pinned,
                    "date": note.date,
                    "user": self._screen_ref(note.user_id),
                    # sudo: the number of the document a note hangs on
                    "move": self._screen_ref(note.move_id),
                }
                for note in notes
            ],
        }

    # ------------------------------------------------------------
    # CORRESPONDENCE
    # ------------------------------------------------------------

    def _screen_panel_correspondence(self):
        """Return the latest of everything said and written, newest first."""
        return self._screen_stream()

    @api.readonly
    def get_screen_correspondence(self, before=None, kind=None, limit=STREAM_PAGE):
        """Return what came before the ``cursor`` of an earlier answer.

        :param list before: the cursor; from the newest when ``None``
        :param str kind: ``message`` or ``log`` (recorded contacts) to see only these
        """
        self.ensure_one()
        self.check_access("read")
        return self.with_company(self.company_id)._screen_stream(before, kind, limit)

    def _screen_message_documents(self):
        """Return whose messages belong to the customer: pairs of model and record ids as SQL.

        Only documents the user may read count, since a message is as secret as its document.
        """
        documents = []
        partner_ids = self._screen_partner_ids()
        entity_ids = [*partner_ids, self.commercial_partner_id.id]
        domains = {
            "res.partner": Domain("id", "in", entity_ids),
            "collection.profile": Domain("id", "=", self.id),
            "collection.case": Domain("profile_id", "=", self.id),
            "account.move": Domain("partner_id", "in", partner_ids)
            & Domain("company_id", "=", self.company_id.id)
            & Domain("move_type", "in", self.env["account.move"].get_sale_types(True)),
        }
        for model_name, domain in domains.items():
            model = self.env[model_name].with_context(active_test=False)
            if model.has_access("read"):
                documents.append((model_name, model._search(domain).subselect()))
        return documents

    def _screen_log_domain(self):
        """Return which recorded contacts the stream shows."""
        return Domain("profile_id", "=", self.id)

    def _screen_stream_sources(self, kind, window):
        """Return one statement per source of the stream, each with kind, id and date.

        :param kind: see :meth:`get_screen_correspondence`
        :param SQL window: condition over ``(date, kind, id)`` and the tail that orders and limits
        """
        sources = []
        if kind in (None, "log"):
            logs = self.env["collection.contact.log"]
            if logs.has_access("read"):
                sources.append(
                    SQL(
                        "(SELECT * FROM (SELECT date, 'log' AS kind, id FROM"
                        " collection_contact_log WHERE id IN %s) AS log %s)",
                        logs._search(self._screen_log_domain()).subselect(),
                        window,
                    )
                )
        if kind in (None, "message"):
            sources += [
                SQL(
                    """(
                    SELECT * FROM (
                        SELECT date, 'message' AS kind, id
                          FROM mail_message
                         WHERE model = %(model)s AND res_id IN %(documents)s
                           AND (message_type NOT IN %(system)s OR (
                                mail_activity_type_id IS NOT NULL
                                AND model <> 'collection.case'))
                    ) AS message %(window)s)""",
                    model=model_name,
                    documents=documents,
                    system=SYSTEM_MESSAGES,
                    window=window,
                )
                for model_name, documents in self._screen_message_documents()
            ]
        return sources

    def _screen_stream(self, before=None, kind=None, limit=STREAM_PAGE):
        self.env.flush_all()
        cursor = SQL("TRUE")
        if before:
            date, before_kind, before_id = before
            cursor = SQL(
                "(date, kind, id) < (%s, %s, %s)",
                datetime.fromisoformat(date),
                before_kind,
                int(before_id),
            )
        window = SQL("WHERE %s ORDER BY date DESC, kind DESC, id DESC LIMIT %s", cursor, limit + 1)
        sources = self._screen_stream_sources(kind, window)
        rows = (
            self.env.execute_query(
                SQL(
                    "SELECT * FROM (%s) AS stream ORDER BY date DESC, kind DESC, id DESC LIMIT %s",
                    SQL(" UNION ALL ").join(sources),
                    limit + 1,
                )
            )
            if sources
            else []
        )
        more = len(rows) > limit
        rows = rows[:limit]
        by_kind = {}
        for _date, row_kind, row_id in rows:
            by_kind.setdefault(row_kind, []).append(row_id)
        entries = {
            **self._screen_message_entries(by_kind.get("message", [])),
            **self._screen_log_entries(by_kind.get("log", [])),
        }
        return {
            "kind": kind or False,
            "more": more,
            "cursor": [rows[-1][0].isoformat(), *rows[-1][1:]] if rows else False,
            "entries": [entries[row_kind, row_id] for _date, row_kind, row_id in rows],
        }

    def _screen_message_entries(self, message_ids):
        """Return {("message", id): what the stream shows of a message}."""
        # sudo: the documents were found under the user's own rights; asking once per document
        # instead of once per message keeps the screen fast
        messages = self.env["mail.message"].sudo().browse(message_ids)
        failed = {
            message.id
            for (message,) in self
            .env["mail.notification"]
            .sudo()  # sudo: whether a message shown here arrived
            ._read_group(
                [
                    ("mail_message_id", "in", message_ids),
                    ("notification_status", "in", ("bounce", "exception")),
                ],
                ["mail_message_id"],
            )
        }
        names = self._screen_record_names(messages)
        return {
            ("message", message.id): {
                "key": f"message-{message.id}",
                "kind": "message",
                "id": message.id,
                "date": message.date,
                "channel": self._screen_message_channel(message),
                "direction": self._screen_message_direction(message),
                "author": message.author_id.display_name or message.email_from or "",
                "to": message.partner_ids.mapped("name")[:3],
                "subject": message.subject or "",
                "preview": message.preview or "",
                "attachment_count": len(message.attachment_ids),
                "failed": message.id in failed,
                "model": message.model,
                "res_id": message.res_id,
                "document": names.get((message.model, message.res_id), ""),
            }
            for message in messages
        }

    @api.model
    def _screen_message_channel(self, message):
        if message.message_type == "sms":
            return "sms"
        if message.message_type == "snailmail":
            return "letter"
        if message.mail_activity_type_id:
            return "activity"
        if message.message_type == "comment" and self._screen_message_direction(message) == "note":
            return "note"
        return "email"

    @api.model
    def _screen_message_direction(self, message):
        if message.message_type == "email" or message.author_id.partner_share:
            return "in"
        if message.is_internal or message.subtype_id.internal or not message.subtype_id:
            return "note" if message.message_type not in ("sms", "snailmail") else "out"
        return "out"

    @api.model
    def _screen_record_names(self, messages):
        """Return {(model, id): name} of the documents messages hang on, one query per model."""
        names = {}
        for model_name, own in messages.grouped("model").items():
            # sudo: found under the user's rights, see above
            records = self.env[model_name].sudo().browse(own.mapped("res_id"))
            field = "name" if model_name in ("account.move", "collection.case") else "display_name"
            names.update({(model_name, record.id): record[field] for record in records})
        return names

    def _screen_log_entries(self, log_ids):
        """Return {("log", id): what the stream shows of a recorded contact}."""
        logs = self.env["collection.contact.log"].browse(log_ids)
        channels = dict(logs._fields["channel"]._description_selection(self.env))
        directions = dict(logs._fields["direction"]._description_selection(self.env))
        states = dict(logs._fields["agreed_state"]._description_selection(self.env))
        return {
            ("log", log.id): {
                "key": f"log-{log.id}",
                "kind": "log",
                "id": log.id,
                "date": log.date,
                "channel": log.channel,
                "channel_label": channels.get(log.channel, ""),
                "direction": log.direction,
                "direction_label": directions.get(log.direction, ""),
                "author": log.user_id.sudo().name or "",  # sudo: a colleague's name
                "contact": self._screen_ref(log.contact_id, "name"),
                "outcome": self._screen_ref(log.outcome_id),
                "duration": log.duration,
                "note": log.note or "",
                "agreed_note": log.agreed_note or "",
                "agreed": {
                    "date": log.agreed_date,
                    "amount": log.agreed_amount,
                    "currency_id": log.currency_id.id,
                    "way": self._screen_ref(log.agreed_way_id),
                    "state": log.agreed_state,
                    "state_label": states.get(log.agreed_state, ""),
                }
                if log.agreed_date or log.agreed_amount
                else False,
                "next_date": log.next_date,
                "next_summary": log.next_summary or "",
                "case": self._screen_ref(log.case_id, "name"),
            }
            for log in logs
        }
