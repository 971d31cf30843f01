# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        # the host deletes rows that break a unique key when it re-points them: what hangs on
        # the profiles of the merged customers has to be moved before
        self.env["collection.profile"]._merge_partners(src_partners, dst_partner)
        return super()._update_foreign_keys(src_partners, dst_partner)
