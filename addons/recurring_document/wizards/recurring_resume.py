# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class RecurringResume(models.TransientModel):
    """Resumes recurring documents, with a preview of what becomes of the periods missed."""

    _name = "recurring.resume"
    _description = "Resume Recurring Documents"

    document_ids = fields.Many2many("recurring.document", string="Recurring Documents")
    how = fields.Selection(
        selection=lambda self: (
            self.env["recurring.document"]._fields["resume_how"]._description_selection(self.env)
        ),
        string="Missed Periods",
        required=True,
        default="skip",
    )
    reason = fields.Char("Why")
    line_ids = fields.One2many(
        "recurring.resume.line",
        "wizard_id",
        "Missed",
        compute="_compute_line_ids",
        store=True,
        readonly=True,
    )
    totals = fields.Char("Will Be Billed", compute="_compute_totals")

    @api.depends("document_ids", "how")
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = [Command.clear(), *wizard._line_commands()]

    @api.depends("line_ids.billed", "line_ids.amount")
    def _compute_totals(self):
        for wizard in self:
            billed = wizard.line_ids.filtered("billed")
            wizard.totals = ", ".join(
                currency.format(sum(same.mapped("amount")))
                for currency, same in billed.grouped("currency_id").items()
            ) or self.env._("Nothing")

    def _line_commands(self):
        """Return the commands for one line per document and day of billing that was missed."""
        Period = self.env["recurring.period"]
        documents = self.document_ids._origin or self.document_ids
        commands = []
        for document, (rows, slices) in documents._missed().items():
            some = [*rows._slices(), *slices]
            contents = Period._contents(some)
            days = {}
            for one, entries in zip(some, contents, strict=True):
                days.setdefault(one.bill_on, []).append((one, entries))
            for day in sorted(days):
                entries = [entry for _one, found in days[day] for entry in found]
                commands.append(
                    Command.create({
                        "document_id": document.id,
                        "date_from": min(one.period.first for one, _found in days[day]),
                        "date_to": max(one.period.last for one, _found in days[day]),
                        "bill_on": day,
                        "amount": document._total(entries),
                        "currency_id": document.currency_id.id,
                        "billed": self.how == "all" or (self.how == "one" and day == max(days)),
                    })
                )
        return commands

    def action_resume(self):
        """Resume the documents."""
        self.ensure_one()
        self.document_ids._check_operator()
        asleep = self.document_ids.filtered(lambda one: one.state in {"paused", "stopped"})
        if not asleep:
            raise UserError(self.env._("Only paused or stopped documents can be resumed."))
        # sudo: checked above; states are written by the system only
        asleep.sudo()._resume(self.how, note=self.reason)
        asleep.period_ids._wake()
        return {"type": "ir.actions.act_window_close"}
