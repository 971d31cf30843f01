# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).
"""Letters leave when they are printed: checked at the gate, made, kept as PDF, counted as sent."""

import io

from PIL import Image

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools.pdf import merge_pdf

LETTER_REPORT = "collection_message.report_letter"


class CollectionMessage(models.Model):
    _inherit = "collection.message"

    recipient_address = fields.Char(
        "Postal Address", compute="_compute_recipient_address", help="Where a letter goes."
    )

    def _compute_recipient_address(self):
        for message in self:
            # sudo: the address of whom the letter is for
            person = message.person_id.sudo()
            place = person if person.street else person.commercial_partner_id
            name = person.name
            if place != person or (person.parent_id and not person.is_company):
                name = f"{person.commercial_partner_id.name}\n{name}"
            address = place._display_address(without_company=True)
            message.recipient_address = "\n".join(
                line.strip() for line in f"{name}\n{address}".splitlines() if line.strip()
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_print(self):
        """Print letters, all in one PDF; those printed before are printed as they were.

        What is planned passes the gate first and counts as sent from now on.

        :raise UserError: when nothing is left to print
        """
        if any(message.channel != "letter" for message in self):
            raise UserError(self.env._("Only letters are printed."))
        self.check_access("write")
        waiting = self.filtered(lambda message: message.state == "planned")
        if waiting:
            waiting._print_planned()
        printed = self.filtered("letter_id")
        if not printed:
            reasons = "\n".join(
                f"{message.person_id.display_name}: {message.error or ''}" for message in self
            )
            # the reasons are kept on the messages: no error that would undo that
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "warning",
                    "title": self.env._("Nothing to print"),
                    "message": reasons,
                    "next": {"type": "ir.actions.client", "tag": "soft_reload"},
                },
            }
        numbers = ",".join(str(message_id) for message_id in printed.ids)
        return {
            "type": "ir.actions.act_url",
            "url": f"/collection_message/letters?ids={numbers}",
            "target": "new",
        }

    def _print_planned(self):
        """Make the letters of planned messages and mark them as sent."""
        # sudo: letters read what they need of customer and ledger; the gate is asked first
        ready = self.sudo()._pass_gate()._prepare_texts()
        for message in ready:
            try:
                with self.env.cr.savepoint():
                    message.letter_id = message._make_letter()
            except Exception as error:  # reports are anybody's code: whatever they raise
                message._fail(self.env._("The letter could not be made: %s", error))
                continue
            now = fields.Datetime.now()
            message._set_state(
                "sent", sent_on=now, printed_on=now, printed_by=self.env.uid, error=False
            )
            message._post_letter()
        ready.filtered(lambda message: message.state == "sent")._leave_contacts()

    def _make_letter(self):
        """Return the letter as a stored PDF, with what is enclosed behind it.

        :raise UserError: when an enclosure cannot be printed
        """
        self.ensure_one()
        enclosures = [self._printable(file) for file in self._get_attachments()]
        # each alone: more than one per call trips the host's renderer
        content, _kind = (
            self
            .env["ir.actions.report"]
            .with_context(lang=self.lang or self.env.lang)
            ._render_qweb_pdf(LETTER_REPORT, res_ids=self.ids)
        )
        return self.env["ir.attachment"].create({
            "name": self.env._("Letter %s.pdf", self.subject or self.id).replace("/", "-"),
            "raw": merge_pdf([content, *enclosures]) if enclosures else content,
            "mimetype": "application/pdf",
            "res_model": self._name,
            "res_id": self.id,
        })

    def _printable(self, file):
        """Return an attachment as PDF."""
        try:
            if file.mimetype.startswith("image/"):
                pages = io.BytesIO()
                Image.open(io.BytesIO(file.raw)).convert("RGB").save(pages, format="PDF")
                return pages.getvalue()
            if file.mimetype == "application/pdf":
                return merge_pdf([file.raw])
        except Exception as error:  # a broken file can raise anything in the readers
            raise UserError(
                self.env._(
                    "The enclosure “%(file)s” is broken: %(error)s", file=file.name, error=error
                )
            ) from error
        raise UserError(
            self.env._(
                "“%s” cannot be printed with a letter: enclosures are PDF files or pictures.",
                file.name,
            )
        )

    def _post_letter(self):
        """Leave the letter in the correspondence of the case or customer."""
        self.ensure_one()
        posted = self._thread()._message_log(
            subject=self.subject,
            body=self.env._("Letter printed: %s", self.subject or ""),
            author_id=self._author().id,
            attachment_ids=self.letter_id.ids,
            message_type="comment",
        )
        self.mail_message_id = posted
