# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import base64

from odoo import fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.modules import module
from odoo.tools import html2plaintext

from odoo.addons.payment_charge.models.payment_provider import ChargeProbe

from ..core import bundle
from .payment_chargeback import LIVE

# so many messages with the customer, the latest ones, are shown
MESSAGES = 60


class PaymentChargeback(models.Model):
    """Puts the evidence together and sends it to the provider, once."""

    _inherit = "payment.chargeback"

    # ------------------------------------------------------------
    # EVIDENCE
    # ------------------------------------------------------------

    def _assemble(self):
        """Put together what speaks for the charge; what people added stays.

        Assembled again, a file takes the place of its earlier version.
        """
        for chargeback in self:
            known = {row.key: row for row in chargeback.evidence_ids if row.key}
            for key, kind, name, content in chargeback._evidence_files():
                row = known.pop(key, None)
                if row:
                    row._replace(name, content)
                else:
                    chargeback._add_evidence(key, kind, name, content)
            for row in known.values():
                row.unlink()
            chargeback._bundle()

    def _evidence_files(self):
        """Return what speaks for the charge: a key, a kind, a name and the bytes of each file.

        Add-ons that know more, such as deliveries or mandates, extend this.
        """
        self.ensure_one()
        files = [
            *self._evidence_invoices(),
            *self._evidence_deliveries(),
            *self._evidence_source(),
        ]
        content, ending = self._render("payment_chargeback.action_report_statement", self)
        name = self.env._("Statement")
        return [("statement", "statement", f"{name}.{ending}", content), *files]

    def _evidence_invoices(self):
        """Return the documents that were paid, as the customer got them."""
        files = []
        for move in self.invoice_ids.sorted("name"):
            sent = move.invoice_pdf_report_id
            if sent:
                content, ending = sent.raw, "pdf"
            else:
                content, ending = self._render("account.account_invoices", move)
            name = f"{move.name}.{ending}".replace("/", "-")
            files.append((f"invoice/{move.id}", "invoice", name, content))
        return files

    def _evidence_deliveries(self):
        """Return what is attached to the documents, such as signed delivery notes."""
        attachments = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "account.move"),
                ("res_id", "in", self.invoice_ids.ids),
                ("res_field", "=", False),
                ("type", "=", "binary"),
                ("id", "not in", self.invoice_ids.invoice_pdf_report_id.ids),
            ],
            order="id",
        )
        return [
            (f"attachment/{one.id}", "delivery", one.name, one.raw)
            for one in attachments
            if one.raw
        ]

    def _evidence_source(self):
        """Return what the record that asked for the charge has, such as the customer's consent.

        It may define ``_charge_evidence(attempt)``, which returns triples of a name, a kind of
        evidence and bytes.
        """
        source = self._chargeback_source().sudo()  # sudo: the evidence is the system's to collect
        if not source or not hasattr(source, "_charge_evidence"):
            return []
        return [
            (f"source/{name}", kind, name, content)
            for name, kind, content in source._charge_evidence(self.attempt_id)
        ]

    def _render(self, report, record):
        """Return a report of one record as bytes, and how its name ends."""
        reports = self.env["ir.actions.report"].with_context(lang=self.partner_id.lang)
        content, kind = reports._render_qweb_pdf(report, record.ids)
        return content, kind

    def _correspondence(self):
        """Return the messages with the customer for the report: date, author, subject and text."""
        self.ensure_one()
        messages = self.env["mail.message"].search(
            [
                "|",
                "&",
                ("model", "=", "account.move"),
                ("res_id", "in", self.invoice_ids.ids),
                "&",
                ("model", "=", "res.partner"),
                ("res_id", "in", (self.partner_id | self.partner_id.child_ids).ids),
                ("message_type", "in", ("email", "comment", "email_outgoing")),
                ("subtype_id.internal", "=", False),
                ("is_internal", "=", False),
            ],
            order="date desc, id desc",
            limit=MESSAGES,
        )
        return [
            {
                "date": message.date,
                "author": message.author_id.name or message.email_from or "",
                "subject": message.subject or "",
                "text": html2plaintext(message.body or "").strip(),
            }
            for message in messages.sorted("date")
            if message.body
        ]

    def _undisputed_count(self):
        """Return how many other charges of the card succeeded and were not disputed."""
        self.ensure_one()
        if not self.token_id:
            return 0
        return self.env["payment.charge.attempt"].search_count([
            ("token_id", "=", self.token_id.id),
            ("operation", "=", "charge"),
            ("state", "=", "succeeded"),
            ("id", "!=", self.attempt_id.id),
            ("chargeback_ids", "=", False),
        ])

    def _add_evidence(self, key, kind, name, content):
        """Add one file."""
        attachment = self.env["ir.attachment"].create({
            "name": name,
            "raw": content,
            "res_model": self._name,
            "res_id": self.id,
        })
        return self.env["payment.chargeback.evidence"].create({
            "chargeback_id": self.id,
            "key": key,
            "kind": kind,
            "attachment_id": attachment.id,
        })

    def _bundle(self):
        """Pack the evidence into one archive, with the files that are PDF as one more file."""
        self.ensure_one()
        rows = self.evidence_ids.sorted(lambda row: (row.sequence, row.id))
        files = [(row.name, row.attachment_id.raw) for row in rows]
        merged = self._merged_pdf()
        if merged:
            files.append((f"{self.name}.pdf".replace("/", "-"), merged))
        if self.evidence_text:
            files.append((self.env._("In our words") + ".txt", self.evidence_text.encode()))
        content = base64.b64encode(bundle.pack(files))
        name = f"{self.name}.zip".replace("/", "-")
        if self.bundle_id:
            self.bundle_id.write({"datas": content, "name": name})
        else:
            self.bundle_id = self.env["ir.attachment"].create({
                "name": name,
                "datas": content,
                "res_model": self._name,
                "res_id": self.id,
            })

    def _merged_pdf(self):
        """Return the evidence that is PDF as one file, or nothing."""
        self.ensure_one()
        rows = self.evidence_ids.sorted(lambda row: (row.sequence, row.id))
        return rows._merge()

    # ------------------------------------------------------------
    # SENDING
    # ------------------------------------------------------------

    def _submit(self):
        """Send the evidence to the provider.

        That it is being sent is committed before: what was interrupted was possibly sent. The
        provider is asked then, and nothing is sent a second time by itself. Whoever sends holds
        the row, so that nobody is told meanwhile that the provider has nothing.
        """
        self.ensure_one()
        self.env["payment.charge.attempt"]._check_not_neutralized()
        self._hold_or_refuse()
        self._check_submit()
        if not self.bundle_id:
            self._assemble()
        self.write({"submit_state": "sending", "trouble": False})
        self._keep()
        # somebody may have asked the provider before it had anything
        self._hold_or_refuse(expected="sending")
        probe = ChargeProbe()
        provider = self.provider_id.with_context(charge_probe=probe)
        try:
            provider._chargeback_submit(self)
        except ValidationError as error:
            self.env.invalidate_all()
            if not probe.unanswered:
                self.submit_state = "failed"
            self.trouble = str(error)
            self.finished = False
            self._keep()
            return
        self._set_submitted(self.env._("Sent to the provider"), "user")
        self._keep()

    def _hold_or_refuse(self, expected=None):
        """Take the row, unless another process has it.

        :param str expected: refuse too if another process has changed ``submit_state`` from this
        """
        if not self._hold() or (expected and self.submit_state != expected):
            raise UserError(self.env._("%s is being worked on. Try again.", self.name))

    def _check_submit(self):
        if self.state not in LIVE:
            raise UserError(self.env._("%s is decided already.", self.name))
        if not self.can_submit:
            raise UserError(
                self.env._(
                    "The provider takes no evidence from here. Send it on its own site, and mark "
                    "it as sent."
                )
            )
        if self.submit_state == "sending":
            raise UserError(
                self.env._(
                    "The evidence of %s was possibly sent already. Ask the provider first.",
                    self.name,
                )
            )

    def _set_submitted(self, note, cause):
        """Note that the evidence is with the provider."""
        self.write({
            "submit_state": "sent",
            "submitted_on": fields.Datetime.now(),
            "trouble": False,
        })
        if self.state != "submitted":
            self._set_state("submitted", cause=cause, note=note)
        self._follow_up()

    def _ask_provider(self):
        """Ask the provider where the dispute stands, and take that in."""
        self.ensure_one()
        self._hold_or_refuse()
        report = self.provider_id._chargeback_fetch(self) if self.reference else None
        if not report:
            raise UserError(self.env._("The provider cannot be asked about %s.", self.name))
        if self.submit_state == "sending":
            # it has it, or it does not: known now
            has_it = report.status in {"submitted", "won", "lost", "partly"}
            self.submit_state = "sent" if has_it else "none"
            if has_it and not self.submitted_on:
                self.submitted_on = fields.Datetime.now()
        self._take(self.provider_id, report)

    def _keep(self):
        """Commit what was done so far; a test's cursor is never committed."""
        self.env.flush_all()
        if not module.current_test:
            self.env.cr.commit()  # pylint: disable=invalid-commit
