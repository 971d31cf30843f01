# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models

from ..core import retry
from .payment_reason import CLASSES

KINDS = [("card", "Card"), ("bank", "Bank Account")]


class PaymentChargeSchedule(models.Model):
    """How failed charges are tried again, per class of reasons and kind of way."""

    _name = "payment.charge.schedule"
    _description = "Retry Schedule"
    _order = "sequence, id"

    name = fields.Char("Name", required=True, translate=True)
    sequence = fields.Integer("Sequence", default=10, help="The first one that fits applies.")
    active = fields.Boolean("Active", default=True)
    company_id = fields.Many2one("res.company", "Company", help="Empty: all companies.")
    reason_class = fields.Selection(CLASSES, "After", required=True, default="soft")
    kind = fields.Selection(KINDS, "Charged", help="Empty: cards and bank accounts.")
    line_ids = fields.One2many("payment.charge.schedule.line", "schedule_id", "Tries", copy=True)
    window_days = fields.Integer(
        "Within Days", help="No try later than so many days after the first one. 0: no limit."
    )
    working_days = fields.Boolean(
        "Working Days Only", help="Days of the company's weekend are skipped."
    )
    target = fields.Boolean(
        "Euro Bank Holidays", help="Days on which the euro's payment system rests are skipped."
    )
    next_way = fields.Selection(
        [
            ("at_once", "At Once"),
            ("at_the_end", "When the Tries Are Used Up"),
            ("not_at_all", "Never"),
        ],
        "Take the Next Way",
        required=True,
        default="at_the_end",
        help="When the customer's next way to be charged is taken.",
    )
    summary = fields.Char("In Words", compute="_compute_summary")

    @api.depends("line_ids.days", "window_days")
    def _compute_summary(self):
        for schedule in self:
            gaps = [str(line.days) for line in schedule.line_ids]
            schedule.summary = (
                self.env._("again after %s days", " + ".join(gaps))
                if gaps
                else self.env._("not by the same way")
            )

    @api.model
    def _find(self, company, reason_class, kind):
        """Return the schedule of a company for a class of reasons, or none."""
        # sudo: how charges are tried again is no secret to who charges
        return self.sudo().search(
            [
                ("company_id", "in", (company.id, False)),
                ("reason_class", "=", reason_class),
                ("kind", "in", (kind, False)),
            ],
            limit=1,
        )

    def _as_core(self):
        """Return the schedule as the retry rules read it."""
        if not self:
            return retry.Schedule()
        return retry.Schedule(
            gaps=tuple(line.days for line in self.line_ids),
            window_days=self.window_days,
            working_days=self.working_days,
            target=self.target,
            next_way=self.next_way,
        )
