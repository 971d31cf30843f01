# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Tells the collection cases of the demo plan, as the cycle and its people would have left them.

Cases open, move and close by the add-on's own code, in the order of the story; only the days on
which all that happened are written afterwards, by SQL.
"""

import re
from collections import deque
from datetime import datetime, time, timedelta

import pytz

from odoo.tools import SQL

from ..models.collection_cycle_step import CycleScope
from .letters import LETTERS
from .plan import LIVE_DAYS
from .post import Post

NIGHT = (2, 0)
# a case that people gave up keeps its items out for so long
GIVEN_UP_DAYS = 365
KIND_OF_CHANNEL = {"phone": "call"}


class History:
    """The collection cases of the demo ledger."""

    def __init__(self, ledger):
        self.ledger = ledger
        self.env = ledger.env
        self.company = ledger.company
        self.plan = ledger.plan
        self.zone = pytz.timezone(self.company.collection_tz or "UTC")
        self.profiles = {}  # party → profile
        self.item_of = {}  # (document key, instalment) → open item
        self.case_of = {}  # episode → case
        self.post = Post(self)
        parties = {document.party for document in self.plan.documents}
        # those that no case told of yet
        self.letters = [letter for letter in LETTERS if letter.party in parties]
        # what has a higher id was written here
        self.before = {
            model: self.last_id(model)
            for model in (
                "collection.case",
                "collection.case.transition",
                "collection.contact.log",
            )
        }
        self.pairs_of = {}  # (document key, instalment) → matches, in order
        for day, key, line in ledger.pairs():
            self.pairs_of.setdefault(key, []).append((day, key, line))

    def load(self):
        """Tell everything."""
        live_since = self.plan.today - timedelta(days=LIVE_DAYS)
        in_cases = {
            (document, instalment)
            for episode in self.plan.episodes
            for document, instalment, _day in episode.covers
        }
        outside = [
            pair for key, pairs in self.pairs_of.items() if key not in in_cases for pair in pairs
        ]
        # while the past is told, no rule opens cases of today
        self.company.collection_live = False
        # what was settled before collections went live never became an item
        self.match([pair for pair in outside if pair[0] < live_since])
        self.run_cycle()
        self.match([pair for pair in outside if pair[0] >= live_since])
        self.run_cycle()
        self.find_items()
        for episodes in self.plan.closed_episodes():
            self.open_past(episodes)
            self.tell(episodes)
            self.give_up([episode for episode in episodes if episode.result])
        self.go_live(live_since)
        self.open_now(self.plan.open_episodes())
        self.tell(self.plan.open_episodes())

    def finish(self):
        """Bring everything up to date, and leave no trace of when it was written."""
        self.date_rows()
        self.number()
        self.env["collection.cycle"]._run_scope(CycleScope(self.company.id, self.plan.today))

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def moment(self, day, clock):
        """Return the moment of a day and a clock time at the company, as the database keeps it."""
        local = self.zone.localize(datetime.combine(day, time(*clock)))
        return local.astimezone(pytz.utc).replace(tzinfo=None)

    def match_moment(self, day, key):
        """Return when a payment was matched: some time of the working day."""
        number = sum(map(ord, key[0])) + key[1]
        return self.moment(day, (9 + number % 7, number * 7 % 60))

    def execute(self, query):
        """Run a statement that writes behind the back of the ORM."""
        self.env.flush_all()
        self.env.cr.execute(query)
        self.env.invalidate_all()

    def set_column(self, table, column, values, kind="timestamp"):
        """Write a column of rows: ``values`` is {id: value}."""
        self.execute(
            SQL(
                "UPDATE %(table)s SET %(column)s = given.value"
                " FROM unnest(%(ids)s::int[], %(values)s::%(kind)s[]) AS given(id, value)"
                " WHERE %(table)s.id = given.id",
                table=SQL.identifier(table),
                column=SQL.identifier(column),
                kind=SQL.identifier(kind),
                ids=list(values),
                values=list(values.values()),
            )
        )

    def last_id(self, model):
        """Return the highest id of a model: what comes after it is new."""
        self.env.flush_all()
        [(last,)] = self.env.execute_query(
            SQL("SELECT COALESCE(max(id), 0) FROM %s", SQL.identifier(self.env[model]._table))
        )
        return last

    def run_cycle(self, parties=None):
        """Have the cycle compute some parties, or all of the plan."""
        if parties is None:
            parties = {document.party for document in self.plan.documents}
        partners = self.env["res.partner"].union(*map(self.ledger.partner, parties))
        self.env["collection.cycle"]._run_for(self.company, partners)

    def match(self, pairs):
        """Match journal items, and write at which moments that was."""
        before = self.last_id("account.partial.reconcile")
        self.ledger.match(pairs)
        moments = [self.match_moment(day, key) for day, key, _line in pairs]
        debits = [self.ledger.items[key].id for _day, key, _line in pairs]
        credits = [line.id for _day, _key, line in pairs]
        given = SQL(
            "unnest(%s::int[], %s::int[], %s::timestamp[]) AS given(debit_id, credit_id, moment)",
            debits,
            credits,
            moments,
        )
        # exchange differences have either side only; they come with the match they belong to
        for condition in (
            SQL(
                "partial.debit_move_id = given.debit_id OR partial.credit_move_id = given.credit_id"
            ),
            SQL(
                "partial.debit_move_id = given.debit_id AND partial.credit_move_id = given.credit_id"
            ),
        ):
            self.execute(
                SQL(
                    "UPDATE account_partial_reconcile partial SET create_date = given.moment"
                    " FROM %s WHERE partial.id > %s AND (%s)",
                    given,
                    before,
                    condition,
                )
            )
        self.date_exchange(before)

    def date_exchange(self, before):
        """Date the exchange differences that the host booked today on the day of their match."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT move.id, max(partial.create_date)::date
                  FROM account_partial_reconcile partial
                  JOIN account_move_line line
                    ON line.id IN (partial.debit_move_id, partial.credit_move_id)
                  JOIN account_move move ON move.id = line.move_id
                 WHERE partial.id > %s AND move.journal_id = %s AND move.date = %s
              GROUP BY move.id
                """,
                before,
                self.company.currency_exchange_journal_id.id or None,
                self.plan.today,
            )
        )
        if not rows:
            return
        days = dict(rows)
        self.set_column("account_move", "date", days, "date")
        lines = self.env["account.move.line"].search([("move_id", "in", list(days))])
        self.set_column(
            "account_move_line", "date", {line.id: days[line.move_id.id] for line in lines}, "date"
        )
        self.execute(
            SQL(
                """
                UPDATE account_partial_reconcile SET max_date = create_date::date
                 WHERE id > %s AND (debit_move_id = ANY(%s) OR credit_move_id = ANY(%s))
                """,
                before,
                lines.ids,
                lines.ids,
            )
        )

    def find_items(self):
        """Find the profile of each party and the open item of each instalment."""
        Profile = self.env["collection.profile"].search([("company_id", "=", self.company.id)])
        profile_of = Profile.grouped("partner_id")
        for party in {document.party for document in self.plan.documents}:
            if profile := profile_of.get(self.ledger.partner(party)):
                self.profiles[party] = profile
        items = self.env["collection.item"].search([
            ("move_line_id", "in", [line.id for line in self.ledger.items.values()])
        ])
        item_of_line = {item.move_line_id: item for item in items}
        for key, line in self.ledger.items.items():
            if line in item_of_line:
                self.item_of[key] = item_of_line[line]

    # ------------------------------------------------------------
    # OPENING
    # ------------------------------------------------------------

    def open_past(self, episodes):
        """Open the cases of episodes that are over; each party has one at most."""
        self.env.flush_all()
        scope = CycleScope(self.company.id, self.plan.today)
        by_profile = {self.profiles[episode.party].id: episode for episode in episodes}
        opened = self.env["collection.case"]._open_by_rule(list(by_profile), scope)
        joining = {}
        for profile_id, case_id in opened.items():
            episode = by_profile[profile_id]
            self.case_of[episode] = self.env["collection.case"].browse(case_id)
            for document, instalment, _day in episode.covers:
                joining[self.item_of[document, instalment].id] = case_id
        self.env["collection.case.item"]._join(list(joining), list(joining.values()))
        self.run_cycle(episode.party for episode in episodes)
        self.date_opening(episodes)

    def go_live(self, day):
        """Set collections live, long ago."""
        self.company.write({"collection_live": True, "collection_live_date": day})

    def open_now(self, episodes):
        """Have the cycle open what is late today, and find the cases of the plan among it."""
        self.env["collection.cycle"]._run_scope(CycleScope(self.company.id, self.plan.today))
        cases = self.env["collection.case"].search([
            ("company_id", "=", self.company.id),
            ("state", "!=", "completed"),
        ])
        case_of_profile = {case.profile_id: case for case in cases}
        for episode in episodes:
            self.case_of[episode] = case_of_profile[self.profiles[episode.party]]
        self.date_opening(episodes)

    def date_opening(self, episodes, clock=NIGHT):
        """Write on which days cases opened and items joined them."""
        nights = {
            self.case_of[episode].id: self.moment(episode.opened, clock) for episode in episodes
        }
        self.set_column(
            "collection_case",
            "opened_on",
            {self.case_of[episode].id: episode.opened for episode in episodes},
            "date",
        )
        self.set_column("collection_case", "create_date", nights)
        first = self.env["collection.case.transition"].search([
            ("case_id", "in", list(nights)),
            ("from_state", "=", False),
        ])
        self.set_column(
            "collection_case_transition",
            "date",
            {transition.id: nights[transition.case_id.id] for transition in first},
        )
        joined = {
            (self.case_of[episode].id, self.item_of[document, instalment].id): day
            for episode in episodes
            for document, instalment, day in episode.covers
        }
        memberships = self.env["collection.case.item"].search([("case_id", "in", list(nights))])
        self.set_column(
            "collection_case_item",
            "added_on",
            {
                membership.id: self.moment(joined[key], clock)
                if (key := (membership.case_id.id, membership.item_id.id)) in joined
                else nights[membership.case_id.id]
                for membership in memberships
            },
        )

    # ------------------------------------------------------------
    # WHAT HAPPENED ON A CASE
    # ------------------------------------------------------------

    def tell(self, episodes):
        """Let things happen on cases side by side, each case in the order of its own days."""
        queues = {episode: deque(self.events(episode)) for episode in episodes}
        handlers = {
            "match": self.pay,
            "bounce": self.bounce,
            "letter": self.write_letters,
            "contact": self.contact,
        }
        while any(queues.values()):
            for kind, handle in handlers.items():
                batch = {}
                for episode, queue in queues.items():
                    # payments up to the next contact come in together, contacts one by one
                    while (
                        queue and queue[0][1] == kind and (kind == "match" or episode not in batch)
                    ):
                        moment, _kind, what = queue.popleft()
                        batch.setdefault(episode, []).append((moment, what))
                if batch:
                    handle(batch)

    def events(self, episode):
        """Return what happened on a case: (moment, kind, what), in order."""
        found = []
        keys = [(document, instalment) for document, instalment, _day in episode.covers]
        for key in keys:
            for pair in self.pairs_of.get(key, ()):
                found.append((self.match_moment(pair[0], key), "match", pair))
        for payment in self.plan.payments:
            if payment.bounced_on and any(
                (cover.document, cover.instalment) in keys for cover in payment.covers
            ):
                found.append((self.moment(payment.bounced_on, (9, 40)), "bounce", payment))
        for contact in episode.contacts:
            found.append((self.moment(contact.day, contact.time), "contact", contact))
        for letter in [letter for letter in self.letters if letter.party == episode.party]:
            written = self.post.moment(letter)
            if episode.opened <= self.local_day(written) < (episode.closed or self.plan.today):
                found.append((written, "letter", letter))
                self.letters.remove(letter)
        return sorted(found, key=lambda event: event[0])

    def write_letters(self, batch):
        """Write one e-mail on each case, sent or received."""
        for episode, [(_moment, letter)] in batch.items():
            case = self.case_of[episode]
            self.post.write_letter(case, letter, self.person(case))

    def pay(self, batch):
        """Match payments, and let the cycle see what is left."""
        before = self.last_id("collection.case.transition")
        self.match([pair for events in batch.values() for _moment, pair in events])
        self.run_cycle(episode.party for episode in batch)
        self.date_ledger(batch, before)

    def bounce(self, batch):
        """Have the bank return payments: their documents are owed again."""
        before = self.last_id("collection.case.transition")
        joined = self.last_id("collection.case.item")
        for events in batch.values():
            for _moment, payment in events:
                self.ledger.bounce(payment)
        self.run_cycle(episode.party for episode in batch)
        moments = {self.case_of[episode].id: events[-1][0] for episode, events in batch.items()}
        again = self.env["collection.case.item"].search([
            ("id", ">", joined),
            ("case_id", "in", list(moments)),
        ])
        self.set_column(
            "collection_case_item",
            "added_on",
            {membership.id: moments[membership.case_id.id] for membership in again},
        )
        self.date_ledger(batch, before)

    def date_ledger(self, batch, before):
        """Write when the ledger moved cases and took items out of them."""
        last = {self.case_of[episode].id: events[-1][0] for episode, events in batch.items()}
        moved = self.env["collection.case.transition"].search([
            ("id", ">", before),
            ("case_id", "in", list(last)),
        ])
        self.set_column(
            "collection_case_transition",
            "date",
            {transition.id: last[transition.case_id.id] for transition in moved},
        )
        closed = moved.case_id.filtered(lambda case: case.state == "completed")
        self.set_column(
            "collection_case",
            "closed_on",
            {case.id: self.local_day(last[case.id]) for case in closed},
            "date",
        )
        self.execute(
            SQL(
                """
                UPDATE collection_case_item membership SET removed_on = settled.moment
                  FROM (SELECT item.id,
                               COALESCE(max(partial.create_date),
                                        item.settled_date + time '08:00') AS moment
                          FROM collection_item item
                     LEFT JOIN account_partial_reconcile partial
                            ON partial.debit_move_id = item.move_line_id
                      GROUP BY item.id) AS settled
                 WHERE settled.id = membership.item_id
                   AND membership.case_id = ANY(%s)
                   AND membership.reason = 'settled'
                """,
                list(last),
            )
        )

    def local_day(self, moment):
        """Return the day a moment falls on at the company."""
        return pytz.utc.localize(moment).astimezone(self.zone).date()

    # ------------------------------------------------------------
    # CONTACTS
    # ------------------------------------------------------------

    def contact(self, batch):
        """Record one contact on each case, with what follows from it."""
        contacts = {episode: (moment, contact) for episode, [(moment, contact)] in batch.items()}
        marks = {
            model: self.last_id(model)
            for model in ("collection.case.transition", "mail.message", "mail.activity")
        }
        over = {episode: what for episode, what in contacts.items() if episode.closed}
        self.record_past(over)
        for episode, (moment, contact) in contacts.items():
            if not episode.closed:
                self.record(episode, moment, contact)
        self.date_contacts(contacts, marks)

    def record_past(self, contacts):
        """Record contacts of cases that are over, all at once; their next steps are done."""
        if not contacts:
            return
        logs = self.env["collection.contact.log"].create([
            self.log_values(episode, moment, contact)
            for episode, (moment, contact) in contacts.items()
        ])
        logs._move_case()
        logs._log_on_case()

    def record(self, episode, moment, contact):
        """Record a contact as its debt manager would: the step planned before is done with it."""
        case = self.case_of[episode]
        values = self.log_values(episode, moment, contact)
        # sudo: the debt manager works the case, whatever groups the demo user has
        env = self.env(user=values["user_id"], su=True)
        planned = case.activity_ids.sorted("date_deadline")[:1].with_env(env)
        if planned:
            kept = {
                name: value
                for name, value in values.items()
                if name not in ("activity_type_id", "next_activity_type_id")
            }
            text = env["collection.contact.log"].new(kept)._agreed_text()
            planned.with_context(collection_contact_recorded=True)._action_done(
                feedback="\n".join(filter(None, [text, contact.note]))
            )
            self.set_column("mail_activity", "date_done", {planned.id: contact.day}, "date")
            values["activity_id"] = planned.id
        env["collection.contact.log"]._record(values)

    def log_values(self, episode, moment, contact):
        """Return the values of the record of a contact."""
        case = self.case_of[episode]
        kind = KIND_OF_CHANNEL.get(contact.channel, contact.channel)
        values = {
            "case_id": case.id,
            "profile_id": case.profile_id.id,
            "date": moment,
            "user_id": self.person(case).id,
            "contact_id": case._collection_contact().id,
            "channel": contact.channel,
            "direction": contact.direction,
            "activity_type_id": self.env.ref(f"collection.activity_type_{kind}").id,
            "duration": contact.minutes,
            "note": contact.note,
            "agreed_note": contact.agreed_note,
        }
        if contact.outcome:
            values["outcome_id"] = self.env.ref(f"collection.outcome_{contact.outcome}").id
        if contact.agreed:
            values.update(self.agreement(episode, contact))
        if contact.following:
            step, day, summary = contact.following
            values.update({
                "next_activity_type_id": self.env.ref(f"collection.activity_type_{step}").id,
                "next_date": day,
                "next_summary": summary,
                "next_user_id": values["user_id"],
            })
        return values

    def person(self, case):
        """Return who works a case: its debt manager, else who leads the team."""
        return case.debt_manager_id or case.team_id.leader_id or self.env.user

    def agreement(self, episode, contact):
        """Return the agreed payment of a contact: a share of what was late by then."""
        day, share, way = contact.agreed
        late_by_then = [
            self.item_of[document, instalment]
            for document, instalment, joined in episode.covers
            if joined <= contact.day
        ]
        items = self.env["collection.item"].union(*late_by_then)
        # a case of an amount without a document has no documents in the plan
        items = items or self.case_of[episode].open_item_ids
        late = sum(items.mapped("amount_residual_currency"))
        amount = late if share == 1 else round(late * share, -1)
        if amount <= 0:
            return {}
        return {
            "agreed_date": day,
            "agreed_amount": amount,
            "currency_id": items[:1].currency_id.id,
            "agreed_way_id": self.env.ref(f"collection.way_{way}").id,
        }

    def date_contacts(self, contacts, marks):
        """Write when what came of the contacts happened, and who did it."""
        given = {
            "cases": [self.case_of[episode].id for episode in contacts],
            "moments": [moment for moment, _contact in contacts.values()],
            "users": [self.person(self.case_of[episode]).id for episode in contacts],
        }
        rows = SQL(
            "unnest(%(cases)s::int[], %(moments)s::timestamp[], %(users)s::int[])"
            " AS given(case_id, moment, user_id)",
            **given,
        )
        self.execute(
            SQL(
                """
                UPDATE collection_case_transition moved
                   SET date = given.moment, user_id = given.user_id
                  FROM %s
                 WHERE moved.case_id = given.case_id AND moved.id > %s
                """,
                rows,
                marks["collection.case.transition"],
            )
        )
        self.execute(
            SQL(
                """
                UPDATE mail_message message
                   SET date = given.moment, create_date = given.moment,
                       author_id = author.partner_id, create_uid = author.id,
                       email_from = person.email
                  FROM %s
                  JOIN res_users author ON author.id = given.user_id
                  JOIN res_partner person ON person.id = author.partner_id
                 WHERE message.model = 'collection.case' AND message.res_id = given.case_id
                   AND message.id > %s
                """,
                rows,
                marks["mail.message"],
            )
        )
        self.execute(
            SQL(
                """
                UPDATE mail_activity activity
                   SET create_date = given.moment
                  FROM %s
                 WHERE activity.res_model = 'collection.case' AND activity.res_id = given.case_id
                   AND activity.id > %s
                """,
                rows,
                marks["mail.activity"],
            )
        )

    # ------------------------------------------------------------
    # CLOSING
    # ------------------------------------------------------------

    def give_up(self, episodes):
        """Close cases by hand, with the result and reason of the plan."""
        before = self.last_id("collection.case.transition")
        for episode in episodes:
            case = self.case_of[episode]
            person = case.team_id.leader_id or self.person(case)
            # sudo: the team leader closes the case, whatever groups the demo user has
            case.with_env(self.env(user=person.id, su=True))._close(
                episode.result,
                reason=episode.reason,
                keep_out_until=episode.closed + timedelta(days=GIVEN_UP_DAYS),
            )
        closed = {
            self.case_of[episode].id: self.moment(episode.closed, (15, 20)) for episode in episodes
        }
        moved = self.env["collection.case.transition"].search([
            ("id", ">", before),
            ("case_id", "in", list(closed)),
        ])
        left = self.env["collection.case.item"].search([
            ("case_id", "in", list(closed)),
            ("reason", "=", "closed"),
        ])
        for table, column, rows in (
            ("collection_case_transition", "date", moved),
            ("collection_case_item", "removed_on", left),
        ):
            self.set_column(table, column, {row.id: closed[row.case_id.id] for row in rows})
        self.set_column(
            "collection_case",
            "closed_on",
            {self.case_of[episode].id: episode.closed for episode in episodes},
            "date",
        )

    # ------------------------------------------------------------
    # AFTERWARDS
    # ------------------------------------------------------------

    def date_rows(self):
        """Write who created rows, and when, where only the database shows it."""
        company = self.company.id
        for query in (
            SQL(
                """
                UPDATE collection_contact_log
                   SET create_uid = user_id, create_date = date,
                       write_uid = user_id, write_date = date
                 WHERE id > %s
                """,
                self.before["collection.contact.log"],
            ),
            SQL(
                """
                UPDATE collection_case_transition
                   SET create_uid = user_id, create_date = date,
                       write_uid = user_id, write_date = date
                 WHERE id > %s
                """,
                self.before["collection.case.transition"],
            ),
            SQL(
                """
                UPDATE account_move SET create_date = date + time '07:30'
                 WHERE company_id = %s AND id = ANY(%s) AND date < create_date
                """,
                company,
                self.ledger.move_ids(),
            ),
            SQL(
                """
                UPDATE account_payment SET create_date = date + time '07:30'
                 WHERE company_id = %s AND id = ANY(%s) AND date < create_date
                """,
                company,
                [payment.id for payment in self.ledger.payments.values()],
            ),
        ):
            self.execute(query)

    def number(self):
        """Number the cases in the order in which they opened."""
        cases = self.env["collection.case"].search(
            [
                ("company_id", "=", self.company.id),
                ("id", ">", self.before["collection.case"]),
            ],
            order="opened_on, id",
        )
        names = sorted(cases.mapped("name"), key=lambda name: (len(name), name))
        renamed = dict(zip(cases.mapped("name"), names, strict=True))
        # two steps: no two cases may have one number, not even for a moment
        self.set_column(
            "collection_case", "name", {case.id: f"/{case.id}" for case in cases}, "varchar"
        )
        self.set_column(
            "collection_case", "name", dict(zip(cases.ids, names, strict=True)), "varchar"
        )
        self.rename(renamed)

    def rename(self, renamed):
        """Write the numbers that cases have now where texts name them: {before: now}."""
        first = self.before["collection.case"]
        activities = (
            self
            .env["mail.activity"]
            .with_context(active_test=False)
            .search([("res_model", "=", "collection.case"), ("res_id", ">", first)])
        )
        cases = self.env["collection.case"].browse(activities.mapped("res_id"))
        self.set_column(
            "mail_activity",
            "res_name",
            {
                activity.id: case.display_name
                for activity, case in zip(activities, cases, strict=True)
            },
            "varchar",
        )
        number = re.compile("|".join(map(re.escape, renamed)) or "$^")
        messages = self.env["mail.message"].search([
            ("model", "=", "collection.case"),
            ("res_id", ">", first),
            ("body", "like", "data-oe-model"),
        ])
        self.set_column(
            "mail_message",
            "body",
            {
                message.id: number.sub(lambda found: renamed[found.group()], message.body)
                for message in messages
            },
            "text",
        )
