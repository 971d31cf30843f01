# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import fields, models

# of these many earlier invoices the copies that the customer got are evidence as well
INVOICES_SHOWN = 12
# states of a chargeback that is not decided yet
UNDECIDED = {"open", "submitted"}


class RecurringDocument(models.Model):
    """What the add-on of chargebacks calls, where it is installed; it is not needed otherwise."""

    _inherit = "recurring.document"

    disputes = fields.Json(
        "Chargebacks",
        readonly=True,
        copy=False,
        help="What was heard of each chargeback of its charges, and whether it paused the document.",
    )

    # ------------------------------------------------------------
    # WHAT CHARGEBACKS TELL
    # ------------------------------------------------------------

    def _chargeback_changed(self, chargeback):
        """Follow a chargeback of one of its charges: act by the rule for failures, or go on.

        It is told of a chargeback whenever that moved, and does what follows once.

        :param chargeback: a ``payment.chargeback``
        """
        self.ensure_one()
        heard = dict(self.disputes or {})
        before = heard.get(chargeback.name, {})
        news = {
            "kind": chargeback.kind,
            "state": chargeback.state,
            "period": chargeback.attempt_id.recurring_period_id.id,
        }
        if before.items() >= news.items():
            return
        heard[chargeback.name] = {**before, **news}
        self._remember_disputes(heard)
        text = self._dispute_text(chargeback)
        self._message_log(body=text)
        if chargeback.kind != "chargeback":
            # a warning or a question: the money is still there
            return
        if chargeback.state in {"won", "closed"}:
            self._go_on_after(text)
        elif self._apply_rule("chargeback", text) and self.on_failure == "pause":
            heard[chargeback.name]["paused"] = True
            self._remember_disputes(heard)

    def _remember_disputes(self, heard):
        self.with_context(recurring_by_system=True).disputes = heard

    def _dispute_text(self, chargeback):
        """Return what happened, in words."""
        labels = dict(chargeback._fields["state"]._description_selection(self.env))
        period = chargeback.attempt_id.recurring_period_id
        return self.env._(
            "%(chargeback)s over %(amount)s for %(period)s: %(state)s. %(reason)s",
            chargeback=chargeback.name,
            amount=chargeback.currency_id.format(chargeback.amount),
            period=period.display_name or self.display_name,
            state=labels[chargeback.state],
            reason=chargeback.reason_id.name or chargeback.reason_text or "",
        )

    def _go_on_after(self, note):
        """Let the document run again that chargebacks had paused, unless anything speaks against.

        What was missed is billed as the document says for the end of a pause. Whoever paused or
        stopped it since, or another failure, keeps it asleep.
        """
        heard = self.disputes
        if not any(one.get("paused") for one in heard.values()):
            return
        changes = self.transition_ids.filtered(lambda change: not change.period_id)
        if changes.sorted("id")[-1:].cause != "chargeback":
            return
        if len(self._failed_periods()) > self.failures_allowed:
            return
        self._remember_disputes({number: {**one, "paused": False} for number, one in heard.items()})
        self._resume(self.resume_how, cause="chargeback", note=note)

    def _failed_periods(self):
        """What is disputed counts as not collected, until it is decided."""
        failed = super()._failed_periods()
        disputed = failed.browse(
            one["period"]
            for one in (self.disputes or {}).values()
            if one["kind"] == "chargeback" and one["state"] in UNDECIDED and one["period"]
        )
        return failed | disputed

    def _is_disputed(self, attempt):
        """Tell whether a chargeback took the money of a charge: it is told of by itself then."""
        # there is such a field where the add-on of chargebacks is installed
        known = attempt["chargeback_ids"] if "chargeback_ids" in attempt._fields else ()
        return attempt.state == "returned" and any(
            one.kind == "chargeback" and one.state not in {"won", "closed"} for one in known
        )

    # ------------------------------------------------------------
    # EVIDENCE
    # ------------------------------------------------------------

    def _charge_evidence(self, attempt):
        """Return what the customer agreed to, and what it was billed: name, kind and bytes of each.

        :param attempt: the charge that is disputed; its own documents are evidence already
        """
        self.ensure_one()
        report = self.env.ref("recurring_document.action_report_agreement")
        content, ending = report.with_context(
            lang=self.partner_id.lang, recurring_disputed=attempt.recurring_period_id.id
        )._render_qweb_pdf(report.report_name, self.ids)
        files = [(f"{self.name}.{ending}".replace("/", "-"), "consent", content)]
        moves = self.period_ids.move_id - attempt.document_ids.move_id
        moves = moves.filtered("invoice_pdf_report_id").sorted(
            lambda move: (move.invoice_date, move.id), reverse=True
        )
        for move in moves[:INVOICES_SHOWN]:
            name = f"{move.name}.pdf".replace("/", "-")
            files.append((name, "invoice", move.invoice_pdf_report_id.raw))
        return files

    def _agreement(self):
        """Return what the report of the agreement shows beside the fields."""
        self.ensure_one()
        rows = self.period_ids.filtered(
            lambda row: row.state in {"generated", "charging", "unpaid"}
        ).sorted(lambda row: (row.date_from, row.id))
        started = self.transition_ids.filtered(
            lambda change: not change.period_id and change.cause == "user"
        ).sorted("id")[:1]
        return {
            "lines": self.line_ids.filtered(lambda line: not line.display_type),
            "started": started,
            # sudo: the last digits of the cards that paid are shown to who sees the document
            "ways": self
            .sudo()
            .period_ids.attempt_ids.filtered(lambda one: one.state in {"succeeded", "returned"})
            .way_id,
            "periods": rows,
            "disputed": self.env.context.get("recurring_disputed"),
        }
