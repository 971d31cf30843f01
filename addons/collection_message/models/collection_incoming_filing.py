# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""How incoming mail finds its customer and case, and becomes work.

The host's gateway keeps the mail; what follows only adds to it. Nothing here may make the gateway
lose a mail: each step runs in a savepoint of its own, and what fails is logged.
"""

import logging
from contextlib import contextmanager

import psycopg2
from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL, email_normalize, html2plaintext
from odoo.tools.mail import unfold_references

from ..core.incoming import Report, is_automatic, number_candidates, read_report

_logger = logging.getLogger(__name__)

# of a chain of references the last ones say enough
REFERENCES = 32
# an address that failed so often in a row, though for a while only each time, is taken for dead
TEMPORARY_LIMIT = 3
# documents whose mail is shown to everybody who works the customer
OPEN_MODELS = frozenset({"collection.case", "collection.profile", "collection.message"})
# longest beginning of a mail that is kept in lists
PREVIEW = 190


class CollectionIncoming(models.Model):
    _inherit = "collection.incoming"

    # ------------------------------------------------------------
    # THE WAYS IN
    # ------------------------------------------------------------

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Return where a mail to the alias belongs: a case or customer, else a new row.

        The gateway posts the mail on the record that is returned.
        """
        custom = custom_values or {}
        company = self.env["res.company"].browse(custom.get("company_id")) or self.env.company
        with self._harmless(msg_dict.get("message_id")):
            thread, parent = self._find_thread(company, msg_dict)
            if parent:
                msg_dict["parent_id"] = parent.id
            if thread:
                return thread
        return self.create({
            "company_id": company.id,
            "email_from": msg_dict.get("email_from"),
            "subject": msg_dict.get("subject"),
            "kind": "unknown",
        })

    @api.model
    def _file_mail(self, msg_dict, automatic=False):
        """File what the gateway has just posted.

        :param dict msg_dict: what the host has read of the mail
        :param automatic: a machine has written it
        """
        message_uid = msg_dict["message_id"]
        with self._harmless(message_uid):
            reply = bool(self._find_parent(msg_dict))
            # sudo: the gateway speaks for whoever wrote
            messages = (
                self
                .env["mail.message"]
                .sudo()
                .search([("message_id", "=", message_uid), ("message_type", "=", "email")])
            )
            self.sudo()._file(messages, automatic, reply)  # sudo: as above

    @api.model
    def _take_question(self, message, thread):
        """File what a customer has written in the portal, as work."""
        if message.message_type != "comment" or not message.author_id.partner_share:
            return
        with self._harmless(message.message_id):
            # sudo: the portal speaks for whoever asked
            rows = self.sudo()
            rows.create({
                **rows._values_of_message(message.sudo()),
                **rows._values_of_thread(thread.sudo()),
                "kind": "question",
            })._set_automatic(False)

    @api.model
    def _file_bounce(self, email_message, message_dict):
        """File a message that came back, mark the address, and make it work for a person."""
        with self._harmless(message_dict.get("message_id")):
            self.sudo()._take_bounce(email_message, message_dict)  # sudo: the gateway's work

    @api.model
    def _is_automatic(self, email_message):
        """Return whether a machine wrote a mail; what cannot be read counts as a person's."""
        with self._harmless(email_message.get("Message-Id")):
            return is_automatic(email_message)
        return False

    @api.model
    def _read_report(self, email_message):
        """Return what a bounce says; what cannot be read counts as a failure."""
        with self._harmless(email_message.get("Message-Id")):
            return read_report(email_message)
        return Report("failed")

    @contextmanager
    def _harmless(self, message_uid):
        """Undo and log what fails in the block, so that the mail stays with the host."""
        try:
            with self.env.cr.savepoint():
                yield
        except Exception:  # whatever it is: the mail is worth more than our record of it
            _logger.exception("Mail %s could not be filed; the host keeps it", message_uid)

    # ------------------------------------------------------------
    # FINDING CUSTOMER AND CASE
    # ------------------------------------------------------------

    @api.model
    def _find_thread(self, company, msg_dict):
        """Return the case or customer a mail belongs to, and the message it answers.

        What it answers comes first, then the number of a case in the subject, then the address.
        """
        parent = self._find_parent(msg_dict)
        thread = self._thread_of_parent(company, parent)
        if not thread:
            thread = self._find_numbered(company, msg_dict.get("subject"))
        if not thread:
            email = email_normalize(msg_dict.get("email_from") or "", strict=False)
            profile, people = self._find_customer(company, email)
            thread = self._find_case(profile, people) or profile
        if (parent.model, parent.res_id) != (thread._name, thread.id):
            parent = parent.browse()
        return thread, parent

    @api.model
    def _find_parent(self, msg_dict):
        """Return the message that a mail refers to, as the host finds it."""
        references = unfold_references(msg_dict.get("references") or "")
        references += unfold_references(msg_dict.get("in_reply_to") or "")
        Message = self.env["mail.message"].sudo()  # sudo: the gateway looks among all messages
        if not references:
            return Message
        return Message.search(
            [("message_id", "in", references[-REFERENCES:])], order="id desc", limit=1
        )

    @api.model
    def _thread_of_parent(self, company, parent):
        """Return the case or customer of a message that is answered."""
        Profile = self.env["collection.profile"].sudo()  # sudo: the gateway's work
        if not parent.model or parent.model not in self.env or not parent.res_id:
            return Profile
        record = self.env[parent.model].sudo().browse(parent.res_id).exists()  # sudo: as above
        if not record:
            return Profile
        if record._name == "collection.case":
            return record
        if record._name == "collection.profile":
            return self._find_case(record, parent.author_id) or record
        if record._name in ("collection.message", "collection.incoming"):
            return record.case_id or record.profile_id
        partner = record if record._name == "res.partner" else False
        if not partner and "partner_id" in record._fields:
            partner = record.partner_id
        if not partner or partner._name != "res.partner":
            return Profile
        profiles = self._profiles_of(partner, company)
        return self._find_case(profiles[:1], partner) or profiles[:1]

    @api.model
    def _find_numbered(self, company, subject):
        """Return the case whose number stands in a subject."""
        Case = self.env["collection.case"].sudo()  # sudo: the gateway's work
        numbers = number_candidates(subject)
        if not numbers:
            return Case
        found = Case.search([("company_id", "=", company.id), ("name", "in", numbers)])
        return found if len(found) == 1 else Case

    @api.model
    def _find_customer(self, company, email):
        """Return whose address it is: the profile, and the people who have the address.

        Where several customers have it, the one last corresponded with; where that cannot be
        told, nobody: a person chooses.

        :param company: empty for any company
        """
        Partner = self.env["res.partner"].sudo()  # sudo: the gateway's work
        none = self.env["collection.profile"].sudo()  # sudo: as above
        if not email:
            return none, Partner
        people = Partner.search([("email_normalized", "=", email)])
        profiles = self._profiles_of(people, company)
        if len(profiles) == 1:
            return profiles, people
        latest = self._latest_correspondent(company, email, people, profiles)
        return latest, people

    @api.model
    def _profiles_of(self, people, company):
        """Return the profiles of customers that people are, work for, or are related to.

        Of a branch and the company above it, the one nearest to the person.
        """
        # sudo: the gateway looks among all customers
        people = people.sudo()
        relations = (
            self.env["collection.partner.contact"].sudo().search([("contact_id", "in", people.ids)])
        )
        entities = people | relations.partner_id
        above = {}
        for entity in entities:
            chain, partner = [entity], entity
            while partner != partner.commercial_partner_id and partner.parent_id:
                partner = partner.parent_id
                chain.append(partner)
            above[entity] = chain
        partner_ids = {partner.id for chain in above.values() for partner in chain}
        domain = [("partner_id", "in", list(partner_ids))]
        if company:
            domain.append(("company_id", "=", company.id))
        known = self.env["collection.profile"].sudo().search(domain) if partner_ids else ()
        of_partner = {}
        for profile in known:
            of_partner.setdefault(profile.partner_id, []).append(profile.id)
        ids = set()
        for chain in above.values():
            ids.update(next((of_partner[one] for one in chain if one in of_partner), ()))
        return self.env["collection.profile"].sudo().browse(sorted(ids))

    @api.model
    def _latest_correspondent(self, company, email, people, profiles):
        """Return the customer one last corresponded with through an address.

        :param profiles: the customers in question; empty for any, as an earlier mail was filed
        """
        self.flush_model(["profile_id", "email_normalized", "received_on", "company_id"])
        self.env["collection.message"].flush_model(["profile_id", "person_id", "state", "sent_on"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT profile_id FROM (
                    SELECT profile_id, received_on AS moment FROM collection_incoming
                     WHERE email_normalized = %(email)s AND profile_id IS NOT NULL
                       AND kind <> 'bounce' AND (%(any_company)s OR company_id = %(company)s)
                     UNION ALL
                    SELECT profile_id, sent_on FROM collection_message
                     WHERE person_id = ANY(%(people)s) AND state = 'sent'
                       AND (%(any_company)s OR company_id = %(company)s)
                ) AS correspondence
                 WHERE %(any_profile)s OR profile_id = ANY(%(profiles)s)
              ORDER BY moment DESC NULLS LAST LIMIT 1
                """,
                email=email,
                company=company.id or 0,
                any_company=not company,
                people=people.ids,
                any_profile=not profiles,
                profiles=profiles.ids,
            )
        )
        return self.env["collection.profile"].sudo().browse([row[0] for row in rows])

    @api.model
    def _find_case(self, profile, people):
        """Return the open case that a customer's mail is about.

        The one last written about, to the same person if possible; else the one that a rule has
        opened; else the only one, or the largest.
        """
        cases = profile.open_case_ids
        if len(cases) <= 1:
            return cases
        # sudo: the gateway's work
        written = (
            self
            .env["collection.message"]
            .sudo()
            .search([("case_id", "in", cases.ids), ("state", "=", "sent")], order="sent_on, id")
        )
        if written:
            return max(reversed(written), key=lambda message: message.person_id in people).case_id
        return cases.sorted(lambda case: case.origin != "auto")[:1]

    # ------------------------------------------------------------
    # FILING
    # ------------------------------------------------------------

    @api.model
    def _file(self, messages, automatic=False, reply=False):
        """Make rows of messages that have just come in, one per mail and company."""
        own = messages.filtered(lambda message: message.model == self._name)
        known = set()
        for message in own:
            row = self.browse(message.res_id)
            known.add((row.company_id.id, message.message_id))
            self._complete(row, message, automatic)
        # work before what is only filed: a mail to several addresses is work once
        others = (messages - own).sorted(lambda message: message.model not in OPEN_MODELS)
        for message in others:
            with self._harmless(message.message_id):
                values = self._values_of_mail(message, reply)
                if not values or (values["company_id"], values["message_uid"]) in known:
                    continue
                known.add((values["company_id"], values["message_uid"]))
                self.create(values)._set_automatic(automatic)

    @api.model
    def _complete(self, row, message, automatic):
        """Fill in the row that the gateway has made for a mail, now that the mail is there."""
        try:
            with self.env.cr.savepoint():
                row.write(self._values_of_message(message))
                row.flush_recordset()
        except psycopg2.errors.UniqueViolation:
            # another gateway has just taken the same mail: it is there already, and here it goes
            _logger.info("Mail %s was delivered twice at once", message.message_id)
            row.unlink()
            return
        row._set_automatic(automatic)

    def _set_automatic(self, automatic):
        """Leave alone what a machine has written: it is kept, and is nobody's work."""
        if not automatic:
            return
        if self.profile_id:
            self.kind = "auto"
        if self.state == "unread":
            self._set_state("done")

    @api.model
    def _values_of_mail(self, message, reply):
        """Return the values of the row of one mail; nothing where it is none from a customer."""
        if message.author_id and not message.author_id.partner_share:
            # a colleague who answers by mail
            return None
        values = self._values_of_message(message)
        if message.model in OPEN_MODELS:
            record = self.env[message.model].sudo().browse(message.res_id)  # sudo: the gateway's
            return {
                **values,
                **self._values_of_thread(record, message.author_id),
                "kind": "reply" if reply else "mail",
            }
        return self._values_elsewhere(message, values)

    @api.model
    def _values_of_message(self, message):
        """Return what a row takes over from its mail."""
        return {
            "message_id": message.id,
            "message_uid": message.message_id,
            "person_id": message.author_id.id,
            "email_from": message.email_from,
            "subject": message.subject,
            "preview": (message.preview or "")[:PREVIEW],
        }

    @api.model
    def _values_of_thread(self, record, people=None):
        """Return company, customer and case of a case, a customer, or a message to one.

        Mail in the correspondence of the customer is work on the open case, if there is one.
        """
        if record._name == "collection.profile":
            case = self._find_case(record, people or self.env["res.partner"])
            return {
                "company_id": record.company_id.id,
                "profile_id": record.id,
                "case_id": case.id,
            }
        case = record if record._name == "collection.case" else record.case_id
        return {
            "company_id": record.company_id.id,
            "profile_id": record.profile_id.id,
            "case_id": case.id,
        }

    @api.model
    def _values_elsewhere(self, message, values):
        """Return the values of a known contact's mail on another document: filed, not work."""
        email = email_normalize(message.email_from or "", strict=False)
        company = message.record_company_id if message.model != "res.partner" else False
        profile, people = self._find_customer(company or self.env["res.company"], email)
        if not profile and message.model == "res.partner":
            owner = self.env["res.partner"].sudo().browse(message.res_id)  # sudo: the gateway's
            profiles = self._profiles_of(owner, self.env["res.company"])
            profile = profiles if len(profiles) == 1 else profile
        if not profile:
            return None
        if not self._is_open_document(message):
            # the text is as secret as the document it stands on
            values = {**values, "subject": False, "preview": False}
        return {
            **values,
            "company_id": profile.company_id.id,
            "profile_id": profile.id,
            "person_id": values["person_id"] or people[:1].id,
            "kind": "mail",
            "state": "done",
            "elsewhere": True,
        }

    @api.model
    def _is_open_document(self, message):
        """Return whether whoever works a customer may read a mail on this document."""
        if message.model == "res.partner":
            return True
        if message.model == "account.move":
            move = self.env["account.move"].sudo().browse(message.res_id)  # sudo: its kind
            return move.move_type in move.get_sale_types(True)
        return message.model in OPEN_MODELS

    # ------------------------------------------------------------
    # BOUNCES
    # ------------------------------------------------------------

    @api.model
    def _take_bounce(self, email_message, message_dict):
        """Do what :meth:`_file_bounce` says; reports that nothing is wrong with are left alone."""
        report = self._read_report(email_message)
        if report.outcome not in ("failed", "delayed"):
            return
        bounced = message_dict.get("bounced_message") or self.env["mail.message"]
        email = email_normalize(message_dict.get("bounced_email") or "", strict=False)
        people = (message_dict.get("bounced_partner") or self.env["res.partner"]).sudo()
        sent = self._bounced_message(bounced, people)
        thread = (
            sent.case_id
            or (sent and self._find_case(sent.profile_id, people))
            or sent.profile_id
            or self._thread_of_bounce(bounced, people)
        )
        if not thread or self.search_count(
            [("message_uid", "=", message_dict["message_id"])], limit=1
        ):
            return
        person = (sent.person_id & people) or sent.person_id or people[:1]
        if not email:
            email = person.email_normalized
        if report.is_failure:
            self._mark_address(people | person, email, report, sent or bounced)
        if sent and report.is_failure:
            sent._came_back(report.words or self._words_of(message_dict))
        message = thread.with_context(mail_post_autofollow_author_skip=True).message_post(
            body=message_dict.get("body") or "",
            subject=message_dict.get("subject"),
            message_type="email",
            message_id=message_dict["message_id"],
            email_from=message_dict.get("email_from"),
            author_id=False,
            subtype_xmlid="mail.mt_note",
            attachments=message_dict.get("attachments") or [],
        )
        row = self.create({
            **self._values_of_message(message),
            **self._values_of_thread(thread),
            "person_id": person.id,
            "bounced_email": email,
            "kind": "bounce",
            "preview": (report.words or message.preview or "")[:PREVIEW],
            "sent_message_id": sent.id,
            "temporary": report.is_temporary or not report.is_failure,
        })
        if not report.is_failure:
            # the other side is still trying
            row._set_state("done")

    @api.model
    def _words_of(self, message_dict):
        return html2plaintext(message_dict.get("body") or Markup()).strip()

    @api.model
    def _bounced_message(self, bounced, people):
        """Return the message to a customer that came back, however little the bounce says."""
        Message = self.env["collection.message"]
        if bounced:
            return Message.search([("mail_message_id", "=", bounced.id)], limit=1)
        if not people:
            return Message
        return Message.search(
            [
                ("person_id", "in", people.ids),
                ("channel", "=", "email"),
                ("state", "=", "sent"),
                ("sent_on", ">=", fields.Datetime.subtract(fields.Datetime.now(), days=7)),
            ],
            order="sent_on desc, id desc",
            limit=1,
        )

    @api.model
    def _thread_of_bounce(self, bounced, people):
        """Return the case or customer of a bounce of what was not a message to a customer."""
        company = bounced.record_company_id
        thread = self._thread_of_parent(company, bounced)
        if thread or not people:
            return thread
        profiles = self._profiles_of(people, company)
        return self._find_case(profiles[:1], people) or profiles[:1]

    @api.model
    def _mark_address(self, people, email, report, sent):
        """Mark the people who have an address that does not work.

        A failure for a while marks it only when it has happened some times in a row, as the host
        counts; a bounce of nothing that we have sent marks nothing.
        """
        if not sent:
            return
        marked = people.filtered(
            lambda person: (
                person.email_normalized == email
                and (not report.is_temporary or person.message_bounce >= TEMPORARY_LIMIT)
            )
        )
        marked.filtered(lambda person: not person.collection_email_bounced).write({
            "collection_email_bounced": True
        })

    # ------------------------------------------------------------
    # AN UNKNOWN SENDER BECOMES KNOWN
    # ------------------------------------------------------------

    def _give_to(self, profile, case=None, person=None):
        """File mails at a customer: they join its correspondence, and its people look at them."""
        thread = case or profile
        for incoming in self:
            # sudo: the user may write the row and read the customer; the mail follows
            row = incoming.sudo()
            mail = row.message_id
            before = (mail.model, mail.res_id)
            mail.attachment_ids.filtered(
                lambda file, before=before: (file.res_model, file.res_id) == before
            ).write({"res_model": thread._name, "res_id": thread.id})
            mail.write({
                "model": thread._name,
                "res_id": thread.id,
                "parent_id": False,
                **({"author_id": person.id} if person else {}),
            })
            row.write({
                "profile_id": profile.id,
                "case_id": case.id if case else False,
                "person_id": person.id if person else row.person_id.id,
                "kind": "mail" if row.kind == "unknown" else row.kind,
            })
