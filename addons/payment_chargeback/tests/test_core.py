# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Reports in any order, expiries and archives: without a database."""

import doctest
import io
import zipfile
from datetime import date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..core import bundle, cards, dispute

START = datetime(2026, 3, 1, 12)  # noqa: DTZ001 as the host stores it
EASY = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
LIFE = ("warning", "open", "submitted", "won", "lost", "closed")


def compare(one, other):
    return (round(one, 2) > round(other, 2)) - (round(one, 2) < round(other, 2))


@st.composite
def reports(draw):
    """A handful of reports of one dispute, some at the same second, some saying little."""
    found = []
    for _number in range(draw(st.integers(1, 6))):
        status = draw(st.sampled_from(LIFE))
        found.append(
            dispute.Report(
                reference="d",
                happened=START + timedelta(seconds=draw(st.integers(0, 3))),
                kind=draw(st.sampled_from(dispute.KINDS)),
                status=status,
                withdrawn=draw(st.none() | st.sampled_from([0.0, 40.0, 100.0])),
                reinstated=draw(st.none() | st.sampled_from([0.0, 30.0, 100.0])),
                fee=draw(st.none() | st.sampled_from([0.0, 15.0])),
                weight=draw(st.integers(0, 2)),
            )
        )
    return found


def put_together(found):
    truth = dispute.Truth()
    for report in found:
        truth = dispute.merge(truth, report)
    return truth


@tagged("post_install", "-at_install")
class TestDispute(BaseCase):
    @settings(**EASY, max_examples=300)
    @given(st.data())
    def test_reports_come_to_the_same_in_any_order_and_however_often(self, data):
        found = data.draw(reports())
        again = data.draw(st.permutations([*found, *data.draw(st.lists(st.sampled_from(found)))]))
        self.assertEqual(put_together(found), put_together(again))

    @settings(**EASY)
    @given(reports())
    def test_what_is_known_survives_being_stored(self, found):
        truth = put_together(found)
        self.assertEqual(dispute.Truth.from_json(truth.as_json()), truth)
        self.assertEqual(dispute.Report.from_json(found[0].as_json()), found[0])

    @settings(**EASY)
    @given(
        st.sampled_from(dispute.KINDS),
        st.sampled_from(sorted(dispute.RANK)),
        st.none() | st.integers(0, 500),
        st.none() | st.integers(0, 500),
    )
    def test_never_more_comes_back_than_was_taken(self, kind, state, taken, back):
        withdrawn, reinstated = dispute.targets(kind, state, 300, taken, back)
        self.assertGreaterEqual(withdrawn, reinstated)
        self.assertGreaterEqual(reinstated, 0)

    def test_what_is_booked_where_the_provider_says_little(self):
        for kind, state, expected in (
            ("alert", "warning", (0, 0)),
            ("inquiry", "warning", (0, 0)),
            ("inquiry", "closed", (0, 0)),
            ("inquiry", "lost", (100, 0)),
            ("chargeback", "open", (100, 0)),
            ("chargeback", "lost", (100, 0)),
            ("chargeback", "won", (100, 100)),
        ):
            with self.subTest(kind=kind, state=state):
                self.assertEqual(dispute.targets(kind, state, 100, None, None), expected)

    def test_part_of_the_money_back_is_partly_won(self):
        for status, amount, taken, back, expected in (
            ("won", 100, None, None, "won"),
            ("won", 100, 100, 100, "won"),
            ("won", 100, 100, 30, "partly"),
            ("lost", 100, 100, 30, "partly"),
            ("lost", 100, 100, 0, "lost"),
            # taken a second time after it had come back
            ("lost", 100, 200, 100, "lost"),
            ("open", 100, 100, 30, "open"),
        ):
            with self.subTest(status=status, taken=taken, back=back):
                found = dispute.outcome(status, amount, taken, back, compare)
                self.assertEqual(found, expected)


@tagged("post_install", "-at_install")
class TestCard(BaseCase):
    def test_the_examples_in_the_documentation_hold(self):
        self.assertEqual(doctest.testmod(cards).failed, 0)

    @settings(**EASY)
    @given(st.integers(1, 12), st.integers(2000, 2099))
    def test_a_card_is_good_until_its_month_is_over(self, month, year):
        day = cards.last_day(month, year)
        self.assertEqual((day.month, day.year), (month, year))
        self.assertNotEqual((day + timedelta(days=1)).month, month)

    def test_half_an_expiry_is_none(self):
        for month, year in ((0, 2030), (5, 0), (13, 2030), (None, None)):
            self.assertIsNone(cards.last_day(month, year))

    def test_what_providers_answer(self):
        stripe = {
            "payment_method": {
                "id": "pm_1",
                "type": "card",
                "card": {"brand": "visa", "exp_month": 2, "exp_year": 2031, "last4": "4242"},
            }
        }
        adyen = {
            "additionalData": {
                "expiryDate": "3/2030",
                "cardSummary": "1111",
                "paymentMethod": "mc",
            }
        }
        for code, data, expected in (
            ("stripe", stripe, cards.Card(2, 2031, "visa", "4242")),
            ("stripe", {"payment_method": "pm_1"}, cards.Card()),
            ("stripe", {"payment_method": {"type": "sepa_debit"}}, cards.Card()),
            ("adyen", adyen, cards.Card(3, 2030, "mc", "1111")),
            ("adyen", {"additionalData": {"expiryDate": "soon"}}, cards.Card()),
            ("demo", {"payment_details": "1234"}, cards.Card()),
            ("stripe", None, cards.Card()),
        ):
            with self.subTest(code=code, data=data):
                self.assertEqual(cards.from_answer(code, data), expected)

    def test_a_change_survives_being_stored(self):
        update = cards.CardUpdate(
            "e", START, cards.UPDATED, "pm_1", cards.Card(1, 2030, "visa", "1234")
        )
        self.assertEqual(cards.CardUpdate.from_json(update.as_json()), update)
        self.assertEqual(cards.last_day(2, 2028), date(2028, 2, 29))


@tagged("post_install", "-at_install")
class TestBundle(BaseCase):
    def test_files_of_the_same_name_both_stay_and_none_leaves_its_folder(self):
        content = bundle.pack([("a.pdf", b"1"), ("a.pdf", b"2"), ("../etc/b", b"3"), ("", b"4")])
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            self.assertEqual(archive.namelist(), ["a.pdf", "a (2).pdf", "-etc-b", "file"])
            self.assertEqual(archive.read("a (2).pdf"), b"2")
