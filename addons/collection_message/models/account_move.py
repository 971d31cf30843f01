# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _collection_invoice_pdf(self):
        """Return the PDF of the document; rendered and stored where there is none yet."""
        self.ensure_one()
        if self.invoice_pdf_report_id:
            return self.invoice_pdf_report_id
        main = self.message_main_attachment_id
        if main.mimetype == "application/pdf":
            return main
        report = self.env["account.move.send"]._get_default_pdf_report_id(self)
        # each alone: more than one per call trips the host's renderer
        content, _kind = (
            self
            .env["ir.actions.report"]
            .with_company(self.company_id)
            ._render_qweb_pdf(report.report_name, res_ids=self.ids)
        )
        attachment = self.env["ir.attachment"].create({
            "name": self._get_invoice_report_filename(report=report),
            "raw": content,
            "mimetype": "application/pdf",
            "res_model": self._name,
            "res_id": self.id,
            "res_field": "invoice_pdf_report_file",
        })
        self.invalidate_recordset(["invoice_pdf_report_id", "invoice_pdf_report_file"])
        return attachment
