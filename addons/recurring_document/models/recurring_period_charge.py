# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

import logging

import psycopg2

from odoo import Command, api, fields, models
from odoo.fields import Domain

_logger = logging.getLogger(__name__)

# charges written down in one transaction
CHUNK = 100
# after these nothing follows a failed charge by itself
FINAL_STEPS = {"stop", "person", False}


class RecurringPeriod(models.Model):
    """Has periods charged, each once, and follows what becomes of the charges."""

    _inherit = "recurring.period"

    # ------------------------------------------------------------
    # DIRECT CHARGE: THE MONEY FIRST
    # ------------------------------------------------------------

    def _ask(self):
        """Write down the charges of periods that are charged before a document is issued."""
        groups = []
        for rows in self._filled_bundles():
            document = rows.document_id
            total = document._total([entry for _row, entry in rows._entries()])
            if document.currency_id.compare_amounts(total, 0) <= 0:
                rows._bill_nothing()
                continue
            rows.amount = 0.0
            rows[0].amount = total
            groups.append(rows)
        self.browse()._plan_charges(groups)

    def _bill_nothing(self):
        """Bill rows that come to nothing: there is no charge that could fail."""
        if self.document_id.document_kind == "invoice":
            self._issue_invoices([self])
        else:
            self._set_state(
                "skipped", cause="schedule", note=self.env._("There was nothing to charge.")
            )

    @api.model
    def _plan_charges(self, groups, cause="run"):
        """Write down the charges of rows without a document.

        :param groups: the rows that are charged together, as one recordset each
        """
        values = [rows._charge_values_without_document() for rows in groups]
        attempts = self.env["payment.charge.attempt"]._plan(values)
        for rows, attempt in zip(groups, attempts, strict=True):
            rows._set_state("charging", cause=cause, attempt_id=attempt.id, gave_up=False)
        if attempts:
            self._wake_charges()

    def _charge_values_without_document(self):
        """Return the values of the charge of rows that are charged together."""
        main = self.main_id
        return {
            "company_id": main.company_id.id,
            "partner_id": main.partner_id.id,
            "currency_id": main.currency_id.id,
            "amount": sum(self.mapped("amount")),
            **main._charge_values(),
        }

    def _charge_values(self):
        """Return what the charges of a row have in common, with or without a document."""
        document = self.document_id
        self.charge_round += 1
        return {
            "source": document,
            "recurring_period_id": self.id,
            # each round is charged once, however often it is planned
            "key": f"recurring/{self.id}/{self.charge_round}",
            "planned_on": self.charge_on,
            "retry": document.retry,
        }

    def _charge_again(self):
        """Charge rows anew that were not collected."""
        groups = [
            rows
            for rows in self._of_same_document().grouped("main_id").values()
            if not rows[0]._collected()
        ]
        for rows in groups:
            rows.main_id.charge_on = rows.company_id._charge_today()
        self._plan_charges(groups, cause="user")

    # ------------------------------------------------------------
    # DEBT MANAGEMENT: THE DOCUMENT FIRST
    # ------------------------------------------------------------

    @api.model
    def _to_charge_domain(self):
        """Return which issued documents are to be charged now, by the clock of each company."""
        waiting = (
            Domain("to_charge", "=", True)
            & Domain("attempt_id", "=", False)
            & Domain("state", "=", "generated")
        )
        days = [
            Domain("company_id", "=", company.id)
            & Domain("charge_on", "<=", company._charge_today())
            for (company,) in self._read_group(waiting, ["company_id"])
        ]
        return waiting & Domain.OR(days) if days else Domain.FALSE

    def _charge(self):
        """Write down the charges of issued documents; the job of charges carries them out.

        :return: the charges
        """
        # sudo: see _generate
        rows = self.sudo()._claim_issued()
        paid = rows.filtered(lambda row: not row._is_owed())
        # they were paid, cancelled or credited before
        paid.to_charge = False
        paid._queue_sending("charged")
        attempts = self.env["payment.charge.attempt"].sudo()  # sudo: as above
        owed = rows - paid
        values = [row._charge_values_of_document() for row in owed]
        for row, (attempt, error) in zip(owed, attempts._plan_each(values), strict=True):
            if error:
                # a payment of the customer is under way: look again tomorrow
                row.write({
                    "charge_on": fields.Date.add(row.company_id._charge_today(), days=1),
                    "error": str(error),
                })
            else:
                row._of_same_document().write({"attempt_id": attempt.id, "error": False})
                attempts |= attempt
        if attempts:
            self._wake_charges()
        return attempts

    def _claim_issued(self):
        self.env.flush_all()
        rows = self.try_lock_for_update(allow_referencing=True)
        rows.invalidate_recordset()
        return rows.filtered(lambda row: row.to_charge and not row.attempt_id)

    def _charge_values_of_document(self):
        """Return the values of the charge of one issued document."""
        self.ensure_one()
        vals = self._charge_values()
        if self.move_id:
            vals["invoice_ids"] = self.move_id
        else:
            vals |= {
                "company_id": self.company_id.id,
                "partner_id": self.partner_id.id,
                "currency_id": self.currency_id.id,
                "amount": self.request_id.amount_residual,
            }
        return vals

    def _wake_charges(self):
        # sudo: whoever plans charges wakes the job that carries them out
        self.env.ref("payment_charge.cron_submit").sudo()._trigger()

    # ------------------------------------------------------------
    # WHAT CHARGES TELL
    # ------------------------------------------------------------

    def _charge_changed(self, attempt):
        """Follow a charge of these rows, which share a document."""
        if attempt.operation != "charge":
            return
        if attempt.state == "succeeded":
            self._follow_success(attempt)
        elif attempt.state in {"failed", "returned"}:
            self._follow_failure(attempt)
        elif attempt.state == "needs_customer":
            self._queue_sending("charged")

    def _follow_success(self, attempt):
        """Issue what the charge pays, or match it with what was issued."""
        self.gave_up = False
        if self.request_id:
            self.request_id._register_payment(
                attempt.amount,
                attempt.currency_id,
                attempt.payment_id.date or attempt.company_id._charge_today(),
                payment=attempt.payment_id,
            )
            self._queue_sending("charged")
        elif self.move_id:
            if not attempt.document_ids:
                due = self.move_id._charge_due()
                self._match_with_charge(attempt)
                self._note_surplus(attempt, due)
            self._queue_sending("charged")
        elif self[0].state == "generated":
            # only a receipt is issued, and another charge had brought the money
            others = (self.main_id.attempt_ids - attempt).filtered(
                lambda one: one.operation == "charge" and one.state == "succeeded"
            )
            self._note_surplus(attempt, 0.0 if others else attempt.amount)
        else:
            self._issue_collected(attempt)

    def _note_surplus(self, attempt, due):
        """Have a person look at money that came in although less was owed."""
        if attempt.currency_id.compare_amounts(attempt.amount, due) > 0:
            attempt.write({"surplus": True, "handled": False})

    def _issue_collected(self, attempt):
        """Issue the document of rows whose money is there.

        The money stays in the books when the document cannot be issued: the rows keep the error.
        """
        rows = self.with_company(self.company_id)
        if rows.document_id.document_kind == "none":
            rows._set_state("generated", cause="charge", note=attempt.name)
            return
        try:
            with self.env.cr.savepoint():
                day = attempt.payment_id.date or attempt.company_id._charge_today()
                move = rows._issue_invoices([rows], date=day, cause="charge")
                rows._match_with_charge(attempt)
                rows._queue_sending("charged")
                if attempt.currency_id.compare_amounts(move.amount_total, attempt.amount):
                    rows.document_id._alert(
                        self.env._("The invoice differs from the charge"),
                        self.env._(
                            "%(invoice)s is over %(total)s, but %(amount)s was charged.",
                            invoice=move.name,
                            total=move.currency_id.format(move.amount_total),
                            amount=attempt.currency_id.format(attempt.amount),
                        ),
                    )
        except psycopg2.OperationalError:
            raise
        except Exception as error:
            _logger.info("%s: paid, but not issued: %r", rows[:1].display_name, error)
            self.env.invalidate_all()
            rows._fail(error)

    def _match_with_charge(self, attempt):
        """Match the money of a charge with the invoice, and note the invoice at the charge."""
        move = self.move_id
        attempt._match(attempt._receivable(attempt.payment_id.move_id), attempt._receivable(move))
        if move not in attempt.document_ids.move_id:
            # whatever follows, such as a return, finds the invoice there
            attempt.document_ids = [Command.create({"move_id": move.id, "live": False})]

    def _issue_owed(self):
        """Issue the document of rows that were not collected: the customer owes it."""
        rows = self.with_company(self.company_id)
        if rows.document_id.document_kind != "invoice":
            return
        rows._issue_invoices([rows], date=rows.company_id._charge_today(), cause="charge")
        rows._queue_sending("charged")

    def _follow_failure(self, attempt):
        """Keep a failure that nothing follows, and act on it by the rule of the document."""
        final = attempt.next_step in FINAL_STEPS
        documented = self.move_id or self.request_id
        if not documented:
            state = "unpaid" if final else "charging"
            if self[0].state != state:
                self._set_state(
                    state, cause="charge", note=attempt.reason_id.name, error=attempt.reason_id.name
                )
        if not final:
            return
        self.gave_up = True
        document = self.document_id
        if not documented and document.document_anyway:
            self._issue_anyway()
        self._queue_sending("charged")
        if not document._is_disputed(attempt):
            document._follow_failures(attempt.reason_id.name)

    def _was_paid(self):
        """Note that rows were paid after all, in whichever way."""
        self.filtered("gave_up").gave_up = False

    def _issue_anyway(self):
        try:
            with self.env.cr.savepoint():
                self._issue_owed()
        except psycopg2.OperationalError:
            raise
        except Exception as error:
            self.env.invalidate_all()
            self._fail(error)

    def _charge_cancelled(self, attempt):
        """Follow a direct charge that was given up before the provider was asked."""
        self._queue_sending("charged")
        rows = self.filtered(lambda row: row.state == "charging")
        if not rows:
            return
        if self.env.context.get("recurring_take_back"):
            rows._set_state(
                "planned", cause="user", note=attempt.name, attempt_id=False, content=False
            )
        else:
            rows._set_state("unpaid", cause="charge", note=attempt.name)
