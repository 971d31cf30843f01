# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""The gate: the one place every outgoing contact passes, automatic or by hand."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

from ..core.gate import PastContact, retry_at, stops

# what no reason of a person can override: an address that is not there, a wish not to be
# contacted, and a debt that is paid
FINAL_CODES = frozenset({"no_address", "bad_address", "opt_out", "paid"})


@dataclass(frozen=True)
class GateRequest:
    """A contact somebody, or a rule, is about to make.

    :param profile: ``collection.profile`` of the customer
    :param channel: ``phone``, ``email``, ``sms`` or ``letter``
    :param person: ``res.partner`` who is contacted
    :param items: ``collection.item`` it is about; empty where it is about none in particular
    :param when: naive UTC datetime; now where empty
    :param kind: what a message is about, as on ``collection.message``; empty for a call
    """

    profile: models.BaseModel
    channel: str
    person: models.BaseModel
    items: models.BaseModel
    automatic: bool = False
    when: datetime | None = None
    kind: str = ""


@dataclass(frozen=True)
class GateReason:
    """One reason against a contact, or against one item in it."""

    code: str
    text: str
    retry_at: datetime | None = None
    item_id: int | None = None


@dataclass
class GateVerdict:
    """What the gate says to a request.

    :param items: the items that may be spoken of; those that are paid or blocked fell out
    :param reasons: why the contact may not be made at all
    :param dropped: why single items fell out
    :param retry_at: naive UTC datetime from which on it may be made; empty where none can be told
    """

    request: GateRequest
    items: models.BaseModel
    reasons: list[GateReason] = field(default_factory=list)
    dropped: list[GateReason] = field(default_factory=list)
    overridden: list[GateReason] = field(default_factory=list)
    override_reason: str = ""
    retry_at: datetime | None = None

    @property
    def allowed(self) -> bool:
        return not self.reasons

    @property
    def text(self) -> str:
        """The reasons in words, one a line."""
        return "\n".join(reason.text for reason in self.reasons)


class CollectionGate(models.AbstractModel):
    """Decides whether a contact may be made now, about which items, and says why not."""

    _name = "collection.gate"
    _description = "Contact Gate"

    # ------------------------------------------------------------
    # THE WAY IN
    # ------------------------------------------------------------

    @api.model
    def _check(self, requests, override_reason=None, one_by_one=False):
        """Return a verdict for each request; reads the ledger as it is now.

        :param list requests: :class:`GateRequest`, thousands at a time
        :param str override_reason: why a person makes the contact all the same
        :param bool one_by_one: the contacts are really made, one after the other, so that those
            the gate lets pass count for the caps of those behind them
        :return: list of :class:`GateVerdict`, in the order of the requests
        :raise AccessError: when the user may not override
        """
        verdicts = [GateVerdict(request, request.items) for request in requests]
        gate = self.with_context(gate_one_by_one=one_by_one)
        for name in self._gate_checks():
            getattr(gate, name)(verdicts)
        if override_reason:
            self._override(verdicts, override_reason)
        return verdicts

    @api.model
    def _gate_checks(self):
        """Return the names of the methods that look at verdicts, in order.

        Each takes the list of verdicts and adds reasons; add-ons add their own.
        """
        return [
            "_gate_check_participation",
            "_gate_check_hold",
            "_gate_check_items",
            "_gate_check_opt_out",
            "_gate_check_address",
            "_gate_check_policies",
        ]

    @api.model
    def _may_override(self):
        """Return whether the user may make a contact that the gate stops."""
        return self.env.user.has_group("collection.group_team_leader")

    def _override(self, verdicts, reason):
        if not self._may_override():
            raise AccessError(
                self.env._("Only a team leader or manager may contact a customer all the same.")
            )
        if not reason.strip():
            raise UserError(self.env._("Say why the customer is contacted all the same."))
        for verdict in verdicts:
            final = [known for known in verdict.reasons if known.code in FINAL_CODES]
            if verdict.reasons and not final:
                verdict.overridden = verdict.reasons
                verdict.override_reason = reason.strip()
                verdict.reasons = []
                dropped = {
                    known.item_id for known in verdict.dropped if known.code not in FINAL_CODES
                }
                verdict.items |= verdict.request.items.filtered(
                    lambda item, dropped=dropped: item.id in dropped
                )

    # ------------------------------------------------------------
    # CHECKS
    # ------------------------------------------------------------

    def _gate_check_participation(self, verdicts):
        for verdict in verdicts:
            request = verdict.request
            if request.automatic and not request.profile.takes_part:
                verdict.reasons.append(
                    GateReason(
                        "not_participating",
                        self.env._("The customer does not take part in collections."),
                    )
                )

    def _gate_check_hold(self, verdicts):
        for verdict in verdicts:
            profile = verdict.request.profile
            if profile.is_held:
                verdict.reasons.append(
                    GateReason(
                        "hold",
                        self.env._("The customer is on hold: %s", profile.hold_reason or "-"),
                    )
                )

    def _gate_check_items(self, verdicts):
        """Drop items that are paid or that nobody is to ask for; stop where none is left."""
        facts = self._gate_item_facts(verdicts)
        for verdict in verdicts:
            if not verdict.request.items:
                continue
            for item in verdict.request.items:
                residual, blocked, kinds = facts.get(item.id, (0, 0, ()))
                currency = item.company_currency_id
                if currency.compare_amounts(residual, 0) <= 0:
                    reason = GateReason(
                        "paid", self.env._("%s is settled.", item.display_name), None, item.id
                    )
                elif currency.compare_amounts(blocked, residual) >= 0:
                    reason = GateReason(kinds[0], self._gate_block_text(item, kinds), None, item.id)
                else:
                    continue
                verdict.dropped.append(reason)
            dropped = {reason.item_id for reason in verdict.dropped}
            verdict.items = verdict.items.filtered(lambda item, gone=dropped: item.id not in gone)
            if not verdict.items:
                verdict.reasons.extend(verdict.dropped)

    def _gate_item_facts(self, verdicts):
        """Return {item id: (residual, blocked, kinds of block)} of open items, from the ledger."""
        facts = {}
        items = self.env["collection.item"].union(*(verdict.request.items for verdict in verdicts))
        self.env.flush_all()
        for company, own in items.grouped("company_id").items():
            Item = self.env["collection.item"].with_company(company)
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT open_item.item_id, open_item.residual, open_item.blocked,
                           ARRAY(SELECT block.kind FROM collection_item_block block
                                  WHERE block.item_id = open_item.item_id AND block.active
                                    AND (block.date_until IS NULL OR block.date_until >= %(today)s)
                               ORDER BY block.amount DESC, block.id) AS kinds
                      FROM (%(open_items)s) AS open_item
                     WHERE open_item.item_id = ANY(%(items)s)
                    """,
                    today=company._collection_today(),
                    open_items=Item._open_items_sql(),
                    items=own.ids,
                )
            )
            facts.update({item_id: values for item_id, *values in rows})
        return facts

    def _gate_block_text(self, item, kinds):
        labels = dict(
            self.env["collection.item.block"]._fields["kind"]._description_selection(self.env)
        )
        return self.env._(
            "%(item)s is not to be asked for: %(kinds)s.",
            item=item.display_name,
            kinds=", ".join(str(labels.get(kind, kind)) for kind in dict.fromkeys(kinds)),
        )

    def _gate_check_opt_out(self, verdicts):
        for verdict in verdicts:
            request = verdict.request
            people = (
                request.person | request.person.commercial_partner_id | (request.profile.partner_id)
            )
            refusing = people.filtered(f"collection_no_{request.channel}")
            if refusing:
                channels = dict(
                    self
                    .env["collection.gate.cap"]
                    ._fields["channel"]
                    ._description_selection(self.env)
                )
                verdict.reasons.append(
                    GateReason(
                        "opt_out",
                        self.env._(
                            "%(person)s does not want to be contacted by %(channel)s.",
                            person=refusing[0].display_name,
                            channel=channels[request.channel],
                        ),
                    )
                )

    def _gate_check_address(self, verdicts):
        blacklisted = self._gate_blacklisted(verdicts)
        for verdict in verdicts:
            person = verdict.request.person
            channel = verdict.request.channel
            name = person.display_name or verdict.request.profile.display_name
            reason = None
            if channel == "email":
                if not person.email_normalized:
                    reason = "no_address", self.env._("%s has no valid e-mail address.", name)
                elif person.collection_email_bounced:
                    reason = (
                        "bad_address",
                        self.env._("Mail to %(mail)s came back.", mail=person.email_normalized),
                    )
                elif person.email_normalized in blacklisted:
                    reason = (
                        "opt_out",
                        self.env._("%s is on the mail blacklist.", person.email_normalized),
                    )
            elif channel in ("phone", "sms"):
                if not person.phone:
                    reason = "no_address", self.env._("%s has no phone number.", name)
                elif channel == "sms" and person.phone_sanitized in blacklisted:
                    reason = "opt_out", self.env._("%s is on the phone blacklist.", person.phone)
            elif not (person.street or person.commercial_partner_id.street):
                reason = "no_address", self.env._("%s has no postal address.", name)
            if reason:
                verdict.reasons.append(GateReason(*reason))

    def _gate_blacklisted(self, verdicts):
        """Return those of the addresses and numbers that are on the host's blacklists."""
        people = self.env["res.partner"].union(*(verdict.request.person for verdict in verdicts))
        # sudo: whether an address is on a blacklist, for whoever writes to it
        emails = (
            self
            .env["mail.blacklist"]
            .sudo()
            .search(
                Domain("email", "in", [mail for mail in people.mapped("email_normalized") if mail])
            )
        )
        numbers = (
            self
            .env["phone.blacklist"]
            .sudo()
            .search(  # sudo: as above
                Domain("number", "in", [one for one in people.mapped("phone_sanitized") if one])
            )
        )
        return {*emails.mapped("email"), *numbers.mapped("number")}

    def _gate_check_policies(self, verdicts):
        """Ask the policies of company and country: hours, caps, rest, first days."""
        # sudo: the policies hold for everybody
        policies = self.env["collection.gate.policy"].sudo().search([("active", "=", True)])
        if not policies:
            return
        history = self._gate_history(verdicts, policies)
        for verdict in verdicts:
            request = verdict.request
            company = request.profile.company_id
            own = policies.filtered(
                lambda policy, company=company: (
                    not policy.company_id or policy.company_id == company
                )
            )
            country = request.person.country_id or request.person.commercial_partner_id.country_id
            rules = [policy._to_core() for policy in own._holds_for(country)]
            if not rules:
                continue
            zone = self._gate_zone(request)
            when = (request.when or fields.Datetime.now()).replace(tzinfo=UTC)
            found = stops(
                rules,
                when,
                zone,
                request.channel,
                person=request.person.id,
                contacts=history.get(request.profile.id, ()),
                days_late=self._gate_days_late(verdict),
            )
            again = retry_at(found, rules, when, zone)
            verdict.retry_at = again and again.replace(tzinfo=None)
            verdict.reasons.extend(
                GateReason(stop.code, self._gate_stop_text(stop, request), verdict.retry_at)
                for stop in found
            )
            if verdict.allowed and self.env.context.get("gate_one_by_one"):
                history.setdefault(request.profile.id, []).append(
                    PastContact(when, request.channel, request.person.id)
                )

    def _gate_zone(self, request):
        """Return the time zone of the person: their own, their company's, or ours."""
        name = (
            request.person.tz
            or request.person.commercial_partner_id.tz
            or request.profile.company_id.collection_tz
            or "UTC"
        )
        return ZoneInfo(name)

    def _gate_days_late(self, verdict):
        late = [item.days_late for item in verdict.items if item.days_late > 0]
        return max(late) if late else None

    def _gate_history(self, verdicts, policies):
        """Return {profile id: outgoing contacts} as far back as any policy looks.

        A conversation counts for the rest after it, whoever began it; for caps only what we began.
        What has gone out, or may have, counts before it leaves a contact record too.
        """
        days = max([*policies.mapped("rest_days"), *policies.cap_ids.mapped("days")], default=0)
        profiles = self.env["collection.profile"].union(
            *(verdict.request.profile for verdict in verdicts)
        )
        # sudo: every contact counts, whoever made it
        logs = (
            self
            .env["collection.contact.log"]
            .sudo()
            .search([
                ("profile_id", "in", profiles.ids),
                "|",
                ("direction", "=", "out"),
                ("channel", "in", ("phone", "meeting")),
                ("date", ">=", fields.Datetime.subtract(fields.Datetime.now(), days=days + 2)),
            ])
            # what did not arrive uses up no limit
            .filtered(lambda log: not log.message_id.bounced_on)
        )
        history = {}
        for log in logs:
            history.setdefault(log.profile_id.id, []).append(
                PastContact(
                    at=log.date.replace(tzinfo=UTC),
                    channel=log.channel,
                    person=log.contact_id.id,
                    conversation=log._is_conversation(),
                    ours=log.direction == "out",
                )
            )
        # sudo: as above
        for message in self.env["collection.message"].sudo()._unrecorded(profiles):
            history.setdefault(message.profile_id.id, []).append(
                PastContact(
                    at=(message.sending_since or message.sent_on).replace(tzinfo=UTC),
                    channel=message.channel,
                    person=message.person_id.id,
                    conversation=False,
                    ours=True,
                )
            )
        return history

    def _gate_stop_text(self, stop, request):
        policy = stop.policy.name
        until = stop.until and format_datetime(
            self.env, stop.until.replace(tzinfo=None), tz=self._gate_zone(request).key
        )
        texts = {
            "quiet_hours": lambda: self.env._(
                "%(policy)s: these are quiet hours, allowed again from %(until)s (local time).",
                policy=policy,
                until=until or "-",
            ),
            "cap": lambda: self.env._(
                "%(policy)s: at most %(count)s contact(s) in %(days)s days, again from %(until)s.",
                policy=policy,
                count=stop.cap.count,
                days=stop.cap.days,
                until=until,
            ),
            "rest": lambda: self.env._(
                "%(policy)s: a conversation took place, again from %(until)s.",
                policy=policy,
                until=until,
            ),
            "first_days": lambda: self.env._(
                "%(policy)s: none in the first %(days)s days, again from %(until)s.",
                policy=policy,
                days=stop.policy.first_days,
                until=until,
            ),
        }
        return texts[stop.code]()

    # ------------------------------------------------------------
    # WHAT WAS STOPPED
    # ------------------------------------------------------------

    @api.model
    def _log(self, verdicts, **values):
        """Keep what the gate stopped or dropped, and what was overridden, with its reasons.

        :param values: further values of ``collection.gate.log`` for all rows, such as the message
        """
        rows = []
        for verdict in verdicts:
            request = verdict.request
            common = {
                "company_id": request.profile.company_id.id,
                "profile_id": request.profile.id,
                "person_id": request.person.id,
                "channel": request.channel,
                "automatic": request.automatic,
                "user_id": self.env.uid,
                "retry_at": verdict.retry_at,
                **values,
            }
            whole = verdict.reasons or verdict.overridden
            single = [reason for reason in verdict.dropped if reason not in whole]
            for reason in [*whole, *single]:
                rows.append({
                    **common,
                    "code": reason.code,
                    "reason": reason.text,
                    "item_ids": [(6, 0, [reason.item_id] if reason.item_id else [])],
                    "override_reason": verdict.override_reason
                    if reason in verdict.overridden
                    else False,
                })
        # sudo: the log is written by the system for whoever was stopped
        return self.env["collection.gate.log"].sudo().create(rows)
