# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from .common import CollectionCommon


def copy_rows(env, table, row_id, count, **columns):
    """Insert ``count`` copies of a row by one statement.

    :param columns: column → SQL of its value; ``n`` counts the copies from 1
    :return: the ids of the copies, in the order of ``n``
    """
    known = [
        name
        for (name,) in env.execute_query(
            SQL(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_name = %s AND column_name <> 'id' AND is_generated = 'NEVER'",
                table,
            )
        )
    ]
    return [
        new_id
        for (new_id,) in env.execute_query(
            SQL(
                "INSERT INTO %s (%s) SELECT %s FROM %s AS original,"
                " generate_series(1, %s) AS n WHERE original.id = %s ORDER BY n RETURNING id",
                SQL.identifier(table),
                SQL(", ").join(SQL.identifier(name) for name in known),
                SQL(", ").join(
                    SQL(columns[name]) if name in columns else SQL.identifier("original", name)
                    for name in known
                ),
                SQL.identifier(table),
                count,
                row_id,
            )
        )
    ]


@tagged("post_install", "-at_install")
class TestCustomerScreen(CollectionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.write({
            "ref": "AEG-7",
            "vat": "EL094259216",
            "phone": "+30 210 7654321",
            "email": "office@aegean.example",
            "street": "Akti Miaouli 12",
            "city": "Piraeus",
            "user_id": cls.env.user.id,
        })

    def screen(self, partner=None, **kwargs):
        return self.profile(partner).get_customer_screen(**kwargs)

    # ------------------------------------------------------------
    # THE FRAME
    # ------------------------------------------------------------

    def test_panels_come_in_order_with_their_data(self):
        self.invoice()
        screen = self.screen()
        sequences = [panel["sequence"] for panel in screen["panels"]]
        self.assertEqual(sequences, sorted(sequences))
        self.assertEqual({panel["key"] for panel in screen["panels"]}, set(screen["data"]))

    def test_single_panels_can_be_read(self):
        self.invoice()
        screen = self.screen(keys=["money", "no such panel"])
        self.assertEqual(list(screen["data"]), ["money"])

    def test_header(self):
        self.invoice()
        header = self.screen(keys=["header"])["data"]["header"]
        self.assertEqual(header["name"], "Aegean Trading")
        self.assertEqual(header["ref"], "AEG-7")
        self.assertEqual(header["vat"], "EL094259216")
        self.assertEqual(header["address"], ["Akti Miaouli 12", "Piraeus"])
        self.assertEqual(header["salesperson"]["id"], self.env.user.id)
        self.assertTrue(header["takes_part"])

    def test_previous_and_next_by_what_there_is_to_collect(self):
        self.invoice(amount=500.0)
        self.invoice(self.other_customer, amount=900.0)
        header = self.screen(keys=["header"])["data"]["header"]
        self.assertEqual(header["previous_id"], self.profile(self.other_customer).id)
        other = self.screen(self.other_customer, keys=["header"])["data"]["header"]
        self.assertEqual(other["next_id"], self.profile().id)

    # ------------------------------------------------------------
    # BEFORE CALLING
    # ------------------------------------------------------------

    def alerts(self):
        return {alert["key"]: alert for alert in self.screen(keys=["alerts"])["data"]["alerts"]}

    def test_nothing_to_know(self):
        self.invoice()
        self.assertFalse(self.alerts())

    def test_unapplied_credits_are_shown_first(self):
        self.invoice()
        self.entry(self.customer, -300.0)
        alert = self.alerts()["credits"]
        self.assertIn("300", alert["title"])
        items = self.profile().get_screen_items(alert["filter"])["items"]
        self.assertEqual([item["amount_company"] for item in items], [-300.0])

    def test_post_dated_payments_are_shown_first(self):
        self.invoice()
        self.env["account.payment"].create({
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": self.customer.id,
            "amount": 250.0,
            "date": self.days(20),
        })
        self.at_once()
        self.assertIn("250", self.alerts()["postdated"]["title"])
        [row] = self.screen(keys=["payments"])["data"]["payments"]["payments"]
        self.assertEqual((row["status"], row["amount"]), ("postdated", 250.0))

    def test_hold(self):
        self.invoice()
        self.profile().write({
            "hold": True,
            "hold_reason": "Board decides",
            "hold_until": self.days(5),
        })
        self.at_once()
        self.assertEqual(self.alerts()["hold"]["text"], "Board decides")
        money = self.screen(keys=["money"])["data"]["money"]
        self.assertEqual((money["to_collect"], money["blocked"]), (0.0, 1000.0))

    def test_customer_that_does_not_take_part(self):
        self.invoice()
        self.profile().participation = "no"
        self.assertIn("participation", self.alerts())

    # ------------------------------------------------------------
    # MONEY
    # ------------------------------------------------------------

    def test_totals_are_those_of_the_profile(self):
        self.invoice(amount=100.0, due=-40)
        self.invoice(amount=200.0, due=10)
        block_me = self.invoice(amount=400.0, due=-5)
        block_me.collection_item_ids._block("dispute", amount=150.0)
        self.at_once()
        profile = self.profile()
        money = self.screen(keys=["money"])["data"]["money"]
        for key in ("open", "overdue", "blocked", "to_collect"):
            self.assertEqual(money[key], profile[f"amount_{key}"], key)
        self.assertEqual(money["item_count"], profile.item_count)

    def test_ageing_sums_to_what_is_open(self):
        for due, amount in ((10, 1.0), (0, 2.0), (-1, 4.0), (-30, 8.0), (-31, 16.0), (-150, 32.0)):
            self.invoice(amount=amount, due=due)
        money = self.screen(keys=["money"])["data"]["money"]
        amounts = {bucket["key"]: bucket["amount"] for bucket in money["ageing"]}
        self.assertEqual(
            amounts,
            {
                "current": 3.0,
                "1_30": 12.0,
                "31_60": 16.0,
                "61_90": 0.0,
                "91_120": 0.0,
                "over_120": 32.0,
            },
        )
        self.assertEqual(sum(amounts.values()), money["open"])

    def test_ageing_filters_the_items(self):
        late = self.invoice(due=-45)
        self.invoice(due=-5)
        page = self.profile().get_screen_items("31_60")
        self.assertEqual([item["document"] for item in page["items"]], [late.name])
        self.assertEqual((page["count"], page["amount"]), (1, 1000.0))

    def test_foreign_currency_is_shown_in_both(self):
        currency = self.setup_other_currency("EUR")
        self.invoice(amount=100.0, currency_id=currency.id)
        self.invoice(amount=50.0)
        money = self.screen(keys=["money"])["data"]["money"]
        totals = {total["name"]: total["open"] for total in money["currencies"]}
        self.assertEqual(totals["EUR"], 100.0)
        [foreign] = [
            item
            for item in self.profile().get_screen_items()["items"]
            if item["currency_id"] == currency.id
        ]
        self.assertEqual(foreign["amount"], 100.0)
        self.assertNotEqual(foreign["amount_company"], 100.0)

    # ------------------------------------------------------------
    # ITEMS AND CASES
    # ------------------------------------------------------------

    def test_instalments_are_items_of_their_own(self):
        self.invoice(due=-90, terms=self.pay_terms_b)
        items = self.profile().get_screen_items()["items"]
        self.assertEqual([item["instalment"] for item in items], [1, 2])
        self.assertEqual({item["instalment_count"] for item in items}, {2})

    def test_items_are_read_page_by_page(self):
        for due in (-3, -2, -1):
            self.invoice(due=due)
        profile = self.profile()
        first = profile.get_screen_items(limit=2)
        second = profile.get_screen_items(limit=2, offset=2)
        self.assertEqual((len(first["items"]), len(second["items"])), (2, 1))
        self.assertEqual(first["count"], 3)
        dates = [item["date_due"] for item in first["items"] + second["items"]]
        self.assertEqual(dates, sorted(dates))

    def test_marks_of_an_item(self):
        item = self.invoice().collection_item_ids
        item._block("cheque", amount=100.0, until=self.days(3), reason="Cheque 12")
        item.keep_out_until = self.days(9)
        self.at_once()
        [row] = self.profile().get_screen_items()["items"]
        self.assertEqual(row["blocked"], 100.0)
        self.assertEqual(row["blocks"][0]["reason"], "Cheque 12")
        self.assertEqual(row["kept_out"], self.days(9))

    def test_case_is_opened_with_the_items_chosen(self):
        self.company.collection_live = False
        chosen = self.invoice(due=5).collection_item_ids
        left = self.invoice(due=6).collection_item_ids
        answer = self.profile().screen_open_case(chosen.ids)
        self.assertEqual(self.cases().open_item_ids, chosen)
        self.assertEqual(answer["case_id"], self.cases().id)
        self.profile().screen_add_to_case(self.cases().id, left.ids)
        self.assertEqual(self.cases().open_item_ids, chosen | left)
        [row] = self.screen(keys=["cases"])["data"]["cases"]["cases"]
        self.assertEqual(row["state"], "not_started")

    def test_nothing_to_open_a_case_for(self):
        self.company.collection_live = False
        self.invoice(due=5)
        self.assertFalse(self.profile().screen_open_case()["case_id"])
        self.assertFalse(self.cases())

    def test_items_of_somebody_else_are_not_taken(self):
        self.company.collection_live = False
        self.invoice()
        other = self.invoice(self.other_customer).collection_item_ids
        self.profile().screen_open_case(other.ids)
        self.assertFalse(other.case_id)

    # ------------------------------------------------------------
    # PAYMENTS
    # ------------------------------------------------------------

    def payments(self, partner=None):
        return self.screen(partner, keys=["payments"])["data"]["payments"]["payments"]

    def test_receipt_with_its_days_against_the_due_date(self):
        invoice = self.invoice(due=-12)
        self.pay(invoice, amount=400.0)
        [row] = self.payments()
        self.assertEqual(
            (row["status"], row["amount"], row["days"], row["date"]),
            ("received", 400.0, 12, self.today),
        )

    def test_rejected_payment_is_marked(self):
        payment = self.pay(self.invoice(), amount=400.0)
        payment.action_reject()
        self.assertEqual([row["status"] for row in self.payments()], ["failed"])

    def test_no_more_than_the_last_ten(self):
        invoice = self.invoice(amount=5000.0)
        for _payment in range(12):
            self.pay(invoice, amount=10.0)
        self.assertEqual(len(self.payments()), 10)

    def test_branch_sees_the_payment_of_its_invoice(self):
        branch = self.env["res.partner"].create({
            "name": "Harbour shop",
            "parent_id": self.customer.id,
            "type": "delivery",
        })
        self.invoice(due=30)
        self.profile(self.customer).participation = "branch"
        invoice = self.invoice(branch)
        self.pay(invoice, amount=300.0)
        self.assertEqual([row["amount"] for row in self.payments(branch)], [300.0])

    # ------------------------------------------------------------
    # CONTACTS, NOTES, CORRESPONDENCE
    # ------------------------------------------------------------

    def test_who_pays_comes_first(self):
        self.invoice()
        people = self.env["res.partner"].create([
            {"name": name, "parent_id": self.customer.id, "type": "contact"}
            for name in ("Anna", "Basil", "Chloe")
        ])
        self.env["collection.partner.contact"].create({
            "partner_id": self.customer.id,
            "contact_id": people[1].id,
            "is_primary": True,
        })
        self.profile().payment_contact_id = people[2]
        contacts = self.screen(keys=["contacts"])["data"]["contacts"]["contacts"]
        self.assertEqual([row["name"] for row in contacts], ["Chloe", "Basil", "Anna"])
        self.assertTrue(contacts[0]["is_payment"])
        self.assertTrue(contacts[1]["is_primary"])

    def test_notes_pinned_first(self):
        self.invoice()
        profile = self.profile()
        first = self.env["collection.note"].browse(profile.screen_add_note("Pays on Fridays"))
        profile.screen_add_note("Ask for Chloe")
        first.pinned = True
        notes = self.screen(keys=["notes"])["data"]["notes"]["notes"]
        self.assertEqual(len(notes), 2)
        self.assertIn("Pays on Fridays", notes[0]["body"])

    def stream(self, **kwargs):
        return self.profile().get_screen_correspondence(**kwargs)

    def test_one_stream_of_everything_said_and_written(self):
        invoice = self.invoice()
        case = self.cases()
        comment = {"message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
        self.customer.message_post(body="To the customer", **comment)
        case.message_post(body="At the case", **comment)
        invoice.message_post(body="With the invoice", **comment)
        log = self.env["collection.contact.log"]._record({
            "profile_id": self.profile().id,
            "company_id": self.company.id,
            "case_id": case.id,
            "channel": "phone",
            "direction": "out",
            "note": "Nobody answered",
        })
        stream = self.stream()["entries"]
        previews = {entry.get("preview") for entry in stream}
        self.assertTrue({"To the customer", "At the case", "With the invoice"} <= previews)
        self.assertIn(f"log-{log.id}", [entry["key"] for entry in stream])
        self.assertEqual(
            [entry["key"] for entry in self.stream(kind="log")["entries"]], [f"log-{log.id}"]
        )
        dates = [entry["date"] for entry in stream]
        self.assertEqual(dates, sorted(dates, reverse=True))

    def test_messages_of_the_system_are_no_correspondence(self):
        self.invoice()
        self.assertFalse(self.stream(kind="message")["entries"])

    def test_stream_goes_on_where_it_stopped(self):
        self.invoice()
        for number in range(7):
            self.customer.message_post(body=f"Message {number}", message_type="comment")
        seen, cursor = [], None
        while True:
            page = self.stream(before=cursor, limit=3)
            seen += [entry["key"] for entry in page["entries"]]
            cursor = page["cursor"]
            if not page["more"]:
                break
        self.assertEqual(len(seen), 7)
        self.assertEqual(len(set(seen)), 7)

    def test_direction_of_a_message(self):
        self.invoice()
        self.customer.message_post(
            body="We pay on Monday", message_type="email", author_id=self.customer.id
        )
        self.customer.message_post(body="Remember", message_type="comment")
        self.assertEqual([entry["direction"] for entry in self.stream()["entries"]], ["note", "in"])

    # ------------------------------------------------------------
    # SEARCH
    # ------------------------------------------------------------

    def test_search(self):
        invoice = self.invoice()
        profile = self.profile()
        for term in ("aegean", "AEG-7", "094259216", "office@aegean", invoice.name, "7654321"):
            found = profile.screen_search(term)
            self.assertIn(profile.id, [row["id"] for row in found], term)
        self.assertFalse(profile.screen_search("no such customer"))

    def test_search_of_nothing_shows_who_owes_most(self):
        self.invoice(amount=10.0)
        self.invoice(self.other_customer, amount=20.0)
        found = [row["name"] for row in self.profile().screen_search("")]
        self.assertLess(found.index("Carmel Systems"), found.index("Aegean Trading"))

    # ------------------------------------------------------------
    # ACCESS
    # ------------------------------------------------------------

    def debt_manager(self, login):
        return new_test_user(
            self.env,
            login=login,
            groups="base.group_user,collection.group_debt_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )

    def test_debt_manager_opens_only_own_customers(self):
        mine, yours = self.debt_manager("screen_mine"), self.debt_manager("screen_yours")
        self.invoice()
        invoice = self.invoice(self.other_customer)
        self.profile().debt_manager_id = mine
        self.profile(self.other_customer).debt_manager_id = yours
        (self.cases() | self.cases(self.other_customer)).flush_recordset()
        self.cases().debt_manager_id = mine
        self.cases(self.other_customer).debt_manager_id = yours
        self.env.invalidate_all()

        screen = self.profile().with_user(mine).get_customer_screen()
        self.assertEqual(screen["data"]["money"]["open"], 1000.0)
        self.assertEqual(len(screen["data"]["items"]["items"]), 1)
        self.assertEqual(len(screen["data"]["cases"]["cases"]), 1)
        other = self.profile(self.other_customer).with_user(mine)
        for method in ("get_customer_screen", "get_screen_items", "get_screen_correspondence"):
            with self.assertRaises(AccessError):
                getattr(other, method)()
        for term in ("Carmel", invoice.name, ""):
            names = [row["name"] for row in self.profile().with_user(mine).screen_search(term)]
            self.assertNotIn("Carmel Systems", names)

    def test_every_role_reads_the_screen(self):
        self.invoice()
        self.cases().activity_schedule("collection.activity_type_call", summary="Call Anna")
        self.customer.message_post(body="Hello", message_type="comment")
        for group in (
            "debt_manager",
            "team_leader",
            "collection_manager",
            "accountant",
            "credit_manager",
            "auditor",
        ):
            user = new_test_user(
                self.env,
                login=f"screen_{group}",
                groups=f"base.group_user,collection.group_{group}",
                company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)],
            )
            if group in ("debt_manager", "team_leader"):
                self.profile().debt_manager_id = user
                self.cases().debt_manager_id = user
            with self.subTest(group=group):
                screen = self.profile().with_user(user).get_customer_screen()
                self.assertEqual(screen["data"]["money"]["open"], 1000.0)
                self.assertEqual(len(screen["data"]["correspondence"]["entries"]), 1)
                [case] = screen["data"]["cases"]["cases"]
                self.assertEqual(case["next_step"]["name"], "Call Anna")
                may_open = screen["data"]["header"]["rights"]["open_case"]
                self.assertEqual(may_open, group not in ("auditor", "credit_manager"))

    # ------------------------------------------------------------
    # SIZE
    # ------------------------------------------------------------

    def grow(self, items, messages):
        """Give the customer more open invoices and messages, by SQL."""
        invoice = self.invoice(due=-3)
        message = self.customer.message_post(body="Hello", message_type="comment")
        self.env.flush_all()
        letters = "translate(original.id::text, '0123456789', 'abcdefghij')"
        moves = copy_rows(
            self.env,
            "account_move",
            invoice.id,
            items,
            # letters: the host takes digits in the middle of a number for a year
            name=f"'BULK' || {letters} || '/' || n",
            sequence_number="n",
            sequence_prefix=f"'BULK' || {letters} || '/'",
            access_token="NULL",
        )
        for line in invoice.line_ids:
            copy_rows(
                self.env,
                "account_move_line",
                line.id,
                items,
                move_id=f"{moves[0]} + n - 1",
                move_name="'BULK/' || n",
                date_maturity="original.date_maturity - mod(n::int, 200)",
            )
        copy_rows(
            self.env,
            "mail_message",
            message.id,
            messages,
            date="original.date - n * interval '1 hour'",
            message_id="'<' || n || '@test>'",
        )
        self.env.invalidate_all()
        self.run_cycle(self.customer)

    def count_queries(self):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        screen = self.screen()
        return self.env.cr.sql_log_count - before, screen

    def test_queries_do_not_grow_with_the_customer(self):
        self.grow(items=150, messages=50)
        few, screen = self.count_queries()
        self.assertEqual(screen["data"]["items"]["count"], 151)
        self.grow(items=2000, messages=5000)
        many, screen = self.count_queries()
        self.assertEqual(screen["data"]["items"]["count"], 2152)
        self.assertEqual(len(screen["data"]["items"]["items"]), 100)
        self.assertEqual(len(screen["data"]["correspondence"]["entries"]), 30)
        self.assertLessEqual(many, few)
