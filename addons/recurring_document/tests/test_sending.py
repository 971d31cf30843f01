# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""When documents are sent, and that each is sent once."""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import RecurringCommon


@tagged("post_install", "-at_install")
class TestSending(RecurringCommon):
    def setUp(self):
        super().setUp()
        self.sent = []
        sent = self.sent

        def send(_model, moves, **settings):
            sent.extend(moves.ids)

        self.patch(type(self.env["account.move.send"]), "_generate_and_send_invoices", send)

    def test_as_soon_as_it_is_issued(self):
        self.day("2027-01-01")
        document = self.recurring(charge=False, send_when="issued")
        self.bill()
        self.assertEqual(document.period_ids.send_state, "waiting")
        self.run_job("cron_send")
        self.run_job("cron_send")
        self.assertEqual(document.period_ids.send_state, "sent")
        self.assertEqual(self.sent, document.period_ids.move_id.ids)

    def test_after_the_charge(self):
        self.card("done")
        self.day("2027-01-01")
        document = self.recurring(send_when="charged")
        self.bill()
        self.run_job("cron_send")
        self.assertEqual(self.sent, [])
        self.carry_out_charges()
        self.run_job("cron_send")
        self.assertEqual(self.sent, document.period_ids.move_id.ids)

    def test_after_the_refusal_as_well(self):
        self.card("expired_card")
        self.day("2027-01-01")
        document = self.recurring(send_when="charged")
        self.bill()
        self.carry_out_charges()
        self.run_job("cron_send")
        self.assertEqual(self.sent, document.period_ids.move_id.ids)

    def test_without_a_charge_at_once(self):
        self.day("2027-01-01")
        document = self.recurring(charge=False, send_when="charged")
        self.bill()
        self.run_job("cron_send")
        self.assertEqual(self.sent, document.period_ids.move_id.ids)

    def test_a_direct_charge_sends_its_invoice(self):
        self.card("done")
        self.day("2027-01-01")
        document = self.recurring(method="direct", send_when="charged")
        self.bill()
        self.carry_out_charges()
        self.run_job("cron_send")
        self.assertEqual(self.sent, document.period_ids.move_id.ids)

    def test_an_interrupted_message_is_not_sent_again_by_itself(self):
        self.day("2027-01-01")
        document = self.recurring(charge=False, send_when="issued")
        self.bill()
        document.period_ids.sudo().send_state = "sending"
        self.run_job("cron_send")
        self.assertEqual(document.period_ids.send_state, "unsure")
        self.assertEqual(self.sent, [])
        document.period_ids.action_send_again()
        self.run_job("cron_send")
        self.assertEqual(len(self.sent), 1)

    def test_a_failure_is_told_and_stops_no_other(self):
        self.day("2027-01-01")
        bad = self.recurring(charge=False, send_when="issued")
        good = self.recurring(charge=False, send_when="issued")
        self.bill()
        sent = self.sent

        def send(_model, moves, **settings):
            if moves in bad.period_ids.move_id:
                raise UserError(self.env._("No PDF."))
            sent.extend(moves.ids)

        with patch.object(type(self.env["account.move.send"]), "_generate_and_send_invoices", send):
            self.run_job("cron_send")
        self.assertEqual(bad.period_ids.send_state, "failed")
        self.assertIn("No PDF", bad.period_ids.send_error)
        self.assertEqual(good.period_ids.send_state, "sent")

    def test_who_has_no_address_is_not_written_to(self):
        self.day("2027-01-01")
        document = self.recurring(
            charge=False, send_when="issued", partner_id=self.other_customer.id
        )
        self.bill()
        self.assertEqual(document.period_ids.send_state, "none")

    def test_a_request_is_sent(self):
        self.day("2027-01-01")
        document = self.recurring(charge=False, send_when="issued", document_kind="proforma")
        self.bill()
        with patch.object(
            type(self.env["payment.request"]), "_notify_thread", lambda *args, **kwargs: []
        ):
            self.run_job("cron_send")
        self.assertEqual(document.period_ids.send_state, "sent")
        messages = document.period_ids.request_id.message_ids.filtered("subject")
        self.assertEqual(len(messages), 1)

    def test_what_is_paid_before_the_charge_is_sent_all_the_same(self):
        self.card("done")
        self.day("2027-01-01")
        document = self.recurring(send_when="charged", charge_offset=5)
        self.bill()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=document.period_ids.move_id.ids
        ).create({})._create_payments()
        self.day("2027-01-06")
        self.run_job("cron_run")
        self.run_job("cron_send")
        self.assertEqual(self.sent, document.period_ids.move_id.ids)
