# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command, fields

from odoo.addons.payment_charge.tests.common import ChargeCommon


class RecurringCommon(ChargeCommon):
    """Customers with recurring documents, and a calendar that can be moved."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Document = cls.env["recurring.document"]
        cls.Period = cls.env["recurring.period"]
        cls.Run = cls.env["recurring.run"]
        cls.product = cls.env["product.product"].create({
            "name": "Hosting",
            "list_price": 100.0,
            "taxes_id": [Command.clear()],
        })

    # ------------------------------------------------------------
    # WORDS TO TELL STORIES WITH
    # ------------------------------------------------------------

    def day(self, text):
        """Let it be a day: clocks of companies and of the server show it."""
        freezer = freeze_time(f"{text} 10:00:00")
        freezer.start()
        self.addCleanup(freezer.stop)
        day = date.fromisoformat(text)
        patcher = patch.object(type(self.env["res.company"]), "_charge_today", lambda _company: day)
        patcher.start()
        self.addCleanup(patcher.stop)
        self.env.invalidate_all()
        return day

    def recurring(self, price=100.0, *, start=True, lines=None, **vals):
        """Return a running recurring document of the customer with one line."""
        document = self.Document.create({
            "partner_id": self.customer.id,
            "date_start": "2027-01-01",
            "send_when": "never",
            "line_ids": lines or [self.line_of("Service {month}", price)],
            **vals,
        })
        if start:
            document.action_start()
        return document

    def line_of(self, name, price=100.0, **vals):
        return Command.create({
            "name": name,
            "price_unit": price,
            "tax_ids": [Command.clear()],
            **vals,
        })

    def bill(self, until=None, **vals):
        """Look what is due, confirm it and let the job do it."""
        run = self.Run.create({"until": until or fields.Date.context_today(self.Run), **vals})
        run.action_fill()
        if run.line_ids.filtered("taken"):
            run.action_confirm()
        self.run_job("cron_run")
        return run

    def run_job(self, name):
        with self.enter_registry_test_mode():
            self.env.ref(f"recurring_document.{name}").sudo().method_direct_trigger()
        self.env.invalidate_all()

    def carry_out_charges(self):
        """Let the job of charges carry out what is planned."""
        self.run_cron("cron_submit")

    def billed(self, document):
        """Return the first days and amounts of what was billed, oldest first."""
        return [
            (row.date_from.isoformat(), row.amount)
            for row in document.period_ids.sorted(lambda row: (row.date_from, row.id))
            if row.state == "generated"
        ]

    def rows(self, document, *states):
        """Return the periods of a document, oldest first."""
        rows = document.period_ids.sorted(lambda row: (row.date_from, row.id))
        return rows.filtered(lambda row: row.state in states) if states else rows

    def pause(self, documents, **vals):
        self.env["recurring.pause"].create({
            "document_ids": [Command.set(documents.ids)],
            "reason": "Away",
            **vals,
        }).action_pause()

    def resume(self, documents, how):
        wizard = self.env["recurring.resume"].create({
            "document_ids": [Command.set(documents.ids)],
            "how": how,
        })
        self.assertEqual(len(wizard.line_ids.document_id), bool(wizard.line_ids))
        wizard.action_resume()
        return wizard
