# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""The charging screen, the batch, the payment page and what the customer gets."""

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, JsonRpcException, new_test_user, tagged

from .common import ChargeCommon
from .common_access import TableOfRights


@tagged("post_install", "-at_install")
class TestScreen(ChargeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.operator = new_test_user(
            cls.env,
            "charge_operator",
            groups="payment_charge.group_charge_operator",
            company_id=cls.company.id,
            company_ids=[fields.Command.set(cls.company.ids)],
        )

    def open_screen(self, partner=None, user=None):
        """Open the screen as a user does, for a customer."""
        self.env.flush_all()
        Screen = self.env["payment.charge.screen"].with_user(user or self.operator)
        action = Screen._open(partner=partner and partner.with_user(Screen.env.user))
        return Screen.browse(action["res_id"])

    def test_an_operator_charges_what_is_due(self):
        self.card("done")
        due, later = self.invoice_of(100, due=-3), self.invoice_of(70, due=20)
        screen = self.open_screen(self.customer)
        self.assertEqual(screen.line_ids.filtered("picked").move_id, due)
        self.assertEqual(screen.amount, 100)
        with Form(screen) as form, form.line_ids.edit(1) as line:
            line.picked = True
        self.assertEqual(screen.amount, 170)
        screen.action_charge()
        self.assertEqual(screen.attempt_state, "succeeded")
        self.assertEqual(screen.attempt_id.user_id, self.operator)
        self.assertEqual((due | later).mapped("amount_residual"), [0, 0])

    def test_a_customer_is_found_on_the_screen(self):
        self.card("done")
        self.invoice_of(100)
        screen = self.open_screen()
        with Form(screen) as form:
            form.partner_id = self.customer
        self.assertEqual(screen.way_id.partner_id, self.customer)
        self.assertEqual(screen.amount, 100)

    def test_part_of_a_document_and_an_amount_on_account(self):
        self.card("done")
        invoice = self.invoice_of(100)
        screen = self.open_screen(self.customer)
        screen.amount = 40
        screen.action_charge()
        self.assertEqual(invoice.amount_residual, 60)
        screen = self.open_screen(self.customer)
        screen.write({"what": "amount", "amount": 25})
        screen.action_charge()
        self.assertEqual(invoice.amount_residual, 60)
        self.assertEqual(screen.attempt_id.amount, 25)

    def test_a_double_click_charges_once(self):
        self.card("done")
        self.invoice_of(100)
        screen = self.open_screen(self.customer)
        screen.action_charge()
        with self.assertRaises(UserError):
            screen.action_charge()
        self.assertEqual(self.asked(), 1)

    def test_a_refusal_is_told_in_words_with_what_to_do(self):
        self.card("expired_card")
        self.invoice_of(100)
        screen = self.open_screen(self.customer)
        screen.action_charge()
        self.assertEqual(screen.attempt_state, "failed")
        self.assertEqual(screen.attempt_reason_id.code, "expired_card")
        self.assertIn("new card", screen.attempt_advice)

    def test_the_screen_says_why_it_does_not_charge(self):
        self.card("pending")
        invoice = self.invoice_of(100)
        self.charge(invoice)
        screen = self.open_screen(self.customer)
        self.assertFalse(screen.line_ids.picked)
        screen.line_ids.picked = True
        self.assertIn("not over yet", screen.note)
        with self.assertRaises(UserError):
            screen.action_charge()
        self.assertEqual(self.asked(), 1)

    def test_a_new_card_is_entered_on_the_payment_page_only(self):
        invoice = self.invoice_of(100)
        screen = self.open_screen(self.customer)
        self.assertEqual(screen.how, "page", "no card is saved")
        screen.action_charge()
        attempt = screen.attempt_id
        self.assertEqual(attempt.state, "needs_customer")
        self.assertTrue(attempt.by_link)
        self.assertEqual(screen.action_open_page()["url"], attempt.link)
        fields_of_ours = [
            name
            for model in ("payment.charge.screen", "payment.charge.attempt", "payment.charge.way")
            for name in self.env[model]._fields
        ]
        for forbidden in ("card_number", "cvc", "cvv", "pan"):
            self.assertNotIn(forbidden, fields_of_ours)
        self.assertFalse(invoice.charge_document_ids.live, "the customer may pay in the portal")

    def test_the_payment_page_is_sent(self):
        self.invoice_of(100)
        screen = self.open_screen(self.customer)
        screen.how = "link"
        screen.action_charge()
        self.assertEqual(screen.attempt_mail_state, "sent")

    def test_from_an_invoice_and_from_invoices_of_many_customers(self):
        self.card("done")
        self.card("done", partner=self.other_customer)
        mine, others = self.invoice_of(100, due=9), self.invoice_of(50, partner=self.other_customer)
        action = mine.with_user(self.operator).action_open_charge_screen()
        screen = self.env["payment.charge.screen"].browse(action["res_id"])
        self.assertEqual(screen.line_ids.filtered("picked").move_id, mine)
        action = (mine | others).with_user(self.operator).action_open_charge_screen()
        self.assertEqual(action["res_model"], "payment.charge.batch")
        batch = self.env["payment.charge.batch"].browse(action["res_id"])
        self.assertEqual(batch.line_ids.partner_id, self.customer | self.other_customer)

    def test_the_receipt_is_sent_and_filed_at_the_customer(self):
        self.card("done")
        attempt = self.charge(self.invoice_of(100))
        self.assertEqual(attempt.mail_state, "to_send")
        self.run_cron("cron_send")
        self.assertEqual(attempt.mail_state, "sent")
        filed = self.env["ir.attachment"].search([
            ("res_model", "=", "res.partner"),
            ("res_id", "=", self.customer.id),
        ])
        self.assertEqual(len(filed), 1)
        self.assertIn(attempt.payment_id.name.replace("/", "-"), filed.name)
        self.assertIn(self.customer, attempt.payment_id.message_ids.partner_ids)
        self.run_cron("cron_send")
        self.assertEqual(len(attempt.payment_id.message_ids.filtered("subject")), 1)

    def test_without_an_address_the_receipt_is_filed(self):
        self.customer.email = False
        self.card("done")
        attempt = self.charge(self.invoice_of(100))
        self.run_cron("cron_send")
        self.assertEqual(attempt.mail_state, "filed")

    def test_what_was_interrupted_is_not_sent_again(self):
        self.card("done")
        attempt = self.charge(self.invoice_of(100))
        attempt._claim_message()
        self.run_cron("cron_send")
        self.assertEqual(attempt.mail_state, "sending")

    def test_the_customer_shows_charges_and_what_to_look_at(self):
        self.card("call_issuer")
        self.charge(self.invoice_of(100))
        customer = self.customer.with_user(self.operator)
        self.assertEqual((customer.charge_count, customer.charge_failed_count), (1, 1))
        attempts = self.Attempt.with_user(self.operator).search(
            customer.action_open_charges()["domain"]
        )
        self.assertEqual(len(attempts), 1)


@tagged("post_install", "-at_install")
class TestBatch(ChargeCommon):
    def test_a_batch_shows_what_will_happen_then_does_it(self):
        self.card("done")
        bad = self.env["res.partner"].create({"name": "Without a Card"})
        short = self.env["res.partner"].create({"name": "Short of Money"})
        self.card("insufficient_funds", partner=short)
        self.card("pending", partner=self.other_customer)
        running = self.invoice_of(5, partner=self.other_customer)
        self.charge(running)
        self.invoice_of(100)
        self.invoice_of(20, due=30)
        self.invoice_of(30, partner=bad)
        self.invoice_of(40, partner=short)
        batch = self.env["payment.charge.batch"].create({
            "partner_ids": [
                fields.Command.set((self.customer | bad | short | self.other_customer).ids)
            ],
        })
        batch.action_fill()
        by_partner = {line.partner_id: line for line in batch.line_ids}
        self.assertEqual(by_partner[self.customer].amount, 100, "what is not due is left out")
        self.assertIn("no way", by_partner[bad].problem)
        self.assertIn("not over yet", by_partner[self.other_customer].problem)
        self.assertEqual((batch.line_count, batch.problem_count), (2, 2))
        asked = self.asked()
        batch.action_confirm()
        self.assertEqual(self.asked(), asked, "the job does it")
        self.assertEqual(batch.progress, 0)
        self.run_cron("cron_submit")
        self.assertEqual(self.asked(), asked + 2)
        self.assertEqual(batch.progress, 100)
        self.assertEqual((batch.succeeded_count, batch.failed_count), (1, 1))
        self.assertEqual(by_partner[short].reason_id.code, "insufficient_funds")
        with self.assertRaises(UserError):
            batch.action_confirm()

    def test_what_is_still_planned_can_be_given_up(self):
        self.card("done")
        self.invoice_of(100)
        batch = self.env["payment.charge.batch"].create({
            "planned_on": fields.Date.add(self.today, days=3)
        })
        batch.action_fill()
        batch.action_confirm()
        batch.action_cancel()
        self.assertEqual(batch.attempt_ids.state, "cancelled")
        self.run_cron("cron_submit")
        self.assertEqual(self.asked(), 0)

    def test_one_charge_per_document(self):
        self.card("done")
        self.invoice_of(10)
        self.invoice_of(20)
        batch = self.env["payment.charge.batch"].create({"per_document": True})
        batch.action_fill()
        self.assertEqual(sorted(batch.line_ids.mapped("amount")), [10, 20])
        batch.line_ids.filtered(lambda line: line.amount == 10).taken = False
        batch.action_confirm()
        self.assertEqual(batch.attempt_ids.amount, 20)


@tagged("post_install", "-at_install")
class TestPage(ChargeCommon, HttpCase):
    def page(self):
        invoice = self.invoice_of(100)
        attempt = self.plan(invoice, by_link=True)
        attempt._wait_for_customer()
        return invoice, attempt

    def path(self, attempt):
        return attempt.link.removeprefix(attempt.company_id.get_base_url())

    def begin(self, attempt, **kwargs):
        token = attempt._page_token()
        return self.make_jsonrpc_request(
            f"/charge/transaction/{attempt.id}",
            {
                "provider_id": self.provider.id,
                "payment_method_id": self.payment_method_id,
                "token_id": None,
                "amount": 100,
                "flow": "redirect",
                "tokenization_requested": False,
                "landing_route": "/",
                "is_validation": False,
                "access_token": token,
                **kwargs,
            },
        )

    def test_the_customer_pays_on_the_page(self):
        invoice, attempt = self.page()
        path = self.path(attempt)
        answer = self.url_open(path)
        self.assertEqual(answer.status_code, 200)
        self.assertIn(invoice.name, answer.text)
        self.assertIn("o_payment_form", answer.text)
        self.begin(attempt, amount=1)
        transaction = attempt.transaction_id.sudo()
        self.assertEqual(transaction.amount, 100, "the amount is ours, not the browser's")
        self.assertEqual(transaction.invoice_ids, invoice)
        self.assertEqual(transaction.partner_id, self.customer)
        transaction._set_done()
        transaction._post_process()
        self.assertEqual(attempt.state, "succeeded")
        self.assertEqual(invoice.amount_residual, 0)
        self.assertEqual(len(self.payments_of()), 1)
        answer = self.url_open(path)
        self.assertIn("paid already", answer.text)
        with self.assertRaises(JsonRpcException):
            self.begin(attempt)

    def test_a_card_saved_on_the_page_is_a_way(self):
        _invoice, attempt = self.page()
        self.begin(attempt)
        transaction = attempt.transaction_id.sudo()
        transaction.token_id = self._create_token(partner_id=self.customer.id)
        transaction._set_done()
        self.follow_up()
        self.assertEqual(attempt.way_id.token_id, transaction.token_id)
        self.assertEqual(attempt.way_id.last_result, "succeeded")

    def test_after_a_refusal_the_customer_may_try_another_card(self):
        _invoice, attempt = self.page()
        self.begin(attempt)
        attempt.transaction_id.sudo()._set_error("Refused")
        self.follow_up()
        self.assertEqual(attempt.state, "needs_customer")
        self.begin(attempt)
        self.assertEqual(len(attempt.transaction_ids), 2)

    def test_a_link_opens_its_own_charge_only(self):
        _invoice, attempt = self.page()
        _other, another = self.page()
        wrong = f"/charge/pay/{attempt.id}?access_token={another._page_token()}"
        self.assertEqual(self.url_open(wrong).status_code, 404)
        self.assertEqual(self.url_open(f"/charge/pay/{attempt.id}").status_code, 404)
        with self.assertRaises(JsonRpcException):
            self.begin(attempt, access_token="guessed")

    def test_the_page_does_not_pay_what_was_paid(self):
        invoice, attempt = self.page()
        self.card("done")
        self.charge(invoice)
        answer = self.url_open(self.path(attempt))
        self.assertNotIn("o_payment_form", answer.text)
        self.follow_up()
        self.assertEqual(attempt.state, "cancelled")


@tagged("post_install", "-at_install")
class TestAccess(TableOfRights, ChargeCommon):
    rights = """
    model                        operator manager auditor invoicing internal portal
    payment.charge.attempt       r        r       r       r         -        -
    payment.charge.document      r        r       r       r         -        -
    payment.charge.transition    r        r       r       r         -        -
    payment.charge.way           rcw      rcwu    r       r         -        -
    payment.charge.batch         rcwu     rcwu    r       r         -        -
    payment.charge.batch.line    rcwu     rcwu    r       r         -        -
    payment.reason               r        rcwu    r       r         -        -
    payment.reason.mapping       r        rcwu    r       -         -        -
    payment.charge.schedule      r        rcwu    r       r         -        -
    payment.charge.schedule.line r        rcwu    r       r         -        -
    payment.charge.cap           r        rcwu    r       r         -        -
    payment.charge.screen        rcwu     rcwu    -       -         -        -
    payment.charge.screen.line   rcwu     rcwu    -       -         -        -
    payment.charge.refund        rcwu     rcwu    -       -         -        -
    payment.charge.resolve       rcwu     rcwu    -       -         -        -
    """

    def test_only_operators_charge(self):
        self.card("insufficient_funds")
        attempt = self.charge(self.invoice_of(100))
        for role in ("auditor", "invoicing"):
            for action in (
                "action_try_again",
                "action_cancel",
                "action_mark_handled",
                "action_ask",
            ):
                with self.subTest(role=role, action=action), self.assertRaises(AccessError):
                    getattr(attempt.with_user(self.users[role]), action)()
        self.assertEqual(self.asked(), 1)
        attempt.with_user(self.users["operator"]).action_try_again()
        self.assertEqual(self.asked(), 2)

    def test_nobody_writes_a_charge_past_its_methods(self):
        self.card("pending")
        attempt = self.charge(self.invoice_of(100))
        for role in ("operator", "manager"):
            with self.subTest(role), self.assertRaises(AccessError):
                attempt.with_user(self.users[role]).write({"state": "succeeded"})
        batch = self.env["payment.charge.batch"].create({})
        with self.assertRaises(AccessError):
            batch.with_user(self.users["operator"]).write({"state": "confirmed"})

    def test_companies_are_kept_apart(self):
        self.card("done")
        attempt = self.charge(self.invoice_of(100))
        other = self.setup_other_company(name="Rival Ltd")["company"]
        stranger = new_test_user(
            self.env,
            "charge_stranger",
            groups=self.groups["manager"],
            company_id=other.id,
            company_ids=[fields.Command.set(other.ids)],
        )
        for record in (attempt, attempt.document_ids, attempt.transition_ids, attempt.way_id):
            found = self.env[record._name].with_user(stranger).search([])
            self.assertFalse(found & record)
            with self.assertRaises(AccessError):
                record.with_user(stranger).read(["display_name"])

    def test_an_operator_sees_what_customers_owe_and_nothing_else_of_the_books(self):
        invoice = self.invoice_of(100)
        bill = self.env["account.move"].create({
            "move_type": "in_invoice",
            "partner_id": self.customer.id,
            "invoice_date": self.today,
            "invoice_line_ids": [fields.Command.create({"name": "Bill", "price_unit": 9})],
        })
        for role in ("operator", "auditor"):
            seen = self.env["account.move"].with_user(self.users[role]).search([])
            self.assertIn(invoice, seen)
            self.assertNotIn(bill, seen)
