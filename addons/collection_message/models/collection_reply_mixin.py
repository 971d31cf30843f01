# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class CollectionReplyMixin(models.AbstractModel):
    """Has people answer to the alias of collections, which also knows mail without references."""

    _name = "collection.reply.mixin"
    _description = "Answered Through the Collections Alias"

    def _notify_get_reply_to_batch(self, defaults=None, author_ids=None):
        addresses = super()._notify_get_reply_to_batch(defaults=defaults, author_ids=author_ids)
        for company, records in self.grouped("company_id").items():
            alias = company._collection_alias_email()
            if not alias:
                continue
            for record in records:
                addresses[record.id] = self._notify_get_reply_to_formatted_email(
                    alias, author_id=(author_ids or {}).get(record.id, False)
                )
        return addresses
