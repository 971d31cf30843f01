# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Who may do what: roles × models × operations, in two companies."""

import inspect

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import get_public_method
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_access import OUTSIDERS, ROLES, AccessCommon, read_table

RIGHTS = """
model                            debt_manager team_leader manager accountant credit_manager auditor
collection.profile               rcw/-        rcw/-       rcwu    rcw        rcw            r
collection.item                  rw/-         rw/-        rwu     rw         rw             r
collection.item.block            rcw/-        rcw/-       rcwu    rcw        rcw            r
collection.case                  rcw/-        rcw/-       rcwu    rcw        rw             r
collection.case.item             rw/-         rw/-        rw      rw         r              r
collection.case.transition       r/-          r/-         r       r          r              r
collection.contact.log           rcw/-        rcw/-       rcwu    rcw        rcw            r
collection.contact.change        r/-          r/-         r       r          r              r
collection.note                  rcwu/-       rcwu/-      rcwu    rcwu       rcwu           r
collection.partner.contact       rcwu         rcwu        rcwu    rcwu       rcwu           r
collection.report.collected      r/-          r/-         r       r          r              r
collection.report.failed.payment r/-          r/-         r       r          r              r
collection.absence               rcwu/r       rcwu/r      rcwu    r          r              r
collection.batch                 r/-          rcw/-       rcw     rcw        r              r
collection.batch.line            r/-          r/-         r       r          r              r
collection.team                  r            r           rcwu    r          r              r
collection.cycle.run             -            r           r       r          -              r
collection.cycle.chunk           -            r           r       r          -              r
collection.cycle.touched         -            -           r       -          -              r
collection.activity.status       r            r           rcwu    r          r              r
collection.activity.type.status  r            r           rcwu    r          r              r
collection.outcome               r            r           rcwu    r          r              r
collection.payment.way           r            r           rcwu    r          r              r
collection.relation.type         r            r           rcwu    r          r              r
"""
# words that all companies share
SHARED = {
    "collection.activity.status",
    "collection.activity.type.status",
    "collection.outcome",
    "collection.payment.way",
    "collection.relation.type",
}
# what people without a role of collections may do: those who plan activities read their statuses
OUTSIDE_RIGHTS = {
    ("internal", "collection.activity.status"): "r",
    ("internal", "collection.activity.type.status"): "r",
    ("invoicing", "collection.activity.status"): "r",
    ("invoicing", "collection.activity.type.status"): "r",
}
# who may open which dialogue
WORKERS = {"debt_manager", "team_leader", "manager", "accountant"}
LEADERS = {"team_leader", "manager", "accountant"}
DIALOGUES = {
    "collection.case.amount.wizard": WORKERS,
    "collection.case.close.wizard": WORKERS,
    "collection.case.items.wizard": WORKERS,
    "collection.case.items.line": WORKERS,
    "collection.case.merge.wizard": WORKERS,
    "collection.case.split.wizard": WORKERS,
    "collection.case.split.line": WORKERS,
    "collection.item.block.wizard": WORKERS,
    "collection.item.keep.out.wizard": WORKERS,
    "collection.contact.log.wizard": WORKERS | {"credit_manager"},
    "collection.profile.hold.wizard": WORKERS | {"credit_manager"},
    "collection.case.assign.wizard": LEADERS,
    "collection.case.assign.line": LEADERS,
    "collection.case.open.wizard": WORKERS,
    "collection.case.open.line": WORKERS,
    "collection.start.page": {"manager"},
    "collection.start.page.manager": {"manager"},
    "collection.why.not.wizard": set(ROLES),
    "collection.why.not.line": set(ROLES),
}
# machinery without records
MACHINERY = {
    "collection.item.line.mixin",
    "collection.guard.mixin",
    "collection.profile.mixin",
    "collection.cycle",
    "collection.cycle.step",
    "collection.cycle.step.agreements",
    "collection.cycle.step.assign",
    "collection.cycle.step.cases",
    "collection.cycle.step.items",
    "collection.cycle.step.postdated",
    "collection.cycle.step.profiles",
    "collection.cycle.step.totals",
}


@tagged("post_install", "-at_install")
class TestRights(AccessCommon):
    """Every role, every model, every operation, on real records of two companies."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = cls.records_of(cls.customer, cls.company, cls.users["debt_manager"])
        cls.others = cls.records_of(cls.other_customer, cls.company, cls.colleague)
        cls.foreign = cls.records_of(cls.foreign_customer, cls.foreign_company, cls.stranger)

    @classmethod
    def records_of(cls, partner, company, user):
        """Return {model: a record of it} around a customer and its debt manager."""
        helpers = cls.in_company(company)
        env = helpers.env(su=True)
        case = env["collection.case"].search([("partner_id", "=", partner.id)])
        profile = case.profile_id
        item = profile.item_ids[:1]
        person = env["res.partner"].create({
            "name": "Anna",
            "parent_id": partner.id,
            "company_id": partner.company_id.id,
        })
        log = env["collection.contact.log"]._record({
            "profile_id": profile.id,
            "case_id": case.id,
            "channel": "phone",
            "note": "Nobody answered",
        })
        log.duration = 3
        helpers.pay(item.move_id, amount=100.0)
        payment = env["account.payment"].create({
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": partner.id,
            "amount": 20.0,
        })
        payment.action_cancel()
        run = env["collection.cycle.run"].create({
            "company_id": company.id,
            "business_date": fields.Date.subtract(cls.today, days=1 + user.id % 900),
            "state": "done",
        })
        env.flush_all()
        return {
            "collection.profile": profile,
            "collection.item": item,
            "collection.item.block": item._block("hold", amount=10.0),
            "collection.case": case,
            "collection.case.item": case.case_item_ids[:1],
            "collection.case.transition": case.transition_ids[:1],
            "collection.contact.log": log,
            "collection.contact.change": log.change_ids[:1],
            "collection.note": env["collection.note"].create({
                "profile_id": profile.id,
                "body": "Pays on Fridays",
            }),
            "collection.partner.contact": env["collection.partner.contact"].create({
                "partner_id": partner.id,
                "contact_id": person.id,
            }),
            "collection.report.collected": env["collection.report.collected"].search(
                [("profile_id", "=", profile.id)], limit=1
            ),
            "collection.report.failed.payment": env["collection.report.failed.payment"].search(
                [("profile_id", "=", profile.id)], limit=1
            ),
            "collection.team": case.team_id
            or env["collection.team"].create({"name": "Rivals", "company_id": company.id}),
            "collection.cycle.run": run,
            "collection.cycle.chunk": env["collection.cycle.chunk"].create({
                "run_id": run.id,
                "step": "collection.cycle.step.items",
            }),
            "collection.cycle.touched": env["collection.cycle.touched"].create({
                "company_id": company.id,
                "partner_id": partner.id,
            }),
            **cls.records_by(user, env, case),
            **{model: env[model].search([], limit=1) for model in SHARED},
        }

    @classmethod
    def records_by(cls, user, env, case):
        """Return {model: a record of it} of what a person did or plans."""
        batch = env["collection.batch"].create({
            "name": "Assign 1 case",
            "company_id": case.company_id.id,
            "kind": "assign",
            "user_id": user.id,
        })
        cls.absences = getattr(cls, "absences", 0) + 1
        day = cls.days(100 + cls.absences)
        return {
            "collection.absence": env["collection.absence"].create({
                "user_id": user.id,
                "substitute_id": cls.env.ref("base.user_admin").id,
                "date_from": day,
                "date_to": day,
            }),
            "collection.batch": batch,
            "collection.batch.line": env["collection.batch.line"].create({
                "batch_id": batch.id,
                "kind": "case",
                "case_id": case.id,
            }),
        }

    def suite_models(self, *, transient=False, abstract=False):
        """Return the names of the models this add-on makes."""
        return {
            name
            for name, model in self.env.items()
            if model._original_module == "collection"
            and model._transient == transient
            and model._abstract == abstract
        }

    def test_every_model_has_its_row(self):
        rows = {model for model, _role in read_table(RIGHTS)}
        self.assertEqual(self.suite_models(), rows)
        self.assertEqual(self.suite_models(transient=True), set(DIALOGUES))
        self.assertEqual(self.suite_models(abstract=True), MACHINERY)

    def test_roles_on_own_records_and_those_of_others(self):
        for (model, role), (on_own, on_others) in read_table(RIGHTS).items():
            mine = self.own
            if model in ("collection.absence", "collection.batch", "collection.batch.line"):
                mine = self.records_by(self.users[role], self.env(su=True), self.own_case)
            with self.subTest(model=model, role=role, whose="own"):
                self.assertEqual(self.rights_on(mine[model], role), on_own)
            with self.subTest(model=model, role=role, whose="others'"):
                self.assertEqual(self.rights_on(self.others[model], role), on_others)

    def test_nobody_sees_another_company(self):
        for model, record in self.foreign.items():
            if model in SHARED:
                continue
            for role in ROLES:
                with self.subTest(model=model, role=role):
                    self.assertEqual(self.rights_on(record, role), "")
            with self.subTest(model=model, role="manager of the other company"):
                self.assertIn("r", self.rights_on(record, self.stranger))
                # contacts belong to whom their customer belongs to: here, to everybody
                if model != "collection.partner.contact":
                    self.assertEqual(self.rights_on(self.own[model], self.stranger), "")

    def test_a_team_of_all_companies_is_seen_by_all(self):
        team = self.env["collection.team"].sudo().create({"name": "Everywhere"})
        self.assertTrue(self.sees("debt_manager", team))
        self.assertTrue(self.sees(self.stranger, team))

    def test_people_without_a_role_see_nothing(self):
        for role in (*OUTSIDERS, "public"):
            for model, record in self.own.items():
                with self.subTest(model=model, role=role):
                    self.assertEqual(
                        self.rights_on(record, role), OUTSIDE_RIGHTS.get((role, model), "")
                    )

    def test_dialogues_open_for_who_may_use_them(self):
        for model, allowed in DIALOGUES.items():
            for role in (*ROLES, *OUTSIDERS, "public"):
                with self.subTest(model=model, role=role):
                    dialogue = self.as_user(self.env[model], role)
                    self.assertEqual(dialogue.has_access("create"), role in allowed)

    def test_roles_bring_no_accounting_role_and_no_administration(self):
        for role in ROLES:
            user = self.users[role]
            with self.subTest(role=role):
                self.assertFalse(user.has_group("account.group_account_readonly"))
                self.assertFalse(user.has_group("account.group_account_invoice"))
                self.assertFalse(user.has_group("account.group_validate_bank_account"))
                self.assertFalse(user.has_group("base.group_erp_manager"))
                self.assertEqual(user.has_group("base.group_partner_manager"), role != "auditor")


@tagged("post_install", "-at_install")
class TestWhoSeesWhat(AccessCommon):
    """Own customers, teams, substitutes: whose cases a person sees, and when."""

    def test_a_debt_manager_sees_own_cases_only(self):
        self.assertTrue(self.sees("debt_manager", self.own_case))
        self.assertFalse(self.sees("debt_manager", self.other_case))
        with self.assertRaises(AccessError):
            self.as_user(self.other_case, "debt_manager").read(["name"])

    def test_a_debt_manager_sees_those_of_a_team_that_shares(self):
        self.other_team.member_ids |= self.users["debt_manager"]
        self.assertFalse(self.sees("debt_manager", self.other_case))
        self.other_team.share_cases = True
        for record in (self.other_case, self.other_case.profile_id, self.other_case.open_item_ids):
            self.assertTrue(self.sees("debt_manager", record))
        self.as_user(self.other_case, "debt_manager").priority = "1"

    def test_members_see_the_cases_of_their_team_that_nobody_has(self):
        self.other_case.debt_manager_id = False
        self.other_case.profile_id.debt_manager_id = False
        self.assertFalse(self.sees("debt_manager", self.other_case))
        self.other_case.team_id = self.team
        self.assertTrue(self.sees("debt_manager", self.other_case))
        # and take them
        self.as_user(self.other_case, "debt_manager").debt_manager_id = self.users["debt_manager"]
        self.assertTrue(self.sees("debt_manager", self.other_case))

    def test_a_substitute_sees_them_while_the_absence_lasts(self):
        absence = (
            self
            .env["collection.absence"]
            .sudo()
            .create({
                "user_id": self.colleague.id,
                "substitute_id": self.users["debt_manager"].id,
                "date_from": self.days(1),
                "date_to": self.days(3),
            })
        )
        self.assertFalse(self.sees("debt_manager", self.other_case))
        absence.date_from = self.today
        for record in (self.other_case, self.other_case.profile_id, self.other_case.open_item_ids):
            self.assertTrue(self.sees("debt_manager", record))
        self.as_user(self.other_case, "debt_manager").message_post(body="Called for you")
        absence.write({"date_from": self.days(-3), "date_to": self.days(-1)})
        self.assertFalse(self.sees("debt_manager", self.other_case))

    def test_a_leader_sees_the_team_and_the_teams_below(self):
        self.assertTrue(self.sees("team_leader", self.own_case))
        self.assertFalse(self.sees("team_leader", self.other_case))
        self.other_team.parent_id = self.team
        self.assertTrue(self.sees("team_leader", self.other_case))
        self.other_team.parent_id = self.top
        self.assertFalse(self.sees("team_leader", self.other_case))
        self.top.leader_id = self.users["team_leader"]
        self.assertTrue(self.sees("team_leader", self.other_case))

    def test_leading_a_team_shows_nothing_without_the_role(self):
        self.other_team.leader_id = self.users["debt_manager"]
        self.assertFalse(self.sees("debt_manager", self.other_case))

    def test_whoever_takes_over_sees_everything_so_far(self):
        self.other_case.message_post(body="They dispute the freight")
        log = self.env["collection.contact.log"]._record({
            "case_id": self.other_case.id,
            "profile_id": self.other_case.profile_id.id,
            "channel": "phone",
            "note": "They dispute the freight",
        })
        batch = self.env["collection.batch"]._assign(
            self.company,
            [
                (
                    self.users["debt_manager"],
                    self.team,
                    self.other_case,
                    self.other_case.profile_id,
                )
            ],
        )
        self.assertTrue(self.sees("debt_manager", log))
        case = self.as_user(self.other_case, "debt_manager")
        self.assertIn("freight", " ".join(case.message_ids.mapped("body")))
        self.assertFalse(self.sees(self.colleague, self.other_case))
        batch.action_undo()
        self.assertFalse(self.sees("debt_manager", self.other_case))

    def test_a_leader_sends_members_on_leave_but_nobody_else(self):
        Absence = self.as_user(self.env["collection.absence"], "team_leader")
        vals = {
            "substitute_id": self.users["team_leader"].id,
            "date_from": self.today,
            "date_to": self.today,
        }
        Absence.create({**vals, "user_id": self.users["debt_manager"].id})
        with self.assertRaises(AccessError):
            Absence.create({**vals, "user_id": self.colleague.id})

    def test_cases_of_a_customer_shared_by_two_people(self):
        # the customer is one person's, a second case of it another's: each sees own cases,
        # both see the customer
        second = self.env["collection.case"].create({
            "profile_id": self.other_case.profile_id.id,
            "debt_manager_id": self.users["debt_manager"].id,
            "team_id": self.team.id,
        })
        self.assertTrue(self.sees("debt_manager", second))
        self.assertTrue(self.sees("debt_manager", second.profile_id))
        self.assertFalse(self.sees("debt_manager", self.other_case))
        screen = self.as_user(second.profile_id, "debt_manager").get_customer_screen()
        names = [row["name"] for row in screen["data"]["cases"]["cases"]]
        self.assertEqual(names, [second.name])


@tagged("post_install", "-at_install")
class TestNoWayRound(AccessCommon):
    """What a person who speaks to the server without the client may not do either."""

    def as_debt_manager(self, record):
        return self.as_user(record, "debt_manager")

    def test_no_case_opens_for_somebody_elses_customer(self):
        Case = self.as_debt_manager(self.env["collection.case"])
        for case in (self.other_case, self.foreign_case):
            with self.assertRaises(AccessError):
                Case.create({
                    "profile_id": case.profile_id.id,
                    "debt_manager_id": self.users["debt_manager"].id,
                })
            with self.assertRaises(AccessError):
                self.as_debt_manager(self.own_case).profile_id = case.profile_id.id
            self.assertFalse(self.sees("debt_manager", case.profile_id))

    def test_nobody_sends_a_colleague_on_leave_to_see_the_cases(self):
        mine = self.as_debt_manager(self.env["collection.absence"]).create({
            "user_id": self.users["debt_manager"].id,
            "substitute_id": self.colleague.id,
            "date_from": self.today,
            "date_to": self.today,
        })
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            mine.write({
                "user_id": self.colleague.id,
                "substitute_id": self.users["debt_manager"].id,
            })
        self.assertFalse(self.sees("debt_manager", self.other_case))

    def test_no_item_of_somebody_else_joins_a_case(self):
        membership = self.as_debt_manager(self.own_case.case_item_ids[:1])
        for case in (self.other_case, self.foreign_case):
            item = case.open_item_ids
            case.sudo().case_item_ids._leave("removed")
            with self.assertRaises(AccessError):
                membership.create({"case_id": self.own_case.id, "item_id": item.id})
            for vals in ({"item_id": item.id}, {"case_id": case.id}):
                with self.assertRaises(AccessError):
                    membership.write(vals)
            profile = self.as_debt_manager(self.own_case.profile_id)
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self.as_debt_manager(self.own_case)._add_items(item.with_env(profile.env))
            self.assertFalse(profile.screen_open_case(item.ids)["case_id"])

    def test_an_item_says_what_the_ledger_says(self):
        item = self.as_debt_manager(self.own_case.open_item_ids)
        foreign_line = self.foreign_case.open_item_ids.sudo().move_line_id
        for vals in (
            {"move_line_id": foreign_line.id},
            {"profile_id": self.other_case.profile_id.id},
            {"state": "settled"},
            {"company_id": self.foreign_company.id},
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                item.write(vals)
            self.env.invalidate_all()
        # terms are granted by the collection manager and the credit manager
        for role in ROLES:
            own = self.as_user(self.own_case.open_item_ids, role)
            with self.subTest(role=role):
                if role in ("manager", "credit_manager"):
                    own.granted_date = self.days(30)
                    self.assertEqual(own.date_due, self.days(30))
                else:
                    with self.assertRaises(AccessError):
                        own.granted_date = self.days(40)

    def test_no_block_moves_to_an_item_of_somebody_else(self):
        block = self.as_debt_manager(self.own_case.open_item_ids)._block("hold", amount=5.0)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            block.item_id = self.other_case.open_item_ids.id

    def test_undoing_puts_back_only_what_the_operation_did(self):
        # lines decide what is put back with the system's rights: nobody writes them
        batch = self.as_user(self.env["collection.batch"], "team_leader").create({
            "name": "Forged",
            "kind": "assign",
            "company_id": self.company.id,
        })
        with self.assertRaises(AccessError):
            batch.env["collection.batch.line"].create({
                "batch_id": batch.id,
                "kind": "case",
                "case_id": self.other_case.id,
                "from_user_id": self.users["team_leader"].id,
                "to_user_id": self.colleague.id,
                "to_team_id": self.other_team.id,
            })
        with self.assertRaises(AccessError):
            batch.line_ids = [Command.create({"kind": "case", "case_id": self.other_case.id})]

    def test_no_category_makes_somebody_the_manager_of_customers(self):
        Category = self.as_debt_manager(self.env["res.partner.category"])
        with self.assertRaises(AccessError):
            Category.create({
                "name": "Mine",
                "collection_debt_manager_id": self.users["debt_manager"].id,
            })
        category = Category.create({"name": "Hotels"})
        with self.assertRaises(AccessError):
            category.collection_team_id = self.team
        self.as_user(category, "manager").collection_team_id = self.team

    def test_no_merging_brings_somebody_elses_customer(self):
        Merge = self.as_debt_manager(self.env["base.partner.merge.automatic.wizard"])
        with self.assertRaisesRegex(UserError, "Carmel Systems"), self.env.cr.savepoint():
            Merge.create({
                "partner_ids": [Command.set((self.customer | self.other_customer).ids)],
                "dst_partner_id": self.customer.id,
            }).action_merge()
        twin = self.env["res.partner"].create({"name": "Aegean Trading", "is_company": True})
        Merge.create({
            "partner_ids": [Command.set((self.customer | twin).ids)],
            "dst_partner_id": self.customer.id,
        }).action_merge()
        self.assertFalse(twin.exists())

    def test_the_reasons_tell_nothing_of_documents_one_does_not_see(self):
        move = self.env["account.move"]
        for role in ROLES:
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.run_dialogue(
                    role,
                    "collection.why.not.wizard",
                    "action_open_customer",
                    move.browse(self.foreign_invoice.id),
                )

    def test_settings_of_somebody_elses_customer(self):
        partner = self.as_debt_manager(self.other_customer)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            partner.collection_debt_manager_id = self.users["debt_manager"]
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            partner.collection_hold = True

    def test_only_a_collection_manager_starts_a_run_or_goes_live(self):
        for role in {*ROLES, *OUTSIDERS, "public"} - {"manager"}:
            with self.subTest(role=role):
                with self.assertRaises(AccessError):
                    self.as_user(self.env["collection.cycle.run"], role).action_run_now()
                with self.assertRaises(AccessError):
                    self.as_user(self.env["collection.start.page"], role).action_open()
        self.as_user(self.env["collection.cycle.run"], "manager").action_run_now()

    def test_the_start_page_decides_for_own_companies_only(self):
        self.foreign_company.sudo().collection_live = False
        page = self.as_user(self.env["collection.start.page"], "manager").create({})
        page.company_id = self.foreign_company.id
        page.env.invalidate_all()
        for action in ("action_recalculate", "action_confirm"):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                getattr(page, action)()
        self.assertFalse(self.foreign_company.sudo().collection_live)

    def test_names_and_totals_of_others_do_not_leak(self):
        Case = self.as_debt_manager(self.env["collection.case"])
        names = [name for _id, name in Case.name_search("")]
        self.assertFalse([name for name in names if "Carmel" in name or "Rival" in name])
        [(total, count)] = Case._read_group([], [], ["amount_open:sum", "__count"])
        self.assertEqual((total, count), (1000.0, 1))
        Item = self.as_debt_manager(self.env["collection.item"])
        self.assertEqual(Item.search([]), self.own_case.open_item_ids)

    def test_the_correspondence_of_others_does_not_leak(self):
        message = self.other_case.message_post(body="Secret", subtype_xmlid="mail.mt_comment")
        activity = self.other_case.activity_schedule(
            "collection.activity_type_call", user_id=self.colleague.id
        )
        attachment = self.env["ir.attachment"].create({
            "name": "proof.txt",
            "raw": b"Secret",
            "res_model": "collection.case",
            "res_id": self.other_case.id,
        })
        for record in (message, activity, attachment):
            with self.subTest(model=record._name), self.assertRaises(AccessError):
                self.as_debt_manager(record).read(["display_name"])

    # ------------------------------------------------------------
    # DIALOGUES
    # ------------------------------------------------------------

    def snapshot(self):
        """Return what dialogues could change of what is not the debt manager's."""
        self.env.flush_all()
        self.env.invalidate_all()
        cases = (self.other_case | self.foreign_case).sudo()
        return {
            record: record.read(names)
            for records, names in (
                (cases, ["state", "result", "debt_manager_id", "team_id", "item_count"]),
                (cases.profile_id, ["hold", "debt_manager_id", "team_id", "participation"]),
                (cases.case_item_ids, ["open", "case_id"]),
                (cases.case_item_ids.item_id, ["keep_out_until", "amount_blocked"]),
            )
            for record in records
        }

    def run_dialogue(self, role, model, action, active, **vals):
        """Open a dialogue on records, fill it in, and do it, as a client of one's own would."""
        with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
            dialogue = (
                self
                .as_user(self.env[model], role)
                .with_context(
                    active_model=active._name,
                    active_ids=active.ids,
                    active_id=active[:1].id,
                )
                .create(vals)
            )
            # what a second request would see
            dialogue.env.invalidate_all()
            return getattr(dialogue, action)()

    def test_dialogues_do_not_touch_what_is_not_shown(self):
        before = self.snapshot()
        until = self.days(20)
        for case in (self.other_case, self.foreign_case):
            items = case.sudo().open_item_ids
            profile = case.sudo().profile_id
            for model, action, active, vals in (
                ("case.close", "action_close", case, {"reason": "Gone"}),
                (
                    "case.close",
                    "action_close",
                    self.own_case,
                    {"reason": "Gone", "case_ids": [Command.set(case.ids)]},
                ),
                ("case.items", "action_add", case, {}),
                ("case.split", "action_split", case, {}),
                ("case.merge", "action_merge", case | self.own_case, {}),
                (
                    "case.merge",
                    "action_merge",
                    self.own_case,
                    {
                        "profile_id": self.own_case.profile_id.id,
                        "case_ids": [Command.set((self.own_case | case).ids)],
                        "target_id": self.own_case.id,
                    },
                ),
                ("item.block", "action_block", items, {"reason": "No"}),
                (
                    "item.block",
                    "action_block",
                    self.own_case.case_item_ids,
                    {"item_ids": [Command.set(items.ids)]},
                ),
                ("item.keep.out", "action_keep_out", items, {"until": until}),
                ("item.keep.out", "action_keep_out", case.sudo().case_item_ids, {"until": until}),
                ("profile.hold", "action_hold", profile, {"reason": "No"}),
                (
                    "profile.hold",
                    "action_hold",
                    self.own_case,
                    {"reason": "No", "profile_ids": [Command.set(profile.ids)]},
                ),
                ("contact.log", "action_log", case, {"note": "Called"}),
                ("contact.log", "action_log", profile, {"note": "Called"}),
                (
                    "case.amount",
                    "action_open",
                    profile,
                    {
                        "partner_id": profile.partner_id.id,
                        "amount": 10.0,
                        "description": "Advance",
                    },
                ),
            ):
                with (
                    self.subTest(model=model, on=active._name, of=case.partner_id.name),
                    self.assertRaises(UserError),
                ):
                    self.run_dialogue(
                        "debt_manager", f"collection.{model}.wizard", action, active, **vals
                    )
        self.assertEqual(self.snapshot(), before)

    def test_a_leader_assigns_and_opens_only_what_the_team_has(self):
        before = self.snapshot()
        leader = self.users["team_leader"]
        for case in (self.other_case, self.foreign_case):
            profile = case.sudo().profile_id
            for model, action, active, vals in (
                ("case.assign", "action_assign", case, {"user_id": leader.id}),
                (
                    "case.assign",
                    "action_assign",
                    profile,
                    {"user_id": leader.id, "mode": "person"},
                ),
                (
                    "case.assign",
                    "action_assign",
                    self.own_case,
                    {"user_id": leader.id, "case_ids": [Command.set(case.ids)]},
                ),
                (
                    "case.assign",
                    "action_assign",
                    self.env["collection.case"],
                    {
                        "mode": "hand_over",
                        "from_user_id": case.sudo().debt_manager_id.id or self.stranger.id,
                        "user_id": leader.id,
                    },
                ),
                ("case.open", "action_open_cases", profile, {}),
            ):
                with (
                    self.subTest(model=model, on=active._name, of=case.partner_id.name),
                    self.assertRaises(UserError),
                ):
                    self.run_dialogue(
                        "team_leader", f"collection.{model}.wizard", action, active, **vals
                    )
        self.assertEqual(self.snapshot(), before)

    def test_dialogues_work_on_what_is_ones_own(self):
        self.run_dialogue(
            "debt_manager",
            "collection.profile.hold.wizard",
            "action_hold",
            self.own_case,
            reason="Board decides",
        )
        self.assertTrue(self.own_case.profile_id.hold)
        self.run_dialogue(
            "debt_manager",
            "collection.contact.log.wizard",
            "action_log",
            self.own_case,
            note="Called",
        )
        self.assertEqual(self.own_case.contact_log_ids.note, "Called")
        self.run_dialogue(
            "debt_manager",
            "collection.case.close.wizard",
            "action_close",
            self.own_case,
            reason="Insolvent",
            result="uncollectable",
        )
        self.assertEqual(self.own_case.state, "completed")

    # ------------------------------------------------------------
    # METHODS
    # ------------------------------------------------------------

    def test_the_machinery_cannot_be_called_from_outside(self):
        for name in sorted(MACHINERY):
            with self.subTest(model=name):
                self.assertFalse(self.public_methods(self.env[name]))
        for model, name in (
            ("collection.case", "_set_state"),
            ("collection.case", "_open_for"),
            ("collection.contact.log", "_record"),
            ("collection.batch", "_assign"),
            ("collection.cycle", "_run_for"),
            ("res.company", "_collection_go_live"),
        ):
            with self.subTest(model=model, method=name), self.assertRaises(AccessError):
                get_public_method(self.env[model], name)

    def public_methods(self, records):
        """Return the names of the methods of this add-on that a client may call."""
        names = set()
        for cls in type(records).mro():
            if not cls.__module__.startswith("odoo.addons.collection."):
                continue
            names.update(
                name
                for name, method in vars(cls).items()
                if inspect.isfunction(method)
                and not name.startswith("_")
                and not getattr(getattr(records, name), "_api_private", False)
                and name not in ("create", "write", "unlink", "default_get")
            )
        return sorted(names)

    def rows_written(self):
        """Return {table: rows written by this transaction}."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
        )
        return dict(self.env.cr.fetchall())

    def press_everything(self, role):
        """Call every public method of this add-on on every record, as the user of a role."""
        arguments = {
            "case_id": self.own_case.id,
            "item_ids": self.own_case.open_item_ids.ids,
            "text": "Hello",
            "term": "Aegean",
        }
        records = [
            self.own_case,
            self.own_case.profile_id,
            self.own_case.open_item_ids,
            self.own_case.case_item_ids,
            self.own_case.contact_log_ids,
            self.own_case.activity_ids,
            self.own_case.open_item_ids.block_ids,
            self.note,
            self.batch,
            self.team,
            self.run,
            self.env["collection.absence"],
            self.customer,
            self.own_invoice,
            self.users["debt_manager"],
        ]
        pressed = 0
        for record in records:
            own = self.as_user(record, role)
            for name in self.public_methods(own):
                method = getattr(own, name)
                wanted = inspect.signature(method).parameters
                given = {key: value for key, value in arguments.items() if key in wanted}
                with self.subTest(role=role, model=record._name, method=name):
                    before = self.rows_written()
                    try:
                        with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                            method(**given)
                            after = self.rows_written()
                    except (AccessError, UserError, ValidationError):
                        after = before
                    changed = {table for table, rows in after.items() if rows != before[table]}
                    self.assertFalse(changed)
                    pressed += 1
        return pressed

    def prepare_to_press(self):
        """Have one record of everything that buttons are on."""
        item = self.own_case.open_item_ids
        item._block("hold", amount=10.0)
        item.keep_out_until = self.days(10)
        self.note = self.env["collection.note"].create({
            "profile_id": self.own_case.profile_id.id,
            "body": "Pays on Fridays",
        })
        self.env["collection.contact.log"]._record({
            "case_id": self.own_case.id,
            "profile_id": self.own_case.profile_id.id,
            "channel": "phone",
            "agreed_date": self.days(3),
            "agreed_amount": 100.0,
            "agreed_way_id": self.env["collection.payment.way"].search([], limit=1).id,
        })
        self.own_case.activity_schedule(
            "collection.activity_type_call", user_id=self.users["debt_manager"].id
        )
        self.batch = self.env["collection.batch"]._assign(
            self.company,
            [(self.users["debt_manager"], self.team, self.own_case, self.own_case.profile_id)],
        )
        self.run = (
            self
            .env["collection.cycle.run"]
            .sudo()
            .create({
                "company_id": self.company.id,
                "business_date": self.days(-1),
                "state": "done",
            })
        )
        self.at_once()

    def test_whatever_an_auditor_or_an_outsider_presses_nothing_changes(self):
        self.prepare_to_press()
        for role in ("auditor", *OUTSIDERS):
            self.assertGreater(self.press_everything(role), 30)


@tagged("post_install", "-at_install")
class TestChatterAndActivities(AccessCommon):
    """Writing on cases, planning and doing what is to be done."""

    WRITERS = ("debt_manager", "team_leader", "manager", "accountant", "credit_manager")

    def test_who_works_on_a_case_writes_on_it(self):
        for role in self.WRITERS:
            with self.subTest(role=role):
                case = self.as_user(self.own_case, role)
                message = case.message_post(body=f"By the {role}", message_type="comment")
                self.assertIn(message, self.own_case.message_ids)
                attachment = case.env["ir.attachment"].create({
                    "name": "proof.txt",
                    "raw": b"Delivered",
                    "res_model": case._name,
                    "res_id": case.id,
                })
                self.assertEqual(attachment.read(["name"])[0]["name"], "proof.txt")

    def test_who_works_on_a_case_plans_and_does_activities(self):
        for role in self.WRITERS:
            with self.subTest(role=role):
                case = self.as_user(self.own_case, role)
                activity = case.activity_schedule(
                    "collection.activity_type_call", user_id=self.users[role].id
                )
                before = len(self.own_case.contact_log_ids)
                activity.action_feedback(feedback="Spoke to Anna")
                self.assertEqual(len(self.own_case.contact_log_ids), before + 1)

    def test_a_debt_manager_writes_on_no_case_of_others(self):
        case = self.as_user(self.other_case, "debt_manager")
        with self.assertRaises(AccessError):
            case.message_post(body="Mine now")
        with self.assertRaises(AccessError):
            case.activity_schedule("collection.activity_type_call")

    def test_somebody_else_who_was_asked_does_the_activity(self):
        # the salesperson is asked to call: given the activity, they do it and the case moves
        asked = self.users["credit_manager"]
        activity = self.own_case.activity_schedule(
            "collection.activity_type_call", user_id=asked.id
        )
        self.as_user(activity, "credit_manager").action_feedback(feedback="Will pay")
        self.assertEqual(self.own_case.state, "in_progress")
        self.assertEqual(self.own_case.contact_log_ids.user_id, asked)

    def test_an_auditor_reads_and_writes_nothing(self):
        self.own_case.message_post(body="Hello", message_type="comment")
        case = self.as_user(self.own_case, "auditor")
        self.assertIn("Hello", " ".join(case.message_ids.mapped("body")))
        # not even as a follower, nor on documents that whoever reads them may write on
        case.message_subscribe(case.env.user.partner_id.ids)
        invoice = self.as_user(self.own_invoice, "auditor")
        invoice.read(["name", "line_ids"])
        for record in (case, case.profile_id, invoice):
            with self.subTest(model=record._name):
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    record.message_post(body="I was here", message_type="comment")
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    record.env["mail.activity"].create({
                        "res_model_id": record.env["ir.model"]._get_id(record._name),
                        "res_id": record.id,
                        "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
                    })
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    record.env["mail.scheduled.message"].create({
                        "model": record._name,
                        "res_id": record.id,
                        "body": "Later",
                        "author_id": record.env.user.partner_id.id,
                        "scheduled_date": fields.Datetime.add(fields.Datetime.now(), days=1),
                    })
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    record.env["ir.attachment"].create({
                        "name": "note.txt",
                        "raw": b"x",
                        "res_model": record._name,
                        "res_id": record.id,
                    })
        # but speaks with colleagues as everybody does
        case.env["discuss.channel"]._create_channel("Audit", group_id=None).message_post(
            body="Hello", message_type="comment"
        )

    def test_an_auditor_who_also_works_writes_like_the_others(self):
        self.users["auditor"].group_ids |= self.env.ref(ROLES["accountant"])
        self.as_user(self.own_case, "auditor").message_post(body="As accountant")
        self.as_user(self.own_invoice, "auditor").message_post(body="As accountant")
        for record in (self.own_case, self.own_invoice):
            written = record.message_ids.filtered(lambda message: "As accountant" in message.body)
            self.assertEqual(written.author_id, self.users["auditor"].partner_id)
