# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""A whole morning's work in the browser, with the keyboard only."""

from odoo.tests import HttpCase, tagged

from .worklist_common import WorklistCommon


@tagged("post_install", "-at_install", "collection_browser")
class TestWorklistTour(WorklistCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.others = {
            name.split()[0]: cls.env["res.partner"].create({
                "name": name,
                "is_company": True,
                "phone": "+30 210 5550000",
                "email": "office@example.com",
                "collection_debt_manager_id": cls.users["debt_manager"].id,
            })
            for name in (
                "Beta Boats",
                "Gamma Glass",
                "Delta Docks",
                "Epsilon Eggs",
                "Zeta Zinc",
                "Eta Engines",
            )
        }
        for partner in cls.others.values():
            cls.invoice(partner, amount=200.0)
        cls.Action.sudo().search([]).unlink()

    def test_a_morning_with_the_keyboard(self):
        first = self.planned(score=90)
        second = self.planned(self.others["Beta"], score=80)
        third = self.planned(self.others["Gamma"], score=70)
        fourth = self.planned(self.others["Delta"], score=60)
        mail = self.incoming(self.others["Epsilon"])
        profile = self.profile(self.others["Zeta"])
        message = self.message(
            profile_id=profile.id, case_id=profile.open_case_ids.id, person_id=profile.partner_id.id
        )
        task = self.case_of(self.others["Eta"]).activity_schedule(
            "collection.activity_type_task",
            date_deadline=self.today,
            summary="Look for the payment",
            user_id=self.users["debt_manager"].id,
        )
        for source, score in ((mail, 50), (message, 40), (task, 30)):
            field = {
                "collection.incoming": "incoming_id",
                "collection.message": "message_id",
                "mail.activity": "activity_id",
            }[source._name]
            self.Action.sudo().search([(field, "=", source.id)]).score = score

        self.start_tour(
            "/odoo/collection-worklist",
            "collection_worklist_keyboard",
            login="access_debt_manager",
        )

        self.assertEqual(first.state, "done")
        self.assertEqual(first.contact_log_id.outcome_id.code, "no_answer")
        self.assertEqual(second.state, "done")
        agreed = self.case_of(self.others["Beta"])
        self.assertEqual(agreed.state, "promise")
        self.assertEqual(agreed.agreed_date, self.days(3))
        self.assertEqual(agreed.contact_log_ids.note, "Pays by the end of the week")
        self.assertEqual(self.profile(self.others["Gamma"]).note_ids.body, "Ask for Petros")
        self.assertEqual((third.state, third.resubmit_count), ("planned", 1))
        self.assertEqual(third.planned_for, self.days(1))
        self.assertEqual(fourth.state, "skipped")
        self.assertEqual(fourth.close_reason, "Spoke to them yesterday")
        self.assertEqual(mail.state, "done")
        self.assertEqual(message.state, "sent")
        self.assertFalse(task.active)
        self.assertEqual(task.feedback, "Booked")
