# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The host's screens for the roles of collections, and the host's users beside collections."""

from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import mute_logger

from .common_access import OUTSIDERS, ROLES, AccessCommon

# fields of the host's models that people without a role of collections read too
HOST_MODELS = (
    "account.move",
    "account.move.line",
    "account.partial.reconcile",
    "account.payment",
    "mail.activity",
    "mail.activity.type",
    "res.company",
    "res.partner",
    "res.partner.category",
    "res.users",
)


class ScreensCommon(AccessCommon):
    """Opening screens the way the client does: the view's fields, read in one request."""

    def assert_opens(self, record, role):
        """Read a record with everything its form shows."""
        form = Form(self.as_user(record, role))
        self.assertEqual(form.id, record.id)
        return form

    def open_list(self, role, model, view_type="list", view=None, domain=()):
        """Read the first page of a list, kanban, calendar or activity view."""
        Model = self.as_user(self.env[model], role)
        view_id = self.env.ref(view).id if view else False
        arch = Model.get_views([(view_id, view_type)])["views"][view_type]["arch"]
        return Model.web_search_read(list(domain), self.specification(Model, arch), limit=80)

    def specification(self, Model, arch):
        """Return what the client asks for to show a view."""
        tree = etree.fromstring(arch)
        spec = {}
        for node in tree.iter("field"):
            name = node.get("name")
            field = Model._fields.get(name)
            nested = any(parent.tag == "field" for parent in node.iterancestors())
            if field and not nested:
                spec[name] = {"fields": {"display_name": {}}} if field.relational else {}
        for attribute in ("date_start", "date_stop", "color"):
            if tree.get(attribute) in Model._fields:
                spec.setdefault(tree.get(attribute), {})
        return spec

    def open_analysis(self, role, model, view_type):
        """Read the figures of a pivot table or a graph."""
        Model = self.as_user(self.env[model], role)
        tree = etree.fromstring(Model.get_views([(False, view_type)])["views"][view_type]["arch"])
        groups, measures = [], ["__count"]
        for node in tree.iter("field"):
            if node.get("type") == "measure":
                measures.append(f"{node.get('name')}:sum")
            elif not node.get("invisible"):
                interval = f":{node.get('interval')}" if node.get("interval") else ""
                groups.append(node.get("name") + interval)
        return Model.formatted_read_group([], groups, measures)


@tagged("post_install", "-at_install")
class TestScreensOfRoles(ScreensCommon):
    """Roles without any accounting group open what their work leads them to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payment = cls.pay(cls.own_invoice, amount=300.0)
        cls.refund = cls.credit(cls.own_invoice, amount=50.0)
        cls.opening = cls.entry(cls.customer, 80.0)
        cls.bill = cls.env["account.move"].create({
            "move_type": "in_invoice",
            "partner_id": cls.customer.id,
            "invoice_date": cls.today,
            "invoice_line_ids": [Command.create({"name": "Rent", "price_unit": 700.0})],
        })
        cls.bill.action_post()
        cls.wages = cls.env["account.move"].create({
            "move_type": "entry",
            "date": cls.today,
            "line_ids": [
                Command.create({
                    "name": "Wages",
                    "account_id": cls.company_data["default_account_expense"].id,
                    "debit": 5000.0,
                }),
                Command.create({
                    "name": "Wages",
                    "account_id": cls.company_data["default_account_payable"].id,
                    "credit": 5000.0,
                }),
            ],
        })
        cls.wages.action_post()
        cls.paid_out = cls.env["account.payment"].create({
            "payment_type": "outbound",
            "partner_type": "supplier",
            "partner_id": cls.customer.id,
            "amount": 10.0,
        })
        cls.transaction = cls.env["account.bank.statement.line"].create({
            "journal_id": cls.company_data["default_journal_bank"].id,
            "date": cls.today,
            "payment_ref": "Wages",
            "amount": -5000.0,
        })

    def test_documents_payments_and_customers_open(self):
        person = self.env["res.partner"].create({"name": "Anna", "parent_id": self.customer.id})
        for role in ROLES:
            for record in (
                self.own_invoice,
                self.refund,
                self.opening,
                self.payment,
                self.payment.move_id,
                self.customer,
                person,
                self.users["debt_manager"],
            ):
                with self.subTest(role=role, record=record.display_name):
                    self.assert_opens(record, role)

    def test_lists_of_documents_and_payments_open(self):
        for role in ROLES:
            for model, view in (
                ("account.move", "account.view_out_invoice_tree"),
                ("account.move", "account.view_out_credit_note_tree"),
                ("account.payment", "account.view_account_payment_tree"),
                ("account.move.line", "account.view_move_line_tree"),
                ("res.partner", None),
            ):
                with self.subTest(role=role, model=model, view=view):
                    page = self.open_list(role, model, view=view)
                    self.assertTrue(page["records"])

    def rest_of_ledger(self):
        """Return what is no business of who collects."""
        wages = self.wages.line_ids[:1]
        return self.bill, self.wages, wages, self.paid_out, self.transaction

    def test_the_rest_of_the_ledger_stays_closed(self):
        for role in ROLES:
            for record in self.rest_of_ledger():
                with self.subTest(role=role, record=record._name):
                    self.assertFalse(self.sees(role, record))
        # those who have an accounting role see what that role shows
        for group in ("account.group_account_readonly", "account.group_account_invoice"):
            user = self.person(f"access_{group}", f"{ROLES['debt_manager']},{group}")
            for record in self.rest_of_ledger():
                with self.subTest(group=group, record=record._name):
                    self.assertTrue(self.sees(user, record))

    def test_nobody_writes_in_the_ledger(self):
        for role in ROLES:
            for record in (self.own_invoice, self.payment, self.own_invoice.line_ids[:1]):
                own = self.as_user(record, role)
                with self.subTest(role=role, record=record._name):
                    self.assertFalse(own.has_access("write"))
                    self.assertFalse(own.has_access("create"))
                    self.assertFalse(own.has_access("unlink"))

    def test_who_may_send_invoices_finds_the_button(self):
        for role, may in (("debt_manager", False), ("auditor", False), ("invoicing", True)):
            with self.subTest(role=role):
                form = self.assert_opens(self.own_invoice, role)
                self.assertEqual(form.display_send_button, may)
        invoice = self.as_user(self.own_invoice, "debt_manager")
        self.assertEqual(invoice.action_print_pdf()["type"], "ir.actions.report")
        self.assertIn(f"/my/invoices/{invoice.id}", invoice.preview_invoice()["url"])

    def test_phone_numbers_are_kept_right_by_who_calls(self):
        for role in ROLES:
            partner = self.as_user(self.customer, role)
            with self.subTest(role=role):
                if role == "auditor":
                    with self.assertRaises(AccessError):
                        partner.phone = "+30 210 1234567"
                else:
                    partner.phone = "+30 210 1234567"
                    partner.env["res.partner"].create({"name": "Bea", "parent_id": partner.id})

    def test_every_screen_of_the_app_opens(self):
        self.own_case.activity_schedule("collection.activity_type_call")
        self.env["collection.contact.log"]._record({
            "case_id": self.own_case.id,
            "profile_id": self.own_case.profile_id.id,
            "channel": "phone",
        })
        actions = self.env["ir.actions.act_window"].sudo().search([])
        names = actions.get_external_id()
        own = actions.filtered(lambda action: names[action.id].startswith("collection."))
        self.assertGreater(len(own), 15)
        opened = 0
        for role in ROLES:
            for action in own:
                model = action.res_model
                Model = self.as_user(self.env[model], role)
                if Model._transient or not Model.has_access("read"):
                    continue
                for view_type in action.view_mode.split(","):
                    with self.subTest(role=role, action=names[action.id], view=view_type):
                        opened += 1
                        if view_type in ("pivot", "graph"):
                            self.open_analysis(role, model, view_type)
                        elif view_type == "form":
                            record = Model.search([], limit=1)
                            if record:
                                Form(record)
                        else:
                            self.open_list(role, model, view_type)
        self.assertGreater(opened, 100)

    def test_the_customer_screen_opens_from_the_customer(self):
        for role in ROLES:
            with self.subTest(role=role):
                action = self.as_user(self.customer, role).action_open_collection_customer()
                profile = self.own_case.profile_id
                self.assertEqual(action["params"]["profile_id"], profile.id)
                screen = self.as_user(profile, role).get_customer_screen()
                self.assertEqual(screen["name"], "Aegean Trading")


@tagged("post_install", "-at_install")
class TestHostUsers(ScreensCommon):
    """Whoever keeps the books, or nothing to do with collections, works on as before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bookkeeper = cls.in_company(cls.company)
        cls.bookkeeper.env = cls.env(
            user=cls.users["invoicing"].id,
            context={**cls.env.context, "allowed_company_ids": cls.company.ids},
        )

    def test_invoices_and_payments_change_cases_underneath(self):
        books = self.bookkeeper
        customer = self.env["res.partner"].create({"name": "Delos Foods", "is_company": True})
        invoice = books.invoice(books.env["res.partner"].browse(customer.id), amount=600.0)
        case = self.case_of(customer)
        self.assertEqual(case.amount_open, 600.0)
        self.assertFalse(self.sees("invoicing", case))

        books.pay(invoice, amount=200.0)
        self.assertEqual(case.amount_open, 400.0)
        payment = books.pay(invoice)
        self.assertEqual((case.state, case.result), ("completed", "paid"))
        # it bounces: the case is taken up again
        payment.move_id.line_ids.remove_move_reconcile()
        payment.action_reject()
        self.at_once()
        self.assertEqual(case.state, "in_progress")
        books.credit(invoice)
        self.assertEqual(case.amount_open, 0.0)

    def test_documents_are_reset_changed_and_deleted(self):
        books = self.bookkeeper
        customer = books.env["res.partner"].browse(self.customer.id)
        other = books.env["res.partner"].browse(self.other_customer.id)
        invoice = books.invoice(customer, amount=100.0)
        self.assertEqual(self.own_case.amount_open, 1100.0)
        invoice.button_draft()
        invoice.partner_id = other
        invoice.action_post()
        self.at_once()
        self.assertEqual(self.own_case.amount_open, 1000.0)
        self.assertEqual(self.other_case.amount_open, 600.0)
        invoice.button_draft()
        invoice.button_cancel()
        self.at_once()
        self.assertEqual(self.other_case.amount_open, 500.0)
        draft = books.invoice(customer, amount=70.0, post=False)
        copied = invoice.copy()
        (draft | copied).unlink()
        reversal = books.invoice(customer, amount=30.0)._reverse_moves(cancel=True)
        self.assertEqual(reversal.payment_state, "paid")

    def test_an_advance_is_paid_by_who_keeps_the_books(self):
        case = self.env["collection.case"]._open_amount_case(
            self.own_case.profile_id, 90.0, self.company.currency_id, "Advance", self.today
        )
        books = self.bookkeeper
        payment = books.env["account.payment"].create({
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": self.customer.id,
            "amount": 90.0,
            "collection_item_id": case.open_item_ids.id,
        })
        payment.action_post()
        self.at_once()
        self.assertEqual(case.state, "completed")
        self.assert_opens(payment, "invoicing")

    def test_forms_open_without_a_role(self):
        payment = self.pay(self.own_invoice, amount=300.0)
        for record in (self.own_invoice, payment, self.customer):
            with self.subTest(record=record._name):
                self.assert_opens(record, "invoicing")
        for role in ("internal", "invoicing"):
            with self.subTest(role=role):
                self.assert_opens(self.customer, role)
                self.assert_opens(self.users[role], role)
        self.open_list("invoicing", "account.move", view="account.view_out_invoice_tree")
        self.open_list("internal", "res.partner", view_type="kanban")

    def test_every_field_is_readable_or_kept_from_view(self):
        # what reads a whole record, as an export or another program does, meets no locked field
        for role in OUTSIDERS:
            for model in HOST_MODELS:
                Model = self.as_user(self.env[model], role)
                if not Model.has_access("read"):
                    continue
                names = [
                    name
                    for name in Model.fields_get(attributes=["type"])
                    if Model._fields[name]._module == "collection"
                ]
                with self.subTest(role=role, model=model, fields=names):
                    for row in Model.search([], limit=20).read(names):
                        self.assertGreaterEqual(row.keys(), set(names))

    def test_nothing_about_collections_shows_on_the_customer_or_the_document(self):
        for role in OUTSIDERS:
            for record, names in (
                (
                    self.customer,
                    ("collection_hold", "collection_amount_overdue", "collection_payment_count"),
                ),
                (self.own_invoice, ("collection_case_count", "collection_note_ids")),
            ):
                own = self.as_user(record, role)
                for name in names:
                    with self.subTest(role=role, field=name), self.assertRaises(AccessError):
                        own.read([name])

    def test_who_keeps_the_address_book_merges_moves_and_deletes(self):
        keeper = self.person("access_keeper", "base.group_user,base.group_partner_manager")
        contact = self.env["res.partner"].create({"name": "Eva", "parent_id": self.customer.id})
        self.env["collection.partner.contact"].create({
            "partner_id": self.customer.id,
            "contact_id": contact.id,
        })
        partner = self.as_user(self.customer, keeper)
        partner.write({"name": "Aegean Trading SA", "category_id": [Command.clear()]})
        self.as_user(contact, keeper).unlink()
        twin = self.env["res.partner"].create({"name": "Aegean Trading", "is_company": True})
        self.as_user(twin, keeper).parent_id = self.customer
        self.at_once()
        self.assertFalse(contact.exists())
        self.assertEqual(twin.parent_id, self.customer)
        self.assertEqual(self.profile().display_name, "Aegean Trading SA")

    def test_who_administers_users_copies_them(self):
        keeper = self.person(
            "access_admin", "base.group_user,base.group_partner_manager,base.group_erp_manager"
        )
        copied = self.as_user(self.users["debt_manager"], keeper).copy({"login": "access_copy"})
        self.assertTrue(copied.sudo().is_debt_manager)


@tagged("post_install", "-at_install")
class TestPortal(AccessCommon, HttpCase):
    """The customer's own pages."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users["portal"].partner_id.parent_id = cls.customer

    def test_the_customer_sees_own_invoices(self):
        self.authenticate("access_portal", "access_portal")
        page = self.url_open("/my/invoices")
        self.assertEqual(page.status_code, 200)
        self.assertIn(self.own_invoice.name, page.text)
        self.assertNotIn(self.other_invoice.name, page.text)
        self.assertEqual(self.url_open(f"/my/invoices/{self.own_invoice.id}").status_code, 200)
        self.assertEqual(self.url_open("/my/account").status_code, 200)

    def test_the_customer_calls_nothing_of_collections(self):
        self.authenticate("access_portal", "access_portal")
        for model, method, args in (
            ("collection.case", "search_read", [[]]),
            ("collection.profile", "get_customer_screen", [self.own_case.profile_id.ids]),
            ("collection.profile", "screen_search", ["Aegean"]),
            ("collection.cycle.run", "action_run_now", []),
            ("res.partner", "read", [self.customer.ids, ["collection_amount_overdue"]]),
        ):
            with self.subTest(model=model, method=method):
                with mute_logger("odoo.http"):
                    answer = self.url_open(
                        f"/web/dataset/call_kw/{model}/{method}",
                        json={
                            "params": {"model": model, "method": method, "args": args, "kwargs": {}}
                        },
                    ).json()
                self.assertIn("AccessError", answer["error"]["data"]["name"])
