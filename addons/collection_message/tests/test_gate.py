# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Hours, caps and rests, without a database."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from odoo.tests.common import BaseCase

from ..core.gate import Cap, PastContact, Policy, Window, next_allowed, retry_at, stops

ATHENS = ZoneInfo("Europe/Athens")
JERUSALEM = ZoneInfo("Asia/Jerusalem")
NEW_YORK = ZoneInfo("America/New_York")
WEEKDAYS = tuple(Window(day, 9, 20) for day in range(5))
GREECE = Policy("Greece", WEEKDAYS, (Cap(1, 2),), first_days=10)
REG_F = Policy(
    "Regulation F",
    tuple(Window(day, 8, 21) for day in range(7)),
    (Cap(7, 7, "phone", per_person=True),),
    rest_days=7,
)


def at(text, zone=ATHENS):
    """Return the instant at which clocks in a zone show a time."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def codes(found):
    return sorted(stop.code for stop in found)


class TestHours(BaseCase):
    def test_contacts_are_allowed_in_the_window_only(self):
        policy = Policy("Hours", WEEKDAYS)
        # a Wednesday
        for clock, allowed in (
            ("08:59", False),
            ("09:00", True),
            ("19:59", True),
            ("20:00", False),
        ):
            with self.subTest(clock=clock):
                found = stops([policy], at(f"2026-07-15 {clock}"), ATHENS, "phone")
                self.assertEqual(codes(found), [] if allowed else ["quiet_hours"])

    def test_friday_evening_waits_until_monday(self):
        policy = Policy("Hours", WEEKDAYS)
        when = at("2026-07-17 20:30")
        [stop] = stops([policy], when, ATHENS, "email")
        self.assertEqual(stop.until, at("2026-07-20 09:00"))
        self.assertEqual(retry_at([stop], [policy], when, ATHENS), at("2026-07-20 09:00"))

    def test_the_clock_is_that_of_the_person(self):
        policy = Policy("Hours", WEEKDAYS)
        when = at("2026-07-15 10:00")
        self.assertFalse(stops([policy], when, ATHENS, "phone"))
        [stop] = stops([policy], when, NEW_YORK, "phone")
        self.assertEqual(stop.until, at("2026-07-15 09:00", NEW_YORK))

    def test_windows_keep_the_clock_when_it_changes(self):
        policy = Policy("Every day", tuple(Window(day, 9, 20) for day in range(7)))
        # clocks in Athens: forward on 29 March 2026, back on 25 October 2026
        for evening, morning, utc in (
            ("2026-03-27 21:00", "2026-03-28 09:00", 7),
            ("2026-03-28 21:00", "2026-03-29 09:00", 6),
            ("2026-10-23 21:00", "2026-10-24 09:00", 6),
            ("2026-10-24 21:00", "2026-10-25 09:00", 7),
        ):
            with self.subTest(evening=evening):
                opens = next_allowed([policy], at(evening), ATHENS)
                self.assertEqual(opens, at(morning))
                self.assertEqual(opens.hour, utc)

    def test_an_hour_that_the_clock_leaves_out_is_no_trap(self):
        # in Jerusalem the clock jumps from 2:00 to 3:00 on Friday 27 March 2026
        policy = Policy("Night", (Window(4, 2.5, 5),))
        opens = next_allowed([policy], at("2026-03-27 00:30", JERUSALEM), JERUSALEM)
        self.assertEqual(opens.astimezone(JERUSALEM).hour, 3)
        self.assertFalse(stops([policy], opens, JERUSALEM, "sms"))

    def test_an_hour_that_comes_twice_is_allowed_twice(self):
        policy = Policy("Night", (Window(6, 3, 4),))
        first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
        second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
        self.assertEqual(first.astimezone(ATHENS).hour, second.astimezone(ATHENS).hour)
        self.assertFalse(stops([policy], first, ATHENS, "sms"))
        self.assertFalse(stops([policy], second, ATHENS, "sms"))

    def test_all_policies_are_kept_together(self):
        mornings = Policy("Mornings", tuple(Window(day, 9, 12) for day in range(5)))
        late = Policy("Not early", tuple(Window(day, 11, 20) for day in range(7)))
        opens = next_allowed([mornings, late], at("2026-07-17 13:00"), ATHENS)
        self.assertEqual(opens, at("2026-07-20 11:00"))

    def test_windows_that_never_meet_give_no_moment(self):
        policies = [Policy("Mondays", (Window(0, 9, 12),)), Policy("Tuesdays", (Window(1, 9, 12),))]
        when = at("2026-07-15 10:00")
        self.assertIsNone(next_allowed(policies, when, ATHENS))
        self.assertIsNone(retry_at(stops(policies, when, ATHENS, "sms"), policies, when, ATHENS))


class TestCaps(BaseCase):
    def contact(self, text, channel="email", person="Maria", **kind):
        return PastContact(at(text), channel, person, **kind)

    def test_one_in_two_days_is_today_and_the_day_before(self):
        policy = Policy("Cap", caps=(Cap(1, 2),))
        yesterday = [self.contact("2026-07-14 23:59")]
        when = at("2026-07-15 00:01")
        [stop] = stops([policy], when, ATHENS, "email", contacts=yesterday)
        self.assertEqual(stop.until, at("2026-07-16 00:00"))
        self.assertFalse(
            stops([policy], at("2026-07-16 00:00"), ATHENS, "email", contacts=yesterday)
        )

    def test_days_are_those_of_the_person(self):
        policy = Policy("Cap", caps=(Cap(1, 1),))
        # 23:30 in New York is the next morning in Athens
        contacts = [PastContact(at("2026-07-14 23:30", NEW_YORK), "email", "Maria")]
        when = at("2026-07-15 09:00", NEW_YORK)
        self.assertFalse(stops([policy], when, NEW_YORK, "email", contacts=contacts))
        self.assertTrue(stops([policy], when, ATHENS, "email", contacts=contacts))

    def test_a_cap_of_two_days_over_a_clock_change(self):
        policy = Policy("Cap", WEEKDAYS + (Window(5, 9, 20), Window(6, 9, 20)), (Cap(1, 2),))
        for day in ("2026-03-28", "2026-10-24"):
            with self.subTest(day=day):
                contacts = [self.contact(f"{day} 12:00")]
                when = at(f"{day} 13:00")
                found = stops([policy], when, ATHENS, "email", contacts=contacts)
                again = retry_at(found, [policy], when, ATHENS)
                self.assertEqual(
                    again, at({"2026-03-28": "2026-03-30 09:00"}.get(day, "2026-10-26 09:00"))
                )

    def test_a_channel_of_its_own_does_not_count_for_others(self):
        policy = Policy("Calls", caps=(Cap(1, 7, "phone"),))
        contacts = [self.contact("2026-07-14 12:00", "phone")]
        when = at("2026-07-15 12:00")
        self.assertTrue(stops([policy], when, ATHENS, "phone", contacts=contacts))
        self.assertFalse(stops([policy], when, ATHENS, "email", contacts=contacts))

    def test_seven_calls_in_seven_days_per_person(self):
        days = range(9, 16)
        calls = [self.contact(f"2026-07-{day:02} 12:00", "phone") for day in days]
        when = at("2026-07-15 18:00")
        found = stops([REG_F], when, ATHENS, "phone", "Maria", calls)
        self.assertEqual(codes(found), ["cap"])
        self.assertEqual(found[0].until, at("2026-07-16 00:00"))
        self.assertFalse(stops([REG_F], when, ATHENS, "phone", "Nikos", calls))
        self.assertFalse(stops([REG_F], when, ATHENS, "phone", "Maria", calls[1:]))

    def test_what_they_began_does_not_count(self):
        policy = Policy("Cap", caps=(Cap(1, 1),))
        theirs = [self.contact("2026-07-15 10:00", "phone", ours=False)]
        self.assertFalse(stops([policy], at("2026-07-15 12:00"), ATHENS, "phone", contacts=theirs))


class TestRest(BaseCase):
    def test_no_call_for_seven_days_after_a_conversation(self):
        spoke = [PastContact(at("2026-07-08 12:00"), "phone", "Maria", conversation=True)]
        [stop] = stops([REG_F], at("2026-07-15 12:00"), ATHENS, "phone", "Maria", spoke)
        self.assertEqual((stop.code, stop.until), ("rest", at("2026-07-16 00:00")))
        self.assertFalse(stops([REG_F], at("2026-07-16 12:00"), ATHENS, "phone", "Maria", spoke))

    def test_whoever_does_not_answer_is_not_spoken_to(self):
        rang = [PastContact(at("2026-07-14 12:00"), "phone", "Maria")]
        self.assertFalse(stops([REG_F], at("2026-07-15 12:00"), ATHENS, "phone", "Maria", rang))

    def test_none_in_the_first_ten_days_overdue(self):
        when = at("2026-07-15 12:00")
        for late, stopped in ((None, False), (0, False), (1, True), (10, True), (11, False)):
            with self.subTest(days_late=late):
                found = stops([GREECE], when, ATHENS, "email", days_late=late)
                self.assertEqual(codes(found), ["first_days"] if stopped else [])
        [stop] = stops([GREECE], when, ATHENS, "email", days_late=8)
        self.assertEqual(stop.until, at("2026-07-18 00:00"))
        # which is a Saturday
        self.assertEqual(retry_at([stop], [GREECE], when, ATHENS), at("2026-07-20 09:00"))
