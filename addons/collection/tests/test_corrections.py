# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_access import AccessCommon


@tagged("post_install", "-at_install")
class TestCorrections(AccessCommon):
    """Who corrects a contact record leaves a trace of what it said before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.log = cls.env["collection.contact.log"]._record({
            "profile_id": cls.profile().id,
            "case_id": cls.own_case.id,
            "date": "2026-01-05 09:00:00",
            "user_id": cls.users["debt_manager"].id,
            "note": "Nobody answered",
        })

    def test_a_call_that_is_redated_says_from_when_to_when_and_by_whom(self):
        log = self.as_user(self.log, "debt_manager")
        log.date = "2026-01-03 10:30:00"
        [change] = log.change_ids
        self.assertEqual(change.label, "Date")
        self.assertEqual(change.user_id, self.users["debt_manager"])
        self.assertEqual(change.old_value, "2026-01-05 09:00:00 UTC")
        self.assertEqual(change.new_value, "2026-01-03 10:30:00 UTC")
        self.assertEqual(self.own_case.last_contact_on, fields.Datetime.to_datetime(log.date))

    def test_each_thing_corrected_is_a_line_and_what_stays_is_none(self):
        log = self.as_user(self.log, "debt_manager")
        log.write({"channel": "sms", "note": "Nobody answered", "duration": 4})
        self.assertEqual(
            {(change.label, change.old_value, change.new_value) for change in log.change_ids},
            {("Channel", "Phone", "SMS"), ("Duration (min)", "", "4.0")},
        )

    def test_nobody_rewrites_the_trace(self):
        self.as_user(self.log, "debt_manager").channel = "sms"
        for role in ("debt_manager", "manager", "accountant"):
            change = self.as_user(self.log.change_ids, role)
            with self.assertRaises(AccessError):
                change.write({"old_value": "SMS"})
            with self.assertRaises(AccessError):
                change.unlink()
