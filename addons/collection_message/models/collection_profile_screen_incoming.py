# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The customer screen: what came in, wherever it landed, and what nobody has seen to yet."""

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL


class CollectionProfile(models.Model):
    _inherit = "collection.profile"

    def _screen_rights(self):
        return {
            **super()._screen_rights(),
            "handle_incoming": self.env["collection.incoming"].has_access("write"),
        }

    def _screen_log_domain(self):
        # what was sent or came in stands in the stream itself
        return (
            super()._screen_log_domain()
            & (Domain("message_id", "=", False) | Domain("message_id.mail_message_id", "=", False))
            & (Domain("received_id", "=", False) | Domain("received_id.message_id", "=", False))
        )

    def _screen_stream_sources(self, kind, window):
        sources = super()._screen_stream_sources(kind, window)
        if kind in (None, "message"):
            readable = self._screen_mail_elsewhere()
            if readable:
                sources.append(
                    SQL(
                        """(
                        SELECT * FROM (
                            SELECT date, 'message' AS kind, id
                              FROM mail_message WHERE id IN %(mails)s
                        ) AS message %(window)s)""",
                        mails=tuple(readable),
                        window=window,
                    )
                )
        return sources

    def _screen_mail_elsewhere(self):
        """Return the ids of mails from the customer on documents that the stream does not cover.

        Only documents the user may read count, since a message is as secret as its document.
        """
        # sudo: where the mails stand; whether the user may read that is asked below
        rows = self.env.execute_query(
            SQL(
                """
                SELECT message.model, message.res_id, message.id
                  FROM collection_incoming incoming
                  JOIN mail_message message ON message.id = incoming.message_id
                 WHERE incoming.profile_id = %s AND incoming.elsewhere
                """,
                self.id,
            )
        )
        if not rows:
            return []
        covered = dict(self._screen_message_documents())
        mails = {}
        for model_name, res_id, message_id in rows:
            mails.setdefault(model_name, {}).setdefault(res_id, []).append(message_id)
        readable = []
        for model_name, by_document in mails.items():
            if model_name not in self.env or not self.env[model_name].has_access("read"):
                continue
            model = self.env[model_name].with_context(active_test=False)
            found = set(model._search(Domain("id", "in", list(by_document))))
            if model_name in covered and found:
                shown = self.env.execute_query(
                    SQL(
                        "SELECT id FROM unnest(%s::int[]) AS document(id) WHERE id IN %s",
                        sorted(found),
                        covered[model_name],
                    )
                )
                found -= {row[0] for row in shown}
            for document_id in found:
                readable += by_document[document_id]
        return readable

    def _screen_message_entries(self, message_ids):
        entries = super()._screen_message_entries(message_ids)
        rows = self.env["collection.incoming"].search_fetch(
            [("message_id", "in", message_ids)], ["message_id", "kind", "state"]
        )
        labels = dict(rows._fields["kind"]._description_selection(self.env))
        for row in rows:
            entry = entries.get(("message", row.message_id.id))
            if entry:
                entry["direction"] = "in"
                entry["failed"] = row.kind == "bounce"
                entry["incoming"] = {
                    "id": row.id,
                    "kind": row.kind,
                    "label": labels[row.kind],
                    "unread": row.state == "unread",
                }
        return entries
