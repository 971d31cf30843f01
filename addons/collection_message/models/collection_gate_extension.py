# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models
from odoo.tools import format_date

from .collection_gate import GateReason


class CollectionGate(models.AbstractModel):
    _inherit = "collection.gate"

    def _gate_checks(self):
        checks = super()._gate_checks()
        place = checks.index("_gate_check_items") + 1
        return [*checks[:place], "_gate_check_granted", *checks[place:]]

    def _gate_check_granted(self, verdicts):
        """Drop items from reminders whose customer was given more time."""
        for verdict in verdicts:
            if verdict.request.kind != "overdue":
                continue
            today = verdict.request.profile.company_id._collection_today()
            extended = verdict.items.filtered(
                lambda item, today=today: (
                    item.granted_date
                    and item.date_maturity
                    and item.date_maturity < today <= item.date_due
                )
            )
            if not extended:
                continue
            reasons = [
                GateReason(
                    "extended",
                    self.env._(
                        "%(item)s has been extended until %(day)s.",
                        item=item.display_name,
                        day=format_date(self.env, item.date_due),
                    ),
                    None,
                    item.id,
                )
                for item in extended
            ]
            verdict.dropped.extend(reasons)
            verdict.items -= extended
            if not verdict.items:
                verdict.reasons.extend(reasons)
