# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What else happens in the demo company, beside documents that are late and calls about them."""

from dataclasses import dataclass
from datetime import timedelta

from odoo import fields
from odoo.tools import SQL

from .letters import NOTES
from .records import Contact, Episode, working_day


@dataclass(frozen=True)
class Advance:
    """An amount asked for before its invoice is issued; paid after so many days, or not yet."""

    party: str
    text: str
    amount: float
    days_ago: int
    term: int
    note: str
    paid_after: int | None = None


@dataclass(frozen=True)
class Hold:
    """Why an open document of a customer is not to be asked for, or only in part."""

    party: str
    kind: str
    reason: str
    share: float = 1.0
    days: int | None = None


@dataclass(frozen=True)
class Attempt:
    """An online payment that failed."""

    party: str
    days_ago: int
    state: str
    message: str


@dataclass(frozen=True)
class Escalation:
    """A step planned for somebody above the debt manager."""

    party: str
    user: str
    due_in: int
    summary: str


@dataclass(frozen=True)
class Talk:
    """A contact with a customer that belongs to no case."""

    party: str
    days_ago: int
    channel: str
    direction: str
    note: str


ADVANCES = (
    Advance(
        "il_bluewave",
        "Advance of the spring project, 30 % of quotation Q-2417",
        18600,
        16,
        10,
        "The advance is released as soon as the head office has signed the order.",
    ),
    Advance(
        "cy_marine",
        "Advance for the terminals of the new marina, quotation Q-2308",
        6400,
        82,
        14,
        "Agreed to the advance; the rest follows on delivery.",
        paid_after=19,
    ),
)
HOLDS = (
    Hold("il_nahshon", "dispute", "One monitor short; signed delivery note asked for"),
    Hold("cy_technova", "dispute", "Support hours beyond the contract are contested", share=0.4),
    Hold("gr_piraeus", "dispute", "Price is not that of the quotation"),
    Hold("gr_kriti", "hold", "Goods sent back, the credit note follows", share=0.25, days=12),
)
ATTEMPTS = (
    Attempt("cy_cars", 31, "error", "The card was declined: insufficient funds."),
    Attempt("il_abrahami", 12, "error", "The card has expired."),
    Attempt("gr_stachy", 9, "cancel", "The customer left the payment page."),
    Attempt(
        "cy_loukas", 2, "error", "The bank asks the customer to confirm the payment; no answer."
    ),
)
ESCALATIONS = (
    Escalation("il_shikma", "team_leader", 0, "Second returned cheque: prepayment only?"),
    Escalation("il_alon", "team_leader", 1, "Asks to split the debt in two: agree?"),
    Escalation("gr_thessalias", "collection_manager", 2, "Four parts: approve the plan"),
    Escalation("gr_kriti", "sofia", -1, "Stop deliveries until the oldest invoice is paid?"),
)
TALKS = (
    Talk("il_carmel", 17, "phone", "in", "Asked for our bank details; will pay in dollars."),
    Talk("cy_mesogeios", 41, "email", "in", "New address for invoices: accounts department."),
    Talk("il_ofek", 4, "phone", "out", "Thanked for the early payment; order numbers by e-mail."),
)
# cases that stay on top of the list
IMPORTANT = ("il_alon", "gr_thessalias")
# of the first of these that has documents enough, one is chased apart …
SPLIT = ("cy_cars", "il_nave", "gr_orizontes", "cy_pelendri")
# … and with the first of these that was tried and taken back
MERGED = ("cy_george", "gr_gnosi", "il_argaman")
# the first of these with two late documents has one of them kept out of its case
KEPT_OUT = ("gr_elaionas", "gr_kriti", "il_alon", "gr_thessalias")
GRANTED = ("gr_meltemia", "cy_aphrodite", "il_carmel")
RUNS = 12


class Extras:
    """Writes what the plan does not tell of; needs the history to be written."""

    def __init__(self, history):
        self.history = history
        self.ledger = history.ledger
        self.post = history.post
        self.env = history.env
        self.company = history.company
        self.today = history.plan.today
        self.parties = {document.party for document in history.plan.documents}

    def load(self):
        """Write everything."""
        for advance in self.known(ADVANCES):
            self.write_advance(advance)
        for hold in self.known(HOLDS):
            self.write_hold(hold)
        self.split_and_merge()
        self.keep_out()
        self.grant()
        self.mark_important()
        self.plan_first_calls()
        for escalation in self.known(ESCALATIONS):
            self.escalate(escalation)
        for talk in self.known(TALKS):
            self.write_talk(talk)
        for letter in self.history.letters:
            # of a time when the customer had no case open
            record = self.history.profiles[letter.party]
            self.post.write_letter(record, letter, self.person(letter.party))
        for note in self.known(NOTES):
            self.write_note(note)
        for attempt in self.known(ATTEMPTS):
            self.write_attempt(attempt)
        self.cancel_payment()
        self.do_in_bulk()
        self.write_runs()

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def known(self, entries):
        """Return the entries whose customer is in the ledger."""
        return [entry for entry in entries if entry.party in self.parties]

    def day(self, days_ago):
        return self.today - timedelta(days=days_ago)

    def moment(self, days_ago, hour, minute=0):
        return self.history.moment(self.day(days_ago), (hour, minute))

    def open_case(self, party):
        """Return the open case of a party, empty where it has none."""
        return self.history.profiles[party].open_case_ids.filtered(
            lambda case: case.kind == "overdue"
        )[:1]

    def last_case(self, party):
        """Return the case of a party that was worked last, empty where there never was one."""
        return self.open_case(party) or self.env["collection.case"].search(
            [("profile_id", "=", self.history.profiles[party].id)], order="opened_on desc", limit=1
        )

    def person(self, party):
        """Return who looks after a party."""
        profile = self.history.profiles[party]
        case = self.last_case(party)
        if case:
            return self.history.person(case)
        return profile.debt_manager_id or profile.team_id.leader_id or self.env.user

    def acting(self, user):
        """Return the environment of a demo user who acts."""
        # sudo: the story decides who did what, not the groups of the demo user
        return self.env(user=user.id, su=True)

    def late_items(self, case):
        return case.open_item_ids.sorted(lambda item: (item.date_due, item.id))

    def date_case(self, case, moment, **marks):
        """Write when what was just done to a case by hand was done.

        :param marks: for each model the highest id before
        """
        tables = {
            "transitions": ("collection_case_transition", "date", "case_id"),
            "messages": ("mail_message", "date", "res_id"),
        }
        for name, before in marks.items():
            table, column, link = tables[name]
            self.history.execute(
                SQL(
                    "UPDATE %s SET %s = %s, create_date = %s WHERE %s = %s AND id > %s %s",
                    SQL.identifier(table),
                    SQL.identifier(column),
                    moment,
                    moment,
                    SQL.identifier(link),
                    case.id,
                    before,
                    SQL("AND model = 'collection.case'") if name == "messages" else SQL(),
                )
            )

    def marks(self):
        return {
            "transitions": self.history.last_id("collection.case.transition"),
            "messages": self.history.last_id("mail.message"),
        }

    # ------------------------------------------------------------
    # AMOUNTS WITHOUT A DOCUMENT
    # ------------------------------------------------------------

    def write_advance(self, advance):
        """Open a case for an advance, have it called about and, where the story says so, paid."""
        history = self.history
        profile = history.profiles[advance.party]
        opened = working_day(self.day(advance.days_ago), advance.party)
        due = opened + timedelta(days=advance.term)
        paid_on = advance.paid_after and opened + timedelta(days=advance.paid_after)
        person = profile.debt_manager_id or profile.team_id.leader_id
        before = history.last_id("collection.case.transition")
        env = self.acting(person)
        case = env["collection.case"]._open_amount_case(
            profile.with_env(env), advance.amount, self.ledger.currency("USD"), advance.text, due
        )
        case = case.with_env(self.env)
        promised = (paid_on or working_day(self.today + timedelta(days=3), advance.party), 1.0)
        contact = Contact(
            day=min(working_day(due + timedelta(days=1), advance.party), self.day(1)),
            time=(11, 25),
            channel="phone",
            direction="out",
            outcome="promised",
            note=advance.note,
            minutes=8,
            agreed=(*promised, "bank_transfer"),
        )
        episode = Episode(advance.party, opened, paid_on, (), contacts=(contact,))
        history.case_of[episode] = case
        case.open_item_ids.write({"document_date": opened})
        history.date_opening([episode], (11, 10))
        history.contact({episode: [(history.moment(contact.day, contact.time), contact)]})
        if paid_on:
            before = history.last_id("collection.case.transition")
            line = self.ledger.method_lines()["bank_transfer"]
            payment = self.env["account.payment"].create({
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": profile.partner_id.id,
                "date": paid_on,
                "currency_id": self.ledger.currency("USD").id,
                "amount": advance.amount,
                "journal_id": line.journal_id.id,
                "payment_method_line_id": line.id,
                "memo": advance.text,
                "collection_item_id": case.open_item_ids.id,
            })
            payment.action_post()
            history.run_cycle([advance.party])
            paid = history.moment(paid_on, (12, 0))
            history.date_ledger({episode: [(paid, None)]}, before)
            history.set_column("account_payment", "create_date", {payment.id: paid})
            history.set_column("account_move", "create_date", {payment.move_id.id: paid})

    # ------------------------------------------------------------
    # WHAT PEOPLE DECIDED ON ITEMS AND CASES
    # ------------------------------------------------------------

    def write_hold(self, hold):
        """Block the oldest document in the case of a customer."""
        items = self.late_items(self.open_case(hold.party))[:1]
        if not items:
            return
        amount = None if hold.share == 1 else round(items.amount_residual * hold.share, 2)
        until = hold.days and self.today + timedelta(days=hold.days)
        blocks = items.with_env(self.acting(self.person(hold.party)))._block(
            hold.kind, amount=amount, until=until, reason=hold.reason
        )
        self.history.set_column(
            "collection_item_block", "create_date", {blocks.id: self.moment(3, 12)}
        )

    def newest_item(self, parties, count, moment):
        """Return the newest document in an open case: (case, item), or nothing.

        :param parties: the first of them that had so many documents in its case by the moment
        """
        for party in parties:
            if party not in self.parties:
                continue
            case = self.open_case(party)
            items = case.open_case_item_ids.filtered(
                lambda membership: membership.added_on < moment
            ).item_id
            if len(items) >= count:
                return case, items.sorted(lambda item: (item.date_due, item.id))[-1:]
        return None

    def split_and_merge(self):
        """Split one case, and one more that is merged again."""
        moment = self.moment(1, 16, 10)
        if found := self.newest_item(SPLIT, 3, moment):
            self.split(*found, moment)
        moment = self.moment(1, 16, 20)
        if found := self.newest_item(MERGED, 2, moment):
            case, _item = found
            apart = self.split(*found, moment)
            marks = self.marks()
            moment = self.moment(1, 16, 45)
            env = self.acting(self.history.person(case))
            case.with_env(env)._merge(apart.with_env(env))
            for changed in case | apart:
                self.date_case(changed, moment, **marks)
            self.date_memberships(apart, "removed_on", moment)
            self.date_memberships(case, "added_on", moment)
            self.history.set_column("collection_case", "closed_on", {apart.id: self.day(1)}, "date")

    def split(self, case, items, moment):
        """Split documents off a case; return the new case."""
        marks = self.marks()
        env = self.acting(self.history.person(case))
        apart = case.with_env(env)._split(items.with_env(env)).with_env(self.env)
        for changed in case | apart:
            self.date_case(changed, moment, **marks)
        self.date_memberships(case, "removed_on", moment)
        self.date_memberships(apart, "added_on", moment)
        day = self.history.local_day(moment)
        self.history.set_column("collection_case", "opened_on", {apart.id: day}, "date")
        self.history.set_column("collection_case", "create_date", {apart.id: moment})
        return apart

    def date_memberships(self, case, column, moment):
        """Write when items joined or left a case, where that was only just now."""
        self.history.execute(
            SQL(
                "UPDATE collection_case_item SET %(column)s = %(moment)s"
                " WHERE case_id = %(case)s AND %(column)s > %(now)s - interval '1 hour'",
                column=SQL.identifier(column),
                moment=moment,
                case=case.id,
                now=fields.Datetime.now(),
            )
        )

    def keep_out(self):
        """Take a document out of its case for a while."""
        moment = self.moment(2, 13, 30)
        if found := self.newest_item(KEPT_OUT, 2, moment):
            case, item = found
            case.with_env(self.acting(self.history.person(case)))._remove_items(
                item,
                keep_out_until=self.today + timedelta(days=18),
                reason="Order number missing: the invoice is issued again",
            )
            self.date_memberships(case, "removed_on", moment)

    def grant(self):
        """Grant a customer more time for a document that is not due yet."""
        for party in GRANTED:
            items = (
                self.env["collection.item"].search(
                    [
                        ("profile_id", "=", self.history.profiles[party].id),
                        ("state", "=", "open"),
                        ("side", "=", "debit"),
                        ("case_id", "=", False),
                        ("date_due", ">=", self.today),
                    ],
                    order="date_due",
                    limit=1,
                )
                if party in self.parties
                else self.env["collection.item"]
            )
            if items:
                items.granted_date = items.date_maturity + timedelta(days=30)
                break

    def mark_important(self):
        """Star some cases."""
        for party in IMPORTANT:
            if party in self.parties:
                self.open_case(party).priority = "1"

    def plan_first_calls(self):
        """Plan a call today or tomorrow on some of the cases nobody has started yet."""
        cases = self.env["collection.case"].search(
            [
                ("company_id", "=", self.company.id),
                ("state", "=", "not_started"),
                ("debt_manager_id", "!=", False),
                ("activity_ids", "=", False),
            ],
            order="id",
        )
        for number, case in enumerate(cases[::2]):
            person = case.debt_manager_id
            summary = "First call: has the invoice arrived?"
            self.plan_step(case, person, person, "call", number % 2, summary)

    def escalate(self, escalation):
        """Plan a step of somebody above the debt manager."""
        case = self.open_case(escalation.party)
        if case:
            person = self.history.person(case)
            boss = self.ledger.find(f"user_{escalation.user}")
            self.plan_step(case, person, boss, "escalation", escalation.due_in, escalation.summary)

    def plan_step(self, case, planner, user, kind, due_in, summary):
        """Plan an activity of a user on a case."""
        self.acting(planner)["mail.activity"].create({
            "res_model_id": self.env["ir.model"]._get_id(case._name),
            "res_id": case.id,
            "activity_type_id": self.env.ref(f"collection.activity_type_{kind}").id,
            "summary": summary,
            "date_deadline": self.today + timedelta(days=due_in),
            "user_id": user.id,
        })

    # ------------------------------------------------------------
    # CORRESPONDENCE AND NOTES
    # ------------------------------------------------------------

    def write_talk(self, talk):
        """Record a contact that belongs to no case."""
        profile = self.history.profiles[talk.party]
        person = profile.debt_manager_id or profile.team_id.leader_id or self.env.user
        self.env["collection.contact.log"].create({
            "profile_id": profile.id,
            "date": self.moment(talk.days_ago, 10, 35),
            "user_id": person.id,
            "contact_id": (profile.payment_contact_id or profile.partner_id).id,
            "channel": talk.channel,
            "direction": talk.direction,
            "duration": 3 if talk.channel == "phone" else 0,
            "note": talk.note,
        })

    def write_note(self, note):
        """Write a note at a customer or at its oldest open document."""
        person = self.person(note.party)
        moment = self.moment(note.days_ago, 16, len(note.body) % 60)
        document = self.post.oldest_document(note.party) if note.on_document else None
        written = self.env["collection.note"].create({
            "profile_id": self.history.profiles[note.party].id,
            "move_id": document.id if document else False,
            "body": note.body,
            "pinned": note.pinned,
            "user_id": person.id,
            "date": moment,
        })
        self.history.set_column("collection_note", "create_date", {written.id: moment})

    # ------------------------------------------------------------
    # PAYMENTS THAT CAME TO NOTHING
    # ------------------------------------------------------------

    def write_attempt(self, attempt):
        """Write an online payment that failed."""
        provider = self.card_provider()
        method = self.env.ref("payment.payment_method_card", raise_if_not_found=False)
        document = self.post.oldest_document(attempt.party)
        if not (provider and method and document):
            return
        moment = self.moment(attempt.days_ago, 20, 14)
        transaction = self.env["payment.transaction"].create({
            "provider_id": provider.id,
            "payment_method_id": method.id,
            "reference": f"{document.name}-{attempt.days_ago}",
            "amount": document.amount_residual or document.amount_total,
            "currency_id": document.currency_id.id,
            "partner_id": document.partner_id.id,
            "operation": "online_redirect",
            "state": attempt.state,
            "state_message": attempt.message,
            "last_state_change": moment,
            "invoice_ids": [fields.Command.link(document.id)],
        })
        self.history.set_column("payment_transaction", "create_date", {transaction.id: moment})

    def card_provider(self):
        """Return the company's card provider, else any."""
        providers = self.env["payment.provider"].search([("company_id", "=", self.company.id)])
        stripe = self.env.ref("payment.payment_provider_stripe", raise_if_not_found=False)
        return stripe if stripe and stripe in providers else providers[:1]

    def cancel_payment(self):
        """Cancel a cheque that was never paid in."""
        party = "il_kfar"
        if party not in self.parties:
            return
        line = self.ledger.method_lines()["cheque"]
        document = self.post.oldest_document(party)
        payment = self.env["account.payment"].create({
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": document.partner_id.id,
            "date": self.day(24),
            "currency_id": document.currency_id.id,
            "amount": document.amount_total,
            "journal_id": line.journal_id.id,
            "payment_method_line_id": line.id,
            "memo": f"Cheque 204418 not signed, sent back ({document.name})",
        })
        payment.action_cancel()

    # ------------------------------------------------------------
    # BULK OPERATIONS AND NIGHT RUNS
    # ------------------------------------------------------------

    def do_in_bulk(self):
        """Have leaders assign cases: one operation stands, one was undone."""
        user = {name: self.ledger.find(f"user_{name}") for name in ("sofia", "andreas", "yael")}
        leader = self.ledger.find("user_team_leader")
        noa = self.ledger.find("user_debt_manager")
        undone = self.assign(leader, noa, user["yael"], 3, (17, 20), "Work shared out evenly")
        if undone:
            marks = self.marks()
            undone.with_env(self.acting(leader)).action_undo()
            moment = self.moment(1, 17, 40)
            for case in undone.line_ids.case_id:
                self.date_case(case, moment, **marks)
            self.history.set_column("collection_batch", "undone_on", {undone.id: moment})
        self.assign(
            user["sofia"], user["sofia"], user["andreas"], 2, (18, 5), "Sofia prepares the audit"
        )

    def assign(self, doer, giver, taker, count, clock, reason):
        """Give some of a person's cases to another one, last evening; return the operation."""
        env = self.acting(doer)
        cases = env["collection.case"].search(
            [
                ("company_id", "=", self.company.id),
                ("state", "!=", "completed"),
                ("debt_manager_id", "=", giver.id),
                ("opened_on", "<", self.day(1)),
            ],
            order="opened_on desc, id desc",
            limit=count,
        )
        if not cases:
            return None
        marks = self.marks()
        team = taker.collection_team_ids[:1]
        batch = env["collection.batch"]._assign(
            self.company,
            [(taker, team, cases, env["collection.profile"])],
            reason=reason,
            to_user_id=taker.id,
            to_team_id=team.id,
        )
        moment = self.moment(1, *clock)
        for case in cases:
            self.date_case(case, moment, **marks)
        for column in ("date", "create_date"):
            self.history.set_column("collection_batch", column, {batch.id: moment})
        return batch.with_env(self.env)

    def write_runs(self):
        """Write the night runs of the last days."""
        steps = self.env["collection.cycle"]._get_steps()
        values = []
        for days_ago in range(RUNS, 0, -1):
            day = self.day(days_ago)
            started = self.moment(days_ago, 2)
            rows = self.rows_of(day)
            values.append({
                "company_id": self.company.id,
                "business_date": day,
                "state": "done",
                "step": steps[-1],
                "started_on": started,
                "finished_on": started + timedelta(seconds=2),
                "chunk_ids": [
                    fields.Command.create({
                        "step": step,
                        "state": "done",
                        "row_count": rows.get(step, 0),
                        "seconds": 0.02 + rows.get(step, 0) / 500,
                        "tries": 1,
                    })
                    for step in steps
                ],
            })
        known = self.env["collection.cycle.run"].search([("company_id", "=", self.company.id)])
        days = set(known.mapped("business_date"))
        self.env["collection.cycle.run"].create([
            run for run in values if run["business_date"] not in days
        ])

    def rows_of(self, day):
        """Return how many rows the steps of a night had to change: what is new since the day before."""
        plan = self.history.plan
        before = day - timedelta(days=1)
        written = [document.party for document in plan.documents if document.date == before]
        paid = [payment.party for payment in plan.payments if payment.date == before]
        joined = [
            episode.party
            for episode in plan.episodes
            for _document, _instalment, joined in episode.covers
            if joined == day
        ]
        return {
            "collection.cycle.step.items": len(written) + len(paid),
            "collection.cycle.step.profiles": len({*written, *paid, *joined}),
            "collection.cycle.step.cases": len(joined),
            "collection.cycle.step.totals": len(set(joined)),
        }
