# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime, html_sanitize

from ..models.collection_gate import FINAL_CODES, GateRequest
from ..models.collection_message import MESSAGE_CHANNELS, SENDERS, STATEMENTS

# the fields that a template fills
TEXTS = ("subject", "body", "sms_text")
# the templates suggested: by the days the oldest item is late, the last that fits
SUGGESTED = (
    (None, "mail_template_upcoming"),
    (1, "mail_template_first"),
    (15, "mail_template_second"),
    (30, "mail_template_third"),
    (60, "mail_template_final"),
)


class CollectionMessageCompose(models.TransientModel):
    """Write a message to a customer: whom, how, about which items, with what goes along."""

    _name = "collection.message.compose"
    _description = "Write to a Customer"

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    profile_id = fields.Many2one("collection.profile", "Customer", required=True, readonly=True)
    company_id = fields.Many2one(related="profile_id.company_id", string="Company")
    partner_id = fields.Many2one(related="profile_id.partner_id", string="Customer or Branch")
    commercial_partner_id = fields.Many2one(
        related="profile_id.commercial_partner_id", string="Commercial Entity"
    )
    case_id = fields.Many2one(
        "collection.case",
        "Case",
        domain="[('profile_id', '=', profile_id), ('state', '!=', 'completed')]",
        help="The message and the reply to it stand in the correspondence of the case.",
    )
    channel = fields.Selection(MESSAGE_CHANNELS, "Channel", required=True, default="email")
    person_id = fields.Many2one(
        "res.partner",
        "To",
        compute="_compute_person_id",
        store=True,
        readonly=False,
        domain="['|', ('commercial_partner_id', '=', commercial_partner_id), "
        "('collection_relation_ids.partner_id', 'in', (partner_id, commercial_partner_id))]",
        help="The person on the customer's side. The payment contact comes first.",
    )
    email_to = fields.Char(related="person_id.email", string="E-mail")
    phone_to = fields.Char(related="person_id.phone", string="Phone")
    sender = fields.Selection(
        SENDERS,
        "Sender",
        required=True,
        default=lambda self: self.env.company.collection_sender,
        help="In whose name the message goes out.",
    )
    lang = fields.Selection(
        "_lang_get", "Language", compute="_compute_lang", store=True, readonly=False
    )
    template_id = fields.Many2one(
        "mail.template",
        "Template",
        compute="_compute_template_id",
        store=True,
        readonly=False,
        domain="[('model', '=', 'collection.message'), "
        "('collection_channel', 'in', (channel, False))]",
    )
    sms_template_id = fields.Many2one(
        "sms.template",
        "SMS Template",
        compute="_compute_template_id",
        store=True,
        readonly=False,
        domain=[("model", "=", "collection.message")],
    )
    item_ids = fields.Many2many(
        "collection.item",
        "collection_message_compose_item_rel",
        "wizard_id",
        "item_id",
        "Items",
        domain="[('profile_id', '=', profile_id), ('state', '=', 'open'), ('side', '=', 'debit')]",
        help="What the message is about; the table in the text names them.",
    )
    attach_invoices = fields.Boolean(
        "Attach the Invoices", compute="_compute_attach", store=True, readonly=False
    )
    attach_statement = fields.Selection(
        STATEMENTS, "Attach a Statement", compute="_compute_attach", store=True, readonly=False
    )
    attachment_ids = fields.Many2many(
        "ir.attachment",
        "collection_message_compose_attachment_rel",
        "wizard_id",
        "attachment_id",
        "Files",
        help="Further files that go along.",
    )
    document_ids = fields.Many2many(
        "collection.document",
        "collection_message_compose_document_rel",
        "wizard_id",
        "document_id",
        "Documents",
        compute="_compute_document_ids",
        store=True,
        readonly=False,
        domain="[('profile_id', '=', profile_id)]",
        help="Files of the document file that go along; those marked for it are there already.",
    )
    earlier_id = fields.Many2one(
        "collection.message",
        "Earlier Message",
        domain="[('profile_id', '=', profile_id), ('state', '=', 'sent'), "
        "('channel', '=', 'email')]",
        help="A message sent before that is quoted below the text.",
    )
    subject = fields.Char("Subject", compute="_compute_text", store=True, readonly=False)
    body = fields.Html(
        "Text", compute="_compute_text", store=True, readonly=False, sanitize_style=True
    )
    sms_text = fields.Text("SMS Text", compute="_compute_text", store=True, readonly=False)
    template_error = fields.Char("The Template Cannot Be Used", compute="_compute_text", store=True)
    gate_allows = fields.Boolean("The Gate Lets It Pass", compute="_compute_gate")
    gate_text = fields.Text("What the Gate Says", compute="_compute_gate")
    gate_retry_at = fields.Datetime("Possible Again From", compute="_compute_gate")
    may_override = fields.Boolean("May Be Sent All the Same", compute="_compute_gate")
    override_reason = fields.Char(
        "Send All the Same Because",
        help="Why the customer is contacted although the gate says no. It is kept with the message.",
    )

    # ------------------------------------------------------------
    # DEFAULTS
    # ------------------------------------------------------------

    @api.model
    def _lang_get(self):
        return self.env["res.lang"].get_installed()

    @api.model
    def _open(self, records, **defaults):
        """Return the dialog about a case, a customer, or some items of one."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "collection_message.action_message_compose"
        )
        action["context"] = {
            "active_model": records._name,
            "active_id": records[:1].id,
            "active_ids": records.ids,
            **{f"default_{name}": value for name, value in defaults.items()},
        }
        return action

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        context = self.env.context
        ids = context.get("active_ids") or [context.get("active_id")]
        model = context.get("active_model")
        take = {
            "collection.case": self._defaults_of_case,
            "collection.profile": self._defaults_of_profile,
            "collection.item": self._defaults_of_items,
            "collection.message": self._defaults_of_message,
            "res.partner": self._defaults_of_partner,
        }.get(model)
        if take and any(ids):
            records = self.env[model].browse(ids)
            records.check_access("read")
            values = {**take(records), **values}
        if not values.get("profile_id"):
            raise UserError(self.env._("Choose the customer to write to first."))
        return values

    @api.model
    def _defaults_of_case(self, case):
        case = case[:1]
        items = case.open_item_ids.filtered(lambda item: item.amount_residual > item.amount_blocked)
        return {
            "profile_id": case.profile_id.id,
            "case_id": case.id,
            "item_ids": [(6, 0, items.ids)],
        }

    @api.model
    def _defaults_of_profile(self, profile):
        profile = profile[:1]
        return {
            "profile_id": profile.id,
            "case_id": profile.open_case_ids[:1].id,
            "item_ids": [(6, 0, profile._messageable_items().ids)],
        }

    @api.model
    def _defaults_of_items(self, items):
        if len(items.profile_id) > 1:
            raise UserError(
                self.env._("Choose items of one customer: a message goes to one customer.")
            )
        return {
            "profile_id": items.profile_id.id,
            "case_id": items.case_id[:1].id,
            "item_ids": [(6, 0, items.ids)],
        }

    @api.model
    def _defaults_of_message(self, message):
        """Write again what was sent, or after it."""
        message = message[:1]
        return {
            "profile_id": message.profile_id.id,
            "case_id": message.case_id.id if message.case_id.state != "completed" else False,
            "item_ids": [(6, 0, message.item_ids.ids)],
            "person_id": message.person_id.id,
            "channel": message.channel,
            "earlier_id": message.id
            if message.state == "sent" and message.channel == "email"
            else False,
        }

    @api.model
    def _defaults_of_partner(self, partner):
        profiles = self.env["collection.profile"].search([
            ("company_id", "=", self.env.company.id),
            ("partner_id", "in", (partner | partner.commercial_partner_id).ids),
        ])
        profile = profiles.filtered(lambda known: known.partner_id == partner) or profiles[:1]
        if not profile:
            raise UserError(
                self.env._("%s is not in collections, or not one of yours.", partner.display_name)
            )
        return self._defaults_of_profile(profile)

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("profile_id", "case_id", "channel")
    def _compute_person_id(self):
        for wizard in self:
            if wizard.person_id and wizard.person_id._collection_reachable(wizard.channel):
                continue
            wizard.person_id = wizard.profile_id and wizard.profile_id._message_person(
                wizard.channel, wizard.case_id
            )

    @api.depends("person_id")
    def _compute_lang(self):
        for wizard in self:
            wizard.lang = wizard.person_id.lang or wizard.partner_id.lang or self.env.lang

    @api.depends("channel", "profile_id")
    def _compute_template_id(self):
        for wizard in self:
            late = max([item.days_late for item in wizard.item_ids], default=None)
            wizard.template_id = self._suggested_template(wizard.channel, late)
            wizard.sms_template_id = wizard.sms_template_id or self.env.ref(
                "collection_message.sms_template_overdue"
                if late and late > 0
                else "collection_message.sms_template_upcoming",
                raise_if_not_found=False,
            )

    @api.model
    def _suggested_template(self, channel, late):
        """Return the template that fits how late the customer is; people choose another."""
        if channel == "sms":
            return self.env["mail.template"]
        name = SUGGESTED[0][1]
        for days, fitting in SUGGESTED[1:]:
            if late is not None and late >= days:
                name = fitting
        if channel == "letter":
            name = "mail_template_letter_final" if late and late >= 60 else "mail_template_letter"
        return (
            self.env.ref(f"collection_message.{name}", raise_if_not_found=False)
            or (self.env["mail.template"])
        )

    @api.depends("template_id", "channel")
    def _compute_attach(self):
        for wizard in self:
            # sudo: what a template asks for
            template = wizard.template_id.sudo()
            mail = wizard.channel in ("email", "letter")
            wizard.attach_invoices = mail and template.collection_attach_invoices
            wizard.attach_statement = mail and template.collection_attach_statement

    @api.depends("item_ids", "channel")
    def _compute_document_ids(self):
        for wizard in self:
            documents = wizard.document_ids
            if wizard.channel in ("email", "letter"):
                documents |= wizard.item_ids.move_id.collection_document_ids.filtered(
                    "send_along"
                )._valid()
            wizard.document_ids = documents

    @api.depends(
        "template_id",
        "sms_template_id",
        "channel",
        "lang",
        "person_id",
        "item_ids",
        "sender",
        "earlier_id",
        "case_id",
    )
    def _compute_text(self):
        for wizard in self:
            try:
                made = wizard._made_text()
                wizard.template_error = False
            except Exception as error:  # a template is anybody's text: whatever it raises
                made = {}
                wizard.template_error = str(error)
            for name in TEXTS:
                wizard[name] = made.get(name, False)

    def _made_text(self):
        """Return the values of subject and text as the template gives them."""
        self.ensure_one()
        template = self.sms_template_id if self.channel == "sms" else self.template_id
        if not template or not self.person_id:
            return {}
        message = self.env["collection.message"].new(self._message_values())
        return message._preview(template, self.lang)

    @api.depends("profile_id", "channel", "person_id", "item_ids", "override_reason")
    def _compute_gate(self):
        Gate = self.env["collection.gate"]
        for wizard in self:
            [verdict] = Gate._check([wizard._gate_request()])
            wizard.gate_retry_at = verdict.retry_at
            wizard.may_override = (
                Gate._may_override()
                and not verdict.allowed
                and not any(reason.code in FINAL_CODES for reason in verdict.reasons)
            )
            wizard.gate_allows = verdict.allowed
            texts = [reason.text for reason in verdict.reasons]
            texts += [reason.text for reason in verdict.dropped if reason.text not in texts]
            wizard.gate_text = "\n".join(texts)

    def _gate_request(self):
        return GateRequest(
            profile=self.profile_id._origin,
            channel=self.channel,
            person=self.person_id._origin,
            items=self.item_ids._origin,
            kind=self._message_kind(),
        )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_send(self):
        """Send the message now, or print the letter; the gate decides, and the ledger as it is."""
        message = self._create_message()
        if self.channel == "letter":
            return message.action_print()
        [verdict] = self.env["collection.gate"]._check(
            message._gate_requests(), override_reason=message.override_reason or None
        )
        if not verdict.allowed:
            # as the sending would, but at once and before the eyes of whoever wrote it
            self.env["collection.gate"]._log([verdict], message_id=message.id)
            message._set_state("stopped", error=verdict.text)
            return self._tell(self.env._("Not sent"), verdict.text, "danger")
        message._send_soon()
        return self._tell_state(message)

    def action_send_when_allowed(self):
        """Plan the message for the first moment at which the gate lets it pass."""
        if not self.gate_retry_at:
            raise UserError(self.env._("It cannot be told when the gate lets it pass."))
        message = self._create_message(planned_on=self.gate_retry_at)
        return self._tell(
            self.env._("Planned"),
            self.env._("It goes out on %s.", format_datetime(self.env, message.planned_on)),
            "success",
        )

    def _create_message(self, **vals):
        """Plan the message that the dialog shows."""
        self.ensure_one()
        self.profile_id.check_access("read")
        own = self._own_text()
        if self.template_error and not own:
            raise UserError(self.env._("The template cannot be used: %s", self.template_error))
        values = {**self._message_values(), **vals, "own_text": own}
        if own:
            values.update({name: self[name] for name in TEXTS})
        elif self.subject:
            # shown in lists until the text is made anew
            values["subject"] = self.subject
        message = self.env["collection.message"]._plan([values])
        if self.attachment_ids:
            # sudo: files of the dialog become files of the message
            self.attachment_ids.sudo().filtered(
                lambda file: file.res_model in (False, self._name)
            ).write({"res_model": message._name, "res_id": message.id})
        if self.override_reason and not self.gate_allows:
            # the right to override is asked for here, by the gate itself
            self.env["collection.gate"]._check(
                message._gate_requests(), override_reason=self.override_reason
            )
            message.sudo().override_reason = self.override_reason  # sudo: checked just now
        return message

    def _message_values(self):
        """Return the values of the message, without its text."""
        self.ensure_one()
        return {
            "profile_id": self.profile_id._origin.id,
            "case_id": self.case_id._origin.id,
            "channel": self.channel,
            "kind": self._message_kind(),
            "person_id": self.person_id._origin.id,
            "sender": self.sender,
            "lang": self.lang,
            "template_id": self.template_id._origin.id if self.channel != "sms" else False,
            "sms_template_id": self.sms_template_id._origin.id if self.channel == "sms" else False,
            "item_ids": [(6, 0, self.item_ids._origin.ids)],
            "attach_invoices": self.attach_invoices,
            "attach_statement": self.attach_statement,
            "attachment_ids": [(6, 0, self.attachment_ids._origin.ids)],
            # as the dialog shows them
            "attach_documents": False,
            "document_ids": [(6, 0, self.document_ids._origin.ids)],
            "earlier_id": self.earlier_id._origin.id,
        }

    def _message_kind(self):
        """Return what the message is about."""
        if self.channel != "sms" and self.template_id:
            return self.template_id.sudo().collection_kind or "other"  # sudo: what it is about
        return "overdue" if any(item.days_late > 0 for item in self.item_ids) else "other"

    def _own_text(self):
        """Return whether a person has changed what the template gave."""
        self.ensure_one()
        if self.template_error:
            return any(self[name] for name in TEXTS)
        made = self._made_text()
        if self.channel == "sms":
            return self._words(self.sms_text) != self._words(made.get("sms_text"))
        return (self.subject or "") != (made.get("subject") or "") or self._words(
            self.body
        ) != self._words(made.get("body"))

    @api.model
    def _words(self, text):
        """Return the words of a text, marked up as the database keeps it."""
        return html_sanitize(text or "", sanitize_attributes=True, sanitize_style=True).split()

    def _tell_state(self, message):
        """Tell what became of a message, as far as that is known already."""
        if message.state in ("failed", "stopped"):
            return self._tell(self.env._("Not sent"), message.error or "", "danger")
        if message.state == "sent":
            return self._tell(self.env._("Sent"), message.person_id.display_name, "success")
        return self._tell(self.env._("On its way"), message.person_id.display_name, "success")

    def _tell(self, title, text, kind):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "title": title,
                "message": text,
                "sticky": kind == "danger",
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
