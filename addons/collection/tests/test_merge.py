# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import Command
from odoo.tests import tagged

from .common import CollectionCommon


@tagged("post_install", "-at_install")
class TestPartnerMerge(CollectionCommon):
    """Customers merged by the host's wizard keep one profile and all that was done for them."""

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.quick_ref("base.group_partner_manager")

    @classmethod
    def merge(cls, kept, *others):
        """Merge contacts into one, as the wizard on the list of contacts does."""
        partners = kept.union(*others)
        wizard = (
            cls
            .env["base.partner.merge.automatic.wizard"]
            .with_context(active_model="res.partner", active_ids=partners.ids)
            .create({"dst_partner_id": kept.id})
        )
        wizard.action_merge()
        cls.env.invalidate_all()
        cls.at_once()

    @classmethod
    def person(cls, name, parent):
        return cls.env["res.partner"].create({"name": name, "parent_id": parent.id})

    def open_cases(self, partner=None):
        return self.cases(partner).filtered(lambda case: case.state != "completed")

    # ------------------------------------------------------------
    # CUSTOMERS
    # ------------------------------------------------------------

    def test_two_customers_with_open_cases_become_one_with_one_open_case(self):
        first = self.invoice(amount=1000)
        second = self.invoice(self.other_customer, amount=300)
        case, gone = self.cases(), self.cases(self.other_customer)
        self.merge(self.customer, self.other_customer)
        self.assertFalse(self.other_customer.exists())
        self.assertEqual(self.cases(), case | gone)
        self.assertEqual(self.open_cases(), case)
        self.assertEqual((gone.result, gone.merged_into_id), ("merged", case))
        self.assertEqual((first | second).collection_item_ids.case_id, case)
        self.assertEqual(case.amount_open, 1300)
        profile = self.profile()
        self.assertEqual(len(profile), 1)
        self.assertEqual((profile.amount_open, profile.item_count), (1300, 2))
        self.pay(first | second)
        self.assertEqual((case.state, case.result), ("completed", "paid"))

    def test_a_customer_without_a_profile_takes_over_that_of_the_other(self):
        self.invoice(self.other_customer, amount=300)
        profile, case = self.profile(self.other_customer), self.cases(self.other_customer)
        self.assertFalse(self.profile())
        self.merge(self.customer, self.other_customer)
        self.assertEqual((self.profile(), self.cases()), (profile, case))
        self.assertEqual(profile.commercial_partner_id, self.customer)
        self.assertEqual(case.partner_id, self.customer)
        self.invoice(amount=200)
        self.assertEqual(self.cases(), case)
        self.assertEqual(case.amount_open, 500)

    def test_three_customers_of_whom_the_one_that_stays_has_no_profile(self):
        third = self.env["res.partner"].create({"name": "Corinth Trade", "is_company": True})
        self.invoice(self.other_customer, amount=300)
        self.invoice(third, amount=200)
        cases = self.cases(self.other_customer) | self.cases(third)
        self.merge(self.customer, self.other_customer, third)
        self.assertEqual(len(self.profile()), 1)
        self.assertEqual(self.cases(), cases.sorted("id", reverse=True))
        self.assertEqual(sum(self.open_cases().mapped("amount_open")), 500)
        self.assertEqual(len(self.open_cases()), 1)

    def test_what_was_said_written_and_planned_is_kept(self):
        invoice = self.invoice(self.other_customer, amount=300)
        self.invoice(amount=100)
        case, gone = self.cases(), self.cases(self.other_customer)
        other_profile = self.profile(self.other_customer)
        log = self.env["collection.contact.log"].create({
            "case_id": gone.id,
            "profile_id": other_profile.id,
            "channel": "phone",
            "note": "Pays on Friday",
        })
        at_customer, at_invoice = self.env["collection.note"].create([
            {"profile_id": other_profile.id, "body": "Closed in August"},
            {"move_id": invoice.id, "body": "The goods came late"},
        ])
        other_profile.message_post(body="Insolvency was denied")
        gone.message_post(body="Wrong number")
        activity = gone.activity_schedule(
            "collection.activity_type_call", summary="Call back", user_id=self.env.uid
        )
        self.merge(self.customer, self.other_customer)
        profile = self.profile()
        self.assertIn(log, profile.contact_log_ids)
        self.assertEqual(profile.note_ids & (at_customer | at_invoice), at_customer | at_invoice)
        self.assertEqual((at_customer | at_invoice).partner_id, self.customer)
        self.assertIn("Insolvency was denied", "".join(profile.message_ids.mapped("body")))
        self.assertIn("Wrong number", "".join(gone.message_ids.mapped("body")))
        self.assertEqual(activity.res_id, case.id)

    def test_settings_of_the_one_that_stays_win_and_empty_ones_are_filled(self):
        manager, other_manager = self.debt_manager("rivka"), self.debt_manager("nikos")
        self.invoice(amount=100)
        self.invoice(self.other_customer, amount=100)
        profile, other = self.profile(), self.profile(self.other_customer)
        profile.debt_manager_id = manager
        other.write({
            "debt_manager_id": other_manager.id,
            "hold": True,
            "hold_reason": "Talks about a plan",
            "participation": "no",
        })
        self.merge(self.customer, self.other_customer)
        self.assertEqual(profile.debt_manager_id, manager)
        self.assertTrue(profile.is_held)
        self.assertEqual(profile.hold_reason, "Talks about a plan")
        self.assertEqual(profile.participation, "no")

    def test_a_case_opened_by_hand_and_a_closed_one_stay_beside_the_open_one(self):
        self.invoice(amount=1000)
        self.invoice(self.other_customer, amount=300)
        closed = self.cases(self.other_customer)
        closed._close("uncollectable", keep_out_until=self.days(30))
        by_hand = self.env["collection.case"]._open_amount_case(
            self.profile(self.other_customer),
            50.0,
            self.company.currency_id,
            "Advance",
            self.today,
        )
        case = self.cases()
        self.merge(self.customer, self.other_customer)
        self.assertEqual(self.cases(), (case | closed | by_hand).sorted("id", reverse=True))
        self.assertEqual(self.open_cases(), by_hand | case)
        self.assertEqual((closed.result, by_hand.amount_open), ("uncollectable", 50))
        self.assertEqual(case.amount_open, 1000)

    def test_each_company_keeps_its_own_profile_and_cases(self):
        other_company = self.setup_other_company()["company"]
        other_company.write({"collection_tz": "UTC", "collection_live": True})
        self.invoice(amount=100)
        self.invoice(self.other_customer, amount=200)
        journal = self.env["account.journal"].search([
            ("company_id", "=", other_company.id),
            ("type", "=", "sale"),
        ])[:1]
        self.env["account.move"].with_company(other_company).create({
            "move_type": "out_invoice",
            "journal_id": journal.id,
            "partner_id": self.other_customer.id,
            "invoice_date": self.days(-10),
            "invoice_date_due": self.days(-10),
            "invoice_payment_term_id": False,
            "invoice_line_ids": [
                Command.create({"name": "Service", "price_unit": 400, "tax_ids": []})
            ],
        }).action_post()
        self.at_once()
        self.merge(self.customer, self.other_customer)
        profiles = self.env["collection.profile"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(profiles.company_id, self.company | other_company)
        self.assertEqual(len(profiles), 2)
        self.assertEqual(
            {profile.company_id: profile.amount_open for profile in profiles},
            {self.company: 300, other_company: 400},
        )
        self.assertEqual(len(self.open_cases().filtered(lambda c: c.company_id == self.company)), 1)
        self.assertEqual(len(self.open_cases().filtered(lambda c: c.company_id != self.company)), 1)

    # ------------------------------------------------------------
    # BRANCHES
    # ------------------------------------------------------------

    def test_branches_of_a_merged_customer_keep_their_cases(self):
        branch = self.env["res.partner"].create({
            "name": "Carmel, Eilat",
            "parent_id": self.other_customer.id,
            "type": "invoice",
        })
        self.env["collection.profile"]._get_or_create(
            self.company, self.other_customer
        ).participation = "branch"
        self.invoice(branch, amount=300)
        self.invoice(amount=1000)
        case = self.cases(branch)
        self.assertEqual(case.amount_open, 300)
        self.merge(self.customer, self.other_customer)
        self.assertEqual(branch.commercial_partner_id, self.customer)
        self.assertEqual(self.profile().participation, "branch")
        self.assertEqual(self.profile(branch).commercial_partner_id, self.customer)
        self.assertEqual(self.open_cases(branch), case)
        self.assertEqual(case.amount_open, 300)
        self.assertEqual(self.open_cases().amount_open, 1000)
        self.run_cycle()
        self.assertEqual((case.state, case.amount_open), ("not_started", 300))

    def test_two_branches_merged_become_one(self):
        north, south = self.env["res.partner"].create([
            {"name": name, "parent_id": self.customer.id, "type": "invoice"}
            for name in ("Aegean, Kavala", "Aegean, Chania")
        ])
        self.env["collection.profile"]._get_or_create(
            self.company, self.customer
        ).participation = "branch"
        self.invoice(north, amount=300)
        self.invoice(south, amount=200)
        cases = self.cases(north) | self.cases(south)
        self.merge(north, south)
        self.assertEqual(self.cases(north), cases.sorted("id", reverse=True))
        self.assertEqual(self.open_cases(north).amount_open, 500)
        self.assertEqual(self.profile(north).commercial_partner_id, self.customer)

    def test_a_person_merged_into_the_branch_of_a_company_is_chased_there(self):
        branch = self.env["res.partner"].create({
            "name": "Aegean, Kavala",
            "parent_id": self.customer.id,
            "type": "invoice",
        })
        person = self.env["res.partner"].create({"name": "Nikos Stavrou"})
        self.env["collection.profile"]._get_or_create(
            self.company, self.customer
        ).participation = "branch"
        self.invoice(person, amount=300)
        case = self.cases(person)
        self.merge(branch, person)
        self.assertEqual(branch.commercial_partner_id, self.customer)
        self.assertEqual(self.profile(branch).commercial_partner_id, self.customer)
        self.assertEqual(self.cases(branch), case)
        self.assertEqual((case.state, case.amount_open), ("not_started", 300))
        self.run_cycle()
        self.assertEqual((case.state, case.amount_open), ("not_started", 300))

    # ------------------------------------------------------------
    # CONTACTS
    # ------------------------------------------------------------

    def test_a_contact_of_both_stays_once_and_one_is_primary(self):
        person, other_person = (
            self.person("Maria", self.customer),
            self.person("Yossi", self.other_customer),
        )
        relation = self.env.ref("collection.relation_director")
        Contact = self.env["collection.partner.contact"]
        own = Contact.create({
            "partner_id": self.customer.id,
            "contact_id": person.id,
            "relation_type_id": relation.id,
            "is_primary": True,
        })
        twin, primary = Contact.create([
            {
                "partner_id": self.other_customer.id,
                "contact_id": contact.id,
                "relation_type_id": relation.id,
                "is_primary": contact == other_person,
            }
            for contact in (person, other_person)
        ])
        self.merge(self.customer, self.other_customer)
        self.assertEqual(self.customer.collection_contact_ids, own | primary)
        self.assertFalse(twin.exists())
        self.assertEqual(self.customer.collection_contact_ids.filtered("is_primary"), own)
        self.assertEqual(other_person.parent_id, self.customer)

    def test_a_payment_contact_merged_with_a_twin_stays_the_payment_contact(self):
        person, twin = self.person("Maria", self.customer), self.person("Maria K.", self.customer)
        self.invoice(amount=100)
        self.profile().payment_contact_id = twin
        case = self.cases()
        case.payment_contact_id = twin
        self.merge(person, twin)
        self.assertEqual(self.profile().payment_contact_id, person)
        self.assertEqual(case.payment_contact_id, person)

    def test_the_payment_contact_of_a_merged_customer_goes_along(self):
        person = self.person("Yossi", self.other_customer)
        self.invoice(amount=100)
        self.invoice(self.other_customer, amount=200)
        case, gone = self.cases(), self.cases(self.other_customer)
        gone.payment_contact_id = person
        self.profile(self.other_customer).payment_contact_id = person
        self.merge(self.customer, self.other_customer)
        self.assertEqual(self.profile().payment_contact_id, person)
        self.assertEqual(gone.payment_contact_id, person)
        self.assertEqual(case.amount_open, 300)

    # ------------------------------------------------------------
    # PEOPLE
    # ------------------------------------------------------------

    def debt_manager(self, login):
        return (
            self
            .env["res.users"]
            .sudo()
            .create({
                "name": login.title(),
                "login": login,
                "group_ids": [Command.link(self.quick_ref("collection.group_debt_manager").id)],
                "company_ids": [Command.set(self.company.ids)],
                "company_id": self.company.id,
            })
            .sudo(False)
        )
