# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from dataclasses import replace

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..core import dispute
from .payment_chargeback import LIVE, TRANSITIONS


class PaymentChargeback(models.Model):
    """Takes in what providers and people say of a dispute, in whatever order it comes."""

    _inherit = "payment.chargeback"

    # ------------------------------------------------------------
    # REPORTS OF PROVIDERS
    # ------------------------------------------------------------

    @api.model
    def _take(self, provider, report, transaction=None):
        """Take in one report of a provider.

        :param provider: the provider whose report it surely is
        :param report: a :class:`..core.dispute.Report`
        :param transaction: the transaction it is about, where a person has found it
        :return: the chargeback, empty when the payment is not known; and whether the report was
            older than what is known
        """
        # sudo: whoever speaks for a provider was made sure of before
        self = self.sudo()
        chargeback = self.search([
            ("provider_id", "=", provider.id),
            ("reference", "=", report.reference),
        ])
        if not chargeback:
            transaction = transaction or provider._chargeback_transaction(report)
            if not transaction:
                return chargeback, False
            self._claim_payment(transaction)
            chargeback = self._open(provider, transaction, report)
            chargeback._follow_up()
            return chargeback, False
        outdated = not dispute.is_newer(chargeback._truth(), report)
        chargeback._apply(report)
        chargeback._follow_up()
        return chargeback, outdated

    @api.model
    def _claim_payment(self, transaction):
        """Have two first reports about a payment wait for each other: providers send several at once.

        The second one fails and begins again, and finds what the first one wrote. Locking the row
        would not do: the second one would not see it.
        """
        self.env.cr.execute(
            SQL(
                "UPDATE payment_transaction SET write_uid = write_uid WHERE id = %s", transaction.id
            )
        )

    def _truth(self):
        """Return what all reports so far come to."""
        self.ensure_one()
        return dispute.Truth.from_json(self.truth)

    @api.model
    def _open(self, provider, transaction, report):
        """Write a chargeback down of which the provider tells for the first time."""
        attempt = transaction.charge_attempt_id
        payment = attempt.payment_id or transaction.payment_id
        currency = transaction.currency_id
        if report.currency and report.currency != currency.name:
            raise ValidationError(
                self.env._(
                    "The dispute is in %(theirs)s, the payment %(payment)s in %(ours)s.",
                    theirs=report.currency,
                    payment=transaction.reference,
                    ours=currency.name,
                )
            )
        truth = dispute.merge(dispute.Truth(), report)
        amount = currency.round(report.amount or transaction.amount)
        return self._write_down(
            {
                "company_id": transaction.company_id.id,
                "provider_id": provider.id,
                "reference": report.reference,
                "transaction_id": transaction.id,
                "attempt_id": attempt.id,
                "payment_id": payment.id,
                "partner_id": transaction.partner_id.commercial_partner_id.id,
                "token_id": (attempt.token_id or transaction.token_id).id,
                "invoice_ids": [Command.set(transaction.invoice_ids.ids)],
                "amount": amount,
                "currency_id": currency.id,
                "reason_text": report.reason_text or report.reason,
                "reason_id": self._reason(report, provider.code).id,
                "kind": truth.kind,
                "due_by": report.due_by,
                "opened_on": transaction.company_id._chargeback_day(report.happened),
                "truth": truth.as_json(),
                **self._fee_values(truth),
            },
            dispute.outcome(
                report.status,
                amount,
                report.withdrawn,
                report.reinstated,
                currency.compare_amounts,
            ),
            cause="provider",
        )

    @api.model
    def _write_down(self, vals, state, *, cause, note=False):
        """Make the row of a new chargeback, and stop what would charge the customer again."""
        attempt = self.env["payment.charge.attempt"].browse(vals.get("attempt_id"))
        if attempt:
            vals |= {
                "res_model": attempt.res_model,
                "res_id": attempt.res_id,
                "invoice_ids": [Command.set(attempt.document_ids.move_id.ids)],
                "partner_id": attempt.partner_id.id,
            }
        vals["state"] = state
        if state not in LIVE:
            company = self.env["res.company"].browse(vals["company_id"])
            vals["decided_on"] = company._charge_today()
        # a state that was written and not flushed would make a false conflict
        self.env.flush_all()
        chargeback = self.with_context(mail_create_nolog=True).create([vals])
        chargeback._log_transitions(False, state, cause, note or chargeback.reason_text)
        chargeback._replace_warnings()
        chargeback._stop_charges()
        chargeback._log_everywhere(
            self.env._(
                "%(kind)s %(number)s of %(amount)s: %(reason)s",
                kind=chargeback._kind_label(),
                number=chargeback.name,
                amount=chargeback.currency_id.format(chargeback.amount),
                reason=chargeback.reason_id.name or chargeback.reason_text or "",
            )
        )
        return chargeback

    @api.model
    def _reason(self, report, provider_code):
        """Return our reason for the one that a provider gives, by the answers mapped to reasons."""
        mappings = self.env["payment.reason.mapping"]._for_provider(provider_code)
        code = f"chargeback:{report.reason}"
        for mapping in mappings:
            if report.reason and mapping._is_code(code):
                return mapping.reason_id
        return self.env["payment.reason"]._of("chargeback_other")

    def _fee_values(self, truth):
        """Return how the fee is kept, as far as it is known."""
        if truth.fee is None:
            return {}
        currency = self.env["res.currency"].with_context(active_test=False)
        currency = currency.search([("name", "=", truth.fee_currency)], limit=1)
        return {"fee_amount": truth.fee, "fee_currency_id": currency.id}

    def _apply(self, report):
        """Bring the chargeback to where the reports have it, this one among them."""
        self.ensure_one()
        before = self._truth()
        truth = dispute.merge(before, report)
        vals = {"kind": truth.kind, "truth": truth.as_json(), "finished": False}
        if (truth.fee, truth.fee_currency) != (before.fee, before.fee_currency):
            vals |= self._fee_values(truth)
        if dispute.is_newer(before, report):
            vals["due_by"] = truth.due_by or self.due_by
            if truth.kind == "chargeback" and before.kind != "chargeback":
                # what came first was a question only
                vals["opened_on"] = self.company_id._chargeback_day(report.happened)
                vals["amount"] = self.currency_id.round(report.amount or self.amount)
        if vals.get("due_by") and self.due_by and vals["due_by"] > self.due_by:
            vals["reminded"] = False
        self.write(vals)
        state = dispute.outcome(
            truth.status,
            self.amount,
            truth.withdrawn,
            truth.reinstated,
            self.currency_id.compare_amounts,
        )
        if self._follows(report, truth, state):
            self._set_state(
                state, cause="provider", note=report.reason_text or report.reason or False
            )
        if truth.kind == "chargeback" and before.kind != "chargeback":
            self._stop_charges()

    def _follows(self, report, truth, state):
        """Tell whether the state follows what the provider says.

        What a person did since is not undone by a report of before, unless it is the outcome.
        """
        if not state or state == self.state or state not in TRANSITIONS[self.state]:
            return False
        if truth.happened != report.happened:
            # the state is the one of a newer report, which was taken in already
            return state in dispute.FINAL and self.state in dispute.FINAL
        last = self.transition_ids.sorted("id")[-1:]
        by_hand = last.cause == "user" and report.happened < last.date
        return not by_hand or dispute.RANK[state] > dispute.RANK[self.state]

    def _replace_warnings(self):
        """Close the warnings of a payment that became a chargeback."""
        for chargeback in self.filtered(lambda one: one.kind != "alert" and one.transaction_id):
            warnings = self.search([
                ("transaction_id", "=", chargeback.transaction_id.id),
                ("kind", "=", "alert"),
                ("state", "in", LIVE),
            ])
            warnings._set_state(
                "closed",
                cause="provider",
                note=self.env._("It became %s.", chargeback.name),
                finished=True,
            )
            warnings._alert()

    def _kind_label(self):
        return dict(self._fields["kind"]._description_selection(self.env))[self.kind]

    # ------------------------------------------------------------
    # WORDS OF PEOPLE
    # ------------------------------------------------------------

    @api.model
    def _open_by_hand(self, attempt, vals):
        """Write down a chargeback of which a letter or the provider's own site tells.

        :param attempt: the charge that is disputed
        :param vals: ``kind``, ``amount``, ``reason_id``, ``opened_on``; if known ``reference``,
            ``due_by``, ``reason_text``, ``fee_amount``
        """
        if attempt.state not in {"succeeded", "returned"} or attempt.operation != "charge":
            raise UserError(self.env._("Only a charge that succeeded can be disputed."))
        compare = attempt.currency_id.compare_amounts
        if compare(vals["amount"], 0) <= 0 or compare(vals["amount"], attempt.amount) > 0:
            raise ValidationError(
                self.env._(
                    "Between nothing and %s can be disputed.",
                    attempt.currency_id.format(attempt.amount),
                )
            )
        reference = vals.get("reference")
        provider = attempt.transaction_id.provider_id or attempt.provider_id
        if reference and (
            known := self.search([
                ("provider_id", "=", provider.id),
                ("reference", "=", reference),
            ])
        ):
            raise UserError(
                self.env._(
                    "%(reference)s is in the list already: %(chargeback)s.",
                    reference=reference,
                    chargeback=known.name,
                )
            )
        kind = vals["kind"]
        truth = dispute.Truth(kind=kind)
        chargeback = self._write_down(
            {
                "company_id": attempt.company_id.id,
                "provider_id": provider.id,
                "transaction_id": attempt.transaction_id.id,
                "attempt_id": attempt.id,
                "payment_id": attempt.payment_id.id,
                "partner_id": attempt.partner_id.id,
                "token_id": attempt.token_id.id,
                "currency_id": attempt.currency_id.id,
                "fee_currency_id": attempt.company_id.currency_id.id,
                "truth": truth.as_json(),
                **vals,
            },
            "open" if kind == "chargeback" else "warning",
            cause="user",
        )
        chargeback._follow_up()
        return chargeback

    def _decide_by_hand(self, state, *, reinstated, fee=None, note=False):
        """Take a person's word for how it was decided, such as from the provider's own site.

        :param str state: ``won``, ``partly`` or ``lost``
        :param float reinstated: how much the provider gave back
        :param fee: the provider's fee in all, where it changed
        """
        self.ensure_one()
        truth = self._truth()
        withdrawn, _back = dispute.targets(
            truth.kind, state, self.amount, truth.withdrawn, truth.reinstated
        )
        compare = self.currency_id.compare_amounts
        if state == "won":
            reinstated = withdrawn
        elif state == "lost":
            reinstated = 0.0
        elif compare(reinstated, 0) <= 0 or compare(reinstated, withdrawn) >= 0:
            raise ValidationError(
                self.env._(
                    "Partly won is more than nothing and less than %s.",
                    self.currency_id.format(withdrawn),
                )
            )
        truth = replace(truth, withdrawn=withdrawn, reinstated=reinstated)
        vals = {"truth": truth.as_json()}
        if fee is not None:
            vals["fee_amount"] = fee
            if not self.fee_currency_id:
                vals["fee_currency_id"] = self.company_id.currency_id.id
        self._set_state(state, cause="user", note=note, **vals)
        self._follow_up()

    # ------------------------------------------------------------
    # WHAT FOLLOWS
    # ------------------------------------------------------------

    def _stop_charges(self):
        """Stop what would charge the customer again for it, and bar the card if that is asked.

        Planned charges of the documents and of whatever asked for the charge wait by themselves as
        long as the chargeback lives. A source may do more: it is told of every change.
        """
        for chargeback in self.filtered(lambda one: one.kind == "chargeback"):
            rule = chargeback.company_id.chargeback_block
            fraud = chargeback.reason_id.code == "chargeback_fraud"
            if rule == "always" or (rule == "fraud" and fraud):
                chargeback._ways()._block(chargeback.reason_id)

    def _ways(self):
        """Return the ways by which the card of the chargeback is charged."""
        self.ensure_one()
        if not self.token_id:
            return self.way_id.filtered(lambda way: not way.blocked_on)
        return self.env["payment.charge.way"].search([
            ("token_id", "=", self.token_id.id),
            ("blocked_on", "=", False),
        ])

    def _tell_source(self):
        """Tell whatever asked for the charge, which may define ``_chargeback_changed``."""
        self.ensure_one()
        source = self._chargeback_source()
        if source and hasattr(source, "_chargeback_changed"):
            source.sudo()._chargeback_changed(self)  # sudo: the source follows, whoever reports

    def _refund_before(self):
        """Pay the charge back before a warning becomes a chargeback, once.

        :return: the refund
        """
        self.ensure_one()
        if self.kind == "chargeback" or self.state not in LIVE:
            raise UserError(self.env._("It is too late to refund %s.", self.name))
        if not self.attempt_id:
            raise UserError(
                self.env._("%s is no charge of ours. Refund its payment.", self.name),
            )
        Attempt = self.env["payment.charge.attempt"]
        Attempt._check_not_neutralized()
        # a double click, and a request that the server repeats, is one refund
        refund = self.attempt_id._refund(match="reopen", key=f"chargeback/{self.id}/refund")
        refund._submit()
        return refund

    def _refunded(self, refund):
        """Close warnings whose charge was paid back."""
        for chargeback in self:
            chargeback._set_state(
                "closed", cause="refund", note=self.env._("Refunded by %s", refund.name)
            )
            chargeback._follow_up()

    # ------------------------------------------------------------
    # JOBS
    # ------------------------------------------------------------

    def _cron_follow_up(self):
        """Do what could not be done at once, and remind of deadlines."""
        Cron = self.env["ir.cron"]
        found = self.search([("finished", "=", False)], order="id") | self._to_remind()
        Cron._commit_progress(remaining=len(found))
        for chargeback in found[:100]:
            if chargeback._hold():
                chargeback._follow_up()
                chargeback._remind_of_deadline()
            if not Cron._commit_progress(1):
                break

    def _to_remind(self):
        """Return the chargebacks whose evidence is due soon and was not sent."""
        found = self.browse()
        waiting = Domain("state", "in", ("warning", "open")) & Domain("reminded", "=", False)
        for company, earliest in self._read_group(waiting, ["company_id"], ["due_by:min"]):
            if not earliest:
                continue
            days = max(company.chargeback_alert_days, 0)
            until = fields.Datetime.add(fields.Datetime.now(), days=days)
            found |= self.search(
                waiting & Domain("company_id", "=", company.id) & Domain("due_by", "<=", until)
            )
        return found

    def _remind_of_deadline(self):
        """Remind of evidence that is due soon; whether it is lost is the provider's to say."""
        self.ensure_one()
        if self not in self._to_remind():
            return
        self.reminded = True
        self._close_alert()
        self._remind(
            self.env._(
                "Evidence for %(number)s is due on %(day)s",
                number=self.name,
                day=format_date(self.env, self.company_id._chargeback_day(self.due_by)),
            )
        )
