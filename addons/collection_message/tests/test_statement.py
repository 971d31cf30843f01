# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Statements of account: sums, kinds, languages, files, many customers at once."""

import io
from datetime import date, timedelta

from openpyxl import load_workbook

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, tagged

from ..core.statement import Movement, OpenRow, activity_sections, open_item_sections
from .message_common import MessageCommon

EUR, JPY = 1, 2
DAY = date(2026, 3, 31)


def rounding(currency, amount):
    return round(amount, 0 if currency == JPY else 2)


def row(residual, late=0, name="INV/1", currency=EUR, **vals):
    return OpenRow(
        currency=currency,
        name=name,
        residual=residual,
        due=DAY - timedelta(days=late),
        original=residual,
        **vals,
    )


@tagged("post_install", "-at_install")
class TestStatementSums(BaseCase):
    def test_open_items_are_listed_by_due_date_with_their_lateness(self):
        [section] = open_item_sections(
            [row(50, late=5, name="B"), row(100, late=40, name="A"), row(7, late=-3, name="C")],
            DAY,
            rounding,
        )
        self.assertEqual([line.row.name for line in section.lines], ["A", "B", "C"])
        self.assertEqual([line.days_late for line in section.lines], [40, 5, -3])
        self.assertEqual((section.total, section.overdue, section.balance), (157, 150, 157))

    def test_the_ageing_holds_everything_that_is_owed(self):
        [section] = open_item_sections(
            [
                row(10),
                row(20, late=30),
                row(40, late=31),
                row(80, late=200),
                row(-5, is_credit=True),
            ],
            DAY,
            rounding,
        )
        aged = {bucket.key: amount for bucket, amount in section.ageing}
        self.assertEqual(aged["current"], 10)
        self.assertEqual(aged["1_30"], 20)
        self.assertEqual(aged["31_60"], 40)
        self.assertEqual(aged["over_120"], 80)
        self.assertEqual(sum(aged.values()) - 5, section.balance)

    def test_what_is_agreed_stands_apart_and_counts_once(self):
        [section] = open_item_sections(
            [
                row(100, late=10, name="A", blocked={"promise": 100}),
                row(100, late=10, name="B", blocked={"dispute": 30.005}),
                row(100, late=10, name="C", blocked={"hold": 100}),
            ],
            DAY,
            rounding,
        )
        self.assertEqual(
            [(line.row.name, line.amount) for line in section.lines], [("B", 70.0), ("C", 100)]
        )
        self.assertEqual(
            [(line.row.name, line.reason, line.amount) for line in section.agreed],
            [("A", "promise", 100), ("B", "dispute", 30.0)],
        )
        self.assertEqual((section.total, section.total_agreed, section.balance), (170, 130, 300))

    def test_two_reasons_never_take_more_than_is_open(self):
        [section] = open_item_sections(
            [row(100, blocked={"promise": 80, "dispute": 80})], DAY, rounding
        )
        self.assertEqual([line.amount for line in section.agreed], [80, 20])
        self.assertEqual(section.lines, ())

    def test_credits_stand_apart_and_lessen_the_balance(self):
        [section] = open_item_sections(
            [row(100), row(-30, name="RINV/1", is_credit=True)], DAY, rounding
        )
        self.assertEqual((section.total, section.total_credits, section.balance), (100, -30, 70))

    def test_each_currency_has_its_own_section_the_first_one_first(self):
        sections = open_item_sections(
            [row(100), row(333.4, currency=JPY)], DAY, rounding, first_currency=JPY
        )
        self.assertEqual([section.currency for section in sections], [JPY, EUR])
        self.assertEqual([section.balance for section in sections], [333, 100])

    def test_many_small_amounts_stay_exact(self):
        [section] = open_item_sections([row(0.1)] * 3 + [row(-0.3, is_credit=True)], DAY, rounding)
        self.assertEqual((section.total, section.balance), (0.3, 0.0))

    def test_the_balance_runs_from_opening_to_closing(self):
        [section] = activity_sections(
            {EUR: 100.0},
            [
                Movement(EUR, DAY, "PAY/1", -80.1),
                Movement(EUR, DAY - timedelta(days=3), "INV/2", 50.05),
            ],
            rounding,
        )
        self.assertEqual([line.balance for line in section.lines], [150.05, 69.95])
        self.assertEqual([line.movement.name for line in section.lines], ["INV/2", "PAY/1"])
        self.assertEqual((section.debits, section.credits), (50.05, 80.1))
        self.assertEqual(section.closing, 69.95)

    def test_a_currency_without_movement_is_shown_only_with_a_balance(self):
        sections = activity_sections({EUR: 0.001, JPY: 5}, [], rounding)
        self.assertEqual([(section.currency, section.closing) for section in sections], [(JPY, 5)])


@tagged("post_install", "-at_install")
class TestStatement(MessageCommon):
    def statement(self, kind="open_item", partner=None, **options):
        profile = self.profile(partner)
        return profile._statements(kind, **options)[profile]

    def section(self, *args, **options):
        [section] = self.statement(*args, **options).sections
        return section

    # ------------------------------------------------------------
    # OPEN ITEMS
    # ------------------------------------------------------------

    def test_it_lists_what_is_open_with_original_and_open_amount(self):
        move = self.invoice(amount=1000.0, due=-10)
        self.invoice(amount=200.0, due=5)
        paid = self.invoice(amount=70.0, due=-30)
        self.pay(paid)
        self.pay(move, amount=400.0)
        section = self.section()
        self.assertEqual(
            [(line.row.original, line.amount, line.days_late) for line in section.lines],
            [(1000.0, 600.0, 10), (200.0, 200.0, -5)],
        )
        self.assertEqual((section.overdue, section.balance), (600.0, 800.0))
        self.assertEqual(section.balance, self.profile().amount_open)

    def test_each_instalment_is_a_line(self):
        self.invoice(amount=1000.0, due=0, terms=self.pay_terms_b)
        lines = self.section().lines
        self.assertEqual([line.row.name[-5:] for line in lines], ["(1/2)", "(2/2)"])

    def test_promised_and_disputed_amounts_and_credits_stand_apart(self):
        first, second = self.invoice(amount=100.0), self.invoice(amount=300.0)
        self.items(first)._block("promise")
        self.items(second)._block("dispute", amount=50.0)
        refund = self.env["account.move"].create({
            "move_type": "out_refund",
            "partner_id": self.customer.id,
            "invoice_date": self.today,
            "invoice_line_ids": [
                Command.create({"name": "Back", "price_unit": 20.0, "tax_ids": [Command.clear()]})
            ],
        })
        refund.action_post()
        self.at_once()
        section = self.section()
        self.assertEqual([line.amount for line in section.lines], [250.0])
        self.assertEqual(
            {(line.reason, line.amount) for line in section.agreed},
            {("promise", 100.0), ("dispute", 50.0)},
        )
        self.assertEqual([line.row.name for line in section.credits], [refund.name])
        self.assertEqual(section.balance, 380.0)

    def test_a_hold_is_nobody_elses_business(self):
        self.items(self.invoice(amount=100.0))._block("hold")
        section = self.section()
        self.assertFalse(section.agreed)
        self.assertEqual(section.total, 100.0)

    def test_a_foreign_currency_has_its_own_section(self):
        foreign = self.setup_other_currency("GBP", rates=[("2016-01-01", 2.0)])
        self.invoice(amount=100.0)
        move = self.invoice(amount=80.0, currency_id=foreign.id)
        item = self.items(move)
        item._block("promise", amount=item.amount_residual / 2)
        first, second = self.statement().sections
        self.assertEqual((first.currency, first.balance), (self.company.currency_id.id, 100.0))
        self.assertEqual((second.currency, second.balance), (foreign.id, 80.0))
        self.assertEqual(second.total_agreed, 40.0)
        [only] = self.statement(currency=foreign).sections
        self.assertEqual(only.currency, foreign.id)

    def test_a_branch_apart_or_the_whole_customer(self):
        branch = self.env["res.partner"].create({
            "name": "Patras Branch",
            "parent_id": self.customer.id,
            "type": "other",
            "is_collection_branch": True,
        })
        self.invoice(amount=100.0)
        self.customer.collection_participation = "branch"
        self.invoice(branch, amount=40.0)
        self.run_cycle(self.customer)
        self.assertEqual(self.section(partner=branch).balance, 40.0)
        self.assertEqual(self.section().balance, 100.0)
        self.assertEqual(self.section(whole=True).balance, 140.0)
        self.assertEqual(self.section(partner=branch, whole=True).balance, 140.0)
        self.assertEqual(self.section("activity", partner=branch).closing, 40.0)
        self.assertEqual(self.section("activity", whole=True).closing, 140.0)

    # ------------------------------------------------------------
    # ACTIVITY
    # ------------------------------------------------------------

    def test_activity_opens_moves_and_closes(self):
        old = self.invoice(amount=500.0, due=-60)
        move = self.invoice(amount=300.0, due=-10)
        self.pay(old, amount=200.0, payment_date=self.days(-5))
        section = self.section("activity", date_from=self.days(-30), date_to=self.today)
        self.assertEqual(section.opening, 500.0)
        self.assertEqual(
            [(line.movement.kind, line.movement.amount, line.balance) for line in section.lines],
            [("out_invoice", 300.0, 800.0), ("payment", -200.0, 600.0)],
        )
        self.assertEqual(section.lines[0].movement.name, move.name)
        self.assertEqual(section.closing, self.profile().amount_open)

    def test_closing_is_the_ageing_and_the_credits_of_that_day(self):
        old = self.invoice(amount=500.0, due=-60)
        self.invoice(amount=300.0, due=-10)
        self.pay(old, payment_date=self.days(-5))
        section = self.section("activity", date_from=self.days(-90), date_to=self.days(-20))
        aged = {bucket.key: amount for bucket, amount in section.ageing if amount}
        self.assertEqual(aged, {"31_60": 500.0})
        self.assertEqual(section.closing, 500.0)
        now = self.section("activity", date_from=self.days(-90))
        self.assertEqual(now.closing, 300.0)
        self.assertEqual(
            sum(amount for _bucket, amount in now.ageing) + now.total_credits, now.closing
        )

    def test_an_invoice_in_instalments_is_one_movement(self):
        move = self.invoice(amount=1000.0, due=0, terms=self.pay_terms_b)
        [line] = self.section("activity").lines
        self.assertEqual((line.movement.name, line.debit), (move.name, 1000.0))

    def test_a_payment_on_account_is_a_credit_of_the_day(self):
        self.invoice(amount=500.0, due=-60)
        payment = self.env["account.payment"].create({
            "payment_type": "inbound",
            "partner_id": self.customer.id,
            "amount": 50.0,
            "date": self.days(-1),
        })
        payment.action_post()
        self.at_once()
        section = self.section("activity")
        self.assertEqual((section.total_credits, section.closing), (-50.0, 450.0))

    def test_the_days_must_follow_each_other(self):
        self.invoice()
        with self.assertRaisesRegex(UserError, "first day"):
            self.statement("activity", date_from=self.today, date_to=self.days(-1))

    # ------------------------------------------------------------
    # FILES
    # ------------------------------------------------------------

    def book(self, **options):
        kind = options.pop("kind", "open_item")
        profile = self.profile()
        attachment = profile._statement_attachment(kind, format="xlsx", **options)
        return load_workbook(io.BytesIO(attachment.raw)), attachment

    def test_excel_has_real_numbers_and_dates(self):
        move = self.invoice(amount=1000.0, due=-10, ref="=2+2")
        self.invoice(amount=234.5, due=-3)
        book, attachment = self.book(lang="en_US")
        self.assertTrue(attachment.name.endswith(".xlsx"))
        self.assertEqual(attachment.res_model, "collection.profile")
        sheet = book[self.company.currency_id.name]
        self.assertEqual(sheet.freeze_panes, "A7")
        self.assertEqual([cell.value for cell in sheet[6]][:3], ["Document", "Reference", "Kind"])
        document, ref, kind, issued, due, late, original, left, _state = sheet[7]
        self.assertEqual((document.value, kind.value), (move.name, "Invoice"))
        self.assertEqual((ref.value, ref.data_type), ("=2+2", "s"))
        self.assertEqual(due.value.date(), self.days(-10))
        self.assertTrue(issued.is_date)
        self.assertEqual((late.value, original.value, left.value), (10, 1000.0, 1000.0))
        self.assertIn("0.00", left.number_format)
        self.assertEqual(sheet["H9"].value, "=SUM(H7:H8)")
        self.assertFalse(sheet.sheet_view.rightToLeft)

    def test_excel_of_the_activity(self):
        self.invoice(amount=1000.0, due=-10)
        book, _attachment = self.book(kind="activity", lang="en_US")
        sheet = book[self.company.currency_id.name]
        self.assertEqual(sheet["B7"].value, "Opening balance")
        self.assertEqual((sheet["F8"].value, sheet["H8"].value), (1000.0, 1000.0))

    def test_excel_of_nothing(self):
        self.pay(self.invoice())
        book, _attachment = self.book(lang="en_US")
        values = [cell.value for cell in book.active["A"]]
        self.assertIn("Nothing is open.", values)

    def test_hebrew_reads_from_right_to_left(self):
        self.env["res.lang"]._activate_lang("he_IL")
        self.customer.lang = "he_IL"
        self.invoice()
        book, _attachment = self.book()
        self.assertTrue(book.active.sheet_view.rightToLeft)
        name, content, mimetype = self.profile()._statement_file("open_item")
        self.assertTrue(name.endswith(".pdf"))
        self.assertEqual(mimetype, "application/pdf")
        self.assertIn('data-oe-lang="he_IL"', content.decode())

    def test_the_pdf_shows_every_item_and_the_balance(self):
        move = self.invoice(amount=1234.5)
        _name, content, _mimetype = self.profile()._statement_file("open_item", lang="en_US")
        text = content.decode()
        self.assertIn(move.name, text)
        self.assertIn("1,234.50", text)
        self.assertIn("Balance", text)
        _name, content, _mimetype = self.profile()._statement_file("activity", lang="en_US")
        self.assertIn("Opening balance", content.decode())

    # ------------------------------------------------------------
    # DIALOG
    # ------------------------------------------------------------

    def wizard(self, record=None, user=None, **vals):
        record = record or self.profile()
        return (
            self
            .env["collection.statement.wizard"]
            .with_user(user or self.env.user)
            .with_context(active_model=record._name, active_id=record.id)
            .create(vals)
        )

    def test_the_dialog_gives_the_file(self):
        self.invoice()
        wizard = self.wizard(format="xlsx")
        action = wizard.action_download()
        self.assertIn(wizard.file_name, action["url"])
        self.assertTrue(wizard.file)
        self.assertEqual(self.wizard(self.cases()).profile_id, self.profile())
        self.assertEqual(self.wizard(self.customer).profile_id, self.profile())

    def test_sending_goes_through_the_composer_with_the_file(self):
        self.invoice()
        action = self.wizard().action_send()
        self.assertEqual(action["res_model"], "collection.message.compose")
        dialog = self.env["collection.message.compose"].with_context(**action["context"]).create({})
        self.assertEqual(len(dialog.attachment_ids), 1)
        self.assertFalse(dialog.attach_statement)
        with self.mock_mail_gateway():
            dialog.action_send()
            [mail] = self._mails
        self.assertEqual(
            [name for name, *_rest in mail["attachments"]], [dialog.attachment_ids.name]
        )

    # ------------------------------------------------------------
    # MESSAGES
    # ------------------------------------------------------------

    def test_a_reminder_carries_its_statement(self):
        self.invoice()
        message = self.plan(attach_statement="open_item")
        [mail] = self.send()
        self.assertEqual(message.state, "sent")
        [(name, content, _mimetype)] = mail["attachments"]
        self.assertTrue(name.startswith("Statement Aegean Trading"))
        self.assertIn(self.items(self.cases().open_item_ids.move_id).document_number, str(content))

    def test_a_second_try_makes_the_statement_anew(self):
        self.invoice()
        message = self.plan(attach_statement="open_item")
        with self.broken_server(ConnectionError("down")):
            self.Message.sudo()._cron_send()
        self.assertEqual(message.state, "failed")
        message.action_retry()
        self.send()
        self.assertEqual(message.state, "sent")
        files = self.env["ir.attachment"].search([
            ("res_model", "=", "collection.message"),
            ("res_id", "=", message.id),
        ])
        self.assertEqual(len(files), 1)

    # ------------------------------------------------------------
    # SPEED
    # ------------------------------------------------------------

    def many_items(self, partner, count):
        """Book many amounts that the customer owes, each an open item, and return the profile."""
        move = self.env["account.move"].create({
            "move_type": "entry",
            "date": self.days(-10),
            "line_ids": [
                *(
                    Command.create({
                        "partner_id": partner.id,
                        "account_id": self.company_data["default_account_receivable"].id,
                        "date_maturity": self.days(number % 90 - 60),
                        "debit": 10.0,
                    })
                    for number in range(count)
                ),
                Command.create({
                    "account_id": self.company_data["default_account_revenue"].id,
                    "credit": 10.0 * count,
                }),
            ],
        })
        move.action_post()
        self.at_once()
        return self.profile(partner)

    def test_reading_takes_the_same_queries_for_few_and_2000_items(self):
        few = self.many_items(self.other_customer, 5)
        many = self.many_items(self.customer, 2000)
        counts = {}
        for profile in (few, many):
            for kind in ("open_item", "activity"):
                profile._statements(kind)
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                [section] = profile._statements(kind)[profile].sections
                counts.setdefault(kind, []).append(self.env.cr.sql_log_count - before)
        self.assertEqual(section.closing, 20000.0)
        self.assertEqual(len(many._statements("open_item")[many].sections[0].lines), 2000)
        for few_queries, many_queries in counts.values():
            self.assertEqual(few_queries, many_queries)

    def test_many_customers_are_read_with_the_queries_of_one(self):
        partners = self.env["res.partner"].create([{"name": f"Shop {n}"} for n in range(12)])
        for partner in partners:
            self.invoice(partner, amount=10.0)
        profiles = self.env["collection.profile"].search([("partner_id", "in", partners.ids)])
        counts = []
        for some in (profiles[:1], profiles):
            some._statements("open_item")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = some._statements("open_item")
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual({one.sections[0].balance for one in found.values()}, {10.0})
        self.assertEqual(counts[0], counts[1])

    # ------------------------------------------------------------
    # ACCESS
    # ------------------------------------------------------------

    def test_nobody_gets_the_statement_of_a_customer_they_may_not_see(self):
        self.invoice()
        user = self.env["res.users"].create({
            "name": "Someone Else",
            "login": "someone.else",
            "group_ids": [Command.set(self.env.ref("collection.group_debt_manager").ids)],
            "company_id": self.company.id,
            "company_ids": [Command.set(self.company.ids)],
        })
        with self.assertRaises(AccessError):
            self.profile().with_user(user)._statements("open_item")
        with self.assertRaises(AccessError):
            self.wizard(user=user)
