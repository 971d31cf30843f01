# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""What follows a refusal: tries by the schedule, other cards, limits, and the end of it."""

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import ChargeCommon


@tagged("post_install", "-at_install")
class TestRetry(ChargeCommon):
    def test_decline_retry_fallback_success(self):
        """The story of one invoice: money short twice, card expired, the other card pays."""
        first = self.card("insufficient_funds", "insufficient_funds", "expired_card")
        second = self.card("done")
        invoice = self.invoice_of(100)
        attempt = self.charge(invoice)
        self.assertEqual(attempt.next_step, "retry")
        self.assertEqual(attempt.next_try_on, fields.Date.add(self.today, days=1))
        chain = attempt
        for _try in range(3):
            with self.later(days=1):
                self.run_cron("cron_submit")
            chain |= chain[-1].next_ids
        self.assertEqual(chain.mapped("state"), ["failed", "failed", "failed", "succeeded"])
        self.assertEqual(chain.way_id, first | second)
        self.assertEqual(chain[2].next_step, "next_way")
        self.assertEqual(chain[3].way_id, second)
        self.assertEqual(chain.mapped("number"), [1, 2, 3, 4])
        self.assertTrue(self.currency.is_zero(invoice.amount_residual))
        self.assertEqual(self.asked(), 4)
        self.assertEqual(first.last_result, "failed")
        self.assertFalse(chain.filtered("needs_attention"), "all is well in the end")

    def test_nothing_follows_by_itself_where_a_person_is_needed(self):
        self.card("call_issuer")
        attempt = self.charge(self.invoice_of(100))
        self.assertEqual((attempt.state, attempt.next_step), ("failed", "person"))
        self.assertFalse(attempt.next_ids)
        self.assertTrue(attempt.needs_attention)
        self.assertEqual(attempt.activity_ids.user_id, self.env.user)
        attempt.action_mark_handled()
        self.assertFalse(attempt.needs_attention)

    def test_a_stolen_card_is_never_charged_again(self):
        way = self.card("lost_or_stolen")
        attempt = self.charge(self.invoice_of(100))
        self.assertEqual((attempt.next_step, attempt.next_why), ("stop", "never"))
        self.assertFalse(way.in_force)
        other = self.charge(self.invoice_of(50))
        self.assertEqual((other.state, other.reason_id.code), ("failed", "no_way"))
        self.assertEqual(self.asked(), 1)
        way.action_unblock()
        self.assertTrue(way.in_force)

    def test_the_bank_wants_the_customer(self):
        self.card("authentication_required")
        attempt = self.charge(self.invoice_of(100))
        self.assertEqual(attempt.state, "needs_customer")
        self.assertTrue(attempt.link)
        self.assertEqual(attempt.mail_state, "to_send")
        self.run_cron("cron_send")
        self.assertEqual(attempt.mail_state, "sent")
        mail = attempt.message_ids.filtered(lambda message: message.subject)
        self.assertIn("/charge/pay/", mail.body)

    def test_a_charge_by_hand_is_not_tried_again_by_itself(self):
        self.card("insufficient_funds", "done")
        attempt = self.charge(self.invoice_of(100), retry=False)
        self.assertEqual((attempt.next_step, attempt.next_why), ("stop", "by_hand"))
        self.assertFalse(attempt.next_ids)
        attempt.action_try_again()
        self.assertEqual(attempt.next_ids.state, "succeeded")
        self.assertFalse(attempt.needs_attention)

    def test_trying_again_by_hand_brings_the_planned_try_forward(self):
        self.card("insufficient_funds", "done")
        attempt = self.charge(self.invoice_of(100))
        attempt.action_try_again()
        self.assertEqual(len(attempt.next_ids), 1)
        self.assertEqual(attempt.next_ids.state, "succeeded")
        self.assertEqual(self.asked(), 2)

    def test_a_failure_is_tried_again_once(self):
        self.card("insufficient_funds", "done")
        attempt = self.charge(partner_id=self.customer.id, amount=50, retry=False)
        attempt.action_try_again()
        with self.assertRaises(UserError):
            attempt.action_try_again()
        self.assertEqual(self.asked(), 2)

    def test_a_retry_that_was_cancelled_may_be_asked_for_again(self):
        self.card("insufficient_funds", "done")
        attempt = self.charge(self.invoice_of(100))
        attempt.next_ids.action_cancel()
        attempt.action_try_again()
        self.assertEqual(sorted(attempt.next_ids.mapped("state")), ["cancelled", "succeeded"])

    def test_what_was_paid_otherwise_is_tried_no_more(self):
        self.card("insufficient_funds", "done")
        invoice = self.invoice_of(100)
        attempt = self.charge(invoice)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({})._create_payments()
        self.follow_up()
        self.assertEqual(attempt.next_ids.state, "cancelled")
        self.assertTrue(attempt.handled)

    def test_the_networks_limits_hold_for_charges_by_hand_too(self):
        way = self.card("insufficient_funds")
        self.env["payment.charge.cap"].search([]).unlink()
        self.env["payment.charge.cap"].create({"network": "*", "tries": 2, "hours": 24})
        for _invoice in range(2):
            self.charge(self.invoice_of(10), retry=False, way_id=way.id)
        third = self.charge(self.invoice_of(10), retry=False, way_id=way.id)
        self.assertEqual(self.asked(), 2)
        self.assertEqual(third.state, "planned")
        self.assertGreater(third.planned_on, self.today)
        self.assertIn("no more tries", third.trouble)

    def test_a_schedule_of_the_company_goes_before_the_common_one(self):
        self.card("insufficient_funds")
        self.env["payment.charge.schedule"].create({
            "name": "Ours",
            "sequence": 1,
            "company_id": self.company.id,
            "reason_class": "soft",
            "line_ids": [fields.Command.create({"days": 9})],
        })
        attempt = self.charge(self.invoice_of(100))
        self.assertEqual(attempt.next_try_on, fields.Date.add(self.today, days=9))

    def test_working_days_only(self):
        self.company.country_id = self.env.ref("base.gr")
        schedule = self.env.ref("payment_charge.schedule_card_soft")
        schedule.working_days = True
        for day in range(7):
            schedule.line_ids[0].days = day + 1
            partner = self.env["res.partner"].create({"name": f"Customer {day}"})
            self.card("insufficient_funds", partner=partner)
            attempt = self.charge(self.invoice_of(10, partner=partner))
            self.assertLess(attempt.next_try_on.weekday(), 5)

    def test_answers_of_providers_become_reasons(self):
        Reason = self.env["payment.reason"]
        answers = {
            ("stripe", ("insufficient_funds", "card_declined"), ""): "insufficient_funds",
            ("stripe", ("card_declined",), "Your card was declined."): "do_not_honor",
            ("stripe", ("stolen_card",), ""): "lost_or_stolen",
            ("stripe", ("authentication_required",), ""): "authentication_required",
            ("adyen", ("6", "Expired Card"), ""): "expired_card",
            ("adyen", ("12",), "Your payment was refused. Please try again."): "insufficient_funds",
            ("adyen", ("03 : Do not try again", "2"), ""): "do_not_try_again",
            ("authorize", (), "The credit card has expired."): "expired_card",
            ("authorize", (), "A duplicate transaction has been submitted."): "duplicate",
            (
                "demo",
                (),
                "You selected the following demo payment status: error",
            ): "insufficient_funds",
            ("xendit", ("AM04",), ""): "bank_insufficient_funds",
            ("xendit", ("MD01",), ""): "bank_no_mandate",
            ("xendit", ("whatever",), "Your card has insufficient funds."): "insufficient_funds",
            ("xendit", ("whatever",), "Computer says no"): "other",
        }
        for (provider, codes, message), expected in answers.items():
            with self.subTest(provider=provider, codes=codes, message=message):
                self.assertEqual(Reason._from_answer(provider, codes, message).code, expected)
        self.assertEqual(Reason._of("other").reason_class, "person")

    def test_a_company_maps_an_answer_of_its_own(self):
        self.card("E77")
        reason = self.env["payment.reason"]._of("insufficient_funds")
        reason.mapping_ids = [
            fields.Command.create({"provider_code": "none", "kind": "code", "pattern": "e77"})
        ]
        attempt = self.charge(self.invoice_of(100))
        self.assertEqual(attempt.reason_id, reason)


@tagged("post_install", "-at_install")
class TestWays(ChargeCommon):
    def test_a_saved_card_is_a_way_and_a_removed_one_is_none(self):
        way = self.card("done")
        self.assertEqual(way.partner_id, self.customer)
        self.assertTrue(way.is_default)
        way.token_id.sudo().active = False
        self.assertFalse(way.active)
        self.assertFalse(self.customer._charge_ways(self.company))

    def test_the_list_of_the_customer_is_the_order(self):
        first, second = self.card(), self.card()
        self.assertEqual(self.customer._charge_ways(self.company), first | second)
        second.action_make_default()
        self.assertEqual(self.customer._charge_ways(self.company)[0], second)
        second.valid_until = fields.Date.add(self.today, days=-1)
        self.assertEqual(self.customer._charge_ways(self.company), first)
        self.assertIn("expired", second.why_not)
        Way = self.env["payment.charge.way"]
        mine = [("partner_id", "=", self.customer.id)]
        self.assertEqual(Way.search([*mine, ("in_force", "=", True)]), first)
        self.assertEqual(Way.search([*mine, ("in_force", "=", False)]), second)

    def test_a_standing_order_has_a_list_of_its_own(self):
        first, second = self.card(), self.card()
        order = self.env["res.partner.category"].create({"name": "Order"})
        own = self.env["payment.charge.way"].create({
            "partner_id": self.customer.id,
            "company_id": self.company.id,
            "token_id": second.token_id.id,
            "res_model": order._name,
            "res_id": order.id,
        })
        self.assertEqual(self.customer._charge_ways(self.company, order), own)
        self.assertEqual(self.customer._charge_ways(self.company), first | second)
        attempt = self.charge(self.invoice_of(10), source=order)
        self.assertEqual(attempt.way_id, own)

    def test_the_card_of_another_customer_is_refused(self):
        way = self.card(partner=self.other_customer)
        with self.assertRaises(ValidationError):
            self.env["payment.charge.way"].create({
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "token_id": way.token_id.id,
            })

    def test_a_provider_that_only_reserves_amounts_is_not_charged(self):
        way = self.card()
        self.provider.capture_manually = True
        way.invalidate_recordset()
        self.assertFalse(way.in_force)

    def test_a_way_that_cannot_be_charged_is_replaced_by_the_next(self):
        first, second = self.card(), self.card()
        attempt = self.plan(self.invoice_of(100))
        self.assertEqual(attempt.way_id, first)
        first.valid_until = fields.Date.add(self.today, days=-1)
        attempt._submit()
        self.assertEqual(attempt.state, "succeeded")
        self.assertEqual(attempt.way_id, second)

    def test_a_currency_the_provider_does_not_charge(self):
        self.card()
        euro, dollar = self.currency_euro, self.currency_usd
        other = euro if self.currency == dollar else dollar
        self.provider.available_currency_ids = [fields.Command.set(other.ids)]
        attempt = self.charge(self.invoice_of(100))
        self.assertEqual((attempt.state, attempt.reason_id.code), ("failed", "no_way"))
        self.assertEqual(self.asked(), 0)
