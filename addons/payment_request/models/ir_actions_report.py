# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models

REPORT = "payment_request.report_request"


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        """Print each request in its customer's language, and from right to left where that is so.

        One by one as well because not every build of wkhtmltopdf takes several documents at once.
        """
        if self._get_report(report_ref).report_name != REPORT or not res_ids:
            return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids=res_ids)
        streams = {}
        for request in self.env["payment.request"].browse(res_ids):
            report = self.with_context(lang=request._print_lang())
            streams.update(
                super(IrActionsReport, report)._render_qweb_pdf_prepare_streams(
                    report_ref, dict(data or {}), res_ids=request.ids
                )
            )
        return streams

    def _render_qweb_html(self, report_ref, docids, data=None):
        if self._get_report(report_ref).report_name == REPORT and docids and len(docids) == 1:
            lang = self.env["payment.request"].browse(docids)._print_lang()
            self = self.with_context(lang=lang)
        return super()._render_qweb_html(report_ref, docids, data=data)
