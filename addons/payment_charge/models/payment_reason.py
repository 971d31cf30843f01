# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models

CLASSES = [
    ("soft", "Try Again Later"),
    ("hard", "Another Way Only"),
    ("never", "Never Again"),
    ("person", "Needs a Person"),
]


class PaymentReason(models.Model):
    """Why a charge was refused, in one language for all providers, and what that means."""

    _name = "payment.reason"
    _description = "Reason of a Failed Charge"
    _order = "sequence, code"
    _rec_names_search = ["code", "name"]

    name = fields.Char("Reason", required=True, translate=True)
    code = fields.Char("Code", required=True, help="How programs and data files name the reason.")
    sequence = fields.Integer("Sequence", default=10)
    active = fields.Boolean("Active", default=True)
    reason_class = fields.Selection(
        CLASSES,
        "What It Means",
        required=True,
        default="person",
        help="Try Again Later: by the schedule. Another Way Only: this way is over for the "
        "document at hand. Never Again: the way may not be used any more, for nothing. Needs a "
        "Person: nothing happens by itself.",
    )
    needs_customer = fields.Boolean(
        "The Customer Must Act",
        help="The bank wants to hear from the customer, who is sent the payment page.",
    )
    advice = fields.Char(
        "What to Do", translate=True, help="Shown to the operator beside the reason."
    )
    mapping_ids = fields.One2many(
        "payment.reason.mapping", "reason_id", "Answers of Providers", copy=True
    )

    _code_unique = models.UniqueIndex("(code)", "There is a reason with this code already.")

    @api.depends("name", "code")
    def _compute_display_name(self):
        for reason in self:
            reason.display_name = reason.name or reason.code

    @api.model
    def _of(self, code):
        """Return the reason with that code, or none when it was taken away."""
        # sudo: what reasons mean is no secret, and whoever charges needs it
        return self.sudo().with_context(active_test=False).search([("code", "=", code)], limit=1)

    @api.model
    def _from_answer(self, provider_code, codes, message):
        """Return the reason that a provider's answer stands for.

        :param str provider_code: the provider's technical code
        :param codes: the provider's own codes, the most telling first
        :param str message: what the provider said in words
        """
        # sudo: see _of
        mappings = self.env["payment.reason.mapping"].sudo()._for_provider(provider_code)
        for code in codes:
            for mapping in mappings:
                if mapping._is_code(code) or mapping._is_in(code):
                    return mapping.reason_id
        for mapping in mappings:
            if mapping._is_in(message):
                return mapping.reason_id
        return self._of("other")
