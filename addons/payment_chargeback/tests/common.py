# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from datetime import timedelta
from itertools import count

from odoo import fields

from odoo.addons.payment_charge.tests.common import ChargeCommon

from ..core.dispute import Report


class ChargebackCommon(ChargeCommon):
    """A company with a charge that succeeded, an account for fees, and what a provider may say."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fee_account = cls.company_data["default_account_expense"]
        cls.company.chargeback_fee_account_id = cls.fee_account
        cls.company.charge_alert_user_id = cls.env.user
        cls.Chargeback = cls.env["payment.chargeback"]
        cls.Event = cls.env["payment.provider.event"]
        cls.numbers = count(1)

    # ------------------------------------------------------------
    # WORDS TO TELL STORIES WITH
    # ------------------------------------------------------------

    def charged(self, amount=100.0, **vals):
        """Return a charge that paid an invoice, and the invoice."""
        way = vals.pop("way", None) or self.card("done")
        invoice = self.invoice_of(amount)
        attempt = self.charge(invoice, way_id=way.id, **vals)
        self.assertEqual((attempt.state, invoice.amount_residual), ("succeeded", 0))
        return attempt, invoice

    def write_down(self, attempt, **vals):
        """Write a chargeback down by hand, as a person does on the screen."""
        reason = self.env["payment.reason"]._of(vals.pop("reason", "chargeback_other"))
        wizard = (
            self
            .env["payment.chargeback.open"]
            .with_context(default_attempt_id=attempt.id)
            .create({"reason_id": reason.id, **vals})
        )
        return self.Chargeback.browse(wizard.action_open()["res_id"])

    def decide(self, chargeback, outcome, **vals):
        """Say how it ended, as a person does on the screen."""
        wizard = self.env["payment.chargeback.outcome"].create({
            "chargeback_id": chargeback.id,
            "outcome": outcome,
            **vals,
        })
        wizard.action_decide()

    def report(self, attempt, status="open", minute=0, **vals):
        """Return what a provider says of a dispute, so many minutes after it began."""
        transaction = attempt.transaction_id.sudo()
        return Report(**{
            "reference": f"dispute of {attempt.name}",
            "happened": fields.Datetime.now().replace(microsecond=0)
            - timedelta(hours=5)
            + timedelta(minutes=minute),
            "kind": "inquiry" if status == "warning" else "chargeback",
            "status": status,
            "payment_reference": transaction.provider_reference,
            "amount": attempt.amount,
            "currency": attempt.currency_id.name,
            **vals,
        })

    def tell(self, *reports, refs=None):
        """Have reports come in from the provider, in that order, and return the chargebacks."""
        events = self.Event
        for place, report in enumerate(reports):
            ref = refs[place] if refs else f"event {next(self.numbers)}"
            events |= self.Event._receive(self.provider, ref, report)
        return events.chargeback_id

    def history(self, chargeback):
        """Return the history of a chargeback as its states."""
        return chargeback.transition_ids.sorted("id").mapped("to_state")

    def balance(self, account=None, **domain):
        """Return what is booked for the customer, or on an account."""
        condition = (
            [("account_id", "=", account.id)]
            if account
            else [
                ("partner_id", "=", self.customer.id),
                ("account_type", "=", "asset_receivable"),
            ]
        )
        lines = self.env["account.move.line"].search([
            *condition,
            ("parent_state", "=", "posted"),
            ("company_id", "=", self.company.id),
        ])
        return self.currency.round(sum(lines.mapped("balance")))

    def outstanding(self, attempt):
        """Return the account on which the provider's money waits."""
        return attempt.payment_id._seek_for_lines()[0].account_id

    def run_job(self, name):
        """Run one of the scheduled jobs of this add-on."""
        with self.enter_registry_test_mode():
            self.env.ref(f"payment_chargeback.{name}").sudo().method_direct_trigger()
        self.env.invalidate_all()
