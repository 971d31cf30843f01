# Part of the Collection Suite. License LGPL-3 or later (https://www.gnu.org/licenses/lgpl).

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import html2plaintext

STATES = [
    ("draft", "Draft"),
    ("running", "Running"),
    ("paused", "Paused"),
    ("stopped", "Stopped"),
    ("ended", "Ended"),
]
# when one of these changes, the next day of billing is another one
SCHEDULE_FIELDS = frozenset({
    "begin_day",
    "begin_rule",
    "bill_offset",
    "bill_on",
    "bill_shift",
    "bill_target",
    "count",
    "date_end",
    "date_start",
    "every",
    "unit",
})
# what may be written by the system only
SYSTEM_FIELDS = frozenset({"state", "next_bill_on", "trouble", "trouble_on", "disputes"})
MONTHS_OF = {"day": 12 / 365.25, "week": 7 * 12 / 365.25, "month": 1, "quarter": 3, "year": 12}


class RecurringDocument(models.Model):
    """A document that is issued, charged and sent again each period: a standing order.

    What was or is to be billed stands in its periods. A period is written down and committed
    before anything is issued or charged for it, and it exists once.
    """

    _name = "recurring.document"
    _description = "Recurring Document"
    _inherit = [
        "payment.request.customer",
        "recurring.terms",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "id desc"
    _rec_names_search = ["name", "title", "partner_id.complete_name"]
    _mail_post_access = "read"
    _check_company_auto = True

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    name = fields.Char(
        "Number", required=True, readonly=True, copy=False, default="/", index="trigram"
    )
    title = fields.Char("Title", help="What it is for, such as a contract.")
    state = fields.Selection(
        STATES,
        "Status",
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    template_id = fields.Many2one(
        "recurring.template",
        "Template",
        check_company=True,
        index="btree_not_null",
        ondelete="set null",
        copy=True,
    )
    reference = fields.Char(
        "Customer Reference", help="The customer's order number; on every document."
    )
    date_start = fields.Date(
        "Start",
        required=True,
        default=fields.Date.context_today,
        help="The first day that is billed.",
    )
    date_end = fields.Date("End", help="The last day that is billed.")
    count = fields.Integer("Number of Periods", help="It ends after so many. 0: no limit.")
    line_ids = fields.One2many("recurring.document.line", "document_id", "Lines", copy=True)
    period_ids = fields.One2many(
        "recurring.period", "document_id", "Periods", readonly=True, copy=False
    )
    transition_ids = fields.One2many(
        "recurring.transition", "document_id", "History", readonly=True, copy=False
    )
    way_ids = fields.One2many(
        "payment.charge.way",
        "res_id",
        "Ways of Its Own",
        domain=[("res_model", "=", "recurring.document")],
        copy=False,
        help="Charged in that order. None: the customer's ways.",
    )
    way_text = fields.Char("Charged by", compute="_compute_way_text")
    next_bill_on = fields.Date(
        "Next Billing On",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The day on which the next period that is not written down yet is billed.",
    )
    paused_on = fields.Date("Paused Since", readonly=True, copy=False)
    resume_on = fields.Date("Resumes On", copy=False, help="Empty: when somebody resumes it.")
    resume_how = fields.Selection(
        [
            ("skip", "Leave Out What Was Missed"),
            ("one", "Bill the Last Missed Period"),
            ("all", "Bill All Missed Periods"),
        ],
        "After the Pause",
        default="skip",
        required=True,
        copy=False,
    )
    why = fields.Char(
        "Because", readonly=True, copy=False, help="Why it was paused, stopped or has ended."
    )
    trouble = fields.Text(
        "Error",
        readonly=True,
        copy=False,
        help="It is not billed before somebody changes it or releases it.",
    )
    trouble_on = fields.Datetime("Error Since", readonly=True, copy=False)
    amount_period = fields.Monetary(
        "Per Period",
        compute="_compute_amounts",
        store=True,
        help="What a whole period comes to today, taxes included.",
    )
    amount_month = fields.Monetary(
        "Per Month",
        compute="_compute_amounts",
        store=True,
        help="The amount of a whole period, as if it were a month.",
    )
    rhythm_text = fields.Char("Rhythm", compute="_compute_rhythm_text")
    period_count = fields.Integer(
        "Number of Periods Billed", compute="_compute_money", compute_sudo=True
    )
    unpaid_count = fields.Integer("Unpaid Periods", compute="_compute_money", compute_sudo=True)
    amount_open = fields.Monetary("Open", compute="_compute_money", compute_sudo=True)
    last_period_id = fields.Many2one(
        "recurring.period", "Last Period", compute="_compute_money", compute_sudo=True
    )
    last_result = fields.Selection(
        selection=lambda self: (
            self.env["recurring.period"]._fields["result"]._description_selection(self.env)
        ),
        string="Last Result",
        compute="_compute_money",
        compute_sudo=True,
    )

    _name_unique = models.UniqueIndex(
        "(company_id, name) WHERE name != '/'", "This number exists already."
    )
    _due = models.Index("(next_bill_on, id) WHERE state = 'running' AND trouble IS NULL")
    _dates = models.Constraint(
        "CHECK (date_end IS NULL OR date_start <= date_end)", "It ends after it starts."
    )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("count")
    def _check_count(self):
        if any(document.count < 0 for document in self):
            raise ValidationError(self.env._("Number of periods: not less than nothing."))

    @api.constrains("partner_id", "company_id")
    def _check_partner_company(self):
        for document in self:
            company = document.partner_id.company_id
            if company and company not in document.company_id.parent_ids:
                raise ValidationError(
                    self.env._(
                        "%s is a customer of another company.", document.partner_id.display_name
                    )
                )

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("name", "title")
    def _compute_display_name(self):
        for document in self:
            name = document.name if document.name != "/" else self.env._("Draft")
            document.display_name = f"{name} {document.title}" if document.title else name

    @api.depends(
        "currency_id",
        "company_id",
        "unit",
        "every",
        "line_ids.quantity",
        "line_ids.quantity_by",
        "line_ids.price_unit",
        "line_ids.discount",
        "line_ids.tax_ids",
        "line_ids.display_type",
        "line_ids.date_start",
        "line_ids.date_end",
        "line_ids.price_ids.price_unit",
        "line_ids.price_ids.date",
    )
    def _compute_amounts(self):
        for document in self:
            total = document._amount_of_a_period()
            months = MONTHS_OF[document.unit] * max(document.every, 1)
            document.amount_period = total
            document.amount_month = total / months

    @api.depends("unit", "every", "begin_rule", "begin_day")
    def _compute_rhythm_text(self):
        units = dict(self._fields["unit"]._description_selection(self.env))
        single = {
            "day": self.env._("Daily"),
            "week": self.env._("Weekly"),
            "month": self.env._("Monthly"),
            "quarter": self.env._("Quarterly"),
            "year": self.env._("Yearly"),
        }
        for document in self:
            document.rhythm_text = (
                single.get(document.unit, "")
                if document.every == 1
                else self.env._(
                    "Every %(number)s %(unit)s",
                    number=document.every,
                    unit=units.get(document.unit, ""),
                )
            )

    @api.depends("way_ids", "partner_id", "charge", "method")
    def _compute_way_text(self):
        # sudo: how people call a card is shown to who may see the standing order
        lists = self.env["payment.charge.way"]._lists_of(self.sudo().commercial_partner_id)
        for document in self.sudo():  # sudo: as above
            if not document.partner_id:
                document.way_text = False
                continue
            if not document._is_charged():
                document.way_text = self.env._("The customer pays")
                continue
            way = document._ways(lists)[:1]
            document.way_text = way.display_name or self.env._("No way to be charged")

    @api.depends("period_ids.state", "period_ids.move_id.payment_state")
    def _compute_money(self):
        for document in self:
            periods = document.period_ids.filtered(lambda one: one.state != "skipped")
            document.period_count = len(periods)
            unpaid = periods.filtered(lambda one: one.result in {"owed", "overdue", "unpaid"})
            document.unpaid_count = len(unpaid)
            document.amount_open = sum(unpaid.mapped("residual"))
            last = periods.filtered(lambda one: one.state != "planned").sorted(
                lambda one: (one.date_from, one.id)
            )[-1:]
            document.last_period_id = last
            document.last_result = last.result

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [
                {key: value for key, value in vals.items() if key not in SYSTEM_FIELDS}
                for vals in vals_list
            ]
        return super().create(vals_list)

    def write(self, vals):
        if SYSTEM_FIELDS & vals.keys() and not self.env.su:
            raise AccessError(self.env._("Start, pause or stop the recurring document instead."))
        if "company_id" in vals and any(
            document.state != "draft" and document.company_id.id != vals["company_id"]
            for document in self
        ):
            raise UserError(self.env._("Its company does not change once it is running."))
        logged = [name for name in self._logged_fields() if name in vals]
        before = {document: document._in_words(logged) for document in self} if logged else {}
        result = super().write(vals)
        for document, words in before.items():
            document._log_terms(words)
        if SCHEDULE_FIELDS & vals.keys():
            self._schedule_changed()
        if not self.env.context.get("recurring_by_system") and not SYSTEM_FIELDS & vals.keys():
            self._forget_trouble()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if any(document.state != "draft" or document.period_ids for document in self):
            raise UserError(
                self.env._(
                    "What was running stays as history. Stop the recurring document instead."
                )
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_periods(self):
        """List what was and is to be billed."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("recurring_document.action_period")
        action["domain"] = [("document_id", "=", self.id)]
        action["context"] = {"create": False}
        return action

    def action_open_charges(self):
        """List the charges that the recurring document asked for."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("payment_charge.action_attempt")
        action["domain"] = [("res_model", "=", self._name), ("res_id", "=", self.id)]
        action["context"] = {"create": False}
        return action

    def action_open_ways(self):
        """List the ways to charge that are for this recurring document only."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("payment_charge.action_way")
        action["domain"] = [("res_model", "=", self._name), ("res_id", "=", self.id)]
        action["context"] = {
            "default_partner_id": self.commercial_partner_id.id,
            "default_company_id": self.company_id.id,
            "default_res_model": self._name,
            "default_res_id": self.id,
        }
        return action

    def action_what_comes(self):
        """Show what will be billed within a year, as a preview that bills nothing."""
        self.ensure_one()
        self._check_operator()
        run = self.env["recurring.run"].create({
            "company_id": self.company_id.id,
            "until": fields.Date.add(self.company_id._charge_today(), years=1),
            "document_ids": [fields.Command.set(self.ids)],
        })
        run.action_fill()
        return run._get_records_action(name=self.env._("What Comes Next"))

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _check_operator(self):
        """Check that the user may run recurring documents."""
        self.env["payment.charge.attempt"]._check_operator()
        if self:
            self.check_access("write")

    def _is_charged(self):
        """Return whether what is billed is charged by itself."""
        self.ensure_one()
        return self.method == "direct" or self.charge

    def _ways(self, lists=None):
        """Return the ways by which it can be charged today, the first one first.

        :param lists: for many documents, what ``payment.charge.way._lists_of`` said of them
        """
        self.ensure_one()
        ways = self.commercial_partner_id._charge_ways(self.company_id, self._origin, lists)
        return ways.filtered(lambda way: not way._charge_in_currency(self.currency_id))

    def _amount_of_a_period(self):
        """Return what a whole period comes to at today's prices, in the document's currency."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        entries = [
            {
                "product": line.product_id.id,
                "quantity": line._quantities([(line, None, None)])[0],
                "price": line._price_on(today, {}),
                "discount": line.discount,
                "taxes": line.tax_ids.ids,
            }
            for line in self.line_ids
            if not line.display_type
            and not (line.date_end and line.date_end < today)
            and not (line.date_start and line.date_start > today)
        ]
        return self._total(entries)

    def _total(self, entries):
        """Return what entries of a document come to, taxes included, as an invoice would.

        :param entries: dictionaries with the keys ``product, quantity, price, discount, taxes``
        """
        self.ensure_one()
        company = self.company_id or self.env.company
        currency = self.currency_id or company.currency_id
        Tax = self.env["account.tax"]
        base_lines = [
            Tax._prepare_base_line_for_taxes_computation(
                None,
                product_id=self.env["product.product"].browse(entry.get("product") or ()),
                tax_ids=Tax.browse(entry["taxes"]),
                price_unit=entry["price"],
                quantity=entry["quantity"],
                discount=entry["discount"],
                currency_id=currency,
                partner_id=self.partner_id,
            )
            for entry in entries
            if not entry.get("display")
        ]
        if not base_lines:
            return 0.0
        Tax._add_tax_details_in_base_lines(base_lines, company)
        Tax._round_base_lines_tax_details(base_lines, company)
        return Tax._get_tax_totals_summary(
            base_lines=base_lines, currency=currency, company=company
        )["total_amount_currency"]

    @api.model
    def _logged_fields(self):
        """Return the names of the fields whose changes the history tells."""
        own = ("partner_id", "title", "reference", "date_start", "date_end", "count")
        return [*own, "fiscal_position_id", *self._terms_fields()]

    def _in_words(self, names):
        """Return the values of fields as the history tells them, by the name of the field."""
        self.ensure_one()
        words = {}
        for name in names:
            field, value = self._fields[name], self[name]
            if field.relational:
                words[name] = value.display_name or ""
            elif field.type == "selection":
                words[name] = dict(field._description_selection(self.env)).get(value, "")
            elif field.type == "html":
                words[name] = html2plaintext(value or "")[:80]
            elif field.type == "boolean":
                words[name] = self.env._("yes") if value else self.env._("no")
            else:
                words[name] = str(value or "")
        return words

    def _log_terms(self, before):
        """Tell the history of the document and the customer what changed while it was running.

        :param dict before: see :meth:`_in_words`
        """
        self.ensure_one()
        if self.state == "draft":
            return
        changes = [
            f"{self._fields[name]._description_string(self.env)}: {before[name]} → {after}"
            for name, after in self._in_words(before).items()
            if after != before[name]
        ]
        if changes:
            self._log_at_customer(", ".join(changes))

    def _log_at_customer(self, text):
        """Write a text into the history of the customers and of the recurring documents."""
        self._log_at_customers(dict.fromkeys(self, text))

    @api.model
    def _log_at_customers(self, texts):
        """Write into the history of many customers and recurring documents at once.

        :param dict texts: what happened, by recurring document
        """
        by_document = {document.id: text for document, text in texts.items()}
        by_partner = {}
        for document, text in texts.items():
            told = f"{document.display_name}: {text}"
            by_partner.setdefault(document.commercial_partner_id.id, []).append(told)
        by_partner = {partner: ". ".join(told) for partner, told in by_partner.items()}
        # sudo: history is written by the system
        self.sudo().browse(by_document)._message_log_batch(bodies=by_document)
        # sudo: as above
        self.env["res.partner"].sudo().browse(by_partner)._message_log_batch(bodies=by_partner)
