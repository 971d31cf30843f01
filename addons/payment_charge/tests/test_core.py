# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

"""The retry rules, working days and answers, without a database."""

from datetime import date, datetime, timedelta
from random import Random

from odoo.tests import BaseCase, tagged

from ..core.answers import codes_in
from ..core.retry import (
    AT_ONCE,
    Cap,
    Schedule,
    Situation,
    Try,
    decide,
    first_free_day,
    first_free_moment,
)
from ..core.workdays import is_working_day, next_working_day, target_holidays, weekend_of

NOON = datetime.fromisoformat("2026-03-02 12:00")
SOFT = Schedule(gaps=(1, 1, 2, 2, 2, 3, 3), window_days=14)


def situation(**facts):
    facts = {
        "today": NOON.date(),
        "reason_class": "soft",
        "tries": [Try(NOON, "card")],
        "ways": ("card",),
        "schedule": SOFT,
        **facts,
    }
    return Situation(**facts)


@tagged("post_install", "-at_install")
class TestCore(BaseCase):
    def test_a_card_is_tried_eight_times_in_two_weeks(self):
        tries = [Try(NOON, "card")]
        days = []
        while (decision := decide(situation(tries=tries))).step == "retry":
            days.append((decision.on - NOON.date()).days)
            tries.append(Try(datetime.combine(decision.on, NOON.time()), "card"))
        self.assertEqual(days, [1, 2, 4, 6, 8, 11, 14])
        self.assertEqual(len(tries), 8)
        self.assertEqual((decision.step, decision.why), ("stop", "exhausted"))

    def test_a_hard_refusal_takes_the_next_way_and_never_the_same(self):
        for reason_class in ("hard", "never"):
            decision = decide(situation(reason_class=reason_class, ways=("card", "spare")))
            self.assertEqual((decision.step, decision.way), ("next_way", "spare"))
            self.assertEqual(decision.on, NOON.date())
            alone = decide(situation(reason_class=reason_class))
            self.assertEqual((alone.step, alone.why), ("stop", reason_class))
            used = decide(
                situation(reason_class=reason_class, ways=("card", "spare"), barred={"spare"})
            )
            self.assertEqual(used.step, "stop")

    def test_a_person_is_asked_where_the_reason_says_so(self):
        self.assertEqual(decide(situation(reason_class="person")).step, "person")

    def test_what_makes_a_try_pointless_goes_first(self):
        for why in ("paid", "held", "by_hand"):
            decision = decide(situation(stop=why))
            self.assertEqual((decision.step, decision.why), ("stop", why))

    def test_the_next_way_at_once_or_at_the_end(self):
        ways = ("card", "spare")
        at_once = Schedule(gaps=(1,), next_way=AT_ONCE)
        decision = decide(situation(ways=ways, schedule=at_once))
        self.assertEqual((decision.step, decision.way), ("next_way", "spare"))
        both = [Try(NOON, "card"), Try(NOON, "spare")]
        decision = decide(situation(ways=ways, schedule=at_once, tries=both))
        self.assertEqual((decision.step, decision.way), ("retry", "spare"))
        at_the_end = Schedule(gaps=(1,))
        self.assertEqual(decide(situation(ways=ways, schedule=at_the_end)).way, "card")
        used_up = [Try(NOON, "card"), Try(NOON + timedelta(days=1), "card")]
        decision = decide(situation(ways=ways, schedule=at_the_end, tries=used_up))
        self.assertEqual((decision.step, decision.way), ("next_way", "spare"))

    def test_a_way_that_ended_is_not_tried_again(self):
        decision = decide(situation(ways=()))
        self.assertEqual((decision.step, decision.why), ("stop", "way_ended"))

    def test_bank_debits_go_out_on_working_days_of_the_euro_system(self):
        bank = Schedule(gaps=(7, 14), window_days=28, working_days=True, target=True)
        # the week after lands on Good Friday, which the long weekend of Easter follows
        friday = datetime.fromisoformat("2026-03-27 09:00")
        decision = decide(
            situation(today=friday.date(), tries=[Try(friday, "card")], schedule=bank)
        )
        self.assertEqual(decision.on, date(2026, 4, 7))

    def test_a_bank_allows_three_tries_in_four_weeks(self):
        caps = [Cap(3, 28 * 24)]
        failures = [NOON, NOON + timedelta(days=7), NOON + timedelta(days=21)]
        free = first_free_day(caps, failures, NOON.date() + timedelta(days=22))
        self.assertEqual(free, NOON.date() + timedelta(days=29))

    def test_a_cap_that_frees_too_late_for_the_window_stops(self):
        failures = [NOON - timedelta(hours=hour) for hour in range(15)]
        decision = decide(situation(caps=[Cap(15, 720)], same_card=failures))
        self.assertEqual((decision.step, decision.why), ("stop", "window"))

    def test_no_moment_that_is_called_free_breaks_a_cap(self):
        chance = Random(4)
        for _round in range(200):
            caps = [
                Cap(chance.randint(1, 5), chance.choice([1, 24, 72, 720]))
                for _cap in range(chance.randint(1, 3))
            ]
            failures = []
            moment = NOON
            for _try in range(12):
                moment = first_free_moment(caps, failures, moment)
                failures.append(moment)
                for cap in caps:
                    since = moment - timedelta(hours=cap.hours)
                    within = [when for when in failures if since < when <= moment]
                    self.assertLessEqual(len(within), cap.tries)
                moment += timedelta(minutes=chance.randint(0, 600))

    def test_working_days_of_countries(self):
        saturday, sunday = date(2026, 3, 7), date(2026, 3, 8)
        self.assertTrue(is_working_day(sunday, weekend_of("IL")))
        self.assertFalse(is_working_day(sunday, weekend_of("GR")))
        self.assertEqual(next_working_day(saturday, weekend_of("GR")), date(2026, 3, 9))
        self.assertEqual(len(target_holidays(2026)), 6)
        self.assertEqual(weekend_of("nowhere"), weekend_of(None))

    def test_codes_are_found_wherever_a_provider_puts_them(self):
        stripe = {
            "payment_intent": {
                "last_payment_error": {"code": "card_declined", "decline_code": "lost_card"}
            }
        }
        self.assertEqual(codes_in(stripe), ("lost_card", "card_declined"))
        adyen = {"refusalReason": "Expired Card", "refusalReasonCode": "6"}
        self.assertEqual(codes_in(adyen), ("6", "Expired Card"))
        self.assertEqual(codes_in({"error": "plain"}), ())
        self.assertEqual(codes_in(["odd"]), ())
