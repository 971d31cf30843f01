# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import tagged

from .common import SumitCommon


@tagged("post_install", "-at_install")
class TestSumitNeutralize(SumitCommon):
    """A copy of a database reaches nobody's cards."""

    def test_a_copy_has_no_keys_and_asks_for_nothing(self):
        token = self.saved_card()
        self.sumit.write({"sumit_public_key": "public", "sumit_merchant_number": "0123456"})
        self.env.flush_all()
        for query in get_neutralization_queries(["payment_sumit"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.assertFalse(
            self.sumit.sumit_company
            or self.sumit.sumit_api_key
            or self.sumit.sumit_public_key
            or self.sumit.sumit_merchant_number
        )
        self.assertFalse(self.env.ref("payment_sumit.ir_cron_sumit_ask").active)
        transaction = self.charge(token)
        self.assertEqual(transaction.state, "error")
        self.assertIn("missing", transaction.state_message)
        self.assertFalse(self.fake.requests)
