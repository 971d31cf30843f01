# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import email_normalize

KINDS = [
    ("reply", "Reply"),
    ("mail", "Mail"),
    ("question", "Question"),
    ("bounce", "Came Back"),
    ("unknown", "Unknown Sender"),
    ("auto", "Automatic Answer"),
]
STATES = [("unread", "Unread"), ("done", "Done")]
# from each state, the states a row may go to
TRANSITIONS = {"unread": {"done"}, "done": {"unread"}}


class CollectionIncoming(models.Model):
    """What came in from a customer: unread until somebody has seen to it."""

    _name = "collection.incoming"
    _description = "Incoming Mail"
    _inherit = ["collection.guard.mixin", "mail.thread"]
    _order = "received_on desc, id desc"
    _rec_name = "subject"
    _rec_names_search = ["subject", "partner_id.complete_name", "email_from"]
    _primary_email = "email_from"
    _check_company_auto = True

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    message_id = fields.Many2one(
        "mail.message",
        "Mail",
        readonly=True,
        copy=False,
        ondelete="cascade",
        help="The mail itself, in the correspondence of the case or of the customer.",
    )
    message_uid = fields.Char(
        "Message-Id",
        readonly=True,
        copy=False,
        help="What identifies the mail wherever it goes: delivered twice, it is work once.",
    )
    company_id = fields.Many2one(
        "res.company",
        "Company",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company,
    )
    profile_id = fields.Many2one(
        "collection.profile",
        "Customer Profile",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        check_company=True,
        help="Empty: it is not known whose mail it is.",
    )
    partner_id = fields.Many2one(
        related="profile_id.partner_id",
        store=True,
        index="btree_not_null",
        precompute=True,
        string="Customer",
    )
    case_id = fields.Many2one(
        "collection.case",
        "Case",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
        help="The case the mail is about: whose correspondence it joined, else the open one.",
    )
    person_id = fields.Many2one(
        "res.partner",
        "Person",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Who wrote, or whose address a message came back from.",
    )
    email_from = fields.Char("From", readonly=True)
    email_normalized = fields.Char(
        "Address", compute="_compute_email_normalized", store=True, precompute=True, index=True
    )
    bounced_email = fields.Char(
        "Failed Address", readonly=True, help="Where a message came back from."
    )
    subject = fields.Char("Subject", readonly=True)
    preview = fields.Char("Beginning", readonly=True)
    received_on = fields.Datetime(
        "Received on", required=True, readonly=True, default=fields.Datetime.now
    )
    kind = fields.Selection(
        KINDS,
        "Kind",
        required=True,
        readonly=True,
        default="mail",
        help="Reply: an answer to a message of ours. Question: asked in the customer portal. "
        "Came back: a message could not be delivered. Automatic answer: nobody wrote it, so "
        "nobody has to look.",
    )
    state = fields.Selection(
        STATES,
        "State",
        required=True,
        readonly=True,
        default="unread",
        copy=False,
        help="Unread mail is work for whoever looks after the case.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Who Looks at It",
        compute="_compute_user_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        domain=[("is_debt_manager", "=", True)],
        help="The debt manager of the case, else of the customer; during an absence the "
        "substitute. For mail of unknown senders the leader of the default team.",
    )
    team_id = fields.Many2one(
        "collection.team", "Team", compute="_compute_team_id", search="_search_team_id"
    )
    for_me = fields.Boolean(
        "For Me",
        compute="_compute_for_me",
        search="_search_for_me",
        help="The user has to look at it, or stands in for whoever has to.",
    )
    handled_on = fields.Datetime("Done on", readonly=True, copy=False)
    handled_by = fields.Many2one("res.users", "Done by", readonly=True, copy=False)
    elsewhere = fields.Boolean(
        "Filed Elsewhere",
        readonly=True,
        help="The mail stands on a document outside collections; who may read that document "
        "may read it.",
    )
    sent_message_id = fields.Many2one(
        "collection.message",
        "Message That Came Back",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    temporary = fields.Boolean(
        "For a While Only",
        readonly=True,
        help="The address may work another time: the mailbox was full, or a server away.",
    )
    # the host has cleaned the text of the mail
    body = fields.Html("Text", compute="_compute_content", sanitize=False)
    attachment_ids = fields.Many2many(
        "ir.attachment", string="Attachments", compute="_compute_content"
    )
    attachment_count = fields.Integer("Number of Attachments", compute="_compute_content")
    document_name = fields.Char(
        "Document",
        compute="_compute_content",
        help="Where the mail stands, if not in the correspondence of collections.",
    )
    person_email = fields.Char(related="person_id.email", string="E-mail")
    person_bounced = fields.Boolean(
        related="person_id.collection_email_bounced", string="Mail Comes Back"
    )

    _message_uniq = models.UniqueIndex("(message_id)", "This mail is filed already.")
    _message_uid_uniq = models.UniqueIndex(
        "(company_id, message_uid) WHERE message_uid IS NOT NULL", "This mail is filed already."
    )
    _unread_index = models.Index("(user_id, received_on) WHERE state = 'unread'")
    _profile_unread_index = models.Index("(profile_id, case_id) WHERE state = 'unread'")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("email_from")
    def _compute_email_normalized(self):
        for incoming in self:
            incoming.email_normalized = email_normalize(incoming.email_from or "", strict=False)

    @api.depends("case_id.debt_manager_id", "profile_id.debt_manager_id")
    def _compute_user_id(self):
        for incoming in self:
            if incoming.state == "done" and incoming.user_id:
                # who had to look then
                incoming.user_id = incoming.user_id
                continue
            # sudo: who looks after a case is no secret to those who see its mail
            manager = (
                incoming.case_id.sudo().debt_manager_id
                or incoming.profile_id.sudo().debt_manager_id
            )
            if manager or incoming.profile_id:
                incoming.user_id = manager.collection_substitute_id or manager
            else:
                # of an unknown sender somebody may have been asked to look
                # sudo: who leads where work goes that nobody has
                leader = incoming.company_id.sudo().collection_default_team_id.leader_id
                incoming.user_id = incoming.user_id or leader

    @api.depends("case_id.team_id", "profile_id.team_id")
    def _compute_team_id(self):
        for incoming in self:
            # sudo: as above
            incoming.team_id = incoming.case_id.sudo().team_id or incoming.profile_id.sudo().team_id

    @api.model
    def _search_team_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("case_id.team_id", operator, value) | (
            Domain("case_id", "=", False) & Domain("profile_id.team_id", operator, value)
        )

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_for_me(self):
        for incoming in self:
            user = incoming.user_id
            incoming.for_me = self.env.user in (user | user.collection_substitute_id)

    @api.model
    def _search_for_me(self, operator, value):
        if operator != "in" or len(value) != 1:
            return NotImplemented
        domain = Domain("user_id", "=", self.env.uid) | Domain(
            "user_id.collection_absence_ids", "any!", self.env.user._stand_in_domain()
        )
        return domain if next(iter(value)) else ~domain

    @api.depends("message_id", "elsewhere")
    @api.depends_context("uid")
    def _compute_content(self):
        for incoming in self:
            # sudo: the mail of a row the user sees
            message = incoming.message_id.sudo()
            document = incoming._document()
            readable = not document or document.has_access("read")
            incoming.document_name = False
            if document:
                kind = self.env["ir.model"]._get(document._name).name
                incoming.document_name = f"{kind}: {document.display_name}" if readable else kind
            if not readable and not self._is_open_document(message):
                # as secret as the document it stands on
                message = message.browse()
            incoming.body = message.body
            incoming.attachment_ids = message.attachment_ids
            incoming.attachment_count = len(message.attachment_ids)

    def _document(self):
        """Return the document outside collections that the mail stands on, if it does."""
        self.ensure_one()
        message = self.message_id.sudo()  # sudo: where the mail stands
        if not self.elsewhere or message.model not in self.env:
            return None
        return self.env[message.model].browse(message.res_id).exists() or None

    @api.depends("subject", "email_from", "kind")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for incoming in self:
            incoming.display_name = (
                incoming.subject or incoming.email_from or labels.get(incoming.kind, "")
            )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        if "state" in vals:
            self._check_field_access(self._fields["state"], "write")
            vals = dict(vals)
            self._set_state(vals.pop("state"))
        return super().write(vals) if vals else True

    # ------------------------------------------------------------
    # STATES
    # ------------------------------------------------------------

    def _set_state(self, state):  # pylint: disable=missing-return
        """Move rows to ``state``: the only place that writes it.

        :raise UserError: when a row may not go there from where it is
        """
        labels = dict(self._fields["state"]._description_selection(self.env))
        for incoming in self:
            if state not in TRANSITIONS[incoming.state]:
                raise UserError(
                    self.env._(
                        "“%(mail)s” is %(current)s and cannot become %(wanted)s.",
                        mail=incoming.display_name,
                        current=labels[incoming.state],
                        wanted=labels[state],
                    )
                )
        self.check_access("write")
        done = state == "done"
        # sudo: states are written by this method only, for whoever may write the row; past this
        # model's own write(), which comes here
        super(CollectionIncoming, self.sudo()).write({  # pylint: disable=super-method-mismatch
            "state": state,
            "handled_on": fields.Datetime.now() if done else False,
            "handled_by": self.env.uid if done else False,
        })

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_done(self):
        """Say that somebody has seen to these mails."""
        self.filtered(lambda incoming: incoming.state == "unread")._set_state("done")

    def action_unread(self):
        """Make mails work again."""
        self.filtered(lambda incoming: incoming.state == "done")._set_state("unread")

    def action_reply(self):
        """Write to whoever wrote; with the answer the mail is done."""
        self.ensure_one()
        if not self.profile_id:
            raise UserError(
                self.env._("Choose the customer first: a message goes to a customer's contact.")
            )
        open_case = self.case_id.state != "completed" and self.case_id
        return self.env["collection.message.compose"]._open(
            open_case or self.profile_id, incoming_id=self.id
        )

    def action_open_case(self):
        """Open the case the mail belongs to."""
        self.ensure_one()
        if not self.case_id:
            raise UserError(self.env._("This mail belongs to no case."))
        return {
            "type": "ir.actions.act_window",
            "res_model": "collection.case",
            "res_id": self.case_id.id,
            "views": [(False, "form")],
        }

    def action_open_customer_screen(self):
        """Open the customer screen of whoever the mail is from."""
        self.ensure_one()
        if not self.profile_id:
            raise UserError(self.env._("Choose the customer first."))
        return self.profile_id.action_open_customer_screen()

    def action_choose_customer(self):
        """Ask whose mail it is, also where it was filed at the wrong customer."""
        for incoming in self:
            if incoming.elsewhere:
                raise UserError(
                    self.env._(
                        "“%s” stands on a document of its own and stays there.",
                        incoming.display_name,
                    )
                )
        return self._dialog("collection_message.action_incoming_choose")

    def action_correct_address(self):
        """Ask for the address that works."""
        self.ensure_one()
        if not self.person_id:
            raise UserError(
                self.env._("No contact has the address this message came back from any more.")
            )
        return self._dialog("collection_message.action_incoming_address")

    def action_save_documents(self):
        """Save the files of the mail to the document file of the customer."""
        self.ensure_one()
        return self.message_id.action_collection_save_documents()

    def action_open_document(self):
        """Open the document that the mail stands on."""
        self.ensure_one()
        document = self._document()
        if not document:
            raise UserError(self.env._("The mail stands on no document any more."))
        document.check_access("read")
        return document.get_formview_action()

    def _dialog(self, xmlid):
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["context"] = {"default_incoming_ids": [(6, 0, self.ids)]}
        return action

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    @api.model
    def _detect_loop_sender_domain(self, email_from_normalized):
        return [("email_normalized", "=", email_from_normalized), ("kind", "!=", "bounce")]

    def _thread(self):
        """Return the record whose correspondence the mail joins; the row itself while unknown."""
        self.ensure_one()
        return self.case_id or self.profile_id or self

    @api.model
    def _refresh_users(self, domain=()):
        """Give unread mail to whoever has to look at it today: absences begin and end."""
        # sudo: work is given out by the system
        rows = self.sudo().search(
            Domain("state", "=", "unread") & Domain("profile_id", "!=", False) & Domain(domain)
        )
        self.env.add_to_compute(self._fields["user_id"], rows)
        rows.flush_recordset(["user_id"])

    @api.model
    def _cron_refresh_users(self):
        """Hand over the unread mail of those whose absence begins or ends today."""
        self._refresh_users()

    @api.model
    def _unread_counts(self, path, records):
        """Return {id: number of unread mails} of records that a field leads to."""
        return {
            record.id: count
            for record, count in self._read_group(
                [(path, "in", records.ids), ("state", "=", "unread")], [path], ["__count"]
            )
        }

    @api.model
    def _unread_domain(self, path, operator, value):
        """Return the domain of records that have unread mail, or none."""
        positive = operator in (">", ">=", "!=", "not in")
        if operator in ("in", "not in") and set(value) != {0}:
            return NotImplemented
        if operator in (">", "<=") and value != 0:
            return NotImplemented
        if operator in (">=", "<") and value != 1:
            return NotImplemented
        domain = Domain(path, "any", [("state", "=", "unread")])
        return domain if positive else ~domain
