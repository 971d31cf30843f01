# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date, html_sanitize

from .collection_gate import GateRequest

MESSAGE_CHANNELS = [("email", "E-mail"), ("sms", "SMS"), ("letter", "Letter")]
KINDS = [
    ("upcoming", "Before the Due Date"),
    ("overdue", "Overdue"),
    ("statement", "Statement of Account"),
    ("invoice", "Invoice"),
    ("other", "Other"),
]
STATEMENTS = [("open_item", "Open Items"), ("activity", "Account Movements")]
SENDERS = [("debt_manager", "Debt Manager"), ("team", "Team"), ("company", "Company")]
STATES = [
    ("planned", "Waiting to Be Sent"),
    ("sending", "Being Sent"),
    ("sent", "Sent"),
    ("failed", "Failed"),
    ("possibly_sent", "Possibly Sent"),
    ("stopped", "Stopped"),
    ("cancelled", "Cancelled"),
]
# from each state, the states a message may go to
TRANSITIONS = {
    "planned": {"sending", "sent", "stopped", "cancelled", "failed"},
    "sending": {"sent", "failed", "possibly_sent"},
    "failed": {"planned", "cancelled"},
    "stopped": {"planned", "cancelled"},
    "possibly_sent": {"planned", "sent"},
    "sent": set(),
    "cancelled": set(),
}
# what a message says, to whom and how: changed only while it waits
CONTENT = frozenset({
    "attach_documents",
    "attach_invoices",
    "attach_statement",
    "attachment_ids",
    "body",
    "case_id",
    "channel",
    "document_ids",
    "earlier_id",
    "item_ids",
    "kind",
    "lang",
    "own_text",
    "person_id",
    "planned_on",
    "profile_id",
    "sender",
    "sms_template_id",
    "sms_text",
    "subject",
    "template_id",
})
# the gate stops one of these for a while only
PASSING_CODES = frozenset({"quiet_hours", "cap", "rest", "first_days"})


class CollectionMessage(models.Model):
    """A message to a customer: planned, checked at the gate, sent once, kept with its proof."""

    _name = "collection.message"
    _description = "Message to a Customer"
    _inherit = [
        "collection.guard.mixin",
        "collection.profile.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "planned_on desc, id desc"
    _rec_names_search = ["subject", "partner_id.complete_name", "person_id.complete_name"]
    _check_company_auto = True

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    profile_id = fields.Many2one(check_company=True)
    debt_manager_id = fields.Many2one(
        "res.users",
        "Debt Manager",
        compute="_compute_debt_manager_id",
        search="_search_debt_manager_id",
        help="Who looks after the case, else after the customer.",
    )
    case_id = fields.Many2one(
        "collection.case",
        "Case",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        help="The case whose correspondence the message joins; without one, the customer's.",
    )
    person_id = fields.Many2one(
        "res.partner",
        "To",
        required=True,
        index=True,
        ondelete="restrict",
        help="The person on the customer's side who gets the message.",
    )
    email_to = fields.Char(related="person_id.email", string="E-mail")
    phone_to = fields.Char(related="person_id.phone", string="Phone")
    channel = fields.Selection(
        MESSAGE_CHANNELS,
        "Channel",
        required=True,
        default="email",
    )
    kind = fields.Selection(
        KINDS,
        "Kind",
        required=True,
        default="other",
        help="A customer gets at most one automatic message before the due date and one about "
        "overdue items a day.",
    )
    state = fields.Selection(
        STATES,
        "State",
        required=True,
        default="planned",
        readonly=True,
        copy=False,
        help="Possibly sent: the sending was interrupted after the mail server had begun to take "
        "it, so a person looks whether it went out.",
    )
    automatic = fields.Boolean("Automatic", readonly=True, help="Planned by a rule.")
    business_date = fields.Date(
        "Business Date",
        required=True,
        default=lambda self: self.env.company._collection_today(),
        help="The company's day the message belongs to.",
    )
    planned_on = fields.Datetime(
        "Planned for",
        required=True,
        default=fields.Datetime.now,
        help="It goes out as soon as this time has come and the gate lets it pass.",
    )
    sending_since = fields.Datetime("Being Sent Since", readonly=True, copy=False)
    sent_on = fields.Datetime("Sent on", readonly=True, copy=False)
    user_id = fields.Many2one(
        "res.users",
        "Written by",
        index="btree_not_null",
        readonly=True,
        default=lambda self: self.env.user,
        help="Who sends it.",
    )
    sender = fields.Selection(
        SENDERS,
        "Sender",
        required=True,
        default=lambda self: self.env.company.collection_sender,
        help="In whose name the message goes out.",
    )
    template_id = fields.Many2one(
        "mail.template",
        "Template",
        domain=[("model", "=", "collection.message")],
        index="btree_not_null",
        help="Subject and text are made from it when the message goes out, with the ledger as it "
        "is then.",
    )
    sms_template_id = fields.Many2one(
        "sms.template", "SMS Template", domain=[("model", "=", "collection.message")]
    )
    lang = fields.Selection("_lang_get", "Language", help="The language the message is written in.")
    own_text = fields.Boolean(
        "Text Written by Hand",
        help="The text is sent as it stands, not made anew from the template. If an item it "
        "speaks of is paid meanwhile, it is not sent.",
    )
    subject = fields.Char("Subject")
    # what people write is cleaned in create() and write(); what templates give, in the mail
    body = fields.Html("Text", sanitize=False)
    sms_text = fields.Text("SMS Text")
    item_ids = fields.Many2many(
        "collection.item",
        "collection_message_item_rel",
        "message_id",
        "item_id",
        "Items",
        help="The open items the message is about.",
    )
    attachment_ids = fields.Many2many(
        "ir.attachment",
        "collection_message_attachment_rel",
        "message_id",
        "attachment_id",
        "Attachments",
    )
    attach_invoices = fields.Boolean(
        "Attach the Invoices", help="The PDF of each document the message is about goes along."
    )
    attach_statement = fields.Selection(
        STATEMENTS,
        "Attach a Statement",
        help="A statement of account goes along.",
    )
    attach_documents = fields.Boolean(
        "Attach Marked Documents",
        default=True,
        help="What the document file contains of the invoices, and is marked to go along with "
        "reminders, is attached.",
    )
    document_ids = fields.Many2many(
        "collection.document",
        "collection_message_document_rel",
        "message_id",
        "document_id",
        "Documents",
        help="Files of the document file that go along.",
    )
    earlier_id = fields.Many2one(
        "collection.message",
        "Earlier Message",
        domain="[('profile_id', '=', profile_id), ('state', '=', 'sent')]",
        index="btree_not_null",
        ondelete="set null",
        help="A message sent before that is quoted below the text.",
    )
    error = fields.Text("What Went Wrong", readonly=True, copy=False)
    attempts = fields.Integer("Attempts", readonly=True, copy=False)
    claim = fields.Integer(
        "Claim", readonly=True, copy=False, help="The number of the worker that sends it."
    )
    contact_log_id = fields.Many2one(
        "collection.contact.log",
        "Contact Record",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    mail_message_id = fields.Many2one(
        "mail.message",
        "In the Correspondence",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    mail_id = fields.Many2one(
        "mail.mail",
        "Mail",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups="base.group_system",
    )
    override_reason = fields.Char(
        "Sent All the Same Because",
        readonly=True,
        copy=False,
        help="Why a person with the right sends it although the gate would stop it.",
    )
    gate_log_ids = fields.One2many("collection.gate.log", "message_id", "Stopped Because")
    printed_on = fields.Datetime("Printed on", readonly=True, copy=False)
    printed_by = fields.Many2one("res.users", "Printed by", readonly=True, copy=False)
    letter_id = fields.Many2one(
        "ir.attachment", "Letter", readonly=True, copy=False, help="The PDF as it was printed."
    )

    _automatic_uniq = models.UniqueIndex(
        "(profile_id, channel, kind, business_date)"
        " WHERE automatic AND kind IN ('upcoming', 'overdue')"
        " AND state NOT IN ('cancelled', 'stopped')",
        "The customer gets such a message on this day already.",
    )
    _planned_index = models.Index("(planned_on, id) WHERE state IN ('planned', 'sending')")
    _unrecorded_index = models.Index(
        "(profile_id) WHERE contact_log_id IS NULL"
        " AND state IN ('sending', 'sent', 'possibly_sent')"
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.model
    def _lang_get(self):
        return self.env["res.lang"].get_installed()

    @api.depends("case_id.debt_manager_id", "profile_id.debt_manager_id")
    def _compute_debt_manager_id(self):
        for message in self:
            # sudo: who looks after a case is no secret to those who see its message
            message.debt_manager_id = (
                message.case_id.sudo().debt_manager_id or message.profile_id.sudo().debt_manager_id
            )

    @api.model
    def _search_debt_manager_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("case_id.debt_manager_id", operator, value) | (
            Domain("case_id", "=", False) & Domain("profile_id.debt_manager_id", operator, value)
        )

    @api.depends("subject", "channel", "person_id", "planned_on")
    def _compute_display_name(self):
        channels = dict(self._fields["channel"]._description_selection(self.env))
        for message in self:
            # sudo: the name of whom the message is for
            person = message.person_id.sudo().name or ""
            message.display_name = message.subject or ", ".join(
                part
                for part in (
                    channels.get(message.channel, ""),
                    person,
                    format_date(self.env, message.planned_on) if message.planned_on else "",
                )
                if part
            )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("case_id", "profile_id", "item_ids")
    def _check_one_customer(self):
        for message in self:
            others = message.item_ids.filtered(
                lambda item, profile=message.profile_id: item.profile_id != profile
            )
            if others:
                raise UserError(
                    self.env._(
                        "%(item)s is not an item of %(customer)s.",
                        item=others[0].display_name,
                        customer=message.partner_id.display_name,
                    )
                )
            if message.case_id and message.case_id.profile_id != message.profile_id:
                raise UserError(
                    self.env._(
                        "Case %(case)s is not a case of %(customer)s.",
                        case=message.case_id.name,
                        customer=message.partner_id.display_name,
                    )
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("state", "planned") != "planned" for vals in vals_list):
            raise UserError(self.env._("A new message is planned, not sent yet."))
        return super().create([self._cleaned(vals) for vals in vals_list])

    def write(self, vals):
        if "state" in vals:
            self._check_field_access(self._fields["state"], "write")
            vals = dict(vals)
            self._set_state(vals.pop("state"))
        return super().write(self._cleaned(vals)) if vals else True

    @api.model
    def _cleaned(self, vals):
        """Return values in which a text that a person has written can do no harm."""
        if not vals.get("body") or self.env.su:
            return vals
        return {
            **vals,
            "body": html_sanitize(vals["body"], sanitize_attributes=True, sanitize_style=True),
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unsent(self):
        if any(message.state in ("sending", "sent", "possibly_sent") for message in self):
            raise UserError(self.env._("What was sent stays as proof and cannot be deleted."))

    def _has_field_access(self, field, operation):
        if operation == "write" and not self.env.su and field.name in CONTENT:
            waiting = ("planned", "failed", "stopped")
            if any(message.state not in waiting for message in self.sudo()):
                return False
        return super()._has_field_access(field, operation)

    # ------------------------------------------------------------
    # PLANNING
    # ------------------------------------------------------------

    @api.model
    def _plan(self, vals_list):
        """Plan messages, thousands at a time; the cron sends them when their time has come.

        What is not said is filled in: the person who is to be written to, their language, the
        sender of the company. An automatic message before the due date, or about overdue items,
        that the customer gets on that day already is not planned again.

        :param list vals_list: values of this model; ``profile_id`` at least
        :return: the new messages, in the order of the values
        """
        profiles = self.env["collection.profile"].browse({vals["profile_id"] for vals in vals_list})
        profiles.fetch(["partner_id", "company_id", "payment_contact_id"])
        # with what is read of one, all are read
        by_id = {profile.id: profile for profile in profiles}
        taken = self._taken_keys(profiles)
        wanted = []
        for vals in vals_list:
            vals = self._with_defaults(vals, by_id[vals["profile_id"]])
            key = self._automatic_key(vals)
            if key:
                if key in taken:
                    continue
                taken.add(key)
            wanted.append(vals)
        messages = self.with_context(tracking_disable=True, mail_create_nosubscribe=True)
        return messages.create(wanted).with_env(self.env)

    @api.model
    def _with_defaults(self, vals, profile):
        """Return the values of one message with what follows from its customer and case."""
        vals = dict(vals)
        channel = vals.setdefault("channel", "email")
        if not vals.get("person_id"):
            case = self.env["collection.case"].browse(vals.get("case_id"))
            vals["person_id"] = profile._message_person(channel, case).id
        if not vals.get("lang"):
            person = self.env["res.partner"].browse(vals["person_id"])
            vals["lang"] = person.lang or profile.partner_id.lang or self.env.lang
        vals.setdefault("sender", profile.company_id.collection_sender)
        vals.setdefault("business_date", profile.company_id._collection_today())
        return vals

    @api.model
    def _automatic_key(self, vals):
        """Return what an automatic message is once a day; nothing for other messages."""
        if not vals.get("automatic") or vals.get("kind") not in ("upcoming", "overdue"):
            return None
        day = fields.Date.to_date(vals["business_date"])
        return vals["profile_id"], vals["channel"], vals["kind"], day

    @api.model
    def _taken_keys(self, profiles):
        """Return the keys of the automatic messages that these customers have already."""
        # sudo: a customer gets one message a day, whoever planned it
        known = self.sudo().search_fetch(
            [
                ("profile_id", "in", profiles.ids),
                ("automatic", "=", True),
                ("kind", "in", ("upcoming", "overdue")),
                ("state", "not in", ("cancelled", "stopped")),
            ],
            ["profile_id", "channel", "kind", "business_date"],
            order="id",
        )
        return {
            (message.profile_id.id, message.channel, message.kind, message.business_date)
            for message in known
        }

    # ------------------------------------------------------------
    # STATES
    # ------------------------------------------------------------

    def _set_state(self, state, **vals):  # pylint: disable=missing-return
        """Move the messages to ``state``: what writes it, beside the marks of the sending.

        :param vals: further values that come with the state, such as ``error``
        :raise UserError: when a message may not go there from where it is
        """
        labels = dict(self._fields["state"]._description_selection(self.env))
        for message in self:
            if state not in TRANSITIONS[message.state]:
                raise UserError(
                    self.env._(
                        "The message to %(person)s is %(current)s and cannot become %(wanted)s.",
                        person=message.person_id.display_name,
                        current=labels[message.state],
                        wanted=labels[state],
                    )
                )
        self.check_access("write")
        # sudo: states are written by this method only, for whoever may write the message
        moving = self.sudo()
        # past this model's own write(), which comes here
        super(CollectionMessage, moving).write({"state": state, **vals})  # pylint: disable=super-method-mismatch
        # the partial unique index must see the new state before another message is planned
        moving.flush_recordset(["state"])

    def _history(self, body):
        """Leave a line in the history of each message: what a person decided."""
        self.sudo()._message_log_batch(  # sudo: history is written by the system
            {message.id: body for message in self},
            author_id=self.env.user.partner_id.id,
        )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_cancel(self):
        """Do not send these messages."""
        for message in self:
            if message.claim and message.state == "planned" and message._is_being_sent():
                raise UserError(self.env._("“%s” is being sent just now.", message.display_name))
        self._set_state("cancelled")
        self._work_done()
        self._history(self.env._("Cancelled"))

    def action_send_now(self):
        """Send planned messages as soon as this is saved; the gate still has its say."""
        waiting = self.filtered(lambda message: message.state == "planned")
        if self - waiting:
            raise UserError(self.env._("Only planned messages can be sent now."))
        waiting.write({"planned_on": fields.Datetime.now()})
        waiting._send_soon()

    def action_retry(self):
        """Send messages again that failed or were stopped; the gate is asked again."""
        again = self.filtered(lambda message: message.state in ("failed", "stopped"))
        if self - again:
            raise UserError(
                self.env._("Only messages that failed or were stopped can be tried again.")
            )
        again._plan_again()
        again._history(self.env._("To be sent again"))

    def action_was_sent(self):
        """Say that messages whose sending was interrupted did go out."""
        for message in self:
            if message.state != "possibly_sent":
                raise UserError(
                    self.env._("Of “%s” it is known what became of it.", message.display_name)
                )
        self._set_state("sent", error=False)
        for message in self.sudo():  # sudo: what became of the message
            message.sent_on = message.sent_on or message.sending_since or fields.Datetime.now()
        self._work_done()
        self._history(self.env._("It did go out, says %s", self.env.user.name))
        self._leave_contacts()

    def action_send_again(self):
        """Say that messages whose sending was interrupted did not go out, and send them."""
        for message in self:
            if message.state != "possibly_sent":
                raise UserError(
                    self.env._("Of “%s” it is known what became of it.", message.display_name)
                )
        self._plan_again()
        self._history(self.env._("It did not go out, says %s: sent again", self.env.user.name))

    def action_open_customer_screen(self):
        """Open the customer screen of the message's customer."""
        self.ensure_one()
        return self.profile_id.action_open_customer_screen()

    def _plan_again(self):
        """Put messages back to planned, as new ones without a claim, and wake the sending."""
        self._set_state(
            "planned",
            error=False,
            claim=False,
            planned_on=fields.Datetime.now(),
            sending_since=False,
        )
        self._work_done()
        self._send_soon()

    # ------------------------------------------------------------
    # WORK FOR A PERSON
    # ------------------------------------------------------------

    def _ask_person(self):
        """Plan an activity on messages that a person has to look at, for who looks after them."""
        labels = dict(self._fields["state"]._description_selection(self.env))
        # sudo: planned by the system for its debt manager
        messages = self.sudo().with_context(mail_activity_quick_update=True)
        for message in messages:
            # the colleague who stands in for a debt manager who is away
            user = message.debt_manager_id.collection_substitute_id or message.debt_manager_id
            message.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._(
                    "%(state)s: message to %(person)s",
                    state=labels[message.state],
                    person=message.person_id.display_name,
                ),
                note=message.error,
                user_id=(user or message.user_id).id or self.env.uid,
            )

    def _work_done(self):
        """Take away the activities that asked a person to look at the messages."""
        self.sudo().activity_ids.unlink()  # sudo: planned by the system, for whoever it was

    # ------------------------------------------------------------
    # THE GATE
    # ------------------------------------------------------------

    def _gate_requests(self):
        """Return what the gate is asked, one request per message."""
        return [
            GateRequest(
                profile=message.profile_id,
                channel=message.channel,
                person=message.person_id,
                items=message.item_ids,
                automatic=message.automatic,
                kind=message.kind,
            )
            for message in self
        ]
