# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class CollectionGuardMixin(models.AbstractModel):
    """Keeps what the ledger, the cycle and the methods of a model decide from other hands.

    What a view shows read-only stays so for whoever speaks to the server without the client.
    Methods that write such a field check what the user may do and then write with ``sudo()``.
    """

    _name = "collection.guard.mixin"
    _description = "Fields Kept by the Suite"

    def _fixed_fields(self):
        """Return the names of the fields that are given on creation and not changed by people."""
        return frozenset()

    def _has_field_access(self, field, operation):
        if operation == "write" and not self.env.su:
            kept = field.readonly and field.store and field.name not in models.MAGIC_COLUMNS
            if kept or (self and field.name in self._fixed_fields()):
                return False
        return super()._has_field_access(field, operation)
