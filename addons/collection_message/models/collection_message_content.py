# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""What a message says: its text in the person's language, and what goes along with it."""

from lxml import etree, html
from markupsafe import Markup
from psycopg2.extensions import TransactionRollbackError

from odoo import api, fields, models
from odoo.tools import format_amount, format_date, is_html_empty
from odoo.tools.rendering_tools import parse_inline_template, render_inline_template

# parts the texts of messages that are rendered together; no text holds it
END_OF_TEXT = "[end-of-text-5f0a7c1e]"


class CollectionMessage(models.Model):
    _inherit = "collection.message"

    currency_id = fields.Many2one(related="company_id.currency_id", string="Currency")
    amount_total = fields.Monetary(
        "Amount",
        compute="_compute_amounts",
        help="What the items of the message come to, in company currency.",
    )
    amount_text = fields.Char(
        "Amount by Currency",
        compute="_compute_amounts",
        help="What the items come to, in the currencies of their documents.",
    )
    days_late = fields.Integer(
        "Days Late", compute="_compute_amounts", help="Days the oldest of the items is late."
    )
    first_due_date = fields.Date(
        "First Due Date",
        compute="_compute_amounts",
        help="The due date of the oldest of the items.",
    )
    item_count = fields.Integer("Number of Items", compute="_compute_amounts")
    items_html = fields.Html(
        "Table of Items",
        compute="_compute_items_html",
        sanitize=False,
        help="For templates: the items with number, due date and open amount.",
    )
    sender_name = fields.Char("Name of the Sender", compute="_compute_sender")
    sender_email = fields.Char("Address of the Sender", compute="_compute_sender")
    sender_phone = fields.Char("Phone of the Sender", compute="_compute_sender")
    payment_details = fields.Html(
        "Where to Pay",
        compute="_compute_payment_details",
        sanitize=False,
        help="For templates: the company's bank account.",
    )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("item_ids")
    @api.depends_context("lang", "collection_day")
    def _compute_amounts(self):
        for message in self:
            totals = {}
            for item in message.item_ids:
                currency = item.currency_id
                totals[currency] = totals.get(currency, 0) + item.amount_residual_currency
            message.amount_total = sum(message.item_ids.mapped("amount_residual"))
            message.amount_text = " + ".join(
                format_amount(self.env, amount, currency) for currency, amount in totals.items()
            )
            message.days_late = max([0, *message.item_ids.mapped("days_late")])
            message.first_due_date = min(
                (item.date_due for item in message.item_ids if item.date_due), default=False
            )
            message.item_count = len(message.item_ids)

    @api.depends("item_ids")
    @api.depends_context("lang", "collection_day")
    def _compute_items_html(self):
        Qweb = self.env["ir.qweb"]
        for message in self:
            message.items_html = Qweb._render(
                "collection_message.message_items",
                {"message": message, "rows": message._item_rows()},
            )

    def _item_rows(self):
        """Return what the table of items shows, row by row, as texts."""
        return [
            {
                "name": item.display_name,
                "ref": item.document_ref or "",
                "date": format_date(self.env, item.document_date),
                "due": format_date(self.env, item.date_due),
                "late": max(item.days_late, 0) or "",
                "amount": format_amount(self.env, item.amount_residual_currency, item.currency_id),
            }
            for item in self.item_ids.sorted(lambda item: (item.date_due, item.id))
        ]

    @api.depends("sender", "user_id", "case_id", "profile_id", "company_id")
    def _compute_sender(self):
        for message in self:
            person = message._sender_user()
            # sudo: how to reach the company
            company = message.company_id.sudo()
            message.sender_name = person.name or company.name
            message.sender_email = person.email_formatted or company.email_formatted
            message.sender_phone = person.phone or company.phone

    @api.depends("company_id")
    @api.depends_context("lang")
    def _compute_payment_details(self):
        for company, messages in self.grouped("company_id").items():
            # sudo: the account that customers pay to
            bank = company.sudo().partner_id.bank_ids[:1]
            details = bank and self.env["ir.qweb"]._render(
                "collection_message.payment_details", {"bank": bank, "company": company.sudo()}
            )
            messages.payment_details = details or False

    def _sender_user(self):
        """Return the colleague in whose name the message goes out; nobody for the company."""
        self.ensure_one()
        # sudo: name and address of a colleague
        message = self.sudo()
        source = message.case_id or message.profile_id
        nobody = message.user_id.browse()
        if message.sender == "debt_manager":
            return source.debt_manager_id or (nobody if message.automatic else message.user_id)
        if message.sender == "team":
            team = source.team_id
            while team and not team.leader_id:
                team = team.parent_id
            return team.leader_id
        return nobody

    # ------------------------------------------------------------
    # TEXT
    # ------------------------------------------------------------

    def _prepare_texts(self):
        """Write subject and text from the templates, in each person's language.

        Texts written by hand stay as they are. A message whose template cannot be rendered fails
        alone.

        :return: the messages that have a text
        """
        made = self.filtered(lambda message: not message.own_text)
        for (template, lang), messages in made.grouped(
            lambda message: (message._template(), message.lang or False)
        ).items():
            if template:
                messages._in_one_go(
                    lambda some, template=template, lang=lang: some._render_template(
                        template, lang
                    ),
                    lambda error, template=template: self.env._(
                        "The template “%(template)s” cannot be used: %(error)s",
                        # sudo: whoever planned the message is told which template it is
                        template=template.sudo().name or "-",
                        error=error,
                    ),
                )
        return self.filtered(lambda message: message.state == "planned" and message._has_text())

    def _template(self):
        """Return the template of the text: of an SMS, or of an e-mail or letter."""
        self.ensure_one()
        return self.sms_template_id if self.channel == "sms" else self.template_id

    def _has_text(self):
        """Return whether there is something to send; a message that is empty fails."""
        self.ensure_one()
        has_text = self.sms_text if self.channel == "sms" else not is_html_empty(self.body)
        if not has_text:
            self._fail(self.env._("The message has no text: choose a template or write one."))
        return bool(has_text)

    def _in_one_go(self, make, failure):
        """Have something made for the messages in one go, else one by one: alone each can fail.

        :param make: gets messages; whatever it raises is theirs
        :param failure: gets what was raised and returns what the message is to say
        """
        try:
            with self.env.cr.savepoint():
                make(self)
        except TransactionRollbackError:
            # nothing of theirs: another transaction got in the way
            raise
        except Exception as error:  # templates and reports are anybody's: whatever they raise
            if len(self) == 1:
                self._fail(failure(error))
                return
            for message in self:
                message._in_one_go(make, failure)

    def _render_template(self, template, lang):
        """Fill subject and text from a template, all messages in one go."""
        for message_id, vals in self._rendered(template, lang).items():
            self.browse(message_id).write(vals)

    def _rendered(self, template, lang):
        """Return {message id: values of subject and text} that a template gives."""
        # sudo: templates read what they need of customer and ledger; whoever wrote the template
        # was allowed to
        template = template.sudo().with_context(lang=lang or self.env.lang)
        if template._name == "sms.template":
            texts = template._render_field("body", self.ids)
            return {message_id: {"sms_text": text} for message_id, text in texts.items()}
        messages = self.sudo().with_env(template.env)  # sudo: as above
        subjects = dict(zip(self.ids, messages._subjects(template), strict=True))
        if "t-set" in (template.body_html or ""):
            # what one message sets must not show in the next
            bodies = template._render_field("body_html", self.ids)
        else:
            bodies = template._render_template_postprocess(
                self._name, dict(zip(self.ids, messages._bodies(template), strict=True))
            )
        return {
            message.id: {
                "subject": subjects[message.id],
                "body": message._with_earlier(message._in_direction(bodies[message.id], template)),
            }
            for message in self
        }

    def _preview(self, template, lang):
        """Return the values of subject and text of a message that is not saved."""
        self.ensure_one()
        # sudo: as in _rendered
        template = template.sudo().with_context(lang=lang or self.env.lang)
        variables = {
            **template._render_eval_context(),
            "object": self.sudo().with_context(lang=lang or self.env.lang),
        }
        if template._name == "sms.template":
            return {"sms_text": self._preview_line(template.body, variables)}
        [body] = variables["object"]._bodies(template)
        return {
            "subject": self._preview_line(template.subject, variables),
            "body": self._with_earlier(self._in_direction(body, template)),
        }

    def _bodies(self, template):
        """Return the text that a template gives to each message, in order."""
        body = html.fragment_fromstring(template.body_html or "", create_parent="div")
        # without the tag around each
        return [
            Markup(text.strip().removeprefix("<div>").removesuffix("</div>"))
            for text in self._render_each(body, template)
        ]

    def _subjects(self, template):
        """Return the subject that a template gives to each message, in order."""
        subject = etree.Element("t")
        for text, expression, default in parse_inline_template(template.subject or ""):
            etree.SubElement(subject, "t", {"t-out": repr(text)})
            if expression:
                value = f"({expression}) or {default!r}"
                etree.SubElement(subject, "t", {"t-out": value})
        return [Markup(text).unescape() for text in self._render_each(subject, template)]

    def _render_each(self, node, template):
        """Return what a node of a template gives for each message, in order.

        The host compiles a template anew for each record; here it is compiled once for all.
        """
        root = etree.Element("t", {"t-foreach": "messages", "t-as": "object"})
        root.append(node)
        node.tail = END_OF_TEXT
        texts = self.env["ir.qweb"]._render(
            root, {**template._render_eval_context(), "messages": self}
        )
        return texts.split(END_OF_TEXT)[: len(self)]

    @api.model
    def _preview_line(self, source, variables):
        return render_inline_template(parse_inline_template(source or ""), variables)

    @api.model
    def _in_direction(self, body, template):
        """Return a text that reads from right to left where the language of its template does.

        Whoever gets it may read mail in a program of another language.
        """
        lang = self.env["res.lang"]._get_data(code=template.env.lang)
        return Markup('<div dir="rtl">%s</div>') % body if lang.direction == "rtl" else body

    def _with_earlier(self, body):
        """Return a text with the earlier message quoted below, where there is one."""
        earlier = self.earlier_id
        if not earlier:
            return body
        return Markup("%s%s") % (
            body,
            self.env["ir.qweb"]._render(
                "collection_message.earlier_message",
                {
                    # sudo: a message to the same customer
                    "earlier": earlier.sudo(),
                    "day": format_date(self.env, earlier.sent_on),
                },
            ),
        )

    def _sms_text(self):
        """Return the text of an SMS."""
        return self.sms_text or ""

    # ------------------------------------------------------------
    # WHAT GOES ALONG
    # ------------------------------------------------------------

    @api.model
    def _get_attachment_sources(self):
        """Return the names of the methods that give the attachments of one message, in order.

        Each returns ``ir.attachment`` records; add-ons add their own.
        """
        return [
            "_attachments_chosen",
            "_attachments_template",
            "_attachments_invoices",
            "_attachments_statement",
            "_attachments_documents",
        ]

    def _get_attachments(self):
        """Return everything that goes along with the message."""
        self.ensure_one()
        attachments = self.env["ir.attachment"].sudo()  # sudo: files of documents of the customer
        for name in self._get_attachment_sources():
            attachments |= getattr(self, name)().sudo()  # sudo: as above
        return attachments

    def _attachments_chosen(self):
        return self.attachment_ids

    def _attachments_template(self):
        return self.template_id.sudo().attachment_ids  # sudo: the files of the template

    def _attachments_invoices(self):
        """Return the PDF of each document; one that is stored is not rendered again."""
        if not self.attach_invoices:
            return self.attachment_ids.browse()
        moves = self.item_ids.move_id.sudo().filtered(  # sudo: the customer's own invoices
            lambda move: move.is_sale_document(include_receipts=True) and move.state == "posted"
        )
        return self.env["ir.attachment"].union(*(move._collection_invoice_pdf() for move in moves))

    def _attachments_statement(self):
        if not self.attach_statement:
            return self.attachment_ids.browse()
        # read for all messages that are sent together, see _create_mail_each()
        read = self.env.context.get("collection_statements") or {}
        return self.profile_id._statement_attachment(
            self.attach_statement,
            lang=self.lang,
            statement=read.get((self.profile_id.id, self.attach_statement)),
            owner=self,
        )

    def _read_statements(self):
        """Return {(id of the customer, kind): statement} that goes along with the messages."""
        statements = {}
        for kind, messages in self.grouped("attach_statement").items():
            if kind:
                for profile, statement in messages.profile_id._statements(kind).items():
                    statements[profile.id, kind] = statement
        return statements

    def _attachments_documents(self):
        """Return the files that were chosen, and those of the invoices that always go along."""
        # sudo: the document file of the customer
        message = self.sudo()
        documents = message.document_ids
        if self.attach_documents and self.kind in ("upcoming", "overdue"):
            documents |= message.item_ids.move_id.collection_document_ids.filtered("send_along")
        # copies: what was sent stays as it was, whatever becomes of the document
        return self.env["ir.attachment"].union(
            *(
                file.copy({"name": file.name, "res_model": self._name, "res_id": self.id})
                for file in documents._valid().attachment_id
            )
        )

    # ------------------------------------------------------------
    # MAILS
    # ------------------------------------------------------------

    def _thread(self):
        """Return the record whose correspondence the message joins."""
        self.ensure_one()
        return self.case_id or self.profile_id

    def _mail(self):
        """Return the host's mail of the message, if it has one."""
        return self.sudo().mail_id  # sudo: mails are the system's

    def _create_mails(self):
        """Create the mails of the messages, ready to be sent.

        They stand in the correspondence of the case, so that replies come back to it. Until its
        turn comes each is cancelled in the eyes of the host, whose own queue would send it else.

        :return: the messages that have a mail; the others have failed
        """
        self._drop_unsent_mails()
        self._in_one_go(
            lambda some: some._create_mail_each(),
            lambda error: self.env._("The mail could not be made: %s", error),
        )
        return self.filtered(lambda message: message.state == "planned")

    def _create_mail_each(self):
        """Create the mail of each message, with what goes along."""
        statements = self._read_statements()
        files = {
            message: message._get_attachments()
            for message in self.with_context(collection_statements=statements)
        }
        addresses = self._reply_addresses()
        # sudo: mails are the system's; the messages were planned by whoever may
        mails = (
            self
            .env["mail.mail"]
            .sudo()
            .create([message._mail_values(files[message], addresses[message]) for message in self])
        )
        for message, mail in zip(self, mails, strict=True):
            message.sudo().write({  # sudo: mails are the system's
                "mail_id": mail.id,
                "mail_message_id": mail.mail_message_id.id,
            })

    def _drop_unsent_mails(self):
        """Delete mails of an earlier try that nobody can have got."""
        # sudo: mails are the system's
        left = self.sudo().mail_id.filtered(lambda mail: mail.state == "cancel")
        # what was made for an earlier try is made anew; what a person has attached stays
        made = left.attachment_ids.filtered(lambda file: file.res_model == self._name)
        # both references at once: the database would clear one after the other and check between
        sent_with = self.sudo().filtered(lambda message: message.mail_id in left)  # sudo: as above
        sent_with.write({"mail_id": False, "mail_message_id": False})
        sent_with.flush_recordset(["mail_id", "mail_message_id"])
        left.mail_message_id.unlink()
        (made - self.sudo().attachment_ids).unlink()  # sudo: as above

    def _reply_addresses(self):
        """Return {message: address to reply to}, which leads back to its case or customer."""
        addresses = {}
        for messages in self.grouped(lambda message: message._thread()._name).values():
            # sudo: how to reach the record
            threads = messages[0]._thread().browse([one._thread().id for one in messages]).sudo()
            found = threads._notify_get_reply_to_batch(
                defaults={one._thread().id: one.sender_email for one in messages},
                author_ids={one._thread().id: one._author().id for one in messages},
            )
            addresses.update({one: found[one._thread().id] for one in messages})
        return addresses

    def _author(self):
        """Return the partner in whose name the message goes out."""
        return self._sender_user().partner_id or self.company_id.sudo().partner_id  # sudo: a name

    def _mail_values(self, attachments, reply_to):
        """Return the values of the mail of one message."""
        self.ensure_one()
        thread = self._thread()
        values = {
            "model": thread._name,
            "res_id": thread.id,
            "message_type": "email_outgoing",
            "subtype_id": self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment"),
            "is_internal": False,
            "author_id": self._author().id,
            "email_from": self.sender_email,
            "reply_to": reply_to,
            "subject": self.subject,
            "body": self.body,
            "body_html": self.body,
            "partner_ids": [(4, self.person_id.id)],
            "recipient_ids": [(4, self.person_id.id)],
            "attachment_ids": [(6, 0, attachments.ids)],
            "mail_server_id": self.template_id.sudo().mail_server_id.id,  # sudo: the system's
            "record_company_id": self.company_id.id,
            "record_alias_domain_id": self.company_id.sudo().alias_domain_id.id,  # sudo: as above
            "auto_delete": False,
            "state": "cancel",
        }
        if self.automatic:
            # keeps the machines of the other side from answering ours
            values["headers"] = repr({
                "Auto-Submitted": "auto-generated",
                "X-Auto-Response-Suppress": "OOF, AutoReply",
            })
        return values
