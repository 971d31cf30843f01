# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models

from odoo.addons.collection.models.res_partner import COLLECTION_GROUPS


class ResPartner(models.Model):
    _inherit = "res.partner"

    collection_no_phone = fields.Boolean(
        "No Calls",
        copy=False,
        groups=COLLECTION_GROUPS,
        help="Does not want to be called about open items. Set at a company, it applies to all "
        "of its people.",
    )
    collection_no_email = fields.Boolean(
        "No E-mails",
        copy=False,
        groups=COLLECTION_GROUPS,
        help="Does not want e-mails about open items.",
    )
    collection_no_sms = fields.Boolean(
        "No SMS",
        copy=False,
        groups=COLLECTION_GROUPS,
        help="Does not want SMS about open items.",
    )
    collection_no_letter = fields.Boolean(
        "No Letters",
        copy=False,
        groups=COLLECTION_GROUPS,
        help="Does not want letters about open items.",
    )
    collection_email_bounced = fields.Boolean(
        "Mail Comes Back",
        copy=False,
        groups=COLLECTION_GROUPS,
        help="A message to this address came back: nothing is sent there until the address is "
        "changed, or this mark is taken away.",
    )

    @api.model
    def _collection_opt_out_fields(self):
        """Return {channel: name of the field that says nobody is to be contacted by it}."""
        return {
            channel: f"collection_no_{channel}" for channel in ("phone", "email", "sms", "letter")
        }

    def _collection_reachable(self, channel):
        """Return whether there is an address or number for a channel."""
        self.ensure_one()
        if channel == "email":
            return bool(self.email_normalized)
        if channel in ("phone", "sms"):
            return bool(self.phone)
        return bool(self.street or self.commercial_partner_id.street)

    def write(self, vals):
        moved = self.browse()
        if "email" in vals and "collection_email_bounced" not in vals:
            # sudo: whoever corrects an address makes it good again
            moved = self.sudo().filtered(
                lambda partner: partner.collection_email_bounced and partner.email != vals["email"]
            )
        result = super().write(vals)
        if moved:
            moved.collection_email_bounced = False
        return result
