# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Cards that are renewed, replaced, cancelled, and that expire."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..core.cards import CANCELLED, REPLACED, UPDATED, Card, CardUpdate
from .common import ChargebackCommon


@tagged("post_install", "-at_install")
class TestCards(ChargebackCommon):
    def setUp(self):
        super().setUp()
        self.company.card_expiry_days = 30

    def saved(self, days=None, ref="tok_1", partner=None, **vals):
        """Return a saved card whose last good day is about so many days from today."""
        way = self.card("done", partner=partner, **vals)
        token = way.token_id
        token.sudo().provider_ref = ref
        if days is not None:
            self.expires(token, fields.Date.add(self.today, days=days))
        return token

    def expires(self, token, day):
        """Have a card end on a day, which need not be the last one of a month."""
        token._card_write(Card(day.month, day.year, "visa"))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE payment_token SET card_expires_on = %s WHERE id = %s", [day, token.id]
        )
        self.env.invalidate_all()

    def news(self, change, ref="tok_1", minute=0, **vals):
        """Return a change that a provider tells."""
        return CardUpdate(
            f"event {next(self.numbers)}",
            fields.Datetime.now().replace(microsecond=0) + timedelta(minutes=minute),
            change,
            ref,
            vals.pop("card", Card(4, 2035, "visa", "9999")),
            **vals,
        )

    def receive(self, update):
        return self.Event._receive(self.provider, update.event_ref, update)

    def notices(self):
        return self.env["payment.card.notice"].search([])

    # ------------------------------------------------------------
    # RENEWAL
    # ------------------------------------------------------------

    def test_a_renewed_card_keeps_its_token_and_its_place(self):
        token = self.saved(days=5, payment_details="1234")
        ways = token.charge_way_ids
        before = (ways.ids, ways.sequence)
        event = self.receive(self.news(UPDATED))
        self.assertEqual((event.state, event.token_id), ("done", token))
        self.assertEqual(token._card(), Card(4, 2035, "visa", "9999"))
        self.assertEqual(str(token.card_expires_on), "2035-04-30")
        self.assertEqual(token.payment_details, "9999", "the customer sees the new digits")
        self.assertEqual((token.charge_way_ids.ids, token.charge_way_ids.sequence), before)
        self.assertEqual(token.card_state, "good")

    def test_the_same_news_twice_and_older_news_change_nothing(self):
        token = self.saved()
        update = self.news(UPDATED, minute=5)
        self.receive(update)
        self.assertFalse(self.receive(update))
        event = self.receive(self.news(UPDATED, minute=1, card=Card(1, 2027, "visa", "0000")))
        self.assertEqual((event.state, token.card_last4), ("outdated", "9999"))

    def test_a_replaced_card_takes_every_place_of_the_old_one(self):
        source = self.env["res.partner.category"].create({"name": "Monthly fee"})
        other = self.card("done")
        token = self.saved(days=5)
        own = self.env["payment.charge.way"].create({
            "partner_id": self.customer.id,
            "company_id": self.company.id,
            "token_id": token.id,
            "res_model": source._name,
            "res_id": source.id,
        })
        token.charge_way_ids.filtered(lambda way: not way.res_model).action_make_default()
        before = self.customer._charge_ways(self.company).mapped("id")
        self.receive(self.news(REPLACED, new_ref="tok_2"))
        new = token.card_replaced_by_id
        self.assertEqual((new.provider_ref, new.card_last4, new.active), ("tok_2", "9999", True))
        self.assertEqual(new.partner_id, token.partner_id)
        self.assertEqual((token.active, token.card_state), (False, "cancelled"))
        self.assertEqual(self.customer._charge_ways(self.company).mapped("id"), before)
        self.assertEqual(self.customer._charge_ways(self.company).token_id, new | other.token_id)
        self.assertEqual(self.customer._charge_ways(self.company, source), own)
        self.assertEqual(own.token_id, new)
        self.line.script[new.id] = ["done"]
        attempt = self.charge(self.invoice_of(20), source=source)
        self.assertEqual((attempt.state, attempt.token_id), ("succeeded", new))

    def test_a_replacement_that_the_customer_saved_before(self):
        token = self.saved()
        token.charge_way_ids.action_make_default()
        new = self.saved(ref="tok_2")
        self.receive(self.news(REPLACED, new_ref="tok_2"))
        self.assertEqual(token.card_replaced_by_id, new)
        ways = self.customer._charge_ways(self.company)
        self.assertEqual(ways.token_id, new)
        self.assertEqual(len(ways), 1)

    def test_a_cancelled_card_is_charged_no_more_and_its_owner_asked_for_another(self):
        token = self.saved(days=400)
        self.receive(self.news(CANCELLED))
        self.assertFalse(token.active)
        self.assertFalse(self.customer._charge_ways(self.company))
        self.assertEqual(token.card_state, "cancelled")
        self.run_job("cron_card_notice")
        notice = self.notices()
        self.assertEqual((notice.cause, notice.state), ("cancelled", "sent"))
        self.receive(self.news(CANCELLED, minute=3))
        self.assertEqual(len(self.notices()), 1)

    def test_news_of_cards_that_were_never_saved_here(self):
        event = self.receive(self.news(UPDATED, ref="unheard of"))
        self.assertEqual((event.state, event.activity_ids.ids), ("dismissed", []))

    def test_a_provider_is_asked_by_the_job(self):
        token = self.saved(days=5)
        old_news, asked = self.news(UPDATED), []

        def answer(provider, since):
            if provider != self.provider:
                raise UserError(provider.env._("No connection."))
            asked.append(since)
            return [old_news]

        Provider = type(self.env["payment.provider"])
        logger = "odoo.addons.payment_chargeback.models.payment_provider"
        self.provider.copy({"state": "test", "company_id": self.company.id})
        with patch.object(Provider, "_card_updates", answer), mute_logger(logger):
            self.run_job("cron_card_updates")
            first_time = self.provider.card_updates_on
            self.run_job("cron_card_updates")
        self.assertEqual(token.card_last4, "9999")
        self.assertEqual(len(self.Event.search([("token_id", "=", token.id)])), 1)
        self.assertEqual(len(asked), 2)
        self.assertLess(asked[0], asked[1])
        self.assertLess(asked[1], first_time, "what is listed late is not missed")

    # ------------------------------------------------------------
    # WHAT IS KNOWN
    # ------------------------------------------------------------

    def test_a_person_types_what_the_provider_does_not_tell(self):
        token = self.saved(payment_details="•••• 1234")
        self.assertEqual(token.card_last4, "1234")
        wizard = self.env["payment.card.edit"].create({"token_id": token.id})
        self.assertEqual(wizard.last4, "1234")
        wizard.write({"month": 2, "year": 28})
        wizard.action_save()
        self.assertEqual(str(token.card_expires_on), "2028-02-29")
        for wrong in ({"month": 13}, {"last4": "42424242"}, {"last4": "12a4"}, {"year": 1950}):
            with self.assertRaises(ValidationError):
                wizard.write(wrong)

    def test_a_card_saved_on_the_page_comes_with_its_expiry(self):
        transaction = self._create_transaction(
            "direct", tokenize=True, provider_reference="pi_1", partner_id=self.customer.id
        )
        answer = {"additionalData": {"expiryDate": "3/2030", "cardSummary": "1111"}}
        Transaction = type(transaction)
        with (
            patch.object(
                Transaction,
                "_extract_token_values",
                lambda _self, _data: {"provider_ref": "x", "payment_details": "1111"},
            ),
            patch(
                "odoo.addons.payment_chargeback.core.cards.READERS",
                {self.provider.code: lambda data: Card(3, 2030, "visa", "1111")},
            ),
        ):
            transaction._tokenize(answer)
        token = transaction.token_id
        self.assertEqual(token._card(), Card(3, 2030, "visa", "1111"))
        self.assertTrue(token.charge_way_ids)

    def test_what_another_add_on_keeps_of_its_cards_is_taken_over(self):
        token = self.saved()
        if "sumit_expiry_month" not in token._fields:
            self.skipTest("The add-on of SUMIT is not installed")
        kept = {self.provider.code: ("sumit_expiry_month", "sumit_expiry_year", "sumit_brand")}
        with patch("odoo.addons.payment_chargeback.models.payment_token.KEPT_BY", kept):
            token.sudo().write({"sumit_expiry_month": 7, "sumit_expiry_year": 31})
        self.assertEqual(str(token.card_expires_on), "2031-07-31")

    def test_expired_cards_are_left_out_unless_the_company_charges_them(self):
        token = self.saved(days=-3)
        way = token.charge_way_ids
        self.assertFalse(way.in_force)
        self.assertIn("expired", way.why_not)
        Way = self.env["payment.charge.way"]
        self.assertNotIn(way, Way.search([("in_force", "=", True)]))
        self.company.card_charge_expired = True
        way.invalidate_recordset()
        self.assertTrue(way.in_force)
        self.assertIn(way, Way.search([("in_force", "=", True)]))

    def test_the_list_of_cards_at_risk(self):
        cards = {
            "good": self.saved(days=200),
            "unknown": self.saved(),
            "expiring": self.saved(days=10),
            "expired": self.saved(days=-1),
            "declined": self.saved(days=200),
            "disputed": self.saved(days=-200),
            "cancelled": self.saved(days=10, ref="gone"),
        }
        lost = self.env["payment.reason"]._of("lost_or_stolen")
        cards["declined"].charge_way_ids._block(lost)
        self.company.card_charge_expired = True
        attempt, _invoice = self.charged(way=cards["disputed"].charge_way_ids)
        self.write_down(attempt)
        self.receive(self.news(CANCELLED, ref="gone"))
        Token = self.env["payment.token"].with_context(active_test=False)
        ours = [("id", "in", [token.id for token in cards.values()])]
        for state, token in cards.items():
            with self.subTest(state):
                self.assertEqual(token.card_state, state)
                self.assertEqual(Token.search([("card_state", "=", state), *ours]), token)
        risky = Token.search([
            ("card_state", "in", ("expiring", "expired", "declined", "disputed", "cancelled")),
            *ours,
        ])
        self.assertEqual(len(risky), 5)

    def test_a_card_refused_as_stolen_is_at_risk(self):
        token = self.saved(days=200)
        self.line.script[token.id] = ["lost_or_stolen"]
        self.charge(self.invoice_of(10), way_id=token.charge_way_ids.id)
        token.invalidate_recordset()
        state = token.charge_way_ids.last_reason_id.reason_class
        self.assertEqual(token.card_state, "declined" if state == "never" else "good")

    # ------------------------------------------------------------
    # MESSAGES
    # ------------------------------------------------------------

    def test_a_customer_is_told_once_per_card_and_expiry(self):
        token = self.saved(days=20)
        self.saved(days=31, ref="later")
        self.saved(ref="unknown")
        before = len(self.customer.message_ids)
        self.run_job("cron_card_notice")
        self.run_job("cron_card_notice")
        notice = self.notices()
        self.assertEqual((notice.token_id, notice.state), (token, "sent"))
        messages = self.customer.message_ids
        self.assertEqual(len(messages), before + 1)
        self.assertIn("/my/payment_method", messages[0].body)
        self.assertIn(self.customer, messages[0].notified_partner_ids | messages[0].partner_ids)
        self.assertEqual(token.card_told, "sent")
        # renewed, and a long time later it ends again
        self.receive(self.news(UPDATED))
        self.run_job("cron_card_notice")
        self.assertEqual(len(self.notices()), 1)
        self.expires(token, fields.Date.add(self.today, days=12))
        self.run_job("cron_card_notice")
        self.assertEqual(self.notices().mapped("state"), ["sent", "sent"])

    def test_who_is_not_told(self):
        quiet = self.saved(days=20, ref="a", partner=self.other_customer)
        barred = self.saved(days=20, ref="b")
        barred.charge_way_ids._block(self.env["payment.reason"]._of("lost_or_stolen"))
        unused = self.saved(days=20, ref="c")
        unused.charge_way_ids.active = False
        self.run_job("cron_card_notice")
        notice = self.notices()
        self.assertEqual((notice.token_id, notice.state), (quiet, "no_address"))

    def test_a_company_that_tells_nobody(self):
        self.company.card_expiry_days = 0
        token = self.saved(days=20)
        self.run_job("cron_card_notice")
        self.receive(self.news(CANCELLED))
        self.run_job("cron_card_notice")
        self.assertFalse(self.notices())
        self.assertFalse(token.active)

    def test_a_message_that_was_interrupted_is_not_sent_again(self):
        self.saved(days=20)
        Notice = self.env["payment.card.notice"]
        Notice._plan()
        notice = self.notices()
        notice.sudo().state = "sending"
        before = len(self.customer.message_ids)
        self.run_job("cron_card_notice")
        self.assertEqual((notice.state, len(self.customer.message_ids)), ("sending", before))

    def test_a_mail_server_that_refuses_is_told(self):
        self.saved(days=20)
        Server = type(self.env["ir.mail_server"])
        with (
            patch.object(Server, "_connect__", side_effect=OSError("nobody answers")),
            mute_logger("odoo.addons.mail.models.mail_mail"),
        ):
            self.run_job("cron_card_notice")
        notice = self.notices()
        self.assertEqual(notice.state, "failed")
        self.assertIn("nobody answers", notice.error)

    def test_a_card_renewed_before_the_message_went_out(self):
        token = self.saved(days=20)
        self.env["payment.card.notice"]._plan()
        token._card_write(Card(1, 2040))
        self.run_job("cron_card_notice")
        self.assertEqual(self.notices().state, "renewed")

    def test_a_message_that_fails_stops_no_other(self):
        first, second = self.saved(days=20), self.saved(days=21, ref="b")
        Notice = type(self.env["payment.card.notice"])
        post = Notice._post

        def broken(notice, partner):
            if notice.token_id == first:
                raise ZeroDivisionError("broken")
            return post(notice, partner)

        logger = "odoo.addons.payment_chargeback.models.payment_card_notice"
        with patch.object(Notice, "_post", broken), mute_logger(logger):
            self.run_job("cron_card_notice")
        self.assertEqual((first.card_told, second.card_told), ("failed", "sent"))
