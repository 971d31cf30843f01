# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from ast import literal_eval
from datetime import date

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.base.models.res_partner import _tz_get


class ResCompany(models.Model):
    _inherit = "res.company"

    collection_live = fields.Boolean(
        "Collections Are Live",
        copy=False,
        help="Set when the start page is confirmed. Until then no rule opens a case.",
    )
    collection_live_date = fields.Date("Collections Live Since", copy=False, readonly=True)
    collection_days_late = fields.Integer(
        "Days Late",
        default=1,
        help="A case opens when a document is that many days past its due date.",
    )
    collection_min_amount = fields.Monetary(
        "Minimum Amount",
        default=0,
        help="A case opens when the customer's late items come to at least this much.",
    )
    collection_takes_part_default = fields.Boolean(
        "Customers Take Part",
        default=True,
        help="Whether customers take part in collections unless their own setting says otherwise.",
    )
    collection_partner_domain = fields.Char(
        "Customers in Scope",
        default="[]",
        help="Rules open cases only for customers that match these conditions.",
    )
    collection_auto_number = fields.Boolean(
        "Number Cases Automatically",
        default=True,
        help="Off: whoever opens a case types its number. Cases that rules open are always "
        "numbered.",
    )
    collection_tz = fields.Selection(
        _tz_get,
        "Time Zone of Collections",
        default=lambda self: self.env.user.tz or "UTC",
        help="Decides which day it is for due dates and the night run.",
    )
    collection_night_hour = fields.Float(
        "Night Run at", default=2.0, help="Hour of the company's day at which the cycle starts."
    )
    collection_default_team_id = fields.Many2one(
        "collection.team",
        "Default Team",
        help="Takes the cases of customers without a debt manager or team.",
    )
    collection_keep_out_days = fields.Integer(
        "Days Out After Removal",
        default=30,
        help="An item taken out of a case stays out of cases for so many days.",
    )

    _collection_days_late_positive = models.Constraint(
        "CHECK (collection_days_late >= 0)", "Days late cannot be negative."
    )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("collection_partner_domain")
    def _check_collection_partner_domain(self):
        for company in self:
            try:
                self.env["res.partner"]._search(company._collection_customer_domain())
            except (ValueError, SyntaxError, KeyError, TypeError) as error:
                raise ValidationError(
                    self.env._(
                        "The conditions on customers of %(company)s cannot be used: %(error)s",
                        company=company.name,
                        error=error,
                    )
                ) from error

    @api.constrains("collection_night_hour")
    def _check_collection_night_hour(self):
        for company in self:
            if not 0 <= company.collection_night_hour < 24:
                raise ValidationError(self.env._("The night run starts between 0:00 and 23:59."))

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _collection_today(self):
        """Return the business date: the day it is where the company collects.

        A simulation of another day gives that day in the context (``collection_day``). It is a
        date and no text, so that no client can move the day.
        """
        day = self.env.context.get("collection_day")
        if isinstance(day, date):
            return day
        zone = pytz.timezone((self[:1] or self.env.company).collection_tz or "UTC")
        return pytz.utc.localize(fields.Datetime.now()).astimezone(zone).date()

    def _collection_receivable_accounts(self):
        """Return the trade receivable accounts of these companies."""
        # sudo: which accounts are receivable is no secret, and the cycle serves every role
        return (
            self
            .env["account.account"]
            .sudo()
            .with_context(active_test=False)
            .search([
                ("account_type", "=", "asset_receivable"),
                ("non_trade", "=", False),
                ("company_ids", "parent_of", self.ids),
            ])
        )

    def _collection_customer_domain(self):
        """Return the conditions on customers in scope as a domain on ``res.partner``."""
        self.ensure_one()
        return Domain(literal_eval((self.collection_partner_domain or "[]").strip() or "[]"))

    def _collection_customers_sql(self, column) -> SQL:
        """Return the condition that the customer whose id is in ``column`` is in scope."""
        domain = self._collection_customer_domain()
        if domain.is_true():
            return SQL("TRUE")
        # sudo: a rule of the company applies to all its customers, whoever runs it
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        return SQL("%s IN %s", column, partners._search(domain).subselect())

    def _collection_case_numbers(self, count, automatic=False):
        """Draw ``count`` case numbers at once.

        :param bool automatic: numbers for cases a rule opens, drawn even where people type
            theirs
        :return: list of str
        :raise UserError: where numbers are typed by hand
        """
        self.ensure_one()
        if not self.collection_auto_number and not automatic:
            raise UserError(
                self.env._("Cases are numbered by hand in this company: type the case's number.")
            )
        # sudo: whoever opens a case draws its number
        Sequence = self.env["ir.sequence"].sudo().with_company(self)
        sequence = Sequence.search(
            [("code", "=", "collection.case"), ("company_id", "in", (self.id, False))],
            order="company_id",
            limit=1,
        )
        if not sequence:
            raise UserError(
                self.env._("No sequence with the code collection.case exists for %s.", self.name)
            )
        if count == 1 or sequence.use_date_range or sequence.implementation != "standard":
            return [sequence.next_by_id() for _number in range(count)]
        prefix, suffix = sequence._get_prefix_suffix()
        numbers = self.env.execute_query(
            SQL(
                "SELECT nextval(%s) FROM generate_series(1, %s)",
                f"ir_sequence_{sequence.id:03d}",
                count,
            )
        )
        return [f"{prefix}{number:0{sequence.padding}d}{suffix}" for (number,) in numbers]

    def _collection_go_live(self):
        """Let the rules open cases from now on, and have them opened by the cycle."""
        for company in self:
            company.write({
                "collection_live": True,
                "collection_live_date": company._collection_today(),
            })
            self.env["collection.cycle.run"].with_company(company).action_run_now()

    def _collection_load_demo(self):
        """Write the demo ledger and a year of collections on it; the demo data calls it."""
        # the demo code is of no use to any other database
        from ..demo.loader import load

        for company in self:
            load(company)
