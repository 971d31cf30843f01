# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import CollectionCommon


@tagged("post_install", "-at_install")
class TestAgreedPayments(CollectionCommon):
    """What a customer agreed to pay is seen everywhere at once, and judged by what comes in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.move = cls.invoice(amount=1000)
        cls.case = cls.cases()
        cls.yesterday = fields.Datetime.subtract(fields.Datetime.now(), days=1)

    def contact(self, outcome=None, **vals):
        """Log a contact of yesterday on the case."""
        form = Form(
            self.env["collection.contact.log.wizard"].with_context(
                active_model="collection.case", active_id=self.case.id
            )
        )
        form.date = self.yesterday
        if outcome:
            form.outcome_id = self.quick_ref(f"collection.outcome_{outcome}")
        for name, value in vals.items():
            setattr(form, name, value)
        form.save().action_log()
        return self.case.contact_log_ids.sorted("id")[-1:]

    def agree(self, amount=400, days=3, way="bank_transfer", **vals):
        """Log that the customer will pay."""
        return self.contact(
            "promised",
            agreed_date=self.days(days),
            agreed_amount=amount,
            agreed_way_id=self.quick_ref(f"collection.way_{way}"),
            **vals,
        )

    # ------------------------------------------------------------
    # SEEN AT ONCE
    # ------------------------------------------------------------

    def test_agreed_payment_is_seen_at_once_on_case_customer_and_lists(self):
        log = self.agree(400, way="messenger")
        self.assertEqual(log.agreed_state, "pending")
        case = self.case
        self.assertEqual((case.agreed_date, case.agreed_amount), (self.days(3), 400))
        self.assertEqual(case.agreed_way_id.code, "messenger")
        self.assertFalse(case.agreed_late)
        [row] = self.profile()._screen_panel_agreed()["agreed"]
        self.assertEqual((row["amount"], row["date"]), (400, self.days(3)))
        pending = self.env["ir.actions.act_window"]._for_xml_id(
            "collection.action_pending_collections"
        )
        found = self.env[pending["res_model"]].search([
            ("agreed_state", "=", "pending"),
            ("case_id", "=", case.id),
        ])
        self.assertEqual(found, log)
        self.assertIn(case, case.search([("agreed_date", "<=", self.days(7))]))

    def test_a_new_agreement_replaces_the_one_before(self):
        first = self.agree(400)
        second = self.agree(700, days=6, way="cheque")
        self.assertEqual(first.agreed_state, "replaced")
        self.assertEqual(second.agreed_state, "pending")
        self.assertEqual((self.case.agreed_amount, self.case.agreed_date), (700, self.days(6)))

    def test_another_contact_without_agreement_replaces_nothing(self):
        log = self.agree()
        self.contact("left_message")
        self.assertEqual(log.agreed_state, "pending")
        self.assertEqual(self.case.agreed_amount, 400)
        self.assertNotEqual(self.case.last_contact_id, log)

    def test_agreed_in_another_currency_shows_in_that_of_the_company(self):
        other = self.setup_other_currency("EUR", rates=[("2000-01-01", 2.0)])
        log = self.agree(400, currency_id=other)
        self.assertEqual(log.currency_id, other)
        self.assertEqual(self.case.agreed_amount, 200)

    # ------------------------------------------------------------
    # JUDGED
    # ------------------------------------------------------------

    def test_a_payment_that_comes_in_is_received_and_the_rest_is_work_again(self):
        log = self.agree(400)
        self.pay(self.move, amount=400)
        self.assertEqual(log.agreed_state, "received")
        self.assertEqual(log.received_amount, 400)
        self.assertEqual(self.case.state, "in_progress", "nobody promised the other 600")
        self.assertFalse(self.case.agreed_date)
        self.assertFalse(self.case.agreed_amount)
        self.assertEqual(self.case.transition_ids[0].reason, "The agreed payment came in")
        self.assertEqual(self.profile()._screen_panel_agreed()["agreed"], [])

    def test_a_part_of_it_keeps_the_rest_awaited(self):
        log = self.agree(400)
        self.pay(self.move, amount=150)
        self.assertEqual(log.agreed_state, "pending")
        self.assertEqual(log.received_amount, 150)
        self.assertEqual(self.case.state, "promise")
        self.assertEqual(self.case.agreed_date, self.days(3))

    def test_all_of_the_debt_completes_the_case(self):
        log = self.agree(1000)
        self.pay(self.move)
        self.assertEqual(log.agreed_state, "received")
        self.assertEqual((self.case.state, self.case.result), ("completed", "paid"))
        self.assertFalse(self.case.agreed_date)

    def test_a_credit_note_is_no_payment(self):
        log = self.agree(1000)
        self.credit(self.move)
        self.assertEqual(log.agreed_state, "cancelled")
        self.assertEqual(self.case.result, "credited")

    def test_closing_the_case_by_hand_ends_the_waiting(self):
        log = self.agree()
        self.case._close("uncollectable", "Gone abroad")
        self.at_once()
        self.assertEqual(log.agreed_state, "cancelled")
        self.assertFalse(self.case.agreed_date)

    def test_taking_it_back_returns_the_case_to_work(self):
        log = self.agree()
        log.action_cancel_agreement()
        self.assertEqual(log.agreed_state, "cancelled")
        self.assertFalse(self.case.agreed_date)
        self.assertEqual(self.case.state, "in_progress")
        with self.assertRaises(UserError):
            log.action_cancel_agreement()

    def test_late_is_what_was_agreed_for_a_day_gone_by(self):
        log = self.agree(days=0)
        self.assertFalse(log.agreed_late)
        log.write({
            "date": fields.Datetime.subtract(self.yesterday, days=5),
            "agreed_date": self.days(-2),
        })
        self.assertTrue(log.agreed_late)
        self.assertTrue(self.case.agreed_late)
        self.assertIn(log, log.search([("agreed_late", "=", True)]))

    # ------------------------------------------------------------
    # REFUSED
    # ------------------------------------------------------------

    def test_an_agreed_payment_says_when_how_much_and_in_which_way(self):
        way = self.quick_ref("collection.way_cash")
        vals = {"case_id": self.case.id, "profile_id": self.case.profile_id.id}
        wrong = (
            ({"agreed_amount": 10, "agreed_way_id": way.id}, "day"),
            ({"agreed_date": self.days(2), "agreed_way_id": way.id}, "amount"),
            ({"agreed_date": self.days(2), "agreed_amount": 10}, "way"),
            (
                {"agreed_date": self.days(-2), "agreed_amount": 10, "agreed_way_id": way.id},
                "lies before",
            ),
        )
        for agreed, message in wrong:
            with (
                self.subTest(message),
                self.assertRaisesRegex(ValidationError, message),
                self.cr.savepoint(),
            ):
                self.env["collection.contact.log"].create({**vals, **agreed})

    def test_a_contact_with_the_customer_needs_no_case_but_an_agreement_does(self):
        self.case._close("cancelled", "Not a debt")
        profile = self.profile()
        form = Form(
            self.env["collection.contact.log.wizard"].with_context(
                active_model="collection.profile", active_id=profile.id
            )
        )
        self.assertFalse(form.case_id)
        form.note = "Asked for the bank details"
        form.save().action_log()
        log = profile.contact_log_ids
        self.assertFalse(log.case_id)
        with self.assertRaisesRegex(ValidationError, "belongs to a case"):
            log.write({
                "agreed_date": self.days(3),
                "agreed_amount": 10,
                "agreed_way_id": self.quick_ref("collection.way_cash").id,
            })

    def test_a_contact_is_logged_at_the_customers_own_case(self):
        self.invoice(partner=self.other_customer)
        with self.assertRaisesRegex(ValidationError, "Carmel Systems"):
            self.env["collection.contact.log"].create({
                "case_id": self.case.id,
                "profile_id": self.profile(self.other_customer).id,
            })

    def test_the_last_contact_stands_on_the_case(self):
        first = self.contact("no_answer")
        second = self.contact("left_message")
        self.assertEqual(self.case.last_contact_id, second)
        second.date = fields.Datetime.subtract(self.yesterday, days=3)
        self.assertEqual(self.case.last_contact_id, first)

    def test_contacts_are_read_in_the_list_and_logged_in_the_dialog(self):
        log = self.agree()
        with Form(log) as form:
            form.agreed_amount = 450
        self.assertEqual(self.case.agreed_amount, 450, "what was agreed may be corrected")
        self.assertIn("Phone", log.display_name)


@tagged("post_install", "-at_install")
class TestRelatedContacts(CollectionCommon):
    """Who is whom at a customer, and whom to speak to first."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Partner = cls.env["res.partner"]
        cls.eleni = Partner.create({
            "name": "Eleni",
            "parent_id": cls.customer.id,
            "function": "Bookkeeper",
            "phone": "+30 210 1111111",
        })
        cls.petros = Partner.create({"name": "Petros", "function": "Owner"})

    def relate(self, person, partner=None, relation="employee", **vals):
        return self.env["collection.partner.contact"].create({
            "partner_id": (partner or self.customer).id,
            "contact_id": person.id,
            "relation_type_id": self.quick_ref(f"collection.relation_{relation}").id,
            **vals,
        })

    def people(self, partner=None):
        rows = (partner or self.customer)._collection_contacts_ordered()
        return [row["partner"].name for row in rows]

    def test_the_relation_says_what_the_person_is_there(self):
        relation = self.relate(self.petros, relation="owner")
        self.assertEqual(relation.job_position, "Owner", "taken over from the person")
        self.assertEqual(relation.kind, "ownership")
        relation.job_position = "Chairman"
        self.assertEqual(self.petros.function, "Owner")
        self.assertEqual(relation.display_name, "Petros, Chairman")

    def test_the_primary_one_goes_first(self):
        self.relate(self.eleni, sequence=1)
        second = self.relate(self.petros, relation="owner", sequence=2)
        self.assertEqual(self.people(), ["Eleni", "Petros"])
        second.is_primary = True
        self.assertEqual(self.people(), ["Petros", "Eleni"])
        self.customer.invalidate_recordset(["collection_contact_ids"])
        people = self.customer.collection_contact_ids
        self.assertEqual(people[0], second)
        self.assertEqual(people.sorted("sequence")[0], second, "also where order is dragged")

    def test_a_customer_has_one_primary_contact(self):
        first = self.relate(self.eleni, is_primary=True)
        second = self.relate(self.petros, relation="owner", is_primary=True)
        self.assertFalse(first.is_primary, "marking another one unmarks the one before")
        first.is_primary = True
        self.assertFalse(second.is_primary)

    def test_the_payment_contact_comes_before_the_primary_one(self):
        self.relate(self.petros, relation="owner", is_primary=True)
        self.relate(self.eleni)
        self.customer.collection_payment_contact_id = self.eleni
        self.assertEqual(self.people(), ["Eleni", "Petros"])

    def test_a_case_speaks_to_the_primary_contact_where_nobody_pays(self):
        self.relate(self.petros, relation="owner", is_primary=True)
        self.invoice()
        action = self.cases().action_log_contact()
        form = Form(self.env["collection.contact.log.wizard"].with_context(**action["context"]))
        self.assertEqual(form.contact_id, self.petros)

    def test_one_person_for_several_customers(self):
        self.relate(self.petros, relation="owner")
        self.relate(self.petros, self.other_customer, "accountant", is_primary=True)
        self.assertEqual(
            self.petros.collection_relation_ids.partner_id, self.customer | self.other_customer
        )
        self.assertEqual(self.people(self.other_customer), ["Petros"])

    def test_a_branch_has_its_own_people_and_those_of_the_company(self):
        branch = self.env["res.partner"].create({
            "name": "Crete",
            "type": "invoice",
            "parent_id": self.customer.id,
        })
        self.relate(self.eleni, sequence=1)
        self.relate(self.petros, branch, "representative", sequence=5)
        self.assertEqual(self.people(branch), ["Petros", "Eleni"])

    def test_a_contact_is_a_natural_person_and_not_the_customer(self):
        with self.assertRaisesRegex(ValidationError, "is a company"), self.cr.savepoint():
            self.relate(self.other_customer)
        with self.assertRaisesRegex(ValidationError, "of itself"):
            self.relate(self.customer)

    def test_the_same_relation_stands_once(self):
        self.relate(self.petros, relation="owner")
        self.relate(self.petros, relation="guarantor")
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.relate(self.petros, relation="owner")

    def test_the_customers_form_keeps_the_people(self):
        with Form(self.customer) as form:
            with form.collection_contact_ids.new() as line:
                line.contact_id = self.eleni
                line.relation_type_id = self.quick_ref("collection.relation_employee")
                line.is_primary = True
            with form.collection_contact_ids.new() as line:
                line.contact_id = self.petros
                self.assertEqual(line.job_position, "Owner")
        self.assertEqual(self.people(), ["Eleni", "Petros"])
        with Form(self.customer) as form:
            with form.collection_contact_ids.edit(0) as line:
                line.is_primary = False
            with form.collection_contact_ids.edit(1) as line:
                line.is_primary = True
        self.assertEqual(self.people(), ["Petros", "Eleni"])
