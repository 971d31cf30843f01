# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import email_normalize, format_datetime

from ..core.incoming import answer_subject, flowing
from .collection_message_compose import TEXTS


class CollectionMessageCompose(models.TransientModel):
    _inherit = "collection.message.compose"

    incoming_id = fields.Many2one("collection.incoming", "Answer to", readonly=True)

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        incoming = self.env["collection.incoming"].browse(values.get("incoming_id"))
        if incoming:
            incoming.check_access("read")
            values["channel"] = "email"
            # an answer is about what was asked; items are added where it speaks of them
            values["item_ids"] = []
            # sudo: whoever wrote gets the answer, if it is a contact with an address
            person = incoming.sudo().person_id
            if incoming.kind != "bounce" and email_normalize(person.email or ""):
                values["person_id"] = person.id
        return values

    @api.depends("incoming_id")
    def _compute_template_id(self):  # pylint: disable=missing-return
        answers = self.filtered("incoming_id")
        super(CollectionMessageCompose, self - answers)._compute_template_id()
        # an answer is written by hand; templates stay within reach
        for wizard in answers:
            wizard.template_id = wizard.template_id
            wizard.sms_template_id = wizard.sms_template_id

    def _compute_text(self):  # pylint: disable=missing-return
        # what a person has begun to write stays, whatever else changes in the dialog
        begun = self.filtered(lambda wizard: wizard.body and wizard._is_plain_answer())
        super(CollectionMessageCompose, self - begun)._compute_text()
        for wizard in begun:
            wizard.template_error = False
            for name in TEXTS:
                wizard[name] = wizard[name]

    def _made_text(self):
        if self._is_plain_answer():
            return self._answer_text()
        return super()._made_text()

    def _own_text(self):
        return self._is_plain_answer() or super()._own_text()

    def _is_plain_answer(self):
        """Return whether an answer is written by hand, not made from a template."""
        self.ensure_one()
        template = self.sms_template_id if self.channel == "sms" else self.template_id
        return bool(self.incoming_id) and not template

    def _answer_text(self):
        """Return subject and text an answer begins with: room to write, and the mail below."""
        # in the language of whoever gets it
        incoming = self.with_context(lang=self.lang or self.env.lang).incoming_id._origin
        quoted = Markup(
            "<p><br/></p>"
            '<blockquote data-o-mail-quote="1" style="margin-left: 8px; padding-left: 8px;'
            ' border-left: 2px solid #ccc;"><p>%s</p>%s</blockquote>'
        )
        heading = incoming.env._(
            "On %(date)s %(person)s wrote:",
            date=format_datetime(incoming.env, incoming.received_on, dt_format="short"),
            person=incoming.email_from or incoming.person_id.name,
        )
        return {
            "subject": answer_subject(incoming.subject),
            "body": quoted % (heading, Markup(flowing(incoming.body))),
            "sms_text": False,
        }

    def _message_values(self):
        return {**super()._message_values(), "incoming_id": self.incoming_id._origin.id}
