# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import html2plaintext

from ..models.collection_contact_log import CHANNELS, DIRECTIONS
from ..models.collection_outcome import FITS
from ..models.mail_activity_type import CHANNELS as CHANNEL_OF_KIND


class CollectionContactLogWizard(models.TransientModel):
    """Log a contact: with whom, what came of it, what was agreed, and what is next."""

    _name = "collection.contact.log.wizard"
    _description = "Log a Contact"

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    profile_id = fields.Many2one("collection.profile", "Customer", required=True, readonly=True)
    company_id = fields.Many2one(related="profile_id.company_id", string="Company")
    partner_id = fields.Many2one(related="profile_id.partner_id", string="Customer or Branch")
    case_id = fields.Many2one(
        "collection.case",
        "Case",
        compute="_compute_case_id",
        compute_sudo=False,
        store=True,
        readonly=False,
        domain="[('profile_id', '=', profile_id), ('state', '!=', 'completed')]",
        help="The case it was about. Empty: the contact belongs to none.",
    )
    company_currency_id = fields.Many2one(
        related="profile_id.currency_id", string="Company Currency"
    )
    amount_to_collect = fields.Monetary(
        related="case_id.amount_to_collect",
        currency_field="company_currency_id",
        string="To Collect",
    )
    last_agreed_date = fields.Date(related="case_id.agreed_date", string="Last Agreed For")
    last_agreed_amount = fields.Monetary(
        related="case_id.agreed_amount", currency_field="company_currency_id", string="Last Agreed"
    )
    last_agreed_late = fields.Boolean(related="case_id.agreed_late")
    activity_id = fields.Many2one(
        "mail.activity", "Activity", readonly=True, help="The activity that is being done."
    )
    activity_ids = fields.Many2many(
        "mail.activity",
        "collection_contact_log_wizard_activity_rel",
        "wizard_id",
        "activity_id",
        "Marks as Done",
        compute="_compute_activity_ids",
        store=True,
        readonly=False,
        domain="[('res_model', '=', 'collection.case'), ('res_id', '=', case_id)]",
        help="Planned activities of the case that this contact settles.",
    )
    date = fields.Datetime(
        "Date", required=True, default=fields.Datetime.now, help="When it took place."
    )
    user_id = fields.Many2one(
        "res.users",
        "Made by",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    commercial_partner_id = fields.Many2one(
        related="profile_id.commercial_partner_id", string="Commercial Entity"
    )
    contact_id = fields.Many2one(
        "res.partner",
        "Person",
        compute="_compute_contact_id",
        store=True,
        readonly=False,
        domain="['|', ('commercial_partner_id', '=', commercial_partner_id), "
        "('collection_relation_ids.partner_id', 'in', (partner_id, commercial_partner_id))]",
        help="The person on the customer's side. The payment contact comes first.",
    )
    contact_phone = fields.Char(related="contact_id.phone", string="Phone")
    contact_email = fields.Char(related="contact_id.email", string="E-mail")
    channel = fields.Selection(
        CHANNELS,
        "Channel",
        required=True,
        compute="_compute_channel",
        store=True,
        readonly=False,
        precompute=True,
    )
    direction = fields.Selection(DIRECTIONS, "Direction", required=True, default="out")
    outcome_choice_ids = fields.Many2many(
        "collection.outcome",
        "collection_contact_log_wizard_outcome_rel",
        "wizard_id",
        "outcome_id",
        compute="_compute_outcome_choice_ids",
        string="Possible Outcomes",
    )
    outcome_id = fields.Many2one(
        "collection.outcome",
        "Outcome",
        domain="[('id', 'in', outcome_choice_ids)]",
        help="What it came to. The outcome moves the case and suggests the next step.",
    )
    duration = fields.Float("Duration (min)", help="How long it took, in minutes.")
    note = fields.Text("Note", help="What was said.")
    asks_payment = fields.Boolean(related="outcome_id.asks_payment")
    agreed_note = fields.Text("What Was Agreed")
    currency_id = fields.Many2one(
        "res.currency",
        "Currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
    )
    agreed_date = fields.Date("Agreed Payment Date", help="The day the customer will pay.")
    agreed_amount = fields.Monetary(
        "Agreed Amount",
        compute="_compute_agreed_amount",
        store=True,
        readonly=False,
        help="What the customer will pay; suggested: all there is to collect.",
    )
    agreed_way_id = fields.Many2one("collection.payment.way", "Way of Payment")
    next_activity_type_id = fields.Many2one(
        "mail.activity.type",
        "Next Step",
        compute="_compute_next_step",
        store=True,
        readonly=False,
        domain=[("collection", "=", True)],
        help="Planned on the case; suggested by the outcome. Empty: none.",
    )
    next_date = fields.Date(
        "On", compute="_compute_next_date", store=True, readonly=False, help="When it is due."
    )
    next_summary = fields.Char("Summary", compute="_compute_next_step", store=True, readonly=False)
    next_user_id = fields.Many2one(
        "res.users",
        "For",
        compute="_compute_next_step",
        store=True,
        readonly=False,
        domain=[("share", "=", False)],
        help="Who does the next step.",
    )

    # ------------------------------------------------------------
    # DEFAULTS
    # ------------------------------------------------------------

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        context = self.env.context
        active_model = context.get("active_model")
        active_id = context.get("active_id")
        if active_model == "mail.activity" and active_id:
            activity = self.env["mail.activity"].browse(active_id)
            values["activity_id"] = activity.id
            if activity.note and not values.get("note"):
                values["note"] = html2plaintext(activity.note).strip()
            if activity.res_model == "collection.case":
                values["case_id"] = activity.res_id
        elif active_model == "collection.case" and active_id:
            values.setdefault("case_id", active_id)
        elif active_model == "collection.profile" and active_id:
            values.setdefault("profile_id", active_id)
        elif active_model == "res.partner" and active_id and not values.get("profile_id"):
            values.update(self._defaults_of_person(self.env["res.partner"].browse(active_id)))
        if values.get("case_id"):
            case = self.env["collection.case"].browse(values["case_id"])
            case.check_access("read")
            values["profile_id"] = case.profile_id.id
        return values

    @api.model
    def _defaults_of_person(self, person):
        """Return the customer of a partner, and the partner as the person spoken to.

        :raise UserError: where collections do not know the customer
        """
        profiles = self.env["collection.profile"].search([
            ("company_id", "=", self.env.company.id),
            ("partner_id", "in", (person | person.commercial_partner_id).ids),
        ])
        # the branch itself, else the customer it belongs to
        profile = profiles.filtered(lambda known: known.partner_id == person) or profiles
        if not profile:
            raise UserError(
                self.env._("%s is not in collections, or not one of yours.", person.display_name)
            )
        values = {"profile_id": profile[:1].id}
        if person != profile[:1].partner_id:
            values["contact_id"] = person.id
        return values

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("profile_id")
    def _compute_case_id(self):
        for wizard in self:
            if wizard.case_id.profile_id != wizard.profile_id or not wizard.case_id:
                wizard.case_id = wizard.profile_id.open_case_ids[:1]

    @api.depends("case_id", "profile_id")
    def _compute_contact_id(self):
        for wizard in self:
            if wizard.contact_id:
                continue
            if wizard.case_id:
                wizard.contact_id = wizard.case_id._collection_contact()
            else:
                people = wizard.profile_id.partner_id._collection_contacts_ordered()
                wizard.contact_id = people[0]["partner"] if people else wizard.partner_id

    @api.depends("activity_id")
    def _compute_channel(self):
        for wizard in self:
            kind = wizard.activity_id.activity_type_id
            planned = kind.collection and kind._collection_channel()
            wizard.channel = planned or wizard.channel or "phone"

    @api.depends("channel")
    def _compute_outcome_choice_ids(self):
        for wizard in self:
            fits = FITS.get(wizard.channel)
            domain = Domain(fits, "=", True) if fits else Domain.TRUE
            wizard.outcome_choice_ids = self.env["collection.outcome"].search(domain)

    @api.depends("case_id", "channel", "activity_id")
    def _compute_activity_ids(self):
        for wizard in self:
            planned = wizard.case_id.activity_ids.filtered(
                lambda activity, wizard=wizard: (
                    activity.is_collection
                    and activity.user_id == self.env.user
                    and activity.date_deadline <= wizard.case_id.company_id._collection_today()
                    and CHANNEL_OF_KIND.get(activity.activity_type_id.collection_kind)
                    == wizard.channel
                )
            )
            wizard.activity_ids = planned | wizard.activity_id

    @api.depends("profile_id")
    def _compute_currency_id(self):
        for wizard in self:
            wizard.currency_id = wizard.currency_id or wizard.company_currency_id

    @api.depends("outcome_id", "case_id", "currency_id")
    def _compute_agreed_amount(self):
        for wizard in self:
            case = wizard.case_id
            if not wizard.outcome_id.asks_payment and not wizard.agreed_date:
                # what another outcome suggested before
                wizard.agreed_amount = 0.0
            elif wizard.outcome_id.asks_payment and case and not wizard.agreed_amount:
                company = wizard.company_id
                wizard.agreed_amount = company.currency_id._convert(
                    case.amount_to_collect or case.amount_open,
                    wizard.currency_id or company.currency_id,
                    company,
                    company._collection_today(),
                )

    @api.depends("outcome_id", "case_id")
    def _compute_next_step(self):
        for wizard in self:
            outcome = wizard.outcome_id
            if wizard.case_id and outcome.next_activity_type_id:
                wizard.next_activity_type_id = outcome.next_activity_type_id
                wizard.next_summary = outcome.next_summary
                wizard.next_user_id = outcome._next_user(wizard.case_id)
            elif outcome:
                wizard.next_activity_type_id = False
                wizard.next_summary = False
                wizard.next_user_id = False

    @api.depends("outcome_id", "agreed_date", "next_activity_type_id", "case_id", "date")
    def _compute_next_date(self):
        for wizard in self:
            outcome = wizard.outcome_id
            if not wizard.next_activity_type_id:
                wizard.next_date = False
            elif outcome.next_activity_type_id == wizard.next_activity_type_id:
                contact = self.env["collection.contact.log"].new({
                    "profile_id": wizard.profile_id.id,
                    "date": wizard.date or fields.Datetime.now(),
                })
                wizard.next_date = outcome._next_date(
                    wizard.company_id, contact._collection_day(), wizard.agreed_date
                )
            elif not wizard.next_date:
                wizard.next_date = wizard.next_activity_type_id._get_date_deadline()

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_log(self):
        """Record the contact, mark the activities it settles as done, and close the dialog."""
        self.ensure_one()
        self._check_complete()
        settled = (self.activity_ids | self.activity_id).filtered("active")
        if settled:
            settled.with_context(collection_contact_recorded=True)._action_done(
                feedback=self._feedback()
            )
        self.env["collection.contact.log"].with_company(self.company_id)._record(self._log_values())
        return {"type": "ir.actions.act_window_close"}

    def _check_complete(self):
        """Check what the outcome asks for.

        :raise UserError: saying what is missing
        """
        if self.asks_payment and not (
            self.agreed_date and self.agreed_amount and self.agreed_way_id
        ):
            raise UserError(
                self.env._(
                    "“%s” needs the agreed payment: when, how much and in which way.",
                    self.outcome_id.name,
                )
            )
        if self.next_activity_type_id and not self.next_date:
            raise UserError(self.env._("Say when the next step is due, or remove it."))

    def _log_values(self):
        """Return the values of the contact record."""
        agreed = bool(self.agreed_date or self.agreed_way_id or self.agreed_amount)
        planned = bool(self.case_id and self.next_activity_type_id)
        activity = self.activity_id or self.activity_ids[:1]
        return {
            "profile_id": self.profile_id.id,
            "case_id": self.case_id.id,
            "date": self.date,
            "user_id": self.user_id.id,
            "contact_id": self.contact_id.id,
            "channel": self.channel,
            "direction": self.direction,
            "activity_id": activity.id,
            "activity_type_id": (activity.activity_type_id or self._type_of_channel()).id,
            "outcome_id": self.outcome_id.id,
            "duration": self.duration,
            "note": self.note,
            "agreed_note": self.agreed_note,
            "agreed_date": agreed and self.agreed_date,
            "agreed_amount": self.agreed_amount if agreed else 0.0,
            "agreed_way_id": agreed and self.agreed_way_id.id,
            "currency_id": self.currency_id.id,
            "next_activity_type_id": planned and self.next_activity_type_id.id,
            "next_date": planned and self.next_date,
            "next_summary": planned and self.next_summary,
            "next_user_id": planned and self.next_user_id.id,
        }

    def _type_of_channel(self):
        """Return the activity type of a contact that nobody had planned."""
        kinds = [kind for kind, channel in CHANNEL_OF_KIND.items() if channel == self.channel]
        return self.env["mail.activity.type"].search(
            [("collection", "=", True), ("collection_kind", "in", kinds)], limit=1
        )

    def _feedback(self):
        """Return what the history of the case says of the activity that was done."""
        log = self.env["collection.contact.log"].new(self._log_values())
        lines = [self.outcome_id.name, log._agreed_text(), self.agreed_note, self.note]
        return "\n".join(line for line in lines if line)
