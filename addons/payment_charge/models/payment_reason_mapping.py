# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models


class PaymentReasonMapping(models.Model):
    """An answer of a provider and the reason it stands for."""

    _name = "payment.reason.mapping"
    _description = "Answer of a Provider"
    _order = "sequence, id"
    _rec_name = "pattern"

    reason_id = fields.Many2one(
        "payment.reason", "Reason", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer("Sequence", default=10)
    provider_code = fields.Char(
        "Provider", help="The provider's technical code, such as stripe. Empty: any provider."
    )
    kind = fields.Selection(
        [("code", "Code Is"), ("text", "Message Contains")],
        "Compare",
        required=True,
        default="code",
    )
    pattern = fields.Char("Answer", required=True)

    _pattern_unique = models.UniqueIndex(
        "(COALESCE(provider_code, ''), kind, lower(pattern))",
        "This answer stands for a reason already.",
    )

    @api.model
    def _for_provider(self, provider_code):
        """Return what applies to a provider: its own rows first."""
        rows = self.search([
            ("reason_id.active", "=", True),
            ("provider_code", "in", (provider_code, False, "")),
        ])
        return rows.sorted(lambda row: not row.provider_code)

    def _is_code(self, code):
        self.ensure_one()
        return self.kind == "code" and self.pattern.strip().lower() == code.strip().lower()

    def _is_in(self, message):
        self.ensure_one()
        return self.kind == "text" and self.pattern.strip().lower() in (message or "").lower()
