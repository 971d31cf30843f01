# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import hashlib
import json
import time
from dataclasses import replace

from urllib3.filepost import encode_multipart_formdata

from odoo import models
from odoo.exceptions import ValidationError

from odoo.addons.payment import utils as payment_utils
from odoo.addons.payment_stripe import const

from ..core import stripe

FILES_URL = "https://files.stripe.com/v1/files"
# where Stripe wants which kind of evidence
SLOTS = {
    "statement": "customer_communication",
    "correspondence": "customer_communication",
    "invoice": "receipt",
    "delivery": "service_documentation",
    "consent": "customer_signature",
    "other": "uncategorized_file",
}
# what Stripe takes as a file, and as a text
FILE_TYPES = ("application/pdf", "image/jpeg", "image/png")
TEXT_LENGTH = 20_000


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    # ------------------------------------------------------------
    # REPORTS
    # ------------------------------------------------------------

    def _stripe_take_event(self, event):
        """Take in one event, whose signature was checked.

        :param dict event: Stripe's object
        :return: the row of the event, empty when it was taken in before or is not about a card
        """
        self.ensure_one()
        Event = self.env["payment.provider.event"]
        if event["type"] in stripe.CARD_EVENTS:
            report = stripe.card_update(event)
        elif event["type"] in stripe.WARNING_EVENTS:
            report = stripe.warning_report(event["data"]["object"], event["created"])
            report = self._stripe_with_payment(report, event["data"]["object"])
        else:
            dispute = event["data"]["object"]
            try:
                report = self._stripe_dispute_report(dispute, event["created"])
            except stripe.UnknownStatus as error:
                # sent again, it would be no clearer
                return Event._receive_unreadable(
                    self,
                    event["id"],
                    dispute["id"],
                    stripe.moment_of(event["created"]),
                    self.env._("Stripe says %s, which is not known here.", error),
                )
        return Event._receive(self, event["id"], report) if report else Event

    def _stripe_dispute_report(self, dispute, happened):
        report = stripe.dispute_report(dispute, happened, self._stripe_to_major)
        return self._stripe_with_payment(report, dispute)

    def _stripe_with_payment(self, report, stripe_object):
        """Return a report with the payment that it is about: some name the charge only."""
        charge = stripe.id_of(stripe_object.get("charge"))
        if report.payment_reference or not charge:
            return report
        try:
            answer = self._send_api_request("GET", f"charges/{charge}")
        except ValidationError:
            # a person says which payment it is
            return report
        return replace(report, payment_reference=stripe.id_of(answer.get("payment_intent")))

    def _stripe_to_major(self, amount, code):
        """Return an amount in units of a currency, of Stripe's smallest ones."""
        currency = self.env["res.currency"].with_context(active_test=False)
        currency = currency.search([("name", "=", code)], limit=1)
        if not currency:
            raise ValueError(f"There is no currency {code}")
        return payment_utils.to_major_currency_units(
            amount, currency, arbitrary_decimal_number=const.CURRENCY_DECIMALS.get(code)
        )

    # ------------------------------------------------------------
    # EVIDENCE
    # ------------------------------------------------------------

    def _chargeback_takes_evidence(self):
        """Override of `payment_chargeback`: Stripe takes it."""
        return self.code == "stripe" or super()._chargeback_takes_evidence()

    def _chargeback_fetch(self, chargeback):
        """Override of `payment_chargeback` to ask Stripe."""
        if self.code != "stripe" or not chargeback.reference.startswith("dp_"):
            return super()._chargeback_fetch(chargeback)
        dispute = self._send_api_request("GET", f"disputes/{chargeback.reference}")
        try:
            return self._stripe_dispute_report(dispute, time.time())
        except stripe.UnknownStatus:
            return None

    def _chargeback_submit(self, chargeback):
        """Override of `payment_chargeback` to send Stripe files and texts."""
        if self.code != "stripe":
            return super()._chargeback_submit(chargeback)
        data = {
            f"evidence[{name}]": value
            for name, value in self._stripe_evidence(chargeback).items()
            if value
        }
        data["submit"] = "true"
        return self._send_api_request(
            "POST",
            f"disputes/{chargeback.reference}",
            data=data,
            idempotency_key=hashlib.sha256(
                json.dumps([chargeback.reference, data], sort_keys=True).encode()
            ).hexdigest(),
        )

    def _stripe_evidence(self, chargeback):
        """Return the texts of a chargeback's evidence, and Stripe's numbers of its files."""
        partner = chargeback.partner_id
        lines = chargeback.invoice_ids.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        )
        texts = {
            "customer_name": partner.name,
            "customer_email_address": partner.email,
            "billing_address": partner._display_address(without_company=True).strip(),
            "product_description": "\n".join(lines.mapped("name")),
            "uncategorized_text": chargeback.evidence_text,
        }
        texts = {name: (text or "")[:TEXT_LENGTH] for name, text in texts.items()}
        return {**texts, **self._stripe_upload(chargeback)}

    def _stripe_upload(self, chargeback):
        """Upload the files, one for each kind of evidence, and return Stripe's numbers of them."""
        numbers = {}
        rows = chargeback.evidence_ids.filtered(
            lambda row: row.attachment_id.mimetype in FILE_TYPES
        )
        for slot, same in rows.grouped(lambda row: SLOTS[row.kind]).items():
            known = set(same.mapped("provider_ref"))
            if len(known) == 1 and all(known):
                # it was uploaded by an earlier try
                numbers[slot] = known.pop()
                continue
            name, content, mimetype = self._stripe_one_file(slot, same)
            numbers[slot] = same.provider_ref = self._stripe_send_file(name, content, mimetype)
        return numbers

    def _stripe_one_file(self, slot, rows):
        """Return one file of several: pages go together, of pictures the first one goes."""
        merged = rows._merge() if len(rows) > 1 else None
        if merged:
            return f"{slot}.pdf", merged, "application/pdf"
        first = rows[0].attachment_id
        return first.name, first.raw, first.mimetype

    def _stripe_send_file(self, name, content, mimetype):
        body, content_type = encode_multipart_formdata({
            "purpose": "dispute_evidence",
            "file": (name, content, mimetype),
        })
        answer = self._send_api_request("POST", "files", data=body, content_type=content_type)
        return answer["id"]

    # ------------------------------------------------------------
    # REQUESTS
    # ------------------------------------------------------------

    def _send_api_request(self, method, endpoint, *, data=None, **kwargs):
        """Override of `payment` to subscribe to the reports that are taken in here as well."""
        if self.code == "stripe" and endpoint == "webhook_endpoints" and data:
            events = data.get("enabled_events[]")
            if events:
                data = {**data, "enabled_events[]": [*events, *stripe.EVENTS]}
        return super()._send_api_request(method, endpoint, data=data, **kwargs)

    def _build_request_url(self, endpoint, **kwargs):
        """Override of `payment` for files, which Stripe takes on a host of its own."""
        if self.code == "stripe" and endpoint == "files":
            return FILES_URL
        return super()._build_request_url(endpoint, **kwargs)

    def _build_request_headers(self, method, *args, content_type=None, **kwargs):
        """Override of `payment` to say what a body of several parts is."""
        headers = super()._build_request_headers(method, *args, **kwargs)
        if content_type:
            headers["Content-Type"] = content_type
        return headers

    def _log_request(self, method, url, payload, **kwargs):
        """Override of `payment` to leave files out of the log."""
        if isinstance(payload, bytes):
            payload = f"{len(payload)} bytes"
        return super()._log_request(method, url, payload, **kwargs)
