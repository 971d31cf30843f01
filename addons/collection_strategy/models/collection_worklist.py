# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The worklist: what is to be done today, in order, and what to know before doing it."""

from collections import Counter
from datetime import datetime, time

import pytz

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .collection_action import DEFAULT_MINUTES, REOPENERS, WORK_KINDS

PAGE = 50
MAX_PAGE = 200
# of the items behind a row the pane names the oldest ones
ITEMS = 8
AGREED = 3
ICONS = {
    "call": "fa-phone",
    "activity": "fa-clock-o",
    "escalate": "fa-level-up",
    "suggest_writeoff": "fa-eraser",
    "read": "fa-envelope-o",
    "check_message": "fa-question-circle-o",
    "address": "fa-at",
    "failed_step": "fa-exclamation-triangle",
}
SPOKEN = ("call", "activity", "escalate")


class CollectionWorklist(models.AbstractModel):
    """What the worklist shows and does. Everything is read as the user, by the record rules."""

    _name = "collection.worklist"
    _description = "Worklist"

    # ------------------------------------------------------------
    # THE LIST
    # ------------------------------------------------------------

    @api.model
    @api.readonly
    def get_worklist(
        self,
        scope="mine",
        person_id=None,
        kinds=None,
        offset=0,
        limit=PAGE,
        selected_id=None,
        lang=None,
    ):
        """Return a page of the worklist with everything it shows.

        :param str scope: ``mine``, or ``all`` for what the user leads
        :param int person_id: with ``all``, only what this person has to do; 0: what nobody has
        :param list kinds: only these kinds
        :param int selected_id: the row whose details are told; the first unless it is there
        :param str lang: the language of the script; the customer's unless said
        :return: dict, see the code
        """
        Action = self.env["collection.action"]
        if not Action.has_access("read"):
            raise AccessError(self.env._("The worklist is for those who collect."))
        lead = scope == "all" and self._rights()["lead"]
        person_id = person_id if lead else None
        groups, ids = self._read_due(lead, person_id, kinds, offset, min(limit, MAX_PAGE))
        actions = Action.browse(ids)
        selected = actions.filtered(lambda action: action.id == selected_id) or actions[:1]
        shown = [group for group in groups if person_id is None or group["person"] == person_id]
        return {
            "today": self.env.company._collection_today(),
            "rows": self._rows(actions),
            "offset": offset,
            "count": sum(group["count"] for group in shown if not kinds or group["kind"] in kinds),
            "left": sum(group["count"] for group in shown),
            "minutes_left": sum(group["minutes"] for group in shown),
            "done_today": self._done_today(lead, person_id),
            "kinds": self._kind_counts(shown),
            "people": self._people_counts(groups) if lead else False,
            "detail": self._detail(selected, lang) if selected else False,
            "rights": self._rights(),
        }

    @api.model
    @api.readonly
    def get_detail(self, action_id, lang=None):
        """Return what the pane beside the list shows of one row, ``False`` if it is closed.

        :param str lang: the language of the script; the customer's unless said
        """
        action = self.env["collection.action"].search([
            ("id", "=", action_id),
            ("state", "=", "planned"),
        ])
        return self._detail(action, lang) if action else False

    @api.model
    def _due_sql(self, lead):
        """Return the statement of what waits for a person today.

        :param bool lead: of everybody whose work the user oversees, instead of the user's own

        Whose work is whose is decided as the record rules do; what cannot be read is not in it.
        """
        Action = self.env["collection.action"]
        for name in ("collection.action", "collection.case", "collection.profile"):
            self.env[name].flush_model()
        condition = SQL(
            "action.state = 'planned' AND action.kind = ANY(%s) AND action.planned_for <= %s"
            " AND action.company_id = ANY(%s)",
            list(WORK_KINDS),
            self.env.company._collection_today(),
            self.env.companies.ids,
        )
        build = Action._led_sql if lead else Action._mine_sql
        return build(self.env.user, condition)

    @api.model
    def _read_due(self, lead, person_id, kinds, offset, limit):
        """Return how much there is of each kind and for whom, and the ids of one page in order.

        :return: list of dicts ``kind``, ``person`` (0: nobody), ``count`` and ``minutes``, and
            list of ids
        """
        conditions = [SQL("TRUE")]
        if kinds:
            conditions.append(SQL("due.kind = ANY(%s)", list(kinds)))
        if person_id is not None:
            conditions.append(SQL("COALESCE(due.responsible, 0) = %s", person_id))
        [(groups, ids)] = self.env.execute_query(
            SQL(
                """
                WITH due AS MATERIALIZED (%(due)s)
                SELECT (SELECT jsonb_agg(to_jsonb(part))
                          FROM (SELECT kind, COALESCE(responsible, 0) AS person, count(*) AS count,
                                       sum(COALESCE(NULLIF(minutes, 0), %(minutes)s)) AS minutes
                                  FROM due
                              GROUP BY kind, responsible) AS part),
                       ARRAY(SELECT due.id FROM due WHERE %(shown)s
                           ORDER BY due.score DESC, due.planned_for, due.planned_at, due.id
                              LIMIT %(limit)s OFFSET %(offset)s)
                """,
                due=self._due_sql(lead)
                if lead
                # what is theirs for two reasons comes once
                else SQL("SELECT DISTINCT ON (id) * FROM (%s) AS found", self._due_sql(lead)),
                minutes=DEFAULT_MINUTES,
                shown=SQL(" AND ").join(conditions),
                limit=limit,
                offset=offset,
            )
        )
        return groups or [], ids

    @api.model
    def _rights(self):
        """Return what the user may do with the list."""
        user = self.env.user
        return {
            "lead": user.has_group(REOPENERS) or self.env["collection.action"]._sees_all(user),
            "write": self.env["collection.action"].has_access("write"),
        }

    @api.model
    def _done_today(self, lead, person_id):
        """Return how much was done today: by the user, or by whom the user oversees."""
        zone = pytz.timezone(self.env.company.collection_tz or "UTC")
        midnight = zone.localize(datetime.combine(self.env.company._collection_today(), time.min))
        since = midnight.astimezone(pytz.utc).replace(tzinfo=None)
        Action = self.env["collection.action"]
        closed_by = SQL("TRUE")
        if person_id or not lead:
            closed_by = SQL("closed_by_id = %s", person_id or self.env.uid)
        elif not Action._sees_all(self.env.user):
            people = Action._led_teams(self.env.user).member_ids
            closed_by = SQL("closed_by_id = ANY(%s)", [*people.ids, self.env.uid])
        [(count,)] = self.env.execute_query(
            SQL(
                """
                SELECT count(*)
                  FROM collection_action
                 WHERE state <> 'planned' AND closed_on >= %s
                   AND state IN ('done', 'skipped') AND kind = ANY(%s)
                   AND company_id = ANY(%s) AND %s
                """,
                since,
                list(WORK_KINDS),
                self.env.companies.ids,
                closed_by,
            )
        )
        return count

    @api.model
    def _kind_counts(self, groups):
        labels = dict(
            self.env["collection.action"]._fields["kind"]._description_selection(self.env)
        )
        counts = Counter()
        for group in groups:
            counts[group["kind"]] += group["count"]
        return [
            {"key": kind, "label": labels[kind], "icon": ICONS[kind], "count": counts[kind]}
            for kind in WORK_KINDS
            if counts[kind]
        ]

    @api.model
    def _people_counts(self, groups):
        """Return what everybody has to do today, who has most first."""
        counts, minutes = Counter(), Counter()
        for group in groups:
            counts[group["person"]] += group["count"]
            minutes[group["person"]] += group["minutes"]
        # sudo: the names of colleagues
        users = self.env["res.users"].sudo().browse([user_id for user_id in counts if user_id])
        names = {user.id: user.name for user in users}
        people = [
            {
                "id": person,
                "name": names.get(person) or self.env._("Nobody by name"),
                "count": count,
                "minutes": minutes[person],
            }
            for person, count in counts.items()
        ]
        return sorted(people, key=lambda person: (-person["count"], person["name"]))

    # ------------------------------------------------------------
    # ROWS
    # ------------------------------------------------------------

    @api.model
    def _rows(self, actions):
        """Return what the list shows of actions; the number of queries does not grow with them."""
        labels = dict(actions._fields["kind"]._description_selection(self.env))
        today = self.env.company._collection_today()
        # sudo: names and amounts of the customers of actions the user may see
        actions = actions.sudo()
        people = self._people(actions)
        reasons = actions.profile_id._score_lines()
        rows = []
        for action in actions:
            source = action.case_id or action.profile_id
            rows.append({
                "id": action.id,
                "kind": action.kind,
                "kind_label": labels[action.kind],
                "icon": ICONS[action.kind],
                "profile_id": action.profile_id.id,
                "customer": action.partner_id.display_name
                or action.incoming_id.email_from
                or self.env._("Unknown sender"),
                "company": action.company_id.name if len(self.env.companies) > 1 else False,
                "person": people[action.id],
                "score": action.score,
                "reasons": reasons.get(action.profile_id.id, []),
                "why": self._why(action),
                "planned_for": action.planned_for,
                "time": action.planned_at or False,
                "waits_days": (today - action.planned_for).days,
                "resubmitted": action.resubmit_count,
                "amount": source.amount_to_collect,
                "currency_id": (action.company_id or self.env.company).currency_id.id,
                "days_late": source.days_late,
                "minutes": action.minutes or DEFAULT_MINUTES,
                "responsible": {
                    "id": action.responsible_id.id,
                    "name": action.responsible_id.name or "",
                },
            })
        return rows

    @api.model
    def _why(self, action):
        """Return why an action is to be done, in words."""
        if action.source == "activity":
            return action.reason or action.activity_id.activity_type_id.name or ""
        if action.source == "failed":
            parts = (action._failed_step_name(), action.reason)
            return ": ".join(part for part in parts if part)
        if action.source == "message":
            states = dict(action.message_id._fields["state"]._description_selection(self.env))
            return ": ".join(
                part for part in (states.get(action.message_id.state), action.reason) if part
            )
        return action.reason_text or action.rule_name or ""

    @api.model
    def _people(self, actions):
        """Return {action id: whom to speak or write to, with phone and e-mail}."""
        chosen = {}
        for action in actions:
            chosen[action.id] = (
                action.incoming_id.person_id
                or action.message_id.person_id
                or action.case_id.payment_contact_id
                or action.profile_id.payment_contact_id
            )
        without = actions.filtered(lambda action: action.profile_id and not chosen[action.id])
        partners = without.partner_id | without.partner_id.commercial_partner_id
        primaries = {
            relation.partner_id.id: relation.contact_id
            # sudo: as the caller; whom to call first
            for relation in self
            .env["collection.partner.contact"]
            .sudo()
            .search([("partner_id", "in", partners.ids), ("is_primary", "=", True)])
        }
        for action in without:
            partner = action.partner_id
            chosen[action.id] = (
                primaries.get(partner.id)
                or primaries.get(partner.commercial_partner_id.id)
                or partner
            )
        return {
            action.id: self._person_data(chosen[action.id], action.partner_id) for action in actions
        }

    @api.model
    def _person_data(self, person, partner):
        if not person:
            return False
        entity = partner.commercial_partner_id
        return {
            "id": person.id,
            "name": person.name or person.display_name,
            "is_customer": person == partner,
            "phone": person.phone or partner.phone or entity.phone or "",
            "email": person.email or partner.email or entity.email or "",
        }

    # ------------------------------------------------------------
    # THE PANE BESIDE THE LIST
    # ------------------------------------------------------------

    @api.model
    def _detail(self, action, lang=None):
        """Return what to know and to say before one action, and what can be done with it."""
        action.ensure_one()
        [row] = self._rows(action)
        detail = {
            "id": action.id,
            "row": row,
            "case": False,
            "script": self._script(action, lang),
            "items": [],
            "item_count": 0,
            "last_contact": False,
            "agreed": [],
            "gate": False,
            "mail": self._mail(action),
            "history": self._history(action),
            "buttons": self._buttons(action),
        }
        profile = action.profile_id
        if profile and profile.has_access("read"):
            case = action.case_id
            detail.update(
                case={"id": case.id, "name": case.name} if case else False,
                last_contact=self._last_contact(profile, case),
                agreed=self._agreed(profile),
                gate=self._gate(action) if action.kind in SPOKEN else False,
                **self._items(action),
            )
        return detail

    @api.model
    def _script(self, action, lang=None):
        """Return what to say: the script of the action, filled in, and the languages it has."""
        # sudo: the words of a script
        script = action.script_id.sudo()
        if not script or not action.profile_id:
            return False
        values = script._values_for(
            action.profile_id,
            case=action.case_id,
            person=self.env["res.partner"].browse(action._called_person().get("id")),
            items=action.item_ids,
            lang=lang,
        )
        return {
            "id": script.id,
            "name": script.name,
            "html": script._render(values),
            "lang": values["lang"],
            "languages": [
                {"code": code, "name": name} for code, name in self.env["res.lang"].get_installed()
            ],
        }

    @api.model
    def _items(self, action):
        """Return the oldest items the action is about, and how many there are."""
        Item = self.env["collection.item"]
        domain = Domain("profile_id", "=", action.profile_id.id)
        domain &= Domain("state", "=", "open") & Domain("side", "=", "debit")
        named = action.sudo().item_ids  # sudo: which items an action is about
        if named:
            domain &= Domain("id", "in", named.ids)
        elif action.case_id:
            domain &= Domain(
                "case_item_ids", "any", [("case_id", "=", action.case_id.id), ("open", "=", True)]
            )
        else:
            domain &= Domain("date_due", "<=", action.company_id._collection_today())
        items = Item.search(domain, limit=ITEMS, order="date_due, id")
        count = len(items) if len(items) < ITEMS else Item.search_count(domain)
        return {
            "item_count": count,
            "items": [
                {
                    "id": item.id,
                    "name": item.display_name,
                    "ref": item.document_ref or "",
                    "due": item.date_due,
                    "days_late": item.days_late,
                    "amount": item.amount_residual_currency,
                    "currency_id": item.currency_id.id,
                    "blocked": item.amount_blocked > 0,
                }
                for item in items
            ],
        }

    @api.model
    def _last_contact(self, profile, case):
        log = case.last_contact_id or self.env["collection.contact.log"].search(
            [("profile_id", "=", profile.id)], limit=1
        )
        if not log:
            return False
        channels = dict(log._fields["channel"]._description_selection(self.env))
        # sudo: the words of outcomes, names of people
        log = log.sudo()
        return {
            "date": log.date,
            "channel": channels[log.channel],
            "person": log.contact_id.name or "",
            "user": log.user_id.name,
            "outcome": log.outcome_id.name or "",
            "note": log.note or "",
        }

    @api.model
    def _agreed(self, profile):
        today = profile.company_id._collection_today()
        logs = self.env["collection.contact.log"].search(
            [("profile_id", "=", profile.id), ("agreed_state", "=", "pending")],
            order="agreed_date, id",
            limit=AGREED,
        )
        return [
            {
                "id": log.id,
                "date": log.agreed_date,
                "late": log.agreed_date < today,
                "amount": log.agreed_amount,
                "currency_id": log.currency_id.id,
                "way": log.sudo().agreed_way_id.name,  # sudo: the word for a way of payment
            }
            for log in logs
        ]

    @api.model
    def _gate(self, action):
        """Return whether the customer may be called now, and why not."""
        verdict = action._call_verdict()
        return {
            "allowed": verdict.allowed,
            "reasons": [reason.text for reason in verdict.reasons],
            "retry_at": verdict.retry_at,
        }

    @api.model
    def _mail(self, action):
        """Return the mail that came in, or the message whose fate is not known."""
        incoming = action.incoming_id
        if incoming:
            kinds = dict(incoming._fields["kind"]._description_selection(self.env))
            return {
                "kind": kinds[incoming.kind],
                "from": incoming.email_from or "",
                "subject": incoming.subject or "",
                "date": incoming.received_on,
                "text": incoming.preview or "",
                "error": incoming.bounced_email or "",
            }
        message = action.message_id
        if message and action.kind == "check_message":
            states = dict(message._fields["state"]._description_selection(self.env))
            return {
                "kind": states[message.state],
                # sudo: whom the message is for
                "from": message.sudo().person_id.display_name,
                "subject": message.subject or "",
                "date": message.sending_since or message.planned_on,
                "text": "",
                "error": message.error or "",
            }
        step = action.failed_id
        if step:
            # sudo: what failed, for whoever has to see to it
            step = step.sudo()
            return {
                "kind": action._failed_step_name(),
                "from": step.rule_name or "",
                "subject": ", ".join(step.item_ids.mapped("display_name")),
                "date": step.closed_on or step.write_date,
                "text": step._failure_help(),
                "error": step.close_reason or "",
            }
        return False

    @api.model
    def _history(self, action):
        """Return how often and why the action was put off."""
        if not action.resubmit_count:
            return []
        # sudo: the name of whoever did it
        rows = action.sudo().transition_ids.filtered("reason")[:3]
        return [
            {"id": row.id, "date": row.date, "user": row.user_id.name or "", "reason": row.reason}
            for row in rows
        ]

    # ------------------------------------------------------------
    # WHAT CAN BE DONE
    # ------------------------------------------------------------

    @api.model
    def _buttons(self, action):
        """Return what can be done with an action: ``name``, ``label``, ``key``, ``icon``.

        The first is the natural next step. ``key`` is the key on the keyboard.
        """
        if not action.has_access("write"):
            return [self._open_button()] if action.profile_id else []
        known = action.profile_id and action.profile_id.has_access("read")
        return self._buttons_of(action, known)

    @api.model
    def _buttons_of(self, action, known):
        """Return the buttons of an action that the user may write.

        :param bool known: the user may read its customer
        """
        own = getattr(self, f"_buttons_{action.kind}")(action)
        rest = []
        if known:
            rest = [
                {**self._button("call", self.env._("Call"), "c", "fa-phone"), "hidden": True},
                self._button("log", self.env._("Log the call"), "l", "fa-phone"),
                self._button("promise", self.env._("Agreed payment"), "p", "fa-handshake-o"),
                self._button("note", self.env._("Note"), "n", "fa-sticky-note-o"),
                self._button("email", self.env._("Write"), "e", "fa-envelope-o"),
                self._open_button(),
            ]
        closing = [self._button("resubmit", self.env._("Resubmit"), "r", "fa-calendar")]
        if action.kind != "check_message":
            closing += [
                self._button("skip", self.env._("Skip"), "s", "fa-step-forward"),
                self._button("done", self.env._("Done"), "d", "fa-check"),
            ]
        names = {button["name"] for button in own}
        return own + [button for button in rest + closing if button["name"] not in names]

    @api.model
    def _button(self, name, label, key=False, icon=False):
        return {"name": name, "label": label, "key": key, "icon": icon}

    @api.model
    def _open_button(self):
        return self._button("open", self.env._("Customer"), "o", "fa-user-o")

    @api.model
    def _buttons_call(self, action):
        return [self._button("log", self.env._("Log the call"), "l", "fa-phone")]

    @api.model
    def _buttons_activity(self, action):
        if action.activity_id.collection_asks:
            return [self._button("log", self.env._("Log the contact"), "l", "fa-phone")]
        return [self._button("done", self.env._("Done"), "d", "fa-check")]

    @api.model
    def _buttons_escalate(self, action):
        return [self._open_button()]

    @api.model
    def _buttons_suggest_writeoff(self, action):
        buttons = [self._open_button()]
        if action.case_id and self.env["collection.case.close.wizard"].has_access("create"):
            buttons.append(self._button("close_case", self.env._("Close the case"), "w", "fa-lock"))
        return buttons

    @api.model
    def _buttons_read(self, action):
        if not action.profile_id:
            return [
                self._button("choose", self.env._("Choose the customer"), "a", "fa-search"),
                self._button("read", self.env._("Read"), "m", "fa-envelope-open-o"),
            ]
        return [
            self._button("read", self.env._("Read"), "m", "fa-envelope-open-o"),
            self._button("reply", self.env._("Reply"), "a", "fa-reply"),
        ]

    @api.model
    def _buttons_address(self, action):
        buttons = [self._button("read", self.env._("Read"), "m", "fa-envelope-open-o")]
        if action.incoming_id.person_id:
            buttons.insert(
                0, self._button("address", self.env._("Correct the address"), "a", "fa-at")
            )
        return buttons

    @api.model
    def _buttons_check_message(self, action):
        if action.message_id.state == "failed":
            return [
                self._button("retry", self.env._("Try again"), "a", "fa-repeat"),
                self._button("cancel", self.env._("Cancel the message"), "x", "fa-ban"),
                self._button("read", self.env._("Look at it"), "m", "fa-envelope-open-o"),
            ]
        return [
            self._button("was_sent", self.env._("It was sent"), "a", "fa-check"),
            self._button("send_again", self.env._("Send it again"), "x", "fa-repeat"),
            self._button("read", self.env._("Look at it"), "m", "fa-envelope-open-o"),
        ]

    @api.model
    def _buttons_failed_step(self, action):
        return [
            self._button("try_step", self.env._("Try again"), "a", "fa-repeat"),
            self._button("read", self.env._("Look at it"), "m", "fa-list-alt"),
        ]

    @api.model
    def run(self, action_id, name):
        """Do something with a row of the worklist.

        :param str name: of one of the buttons
        :return: an action to open, or ``False`` where it is done
        """
        action = self.env["collection.action"].browse(action_id).exists()
        if not action:
            raise UserError(self.env._("This is not to be done any more."))
        action.check_access("read")
        names = {button["name"] for button in self._buttons(action)}
        if name not in names:
            raise UserError(self.env._("This cannot be done here."))
        if name != "open":
            action._check_planned()
        answer = getattr(self, f"_run_{name}")(action)
        return answer if isinstance(answer, dict) else False

    def _run_open(self, action):
        return action.action_open_customer_screen()

    def _run_done(self, action):
        if action.kind == "activity" and action.activity_id.collection_asks:
            return self._run_log(action)
        if action.kind in ("read", "address"):
            return action._done()
        return action.action_done()

    def _run_skip(self, action):
        return action.action_skip()

    def _run_resubmit(self, action):
        return action.action_resubmit()

    def _run_log(self, action, **defaults):
        """Ask for the contact by which the action is done."""
        dialog = self.env["ir.actions.act_window"]._for_xml_id(
            "collection.action_contact_log_wizard"
        )
        context = {"default_action_id": action.id}
        if action.activity_id:
            context |= {"active_model": "mail.activity", "active_id": action.activity_id.id}
        else:
            person = self._people(action.sudo())[action.id]  # sudo: whom to call
            context |= {
                "active_model": "collection.profile",
                "active_id": action.profile_id.id,
                "default_profile_id": action.profile_id.id,
                "default_case_id": action.case_id.id,
                "default_channel": "phone",
            }
            if person:
                context["default_contact_id"] = person["id"]
        context |= {f"default_{key}": value for key, value in defaults.items()}
        dialog["context"] = context
        return dialog

    def _run_call(self, action):
        return action._call()

    def _run_promise(self, action):
        outcome = self.env.ref("collection.outcome_promised", raise_if_not_found=False)
        if not outcome or not outcome.active:
            outcome = self.env["collection.outcome"].search([("asks_payment", "=", True)], limit=1)
        return self._run_log(action, outcome_id=outcome.id)

    def _run_note(self, action):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Note"),
            "res_model": "collection.note",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_profile_id": action.profile_id.id,
                "default_company_id": action.company_id.id,
            },
        }

    def _run_email(self, action):
        if action.incoming_id:
            return action.incoming_id.action_reply()
        Compose = self.env["collection.message.compose"]
        return Compose._open(action.item_ids or action.case_id or action.profile_id)

    def _run_reply(self, action):
        return action.incoming_id.action_reply()

    def _run_choose(self, action):
        return action.incoming_id.action_choose_customer()

    def _run_address(self, action):
        return action.incoming_id.action_correct_address()

    def _run_read(self, action):
        record = action.incoming_id or action.message_id or action.failed_id
        return {
            "type": "ir.actions.act_window",
            "name": record.display_name,
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
            "target": "new",
            "context": {},
        }

    def _run_was_sent(self, action):
        action.message_id.action_was_sent()

    def _run_send_again(self, action):
        action.message_id.action_send_again()

    def _run_retry(self, action):
        action.message_id.action_retry()

    def _run_cancel(self, action):
        action.message_id.action_cancel()

    def _run_try_step(self, action):
        action.failed_id._try_again()

    def _run_close_case(self, action):
        dialog = self.env["ir.actions.act_window"]._for_xml_id(
            "collection.action_case_close_wizard"
        )
        dialog["context"] = {
            "active_model": "collection.case",
            "active_id": action.case_id.id,
            "active_ids": action.case_id.ids,
            "default_result": "written_off",
            "default_reason": action.reason or "",
        }
        return dialog
