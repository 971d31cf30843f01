# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What was said on a case of the demo ledger, and when."""

from datetime import date, timedelta

from .records import Contact, working_day

REMINDERS = (
    "Reminder sent with the statement of account.",
    "Friendly reminder with copies of the invoices.",
    "Reminder sent to the accounts department, copy to the owner.",
)
NO_ANSWER = (
    "No answer on the direct line.",
    "Rang out twice.",
    "Line engaged all morning.",
)
MESSAGES_LEFT = (
    "Left a message with the switchboard.",
    "Voice mail: asked for the payment date.",
    "Told a colleague what is open, asked to be called back.",
)
CALL_BACKS = (
    "In a meeting, asks to be called again.",
    "Waits for the manager's approval; will know by the end of the week.",
    "Says the invoices are with the branch for approval.",
    "Has to look for the delivery note first.",
)
PROMISES = (
    "Agreed to pay with the next payment run.",
    "Transfer is prepared, needs the second signature.",
    "Will pay as soon as their own customer has paid.",
    "Cheque is signed and goes out this week.",
    "Confirmed the balance and the date.",
)
BROKEN = (
    "The promised payment did not come: asked why. The bank limit was used up.",
    "Nothing received on the day agreed. A new date was given.",
    "Apologised, the person who signs was abroad.",
)
DISPUTES = (
    "Says one unit arrived damaged and waits for a credit note.",
    "Contests the quantity on the invoice; delivery note requested from the warehouse.",
    "Price on the invoice is not that of the quotation.",
)
# what those who dispute for a known reason say, and what is done next
DISPUTES_OF = {
    "il_nahshon": (
        "Three monitors arrived, four were invoiced; signed delivery note asked for.",
        ("email", "Send the signed delivery note"),
    ),
    "gr_piraeus": (
        "Price on the invoice is not that of the quotation.",
        ("task", "Get the signed quotation from the sales team"),
    ),
    "cy_technova": (
        "More support hours charged than the contract includes; wants the time sheets.",
        ("email", "Send the time sheets of the service desk"),
    ),
}
COPIES = (
    "Cannot find the invoice; copy sent by e-mail.",
    "Asks for the invoice with their order number on it.",
)
REPLIES = (
    "Replied that the payment is on its way.",
    "Sent the transfer slip by e-mail.",
    "Called to say the cheque is in the post.",
)
LAST_WORDS = (
    "Told that the file goes to the lawyers if nothing comes within ten days.",
    "Registered letter came back as not called for.",
    "The phone has been disconnected, the shop is closed.",
)
FOLLOWING = (
    ("call", "Call back: has the payment been approved?"),
    ("call", "Ask for the payment date"),
    ("call", "Check whether the transfer came in"),
    ("email", "Send the statement again, copy to the manager"),
    ("call", "Speak to the owner"),
    ("meeting", "Visit on site to settle the open invoices"),
    ("letter", "Last reminder by registered letter"),
    ("sms", "Short reminder by SMS"),
)
# way of an agreed payment → next step, due so many working days after the agreed day
AFTER_PROMISE = {
    "bank_transfer": ("call", 1, "Check whether the transfer came in"),
    "cheque": ("call", 1, "Has the cheque arrived?"),
    "card": ("task", 0, "Charge the card on the phone with the owner"),
    "messenger": ("collect", 0, "Send the messenger for the cheque"),
}
AGREED_NOTES = {
    1.0: ("", "", "The whole balance in one payment.", "All that is late by then."),
    0.5: (
        "",
        "Half now, the rest at the end of the month.",
        "Half now, the rest a fortnight later.",
    ),
}
# a cheque that bounced was paid in, and came back, so many days before today
BOUNCED_AFTER = (15, 3)
PROMISE_WAYS = ("bank_transfer", "bank_transfer", "bank_transfer", "cheque", "card", "messenger")


class Teller:
    """Tells one case: keeps the day it is at and what was said so far."""

    def __init__(self, rng, party, opened, last_day):
        self.rng = rng
        self.party = party
        self.day = opened
        self.last_day = last_day
        self.contacts = []

    def wait(self, low, high):
        """Let some days pass; return whether the story may still go on."""
        self.day = working_day(self.day + timedelta(days=self.rng.randint(low, high)), self.party)
        return self.day <= self.last_day

    def tell(self, channel, outcome, texts, minutes=0, direction="out", **following):
        self.contacts.append(
            Contact(
                day=self.day,
                time=(self.rng.randint(8, 15), self.rng.randint(0, 59)),
                channel=channel,
                direction=direction,
                outcome=outcome,
                note=self.rng.choice(texts),
                minutes=minutes,
                **following,
            )
        )

    def remind(self):
        self.tell("email", "sent", REMINDERS)

    def call_in_vain(self):
        kind = self.rng.choice(("no_answer", "left_message", "call_back"))
        texts = {"no_answer": NO_ANSWER, "left_message": MESSAGES_LEFT, "call_back": CALL_BACKS}
        self.tell("phone", kind, texts[kind], 1 if kind == "no_answer" else 3)

    def call_promise(self, agreed_on, share, texts=PROMISES, following=None):
        """Tell of an agreed payment.

        :param following: summary of the next step where it is not the usual one
        """
        way = self.rng.choice(PROMISE_WAYS)
        agreed_on = working_day(agreed_on, self.party)
        step, days, summary = AFTER_PROMISE[way]
        self.tell(
            "phone",
            "promised",
            texts,
            self.rng.randint(3, 11),
            agreed=(agreed_on, share, way),
            agreed_note=self.rng.choice(AGREED_NOTES[share]),
            following=None
            if following is None
            else (
                "call" if following else step,
                working_day(agreed_on + timedelta(days=days), self.party),
                following or summary,
            ),
        )


def contacts_of(rng, buyer, episode, today):
    """Return the contacts of a case in order."""
    if episode.closed:
        return _closed_case(rng, buyer, episode)
    if buyer.story == "bounced":
        return _bounced_case(rng, episode, today)
    return _open_case(rng, buyer, episode, today)


def _closed_case(rng, buyer, episode):
    length = (episode.closed - episode.opened).days
    teller = Teller(rng, episode.party, episode.opened, episode.closed - timedelta(days=1))
    if teller.wait(1, 3):
        teller.remind()
    if episode.result or buyer.story in ("written_off", "half_off") and length > 60:
        return _hopeless_case(teller)
    if length > 8 and teller.wait(3, 6):
        if rng.random() < 0.5:
            teller.call_in_vain()
        elif buyer.story == "dispute":
            teller.tell("phone", "disputes", DISPUTES, rng.randint(5, 14))
        else:
            teller.call_promise(episode.closed, 1.0)
    if length > 25 and teller.wait(4, 9):
        teller.call_promise(teller.day + timedelta(days=rng.randint(4, 9)), 1.0)
        if length > 40 and teller.wait(10, 16):
            teller.call_promise(episode.closed, 1.0, BROKEN)
    if length > 12 and rng.random() < 0.4:
        teller.day = episode.closed - timedelta(days=2)
        if teller.day > teller.contacts[-1].day:
            teller.tell(rng.choice(("email", "phone")), None, REPLIES, direction="in", minutes=2)
    return tuple(teller.contacts)


def _hopeless_case(teller):
    if teller.wait(4, 8):
        teller.call_in_vain()
    if teller.wait(5, 10):
        teller.call_promise(teller.day + timedelta(days=8), 1.0)
    if teller.wait(12, 20):
        teller.tell("phone", "no_answer", NO_ANSWER, 1)
    if teller.wait(10, 20):
        teller.tell("letter", "management", LAST_WORDS[:1])
    if teller.wait(15, 25):
        teller.tell("meeting", None, LAST_WORDS[1:], 40)
    return tuple(teller.contacts)


def _bounced_case(rng, episode, today):
    teller = Teller(rng, episode.party, episode.opened, today)
    if teller.wait(1, 3):
        teller.remind()
    paid_on = today - timedelta(days=BOUNCED_AFTER[0])
    teller.day = max(teller.day + timedelta(days=1), paid_on - timedelta(days=4))
    teller.tell("phone", "promised", PROMISES[3:4], 6, agreed=(paid_on, 1.0, "cheque"))
    teller.day = today - timedelta(days=1)
    teller.tell(
        "phone",
        "call_back",
        ("The bank returned the cheque for lack of cover. The owner asks for a day to sort it.",),
        7,
        following=("call", today, "Cheque returned: how and when will it be made good?"),
    )
    return tuple(teller.contacts)


def _open_case(rng, buyer, episode, today):
    age = (today - episode.opened).days
    teller = Teller(rng, episode.party, episode.opened, today - timedelta(days=1))
    if age < 4 or age < 25 and rng.random() < 0.1:
        return ()
    if teller.wait(1, 3):
        teller.remind()
    if age > 12 and teller.wait(3, 6):
        teller.call_in_vain()
    if age > 30 and teller.wait(5, 9):
        teller.call_promise(teller.day + timedelta(days=7), rng.choice((0.5, 1.0)))
        _go_on(rng, teller, today)
    # what was said last was said lately
    teller.day = max(teller.day, today - timedelta(days=rng.randint(9, 14)))
    if teller.wait(1, 5):
        _last_word(rng, buyer, teller, today)
    return tuple(teller.contacts)


def _go_on(rng, teller, today):
    """Take a case that does not end up again every few weeks."""
    step = 0
    while (today - teller.day).days > 45 and teller.wait(16, 30):
        step += 1
        if step % 3 == 1:
            teller.call_promise(teller.day + timedelta(days=rng.randint(5, 12)), 0.5, BROKEN)
        elif step % 3 == 2:
            teller.remind()
        else:
            teller.call_in_vain()


def _last_word(rng, buyer, teller, today):
    chance = rng.random()
    kind, summary = rng.choice(FOLLOWING)
    if buyer.story == "dispute":
        said, (step, to_do) = DISPUTES_OF[buyer.key]
        teller.tell(
            "phone",
            "disputes",
            (said,),
            rng.randint(6, 15),
            following=(step, today + timedelta(days=2), to_do),
        )
    elif buyer.story == "instalments":
        teller.tell(
            "meeting",
            "instalments",
            ("Met the owner: pays in four monthly parts, the first at the end of the week.",),
            55,
            agreed=(working_day(today + timedelta(days=4), teller.party), 0.25, "cheque"),
            agreed_note="Four equal parts, a month apart; goods against prepayment meanwhile.",
            following=("call", today + timedelta(days=5), "Has the first part come?"),
        )
    elif chance < 0.32:
        agreed_on = today + timedelta(days=rng.randint(1, 9))
        teller.call_promise(agreed_on, rng.choice((0.5, 1.0, 1.0)), following="")
    elif chance < 0.45:
        agreed_on = today - timedelta(days=rng.randint(1, 4))
        teller.day = min(teller.day, agreed_on - timedelta(days=2))
        if len(teller.contacts) > 1 and teller.day <= teller.contacts[-1].day:
            teller.day = teller.contacts[-1].day + timedelta(days=1)
            agreed_on = max(agreed_on, teller.day)
        teller.call_promise(agreed_on, 1.0, following="The promised payment did not come")
    elif chance < 0.55:
        teller.tell(
            "email",
            "copy",
            COPIES,
            direction="in",
            following=("call", today, "Was the copy of the invoice received?"),
        )
    else:
        due_in = rng.choice((-6, -3, -2, -1, 0, 0, 0, 1, 2, 3, 5, 8))
        outcome, texts = rng.choice((("call_back", CALL_BACKS), ("left_message", MESSAGES_LEFT)))
        teller.tell(
            "phone",
            outcome,
            texts,
            rng.randint(1, 6),
            following=(kind, _at_work(today + timedelta(days=due_in), teller), summary),
        )


def _at_work(day: date, teller):
    """Return ``day``, or the working day after the last contact where that is later."""
    return max(day, teller.day)
