# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models
from odoo.tools import urls

from odoo.addons.payment import utils as payment_utils


class PaymentLinkWizard(models.TransientModel):
    _inherit = "payment.link.wizard"

    def _of_request(self):
        return self.res_model == "payment.request"

    def _prepare_url(self, base_url, related_document):
        if not self._of_request():
            return super()._prepare_url(base_url, related_document)
        return urls.urljoin(base_url, related_document.get_portal_url())

    def _prepare_query_params(self, related_document):
        if not self._of_request():
            return super()._prepare_query_params(related_document)
        return {
            "amount": self.amount,
            "payment_token": self._prepare_access_token(),
            "payment": True,
        }

    def _prepare_access_token(self):
        if not self._of_request():
            return super()._prepare_access_token()
        return payment_utils.generate_access_token(
            "payment.request", self.res_id, self.amount, env=self.env
        )

    def _prepare_anchor(self):
        if not self._of_request():
            return super()._prepare_anchor()
        return "#portal_pay"
