# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import logging

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.pdf import merge_pdf

_logger = logging.getLogger(__name__)


class PaymentChargebackEvidence(models.Model):
    """One file that speaks for a charge."""

    _name = "payment.chargeback.evidence"
    _description = "Evidence of a Chargeback"
    _order = "chargeback_id, sequence, id"
    _rec_name = "name"

    chargeback_id = fields.Many2one(
        "payment.chargeback", "Chargeback", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="chargeback_id.company_id", string="Company")
    sequence = fields.Integer("Sequence", default=10)
    kind = fields.Selection(
        [
            ("statement", "Statement with the Correspondence"),
            ("invoice", "Invoice"),
            ("delivery", "Delivery"),
            ("correspondence", "Correspondence"),
            ("consent", "Mandate or Consent"),
            ("other", "Other"),
        ],
        "Kind",
        required=True,
        default="other",
    )
    attachment_id = fields.Many2one(
        "ir.attachment", "File", required=True, readonly=True, ondelete="cascade"
    )
    name = fields.Char("Name", related="attachment_id.name", readonly=False)
    datas = fields.Binary("Content", compute="_compute_datas", inverse="_inverse_datas")
    key = fields.Char(
        "Put Together As",
        readonly=True,
        help="Files with one are put together anew by themselves; those without were added by hand.",
    )
    provider_ref = fields.Char(
        "Provider's Number", readonly=True, copy=False, help="Where the provider has the file."
    )

    _key_once = models.UniqueIndex(
        "(chargeback_id, key) WHERE key IS NOT NULL", "This file is among the evidence already."
    )

    @api.depends("attachment_id")
    def _compute_datas(self):
        for row in self:
            row.datas = row.attachment_id.datas

    def _inverse_datas(self):
        for row in self:
            if row.attachment_id and row.datas:
                row.attachment_id.datas = row.datas

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("attachment_id"):
                continue
            if not vals.get("datas"):
                raise ValidationError(self.env._("Choose the file that is evidence."))
            attachment = self.env["ir.attachment"].create({
                "name": vals.get("name") or self.env._("Evidence"),
                "datas": vals.pop("datas"),
                "res_model": "payment.chargeback",
                "res_id": vals["chargeback_id"],
            })
            vals["attachment_id"] = attachment.id
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and {"attachment_id", "key", "provider_ref", "chargeback_id"} & set(
            vals
        ):
            raise ValidationError(self.env._("Add the file as new evidence instead."))
        return super().write(vals)

    def unlink(self):
        attachments = self.attachment_id
        res = super().unlink()
        attachments.exists().unlink()
        return res

    def _replace(self, name, content):
        """Put a newer version in the place of the file; the provider has not seen it."""
        self.ensure_one()
        if self.attachment_id.raw != content or self.attachment_id.name != name:
            self.attachment_id.write({"raw": content, "name": name})
            self.provider_ref = False

    def _merge(self):
        """Return the files that are PDF as one, or nothing.

        A file that cannot be read, such as one under a password, is left out.
        """
        merged = None
        for row in self.filtered(lambda one: one.attachment_id.mimetype == "application/pdf"):
            content = row.attachment_id.raw
            try:
                merged = merge_pdf([merged, content] if merged else [content])
            except Exception as error:
                # whatever the reader of a broken file ends with
                _logger.info("Evidence %s cannot be put with the others: %s", row.id, error)
        return merged
